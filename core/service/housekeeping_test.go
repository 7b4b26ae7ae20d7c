package service_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// keeper is the housekeeping of an office, and its log.
type keeper struct {
	*service.Housekeeping
	log *bytes.Buffer
}

func (o *office) keeper(retention time.Duration) keeper {
	var log bytes.Buffer
	d := service.Deps{Repositories: o.repos, Tx: o.store, Now: o.clock.Now, Log: slog.New(slog.NewTextHandler(&log, nil))}
	return keeper{service.NewHousekeeping(d, o.store, service.HousekeepingOptions{EventRetention: retention}), &log}
}

// do does a job of a kind and returns what it logged.
func (k keeper) do(t *testing.T, kind string) string {
	t.Helper()
	k.log.Reset()
	if handled, err := k.Do(t.Context(), ports.Job{Kind: kind, Key: kind}); err != nil || !handled {
		t.Errorf("%s: handled %v, error %v", kind, handled, err)
	}
	return k.log.String()
}

func wantLogged(t *testing.T, logged string, parts ...string) {
	t.Helper()
	for _, part := range append(parts, "level=INFO") {
		if !strings.Contains(logged, part) {
			t.Errorf("logged %q, want %q in it", logged, part)
		}
	}
}

func TestHousekeepingDoesItsOwnJobsOnly(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	kinds := func(k keeper) map[string]time.Duration {
		out := map[string]time.Duration{}
		for _, j := range k.Periodic() {
			out[j.Kind] = j.Every
			if logged := k.do(t, j.Kind); logged != "" {
				t.Errorf("%s had nothing to do and logged %q", j.Kind, logged)
			}
		}
		return out
	}
	if got := kinds(o.keeper(0)); len(got) != 5 || got[service.JobExpireHolds] != time.Minute || got[service.JobDropEvents] != 0 {
		t.Errorf("without a retention: got the jobs %v", got)
	}
	if got := kinds(o.keeper(time.Hour)); len(got) != 6 || got[service.JobDropEvents] != time.Hour {
		t.Errorf("with a retention: got the jobs %v", got)
	}
	handled, err := o.keeper(0).Do(t.Context(), ports.Job{Kind: service.JobSendReply})
	if handled || err != nil {
		t.Errorf("another's job: handled %v, error %v", handled, err)
	}
}

func TestOldEventsAreDroppedByWholeMonths(t *testing.T) {
	t.Parallel()
	o := newOffice(t) // on 2 March 2026
	room := o.newRoom(t, o.ana, "visit").ID
	for _, at := range []time.Time{
		time.Date(2025, time.December, 31, 23, 59, 59, 0, time.UTC),
		time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, time.January, 31, 0, 0, 0, 0, time.UTC),
	} {
		must(o.repos.RoomEvents.Append(t.Context(), conference.RoomEvent{RoomID: room, Name: "old", Data: "{}", CreatedAt: at}))(t)
		must(o.repos.AgentSessionEvents.Append(t.Context(), conference.AgentSessionEvent{RoomID: room, Name: "old", Data: "{}", CreatedAt: at}))(t)
	}
	left := func(want int) {
		t.Helper()
		agents := items(o.rooms.AgentEvents(t.Context(), o.ana, conference.EventFilter{RoomID: room}, page.Request{}))(t)
		if got := o.transcripts(t, room); got != want || len(agents) != want {
			t.Errorf("%d room events and %d agents' events are left, want %d of each", got, len(agents), want)
		}
	}
	const retention = 45 * 24 * time.Hour // until 16 January: January has not ended
	if logged := o.keeper(0).do(t, service.JobDropEvents); logged != "" {
		t.Errorf("without a retention: logged %q", logged)
	}
	left(3)
	wantLogged(t, o.keeper(retention).do(t, service.JobDropEvents), "months=2")
	left(2)
	if logged := o.keeper(retention).do(t, service.JobDropEvents); logged != "" {
		t.Errorf("with nothing to drop: logged %q", logged)
	}
	o.clock.advance(16 * 24 * time.Hour)
	wantLogged(t, o.keeper(retention).do(t, service.JobDropEvents), "months=2")
	left(0)
}

func TestWhatHasExpiredIsForgotten(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	k := o.keeper(0)
	login := service.LoginParams{Email: "ana@example.com", Password: goodPassword}
	old := must(o.sessions.Login(t.Context(), login))(t)
	now := o.clock.Now()
	_, _, err := o.repos.IdempotencyKeys.Reserve(t.Context(), identity.IdempotencyRecord{
		Owner: o.ana.String(), Key: "key", ReservedUntil: now.Add(service.ReservationTime), CreatedAt: now, ExpiresAt: now.Add(service.IdempotencyTime),
	})
	if err != nil {
		t.Fatal(err)
	}

	o.clock.advance(service.IdempotencyTime)
	if logged := k.do(t, service.JobForgetExpired); logged != "" {
		t.Errorf("nothing has expired, and it logged %q", logged)
	}
	o.clock.advance(time.Microsecond)
	wantLogged(t, k.do(t, service.JobForgetExpired), "keys=1")
	_, err = o.repos.IdempotencyKeys.Get(t.Context(), o.ana.String(), "key")
	wantRefusal(t, err, errs.NotFound, "idempotency-key-not-found")

	// A token that was used is known for a while after it has expired: using it again ends the login it was copied from.
	renewed := must(o.sessions.Refresh(t.Context(), old.RefreshToken))(t)
	o.clock.advance(29 * 24 * time.Hour)
	renewed = must(o.sessions.Refresh(t.Context(), renewed.RefreshToken))(t)
	o.clock.advance(29 * 24 * time.Hour)
	if logged := k.do(t, service.JobForgetExpired); logged != "" {
		t.Errorf("tokens have expired for less than 30 days, and it logged %q", logged)
	}
	_, err = o.sessions.Refresh(t.Context(), old.RefreshToken)
	wantRefusal(t, err, errs.Unauthenticated, "refresh-token-reused")
	_, err = o.sessions.Refresh(t.Context(), renewed.RefreshToken)
	wantRefusal(t, err, errs.Unauthenticated, "invalid-refresh-token")
	o.clock.advance(100 * 24 * time.Hour)
	wantLogged(t, k.do(t, service.JobForgetExpired), "tokens=3")
	_, err = o.sessions.Refresh(t.Context(), old.RefreshToken)
	wantRefusal(t, err, errs.Unauthenticated, "invalid-refresh-token")
}

// dyingCalendar writes an event, and then whoever wrote it is gone.
type dyingCalendar struct{ ports.Calendar }

func (c dyingCalendar) Put(ctx context.Context, cal agenda.Calendar, e agenda.Event) error {
	if err := c.Calendar.Put(ctx, cal, e); err != nil {
		return err
	}
	panic("killed")
}

func TestAHoldThatHousekeepingExpiresHasItsEventTakenBack(t *testing.T) {
	t.Parallel()
	w := open(t)
	visit := w.visit(w.joao, at(8, 0))
	visit.Key = id.New[agenda.Appointment]()
	func() {
		defer func() { _ = recover() }()
		_, err := service.NewAgenda(w.deps(), dyingCalendar{w.calendar}).Book(t.Context(), w.manager, visit)
		t.Errorf("the booking was not killed: it returned %v", err)
	}()
	keeper := service.NewHousekeeping(w.deps(), w.store, service.HousekeepingOptions{})
	status := func() agenda.AppointmentStatus {
		t.Helper()
		a, err := w.store.Repositories().Appointments.Get(t.Context(), identity.AllEntities(), visit.Key)
		w.must(err)
		return a.Status
	}
	expire := func() {
		t.Helper()
		_, err := keeper.Do(t.Context(), ports.Job{Kind: service.JobExpireHolds})
		w.must(err)
	}
	w.pass(w.clinic.HoldTime - time.Second)
	expire()
	if got := status(); got != agenda.Held {
		t.Fatalf("before its time the hold is %s", got)
	}
	w.pass(time.Second + time.Millisecond) // its own job is not due yet
	expire()
	if got := status(); got != agenda.Expired {
		t.Fatalf("after its time the hold is %s", got)
	}
	w.work()
	if n := len(w.events(w.joao)); n != 1 {
		t.Fatalf("%d events, want the one that was left behind", n)
	}
	w.pass(time.Second)
	w.work()
	if n := len(w.events(w.joao)); n != 0 {
		t.Errorf("%d events are left, want 0", n)
	}
	w.book(w.joao, at(8, 0))
	w.wantOnly(w.joao)
}

// transcripts is how many events a room has besides the one that opened it.
func (o *office) transcripts(t *testing.T, room conference.RoomID) int {
	t.Helper()
	return len(items(o.rooms.Events(t.Context(), o.manager, conference.EventFilter{RoomID: room}, page.Request{Limit: page.MaxLimit}))(t)) - 1
}
