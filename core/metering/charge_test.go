package metering_test

import (
	"cmp"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/metering"
)

// price is an active price in dollars per million, of the platform, for any provider, since long ago.
func price(tb testing.TB, pattern string, unit metering.Unit, amount string) metering.ModelPrice {
	tb.Helper()
	exact, err := metering.ParseAmount(amount)
	if err != nil {
		tb.Fatal(err)
	}
	v, err := metering.NewModelPrice(metering.ModelPriceParams{
		ModelPattern: pattern, Unit: unit, Amount: exact, Per: 1_000_000, Currency: "USD", ValidFrom: begun().AddDate(-1, 0, 0),
	}, begun())
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// each is the price of one unit.
func each(v metering.ModelPrice) metering.ModelPrice {
	v.Per = 1
	return v
}

// used is a session that consumed something of one model.
func used(tb testing.TB, m metering.Model, q metering.Quantities) metering.AgentUsage {
	tb.Helper()
	u := metering.AgentUsage{EntityID: 3, SessionStart: begun()}
	if err := u.Add(m, metering.Figures{Quantities: q}, begun()); err != nil {
		tb.Fatal(err)
	}
	return u
}

func TestCostOfALine(t *testing.T) {
	t.Parallel()
	in, out := price(t, "m", metering.InputTokens, "2.50"), price(t, "m", metering.OutputTokens, "10")
	cached, created := price(t, "m", metering.CachedInputTokens, "1.25"), price(t, "m", metering.CacheCreationTokens, "3.125")
	audioIn, audioOut := price(t, "m", metering.InputAudioTokens, "40"), price(t, "m", metering.OutputAudioTokens, "80")
	cachedAudio := price(t, "m", metering.CachedInputAudioTokens, "0.4")
	characters, requests := price(t, "m", metering.Characters, "15"), each(price(t, "m", metering.RequestCount, "0.01"))
	minutes, connected := each(price(t, "m", metering.AudioMinutes, "0.006")), each(price(t, "m", metering.ConnectionMinutes, "0.05"))
	type list = []metering.ModelPrice
	for _, c := range []struct {
		name     string
		kind     metering.Kind
		used     metering.Quantities
		prices   list
		micros   int64
		unpriced bool
	}{
		{"Tokens", metering.LLM, metering.Quantities{InputTokens: 1000, OutputTokens: 200}, list{in, out}, 2500 + 2000, false},
		{"CachedTokensArePartOfInput", metering.LLM, metering.Quantities{InputTokens: 1000, CachedInputTokens: 400}, list{in, cached}, 600*2.5 + 400*1.25, false},
		{"CachedTokensWithoutAPriceOfTheirOwn", metering.LLM, metering.Quantities{InputTokens: 1000, CachedInputTokens: 400}, list{in}, 2500, false},
		{
			"CacheCreation", metering.LLM,
			metering.Quantities{InputTokens: 1000, CachedInputTokens: 400, CacheCreationTokens: 100},
			list{in, cached, created},
			1250 + 500 + 312 + 1, false, // 312.5 is rounded up
		},
		{"CacheCreationWithoutAPriceOfItsOwn", metering.LLM, metering.Quantities{InputTokens: 1000, CacheCreationTokens: 100}, list{in}, 2500, false},
		{
			"Audio", metering.LLM,
			metering.Quantities{
				InputTokens: 1000, CachedInputTokens: 300, InputAudioTokens: 500, CachedInputAudioTokens: 200, OutputTokens: 100, OutputAudioTokens: 60,
			},
			list{in, out, cached, audioIn, audioOut, cachedAudio},
			400*2.5 + 100*1.25 + 300*40 + 200*0.4 + 40*10 + 60*80, false,
		},
		{
			"AudioWithoutPricesOfItsOwn", metering.LLM,
			metering.Quantities{InputTokens: 1000, InputAudioTokens: 500, OutputTokens: 100, OutputAudioTokens: 60},
			list{in, out},
			2500 + 1000, false,
		},
		{
			"CachedAudioCostsWhatCachedTokensDo", metering.LLM,
			metering.Quantities{InputTokens: 100, CachedInputTokens: 100, InputAudioTokens: 100, CachedInputAudioTokens: 100},
			list{in, cached, audioIn},
			125, false,
		},
		{
			"CachedAudioCostsWhatAudioDoes", metering.LLM,
			metering.Quantities{InputTokens: 100, CachedInputTokens: 100, InputAudioTokens: 100, CachedInputAudioTokens: 100},
			list{in, audioIn},
			4000, false,
		},
		{
			"PartsDoNotExceedTheWhole", metering.LLM,
			metering.Quantities{InputTokens: 100, CachedInputTokens: 900, CacheCreationTokens: 900, OutputTokens: 10, OutputAudioTokens: 90},
			list{in, out, cached, created, audioOut},
			125 + 800, false,
		},
		{"CachedAudioIsCached", metering.LLM, metering.Quantities{InputTokens: 100, InputAudioTokens: 100, CachedInputAudioTokens: 100}, list{in, audioIn, cachedAudio}, 40, false},
		{"Characters", metering.TTS, metering.Quantities{Characters: 1234, AudioMillis: 90_000}, list{characters}, 18510, false},
		{"AudioMinutes", metering.STT, metering.Quantities{AudioMillis: 45 * 60_000}, list{minutes}, 270_000, false},
		{"ASecondOfAudio", metering.STT, metering.Quantities{AudioMillis: 1000}, list{minutes}, 100, false},
		{"Requests", metering.EOT, metering.Quantities{Requests: 3}, list{requests}, 30_000, false},
		{"ConnectionMinutes", metering.LLM, metering.Quantities{ConnectionMillis: 30_000}, list{connected}, 25_000, false},
		{"RoundedHalfUpOnce", metering.LLM, metering.Quantities{InputTokens: 1, OutputTokens: 1}, list{in, price(t, "m", metering.OutputTokens, "0.0000000001")}, 3, false},
		{"RoundedDown", metering.LLM, metering.Quantities{InputTokens: 1}, list{price(t, "m", metering.InputTokens, "2.4999999999")}, 2, false},
		{"Free", metering.LLM, metering.Quantities{InputTokens: 1000}, list{price(t, "m", metering.InputTokens, "0")}, 0, false},

		{"NoPrices", metering.LLM, metering.Quantities{InputTokens: 1000}, nil, 0, true},
		{"OtherUnitsOnly", metering.LLM, metering.Quantities{InputTokens: 1000}, list{out, minutes}, 0, true},
		{"OutputWithoutPrice", metering.LLM, metering.Quantities{InputTokens: 1000, OutputTokens: 10}, list{in}, 2500, true},
		{"InputWithoutPrice", metering.LLM, metering.Quantities{InputTokens: 1000, OutputTokens: 10}, list{out}, 100, true},
		{"OnlyCachedInputWithPrice", metering.LLM, metering.Quantities{InputTokens: 1000, CachedInputTokens: 400}, list{cached}, 500, true},
		{"TokensPricedBesideConnection", metering.LLM, metering.Quantities{InputTokens: 1000, ConnectionMillis: 60_000}, list{in}, 2500, false},
		{"TokensOfSpeechWithoutPrice", metering.TTS, metering.Quantities{Characters: 100, InputTokens: 5}, list{characters}, 1500, true},
		{"PartsOfNothing", metering.LLM, metering.Quantities{CachedInputTokens: 10}, list{in, cached}, 0, true},
		{"AudioOfAnything", metering.General, metering.Quantities{InputTokens: 1000, AudioMillis: 60_000}, list{in}, 2500, true},
		{"AudioOfAnythingWithPrice", metering.General, metering.Quantities{InputTokens: 1000, AudioMillis: 60_000}, list{in, minutes}, 8500, false},
		{"TooHigh", metering.LLM, metering.Quantities{InputTokens: 1e15}, list{each(price(t, "m", metering.InputTokens, "900000000"))}, 1e15, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := used(t, model(c.kind, "p", "m"), c.used)
			u.Price(c.prices)
			currency := "USD"
			if c.micros == 0 && c.unpriced {
				currency = ""
			}
			want := []metering.Line{{Model: model(c.kind, "p", "m"), Quantities: c.used, CostMicros: c.micros, Unpriced: c.unpriced}}
			if diff := gocmp.Diff(want, u.Lines); diff != "" {
				t.Error(diff)
			}
			if u.CostEstimateMicros != c.micros || u.Unpriced != c.unpriced || u.Currency != currency {
				t.Errorf("session: %d %q, unpriced %t, want %d %q, %t", u.CostEstimateMicros, u.Currency, u.Unpriced, c.micros, currency, c.unpriced)
			}
		})
	}
}

func TestWhichPrice(t *testing.T) {
	t.Parallel()
	// of makes a price whose amount tells it apart.
	of := func(id metering.PriceID, pattern string, change func(*metering.ModelPrice)) metering.ModelPrice {
		v := price(t, pattern, metering.InputTokens, "1")
		v.ID, v.Amount = id, v.Amount*metering.Amount(id)
		if change != nil {
			change(&v)
		}
		return v
	}
	own := func(v *metering.ModelPrice) { v.EntityID = 3 }
	by := func(provider string) func(*metering.ModelPrice) {
		return func(v *metering.ModelPrice) { v.Provider = provider }
	}
	since := func(after time.Duration) func(*metering.ModelPrice) {
		return func(v *metering.ModelPrice) { v.ValidFrom = begun().Add(after) }
	}
	type list = []metering.ModelPrice
	for _, c := range []struct {
		name   string
		told   metering.Model
		prices list
		want   int64 // 0: none
	}{
		{"OwnBeforeThePlatforms", metering.Model{}, list{of(1, "gpt-4o", by("openai")), of(2, "*", own)}, 2},
		{"ProviderBeforeAny", metering.Model{}, list{of(1, "gpt-4o", nil), of(2, "gpt-*", by("openai"))}, 2},
		{"ExactBeforePattern", metering.Model{}, list{of(1, "gpt-4o", nil), of(2, "gpt-4o**", nil)}, 1},
		{"LongerPattern", metering.Model{}, list{of(1, "gpt*", nil), of(2, "gpt-4*", nil), of(3, "*", nil)}, 2},
		{"Latest", metering.Model{}, list{of(1, "gpt-4o", since(-time.Hour)), of(2, "gpt-4o", since(0)), of(3, "gpt-4o", since(-time.Minute))}, 2},
		{"NotYetValid", metering.Model{}, list{of(1, "gpt-4o", nil), of(2, "gpt-4o", since(time.Microsecond))}, 1},
		{"NotActive", metering.Model{}, list{of(1, "gpt-4o", func(v *metering.ModelPrice) { v.Active = false })}, 0},
		{"OfAnotherEntity", metering.Model{}, list{of(1, "gpt-4o", func(v *metering.ModelPrice) { v.EntityID = 4 })}, 0},
		{"OfAnotherProvider", metering.Model{}, list{of(1, "gpt-4o", by("azure"))}, 0},
		{"OfAnotherModel", metering.Model{}, list{of(1, "gpt-4", nil), of(2, "gpt-4o-*", nil), of(3, "*mini", nil)}, 0},
		{"CaseDoesNotMatter", model(metering.LLM, "OpenAI", "GPT-4o"), list{of(1, "gpt-4O", by("openai"))}, 1},
		{"ProviderToldByItsHost", model(metering.LLM, "api.openai.com", "gpt-4o"), list{of(1, "gpt-4o", nil), of(2, "gpt-4o", by("openai"))}, 2},
		{"NotByPartOfAName", model(metering.LLM, "api.notopenai.com", "gpt-4o"), list{of(1, "gpt-4o", by("openai"))}, 0},
		{"UnknownProvider", model(metering.LLM, "", "gpt-4o"), list{of(1, "gpt-4o", nil), of(2, "gpt-4o", by("azure"))}, 2},
		{"PatternInTheMiddle", model(metering.LLM, "", "gpt-4o-mini-2024-07-18"), list{of(1, "gpt*mini*", nil), of(2, "*mini*07*19", nil)}, 1},
		{"OverlappingEnds", model(metering.LLM, "", "aba"), list{of(1, "ab*ba", nil)}, 0},
		{"UnknownModel", model(metering.LLM, "openai", ""), list{of(1, "gpt*", nil), of(2, "*", nil)}, 2},
		{"FirstOfEquals", metering.Model{}, list{of(2, "gpt-4o", nil), of(1, "GPT-4o", nil)}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			told := c.told
			if told == (metering.Model{}) {
				told = model(metering.LLM, "openai", "gpt-4o")
			}
			u := used(t, told, metering.Quantities{InputTokens: 1})
			u.Price(c.prices)
			if u.CostEstimateMicros != c.want || u.Unpriced != (c.want == 0) {
				t.Errorf("price %d, unpriced %t, want price %d", u.CostEstimateMicros, u.Unpriced, c.want)
			}
		})
	}
}

func TestWhichCurrency(t *testing.T) {
	t.Parallel()
	of := func(id metering.PriceID, own bool, currency string, unit metering.Unit) metering.ModelPrice {
		v := price(t, "m", unit, "1")
		v.ID, v.Currency = id, currency
		if own {
			v.EntityID = 3
		}
		return v
	}
	type list = []metering.ModelPrice
	for _, c := range []struct {
		name     string
		prices   list
		currency string
		micros   int64
	}{
		{"ThePlatforms", list{of(1, false, "USD", metering.InputTokens), of(2, false, "USD", metering.OutputTokens)}, "USD", 2},
		{"OfThePlatformsFirst", list{of(2, false, "EUR", metering.InputTokens), of(1, false, "USD", metering.OutputTokens)}, "USD", 1},
		{"OwnDecide", list{of(1, false, "USD", metering.InputTokens), of(2, true, "BRL", metering.OutputTokens)}, "BRL", 1},
		{"OfOwnTheFirst", list{of(3, true, "EUR", metering.InputTokens), of(2, true, "BRL", metering.OutputTokens), of(1, false, "USD", metering.InputTokens)}, "BRL", 1},
		{"OwnInTheSameCurrency", list{of(1, false, "USD", metering.InputTokens), of(2, true, "USD", metering.OutputTokens)}, "USD", 2},
		{"OwnOfAnotherUnit", list{of(1, false, "USD", metering.InputTokens), of(2, true, "BRL", metering.Characters)}, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := used(t, model(metering.LLM, "", "m"), metering.Quantities{InputTokens: 1, OutputTokens: 1})
			u.Price(c.prices)
			if u.Currency != c.currency || u.CostEstimateMicros != c.micros || u.Unpriced != (c.micros < 2) {
				t.Errorf("%d %q, unpriced %t, want %d %q", u.CostEstimateMicros, u.Currency, u.Unpriced, c.micros, c.currency)
			}
		})
	}
}

func TestPricingAgainStartsAnew(t *testing.T) {
	t.Parallel()
	u := used(t, model(metering.LLM, "", "m"), metering.Quantities{InputTokens: 1000})
	dear, cheap := price(t, "m", metering.InputTokens, "2"), price(t, "m", metering.InputTokens, "1")
	for range 3 {
		u.Price([]metering.ModelPrice{dear})
	}
	if u.CostEstimateMicros != 2000 || u.TotalTokensInput != 1000 {
		t.Errorf("priced three times: %d for %d tokens", u.CostEstimateMicros, u.TotalTokensInput)
	}
	if u.Price([]metering.ModelPrice{cheap}); u.CostEstimateMicros != 1000 {
		t.Errorf("priced lower: %d, want 1000", u.CostEstimateMicros)
	}
	if u.Price(nil); u.CostEstimateMicros != 0 || u.Currency != "" || !u.Unpriced {
		t.Errorf("without prices: %d %q, unpriced %t", u.CostEstimateMicros, u.Currency, u.Unpriced)
	}
}

// The document's own example: 15,000 and 8,500 tokens of gpt-4 and 45 minutes of audio for 2.35.
func TestTheExampleSession(t *testing.T) {
	t.Parallel()
	u := metering.AgentUsage{SessionStart: begun(), Model: "gpt-4"}
	err := u.Set(metering.Model{}, metering.Figures{
		Quantities: metering.Quantities{InputTokens: 15000, OutputTokens: 8500, AudioMillis: 45 * 60_000}, Interactions: 42, Transcriptions: 12,
	}, begun())
	if err != nil {
		t.Fatal(err)
	}
	u.Price([]metering.ModelPrice{
		price(t, "gpt-4", metering.InputTokens, "40"), price(t, "gpt-4", metering.OutputTokens, "100"),
		each(price(t, "gpt-4", metering.AudioMinutes, "0.02")),
	})
	u.End(begun().Add(45*time.Minute), metering.Ended, begun())
	duration, _ := u.Duration()
	got := []string{metering.FormatMicros(u.CostEstimateMicros), metering.FormatMinutes(u.TotalAudioMillis), cmp.Or(u.Currency, "none"), duration.String()}
	if want := []string{"2.35", "45", "USD", "45m0s"}; !gocmp.Equal(got, want) || u.Unpriced {
		t.Errorf("got %q, unpriced %t, want %q", got, u.Unpriced, want)
	}
}

func TestTotalsThatNothingWasToldOfAreKept(t *testing.T) {
	t.Parallel()
	from := func() metering.AgentUsage {
		return metering.AgentUsage{SessionStart: begun(), TotalTokensInput: 10, TotalTokensOutput: 20, TotalAudioMillis: 30}
	}
	priced := from()
	priced.Price(nil)
	if priced.TotalTokensInput != 10 || priced.TotalTokensOutput != 20 || priced.TotalAudioMillis != 30 || !priced.Unpriced {
		t.Errorf("priced: %+v", priced)
	}
	told := from()
	if err := told.Add(metering.Model{}, metering.Figures{Quantities: metering.Quantities{InputTokens: 5}}, begun()); err != nil {
		t.Fatal(err)
	}
	told.Price(nil)
	if told.TotalTokensInput != 15 || told.TotalTokensOutput != 20 || told.TotalAudioMillis != 30 {
		t.Errorf("told of 5 more input tokens: %+v", told)
	}
}
