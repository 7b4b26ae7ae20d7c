package unconfigured_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/unconfigured"
	"github.com/secretary-api/secretary/ports"
)

var _ ports.Messenger = (*unconfigured.Messenger)(nil)

func TestRepliesGoToTheLogWithTheAddressMasked(t *testing.T) {
	t.Parallel()
	for to, masked := range map[string]string{
		"5511955550011@s.whatsapp.net":    "***0011",
		"5511955550011:12@s.whatsapp.net": "***0011",
		"100000000000099@lid":             "***0099",
		"+5511955550011":                  "***0011",
		"1234":                            "***",
		"":                                "***",
	} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			m := unconfigured.NewMessenger(slog.New(slog.NewJSONHandler(&out, nil)))
			id, err := m.Send(t.Context(), ports.OutgoingMessage{Instance: "clinica", To: to, Text: "Confirmado às 15h."})
			if err != nil || id != "" {
				t.Fatalf("Send = %q, %v, want no id and no error", id, err)
			}
			var got map[string]string
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			delete(got, "time")
			want := map[string]string{
				"level": "INFO", "msg": "reply not sent: WhatsApp is not configured",
				"instance": "clinica", "to": masked, "text": "Confirmado às 15h.",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
}
