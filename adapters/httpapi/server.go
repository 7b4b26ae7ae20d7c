package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/secretary-api/secretary/core/service"
)

// DefaultMaxBody is the size of the largest request body accepted when [Config] does not say otherwise, in bytes.
const DefaultMaxBody = 1 << 20

// bodyTimeout is how long a client may take to send a body.
const bodyTimeout = 15 * time.Second

// Config is what the API is made of.
type Config struct {
	Services Services
	Version  string // of the service, for the OpenAPI document; "" is "dev"
	Log      *slog.Logger
	// Ready reports whether the service can answer, for /readyz; nil is always.
	Ready func(ctx context.Context) error
	// Metrics is served at /metrics; nil serves nothing there.
	Metrics http.Handler
	// Agents answers AI agents at /mcp, /mcp/professionals/{slug} and /sse; nil serves nothing there.
	Agents Agents
	// Measure is told of every answer: the route's pattern, "" when there is none, and the time it took; nil is nobody.
	Measure func(route, method string, status int, took time.Duration)
	// MaxBody is the size of the largest request body, in bytes; 0 is DefaultMaxBody.
	MaxBody int64
	// TrustProxy takes the client's address from the last entry of X-Forwarded-For. Set it only behind a proxy that
	// writes that header: otherwise a client chooses its own address, and with it its login limit.
	TrustProxy bool
	// Heartbeat is how often a stream without events shows that it is there; 0 is 15 seconds.
	Heartbeat time.Duration
	// Now is the clock of what is computed without a use case; nil is the machine's.
	Now func() time.Time
}

// Services is the use cases that the API offers.
type Services struct {
	Idempotency   *service.Idempotency
	Sessions      *service.Sessions
	Users         *service.Users
	APIKeys       *service.APIKeys
	AuditLog      *service.AuditLog
	Entities      *service.Entities
	Departments   *service.Departments
	Professionals *service.Professionals
	Memberships   *service.Memberships
	Participants  *service.Participants
	Rooms         *service.Rooms
	Media         *service.Media
	Streams       *service.Streams

	ConversationStreams *service.ConversationStreams

	Usages           *service.Usages
	Reports          *service.Reports
	ModelPrices      *service.ModelPrices
	Budgets          *service.Budgets
	Repricings       *service.Repricings
	Clinics          *service.Clinics
	Agenda           *service.Agenda
	CalendarAccounts *service.CalendarAccounts
	Healths          *service.Healths
	Erasures         *service.Erasures
	WhatsApp         *service.WhatsApp
	Matrix           *service.Matrix
	FrontDesk        *service.FrontDesk
}

// server is what the operations share.
type server struct {
	Services
	api        huma.API
	log        *slog.Logger
	measure    func(route, method string, status int, took time.Duration)
	maxBody    int64
	trustProxy bool
	heartbeat  time.Duration
	now        func() time.Time
}

// New returns the API as a handler: the operations under /v1, the OpenAPI document, its human form at /docs, and the
// operational endpoints. It panics when an operation is badly declared.
func New(cfg Config) http.Handler {
	router := chi.NewRouter()
	s := &server{
		Services: cfg.Services, log: cfg.Log, measure: cfg.Measure, maxBody: cfg.MaxBody, trustProxy: cfg.TrustProxy, now: cfg.Now,
		api: humachi.New(router, humaConfig(cfg.Version)),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.heartbeat = cfg.Heartbeat; s.heartbeat == 0 {
		s.heartbeat = defaultHeartbeat
	}
	if s.maxBody == 0 {
		s.maxBody = DefaultMaxBody
	}
	router.Use(s.observe, middleware.GetHead)
	router.NotFound(s.routeNotFound)
	router.MethodNotAllowed(s.methodNotAllowed(router))
	s.api.UseMiddleware(s.authenticate, s.checkParameters)

	s.register()
	tidySchemas(s.api.OpenAPI())
	s.serveDocs(router)
	s.serveOperational(router, cfg)
	s.serveGoogleCallback(router)
	s.serveAgents(router, cfg.Agents)
	return router
}

// register registers every operation, one method per area.
func (s *server) register() {
	s.registerSessions()
	s.registerUsers()
	s.registerAPIKeys()
	s.registerAuditLog()
	s.registerEntities()
	s.registerDepartments()
	s.registerProfessionals()
	s.registerMemberships()
	s.registerParticipants()
	s.registerRooms()
	s.registerRoomParticipants()
	s.registerLiveKit()
	s.registerEvents()
	s.registerStream()
	s.registerTimeline()
	s.registerUsage()
	s.registerReports()
	s.registerModelUsage()
	s.registerModelPrices()
	s.registerBudgets()
	s.registerRepricings()
	s.registerClinics()
	s.registerClinicCalendars()
	s.registerWhatsApp()
	s.registerClinicProfessionals()
	s.registerServiceOffers()
	s.registerAvailability()
	s.registerAvailabilityMatrix()
	s.registerAppointments()
	s.registerAppointmentGroups()
	s.registerCalendarRouter()
	s.registerFrontDesk()
	s.registerWebhooks()
}

// humaConfig is huma without what it would add by itself: a $schema in every answer, pages that load from a CDN, and a
// document that is built by whichever request comes first.
func humaConfig(version string) huma.Config {
	if version == "" {
		version = "dev"
	}
	format := newJSONFormat()
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "secretary", Version: version,
				Description: "The back office and the front desk of AI-assisted clinics. Errors are RFC 9457 problems: programs key on " +
					"`code`. Lists are pages: pass `next_cursor` back as `cursor` until it is absent. PATCH is a JSON merge patch " +
					"(RFC 7396): what is left out stays, null clears, objects merge. A record that can be changed has an `ETag`, and its " +
					"changes take an `If-Match`. A POST that does something takes an `Idempotency-Key`, with which it can be sent again.",
			},
			Tags: tags(),
			Components: &huma.Components{
				Schemas: schemas(),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					bearerAuth: {
						Type: "http", Scheme: "bearer",
						Description: "The access_token of POST /v1/auth/login, an API key, or the token that an AI agent was handed when it was " +
							"dispatched into a room. The last one is good for few operations, which say so, and in that room only.",
					},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": format.huma(), "json": format.huma()},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{asProblem, format.encode},
	}
}

// tags are the areas of the document, in the order in which a reader needs them.
func tags() []*huma.Tag {
	return []*huma.Tag{
		{Name: "session", Description: "Logging in and out."},
		{Name: "users", Description: "Who may use the back office: MANAGERs everywhere, ENTITY_ADMINs in one entity."},
		{Name: "api keys", Description: "What integrations act with, each in one entity and within its scopes."},
		{Name: "audit log", Description: "Who changed or read what."},
		{Name: "entities", Description: "Clinics and other organisations: the tenants."},
		{Name: "departments", Description: "Areas of an entity, with instructions of their own for agents."},
		{Name: "professionals", Description: "Doctors, consultants and the like, and where they work."},
		{Name: "participants", Description: "Clients, professionals and AI agents who can be in rooms."},
		{Name: "rooms", Description: "Where participants meet, and what agents are told there."},
		{Name: "events", Description: "What happened in a room, only ever appended to."},
		{Name: "usage", Description: "Sessions of agents: what they consumed, and what that costs."},
		{Name: "clinics", Description: "The front desk of an entity: its professionals, their services and calendars."},
		{Name: "agenda", Description: "Free times and appointments."},
		{Name: "front desk", Description: "Conversations with patients."},
		{Name: "patients", Description: "Whom visits are for, and what they agreed to."},
		{Name: "webhooks", Description: "What other services call."},
	}
}
