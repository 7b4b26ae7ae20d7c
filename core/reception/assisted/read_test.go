package assisted_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/assisted"
)

// output is an answer in the form of the schema; fields are as JSON, those that are left out are null.
func output(fields ...string) string {
	all := `"intent":"schedule","confidence":0.9,"professional":null,"specialty":null,"service":null,"symptom":null,"date":null,"time":null,` +
		`"period":null,"answer":null,"emergency":false,"opt_out":false,"wants_person":false`
	return "{" + strings.Join(append([]string{all}, fields...), ",") + "}" // of two of a name the last counts
}

func TestReferencesAreLookedUpAndNeverTaken(t *testing.T) {
	t.Parallel()
	in, joao, maria, botox := demo(t)
	for name, c := range map[string]struct {
		msg, field string
		got        func(reception.Meaning) string
		want       string
		candidates []agenda.ClinicProfessionalID
		complaint  bool
	}{
		"AName":                         {"queria ver o doto silva", `"professional":"Dr. João Silva"`, professionalOf, "Dr. João Silva", []agenda.ClinicProfessionalID{joao.ID}, false},
		"ANameWithATypo":                {"com a dra Marria", `"professional":"Dra. Maria"`, professionalOf, "Dra. Maria", []agenda.ClinicProfessionalID{maria.ID}, false},
		"ANameThatTheClinicDoesNotHave": {"com o dr House", `"professional":"Dr. House"`, professionalOf, "Dr. House", nil, false},
		"ADeducedName":                  {"algo para o coração", `"professional":"Dr. João Silva"`, professionalOf, "", nil, false},
		"AnInventedName":                {"algo para o coração", `"professional":"Dr. House"`, professionalOf, "", nil, true},
		"ATitleIsNoName":                {"quero falar com o doutor", `"professional":"Doutor House"`, professionalOf, "", nil, true},
		"AnIDIsNoName":                  {"quero uma consulta", fmt.Sprintf(`"professional":%q`, maria.ID), professionalOf, "", nil, true},
		"ACalendarIsNoName":             {"quero uma consulta", `"professional":"maria@calendar"`, professionalOf, "", nil, true},
		"ASpecialtyInOtherWords":        {"alguém que cuide do meu peito que dispara", `"specialty":"Cardiologista"`, specialtyOf, "Cardiologista", []agenda.ClinicProfessionalID{joao.ID}, false},
		"ASpecialtyNotHeld":             {"vcs tem ortopedista", `"specialty":"ortopedista"`, specialtyOf, "ortopedista", nil, false},
		"AnInventedSpecialty":           {"bom dia", `"specialty":"Neurologista"`, specialtyOf, "", nil, true},
		"AServiceByItsKeyword":          {"tirar as ruguinhas da testa", `"service":"Botox"`, serviceOf, "Botox", []agenda.ClinicProfessionalID{maria.ID}, false},
		"AnInventedService":             {"bom dia", `"service":"Lipoaspiração"`, serviceOf, "", nil, true},
		"ASymptom":                      {"apareceu umas manchinha", `"symptom":"manchas"`, symptomOf, "manchas", []agenda.ClinicProfessionalID{maria.ID}, false},
		"TooLong":                       {"silva", `"professional":"` + strings.Repeat("silva ", 30) + `"`, professionalOf, "", nil, false},
		"TheWordNull":                   {"silva", `"professional":"null"`, professionalOf, "", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, complaint := assisted.Read(output(c.field), c.msg, in)
			if got := c.got(m); got != c.want || !slices.Equal(m.Candidates, c.candidates) || (complaint != "") != c.complaint {
				t.Errorf("got %q with candidates %v and complaint %q, want %q with %v", got, m.Candidates, complaint, c.want, c.candidates)
			}
			if strings.Contains(complaint, "House") {
				t.Errorf("the complaint repeats what was made up: %q", complaint)
			}
			if m.Intent != reception.Schedule {
				t.Errorf("intent = %s", m.Intent)
			}
			if m.Service == "Botox" && !slices.Equal(m.Services, []agenda.ServiceID{botox.ID}) {
				t.Errorf("services = %v, want Botox", m.Services)
			}
		})
	}
}

func professionalOf(m reception.Meaning) string { return m.Professional }
func specialtyOf(m reception.Meaning) string    { return m.Specialty }
func serviceOf(m reception.Meaning) string      { return m.Service }
func symptomOf(m reception.Meaning) string      { return m.Symptom }

func TestDaysAndHoursAreInRange(t *testing.T) {
	t.Parallel()
	in, _, _, _ := demo(t)
	for _, c := range []struct{ given, want string }{
		{"2026-11-23", "2026-11-23"},
		{"2027-11-24", "2027-11-24"},
		{"2027-11-25", ""},
		{"2026-11-22", ""},
		{"2026-02-30", ""},
		{"amanhã", ""},
	} {
		m, _ := assisted.Read(output(`"date":"`+c.given+`"`), "", in)
		if got := m.Date; (c.want == "") != got.IsZero() || c.want != "" && got.String() != c.want {
			t.Errorf("%s is %s, want %q", c.given, got, c.want)
		}
	}
	for given, want := range map[string]string{"15:30": "15:30", "00:00": "00:00", "24:00": "", "25:00": "", "15h": ""} {
		m, _ := assisted.Read(output(`"time":"`+given+`"`), "", in)
		if (want == "") != (m.Time == nil) || m.Time != nil && m.Time.String() != want {
			t.Errorf("%s is %v, want %q", given, m.Time, want)
		}
	}
	m, _ := assisted.Read(output(`"period":"evening","answer":"no"`), "", in)
	if m.Period != reception.Evening || !m.No || m.Yes {
		t.Errorf("meaning = %+v", m)
	}
	if m, _ := assisted.Read(output(`"period":"midnight","answer":"talvez"`), "", in); m.Period != reception.AnyPeriod || m.No || m.Yes {
		t.Errorf("meaning = %+v", m)
	}
}

func TestWhatIsNoAnswerMeansNothing(t *testing.T) {
	t.Parallel()
	in, _, _, _ := demo(t)
	for _, bad := range []string{
		"", "null", "[]", `"schedule"`, "{}", "Claro! Vou agendar.", output() + "x", output(`"intent":"book"`), output(`"confidence":"alta"`),
		output(`"professional":["Dr. João Silva"]`), "{\"intent\":\"schedule\"",
	} {
		m, complaint := assisted.Read(bad, "com o dr joão", in)
		if complaint == "" || m.Confidence != 0 || m.Intent != reception.Other || m.Refers() || m.Emergency {
			t.Errorf("%q means %+v, complaint %q", bad, m, complaint)
		}
	}
	for given, want := range map[string]float64{"-1": 0, "7": 1, "0.25": 0.25} {
		if m, _ := assisted.Read(output(`"confidence":`+given), "", in); m.Confidence != want {
			t.Errorf("confidence %s is %v, want %v", given, m.Confidence, want)
		}
	}
}

func TestMaskHidesWhoItIs(t *testing.T) {
	t.Parallel()
	today := agenda.Date{Year: 2026, Month: time.November, Day: 23}
	for said, want := range map[string]string{
		"meu cpf é 123.456.789-09":           "meu cpf é [número]",
		"cpf 12345678909":                    "cpf [número]",
		"cpf 123 456 789 09 ok":              "cpf [número] ok",
		"liga no (11) 95555-0011, por favor": "liga no [número], por favor",
		"+55 11 95555 0011":                  "[número]",
		"fixo 3333-4444":                     "fixo [número]",
		"zap 1 1 9 5 5 5 5 - 0 0 1 1":        "zap [número]",
		"１１９５５５５００１１":                        "[número]",
		"1️⃣1️⃣9️⃣5️⃣5️⃣5️⃣5️⃣0️⃣0️⃣1️⃣1️⃣": "[número]",
		"11\u200b95555\u200b0011": "[número]",
		"٠١٢٣٤٥٦٧":                "[número]",
		"nasci em 12/03/1985":     "nasci em [data]",
		"nasci 12.3.85, ok":       "nasci [data], ok",
		"12 de março de 1985":     "[data]",
		"12 Mar 1985":             "[data]",
		"1985-03-12":              "[data]",
		"12031985":                "[número]",
		"meu email é ana.souza+x@exemplo.com.br.":    "meu email é [endereço eletrônico]",
		"Ana Souza, 12/03/1985, 11 95555-0011":       "Ana Souza, [data], [número]",
		"dia 01/12/2026 às 15h30":                    "dia 01/12/2026 às 15h30",
		"dia 1/12/26":                                "dia 1/12/26",
		"dia 1 de dezembro de 2026":                  "dia 1 de dezembro de 2026",
		"quinta às 15:00 ou 16:30":                   "quinta às 15:00 ou 16:30",
		"tenho R$ 1.200,00":                          "tenho R$ 1.200,00",
		"não consigo dia 3, só depois das 14h 👨‍👩‍👧": "não consigo dia 3, só depois das 14h 👨‍👩‍👧",
	} {
		if got := assisted.Mask(said, today); got != want {
			t.Errorf("%q goes out as %q, want %q", said, got, want)
		}
	}
}

func FuzzMaskLeavesNoLongNumber(f *testing.F) {
	for _, s := range []string{"11 95555-0011", "123.456.789-09", "01/12/2026 3333-4444", "9\x009\x009999999", "１２３４５６７８"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, said string) {
		today := agenda.Date{Year: 2026, Month: time.November, Day: 23}
		run := 0
		for _, r := range strings.ReplaceAll(assisted.Mask(said, today), " ", "") {
			if r >= '0' && r <= '9' {
				run++
			} else {
				run = 0
			}
			if run == 10 { // more than a date that is kept, with an hour beside it
				t.Fatalf("%q goes out as %q", said, assisted.Mask(said, today))
			}
		}
	})
}

func FuzzReadHoldsToTheClinic(f *testing.F) {
	f.Add(output(`"professional":"Dr. Silva"`), "com o silva")
	f.Add("{", "oi")
	f.Fuzz(func(t *testing.T, answer, said string) {
		in, _, _, _ := demo(t)
		m, _ := assisted.Read(answer, said, in)
		for _, key := range m.Candidates {
			if _, ok := in.Directory.Professional(key); !ok {
				t.Errorf("a candidate is nobody of the clinic")
			}
		}
		if len(m.Professional)+len(m.Specialty)+len(m.Service)+len(m.Symptom) > 4*4*100 || m.Confidence < 0 || m.Confidence > 1 {
			t.Errorf("meaning = %+v", m)
		}
	})
}
