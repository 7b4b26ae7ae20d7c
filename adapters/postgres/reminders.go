package postgres

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/ports"
)

type reminders struct{ session }

func (r reminders) Pending(ctx context.Context, tenant agenda.TenantID, lead, known time.Duration, from, until time.Time) ([]agenda.Appointment, error) {
	var found []agenda.Appointment
	err := r.read(ctx, func(q querier) (err error) {
		found, err = all(ctx, q, scanAppointment, `SELECT `+appointmentColumns+` FROM appointments AS a
			WHERE tenant_id = $1 AND starts_at > $2 AND starts_at <= $3 AND status = 'confirmed'
				AND told_start = starts_at AND told_at <= starts_at - $4::interval AND attendance IS DISTINCT FROM 'declined'
				AND NOT EXISTS (SELECT FROM appointment_reminders AS r
					WHERE r.appointment_id = a.appointment_id AND r.starts_at = a.starts_at AND r.lead_minutes <= $5)
			ORDER BY starts_at, appointment_id LIMIT $6`,
			uuid(tenant.UUID), from, until, known, int(lead/time.Minute), ports.MaxReminders)
		return err
	})
	return zeroOn(found, err)
}

// Claim waits, as any such INSERT does, for a transaction that is claiming the same.
func (r reminders) Claim(ctx context.Context, v agenda.ReminderClaim) (news bool, err error) {
	err = r.statement(ctx, func(q querier) error {
		tag, err := q.Exec(ctx, `INSERT INTO appointment_reminders (appointment_id, starts_at, lead_minutes, created_at)
			VALUES ($1, $2, $3, $4) ON CONFLICT (appointment_id, starts_at, lead_minutes) DO NOTHING`,
			uuid(v.AppointmentID.UUID), v.Start, int(v.Lead/time.Minute), v.At)
		news = err == nil && tag.RowsAffected() > 0
		return err
	})
	return news && err == nil, err
}
