package unconfigured_test

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/unconfigured"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

func TestTheChannelSaysWhatToSet(t *testing.T) {
	t.Parallel()
	var c ports.ChannelAdmin = unconfigured.Channel{}
	_, connectionErr := c.Connection(t.Context(), "clinica")
	_, historyErr := c.History(t.Context(), "clinica", time.Time{}, 1)
	for name, err := range map[string]error{
		"SetWebhook": c.SetWebhook(t.Context(), "clinica", "https://secretary.example.com", "token"), "Connection": connectionErr, "History": historyErr,
	} {
		if errs.KindOf(err) != errs.Unavailable || errs.CodeOf(err) != "whatsapp-unconfigured" {
			t.Errorf("%s: got %v, want Unavailable whatsapp-unconfigured", name, err)
		}
	}
	if err := c.Typing(t.Context(), "clinica", "5511955550011@s.whatsapp.net", time.Second); err != nil {
		t.Errorf("Typing: %v", err)
	}
}
