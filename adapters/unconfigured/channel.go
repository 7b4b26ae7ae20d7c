package unconfigured

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/reception"
)

// Channel answers Unavailable "whatsapp-unconfigured" for the server that WhatsApp is reached through. It shows no typing,
// which is nothing to fail for.
type Channel struct{}

func errChannel() error {
	return errs.New(errs.Unavailable, "whatsapp-unconfigured", "WhatsApp is not configured: set EVOLUTION_URL and EVOLUTION_API_KEY")
}

// SetWebhook implements ports.ChannelAdmin.
func (Channel) SetWebhook(context.Context, string, string, string) error { return errChannel() }

// Connection implements ports.ChannelAdmin.
func (Channel) Connection(context.Context, string) (reception.Connection, error) {
	return reception.Connection{}, errChannel()
}

// History implements ports.ChannelAdmin.
func (Channel) History(context.Context, string, time.Time, int) ([]reception.Inbound, error) {
	return nil, errChannel()
}

// Typing implements ports.ChannelAdmin.
func (Channel) Typing(context.Context, string, string, time.Duration) error { return nil }
