package porttest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// NewIdempotencyRecord returns a record of an owner, under a key of its own, that is kept for a day.
func (f *Fixtures) NewIdempotencyRecord(owner string) identity.IdempotencyRecord {
	return identity.IdempotencyRecord{
		Owner: owner, Key: fmt.Sprintf("~!key-%d", f.next()), Fingerprint: fmt.Sprintf("%064x", f.next()),
		Result:    `{"ids":[9007199254740993,9223372036854775807],"created_at":"2026-03-02T12:00:00.123456Z"}`,
		CreatedAt: f.Now(), ExpiresAt: f.Now().Add(24 * time.Hour),
	}
}

func testIdempotencyKeys(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	absent := func(t *testing.T, f *Fixtures, owner, key string) {
		t.Helper()
		_, err := f.IdempotencyKeys.Get(t.Context(), owner, key)
		wantError(t, "the record of "+owner, err, errs.NotFound, "idempotency-key-not-found")
	}
	present := func(t *testing.T, f *Fixtures, want identity.IdempotencyRecord) {
		t.Helper()
		got := ok[identity.IdempotencyRecord](t, "get")(f.IdempotencyKeys.Get(t.Context(), want.Owner, want.Key))
		wantSame(t, "what Get returned", got, want)
	}

	try(t, open, "WhatIsCreatedComesBack", func(t *testing.T, f *Fixtures) {
		want := f.NewIdempotencyRecord("user:7")
		absent(t, f, want.Owner, want.Key)
		wantSame(t, "what Create returned", store(f, f.IdempotencyKeys.Create, want), want)
		present(t, f, want)

		bare := f.NewIdempotencyRecord("user:7")
		bare.Result = ""
		bare.ExpiresAt = time.Date(2026, time.March, 9, 9, 30, 0, 123456789, time.FixedZone("-03", -3*60*60))
		stored := store(f, f.IdempotencyKeys.Create, bare)
		bare.ExpiresAt = bare.ExpiresAt.UTC().Truncate(time.Microsecond)
		wantSame(t, "what Create returned of a bare one", stored, bare)
		present(t, f, bare)
		if stored.ExpiresAt.Location() != time.UTC {
			t.Errorf("a time came back in %v, want UTC", stored.ExpiresAt.Location())
		}
	})
	try(t, open, "OwnersHaveKeysOfTheirOwn", func(t *testing.T, f *Fixtures) {
		mine := store(f, f.IdempotencyKeys.Create, f.NewIdempotencyRecord("user:7"))
		absent(t, f, "user:8", mine.Key)
		absent(t, f, "user:77", mine.Key)
		absent(t, f, mine.Owner, mine.Key+"0")
		theirs := f.NewIdempotencyRecord("user:8")
		theirs.Key = mine.Key
		theirs = store(f, f.IdempotencyKeys.Create, theirs)
		present(t, f, mine)
		present(t, f, theirs)
	})
	try(t, open, "KeysAreToldApartByTheirCase", func(t *testing.T, f *Fixtures) {
		lower, upper := f.NewIdempotencyRecord("user:7"), f.NewIdempotencyRecord("user:7")
		lower.Key, upper.Key = "key", "KEY"
		present(t, f, store(f, f.IdempotencyKeys.Create, lower))
		present(t, f, store(f, f.IdempotencyKeys.Create, upper))
	})
	try(t, open, "RepeatedKeyIsConflict", func(t *testing.T, f *Fixtures) {
		first := store(f, f.IdempotencyKeys.Create, f.NewIdempotencyRecord("user:7"))
		second := f.NewIdempotencyRecord(first.Owner)
		second.Key = first.Key
		_, err := f.IdempotencyKeys.Create(t.Context(), second)
		wantError(t, "a repeated key", err, errs.Conflict, "idempotency-key-exists")
		present(t, f, first)
	})
	try(t, open, "ConflictCannotBeHidden", func(t *testing.T, f *Fixtures) {
		first := store(f, f.IdempotencyKeys.Create, f.NewIdempotencyRecord("user:7"))
		var added clinic.Entity
		err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) (err error) {
			if added, err = r.Entities.Create(ctx, f.NewEntity()); err != nil {
				return err
			}
			_, err = r.IdempotencyKeys.Create(ctx, first)
			wantError(t, "Create", err, errs.Conflict, "idempotency-key-exists")
			return nil
		})
		wantError(t, "the transaction", err, errs.Conflict, "idempotency-key-exists")
		_, err = f.Entities.Get(t.Context(), identity.AllEntities(), added.ID)
		wantError(t, "what it created", err, errs.NotFound, "entity-not-found")
	})
	try(t, open, "OneOfManyGetsAKey", func(t *testing.T, f *Fixtures) {
		record := f.NewIdempotencyRecord("user:7")
		race(t, "idempotency-key-exists", func(int) error {
			_, err := f.IdempotencyKeys.Create(t.Context(), record)
			return err
		})
		present(t, f, record)
	})
	try(t, open, "KeyThatIsBeingCreatedIsWaitedFor", testIdempotencyWaits)
	try(t, open, "OnlyExpiredRecordsAreDeleted", func(t *testing.T, f *Fixtures) {
		var records []identity.IdempotencyRecord
		for _, age := range []time.Duration{-time.Hour, -time.Microsecond, 0, time.Microsecond} {
			r := f.NewIdempotencyRecord("user:7")
			r.ExpiresAt = f.Now().Add(age)
			records = append(records, store(f, f.IdempotencyKeys.Create, r))
		}
		for _, want := range []int{2, 0} {
			if got := ok[int](t, "delete")(f.IdempotencyKeys.DeleteExpired(t.Context(), f.Now())); got != want {
				t.Errorf("%d records were deleted, want %d", got, want)
			}
		}
		absent(t, f, records[0].Owner, records[0].Key)
		absent(t, f, records[1].Owner, records[1].Key)
		present(t, f, records[2])
		present(t, f, records[3])
	})
	try(t, open, "ExpiredKeyIsTakenAgain", func(t *testing.T, f *Fixtures) {
		record := store(f, f.IdempotencyKeys.Create, f.NewIdempotencyRecord("user:7"))
		next := record
		next.Fingerprint, next.ExpiresAt = "another", record.ExpiresAt.Add(24*time.Hour)
		okay(t, "transaction", f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			if _, err := r.IdempotencyKeys.DeleteExpired(ctx, record.ExpiresAt.Add(time.Microsecond)); err != nil {
				return err
			}
			_, err := r.IdempotencyKeys.Create(ctx, next)
			return err
		}))
		present(t, f, next)
	})
	try(t, open, "CancelledContextStops", func(t *testing.T, f *Fixtures) {
		record, ctx := store(f, f.IdempotencyKeys.Create, f.NewIdempotencyRecord("user:7")), cancelled(t)
		lost := f.NewIdempotencyRecord("user:7")
		_, err := f.IdempotencyKeys.Create(ctx, lost)
		wantCancelled(t, "Create", err)
		_, err = f.IdempotencyKeys.Get(ctx, record.Owner, record.Key)
		wantCancelled(t, "Get", err)
		_, err = f.IdempotencyKeys.DeleteExpired(ctx, record.ExpiresAt.Add(time.Hour))
		wantCancelled(t, "DeleteExpired", err)
		absent(t, f, lost.Owner, lost.Key)
		present(t, f, record)
	})
}

// testIdempotencyWaits creates a key while a transaction that created it is still open.
func testIdempotencyWaits(t *testing.T, f *Fixtures) {
	boom := errors.New("boom")
	for _, end := range []error{nil, boom} {
		record := f.NewIdempotencyRecord("user:7")
		second := make(chan error, 1)
		err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			if _, err := r.IdempotencyKeys.Create(ctx, record); err != nil {
				return err
			}
			go func() {
				_, err := f.IdempotencyKeys.Create(t.Context(), record)
				second <- err
			}()
			select {
			case err := <-second:
				t.Errorf("the second Create did not wait: it returned %v", err)
				second <- err
			case <-time.After(50 * time.Millisecond): // one that does not wait has the time to show it
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Fatalf("the transaction: got error %v, want %v", err, end)
		}
		if err = <-second; end == nil {
			wantError(t, "after a commit", err, errs.Conflict, "idempotency-key-exists")
		} else {
			okay(t, "create after a rollback", err)
		}
	}
}
