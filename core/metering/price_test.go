package metering_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/audit"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/patch"
)

func TestNewModelPrice(t *testing.T) {
	t.Parallel()
	got, err := metering.NewModelPrice(metering.ModelPriceParams{
		EntityID: 3, Provider: " openai ", ModelPattern: " gpt-4o* ", Unit: metering.InputTokens, Amount: 25_000, Currency: "USD", Example: true,
	}, begun())
	want := metering.ModelPrice{
		EntityID: 3, Provider: "openai", ModelPattern: "gpt-4o*", Unit: metering.InputTokens, Amount: 25_000, Per: 1, Currency: "USD",
		ValidFrom: begun(), Active: true, Example: true, CreatedAt: begun(), UpdatedAt: begun(),
	}
	if err != nil || got != want {
		t.Errorf("%v, %s", err, cmp.Diff(want, got))
	}
}

func TestPricesAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(*metering.ModelPriceParams)
		wrong []string
	}{
		{"Free", func(p *metering.ModelPriceParams) { p.Amount = 0 }, nil},
		{"PerThousand", func(p *metering.ModelPriceParams) { p.Per = 1000 }, nil},
		{"Negative", func(p *metering.ModelPriceParams) { p.Amount = -1 }, []string{"price"}},
		{"PerDozen", func(p *metering.ModelPriceParams) { p.Per = 12 }, []string{"per"}},
		{"NoModel", func(p *metering.ModelPriceParams) { p.ModelPattern = " " }, []string{"model_pattern"}},
		{"LongModel", func(p *metering.ModelPriceParams) { p.ModelPattern = strings.Repeat("x", 201) }, []string{"model_pattern"}},
		{"LongProvider", func(p *metering.ModelPriceParams) { p.Provider = strings.Repeat("x", 101) }, []string{"provider"}},
		{"UnknownUnit", func(p *metering.ModelPriceParams) { p.Unit = "tokens" }, []string{"unit"}},
		{"NoCurrency", func(p *metering.ModelPriceParams) { p.Currency = "" }, []string{"currency"}},
		{"LowerCase", func(p *metering.ModelPriceParams) { p.Currency = "usd" }, []string{"currency"}},
		{"Sign", func(p *metering.ModelPriceParams) { p.Currency = "R$ " }, []string{"currency"}},
		{"Everything", func(p *metering.ModelPriceParams) { *p = metering.ModelPriceParams{Per: 2} }, []string{"model_pattern", "unit", "currency", "per"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := metering.ModelPriceParams{ModelPattern: "m", Unit: metering.Characters, Amount: 1, Currency: "BRL"}
			c.spoil(&p)
			_, err := metering.NewModelPrice(p, begun())
			if got := wrongPaths(t, err); !slices.Equal(got, c.wrong) {
				t.Errorf("wrong %q, want %q", got, c.wrong)
			}
		})
	}
}

func TestChangePrice(t *testing.T) {
	t.Parallel()
	v := price(t, "m", metering.Characters, "15")
	v.Example = true
	want := v
	want.Active, want.UpdatedAt = false, begun().Add(time.Microsecond)
	if v.Deactivate(begun()); v != want {
		t.Error(cmp.Diff(want, v))
	}
	from := begun().Add(-time.Hour)
	if err := v.Change(metering.ModelPricePatch{Active: patch.Set(true), ValidFrom: patch.Set(from)}, begun()); err != nil {
		t.Fatal(err)
	}
	want.Active, want.ValidFrom, want.UpdatedAt = true, from, begun().Add(2*time.Microsecond)
	if v != want {
		t.Error(cmp.Diff(want, v))
	}
	if err := v.Change(metering.ModelPricePatch{Amount: patch.Set[metering.Amount](7), Per: patch.Set[int64](1)}, begun()); err != nil {
		t.Fatal(err)
	}
	if v.Amount != 7 || v.Per != 1 || v.Example {
		t.Errorf("got %+v, want 7 per unit that is no example", v)
	}
	err := v.Change(metering.ModelPricePatch{
		Amount: patch.Clear[metering.Amount](), Per: patch.Clear[int64](), ValidFrom: patch.Clear[time.Time](),
	}, begun())
	if got, want := wrongPaths(t, err), []string{"price", "per", "valid_from"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
}

func TestPricesAndBudgetsAreAudited(t *testing.T) {
	t.Parallel()
	v := price(t, "gpt-4o*", metering.InputTokens, "2.50")
	v.Amount = 25_000
	want := jsonobj.Object(`{"provider":{"new":""},"model_pattern":{"new":"gpt-4o*"},"unit":{"new":"input_tokens"},"price":{"new":0.0000025000},` +
		`"per":{"new":1000000},"currency":{"new":"USD"},"valid_from":{"new":"2025-03-02T08:00:00.123456+00:00"},"active":{"new":true},"example":{"new":false}}`)
	if got := audit.Changes(nil, v.Audited()); got != want {
		t.Errorf("price: %s, want %s", got, want)
	}
	b := metering.Budget{EntityID: 3, DepartmentID: 9, LimitMicros: 100_500_000, Currency: "BRL", WarnPercent: 80, Refuse: true, Active: true, WarnedFor: "2026-11"}
	want = `{"entity_id":{"new":3},"department_id":{"new":9},"limit_amount":{"new":100.500000},"currency":{"new":"BRL"},"warn_percent":{"new":80},` +
		`"refuse":{"new":true},"active":{"new":true},"warned_for":{"new":"2026-11"}}`
	if got := audit.Changes(nil, b.Audited()); got != want {
		t.Errorf("budget: %s, want %s", got, want)
	}
}

func TestExamplePrices(t *testing.T) {
	t.Parallel()
	asOf, prices, err := metering.ExamplePrices()
	if err != nil {
		t.Fatal(err)
	}
	type key struct {
		pattern string
		unit    metering.Unit
	}
	seen := map[key]bool{}
	var list []metering.ModelPrice
	for _, p := range prices {
		k := key{p.ModelPattern, p.Unit}
		v, err := metering.NewModelPrice(p, begun())
		if err != nil || !v.Example || v.EntityID != 0 || v.ValidFrom.Format(time.DateOnly) != asOf || v.Amount == 0 || seen[k] {
			t.Errorf("%v: %v, %+v", k, err, v)
		}
		seen[k] = true
		list = append(list, v)
	}
	for _, c := range []struct {
		told metering.Model
		used metering.Quantities
		want string
	}{
		{model(metering.General, "", "gpt-4"), metering.Quantities{InputTokens: 15000, OutputTokens: 8500}, "0.96"},
		{model(metering.LLM, "api.openai.com", "gpt-4o-mini-2024-07-18"), metering.Quantities{InputTokens: 1_000_000, CachedInputTokens: 500_000}, "0.1125"},
		{model(metering.LLM, "api.anthropic.com", "claude-sonnet-4-20250514"), metering.Quantities{InputTokens: 10_000, CacheCreationTokens: 10_000}, "0.0375"},
		{model(metering.LLM, "", "gpt-realtime-2025-08-28"), metering.Quantities{OutputTokens: 1000, OutputAudioTokens: 1000}, "0.064"},
		{model(metering.STT, "Deepgram", "nova-3"), metering.Quantities{AudioMillis: 600_000}, "0.077"},
		{model(metering.STT, "", "gpt-4o-transcribe"), metering.Quantities{InputTokens: 1000, OutputTokens: 100}, "0.0035"},
		{model(metering.TTS, "ElevenLabs", "eleven_flash_v2_5"), metering.Quantities{Characters: 2000}, "0.3"},
	} {
		u := used(t, c.told, c.used)
		u.Price(list)
		if got := metering.FormatMicros(u.CostEstimateMicros); got != c.want || u.Unpriced || u.Currency != "USD" {
			t.Errorf("%s: %s %s, unpriced %t, want USD %s", c.told.Model, u.Currency, got, u.Unpriced, c.want)
		}
	}
}
