package memory_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

func storeOf(s *memory.Store) porttest.Store {
	return porttest.Store{Repositories: s.Repositories(), Transactor: s}
}

func TestContract(t *testing.T) {
	t.Parallel()
	porttest.Run(t, func(*testing.T) porttest.Store { return storeOf(memory.New()) })
}

func TestJobContract(t *testing.T) {
	t.Parallel()
	porttest.RunJobs(t, func(*testing.T) porttest.JobStore {
		s := memory.New(
			memory.WithRetries(ports.Retries{Attempts: 4, First: time.Millisecond, Longest: 5 * time.Millisecond}),
			memory.WithLogger(slog.New(slog.DiscardHandler)),
		)
		return porttest.JobStore{Store: storeOf(s), Runner: s, Other: s}
	})
}

func TestLockContract(t *testing.T) {
	t.Parallel()
	porttest.RunLocks(t, func(*testing.T) (one, other ports.Locks) {
		s := memory.New()
		return s, s
	})
}

func TestCalendarContract(t *testing.T) {
	t.Parallel()
	porttest.RunCalendar(t, func(*testing.T) ports.Calendar { return memory.NewCalendar() })
}

func TestCalendarChangesContract(t *testing.T) {
	t.Parallel()
	porttest.RunCalendarChanges(t, func(*testing.T) porttest.FollowedCalendar {
		c := memory.NewCalendar()
		return porttest.FollowedCalendar{Calendar: c, CalendarChanges: c, CalendarHands: c, Expire: c.ExpireTokens}
	})
}

func TestAfterARefusalEveryCallOfTheTransactionFails(t *testing.T) {
	t.Parallel()
	s := memory.New()
	f := porttest.NewFixtures(t, storeOf(s))
	taken := f.User(0)
	for code, refused := range map[string]identity.User{"email-taken": taken, "unknown-reference": f.NewUser(99)} {
		err := s.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			_, _ = r.Users.Create(ctx, refused)
			if _, err := r.Entities.Create(ctx, f.NewEntity()); errs.CodeOf(err) != code {
				t.Errorf("a later write: got error %v, want %s", err, code)
			}
			if _, err := r.Users.ByEmail(ctx, taken.Email); errs.CodeOf(err) != code {
				t.Errorf("a later read: got error %v, want %s", err, code)
			}
			return nil
		})
		if errs.CodeOf(err) != code {
			t.Errorf("the transaction: got error %v, want %s", err, code)
		}
	}
}

func TestAChangeMustLeaveTheIDAlone(t *testing.T) {
	t.Parallel()
	s := memory.New()
	entity := porttest.NewFixtures(t, storeOf(s)).Entity()
	_, err := s.Repositories().Entities.Update(t.Context(), identity.AllEntities(), entity.ID, func(v *clinic.Entity) error {
		v.ID++
		return nil
	})
	if errs.CodeOf(err) != "id-changed" {
		t.Errorf("got error %v, want id-changed", err)
	}
}
