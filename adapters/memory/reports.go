package memory

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
)

type usageReports struct{ session }

func (r usageReports) Report(ctx context.Context, scope identity.Scope, q metering.ReportQuery, row func(metering.ReportRow) error) error {
	d, err := r.view(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(metering.Groups(), q.GroupBy) {
		return errs.InvalidField("group_by", "is none of the groups")
	}
	if !scope.All() && scope.EntityID() <= 0 {
		return nil
	}
	for _, v := range r.sums(d, scope, q) {
		v.Name = r.nameOf(d, v)
		if err := row(v); err != nil {
			return err
		}
	}
	return nil
}

// sums are the rows of a report, in their order.
func (r usageReports) sums(d *data, scope identity.Scope, q metering.ReportQuery) []metering.ReportRow {
	t, periods := r.tables(), q.Periods()
	rows := ofEntity(t.usages, t.usagesByEntity, scope, q.EntityID)
	if q.RoomID != 0 {
		rows = group(t.usages, t.usagesByRoom, intKey(q.RoomID))
	}
	groups := map[reportKey]*metering.ReportRow{}
	add := func(v metering.ReportRow) {
		key := keyOf(v)
		if groups[key] == nil {
			groups[key] = &metering.ReportRow{
				EntityID: v.EntityID, DepartmentID: v.DepartmentID, RoomID: v.RoomID, ParticipantID: v.ParticipantID,
				Model: v.Model, Period: v.Period,
			}
		}
		groups[key].Add(v)
	}
	for u := range rows(d, "") {
		if scope.Includes(u.EntityID) && wants(q.EntityID, u.EntityID) && wants(q.DepartmentID, u.DepartmentID) &&
			wants(q.RoomID, u.RoomID) && wants(q.ParticipantID, u.ParticipantID) &&
			!u.SessionStart.Before(q.From) && u.SessionStart.Before(q.To) {
			reportOf(u, q, periods, add)
		}
	}
	sums := make([]metering.ReportRow, 0, len(groups))
	for _, v := range groups {
		sums = append(sums, *v)
	}
	slices.SortFunc(sums, func(a, b metering.ReportRow) int { return keyOf(a).compare(keyOf(b)) })
	return sums
}

// reportOf adds what a session is in a report: one row, or one for each of its models.
func reportOf(u *metering.AgentUsage, q metering.ReportQuery, periods []time.Time, add func(metering.ReportRow)) {
	v := metering.ReportRow{Sessions: 1}
	if u.SessionEnd.IsZero() {
		v.ActiveSessions = 1
	}
	if d, ended := u.Duration(); ended {
		v.DurationSeconds = int64(d / time.Second)
	}
	if q.GroupBy == metering.ByModel {
		for _, line := range u.Lines {
			v.Model, v.TotalTokensInput, v.TotalTokensOutput, v.TotalAudioMillis = line.Model, line.InputTokens, line.OutputTokens, line.AudioMillis
			v.UnpricedSessions, v.Costs = oneIf(line.Unpriced), nil
			v.AddCost(metering.Money{Currency: u.Currency, Micros: line.CostMicros})
			add(v)
		}
		return
	}
	switch q.GroupBy {
	case metering.ByEntity:
		v.EntityID = u.EntityID
	case metering.ByDepartment:
		v.DepartmentID = u.DepartmentID
	case metering.ByRoom:
		v.RoomID = u.RoomID
	case metering.ByAgent:
		v.ParticipantID = u.ParticipantID
	case metering.ByDay, metering.ByMonth:
		began := sort.Search(len(periods), func(i int) bool { return periods[i].After(u.SessionStart) })
		v.Period = q.PeriodOf(periods[began-1]) // the first begins no later than the report
	case metering.ByModel:
	}
	v.TotalTokensInput, v.TotalTokensOutput, v.TotalAudioMillis = u.TotalTokensInput, u.TotalTokensOutput, u.TotalAudioMillis
	v.InteractionsCount, v.TranscriptionCount = u.InteractionsCount, u.TranscriptionCount
	v.UnpricedSessions = oneIf(u.Unpriced)
	v.AddCost(metering.Money{Currency: u.Currency, Micros: u.CostEstimateMicros})
	add(v)
}

func oneIf(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// reportKey is what names a group.
type reportKey struct {
	entity     clinic.EntityID
	department clinic.DepartmentID
	room       conference.RoomID
	agent      conference.ParticipantID
	model      metering.Model
	period     string
}

func keyOf(v metering.ReportRow) reportKey {
	return reportKey{v.EntityID, v.DepartmentID, v.RoomID, v.ParticipantID, v.Model, v.Period}
}

func (k reportKey) compare(other reportKey) int {
	return cmp.Or(
		cmp.Compare(k.entity, other.entity), cmp.Compare(k.department, other.department), cmp.Compare(k.room, other.room),
		cmp.Compare(k.agent, other.agent), cmp.Compare(k.model.Kind, other.model.Kind),
		cmp.Compare(k.model.Provider, other.model.Provider), cmp.Compare(k.model.Model, other.model.Model),
		cmp.Compare(k.period, other.period),
	)
}

// nameOf is the name of what a group is of, "" when that has none.
func (r usageReports) nameOf(d *data, v metering.ReportRow) string {
	t := r.tables()
	if e, ok := t.entities.get(d, intKey(v.EntityID)); ok {
		return e.Name
	}
	if e, ok := t.departments.get(d, intKey(v.DepartmentID)); ok {
		return e.Name
	}
	if e, ok := t.rooms.get(d, intKey(v.RoomID)); ok {
		return e.Name
	}
	if e, ok := t.participants.get(d, intKey(v.ParticipantID)); ok {
		return e.Name
	}
	return ""
}
