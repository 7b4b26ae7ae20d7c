package unconfigured

import (
	"context"
	"log/slog"
	"strings"

	"github.com/secretary-api/secretary/ports"
)

// Messenger stands in for WhatsApp: it writes each reply to the log, where whoever tries the service can read it, and
// sends nothing. The log holds the text in full and of the address the last four digits.
type Messenger struct{ log *slog.Logger }

// NewMessenger returns a messenger that writes to log.
func NewMessenger(log *slog.Logger) *Messenger { return &Messenger{log: log} }

// Send implements ports.Messenger. It never fails, and the message has no id.
func (m *Messenger) Send(ctx context.Context, message ports.OutgoingMessage) (string, error) {
	m.log.InfoContext(ctx, "reply not sent: WhatsApp is not configured",
		"instance", message.Instance, "to", mask(message.To), "text", message.Text)
	return "", nil
}

// mask leaves the last four digits of an address such as "5511955550011:2@s.whatsapp.net", and of a short one nothing.
func mask(address string) string {
	user, _, _ := strings.Cut(address, "@")
	user, _, _ = strings.Cut(user, ":")
	if len(user) <= 4 {
		return "***"
	}
	return "***" + user[len(user)-4:]
}
