package service_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// roomIn opens a room of the actor's entity and a department.
func (o *office) roomIn(t *testing.T, actor identity.Actor, department clinic.DepartmentID) conference.Room {
	t.Helper()
	return must(o.rooms.Create(t.Context(), actor, service.NewRoom{Name: "visit", DepartmentID: department}))(t)
}

// budget makes a budget of so many dollars.
func (o *office) budget(t *testing.T, actor identity.Actor, department clinic.DepartmentID, limit int64, refuse bool) service.BudgetStatus {
	t.Helper()
	return must(service.NewBudgets(o.deps()).Create(t.Context(), actor, metering.BudgetParams{
		DepartmentID: department, LimitMicros: limit * 1_000_000, Currency: "USD", Refuse: refuse,
	}))(t)
}

func TestBudgetsAreTheEntitysOwn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	budgets, ctx := service.NewBudgets(o.deps()), t.Context()
	ours, theirs := o.newDepartment(t, o.ana, "ours", ""), o.newDepartment(t, o.bruno, "theirs", "")
	params := metering.BudgetParams{LimitMicros: 1, Currency: "USD"}
	key := o.newKey(t, o.ana, identity.ReportsRead, identity.BudgetsWrite).Actor()
	v := must(budgets.Create(ctx, key, params))(t)
	if v.EntityID != o.north.ID || v.DepartmentID != 0 || v.WarnPercent != 80 || !v.Active || v.State != metering.BudgetOK || v.Month != "2026-03" {
		t.Errorf("got %+v", v)
	}
	_, err := budgets.Create(ctx, o.ana, params)
	wantRefusal(t, err, errs.Conflict, "budget-exists")
	of := func(department clinic.DepartmentID, entity clinic.EntityID) metering.BudgetParams {
		p := params
		p.DepartmentID, p.EntityID = department, entity
		return p
	}
	must(budgets.Create(ctx, o.ana, of(ours.ID, 0)))(t)
	_, err = budgets.Create(ctx, o.ana, of(theirs.ID, 0))
	wantRefusal(t, err, errs.NotFound, "department-not-found")
	_, err = budgets.Create(ctx, o.manager, of(theirs.ID, o.north.ID))
	wantRefusal(t, err, errs.Invalid, "invalid-input")
	_, err = budgets.Create(ctx, o.bruno, of(0, o.north.ID))
	wantRefusal(t, err, errs.NotFound, "entity-not-found")
	_, err = budgets.Create(ctx, o.manager, params)
	wantRefusal(t, err, errs.Invalid, "invalid-input")
	_, err = budgets.Create(ctx, o.newKey(t, o.ana, identity.ReportsRead).Actor(), params)
	wantRefusal(t, err, errs.Forbidden, "scope-missing")
	_, err = budgets.Get(ctx, o.newKey(t, o.ana, identity.UsageRead).Actor(), v.ID)
	wantRefusal(t, err, errs.Forbidden, "scope-missing")

	for who, c := range map[string]struct {
		actor identity.Actor
		want  int
	}{"a manager": {o.manager, 2}, "its administrator": {o.ana, 2}, "another's": {o.bruno, 0}} {
		if got := items(budgets.List(ctx, c.actor, metering.BudgetFilter{}, page.Request{}))(t); len(got) != c.want {
			t.Errorf("%s sees %+v, want %d budgets", who, got, c.want)
		}
	}
	_, absent := budgets.Get(ctx, o.bruno, 1<<40)
	_, err = budgets.Get(ctx, o.bruno, v.ID)
	wantAbsent(t, err, absent)
	_, err = budgets.Update(ctx, o.bruno, v.ID, metering.BudgetPatch{}, version.Match{})
	wantAbsent(t, err, absent)
	wantAbsent(t, budgets.Delete(ctx, o.bruno, v.ID, version.Match{}), absent)

	read := version.Exactly(version.Of(v.UpdatedAt))
	changed := must(budgets.Update(ctx, o.ana, v.ID, metering.BudgetPatch{Refuse: patch.Set(true)}, read))(t)
	if !changed.Refuse || changed.LimitMicros != 1 {
		t.Errorf("changed to %+v", changed)
	}
	_, err = budgets.Update(ctx, o.ana, v.ID, metering.BudgetPatch{}, read)
	wantRefusal(t, err, errs.Stale, "version-mismatch")
	if err := budgets.Delete(ctx, o.ana, v.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	if got := must(budgets.Get(ctx, o.ana, v.ID))(t); got.Active {
		t.Error("a deleted budget is active")
	}
}

func TestABudgetCountsTheMonthOfTheClinicsZone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d, ctx := o.deps(), t.Context()
	must(service.NewClinics(d).Create(ctx, o.manager, agenda.ClinicParams{EntityID: o.south.ID, Name: "South", TimeZone: "Asia/Tokyo"}))(t)
	north, south := o.newRoom(t, o.ana, "north"), o.newRoom(t, o.bruno, "south")
	ours, theirs := o.budget(t, o.ana, 0, 10, false), o.budget(t, o.bruno, 0, 10, false)

	// 23:30 of 31 March in São Paulo, which is the zone without a clinic, and 11:30 of 1 April in Tokyo.
	late := time.Date(2026, time.April, 1, 2, 30, 0, 0, time.UTC)
	o.session(t, north, late, 2_000_000)
	o.session(t, south, late, 3_000_000)
	o.session(t, north, time.Date(2026, time.March, 1, 2, 59, 59, 0, time.UTC), 500) // February
	o.session(t, north, time.Date(2026, time.March, 1, 3, 0, 0, 0, time.UTC), 7)     // March
	o.clock.advance(late.Add(10 * time.Minute).Sub(o.clock.Now()))

	budgets := service.NewBudgets(d)
	want := func(when string, id metering.BudgetID, month string, spent int64) {
		t.Helper()
		got := must(budgets.Get(ctx, o.manager, id))(t)
		if got.Month != month || got.SpentMicros != spent {
			t.Errorf("%s: %d spent in %s, want %d in %s", when, got.SpentMicros, got.Month, spent, month)
		}
	}
	want("before midnight in São Paulo", ours.ID, "2026-03", 2_000_007)
	want("before midnight in São Paulo", theirs.ID, "2026-04", 3_000_000)
	o.clock.advance(time.Hour)
	want("after it", ours.ID, "2026-04", 0)
	o.session(t, north, o.clock.Now(), 11)
	want("after it", ours.ID, "2026-04", 11)
}

func TestABudgetCountsItsCurrencyAndDepartment(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d, ctx := o.deps(), t.Context()
	first, second := o.newDepartment(t, o.ana, "first", ""), o.newDepartment(t, o.ana, "second", "")
	whole, part := o.budget(t, o.ana, 0, 10, false), o.budget(t, o.ana, first.ID, 10, false)
	for _, room := range []conference.Room{o.roomIn(t, o.ana, first.ID), o.roomIn(t, o.ana, second.ID), o.roomIn(t, o.ana, 0)} {
		u := o.session(t, room, o.clock.Now(), 4_000_000)
		must(o.repos.AgentUsages.Update(ctx, identity.AllEntities(), o.session(t, room, o.clock.Now(), 900_000_000).ID, func(v *metering.AgentUsage) error {
			v.Currency = "BRL"
			return nil
		}))(t)
		if u.Currency != "USD" {
			t.Fatalf("the session costs %s", u.Currency)
		}
	}
	got := map[metering.BudgetID]service.BudgetStatus{}
	for _, v := range items(service.NewBudgets(d).List(ctx, o.ana, metering.BudgetFilter{}, page.Request{}))(t) {
		got[v.ID] = v
	}
	if v := got[whole.ID]; v.SpentMicros != 12_000_000 || v.State != metering.BudgetExceeded {
		t.Errorf("of the entity %d were spent, state %s", v.SpentMicros, v.State)
	}
	if v := got[part.ID]; v.SpentMicros != 4_000_000 || v.State != metering.BudgetOK {
		t.Errorf("of the department %d were spent, state %s", v.SpentMicros, v.State)
	}
	inReais := must(service.NewBudgets(d).Update(ctx, o.ana, part.ID, metering.BudgetPatch{Currency: patch.Set("BRL")}, version.Match{}))(t)
	if inReais.SpentMicros != 900_000_000 {
		t.Errorf("in BRL %d were spent, want 900", inReais.SpentMicros)
	}
}

func TestAUsedUpBudgetRefusesWhoItIsFor(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	first, second := m.newDepartment(t, m.ana, "first", ""), m.newDepartment(t, m.ana, "second", "")
	inFirst, inSecond := m.roomIn(t, m.ana, first.ID), m.roomIn(t, m.ana, second.ID)
	m.session(t, inFirst, m.clock.Now(), 5_000_000)
	start := func(room conference.Room) error {
		_, err := m.usages.Start(t.Context(), m.ana, room.ID, service.StartUsage{ParticipantID: m.agent.ID})
		return err
	}
	wantRefused := func(room conference.Room, whose string) {
		t.Helper()
		err := start(room)
		wantRefusal(t, err, errs.Conflict, "budget-exceeded")
		if err != nil && !strings.Contains(err.Error(), "of the "+whose+" for 2026-03") {
			t.Errorf("refused by %q, want it to name the %s and the month", err, whose)
		}
	}
	wantStarted := func(room conference.Room) {
		t.Helper()
		if err := start(room); err != nil {
			t.Errorf("a session was refused: %v", err)
		}
	}
	lenient := m.budget(t, m.ana, first.ID, 5, false)
	wantStarted(inFirst)
	budgets := service.NewBudgets(m.deps())
	must(budgets.Update(t.Context(), m.ana, lenient.ID, metering.BudgetPatch{Refuse: patch.Set(true)}, version.Match{}))(t)
	wantRefused(inFirst, "department")
	wantStarted(inSecond)
	must(budgets.Update(t.Context(), m.ana, lenient.ID, metering.BudgetPatch{LimitMicros: patch.Set(int64(5_000_001))}, version.Match{}))(t)
	wantStarted(inFirst)

	whole := m.budget(t, m.ana, 0, 5, true)
	wantRefused(inFirst, "entity")
	wantRefused(inSecond, "entity")
	wantRefused(m.room, "entity")
	if err := budgets.Delete(t.Context(), m.ana, whole.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	wantStarted(m.room)

	// A room of no entity has no budget.
	nowhere := must(m.rooms.Create(t.Context(), m.manager, service.NewRoom{Name: "nowhere"}))(t)
	agent := must(m.participants.Create(t.Context(), m.manager, conference.ParticipantParams{
		Name: "agent", Type: conference.Agent, PhoneNumber: "+5511955550004",
	}))(t)
	must(m.usages.Start(t.Context(), m.manager, nowhere.ID, service.StartUsage{ParticipantID: agent.ID}))(t)
}

// brokenReports cannot tell what one entity spent.
type brokenReports struct {
	ports.UsageReports
	of clinic.EntityID
}

func (r brokenReports) Report(ctx context.Context, scope identity.Scope, q metering.ReportQuery, row func(metering.ReportRow) error) error {
	if q.EntityID == r.of {
		return errors.New("nobody expected this")
	}
	return r.UsageReports.Report(ctx, scope, q, row)
}

// audited are the latest entries of the audit log, the newest first.
func (o *office) audited(t *testing.T, f identity.AuditFilter) []identity.AuditEntry {
	t.Helper()
	return items(o.repos.AuditLog.List(t.Context(), identity.AllEntities(), f, page.Request{Limit: page.MaxLimit}))(t)
}

// alarms are the entries that tell of budgets, the newest first.
func (o *office) alarms(t *testing.T) []identity.AuditEntry {
	t.Helper()
	var found []identity.AuditEntry
	for _, e := range o.audited(t, identity.AuditFilter{Table: "budgets"}) {
		if strings.HasPrefix(e.Action, "budget-") {
			found = append(found, e)
		}
	}
	return found
}

func TestBudgetsThatRunOutAreToldOnceAMonth(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit")
	v := o.budget(t, o.ana, 0, 10, false)
	k := o.keeper(0)
	check := func(when string, want ...string) {
		t.Helper()
		before := len(o.alarms(t))
		logged := k.do(t, service.JobCheckBudgets)
		told := o.alarms(t)
		if len(told)-before != len(want) {
			t.Fatalf("%s: %d entries are new, want %v", when, len(told)-before, want)
		}
		if len(want) == 0 {
			if logged != "" {
				t.Errorf("%s: logged %q, want nothing", when, logged)
			}
			return
		}
		for _, part := range []string{"level=WARN", "event=" + want[0], "budget=" + v.ID.String()} {
			if !strings.Contains(logged, part) {
				t.Errorf("%s: logged %q, want %q in it", when, logged, part)
			}
		}
		if e := told[0]; e.Action != want[0] || e.Table != "budgets" || e.RowID != v.ID.String() || e.EntityID != o.north.ID || e.Actor != identity.Service {
			t.Errorf("%s: got the entry %+v, want %s", when, e, want[0])
		}
	}
	check("nothing spent")
	o.session(t, room, o.clock.Now(), 7_999_999)
	check("a millionth below the share")
	o.session(t, room, o.clock.Now(), 2)
	check("the share", "budget-warning")
	if got, want := o.alarms(t)[0].Detail, map[string]string{"month": "2026-03", "spent": "8.000001", "limit": "10", "currency": "USD"}; !maps.Equal(got, want) {
		t.Errorf("the warning tells %v, want %v", got, want)
	}
	check("the share, a minute later")
	o.session(t, room, o.clock.Now(), 2_000_000)
	check("the limit", "budget-exceeded")
	check("the limit, a minute later")

	o.clock.advance(31 * 24 * time.Hour)
	check("the next month")
	o.session(t, room, o.clock.Now(), 50_000_000)
	check("all at once in the next month", "budget-exceeded")
	check("a minute later")
	must(service.NewBudgets(o.deps()).Update(t.Context(), o.ana, v.ID, metering.BudgetPatch{LimitMicros: patch.Set(int64(20_000_000))}, version.Match{}))(t)
	check("with another limit, which is reached too", "budget-exceeded")
	if err := service.NewBudgets(o.deps()).Delete(t.Context(), o.ana, v.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	o.clock.advance(31 * 24 * time.Hour)
	o.session(t, room, o.clock.Now(), 50_000_000)
	check("a deactivated budget")
}

func TestABudgetThatCannotBeCheckedKeepsNoOtherFromIt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ours, theirs := o.budget(t, o.ana, 0, 10, false), o.budget(t, o.bruno, 0, 10, false)
	o.session(t, o.newRoom(t, o.bruno, "visit"), o.clock.Now(), 10_000_000)
	d := o.deps()
	d.Repositories.UsageReports = brokenReports{o.repos.UsageReports, o.north.ID}
	housekeeping := service.NewHousekeeping(d, o.store, service.HousekeepingOptions{})
	_, err := housekeeping.Do(t.Context(), ports.Job{Kind: service.JobCheckBudgets})
	if err == nil || !strings.Contains(err.Error(), "budget "+ours.ID.String()) {
		t.Errorf("got error %v, want one of budget %s", err, ours.ID)
	}
	if told := o.alarms(t); len(told) != 1 || told[0].RowID != theirs.ID.String() {
		t.Errorf("told of %+v, want of the budget of the other entity", told)
	}
}

func TestManyCheckersTellOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.session(t, o.newRoom(t, o.ana, "visit"), o.clock.Now(), 10_000_000)
	o.budget(t, o.ana, 0, 10, false)
	done := make(chan error)
	for range 8 {
		go func() {
			_, err := service.NewHousekeeping(o.deps(), o.store, service.HousekeepingOptions{}).Do(t.Context(), ports.Job{Kind: service.JobCheckBudgets})
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if told := o.alarms(t); len(told) != 1 {
		t.Errorf("told %d times, want once", len(told))
	}
}
