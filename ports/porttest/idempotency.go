package porttest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/ports"
)

// anAnswer is bigger than the objects that clients may send, and has what a database might write otherwise.
func anAnswer() jsonobj.Object {
	return `{"status":201,"body":"{\"n\": 1.50, \"text\":\"a\\u0000\\n<ção>\"}\n","big":9223372036854775807}`
}

// NewIdempotencyRecord returns a reservation of an owner, under a key of its own, of a minute, that is kept for a day.
func (f *Fixtures) NewIdempotencyRecord(owner string) identity.IdempotencyRecord {
	return identity.IdempotencyRecord{
		Owner: owner, Key: fmt.Sprintf("~!key-%d", f.next()), Fingerprint: fmt.Sprintf("%064x", f.next()),
		State: identity.RequestReserved, ReservedUntil: f.Now().Add(time.Minute),
		CreatedAt: f.Now(), ExpiresAt: f.Now().Add(24 * time.Hour),
	}
}

// reserve reserves the key of a record, which must be free.
func (f *Fixtures) reserve(t *testing.T, r identity.IdempotencyRecord) identity.IdempotencyRecord {
	t.Helper()
	stored, mine, err := f.IdempotencyKeys.Reserve(t.Context(), r)
	if err != nil || !mine {
		t.Fatalf("reserve: got mine %v and error %v, want the key", mine, err)
	}
	return stored
}

// refuse tries to reserve a key, which must be taken by the record want.
func (f *Fixtures) refuse(t *testing.T, r, want identity.IdempotencyRecord) {
	t.Helper()
	stored, mine, err := f.IdempotencyKeys.Reserve(t.Context(), r)
	if err != nil || mine {
		t.Fatalf("reserve again: got mine %v and error %v, want the record of before", mine, err)
	}
	wantSame(t, "what Reserve returned of a taken key", stored, want)
}

func (f *Fixtures) noKey(t *testing.T, owner, key string) {
	t.Helper()
	_, err := f.IdempotencyKeys.Get(t.Context(), owner, key)
	wantError(t, "the record of "+owner, err, errs.NotFound, "idempotency-key-not-found")
}

func (f *Fixtures) wantKey(t *testing.T, want identity.IdempotencyRecord) {
	t.Helper()
	got := ok[identity.IdempotencyRecord](t, "get")(f.IdempotencyKeys.Get(t.Context(), want.Owner, want.Key))
	wantSame(t, "what Get returned", got, want)
}

func testIdempotencyKeys(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	try(t, open, "WhatIsReservedComesBack", func(t *testing.T, f *Fixtures) {
		want := f.NewIdempotencyRecord("user:7")
		f.noKey(t, want.Owner, want.Key)
		wantSame(t, "what Reserve returned", f.reserve(t, want), want)
		f.wantKey(t, want)

		other := f.NewIdempotencyRecord("user:7")
		other.Tenant = id.NewUUID(f.Now())
		other.State, other.Result = identity.RequestDone, anAnswer() // whatever it says, it is a reservation
		other.ExpiresAt = time.Date(2026, time.March, 9, 9, 30, 0, 123456789, time.FixedZone("-03", -3*60*60))
		stored := f.reserve(t, other)
		other.State, other.Result, other.ExpiresAt = identity.RequestReserved, "", other.ExpiresAt.UTC().Truncate(time.Microsecond)
		wantSame(t, "what Reserve returned of another", stored, other)
		f.wantKey(t, other)
		if stored.ExpiresAt.Location() != time.UTC || stored.ReservedUntil.Location() != time.UTC {
			t.Errorf("the times came back in %v and %v, want UTC", stored.ExpiresAt.Location(), stored.ReservedUntil.Location())
		}
	})
	try(t, open, "OwnersHaveKeysOfTheirOwn", func(t *testing.T, f *Fixtures) {
		mine := f.reserve(t, f.NewIdempotencyRecord("user:7"))
		f.noKey(t, "user:8", mine.Key)
		f.noKey(t, "user:77", mine.Key)
		f.noKey(t, mine.Owner, mine.Key+"0")
		theirs := f.NewIdempotencyRecord("user:8")
		theirs.Key = mine.Key
		theirs = f.reserve(t, theirs)
		okay(t, "complete theirs", f.IdempotencyKeys.Complete(t.Context(), theirs, anAnswer()))
		f.wantKey(t, mine)
	})
	try(t, open, "KeysAreToldApartByTheirCase", func(t *testing.T, f *Fixtures) {
		lower, upper := f.NewIdempotencyRecord("user:7"), f.NewIdempotencyRecord("user:7")
		lower.Key, upper.Key = "key", "KEY"
		f.wantKey(t, f.reserve(t, lower))
		f.wantKey(t, f.reserve(t, upper))
	})
	try(t, open, "OneOfManyGetsAKey", func(t *testing.T, f *Fixtures) {
		record := f.NewIdempotencyRecord("user:7")
		taken := errs.New(errs.Conflict, "taken", "taken")
		race(t, "taken", func(int) error {
			stored, mine, err := f.IdempotencyKeys.Reserve(t.Context(), record)
			if err == nil && !mine {
				wantSame(t, "what a loser got", stored, record)
				return taken
			}
			return err
		})
		f.wantKey(t, record)
	})
	try(t, open, "TheStatesOfARequest", testRequestStates)
	try(t, open, "OnlyWhatIsOverIsTakenOver", testTakenOver)
	try(t, open, "ALostReservationCanDoNoMore", testReservationLost)
	try(t, open, "AMarkIsStoredWithTheEffectOrNotAtAll", testMarkAndEffect)
	try(t, open, "ATransactionThatMarksIsWaitedFor", testMarkIsWaitedFor)
	try(t, open, "OnlyExpiredRecordsAreDeleted", func(t *testing.T, f *Fixtures) {
		var records []identity.IdempotencyRecord
		for _, age := range []time.Duration{-time.Hour, -time.Microsecond, 0, time.Microsecond} {
			r := f.NewIdempotencyRecord("user:7")
			r.ExpiresAt = f.Now().Add(age)
			records = append(records, f.reserve(t, r))
		}
		for _, want := range []int{2, 0} {
			if got := ok[int](t, "delete")(f.IdempotencyKeys.DeleteExpired(t.Context(), f.Now())); got != want {
				t.Errorf("%d records were deleted, want %d", got, want)
			}
		}
		f.noKey(t, records[0].Owner, records[0].Key)
		f.noKey(t, records[1].Owner, records[1].Key)
		f.wantKey(t, records[2])
		f.wantKey(t, records[3])
	})
	try(t, open, "AnswersOfAClinicAreForgotten", func(t *testing.T, f *Fixtures) {
		ours, theirs := id.NewUUID(f.Now()), id.NewUUID(f.Now())
		reserved := func(tenant id.UUID) identity.IdempotencyRecord {
			v := f.NewIdempotencyRecord("user:7")
			v.Tenant = tenant
			return f.reserve(t, v)
		}
		done := func(tenant id.UUID) identity.IdempotencyRecord {
			v := reserved(tenant)
			okay(t, "complete", f.IdempotencyKeys.Complete(t.Context(), v, anAnswer()))
			v.State, v.Result = identity.RequestDone, anAnswer()
			return v
		}
		gone, open := done(ours), reserved(ours)
		others := []identity.IdempotencyRecord{done(theirs), done(id.UUID{}), open}
		okay(t, "forget", f.IdempotencyKeys.Forget(t.Context(), ours))
		gone.State, gone.Result = identity.RequestCommitted, ""
		f.wantKey(t, gone)
		for _, v := range others {
			f.wantKey(t, v)
		}
		f.refuse(t, gone, gone)
		okay(t, "forget again", f.IdempotencyKeys.Forget(t.Context(), ours))
		okay(t, "complete what was under way", f.IdempotencyKeys.Complete(t.Context(), open, anAnswer()))
	})
	try(t, open, "CancelledContextStops", func(t *testing.T, f *Fixtures) {
		record, ctx := f.reserve(t, f.NewIdempotencyRecord("user:7")), cancelled(t)
		lost := f.NewIdempotencyRecord("user:7")
		_, _, err := f.IdempotencyKeys.Reserve(ctx, lost)
		wantCancelled(t, "Reserve", err)
		_, err = f.IdempotencyKeys.Get(ctx, record.Owner, record.Key)
		wantCancelled(t, "Get", err)
		wantCancelled(t, "Mark", f.IdempotencyKeys.Mark(ctx, record, identity.RequestCommitted))
		wantCancelled(t, "Complete", f.IdempotencyKeys.Complete(ctx, record, anAnswer()))
		wantCancelled(t, "Release", f.IdempotencyKeys.Release(ctx, record))
		_, err = f.IdempotencyKeys.DeleteExpired(ctx, record.ExpiresAt.Add(time.Hour))
		wantCancelled(t, "DeleteExpired", err)
		f.noKey(t, lost.Owner, lost.Key)
		f.wantKey(t, record)
	})
}

func testRequestStates(t *testing.T, f *Fixtures) {
	keys := f.IdempotencyKeys
	record := f.reserve(t, f.NewIdempotencyRecord("user:7"))
	for _, state := range []identity.IdempotencyState{identity.RequestCommitted, identity.RequestCommitted, identity.RequestReserved, identity.RequestCommitted} {
		okay(t, "mark", keys.Mark(t.Context(), record, state))
		want := record
		want.State = state
		f.wantKey(t, want)
		f.refuse(t, record, want)
	}
	okay(t, "release of a committed one", keys.Release(t.Context(), record))
	okay(t, "complete", keys.Complete(t.Context(), record, anAnswer()))
	want := record
	want.State, want.Result = identity.RequestDone, anAnswer()
	f.wantKey(t, want)
	f.refuse(t, record, want)
	okay(t, "release of a done one", keys.Release(t.Context(), record))
	f.wantKey(t, want)

	unmarked := f.reserve(t, f.NewIdempotencyRecord("user:7")) // one whose request had no effect in a transaction
	okay(t, "complete", keys.Complete(t.Context(), unmarked, anAnswer()))

	released := f.reserve(t, f.NewIdempotencyRecord("user:7"))
	for range 2 {
		okay(t, "release", keys.Release(t.Context(), released))
		f.noKey(t, released.Owner, released.Key)
	}
	f.reserve(t, released)
}

func testTakenOver(t *testing.T, f *Fixtures) {
	later := func(r identity.IdempotencyRecord, now time.Time) identity.IdempotencyRecord {
		r.CreatedAt, r.ReservedUntil, r.ExpiresAt = now, now.Add(time.Minute), now.Add(24*time.Hour)
		return r
	}
	reserved := f.reserve(t, f.NewIdempotencyRecord("user:7"))
	f.refuse(t, later(reserved, reserved.ReservedUntil), reserved)
	another := later(reserved, reserved.ReservedUntil.Add(time.Microsecond))
	another.Fingerprint = "another"
	f.refuse(t, another, reserved)
	next := later(reserved, reserved.ReservedUntil.Add(time.Microsecond))
	wantSame(t, "the next reservation", f.reserve(t, next), next)
	f.wantKey(t, next)

	for _, state := range []identity.IdempotencyState{identity.RequestCommitted, identity.RequestDone} {
		kept := f.reserve(t, f.NewIdempotencyRecord("user:7"))
		okay(t, "mark", f.IdempotencyKeys.Mark(t.Context(), kept, identity.RequestCommitted))
		if state == identity.RequestDone {
			okay(t, "complete", f.IdempotencyKeys.Complete(t.Context(), kept, anAnswer()))
			kept.Result = anAnswer()
		}
		kept.State = state
		f.refuse(t, later(kept, kept.ReservedUntil.Add(time.Hour)), kept)
		f.refuse(t, later(kept, kept.ExpiresAt), kept)
		after := later(kept, kept.ExpiresAt.Add(time.Microsecond))
		after.Fingerprint, after.State, after.Result = "another", identity.RequestReserved, ""
		wantSame(t, "the reservation of an expired key", f.reserve(t, after), after)
		f.wantKey(t, after)
	}
}

func testReservationLost(t *testing.T, f *Fixtures) {
	late := f.reserve(t, f.NewIdempotencyRecord("user:7"))
	next := late
	next.CreatedAt = late.ReservedUntil.Add(time.Microsecond)
	next.ReservedUntil = next.CreatedAt.Add(time.Minute)
	next = f.reserve(t, next)
	lost := func(t *testing.T, r identity.IdempotencyRecord) {
		t.Helper()
		wantError(t, "Mark", f.IdempotencyKeys.Mark(t.Context(), r, identity.RequestCommitted), errs.Unavailable, "idempotency-key-lost")
		wantError(t, "Complete", f.IdempotencyKeys.Complete(t.Context(), r, anAnswer()), errs.Unavailable, "idempotency-key-lost")
		okay(t, "release", f.IdempotencyKeys.Release(t.Context(), r))
	}
	lost(t, late)
	f.wantKey(t, next)
	okay(t, "complete", f.IdempotencyKeys.Complete(t.Context(), next, anAnswer()))
	lost(t, next) // it is over
	lost(t, f.NewIdempotencyRecord("user:7"))
	next.State, next.Result = identity.RequestDone, anAnswer()
	f.wantKey(t, next)
}

func testMarkAndEffect(t *testing.T, f *Fixtures) {
	boom := errors.New("boom")
	record := f.reserve(t, f.NewIdempotencyRecord("user:7"))
	effect := func(r identity.IdempotencyRecord, end error) (added clinic.Entity, err error) {
		err = f.tx.InTx(t.Context(), func(ctx context.Context, repos ports.Repositories) error {
			if added, err = repos.Entities.Create(ctx, f.NewEntity()); err != nil {
				return err
			}
			if err := repos.IdempotencyKeys.Mark(ctx, r, identity.RequestCommitted); err != nil {
				return err
			}
			return end
		})
		return added, err
	}
	absent := func(t *testing.T, e clinic.Entity) {
		t.Helper()
		_, err := f.Entities.Get(t.Context(), identity.AllEntities(), e.ID)
		wantError(t, "what was created", err, errs.NotFound, "entity-not-found")
	}
	added, err := effect(record, boom)
	if !errors.Is(err, boom) {
		t.Fatalf("the transaction: got error %v, want %v", err, boom)
	}
	absent(t, added)
	f.wantKey(t, record)

	added, err = effect(record, nil)
	okay(t, "transaction", err)
	_ = ok[clinic.Entity](t, "get")(f.Entities.Get(t.Context(), identity.AllEntities(), added.ID))
	record.State = identity.RequestCommitted
	f.wantKey(t, record)

	added, err = effect(f.NewIdempotencyRecord("user:7"), nil)
	wantError(t, "the transaction of a lost reservation", err, errs.Unavailable, "idempotency-key-lost")
	absent(t, added)
}

// testMarkIsWaitedFor reserves a key anew while a transaction that marks it is still open.
func testMarkIsWaitedFor(t *testing.T, f *Fixtures) {
	boom := errors.New("boom")
	type reserved struct {
		record identity.IdempotencyRecord
		mine   bool
		err    error
	}
	for _, end := range []error{nil, boom} {
		record := f.reserve(t, f.NewIdempotencyRecord("user:7"))
		next := record
		next.CreatedAt = record.ReservedUntil.Add(time.Microsecond)
		next.ReservedUntil = next.CreatedAt.Add(time.Minute)
		second := make(chan reserved, 1)
		err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			if err := r.IdempotencyKeys.Mark(ctx, record, identity.RequestCommitted); err != nil {
				return err
			}
			go func() {
				var got reserved
				got.record, got.mine, got.err = f.IdempotencyKeys.Reserve(t.Context(), next)
				second <- got
			}()
			select {
			case got := <-second:
				t.Errorf("the second Reserve did not wait: it returned %+v", got)
				second <- got
			case <-time.After(50 * time.Millisecond): // one that does not wait has the time to show it
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Fatalf("the transaction: got error %v, want %v", err, end)
		}
		got := <-second
		okay(t, "reserve", got.err)
		if got.mine != (end != nil) {
			t.Errorf("after the transaction ended with %v: got the key %v", end, got.mine)
		}
		if end == nil && got.record.State != identity.RequestCommitted {
			t.Errorf("after a commit the record is %+v, want it committed", got.record)
		}
	}
}
