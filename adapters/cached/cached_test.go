package cached_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/cached"
	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/adapters/redis/redistest"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

// counting is a store in memory that counts reads of entities, and may hold them up.
type counting struct {
	*memory.Store
	reads atomic.Int32
	hold  chan struct{} // nil: nothing is held up
	begun chan struct{} // told of each read that is held up
}

func (s *counting) Repositories() ports.Repositories {
	r := s.Store.Repositories()
	r.Entities = countedEntities{r.Entities, s}
	return r
}

type countedEntities struct {
	ports.EntityRepository
	counting *counting
}

func (r countedEntities) Get(ctx context.Context, scope identity.Scope, id clinic.EntityID) (clinic.Entity, error) {
	hold := r.counting.hold
	v, err := r.EntityRepository.Get(ctx, scope, id) // what it reads is as old as the beginning
	r.counting.reads.Add(1)
	if hold != nil {
		r.counting.begun <- struct{}{}
		select {
		case <-hold:
		case <-ctx.Done():
			return clinic.Entity{}, ctx.Err()
		}
	}
	return v, err
}

// modes runs a test with each place where copies can be kept.
func modes(t *testing.T, test func(t *testing.T, options func(*testing.T) cached.Options)) {
	t.Helper()
	t.Run("in the process", func(t *testing.T) {
		t.Parallel()
		test(t, func(*testing.T) cached.Options { return cached.Options{} })
	})
	t.Run("in Redis", func(t *testing.T) {
		t.Parallel()
		redistest.URL(t)
		test(t, func(t *testing.T) cached.Options {
			t.Helper()
			return cached.Options{Shared: sharedCache(t)}
		})
	})
}

func read(t *testing.T, s *cached.Store, id clinic.EntityID) clinic.Entity {
	t.Helper()
	v, err := s.Repositories().Entities.Get(t.Context(), identity.AllEntities(), id)
	if err != nil {
		t.Fatalf("Get: %v", err)
	}
	return v
}

func rename(t *testing.T, s ports.Repositories, id clinic.EntityID, name string) {
	t.Helper()
	_, err := s.Entities.Update(t.Context(), identity.AllEntities(), id, func(e *clinic.Entity) error {
		e.Name = name
		return nil
	})
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
}

// warm reads until a read takes nothing from the store.
func warm(t *testing.T, s *counting, w *cached.Store, id clinic.EntityID) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		before := s.reads.Load()
		read(t, w, id)
		if s.reads.Load() == before {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("every read goes to the store")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestARecordIsReadOnceUntilItChanges(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options func(*testing.T) cached.Options) {
		t.Helper()
		s := &counting{Store: memory.New()}
		w := wrap(t, s, options(t))
		f := porttest.NewFixtures(t, storeOf(w))
		entity := f.Entity()
		warm(t, s, w, entity.ID)
		rename(t, w.Repositories(), entity.ID, "by itself")
		if got := read(t, w, entity.ID); got.Name != "by itself" {
			t.Errorf("after a change it is %q", got.Name)
		}
		warm(t, s, w, entity.ID)
		if err := w.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			_, err := r.Entities.Update(ctx, identity.AllEntities(), entity.ID, func(e *clinic.Entity) error {
				e.Name = "in a transaction"
				return nil
			})
			return err
		}); err != nil {
			t.Fatalf("InTx: %v", err)
		}
		if got := read(t, w, entity.ID); got.Name != "in a transaction" {
			t.Errorf("after a transaction it is %q", got.Name)
		}
		warm(t, s, w, entity.ID)
	})
}

func TestAHitIsCheckedAgainstTheScopeTheTransactionAndTheContext(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options func(*testing.T) cached.Options) {
		t.Helper()
		s := &counting{Store: memory.New()}
		w := wrap(t, s, options(t))
		f := porttest.NewFixtures(t, storeOf(w))
		entity, foreign := f.Entity(), f.Entity()
		warm(t, s, w, entity.ID)
		get := func(ctx context.Context, scope identity.Scope) error {
			_, err := w.Repositories().Entities.Get(ctx, scope, entity.ID)
			return err
		}
		for what, scope := range map[string]identity.Scope{"another entity": identity.OnlyEntity(foreign.ID), "nothing": {}} {
			if err := get(t.Context(), scope); errs.CodeOf(err) != "entity-not-found" || errs.KindOf(err) != errs.NotFound {
				t.Errorf("in the scope of %s: got error %v, want entity-not-found", what, err)
			}
		}
		if err := w.InTx(t.Context(), func(ctx context.Context, _ ports.Repositories) error {
			return get(ctx, identity.AllEntities())
		}); errs.CodeOf(err) != "outside-transaction" {
			t.Errorf("from outside of the transaction: got error %v, want outside-transaction", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := get(ctx, identity.AllEntities()); !errors.Is(err, context.Canceled) {
			t.Errorf("with an ended context: got error %v", err)
		}
	})
}

func TestOfManyReadersOneReads(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options func(*testing.T) cached.Options) {
		t.Helper()
		s := &counting{Store: memory.New()}
		entity := porttest.NewFixtures(t, porttest.Store{Repositories: s.Store.Repositories(), Transactor: s}).Entity()
		w := wrap(t, s, options(t))
		s.hold, s.begun = make(chan struct{}), make(chan struct{}, 100)

		// The one who begins goes away, which is nothing to the others.
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() {
			_, err := w.Repositories().Entities.Get(ctx, identity.AllEntities(), entity.ID)
			gone <- err
		}()
		<-s.begun
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if v, err := w.Repositories().Entities.Get(t.Context(), identity.AllEntities(), entity.ID); err != nil || v.ID != entity.ID {
					t.Errorf("got %v, %v, want the entity", v, err)
				}
			})
		}
		time.Sleep(50 * time.Millisecond) // enough for most of them to wait
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("who went away got %v", err)
		}
		close(s.hold)
		all.Wait()
		if got := s.reads.Load(); got != 1 {
			t.Errorf("the entity was read %d times, want once", got)
		}
	})
}

func TestWhoComesAfterAChangeDoesNotWaitForAnOlderReading(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options func(*testing.T) cached.Options) {
		t.Helper()
		s := &counting{Store: memory.New()}
		entity := porttest.NewFixtures(t, porttest.Store{Repositories: s.Store.Repositories(), Transactor: s}).Entity()
		w := wrap(t, s, options(t))
		first, second := make(chan struct{}), make(chan struct{})
		s.hold, s.begun = first, make(chan struct{}, 100)
		old := make(chan clinic.Entity)
		go func() {
			v, _ := w.Repositories().Entities.Get(t.Context(), identity.AllEntities(), entity.ID)
			old <- v
		}()
		<-s.begun
		rename(t, w.Repositories(), entity.ID, "new")
		s.hold = second
		fresh := make(chan clinic.Entity)
		go func() {
			v, _ := w.Repositories().Entities.Get(t.Context(), identity.AllEntities(), entity.ID)
			fresh <- v
		}()
		<-s.begun // it reads for itself
		close(second)
		if got := <-fresh; got.Name != "new" {
			t.Errorf("who came after the change got %q", got.Name)
		}
		close(first)
		if got := <-old; got.Name != entity.Name {
			t.Errorf("who came first got %q, want what was there", got.Name)
		}
		for range 20 {
			if got := read(t, w, entity.ID); got.Name != "new" {
				t.Fatalf("then it is %q again", got.Name)
			}
		}
	})
}

func TestAnAbandonedReadingEnds(t *testing.T) {
	t.Parallel()
	s := &counting{Store: memory.New()}
	entity := porttest.NewFixtures(t, porttest.Store{Repositories: s.Store.Repositories(), Transactor: s}).Entity()
	w := wrap(t, s, cached.Options{})
	s.hold, s.begun = make(chan struct{}), make(chan struct{}, 2)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-s.begun
		cancel()
	}()
	if _, err := w.Repositories().Entities.Get(ctx, identity.AllEntities(), entity.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	close(s.hold)
	if got := read(t, w, entity.ID); got.ID != entity.ID {
		t.Errorf("got %v, want the entity", got)
	}
}

// panicking panics when a record is read.
type panicking struct{ ports.EntityRepository }

func (panicking) Get(context.Context, identity.Scope, clinic.EntityID) (clinic.Entity, error) {
	panic("boom")
}

func TestAPanicWhileReadingIsAnErrorOfThatReading(t *testing.T) {
	t.Parallel()
	s := memory.New()
	r := s.Repositories()
	r.Entities = panicking{}
	w := cached.Wrap(r, s, s.Bus(), cached.Options{})
	t.Cleanup(w.Close)
	for range 2 {
		if _, err := w.Repositories().Entities.Get(t.Context(), identity.AllEntities(), 1); err == nil || errs.KindOf(err) != errs.Internal {
			t.Errorf("got error %v, want an internal one", err)
		}
	}
}

func TestDepartmentsAreForgottenWithTheirEntityAndByThemselves(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options func(*testing.T) cached.Options) {
		t.Helper()
		s := memory.New()
		o := options(t)
		var hits atomic.Int32
		o.Count = func(cache string, r cached.Result) {
			if cache == "departments" && r == cached.Hit {
				hits.Add(1)
			}
		}
		w := wrap(t, s, o)
		f := porttest.NewFixtures(t, storeOf(w))
		entity, foreign := f.Entity(), f.Entity()
		one, two, three := f.Department(entity.ID), f.Department(entity.ID), f.Department(foreign.ID)
		hit := func(id clinic.DepartmentID) bool {
			before := hits.Load()
			if _, err := w.Repositories().Departments.Get(t.Context(), identity.AllEntities(), id); err != nil {
				t.Fatalf("Get: %v", err)
			}
			return hits.Load() > before
		}
		// The notice of an earlier change may still be on its way: only when they are found for a while, it is over.
		settled := func() {
			deadline := time.Now().Add(20 * time.Second)
			for rounds := 0; rounds < 10; time.Sleep(10 * time.Millisecond) {
				rounds++
				if all := []bool{hit(one.ID), hit(two.ID), hit(three.ID)}; slices.Contains(all, false) {
					rounds = 0
				}
				if time.Now().After(deadline) {
					t.Fatal("nothing is kept")
				}
			}
		}
		settled()
		rename(t, w.Repositories(), entity.ID, "x")
		if hit(one.ID) || hit(two.ID) {
			t.Error("a department of the entity that changed was not forgotten")
		}
		if !hit(three.ID) {
			t.Error("a department of another entity was forgotten")
		}
		settled()
		if _, err := w.Repositories().Departments.Update(t.Context(), identity.AllEntities(), one.ID, func(d *clinic.Department) error {
			d.Name = "y"
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if hit(one.ID) {
			t.Error("the department that changed was not forgotten")
		}
		if !hit(two.ID) || !hit(three.ID) {
			t.Error("another department was forgotten")
		}
	})
}

func TestWhatIsReturnedSharesNothingWithTheCopy(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options func(*testing.T) cached.Options) {
		t.Helper()
		w := wrap(t, memory.New(), options(t))
		f := porttest.NewFixtures(t, storeOf(w))
		key, err := w.Repositories().APIKeys.Create(t.Context(), f.NewAPIKey(f.Entity().ID))
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			got, err := w.Repositories().APIKeys.ByHash(t.Context(), key.Hash)
			if err != nil || len(got.Scopes) == 0 || got.Scopes[0] != key.Scopes[0] {
				t.Fatalf("got %v, %v, want the scopes %v", got.Scopes, err, key.Scopes)
			}
			got.Scopes[0] = "changed"
		}
	})
}

// slowLook is a shared cache that has a reading begin while it is being told to forget, and holds that reading up.
type slowLook struct {
	ports.SharedCache
	armed   atomic.Bool
	reading func()
	looked  chan struct{}
	release chan struct{}
}

func (c *slowLook) Look(ctx context.Context, key string) ports.CacheLook {
	l := c.SharedCache.Look(ctx, key)
	if c.armed.CompareAndSwap(true, false) {
		close(c.looked)
		<-c.release
	}
	return l
}

func (c *slowLook) Forget(ctx context.Context, keys ...string) {
	if c.armed.Load() {
		go c.reading()
		<-c.looked
	}
	c.SharedCache.Forget(ctx, keys...)
}

func TestNobodyJoinsAReadingThatFoundWhatWasBeingForgotten(t *testing.T) {
	t.Parallel()
	shared := &slowLook{SharedCache: sharedCache(t), looked: make(chan struct{}), release: make(chan struct{})}
	s := &counting{Store: memory.New()}
	w := cached.Wrap(s.Repositories(), s, deaf{}, cached.Options{Shared: shared, Staleness: time.Minute}) // no notice may come between
	t.Cleanup(w.Close)
	entity := porttest.NewFixtures(t, storeOf(w)).Entity()
	warm(t, s, w, entity.ID)
	var early sync.WaitGroup
	early.Add(1)
	shared.reading = func() {
		defer early.Done()
		_, _ = w.Repositories().Entities.Get(t.Context(), identity.AllEntities(), entity.ID) // old or new, as it came before the end
	}
	shared.armed.Store(true)
	rename(t, w.Repositories(), entity.ID, "new")
	time.AfterFunc(200*time.Millisecond, func() { close(shared.release) }) // whoever waits for that reading gets what it found
	if got := read(t, w, entity.ID); got.Name != "new" {
		t.Errorf("after the change it is %q", got.Name)
	}
	early.Wait()
}
