package evolution_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/evolution"
	"github.com/secretary-api/secretary/adapters/evolution/evolutiontest"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

var _ ports.ChannelAdmin = (*evolution.Messenger)(nil)

const sorriso = "clinica-sorriso"

func startServer(t *testing.T) (*evolutiontest.Server, *evolution.Messenger) {
	t.Helper()
	s := evolutiontest.Start(t, sorriso)
	return s, newMessenger(t, evolution.Options{BaseURL: s.URL, APIKey: evolutiontest.Key})
}

func TestSetWebhookTellsWhereToPostWhat(t *testing.T) {
	t.Parallel()
	s, m := startServer(t)
	if err := m.SetWebhook(t.Context(), sorriso, "https://secretary.example.com/hook", "the-token"); err != nil {
		t.Fatal(err)
	}
	want := evolutiontest.Webhook{
		Enabled: true, URL: "https://secretary.example.com/hook", Headers: map[string]string{"Authorization": "Bearer the-token"},
		Events: []string{"MESSAGES_UPSERT", "MESSAGES_EDITED", "SEND_MESSAGE", "CONNECTION_UPDATE"},
	}
	if diff := cmp.Diff(want, s.Webhook(sorriso)); diff != "" {
		t.Errorf("webhook (-want +got):\n%s", diff)
	}
}

func TestConnectionIsWhatTheServerSays(t *testing.T) {
	t.Parallel()
	s, m := startServer(t)
	for _, state := range []reception.ConnectionState{reception.Open, reception.Connecting, reception.Closed, reception.Refused} {
		s.Connect(sorriso, string(state), 200)
		got, err := m.Connection(t.Context(), sorriso)
		if want := (reception.Connection{State: state}); err != nil || got != want {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	s.Connect(sorriso, "confused", 200)
	if got, err := m.Connection(t.Context(), sorriso); errs.CodeOf(err) != "whatsapp-unavailable" {
		t.Errorf("got %v, %v, want whatsapp-unavailable", got, err)
	}
}

func TestHistoryIsReadPageByPageOldestFirst(t *testing.T) {
	t.Parallel()
	s, m := startServer(t)
	began := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	for i := range 250 {
		s.Write(sorriso, evolutiontest.Message{
			ID: fmt.Sprint("M", i), From: maria, Name: "Maria", Text: fmt.Sprint("mensagem ", i), At: began.Add(time.Duration(i) * time.Second),
			FromClinic: i == 249,
		})
	}
	ids := func(since time.Time, most int) []string {
		t.Helper()
		found, err := m.History(t.Context(), sorriso, since, most)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, v := range found {
			if !v.History || v.Phone != "+5511955550011" || v.SentAt.IsZero() || v.FromClinic != (v.ExternalID == "M249") {
				t.Errorf("got %+v", v)
			}
			out = append(out, v.ExternalID)
		}
		return out
	}
	var want []string
	for i := range 250 {
		want = append(want, fmt.Sprint("M", i))
	}
	if got := ids(began, 1000); !slices.Equal(got, want) {
		t.Errorf("got %d messages, want all 250 in their order", len(got))
	}
	if got := ids(began.Add(240*time.Second+time.Millisecond), 1000); !slices.Equal(got, want[240:]) {
		t.Errorf("since the 240th: got %v, want %v", got, want[240:])
	}
	if got := ids(began, 7); !slices.Equal(got, want[243:]) {
		t.Errorf("at most seven: got %v, want the newest %v", got, want[243:])
	}
	if got := ids(time.Now().Add(time.Minute), 7); len(got) != 0 {
		t.Errorf("of the future: got %v", got)
	}
}

// A server that knows neither pages nor times gives a list with everything each time.
func TestHistoryOfAnOlderServerIsReadOnce(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Second)
	record := func(id string, at time.Time) string {
		return fmt.Sprintf(`{"key":{"id":%q,"remoteJid":%q},"message":{"conversation":"oi"},"messageTimestamp":"%d"}`, id, maria, at.Unix())
	}
	calls := 0
	m := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		calls++
		fmt.Fprintf(w, "[%s,%s,%s,7]", record("old", now.Add(-time.Hour)), record("A", now), record("A", now))
	})
	found, err := m.History(t.Context(), sorriso, now.Add(-time.Minute), 10)
	if err != nil || len(found) != 1 || found[0].ExternalID != "A" || calls != 1 {
		t.Errorf("got %+v, %v after %d calls, want A once", found, err, calls)
	}
}

func TestTypingIsAskedForAndNotWaitedFor(t *testing.T) {
	t.Parallel()
	s, m := startServer(t)
	began := time.Now()
	if err := m.Typing(t.Context(), sorriso, maria, time.Minute); err != nil {
		t.Fatal(err)
	}
	if waited := time.Since(began); waited > 20*time.Second {
		t.Errorf("it took %s", waited)
	}
	want := []evolutiontest.Sent{{Instance: sorriso, Number: "5511955550011", Text: "composing"}}
	if diff := cmp.Diff(want, s.Typing()); diff != "" {
		t.Errorf("typing (-want +got):\n%s", diff)
	}
}

func TestAChannelWithoutASignOfTypingIsNoError(t *testing.T) {
	t.Parallel()
	s, m := startServer(t)
	s.Fault = func(evolutiontest.Call) evolutiontest.Fault {
		return evolutiontest.Fault{Status: http.StatusBadRequest, Message: []string{"Method not available on WhatsApp Business API"}}
	}
	if err := m.Typing(t.Context(), sorriso, maria, time.Second); err != nil {
		t.Errorf("Typing: %v", err)
	}
}

func TestWhatCannotBeAskedIsClassified(t *testing.T) {
	t.Parallel()
	calls := map[string]func(*testing.T, *evolution.Messenger, string) error{
		"SetWebhook": func(t *testing.T, m *evolution.Messenger, instance string) error {
			t.Helper()
			return m.SetWebhook(t.Context(), instance, "https://secretary.example.com/hook", "the-token")
		},
		"Connection": func(t *testing.T, m *evolution.Messenger, instance string) error {
			t.Helper()
			_, err := m.Connection(t.Context(), instance)
			return err
		},
		"History": func(t *testing.T, m *evolution.Messenger, instance string) error {
			t.Helper()
			_, err := m.History(t.Context(), instance, time.Now(), 10)
			return err
		},
		"Typing": func(t *testing.T, m *evolution.Messenger, instance string) error {
			t.Helper()
			return m.Typing(t.Context(), instance, maria, time.Second)
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := func(err error, code string) {
				t.Helper()
				if errs.KindOf(err) != errs.Unavailable || errs.CodeOf(err) != code {
					t.Errorf("got %v, want Unavailable %s", err, code)
				}
			}
			s, m := startServer(t)
			want(call(t, m, "nobody"), "whatsapp-instance-unknown")
			want(call(t, m, ".."), "whatsapp-instance-unknown")
			want(call(t, newMessenger(t, evolution.Options{BaseURL: s.URL, APIKey: "wrong"}), sorriso), "whatsapp-unauthorized")
			want(call(t, newMessenger(t, evolution.Options{BaseURL: "http://127.0.0.1:1"}), sorriso), "whatsapp-unavailable")
			for _, f := range []evolutiontest.Fault{
				evolutiontest.InternalError(), evolutiontest.TooMany(), evolutiontest.ConnectionClosed(), {Drop: true}, {Status: http.StatusGatewayTimeout, Message: "late"},
			} {
				failing, m := startServer(t)
				failing.Fault = func(evolutiontest.Call) evolutiontest.Fault { return f }
				want(call(t, m, sorriso), "whatsapp-unavailable")
			}
		})
	}
}

func TestTheFakeServerAnswersAsTheRecordedOneDid(t *testing.T) {
	t.Parallel()
	s, m := startServer(t)
	if id, err := m.Send(t.Context(), toMaria()); err != nil || len(s.Sent()) != 1 || s.Sent()[0].ID != id {
		t.Fatalf("Send = %q, %v, sent %+v", id, err, s.Sent())
	}
	s.Connect(sorriso, "close", 401)
	if got := send(t, m, toMaria()); got.Code != "whatsapp-unavailable" {
		t.Errorf("while it is not connected: %+v", got)
	}
	s.Connect(sorriso, "open", 200)
	faults := map[int]evolutiontest.Fault{3: evolutiontest.NotOnWhatsApp("5511955550011"), 4: {Drop: true, Done: true}, 5: {Status: 500, Message: "x", Done: true}}
	s.Fault = func(c evolutiontest.Call) evolutiontest.Fault { return faults[c.N] }
	for _, code := range []string{"not-on-whatsapp", ports.CodeSendUncertain, "whatsapp-unavailable"} {
		if got := send(t, m, toMaria()); got.Code != code {
			t.Errorf("got %+v, want %s", got, code)
		}
	}
	if got := len(s.Sent()); got != 3 {
		t.Errorf("%d were sent, want the first, and those whose answer failed", got)
	}
}
