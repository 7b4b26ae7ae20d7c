package memory

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

func (s *schema) addAppointments() {
	ident := given(func(v *agenda.Appointment) id.UUID { return v.ID.UUID })
	t := newTable(s, table[agenda.Appointment]{
		name: "appointments", what: "appointment", id: ident,
		order:   byTime(ident, func(v *agenda.Appointment) time.Time { return v.Start }),
		inScope: func(_ *data, scope identity.Scope, v *agenda.Appointment) bool { return scope.Includes(v.EntityID) },
		tidy: func(v *agenda.Appointment) {
			tidyTimes(&v.Start, &v.End, &v.HeldUntil, &v.CreatedAt, &v.UpdatedAt, &v.AttendanceAt, &v.Told.Start, &v.Told.At)
		},
		refs: func(d *data, v *agenda.Appointment) bool {
			p, ok := s.clinicProfessionals.get(d, uuidKey(v.ProfessionalID.UUID))
			_, known := d.calendars.get(ownCalendarKey(v.ProfessionalID, v.CalendarID))
			return ok && p.TenantID == v.TenantID && known && s.offers(d, v.ProfessionalID, v.ServiceID) && s.knows(d, v.TenantID, v.PatientID)
		},
		check: s.checkSlot,
		note: func(tx *tx, v *agenda.Appointment) {
			blocks := v.Blocks()
			tx.data.longest = max(tx.data.longest, blocks.End.Sub(blocks.Start))
		},
	})
	s.appointments = t
	s.appointmentsByStart = t.index(func(*agenda.Appointment) (string, bool) { return "", true })
	s.appointmentsByEntity = t.index(func(v *agenda.Appointment) (string, bool) { return intKey(v.EntityID), true })
	s.appointmentsByTenant = t.index(func(v *agenda.Appointment) (string, bool) { return uuidKey(v.TenantID.UUID), true })
	s.appointmentsByProfessional = t.index(func(v *agenda.Appointment) (string, bool) {
		return uuidKey(v.ProfessionalID.UUID), true
	})
	s.appointmentsByGroup = t.index(func(v *agenda.Appointment) (string, bool) { return uuidKey(v.GroupID.UUID), !v.GroupID.IsZero() })
	s.appointmentsByContact = t.index(func(v *agenda.Appointment) (string, bool) { return textKey(v.Contact), v.Contact != "" })
	s.appointmentsByPatient = t.index(func(v *agenda.Appointment) (string, bool) { return uuidKey(v.PatientID.UUID), !v.PatientID.IsZero() })
	byBlocks := byTime(ident, func(v *agenda.Appointment) time.Time { return v.Blocks().Start }).key
	s.blocking = t.sortedIndex(func(v *agenda.Appointment) (string, bool) {
		return uuidKey(v.ProfessionalID.UUID), v.TakesTime() && !v.Blocks().IsEmpty()
	}, byBlocks)
	s.exclusive = t.sortedIndex(func(v *agenda.Appointment) (string, bool) {
		return uuidKey(v.ProfessionalID.UUID), excludes(v)
	}, byBlocks)
	s.holds = t.sortedIndex(func(v *agenda.Appointment) (string, bool) { return "", v.Status == agenda.Held },
		func(v *agenda.Appointment) string { return timeKey(v.HeldUntil) + ident.key(v) })
}

// offers reports whether a service, if any, is the professional's.
func (s *schema) offers(d *data, professional agenda.ClinicProfessionalID, service agenda.ServiceID) bool {
	if service.IsZero() {
		return true
	}
	v, ok := s.services.get(d, uuidKey(service.UUID))
	return ok && v.ProfessionalID == professional
}

// excludes reports whether the appointment keeps others like it from its time; what staff squeezed in does not.
func excludes(v *agenda.Appointment) bool {
	return v.TakesTime() && v.OverrideReason == "" && !v.Blocks().IsEmpty()
}

// checkSlot refuses an appointment whose time another one of the professional takes. Those that exclude others never
// overlap, so of those whose time begins before this one's ends only the last can reach into it, this one itself aside.
func (s *schema) checkSlot(d *data, key string, v *agenda.Appointment) error {
	if !excludes(v) {
		return nil
	}
	end := timeKey(v.Blocks().End)
	for other := range s.appointments.backIn(d, s.exclusive, uuidKey(v.ProfessionalID.UUID), end) {
		if s.appointments.id.key(other) == key {
			continue
		}
		if other.Blocks().Overlaps(v.Blocks()) {
			return errs.New(errs.Conflict, "slot-taken", "the time is taken by another appointment")
		}
		break
	}
	return nil
}

type appointments struct{ session }

func (r appointments) Get(ctx context.Context, scope identity.Scope, key agenda.AppointmentID) (agenda.Appointment, error) {
	return get(ctx, r.session, r.tables().appointments, scope, uuidKey(key.UUID))
}

func (r appointments) List(ctx context.Context, scope identity.Scope, f agenda.AppointmentFilter, req page.Request) (page.Page[agenda.Appointment], error) {
	t := r.tables()
	by, of := t.narrowestAppointments(scope, f)
	return list(ctx, r.session, t.appointments, req, listing[agenda.Appointment]{
		scope: scope, list: page.Fingerprint("appointments", scope, f),
		rows: func(d *data, after string) iter.Seq[*agenda.Appointment] {
			return until(f.To, t.appointments.in(d, by, of, max(past(after), earliest(d, f.From))))
		},
		filter: func(v *agenda.Appointment) bool {
			return wants(f.TenantID, v.TenantID) && wants(f.ProfessionalID, v.ProfessionalID) && wants(f.Status, v.Status) &&
				wants(f.Contact, v.Contact) && wants(f.PatientID, v.PatientID) && wants(f.GroupID, v.GroupID) && (f.From.IsZero() || v.End.After(f.From))
		},
	})
}

func (s *schema) narrowestAppointments(scope identity.Scope, f agenda.AppointmentFilter) (by *index[agenda.Appointment], group string) {
	switch {
	case !f.GroupID.IsZero():
		return s.appointmentsByGroup, uuidKey(f.GroupID.UUID)
	case !f.PatientID.IsZero():
		return s.appointmentsByPatient, uuidKey(f.PatientID.UUID)
	case f.Contact != "":
		return s.appointmentsByContact, textKey(f.Contact)
	case !f.ProfessionalID.IsZero():
		return s.appointmentsByProfessional, uuidKey(f.ProfessionalID.UUID)
	case !f.TenantID.IsZero():
		return s.appointmentsByTenant, uuidKey(f.TenantID.UUID)
	case !scope.All():
		return s.appointmentsByEntity, intKey(scope.EntityID())
	}
	return s.appointmentsByStart, ""
}

// earliest is the key before which no appointment ends after from: none is longer than the longest.
func earliest(d *data, from time.Time) string {
	if from.IsZero() {
		return ""
	}
	return timeKey(from.Add(-d.longest))
}

// until ends the rows, which are sorted by start, with the first that starts at or after to; zero never ends them.
func until(to time.Time, rows iter.Seq[*agenda.Appointment]) iter.Seq[*agenda.Appointment] {
	return func(yield func(*agenda.Appointment) bool) {
		for v := range rows {
			if !to.IsZero() && !v.Start.Before(to) || !yield(v) {
				return
			}
		}
	}
}

func (r appointments) Create(ctx context.Context, v agenda.Appointment) (agenda.Appointment, error) {
	return create(ctx, r.session, r.tables().appointments, v)
}

func (r appointments) Update(ctx context.Context, scope identity.Scope, key agenda.AppointmentID, change func(*agenda.Appointment) error) (agenda.Appointment, error) {
	return update(ctx, r.session, r.tables().appointments, scope, uuidKey(key.UUID), change)
}

func (r appointments) Blocking(ctx context.Context, professional agenda.ClinicProfessionalID, from, to time.Time) ([]agenda.Appointment, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t, span, found := r.tables(), agenda.Interval{Start: from, End: to}, []agenda.Appointment{}
	begins := timeKey(from.Add(-d.longest))
	for v := range t.appointments.in(d, t.blocking, uuidKey(professional.UUID), begins) {
		if !v.Blocks().Start.Before(to) {
			break
		}
		if v.Blocks().Overlaps(span) {
			found = append(found, *v)
		}
	}
	slices.SortFunc(found, func(a, b agenda.Appointment) int { // what staff squeezed in is in another order
		return cmp.Or(a.Start.Compare(b.Start), bytes.Compare(a.ID.UUID[:], b.ID.UUID[:]))
	})
	return found, nil
}

func (r appointments) ExpireHolds(ctx context.Context, professional agenda.ClinicProfessionalID, now time.Time) (int, error) {
	t, expired := r.tables(), 0
	err := r.change(ctx, func(tx *tx) error {
		var late []*agenda.Appointment
		for v := range t.appointments.in(tx.data, t.holds, "", "") {
			if !v.HeldUntil.Before(now) {
				break
			}
			if wants(professional, v.ProfessionalID) {
				late = append(late, v)
			}
		}
		for _, v := range late {
			released := *v
			released.Release(now)
			if _, err := t.appointments.replace(tx, v, released); err != nil {
				return err
			}
		}
		expired = len(late)
		return nil
	})
	return expired, err
}
