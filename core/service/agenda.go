package service

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// MaxAvailability is the longest period that may be asked about at once.
const MaxAvailability = 62 * 24 * time.Hour

// Agenda is availability and appointments.
type Agenda struct {
	d        Deps
	calendar ports.Calendar
}

// NewAgenda makes the use cases of the agenda.
func NewAgenda(d Deps, calendar ports.Calendar) *Agenda { return &Agenda{d: d, calendar: calendar} }

// AvailabilityParams asks when visits may start. Professional, Specialty and Service narrow down who is asked; with none
// of them it is everybody.
type AvailabilityParams struct {
	Tenant       agenda.TenantID
	Professional agenda.ClinicProfessionalID // zero: any
	Specialty    string                      // "": any
	Service      agenda.ServiceID            // zero: a plain visit
	From         time.Time                   // zero: now
	To           time.Time                   // zero: 7 days after From
}

// AvailableSlot is a start that is free, with everybody who has it.
type AvailableSlot struct {
	agenda.Interval
	Professionals []agenda.ClinicProfessionalID // in the clinic's display order
}

// Availability returns the free starts by time: one entry for each start and end, naming every professional who has it.
// Errors: NotFound, Invalid, Unavailable "calendar-unavailable".
func (s *Agenda) Availability(ctx context.Context, actor identity.Actor, p AvailabilityParams) ([]AvailableSlot, error) {
	if err := actor.Require(identity.AgendaRead); err != nil {
		return nil, err
	}
	dir, err := s.d.Repositories.Clinics.Directory(ctx, actor.Scope(), p.Tenant)
	if err != nil {
		return nil, err
	}
	if p.From.IsZero() {
		p.From = s.d.Now()
	}
	if p.To.IsZero() {
		p.To = p.From.Add(7 * 24 * time.Hour)
	}
	var c errs.Check
	c.That(p.From.Before(p.To), "query.to", "must be after from")
	c.That(p.To.Sub(p.From) <= MaxAvailability, "query.to", "must be at most 62 days after from")
	if err := c.Err(); err != nil {
		return nil, err
	}
	who, service, err := s.asked(dir, p)
	if err != nil {
		return nil, err
	}
	at := map[agenda.Interval]int{}
	out := []AvailableSlot{}
	for _, professional := range who {
		free, err := s.free(ctx, dir, professional, service, p.From, p.To)
		if err != nil {
			return nil, err
		}
		for _, slot := range free {
			i, seen := at[slot]
			if !seen {
				i = len(out)
				at[slot] = i
				out = append(out, AvailableSlot{Interval: slot})
			}
			out[i].Professionals = append(out[i].Professionals, professional.ID)
		}
	}
	slices.SortStableFunc(out, func(a, b AvailableSlot) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End))
	})
	return out, nil
}

// asked is who an availability question is about, and for which service.
func (s *Agenda) asked(dir agenda.Directory, p AvailabilityParams) ([]agenda.ClinicProfessional, *agenda.Service, error) {
	who := dir.Professionals
	if p.Specialty != "" {
		who = nil
		for _, m := range dir.FindBySpecialty(p.Specialty) {
			who = append(who, m.Professional)
		}
		if len(who) == 0 {
			return nil, nil, errs.Absent("specialty")
		}
	}
	var service *agenda.Service
	if !p.Service.IsZero() {
		v, ok := dir.Service(p.Service)
		if !ok {
			return nil, nil, errs.Absent("service")
		}
		service = &v
		who = slices.DeleteFunc(slices.Clone(who), func(c agenda.ClinicProfessional) bool { return c.ID != v.ProfessionalID })
	}
	if !p.Professional.IsZero() {
		if _, ok := dir.Professional(p.Professional); !ok {
			return nil, nil, errs.Absent("professional")
		}
		who = slices.DeleteFunc(slices.Clone(who), func(c agenda.ClinicProfessional) bool { return c.ID != p.Professional })
		if service != nil && len(who) == 0 {
			return nil, nil, errs.New(errs.Invalid, "service-not-offered", "the professional does not offer this service")
		}
	}
	return who, service, nil
}

// free returns the slots of one professional that may start in [from, to), leaving out the appointments in except.
func (s *Agenda) free(ctx context.Context, dir agenda.Directory, p agenda.ClinicProfessional, service *agenda.Service, from, to time.Time, except ...agenda.AppointmentID) ([]agenda.Interval, error) {
	now := s.d.Now()
	from, to = s.bounds(dir.Clinic, now, from, to)
	if !from.Before(to) {
		return nil, nil
	}
	q, err := s.query(ctx, dir.Clinic, p, service, from, to, except...)
	if err != nil {
		return nil, err
	}
	free := q.Slots()
	return slices.DeleteFunc(free, func(slot agenda.Interval) bool {
		return !s.inBounds(dir.Clinic, now, slot.Start) || slot.Start.Before(from)
	}), nil
}

// bounds narrows a period down to what the clinic's notice and horizon allow.
func (s *Agenda) bounds(c agenda.Clinic, now, from, to time.Time) (time.Time, time.Time) {
	if earliest := now.Add(c.MinimumNotice); from.Before(earliest) {
		from = earliest
	}
	if latest := now.Add(c.MaximumAhead).Add(24 * time.Hour); to.After(latest) {
		to = latest
	}
	return from, to
}

func (s *Agenda) inBounds(c agenda.Clinic, now, start time.Time) bool {
	return !start.Before(now.Add(c.MinimumNotice)) && !start.After(now.Add(c.MaximumAhead))
}

// query gathers what decides about a professional's slots in [from, to). The grid of starts is laid out from the
// beginning of the local day, so that it does not move with the clock: what was offered a minute ago is still a start.
// Notice and horizon are applied to the starts by inBounds.
func (s *Agenda) query(ctx context.Context, c agenda.Clinic, p agenda.ClinicProfessional, service *agenda.Service, from, to time.Time, except ...agenda.AppointmentID) (agenda.Query, error) {
	zone := c.Location()
	from = agenda.DateOf(from, zone).At(0, zone)
	busy, err := s.busy(ctx, p, from, to, except...)
	if err != nil {
		return agenda.Query{}, err
	}
	minutes := p.ConsultationMinutes
	if service != nil {
		minutes = service.DurationMinutes
	}
	return agenda.Query{
		Schedule: p.Schedule(c, nil), Busy: busy, Now: from, From: from, To: to,
		Duration:    time.Duration(minutes) * time.Minute,
		BufferAfter: time.Duration(p.BufferMinutes) * time.Minute,
	}, nil
}

// busy is what keeps a professional in [from, to): our own appointments with their buffers, and the calendar's events
// that are not ours.
func (s *Agenda) busy(ctx context.Context, p agenda.ClinicProfessional, from, to time.Time, except ...agenda.AppointmentID) ([]agenda.Interval, error) {
	now := s.d.Now()
	// A visit that begins after the period may still need its time free before it, hence the margin.
	const margin = 24 * time.Hour
	own, err := s.d.Repositories.Appointments.Blocking(ctx, p.ID, from.Add(-margin), to.Add(margin))
	if err != nil {
		return nil, err
	}
	var out []agenda.Interval
	ours := map[string]bool{}
	for _, id := range except {
		ours[agenda.Appointment{ID: id}.EventID()] = true
	}
	for _, a := range own {
		ours[a.EventID()] = true
		if slices.Contains(except, a.ID) || a.Status == agenda.Held && now.After(a.HeldUntil) {
			continue
		}
		out = append(out, a.Blocks())
	}
	events, err := s.calendar.Busy(ctx, p.Calendar(), from.Add(-margin), to.Add(margin))
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		if !ours[e.EventID] {
			out = append(out, e.Interval)
		}
	}
	return out, nil
}

// security notes an attempt that the service refused for safety, in the log and the audit trail. It never fails the
// refusal itself.
func (s *Agenda) security(ctx context.Context, actor identity.Actor, p agenda.ClinicProfessional, operation string) {
	s.d.Log.WarnContext(ctx, "security event: calendar mismatch refused",
		slog.String("actor", actor.String()), slog.String("tenant_id", p.TenantID.String()),
		slog.String("professional_id", p.ID.String()), slog.String("operation", operation))
	_, err := s.d.Repositories.AuditLog.Append(context.WithoutCancel(ctx), identity.AuditEntry{
		Actor: actor.String(), Action: "calendar-mismatch", Table: "clinic_professionals", RowID: p.ID.String(),
		EntityID: p.EntityID, RequestID: identity.TrailOf(ctx).RequestID,
		Detail: map[string]string{"operation": operation}, CreatedAt: s.d.Now(),
	})
	if err != nil {
		s.d.Log.ErrorContext(ctx, "audit log", slog.Any("err", err))
	}
}
