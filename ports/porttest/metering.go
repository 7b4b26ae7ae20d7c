package porttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/ports"
)

func testAgentUsages(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	records[metering.AgentUsage, metering.UsageID, metering.UsageFilter]{
		what: "usage",
		of: func(f *Fixtures) repository[metering.AgentUsage, metering.UsageID, metering.UsageFilter] {
			return f.AgentUsages
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) metering.AgentUsage {
			v := f.NewUsage(entity)
			v.SessionStart = v.SessionStart.Add(time.Duration(n) * time.Microsecond)
			if n%4 != 1 {
				v.SessionEnd, v.EndReason = time.Time{}, ""
			}
			return v
		},
		id: func(v *metering.AgentUsage) *metering.UsageID { return &v.ID }, missing: nowhere,
		order:  func(v metering.AgentUsage) string { return rising(v.ID) },
		entity: func(_ *Fixtures, v metering.AgentUsage) clinic.EntityID { return v.EntityID },
		at:     func(v *metering.AgentUsage) *time.Time { return &v.SessionStart },
		change: func(v *metering.AgentUsage) {
			v.SessionEnd, v.TotalTokensInput, v.TotalTokensOutput = v.SessionStart.Add(time.Hour), 5, 6
			v.TotalAudioMillis, v.InteractionsCount, v.TranscriptionCount, v.CostEstimateMicros = 7, 8, 9, 10
			v.Currency, v.Unpriced, v.Provider, v.Model, v.EndReason = "BRL", false, "deepgram", "nova", metering.Abandoned
			v.Readings, v.Lines = usageReadings(7)[1:], append(usageLines(7), usageLines(8)...)
			v.Data, v.UpdatedAt = `{"model":"another"}`, v.UpdatedAt.Add(time.Hour)
		},
		bare: func(v *metering.AgentUsage) {
			v.DepartmentID, v.SessionEnd, v.EndReason, v.Data = 0, time.Time{}, "", "{}"
			v.TotalTokensInput, v.TotalTokensOutput, v.TotalAudioMillis = 0, 0, 0
			v.InteractionsCount, v.TranscriptionCount, v.CostEstimateMicros = 0, 0, 0
			v.Currency, v.Unpriced, v.Provider, v.Model, v.Readings, v.Lines = "", false, "", "", nil, nil
		},
		damage: func(v *metering.AgentUsage) {
			v.Readings[0].InputTokens, v.Lines[0].Provider = -1, "damaged"
		},
		homeless: true,
		filters:  usageFilters,
		unknown: []unknown[metering.AgentUsage]{
			{"room", func(v *metering.AgentUsage) { v.RoomID = nowhere }},
			{"participant", func(v *metering.AgentUsage) { v.ParticipantID = nowhere }},
		},
	}.run(t, open)
	testUpdateKeys(t, open)
	testUsageJobs(t, open)

	try(t, open, "UpdatesOfOneSessionTakeTurns", func(t *testing.T, f *Fixtures) {
		usage := store(f, f.AgentUsages.Create, metering.AgentUsage{
			RoomID: f.RoomOf(0).ID, ParticipantID: f.AgentOf(0).ID, SessionStart: f.Now(), Data: "{}", CreatedAt: f.Now(), UpdatedAt: f.Now(),
		})
		var all sync.WaitGroup
		for range racers {
			all.Go(func() {
				_, err := f.AgentUsages.Update(t.Context(), identity.AllEntities(), usage.ID, func(v *metering.AgentUsage) error {
					v.TotalTokensInput += 3
					return nil
				})
				if err != nil {
					t.Errorf("update: %v", err)
				}
			})
		}
		all.Wait()
		got := ok[metering.AgentUsage](t, "get")(f.AgentUsages.Get(t.Context(), identity.AllEntities(), usage.ID))
		if got.TotalTokensInput != 3*racers {
			t.Errorf("got %d tokens after %d updates of 3, want %d", got.TotalTokensInput, racers, 3*racers)
		}
	})
}

func usageFilters(_ *Fixtures, rows []metering.AgentUsage) []filter[metering.AgentUsage, metering.UsageFilter] {
	type usage = metering.AgentUsage
	type list = []filter[usage, metering.UsageFilter]
	some := rows[0]
	filters := list{
		{"room", metering.UsageFilter{RoomID: some.RoomID}, func(v usage) bool { return v.RoomID == some.RoomID }},
		{"agent", metering.UsageFilter{ParticipantID: some.ParticipantID}, func(v usage) bool { return v.ParticipantID == some.ParticipantID }},
		{"agent in a room", metering.UsageFilter{ParticipantID: some.ParticipantID, RoomID: some.RoomID}, func(v usage) bool {
			return v.ParticipantID == some.ParticipantID && v.RoomID == some.RoomID
		}},
		{"going on", metering.UsageFilter{Active: new(true)}, func(v usage) bool { return v.SessionEnd.IsZero() }},
		{"ended", metering.UsageFilter{Active: new(false)}, func(v usage) bool { return !v.SessionEnd.IsZero() }},
	}
	if some.EntityID != 0 {
		filters = append(filters, list{
			{"entity", metering.UsageFilter{EntityID: some.EntityID}, func(v usage) bool { return v.EntityID == some.EntityID }},
			{"department", metering.UsageFilter{DepartmentID: some.DepartmentID}, func(v usage) bool { return v.DepartmentID == some.DepartmentID }},
		}...)
	}
	return filters
}

// usageOf stores a session of the entity that goes on.
func usageOf(f *Fixtures, entity clinic.EntityID, started, changed time.Time) metering.UsageID {
	f.t.Helper()
	v := f.NewUsage(entity)
	v.SessionStart, v.SessionEnd, v.EndReason, v.UpdatedAt = started, time.Time{}, "", changed
	return store(f, f.AgentUsages.Create, v).ID
}

func testUpdateKeys(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	remember := func(t *testing.T, r ports.Repositories, usage metering.UsageID, at time.Time, keys ...string) []string {
		t.Helper()
		return ok[[]string](t, "remember")(r.AgentUsages.Remember(t.Context(), usage, keys, at))
	}
	long := strings.Repeat("é", 255)

	try(t, open, "AKeyIsFreshOnceForEachSession", func(t *testing.T, f *Fixtures) {
		entity := f.Entity().ID
		a, b := usageOf(f, entity, f.Now(), f.Now()), usageOf(f, entity, f.Now(), f.Now())
		for _, c := range []struct {
			usage      metering.UsageID
			keys, want []string
		}{
			{a, []string{"b", "a", "b", long}, []string{"b", "a", long}},
			{a, []string{"a", "c", long, "b", "B"}, []string{"c", "B"}},
			{b, []string{"c", "a"}, []string{"c", "a"}},
			{b, nil, nil},
			{a, []string{"c"}, nil},
		} {
			if got := remember(t, f.Repositories, c.usage, f.Now(), c.keys...); !slices.Equal(got, c.want) {
				t.Errorf("session %v, keys %q: got fresh %q, want %q", c.usage, c.keys, got, c.want)
			}
		}
	})

	try(t, open, "KeysOfNoSessionAreInvalid", func(t *testing.T, f *Fixtures) {
		_, err := f.AgentUsages.Remember(t.Context(), nowhere, []string{"a"}, f.Now())
		wantError(t, "Remember", err, errs.Invalid, "unknown-reference")
	})

	try(t, open, "AKeyIsForgottenWithTheTransactionThatNotedIt", func(t *testing.T, f *Fixtures) {
		usage := usageOf(f, 0, f.Now(), f.Now())
		boom := errors.New("boom")
		err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			if fresh, err := r.AgentUsages.Remember(ctx, usage, []string{"a"}, f.Now()); err != nil || len(fresh) != 1 {
				t.Errorf("in the transaction: got %q, %v, want a fresh key", fresh, err)
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatalf("got error %v, want %v", err, boom)
		}
		if got := remember(t, f.Repositories, usage, f.Now(), "a"); len(got) != 1 {
			t.Errorf("after the rollback: got fresh %q, want the key", got)
		}
	})

	try(t, open, "OneOfManyFindsAKeyFresh", func(t *testing.T, f *Fixtures) {
		usage := usageOf(f, 0, f.Now(), f.Now())
		var all sync.WaitGroup
		fresh := make([]int, racers)
		for i := range racers {
			all.Go(func() {
				keys := []string{"x", "y", "z"}
				if i%2 == 0 {
					slices.Reverse(keys)
				}
				err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
					got, err := r.AgentUsages.Remember(ctx, usage, keys, f.Now())
					fresh[i] = len(got)
					return err
				})
				if err != nil {
					t.Errorf("remember: %v", err)
				}
			})
		}
		all.Wait()
		slices.Sort(fresh)
		if fresh[racers-1] != 3 || fresh[racers-2] != 0 {
			t.Errorf("got %v fresh keys by caller, want all 3 for one of them", fresh)
		}
	})

	try(t, open, "ForgetRemovesWhatIsOlder", func(t *testing.T, f *Fixtures) {
		usage := usageOf(f, 0, f.Now(), f.Now())
		remember(t, f.Repositories, usage, f.Now(), "old", "older")
		remember(t, f.Repositories, usage, f.Now().Add(time.Microsecond), "young")
		for _, c := range []struct {
			before time.Time
			want   int
		}{{f.Now(), 0}, {f.Now().Add(time.Microsecond), 2}, {f.Now().Add(time.Microsecond), 0}} {
			if got := ok[int](t, "forget")(f.AgentUsages.Forget(t.Context(), c.before)); got != c.want {
				t.Errorf("before %v: forgot %d, want %d", c.before, got, c.want)
			}
		}
		if got := remember(t, f.Repositories, usage, f.Now(), "old", "older", "young"); !slices.Equal(got, []string{"old", "older"}) {
			t.Errorf("got fresh %q, want those that were forgotten", got)
		}
	})
}

func testUsageJobs(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	wantIDs := func(t *testing.T, what string, got, want []metering.UsageID) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: got sessions %v, want %v", what, got, want)
		}
	}

	try(t, open, "IdleFindsSessionsThatGoOnAndWereNotChanged", func(t *testing.T, f *Fixtures) {
		entity := f.Entity().ID
		at := func(minutes int) time.Time { return f.Now().Add(time.Duration(minutes) * time.Minute) }
		third, first := usageOf(f, entity, at(0), at(3)), usageOf(f, 0, at(0), at(1))
		second, fresh := usageOf(f, entity, at(0), at(2)), usageOf(f, entity, at(0), at(9))
		ended := f.NewUsage(entity)
		ended.UpdatedAt = at(0)
		store(f, f.AgentUsages.Create, ended)
		idle := func(since time.Time, limit int) []metering.UsageID {
			found := ok[[]metering.UsageID](t, "idle")(f.AgentUsages.Idle(t.Context(), since, limit))
			slices.Sort(found)
			return found
		}
		wantIDs(t, "all", idle(at(9), 10), []metering.UsageID{third, first, second})
		if two := idle(at(9), 2); len(two) != 2 || slices.Contains(two, fresh) {
			t.Errorf("up to 2: got %v", two)
		}
		wantIDs(t, "since the second's change", idle(at(2), 10), []metering.UsageID{first})
		wantIDs(t, "later", idle(at(9).Add(time.Microsecond), 10), []metering.UsageID{third, first, second, fresh})
		_ = ok[metering.AgentUsage](t, "end")(f.AgentUsages.Update(t.Context(), identity.AllEntities(), first, func(v *metering.AgentUsage) error {
			v.SessionEnd, v.EndReason = at(5), metering.Abandoned
			return nil
		}))
		wantIDs(t, "after one has ended", idle(at(9), 10), []metering.UsageID{third, second})
	})

	try(t, open, "OrphanedFindsSessionsThatGoOnInClosedRooms", func(t *testing.T, f *Fixtures) {
		session := func(closedAt time.Time, ended bool) metering.UsageID {
			room := f.NewRoom(0)
			room.ClosedAt = closedAt
			usage := f.NewUsage(0)
			usage.RoomID = store(f, f.Rooms.Create, room).ID
			if !ended {
				usage.SessionEnd, usage.EndReason = time.Time{}, ""
			}
			return store(f, f.AgentUsages.Create, usage).ID
		}
		before := f.Now().Add(time.Microsecond)
		session(time.Time{}, false)
		session(f.Now(), true)
		session(before, false)
		want := []metering.UsageID{session(f.Now().Add(-time.Hour), false), session(f.Now(), false), session(f.Now(), false)}
		orphaned := func(before time.Time, limit int) []metering.UsageID {
			found := ok[[]metering.UsageID](t, "orphaned")(f.AgentUsages.Orphaned(t.Context(), before, limit))
			slices.Sort(found)
			return found
		}
		wantIDs(t, "all", orphaned(before, 10), want)
		wantIDs(t, "before the others were closed", orphaned(f.Now(), 10), want[:1])
		wantIDs(t, "none", orphaned(f.Now().Add(-time.Hour), 10), nil)
		if two := orphaned(before, 2); len(two) != 2 || !slices.Contains(want, two[0]) || !slices.Contains(want, two[1]) {
			t.Errorf("up to 2: got %v, want two of %v", two, want)
		}
	})

	try(t, open, "StartedFindsTheSessionsOfAPeriod", func(t *testing.T, f *Fixtures) {
		a, b := f.Entity().ID, f.Entity().ID
		var ids []metering.UsageID
		for i, entity := range []clinic.EntityID{a, b, 0, a, a, b} {
			ids = append(ids, usageOf(f, entity, f.Now().Add(time.Duration(i/2)*time.Hour), f.Now()))
		}
		pick := func(which ...int) []metering.UsageID {
			var picked []metering.UsageID
			for _, i := range which {
				picked = append(picked, ids[i])
			}
			return picked
		}
		hour := func(i int) time.Time { return f.Now().Add(time.Duration(i) * time.Hour) }
		for _, c := range []struct {
			scope    identity.Scope
			from, to time.Time
			after    metering.UsageID
			limit    int
			want     []metering.UsageID
		}{
			{identity.AllEntities(), hour(0), hour(3), 0, 10, ids},
			{identity.AllEntities(), hour(0), hour(2), 0, 10, pick(0, 1, 2, 3)},
			{identity.AllEntities(), hour(1), hour(3), 0, 10, pick(2, 3, 4, 5)},
			{identity.AllEntities(), hour(0), hour(3), ids[1], 2, pick(2, 3)},
			{identity.OnlyEntity(a), hour(0), hour(3), 0, 10, pick(0, 3, 4)},
			{identity.OnlyEntity(a), hour(0), hour(3), ids[0], 1, pick(3)},
			{identity.OnlyEntity(b), hour(1), hour(3), 0, 10, pick(5)},
			{identity.OnlyEntity(b), hour(1), hour(2), 0, 10, nil},
			{identity.Scope{}, hour(0), hour(3), 0, 10, nil},
		} {
			got := ok[[]metering.UsageID](t, "started")(f.AgentUsages.Started(t.Context(), c.scope, c.from, c.to, c.after, c.limit))
			wantIDs(t, fmt.Sprintf("%+v", c), got, c.want)
		}
	})

	try(t, open, "CancelledContextStopsTheJobs", func(t *testing.T, f *Fixtures) {
		usage, ctx := usageOf(f, 0, f.Now(), f.Now()), cancelled(t)
		_, err := f.AgentUsages.Remember(ctx, usage, []string{"a"}, f.Now())
		wantCancelled(t, "Remember", err)
		_, err = f.AgentUsages.Forget(ctx, f.Now())
		wantCancelled(t, "Forget", err)
		_, err = f.AgentUsages.Idle(ctx, f.Now(), 1)
		wantCancelled(t, "Idle", err)
		_, err = f.AgentUsages.Orphaned(ctx, f.Now(), 1)
		wantCancelled(t, "Orphaned", err)
		_, err = f.AgentUsages.Started(ctx, identity.AllEntities(), f.Now(), f.Now(), 0, 1)
		wantCancelled(t, "Started", err)
	})
}
