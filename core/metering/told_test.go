package metering_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/metering"
)

func report(tb testing.TB, name string) []byte {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "reports", name+".json"))
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// total is the usage of a model so far.
func total(kind metering.Kind, provider, name string, q metering.Quantities) metering.Told {
	return metering.Told{Reading: metering.Reading{Model: model(kind, provider, name), Source: metering.Reported, Quantities: q}}
}

// request is what one request used.
func request(key string, kind metering.Kind, provider, name string, q metering.Quantities) metering.Told {
	return metering.Told{Key: key, Reading: metering.Reading{Model: model(kind, provider, name), Source: metering.Requests, Quantities: q}}
}

func TestEveryShapeOfReport(t *testing.T) {
	t.Parallel()
	const llm, tts, stt = metering.LLM, metering.TTS, metering.STT
	const openai = "api.openai.com"
	plain := metering.Quantities{InputTokens: 15000, OutputTokens: 8500}
	nova := total(stt, "Deepgram", "nova-3", metering.Quantities{AudioMillis: 2_700_250})
	adaptive := total(metering.Interruption, "livekit", "adaptive", metering.Quantities{Requests: 12})
	turns := total(metering.EOT, "livekit", "turn-detector", metering.Quantities{Requests: 40})
	realtime := metering.Quantities{
		InputTokens: 900, CachedInputTokens: 300, InputAudioTokens: 700, CachedInputAudioTokens: 200, OutputTokens: 250, OutputAudioTokens: 200,
	}
	cached, sonic := plain, metering.Quantities{Characters: 5120, AudioMillis: 312_400}
	cached.CachedInputTokens = 4000
	claude, connected, spoken := cached, cached, realtime
	claude.CacheCreationTokens = 1000
	connected.ConnectionMillis = 1500
	spoken.ConnectionMillis = 61_500
	for name, want := range map[string][]metering.Told{
		"session_usage_js": {
			total(llm, openai, "gpt-4o", cached), total(tts, "Cartesia", "sonic-2", metering.Quantities{Characters: 5120, AudioMillis: 312_401}),
			total(stt, "Deepgram", "nova-3", metering.Quantities{AudioMillis: 2_700_000}), adaptive, turns,
		},
		"session_usage_updated_js": {total(llm, openai, "gpt-realtime", spoken)},
		"session_usage_python": {
			total(llm, "api.anthropic.com", "claude-sonnet-4-20250514", claude),
			total(tts, "ElevenLabs", "eleven_flash_v2_5", metering.Quantities{Characters: 5120, AudioMillis: 312_401}),
			total(stt, "Deepgram", "nova-3", metering.Quantities{AudioMillis: 2_700_000}),
		},
		"session_report_python": {total(llm, openai, "gpt-4o", plain), total(tts, "Cartesia", "sonic-2", sonic), nova, adaptive, turns},
		"session_report_js":     {total(llm, openai, "gpt-4o", plain), nova},
		"protobuf_camel":        {total(llm, openai, "gpt-4o", connected), total(tts, "Cartesia", "sonic-2", sonic), nova, adaptive, turns},
		"protobuf_snake":        {total(llm, openai, "gpt-4o", plain), turns},
		"list":                  {total(llm, openai, "gpt-4o", plain)},
		"summary_python": {
			total(llm, "", "", metering.Quantities{
				InputTokens: 15000, CachedInputTokens: 4000, InputAudioTokens: 20, CachedInputAudioTokens: 5, OutputTokens: 8500, OutputAudioTokens: 30,
			}),
			total(tts, "", "", sonic), total(stt, "", "", metering.Quantities{AudioMillis: 2_700_250}),
		},
		"summary_js": {
			total(llm, "", "", cached), total(tts, "", "", metering.Quantities{Characters: 5120}),
			total(stt, "", "", metering.Quantities{AudioMillis: 2_700_250}),
		},
		"metrics_python": {
			request("llm_metrics:chatcmpl-1:speech_1", llm, openai, "gpt-4o", metering.Quantities{
				InputTokens: 800, CachedInputTokens: 512, CacheCreationTokens: 16, OutputTokens: 50,
			}),
			request("tts_metrics:tts-1:seg-2:speech_1", tts, "Cartesia", "sonic-2", metering.Quantities{
				InputTokens: 4, OutputTokens: 5, Characters: 61, AudioMillis: 3250,
			}),
			request("stt_metrics:stt-1::1795288075.25", stt, "", "", metering.Quantities{AudioMillis: 5050}),
			request("realtime_model_metrics:resp_1", llm, openai, "gpt-realtime", metering.Quantities{
				InputTokens: 900, CachedInputTokens: 300, InputAudioTokens: 700, CachedInputAudioTokens: 200, OutputTokens: 250, OutputAudioTokens: 200,
				ConnectionMillis: 12_500,
			}),
		},
		"metrics_js": {
			request("llm_metrics:chatcmpl-1", llm, openai, "gpt-4o", metering.Quantities{InputTokens: 800, CachedInputTokens: 512, OutputTokens: 50}),
			request("stt_metrics:stt-1::1795288075250", stt, "", "", metering.Quantities{AudioMillis: 5050}),
		},
		"metrics_collected_js": {request("tts_metrics:tts-1", tts, "", "", metering.Quantities{Characters: 61, AudioMillis: 3250})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := metering.ParseReport(report(t, name))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSmallReports(t *testing.T) {
	t.Parallel()
	one := total(metering.LLM, "", "m", metering.Quantities{InputTokens: 1})
	for _, c := range []struct {
		name, raw string
		want      []metering.Told
	}{
		{"Empty", `[]`, nil},
		{"EmptyUsage", `{"modelUsage":[]}`, nil},
		{"UnknownTypesOnly", `[{"type":"avatar_usage","x":-1},{"type":"vad_metrics"}]`, nil},
		{"NothingUsed", `{"usage":[{"provider":"p","model":"m"}]}`, nil},
		{"OneEntry", `{"type":"llm_usage","model":" m ","input_tokens":1}`, []metering.Told{one}},
		{"WithoutType", `{"model":"m","inputTokens":1.0}`, []metering.Told{one}},
		{"NullFigures", `{"type":"llm_usage","model":"m","input_tokens":1,"output_tokens":null}`, []metering.Told{one}},
		{"BothCases", `{"type":"llm_usage","model":"m","inputTokens":7,"input_tokens":1}`, []metering.Told{one}},
		{"Exponent", `{"type":"llm_usage","model":"m","input_tokens":1e0}`, []metering.Told{one}},
		{"NegativeIgnoredField", `{"type":"llm_usage","model":"m","input_tokens":1,"ttft":-1}`, []metering.Told{one}},
		{"OtherItems", `[7,null,"x",{"type":"llm_usage","model":"m","input_tokens":1}]`, []metering.Told{one}},
		{
			"SummaryBesideModels", `{"llm_prompt_tokens":5,"model_usage":[{"type":"llm_usage","model":"m","input_tokens":1}]}`,
			[]metering.Told{total(metering.LLM, "", "", metering.Quantities{InputTokens: 5}), one},
		},
		{
			"RequestWithoutType", `{"request_id":"r","prompt_tokens":1}`,
			[]metering.Told{request("llm_metrics:r", metering.LLM, "", "", metering.Quantities{InputTokens: 1})},
		},
		{
			"RealtimeWithoutType", `{"request_id":"r","input_tokens":1,"input_token_details":{"audio_tokens":1}}`,
			[]metering.Told{request("realtime_model_metrics:r", metering.LLM, "", "", metering.Quantities{InputTokens: 1, InputAudioTokens: 1})},
		},
		{
			"SpeechWithoutType", `[{"request_id":"r","characters_count":1,"audio_duration":1},{"request_id":"r","timestamp":1,"audioDurationMs":1}]`,
			[]metering.Told{
				request("tts_metrics:r", metering.TTS, "", "", metering.Quantities{Characters: 1, AudioMillis: 1000}),
				request("stt_metrics:r::1", metering.STT, "", "", metering.Quantities{AudioMillis: 1}),
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := metering.ParseReport([]byte(c.raw))
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("%v, %s", err, diff)
			}
		})
	}
}

func TestWhatIsNoReportIsRefused(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", " ", "null", "7", `"llm_usage"`, "{}", `{"a":1}`, `[{"a":1}]`, `[1,2]`, `{"usage":7}`, `{"usage":{"a":1}}`, `{"modelUsage":[{}]}`,
		`{"model":"m"}`, `[] []`, `{}}`, `[NaN]`, `{"usage":{"usage":{"usage":{"usage":{"usage":[]}}}}}`,
	} {
		if got, err := metering.ParseReport([]byte(raw)); errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "unknown-report" || got != nil {
			t.Errorf("%s: %v, %v, want unknown-report", raw, got, err)
		}
	}
}

func TestBadFiguresAreNamed(t *testing.T) {
	t.Parallel()
	many := strings.TrimSuffix(strings.Repeat(`{"type":"eot_usage","total_requests":1},`, 1001), ",")
	for raw, want := range map[string][]string{
		`{"model_usage":[{"type":"llm_usage","input_tokens":-1,"output_tokens":1}]}`:           {"model_usage[0].input_tokens"},
		`{"usage":{"modelUsage":[{"type":"tts_usage"},{"llm":{"inputTokens":-0.1}}]}}`:         {"usage.modelUsage[1].llm.inputTokens"},
		`[{"type":"stt_usage","audio_duration":1e12}]`:                                         nil,
		`[{"type":"stt_usage","audio_duration":1e13}]`:                                         {"[0].audio_duration"},
		`{"type":"llm_metrics","promptTokens":"many","completionTokens":true}`:                 {"promptTokens", "completionTokens"},
		`{"type":"realtime_model_metrics","input_token_details":{"audio_tokens":-1}}`:          {"input_token_details.audio_tokens"},
		`{"llm_prompt_tokens":-1,"tts_audio_duration":-1,"stt_audio_duration_ms":-1}`:          {"llm_prompt_tokens", "tts_audio_duration", "stt_audio_duration_ms"},
		`[{"type":"eot_usage","model":"` + strings.Repeat("x", 201) + `","total_requests":1}]`: {"[0]"},
		`[` + many + `]`: {"report"},
	} {
		_, err := metering.ParseReport([]byte(raw))
		if got := wrongPaths(t, err); !slices.Equal(got, want) {
			t.Errorf("%.200s: wrong %q, want %q", raw, got, want)
		}
	}
}

func TestKeysTellRequestsApart(t *testing.T) {
	t.Parallel()
	key := func(raw string) string {
		told, err := metering.ParseReport([]byte(raw))
		if err != nil || len(told) != 1 {
			t.Fatalf("%s: %v, %v", raw, told, err)
		}
		k := told[0].Key
		if k == "" || len(k) > 200 || strings.ContainsFunc(k, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("%s: key %q", raw, k)
		}
		return k
	}
	llm := func(rest string) string { return `{"type":"llm_metrics","prompt_tokens":1` + rest + `}` }
	stt := func(rest string) string { return `{"type":"stt_metrics","audio_duration":1` + rest + `}` }
	tts := func(rest string) string { return `{"type":"tts_metrics","characters_count":1` + rest + `}` }
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{llm(`,"request_id":"a","timestamp":1`), llm(`,"request_id":"a","timestamp":2`), true},
		{llm(`,"request_id":"a"`), llm(`,"requestId":"a"`), true},
		{llm(`,"request_id":"a"`), llm(`,"request_id":"b"`), false},
		{llm(`,"request_id":"a"`), llm(`,"request_id":"a","speech_id":"s"`), false},
		{tts(`,"request_id":"a","segment_id":"1"`), tts(`,"request_id":"a","segment_id":"2"`), false},
		{stt(`,"request_id":"a","timestamp":1.5`), stt(`,"request_id":"a","timestamp":2.5`), false},
		{stt(`,"request_id":"a","timestamp":1.5`), stt(`,"timestamp":1.5,"request_id":"a"`), true},
		{stt(`,"request_id":"a"`), stt(`,"request_id":"a","label":"x"`), false},
		{llm(`,"timestamp":1`), llm(`,"timestamp":2`), false},
		{llm(`,"timestamp":1,"label":"x"`), llm(` , "label":"x", "timestamp":1`), true},
		{llm(`,"request_id":"","timestamp":1`), llm(`,"request_id":"a"`), false},
		{llm(`,"request_id":"` + strings.Repeat("a", 300) + `"`), llm(`,"request_id":"` + strings.Repeat("a", 301) + `"`), false},
		{llm(`,"request_id":"a\n"`), llm(`,"request_id":"a"`), true},
		{llm(`,"request_id":"a\u0000b"`), llm(`,"request_id":"a\nb"`), false},
		{llm(`,"request_id":"é"`), llm(`,"request_id":"è"`), false},
	} {
		if a, b := key(c.a), key(c.b); (a == b) != c.same {
			t.Errorf("%.80s has the key %s, and %.80s %s", c.a, a, c.b, b)
		}
	}
}

func TestAReportPostedThreeTimesCostsOnce(t *testing.T) {
	t.Parallel()
	u := metering.AgentUsage{SessionStart: begun()}
	remembered := map[string]bool{}
	for range 3 {
		for _, name := range []string{"session_usage_js", "metrics_python", "summary_js"} {
			told, err := metering.ParseReport(report(t, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, entry := range told {
				if remembered[entry.Key] {
					continue
				}
				remembered[entry.Key] = entry.Key != ""
				if err := u.Tell(entry.Reading, begun()); err != nil {
					t.Fatal(err)
				}
			}
		}
		u.Price([]metering.ModelPrice{price(t, "gpt-4o", metering.InputTokens, "2.50"), price(t, "gpt-4o", metering.OutputTokens, "10")})
		// 15000 of gpt-4o, 900 of the realtime model and 4 of speech; the summary's 15000 are less than what the named models had.
		if got, want := fmt.Sprintf("%d %d %s", u.TotalTokensInput, u.TotalTokensOutput, metering.FormatMicros(u.CostEstimateMicros)), "15904 8755 0.1225"; got != want {
			t.Fatalf("got %s, want %s: %+v", got, want, u.Lines)
		}
	}
}

func FuzzParseReport(f *testing.F) {
	files, err := filepath.Glob("testdata/reports/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("%v: no reports to begin with", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		told, err := metering.ParseReport(raw)
		if err != nil {
			if errs.KindOf(err) != errs.Invalid || told != nil {
				t.Errorf("%v, %v", told, err)
			}
			return
		}
		again, err := metering.ParseReport(raw)
		if diff := cmp.Diff(told, again); err != nil || diff != "" {
			t.Errorf("read twice: %v, %s", err, diff)
		}
		var u metering.AgentUsage
		for _, entry := range told {
			if (entry.Key == "") != (entry.Source == metering.Reported) || len(entry.Key) > 200 {
				t.Errorf("key %q of %s", entry.Key, entry.Source)
			}
			if err := u.Tell(entry.Reading, begun()); err != nil {
				break // too many models, or too much of one
			}
		}
		u.Price(nil)
	})
}
