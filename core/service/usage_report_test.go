package service_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/metering"
)

// sdkReports are what agents' libraries tell of one session, by its shape. Each costs the same: 0.31 dollars.
func sdkReports() map[string]string {
	return map[string]string{
		"JavaScript, session.usage": `{"modelUsage":[
			{"type":"llm_usage","provider":"openai","model":"gpt-4","inputTokens":5000,"inputCachedTokens":1000,"outputTokens":1000},
			{"type":"tts_usage","provider":"openai","model":"tts-1","charactersCount":500,"audioDurationMs":1500},
			{"type":"stt_usage","provider":"deepgram","model":"nova-3","audioDurationMs":90000}]}`,
		"Python, session_usage_updated": `{"usage":{"model_usage":[
			{"type":"llm_usage","provider":"openai","model":"gpt-4","input_tokens":5000,"input_cached_tokens":1000,"output_tokens":1000},
			{"type":"tts_usage","provider":"openai","model":"tts-1","characters_count":500,"audio_duration":1.5},
			{"type":"stt_usage","provider":"deepgram","model":"nova-3","audio_duration":90.0}]}}`,
		"session report without types": `{"job_id":"AJ_1","room":"visit","events":[],"chat_history":{"items":[]},"timestamp":1795288073.5,"usage":[
			{"provider":"openai","model":"gpt-4","input_tokens":5000,"input_cached_tokens":1000,"output_tokens":1000},
			{"provider":"openai","model":"tts-1","characters_count":500,"audio_duration":1.5},
			{"provider":"deepgram","model":"nova-3","audio_duration":90.0}]}`,
		"protocol buffers": `{"model_usage":[
			{"llm":{"provider":"openai","model":"gpt-4","inputTokens":5000,"inputCachedTokens":1000,"outputTokens":1000}},
			{"tts":{"provider":"openai","model":"tts-1","charactersCount":500,"audioDuration":1.5}},
			{"stt":{"provider":"deepgram","model":"nova-3","audioDuration":90.0}},
			{"something_new":{"x":1}}]}`,
		"metrics of requests": `[
			{"type":"llm_metrics","request_id":"a","speech_id":"s1","prompt_tokens":2000,"prompt_cached_tokens":500,"completion_tokens":400,"ttft":0.3,"metadata":{"model_provider":"openai","model_name":"gpt-4"}},
			{"type":"llm_metrics","request_id":"b","speech_id":"s2","prompt_tokens":3000,"prompt_cached_tokens":500,"completion_tokens":600,"ttft":-1,"metadata":{"model_provider":"openai","model_name":"gpt-4"}},
			{"type":"llm_metrics","request_id":"a","speech_id":"s1","prompt_tokens":2000,"prompt_cached_tokens":500,"completion_tokens":400,"ttft":0.3,"metadata":{"model_provider":"openai","model_name":"gpt-4"}},
			{"type":"tts_metrics","request_id":"c","segment_id":"g","characters_count":500,"audio_duration":1.5,"metadata":{"model_provider":"openai","model_name":"tts-1"}},
			{"type":"stt_metrics","request_id":"d","audio_duration":90,"duration":0,"metadata":{"model_provider":"deepgram","model_name":"nova-3"}},
			{"type":"vad_metrics","idle_time":3}]`,
	}
}

// pricesOfReports make the reports cost 0.2 + 0.1 + 0.01 dollars: for 5000 and 1000 tokens, 500 characters and 90 seconds.
func (m *meter) pricesOfReports(t *testing.T) {
	t.Helper()
	m.price(t, "gpt-4", metering.InputTokens, "37.5", 1_000_000)   // 4000: 0.15
	m.price(t, "gpt-4", metering.CachedInputTokens, "0.00001", 1)  // 1000: 0.01
	m.price(t, "gpt-4", metering.OutputTokens, "0.00004", 1)       // 1000: 0.04
	m.price(t, "tts-*", metering.Characters, "0.2", 1000)          // 500: 0.1
	m.price(t, "nova-3", metering.AudioMinutes, "0.0066666667", 1) // 1.5: 0.01
}

func TestAReportCountsOnceHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	m.pricesOfReports(t)
	for name, report := range sdkReports() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := m.start(t, "")
			var once metering.AgentUsage
			for n := range 3 {
				got := must(m.usages.Report(t.Context(), m.ana, u.ID, []byte(report)))(t)
				if n == 0 {
					once = got
				}
				once.UpdatedAt = got.UpdatedAt // it was heard of, at least
				if diff := cmp.Diff(once, got); diff != "" {
					t.Errorf("sent %d times (-once +now):\n%s", n+1, diff)
				}
			}
			if once.TotalTokensInput != 5000 || once.TotalTokensOutput != 1000 || once.TotalAudioMillis != 91_500 {
				t.Errorf("got %d and %d tokens and %d ms of audio, want 5000, 1000 and 91500", once.TotalTokensInput, once.TotalTokensOutput, once.TotalAudioMillis)
			}
			if once.CostEstimateMicros != 310_000 || once.Currency != "USD" || once.Unpriced || len(once.Lines) != 3 {
				t.Errorf("got %+v, want three priced lines that cost 0.31 USD", once)
			}
		})
	}
}

func TestReportsInAnyOrderKeepTheLargest(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	m.pricesOfReports(t)
	var want metering.AgentUsage
	for round := range 5 {
		u := m.start(t, "")
		order := rand.New(rand.NewPCG(7, uint64(round))).Perm(12)
		var got metering.AgentUsage
		for _, n := range order {
			report := fmt.Sprintf(`{"modelUsage":[{"type":"llm_usage","model":"gpt-4","inputTokens":%d,"outputTokens":%d}]}`, 100*(n+1), 10*(n+1))
			got = must(m.usages.Report(t.Context(), m.ana, u.ID, []byte(report)))(t)
		}
		if round == 0 {
			want = got
			if got.TotalTokensInput != 1200 || got.TotalTokensOutput != 120 || got.CostEstimateMicros != 45_000+4_800 {
				t.Errorf("got %+v, want the figures of the last report", got)
			}
		}
		if cmp.Diff(want.Lines, got.Lines) != "" || got.CostEstimateMicros != want.CostEstimateMicros {
			t.Errorf("in the order %v: got %+v, want %+v", order, got.Lines, want.Lines)
		}
	}
}

func TestTheSameToldInTwoWaysCountsOnce(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	m.pricesOfReports(t)
	u := m.start(t, "")
	reports := sdkReports()
	for _, name := range []string{"metrics of requests", "JavaScript, session.usage", "protocol buffers"} {
		got := must(m.usages.Report(t.Context(), m.ana, u.ID, []byte(reports[name])))(t)
		if got.CostEstimateMicros != 310_000 || got.TotalTokensInput != 5000 {
			t.Errorf("after %s: got %+v, want 0.31 USD", name, got)
		}
	}
}

func TestReportsAtTheSameTimeCountEachRequestOnce(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	u := m.start(t, "")
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() { // each repeats a request of the one before
			report := fmt.Sprintf(`[{"type":"llm_metrics","request_id":"r%d","prompt_tokens":10},{"type":"llm_metrics","request_id":"r%d","prompt_tokens":10}]`, n+1, n)
			if _, err := m.usages.Report(t.Context(), m.ana, u.ID, []byte(report)); err != nil {
				t.Errorf("report: %v", err)
			}
		})
	}
	all.Wait()
	if got := m.get(t, u.ID).TotalTokensInput; got != 170 {
		t.Errorf("got %d tokens, want 170 of 17 requests", got)
	}
}

func TestAReportThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	u := m.start(t, "")
	for _, report := range []string{``, `{`, `"x"`, `{"hello":"world"}`, `7`} {
		_, err := m.usages.Report(t.Context(), m.ana, u.ID, []byte(report))
		wantRefusal(t, err, errs.Invalid, "unknown-report")
	}
	_, err := m.usages.Report(t.Context(), m.ana, u.ID, []byte(`{"type":"llm_metrics","request_id":"r","prompt_tokens":-5}`))
	wantRefusal(t, err, errs.Invalid, "invalid-input")
	if got := m.get(t, u.ID); cmp.Diff(u, got) != "" {
		t.Errorf("got %+v, want it untouched", got)
	}
}
