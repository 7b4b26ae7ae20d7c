package porttest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

func testTransactions(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	try(t, open, "StoresEverything", func(t *testing.T, f *Fixtures) {
		var entity clinic.Entity
		var user identity.User
		okay(t, "transaction", f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) (err error) {
			if entity, err = r.Entities.Create(ctx, f.NewEntity()); err != nil {
				return err
			}
			user, err = r.Users.Create(ctx, f.NewUser(entity.ID))
			return err
		}))
		wantSame(t, "the entity", ok[clinic.Entity](t, "get")(f.Entities.Get(t.Context(), identity.AllEntities(), entity.ID)), entity)
		wantSame(t, "the user", ok[identity.User](t, "get")(f.Users.Get(t.Context(), identity.AllEntities(), user.ID)), user)
	})
	try(t, open, "ErrorStoresNothingAndComesBackUnchanged", func(t *testing.T, f *Fixtures) {
		before := f.Entity()
		boom := errs.Wrap(errs.Stale, "of-the-caller", "no", errors.New("boom"))
		err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			f.writeABit(ctx, r, before.ID)
			return boom
		})
		if got, is := errors.AsType[*errs.Error](err); !is || got != boom || err.Error() != boom.Error() {
			t.Errorf("got error %v, want the error of fn itself", err)
		}
		f.wantOnly(t, before)
	})
	try(t, open, "PanicStoresNothingAndGoesOn", func(t *testing.T, f *Fixtures) {
		before := f.Entity()
		func() {
			defer func() {
				if got := recover(); got != "boom" {
					t.Errorf("recovered %v, want the panic of fn", got)
				}
			}()
			_ = f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
				f.writeABit(ctx, r, before.ID)
				panic("boom")
			})
		}()
		f.wantOnly(t, before)
		f.User(before.ID) // the store goes on
	})
	try(t, open, "SeesItsOwnWritesAndNobodyElseDoes", testVisibility)
	try(t, open, "ConflictCannotBeHidden", func(t *testing.T, f *Fixtures) {
		before := f.Entity()
		err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			f.writeABit(ctx, r, before.ID)
			first, err := r.Users.Create(ctx, f.NewUser(0))
			if err != nil {
				return err
			}
			second := f.NewUser(0)
			second.Email = first.Email
			_, err = r.Users.Create(ctx, second)
			wantError(t, "Create", err, errs.Conflict, "email-taken")
			return nil
		})
		wantError(t, "the transaction", err, errs.Conflict, "email-taken")
		f.wantOnly(t, before)
	})
	try(t, open, "ConflictThatWasFoundWithoutAnIndexCannotBeHiddenEither", func(t *testing.T, f *Fixtures) {
		token := f.Token(f.User(0).ID, newFamily())
		okay(t, "use", f.RefreshTokens.Use(t.Context(), token.ID, f.Now()))
		var added clinic.Entity
		err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) (err error) {
			if added, err = r.Entities.Create(ctx, f.NewEntity()); err != nil {
				return err
			}
			wantError(t, "Use", r.RefreshTokens.Use(ctx, token.ID, f.Now()), errs.Conflict, "token-used")
			return nil
		})
		wantError(t, "the transaction", err, errs.Conflict, "token-used")
		_, err = f.Entities.Get(t.Context(), identity.AllEntities(), added.ID)
		wantError(t, "what it created", err, errs.NotFound, "entity-not-found")
	})
	try(t, open, "AbsentRowAndErrorOfChangeDoNotEndIt", func(t *testing.T, f *Fixtures) {
		entity := f.Entity()
		var user identity.User
		okay(t, "transaction", f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) (err error) {
			_, err = r.Users.Get(ctx, identity.AllEntities(), nowhere)
			wantError(t, "Get", err, errs.NotFound, "user-not-found")
			_, err = r.Entities.Update(ctx, identity.AllEntities(), entity.ID, func(*clinic.Entity) error {
				return errs.New(errs.Conflict, "of-the-domain", "no")
			})
			wantError(t, "Update", err, errs.Conflict, "of-the-domain")
			user, err = r.Users.Create(ctx, f.NewUser(entity.ID))
			return err
		}))
		wantSame(t, "the user", ok[identity.User](t, "get")(f.Users.Get(t.Context(), identity.AllEntities(), user.ID)), user)
	})
	try(t, open, "DoesNotNest", func(t *testing.T, f *Fixtures) {
		before := f.Entity()
		err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			f.writeABit(ctx, r, before.ID)
			return f.tx.InTx(ctx, func(context.Context, ports.Repositories) error {
				t.Error("the inner function ran")
				return nil
			})
		})
		wantError(t, "a nested transaction", err, errs.Internal, "nested-transaction")
		f.wantOnly(t, before)
	})
	try(t, open, "OuterRepositoriesFailInside", func(t *testing.T, f *Fixtures) {
		before := f.Entity()
		okay(t, "transaction", f.tx.InTx(t.Context(), func(ctx context.Context, _ ports.Repositories) error {
			_, err := f.Entities.Get(ctx, identity.AllEntities(), before.ID)
			wantError(t, "Get", err, errs.Internal, "outside-transaction")
			_, err = f.Entities.List(ctx, identity.AllEntities(), clinic.EntityFilter{}, page.Request{})
			wantError(t, "List", err, errs.Internal, "outside-transaction")
			_, err = f.Entities.Create(ctx, f.NewEntity())
			wantError(t, "Create", err, errs.Internal, "outside-transaction")
			_, err = f.Entities.Update(ctx, identity.AllEntities(), before.ID, func(*clinic.Entity) error { return nil })
			wantError(t, "Update", err, errs.Internal, "outside-transaction")
			_, err = f.RoomEvents.Append(ctx)
			wantError(t, "Append", err, errs.Internal, "outside-transaction")
			_, err = f.Users.ByEmail(ctx, "nobody@example.com")
			wantError(t, "ByEmail", err, errs.Internal, "outside-transaction")
			wantError(t, "Enqueue", f.Jobs.Enqueue(ctx, ports.Job{Kind: "k", Key: "k"}), errs.Internal, "outside-transaction")
			return nil
		}))
		f.wantOnly(t, before)
	})
	try(t, open, "RepositoriesEndWithTheTransaction", func(t *testing.T, f *Fixtures) {
		before := f.Entity()
		var leaked ports.Repositories
		okay(t, "transaction", f.tx.InTx(t.Context(), func(_ context.Context, r ports.Repositories) error {
			leaked = r
			return nil
		}))
		if _, err := leaked.Entities.Create(t.Context(), f.NewEntity()); err == nil {
			t.Error("a repository of an ended transaction still writes")
		}
		f.wantOnly(t, before)
	})
	try(t, open, "CancelledContextStoresNothing", func(t *testing.T, f *Fixtures) {
		before := f.Entity()
		wantCancelled(t, "InTx", f.tx.InTx(cancelled(t), func(context.Context, ports.Repositories) error { return nil }))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		wantCancelled(t, "InTx", f.tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
			f.writeABit(ctx, r, before.ID)
			cancel()
			_, err := r.Users.Create(ctx, f.NewUser(0))
			wantCancelled(t, "Create", err)
			return nil
		}))
		f.wantOnly(t, before)
	})
	try(t, open, "ManyAtOnceLoseNothing", testConcurrentTransactions)
}

// writeABit makes and changes rows in a transaction that will come to nothing.
func (f *Fixtures) writeABit(ctx context.Context, r ports.Repositories, entity clinic.EntityID) {
	f.t.Helper()
	_, err := r.Users.Create(ctx, f.NewUser(entity))
	okay(f.t, "create in a transaction", err)
	_, err = r.Entities.Update(ctx, identity.AllEntities(), entity, func(v *clinic.Entity) error {
		v.Name = "changed"
		return nil
	})
	okay(f.t, "update in a transaction", err)
}

// wantOnly checks that the store holds one entity, as it was, and no user.
func (f *Fixtures) wantOnly(t *testing.T, want clinic.Entity) {
	t.Helper()
	entities := ok[page.Page[clinic.Entity]](t, "list")(f.Entities.List(t.Context(), identity.AllEntities(), clinic.EntityFilter{Instructions: true}, page.Request{}))
	wantSame(t, "the entities", entities.Items, []clinic.Entity{want})
	users := ok[page.Page[identity.User]](t, "list")(f.Users.List(t.Context(), identity.AllEntities(), identity.UserFilter{}, page.Request{}))
	wantSame(t, "the users", users.Items, nil)
}

func testVisibility(t *testing.T, f *Fixtures) {
	before := f.Entity()
	outside := t.Context()
	okay(t, "transaction", f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		f.writeABit(ctx, r, before.ID)
		users := ok[page.Page[identity.User]](t, "list inside")(r.Users.List(ctx, identity.OnlyEntity(before.ID), identity.UserFilter{}, page.Request{}))
		if len(users.Items) != 1 {
			t.Fatalf("inside: got %d users, want the one that was just created", len(users.Items))
		}
		user := users.Items[0]
		wantSame(t, "the user inside", ok[identity.User](t, "by e-mail inside")(r.Users.ByEmail(ctx, user.Email)), user)
		inside := ok[clinic.Entity](t, "get inside")(r.Entities.Get(ctx, identity.AllEntities(), before.ID))
		if inside.Name != "changed" {
			t.Errorf("inside: got name %q, want the changed one", inside.Name)
		}
		_, err := f.Users.Get(outside, identity.AllEntities(), user.ID)
		wantError(t, "Get outside", err, errs.NotFound, "user-not-found")
		_, err = f.Users.ByEmail(outside, user.Email)
		wantError(t, "ByEmail outside", err, errs.NotFound, "user-not-found")
		f.wantOnly(t, before)
		return nil
	}))
	users := ok[page.Page[identity.User]](t, "list")(f.Users.List(t.Context(), identity.OnlyEntity(before.ID), identity.UserFilter{}, page.Request{}))
	if len(users.Items) != 1 {
		t.Errorf("after: got %d users, want 1", len(users.Items))
	}
}

func testConcurrentTransactions(t *testing.T, f *Fixtures) {
	entity := f.Entity()
	users := make([]identity.User, racers)
	for i := range users {
		users[i] = f.NewUser(entity.ID)
	}
	var all sync.WaitGroup
	for _, user := range users {
		all.Go(func() {
			err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
				if _, err := r.Users.Create(ctx, user); err != nil {
					return err
				}
				_, err := r.Entities.Update(ctx, identity.AllEntities(), entity.ID, func(v *clinic.Entity) error {
					v.Name += "x"
					return nil
				})
				return err
			})
			if err != nil {
				t.Errorf("transaction: %v", err)
			}
		})
	}
	all.Wait()
	got := ok[clinic.Entity](t, "get")(f.Entities.Get(t.Context(), identity.AllEntities(), entity.ID))
	if want := len(entity.Name) + racers; len(got.Name) != want {
		t.Errorf("got %d changes of %d", len(got.Name)-len(entity.Name), racers)
	}
	found := ok[page.Page[identity.User]](t, "list")(f.Users.List(t.Context(), identity.AllEntities(), identity.UserFilter{}, page.Request{}))
	if len(found.Items) != racers {
		t.Errorf("got %d users of %d", len(found.Items), racers)
	}
}
