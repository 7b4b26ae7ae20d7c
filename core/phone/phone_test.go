package phone_test

import (
	"strings"
	"testing"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/phone"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		// Brazilian mobiles, international forms.
		"+5511955550011":         "+5511955550011",
		"+55 11 95555-0011":      "+5511955550011",
		"+55 (11) 95555-0011":    "+5511955550011",
		"  +55 11 9.5555.0011 ":  "+5511955550011",
		"+55\u00a011 95555-0011": "+5511955550011",
		"5511955550011":          "+5511955550011",
		"005511955550011":        "+5511955550011",
		"00 55 11 95555/0011":    "+5511955550011",
		// National forms, with and without the trunk 0.
		"11955550011":     "+5511955550011",
		"(11) 95555-0011": "+5511955550011",
		"011 95555-0011":  "+5511955550011",
		"(011)95555-0011": "+5511955550011",
		// The ninth digit, which WhatsApp leaves out.
		"+551181234567": "+5511981234567",
		"551191234567":  "+5511991234567",
		"1171234567":    "+5511971234567",
		"011 6123-4567": "+5511961234567",
		"+558796543210": "+5587996543210",
		// Landlines have eight digits and keep them.
		"+55 11 3555-0011": "+551135550011",
		"551155550011":     "+551155550011",
		"1125550011":       "+551125550011",
		"(021) 4555-0011":  "+552145550011",
		// The area code 55 is not the country code.
		"55 99999-1234":                "+5555999991234",
		"(55) 3222-1234":               "+555532221234",
		"055 3222-1234":                "+555532221234",
		"5555999991234":                "+5555999991234",
		"555532221234":                 "+555532221234",
		"555599991234":                 "+5555999991234",
		"+55 55 9999-1234":             "+5555999991234",
		"(+55) 11 95555-0011":          "+5511955550011",
		"+55 (011) 95555-0011":         "+5511955550011",
		"\u202a+55 11 95555\u20110011": "+5511955550011",
		// Other countries.
		"+1 (415) 555-2671":   "+14155552671",
		"14155552671":         "+14155552671",
		"001 415 555 2671":    "+14155552671",
		"+351 912 345 678":    "+351912345678",
		"351912345678":        "+351912345678",
		"5491123456789":       "+5491123456789",
		"+49 30 123456":       "+4930123456",
		"+290 1234 5":         "+29012345",
		"+123456789012345":    "+123456789012345",
		"+59899123456":        "+59899123456",
		"+595 21 1234567":     "+595211234567",
		"0044 20 7946 0958":   "+442079460958",
		"+44 20-7946.0958\n ": "+442079460958",
	} {
		got, err := phone.Normalize(text)
		if err != nil || got != want {
			t.Errorf("Normalize(%q) = %q, %v, want %q", text, got, err, want)
			continue
		}
		if again, err := phone.Normalize(got); err != nil || again != got {
			t.Errorf("Normalize(%q) = %q, %v, want it unchanged", got, again, err)
		}
	}
}

func TestNormalizeRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":                       "",
		"spaces":                        "  \t ",
		"only a plus":                   "+",
		"only an exit code":             "00",
		"punctuation":                   "(-)",
		"letters":                       "0800-CLINICA",
		"letters after a number":        "+5511955550011 ramal 2",
		"a letter o for a zero":         "+55 11 9555O-0011",
		"two pluses":                    "++5511955550011",
		"a plus inside":                 "55+11955550011",
		"digits of another script":      "+٥٥١١٩٥٥٥٥٠٠١١",
		"full-width digits":             "１１９５５５５００１１",
		"invalid UTF-8":                 "+5511955550011\xff",
		"a control character":           "+5511\x0095555001",
		"a number without an area code": "95555-0011",
		"a landline without one":        "3555-0011",
		"a short code":                  "192",
		"a number of a company":         "0800 123 4567",
		"a number of 4004":              "4004-1234",
		"an area code with a 0":         "+55 10 95555-0011",
		"a trunk 0 before the country":  "055 11 95555-0011",
		"nine digits without a 9":       "+55 11 85555-0011",
		"eight digits from 1":           "+55 11 1555-0011",
		"eight digits from 0":           "11 0555-0011",
		"too short for Brazil":          "+55 11 555-0011",
		"too long for Brazil":           "+55 11 95555-00112",
		"too long without a plus":       "55119555500112",
		"a carrier's code":              "0 15 11 95555-0011",
		"a country code of 0":           "+0 11 95555-0011",
		"two exit codes":                "00005511955550011",
		"too short for anywhere":        "+4930123",
		"too long for anywhere":         "+1234567890123456",
		"very long":                     strings.Repeat("5", 10_000),
	} {
		if got, err := phone.Normalize(text); errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "invalid-phone" || got != "" {
			t.Errorf("%s: Normalize(%.40q) = %q, %v, want invalid-phone", name, text, got, err)
		}
	}
}

func TestErrorDoesNotRepeatTheNumber(t *testing.T) {
	t.Parallel()
	_, err := phone.Normalize("11 9555-X-7319")
	if err == nil || strings.Contains(err.Error(), "7319") {
		t.Errorf("error %v, want one without the number", err)
	}
}

func FuzzNormalize(f *testing.F) {
	for _, seed := range []string{
		"+5511955550011", "551181234567", "(11) 95555-0011", "0055", "+", "", "011 3555-0011", "14155552671", "+1234567890123456", "00", "+0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := phone.Normalize(text)
		if err != nil {
			if errs.CodeOf(err) != "invalid-phone" || got != "" {
				t.Fatalf("Normalize(%q) = %q, %v, want nothing and invalid-phone", text, got, err)
			}
			return
		}
		digits, plus := strings.CutPrefix(got, "+")
		if !plus || len(digits) < 8 || len(digits) > 15 || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
			t.Fatalf("Normalize(%q) = %q, which is not E.164", text, got)
		}
		if strings.HasPrefix(digits, "55") && len(digits) != 12 && len(digits) != 13 {
			t.Fatalf("Normalize(%q) = %q, which no Brazilian number is", text, got)
		}
		if again, err := phone.Normalize(got); err != nil || again != got {
			t.Fatalf("Normalize(%q) = %q, %v, after Normalize(%q)", got, again, err, text)
		}
	})
}
