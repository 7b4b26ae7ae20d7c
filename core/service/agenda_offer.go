package service

import (
	"context"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

// lookBack is how much of the time before a period decides about it: where the grid of its first day begins, in whichever zone,
// and what ends only then.
const lookBack = 4 * 24 * time.Hour

// lookAhead is how much of the time after a period decides about it: its last visit, and what must be free after that.
const lookAhead = 24 * time.Hour

// offer is what one professional offers: the single place where it is decided, for those who list starts and for those who
// book one.
//
// The starts of a day are laid out from the beginning of the day before, in the zone of the professional's hours, however
// much is asked about. So the grid of a day moves neither with the clock nor with the period, and a window that began the
// evening before goes on: what was offered a minute ago is still a start. For the same reason the notice and the
// horizon, which move with the clock, choose among the starts and do not cut the time in which they are laid out.
type offer struct {
	query            agenda.Query // without Now, From and To; what is busy as [agenda.Merge] returns it, visits by start
	earliest, latest time.Time    // when a visit may start, both included
}

// on returns the query that lays out the starts of a day, with visits that end at to or earlier.
func (o offer) on(day agenda.Date, to time.Time) agenda.Query {
	q := o.query
	q.From = day.AddDays(-1).At(0, o.zone())
	q.Now, q.To = q.From, to
	q.Busy = between(q.Busy, q.From.Add(-q.BufferBefore), to.Add(q.BufferAfter), func(i agenda.Interval) time.Time { return i.End })
	// A limit counts the whole day, however early to is.
	q.Visits = between(q.Visits, q.From, day.AddDays(2).At(0, o.zone()), func(i agenda.Interval) time.Time { return i.Start })
	return q
}

// between returns the part of sorted intervals that decides about a span of time, so that a day does not cost what a quarter
// of a year does: from the first whose mark, its start or its end, is not before from, to the last that starts before to.
func between(sorted []agenda.Interval, from, to time.Time, mark func(agenda.Interval) time.Time) []agenda.Interval {
	first, _ := slices.BinarySearchFunc(sorted, from, func(i agenda.Interval, at time.Time) int { return mark(i).Compare(at) })
	last, _ := slices.BinarySearchFunc(sorted, to, func(i agenda.Interval, at time.Time) int { return i.Start.Compare(at) })
	return sorted[first:max(first, last)]
}

func (o offer) zone() *time.Location { return o.query.Schedule.Location }

// dayOf is the day whose grid an instant belongs to: the last one that has begun by then. It is the date, but where the clock
// goes back over midnight and shows the day before once more.
func (o offer) dayOf(t time.Time) agenda.Date {
	day := agenda.DateOf(t, o.zone())
	if next := day.AddDays(1); !t.Before(next.At(0, o.zone())) {
		return next
	}
	return day
}

// slots returns the visits that start at from or later and end at to or earlier, by start.
func (o offer) slots(from, to time.Time) []agenda.Interval {
	var out []agenda.Interval
	last := agenda.DateOf(to, o.zone())
	for day := o.dayOf(from); !day.After(last); day = day.AddDays(1) {
		begins, ends := day.At(0, o.zone()), day.AddDays(1).At(0, o.zone())
		until := ends.Add(o.query.Duration)
		if to.Before(until) {
			until = to
		}
		for _, slot := range o.on(day, until).Slots() {
			if !slot.Start.Before(begins) && slot.Start.Before(ends) && !slot.Start.Before(from) && o.inTime(slot.Start) {
				out = append(out, slot)
			}
		}
	}
	return out
}

// accepts reports whether slots would list a visit at start.
func (o offer) accepts(start time.Time) bool {
	return o.inTime(start) && o.on(o.dayOf(start), start.Add(o.query.Duration)).Accepts(start)
}

// fits reports whether a visit at start keeps to everything but the grid, the notice and the horizon: what was kept for
// somebody since it was offered need only still be free.
func (o offer) fits(start time.Time) bool {
	return o.on(o.dayOf(start), start.Add(o.query.Duration)).Fits(start)
}

// inTime reports whether the clinic's notice and horizon allow a start.
func (o offer) inTime(start time.Time) bool {
	return !start.Before(o.earliest) && !start.After(o.latest)
}

// agendaPeriod is what all of a clinic's professionals have in common in a span of time.
type agendaPeriod struct {
	clinic   agenda.Clinic
	from, to time.Time
	kept     []agenda.Interval // by the clinic's blocking calendars
	holidays []agenda.Holiday  // when the clinic keeps them
}

// holidaysOf are the public holidays that a clinic keeps in [from, to), in whichever zone: with a day more on each side.
func (d Deps) holidaysOf(c agenda.Clinic, from, to time.Time) []agenda.Holiday {
	if !c.NationalHolidays || d.Holidays == nil {
		return nil
	}
	return d.Holidays.Between(agenda.DateOf(from, time.UTC).AddDays(-1), agenda.DateOf(to, time.UTC).AddDays(1))
}

// period reads what keeps everybody in [from, to).
func (s *Agenda) period(ctx context.Context, c agenda.Clinic, from, to time.Time) (agendaPeriod, error) {
	p := agendaPeriod{clinic: c, from: from, to: to, holidays: s.d.holidaysOf(c, from.Add(-lookBack), to.Add(lookAhead))}
	for _, key := range c.BlockingCalendars {
		events, err := s.calendar.Busy(ctx, agenda.Calendar{TenantID: c.ID, ID: key}, from.Add(-lookBack), to.Add(lookAhead))
		if err != nil {
			return agendaPeriod{}, err
		}
		for _, e := range events {
			p.kept = append(p.kept, e.Interval)
		}
	}
	return p, nil
}

// free returns the slots of one professional that may start in [from, to), leaving out the appointments in except.
func (s *Agenda) free(ctx context.Context, dir agenda.Directory, p agenda.ClinicProfessional, service *agenda.Service, from, to time.Time, except ...agenda.AppointmentID) ([]agenda.Interval, error) {
	in, err := s.period(ctx, dir.Clinic, from, to)
	if err != nil {
		return nil, err
	}
	return s.freeIn(ctx, in, candidate{p, service}, except...)
}

// freeIn is free for those who ask about several professionals.
func (s *Agenda) freeIn(ctx context.Context, in agendaPeriod, c candidate, except ...agenda.AppointmentID) ([]agenda.Interval, error) {
	now := s.d.Now()
	from, to := in.from, in.to
	if earliest := now.Add(in.clinic.MinimumNotice); from.Before(earliest) {
		from = earliest
	}
	if latest := now.Add(in.clinic.MaximumAhead).Add(lookAhead); to.After(latest) {
		to = latest
	}
	if !from.Before(to) {
		return nil, nil // no calendar is asked about what nobody could book
	}
	in.from, in.to = from, to
	o, err := s.offer(ctx, in, c, except...)
	if err != nil {
		return nil, err
	}
	return o.slots(from, to), nil
}

// offer gathers what decides about a professional's slots in a period.
func (s *Agenda) offer(ctx context.Context, in agendaPeriod, c candidate, except ...agenda.AppointmentID) (offer, error) {
	now, p := s.d.Now(), c.professional
	minutes := p.ConsultationMinutes
	if c.service != nil {
		minutes = c.service.DurationMinutes
	}
	o := offer{
		query: agenda.Query{
			Schedule: p.Schedule(in.clinic, in.holidays),
			Duration: time.Duration(minutes) * time.Minute, Step: time.Duration(p.SlotMinutes) * time.Minute,
			BufferBefore: time.Duration(p.BufferBeforeMinutes) * time.Minute,
			BufferAfter:  time.Duration(p.BufferMinutes) * time.Minute,
			MaxVisits:    p.MaxVisitsPerDay, MaxDaily: time.Duration(p.MaxMinutesPerDay) * time.Minute,
		},
		earliest: now.Add(in.clinic.MinimumNotice), latest: now.Add(in.clinic.MaximumAhead),
	}
	var err error
	o.query.Busy, o.query.Visits, err = s.busy(ctx, p, in.from, in.to, except...)
	o.query.Busy = agenda.Merge(append(o.query.Busy, in.kept...))
	slices.SortFunc(o.query.Visits, func(a, b agenda.Interval) int { return a.Start.Compare(b.Start) })
	return o, err
}

// busy is what keeps a professional in [from, to): our own appointments with their buffers, and the calendar's events but
// for those that are our appointments. An event of ours that somebody moved by hand keeps both times until the two agree
// again: the appointment is where we told the patient, and the event where the professional was told. visits are the
// appointments without their buffers.
func (s *Agenda) busy(ctx context.Context, p agenda.ClinicProfessional, from, to time.Time, except ...agenda.AppointmentID) (taken, visits []agenda.Interval, err error) {
	now := s.d.Now()
	from, to = from.Add(-lookBack), to.Add(lookAhead)
	own, err := s.d.Repositories.Appointments.Blocking(ctx, p.ID, from, to)
	if err != nil {
		return nil, nil, err
	}
	except = slices.Clone(except)
	ours := make(map[string]agenda.Interval, len(own))
	for _, a := range own {
		if a.Status == agenda.Held && now.After(a.HeldUntil) { // whatever was written for it is about to be taken back
			except = append(except, a.ID)
		}
		if slices.Contains(except, a.ID) {
			continue
		}
		visit := agenda.Interval{Start: a.Start, End: a.End}
		ours[a.EventID()] = visit
		taken, visits = append(taken, a.Blocks()), append(visits, visit)
	}
	events, err := s.calendar.Busy(ctx, p.Calendar(), from, to)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range events {
		visit, known := ours[e.EventID]
		key, _ := agenda.AppointmentOfEvent(e.EventID)
		if slices.Contains(except, key) || known && sameTime(visit, e.Interval) {
			continue
		}
		taken = append(taken, e.Interval)
	}
	return taken, visits, nil
}

// sameTime compares to the second, which is what calendars keep.
func sameTime(a, b agenda.Interval) bool {
	return a.Start.Truncate(time.Second).Equal(b.Start.Truncate(time.Second)) &&
		a.End.Truncate(time.Second).Equal(b.End.Truncate(time.Second))
}
