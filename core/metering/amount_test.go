package metering_test

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/metering"
)

// badNumber reports whether an error says that a number is none.
func badNumber(err error) bool {
	e, ok := errors.AsType[*errs.Error](err)
	return ok && e.Kind == errs.Invalid && e.Code == "invalid-number"
}

func notNumbers() []string {
	return []string{
		"", " ", "1 ", " 1", "+1", ".5", "5.", "1,5", "1_000", "0x10", "1/3", "NaN", "Inf", "-Inf", "1e", "e5", "1e1000", "1.2.3", "--1", "１",
		strings.Repeat("1", 101), "1\n",
	}
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		amount metering.Amount
		text   string
	}{
		"0":                    {0, "0"},
		"-0":                   {0, "0"},
		"0.0000025":            {25_000, "0.0000025"},
		"2.5e-06":              {25_000, "0.0000025"},
		"2.5E+1":               {250_000_000_000, "25"},
		"0.0000000001":         {1, "0.0000000001"},
		"1.50":                 {15_000_000_000, "1.5"},
		"100":                  {1_000_000_000_000, "100"},
		"007":                  {70_000_000_000, "7"},
		"1.00000000000000":     {10_000_000_000, "1"},
		"922337203.6854775807": {math.MaxInt64, "922337203.6854775807"},
	} {
		got, err := metering.ParseAmount(text)
		if err != nil || got != want.amount || got.String() != want.text {
			t.Errorf("%q: %d %q, %v, want %d %q", text, got, got, err, want.amount, want.text)
		}
	}
	for _, text := range append(notNumbers(), "-1", "0.00000000001", "1e-11", "922337203.6854775808", "1e300") {
		if got, err := metering.ParseAmount(text); !badNumber(err) || got != 0 {
			t.Errorf("%q: %d, %v, want invalid-number", text, got, err)
		}
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		micros int64
		text   string
	}{
		"2.35":                  {2_350_000, "2.35"},
		"0":                     {0, "0"},
		"100.000000":            {100_000_000, "100"},
		"-1.5":                  {-1_500_000, "-1.5"},
		"1e3":                   {1_000_000_000, "1000"},
		"0.000001":              {1, "0.000001"},
		"9223372036854.775807":  {math.MaxInt64, "9223372036854.775807"},
		"-9223372036854.775808": {math.MinInt64, "-9223372036854.775808"},
	} {
		got, err := metering.ParseMicros(text)
		if err != nil || got != want.micros || metering.FormatMicros(got) != want.text {
			t.Errorf("%q: %d %q, %v, want %d %q", text, got, metering.FormatMicros(got), err, want.micros, want.text)
		}
	}
	for _, text := range append(notNumbers(), "0.0000001", "9223372036854.775808") {
		if got, err := metering.ParseMicros(text); !badNumber(err) || got != 0 {
			t.Errorf("%q: %d, %v, want invalid-number", text, got, err)
		}
	}
}

func TestMinutes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		millis int64
		text   string
	}{
		"45":                {2_700_000, "45"},
		"45.00":             {2_700_000, "45"},
		"0.5":               {30_000, "0.5"},
		"0.000017":          {1, "0.000017"},
		"0.33":              {19_800, "0.33"},
		"0.3333":            {19_998, "0.3333"},
		"1.00001":           {60_001, "1.000017"}, // 60000.6
		"0.000025":          {2, "0.000033"},      // 1.5
		"0.000008":          {0, "0"},             // 0.48
		"-1":                {-60_000, "-1"},
		"-0.000025":         {-1, "-0.000017"}, // -1.5, up
		"153722867280912.9": {9_223_372_036_854_774_000, "153722867280912.9"},
	} {
		got, err := metering.ParseMinutes(text)
		if err != nil || got != want.millis || metering.FormatMinutes(got) != want.text {
			t.Errorf("%q: %d %q, %v, want %d %q", text, got, metering.FormatMinutes(got), err, want.millis, want.text)
		}
	}
	for _, text := range append(notNumbers(), "153722867280913", "1e300") {
		if got, err := metering.ParseMinutes(text); !badNumber(err) || got != 0 {
			t.Errorf("%q: %d, %v, want invalid-number", text, got, err)
		}
	}
}

func FuzzDecimals(f *testing.F) {
	for _, text := range append(notNumbers(), "0.0000025", "2.5e-06", "-1.5", "9e99") {
		f.Add(text, int64(len(text)))
	}
	f.Fuzz(func(t *testing.T, text string, n int64) {
		if a, err := metering.ParseAmount(text); err == nil {
			if again, err := metering.ParseAmount(a.String()); err != nil || again != a {
				t.Errorf("%q is %d, written %q is %d, %v", text, a, a, again, err)
			}
		}
		if micros, err := metering.ParseMicros(metering.FormatMicros(n)); err != nil || micros != n {
			t.Errorf("%d millionths, written %q, are %d, %v", n, metering.FormatMicros(n), micros, err)
		}
		if millis, err := metering.ParseMinutes(metering.FormatMinutes(n)); err != nil || millis != n {
			t.Errorf("%d ms, written %q, are %d, %v", n, metering.FormatMinutes(n), millis, err)
		}
		if exact := big.NewRat(n, 60_000).FloatString(6); exact != "-0.000000" && metering.FormatMinutes(n) != strings.TrimRight(strings.TrimRight(exact, "0"), ".") {
			t.Errorf("%d ms are written %q, want %s without its last zeros", n, metering.FormatMinutes(n), exact)
		}
	})
}
