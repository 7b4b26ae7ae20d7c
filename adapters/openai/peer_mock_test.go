//go:build peers

package openai_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/openai"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/assisted"
	"github.com/secretary-api/secretary/ports"
)

// These tests run against a mock of the chat API that others wrote, in Node. `.ci/peers` installs what testdata/mock lists,
// and says where it is.

var mockListens = regexp.MustCompile(`listening on (http://\S+)`)

// startMock starts the mock with the fixtures of testdata/mock, and returns its address.
func startMock(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("SECRETARY_TEST_OPENAI_MOCK_DIR")
	if dir == "" {
		t.Fatal("SECRETARY_TEST_OPENAI_MOCK_DIR names no folder with the mock: `make test-peers` makes one")
	}
	fixtures, err := filepath.Abs("testdata/mock/fixtures.json")
	if err != nil {
		t.Fatal(err)
	}
	mock := exec.CommandContext(t.Context(), "node", filepath.Join("node_modules", "@copilotkit", "aimock", "dist", "cli.js"),
		"-p", "0", "-f", fixtures, "--strict", "--validate-on-load")
	mock.Dir = dir
	mock.Cancel = func() error { return mock.Process.Signal(syscall.SIGTERM) }
	mock.WaitDelay = 5 * time.Second
	out, err := mock.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	mock.Stderr = mock.Stdout
	if err := mock.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mock.Wait() }) // the test's context has ended by then, which ends it
	lines, said := bufio.NewScanner(out), ""
	for lines.Scan() {
		said += lines.Text() + "\n"
		if found := mockListens.FindStringSubmatch(lines.Text()); found != nil {
			go func() { _, _ = io.Copy(io.Discard, out) }() // or it waits for somebody to read
			return found[1]
		}
	}
	t.Fatalf("the mock ended:\n%s", said)
	return ""
}

// withHeader adds a header to every request.
type withHeader struct{ name, value string }

func (h withHeader) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(h.name, h.value)
	return http.DefaultTransport.RoundTrip(r)
}

// ask is the prompt of a message to a clinic of one.
func ask(t *testing.T, text string) (ports.ModelPrompt, reception.Context) {
	t.Helper()
	c := agenda.Clinic{Name: "Clínica XYZ", Active: true, TimeZone: agenda.DefaultTimeZone}
	in := reception.Context{
		Directory: agenda.NewDirectory(c, []agenda.ClinicProfessional{{Name: "Dr. João Silva", Specialty: "Cardiologista", GoogleCalendarID: "joao@calendar", Active: true}}, nil),
		Today:     agenda.Date{Year: 2026, Month: time.November, Day: 23}, Now: 9 * 60,
	}
	return ports.ModelPrompt{
		System: assisted.Prompt(in), User: assisted.Message(text, "", in.Today), SchemaName: assisted.SchemaName, Schema: assisted.Schema(),
	}, in
}

const riddle = "zorba flurbo trenque"

func TestPeerAnswersWithStructuredOutput(t *testing.T) {
	t.Parallel()
	address := startMock(t)
	m, _ := of(t, openai.Options{BaseURL: address + "/v1", APIKey: key, Model: "gpt-test"}, nil)
	p, in := ask(t, riddle+", meu cpf é 123.456.789-09 e meu zap (11) 95555-0011, nasci em 12/03/1985, ana@exemplo.com")
	answer, err := m.Complete(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	read, complaint := assisted.Read(answer.Text, riddle, in)
	if complaint != "" || read.Intent != reception.Schedule || read.Specialty != "Cardiologista" || len(read.Candidates) != 1 {
		t.Errorf("%s means %+v, complaint %q", answer.Text, read, complaint)
	}
	if answer.Used.Requests != 1 || answer.Used.InputTokens == 0 || answer.Used.OutputTokens == 0 {
		t.Errorf("used = %+v", answer.Used)
	}
	journal := journalOf(t, address)
	if len(journal) != 1 || journal[0].Body.ResponseFormat.Type != "json_schema" || !journal[0].Body.ResponseFormat.JSONSchema.Strict {
		t.Fatalf("journal = %+v", journal)
	}
	sent, err := json.Marshal(journal)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"123.456", "789-09", "95555", "0011", "1985", "exemplo", "@calendar", key} {
		if strings.Contains(string(sent), secret) {
			t.Errorf("%q was sent: %s", secret, sent)
		}
	}
	if !strings.Contains(string(sent), riddle+", meu cpf é [número] e meu zap [número], nasci em [data], [endereço eletrônico]") {
		t.Errorf("sent %s", sent)
	}
}

// entry is a request in the mock's journal.
type entry struct {
	Body struct {
		Model    string
		Messages []struct{ Role, Content string }

		ResponseFormat struct {
			Type       string
			JSONSchema struct {
				Strict bool
				Schema json.RawMessage
			} `json:"json_schema"`
		} `json:"response_format"`
	}
	Response struct{ Status int }
}

func journalOf(t *testing.T, address string) (entries []entry) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/__aimock/journal", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := new(http.Client).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(&entries); err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestPeerFaultsAreOutcomes(t *testing.T) {
	t.Parallel()
	address := startMock(t)
	for name, c := range map[string]struct {
		text    string
		header  withHeader
		outcome openai.Outcome
	}{
		"RateLimit":  {riddle, withHeader{"x-aimock-chaos-ratelimit", "1"}, openai.Limited},
		"Malformed":  {riddle, withHeader{"x-aimock-chaos-malformed", "1"}, openai.Failed},
		"Drop":       {riddle, withHeader{"x-aimock-chaos-drop", "1"}, openai.Failed},
		"Disconnect": {riddle, withHeader{"x-aimock-chaos-disconnect", "1"}, openai.Unreachable},
		"Latency":    {riddle, withHeader{"x-aimock-chaos-latency", "20000"}, openai.TimedOut},
		"Quota":      {"quota", withHeader{"x-test", "1"}, openai.Limited},
		"Unmatched":  {"outra coisa", withHeader{"x-test", "1"}, openai.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, seen := of(t, openai.Options{BaseURL: address + "/v1", APIKey: key, Model: "gpt-test", Timeout: 2 * time.Second}, func(o *openai.Options) {
				o.HTTPClient = &http.Client{Transport: c.header}
			})
			p, _ := ask(t, c.text)
			answer, err := m.Complete(t.Context(), p)
			if err == nil || answer.Text != "" || seen.last(t) != c.outcome {
				t.Errorf("answer %+v, error %v, observed %s, want %s", answer, err, seen.last(t), c.outcome)
			}
			if err != nil && (strings.Contains(err.Error(), key) || strings.Contains(err.Error(), riddle)) {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}
