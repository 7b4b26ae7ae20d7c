package service_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

func TestAbandonedSessionsAreEnded(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	k := m.keeper(0)
	const idle = 6 * time.Hour
	crashed, alive, ended := m.start(t, ""), m.start(t, ""), m.start(t, "")
	must(m.usages.End(t.Context(), m.ana, ended.ID, time.Time{}, version.Match{}))(t)
	m.clock.advance(10 * time.Minute)
	last := m.clock.Now()
	m.update(t, crashed.ID, service.UsageUpdate{Add: tokens(5, 5)})
	m.clock.advance(idle)
	m.update(t, alive.ID, service.UsageUpdate{Add: tokens(5, 5)})
	if logged := k.do(t, service.JobEndAbandoned); logged != "" {
		t.Errorf("just not idle for long enough: logged %q", logged)
	}
	m.clock.advance(time.Microsecond)
	wantLogged(t, k.do(t, service.JobEndAbandoned), "sessions=1")
	if logged := k.do(t, service.JobEndAbandoned); logged != "" {
		t.Errorf("with nothing more to end: logged %q", logged)
	}
	got := m.get(t, crashed.ID)
	if !got.SessionEnd.Equal(last) || got.EndReason != metering.Abandoned {
		t.Errorf("got the end %v because %q, want the last change %v", got.SessionEnd, got.EndReason, last)
	}
	if got := m.get(t, alive.ID); !got.SessionEnd.IsZero() {
		t.Errorf("a session that goes on was ended: %+v", got)
	}
	if got := m.get(t, ended.ID); got.EndReason != metering.Ended {
		t.Errorf("a session that had ended: %+v", got)
	}
	if got := must(m.usages.End(t.Context(), m.ana, crashed.ID, time.Time{}, version.Match{}))(t); !got.SessionEnd.Equal(m.clock.Now()) || got.EndReason != metering.Ended {
		t.Errorf("told of the real end: got %v because %q", got.SessionEnd, got.EndReason)
	}
}

func TestManyAbandonedSessionsAreEndedThoughOneCannotBe(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	const count = 205
	broken := m.start(t, "")
	for range count {
		usage := must(metering.Start(metering.StartParams{Room: m.room, Agent: m.agent}, m.clock.Now()))(t)
		must(m.repos.AgentUsages.Create(t.Context(), usage))(t)
	}
	m.clock.advance(24 * time.Hour)
	repos := m.repos
	repos.AgentUsages = brokenUsages{m.repos.AgentUsages, broken.ID}
	d := service.Deps{Repositories: repos, Tx: m.store, Now: m.clock.Now, Log: slog.New(slog.DiscardHandler)}
	keeper := service.NewHousekeeping(d, m.store, service.HousekeepingOptions{UsageIdle: time.Hour})
	if _, err := keeper.Do(t.Context(), ports.Job{Kind: service.JobEndAbandoned}); !errors.Is(err, errBroken) {
		t.Errorf("got error %v, want that of the session that cannot be ended", err)
	}
	going := true
	left := items(m.usages.List(t.Context(), m.manager, metering.UsageFilter{Active: &going}, page.Request{}))(t)
	if len(left) != 1 || left[0].ID != broken.ID {
		t.Errorf("%d sessions go on, want only the broken one", len(left))
	}
}

func TestKeysOfUpdatesAreForgotten(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	u := m.start(t, "")
	add := service.UsageUpdate{Key: "k", Add: tokens(1, 1)}
	m.update(t, u.ID, add)
	k := m.keeper(0)
	m.clock.advance(30 * 24 * time.Hour)
	k.do(t, service.JobForgetExpired)
	if got := m.update(t, u.ID, add).TotalTokensInput; got != 1 {
		t.Errorf("after 30 days: got %d tokens, want 1", got)
	}
	m.clock.advance(time.Microsecond)
	wantLogged(t, k.do(t, service.JobForgetExpired), "updates=1")
	if got := m.update(t, u.ID, add).TotalTokensInput; got != 2 {
		t.Errorf("after it was forgotten: got %d tokens, want 2", got)
	}
}

var errBroken = errors.New("broken")

// brokenUsages cannot change one session.
type brokenUsages struct {
	ports.AgentUsageRepository
	broken metering.UsageID
}

func (b brokenUsages) Update(ctx context.Context, scope identity.Scope, id metering.UsageID, change func(*metering.AgentUsage) error) (metering.AgentUsage, error) {
	if id == b.broken {
		return metering.AgentUsage{}, fmt.Errorf("session %v: %w", id, errBroken)
	}
	return b.AgentUsageRepository.Update(ctx, scope, id, change)
}
