package cached

import (
	"context"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

// Result is how a read went.
type Result string

// The results.
const (
	Hit    Result = "hit"
	Miss   Result = "miss"
	Bypass Result = "bypass" // the shared cache is away, or is being told to forget the record
)

// The tables whose records are kept, which are also the names of the caches and the first words of notices.
const (
	users       = "users"
	apiKeys     = "api_keys"
	entities    = "entities"
	departments = "departments"
	rooms       = "rooms"      // where they belong, of which no notice tells
	timeZones   = "time_zones" // of entities' clinics, by entity
)

// Names lists the caches that [Options.Count] is told of.
func Names() []string { return []string{users, apiKeys, entities, departments, rooms, timeZones} }

// Options is how copies are kept. Zero values take the defaults.
type Options struct {
	// Shared keeps the copies of all processes; nil keeps them in this process.
	Shared ports.SharedCache
	// Size is how many records of each table are kept in the process; the default is 10 000.
	Size int
	// Lifetime is how long a copy is used at most; the default is 5 minutes.
	Lifetime time.Duration
	// Staleness is how old a copy may be that is used although a change may have been missed; the default is 800 ms, which
	// leaves the rest of a second for the reading itself.
	Staleness time.Duration
	// Now is the clock, which must be the bus's; nil is the machine's.
	Now func() time.Time
	// Count is told of every read of a record that may be kept; nil is nobody.
	Count func(cache string, r Result)
}

// Store is a store whose records are kept. It implements [ports.Transactor].
type Store struct {
	inner ports.Repositories
	tx    ports.Transactor
	bus   ports.Bus
	opts  Options

	users       *cache[userRecord]
	apiKeys     *cache[apiKeyRecord]
	entities    *cache[entityRecord]
	departments *cache[departmentRecord]
	timeZones   *cache[string]
	hashes      hashes
	places      *otter.Cache[conference.RoomID, conference.Place]

	later *forgetter // nil when copies are in this process
	quiet func()     // ends the subscription
}

// Wrap keeps records of a store, whose bus tells of changes. Close ends it.
func Wrap(r ports.Repositories, tx ports.Transactor, bus ports.Bus, opts Options) *Store {
	orDefault(&opts.Size, 10_000)
	orDefault(&opts.Lifetime, 5*time.Minute)
	orDefault(&opts.Staleness, 800*time.Millisecond)
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Count == nil {
		opts.Count = func(string, Result) {}
	}
	s := &Store{inner: r, tx: tx, bus: bus, opts: opts, hashes: newHashes(opts)}
	s.places = otter.Must(&otter.Options[conference.RoomID, conference.Place]{MaximumSize: opts.Size})
	if opts.Shared != nil {
		s.later = newForgetter(opts.Shared)
	}
	s.users = newCache(s, users, userTraits())
	s.apiKeys = newCache(s, apiKeys, apiKeyTraits())
	s.entities = newCache(s, entities, entityTraits())
	s.departments = newCache(s, departments, departmentTraits())
	s.timeZones = newCache(s, timeZones, traits[string]{})
	s.quiet = bus.Subscribe(ports.TopicChanges, s.heard)
	return s
}

// Close ends the subscription to changes. The store must not be used any more.
func (s *Store) Close() {
	s.quiet()
	if s.later != nil {
		s.later.close()
	}
}

// Repositories returns the repositories, each call of which is a transaction of its own.
func (s *Store) Repositories() ports.Repositories {
	r := s.inner
	r.Users = userRepository{r.Users, s}
	r.APIKeys = apiKeyRepository{r.APIKeys, s}
	r.Entities = entityRepository{r.Entities, s}
	r.Departments = departmentRepository{r.Departments, s}
	r.Rooms = roomRepository{r.Rooms, s}
	r.Clinics = clinicRepository{r.Clinics, s}
	return r
}

// inside marks the context that a transaction hands out.
type inside struct{ store *Store }

// InTx implements [ports.Transactor].
func (s *Store) InTx(ctx context.Context, fn func(ctx context.Context, r ports.Repositories) error) error {
	var changed changes // of every attempt
	err := s.tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		return fn(context.WithValue(ctx, inside{s}, true), changed.note(r))
	})
	// Also when it failed: a commit whose answer was lost may have happened.
	s.forget(ctx, changed.keys...)
	return err
}

// outside fails when an outer repository is used in a transaction, as that of the wrapped store would, and when ctx has
// ended: what is found in the cache does not ask the store.
func (s *Store) outside(ctx context.Context) error {
	if ctx.Value(inside{s}) != nil {
		return errs.New(errs.Internal, "outside-transaction", "a repository was used that is not the running transaction's")
	}
	return ctx.Err()
}

// inOrder reports whether every change has been heard of, but for those of the latest moment. It has to be asked before a
// copy is looked for: a change that comes in between is one of the latest moment.
func (s *Store) inOrder() bool { return s.opts.Now().Sub(s.bus.Confirmed()) < s.opts.Staleness }

// forget drops the copies of records, by their keys in notices. When it returns, no read finds them.
func (s *Store) forget(ctx context.Context, keys ...string) {
	if len(keys) == 0 {
		return
	}
	if s.opts.Shared != nil {
		s.opts.Shared.Forget(context.WithoutCancel(ctx), keys...)
	}
	for _, key := range keys {
		s.drop(key)
	}
}

// heard is told of a change, "" of any.
func (s *Store) heard(key string) {
	if key == "" {
		if s.opts.Shared != nil {
			s.opts.Shared.Distrust()
		}
		s.users.dropAll()
		s.apiKeys.dropAll()
		s.entities.dropAll()
		s.departments.dropAll()
		s.timeZones.dropAll()
		return
	}
	if s.later != nil {
		s.later.add(key) // before the flights are let go: who begins one now must find the key there
	}
	s.drop(key)
}

// drop forgets a record in this process, and what depends on it: the instructions of an entity's departments go with those
// of the entity.
func (s *Store) drop(key string) {
	table, id, _ := strings.Cut(key, ":")
	switch table {
	case users:
		s.users.drop(id)
	case apiKeys:
		s.apiKeys.drop(id)
	case entities:
		s.entities.drop(id)
		s.departments.dropGroup(key)
	case departments:
		s.departments.drop(id)
	case timeZones:
		s.timeZones.drop(id)
	}
}

// noticeOf is the key of a record's changes on the bus.
func noticeOf(table, id string) string { return table + ":" + id }

func orDefault[T int | time.Duration](v *T, fallback T) {
	if *v == 0 {
		*v = fallback
	}
}

var _ ports.Transactor = (*Store)(nil)
