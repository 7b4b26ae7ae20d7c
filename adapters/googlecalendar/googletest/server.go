package googletest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The OAuth client that the server knows, and where it sends browsers back to.
const (
	ClientID     = "secretary-test.apps.googleusercontent.com"
	ClientSecret = "GOCSPX-test"
)

// Server is the calendar service of any number of accounts. It is safe for concurrent use.
type Server struct {
	URL string // its base, such as http://127.0.0.1:43210

	anyCalendar bool

	mu       sync.Mutex
	accounts map[string]*account
	oauth    grants
	serial   int64 // of changes, etags and tokens
	epoch    int64 // of sync tokens
	page     int   // the longest page; 0: as long as is asked for
	calls    map[string]int
	faults   []*Fault
	dice     *rand.Rand
}

// Option changes what [Start] starts.
type Option func(*Server)

// AnyCalendar lets an account see every calendar it asks for: an empty one in São Paulo's time zone.
func AnyCalendar() Option { return func(s *Server) { s.anyCalendar = true } }

// Start starts a server, which stops with the test.
func Start(tb testing.TB, options ...Option) *Server {
	tb.Helper()
	s := &Server{
		accounts: map[string]*account{}, calls: map[string]int{}, dice: rand.New(rand.NewPCG(1, 2)),
		oauth: newGrants(),
	}
	for _, o := range options {
		o(s)
	}
	mux := http.NewServeMux()
	handlers := map[string]func(*Server, *http.Request, *account) (any, error){
		List: (*Server).list, Get: (*Server).get, Insert: (*Server).insert, Update: (*Server).update,
		Delete: (*Server).remove, CalendarList: (*Server).calendarList,
	}
	for _, op := range Operations() {
		mux.Handle(op.Method+" /calendar/v3/"+op.Path, s.faulty(op.ID, s.api(op, handlers[op.ID])))
	}
	mux.HandleFunc("GET /o/oauth2/v2/auth", s.authorize)
	mux.Handle("POST /oauth2/token", s.faulty(Token, s.token))
	mux.Handle("POST /oauth2/revoke", s.faulty(Revoke, s.revoke))
	mux.Handle("GET /oauth2/v2/userinfo", s.faulty(Userinfo, s.userinfo))
	server := httptest.NewServer(mux)
	tb.Cleanup(func() {
		server.CloseClientConnections() // or Close would wait for the requests that a fault holds
		server.Close()
	})
	s.URL = server.URL
	return s
}

// Calls returns how many requests of one kind came, refused ones included.
func (s *Server) Calls(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[operation]
}

// AllCalls returns how many requests of every kind came.
func (s *Server) AllCalls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.calls)
}

// PageSize makes pages no longer than n events or calendars; 0 ends that.
func (s *Server) PageSize(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page = n
}

// api serves one method: who asks, what they may ask, and how refusals look.
func (s *Server) api(op Operation, do func(*Server, *http.Request, *account) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := func() (any, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			who, err := s.whose(r)
			if err != nil {
				return nil, err
			}
			for name := range r.URL.Query() {
				if !slices.Contains(op.Parameters, name) {
					return nil, refusal{http.StatusBadRequest, "invalidParameter", "googletest does not know " + name}
				}
			}
			answer, err := do(s, r, who)
			if err != nil || answer == nil {
				return nil, err
			}
			return partial(answer, r.URL.Query().Get("fields"))
		}()
		if err != nil {
			refuse(w, err)
			return
		}
		if answer == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		writeJSON(w, http.StatusOK, answer)
	}
}

// refusal is an error of the API.
type refusal struct {
	status  int
	reason  string
	message string
}

func (r refusal) Error() string { return r.reason + ": " + r.message }

func refuse(w http.ResponseWriter, err error) {
	r, ok := err.(refusal) //nolint:errorlint // handlers return it bare
	if !ok {
		r = refusal{http.StatusBadRequest, "parseError", err.Error()}
	}
	writeJSON(w, r.status, map[string]any{"error": map[string]any{
		"code": r.status, "message": r.message,
		"errors": []any{map[string]any{"domain": "global", "reason": r.reason, "message": r.message}},
	}})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// Fault is how requests fail.
type Fault struct {
	On         string        // an operation, such as [Insert]; "" means all
	Calendar   string        // only requests about this calendar; "" means all
	Times      int           // how often; 0 means until [Server.Heal]
	Rate       float64       // how likely each time; 0 means always
	Delay      time.Duration // wait first, or until the caller has gone
	Status     int           // refuse with this; 0 does not refuse
	Reason     string        // what the refusal says
	RetryAfter string        // a header of the refusal
	Drop       bool          // do what is asked, and then close the connection without an answer
	Answer     string        // answer this in place of anything else, with Status or 200
}

// Inject makes requests fail from now on. Of several faults that fit, the first is taken.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Seed makes the faults that happen at random happen in one certain order.
func (s *Server) Seed(seed uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dice = rand.New(rand.NewPCG(seed, seed))
}

// Heal ends all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault counts a request, and says how it fails.
func (s *Server) fault(operation string, r *http.Request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[operation]++
	for i, f := range s.faults {
		if f.On != "" && f.On != operation || f.Calendar != "" && f.Calendar != r.PathValue("calendarId") {
			continue
		}
		if f.Rate > 0 && s.dice.Float64() >= f.Rate {
			continue
		}
		now := *f
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = slices.Delete(s.faults, i, i+1)
			}
		}
		return &now
	}
	return nil
}

func (s *Server) faulty(operation string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f := s.fault(operation, r)
		if f == nil {
			next(w, r)
			return
		}
		if f.Delay > 0 {
			// Until the body is read, net/http does not notice that the caller has gone.
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			select {
			case <-time.After(f.Delay):
			case <-r.Context().Done():
				return
			}
		}
		switch {
		case f.Drop:
			next(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case f.Answer != "":
			w.WriteHeader(max(f.Status, http.StatusOK))
			_, _ = io.WriteString(w, f.Answer)
		case f.Status != 0:
			if f.RetryAfter != "" {
				w.Header().Set("Retry-After", f.RetryAfter)
			}
			if f.Reason == "" {
				w.WriteHeader(f.Status)
				return
			}
			refuse(w, refusal{f.Status, f.Reason, "as the test wanted"})
		default:
			next(w, r)
		}
	}
}

// next returns a number that was never given out. s.mu is held.
func (s *Server) next() int64 {
	s.serial++
	return s.serial
}

func (s *Server) etag(changed int64) string { return strconv.Quote(fmt.Sprintf("%016d", changed)) }

// partial leaves of an answer what a field mask such as "items(id,start/date),nextPageToken" names.
func partial(answer any, mask string) (any, error) {
	if mask == "" {
		return answer, nil
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	var whole any
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, err
	}
	tree, rest := parseMask(mask)
	if rest != "" {
		return nil, refusal{http.StatusBadRequest, "invalidParameter", "invalid field selection " + mask}
	}
	return prune(whole, tree), nil
}

// mask is what is kept of an object: all of a field when it names nothing in it.
type mask map[string]mask

func parseMask(s string) (tree mask, rest string) {
	tree = mask{}
	for {
		end := strings.IndexAny(s, ",()/")
		if end < 0 {
			end = len(s)
		}
		name := s[:end]
		s = s[end:]
		var below mask
		if strings.HasPrefix(s, "(") {
			below, s = parseMask(s[1:])
			s = strings.TrimPrefix(s, ")")
		} else if strings.HasPrefix(s, "/") {
			field := s[1:]
			stop := strings.IndexAny(field, ",)")
			if stop < 0 {
				stop = len(field)
			}
			below, _ = parseMask(field[:stop])
			s = field[stop:]
		}
		tree[name] = below
		if !strings.HasPrefix(s, ",") {
			return tree, s
		}
		s = s[1:]
	}
}

func prune(v any, keep mask) any {
	if len(keep) == 0 {
		return v
	}
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = prune(v[i], keep)
		}
	case map[string]any:
		maps.DeleteFunc(v, func(name string, _ any) bool { _, ok := keep[name]; return !ok })
		for name := range v {
			v[name] = prune(v[name], keep[name])
		}
	}
	return v
}
