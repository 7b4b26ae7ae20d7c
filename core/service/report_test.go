package service_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/service"
)

// session stores a session of ten minutes, with one line, that cost some millionths.
func (o *office) session(t *testing.T, room conference.Room, start time.Time, micros int64) metering.AgentUsage {
	t.Helper()
	agent := must(o.repos.Participants.Create(t.Context(), conference.Participant{
		EntityID: room.EntityID, Name: "Agent", Type: conference.Agent, PhoneNumber: "+5511955550009", CreatedAt: start, UpdatedAt: start,
	}))(t)
	return must(o.repos.AgentUsages.Create(t.Context(), metering.AgentUsage{
		RoomID: room.ID, ParticipantID: agent.ID, EntityID: room.EntityID, DepartmentID: room.DepartmentID,
		SessionStart: start, SessionEnd: start.Add(10 * time.Minute), InteractionsCount: 1, TotalTokensInput: 10,
		CostEstimateMicros: micros, Currency: "USD", Data: "{}", CreatedAt: start, UpdatedAt: start,
		Lines: []metering.Line{
			{Model: metering.Model{Kind: metering.LLM, Model: "a"}, Quantities: metering.Quantities{InputTokens: 6}, CostMicros: micros - 1},
			{Model: metering.Model{Kind: metering.LLM, Model: "b"}, Quantities: metering.Quantities{InputTokens: 4}, CostMicros: 1},
		},
	}))(t)
}

// usage asks for a report.
func (o *office) usage(t *testing.T, actor identity.Actor, p service.ReportParams) (metering.ReportQuery, []metering.ReportRow) {
	t.Helper()
	reports := service.NewReports(o.deps())
	q, err := reports.Query(t.Context(), actor, p)
	if err != nil {
		t.Fatal(err)
	}
	var rows []metering.ReportRow
	if err := reports.Usage(t.Context(), actor, q, func(v metering.ReportRow) error {
		rows = append(rows, v)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return q, rows
}

func TestReportsAreOfWhatTheActorMaySee(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	now := o.clock.Now()
	north, south := o.newRoom(t, o.ana, "north"), o.newRoom(t, o.bruno, "south")
	o.session(t, north, now, 5)
	o.session(t, south, now, 7)
	cost := func(actor identity.Actor, p service.ReportParams) int64 {
		_, rows := o.usage(t, actor, p)
		var total metering.ReportRow
		for _, v := range rows {
			total.Add(v)
		}
		if len(total.Costs) == 0 {
			return 0
		}
		return total.Costs[0].Micros
	}
	for _, c := range []struct {
		name  string
		actor identity.Actor
		p     service.ReportParams
		want  int64
	}{
		{"a manager's", o.manager, service.ReportParams{}, 12},
		{"a manager's of one entity", o.manager, service.ReportParams{EntityID: o.south.ID}, 7},
		{"an administrator's", o.ana, service.ReportParams{}, 5},
		{"an administrator's of its entity", o.ana, service.ReportParams{EntityID: o.north.ID}, 5},
		{"an administrator's of its room", o.ana, service.ReportParams{RoomID: north.ID}, 5},
	} {
		if got := cost(c.actor, c.p); got != c.want {
			t.Errorf("%s: got a cost of %d, want %d", c.name, got, c.want)
		}
	}
	reports := service.NewReports(o.deps())
	department := o.newDepartment(t, o.bruno, "south", "")
	for code, p := range map[string]service.ReportParams{
		"entity-not-found": {EntityID: o.south.ID}, "department-not-found": {DepartmentID: department.ID}, "room-not-found": {RoomID: south.ID},
	} {
		_, err := reports.Query(t.Context(), o.ana, p)
		wantRefusal(t, err, errs.NotFound, code)
	}
	_, err := reports.Query(t.Context(), identity.Actor{}, service.ReportParams{})
	wantRefusal(t, err, errs.Forbidden, "users-only")
	err = reports.Usage(t.Context(), identity.Actor{}, metering.ReportQuery{}, func(metering.ReportRow) error { return nil })
	wantRefusal(t, err, errs.Forbidden, "users-only")
}

func TestReportsAreOfThisMonthUnlessAskedOtherwise(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.clock.advance(time.Date(2026, 12, 1, 2, 30, 0, 0, time.UTC).Sub(o.clock.Now())) // still November in São Paulo
	for _, c := range []struct {
		name, from, to, zone string
		wantFrom, wantTo     string
	}{
		{"nothing", "", "", "", "2026-11-01T03:00:00Z", "2026-12-01T03:00:00Z"},
		{"a zone", "", "", "Europe/Lisbon", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"the beginning", "2026-10-05", "", "", "2026-10-05T03:00:00Z", "2026-12-01T03:00:00Z"},
		{"the end", "", "2026-03-15", "", "2026-03-01T03:00:00Z", "2026-03-15T03:00:00Z"},
		{"days", "2026-03-01", "2026-04-01", "", "2026-03-01T03:00:00Z", "2026-04-01T03:00:00Z"},
		{"moments", "2026-03-01T10:00:00-03:00", "2026-03-01T10:00:00.5Z", "UTC", "", ""},
		{"moments that are in order", "2026-03-01T10:00:00+03:00", "2026-03-01T10:00:00.5Z", "UTC", "2026-03-01T07:00:00Z", "2026-03-01T10:00:00.5Z"},
		{"five years", "2021-03-01", "2026-03-01", "UTC", "2021-03-01T00:00:00Z", "2026-03-01T00:00:00Z"},
		{"five years and a day", "2021-03-01", "2026-03-02", "UTC", "", ""},
		{"a day that has no midnight", "2018-11-04", "2018-11-05", "America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
	} {
		p := service.ReportParams{From: c.from, To: c.to, TimeZone: c.zone}
		q, err := service.NewReports(o.deps()).Query(t.Context(), o.manager, p)
		if c.wantFrom == "" {
			if errs.KindOf(err) != errs.Invalid {
				t.Errorf("%s: got error %v, want Invalid", c.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: got error %v", c.name, err)
		}
		if from, to := q.From.Format(time.RFC3339Nano), q.To.Format(time.RFC3339Nano); from != c.wantFrom || to != c.wantTo {
			t.Errorf("%s: got %s to %s, want %s to %s", c.name, from, to, c.wantFrom, c.wantTo)
		}
	}
}

func TestBadQuestionsForAReport(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for field, p := range map[string]service.ReportParams{
		"query.from":     {From: "yesterday"},
		"query.to":       {To: "2026-13-01"},
		"query.group_by": {GroupBy: "weather"},
		"query.timezone": {TimeZone: "Local"},
	} {
		_, err := service.NewReports(o.deps()).Query(t.Context(), o.manager, p)
		wantFields(t, err, field)
	}
	reports := service.NewReports(o.deps())
	for _, name := range []string{"Mars/Olympus", "../../etc/passwd", "America/Sao_Paulo\x00", "Local", "Local", "Mars/Olympus"} {
		_, err := reports.Query(t.Context(), o.manager, service.ReportParams{TimeZone: name})
		wantFields(t, err, "query.timezone")
	}
}

func TestManyAskForZonesAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	reports := service.NewReports(o.deps())
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			name := []string{"Asia/Kathmandu", "Europe/Lisbon"}[i%2]
			q, err := reports.Query(t.Context(), o.manager, service.ReportParams{TimeZone: name})
			if err != nil || q.Zone.String() != name {
				t.Errorf("got the zone %v, %v, want %s", q.Zone, err, name)
			}
		})
	}
	all.Wait()
	// The same zone may be written in more ways than are kept.
	for i := range 1100 {
		name := "Asia" + strings.Repeat("/", 1+i%40) + strings.Repeat("./", i/40) + "Kathmandu"
		if _, err := reports.Query(t.Context(), o.manager, service.ReportParams{TimeZone: name}); err != nil {
			t.Fatalf("%s: got error %v", name, err)
		}
	}
}

func TestDaysOfAReportAreThoseOfTheClinic(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	must(service.NewClinics(o.deps()).Create(t.Context(), o.manager, agenda.ClinicParams{
		EntityID: o.north.ID, Name: "North", EvolutionInstance: "north", TimeZone: "Asia/Kathmandu",
	}))(t)
	room := o.newRoom(t, o.ana, "north")
	o.session(t, room, time.Date(2026, 3, 2, 18, 20, 0, 0, time.UTC), 1) // already the third there
	for name, ask := range map[string]struct {
		actor identity.Actor
		p     service.ReportParams
		want  string
	}{
		"its administrator":       {o.ana, service.ReportParams{}, "2026-03-03"},
		"a manager of its entity": {o.manager, service.ReportParams{EntityID: o.north.ID}, "2026-03-03"},
		"a manager of its room":   {o.manager, service.ReportParams{RoomID: room.ID}, "2026-03-03"},
		"a manager of all":        {o.manager, service.ReportParams{}, "2026-03-02"},
		"somebody with a zone":    {o.ana, service.ReportParams{TimeZone: "UTC"}, "2026-03-02"},
	} {
		ask.p.GroupBy = metering.ByDay
		_, rows := o.usage(t, ask.actor, ask.p)
		if len(rows) != 1 || rows[0].Period != ask.want {
			t.Errorf("%s: got %v, want the day %s", name, rows, ask.want)
		}
	}
}

func TestTotalsCountASessionOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "north")
	o.session(t, room, o.clock.Now(), 5)
	o.session(t, room, o.clock.Now(), 7)
	want := metering.ReportRow{
		Sessions: 2, DurationSeconds: 1200, TotalTokensInput: 20, InteractionsCount: 2, Costs: []metering.Money{{Currency: "USD", Micros: 12}},
	}
	for _, by := range metering.Groups() {
		q, rows := o.usage(t, o.ana, service.ReportParams{GroupBy: by})
		if wantRows := map[metering.GroupBy]int{metering.ByModel: 2, metering.ByAgent: 2}[by]; len(rows) != max(1, wantRows) {
			t.Errorf("by %s: got %d rows", by, len(rows))
		}
		total := must(service.NewReports(o.deps()).Totals(t.Context(), o.ana, q, rows))(t)
		if diff := cmp.Diff(want, total); diff != "" {
			t.Errorf("by %s: -want +got\n%s", by, diff)
		}
	}
}

func TestAnErrorOfARowEndsTheReport(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.session(t, o.newRoom(t, o.ana, "north"), o.clock.Now(), 5)
	broken := errors.New("the connection is gone")
	q, _ := o.usage(t, o.ana, service.ReportParams{})
	err := service.NewReports(o.deps()).Usage(t.Context(), o.ana, q, func(metering.ReportRow) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("got error %v, want the row's", err)
	}
}

func TestTimelineIsOfAVisibleRoom(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "north")
	o.session(t, room, o.clock.Now().Add(time.Minute), 5)
	got := items(o.rooms.Timeline(t.Context(), o.ana, room.ID, page.Request{}))(t)
	if len(got) != 3 || got[0].Name != "room_opened" || got[1].Kind != conference.TimelineUsageStart || got[2].Kind != conference.TimelineUsageEnd {
		t.Errorf("got %+v, want the opening and a session", got)
	}
	_, err := o.rooms.Timeline(t.Context(), o.bruno, room.ID, page.Request{})
	wantRefusal(t, err, errs.NotFound, "room-not-found")
	_, err = o.rooms.Timeline(t.Context(), identity.Actor{}, room.ID, page.Request{})
	wantRefusal(t, err, errs.Forbidden, "users-only")
}
