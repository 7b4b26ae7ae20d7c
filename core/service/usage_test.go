package service_test

import (
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
)

// meter is an office with an agent of north in a room of north.
type meter struct {
	*office
	usages *service.Usages
	room   conference.Room
	agent  conference.Participant
}

func newMeter(t *testing.T) *meter {
	t.Helper()
	m := &meter{office: newOffice(t)}
	m.usages = service.NewUsages(service.Deps{Repositories: m.repos, Tx: m.store, Now: m.clock.Now, Log: slog.New(slog.DiscardHandler)})
	m.room = m.newRoom(t, m.ana, "visit")
	m.agent = m.newAgent(t, m.ana)
	return m
}

func (o *office) newAgent(t *testing.T, actor identity.Actor) conference.Participant {
	t.Helper()
	p := participantNamed("agent")
	p.Type = conference.Agent
	return must(o.participants.Create(t.Context(), actor, p))(t)
}

// start starts a session with some data.
func (m *meter) start(t *testing.T, data jsonobj.Object) metering.AgentUsage {
	t.Helper()
	return must(m.usages.Start(t.Context(), m.ana, m.room.ID, service.StartUsage{ParticipantID: m.agent.ID, Data: data}))(t)
}

func (m *meter) update(t *testing.T, id metering.UsageID, p service.UsageUpdate) metering.AgentUsage {
	t.Helper()
	return must(m.usages.Update(t.Context(), m.ana, id, p, version.Match{}))(t)
}

func (m *meter) get(t *testing.T, id metering.UsageID) metering.AgentUsage {
	t.Helper()
	return must(m.usages.Get(t.Context(), m.ana, id))(t)
}

// price makes a price of the platform, in dollars, that has been valid for long.
func (m *meter) price(t *testing.T, model string, unit metering.Unit, amount string, per int64) {
	t.Helper()
	price := must(metering.NewModelPrice(metering.ModelPriceParams{
		ModelPattern: model, Unit: unit, Amount: must(metering.ParseAmount(amount))(t), Per: per, Currency: "USD",
		ValidFrom: m.clock.Now().AddDate(-2, 0, 0),
	}, m.clock.Now()))(t)
	must(m.repos.ModelPrices.Create(t.Context(), price))(t)
}

// pricesOfTheExample are those by which the example of the specification costs what it says.
func (m *meter) pricesOfTheExample(t *testing.T) {
	t.Helper()
	m.price(t, "gpt-4", metering.InputTokens, "40", 1_000_000)
	m.price(t, "gpt-4", metering.OutputTokens, "100", 1_000_000)
	m.price(t, "gpt-4", metering.AudioMinutes, "0.02", 1)
}

func figuresOfTheExample() *metering.Figures {
	return &metering.Figures{
		Quantities:   metering.Quantities{InputTokens: 15000, OutputTokens: 8500, AudioMillis: 45 * 60_000},
		Interactions: 42, Transcriptions: 12,
	}
}

func tokens(in, out int64) *metering.Figures {
	return &metering.Figures{Quantities: metering.Quantities{InputTokens: in, OutputTokens: out}}
}

func TestASessionAsInTheSpecification(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	m.pricesOfTheExample(t)
	began := time.Date(2025, time.November, 3, 14, 30, 0, 0, time.UTC)
	u := must(m.usages.Start(t.Context(), m.ana, m.room.ID, service.StartUsage{
		ParticipantID: m.agent.ID, At: began,
		Data: `{"model":"gpt-4","temperature":0.7,"features_used":["transcription","suggestions","context_analysis"]}`,
	}))(t)
	if u.ID == 0 || u.EntityID != m.north.ID || u.Model != "gpt-4" || !u.SessionStart.Equal(began) || u.CostEstimateMicros != 0 || u.Unpriced {
		t.Errorf("started: got %+v", u)
	}
	m.update(t, u.ID, service.UsageUpdate{Set: figuresOfTheExample()})
	must(m.usages.End(t.Context(), m.ana, u.ID, began.Add(45*time.Minute), version.Match{}))(t)
	got := m.get(t, u.ID)
	lasted, ended := got.Duration()
	if !ended || lasted != 2700*time.Second || got.EndReason != metering.Ended {
		t.Errorf("lasted %v, ended %v because %q, want 2700 seconds", lasted, ended, got.EndReason)
	}
	if got.TotalTokensInput != 15000 || got.TotalTokensOutput != 8500 || got.TotalAudioMillis != 2_700_000 || got.InteractionsCount != 42 || got.TranscriptionCount != 12 {
		t.Errorf("figures: got %+v", got)
	}
	if got.CostEstimateMicros != 2_350_000 || got.Currency != "USD" || got.Unpriced {
		t.Errorf("cost: got %s %s, unpriced %v, want 2.35 USD", metering.FormatMicros(got.CostEstimateMicros), got.Currency, got.Unpriced)
	}
}

func TestWhatASessionIsStartedWith(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	theirRoom, theirAgent := m.newRoom(t, m.bruno, "theirs"), m.newAgent(t, m.bruno)
	client := m.newParticipant(t, m.ana, "Rita")
	closed := m.newRoom(t, m.ana, "closed")
	if err := m.rooms.Delete(t.Context(), m.ana, closed.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	start := func(room conference.RoomID, p service.StartUsage) error {
		_, err := m.usages.Start(t.Context(), m.ana, room, p)
		return err
	}
	mine := service.StartUsage{ParticipantID: m.agent.ID}
	wantAbsent(t, start(theirRoom.ID, mine), start(nowhere, mine))
	wantAbsent(t, start(m.room.ID, service.StartUsage{ParticipantID: theirAgent.ID}), start(m.room.ID, service.StartUsage{ParticipantID: nowhere}))
	wantFields(t, start(m.room.ID, service.StartUsage{ParticipantID: client.ID}), "participant_id")
	wantFields(t, start(m.room.ID, service.StartUsage{ParticipantID: m.agent.ID, At: m.clock.Now().Add(time.Hour)}), "session_start")
	wantRefusal(t, start(closed.ID, mine), errs.Conflict, "room-closed")
	if got := items(m.usages.List(t.Context(), m.manager, metering.UsageFilter{}, page.Request{}))(t); len(got) != 0 {
		t.Errorf("refused sessions were stored: %+v", got)
	}
}

func TestAUsedUpBudgetRefusesSessions(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	m.pricesOfTheExample(t)
	budget := must(metering.NewBudget(metering.BudgetParams{EntityID: m.north.ID, LimitMicros: 2_350_000, Currency: "USD", Refuse: true}, m.clock.Now()))(t)
	must(m.repos.Budgets.Create(t.Context(), budget))(t)
	u := m.start(t, `{"model":"gpt-4"}`)
	m.update(t, u.ID, service.UsageUpdate{Add: figuresOfTheExample()})
	_, err := m.usages.Start(t.Context(), m.ana, m.room.ID, service.StartUsage{ParticipantID: m.agent.ID})
	wantRefusal(t, err, errs.Conflict, "budget-exceeded")
	if got := m.update(t, u.ID, service.UsageUpdate{Add: tokens(1, 0)}).TotalTokensInput; got != 15001 {
		t.Errorf("a session that goes on has %d tokens, want 15001: it is not refused", got)
	}
}

func TestAnUpdateWithAKeyCountsOnce(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	u, other := m.start(t, ""), m.start(t, "")
	add := service.UsageUpdate{Key: "turn-1", Add: tokens(10, 1)}
	first := m.update(t, u.ID, add)
	m.clock.advance(time.Second)
	again := must(m.usages.Update(t.Context(), m.ana, u.ID, add, version.Exactly(version.Of(u.UpdatedAt))))(t)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the same update again changed the session, or asked for its version (-first +again):\n%s", diff)
	}
	m.update(t, other.ID, add)
	m.update(t, u.ID, service.UsageUpdate{Key: "turn-2", Add: tokens(10, 1)})
	m.update(t, u.ID, service.UsageUpdate{Add: tokens(10, 1)})
	m.update(t, u.ID, service.UsageUpdate{Add: tokens(10, 1)})
	if got := m.get(t, u.ID); got.TotalTokensInput != 40 || got.TotalTokensOutput != 4 {
		t.Errorf("got %d and %d tokens, want 40 and 4", got.TotalTokensInput, got.TotalTokensOutput)
	}
	if got := m.get(t, other.ID).TotalTokensInput; got != 10 {
		t.Errorf("the other session has %d tokens, want 10: the key is its own", got)
	}
	// An update that was refused can be made again with its key.
	_, err := m.usages.Update(t.Context(), m.ana, u.ID, service.UsageUpdate{Key: "turn-3", Add: tokens(-1, 0)}, version.Match{})
	wantFields(t, err, "add.total_tokens_input")
	if got := m.update(t, u.ID, service.UsageUpdate{Key: "turn-3", Add: tokens(1, 0)}).TotalTokensInput; got != 41 {
		t.Errorf("got %d tokens, want 41", got)
	}
	for _, key := range []string{strings.Repeat("k", 101), "a b", "é", "a\x00"} {
		_, err := m.usages.Update(t.Context(), m.ana, u.ID, service.UsageUpdate{Key: key, Add: tokens(1, 0)}, version.Match{})
		wantFields(t, err, "key")
	}
}

func TestUpdatesAtTheSameTimeLoseNothing(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	m.pricesOfTheExample(t)
	u := m.start(t, `{"model":"gpt-4"}`)
	const writers = 64
	var all sync.WaitGroup
	for i := range 2 * writers {
		all.Go(func() {
			p := service.UsageUpdate{Add: tokens(1000, 10)}
			if i%2 == 0 {
				p.Key = "all-the-same"
			}
			if _, err := m.usages.Update(t.Context(), m.ana, u.ID, p, version.Match{}); err != nil {
				t.Errorf("update: %v", err)
			}
		})
	}
	all.Wait()
	got := m.get(t, u.ID)
	// 64 without a key, and one of those with it.
	if got.TotalTokensInput != 65_000 || got.TotalTokensOutput != 650 || got.CostEstimateMicros != 2_665_000 {
		t.Errorf("got %d and %d tokens for %s, want 65000 and 650 for 2.665", got.TotalTokensInput, got.TotalTokensOutput, metering.FormatMicros(got.CostEstimateMicros))
	}
}

func TestTotalsOnlyRise(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	u := m.start(t, `{"model":"gpt-4"}`)
	m.update(t, u.ID, service.UsageUpdate{Set: figuresOfTheExample()})
	late := figuresOfTheExample()
	late.InputTokens, late.OutputTokens, late.Interactions = 9000, 9000, 7
	got := m.update(t, u.ID, service.UsageUpdate{Set: late})
	if got.TotalTokensInput != 15000 || got.TotalTokensOutput != 9000 || got.InteractionsCount != 42 {
		t.Errorf("got %d, %d and %d, want the larger figures 15000, 9000 and 42", got.TotalTokensInput, got.TotalTokensOutput, got.InteractionsCount)
	}
}

func TestWhatHasNoPriceIsSeen(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	m.pricesOfTheExample(t)
	u := m.start(t, `{"metadata":{"model":"gpt-4"}}`)
	got := m.update(t, u.ID, service.UsageUpdate{Add: tokens(1000, 0)})
	if got.Unpriced || got.CostEstimateMicros != 40_000 {
		t.Errorf("priced: got %+v", got)
	}
	got = m.update(t, u.ID, service.UsageUpdate{Model: metering.Model{Kind: metering.LLM, Model: "home-made"}, Add: tokens(1000, 0)})
	if !got.Unpriced || got.CostEstimateMicros != 40_000 || got.TotalTokensInput != 2000 {
		t.Errorf("with a model of no price: got %+v, want it unpriced, and the cost of the other", got)
	}
	if len(got.Lines) != 2 || got.Lines[0].Unpriced || !got.Lines[1].Unpriced {
		t.Errorf("got lines %+v, want the second one unpriced", got.Lines)
	}
}

func TestAnEditIsBoundToItsVersion(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	u := m.start(t, "")
	seen := version.Exactly(version.Of(u.UpdatedAt))
	must(m.usages.Update(t.Context(), m.ana, u.ID, service.UsageUpdate{Data: patch.Set[jsonobj.Object](`{"a":1}`)}, seen))(t)
	_, err := m.usages.Update(t.Context(), m.ana, u.ID, service.UsageUpdate{Key: "k", Add: tokens(1, 1)}, seen)
	wantRefusal(t, err, errs.Stale, "version-mismatch")
	_, err = m.usages.End(t.Context(), m.ana, u.ID, time.Time{}, seen)
	wantRefusal(t, err, errs.Stale, "version-mismatch")
	got := m.get(t, u.ID)
	if got.TotalTokensInput != 0 || !got.SessionEnd.IsZero() {
		t.Errorf("got %+v, want it as it was", got)
	}
	if got := m.update(t, u.ID, service.UsageUpdate{Key: "k", Add: tokens(1, 1)}).TotalTokensInput; got != 1 {
		t.Errorf("got %d tokens, want 1: the refused update had left its key behind", got)
	}
}

func TestDataOfASessionIsPatched(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	u := m.start(t, `{"model":"gpt-4","temperature":0.7}`)
	got := m.update(t, u.ID, service.UsageUpdate{Data: patch.Set[jsonobj.Object](`{"temperature":null,"features":{"a":true}}`)})
	if want := jsonobj.Object(`{"features":{"a":true},"model":"gpt-4"}`); sorted(t, got.Data) != want {
		t.Errorf("got %s, want %s", got.Data, want)
	}
	if got := m.update(t, u.ID, service.UsageUpdate{Data: patch.Clear[jsonobj.Object]()}).Data; got != "{}" {
		t.Errorf("cleared: got %s, want {}", got)
	}
	huge := must(jsonobj.Encode(map[string]any{"x": strings.Repeat("x", jsonobj.MaxBytes)}))(t)
	_, err := m.usages.Update(t.Context(), m.ana, u.ID, service.UsageUpdate{Data: patch.Set(huge)}, version.Match{})
	wantFields(t, err, "data")
}

func TestASessionEndsOnce(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	u := m.start(t, "")
	began := m.clock.Now()
	m.clock.advance(time.Hour)
	end := func(at time.Time) (metering.AgentUsage, error) {
		return m.usages.End(t.Context(), m.ana, u.ID, at, version.Match{})
	}
	_, err := end(began.Add(-time.Second))
	wantFields(t, err, "session_end")
	_, err = end(m.clock.Now().Add(61 * time.Second))
	wantFields(t, err, "session_end")
	first := must(end(began.Add(time.Minute)))(t)
	if lasted, ok := first.Duration(); !ok || lasted != time.Minute || first.EndReason != metering.Ended {
		t.Errorf("ended in the past: got %v, %v, %q", lasted, ok, first.EndReason)
	}
	m.clock.advance(time.Minute)
	if again := must(end(time.Time{}))(t); !again.SessionEnd.Equal(first.SessionEnd) || !again.UpdatedAt.Equal(first.UpdatedAt) {
		t.Errorf("ended again: got %+v, want %+v", again, first)
	}
	m.update(t, u.ID, service.UsageUpdate{Add: tokens(5, 5)})
	late := must(m.usages.Report(t.Context(), m.ana, u.ID, []byte(`{"model_usage":[{"type":"stt_usage","model":"nova","audio_duration":60}]}`)))(t)
	if late.TotalTokensInput != 5 || late.TotalAudioMillis != 60_000 || !late.SessionEnd.Equal(first.SessionEnd) {
		t.Errorf("after the end: got %+v, want what came late, and the same end", late)
	}
	another := m.start(t, "")
	m.clock.advance(time.Minute)
	if got := must(m.usages.End(t.Context(), m.ana, another.ID, time.Time{}, version.Match{}))(t); !got.SessionEnd.Equal(m.clock.Now()) {
		t.Errorf("ended at %v, want now", got.SessionEnd)
	}
}

func TestAnothersSessionIsNotThere(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	u := m.start(t, "")
	for name, do := range map[string]func(identity.Actor, metering.UsageID) error{
		"Get": func(a identity.Actor, id metering.UsageID) error {
			_, err := m.usages.Get(t.Context(), a, id)
			return err
		},
		"Update": func(a identity.Actor, id metering.UsageID) error {
			_, err := m.usages.Update(t.Context(), a, id, service.UsageUpdate{Key: "k", Add: tokens(1, 1)}, version.Match{})
			return err
		},
		"Report": func(a identity.Actor, id metering.UsageID) error {
			_, err := m.usages.Report(t.Context(), a, id, []byte(`{"type":"llm_metrics","request_id":"r","prompt_tokens":5}`))
			return err
		},
		"End": func(a identity.Actor, id metering.UsageID) error {
			_, err := m.usages.End(t.Context(), a, id, time.Time{}, version.Match{})
			return err
		},
	} {
		wantAbsent(t, do(m.bruno, u.ID), do(m.bruno, nowhere))
		for _, stranger := range []identity.Actor{{}, identity.FrontDesk(m.north.ID)} {
			if err := do(stranger, u.ID); errs.KindOf(err) != errs.Forbidden {
				t.Errorf("%s by %v: got error %v, want Forbidden", name, stranger, err)
			}
		}
	}
	if got := m.get(t, u.ID); cmp.Diff(u, got) != "" {
		t.Errorf("got %+v, want it untouched", got)
	}
	if got := items(m.usages.List(t.Context(), m.bruno, metering.UsageFilter{RoomID: m.room.ID}, page.Request{}))(t); len(got) != 0 {
		t.Errorf("another's list has %+v", got)
	}
	if got := items(m.usages.List(t.Context(), m.ana, metering.UsageFilter{RoomID: m.room.ID}, page.Request{}))(t); len(got) != 1 {
		t.Errorf("the own list has %d sessions, want 1", len(got))
	}
}
