package assisted

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/text"
)

// maxReference is the longest reference that is looked up, in characters.
const maxReference = 100

// furthest is how many days ahead a day may be that a message names.
const furthest = 366

// answer is what the model fills in. Schema describes it.
type answer struct {
	Intent       reception.Intent `json:"intent"`
	Confidence   float64          `json:"confidence"`
	Professional *string          `json:"professional"`
	Specialty    *string          `json:"specialty"`
	Service      *string          `json:"service"`
	Symptom      *string          `json:"symptom"`
	Date         *string          `json:"date"`
	Time         *string          `json:"time"`
	Period       *string          `json:"period"`
	Answer       *string          `json:"answer"`
	Emergency    bool             `json:"emergency"`
	OptOut       bool             `json:"opt_out"`
	WantsPerson  bool             `json:"wants_person"`
}

func intents() []reception.Intent {
	return []reception.Intent{
		reception.Schedule, reception.Reschedule, reception.Cancel, reception.AskPrice, reception.AskHours, reception.AskServices,
		reception.AskProfessionals, reception.HumanHandoff, reception.Greeting, reception.Thanks, reception.Other,
	}
}

// SchemaName names the form of an answer.
const SchemaName = "significado"

// Schema is the JSON Schema of an answer, in the part of the language that strict structured output takes: every property
// is required, none may be added, and what the message does not say is null.
func Schema() json.RawMessage {
	type object map[string]any
	optional := object{"type": []string{"string", "null"}}
	choice := func(of ...any) object { return object{"type": []string{"string", "null"}, "enum": append(of, nil)} }
	flag := object{"type": "boolean"}
	properties := object{
		"intent": object{"type": "string", "enum": intents()}, "confidence": object{"type": "number"},
		"professional": optional, "specialty": optional, "service": optional, "symptom": optional, "date": optional, "time": optional,
		"period": choice(reception.Morning, reception.Afternoon, reception.Evening), "answer": choice("yes", "no"),
		"emergency": flag, "opt_out": flag, "wants_person": flag,
	}
	var required []string
	for name := range properties {
		required = append(required, name)
	}
	slices.Sort(required)
	// Maps of texts, numbers and lists always marshal.
	schema, _ := json.Marshal(object{"type": "object", "properties": properties, "required": required, "additionalProperties": false})
	return schema
}

// Read checks a model's answer to a message against what the patient wrote and what the clinic has. What does not stand is
// left out; complaint says what that was when it is worth asking again, and is "" otherwise. An answer that cannot be read at
// all is a meaning of no confidence.
//
// A reference is looked up as a patient's own would be. A professional counts only when the message has a word of the name; a
// speciality, a service or a symptom when the message has a word of it or the clinic has it. So a model can call "coração" by
// its speciality, and cannot make up a doctor. Nothing of the answer becomes an id in any other way.
func Read(output, msg string, in reception.Context) (m reception.Meaning, complaint string) {
	var a answer
	if err := json.Unmarshal([]byte(output), &a); err != nil || !slices.Contains(intents(), a.Intent) {
		return reception.Meaning{Intent: reception.Other}, "a resposta não é o objeto JSON pedido"
	}
	m = reception.Meaning{
		Intent: a.Intent, Confidence: min(max(a.Confidence, 0), 1),
		Emergency: a.Emergency, OptOut: a.OptOut, WantsPerson: a.WantsPerson,
		Yes: is(a.Answer, "yes"), No: is(a.Answer, "no"),
	}
	r := reader{in.Directory, text.Words(msg), nil}
	m.Professional = r.professional(a.Professional)
	m.Specialty = r.reference("specialty", a.Specialty, in.Directory.FindBySpecialty)
	m.Service = r.reference("service", a.Service, in.Directory.FindByService)
	m.Symptom = r.reference("symptom", a.Symptom, in.Directory.FindBySpecialty)
	r.lookUp(&m)
	readWhen(&m, a, in)
	if len(r.madeUp) > 0 {
		complaint = "a mensagem e as listas não têm: " + strings.Join(r.madeUp, ", ")
	}
	return m, complaint
}

// reader checks the references of an answer.
type reader struct {
	directory agenda.Directory
	words     []string // of the message
	madeUp    []string // fields that hold what is neither in the message nor in the clinic
}

// lookUp finds what the references mean at the clinic, in the order in which they count.
func (r *reader) lookUp(m *reception.Meaning) {
	var matches []agenda.Match
	services := r.directory.FindByService(m.Service)
	switch {
	case m.Professional != "":
		matches = r.directory.FindByName(m.Professional)
	case m.Specialty != "":
		matches = r.directory.FindBySpecialty(m.Specialty)
	case m.Service != "":
		matches = services
	default:
		matches = r.directory.FindBySpecialty(m.Symptom)
	}
	for _, v := range matches {
		if !slices.Contains(m.Candidates, v.Professional.ID) {
			m.Candidates = append(m.Candidates, v.Professional.ID)
		}
	}
	for _, v := range services {
		m.Services = append(m.Services, v.Service.ID)
	}
}

// professional is a name as far as the message has it. One of the clinic that the message does not name is a deduction, which
// is left out without a word.
func (r *reader) professional(given *string) string {
	named := tidy(given)
	if named == "" || r.said(named) {
		return named
	}
	if len(r.directory.FindByName(named)) == 0 {
		r.madeUp = append(r.madeUp, "professional")
	}
	return ""
}

// reference is what the message names, or what the clinic has and the message means.
func (r *reader) reference(field string, given *string, find func(string) []agenda.Match) string {
	named := tidy(given)
	if named == "" || r.said(named) || len(find(named)) > 0 {
		return named
	}
	r.madeUp = append(r.madeUp, field)
	return ""
}

// said reports whether the message has one of the words that matter in a reference, perhaps with a typo.
func (r *reader) said(reference string) bool {
	for _, word := range text.Words(reference) {
		if len(word) < 3 || slices.Contains(agenda.Fillers(), word) || agenda.IsTitle(word) {
			continue
		}
		if slices.ContainsFunc(r.words, func(w string) bool { return w == word || text.Similar(w, word) }) {
			return true
		}
	}
	return false
}

// readWhen takes over the day, unless it is over or too far away, and the hour.
func readWhen(m *reception.Meaning, a answer, in reception.Context) {
	if a.Date != nil {
		if day, err := agenda.ParseDate(*a.Date); err == nil && !day.Before(in.Today) && !day.After(in.Today.AddDays(furthest)) {
			m.Date = day
		}
	}
	if a.Time != nil {
		if at, err := agenda.ParseLocalTime(*a.Time); err == nil && at < agenda.EndOfDay {
			m.Time = &at
		}
	}
	for _, p := range []reception.Period{reception.Morning, reception.Afternoon, reception.Evening} {
		if is(a.Period, string(p)) {
			m.Period = p
		}
	}
}

func is(given *string, value string) bool { return given != nil && *given == value }

// tidy is a reference in one line; one that is too long to be one is none.
func tidy(given *string) string {
	if given == nil {
		return ""
	}
	s := plain(*given)
	if utf8.RuneCountInString(s) > maxReference || strings.EqualFold(s, "null") {
		return ""
	}
	return s
}
