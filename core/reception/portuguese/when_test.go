package portuguese_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese"
)

// when is a meaning's day, hour and period: "2026-11-05 14:30 afternoon", "-" for what is missing.
func when(m reception.Meaning) string {
	day, hour, period := "-", "-", "-"
	if !m.Date.IsZero() {
		day = m.Date.String()
	}
	if m.Time != nil {
		hour = m.Time.String()
	}
	if m.Period != reception.AnyPeriod {
		period = string(m.Period)
	}
	return day + " " + hour + " " + period
}

func TestDays(t *testing.T) {
	t.Parallel()
	// Today is Wednesday, 2026-11-04.
	for msg, want := range map[string]string{
		"hoje":                                "2026-11-04 - -",
		"hj mesmo":                            "2026-11-04 - -",
		"amanhã":                              "2026-11-05 - -",
		"amanha de manha":                     "2026-11-05 - morning",
		"depois de amanhã":                    "2026-11-06 - -",
		"sexta":                               "2026-11-06 - -",
		"sex":                                 "2026-11-06 - -",
		"quarta":                              "2026-11-11 - -",
		"hoje, quarta":                        "2026-11-04 - -",
		"2ª feira":                            "2026-11-09 - -",
		"3a feira":                            "2026-11-10 - -",
		"próxima terça-feira":                 "2026-11-10 - -",
		"segunda que vem":                     "2026-11-09 - -",
		"sexta da semana que vem":             "2026-11-13 - -",
		"semana que vem na quinta":            "2026-11-12 - -",
		"semana que vem":                      "2026-11-09 - -",
		"mês que vem":                         "2026-12-01 - -",
		"fim de semana":                       "2026-11-07 - -",
		"dia 15":                              "2026-11-15 - -",
		"dia 3":                               "2026-12-03 - -",
		"dia 31":                              "2026-12-31 - -",
		"dia 5 do mês que vem":                "2026-12-05 - -",
		"15/12":                               "2026-12-15 - -",
		"03/11":                               "2027-11-03 - -",
		"4/11":                                "2026-11-04 - -",
		"15/12/2026":                          "2026-12-15 - -",
		"15-12-26":                            "2026-12-15 - -",
		"15 de dezembro":                      "2026-12-15 - -",
		"dia 20 de janeiro de 2027":           "2027-01-20 - -",
		"29/02":                               "2028-02-29 - -",
		"30/02":                               "- - -",
		"32/01":                               "- - -",
		"daqui a 10 dias":                     "2026-11-14 - -",
		"daqui duas semanas":                  "2026-11-18 - -",
		"segunda, dia 16":                     "2026-11-16 - -",
		"amanhã não posso, pode ser quinta?":  "2026-11-05 - -",
		"sexta não dá, prefiro segunda":       "2026-11-09 - -",
		"mudar de segunda para quarta":        "2026-11-11 - -",
		"segunda via da receita":              "- - -",
		"tenho 30 anos":                       "- - -",
		"sou do dia a dia":                    "- - -",
		"não posso na sexta":                  "- - -",
		"quero marcar para sábado ou domingo": "2026-11-07 - -",
	} {
		if diff := cmp.Diff(want, when(understand(msg))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", msg, diff)
		}
	}
}

func TestHours(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string]string{
		"15h":                         "- 15:00 -",
		"15h30":                       "- 15:30 -",
		"15:30":                       "- 15:30 -",
		"às 15":                       "- 15:00 -",
		"as 15.30":                    "- 15:30 -",
		"14hs":                        "- 14:00 -",
		"9 e meia":                    "- 09:30 -",
		"nove e meia da manhã":        "- 09:30 morning",
		"3 da tarde":                  "- 15:00 afternoon",
		"três da tarde":               "- 15:00 afternoon",
		"7 da noite":                  "- 19:00 evening",
		"meio-dia":                    "- 12:00 -",
		"meio dia e meia":             "- 12:30 -",
		"às 3":                        "- 15:00 -",
		"às 6":                        "- 18:00 -",
		"às 7":                        "- 07:00 -",
		"amanhã à tarde às 3":         "2026-11-05 15:00 afternoon",
		"amanhã 14":                   "2026-11-05 14:00 -",
		"15/12 às 10h":                "2026-12-15 10:00 -",
		"15/12 14h":                   "2026-12-15 14:00 -",
		"sexta depois das 17h":        "2026-11-06 17:00 -",
		"de manhã":                    "- - morning",
		"pela tarde":                  "- - afternoon",
		"quinta à noite":              "2026-11-05 - evening",
		"fim de tarde":                "- - afternoon",
		"depois do almoço":            "- - afternoon",
		"bom dia":                     "- - -",
		"boa tarde":                   "- - -",
		"mais tarde":                  "- - -",
		"há 2 horas":                  "- - -",
		"às 25h":                      "- - -",
		"R$ 100,00":                   "- - -",
		"são 2 pessoas":               "- - -",
		"não posso às 10, só às 11":   "- 11:00 -",
		"boa tarde, tem vaga às 16h?": "- 16:00 -",
	} {
		if diff := cmp.Diff(want, when(understand(msg))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", msg, diff)
		}
	}
}

// TestWhatLibrariesGetWrong has the phrases on which date libraries lose the hour or take another day, on Tuesday,
// 2026-12-08 at ten.
func TestWhatLibrariesGetWrong(t *testing.T) {
	t.Parallel()
	in := at(reception.Idle)
	in.Today = agenda.Date{Year: 2026, Month: time.December, Day: 8}
	for msg, want := range map[string]string{
		"amanhã às 15h":            "2026-12-09 15:00 -",
		"amanha as 15h":            "2026-12-09 15:00 -",
		"amanhã às 15:00":          "2026-12-09 15:00 -",
		"terça que vem de manhã":   "2026-12-15 - morning",
		"dia 12/12 às 9:30":        "2026-12-12 09:30 -",
		"sexta à tarde":            "2026-12-11 - afternoon",
		"depois de amanhã":         "2026-12-10 - -",
		"próxima segunda 14h30":    "2026-12-14 14:30 -",
		"hoje":                     "2026-12-08 - -",
		"hoje à noite":             "2026-12-08 - evening",
		"daqui a duas semanas":     "2026-12-22 - -",
		"daqui a 2 dias":           "2026-12-10 - -",
		"quarta-feira às 10h":      "2026-12-09 10:00 -",
		"dia 15":                   "2026-12-15 - -",
		"semana que vem":           "2026-12-14 - -",
		"8h":                       "- 08:00 -",
		"12 de dezembro às 10h":    "2026-12-12 10:00 -",
		"sábado 9h":                "2026-12-12 09:00 -",
		"dia 31/12/2026 às 18h":    "2026-12-31 18:00 -",
		"às 3 da tarde":            "- 15:00 afternoon",
		"quinta não, sexta":        "2026-12-11 - -",
		"hj 16h30":                 "2026-12-08 16:30 -",
		"amnh de tarde":            "2026-12-09 - afternoon",
		"sem ser quinta, na sexta": "2026-12-11 - -",
	} {
		if diff := cmp.Diff(want, when(portuguese.Understand(msg, in))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", msg, diff)
		}
	}
}

func TestABirthDateIsNoWish(t *testing.T) {
	t.Parallel()
	for _, state := range []reception.State{reception.Idle, reception.CollectingPatient} {
		m := portuguese.Understand("nasci em 12/03/1985", at(state))
		if got := m.Patient.BirthDate.String(); got != "1985-03-12" || !m.Date.IsZero() {
			t.Errorf("in %s: birth date = %s, day = %s; want 1985-03-12 and none", state, got, m.Date)
		}
	}
}
