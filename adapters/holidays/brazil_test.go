package holidays_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/holidays"
	"github.com/secretary-api/secretary/core/agenda"
)

func date(t *testing.T, text string) agenda.Date {
	t.Helper()
	d, err := agenda.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// told are the holidays between two dates, "2026-12-25 Natal".
func told(t *testing.T, first, last string) []string {
	t.Helper()
	out := []string{}
	for _, h := range (holidays.Brazil{}).Between(date(t, first), date(t, last)) {
		out = append(out, h.Date.String()+" "+h.Name)
	}
	return out
}

func TestTheHolidaysOfAYear(t *testing.T) {
	t.Parallel()
	want := []string{
		"2026-01-01 Ano Novo", "2026-04-03 Sexta-feira Santa", "2026-04-21 Tiradentes", "2026-05-01 Dia do Trabalhador",
		"2026-09-07 Independência do Brasil", "2026-10-12 Nossa Senhora Aparecida", "2026-11-02 Finados",
		"2026-11-15 Proclamação da República", "2026-11-20 Dia da Consciência Negra", "2026-12-25 Natal",
	}
	if diff := cmp.Diff(want, told(t, "2026-01-01", "2026-12-31")); diff != "" {
		t.Errorf("holidays (-want +got):\n%s", diff)
	}
}

// The dates of Good Friday are those of the almanac; in 2038 Easter is as late as it can be.
func TestTheHolidaysOfAnotherYear(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		first, last string
		want        []string
	}{
		{"2024-03-29", "2024-03-29", []string{"2024-03-29 Sexta-feira Santa"}},
		{"2025-04-01", "2025-04-30", []string{"2025-04-18 Sexta-feira Santa", "2025-04-21 Tiradentes"}},
		{"2027-03-01", "2027-04-30", []string{"2027-03-26 Sexta-feira Santa", "2027-04-21 Tiradentes"}},
		{"2035-03-01", "2035-03-31", []string{"2035-03-23 Sexta-feira Santa"}},
		{"2038-04-20", "2038-04-24", []string{"2038-04-21 Tiradentes", "2038-04-23 Sexta-feira Santa"}},
		// The law of 2023 counts from the next November on.
		{"2023-11-16", "2023-12-01", []string{}},
		{"2024-11-16", "2024-12-01", []string{"2024-11-20 Dia da Consciência Negra"}},
		// Optional days off are none: carnival and Corpus Christi of 2026.
		{"2026-02-14", "2026-02-18", []string{}},
		{"2026-06-04", "2026-06-04", []string{}},
		// From one year into the next, both ends included; a Sunday stays a Sunday.
		{"2027-12-25", "2028-01-01", []string{"2027-12-25 Natal", "2028-01-01 Ano Novo"}},
		{"2026-11-16", "2026-11-16", []string{}},
		{"2026-12-26", "2026-12-24", []string{}},
	} {
		if diff := cmp.Diff(test.want, told(t, test.first, test.last)); diff != "" {
			t.Errorf("from %s to %s (-want +got):\n%s", test.first, test.last, diff)
		}
	}
}
