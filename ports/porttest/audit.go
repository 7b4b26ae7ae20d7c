package porttest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

func testAuditLog(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	try(t, open, "NewestComeFirstWithinTheScope", func(t *testing.T, f *Fixtures) {
		a, b := f.Entity().ID, f.Entity().ID
		var all []identity.AuditEntry
		for _, entity := range []clinic.EntityID{a, b, 0, a} {
			want := f.NewAuditEntry(entity)
			got := store(f, f.AuditLog.Append, want)
			want.ID = got.ID
			wantSame(t, "what Append returned", got, want)
			all = append(all, got)
		}
		if all[0].ID <= 0 || all[0].ID >= all[1].ID || all[1].ID >= all[2].ID {
			t.Errorf("the ids %d, %d, %d do not rise", all[0].ID, all[1].ID, all[2].ID)
		}
		slices.Reverse(all)
		wantSame(t, "all", f.recent(identity.AllEntities(), 4), all)
		wantSame(t, "the last two", f.recent(identity.AllEntities(), 2), all[:2])
		wantSame(t, "one entity's", f.recent(identity.OnlyEntity(a), 2), []identity.AuditEntry{all[0], all[3]})
		wantSame(t, "one entity's last", f.recent(identity.OnlyEntity(a), 1), all[:1])
		wantSame(t, "the empty scope's", f.recent(identity.Scope{}, 10), nil)
		wantSame(t, "no entity's", f.recent(identity.OnlyEntity(0), 10), nil)
		for _, e := range f.recent(identity.OnlyEntity(b), 10) {
			if e.EntityID != b {
				t.Errorf("the scope of entity %d has an entry of entity %d", b, e.EntityID)
			}
		}
	})
	try(t, open, "EverythingOfAnEntryIsKept", func(t *testing.T, f *Fixtures) {
		want := f.NewAuditEntry(f.Entity().ID)
		want.RequestID, want.Changes = "request-1", `{"name":{"old":null,"new":[1.50,"é\""]}}`
		want.ID = store(f, f.AuditLog.Append, want).ID
		wantSame(t, "the entry", f.lastEntry(), want)
		want = identity.AuditEntry{
			Actor: "nobody", Action: "calendar-mismatch", Table: "clinic_professionals", RowID: "x", CreatedAt: want.CreatedAt.Add(time.Hour),
		}
		want.ID = store(f, f.AuditLog.Append, want).ID
		wantSame(t, "an entry with nothing that need not be there", f.lastEntry(), want)
	})
	try(t, open, "EntriesAreCopies", func(t *testing.T, f *Fixtures) {
		given := f.NewAuditEntry(0)
		want := store(f, f.AuditLog.Append, given)
		given.Detail["status"] = "changed"
		wantSame(t, "after the given entry was changed", f.lastEntry(), want)
		f.lastEntry().Detail["status"] = "changed"
		wantSame(t, "after the read entry was changed", f.lastEntry(), want)
	})
	try(t, open, "CancelledContextStops", func(t *testing.T, f *Fixtures) {
		_, err := f.AuditLog.Append(cancelled(t), f.NewAuditEntry(0))
		wantCancelled(t, "Append", err)
		_, err = f.AuditLog.List(cancelled(t), identity.AllEntities(), identity.AuditFilter{}, page.Request{})
		wantCancelled(t, "List", err)
		wantSame(t, "the log", f.recent(identity.AllEntities(), 10), nil)
	})
	testAuditList(t, open)
	testAuditedTables(t, open)
	try(t, open, "ATransactionsEntriesComeInOrderAndAreItsOwn", testAuditedTransaction)
	try(t, open, "ATransactionThatFailsLeavesNoEntry", testAuditedRollback)
	try(t, open, "EveryExpiredHoldIsTold", testAuditedExpiry)
	try(t, open, "LongValuesAreToldAsChanged", testAuditedLongValues)
	try(t, open, "ARequestIDIsBounded", func(t *testing.T, f *Fixtures) {
		long := string(slices.Repeat([]rune("é"), 101))
		ctx := identity.WithTrail(t.Context(), identity.Trail{Actor: "user:7", RequestID: long})
		_, err := f.Entities.Create(ctx, f.NewEntity())
		okay(t, "create", err)
		if got := f.lastEntry().RequestID; got != long[:len("é")*100] {
			t.Errorf("got the request id %q, want its first 100 characters", got)
		}
	})
	try(t, open, "WhatIsNotAuditedLeavesNoEntry", func(t *testing.T, f *Fixtures) {
		at := f.ClinicOf(f.Entity().ID)
		before := f.lastEntry().ID
		f.Message(f.Conversation(at))
		f.Participant(at.EntityID)
		if e := f.lastEntry(); e.ID != before {
			t.Errorf("got the entry %+v, want none", e)
		}
	})
}

func testAuditedTransaction(t *testing.T, f *Fixtures) {
	before := f.Entity()
	var user identity.User
	outer := identity.WithTrail(t.Context(), identity.Trail{Actor: "user:7", RequestID: "outer"})
	okay(t, "transaction", f.tx.InTx(outer, func(ctx context.Context, r ports.Repositories) (err error) {
		// The trail is the transaction's: what a part of it says does not count.
		ctx = identity.WithTrail(ctx, identity.Trail{Actor: "user:8", RequestID: "inner"})
		if user, err = r.Users.Create(ctx, f.NewUser(before.ID)); err != nil {
			return err
		}
		for _, name := range []string{"first", "second"} {
			_, err = r.Entities.Update(ctx, identity.AllEntities(), before.ID, func(v *clinic.Entity) error {
				v.Name = name
				return nil
			})
			if err != nil {
				return err
			}
		}
		seen, err := r.AuditLog.List(ctx, identity.AllEntities(), identity.AuditFilter{}, page.Request{Limit: 3})
		if err != nil {
			return err
		}
		if len(seen.Items) != 3 || seen.Items[2].Table != "users" {
			t.Errorf("within the transaction: got %+v, want its three entries", seen.Items)
		}
		return nil
	}))
	got := f.recent(identity.AllEntities(), 3)
	want := []identity.AuditEntry{
		{Action: "update", Table: "entities", RowID: before.ID.String(), Changes: `{"name":{"old":"first","new":"second"}}`},
		{Action: "update", Table: "entities", RowID: before.ID.String(), Changes: jsonobj.Object(`{"name":{"old":"` + before.Name + `","new":"first"}}`)},
		{Action: "create", Table: "users", RowID: user.ID.String(), Changes: auditChanges(t, nil, user.Audited())},
	}
	for i := range want {
		want[i].Actor, want[i].RequestID, want[i].EntityID = "user:7", "outer", before.ID
		wantSame(t, "an entry", untimed(t, got[i]), want[i])
	}
}

func testAuditedRollback(t *testing.T, f *Fixtures) {
	before := f.Entity()
	last := f.lastEntry().ID
	boom := errors.New("boom")
	err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		f.writeABit(ctx, r, before.ID)
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("got error %v, want %v", err, boom)
	}
	_, err = f.Users.Create(t.Context(), f.NewUser(nowhere))
	wantError(t, "a user of an unknown entity", err, errs.Invalid, "unknown-reference")
	if e := f.lastEntry(); e.ID != last {
		t.Errorf("got the entry %+v, want none", e)
	}
}

// testAuditedExpiry checks a write that is not an Update of one row.
func testAuditedExpiry(t *testing.T, f *Fixtures) {
	with := f.AgendaOf(f.Entity().ID)
	var rows []string
	for i := range 2 {
		start := f.Monday().Add(time.Duration(i) * time.Hour)
		rows = append(rows, f.Appointment(f.NewHold(with, start, f.Now())).ID.String())
	}
	last := f.lastEntry().ID
	ctx := identity.WithTrail(t.Context(), identity.Trail{Actor: "user:7", RequestID: "request-1"})
	if n := ok[int](t, "expire")(f.Appointments.ExpireHolds(ctx, agenda.ClinicProfessionalID{}, f.Now().Add(time.Minute))); n != 2 {
		t.Fatalf("got %d expired holds, want 2", n)
	}
	var told []string
	for _, e := range f.recent(identity.OnlyEntity(with.EntityID), 3) {
		if e.ID <= last {
			break
		}
		told = append(told, e.RowID)
		want := identity.AuditEntry{
			Actor: "user:7", Action: "update", Table: "appointments", RowID: e.RowID, EntityID: with.EntityID, RequestID: "request-1",
			Changes: `{"status":{"old":"held","new":"expired"},"held_until":{"old":"2026-03-02T12:00:00.123456+00:00","new":null}}`,
		}
		wantSame(t, "an entry", untimed(t, e), want)
	}
	slices.Sort(rows)
	slices.Sort(told)
	wantSame(t, "the appointments that were told of", told, rows)
}

// recent returns the newest entries of the log.
func (f *Fixtures) recent(scope identity.Scope, limit int) []identity.AuditEntry {
	f.t.Helper()
	return ok[page.Page[identity.AuditEntry]](f.t, "list")(f.AuditLog.List(f.ctx(), scope, identity.AuditFilter{}, page.Request{Limit: limit})).Items
}

// lastEntry returns the newest entry of the log.
func (f *Fixtures) lastEntry() identity.AuditEntry {
	f.t.Helper()
	found := f.recent(identity.AllEntities(), 1)
	if len(found) == 0 {
		f.t.Fatal("the audit log is empty")
	}
	return found[0]
}

// untimed checks the id and the time of an entry that the store wrote, which nobody can foretell, and takes them away.
func untimed(t *testing.T, e identity.AuditEntry) identity.AuditEntry {
	t.Helper()
	if e.ID <= 0 || e.CreatedAt.IsZero() || e.CreatedAt.Location() != time.UTC || !e.CreatedAt.Equal(e.CreatedAt.Truncate(time.Microsecond)) {
		t.Errorf("got the id %d and the time %v, want both, the time in UTC to the microsecond", e.ID, e.CreatedAt)
	}
	e.ID, e.CreatedAt = 0, time.Time{}
	return e
}
