package cached_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/adapters/cached"
	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/adapters/redis"
	"github.com/secretary-api/secretary/adapters/redis/redistest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

// bound is how long a change may be unknown elsewhere.
const bound = time.Second

// process is a wrapped store, and how often something was found in its cache.
type process struct {
	*cached.Store
	hits atomic.Int64
}

func newProcess(t *testing.T, s inner, shared ports.SharedCache) *process {
	t.Helper()
	p := &process{}
	p.Store = wrap(t, s, cached.Options{Shared: shared, Count: func(_ string, r cached.Result) {
		if r == cached.Hit {
			p.hits.Add(1)
		}
	}})
	return p
}

// caches returns what two processes keep their copies in, in each mode.
func caches(t *testing.T, test func(t *testing.T, one, other ports.SharedCache)) {
	t.Helper()
	t.Run("in the process", func(t *testing.T) {
		t.Parallel()
		test(t, nil, nil)
	})
	t.Run("in Redis", func(t *testing.T) {
		t.Parallel()
		url, key := redistest.URL(t), newKey()
		test(t, openCache(t, url, key), openCache(t, url, key))
	})
}

// people is what access hangs on, and what agents are told.
type people struct {
	user       identity.User
	key        identity.APIKey
	entity     clinic.Entity
	department clinic.Department
	zone       string // of the entity, which has no clinic at first
}

func newPeople(t *testing.T, s *cached.Store) people {
	t.Helper()
	f := porttest.NewFixtures(t, storeOf(s))
	p := people{entity: f.Entity()}
	p.department, p.user = f.Department(p.entity.ID), f.User(p.entity.ID)
	var err error
	if p.key, err = s.Repositories().APIKeys.Create(t.Context(), f.NewAPIKey(p.entity.ID)); err != nil {
		t.Fatal(err)
	}
	return p
}

// read reads all of them anew.
func (p people) read(t *testing.T, s *cached.Store) people {
	t.Helper()
	r, all := s.Repositories(), identity.AllEntities()
	for _, err := range []error{
		set(&p.user)(r.Users.Get(t.Context(), all, p.user.ID)),
		set(&p.key)(r.APIKeys.ByHash(t.Context(), p.key.Hash)),
		set(&p.entity)(r.Entities.Get(t.Context(), all, p.entity.ID)),
		set(&p.department)(r.Departments.Get(t.Context(), all, p.department.ID)),
		set(&p.zone)(r.Clinics.TimeZone(t.Context(), all, p.entity.ID)),
	} {
		if err != nil {
			t.Fatalf("reading: %v", err)
		}
	}
	return p
}

func set[T any](to *T) func(T, error) error {
	return func(v T, err error) error {
		*to = v
		return err
	}
}

// warm reads until everything is found in the cache.
func (p people) warm(t *testing.T, s *process) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		before := s.hits.Load()
		p.read(t, s.Store)
		if s.hits.Load() == before+5 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing is kept")
		}
	}
}

// wantEnded checks that everything is as change leaves it.
func (p people) wantEnded(t *testing.T, what string, s *cached.Store) {
	t.Helper()
	got := p.read(t, s)
	if got.user.Active || got.key.RevokedAt.IsZero() || got.entity.Active || got.department.Active || got.zone != "America/Manaus" {
		t.Errorf("%s: user active %v, key revoked at %v, entity active %v, department active %v, time zone %q; want none of them good, and Manaus",
			what, got.user.Active, got.key.RevokedAt, got.entity.Active, got.department.Active, got.zone)
	}
}

// end ends all of them in one process.
func (p people) end(t *testing.T, s *cached.Store) {
	t.Helper()
	if err := s.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		all, now := identity.AllEntities(), time.Now()
		for _, change := range []func() error{
			func() error {
				_, err := r.Users.Update(ctx, all, p.user.ID, func(v *identity.User) error { v.Deactivate(now); return nil })
				return err
			},
			func() error {
				_, err := r.APIKeys.Update(ctx, all, p.key.ID, func(v *identity.APIKey) error { v.Revoke(now); return nil })
				return err
			},
			func() error {
				_, err := r.Entities.Update(ctx, all, p.entity.ID, func(v *clinic.Entity) error { v.Deactivate(now); return nil })
				return err
			},
			func() error {
				_, err := r.Departments.Update(ctx, all, p.department.ID, func(v *clinic.Department) error { v.Deactivate(now); return nil })
				return err
			},
			func() error {
				_, err := r.Clinics.Create(ctx, agenda.Clinic{
					ID: id.New[agenda.Clinic](), EntityID: p.entity.ID, Name: "Clínica", TimeZone: "America/Manaus", EventDetails: agenda.FullDetails,
					CreatedAt: now, UpdatedAt: now,
				})
				return err
			},
		} {
			if err := change(); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatalf("the change: %v", err)
	}
}

func TestAChangeOfOneProcessIsKnownToTheOthers(t *testing.T) {
	t.Parallel()
	caches(t, func(t *testing.T, first, second ports.SharedCache) {
		t.Helper()
		url := pgtest.URL(t)
		one, other := newProcess(t, openStore(t, url), first), newProcess(t, openStore(t, url), second)
		p := newPeople(t, one.Store)
		p.warm(t, one)
		p.warm(t, other)
		p.end(t, one.Store)
		p.wantEnded(t, "at once in the process that made the change", one.Store)
		time.Sleep(bound)
		p.wantEnded(t, "in the other process", other.Store)
	})
}

func TestAChangeByHandIsKnownAlsoWhenTheListenersWereJustKilled(t *testing.T) {
	t.Parallel()
	for _, killed := range []bool{false, true} {
		t.Run("killed "+strconv.FormatBool(killed), func(t *testing.T) {
			t.Parallel()
			caches(t, func(t *testing.T, first, second ports.SharedCache) {
				t.Helper()
				url := pgtest.URL(t)
				one, other := newProcess(t, openStore(t, url), first), newProcess(t, openStore(t, url), second)
				p := newPeople(t, one.Store)
				p.warm(t, one)
				p.warm(t, other)
				hand, err := pgx.Connect(t.Context(), url)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = hand.Close(context.WithoutCancel(t.Context())) })
				if killed {
					var count int
					if err := hand.QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
						WHERE datname = current_database() AND application_name LIKE '%(bus)'`).Scan(&count); err != nil || count != 2 {
						t.Fatalf("killed %d listeners, %v, want both", count, err)
					}
				}
				if _, err := hand.Exec(t.Context(), `UPDATE users SET active = false; UPDATE api_keys SET revoked_at = now();
					UPDATE entities SET active = false; UPDATE departments SET active = false;
					INSERT INTO tenant_config (entity_id, tenant_name, timezone) SELECT id, name, 'America/Manaus' FROM entities`); err != nil {
					t.Fatal(err)
				}
				time.Sleep(bound)
				p.wantEnded(t, "in one process", one.Store)
				p.wantEnded(t, "in the other", other.Store)
			})
		})
	}
}

func openStore(t *testing.T, url string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgres.Options{URL: url, MaxConns: 5})
	if err != nil {
		t.Fatalf("opening the store: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// deaf is a bus that is out of order: nothing of it arrives, and it knows.
type deaf struct{ ports.Bus }

func (deaf) Subscribe(string, func(string)) func() { return func() {} }
func (deaf) Confirmed() time.Time                  { return time.Time{} }

func TestWithoutABusChangesAreKnownAllTheSame(t *testing.T) {
	t.Parallel()
	caches(t, func(t *testing.T, first, second ports.SharedCache) {
		t.Helper()
		s := memory.New()
		one := cached.Wrap(s.Repositories(), s, deaf{}, cached.Options{Shared: first})
		t.Cleanup(one.Close)
		other := cached.Wrap(s.Repositories(), s, deaf{}, cached.Options{Shared: second})
		t.Cleanup(other.Close)
		p := newPeople(t, one)
		p.read(t, one)
		p.read(t, other)
		p.end(t, one)
		p.wantEnded(t, "in one process", one)
		time.Sleep(bound)
		p.wantEnded(t, "in the other", other)
	})
}

// TestRedisHangsAndDiesUnderLoad has two processes read and change a record while Redis is in trouble. No call may fail;
// who made a change must not read what was there before; and nobody may read what was replaced a second ago.
func TestRedisHangsAndDiesUnderLoad(t *testing.T) {
	t.Parallel()
	server, key := redistest.Start(t), newKey()
	store := memory.New()
	entity := porttest.NewFixtures(t, porttest.Store{Repositories: store.Repositories(), Transactor: store}).Entity()
	var known [2]changesKnown
	var load sync.WaitGroup
	stop := make(chan struct{})
	var processes [2]*process
	for i := range processes {
		c, err := redis.NewCache(redis.Options{URL: server.URL, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		processes[i] = newProcess(t, store, c)
	}
	rename(t, store.Repositories(), entity.ID, "0")
	var number atomic.Int64
	var turn sync.Mutex
	for i, p := range processes {
		load.Go(func() {
			for again(stop, 7*time.Millisecond) {
				turn.Lock() // so that numbers are stored in their order
				n := number.Add(1)
				rename(t, p.Repositories(), entity.ID, strconv.FormatInt(n, 10))
				known[i].add(n)
				turn.Unlock()
			}
		})
		for range 4 {
			load.Go(func() {
				for again(stop, 100*time.Microsecond) {
					atOnce, soon := known[i].latest(0), max(known[0].latest(bound), known[1].latest(bound))
					v, err := p.Repositories().Entities.Get(t.Context(), identity.AllEntities(), entity.ID)
					got, _ := strconv.ParseInt(v.Name, 10, 64)
					if err != nil || got < atOnce || got < soon {
						t.Errorf("read %d, %v; this process has stored %d, and %d was stored a second ago", got, err, atOnce, soon)
						return
					}
				}
			})
		}
	}
	for range 2 {
		time.Sleep(300 * time.Millisecond)
		server.Hang(t)
		time.Sleep(700 * time.Millisecond)
		server.Continue(t)
		time.Sleep(700 * time.Millisecond)
		server.Kill(t)
		time.Sleep(300 * time.Millisecond)
		server.Restart(t)
		time.Sleep(700 * time.Millisecond)
	}
	before := processes[0].hits.Load()
	for deadline := time.Now().Add(20 * time.Second); processes[0].hits.Load() == before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Error("Redis is back, and nothing is found there")
			break
		}
	}
	close(stop)
	load.Wait()
}

// again waits, and reports whether to go on.
func again(stop <-chan struct{}, pause time.Duration) bool {
	select {
	case <-stop:
		return false
	case <-time.After(pause):
		return true
	}
}

// changesKnown is when which numbers were stored by a process.
type changesKnown struct {
	mu      sync.Mutex
	numbers []int64
	at      []time.Time
}

func (k *changesKnown) add(n int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.numbers, k.at = append(k.numbers, n), append(k.at, time.Now())
}

// latest returns the latest number that was stored so long ago.
func (k *changesKnown) latest(ago time.Duration) int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	end := time.Now().Add(-ago)
	for i, at := range slices.Backward(k.at) {
		if at.Before(end) {
			return k.numbers[i]
		}
	}
	return 0
}
