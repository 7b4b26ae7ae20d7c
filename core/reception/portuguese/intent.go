package portuguese

import (
	"fmt"
	"slices"

	"github.com/secretary-api/secretary/core/reception"
)

// signal is what a phrase is a sign of.
type signal int

const (
	wantsVisit signal = iota
	wantsMove
	wantsOtherTime // "tem outro horário?": a move, unless a visit is just being arranged
	wantsCancel
	givesUp    // "não quero mais": takes back what is being arranged, else cancels
	cannotCome // "não vou poder ir": cancels, but takes another time when nothing is booked yet
	asksPrice
	asksHours
	asksServices
	asksProfessionals
	greets
	thanks
	own           // speaks of a visit of one's own
	informs       // asks for something else, such as the address, or tells it
	saysSomething // neither asks nor wants anything now
	wantsPerson
	wantsSilence
	wantsAssistant
	emergency
	pastOrOther
	idiom

	// The signals of a grammar of their own, which decide no intent.
	asksAddress
	asksPayment
	asksInsurance
	asksAssistant
	asksMedical
	complains
	picksEarliest
	picksLast
	picksAny
	picksAnyTime
	shiftsLater
	shiftsEarlier
	shiftsDay
	shiftsOn
	wantsAnother
	amendsName
	amendsBirth
	amendsPhone
)

// intentOf is the intent that a signal stands for in a state.
func intentOf(s signal, state reception.State) reception.Intent {
	switch s {
	case wantsVisit:
		return reception.Schedule
	case wantsMove:
		return reception.Reschedule
	case wantsOtherTime:
		if state == reception.ChoosingProfessional || state == reception.CollectingPatient {
			return reception.Schedule
		}
		return reception.Reschedule
	case givesUp:
		if isArranging(state) {
			return reception.Other
		}
		return reception.Cancel
	case wantsCancel, cannotCome:
		return reception.Cancel
	case asksPrice:
		return reception.AskPrice
	case asksHours:
		return reception.AskHours
	case asksServices:
		return reception.AskServices
	case asksProfessionals:
		return reception.AskProfessionals
	case greets:
		return reception.Greeting
	case thanks:
		return reception.Thanks
	case wantsPerson, emergency:
		return reception.HumanHandoff
	case own, informs, saysSomething, wantsSilence, wantsAssistant, pastOrOther, idiom,
		asksAddress, asksPayment, asksInsurance, asksAssistant, asksMedical, complains, picksEarliest, picksLast, picksAny, picksAnyTime,
		shiftsLater, shiftsEarlier, shiftsDay, shiftsOn, wantsAnother, amendsName, amendsBirth, amendsPhone:
	}
	return reception.Other
}

// rank orders phrases: by weight, and of about the same weight the longer says more.
func (h hit) rank() int { return h.weight + min(h.end-h.start, 5) }

func isArranging(state reception.State) bool {
	switch state {
	case reception.ChoosingProfessional, reception.CollectingPatient, reception.ChoosingSlot, reception.Confirming:
		return true
	case reception.Idle, reception.Booked, reception.Cancelling, reception.Rescheduling, reception.HandedOff, reception.OptedOut:
	}
	return false
}

// intent is what the rules read the message to want, and how sure they are.
func (m *message) intent(hits []hit, state reception.State) opinion {
	var best hit
	for _, h := range hits {
		if h.signal >= wantsSilence || h.rank() <= best.rank() || m.isNegated(h) {
			continue
		}
		if h.signal == saysSomething && h.weight > 70 && m.goesOn(h, hits) {
			continue
		}
		best = h
	}
	if best.weight == 0 {
		return m.bareIntent()
	}
	if best.signal == cannotCome && isArranging(state) {
		best.signal = wantsOtherTime // nothing is booked yet that could be cancelled
	}
	o := opinion{intent: intentOf(best.signal, state), confidence: confidence(best.weight), because: m.quoted(best)}
	rest := m.unexplained(hits)
	if best.signal == greets && rest > 2 {
		return opinion{intent: reception.Other, confidence: 0.35} // a greeting, and then something else
	}
	o.precise = best.weight >= 60 || rest <= 1
	return o
}

// quoted tells which words of the message a phrase is.
func (m *message) quoted(h hit) string {
	return fmt.Sprintf("%q", m.typed(h.start, h.end))
}

// unexplained is how many words of the message are in no phrase that was found, and say something.
func (m *message) unexplained(hits []hit) int {
	rest := 0
	for i, t := range m.tokens {
		found := t.used != unused || isFiller(t.word) || isAgreement(t.word) || slices.ContainsFunc(hits, func(h hit) bool { return h.start <= i && i < h.end })
		if !found {
			rest++
		}
	}
	return rest
}

// bareIntent is the intent of a message without a known phrase: who names a speciality wants to see it.
func (m *message) bareIntent() opinion {
	named := unused
	rest := 0
	for _, t := range m.tokens {
		switch {
		case t.used.isReference():
			if named == unused || t.used < named {
				named = t.used
			}
		case t.used == unused:
			rest++
		}
	}
	if named == unused {
		if m.isOnlyWhen() {
			return opinion{intent: reception.Schedule, confidence: 0.6, precise: true, because: "only names a day or an hour"}
		}
		return opinion{intent: reception.Other, confidence: 0.3}
	}
	if rest > 12 {
		return opinion{intent: reception.Other, confidence: 0.35} // a story in which it occurs
	}
	return opinion{intent: reception.Schedule, confidence: 0.6, precise: rest <= 1, because: "names whom or what to book"}
}

// isOnlyWhen reports whether a message only names a day or an hour.
func (m *message) isOnlyWhen() bool {
	named := false
	for _, t := range m.tokens {
		switch {
		case t.used == usedDate, t.used == usedHour:
			named = true
		case !isFiller(t.word) && periodOf(t.word) == reception.AnyPeriod && t.word != "depois" && t.word != "antes" && t.word != "cedo" && t.word != "das":
			return false
		}
	}
	return named
}

// goesOn reports whether a remark is only the beginning: a request follows in another sentence, or after a comma.
func (m *message) goesOn(remark hit, hits []hit) bool {
	for _, h := range hits {
		if h.signal > asksProfessionals || h.weight < 60 || m.isNegated(h) {
			continue
		}
		if h.start >= remark.end && m.breaks(remark.end, h.start+1) {
			return true
		}
	}
	return false
}

// breaks reports whether a comma or the end of a sentence stands before one of the tokens from start to end.
func (m *message) breaks(start, end int) bool {
	for i := start; i < end && i < len(m.tokens); i++ {
		if i > 0 && (m.tokens[i].end || m.tokens[i].comma) || m.tokens[i].word == "mas" {
			return true
		}
	}
	return false
}

func confidence(weight int) float64 {
	switch {
	case weight >= 70:
		return 0.95
	case weight >= 60:
		return 0.8
	case weight >= 40:
		return 0.7
	}
	return 0.45
}

// sentence returns where the sentence of a token starts and ends.
func (m *message) sentence(i int) (start, end int) {
	start, end = i, i+1
	for start > 0 && !m.tokens[start].end {
		start--
	}
	for end < len(m.tokens) && !m.tokens[end].end {
		end++
	}
	return start, end
}

// isNegated reports whether a phrase is denied: "não quero cancelar", "sem dor no peito". "não consigo agendar" and
// "não tem horário?" are no denials of the wish.
func (m *message) isNegated(h hit) bool {
	for i := h.start; i > 0; i-- {
		before := m.tokens[i-1].word
		if m.tokens[i].end || m.tokens[i].comma {
			return false
		}
		switch before {
		case "nao", "nem", "nunca", "jamais":
			return !m.isQuestion(h) || h.signal == emergency
		case "sem":
			return h.signal == emergency
		case "quero", "queria", "gostaria", "preciso", "precisa", "vou", "vamos", "desejo", "pretendo", "era", "e", "para", "de", "que",
			"eu", "ele", "ela", "mais", "estou", "esta", "tenho", "tive", "teve", "senti", "sinto", "sente", "sentindo", "com", "tem", "ter",
			"tinha", "houve", "a", "o", "uma", "um", "foi", "falei", "disse", "pedi", "precisar", "precisava", "nenhuma", "nenhum", "so":
			if h.start-i >= 4 {
				return false
			}
		default:
			return false
		}
	}
	return false
}

// isQuestion reports whether a phrase asks whether there is something: "não tem horário amanhã?" wants one.
func (m *message) isQuestion(h hit) bool {
	switch m.tokens[h.start].word {
	case "tem", "teria", "da", "consigo", "posso", "pode", "consegue", "poderia", "daria", "ha", "atende", "atendem", "fazem", "faz", "aceita",
		"aceitam", "abre", "abrem", "funciona", "funcionam":
		return true
	}
	return false
}
