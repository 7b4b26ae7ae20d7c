package porttest

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"
	_ "time/tzdata" // zones of clinics, wherever the tests run

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/ports"
)

func testUsageReports(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	try(t, open, "EachGroupIsARow", testReportGroups)
	try(t, open, "EachModelIsARow", testReportModels)
	try(t, open, "DaysAndMonthsAreThoseOfTheZone", testReportPeriods)
	try(t, open, "FiltersAndTheScopeLeaveOthersOut", testReportFilters)
	try(t, open, "CostsAreByCurrency", testReportCurrencies)
	try(t, open, "SumsAreExactAndStayAtTheLargest", testReportSums)
	try(t, open, "TheRowsErrorEndsTheReport", testReportErrors)
	try(t, open, "AReportInATransactionSeesItsChanges", testReportInTx)
}

// report collects the rows of a report.
func (f *Fixtures) report(scope identity.Scope, q metering.ReportQuery) []metering.ReportRow {
	f.t.Helper()
	var rows []metering.ReportRow
	okay(f.t, "report by "+string(q.GroupBy), f.UsageReports.Report(f.ctx(), scope, f.during(q), func(v metering.ReportRow) error {
		rows = append(rows, v)
		return nil
	}))
	return rows
}

// during asks for the days around the fixtures' sessions, unless the query says when.
func (f *Fixtures) during(q metering.ReportQuery) metering.ReportQuery {
	if q.From.IsZero() {
		q.From, q.To = f.Now().Add(-24*time.Hour), f.Now().Add(48*time.Hour)
	}
	if q.Zone == nil {
		q.Zone = time.UTC
	}
	return q
}

// session stores a session of ten minutes with figures of n, and its model.
func (f *Fixtures) session(entity clinic.EntityID, n int64, change func(*metering.AgentUsage)) metering.AgentUsage {
	f.t.Helper()
	v := f.NewUsage(entity)
	v.TotalTokensInput, v.TotalTokensOutput, v.TotalAudioMillis = 100*n, 10*n, 1000*n+1
	v.InteractionsCount, v.TranscriptionCount, v.CostEstimateMicros, v.Currency, v.Unpriced = n, 2*n, 1_000_000*n, "USD", false
	if change != nil {
		change(&v)
	}
	return store(f, f.AgentUsages.Create, v)
}

// sumOf are the figures of ended sessions, of ten minutes each, whose n add up to total.
func sumOf(sessions, total int64) metering.ReportRow {
	return metering.ReportRow{
		Sessions: sessions, DurationSeconds: 600 * sessions, TotalTokensInput: 100 * total, TotalTokensOutput: 10 * total,
		TotalAudioMillis: 1000*total + sessions, InteractionsCount: total, TranscriptionCount: 2 * total,
		Costs: []metering.Money{{Currency: "USD", Micros: 1_000_000 * total}},
	}
}

func with(v metering.ReportRow, change func(*metering.ReportRow)) metering.ReportRow {
	change(&v)
	return v
}

func testReportGroups(t *testing.T, f *Fixtures) {
	a, b := f.Entity(), f.Entity()
	other := f.Department(a.ID)
	second := f.Room(a.ID)
	second.DepartmentID = other.ID
	f.session(a.ID, 1, nil)
	f.session(b.ID, 2, nil)
	f.session(0, 4, nil)
	f.session(a.ID, 8, func(v *metering.AgentUsage) { v.DepartmentID, v.RoomID = other.ID, second.ID })
	f.session(a.ID, 16, func(v *metering.AgentUsage) { v.SessionEnd, v.Unpriced = time.Time{}, true })
	active := func(v metering.ReportRow) metering.ReportRow {
		v.ActiveSessions, v.UnpricedSessions, v.DurationSeconds = 1, 1, v.DurationSeconds-600
		return v
	}
	name := func(d clinic.DepartmentID) string {
		return ok[clinic.Department](t, "department")(f.Departments.Get(t.Context(), identity.AllEntities(), d)).Name
	}
	ofA, ofB, mine, theirs := f.DepartmentOf(a.ID), f.DepartmentOf(b.ID), f.RoomOf(a.ID), f.RoomOf(b.ID)
	for by, want := range map[metering.GroupBy][]metering.ReportRow{
		metering.ByEntity: {
			sumOf(1, 4),
			with(active(sumOf(3, 25)), func(v *metering.ReportRow) { v.EntityID, v.Name = a.ID, a.Name }),
			with(sumOf(1, 2), func(v *metering.ReportRow) { v.EntityID, v.Name = b.ID, b.Name }),
		},
		metering.ByDepartment: {
			sumOf(1, 4),
			with(sumOf(1, 8), func(v *metering.ReportRow) { v.DepartmentID, v.Name = other.ID, other.Name }),
			with(active(sumOf(2, 17)), func(v *metering.ReportRow) { v.DepartmentID, v.Name = ofA, name(ofA) }),
			with(sumOf(1, 2), func(v *metering.ReportRow) { v.DepartmentID, v.Name = ofB, name(ofB) }),
		},
		metering.ByRoom: {
			with(sumOf(1, 8), func(v *metering.ReportRow) { v.RoomID, v.Name = second.ID, second.Name }),
			with(active(sumOf(2, 17)), func(v *metering.ReportRow) { v.RoomID, v.Name = mine.ID, mine.Name }),
			with(sumOf(1, 2), func(v *metering.ReportRow) { v.RoomID, v.Name = theirs.ID, theirs.Name }),
			with(sumOf(1, 4), func(v *metering.ReportRow) { v.RoomID, v.Name = f.RoomOf(0).ID, f.RoomOf(0).Name }),
		},
		metering.ByAgent: {
			with(active(sumOf(3, 25)), func(v *metering.ReportRow) { v.ParticipantID, v.Name = f.AgentOf(a.ID).ID, f.AgentOf(a.ID).Name }),
			with(sumOf(1, 2), func(v *metering.ReportRow) { v.ParticipantID, v.Name = f.AgentOf(b.ID).ID, f.AgentOf(b.ID).Name }),
			with(sumOf(1, 4), func(v *metering.ReportRow) { v.ParticipantID, v.Name = f.AgentOf(0).ID, f.AgentOf(0).Name }),
		},
		metering.ByMonth: {with(active(sumOf(5, 31)), func(v *metering.ReportRow) { v.Period = "2026-03" })},
	} {
		wantSame(t, "by "+string(by), f.report(identity.AllEntities(), metering.ReportQuery{GroupBy: by}), want)
	}
}

func testReportModels(t *testing.T, f *Fixtures) {
	home := f.Entity().ID
	gpt := metering.Model{Kind: metering.LLM, Provider: "openai", Model: "gpt-4o"}
	nova := metering.Model{Kind: metering.STT, Provider: "deepgram", Model: "nova-3"}
	plain := metering.Model{Kind: metering.General}
	lines := func(lines ...metering.Line) func(*metering.AgentUsage) {
		return func(v *metering.AgentUsage) { v.Lines = lines }
	}
	f.session(home, 1, lines(
		metering.Line{Model: gpt, Quantities: metering.Quantities{InputTokens: 7, OutputTokens: 8, Requests: 1}, CostMicros: 20},
		metering.Line{Model: nova, Quantities: metering.Quantities{AudioMillis: 1500}, Unpriced: true}))
	f.session(home, 2, lines(metering.Line{Model: gpt, Quantities: metering.Quantities{InputTokens: 3}, CostMicros: 1}))
	f.session(home, 4, func(v *metering.AgentUsage) {
		v.SessionEnd = time.Time{}
		v.Lines = []metering.Line{{Model: plain, Quantities: metering.Quantities{OutputTokens: 5}, Unpriced: true}}
		v.CostEstimateMicros, v.Currency = 0, ""
	})
	f.session(home, 8, lines()) // one in which nothing was consumed has no model
	wantSame(t, "by model", f.report(identity.OnlyEntity(home), metering.ReportQuery{GroupBy: metering.ByModel}), []metering.ReportRow{
		{Model: plain, Sessions: 1, ActiveSessions: 1, TotalTokensOutput: 5, UnpricedSessions: 1},
		{
			Model: gpt, Sessions: 2, DurationSeconds: 1200, TotalTokensInput: 10, TotalTokensOutput: 8,
			Costs: []metering.Money{{Currency: "USD", Micros: 21}},
		},
		{Model: nova, Sessions: 1, DurationSeconds: 600, TotalAudioMillis: 1500, UnpricedSessions: 1},
	})
}

func testReportPeriods(t *testing.T, f *Fixtures) {
	zone, err := time.LoadLocation("America/Sao_Paulo")
	okay(t, "the zone", err)
	home := f.Entity().ID
	began := func(text string) func(*metering.AgentUsage) {
		return func(v *metering.AgentUsage) {
			at, err := time.Parse(time.RFC3339, text)
			okay(t, "the time", err)
			v.SessionStart, v.SessionEnd = at, at.Add(10*time.Minute)
		}
	}
	f.session(home, 1, began("2026-11-30T23:59:59.999999-03:00"))
	f.session(home, 2, began("2026-12-01T00:00:00-03:00"))
	f.session(home, 4, began("2026-12-02T22:00:00-03:00"))
	f.session(home, 8, began("2018-11-04T01:00:00-02:00")) // the first moment of a day without midnight
	f.session(home, 16, began("2018-11-03T23:59:59-03:00"))
	period := func(v metering.ReportRow, name string) metering.ReportRow { v.Period = name; return v }
	ask := func(by metering.GroupBy, from, to string, zone *time.Location) []metering.ReportRow {
		begin, err := time.ParseInLocation(time.DateOnly, from, zone)
		okay(t, "from", err)
		end, err := time.ParseInLocation(time.DateOnly, to, zone)
		okay(t, "to", err)
		return f.report(identity.AllEntities(), metering.ReportQuery{GroupBy: by, From: begin, To: end, Zone: zone})
	}
	wantSame(t, "months", ask(metering.ByMonth, "2026-01-01", "2027-01-01", zone), []metering.ReportRow{
		period(sumOf(1, 1), "2026-11"), period(sumOf(2, 6), "2026-12"),
	})
	wantSame(t, "months in UTC", ask(metering.ByMonth, "2026-01-01", "2027-01-01", time.UTC), []metering.ReportRow{
		period(sumOf(3, 7), "2026-12"),
	})
	wantSame(t, "days", ask(metering.ByDay, "2026-11-01", "2026-12-03", zone), []metering.ReportRow{
		period(sumOf(1, 1), "2026-11-30"), period(sumOf(1, 2), "2026-12-01"), period(sumOf(1, 4), "2026-12-02"),
	})
	wantSame(t, "one day", ask(metering.ByDay, "2026-12-01", "2026-12-02", zone), []metering.ReportRow{period(sumOf(1, 2), "2026-12-01")})
	wantSame(t, "days when the clocks change", ask(metering.ByDay, "2018-11-01", "2018-11-30", zone), []metering.ReportRow{
		period(sumOf(1, 16), "2018-11-03"), period(sumOf(1, 8), "2018-11-04"),
	})
	wantSame(t, "by nothing else", ask(metering.ByDay, "2025-01-01", "2026-01-01", zone), nil)
}

func testReportFilters(t *testing.T, f *Fixtures) {
	a, b := f.Entity().ID, f.Entity().ID
	second, stranger := f.Room(a), f.Participant(a)
	f.session(a, 1, nil)
	f.session(b, 2, nil)
	f.session(a, 4, func(v *metering.AgentUsage) { v.RoomID, v.DepartmentID = second.ID, 0 })
	f.session(a, 8, func(v *metering.AgentUsage) { v.ParticipantID = stranger.ID })
	f.session(a, 16, func(v *metering.AgentUsage) { v.SessionStart = v.SessionStart.Add(time.Microsecond) })
	f.session(0, 32, nil)
	for _, c := range []struct {
		name  string
		scope identity.Scope
		q     metering.ReportQuery
		want  int64 // what the n of the sessions add up to
	}{
		{"everything", identity.AllEntities(), metering.ReportQuery{}, 63},
		{"the scope of a", identity.OnlyEntity(a), metering.ReportQuery{}, 29},
		{"b in the scope of a", identity.OnlyEntity(a), metering.ReportQuery{EntityID: b}, 0},
		{"the empty scope", identity.Scope{}, metering.ReportQuery{}, 0},
		{"the entity", identity.AllEntities(), metering.ReportQuery{EntityID: a}, 29},
		{"the department", identity.AllEntities(), metering.ReportQuery{DepartmentID: f.DepartmentOf(a)}, 25},
		{"the room", identity.AllEntities(), metering.ReportQuery{RoomID: second.ID}, 4},
		{"a room in the scope of another", identity.OnlyEntity(b), metering.ReportQuery{RoomID: second.ID}, 0},
		{"the agent", identity.AllEntities(), metering.ReportQuery{ParticipantID: stranger.ID}, 8},
		{"all at once", identity.OnlyEntity(a), metering.ReportQuery{
			EntityID: a, DepartmentID: f.DepartmentOf(a), RoomID: f.RoomOf(a).ID, ParticipantID: f.AgentOf(a).ID,
		}, 17},
		{"from, inclusive", identity.OnlyEntity(a), metering.ReportQuery{From: f.Now().Add(time.Microsecond), To: f.Now().Add(time.Hour)}, 16},
		{"to, exclusive", identity.OnlyEntity(a), metering.ReportQuery{From: f.Now(), To: f.Now().Add(time.Microsecond)}, 13},
		{"between two microseconds", identity.OnlyEntity(a), metering.ReportQuery{From: f.Now().Add(1), To: f.Now().Add(time.Microsecond + 1)}, 16},
		{"the end before the beginning", identity.OnlyEntity(a), metering.ReportQuery{From: f.Now().Add(time.Hour), To: f.Now()}, 0},
	} {
		for _, by := range []metering.GroupBy{metering.ByEntity, metering.ByDepartment, metering.ByRoom, metering.ByAgent, metering.ByDay, metering.ByMonth} {
			c.q.GroupBy = by
			var total metering.ReportRow
			for _, v := range f.report(c.scope, c.q) {
				total.Add(v)
			}
			if total.InteractionsCount != c.want {
				t.Errorf("%s, by %s: got %d, want %d", c.name, by, total.InteractionsCount, c.want)
			}
		}
	}
}

func testReportCurrencies(t *testing.T, f *Fixtures) {
	home := f.Entity()
	in := func(currency string, micros int64) func(*metering.AgentUsage) {
		return func(v *metering.AgentUsage) { v.Currency, v.CostEstimateMicros = currency, micros }
	}
	f.session(home.ID, 1, in("USD", 5))
	f.session(home.ID, 2, in("BRL", 7))
	f.session(home.ID, 4, in("", 0))
	f.session(home.ID, 8, in("USD", 6))
	f.session(home.ID, 16, in("EUR", 0))
	want := sumOf(5, 31)
	want.EntityID, want.Name, want.Costs = home.ID, home.Name, []metering.Money{{Currency: "BRL", Micros: 7}, {Currency: "USD", Micros: 11}}
	wantSame(t, "the report", f.report(identity.AllEntities(), metering.ReportQuery{GroupBy: metering.ByEntity}), []metering.ReportRow{want})
}

func testReportSums(t *testing.T, f *Fixtures) {
	home := f.Entity().ID
	for range 40 { // a minute of the database's has six places, which are no whole milliseconds
		f.session(home, 0, func(v *metering.AgentUsage) { v.TotalAudioMillis, v.CostEstimateMicros = 29_999, 333_333 })
	}
	rows := f.report(identity.OnlyEntity(home), metering.ReportQuery{GroupBy: metering.ByEntity})
	if len(rows) != 1 || rows[0].TotalAudioMillis != 40*29_999 || rows[0].Costs[0].Micros != 40*333_333 {
		t.Errorf("got %+v, want %d ms and %d", rows, 40*29_999, 40*333_333)
	}
	large := f.Entity().ID
	for range 2 {
		f.session(large, 0, func(v *metering.AgentUsage) {
			v.TotalTokensInput, v.TotalAudioMillis, v.CostEstimateMicros = math.MaxInt64, math.MaxInt64/2+1, math.MaxInt64-1
			v.Lines = []metering.Line{{Quantities: metering.Quantities{InputTokens: math.MaxInt64}, CostMicros: math.MaxInt64}}
		})
	}
	rows = f.report(identity.OnlyEntity(large), metering.ReportQuery{GroupBy: metering.ByEntity})
	if len(rows) != 1 || rows[0].TotalTokensInput != math.MaxInt64 || rows[0].TotalAudioMillis != math.MaxInt64 || rows[0].Costs[0].Micros != math.MaxInt64 {
		t.Errorf("got %+v, want the largest", rows)
	}
	rows = f.report(identity.OnlyEntity(large), metering.ReportQuery{GroupBy: metering.ByModel})
	if len(rows) != 1 || rows[0].TotalTokensInput != math.MaxInt64 || rows[0].Costs[0].Micros != math.MaxInt64 {
		t.Errorf("by model: got %+v, want the largest", rows)
	}
}

func testReportErrors(t *testing.T, f *Fixtures) {
	f.session(f.Entity().ID, 1, nil)
	f.session(f.Entity().ID, 2, nil)
	enough := errors.New("enough")
	for _, by := range []metering.GroupBy{metering.ByEntity, metering.ByRoom} {
		given := 0
		err := f.UsageReports.Report(t.Context(), identity.AllEntities(), f.during(metering.ReportQuery{GroupBy: by}), func(metering.ReportRow) error {
			given++
			return enough
		})
		if err != enough || given != 1 { //nolint:errorlint // it comes back as it is
			t.Errorf("by %s: got error %v after %d rows, want the row's own after the first", by, err, given)
		}
	}
	err := f.UsageReports.Report(cancelled(t), identity.AllEntities(), f.during(metering.ReportQuery{GroupBy: metering.ByEntity}),
		func(metering.ReportRow) error { return nil })
	wantCancelled(t, "Report", err)
	if err := f.UsageReports.Report(t.Context(), identity.AllEntities(), f.during(metering.ReportQuery{GroupBy: "weather"}),
		func(metering.ReportRow) error { return nil }); err == nil {
		t.Error("a report by what there is not: got no error")
	}
}

func testReportInTx(t *testing.T, f *Fixtures) {
	v := f.session(f.Entity().ID, 1, nil)
	q := f.during(metering.ReportQuery{GroupBy: metering.ByEntity})
	okay(t, "InTx", f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		_, err := r.AgentUsages.Update(ctx, identity.AllEntities(), v.ID, func(v *metering.AgentUsage) error {
			v.InteractionsCount = 100
			return nil
		})
		if err != nil {
			return err
		}
		enough := errors.New("enough")
		err = r.UsageReports.Report(ctx, identity.AllEntities(), q, func(v metering.ReportRow) error {
			if v.InteractionsCount != 100 {
				t.Errorf("got %d interactions, want those of the change", v.InteractionsCount)
			}
			return enough
		})
		if err != enough { //nolint:errorlint // it comes back as it is
			t.Errorf("got error %v, want the row's own", err)
		}
		return nil
	}))
	kept := ok[metering.AgentUsage](t, "get")(f.AgentUsages.Get(t.Context(), identity.AllEntities(), v.ID))
	if kept.InteractionsCount != 100 {
		t.Error("the transaction was given up for a row's error")
	}
}
