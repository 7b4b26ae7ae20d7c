package service

import (
	"context"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
)

// ownVisits are the contact's coming visits, by start.
func (t *turn) ownVisits(ctx context.Context) ([]agenda.Appointment, error) {
	found, err := t.s.d.Repositories.Appointments.List(ctx, t.actor.Scope(), agenda.AppointmentFilter{
		TenantID: t.conversation.TenantID, Contact: t.conversation.Contact, Status: agenda.Confirmed, From: t.desk.Now,
	}, page.Request{Limit: 9})
	return found.Items, err
}

// lookUpOwn lets the desk know of them, once a turn.
func (t *turn) lookUpOwn(ctx context.Context) error {
	if t.desk.Own != nil {
		return nil
	}
	own, err := t.ownVisits(ctx)
	t.desk.Own = own
	return err
}

func (t *turn) findOwn(ctx context.Context) (reception.Step, error) {
	own, err := t.ownVisits(ctx)
	if err != nil {
		return reception.Step{}, err
	}
	return t.desk.OwnVisits(&t.conversation, own), nil
}

func (t *turn) tellOwn(ctx context.Context, a reception.Action) (reception.Step, error) {
	own, err := t.ownVisits(ctx)
	if err != nil {
		return reception.Step{}, err
	}
	if a.Kind == reception.GreetOwn {
		return t.desk.Greet(&t.conversation, own), nil
	}
	return t.desk.TellVisits(&t.conversation, own, a.Heard), nil
}

// findFirst asks the calendars of everybody who was offered. One that cannot be read is left out.
func (t *turn) findFirst(ctx context.Context) (reception.Step, error) {
	var who []candidate
	var keys []agenda.ClinicProfessionalID
	for _, key := range t.conversation.Draft.Options {
		p, ok := t.desk.Directory.Professional(key)
		if !ok {
			continue
		}
		c := candidate{professional: p}
		for _, wanted := range t.conversation.Draft.Services {
			if s, ok := t.desk.Directory.Service(wanted); ok && s.ProfessionalID == key {
				c.service = &s
			}
		}
		who, keys = append(who, c), append(keys, key)
	}
	c := t.desk.Directory.Clinic
	free, _, err := t.s.agenda.freeOfAll(ctx, c, who, t.desk.Now, t.desk.Now.Add(c.MaximumAhead))
	if err != nil {
		return t.trouble(ctx, err)
	}
	return t.desk.FirstFree(&t.conversation, keys, free), nil
}
