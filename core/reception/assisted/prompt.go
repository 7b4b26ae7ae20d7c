package assisted

import (
	"bytes"
	_ "embed" // the prompt
	"encoding/json"
	"fmt"
	"strings"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
)

//go:embed prompt.pt-BR.txt
var prompt string

const (
	// maxListed is how many professionals, and how many services, a model is told of; a call must stay affordable.
	maxListed = 100
	// maxMessage is how much of a message a model reads, in characters: as much as is read without one.
	maxMessage = 2000
)

// Prompt is what the model is told before the message: its task, the moment, where the conversation is, and what the clinic
// tells everybody. Nothing of any patient is in it.
func Prompt(in reception.Context) string {
	return strings.NewReplacer(
		"{{ clinic_name }}", plain(in.Directory.Clinic.Name),
		"{{ now }}", now(in),
		"{{ state }}", situation(in.State),
		"{{ professionals }}", professionals(in.Directory),
		"{{ services }}", services(in.Directory),
	).Replace(strings.TrimSpace(prompt))
}

// Message is what the patient wrote, as the model gets it: hidden where [Mask] hides, shortened, and as a value of a JSON
// object, out of which no text can break. A complaint is what was wrong with the model's first answer, "" when there was none.
func Message(text, complaint string, today agenda.Date) string {
	if runes := []rune(text); len(runes) > maxMessage {
		text = string(runes[:maxMessage])
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	// Strings always encode.
	_ = e.Encode(struct {
		Message   string `json:"mensagem"`
		Complaint string `json:"erro_da_resposta_anterior,omitempty"`
	}{Mask(text, today), complaint})
	return strings.TrimSpace(b.String())
}

// plain keeps a name on its line.
func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

func now(in reception.Context) string {
	return fmt.Sprintf("%s, %s, %s", agenda.WeekdayName(in.Today.Weekday()), in.Today, in.Now)
}

// situation says what the reception has just asked for.
func situation(s reception.State) string {
	switch s {
	case reception.ChoosingProfessional:
		return "a recepção perguntou com qual profissional ou para qual procedimento é a consulta"
	case reception.CollectingPatient:
		return "a recepção pediu os dados do paciente, ou perguntou se ele deseja agendar"
	case reception.ChoosingSlot:
		return "a recepção ofereceu horários livres"
	case reception.Confirming:
		return "a recepção perguntou se o agendamento está correto"
	case reception.Cancelling:
		return "a recepção perguntou qual consulta desmarcar, ou se deve desmarcá-la"
	case reception.Rescheduling:
		return "a recepção perguntou qual consulta remarcar"
	case reception.Booked:
		return "uma consulta acaba de ser marcada"
	case reception.Idle, reception.HandedOff, reception.OptedOut:
	}
	return "nada está em andamento"
}

func professionals(d agenda.Directory) string {
	var lines []string
	for _, p := range d.Professionals[:min(len(d.Professionals), maxListed)] {
		line := "- " + plain(p.Name) + ": " + plain(p.Specialty)
		if len(p.SpecialtyKeywords) > 0 {
			line += " (" + plain(strings.Join(p.SpecialtyKeywords, ", ")) + ")"
		}
		lines = append(lines, line)
	}
	return orNone(lines)
}

func services(d agenda.Directory) string {
	var lines []string
	for _, s := range d.Services[:min(len(d.Services), maxListed)] {
		p, _ := d.Professional(s.ProfessionalID)
		lines = append(lines, "- "+plain(s.Name)+", com "+plain(p.Name))
	}
	return orNone(lines)
}

func orNone(lines []string) string {
	if len(lines) == 0 {
		return "- nenhum"
	}
	return strings.Join(lines, "\n")
}
