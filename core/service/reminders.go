package service

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

// The jobs that write to patients of the clinic's own accord. What they write is sent by the front desk's jobs.
const (
	JobRemind     = "remind"      // remind patients of visits; it has no argument
	JobTellChange = "tell-change" // tell the patient of what was changed of a visit; the argument is the appointment's id
)

const (
	remindEvery = time.Minute
	// settleTime is how long after a change the patient is told of it: what is taken back until then is told to nobody.
	settleTime = time.Minute
	// staleChange is how long after a visit would have begun nobody needs to hear any more that it was changed.
	staleChange = time.Hour
)

// Reminders writes to patients of their visits: before they begin, and when the clinic has changed them.
type Reminders struct {
	d         Deps
	catalogue *reception.Catalogue
}

// NewReminders makes the use cases of reminders.
func NewReminders(d Deps) *Reminders { return &Reminders{d: d, catalogue: reception.Portuguese()} }

// Periodic is what [ports.JobRunner.Work] is to have done, by [Reminders.Do].
func (s *Reminders) Periodic() []ports.PeriodicJob {
	return []ports.PeriodicJob{{Kind: JobRemind, Every: remindEvery}}
}

// Do does a job of reminders. A job of another kind is not handled, and left to others.
func (s *Reminders) Do(ctx context.Context, j ports.Job) (handled bool, err error) {
	switch j.Kind {
	case JobRemind:
		return true, s.remind(ctx)
	case JobTellChange:
		key, err := id.Parse[agenda.Appointment](j.Arg)
		if err != nil {
			return true, err
		}
		return true, s.tell(ctx, key)
	}
	return false, nil
}

// remind reminds the patients of every clinic that has a channel to write by. What fails keeps nobody else from being
// reminded, and is tried again the next time.
func (s *Reminders) remind(ctx context.Context) error {
	var failed []error
	err := eachPage(func(req page.Request) (page.Page[agenda.Clinic], error) {
		return s.d.Repositories.Clinics.List(ctx, identity.AllEntities(), agenda.ClinicFilter{Active: new(true)}, req)
	}, func(c agenda.Clinic) error {
		failed = append(failed, s.remindAt(ctx, c)...)
		return ctx.Err()
	})
	return errors.Join(append(failed, err)...)
}

// remindAt reminds the patients of one clinic.
func (s *Reminders) remindAt(ctx context.Context, c agenda.Clinic) (failed []error) {
	now := s.d.Now()
	if _, quiet := c.QuietUntil(now); quiet || c.EvolutionInstance == "" {
		return nil
	}
	for _, lead := range c.Reminders {
		pending, err := s.d.Repositories.Reminders.Pending(ctx, c.ID, lead, lead+agenda.KnownBefore(lead), now, c.RemindUntil(lead, now))
		if err != nil {
			failed = append(failed, err)
			continue
		}
		for _, a := range pending {
			if due, is := c.DueReminder(a.Start, a.Told.At, now); is && due == lead {
				failed = append(failed, s.remindOf(ctx, a, lead))
			}
		}
	}
	return failed
}

// remindOf claims a reminder and stores it with the job that sends it, in one transaction: of several processes one does,
// and what was claimed is sent although that process dies.
func (s *Reminders) remindOf(ctx context.Context, seen agenda.Appointment, lead time.Duration) error {
	dir, err := s.d.Repositories.Clinics.Directory(ctx, identity.OnlyEntity(seen.EntityID), seen.TenantID)
	if err != nil {
		return err
	}
	return s.writing(ctx, dir, seen, func(ctx context.Context, r ports.Repositories, desk reception.Desk, to *reception.Conversation) error {
		scope := identity.OnlyEntity(seen.EntityID)
		claim := agenda.ReminderClaim{AppointmentID: seen.ID, Start: seen.Start, Lead: lead, At: desk.Now}
		if news, err := r.Reminders.Claim(ctx, claim); err != nil || !news || to == nil {
			return err
		}
		a, err := r.Appointments.Get(ctx, scope, seen.ID)
		if err != nil {
			return err
		}
		if a.Status != agenda.Confirmed || !a.Start.Equal(seen.Start) || a.Untold() || a.IsErased() {
			return errChanged
		}
		if a.Contact == "" {
			if a, err = r.Appointments.Update(ctx, scope, a.ID, func(a *agenda.Appointment) error {
				if a.IsErased() {
					return errChanged
				}
				a.Converse(to.Contact, desk.Now)
				return nil
			}); err != nil {
				return err
			}
		}
		text := ""
		after, err := r.Conversations.Update(ctx, scope, to.ID, func(c *reception.Conversation) error {
			text = desk.Remind(c, a)
			return nil
		})
		if err != nil {
			return err
		}
		return keepNotice(ctx, r, JobSendReminder, after, a.ID, text, a.Start, desk.Now)
	})
}

// errChanged says that a visit is not what it was when it was looked at. Nothing is stored, and nothing has failed.
var errChanged = errors.New("the visit was changed meanwhile")

// tell tells the patient how a visit stands that the clinic has changed, unless the patient knows.
func (s *Reminders) tell(ctx context.Context, key agenda.AppointmentID) error {
	a, err := s.d.Repositories.Appointments.Get(ctx, identity.AllEntities(), key)
	if err != nil || !a.Untold() {
		return err
	}
	dir, err := s.d.Repositories.Clinics.Directory(ctx, identity.OnlyEntity(a.EntityID), a.TenantID)
	if err != nil {
		return err
	}
	now := s.d.Now()
	if until, quiet := dir.Clinic.QuietUntil(now); quiet && !toldOf(a).urgent(now) {
		return s.d.Repositories.Jobs.Enqueue(ctx, tellJob(a, until))
	}
	return s.writing(ctx, dir, a, func(ctx context.Context, r ports.Repositories, desk reception.Desk, to *reception.Conversation) error {
		scope := identity.OnlyEntity(a.EntityID)
		var before agenda.Appointment
		after, err := r.Appointments.Update(ctx, scope, key, func(a *agenda.Appointment) error {
			if !a.Untold() || a.IsErased() {
				return errChanged
			}
			before = *a
			a.Tell(desk.Now)
			if to != nil {
				a.Converse(to.Contact, desk.Now)
			}
			return nil
		})
		if err != nil || to == nil {
			return err // whom nobody can write to, people have to call
		}
		if !before.Told.Start.Add(staleChange).After(desk.Now) && !after.Start.Add(staleChange).After(desk.Now) {
			return nil
		}
		text := ""
		conversation, err := r.Conversations.Update(ctx, scope, to.ID, func(c *reception.Conversation) error {
			text = desk.TellChange(c, after, before.Told.Start)
			return nil
		})
		if err != nil {
			return err
		}
		return keepNotice(ctx, r, JobSendChange, conversation, after.ID, text, toldOf(before).moment, desk.Now)
	})
}

// toldOf is the notice of a change of a visit: it would be too late when the visit is, or would have been, whichever comes
// first.
func toldOf(a agenda.Appointment) notice {
	n := notice{moment: a.Told.Start}
	if a.Status == agenda.Confirmed && a.Start.Before(n.moment) {
		n.moment = a.Start
	}
	return n
}

// tellJob is the job that tells of a change. Each change has its own, as that of one may be put off.
func tellJob(a agenda.Appointment, at time.Time) ports.Job {
	return ports.Job{Kind: JobTellChange, Key: "tell:" + a.ID.String() + ":" + strconv.Itoa(a.Version), Arg: a.ID.String(), RunAt: at}
}

// tellLater has a patient told of what was changed of a visit, unless the patient knows, in the transaction of the change.
func tellLater(ctx context.Context, r ports.Repositories, a agenda.Appointment, now time.Time) error {
	if !a.Untold() {
		return nil
	}
	return r.Jobs.Enqueue(ctx, tellJob(a, now.Add(settleTime)))
}

// writing runs fn in a transaction with the conversation in which the patient of a visit is written to; it is nil when
// there is no way to. A conversation that there is, is not answered meanwhile. errChanged of fn is no error.
func (s *Reminders) writing(ctx context.Context, dir agenda.Directory, a agenda.Appointment, fn func(context.Context, ports.Repositories, reception.Desk, *reception.Conversation) error) error {
	err := s.tryWriting(ctx, dir, a, fn)
	for range 3 { // somebody may begin the same conversation at this moment: it is then there
		if errs.CodeOf(err) != "conversation-exists" {
			break
		}
		err = s.tryWriting(ctx, dir, a, fn)
	}
	if errors.Is(err, errChanged) {
		return nil
	}
	if err != nil {
		s.d.Log.WarnContext(ctx, "a patient is not written to", slog.String("appointment_id", a.ID.String()), slog.Any("err", err))
	}
	return err
}

func (s *Reminders) tryWriting(ctx context.Context, dir agenda.Directory, a agenda.Appointment, fn func(context.Context, ports.Repositories, reception.Desk, *reception.Conversation) error) error {
	known, is, err := s.found(ctx, s.d.Repositories, a)
	if err != nil {
		return err
	}
	run := func(ctx context.Context) error {
		return s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
			desk := reception.Desk{Directory: dir, Say: s.catalogue, Now: s.d.Now()}
			to, is, err := s.reached(ctx, r, dir.Clinic, a, desk.Now)
			if err != nil {
				return err
			}
			if !is {
				return fn(ctx, r, desk, nil)
			}
			return fn(ctx, r, desk, &to)
		})
	}
	if !is {
		return run(ctx)
	}
	return s.d.locked(ctx, conversationKey(known.ID), run)
}

// contacts are by whom the conversation about a visit may be known, the likeliest first.
func contacts(a agenda.Appointment) []string {
	var out []string
	for _, contact := range []string{a.Contact, a.Patient.Phone} {
		if contact != "" {
			out = append(out, contact)
		}
	}
	return out
}

// found returns the conversation about a visit, if there is one.
func (s *Reminders) found(ctx context.Context, r ports.Repositories, a agenda.Appointment) (c reception.Conversation, is bool, err error) {
	for _, contact := range contacts(a) {
		c, err := r.Conversations.ByContact(ctx, identity.OnlyEntity(a.EntityID), a.TenantID, contact)
		if err == nil || errs.KindOf(err) != errs.NotFound {
			return c, err == nil, err
		}
	}
	return reception.Conversation{}, false, nil
}

// reached returns the conversation about a visit in which the clinic can write, and begins it when the patient has a
// telephone; is says whether there is a way to write.
func (s *Reminders) reached(ctx context.Context, r ports.Repositories, c agenda.Clinic, a agenda.Appointment, now time.Time) (to reception.Conversation, is bool, err error) {
	if c.EvolutionInstance == "" {
		return to, false, nil
	}
	to, is, err = s.found(ctx, r, a)
	if err != nil || is && to.ReplyTo != "" {
		return to, is, err
	}
	if is {
		if !agenda.IsPhone(to.Contact) {
			return to, false, nil
		}
		to, err = r.Conversations.Update(ctx, identity.OnlyEntity(a.EntityID), to.ID, func(v *reception.Conversation) error {
			v.ReplyTo = v.Contact
			return nil
		})
		return to, err == nil, err
	}
	for _, contact := range contacts(a) {
		if agenda.IsPhone(contact) {
			to = reception.NewConversation(id.New[reception.Conversation](), c, contact, now)
			to.ReplyTo = contact
			to, err = r.Conversations.Create(ctx, to)
			return to, err == nil, err
		}
	}
	return to, false, nil
}
