package service

import (
	"context"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/reception"
)

// attend notes what the contact said of coming to a visit.
func (t *turn) attend(ctx context.Context) (reception.Step, error) {
	draft := t.conversation.Draft
	if step, err, ok := t.own(ctx, draft.Appointment); !ok {
		return step, err
	}
	a, err := t.s.agenda.Attend(ctx, t.actor, t.conversation.TenantID, draft.Appointment, t.conversation.Attendance())
	if err != nil {
		return t.trouble(ctx, err)
	}
	t.about(a)
	return t.desk.AttendanceNoted(&t.conversation, a), nil
}

// Attend notes whether the patient comes to a visit. Errors: NotFound, Conflict "appointment-state", "appointment-past".
func (s *Agenda) Attend(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, key agenda.AppointmentID, answer agenda.Attendance) (agenda.Appointment, error) {
	if err := actor.Require(identity.AgendaWrite); err != nil {
		return agenda.Appointment{}, err
	}
	now := s.d.Now()
	return s.d.Repositories.Appointments.Update(ctx, actor.Scope(), key, func(a *agenda.Appointment) error {
		if a.TenantID != tenant {
			return errs.Absent("appointment")
		}
		return a.Attend(answer, now)
	})
}
