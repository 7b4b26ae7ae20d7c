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

func TestPromptFillsPlaceholders(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"{{ clinic_name }}":        "Clínica XYZ",
		"{{clinic_name}}":          "Clínica XYZ",
		"{{\n clinic_name\t}}":     "Clínica XYZ",
		"{{ current_date }}":       "2026-03-02 12:00",
		"{{ timezone }}":           "America/Sao_Paulo",
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
		if got := prompted(template).Prompt(noon()); got != want {
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
	got := agenda.NewDirectory(at, []agenda.ClinicProfessional{maria}, []agenda.Service{botox}).Prompt(noon())
	want := "{{ services_list }} $1|- {{ clinic_name }} - {{timezone}} %d|- {{ current_date }}: {{ clinic_name }}, R$ 1.200,00, 45 minutos"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBuiltInPrompt(t *testing.T) {
	t.Parallel()
	got := prompted("").Prompt(noon())
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
	empty := agenda.NewDirectory(prompted("").Clinic, nil, nil).Prompt(noon())
	if !strings.Contains(empty, "SERVIÇOS:\n- consultas\n") {
		t.Errorf("a clinic without services offers:\n%s", empty)
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
		got := d.Prompt(noon())
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
		if got := d.Prompt(noon()); got != "- Botox: Dra. Maria Costa, "+want+", 45 minutos" {
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
