package metering_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/metering"
)

func begun() time.Time { return time.Date(2026, time.March, 2, 8, 0, 0, 123456000, time.UTC) }

// wrongPaths are the parts of the input that an invalid-input error names; nil when there is no error.
func wrongPaths(tb testing.TB, err error) []string {
	tb.Helper()
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind != errs.Invalid || e.Code != "invalid-input" {
		tb.Fatalf("error %v, want invalid-input", err)
	}
	var paths []string
	for _, f := range e.Fields {
		paths = append(paths, f.Path)
	}
	return paths
}

func TestStartTakesEntityAndDepartmentOfTheRoom(t *testing.T) {
	t.Parallel()
	room := conference.Room{ID: 2, Status: conference.Open, EntityID: 3, DepartmentID: 9}
	got, err := metering.Start(room, conference.Participant{ID: 4, Type: conference.Agent}, `{"model":"m"}`, begun())
	want := metering.AgentUsage{
		RoomID: 2, ParticipantID: 4, EntityID: 3, DepartmentID: 9, SessionStart: begun(), Data: `{"model":"m"}`, CreatedAt: begun(), UpdatedAt: begun(),
	}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if got, err := metering.Start(room, conference.Participant{Type: conference.Agent}, "", begun()); err != nil || got.Data != "{}" {
		t.Errorf("without data: %q, %v, want {}", got.Data, err)
	}
}

func TestOnlyAnAgentIsMetered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind         conference.ParticipantType
		agent, room  clinic.EntityID
		status       conference.RoomStatus
		wrong        []string
		conflictCode string
	}{
		{conference.Agent, 3, 3, conference.Open, nil, ""},
		{conference.Agent, 0, 3, conference.InProgress, nil, ""},
		{conference.Agent, 0, 0, conference.InProgress, nil, ""},
		{conference.Agent, 4, 3, conference.Open, []string{"participant_id"}, ""},
		{conference.Agent, 3, 0, conference.Open, []string{"participant_id"}, ""},
		{conference.Client, 3, 3, conference.Open, []string{"participant_id"}, ""},
		{conference.Professional, 3, 3, conference.Open, []string{"participant_id"}, ""},
		{"", 3, 3, conference.Open, []string{"participant_id"}, ""},
		{conference.Agent, 3, 3, conference.Closed, nil, "room-closed"},
	} {
		got, err := metering.Start(conference.Room{Status: c.status, EntityID: c.room}, conference.Participant{Type: c.kind, EntityID: c.agent}, "", begun())
		if c.conflictCode != "" {
			if errs.KindOf(err) != errs.Conflict || errs.CodeOf(err) != c.conflictCode || got != (metering.AgentUsage{}) {
				t.Errorf("%+v: %v, want conflict %s", c, err, c.conflictCode)
			}
			continue
		}
		if paths := wrongPaths(t, err); !slices.Equal(paths, c.wrong) || err != nil && got != (metering.AgentUsage{}) {
			t.Errorf("%+v: wrong %q, usage %+v", c, paths, got)
		}
	}
}

func TestAddSumsUp(t *testing.T) {
	t.Parallel()
	var u metering.AgentUsage
	later := begun().Add(time.Microsecond)
	for range 3 {
		if err := u.Add(metering.Counters{TokensInput: 1, TokensOutput: 2, AudioMillis: 3, Interactions: 4, Transcriptions: 5}, later); err != nil {
			t.Fatal(err)
		}
	}
	want := metering.AgentUsage{
		TotalTokensInput: 3, TotalTokensOutput: 6, TotalAudioMillis: 9, InteractionsCount: 12, TranscriptionCount: 15, UpdatedAt: later,
	}
	if u != want {
		t.Errorf("got %+v, want %+v", u, want)
	}
}

func TestFiguresAreNeverNegative(t *testing.T) {
	t.Parallel()
	const most = math.MaxInt64
	for path, by := range map[string]metering.Counters{
		"total_tokens_input":  {TokensInput: 1},
		"total_tokens_output": {TokensOutput: 1},
		"total_audio_minutes": {AudioMillis: 1},
		"interactions_count":  {Interactions: 1},
		"transcription_count": {Transcriptions: 1},
	} {
		full := metering.AgentUsage{
			TotalTokensInput: most, TotalTokensOutput: most, TotalAudioMillis: most, InteractionsCount: most, TranscriptionCount: most,
		}
		before := full
		if got := wrongPaths(t, full.Add(by, begun())); !slices.Equal(got, []string{path}) || full != before {
			t.Errorf("%s over its limit: wrong %q, usage %+v", path, got, full)
		}
		less := metering.Counters{
			TokensInput: -by.TokensInput, TokensOutput: -by.TokensOutput, AudioMillis: -by.AudioMillis, Interactions: -by.Interactions,
			Transcriptions: -by.Transcriptions,
		}
		if got := wrongPaths(t, full.Add(less, begun())); !slices.Equal(got, []string{path}) || full != before {
			t.Errorf("a negative %s: wrong %q, usage %+v", path, got, full)
		}
	}
	var u metering.AgentUsage
	if err := u.Add(metering.Counters{TokensInput: most}, begun()); err != nil || u.TotalTokensInput != most {
		t.Errorf("the largest figure: %d, %v", u.TotalTokensInput, err)
	}
	err := u.Add(metering.Counters{TokensOutput: -1, AudioMillis: math.MinInt64}, begun())
	if got, want := wrongPaths(t, err), []string{"total_tokens_output", "total_audio_minutes"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	going := metering.AgentUsage{SessionStart: begun()}
	if d, ok := going.Duration(); ok || d != 0 {
		t.Errorf("a session that goes on has lasted %v, %t", d, ok)
	}
	for after, want := range map[time.Duration]time.Duration{
		0:                                  0,
		999999 * time.Microsecond:          0,
		time.Second:                        time.Second,
		90*time.Minute + time.Second - 1e3: 90 * time.Minute,
		-time.Hour:                         0, // the end is never before the start
	} {
		u := going
		u.End(begun().Add(after), begun().Add(2*time.Hour))
		if d, ok := u.Duration(); !ok || d != want {
			t.Errorf("ended after %v: %v, %t, want %v", after, d, ok, want)
		}
		if u.SessionEnd.Before(u.SessionStart) || u.UpdatedAt != begun().Add(2*time.Hour) {
			t.Errorf("ended after %v: end %v, updated at %v", after, u.SessionEnd, u.UpdatedAt)
		}
	}
}

func TestEndingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	u := metering.AgentUsage{SessionStart: begun()}
	u.End(begun().Add(time.Minute), begun().Add(time.Minute))
	before := u
	if u.End(begun().Add(time.Hour), begun().Add(time.Hour)); u != before {
		t.Errorf("got %+v, want %+v", u, before)
	}
}

func TestDurationDoesNotFollowTheWallClock(t *testing.T) {
	t.Parallel()
	u := metering.AgentUsage{SessionStart: begun().In(time.FixedZone("", -3*3600))}
	u.End(begun().Add(time.Minute).In(time.FixedZone("", 9*3600)), begun())
	if d, ok := u.Duration(); !ok || d != time.Minute {
		t.Errorf("got %v, %t, want 1m", d, ok)
	}
}
