package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	evolutionKey = "evolution-key"
	webhookToken = "webhook-token-1234"
	testdata     = "../../adapters/evolution/testdata"
)

// sent is a message that the service sent.
type sent struct{ Instance, Number, Text string }

// fakeEvolution is an Evolution API server that keeps what it is told to send.
type fakeEvolution struct {
	url  string
	mu   sync.Mutex
	sent []sent
	hold chan struct{} // when not nil, the first message is not answered before it is closed
	left chan struct{} // closed when the service gave that message up
}

func newFakeEvolution(t *testing.T, hold chan struct{}) *fakeEvolution {
	t.Helper()
	accepted, err := os.ReadFile(filepath.Join(testdata, "api.sendText.201.json"))
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeEvolution{hold: hold, left: make(chan struct{})}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m sent
		instance, ok := strings.CutPrefix(r.URL.Path, "/message/sendText/")
		if !ok || r.Method != http.MethodPost || r.Header.Get("Apikey") != evolutionKey || json.NewDecoder(r.Body).Decode(&m) != nil {
			http.Error(w, `{}`, http.StatusBadRequest)
			return
		}
		m.Instance = instance
		f.mu.Lock()
		f.sent = append(f.sent, m)
		first := len(f.sent) == 1
		f.mu.Unlock()
		if first && f.hold != nil {
			select {
			case <-f.hold:
			case <-r.Context().Done():
				close(f.left)
				return
			}
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(accepted)
	}))
	t.Cleanup(srv.Close)
	f.url = srv.URL
	return f
}

func (f *fakeEvolution) messages() []sent {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.sent)
}

// await waits until enough says so, which the test's own deadline bounds, and returns the messages.
func (f *fakeEvolution) await(t *testing.T, enough func([]sent) bool) []sent {
	t.Helper()
	for {
		if got := f.messages(); enough(got) {
			return got
		}
		select {
		case <-t.Context().Done():
			t.Fatal("the test ended while it waited for messages")
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// startWhatsApp runs the demo, connected to a fake Evolution API server.
func startWhatsApp(t *testing.T, hold chan struct{}) (*server, *fakeEvolution) {
	t.Helper()
	evo := newFakeEvolution(t, hold)
	return startServe(t, demoEnv("EVOLUTION_URL", evo.url, "EVOLUTION_API_KEY", evolutionKey, "EVOLUTION_WEBHOOK_TOKEN", webhookToken, "SECRETARY_DEBOUNCE", "0s")), evo
}

// fixture is a recorded webhook, as if it were of the demo's instance.
func fixture(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(testdata, name))
	if err != nil {
		t.Fatal(err)
	}
	named := strings.NewReplacer("clinica-sorriso", demoInstance, "clinica-meta", demoInstance).Replace(string(raw))
	return timestamp.ReplaceAllString(named, fmt.Sprintf(`"messageTimestamp": %d`, time.Now().Unix()))
}

// timestamp is when a recorded message was written, which must not be long ago to be answered.
var timestamp = regexp.MustCompile(`"messageTimestamp": \d+`)

// patient is the number of whom the fixtures are, but for one.
const patient = "5511955550011"

// message is the data of one message.
func message(from, id, content string) string {
	return fmt.Sprintf(`{"key":{"remoteJid":"%s@s.whatsapp.net","fromMe":false,"id":%q},"pushName":"Ana","message":%s,"messageTimestamp":%d}`,
		from, id, content, time.Now().Unix())
}

// text is the data of a text message of the patient.
func text(id, words string) string {
	return message(patient, id, fmt.Sprintf(`{"conversation":%q}`, words))
}

// upsert is the webhook with a message, or with a list of them.
func upsert(data string) string {
	return fmt.Sprintf(`{"event":"messages.upsert","instance":%q,"data":%s}`, demoInstance, data)
}

// deliver posts a webhook as Evolution would and returns the status.
func (s *server) deliver(t *testing.T, token, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/v1/webhooks/evolution/"+demoInstance, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := testClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func (s *server) mustDeliver(t *testing.T, body string) {
	t.Helper()
	if status := s.deliver(t, webhookToken, body); status != http.StatusOK {
		t.Fatalf("the webhook was answered with %d, want 200", status)
	}
}

const unreadable = "só consigo ler mensagens de texto"

// flush delivers a sticker and waits for its answer. As a patient is answered in order, everything that came from the same
// number before it has been answered by then. It returns what was sent before.
func (s *server) flush(t *testing.T, evo *fakeEvolution, from string) []sent {
	t.Helper()
	s.mustDeliver(t, upsert(message(from, "STICKER", `{"stickerMessage":{"url":"https://mmg.whatsapp.net/x"}}`)))
	got := evo.await(t, func(m []sent) bool { return len(m) > 0 && strings.Contains(m[len(m)-1].Text, unreadable) })
	return got[:len(got)-1]
}

func TestEveryShapeOfAMessageGetsOneReply(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ number, from, says string }{
		"messages-upsert.conversation.json":             {number: "5511955550011"},
		"messages-upsert.extended-text-raw.json":        {number: "5511955550011"},
		"messages-upsert.extended-text-normalised.json": {number: "5511955550011"},
		"messages-upsert.ephemeral.json":                {number: "5511955550011"},
		"messages-upsert.buttons-response.json":         {number: "5511955550011"},
		"messages-upsert.list-response.json":            {number: "5511955550011"},
		"messages-upsert.interactive-response.json":     {number: "5511955550011"},
		"messages-upsert.cloud-api-interactive.json":    {number: "5511955550011"},
		"messages-upsert.no-ninth-digit.json":           {number: "553195550012", from: "553195550012"},
		"messages-upsert.lid.json":                      {number: "100000000000011@lid"},
		"messages-upsert.audio.json":                    {number: "5511955550011", says: "ainda não consigo ouvir áudios"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, evo := startWhatsApp(t, nil)
			s.mustDeliver(t, fixture(t, name))
			got := evo.await(t, func(m []sent) bool { return len(m) > 0 })
			if got[0].Instance != demoInstance || got[0].Number != want.number || got[0].Text == "" || !strings.Contains(got[0].Text, want.says) {
				t.Errorf("sent %+v, want a reply to %s by %s that says %q", got[0], want.number, demoInstance, want.says)
			}
			if got := s.flush(t, evo, cmp.Or(want.from, patient)); len(got) != 1 {
				t.Errorf("sent %d replies, want one: %+v", len(got), got)
			}
		})
	}
}

func TestWhatIsNotForTheFrontDeskGetsNoReply(t *testing.T) {
	t.Parallel()
	s, evo := startWhatsApp(t, nil)
	for _, name := range []string{
		"messages-upsert.group.json", "messages-upsert.from-me-typed-on-phone.json", "messages-edited.json", "send-message.json",
		"connection-update.open.json", "connection-update.close.json",
	} {
		s.mustDeliver(t, fixture(t, name))
	}
	const other = "5511955550099" // whoever the clinic wrote to is left to people
	if got := s.flush(t, evo, other); len(got) != 0 {
		t.Errorf("sent %+v, want nothing", got)
	}
	c, clinic := s.login(t)
	talks, err := list[struct{ Contact string }](t.Context(), c, "/v1/clinics/"+clinic.TenantID+"/conversations")
	if err != nil || len(talks) != 2 || talks[0].Contact != "+"+patient || talks[1].Contact != "+"+other {
		t.Errorf("conversations = %+v, %v, want the one that the clinic wrote in and the one with who sent the sticker", talks, err)
	}
}

func TestAMessageThatIsDeliveredThreeTimesGetsOneReply(t *testing.T) {
	t.Parallel()
	s, evo := startWhatsApp(t, nil)
	body := fixture(t, "messages-upsert.conversation.json")
	var deliveries sync.WaitGroup
	for range 3 {
		deliveries.Go(func() {
			if status := s.deliver(t, webhookToken, body); status != http.StatusOK {
				t.Errorf("the webhook was answered with %d, want 200", status)
			}
		})
	}
	deliveries.Wait()
	s.mustDeliver(t, body)
	if got := s.flush(t, evo, patient); len(got) != 1 {
		t.Errorf("sent %d replies, want one: %+v", len(got), got)
	}
}

// wantBotoxDialogue checks the replies to "Quero fazer botox" and "sim", in this order.
func wantBotoxDialogue(t *testing.T, got []sent) {
	t.Helper()
	if len(got) != 2 || !strings.Contains(got[0].Text, "R$ 1.200,00") || !strings.Contains(got[1].Text, "Nome completo") {
		t.Errorf("sent %+v, want the offer of botox and then the question who the patient is", got)
	}
}

func TestTwoMessagesInOneWebhookAreAnsweredInOrder(t *testing.T) {
	t.Parallel()
	s, evo := startWhatsApp(t, nil)
	s.mustDeliver(t, upsert("["+text("M1", "Quero fazer botox")+","+text("M2", "sim")+"]"))
	// The yes was written before the question.
	got := s.flush(t, evo, patient)
	if len(got) != 2 || !strings.Contains(got[0].Text, "R$ 1.200,00") || !strings.Contains(got[1].Text, `Responda "sim" ou "não"`) {
		t.Errorf("sent %+v, want the offer of botox and then the question again", got)
	}
}

func TestAMessageThatArrivesWhileAReplyIsBeingSentIsAnsweredAfterIt(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	s, evo := startWhatsApp(t, hold)
	s.mustDeliver(t, upsert(text("M1", "Quero fazer botox")))
	evo.await(t, func(m []sent) bool { return len(m) == 1 })
	s.mustDeliver(t, upsert(text("M2", "sim"))) // acknowledged although nothing is answered yet
	// The second message is handled while the first reply is on its way, and its reply waits.
	c, clinic := s.login(t)
	for {
		kept, err := list[struct{ ID int64 }](t.Context(), c, "/v1/clinics/"+clinic.TenantID+"/conversations/+"+patient+"/messages")
		if err != nil {
			t.Fatal(err)
		}
		if len(kept) == 4 { // two of each side
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	if got := evo.messages(); len(got) != 1 {
		t.Errorf("sent %+v, want the second reply to wait for the first", got)
	}
	close(hold)
	wantBotoxDialogue(t, s.flush(t, evo, patient))
}

func TestAReplyThatIsBeingSentIsSentToTheEndDuringShutdown(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	s, evo := startWhatsApp(t, hold)
	s.mustDeliver(t, upsert(text("M1", "Quero fazer botox")))
	evo.await(t, func(m []sent) bool { return len(m) == 1 })
	s.cancel()
	s.awaitRefusal(t)
	select {
	case <-evo.left:
		t.Error("the reply was given up")
	case <-time.After(50 * time.Millisecond): // enough for a cancellation to get here
	}
	close(hold)
	if err := s.stop(); err != nil {
		t.Errorf("serve ended with %v", err)
	}
}

func TestAVisitIsBookedByWhatsApp(t *testing.T) {
	t.Parallel()
	s, evo := startWhatsApp(t, nil)
	for i, words := range []string{"Preciso de um cardiologista", "Ana Souza, 12/03/1985, este número", "1", "sim"} {
		s.mustDeliver(t, upsert(text(fmt.Sprint("M", i), words)))
		evo.await(t, func(m []sent) bool { return len(m) == i+1 })
	}
	var calendars []string
	for _, a := range s.appointments(t) {
		calendars = append(calendars, a.Calendar)
	}
	if want := []string{"dr-joao-silva@demo.calendar"}; !slices.Equal(calendars, want) {
		t.Errorf("calendars of the appointments = %q, want %q", calendars, want)
	}
}

func TestAWebhookNeedsTheToken(t *testing.T) {
	t.Parallel()
	s, evo := startWhatsApp(t, nil)
	for _, token := range []string{"", "wrong", webhookToken + "x"} {
		if status := s.deliver(t, token, upsert(text("M1", "Quero fazer botox"))); status != http.StatusUnauthorized {
			t.Errorf("status with the token %q = %d, want 401", token, status)
		}
	}
	if got := s.flush(t, evo, patient); len(got) != 0 {
		t.Errorf("sent %+v, want nothing", got)
	}
}

func TestTheDemosWebhookIsOpenWithoutAToken(t *testing.T) {
	t.Parallel()
	s := startServe(t, demoEnv())
	if status := s.deliver(t, "", upsert(text("M1", "Quero fazer botox"))); status != http.StatusOK {
		t.Errorf("status = %d, want 200", status)
	}
}

func TestOutsideOfTheDemoAWebhookWithoutATokenIsUnavailable(t *testing.T) {
	t.Parallel()
	s := startServe(t, nil)
	if status := s.deliver(t, "", upsert(text("M1", "Quero fazer botox"))); status != http.StatusServiceUnavailable {
		t.Errorf("status = %d, want 503", status)
	}
}
