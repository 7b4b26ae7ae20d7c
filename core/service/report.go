package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
)

// longestReport is how many years a report may span.
const longestReport = 5

// Reports are the use cases of agents' usage and cost, added up.
type Reports struct {
	d     Deps
	zones zones
}

// NewReports makes the use cases of reports.
func NewReports(d Deps) *Reports { return &Reports{d: d} }

// ReportParams is what a report is asked for with.
type ReportParams struct {
	EntityID      clinic.EntityID          // 0: all that the actor may see
	DepartmentID  clinic.DepartmentID      // 0: any
	RoomID        conference.RoomID        // 0: any
	ParticipantID conference.ParticipantID // the agent; 0: any
	From          string                   // RFC 3339, or a day such as "2026-11-22"; "": the beginning of the month of the end
	To            string                   // the moment, or the day, after the last; "": the end of this month
	GroupBy       metering.GroupBy         // "": by month
	TimeZone      string                   // an IANA name; "": the clinic's
}

// Query makes the question of a report: what was left out is filled in. Errors: NotFound "entity-not-found",
// "department-not-found", "room-not-found", also for another tenant's; Invalid "invalid-input".
func (s *Reports) Query(ctx context.Context, actor identity.Actor, p ReportParams) (metering.ReportQuery, error) {
	var none metering.ReportQuery
	if err := actor.Require(identity.ReportsRead); err != nil {
		return none, err
	}
	q := metering.ReportQuery{
		EntityID: p.EntityID, DepartmentID: p.DepartmentID, RoomID: p.RoomID, ParticipantID: p.ParticipantID,
		GroupBy: cmp.Or(p.GroupBy, metering.ByMonth),
	}
	if !slices.Contains(metering.Groups(), q.GroupBy) {
		return none, errs.InvalidField("query.group_by", "must be entity, department, room, agent, model, day or month")
	}
	entity, err := s.entityOf(ctx, actor, p)
	if err != nil {
		return none, err
	}
	if q.Zone, err = s.zone(ctx, p.TimeZone, entity); err != nil {
		return none, err
	}
	if q.From, q.To, err = period(p, q.Zone, s.d.Now()); err != nil {
		return none, err
	}
	return q, nil
}

// Usage calls row with every group of the sessions that started in the period of a report, in their order. An error of row
// ends the report, and comes back.
func (s *Reports) Usage(ctx context.Context, actor identity.Actor, q metering.ReportQuery, row func(metering.ReportRow) error) error {
	if err := actor.Require(identity.ReportsRead); err != nil {
		return err
	}
	return s.d.Repositories.UsageReports.Report(ctx, actor.Scope(), q, row)
}

// Totals adds up the rows of a report. By model a session has several rows, so what sessions have is asked for anew.
func (s *Reports) Totals(ctx context.Context, actor identity.Actor, q metering.ReportQuery, rows []metering.ReportRow) (metering.ReportRow, error) {
	var total metering.ReportRow
	for _, v := range rows {
		total.Add(v)
	}
	if q.GroupBy != metering.ByModel {
		return total, nil
	}
	var sessions metering.ReportRow
	q.GroupBy = metering.ByEntity
	err := s.Usage(ctx, actor, q, func(v metering.ReportRow) error {
		sessions.Add(v)
		return nil
	})
	total.Sessions, total.ActiveSessions, total.DurationSeconds = sessions.Sessions, sessions.ActiveSessions, sessions.DurationSeconds
	total.InteractionsCount, total.TranscriptionCount = sessions.InteractionsCount, sessions.TranscriptionCount
	total.UnpricedSessions = sessions.UnpricedSessions
	return total, err
}

// entityOf checks that the actor can see what a report is of, and returns the entity that all of it is of; 0 when there
// is none. An agent need not be looked for: the report is empty when it is another tenant's.
func (s *Reports) entityOf(ctx context.Context, actor identity.Actor, p ReportParams) (clinic.EntityID, error) {
	r, scope, entity := s.d.Repositories, actor.Scope(), cmp.Or(p.EntityID, actor.EntityID())
	if p.EntityID != 0 {
		if _, err := r.Entities.Get(ctx, scope, p.EntityID); err != nil {
			return 0, err
		}
	}
	if p.DepartmentID != 0 {
		department, err := r.Departments.Get(ctx, scope, p.DepartmentID)
		if err != nil {
			return 0, err
		}
		entity = cmp.Or(entity, department.EntityID)
	}
	if p.RoomID != 0 {
		room, err := r.Rooms.Get(ctx, scope, p.RoomID)
		if err != nil {
			return 0, err
		}
		entity = cmp.Or(entity, room.EntityID)
	}
	return entity, nil
}

func (s *Reports) zone(ctx context.Context, name string, entity clinic.EntityID) (*time.Location, error) {
	if name == "" {
		name, err := zoneNameOf(ctx, s.d.Repositories, entity)
		if err != nil {
			return nil, err
		}
		return s.zones.load(name)
	}
	zone, err := s.zones.load(name)
	if err != nil || name == "Local" { // the machine's own, which is nobody's business
		return nil, errs.InvalidField("query.timezone", "must be the name of a time zone, such as America/Sao_Paulo")
	}
	return zone, nil
}

// period is the time that a report is of.
func period(p ReportParams, zone *time.Location, now time.Time) (from, to time.Time, err error) {
	var c errs.Check
	moment := func(path, text string, otherwise func() time.Time) time.Time {
		at, ok := momentOf(text, zone)
		if text == "" {
			at, ok = otherwise(), true
		}
		c.That(ok, path, "must be a moment (RFC 3339) or a day, such as 2026-11-22")
		return at
	}
	to = moment("query.to", p.To, func() time.Time {
		_, _, end := metering.Month(now, zone)
		return end
	})
	from = moment("query.from", p.From, func() time.Time {
		_, begin, _ := metering.Month(to.Add(-1), zone)
		return begin
	})
	if err := c.Err(); err != nil {
		return from, to, err
	}
	c.That(from.Before(to), "query.from", "must be before the end of the report")
	c.That(!to.After(from.AddDate(longestReport, 0, 0)), "query.from", "must not be more than 5 years before the end of the report")
	return from.UTC(), to.UTC(), c.Err()
}

// momentOf reads a moment, or a day as its first moment.
func momentOf(text string, zone *time.Location) (time.Time, bool) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return metering.DayStart(day.Year(), day.Month(), day.Day(), zone), true
	}
	at, err := time.Parse(time.RFC3339, text)
	return at, err == nil
}
