package mcpserver

import (
	"context"
	_ "embed" // the instructions
	"log/slog"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/service"
)

// Config is what the server is made of.
type Config struct {
	Clinics *service.Clinics
	Agenda  *service.Agenda
	Version string // of the service, as clients are told; "" is "dev"
	Log     *slog.Logger
	Now     func() time.Time // nil is the machine's clock
	// Heartbeat is how often an open session of /sse shows that it is there; 0 is 15 seconds.
	Heartbeat time.Duration
}

// Server answers agents. It is safe for concurrent use.
type Server struct {
	clinics   *service.Clinics
	agenda    *service.Agenda
	log       *slog.Logger
	now       func() time.Time
	heartbeat time.Duration

	everybody  *mcp.Server // the tools of a whole clinic
	one        *mcp.Server // the tools of one professional
	streamable *mcp.StreamableHTTPHandler
	sessions   sessions
}

//go:embed instructions.pt-BR.txt
var instructions string

//go:embed instructions_one.pt-BR.txt
var instructionsOfOne string

// New makes the server. It panics when a tool is badly declared.
func New(cfg Config) *Server {
	s := &Server{clinics: cfg.Clinics, agenda: cfg.Agenda, log: cfg.Log, now: cfg.Now, heartbeat: cfg.Heartbeat}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.heartbeat == 0 {
		s.heartbeat = 15 * time.Second
	}
	if cfg.Version == "" {
		cfg.Version = "dev"
	}
	s.everybody = s.newServer(cfg.Version, instructions)
	s.one = s.newServer(cfg.Version, instructionsOfOne)
	s.registerDirectory()
	s.registerCalendar()
	s.registerBooking()
	s.streamable = mcp.NewStreamableHTTPHandler(s.toolsFor, &mcp.StreamableHTTPOptions{
		// Each request stands alone: any process answers it, before and after a restart, and a client needs no more than one POST.
		Stateless: true, JSONResponse: true,
		// The check is against DNS rebinding: a web page that has a browser call a server on the same machine. It also refuses
		// whatever a reverse proxy on this machine passes on. Here every request needs a bearer token, which no browser sends by
		// itself, so a page that rebinds gets nothing but a 401.
		DisableLocalhostProtection: true,
		MaxRequestBodyBytes:        -1, // whoever calls ServeAgent has bounded it
	})
	return s
}

func (s *Server) newServer(version, about string) *mcp.Server {
	server := mcp.NewServer(&mcp.Implementation{Name: "secretary", Title: "Secretary", Version: version}, &mcp.ServerOptions{
		Instructions: about,
		// The list of tools never changes, and nothing is logged to clients.
		Capabilities: &mcp.ServerCapabilities{Tools: &mcp.ToolCapabilities{}},
	})
	server.AddReceivingMiddleware(s.guard)
	return server
}

// toolsFor returns the tools that a request is answered with.
func (s *Server) toolsFor(r *http.Request) *mcp.Server {
	if callerOf(r.Context()).bound() {
		return s.one
	}
	return s.everybody
}

// ServeAgent answers a request of an actor to /mcp, /mcp/professionals/{slug} or /sse. Its body must be bounded, and its
// context must have the trail of the request. Errors, before anything was answered: those of [service.Clinics.Own],
// NotFound "professional-not-found" or "session-not-found", Unavailable "too-many-sessions" or "shutting-down", Invalid
// "invalid-message".
func (s *Server) ServeAgent(w http.ResponseWriter, r *http.Request, actor identity.Actor) error {
	ctx := r.Context()
	clinic, err := s.clinics.Own(ctx, actor)
	if err != nil {
		return err
	}
	c := caller{actor: actor, trail: identity.TrailOf(ctx), clinic: clinic}
	if r.URL.Path == "/sse" {
		if r.Method == http.MethodPost {
			return s.receive(w, r, c)
		}
		return s.open(w, r, c)
	}
	if slug := r.PathValue("slug"); slug != "" {
		if c.professional, err = s.bySlug(ctx, c, slug); err != nil {
			return err
		}
	}
	// Answers are JSON whatever is asked for, so nobody is refused for asking for JSON alone.
	r.Header.Set("Accept", "application/json, text/event-stream")
	s.streamable.ServeHTTP(w, r.WithContext(withCaller(ctx, c)))
	return nil
}

func (s *Server) bySlug(ctx context.Context, c caller, slug string) (agenda.ClinicProfessional, error) {
	dir, err := s.directory(ctx, c)
	if err != nil {
		return agenda.ClinicProfessional{}, err
	}
	for _, p := range dir.Professionals {
		if p.Slug == slug {
			return p, nil
		}
	}
	return agenda.ClinicProfessional{}, errs.Absent("professional")
}

// directory is the clinic with everything that it offers.
func (s *Server) directory(ctx context.Context, c caller) (agenda.Directory, error) {
	return s.agenda.Directory(ctx, c.actor, c.clinic.ID)
}

// Close ends the open sessions, which would go on for ever, and has no new ones opened.
func (s *Server) Close() { s.sessions.close() }
