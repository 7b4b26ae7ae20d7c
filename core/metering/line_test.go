package metering_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/metering"
)

// reading is what a source told of input tokens and characters.
func reading(m metering.Model, source metering.Source, tokens, characters int64) metering.Reading {
	return metering.Reading{Model: m, Source: source, Quantities: metering.Quantities{InputTokens: tokens, Characters: characters}}
}

// linesOf is what follows from readings, told in their order to a session of gpt-4.
func linesOf(tb testing.TB, readings []metering.Reading) []metering.Line {
	tb.Helper()
	u := metering.AgentUsage{Provider: "openai", Model: "gpt-4"}
	for _, r := range readings {
		err := u.Tell(r, begun())
		if r.Source == metering.Counted {
			err = u.Add(r.Model, metering.Figures{Quantities: r.Quantities}, begun())
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	u.Price(nil)
	return u.Lines
}

func TestTheSameIsCountedOnce(t *testing.T) {
	t.Parallel()
	gpt, other := model(metering.LLM, "openai", "gpt-4"), model(metering.LLM, "anthropic", "claude")
	voice := model(metering.TTS, "openai", "tts-1")
	llm, tts := metering.Model{Kind: metering.LLM}, metering.Model{Kind: metering.TTS}
	const counted, requests, reported = metering.Counted, metering.Requests, metering.Reported
	type list = []metering.Reading
	line := func(m metering.Model, tokens, characters int64) metering.Line {
		return metering.Line{Model: m, Quantities: metering.Quantities{InputTokens: tokens, Characters: characters}, Unpriced: true}
	}
	for _, c := range []struct {
		name string
		told list
		want []metering.Line
	}{
		{"Nothing", nil, nil},
		{"ReportedAgain", list{reading(gpt, reported, 100, 0), reading(gpt, reported, 100, 0), reading(gpt, reported, 100, 0)}, []metering.Line{line(gpt, 100, 0)}},
		{"ReportedLate", list{reading(gpt, reported, 300, 1), reading(gpt, reported, 100, 2)}, []metering.Line{line(gpt, 300, 2)}},
		{"RequestsAddUp", list{reading(gpt, requests, 100, 0), reading(gpt, requests, 50, 0)}, []metering.Line{line(gpt, 150, 0)}},
		{"RequestsAndTotals", list{reading(gpt, requests, 100, 7), reading(gpt, reported, 120, 5), reading(gpt, requests, 10, 0)}, []metering.Line{line(gpt, 120, 7)}},
		{"CountedIsMore", list{reading(gpt, counted, 30, 0), reading(gpt, requests, 100, 0), reading(gpt, reported, 120, 0)}, []metering.Line{line(gpt, 150, 0)}},
		{"TwoModels", list{reading(gpt, reported, 100, 0), reading(other, reported, 50, 0)}, []metering.Line{line(other, 50, 0), line(gpt, 100, 0)}},
		{"KindsAreApart", list{reading(tts, reported, 0, 70), reading(gpt, reported, 100, 0)}, []metering.Line{line(gpt, 100, 0), line(tts, 0, 70)}},
		{"UnnamedOfTheSessionsModel", list{reading(llm, reported, 100, 0)}, []metering.Line{line(gpt, 100, 0)}},
		{"UnnamedRequests", list{reading(llm, requests, 100, 0), reading(llm, requests, 1, 0)}, []metering.Line{line(gpt, 101, 0)}},
		{"UnnamedSpeech", list{reading(tts, reported, 0, 70)}, []metering.Line{line(tts, 0, 70)}},
		{"UnnamedIsNoMore", list{reading(other, reported, 100, 0), reading(llm, reported, 100, 0)}, []metering.Line{line(other, 100, 0)}},
		{"UnnamedIsLess", list{reading(other, reported, 100, 9), reading(llm, reported, 60, 0)}, []metering.Line{line(other, 100, 9)}},
		{"UnnamedIsMore", list{reading(llm, reported, 180, 0), reading(other, reported, 100, 0), reading(gpt, reported, 50, 0)}, []metering.Line{line(other, 100, 0), line(gpt, 80, 0)}},
		{"UnnamedSpeechIsMore", list{reading(tts, reported, 0, 70), reading(voice, reported, 0, 50)}, []metering.Line{line(tts, 0, 20), line(voice, 0, 50)}},
		{"UnnamedRequestsAndNamedTotals", list{reading(llm, requests, 100, 0), reading(gpt, reported, 100, 0)}, []metering.Line{line(gpt, 100, 0)}},
		{"SomeRequestsUnnamed", list{reading(llm, requests, 40, 0), reading(other, requests, 60, 0)}, []metering.Line{line(other, 60, 0), line(gpt, 40, 0)}},
		{"CountedOfAKindIsMore", list{reading(other, counted, 100, 0), reading(llm, reported, 60, 0)}, []metering.Line{line(other, 100, 0), line(gpt, 60, 0)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, linesOf(t, c.told)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheOrderOfReportsDoesNotMatter(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	kinds := []metering.Kind{metering.LLM, metering.TTS, metering.STT}
	for range 200 {
		var reports []metering.Reading
		for range 1 + random.IntN(20) {
			m := metering.Model{Kind: kinds[random.IntN(3)]}
			if n := random.IntN(4); n > 0 {
				m.Model = "model " + strconv.Itoa(n)
			}
			source := metering.Reported
			if random.IntN(3) == 0 {
				source = metering.Requests
			}
			reports = append(reports, reading(m, source, random.Int64N(1000), random.Int64N(1000)))
		}
		want := linesOf(t, reports)
		random.Shuffle(len(reports), func(i, j int) { reports[i], reports[j] = reports[j], reports[i] })
		if diff := cmp.Diff(want, linesOf(t, reports)); diff != "" {
			t.Fatalf("told in another order: %s", diff)
		}
	}
}
