package mcpserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/adapters/mcpserver"
	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// What several tests ask for: starts of tomorrow, in São Paulo.
const (
	half   = "2026-12-01T09:30:00-03:00" // of the 45 minutes of Botox too
	ten    = "2026-12-01T10:00:00-03:00"
	eleven = "2026-12-01T11:00:00-03:00"
)

// calendar is a calendar which a test can block and take away.
type calendar interface {
	ports.Calendar
	Block(cal agenda.Calendar, taken agenda.Interval) string
	Fail(err error)
}

// world is the service with what agents call, and two clinics that must not see one another.
type world struct {
	url          string
	deps         service.Deps
	calendar     calendar
	clock        atomic.Int64 // in Unix seconds
	manager      identity.Actor
	agenda       *service.Agenda
	clinics      *service.Clinics
	keys         *service.APIKeys
	agents       *mcpserver.Server
	ours, theirs clinicOf
}

// clinicOf is a clinic with a cardiologist and a dermatologist, who alone offers Botox.
type clinicOf struct {
	entity       clinic.EntityID
	tenant       agenda.TenantID
	silva, costa agenda.ClinicProfessional
	botox        agenda.Service
	key          string // with every scope that agents need
	admin        identity.User
}

// plainPasswords hashes nothing, to be quick.
type plainPasswords struct{}

func (plainPasswords) Hash(_ context.Context, p string) (string, error) { return "plain:" + p, nil }

func (plainPasswords) Verify(_ context.Context, hash, p string) (bool, error) {
	return hash == "plain:"+p, nil
}

// numberedTokens are readable: "token-7" is user 7's, "agent-4-9-1" the agent's in room 4.
type numberedTokens struct{}

func (numberedTokens) Issue(u identity.User, _, _ time.Time) (string, error) {
	return tokenOf(u), nil
}

func tokenOf(u identity.User) string { return "token-" + u.ID.String() }

func (numberedTokens) IssueRoomAgent(identity.RoomAgent, time.Time, time.Time) (string, error) {
	return "", errors.ErrUnsupported
}

func (numberedTokens) Verify(token string, _ time.Time) (identity.Subject, error) {
	var agent identity.RoomAgent
	if n, _ := fmt.Sscanf(token, "agent-%d-%d-%d", &agent.Room, &agent.Participant, &agent.Number); n == 3 {
		return identity.Subject{Agent: agent}, nil
	}
	var user identity.UserID
	if n, _ := fmt.Sscanf(token, "token-%d", &user); n == 1 {
		return identity.Subject{User: user}, nil
	}
	return identity.Subject{}, errs.New(errs.Unauthenticated, "invalid-token", "the access token is not valid")
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.clock.Store(time.Date(2026, 11, 30, 11, 0, 0, 0, time.UTC).Unix())
	now := func() time.Time { return time.Unix(w.clock.Load(), 0).UTC() }
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("SECRETARY_TEST_STORE") == "postgres" {
		s := pgtest.Open(t)
		w.deps = service.Deps{Repositories: s.Repositories(), Tx: service.Remembering(s), Locks: s, Bus: s.Bus(), Now: now, Log: log}
		w.calendar = pgtest.NewCalendar(t, s.Calendar())
	} else {
		s := memory.New(memory.WithClock(now))
		w.deps = service.Deps{Repositories: s.Repositories(), Tx: service.Remembering(s), Locks: s, Bus: s.Bus(), Now: now, Log: log}
		w.calendar = memory.NewCalendar()
	}
	w.agenda, w.clinics, w.keys = service.NewAgenda(w.deps, w.calendar), service.NewClinics(w.deps), service.NewAPIKeys(w.deps)
	users := service.NewUsers(w.deps, plainPasswords{})
	first, err := users.CreateFirst(t.Context(), "root@secretary.example", "correct horse battery", "+5511955550001")
	must(t, err)
	w.manager = first.Actor()
	w.agents = mcpserver.New(mcpserver.Config{Clinics: w.clinics, Agenda: w.agenda, Version: "test", Now: now, Heartbeat: 50 * time.Millisecond})
	server := httptest.NewServer(httpapi.New(httpapi.Config{
		Version: "test", Now: now, Agents: w.agents, Services: httpapi.Services{
			Sessions: service.NewSessions(w.deps, plainPasswords{}, numberedTokens{}, service.SessionOptions{}),
			Users:    users, Clinics: w.clinics, Agenda: w.agenda, APIKeys: w.keys,
		},
	}))
	t.Cleanup(server.Close)
	t.Cleanup(w.agents.Close) // first: the server waits for open sessions
	w.url = server.URL
	w.ours, w.theirs = w.clinic(t, users, "ours"), w.clinic(t, users, "theirs")
	return w
}

func (w *world) clinic(t *testing.T, users *service.Users, name string) clinicOf {
	t.Helper()
	ctx := t.Context()
	entity, err := service.NewEntities(w.deps).Create(ctx, w.manager, clinic.EntityParams{Name: name, Type: "medical_clinic"})
	must(t, err)
	c := clinicOf{entity: entity.ID}
	desk, err := w.clinics.Create(ctx, w.manager, agenda.ClinicParams{EntityID: entity.ID, Name: name})
	must(t, err)
	c.tenant = desk.ID
	doctor := func(order int, of, specialty, keyword string) agenda.ClinicProfessional {
		v, err := w.clinics.AddProfessional(ctx, w.manager, desk.ID, service.NewClinicProfessional{
			ClinicProfessionalParams: agenda.ClinicProfessionalParams{
				Name: of, Specialty: specialty, SpecialtyKeywords: []string{keyword}, DisplayOrder: order, BufferMinutes: new(0),
				GoogleCalendarID: fmt.Sprintf("%s-%d@calendar", name, order),
			},
			Person: &clinic.ProfessionalParams{PhoneNumber: "+5511955550002"},
		})
		must(t, err)
		return v
	}
	c.silva = doctor(1, "Dr. João Silva", "Cardiologista", "coração")
	c.costa = doctor(2, "Dra. Maria Costa", "Dermatologista", "pele")
	c.botox, err = w.clinics.AddService(ctx, w.manager, desk.ID, c.costa.ID, agenda.ServiceParams{
		Name: "Botox", PriceCents: 1_200_00, DurationMinutes: new(45),
	})
	must(t, err)
	c.admin, err = users.Create(ctx, w.manager, service.NewUser{
		Email: name + "@clinic.example", Password: "correct horse battery", PhoneNumber: "+5511955550003", Role: identity.EntityAdmin, EntityID: entity.ID,
	})
	must(t, err)
	c.key = w.key(t, c, identity.AgendaRead, identity.AgendaWrite, identity.ClinicsRead)
	return c
}

// key makes an API key of a clinic.
func (w *world) key(t *testing.T, c clinicOf, scopes ...identity.Permission) string {
	t.Helper()
	made, err := w.keys.Create(t.Context(), w.manager, service.NewAPIKey{EntityID: c.entity, Name: "agent", Scopes: scopes})
	must(t, err)
	return made.Key
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// bearer sends a token with every request.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// agent is a client that is connected.
type agent struct {
	t       *testing.T
	session *mcp.ClientSession
}

// transports are the ways to connect to the tools of a clinic.
func transports() map[string]func(url, token string) mcp.Transport {
	return map[string]func(url, token string) mcp.Transport{
		"Streamable": func(url, token string) mcp.Transport {
			return &mcp.StreamableClientTransport{Endpoint: url + "/mcp", HTTPClient: &http.Client{Transport: bearer(token)}, MaxRetries: -1}
		},
		"SSE": func(url, token string) mcp.Transport {
			return &mcp.SSEClientTransport{Endpoint: url + "/sse", HTTPClient: &http.Client{Transport: bearer(token)}}
		},
	}
}

// connect connects to the tools of a clinic.
func (w *world) connect(t *testing.T, token string) *agent {
	t.Helper()
	return dial(t, transports()["Streamable"](w.url, token))
}

// connectBound connects to those of one professional.
func (w *world) connectBound(t *testing.T, token, slug string) *agent {
	t.Helper()
	return dial(t, &mcp.StreamableClientTransport{
		Endpoint: w.url + "/mcp/professionals/" + slug, HTTPClient: &http.Client{Transport: bearer(token)}, MaxRetries: -1,
	})
}

func dial(t *testing.T, transport mcp.Transport) *agent {
	t.Helper()
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), transport, nil)
	must(t, err)
	t.Cleanup(func() { _ = session.Close() }) // the server may have ended it
	return &agent{t, session}
}

type object = map[string]any

// call calls a tool, which must do what it is asked.
func (a *agent) call(name string, arguments object) object {
	a.t.Helper()
	result, err := a.session.CallTool(a.t.Context(), &mcp.CallToolParams{Name: name, Arguments: arguments})
	if err != nil {
		a.t.Fatalf("%s: %v", name, err)
	}
	if result.IsError {
		a.t.Fatalf("%s: %s", name, textOf(result))
	}
	answer, ok := result.StructuredContent.(object)
	if !ok {
		a.t.Fatalf("%s answers %T, not an object", name, result.StructuredContent)
	}
	var text object
	if err := json.Unmarshal([]byte(textOf(result)), &text); err != nil {
		a.t.Errorf("%s: the text is not the JSON of the answer: %v", name, err)
	}
	return answer
}

// refused calls a tool, which must refuse with a code, and returns the advice.
func (a *agent) refused(code, name string, arguments object) string {
	a.t.Helper()
	result, err := a.session.CallTool(a.t.Context(), &mcp.CallToolParams{Name: name, Arguments: arguments})
	if err != nil {
		a.t.Fatalf("%s: %v", name, err)
	}
	text := textOf(result)
	if !result.IsError || !strings.HasSuffix(text, "(código: "+code+")") {
		a.t.Fatalf("%s: got %q, error %t; want a refusal with the code %s", name, text, result.IsError, code)
	}
	return text
}

func textOf(r *mcp.CallToolResult) string {
	var all []string
	for _, content := range r.Content {
		if text, ok := content.(*mcp.TextContent); ok {
			all = append(all, text.Text)
		}
	}
	return strings.Join(all, "\n")
}

// items is a list of objects in an answer.
func items(t *testing.T, answer object, name string) []object {
	t.Helper()
	list, ok := answer[name].([]any)
	if !ok {
		t.Fatalf("%s is %T, not a list", name, answer[name])
	}
	var out []object
	for _, v := range list {
		one, ok := v.(object)
		if !ok {
			t.Fatalf("%s has a %T", name, v)
		}
		out = append(out, one)
	}
	return out
}

// events counts the events of a professional's calendar.
func (w *world) events(t *testing.T, p agenda.ClinicProfessional) int {
	t.Helper()
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	all, err := w.calendar.Events(t.Context(), p.Calendar(), from, from.AddDate(1, 0, 0))
	must(t, err)
	return len(all)
}

// audit returns the entries of an action, newest first.
func (w *world) audit(t *testing.T, action string) []identity.AuditEntry {
	t.Helper()
	got, err := service.NewAuditLog(w.deps).List(t.Context(), w.manager, identity.AuditFilter{Action: action}, page.Request{})
	must(t, err)
	return got.Items
}
