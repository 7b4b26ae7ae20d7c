package service

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// MaxAvailability is the longest period that may be asked about at once.
const MaxAvailability = 92 * 24 * time.Hour

// calendarsAtOnce is how many calendars are read side by side for one question.
const calendarsAtOnce = 8

// Agenda is availability and appointments.
type Agenda struct {
	d        Deps
	calendar ports.Calendar
	follower atomic.Pointer[func(professional string)] // of this process, which is told at once
}

// NewAgenda makes the use cases of the agenda.
func NewAgenda(d Deps, calendar ports.Calendar) *Agenda { return &Agenda{d: d, calendar: calendar} }

// AvailabilityParams asks when visits may start. Professional, Specialty, Service and ServiceName narrow down who is asked;
// with none of them it is everybody.
type AvailabilityParams struct {
	Tenant       agenda.TenantID
	Professional agenda.ClinicProfessionalID // zero: any
	Specialty    string                      // "": any
	Service      agenda.ServiceID            // zero: a plain visit
	ServiceName  string                      // what services are searched by: everybody who offers one that fits; "": any
	From         time.Time                   // zero: now
	To           time.Time                   // zero: 7 days after From
	Limit        int                         // only the first starts; 0: all
}

// Availability is when visits may start.
type Availability struct {
	Slots       []AvailableSlot  // by time
	Unavailable []UnreadCalendar // whose calendars could not be read, in the clinic's display order: nothing is offered of them
}

// AvailableSlot is a start that is free, with everybody who has it.
type AvailableSlot struct {
	agenda.Interval
	Professionals []agenda.ClinicProfessionalID // in the clinic's display order
	Services      []agenda.ServiceID            // what each of them would do, zero for a plain visit
}

// UnreadCalendar is a professional of whom it is not known when they are free.
type UnreadCalendar struct {
	Professional agenda.ClinicProfessionalID
	Code         string // why: "calendar-unavailable"
}

// Availability returns the free starts by time: one entry for each start and end, naming every professional who has it. A
// professional whose calendar cannot be read is named instead of offered; only when nobody's can be read it fails.
// Errors: NotFound, Invalid, Unavailable "calendar-unavailable".
func (s *Agenda) Availability(ctx context.Context, actor identity.Actor, p AvailabilityParams) (Availability, error) {
	if err := actor.Require(identity.AgendaRead); err != nil {
		return Availability{}, err
	}
	dir, err := s.d.Repositories.Clinics.Directory(ctx, actor.Scope(), p.Tenant)
	if err != nil {
		return Availability{}, err
	}
	if p.From, p.To, err = s.askedPeriod("query", p.From, p.To); err != nil {
		return Availability{}, err
	}
	if !p.Service.IsZero() && p.ServiceName != "" {
		return Availability{}, errs.InvalidField("query.service", "cannot be given together with service_id")
	}
	who, err := s.asked(dir, p)
	if err != nil {
		return Availability{}, err
	}
	found, unread, err := s.freeOfAll(ctx, dir.Clinic, who, p.From, p.To)
	if err != nil {
		return Availability{}, err
	}
	out := Availability{Slots: together(who, found), Unavailable: unread}
	if p.Limit > 0 && len(out.Slots) > p.Limit {
		out.Slots = out.Slots[:p.Limit]
	}
	return out, nil
}

// askedPeriod gives a period that is asked about its defaults, and checks it; where tells whether it came in the query or the body.
func (s *Agenda) askedPeriod(where string, from, to time.Time) (time.Time, time.Time, error) {
	if from.IsZero() {
		from = s.d.Now()
	}
	if to.IsZero() {
		to = from.Add(7 * 24 * time.Hour)
	}
	var c errs.Check
	c.That(from.Before(to), where+".to", "must be after from")
	c.That(to.Sub(from) <= MaxAvailability, where+".to", "must be at most 92 days after from")
	return from, to, c.Err()
}

// candidate is somebody who could do what is asked for.
type candidate struct {
	professional agenda.ClinicProfessional
	service      *agenda.Service // nil: a plain visit
}

func (c candidate) serviceID() agenda.ServiceID {
	if c.service == nil {
		return agenda.ServiceID{}
	}
	return c.service.ID
}

// asked is who an availability question is about, in the clinic's display order, and for which services.
func (s *Agenda) asked(dir agenda.Directory, p AvailabilityParams) ([]candidate, error) {
	who := make([]candidate, 0, len(dir.Professionals))
	for _, professional := range dir.Professionals {
		who = append(who, candidate{professional: professional})
	}
	if p.Specialty != "" {
		found := dir.FindBySpecialty(p.Specialty)
		if len(found) == 0 {
			return nil, errs.Absent("specialty")
		}
		who = slices.DeleteFunc(who, func(c candidate) bool { return matchOf(found, c) == nil })
	}
	switch {
	case !p.Service.IsZero():
		v, ok := dir.Service(p.Service)
		if !ok {
			return nil, errs.Absent("service")
		}
		who = slices.DeleteFunc(who, func(c candidate) bool { return c.professional.ID != v.ProfessionalID })
		for i := range who {
			who[i].service = &v
		}
	case p.ServiceName != "":
		found := dir.FindByService(p.ServiceName)
		if len(found) == 0 {
			return nil, errs.Absent("service")
		}
		who = slices.DeleteFunc(who, func(c candidate) bool { return matchOf(found, c) == nil })
		for i := range who {
			who[i].service = matchOf(found, who[i]).Service
		}
	}
	if !p.Professional.IsZero() {
		if _, ok := dir.Professional(p.Professional); !ok {
			return nil, errs.Absent("professional")
		}
		who = slices.DeleteFunc(who, func(c candidate) bool { return c.professional.ID != p.Professional })
		if len(who) == 0 && (!p.Service.IsZero() || p.ServiceName != "") {
			return nil, errs.New(errs.Invalid, "service-not-offered", "the professional does not offer this service")
		}
	}
	return who, nil
}

// matchOf is the best match that names a candidate, nil when there is none.
func matchOf(found []agenda.Match, c candidate) *agenda.Match {
	for i := range found {
		if found[i].Professional.ID == c.professional.ID {
			return &found[i]
		}
	}
	return nil
}

// freeOfAll returns the slots of each candidate that may start in [from, to), and whose calendars could not be read. When that
// is everybody's, it fails as the first of them.
func (s *Agenda) freeOfAll(ctx context.Context, c agenda.Clinic, who []candidate, from, to time.Time) ([][]agenda.Interval, []UnreadCalendar, error) {
	p, err := s.period(ctx, c, from, to)
	if err != nil {
		return nil, nil, err
	}
	found, failed := make([][]agenda.Interval, len(who)), make([]error, len(who))
	sideBySide(len(who), calendarsAtOnce, func(i int) {
		found[i], failed[i] = s.freeIn(ctx, p, who[i])
	})
	unread := []UnreadCalendar{}
	var first error
	for i, err := range failed {
		switch {
		case err == nil:
		case errs.KindOf(err) == errs.Unavailable:
			first = cmp.Or(first, err)
			unread = append(unread, UnreadCalendar{who[i].professional.ID, errs.CodeOf(err)})
			s.d.Log.WarnContext(ctx, "calendar unavailable", slog.String("professional_id", who[i].professional.ID.String()), slog.Any("err", err))
		default:
			return nil, nil, err
		}
	}
	if len(unread) > 0 && len(unread) == len(who) {
		return nil, nil, first
	}
	return found, unread, nil
}

// together makes one entry of the slots of several that begin and end alike.
func together(who []candidate, found [][]agenda.Interval) []AvailableSlot {
	at := map[agenda.Interval]int{}
	out := []AvailableSlot{}
	for i, c := range who {
		for _, slot := range found[i] {
			n, seen := at[slot]
			if !seen {
				n = len(out)
				at[slot] = n
				out = append(out, AvailableSlot{Interval: slot})
			}
			out[n].Professionals = append(out[n].Professionals, c.professional.ID)
			out[n].Services = append(out[n].Services, c.serviceID())
		}
	}
	slices.SortStableFunc(out, func(a, b AvailableSlot) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End))
	})
	return out
}

// follow has fn called at once with the professional of every appointment that this process changes.
func (s *Agenda) follow(fn func(professional string)) { s.follower.Store(&fn) }

// changed tells everybody that appointments have changed.
func (s *Agenda) changed(ctx context.Context, appointments []agenda.Appointment) {
	keys := make([]string, 0, len(appointments))
	for _, a := range appointments {
		keys = append(keys, a.ProfessionalID.String())
	}
	if fn := s.follower.Load(); fn != nil {
		for _, key := range keys {
			(*fn)(key)
		}
	}
	s.d.Bus.Publish(ctx, ports.TopicAgenda, keys...)
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
