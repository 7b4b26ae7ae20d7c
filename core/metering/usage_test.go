package metering_test

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
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

func model(kind metering.Kind, provider, name string) metering.Model {
	return metering.Model{Kind: kind, Provider: provider, Model: name}
}

func TestStartTakesEntityAndDepartmentOfTheRoom(t *testing.T) {
	t.Parallel()
	room := conference.Room{ID: 2, Status: conference.Open, EntityID: 3, DepartmentID: 9}
	agent := conference.Participant{ID: 4, Type: conference.Agent}
	got, err := metering.Start(metering.StartParams{Room: room, Agent: agent, Data: `{"a":1}`}, begun())
	want := metering.AgentUsage{
		RoomID: 2, ParticipantID: 4, EntityID: 3, DepartmentID: 9, SessionStart: begun(), Data: `{"a":1}`, CreatedAt: begun(), UpdatedAt: begun(),
	}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v, %s", err, cmp.Diff(want, got))
	}
	if got, err := metering.Start(metering.StartParams{Room: room, Agent: agent}, begun()); err != nil || got.Data != "{}" {
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
		got, err := metering.Start(metering.StartParams{
			Room: conference.Room{Status: c.status, EntityID: c.room}, Agent: conference.Participant{Type: c.kind, EntityID: c.agent},
		}, begun())
		if c.conflictCode != "" {
			if errs.KindOf(err) != errs.Conflict || errs.CodeOf(err) != c.conflictCode || !cmp.Equal(got, metering.AgentUsage{}) {
				t.Errorf("%+v: %v, want conflict %s", c, err, c.conflictCode)
			}
			continue
		}
		if paths := wrongPaths(t, err); !slices.Equal(paths, c.wrong) || err != nil && !cmp.Equal(got, metering.AgentUsage{}) {
			t.Errorf("%+v: wrong %q, usage %+v", c, paths, got)
		}
	}
}

func TestStartKnowsTheModelFromTheDataToo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                                string
		provider, model                     string
		data                                jsonobj.Object
		wantProvider, wantModel, wrongField string
	}{
		{"Told", "openai", " gpt-4o ", `{"model":"other"}`, "openai", "gpt-4o", ""},
		{"AtTheTop", "", "", `{"model":"gpt-4","provider":"openai","temperature":0.7}`, "openai", "gpt-4", ""},
		{"UnderMetadata", "", "", `{"metadata":{"model":"gpt-4"}}`, "", "gpt-4", ""},
		{"TopFirst", "", "", `{"model":"a","metadata":{"model":"b","provider":"p"}}`, "p", "a", ""},
		{"NoText", "", "", `{"model":4,"provider":{"name":"x"},"metadata":[1]}`, "", "", ""},
		{"NoName", "", "", jsonobj.Object(`{"model":"` + strings.Repeat("x", 201) + `","provider":"a\nb"}`), "", "", ""},
		{"TooLong", "", strings.Repeat("x", 201), "", "", "", "model"},
		{"ProviderTooLong", strings.Repeat("x", 101), "", "", "", "", "provider"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u, err := metering.Start(metering.StartParams{
				Agent: conference.Participant{Type: conference.Agent}, Provider: c.provider, Model: c.model, Data: c.data,
			}, begun())
			if c.wrongField != "" {
				if got := wrongPaths(t, err); !slices.Equal(got, []string{c.wrongField}) {
					t.Errorf("wrong %q, want %s", got, c.wrongField)
				}
				return
			}
			if err != nil || u.Provider != c.wantProvider || u.Model != c.wantModel {
				t.Errorf("%v, %q of %q, want %q of %q", err, u.Model, u.Provider, c.wantModel, c.wantProvider)
			}
		})
	}
}

func TestASessionMayHaveBegunBefore(t *testing.T) {
	t.Parallel()
	start := func(at time.Time) (metering.AgentUsage, error) {
		return metering.Start(metering.StartParams{Agent: conference.Participant{Type: conference.Agent}, At: at}, begun())
	}
	for _, ahead := range []time.Duration{-365 * 24 * time.Hour, 0, time.Minute} {
		if u, err := start(begun().Add(ahead)); err != nil || !u.SessionStart.Equal(begun().Add(ahead)) || !u.CreatedAt.Equal(begun()) {
			t.Errorf("%v ahead: %+v, %v", ahead, u, err)
		}
	}
	_, err := start(begun().Add(time.Minute + time.Microsecond))
	if got := wrongPaths(t, err); !slices.Equal(got, []string{"session_start"}) {
		t.Errorf("in the future: wrong %q, want session_start", got)
	}
}

// told adds figures to a session that knows its model, and prices it.
func told(tb testing.TB, u *metering.AgentUsage, m metering.Model, f metering.Figures) {
	tb.Helper()
	if err := u.Add(m, f, begun()); err != nil {
		tb.Fatal(err)
	}
	u.Price(nil)
}

func TestAddSumsUp(t *testing.T) {
	t.Parallel()
	u := metering.AgentUsage{Provider: "openai", Model: "gpt-4", UpdatedAt: begun()}
	for range 3 {
		told(t, &u, metering.Model{}, metering.Figures{
			Quantities: metering.Quantities{InputTokens: 1, OutputTokens: 2, AudioMillis: 3}, Interactions: 4, Transcriptions: 5,
		})
		told(t, &u, metering.Model{Kind: metering.STT, Model: "nova-3"}, metering.Figures{Quantities: metering.Quantities{InputTokens: 10, AudioMillis: 7}})
	}
	general := metering.Quantities{InputTokens: 3, OutputTokens: 6, AudioMillis: 9}
	stt := metering.Quantities{InputTokens: 30, AudioMillis: 21}
	want := metering.AgentUsage{
		Provider: "openai", Model: "gpt-4", UpdatedAt: begun().Add(6 * time.Microsecond),
		TotalTokensInput: 33, TotalTokensOutput: 6, TotalAudioMillis: 30, InteractionsCount: 12, TranscriptionCount: 15, Unpriced: true,
		Readings: []metering.Reading{
			{Model: model(metering.General, "openai", "gpt-4"), Source: metering.Counted, Quantities: general},
			{Model: model(metering.STT, "", "nova-3"), Source: metering.Counted, Quantities: stt},
		},
		Lines: []metering.Line{
			{Model: model(metering.General, "openai", "gpt-4"), Quantities: general, Unpriced: true},
			{Model: model(metering.STT, "", "nova-3"), Quantities: stt, Unpriced: true},
		},
	}
	if !cmp.Equal(u, want) {
		t.Error(cmp.Diff(want, u))
	}
}

func TestSetTakesNothingBack(t *testing.T) {
	t.Parallel()
	var u metering.AgentUsage
	for _, tokens := range []int64{100, 300, 200} {
		f := metering.Figures{Quantities: metering.Quantities{InputTokens: tokens, Characters: 400 - tokens}, Interactions: tokens, Transcriptions: 1}
		if err := u.Set(metering.Model{}, f, begun()); err != nil {
			t.Fatal(err)
		}
	}
	u.Price(nil)
	if u.TotalTokensInput != 300 || u.InteractionsCount != 300 || u.TranscriptionCount != 1 || u.Lines[0].Characters != 300 {
		t.Errorf("got %+v, want the largest of each", u)
	}
	told(t, &u, metering.Model{}, metering.Figures{Quantities: metering.Quantities{InputTokens: 5}})
	if u.TotalTokensInput != 305 {
		t.Errorf("%d tokens after adding 5 to 300", u.TotalTokensInput)
	}
}

func TestNothingUsedIsNoLine(t *testing.T) {
	t.Parallel()
	var u metering.AgentUsage
	told(t, &u, metering.Model{Kind: metering.LLM}, metering.Figures{Interactions: 1})
	if len(u.Lines) != 0 || len(u.Readings) != 0 || u.Unpriced || u.InteractionsCount != 1 {
		t.Errorf("got %+v, want an interaction and nothing else", u)
	}
}

func TestFiguresAreNeverNegativeNorTooLarge(t *testing.T) {
	t.Parallel()
	const most = 1_000_000_000_000_000
	full := metering.Figures{Quantities: metering.Quantities{
		InputTokens: most, CachedInputTokens: most, CacheCreationTokens: most, InputAudioTokens: most, CachedInputAudioTokens: most,
		OutputTokens: most, OutputAudioTokens: most, Characters: most, AudioMillis: most, Requests: most, ConnectionMillis: most,
	}, Interactions: most, Transcriptions: most}
	for path, by := range map[string]metering.Figures{
		"total_tokens_input":        {Quantities: metering.Quantities{InputTokens: 1}},
		"cached_input_tokens":       {Quantities: metering.Quantities{CachedInputTokens: 1}},
		"cache_creation_tokens":     {Quantities: metering.Quantities{CacheCreationTokens: 1}},
		"input_audio_tokens":        {Quantities: metering.Quantities{InputAudioTokens: 1}},
		"cached_input_audio_tokens": {Quantities: metering.Quantities{CachedInputAudioTokens: 1}},
		"total_tokens_output":       {Quantities: metering.Quantities{OutputTokens: 1}},
		"output_audio_tokens":       {Quantities: metering.Quantities{OutputAudioTokens: 1}},
		"characters":                {Quantities: metering.Quantities{Characters: 1}},
		"total_audio_minutes":       {Quantities: metering.Quantities{AudioMillis: 1}},
		"requests":                  {Quantities: metering.Quantities{Requests: 1}},
		"connection_minutes":        {Quantities: metering.Quantities{ConnectionMillis: 1}},
		"interactions_count":        {Interactions: 1},
		"transcription_count":       {Transcriptions: 1},
	} {
		var u metering.AgentUsage
		if err := u.Add(metering.Model{}, full, begun()); err != nil {
			t.Fatalf("the largest figures: %v", err)
		}
		before := u.Clone()
		if got := wrongPaths(t, u.Add(metering.Model{}, by, begun())); !slices.Equal(got, []string{path}) || !cmp.Equal(u, before) {
			t.Errorf("%s over its limit: wrong %q, %s", path, got, cmp.Diff(before, u))
		}
		if err := u.Set(metering.Model{}, by, begun()); err != nil {
			t.Errorf("%s set to 1: %v", path, err)
		}
	}
	var u metering.AgentUsage
	for _, change := range []func(metering.Model, metering.Figures, time.Time) error{u.Add, u.Set} {
		err := change(metering.Model{}, metering.Figures{Quantities: metering.Quantities{OutputTokens: -1, AudioMillis: math.MinInt64}, Transcriptions: -1}, begun())
		if got, want := wrongPaths(t, err), []string{"transcription_count", "total_tokens_output", "total_audio_minutes"}; !slices.Equal(got, want) {
			t.Errorf("wrong %q, want %q", got, want)
		}
		err = change(metering.Model{}, metering.Figures{Interactions: math.MaxInt64}, begun())
		if got := wrongPaths(t, err); !slices.Equal(got, []string{"interactions_count"}) || !cmp.Equal(u, metering.AgentUsage{}) {
			t.Errorf("wrong %q, usage %+v", got, u)
		}
	}
}

func TestModelsOfFiguresAreChecked(t *testing.T) {
	t.Parallel()
	var u metering.AgentUsage
	err := u.Add(metering.Model{Kind: "video", Provider: strings.Repeat("p", 101), Model: "a\nb"}, metering.Figures{Interactions: 1}, begun())
	if got, want := wrongPaths(t, err), []string{"kind", "provider", "model"}; !slices.Equal(got, want) || u.InteractionsCount != 0 {
		t.Errorf("wrong %q, want %q", got, want)
	}
	err = u.Tell(metering.Reading{Model: metering.Model{Kind: metering.LLM}, Source: metering.Counted}, begun())
	if got := wrongPaths(t, err); !slices.Equal(got, []string{"source"}) {
		t.Errorf("wrong %q, want source", got)
	}
}

func TestASessionHasNoMoreThanSoManyModels(t *testing.T) {
	t.Parallel()
	var u metering.AgentUsage
	one := metering.Figures{Quantities: metering.Quantities{InputTokens: 1}}
	for n := range 200 {
		if err := u.Add(metering.Model{Model: strconv.Itoa(n)}, one, begun()); err != nil {
			t.Fatal(err)
		}
	}
	if got := wrongPaths(t, u.Add(metering.Model{Model: "one more"}, one, begun())); !slices.Equal(got, []string{"model"}) {
		t.Errorf("wrong %q, want model", got)
	}
	if err := u.Add(metering.Model{Model: "199"}, one, begun()); err != nil {
		t.Errorf("a model that is there: %v", err)
	}
}

func TestCloneSharesNothing(t *testing.T) {
	t.Parallel()
	var u metering.AgentUsage
	told(t, &u, metering.Model{}, metering.Figures{Quantities: metering.Quantities{InputTokens: 1}})
	c := u.Clone()
	if !cmp.Equal(c, u) {
		t.Error(cmp.Diff(u, c))
	}
	c.Readings[0].InputTokens, c.Lines[0].InputTokens = 7, 7
	if u.Readings[0].InputTokens != 1 || u.Lines[0].InputTokens != 1 {
		t.Errorf("a change to the copy changed %+v", u)
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
		u.End(begun().Add(after), metering.Ended, begun().Add(2*time.Hour))
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
	for _, c := range []struct {
		name          string
		first, second metering.EndReason
		changes       bool
	}{
		{"EndedTwice", metering.Ended, metering.Ended, false},
		{"EndedIsNotAbandoned", metering.Ended, metering.Abandoned, false},
		{"AbandonedTwice", metering.Abandoned, metering.Abandoned, false},
		{"EndedAfterAll", metering.Abandoned, metering.Ended, true},
		{"EndedBeforeReasonsWereKept", "", metering.Ended, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := metering.AgentUsage{SessionStart: begun()}
			u.End(begun().Add(time.Minute), c.first, begun().Add(time.Minute))
			want := u
			if c.changes {
				want.SessionEnd, want.EndReason, want.UpdatedAt = begun().Add(time.Hour), c.second, begun().Add(time.Hour)
			}
			if u.End(begun().Add(time.Hour), c.second, begun().Add(time.Hour)); !cmp.Equal(u, want) {
				t.Error(cmp.Diff(want, u))
			}
		})
	}
}

func TestDurationDoesNotFollowTheWallClock(t *testing.T) {
	t.Parallel()
	u := metering.AgentUsage{SessionStart: begun().In(time.FixedZone("", -3*3600))}
	u.End(begun().Add(time.Minute).In(time.FixedZone("", 9*3600)), metering.Ended, begun())
	if d, ok := u.Duration(); !ok || d != time.Minute {
		t.Errorf("got %v, %t, want 1m", d, ok)
	}
}
