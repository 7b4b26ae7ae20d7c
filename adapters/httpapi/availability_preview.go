package httpapi

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/service"
)

// maxPreviewSlots bounds the answer of a preview.
const maxPreviewSlots = 10_000

// AvailabilityPreview is working hours to try out.
type AvailabilityPreview struct {
	Timezone             string         `json:"timezone,omitempty" maxLength:"64" default:"America/Sao_Paulo" example:"America/Sao_Paulo" doc:"IANA name."`
	WorkingHours         []WorkingHours `json:"working_hours,omitempty" maxItems:"200" doc:"Windows that repeat every week."`
	WindowsUTC           []Slot         `json:"windows_utc,omitempty" maxItems:"2000" doc:"Working time as instants, instead of working_hours."`
	DateOverrides        []DateOverride `json:"date_overrides,omitempty" maxItems:"400" doc:"Dates with other hours than their day of the week."`
	EndBeforeStart       string         `json:"end_before_start,omitempty" enum:"skip,next_day" default:"skip" doc:"What a window is that ends at or before its start: nothing, or one that ends on the next day."`
	Busy                 []Slot         `json:"busy,omitempty" maxItems:"5000" doc:"In any order; overlaps are fine."`
	Now                  *time.Time     `json:"now,omitempty" nullable:"true" example:"2026-11-30T12:00:00Z" doc:"The present when left out."`
	From                 string         `json:"from" minLength:"1" maxLength:"40" example:"2026-12-01" doc:"An RFC 3339 instant, or a date: the beginning of that day in the time zone."`
	To                   string         `json:"to" minLength:"1" maxLength:"40" example:"2026-12-05" doc:"An RFC 3339 instant, or a date: that day is included."`
	DurationMinutes      int            `json:"duration_minutes" minimum:"1" maximum:"1440" example:"30"`
	IntervalMinutes      int            `json:"interval_minutes,omitempty" minimum:"0" maximum:"1440" example:"30" doc:"From one start to the next; the duration when left out."`
	BufferBeforeMinutes  int            `json:"buffer_before_minutes,omitempty" minimum:"0" maximum:"1440" example:"0" doc:"Free of busy time before a visit."`
	BufferAfterMinutes   int            `json:"buffer_after_minutes,omitempty" minimum:"0" maximum:"1440" example:"10" doc:"Free of busy time after a visit."`
	MinimumNoticeMinutes int            `json:"minimum_notice_minutes,omitempty" minimum:"0" maximum:"527040" example:"60"`
}

// query is the question that a preview asks; it is valid.
func (p AvailabilityPreview) query(now time.Time) (agenda.Query, error) {
	zone, err := time.LoadLocation(p.Timezone)
	if err != nil || p.Timezone == "" || p.Timezone == "Local" {
		return agenda.Query{}, errs.InvalidField("body.timezone", "must be an IANA time zone, such as America/Sao_Paulo")
	}
	from, to, err := periodIn(zone, "body", p.From, p.To)
	if err != nil {
		return agenda.Query{}, err
	}
	if p.Now != nil {
		if now, err = writable("body.now", *p.Now); err != nil {
			return agenda.Query{}, err
		}
	}
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	q := agenda.Query{
		Schedule: agenda.Schedule{
			Location:  zone,
			Weekly:    mapped(p.WorkingHours, WorkingHours.core),
			Overrides: mapped(p.DateOverrides, DateOverride.core),
			Overnight: p.EndBeforeStart == "next_day",
		},
		Busy: mapped(p.Busy, Slot.core), Now: now, From: from, To: to,
		Duration: minutes(p.DurationMinutes), Step: minutes(p.IntervalMinutes),
		BufferBefore: minutes(p.BufferBeforeMinutes), BufferAfter: minutes(p.BufferAfterMinutes),
		MinimumNotice: minutes(p.MinimumNoticeMinutes),
	}
	if p.WindowsUTC != nil {
		q.Schedule.Fixed = mapped(p.WindowsUTC, Slot.core)
	}
	var check errs.Check
	check.Note("body", inPreview(q.Validate()))
	check.That(to.Sub(from) <= service.MaxAvailability, "body.to", "must be at most 92 days after from")
	return q, check.Err()
}

// inPreview gives the fields of a query the names that a preview has for them.
func inPreview(err error) error {
	names := strings.NewReplacer("weekly[", "working_hours[", "overrides[", "date_overrides[", "fixed[", "windows_utc[")
	var check errs.Check
	check.Note("", err)
	e, ok := errors.AsType[*errs.Error](check.Err())
	if !ok {
		return nil
	}
	for i := range e.Fields {
		e.Fields[i].Path = names.Replace(e.Fields[i].Path)
	}
	return e
}

func previewOf(q agenda.Query) (PreviewedAvailability, error) {
	slots := q.Slots()
	if len(slots) > maxPreviewSlots {
		return PreviewedAvailability{}, errs.InvalidField("body.to",
			fmt.Sprintf("the period has more than %d starts; shorten it or lengthen interval_minutes", maxPreviewSlots))
	}
	return PreviewedAvailability{
		Free:  mapped(q.Free(), slotOf),
		Slots: mapped(slots, func(i agenda.Interval) time.Time { return i.Start }),
	}, nil
}
