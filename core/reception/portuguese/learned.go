package portuguese

import (
	_ "embed" // the weights
	"slices"
	"strconv"
	"sync"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese/internal/classify"
)

//go:generate go run ./internal/train -o learned.bin

//go:embed learned.bin
var learnedWeights []byte

// learned is the classifier, which was trained from internal/examples/examples.txt.
//
//nolint:gochecknoglobals // decoded once from a constant, never changed
var learned = sync.OnceValue(func() *classify.Model {
	m, err := classify.Decode(learnedWeights)
	if err != nil {
		panic("portuguese: learned.bin: run go generate: " + err.Error())
	}
	return m
})

// The labels of the examples that are no intents of their own.
const (
	labelEmergency = "emergency"
	labelOptOut    = "opt_out"
	labelOwn       = "own_visit" // asks about or speaks of a visit of one's own
	labelPractical = "practical" // address, insurance, documents, results
	labelRemark    = "remark"    // wants nothing now
	labelOffTopic  = "off_topic"
)

// IntentOf is the intent that a label of the examples stands for.
func IntentOf(label string) reception.Intent {
	switch label {
	case labelEmergency:
		return reception.HumanHandoff
	case labelOptOut, labelOwn, labelPractical, labelRemark, labelOffTopic, "":
		return reception.Other
	}
	return reception.Intent(label)
}

// Words are the words of a message as the classifier sees them: folded, written out and corrected, with days, hours,
// numbers and the names of people and things by their kind, since any other would do as well. They depend on no clinic.
func Words(msg string) []string {
	m := tokenize(msg)
	in := reception.Context{Today: agenda.Date{Year: 2026, Month: 1, Day: 1}, State: reception.Idle}
	m.refer(in)
	m.patient(in, m.dates(in.Today))
	m.hours()
	return m.classified(vocabulary().grammar.find(m))
}

// classified are the words of a message that was read, and behind them what the rules found in it: the classifier learns
// how much each is worth, and which wins.
func (m *message) classified(hits []hit) []string {
	words := make([]string, 0, len(m.tokens))
	for i, t := range m.tokens {
		kind := kindOf(t)
		if kind != "" && (i == 0 || kindOf(m.tokens[i-1]) != kind) {
			words = append(words, kind)
		}
		// What hurts says how much it hurries.
		if t.word != "" && (kind == "" || t.used == usedSymptom) {
			words = append(words, t.word)
		}
	}
	if len(words) == 0 {
		return nil
	}
	for s := range idiom + 1 {
		found := slices.IndexFunc(hits, func(h hit) bool { return h.signal == s && !m.isNegated(h) })
		if found >= 0 {
			words = append(words, "<"+strconv.Itoa(int(s))+">")
		}
	}
	return append(words, "<"+string(m.intent(hits, reception.Idle).intent)+">")
}

// soundsLikeEmergency reports whether the classifier hears an emergency where the rules know no word of it. It adds caution
// and never takes any away: a sign that the rules have seen and found denied, or told of the past, stays so.
func (m *message) soundsLikeEmergency(hits []hit, heard classify.Verdict) bool {
	return heard.Label == labelEmergency && heard.Probability >= barEmergency &&
		!slices.ContainsFunc(hits, func(h hit) bool { return h.signal == emergency || h.signal == pastOrOther || h.signal == idiom })
}

// kindOf is what stands for a token, "" when its word does.
func kindOf(t token) string {
	switch t.used {
	case usedName:
		return "<name>"
	case usedSpecialty:
		return "<specialty>"
	case usedService:
		return "<service>"
	case usedSymptom:
		return "<symptom>"
	case usedDate:
		return "<date>"
	case usedHour:
		return "<hour>"
	case usedPatient:
		return "<patient>"
	case unused:
	}
	if t.isNumber() {
		return "<number>"
	}
	return ""
}
