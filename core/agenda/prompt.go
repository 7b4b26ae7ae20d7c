package agenda

import (
	_ "embed" // the built-in prompt
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

//go:embed prompt.pt-BR.txt
var builtinPrompt string

var placeholder = regexp.MustCompile(`\{\{\s*([a-z_]+)\s*\}\}`)

// Prompt renders what voice and chat agents are told about the clinic: its own template, or the built-in one. The
// placeholders are {{ clinic_name }}, {{ professionals_list }}, {{ services_list }}, {{ current_date }} and
// {{ timezone }}; any other is left as it stands. Calendar ids are never part of it.
func (d Directory) Prompt(now time.Time) string {
	template := d.Clinic.SystemPrompt
	if template == "" {
		template = builtinPrompt
	}
	return strings.TrimSpace(placeholder.ReplaceAllStringFunc(template, func(found string) string {
		switch placeholder.FindStringSubmatch(found)[1] {
		case "clinic_name":
			return d.Clinic.Name
		case "professionals_list":
			return d.professionalsList()
		case "services_list":
			return d.servicesList()
		case "current_date":
			return now.In(d.Clinic.Location()).Format("2006-01-02 15:04")
		case "timezone":
			return d.Clinic.TimeZone
		}
		return found
	}))
}

func (d Directory) professionalsList() string {
	lines := make([]string, 0, len(d.Professionals))
	for _, p := range d.Professionals {
		line := fmt.Sprintf("- %s - %s", p.Name, p.Specialty)
		if len(p.SpecialtyKeywords) > 0 {
			line += " (" + strings.Join(p.SpecialtyKeywords, ", ") + ")"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Price writes cents of the real, which are not negative, as Brazilians do: "R$ 1.200,00".
func Price(cents int64) string {
	whole := strconv.FormatInt(cents/100, 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "." + whole[i:]
	}
	return fmt.Sprintf("R$ %s,%02d", whole, cents%100)
}

func (d Directory) servicesList() string {
	lines := make([]string, 0, len(d.Services))
	for _, s := range d.Services {
		p, _ := d.Professional(s.ProfessionalID)
		lines = append(lines, fmt.Sprintf("- %s: %s, %s, %d minutos", s.Name, p.Name, Price(s.PriceCents), s.DurationMinutes))
	}
	if len(lines) == 0 {
		return "- consultas"
	}
	return strings.Join(lines, "\n")
}
