package memory_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

// journal keeps the transactions that it is told of.
type journal struct {
	transactions [][]memory.Change
	fail         error
	look         func()
}

func (j *journal) Append(changes []memory.Change) error {
	if j.look != nil {
		j.look()
	}
	if j.fail != nil {
		return j.fail
	}
	j.transactions = append(j.transactions, changes)
	return nil
}

func (j *journal) changes() []memory.Change {
	var all []memory.Change
	for _, changes := range j.transactions {
		all = append(all, changes...)
	}
	return all
}

func journalled(t *testing.T) (*memory.Store, *journal, *porttest.Fixtures) {
	t.Helper()
	j := &journal{}
	s := memory.New(memory.WithJournal(j))
	return s, j, porttest.NewFixtures(t, storeOf(s))
}

func users(t *testing.T, s *memory.Store) []identity.User {
	t.Helper()
	p, err := s.Repositories().Users.List(t.Context(), identity.AllEntities(), identity.UserFilter{}, page.Request{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Items
}

// entries is the audit log, newest first.
func entries(t *testing.T, s *memory.Store) []identity.AuditEntry {
	t.Helper()
	found, err := s.Repositories().AuditLog.List(t.Context(), identity.AllEntities(), identity.AuditFilter{}, page.Request{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return found.Items
}

func TestJournalIsToldOfATransactionAsAWhole(t *testing.T) {
	t.Parallel()
	s, j, f := journalled(t)
	var before, after clinic.Entity
	var user identity.User
	err := s.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) (err error) {
		if before, err = r.Entities.Create(ctx, f.NewEntity()); err != nil {
			return err
		}
		if user, err = r.Users.Create(ctx, f.NewUser(before.ID)); err != nil {
			return err
		}
		after, err = r.Entities.Update(ctx, identity.AllEntities(), before.ID, func(v *clinic.Entity) error {
			v.Name = "changed"
			return nil
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	log := entries(t, s)
	if len(log) != 3 {
		t.Fatalf("got the audit log %+v, want an entry for each change", log)
	}
	want := [][]memory.Change{{
		{Table: "entities", Key: "1", After: before},
		{Table: "audit_log", Key: "1", After: log[2]},
		{Table: "users", Key: "1", After: user},
		{Table: "audit_log", Key: "2", After: log[1]},
		{Table: "entities", Key: "1", Before: before, After: after},
		{Table: "audit_log", Key: "3", After: log[0]},
	}}
	if diff := cmp.Diff(want, j.transactions); diff != "" {
		t.Errorf("the journal: -want +got\n%s", diff)
	}
}

func TestJournalIsToldOfRemovals(t *testing.T) {
	t.Parallel()
	s, j, f := journalled(t)
	link, err := s.Repositories().RoomParticipants.Create(t.Context(), f.NewRoomParticipant(f.Room(0)))
	if err != nil {
		t.Fatal(err)
	}
	j.transactions = nil
	if err := s.Repositories().RoomParticipants.Delete(t.Context(), identity.AllEntities(), link.RoomID, link.ParticipantID); err != nil {
		t.Fatal(err)
	}
	want := [][]memory.Change{{{Table: "room_participants", Key: "1", Before: link}}}
	if diff := cmp.Diff(want, j.transactions); diff != "" {
		t.Errorf("the journal: -want +got\n%s", diff)
	}
}

func TestJournalHearsNothingOfWhatIsNotStored(t *testing.T) {
	t.Parallel()
	s, j, f := journalled(t)
	u := f.User(0)
	j.transactions = nil
	boom := errors.New("boom")
	_ = s.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		_, _ = r.Users.Create(ctx, f.NewUser(0))
		return boom
	})
	_ = s.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		_, err := r.Users.Get(ctx, identity.AllEntities(), u.ID)
		return err
	})
	_, _ = s.Repositories().Users.Create(t.Context(), u) // the e-mail is taken
	_, _ = s.Repositories().Users.Update(t.Context(), identity.AllEntities(), u.ID, func(*identity.User) error { return boom })
	if len(j.transactions) != 0 {
		t.Errorf("the journal was told of %v", j.transactions)
	}
}

func TestJournalComesBeforeVisibilityAndItsErrorAborts(t *testing.T) {
	t.Parallel()
	s, j, f := journalled(t)
	j.look = func() {
		if got := users(t, s); len(got) != 0 {
			t.Errorf("%d users are visible before the journal has them", len(got))
		}
	}
	j.fail = errors.New("disk full")
	if _, err := s.Repositories().Users.Create(t.Context(), f.NewUser(0)); !errors.Is(err, j.fail) {
		t.Errorf("Create: got error %v, want %v", err, j.fail)
	}
	err := s.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		if err := r.Jobs.Enqueue(ctx, ports.Job{Kind: "kind", Key: "key"}); err != nil {
			return err
		}
		_, err := r.Users.Create(ctx, f.NewUser(0))
		return err
	})
	if !errors.Is(err, j.fail) {
		t.Errorf("InTx: got error %v, want %v", err, j.fail)
	}
	if got := users(t, s); len(got) != 0 {
		t.Errorf("got %d users that the journal refused", len(got))
	}
	if err := s.Idle(t.Context()); err != nil {
		t.Errorf("a job that the journal refused is waiting: %v", err)
	}
	j.fail = nil
	kept := f.User(0)
	if diff := cmp.Diff([]identity.User{kept}, users(t, s)); diff != "" {
		t.Errorf("the users: -want +got\n%s", diff)
	}
}

func TestRestoreRepeatsAJournal(t *testing.T) {
	t.Parallel()
	s, j, f := journalled(t)
	entity := f.Entity().ID
	kept := f.Appointment(f.NewAppointment(f.AgendaOf(entity), f.Monday()))
	message := f.Message(f.ConversationOf(entity))
	room := f.RoomOf(entity)
	for range 2 {
		link, err := s.Repositories().RoomParticipants.Create(t.Context(), f.NewRoomParticipant(room))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Repositories().RoomParticipants.Delete(t.Context(), identity.AllEntities(), link.RoomID, link.ParticipantID); err != nil {
			t.Fatal(err)
		}
	}
	for _, arg := range []string{"done", "left"} {
		if err := s.Repositories().Jobs.Enqueue(t.Context(), ports.Job{Kind: "kind", Key: arg, Arg: arg}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	_ = s.Work(ctx, 1, nil, func(_ context.Context, job ports.Job) error {
		stop()
		if job.Arg == "left" {
			t.Error("the second job was done first")
		}
		return nil
	})

	again := &journal{}
	restored := memory.New(memory.WithJournal(again))
	if err := restored.Restore(t.Context(), j.changes()); err != nil {
		t.Fatal(err)
	}
	if len(again.transactions) != 0 {
		t.Error("the journal was told of what it holds already")
	}
	r := restored.Repositories()
	got, err := r.Appointments.Get(t.Context(), identity.OnlyEntity(entity), kept.ID)
	if diff := cmp.Diff(kept, got); diff != "" || err != nil {
		t.Errorf("the appointment: %v, -want +got\n%s", err, diff)
	}
	if _, err := r.Appointments.Create(t.Context(), f.NewAppointment(f.AgendaOf(entity), f.Monday())); errs.CodeOf(err) != "slot-taken" {
		t.Errorf("the slot of the restored appointment: got error %v, want slot-taken", err)
	}
	if want, got := entries(t, s), entries(t, restored); len(want) == 0 || !cmp.Equal(want, got) {
		t.Errorf("the audit log: -want +got\n%s", cmp.Diff(want, got))
	}
	pending, err := r.Messages.Pending(t.Context(), message.ConversationID, 2)
	if diff := cmp.Diff([]reception.Message{message}, pending); diff != "" || err != nil {
		t.Errorf("the message: %v, -want +got\n%s", err, diff)
	}
	link, err := r.RoomParticipants.Create(t.Context(), porttest.NewFixtures(t, storeOf(restored)).NewRoomParticipant(room))
	if err != nil || link.ID != 3 {
		t.Errorf("a new link: got id %d, error %v, want the id 3, which was never used", link.ID, err)
	}
	var done []string
	ctx, stop = context.WithCancel(t.Context())
	_ = restored.Work(ctx, 1, nil, func(_ context.Context, job ports.Job) error {
		done = append(done, job.Arg)
		stop()
		return nil
	})
	if diff := cmp.Diff([]string{"left"}, done); diff != "" {
		t.Errorf("the jobs that were left: -want +got\n%s", diff)
	}
}

func TestRestoreOfWhatDoesNotFitRestoresNothing(t *testing.T) {
	t.Parallel()
	_, j, f := journalled(t)
	f.User(0)
	for name, bad := range map[string]memory.Change{
		"unknown table":  {Table: "nothing", Key: "1", After: identity.User{}},
		"another type":   {Table: "users", Key: "2", After: agenda.Clinic{}},
		"no key":         {Table: "users", Key: "x", After: identity.User{}},
		"absent row":     {Table: "users", Key: "9"},
		"taken e-mail":   {Table: "users", Key: "2", After: withID(users(t, replay(t, j)), 2)},
		"unknown entity": {Table: "users", Key: "2", After: identity.User{ID: 2, EntityID: 9}},
		"key of another": {Table: "users", Key: "1", After: identity.User{ID: 2}},
	} {
		s := memory.New()
		if err := s.Restore(t.Context(), append(j.changes(), bad)); err == nil {
			t.Errorf("%s: got no error", name)
		}
		if got := users(t, s); len(got) != 0 {
			t.Errorf("%s: got %d users, want none", name, len(got))
		}
	}
}

func replay(t *testing.T, j *journal) *memory.Store {
	t.Helper()
	s := memory.New()
	if err := s.Restore(t.Context(), j.changes()); err != nil {
		t.Fatal(err)
	}
	return s
}

func withID(users []identity.User, id identity.UserID) identity.User {
	users[0].ID = id
	return users[0]
}
