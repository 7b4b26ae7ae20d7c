package main

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/secretary-api/secretary/adapters/evolution"
	"github.com/secretary-api/secretary/adapters/googlecalendar"
	"github.com/secretary-api/secretary/adapters/holidays"
	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/adapters/livekit"
	"github.com/secretary-api/secretary/adapters/mcpserver"
	"github.com/secretary-api/secretary/adapters/openai"
	"github.com/secretary-api/secretary/adapters/passwords"
	"github.com/secretary-api/secretary/adapters/sealing"
	"github.com/secretary-api/secretary/adapters/tokens"
	"github.com/secretary-api/secretary/adapters/unconfigured"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// app is the service put together, before it listens.
type app struct {
	services     httpapi.Services
	housekeeping *service.Housekeeping
	agents       *mcpserver.Server
	follow       *service.CalendarFollow
	reminders    *service.Reminders
	handler      http.Handler
	store        *store
}

// wire chooses the other adapters and gives them, and the store, to the use cases. It calls nothing outside of the
// process. url is where others find the service.
func wire(cfg Config, store *store, m *metrics, url string, log *slog.Logger) (*app, error) {
	key := []byte(cfg.SigningKey.reveal())
	if len(key) == 0 {
		key = make([]byte, minSigningKey)
		_, _ = rand.Read(key) // never fails since Go 1.24
		log.Info("SECRETARY_SIGNING_KEY is not set: access tokens end with the process")
	}
	signer, err := tokens.New(key)
	if err != nil {
		return nil, err
	}

	var messenger ports.Messenger = unconfigured.NewMessenger(log)
	var channel ports.ChannelAdmin = unconfigured.Channel{}
	if cfg.EvolutionURL != "" {
		server, err := evolution.NewMessenger(evolution.Options{
			BaseURL: cfg.EvolutionURL, APIKey: cfg.EvolutionAPIKey.reveal(),
		})
		if err != nil {
			return nil, err
		}
		messenger, channel = server, server
	}

	m.watchBus(store.bus)
	deps := service.Deps{Repositories: store.repositories, Tx: service.Remembering(store.tx), Locks: store.locks, Bus: store.bus, EventSchemas: cfg.EventSchemas, Holidays: holidays.Brazil{}, Now: clock, Log: log}
	hasher := passwords.New(passwords.Options{})
	calendars, err := wireCalendars(cfg, deps, store.calendar, url)
	if err != nil {
		return nil, err
	}
	agenda := service.NewAgenda(deps, calendars.all)
	understanding, err := wireUnderstanding(cfg, deps, m)
	if err != nil {
		return nil, err
	}
	media, err := wireMedia(cfg, deps, signer, url)
	if err != nil {
		return nil, err
	}
	rooms := service.NewRooms(deps, media)
	services := httpapi.Services{
		Idempotency:   service.NewIdempotency(deps),
		Sessions:      service.NewSessions(deps, hasher, signer, service.SessionOptions{}),
		Users:         service.NewUsers(deps, hasher),
		APIKeys:       service.NewAPIKeys(deps),
		AuditLog:      service.NewAuditLog(deps),
		Entities:      service.NewEntities(deps),
		Departments:   service.NewDepartments(deps),
		Professionals: service.NewProfessionals(deps),
		Memberships:   service.NewMemberships(deps),
		Participants:  service.NewParticipants(deps),
		Rooms:         rooms,
		Media:         media,
		Streams:       service.NewStreams(deps, rooms, httpapi.AppendStreamEvent, service.StreamOptions{Max: cfg.MaxStreams}),

		ConversationStreams: service.NewConversationStreams(deps, httpapi.AppendConversationEvent, cfg.MaxStreams),

		Usages:           service.NewUsages(deps),
		Reports:          service.NewReports(deps),
		ModelPrices:      service.NewModelPrices(deps),
		Budgets:          service.NewBudgets(deps),
		Repricings:       service.NewRepricings(deps),
		Clinics:          service.NewClinics(deps),
		Agenda:           agenda,
		CalendarAccounts: calendars.accounts,
		Matrix:           service.NewMatrix(agenda),
		FrontDesk: service.NewFrontDesk(deps, agenda, understanding, evolution.Decoder{}, messenger, service.FrontDeskOptions{
			WebhookToken: cfg.EvolutionWebhookToken.reveal(),
			OpenWebhook:  cfg.Demo && cfg.EvolutionWebhookToken == "", // the demo is on loopback only, see newConfig
			Debounce:     cfg.Debounce,
			Typing:       channel,
		}),
	}
	services.WhatsApp = service.NewWhatsApp(deps, services.FrontDesk, channel, url)
	services.Erasures = service.NewErasures(deps, agenda)
	services.Healths = service.NewHealths(deps, calendars.accounts, services.WhatsApp)
	agents := mcpserver.New(mcpserver.Config{Clinics: services.Clinics, Agenda: agenda, Version: buildVersion(), Log: log, Now: clock})
	return &app{
		services: services,
		agents:   agents,
		housekeeping: service.NewHousekeeping(deps, store.events, service.HousekeepingOptions{
			EventRetention: cfg.EventRetention, UsageIdle: cfg.UsageIdle,
		}),
		handler: httpapi.New(httpapi.Config{
			Services: services, Version: buildVersion(), Log: log, TrustProxy: cfg.TrustProxy, Now: clock, Ready: store.ready,
			Metrics: m.handler(), Measure: m.request, Agents: agents,
		}),
		reminders: service.NewReminders(deps),
		store:     store, follow: service.NewCalendarFollow(deps, agenda, calendars.credentials, calendars.google, calendars.google),
	}, nil
}

// googleCalendar is all that Google Calendar does for the service.
type googleCalendar interface {
	ports.Calendar
	ports.CalendarProvider
	ports.CalendarChanges
}

// calendars is what has to do with the calendars of clinics.
type calendars struct {
	google      googleCalendar
	all         *service.Calendars // the built-in one, too
	credentials *service.CalendarCredentials
	accounts    *service.CalendarAccounts
}

// wireCalendars gives clinics the built-in calendar, and those that connect an account Google's.
func wireCalendars(cfg Config, deps service.Deps, builtIn ports.Calendar, url string) (calendars, error) {
	var sealer ports.Sealer = unconfigured.Sealer{}
	if cfg.EncryptionKey != "" {
		keys, err := sealing.ParseKeys(cfg.EncryptionKey.reveal())
		if err != nil {
			return calendars{}, err
		}
		if sealer, err = sealing.New(keys...); err != nil {
			return calendars{}, err
		}
	}
	c := calendars{google: unconfigured.Calendar{}, credentials: service.NewCalendarCredentials(deps, sealer)}
	if cfg.GoogleClientID != "" {
		google, err := googlecalendar.New(googlecalendar.Options{
			ClientID: cfg.GoogleClientID, ClientSecret: cfg.GoogleClientSecret.reveal(), Endpoint: cfg.GoogleEndpoint,
			RedirectURL: url + httpapi.GoogleCallback, Now: clock, Log: deps.Log,
		}, c.credentials)
		if err != nil {
			return calendars{}, err
		}
		c.google = google
		deps.Log.Info("clinics may connect their Google calendars", "consent_comes_back_to", url+httpapi.GoogleCallback)
	}
	c.all = service.NewCalendars(deps, builtIn, c.google)
	c.accounts = service.NewCalendarAccounts(deps, sealer, c.google, c.all)
	return c, nil
}

// wireMedia gives the use cases of LiveKit the server, if there is one.
func wireMedia(cfg Config, deps service.Deps, tokens ports.AccessTokens, url string) (*service.Media, error) {
	var server interface {
		ports.MediaServer
		ports.MediaWebhooks
	} = unconfigured.Media{}
	if cfg.LiveKitURL != "" {
		var err error
		server, err = livekit.New(livekit.Options{
			URL: cfg.LiveKitURL, PublicURL: cfg.LiveKitPublicURL, APIKey: cfg.LiveKitAPIKey, APISecret: cfg.LiveKitAPISecret.reveal(),
		})
		if err != nil {
			return nil, err
		}
		deps.Log.Info("rooms take place on LiveKit", "livekit", cfg.LiveKitURL, "agents_find_this_service_at", url)
	}
	return service.NewMedia(deps, server, server, tokens, service.MediaOptions{
		SecretaryURL: url, Platform: cfg.PlatformInstructions, AgentName: cfg.AgentName, AgentDeadline: cfg.AgentDeadline,
	}), nil
}

// wireUnderstanding chooses what understands patients: rules alone, or with the help of a model.
func wireUnderstanding(cfg Config, deps service.Deps, m *metrics) (ports.Understanding, error) {
	if cfg.OpenAIBaseURL == "" {
		return service.Offline{}, nil
	}
	model, err := openai.New(openai.Options{
		BaseURL: cfg.OpenAIBaseURL, APIKey: cfg.OpenAIAPIKey.reveal(), Model: cfg.OpenAIModel, Observe: m.modelCall,
	})
	if err != nil {
		return nil, err
	}
	m.countModelCalls()
	deps.Log.Info("a language model helps to understand patients", "host", model.Model().Provider, "model", cfg.OpenAIModel)
	return service.NewAssisted(deps, model, service.AssistedOptions{}), nil
}

// do does a job, whosever it is.
func (a *app) do(ctx context.Context, j ports.Job) error {
	if done, err := a.housekeeping.Do(ctx, j); done {
		return err
	}
	if done, err := a.follow.Do(ctx, j); done {
		return err
	}
	if done, err := a.reminders.Do(ctx, j); done {
		return err
	}
	if done, err := a.services.Repricings.Do(ctx, j); done {
		return err
	}
	if done, err := a.services.Media.Do(ctx, j); done {
		return err
	}
	if done, err := a.services.WhatsApp.Do(ctx, j); done {
		return err
	}
	return a.services.FrontDesk.Do(ctx, j)
}

// clock is what the use cases take for the time: in UTC, and no finer than PostgreSQL keeps it.
func clock() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// newLogger makes the service's logger.
func newLogger(cfg Config, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
