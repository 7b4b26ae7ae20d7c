package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

const (
	managerEmail = "root@secretary.example"
	password     = "correct horse battery"
)

// clinicIDs is one entity with a record of every kind.
type clinicIDs struct {
	entity, department, user, professional, membership, participant, room, visitor int64

	agent, usage int64 // a participant of type AGENT, and its session in the room
	called       int64 // a room with an AI agent, when there is LiveKit

	price, budget int64
	repricing     string
	apiKey        string // its id

	frontDesk frontDeskIDs
}

// world is the whole API over a store of its own: a manager, and two clinics that must not see one another.
type world struct {
	handler      http.Handler
	repos        ports.Repositories
	liveKit      *liveKit // nil: none
	manager      string   // tokens
	admin, other string   // of the entities of ours and theirs
	ours, theirs clinicIDs
}

// plainPasswords hashes nothing, to be quick.
type plainPasswords struct{}

func (plainPasswords) Hash(_ context.Context, p string) (string, error) { return "plain:" + p, nil }

func (plainPasswords) Verify(_ context.Context, hash, p string) (bool, error) {
	return hash == "plain:"+p, nil
}

// numberedTokens are readable: "token-7" is user 7's.
type numberedTokens struct{}

func (numberedTokens) Issue(u identity.User, _, _ time.Time) (string, error) {
	return "token-" + u.ID.String(), nil
}

func (numberedTokens) IssueRoomAgent(a identity.RoomAgent, _, _ time.Time) (string, error) {
	return fmt.Sprintf("agent-%d-%d-%d", a.Room, a.Participant, a.Number), nil
}

func (numberedTokens) Verify(token string, _ time.Time) (identity.Subject, error) {
	if token == "token-expired" {
		return identity.Subject{}, errs.New(errs.Unauthenticated, "expired-token", "the access token has expired")
	}
	var agent identity.RoomAgent
	if n, _ := fmt.Sscanf(token, "agent-%d-%d-%d", &agent.Room, &agent.Participant, &agent.Number); n == 3 {
		return identity.Subject{Agent: agent}, nil
	}
	number, ok := strings.CutPrefix(token, "token-")
	id, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil {
		return identity.Subject{}, errs.New(errs.Unauthenticated, "invalid-token", "the access token is not valid")
	}
	return identity.Subject{User: identity.UserID(id)}, nil
}

// newServices makes the use cases over a store.
func newServices(s stored) httpapi.Services {
	deps := s.deps
	server := mediaOf(s)
	media := service.NewMedia(deps, server, server, numberedTokens{}, service.MediaOptions{
		SecretaryURL: "https://secretary.example", Platform: `{"prompt":"Você é a secretária."}`,
	})
	services := httpapi.Services{
		Idempotency:   service.NewIdempotency(deps),
		Sessions:      service.NewSessions(deps, plainPasswords{}, numberedTokens{}, service.SessionOptions{AddressFailures: 1000}),
		Users:         service.NewUsers(deps, plainPasswords{}),
		APIKeys:       service.NewAPIKeys(deps),
		AuditLog:      service.NewAuditLog(deps),
		Entities:      service.NewEntities(deps),
		Departments:   service.NewDepartments(deps),
		Professionals: service.NewProfessionals(deps),
		Memberships:   service.NewMemberships(deps),
		Participants:  service.NewParticipants(deps),
		Rooms:         service.NewRooms(deps, media),
		Media:         media,
		Usages:        service.NewUsages(deps),
		Reports:       service.NewReports(deps),
		ModelPrices:   service.NewModelPrices(deps),
		Budgets:       service.NewBudgets(deps),
		Repricings:    service.NewRepricings(deps),
	}
	services.Streams = service.NewStreams(deps, services.Rooms, httpapi.AppendStreamEvent, service.StreamOptions{})
	addFrontDesk(s, &services)
	return services
}

// newWorld builds the world through the API itself. configure may change the configuration first.
func newWorld(tb testing.TB, configure ...func(*httpapi.Config)) *world {
	tb.Helper()
	return newWorldIn(tb, openStore(tb, realTime), configure...)
}

// newWorldIn is newWorld over an empty store.
func newWorldIn(tb testing.TB, store stored, configure ...func(*httpapi.Config)) *world {
	tb.Helper()
	cfg := httpapi.Config{Services: newServices(store), Version: "test"}
	for _, change := range configure {
		change(&cfg)
	}
	first, err := cfg.Services.Users.CreateFirst(tb.Context(), managerEmail, password, "+5511955550001")
	if err != nil {
		tb.Fatal(err)
	}
	w := &world{handler: httpapi.New(cfg), repos: store.deps.Repositories, liveKit: store.liveKit, manager: "token-" + first.ID.String()}
	w.ours = w.clinic(tb, "ours")
	w.theirs = w.clinic(tb, "theirs")
	w.admin = fmt.Sprint("token-", w.ours.user)
	w.other = fmt.Sprint("token-", w.theirs.user)
	return w
}

func (w *world) clinic(tb testing.TB, name string) clinicIDs {
	tb.Helper()
	var c clinicIDs
	c.entity = w.create(tb, "/v1/entities", `{"name":%q,"type":"medical_clinic","instructions":{"prompt":"Clínica"}}`, name)
	c.department = w.create(tb, fmt.Sprintf("/v1/entities/%d/departments", c.entity), `{"name":%q}`, name)
	c.user = w.create(tb, "/v1/users",
		`{"email":"%s@clinic.example","password":%q,"phone_number":"+5511955550002","role":"ENTITY_ADMIN","entity_id":%d}`, name, password, c.entity)
	c.professional = w.create(tb, "/v1/professionals", `{"name":%q,"phone_number":"+5511955550003"}`, name)
	c.membership = w.create(tb, fmt.Sprintf("/v1/professionals/%d/memberships", c.professional), `{"entity_id":%d,"department_id":%d}`, c.entity, c.department)
	c.participant = w.create(tb, "/v1/participants", `{"name":%q,"type":"CLIENT","phone_number":"+5511955550004","entity_id":%d}`, name, c.entity)
	c.visitor = w.create(tb, "/v1/participants", `{"name":%q,"type":"CLIENT","phone_number":"+5511955550005","entity_id":%d}`, name, c.entity)
	c.room = w.create(tb, "/v1/rooms", `{"name":%q,"entity_id":%d,"department_id":%d}`, name, c.entity, c.department)
	w.create(tb, fmt.Sprintf("/v1/rooms/%d/participants", c.room), `{"participant_id":%d}`, c.participant)
	c.agent = w.create(tb, "/v1/participants", `{"name":"%s agent","type":"AGENT","phone_number":"+5511955550006","entity_id":%d}`, name, c.entity)
	c.usage = w.create(tb, fmt.Sprintf("/v1/rooms/%d/usage", c.room), `{"participant_id":%d,"data":{"whose":%q}}`, c.agent, name)
	c.price = w.create(tb, "/v1/model-prices", `{"entity_id":%d,"provider":%q,"model_pattern":"*","unit":"requests","price":1,"currency":"USD"}`, c.entity, name)
	c.budget = w.create(tb, "/v1/budgets", `{"entity_id":%d,"limit_amount":500,"currency":"USD"}`, c.entity)
	c.repricing = w.reprice(tb, c.entity)
	c.apiKey = w.made(tb, "id", "/v1/api-keys", `{"entity_id":%d,"name":%q,"scopes":["rooms:read"]}`, c.entity, name)
	c.frontDesk = w.frontDesk(tb, c)
	if w.liveKit != nil {
		c.called = w.create(tb, "/v1/rooms", `{"name":%q,"entity_id":%d,"department_id":%d}`, name, c.entity, c.department)
		w.request(tb, c)
	}
	return c
}

// create posts as the manager and returns the new id.
func (w *world) create(tb testing.TB, path, body string, args ...any) int64 {
	tb.Helper()
	got := w.do(tb, w.manager, http.MethodPost, path, fmt.Sprintf(body, args...))
	if got.status != http.StatusCreated {
		tb.Fatalf("POST %s: %d %s", path, got.status, got.body)
	}
	var record struct{ ID int64 }
	got.decode(tb, &record)
	return record.ID
}

// result is an answer of the API.
type result struct {
	status int
	header http.Header
	body   string
}

func (r result) decode(tb testing.TB, v any) {
	tb.Helper()
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		tb.Fatalf("answer is not JSON: %v: %s", err, r.body)
	}
}

// object is the answer as a map.
func (r result) object(tb testing.TB) map[string]any {
	tb.Helper()
	m := map[string]any{}
	r.decode(tb, &m)
	return m
}

// do sends a request through the real handler. An empty token sends none.
func (w *world) do(tb testing.TB, token, method, path, body string, change ...func(*http.Request)) result {
	tb.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(tb.Context(), method, path, reader)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, c := range change {
		c(r)
	}
	return send(w.handler, r)
}

func send(h http.Handler, r *http.Request) result {
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	return result{recorder.Code, recorder.Header(), recorder.Body.String()}
}

// wantProblem checks that an answer is a problem of the status and code, in every part of it.
func wantProblem(tb testing.TB, got result, status int, code string) map[string]any {
	tb.Helper()
	if got.status != status {
		tb.Fatalf("status = %d, want %d: %s", got.status, status, got.body)
	}
	if ct := got.header.Get("Content-Type"); ct != "application/problem+json" {
		tb.Errorf("content type = %q, want application/problem+json", ct)
	}
	p := got.object(tb)
	if p["code"] != code {
		tb.Errorf("code = %v, want %s: %s", p["code"], code, got.body)
	}
	if p["type"] != "urn:secretary:problem:"+code {
		tb.Errorf("type = %v, want the URN of %s", p["type"], code)
	}
	if p["status"] != float64(status) || p["title"] == "" {
		tb.Errorf("status and title of %s do not say %d", got.body, status)
	}
	return p
}
