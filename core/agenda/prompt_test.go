package agenda_test

import (
	"strings"
	"testing"

	"github.com/secretary-api/secretary/core/agenda"
)

func prompted(template string) agenda.Directory {
	at, maria, joao, botox := xyz()
	at.SystemPrompt = template
	maria.SpecialtyKeywords = []string{"pele", "manchas"}
	return agenda.NewDirectory(at, []agenda.ClinicProfessional{maria, joao}, []agenda.Service{botox})
}

// ownPart is what a clinic's own template leads to, without the rules that follow it.
func ownPart(t *testing.T, d agenda.Directory) string {
	t.Helper()
	own, ok := strings.CutSuffix(d.Prompt(agenda.ChatPrompt, noon()), "\n\n"+rulesOfBooking())
	if !ok {
		t.Errorf("the rules do not follow the template %q", d.Clinic.SystemPrompt)
	}
	return own
}

func rulesOfBooking() string {
	return prompted("{{ booking_rules }}").Prompt(agenda.ChatPrompt, noon())
}

func TestPromptFillsPlaceholders(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"{{ clinic_name }}":        "Clínica XYZ",
		"{{clinic_name}}":          "Clínica XYZ",
		"{{\n clinic_name\t}}":     "Clínica XYZ",
		"{{ current_date }}":       "2026-03-02 12:00",
		"{{ timezone }}":           "America/Sao_Paulo",
		"{{ weekday }}":            "segunda-feira",
		"{{ address }}":            "informado pela equipe",
		"{{ professionals_list }}": "- Dr. João Silva - Cardiologista\n- Dra. Maria Costa - Dermatologista (pele, manchas)",
		"{{ services_list }}":      "- Botox: Dra. Maria Costa, R$ 1.200,00, 45 minutos",
		"a {{ timezone }}{{ clinic_name }} b {{ clinic_name }}": "a America/Sao_PauloClínica XYZ b Clínica XYZ",
		"{{ unknown }} {{ Clinic_Name }} {{ clinic name }}":     "{{ unknown }} {{ Clinic_Name }} {{ clinic name }}",
		"{{ }} {{}} { clinic_name } {{ clinic_name }":           "{{ }} {{}} { clinic_name } {{ clinic_name }",
		"{{{ clinic_name }}}":                                   "{Clínica XYZ}",
		"{{ calendar_id }} {{ google_calendar_id }}":            "{{ calendar_id }} {{ google_calendar_id }}",
		"$1 \\1 %s {{ clinic_name }} 100%":                      "$1 \\1 %s Clínica XYZ 100%",
		"\n no placeholder \n":                                  "no placeholder",
	} {
		if got := ownPart(t, prompted(template)); got != want {
			t.Errorf("%q: %q, want %q", template, got, want)
		}
	}
}

// A name is text, not a template: whoever may name a service must not reach into the prompt.
func TestNamesAreNotTemplates(t *testing.T) {
	t.Parallel()
	at, maria, _, botox := xyz()
	at.Name, at.SystemPrompt = "{{ services_list }} $1", "{{ clinic_name }}|{{ professionals_list }}|{{ services_list }}"
	maria.Name, maria.Specialty, botox.Name = "{{ clinic_name }}", "{{timezone}} %d", "{{ current_date }}"
	got := ownPart(t, agenda.NewDirectory(at, []agenda.ClinicProfessional{maria}, []agenda.Service{botox}))
	want := "{{ services_list }} $1|- {{ clinic_name }} - {{timezone}} %d|- {{ current_date }}: {{ clinic_name }}, R$ 1.200,00, 45 minutos"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBuiltInPrompt(t *testing.T) {
	t.Parallel()
	got := prompted("").Prompt(agenda.ChatPrompt, noon())
	for _, part := range []string{
		"Clínica XYZ", "2026-03-02 12:00", "America/Sao_Paulo", "- Dr. João Silva - Cardiologista\n", "Botox: Dra. Maria Costa, R$ 1.200,00", "SAMU (192)",
	} {
		if !strings.Contains(got, part) {
			t.Errorf("the built-in prompt does not say %q:\n%s", part, got)
		}
	}
	if strings.Contains(got, "{{") {
		t.Errorf("a placeholder is left:\n%s", got)
	}
	empty := agenda.NewDirectory(prompted("").Clinic, nil, nil).Prompt(agenda.ChatPrompt, noon())
	if !strings.Contains(empty, "SERVIÇOS:\n- consultas\n") {
		t.Errorf("a clinic without services offers:\n%s", empty)
	}
}

// What keeps visits in their professional's calendar is told to every agent, whatever the clinic's own template says.
func TestTheRulesOfBookingAreInEveryPrompt(t *testing.T) {
	t.Parallel()
	rules := rulesOfBooking()
	for _, part := range []string{
		"NUNCA agende sem confirmar o profissional", "NUNCA misture agendas", "exclusivo de um profissional", "SEMPRE confirme com o paciente ANTES",
		"Se for ambíguo, pergunte", "recomece a escolha", "Não dê diagnóstico", "SAMU (192)", "não muda estas regras",
	} {
		if !strings.Contains(rules, part) {
			t.Errorf("the rules do not say %q", part)
		}
	}
	for _, template := range []string{"", "Você é a Bia.", "{{ booking_rules }}\nVocê é a Bia.", "{{booking_rules}}", "{{ professionals_list }}"} {
		if got := prompted(template).Prompt(agenda.VoicePrompt, noon()); strings.Count(got, rules) != 1 {
			t.Errorf("template %q has the rules %d times", template, strings.Count(got, rules))
		}
	}
}

func TestVoiceAndChatAreToldHowToTalk(t *testing.T) {
	t.Parallel()
	d := prompted("")
	d.Clinic.Address = "Rua São João, 12"
	chat, voice := d.Prompt(agenda.ChatPrompt, noon()), d.Prompt(agenda.VoicePrompt, noon())
	for _, part := range []string{"Rua São João, 12", "segunda-feira, 2026-03-02 12:00"} {
		if !strings.Contains(chat, part) || !strings.Contains(voice, part) {
			t.Errorf("a prompt does not say %q", part)
		}
	}
	if !strings.Contains(chat, "COMO ESCREVER") || strings.Contains(chat, "COMO FALAR") || !strings.Contains(voice, "COMO FALAR") || strings.Contains(voice, "COMO ESCREVER") {
		t.Errorf("chat:\n%s\nvoice:\n%s", chat, voice)
	}
}

func TestPromptHasNoCalendarID(t *testing.T) {
	t.Parallel()
	for _, template := range []string{"", "{{ clinic_name }}{{ professionals_list }}{{ services_list }}{{ current_date }}{{ timezone }}{{ google_calendar_id }}"} {
		d := prompted(template)
		d.Clinic.GoogleOAuthCredentialID, d.Clinic.WebhookToken = "credential-secret", "token-secret-0123"
		for i := range d.Professionals {
			d.Professionals[i].GoogleCalendarLabel = "label-secret"
		}
		got := d.Prompt(agenda.ChatPrompt, noon())
		for _, secret := range []string{"group.calendar.google.com", "secret", d.Clinic.ID.String(), d.Professionals[0].ID.String()} {
			if strings.Contains(got, secret) {
				t.Errorf("the prompt tells %q:\n%s", secret, got)
			}
		}
	}
}

func TestPricesAreWrittenAsInBrazil(t *testing.T) {
	t.Parallel()
	for cents, want := range map[int64]string{
		0: "R$ 0,00", 5: "R$ 0,05", 99: "R$ 0,99", 100: "R$ 1,00", 99_999: "R$ 999,99", 100_000: "R$ 1.000,00", 120_000: "R$ 1.200,00",
		12_345_678: "R$ 123.456,78", 100_000_005: "R$ 1.000.000,05", 10_000_000_000: "R$ 100.000.000,00",
	} {
		d := prompted("{{ services_list }}")
		d.Services[0].PriceCents = cents
		if got := ownPart(t, d); got != "- Botox: Dra. Maria Costa, "+want+", 45 minutos" {
			t.Errorf("%d cents: %q, want %q", cents, got, want)
		}
	}
}

func TestPriceIsWrittenAsInBrazil(t *testing.T) {
	t.Parallel()
	for cents, want := range map[int64]string{
		0: "R$ 0,00", 5: "R$ 0,05", 99: "R$ 0,99", 100: "R$ 1,00", 25000: "R$ 250,00", 99999: "R$ 999,99",
		120000: "R$ 1.200,00", 123456789: "R$ 1.234.567,89",
	} {
		if got := agenda.Price(cents); got != want {
			t.Errorf("Price(%d) = %q, want %q", cents, got, want)
		}
	}
}
