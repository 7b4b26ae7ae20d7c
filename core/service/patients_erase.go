package service

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

// AuditErasure is what the audit log calls it when a patient is erased.
const AuditErasure = "erase"

// erasureAttempts is how often an erasure begins anew because more turned out to be the patient's.
const erasureAttempts = 8

// Erasures takes away what a clinic keeps of patients who ask for that (LGPD, art. 18, VI).
type Erasures struct {
	d      Deps
	agenda *Agenda
}

// NewErasures makes the use case.
func NewErasures(d Deps, a *Agenda) *Erasures { return &Erasures{d: d, agenda: a} }

// Erase takes away everything that tells of a patient, in one transaction:
//
//   - The record of the patient and those of the visits keep their ids, their times, and with whom and of what the visits are.
//   - Who wrote for the patient is forgotten when no other patient of theirs is left: the conversation is over, its messages
//     have no texts, and visits and consents go on under a name that tells nobody. A later message begins a new conversation.
//   - Otherwise the conversation goes on, from the beginning. Its messages lose their texts too, which may tell of anybody, and
//     what was still to be sent or answered in it is not.
//   - The same goes for a conversation of the patient's own telephone, as long as nobody else is a patient there.
//   - Events of visits, past ones too, are written without the patient by jobs; kept answers of requests are gone.
//
// It waits for turns of these conversations that are under way. Erasing again is no error, and has the events written once
// more. Errors: NotFound "clinic-not-found", "patient-not-found"; Conflict "erasure-disturbed" when others kept writing.
func (s *Erasures) Erase(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, key agenda.PatientID) error {
	if err := actor.Require(identity.AgendaWrite); err != nil {
		return err
	}
	if _, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant); err != nil {
		return err
	}
	var locked []string
	for range erasureAttempts {
		e := erasure{actor: actor, tenant: tenant, patient: key, locked: locked}
		err := s.d.lockedAll(ctx, locked, func(ctx context.Context) error {
			return s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
				e.now, e.contacts, e.met = s.d.Now(), nil, nil
				e.Repositories = r
				return e.run(ctx)
			})
		})
		if errors.Is(err, errMore) {
			locked = append(slices.Clone(locked), e.met...)
			continue
		}
		if err == nil {
			s.agenda.changed(ctx, e.visits)
		}
		return err
	}
	return errs.New(errs.Conflict, "erasure-disturbed", "others kept writing for the patient; try again")
}

// errMore says that an erasure has to begin anew: there is a conversation to wait for, or somebody booked at this moment.
var errMore = errors.New("there is more to erase")

// erasure is one attempt, in a transaction. Visits come before conversations: whoever makes a conversation for a visit changes
// the visit, too, and so either is seen here or sees the erasure.
type erasure struct {
	ports.Repositories
	actor    identity.Actor
	tenant   agenda.TenantID
	patient  agenda.PatientID
	now      time.Time
	locked   []string // keys of conversations that nobody else is at
	met      []string // those that have to be
	told     agenda.PatientRecord
	visits   []agenda.Appointment // of the patient, erased
	contacts []string             // who wrote for the patient
}

func (e *erasure) run(ctx context.Context) error {
	erased, err := e.Patients.Update(ctx, e.actor.Scope(), e.patient, func(v *agenda.PatientRecord) error {
		if v.TenantID != e.tenant {
			return errs.Absent("patient")
		}
		e.told = *v
		v.Erase(e.now)
		return nil
	})
	if err != nil {
		return err
	}
	e.wroteFor(e.told.Contact)
	if e.visits, err = e.eraseVisits(ctx, agenda.AppointmentFilter{TenantID: e.tenant, PatientID: e.patient}); err != nil {
		return err
	}
	for _, contact := range e.contacts {
		if err := e.eraseContact(ctx, contact, false); err != nil {
			return err
		}
	}
	if phone := e.told.Patient.Phone; phone != "" && !slices.Contains(e.contacts, phone) {
		if err := e.eraseContact(ctx, phone, true); err != nil {
			return err
		}
	}
	if len(e.met) > 0 {
		return errMore
	}
	if err := e.IdempotencyKeys.Forget(ctx, e.tenant.UUID); err != nil {
		return err
	}
	_, err = e.AuditLog.Append(ctx, identity.AuditEntry{
		Actor: e.actor.String(), Action: AuditErasure, Table: "patients", RowID: e.patient.String(), EntityID: erased.EntityID,
		RequestID: identity.TrailOf(ctx).RequestID, CreatedAt: e.now,
	})
	return err
}

// wroteFor notes a contact, once.
func (e *erasure) wroteFor(contact string) {
	if contact != "" && !slices.Contains(e.contacts, contact) {
		e.contacts = append(e.contacts, contact)
	}
}

// eraseVisits erases those of a filter, notes who wrote for them, and has their events written anew. A hold has none yet, or
// somebody is about to write it.
func (e *erasure) eraseVisits(ctx context.Context, f agenda.AppointmentFilter) ([]agenda.Appointment, error) {
	var keys []agenda.AppointmentID
	err := eachPage(func(req page.Request) (page.Page[agenda.Appointment], error) {
		return e.Appointments.List(ctx, e.actor.Scope(), f, req)
	}, func(a agenda.Appointment) error {
		keys = append(keys, a.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	visits := make([]agenda.Appointment, 0, len(keys))
	for _, key := range keys {
		contact := ""
		a, err := e.Appointments.Update(ctx, e.actor.Scope(), key, func(a *agenda.Appointment) error {
			contact = a.Contact
			a.Erase(e.now)
			return nil
		})
		if err != nil {
			return nil, err
		}
		e.wroteFor(contact)
		job := ports.Job{Kind: JobCalendarSync, Key: syncKey(a), Arg: a.ID.String(), RunAt: e.now}
		if a.Status == agenda.Held {
			job.RunAt = a.HeldUntil.Add(time.Second)
		}
		if err := e.Jobs.Enqueue(ctx, job); err != nil {
			return nil, err
		}
		visits = append(visits, a)
	}
	return visits, nil
}

// eraseContact takes the patient out of the conversation with a contact, or takes that away as a whole where the contact wrote
// for nobody else. With onlyAlone set it does only the latter.
func (e *erasure) eraseContact(ctx context.Context, contact string, onlyAlone bool) error {
	alone, err := e.isAlone(ctx, contact)
	if err != nil || onlyAlone && !alone {
		return err
	}
	scope := identity.OnlyEntity(e.told.EntityID)
	c, err := e.Conversations.ByContact(ctx, scope, e.tenant, contact)
	known := err == nil
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return err
	}
	if key := conversationKey(c.ID); known && !slices.Contains(e.locked, key) {
		e.met = append(e.met, key)
		return nil
	}
	instead := reception.ErasedContact(e.patient.String())
	if known {
		// Before the messages: whoever stores one meanwhile waits for this, or is waited for.
		c, err = e.Conversations.Update(ctx, scope, c.ID, func(v *reception.Conversation) error {
			if alone {
				v.Erase(e.now)
			} else {
				v.Forget(e.now)
			}
			return nil
		})
		if err != nil {
			return err
		}
		instead = c.Contact
		if err := e.Contacts.Redact(ctx, c.ID); err != nil {
			return err
		}
	}
	if !alone {
		return nil
	}
	// What is left of the contact are visits that no patient is known of.
	if _, err := e.eraseVisits(ctx, agenda.AppointmentFilter{TenantID: e.tenant, Contact: contact}); err != nil {
		return err
	}
	if err := e.Contacts.Move(ctx, e.tenant, contact, instead, e.now); err != nil {
		return err
	}
	if alone, err := e.isAlone(ctx, instead); err != nil || alone {
		return err
	}
	return errMore // somebody has just booked, and was moved with the rest
}

// isAlone reports whether a contact writes for nobody but the patient, who is erased by now.
func (e *erasure) isAlone(ctx context.Context, contact string) (bool, error) {
	others, err := e.Patients.List(ctx, e.actor.Scope(), agenda.PatientFilter{TenantID: e.tenant, Contact: contact}, page.Request{Limit: 1})
	if err != nil || len(others.Items) > 0 {
		return false, err
	}
	alone := true
	err = eachPage(func(req page.Request) (page.Page[agenda.Appointment], error) {
		return e.Appointments.List(ctx, e.actor.Scope(), agenda.AppointmentFilter{TenantID: e.tenant, Contact: contact}, req)
	}, func(a agenda.Appointment) error {
		alone = alone && a.PatientID.IsZero()
		return nil
	})
	return alone, err
}
