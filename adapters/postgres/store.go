package postgres

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/secretary-api/secretary/adapters/postgres/migration"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

// defaultMaxConns is more than pgx would take on a small machine: the workers and River have connections of their own.
const defaultMaxConns = 10

// Options is how a store reaches its database. Zero values take the defaults.
type Options struct {
	// URL names the database, as a URL or as key=value pairs. What it sets, such as pool_max_conns, statement_timeout or
	// application_name, wins over the fields here.
	URL string
	// ReplicaURL names a read-only copy of the database that serves lists and reports, which may be a little behind; ""
	// is none. While it cannot be reached, the database serves them itself.
	ReplicaURL string
	// Log is where the store tells what nobody asked for; nil is nowhere.
	Log *slog.Logger
	// MaxConns is how many connections there are at most, to each of the two; the default is 10. One more holds locks.
	MaxConns int32
	// StatementTimeout is how long a statement may take; the default is 15 seconds.
	StatementTimeout time.Duration
	// LockTimeout is how long a statement waits for a lock; the default is 5 seconds.
	LockTimeout time.Duration
	// Tracer is told of every statement; nil is nobody.
	Tracer pgx.QueryTracer
	// Retries says when failing jobs are tried again.
	Retries ports.Retries
}

// Store is a store in PostgreSQL. It may be used by several goroutines at once, and several stores, in this process and
// in others, may share a database.
type Store struct {
	pool    *pgxpool.Pool
	replica *pgxpool.Pool // nil when there is none

	replicaRests atomic.Int64 // until when lists leave the replica alone, in nanoseconds since 1970

	log  *slog.Logger
	work *work
	bus  *bus

	roomEvents, agentEvents gathered
}

// Open makes a store and checks that its database answers, and is at the version of this program. Errors: Unavailable
// "database-unavailable", those of [migration.Check], and whatever is wrong with the options.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{log: o.Log}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.pool, err = newPool(ctx, o, o.URL); err != nil {
		return nil, err
	}
	s.bus = newBus(s.pool, s.log)
	s.roomEvents, s.agentEvents = newGathered(s, roomEventTable), newGathered(s, agentEventTable)
	if s.work, err = newWork(s.pool, o.Retries, s.log); err != nil {
		s.pool.Close()
		return nil, err
	}
	if o.ReplicaURL != "" {
		if s.replica, err = newPool(ctx, o, o.ReplicaURL); err != nil {
			s.Close()
			return nil, err
		}
	}
	err = s.Ready(ctx)
	if err == nil {
		err = migration.Check(ctx, s.pool)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// newPool makes a pool, which connects when it is used.
func newPool(ctx context.Context, o Options, url string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "invalid-database-url", "the address of the database cannot be used", err)
	}
	switch {
	case strings.Contains(url, "pool_max_conns"):
	case o.MaxConns > 0:
		cfg.MaxConns = o.MaxConns
	default:
		cfg.MaxConns = defaultMaxConns
	}
	cfg.ConnConfig.ConnectTimeout = 10 * time.Second
	cfg.ConnConfig.Tracer = o.Tracer
	params := cfg.ConnConfig.RuntimeParams
	setDefault(params, "application_name", "secretary")
	setDefault(params, "statement_timeout", milliseconds(o.StatementTimeout, 15*time.Second))
	setDefault(params, "lock_timeout", milliseconds(o.LockTimeout, 5*time.Second))
	// A process that hangs in a transaction must not keep others from its rows for ever.
	setDefault(params, "idle_in_transaction_session_timeout", "60000")
	params["timezone"] = "UTC"
	params["search_path"] = "public"
	cfg.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		return nil
	}
	return pgxpool.NewWithConfig(ctx, cfg)
}

// Close waits for what is running and gives all connections back.
func (s *Store) Close() {
	s.bus.Close()
	s.work.close()
	s.roomEvents.group.Close()
	s.agentEvents.group.Close()
	s.pool.Close()
	if s.replica != nil {
		s.replica.Close()
	}
}

// Ready reports whether the database answers. Errors: Unavailable "database-unavailable".
func (s *Store) Ready(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return translate(ctx, err)
	}
	return nil
}

// Repositories returns the repositories, each call of which is a transaction of its own.
func (s *Store) Repositories() ports.Repositories {
	r := repositories(s, s.work)
	r.RoomEvents, r.AgentSessionEvents = roomEvents{s, s.roomEvents}, agentSessionEvents{s, s.agentEvents}
	return r
}

func repositories(s session, w *work) ports.Repositories {
	return ports.Repositories{
		Users:         users{s},
		RefreshTokens: refreshTokens{s},
		APIKeys:       apiKeys{s},
		AuditLog:      auditLog{s},

		IdempotencyKeys: idempotencyKeys{s},

		Entities:      entities{s},
		Departments:   departments{s},
		Professionals: professionals{s},
		Memberships:   memberships{s},

		Participants:       participants{s},
		Rooms:              rooms{s},
		RoomParticipants:   roomParticipants{s},
		RoomEvents:         roomEvents{s, alone{s, roomEventTable}},
		AgentSessionEvents: agentSessionEvents{s, alone{s, agentEventTable}},
		AgentUsages:        agentUsages{s},
		UsageReports:       usageReports{s},
		Timeline:           timeline{s},
		Presences:          presences{s},
		WebhookReceipts:    webhookReceipts{s},

		ModelPrices: modelPrices{s},
		Budgets:     budgets{s},
		ModelUses:   modelUses{s},
		Repricings:  repricings{s},

		Clinics:             clinics{s},
		ClinicProfessionals: clinicProfessionals{s},
		Services:            services{s},
		Appointments:        appointments{s},
		Reminders:           reminders{s},
		Patients:            patients{s},
		CalendarAccounts:    calendarAccounts{s},
		CalendarSyncs:       calendarSyncs{s},
		ChannelStatuses:     channels{s},

		Conversations: conversations{s},
		Waiting:       waiting{s},
		Messages:      messages{s},
		Sent:          sent{s},
		Contacts:      contacts{s},
		Consents:      consents{s},

		Jobs: jobs{s, w},
	}
}

func setDefault(params map[string]string, name, value string) {
	if _, given := params[name]; !given {
		params[name] = value
	}
}

func milliseconds(d, otherwise time.Duration) string {
	if d == 0 {
		d = otherwise
	}
	return formatInt(d.Milliseconds())
}

var errOutside = errs.New(errs.Internal, "outside-transaction", "a repository was used that is not the running transaction's")
