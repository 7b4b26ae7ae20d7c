package agenda

import (
	"cmp"
	_ "embed" // the built-in prompt
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What agents are told: the built-in template, and the parts of it that every template gets.
var (
	//go:embed prompt.pt-BR.txt
	builtinPrompt string
	//go:embed prompt_rules.pt-BR.txt
	promptRules string
	//go:embed prompt_chat.pt-BR.txt
	promptChat string
	//go:embed prompt_voice.pt-BR.txt
	promptVoice string
)

// PromptChannel is how an agent talks with patients.
type PromptChannel string

// The channels of agents.
const (
	ChatPrompt  PromptChannel = "chat"
	VoicePrompt PromptChannel = "voice"
)

var placeholder = regexp.MustCompile(`\{\{\s*([a-z_]+)\s*\}\}`)

// Prompt renders what an agent of a channel is told about the clinic: the clinic's own template, or the built-in one. The
// placeholders are {{ clinic_name }}, {{ address }}, {{ professionals_list }}, {{ services_list }}, {{ weekday }},
// {{ current_date }}, {{ timezone }}, {{ booking_rules }} and {{ channel_rules }}; any other is left as it stands. The
// booking rules are those that keep a visit in its professional's calendar: a template that does not place them gets them
// at its end. Calendar ids are never part of it.
func (d Directory) Prompt(channel PromptChannel, now time.Time) string {
	template := d.Clinic.SystemPrompt
	if template == "" {
		template = builtinPrompt
	}
	ruled := false
	now = now.In(d.Clinic.Location())
	out := placeholder.ReplaceAllStringFunc(template, func(found string) string {
		switch placeholder.FindStringSubmatch(found)[1] {
		case "clinic_name":
			return d.Clinic.Name
		case "address":
			return cmp.Or(d.Clinic.Address, "informado pela equipe")
		case "professionals_list":
			return d.professionalsList()
		case "services_list":
			return d.servicesList()
		case "weekday":
			return WeekdayName(now.Weekday())
		case "current_date":
			return now.Format("2006-01-02 15:04")
		case "timezone":
			return d.Clinic.TimeZone
		case "booking_rules":
			ruled = true
			return strings.TrimSpace(promptRules)
		case "channel_rules":
			return strings.TrimSpace(channel.rules())
		}
		return found
	})
	if !ruled {
		out = strings.TrimSpace(out) + "\n\n" + promptRules
	}
	return strings.TrimSpace(out)
}

func (c PromptChannel) rules() string {
	if c == VoicePrompt {
		return promptVoice
	}
	return promptChat
}

// WeekdayName is a weekday in Portuguese, as prompts have it: "segunda-feira".
func WeekdayName(d time.Weekday) string {
	return [...]string{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"}[d]
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
