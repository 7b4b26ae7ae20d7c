package postgres_test

import (
	"math"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
)

func TestFiguresOfUsageAreExact(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	for _, c := range []struct {
		millis  int64
		minutes string
		micros  int64
		cost    string
	}{
		{0, "0.000000", 0, "0.000000"},
		{1, "0.000017", 1, "0.000001"},
		{29_999, "0.499983", 999_999, "0.999999"},
		{2_700_000, "45.000000", 2_350_000, "2.350000"},
		{86_399_999, "1439.999983", 1<<53 + 1, "9007199254.740993"},
		{1<<53 + 1, "150119987579.016550", 1<<62 + 1, "4611686018427.387905"},
		{math.MaxInt64 - 1, "153722867280912.930100", math.MaxInt64 - 1, "9223372036854.775806"},
		{math.MaxInt64, "153722867280912.930117", math.MaxInt64, "9223372036854.775807"},
	} {
		usage := s.NewUsage(0)
		usage.TotalAudioMillis, usage.CostEstimateMicros = c.millis, c.micros
		created, err := s.AgentUsages.Create(t.Context(), usage)
		if err != nil {
			t.Errorf("create with %d ms: %v", c.millis, err)
			continue
		}
		changed, err := s.AgentUsages.Create(t.Context(), s.NewUsage(0))
		if err == nil {
			changed, err = s.AgentUsages.Update(t.Context(), identity.AllEntities(), changed.ID, func(v *metering.AgentUsage) error {
				v.TotalAudioMillis, v.CostEstimateMicros = c.millis, c.micros
				return nil
			})
		}
		if err != nil {
			t.Errorf("update to %d ms: %v", c.millis, err)
			continue
		}
		for what, got := range map[string]metering.AgentUsage{"created": created, "changed": changed} {
			if got.TotalAudioMillis != c.millis || got.CostEstimateMicros != c.micros {
				t.Errorf("%s: got %d ms and %d, want %d and %d", what, got.TotalAudioMillis, got.CostEstimateMicros, c.millis, c.micros)
			}
			kept := one[string](t, s.sql, `SELECT total_audio_minutes || ' ' || cost_estimate FROM agent_usages WHERE id = $1`, int64(got.ID))
			if want := c.minutes + " " + c.cost; kept != want {
				t.Errorf("%s: the columns hold %s, want %s", what, kept, want)
			}
		}
	}
}

func TestTheDatabaseKnowsHowLongASessionLasted(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	going := s.NewUsage(0)
	going.SessionEnd, going.EndReason = time.Time{}, ""
	going, err := s.AgentUsages.Create(t.Context(), going)
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	seconds := func() *int64 {
		return one[*int64](t, s.sql, `SELECT duration_seconds FROM agent_usages WHERE id = $1`, int64(going.ID))
	}
	if got := seconds(); got != nil {
		t.Errorf("a session that goes on: got %d seconds, want NULL", *got)
	}
	ended, err := s.AgentUsages.Update(t.Context(), identity.AllEntities(), going.ID, func(v *metering.AgentUsage) error {
		v.End(v.SessionStart.Add(90*time.Minute+59*time.Second+999_999*time.Microsecond), metering.Ended, s.Now())
		return nil
	})
	if err != nil {
		t.Fatalf("update: %v", err)
	}
	want, _ := ended.Duration()
	if got := seconds(); got == nil || time.Duration(*got)*time.Second != want || want != 90*time.Minute+59*time.Second {
		t.Errorf("an ended session: got %v seconds, want %v", got, want)
	}
}
