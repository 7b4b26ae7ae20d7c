package service

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// How many visits a group has.
const (
	MinGroup = 2
	MaxGroup = 6
)

// GroupVisit is one visit of a group to book.
type GroupVisit struct {
	Professional agenda.ClinicProfessionalID // zero: the one who offers the service
	Service      agenda.ServiceID            // zero: a plain visit
	Start        time.Time
}

// BookGroupParams is visits of one patient on one day, to be booked all or none.
type BookGroupParams struct {
	Tenant  agenda.TenantID
	Patient agenda.Patient
	Notes   string
	Visits  []GroupVisit
}

// BookGroup books the visits of one patient to several professionals, all or none, in the steps of Book: every start is held
// in one transaction, then each event is written, then all are confirmed in one transaction. Whatever fails on the way
// gives every hold up and takes the events back; what a crash leaves is repaired by the jobs of the holds. It returns them by start.
//
// Errors: those of Book; Invalid "invalid-input" too when the visits are not of one day or overlap each other.
func (s *Agenda) BookGroup(ctx context.Context, actor identity.Actor, p BookGroupParams) ([]agenda.Appointment, error) {
	if err := actor.Require(identity.AgendaWrite); err != nil {
		return nil, err
	}
	if len(p.Visits) < MinGroup || len(p.Visits) > MaxGroup {
		return nil, errs.InvalidField("visits", fmt.Sprintf("must be %d to %d visits", MinGroup, MaxGroup))
	}
	bookings, held, err := s.groupVisits(ctx, actor, p)
	if err != nil {
		return nil, err
	}
	for _, a := range held {
		// As with a single visit: a refusal leaves no trace.
		if err := s.checkFree(ctx, bookings[a.ID], a, true); err != nil {
			return nil, err
		}
	}
	held, err = s.keep(ctx, actor, held)
	if err != nil {
		return nil, err
	}
	confirmed := held
	for _, a := range held {
		if err = s.write(ctx, actor, bookings[a.ID], a); err != nil {
			break
		}
	}
	if err == nil {
		confirmed, err = s.take(ctx, actor, held)
	}
	if err != nil {
		s.release(context.WithoutCancel(ctx), held...)
		return nil, err
	}
	slices.SortFunc(confirmed, func(a, b agenda.Appointment) int { return a.Start.Compare(b.Start) })
	return confirmed, nil
}

// groupVisits makes the holds of a group in their lock order, with what decides about each.
func (s *Agenda) groupVisits(ctx context.Context, actor identity.Actor, p BookGroupParams) (map[agenda.AppointmentID]booking, []agenda.Appointment, error) {
	dir, err := s.d.Repositories.Clinics.Directory(ctx, actor.Scope(), p.Tenant)
	if err == nil {
		err = dir.Clinic.RequireActive()
	}
	if err != nil {
		return nil, nil, err
	}
	group := id.New[agenda.Group]()
	bookings, held := map[agenda.AppointmentID]booking{}, make([]agenda.Appointment, 0, len(p.Visits))
	var c errs.Check
	for i, v := range p.Visits {
		at := fmt.Sprintf("visits[%d]", i)
		who, err := candidateFor(dir, v.Professional, v.Service, at)
		if err != nil {
			return nil, nil, err
		}
		b := booking{dir, who}
		a, err := s.visit(b, id.New[agenda.Appointment](), BookParams{Patient: p.Patient, Start: v.Start, Notes: p.Notes}, group, "")
		if err != nil {
			return nil, nil, err
		}
		for j, other := range held {
			mine := agenda.Interval{Start: a.Start, End: a.End}
			c.That(!mine.Overlaps(agenda.Interval{Start: other.Start, End: other.End}), at+".start", fmt.Sprintf("overlaps visits[%d]", j))
			zone := dir.Clinic.Location()
			c.That(agenda.DateOf(a.Start, zone) == agenda.DateOf(other.Start, zone), at+".start", "must be on the day of the other visits")
		}
		bookings[a.ID], held = b, append(held, a)
	}
	if err := c.Err(); err != nil {
		return nil, nil, err
	}
	slices.SortFunc(held, lockOrder)
	return bookings, held, nil
}

// lockOrder is the order in which everybody takes or changes several appointments, so that nobody waits for each other.
func lockOrder(a, b agenda.Appointment) int {
	return cmp.Or(cmp.Compare(a.ProfessionalID.String(), b.ProfessionalID.String()), a.Start.Compare(b.Start))
}

// candidateFor is whom a visit of a group is with: the professional, or the one who offers the service.
func candidateFor(dir agenda.Directory, professional agenda.ClinicProfessionalID, service agenda.ServiceID, at string) (candidate, error) {
	var c candidate
	if !service.IsZero() {
		v, ok := dir.Service(service)
		if !ok {
			return candidate{}, errs.Absent("service")
		}
		c.service = &v
		if professional.IsZero() {
			professional = v.ProfessionalID
		}
	}
	if professional.IsZero() {
		return candidate{}, errs.InvalidField(at+".professional_id", "name a professional or a service")
	}
	var ok bool
	if c.professional, ok = dir.Professional(professional); !ok {
		return candidate{}, errs.Absent("professional")
	}
	return c, nil
}

// Group returns the visits of a group by start, whatever has become of them, and logs that. Errors: NotFound
// "appointment-group-not-found".
func (s *Agenda) Group(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, group agenda.GroupID) ([]agenda.Appointment, error) {
	if err := actor.Require(identity.AgendaRead); err != nil {
		return nil, err
	}
	visits, err := s.group(ctx, actor, tenant, group)
	if err != nil {
		return nil, err
	}
	for _, a := range visits {
		if err := logRead(ctx, s.d, actor, "appointments", a.ID.String(), a.EntityID, nil); err != nil {
			return nil, err
		}
	}
	return visits, nil
}

func (s *Agenda) group(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, group agenda.GroupID) ([]agenda.Appointment, error) {
	if group.IsZero() {
		return nil, errs.Absent("appointment-group")
	}
	found, err := s.d.Repositories.Appointments.List(ctx, actor.Scope(), agenda.AppointmentFilter{TenantID: tenant, GroupID: group}, page.Request{Limit: page.MaxLimit})
	if err == nil && len(found.Items) == 0 {
		err = errs.Absent("appointment-group")
	}
	if err != nil {
		return nil, err
	}
	return found.Items, nil
}

// CancelGroupParams is a group to cancel.
type CancelGroupParams struct {
	Tenant   agenda.TenantID
	Group    agenda.GroupID
	Reason   string
	Override string // as in [CancelParams]
}

// CancelGroup cancels every visit of a group that still takes place, all or none, and returns all of the group by start.
// Errors: NotFound "appointment-group-not-found", and those of Cancel.
func (s *Agenda) CancelGroup(ctx context.Context, actor identity.Actor, p CancelGroupParams) ([]agenda.Appointment, error) {
	if err := actor.Require(identity.AgendaWrite); err != nil {
		return nil, err
	}
	override, err := overrideOf(actor, p.Override)
	if err != nil {
		return nil, err
	}
	visits, err := s.group(ctx, actor, p.Tenant, p.Group)
	if err != nil {
		return nil, err
	}
	at, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), p.Tenant)
	if err != nil {
		return nil, err
	}
	var keys []agenda.AppointmentID
	for _, a := range slices.SortedFunc(slices.Values(visits), lockOrder) {
		if a.TakesTime() {
			keys = append(keys, a.ID)
		}
	}
	now := s.d.Now()
	done, err := s.change(ctx, actor, "cancel", override, keys, func(a *agenda.Appointment) error {
		if !a.TakesTime() {
			return nil // it ended meanwhile
		}
		if err := beforeCutOff(at, *a, now, override); err != nil {
			return err
		}
		return a.Cancel(p.Reason, now)
	})
	if err != nil {
		return nil, err
	}
	for _, a := range done {
		s.trySync(ctx, a)
		visits[slices.IndexFunc(visits, func(v agenda.Appointment) bool { return v.ID == a.ID })] = a
	}
	return visits, nil
}
