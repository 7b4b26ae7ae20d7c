package memory

import (
	"context"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

func (s *schema) addReminders() {
	s.reminders = newTable(s, table[agenda.ReminderClaim]{
		name: "appointment_reminders", what: "reminder",
		id: asText(func(v *agenda.ReminderClaim) string {
			return v.AppointmentID.String() + " " + strconv.FormatInt(v.Start.UnixMicro(), 10) + " " + strconv.FormatInt(int64(v.Lead/time.Minute), 10)
		}),
		inScope: func(*data, identity.Scope, *agenda.ReminderClaim) bool { return false }, // nobody reads them
		tidy:    func(v *agenda.ReminderClaim) { tidyTimes(&v.Start, &v.At) },
		refs: func(d *data, v *agenda.ReminderClaim) bool {
			return s.appointments.has(d, uuidKey(v.AppointmentID.UUID))
		},
	})
	s.remindersByStart = s.reminders.index(func(v *agenda.ReminderClaim) (string, bool) {
		return uuidKey(v.AppointmentID.UUID) + timeKey(v.Start), true
	})
}

type reminders struct{ session }

func (r reminders) Pending(ctx context.Context, tenant agenda.TenantID, lead, known time.Duration, from, until time.Time) ([]agenda.Appointment, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t := r.tables()
	var found []agenda.Appointment
	for v := range t.appointments.in(d, t.appointmentsByTenant, uuidKey(tenant.UUID), timeKey(from)) {
		if v.Start.After(until) || len(found) == ports.MaxReminders {
			break
		}
		if v.Start.After(from) && v.Status == agenda.Confirmed && v.Told.Start.Equal(v.Start) && !v.Told.At.After(v.Start.Add(-known)) &&
			v.Attendance != agenda.NotComing && !t.claimed(d, v, lead) {
			found = append(found, *v)
		}
	}
	return found, nil
}

// claimed reports whether a reminder of an appointment as it is, so long before it or less, was claimed.
func (s *schema) claimed(d *data, v *agenda.Appointment, lead time.Duration) bool {
	for claim := range s.reminders.in(d, s.remindersByStart, uuidKey(v.ID.UUID)+timeKey(v.Start), "") {
		if claim.Lead <= lead {
			return true
		}
	}
	return false
}

func (r reminders) Claim(ctx context.Context, v agenda.ReminderClaim) (news bool, err error) {
	t := r.tables().reminders
	err = r.change(ctx, func(tx *tx) error {
		if t.has(tx.data, t.id.key(&v)) {
			return nil
		}
		_, err := t.insert(tx, v)
		news = err == nil
		return err
	})
	return news && err == nil, err
}
