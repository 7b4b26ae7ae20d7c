package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/service"
)

func TestEveryKindOfErrorHasAStatus(t *testing.T) {
	t.Parallel()
	want := map[errs.Kind]int{
		errs.Internal: 500, errs.Invalid: 422, errs.Unauthenticated: 401, errs.Forbidden: 403, errs.NotFound: 404,
		errs.Conflict: 409, errs.Stale: 412, errs.Exhausted: 429, errs.Unavailable: 503, errs.TooLarge: 413,
	}
	for _, kind := range errs.Kinds() {
		if got, ok := httpapi.StatusOf(kind); !ok || got != want[kind] {
			t.Errorf("status of %v = %d, %v, want %d", kind, got, ok, want[kind])
		}
	}
}

func TestBadRequestsAreProblems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	departments := "/v1/entities/" + strconv.FormatInt(w.ours.entity, 10) + "/departments"
	department := "/v1/departments/" + strconv.FormatInt(w.ours.department, 10)
	room := "/v1/rooms/" + strconv.FormatInt(w.ours.room, 10)
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	as := func(media string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Content-Type", media) }
	}
	tests := []struct {
		name, method, path, body string
		change                   func(*http.Request)
		status                   int
		code                     string
		location                 string // of the first error, "" for none
	}{
		{"WrongTypeOfAMember", "POST", departments, `{"name":7}`, nil, 422, "invalid-input", "body.name"},
		{"MissingMember", "POST", departments, `{}`, nil, 422, "invalid-input", "body"},
		{"NullForARequiredMember", "POST", departments, `{"name":null}`, nil, 422, "invalid-input", "body.name"},
		{"UnknownMember", "POST", departments, `{"name":"x","colour":"red"}`, nil, 422, "invalid-input", "body.colour"},
		{"BlankName", "POST", departments, `{"name":"  "}`, nil, 422, "invalid-input", "body.name"},
		{"NulCharacter", "POST", departments, `{"name":"a\u0000b"}`, nil, 422, "invalid-input", "body.name"},
		{"NulCharacterInAnObject", "POST", departments, `{"name":"x","instructions":{"a":"\u0000"}}`, nil, 422, "invalid-input", "body.instructions"},
		{"InstructionsThatAreNoObject", "POST", departments, `{"name":"x","instructions":[1]}`, nil, 422, "invalid-input", "body.instructions"},
		{"PromptThatIsNoText", "POST", departments, `{"name":"x","instructions":{"prompt":1}}`, nil, 422, "invalid-input", "body.instructions.prompt"},
		{"TooDeepAnObject", "POST", departments, `{"name":"x","instructions":` + strings.Repeat(`{"a":`, 20) + "1" + strings.Repeat("}", 21), nil, 422, "invalid-input", "body.instructions"},
		{"TooBigAnObject", "POST", departments, `{"name":"x","instructions":{"a":"` + strings.Repeat("x", 70<<10) + `"}}`, nil, 422, "invalid-input", "body.instructions"},
		{"BodyThatIsNoObject", "POST", departments, `[]`, nil, 422, "invalid-input", "body"},
		{"BodyThatIsNull", "POST", departments, `null`, nil, 422, "invalid-input", "body"},
		{"InvalidJSON", "POST", departments, `{"name":`, nil, 400, "invalid-json", ""},
		{"TwoValues", "POST", departments, `{"name":"a"} {"name":"b"}`, nil, 400, "invalid-json", ""},
		{"InvalidUTF8", "POST", departments, "{\"name\":\"\xff\xfe\"}", nil, 400, "invalid-json", ""},
		{"TooDeepABody", "POST", departments, deep, nil, 400, "invalid-json", ""},
		{"EmptyBody", "POST", departments, "", as("application/json"), 400, "invalid-json", ""},
		{"HugeBody", "POST", departments, `{"name":"` + strings.Repeat("x", 2<<20) + `"}`, nil, 413, "body-too-large", ""},
		{"FormBody", "POST", departments, `name=x`, as("application/x-www-form-urlencoded"), 415, "unsupported-media-type", ""},
		{"MergePatchForACreation", "POST", departments, `{"name":"x"}`, as("application/merge-patch+json"), 415, "unsupported-media-type", ""},
		{"IDBeyondTheStores", "POST", "/v1/rooms", `{"name":"x","entity_id":1e300}`, nil, 422, "invalid-input", "body.entity_id"},
		{"FractionForAnID", "POST", "/v1/rooms", `{"name":"x","entity_id":1.5}`, nil, 422, "invalid-input", "body.entity_id"},
		{"BadPhoneNumber", "POST", "/v1/participants", `{"name":"x","type":"CLIENT","phone_number":"hello"}`, nil, 422, "invalid-input", "body.phone_number"},
		{"UnknownType", "POST", "/v1/participants", `{"name":"x","type":"ROBOT","phone_number":"+5511955550004"}`, nil, 422, "invalid-input", "body.type"},
		{"NullForAMemberThatIsNeverNull", "PATCH", department, `{"name":null}`, nil, 422, "invalid-input", "body.name"},
		{"NullForASwitchThatIsNeverNull", "PATCH", department, `{"active":null}`, nil, 422, "invalid-input", "body.active"},
		{"WrongTypeInAPatch", "PATCH", department, `{"active":"yes"}`, nil, 422, "invalid-input", "body.active"},
		{"TooDeepAnObjectInAPatch", "PATCH", department, `{"instructions":` + strings.Repeat(`{"a":`, 20) + "1" + strings.Repeat("}", 21), nil, 422, "invalid-input", "body.instructions"},
		{"FractionInAPatch", "PATCH", room, `{"professional_id":1.0e1}`, nil, 422, "invalid-input", "body.professional_id"},
		{"EventWithoutAName", "POST", room + "/events", `{}`, nil, 422, "invalid-input", "body.name"},
		{"EventWhoseDataIsNoObject", "POST", room + "/events", `{"name":"x","data":"y"}`, nil, 422, "invalid-input", "body.data"},
		{"EventWithAnUnknownMember", "POST", room + "/events", `{"name":"x","when":"now"}`, nil, 422, "invalid-input", "body"},
		{"EventThatIsNoObject", "POST", room + "/events", `[]`, nil, 422, "invalid-input", "body"},
		{"EventOfAWrongType", "POST", room + "/events", `{"name":5}`, nil, 422, "invalid-input", "body.name"},
		{"TwoEventsInOneBody", "POST", room + "/events", `{"name":"x"}{"name":"y"}`, nil, 400, "invalid-json", ""},
		{"CutOffEvent", "POST", room + "/events", `{"name":"x"`, nil, 400, "invalid-json", ""},
		{"EventInAnotherEncoding", "POST", room + "/events", "{\"name\":\"caf\xe9\"}", nil, 400, "invalid-json", ""},
		{"EventThatIsTooDeep", "POST", room + "/events", `{"name":"x","data":` + deep + `}`, nil, 400, "invalid-json", ""},
		{"EventByAnotherName", "POST", room + "/events", `{"Name":"x"}`, nil, 422, "invalid-input", "body"},
		{"BatchWithAnEventOfAWrongType", "POST", room + "/events/batch", `{"events":[{"name":"x"},{"name":7}]}`, nil, 422, "invalid-input", "body.events[1].name"},
		{"EmptyBatch", "POST", room + "/events/batch", `{"events":[]}`, nil, 422, "invalid-input", "body.events"},
		{"BatchThatIsTooLong", "POST", room + "/events/batch", `{"events":[` + strings.Repeat(`{"name":"x"},`, 1000) + `{"name":"x"}]}`, nil, 422, "invalid-input", "body.events"},
		{"BatchWithABadEvent", "POST", room + "/events/batch", `{"events":[{"name":"x"},{"name":"y","data":[]}]}`, nil, 422, "invalid-input", "body.events[1].data"},
		{"BatchWithANamelessEvent", "POST", room + "/events/batch", `{"events":[{"name":"x"},{"data":{}}]}`, nil, 422, "invalid-input", "body.events[1].name"},
		{"NegativeLimit", "GET", "/v1/rooms?limit=-1", "", nil, 422, "invalid-input", "query.limit"},
		{"LimitOfZero", "GET", "/v1/rooms?limit=0", "", nil, 422, "invalid-input", "query.limit"},
		{"LimitThatIsTooHigh", "GET", "/v1/rooms?limit=201", "", nil, 422, "invalid-input", "query.limit"},
		{"LimitThatIsNoNumber", "GET", "/v1/rooms?limit=ten", "", nil, 422, "invalid-input", "query.limit"},
		{"BrokenCursor", "GET", "/v1/rooms?cursor=%21%21", "", nil, 422, "invalid-cursor", ""},
		{"UnknownParameter", "GET", "/v1/rooms?entityid=3", "", nil, 422, "invalid-input", "query.entityid"},
		{"RepeatedParameter", "GET", "/v1/rooms?limit=1&limit=2", "", nil, 422, "invalid-input", "query"},
		{"NulInAParameter", "GET", "/v1/rooms?external_id=a%00b", "", nil, 422, "invalid-input", "query"},
		{"InvalidUTF8InAParameter", "GET", "/v1/rooms?external_id=%ff", "", nil, 422, "invalid-input", "query"},
		{"BadEscapeInAParameter", "GET", "/v1/rooms?external_id=%zz", "", nil, 422, "invalid-input", "query"},
		{"UnknownStatus", "GET", "/v1/rooms?status=BROKEN", "", nil, 422, "invalid-input", "query.status"},
		{"ActiveThatIsNoBoolean", "GET", "/v1/users?active=perhaps", "", nil, 422, "invalid-input", "query.active"},
		{"BadPhoneNumberToLookFor", "GET", "/v1/participants?phone_number=hello", "", nil, 422, "invalid-input", "query.phone_number"},
		{"MomentThatIsNone", "GET", room + "/events?from=yesterday", "", nil, 422, "invalid-input", "query.from"},
		{"IDThatIsNoNumber", "GET", "/v1/rooms/abc", "", nil, 422, "invalid-input", "path.id"},
		{"IDOfZero", "GET", "/v1/rooms/0", "", nil, 422, "invalid-input", "path.id"},
		{"IDBeyondTheStoresInAPath", "GET", "/v1/rooms/9999999999999", "", nil, 422, "invalid-input", "path.id"},
		{"AbsentRecord", "GET", "/v1/rooms/999999", "", nil, 404, "room-not-found", ""},
		{"AbsentRoute", "GET", "/v1/nowhere", "", nil, 404, "route-not-found", ""},
		{"WrongMethod", "PUT", "/v1/rooms/1", `{}`, nil, 405, "method-not-allowed", ""},
		{"RepeatedEMail", "POST", "/v1/users", `{"email":"` + managerEmail + `","password":"correct horse battery","phone_number":"+5511955550001","role":"MANAGER"}`, nil, 409, "email-taken", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var change []func(*http.Request)
			if tt.change != nil {
				change = append(change, tt.change)
			}
			got := w.do(t, w.manager, tt.method, tt.path, tt.body, change...)
			p := wantProblem(t, got, tt.status, tt.code)
			list, _ := p["errors"].([]any)
			first := map[string]any{}
			if len(list) > 0 {
				first, _ = list[0].(map[string]any)
			}
			where, _ := first["location"].(string)
			if where != tt.location {
				t.Errorf("location = %q, want %q: %s", where, tt.location, got.body)
			}
			if _, echoed := first["value"]; echoed || strings.Contains(got.body, `json:`) || strings.Contains(got.body, "Go ") {
				t.Errorf("the problem says too much: %s", got.body)
			}
		})
	}
}

func TestWrongMethodNamesTheRightOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.do(t, w.manager, http.MethodPut, "/v1/rooms/1", `{}`)
	if allow := got.header.Get("Allow"); allow != "GET, PATCH, DELETE, HEAD" {
		t.Errorf("Allow = %q, want GET, PATCH, DELETE, HEAD", allow)
	}
}

func TestAllWrongPartsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.do(t, w.manager, http.MethodPost, "/v1/participants", `{"name":7,"type":"ROBOT","phone_number":[]}`)
	p := wantProblem(t, got, http.StatusUnprocessableEntity, "invalid-input")
	if list, _ := p["errors"].([]any); len(list) != 3 {
		t.Errorf("got %d errors, want 3: %s", len(list), got.body)
	}
}

func TestAPasswordIsNeverRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const secret = "hunter2-hunter2"
	bodies := map[string]string{
		"/v1/auth/login": `{"email":5,"password":"` + secret + `"}`,
		"/v1/users":      `{"email":"a@b.example","password":"` + secret + `","phone_number":"x","role":"MANAGER","extra":1}`,
	}
	for path, body := range bodies {
		for _, cut := range []int{0, 1} { // whole, and as broken JSON
			got := w.do(t, w.manager, http.MethodPost, path, body[:len(body)-cut])
			if got.status < 400 || strings.Contains(got.body, secret) {
				t.Errorf("POST %s: %d %s", path, got.status, got.body)
			}
		}
	}
	got := w.do(t, w.manager, http.MethodPost, "/v1/auth/login", `{"email":"a@b.example","password":["`+secret+`"]}`)
	if strings.Contains(got.body, secret) {
		t.Error(got.body)
	}
}

func TestFailuresOfTheServiceSayNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		err    error
		status int
		code   string
		retry  string
		logged string // level, "" for not
	}{
		{"Unclassified", errors.New("dial db.internal:5432: refused"), 500, "internal", "", "ERROR"},
		{"Internal", errs.Wrap(errs.Internal, "boom", "boom", errors.New("db.internal")), 500, "internal", "", "ERROR"},
		{
			"Unavailable",
			&errs.Error{Kind: errs.Unavailable, Code: "calendar-unavailable", Msg: "the calendar is away", Retry: 1500 * time.Millisecond, Err: errors.New("db.internal")},
			503, "calendar-unavailable", "2", "WARN",
		},
		{"Exhausted", &errs.Error{Kind: errs.Exhausted, Code: "too-many", Msg: "later", Retry: time.Minute}, 429, "too-many", "60", ""},
		{"TimedOut", context.DeadlineExceeded, 503, "timed-out", "1", "WARN"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			w := worldThatFails(t, &log, tt.err)
			got := w.do(t, "token-1", http.MethodGet, "/v1/me", "", func(r *http.Request) { r.Header.Set("X-Request-Id", "req-17") })
			wantProblem(t, got, tt.status, tt.code)
			if strings.Contains(got.body, "db.internal") {
				t.Errorf("the cause is shown: %s", got.body)
			}
			if retry := got.header.Get("Retry-After"); retry != tt.retry {
				t.Errorf("Retry-After = %q, want %q", retry, tt.retry)
			}
			if n := strings.Count(log.String(), "level="+tt.logged); tt.logged != "" && n != 1 {
				t.Errorf("logged %d times at %s, want once: %s", n, tt.logged, log.String())
			}
			if tt.logged != "" && !strings.Contains(log.String(), "request_id=req-17") {
				t.Errorf("the log does not know the request: %s", log.String())
			}
			if tt.logged == "" && strings.Contains(log.String(), "err=") {
				t.Errorf("logged: %s", log.String())
			}
		})
	}
}

func TestAClientThatWentAwayIsNoError(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := worldThatFails(t, &log, context.Canceled)
	gone, leave := context.WithCancel(t.Context())
	leave()
	got := w.do(t, "token-1", http.MethodGet, "/v1/me", "", func(r *http.Request) { *r = *r.WithContext(gone) })
	if got.status != 499 || strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("status = %d, log: %s", got.status, log.String())
	}
}

// worldThatFails has nobody in it: every token fails with err.
func worldThatFails(tb testing.TB, log *bytes.Buffer, err error) *world {
	tb.Helper()
	services := newServices(inMemory(realTime))
	services.Sessions = service.NewSessions(service.Deps{Now: time.Now}, plainPasswords{}, brokenTokens{err: err}, service.SessionOptions{})
	return &world{handler: httpapi.New(httpapi.Config{
		Services: services, Log: slog.New(slog.NewTextHandler(log, nil)),
	})}
}

type brokenTokens struct {
	numberedTokens
	err error
}

func (b brokenTokens) Verify(string, time.Time) (identity.Subject, error) {
	return identity.Subject{}, b.err
}
