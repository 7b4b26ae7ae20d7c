package service

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// The jobs of connected accounts. They have no argument.
const (
	JobCalendarFollow = "calendar-follow" // see what was changed by hand in calendars
	JobCalendarReseal = "calendar-reseal" // seal tokens with the newest key
)

// What an appointment says that follows its event.
const (
	movedByHand   = "moved in the calendar"
	removedByHand = "removed from the calendar"
)

const (
	followEvery    = time.Minute
	followTime     = 50 * time.Second // for all calendars; those that are left come first the next time
	followEach     = 20 * time.Second // for one of them
	followedAtOnce = 4
)

// CalendarFollow has appointments follow what is done by hand to their events in the calendars of connected accounts.
type CalendarFollow struct {
	d           Deps
	agenda      *Agenda
	credentials *CalendarCredentials
	calendar    ports.Calendar // of accounts, not the built-in one
	changes     ports.CalendarChanges
}

// NewCalendarFollow makes the use cases that follow calendars.
func NewCalendarFollow(d Deps, a *Agenda, credentials *CalendarCredentials, calendar ports.Calendar, changes ports.CalendarChanges) *CalendarFollow {
	return &CalendarFollow{d: d, agenda: a, credentials: credentials, calendar: calendar, changes: changes}
}

// Periodic is what [ports.JobRunner.Work] is to have done, by [CalendarFollow.Do].
func (s *CalendarFollow) Periodic() []ports.PeriodicJob {
	return []ports.PeriodicJob{{Kind: JobCalendarFollow, Every: followEvery}, {Kind: JobCalendarReseal, Every: time.Hour}}
}

// Do does a job of connected accounts. A job of another kind is not handled, and left to others.
func (s *CalendarFollow) Do(ctx context.Context, j ports.Job) (handled bool, err error) {
	switch j.Kind {
	case JobCalendarFollow:
		return true, s.follow(ctx)
	case JobCalendarReseal:
		return true, s.credentials.Reseal(ctx)
	}
	return false, nil
}

// followed is one calendar that is followed.
type followed struct {
	cal          agenda.Calendar
	professional agenda.ClinicProfessional
	clinic       agenda.Clinic
	sync         agenda.CalendarSync
}

// follow follows every calendar, the one first that was not for the longest time. A calendar that cannot be read keeps
// nobody else from being followed: it is noted, and tried again the next time.
func (s *CalendarFollow) follow(ctx context.Context) error {
	todo, err := s.calendars(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(todo, func(a, b followed) int { return a.sync.SyncedAt.Compare(b.sync.SyncedAt) })
	working, cancel := context.WithTimeout(ctx, followTime)
	defer cancel()
	failed := make([]error, len(todo))
	places := make(chan struct{}, followedAtOnce)
	var all sync.WaitGroup
	for i, f := range todo {
		select {
		case places <- struct{}{}:
		case <-working.Done():
		}
		if working.Err() != nil {
			break
		}
		all.Go(func() {
			defer func() { <-places }()
			each, cancel := context.WithTimeout(working, followEach)
			defer cancel()
			failed[i] = s.note(ctx, f, s.followOne(each, &f))
		})
	}
	all.Wait()
	return cmp.Or(ctx.Err(), errors.Join(failed...))
}

// calendars are those of the professionals of all clinics with an account in which nothing is wrong.
func (s *CalendarFollow) calendars(ctx context.Context) ([]followed, error) {
	var found []followed
	err := s.d.eachAccount(ctx, func(a agenda.CalendarAccount) error {
		if a.Problem != "" {
			return nil
		}
		clinics, err := s.d.Repositories.Clinics.List(ctx, identity.OnlyEntity(a.EntityID), agenda.ClinicFilter{Active: new(true)}, page.Request{})
		if err != nil || len(clinics.Items) == 0 { // there is one at most
			return err
		}
		c := clinics.Items[0]
		if key, _ := c.Account(); key != a.ID {
			return nil
		}
		dir, err := s.d.Repositories.Clinics.Directory(ctx, identity.OnlyEntity(a.EntityID), c.ID)
		if err != nil {
			return err
		}
		kept, err := s.d.Repositories.CalendarSyncs.Of(ctx, a.ID)
		if err != nil {
			return err
		}
		for _, p := range dir.Professionals {
			f := followed{cal: p.Calendar(), professional: p, clinic: c, sync: agenda.CalendarSync{AccountID: a.ID, CalendarID: p.GoogleCalendarID}}
			if i := slices.IndexFunc(kept, func(v agenda.CalendarSync) bool { return v.CalendarID == p.GoogleCalendarID }); i >= 0 {
				f.sync = kept[i]
			}
			found = append(found, f)
		}
		return nil
	})
	return found, err
}

// note keeps how far a calendar was followed, or why it could not be. It is logged when that changes.
func (s *CalendarFollow) note(ctx context.Context, f followed, err error) error {
	now, v := s.d.Now(), f.sync
	log := s.d.Log.With(slog.String("tenant_id", f.cal.TenantID.String()), slog.String("professional_id", f.professional.ID.String()))
	switch {
	case err == nil && v.Problem != "":
		log.InfoContext(ctx, "a calendar is followed again")
		v.Problem, v.ProblemAt = "", time.Time{}
	case err != nil && v.Problem == "":
		log.WarnContext(ctx, "a calendar cannot be followed", slog.Any("err", err))
		v.Problem, v.ProblemAt = cmp.Or(errs.CodeOf(err), "failed"), now
	}
	v.SyncedAt = now
	return s.d.Repositories.CalendarSyncs.Keep(context.WithoutCancel(ctx), v)
}

// followOne follows one calendar, and sets from where it goes on the next time when all went well: what fails is seen again.
func (s *CalendarFollow) followOne(ctx context.Context, f *followed) error {
	changes, next, err := s.changes.Changes(ctx, f.cal, f.sync.Token)
	began := f.sync.Token == ""
	if errs.CodeOf(err) == "sync-token-expired" {
		changes, next, err = s.changes.Changes(ctx, f.cal, "")
		began = true
	}
	if err != nil {
		return err
	}
	var keys []agenda.AppointmentID
	if began { // nothing is told of the past: every visit to come is compared, once
		if keys, err = s.toCome(ctx, *f); err != nil {
			return err
		}
	}
	for _, c := range changes {
		if key, ours := agenda.AppointmentOfEvent(c.ID); ours && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		if err := s.followEvent(ctx, *f, key); err != nil {
			return err
		}
	}
	f.sync.Token = next
	return nil
}

// toCome are the confirmed visits to come in a calendar.
func (s *CalendarFollow) toCome(ctx context.Context, f followed) ([]agenda.AppointmentID, error) {
	var found []agenda.AppointmentID
	filter := agenda.AppointmentFilter{ProfessionalID: f.professional.ID, Status: agenda.Confirmed, From: s.d.Now()}
	err := eachPage(func(req page.Request) (page.Page[agenda.Appointment], error) {
		return s.d.Repositories.Appointments.List(ctx, identity.OnlyEntity(f.professional.EntityID), filter, req)
	}, func(a agenda.Appointment) error {
		found = append(found, a.ID)
		return nil
	})
	return found, err
}

// followEvent compares one appointment with its event as it is now, while nobody makes the event follow the appointment.
// What somebody moved or removed by hand is told from what this service is about to change by when it wrote the event to be.
func (s *CalendarFollow) followEvent(ctx context.Context, f followed, key agenda.AppointmentID) error {
	return s.d.locked(ctx, calendarKey(key), func(ctx context.Context) error {
		a, err := s.d.Repositories.Appointments.Get(ctx, identity.OnlyEntity(f.professional.EntityID), key)
		if errs.KindOf(err) == errs.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if a.Status != agenda.Confirmed || a.CalendarID != f.cal.ID || a.ProfessionalID != f.professional.ID || !s.d.Now().Before(a.Start) {
			return nil
		}
		e, err := s.calendar.Get(ctx, f.cal, a.EventID())
		removed := errs.KindOf(err) == errs.NotFound
		if err != nil && !removed {
			return err
		}
		written, known, err := s.d.Repositories.CalendarSyncs.Written(ctx, f.sync.AccountID, f.cal.ID, key)
		if err != nil {
			return err
		}
		is := agenda.Interval{Start: e.Start, End: e.End}
		switch {
		case removed && known:
			return s.changed(ctx, a, removedByHand, func(v *agenda.Appointment) error { return v.Cancel(removedByHand, s.d.Now()) })
		case !removed && is.Start.Equal(a.Start) && is.End.Equal(a.End):
			return nil
		case !removed && known && is.Start.Equal(written.Start) && is.End.Equal(written.End):
			return nil // the appointment was changed, and the event is about to be
		case !known:
			return s.agenda.sync(ctx, key) // it is not there yet, such as after the account was connected
		}
		return s.moved(ctx, f, a, is)
	})
}

// moved has an appointment follow its event. Where it may not be by the rules of the agenda it is kept all the same: the
// owner's hand wins.
func (s *CalendarFollow) moved(ctx context.Context, f followed, a agenda.Appointment, to agenda.Interval) error {
	now, override := s.d.Now(), ""
	q := agenda.Query{
		Schedule: f.professional.Schedule(f.clinic, s.d.holidaysOf(f.clinic, to.Start, to.End)),
		Now:      to.Start, From: to.Start, To: to.End, Duration: to.End.Sub(to.Start),
	}
	if to.End.After(to.Start) && !q.Fits(to.Start) {
		override = movedByHand
	}
	follow := func(v *agenda.Appointment) error { return v.Follow(to, override, now) }
	err := s.changed(ctx, a, movedByHand, follow)
	if errs.CodeOf(err) == "slot-taken" {
		override = movedByHand
		err = s.changed(ctx, a, movedByHand, follow)
	}
	switch errs.CodeOf(err) {
	case "":
	case "slot-taken", "visit-length": // it stays as it was, and is not tried again for ever
		s.d.Log.WarnContext(ctx, "a visit cannot follow its event", slog.String("appointment_id", a.ID.String()), slog.Any("err", err))
		return nil
	}
	if err != nil {
		return err
	}
	return s.d.Repositories.CalendarSyncs.Wrote(ctx, f.sync.AccountID, f.cal.ID, a.ID, to)
}

// changed changes an appointment that is still the one that was compared. One that is not is compared again by whoever
// changed it.
func (s *CalendarFollow) changed(ctx context.Context, a agenda.Appointment, what string, change func(*agenda.Appointment) error) error {
	other := errors.New("it was changed meanwhile")
	ctx = identity.WithTrail(ctx, identity.Trail{Actor: identity.Calendar})
	var now agenda.Appointment
	err := s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) (err error) {
		now, err = r.Appointments.Update(ctx, identity.OnlyEntity(a.EntityID), a.ID, func(v *agenda.Appointment) error {
			if v.Version != a.Version {
				return other
			}
			return change(v)
		})
		if err != nil {
			return err
		}
		return tellLater(ctx, r, now, s.d.Now())
	})
	if errors.Is(err, other) {
		return nil
	}
	if err == nil {
		s.agenda.changed(ctx, []agenda.Appointment{now})
		s.d.Log.InfoContext(ctx, "a visit was "+what, slog.String("appointment_id", a.ID.String()), slog.String("professional_id", a.ProfessionalID.String()))
	}
	return err
}
