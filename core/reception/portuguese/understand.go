package portuguese

import (
	"slices"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese/internal/classify"
)

// Understand tells what a message means in a context. It is deterministic, and cheap whatever the message is: only the
// first 2000 characters are read.
func Understand(msg string, in reception.Context) reception.Meaning {
	return UnderstandWith(learned(), msg, in)
}

// UnderstandWith is [Understand] with another classifier, for measuring: one that some examples were kept from.
func UnderstandWith(classifier *classify.Model, msg string, in reception.Context) reception.Meaning {
	m := tokenize(msg)
	var out reception.Meaning
	refs := m.refer(in)
	days := m.dates(in.Today)
	out.Patient, days = m.patient(in, days)
	out.Doubts, days = m.doubtfulData(in, out.Patient, days)
	hours := m.hours()
	hits := vocabulary().grammar.find(m)

	refs.tell(&out)
	out.Period = m.period()
	if d, ok := m.meantDay(days); ok {
		out.Date = d
	}
	out.From, out.Until = m.bounds(hours, out.Period)
	if c, ok := meantHour(hours); ok {
		at := c.localTime(out.Period)
		out.Time = &at
		if out.Period == reception.AnyPeriod {
			out.Period = c.period
		}
	}
	out.ForOther, out.Other = m.forOther(in.State)
	out.ForSelf = !out.ForOther && in.State == reception.CollectingPatient && m.isSelf()
	m.answers(&out, hits, in)
	m.attends(&out, hits)
	rule := m.intent(hits, in.State)
	rule.precise = rule.precise || out.Yes || out.No || out.Option > 0 || out.ThisNumber || in.State == reception.CollectingPatient && out.Patient != (agenda.Patient{})
	heard := classifier.Classify(m.classified(hits))
	decided := decide(rule, heard)
	out.Intent, out.Confidence = decided.intent, decided.confidence
	m.readPlainVisit(&out)
	out.WantsPerson = has(m, hits, wantsPerson)
	out.OptOut = has(m, hits, wantsSilence) && out.Period == reception.AnyPeriod // "à noite não" is no farewell
	out.OptIn = !out.OptOut && has(m, hits, wantsAssistant)
	out.Emergency = m.isEmergency(hits) || m.soundsLikeEmergency(hits, heard)
	out.OwnVisit = out.Intent == reception.Other && (has(m, hits, own) || heard.Label == labelOwn && heard.Probability >= barSilent)
	m.aside(&out, hits, heard, in.State)
	out.GivesUp = isArranging(in.State) && !out.Refers() && (m.gaveUp() || has(m, hits, givesUp))
	settle(&out)
	out.Reasons = m.reasons(out, decided, hits, heard)
	return out
}

// settle makes the parts of a meaning agree.
func settle(out *reception.Meaning) {
	switch {
	case out.Emergency:
		out.Intent, out.Confidence = reception.HumanHandoff, 0.99
		out.Yes, out.No, out.Topic = false, false, reception.NoTopic
	case out.OptOut:
		out.Intent, out.Confidence = reception.Other, 0.95
		out.Yes, out.No, out.WantsPerson = false, false, false
	case out.OptIn:
		out.Intent, out.Confidence = reception.Other, 0.9
	case out.WantsPerson:
		if out.Intent == reception.Other || out.Intent == reception.Greeting || out.Intent == reception.Thanks {
			out.Intent, out.Confidence = reception.HumanHandoff, 0.95
		}
	}
}

// has reports whether a signal is given and not denied.
func has(m *message, hits []hit, s signal) bool {
	return slices.ContainsFunc(hits, func(h hit) bool { return h.signal == s && !m.isNegated(h) })
}

// meantDay is the day that the message wishes: the first that is not refused; of "de segunda para quinta" the second.
func (m *message) meantDay(days []day) (agenda.Date, bool) {
	var found agenda.Date
	ok := false
	for _, d := range days {
		if d.refused {
			continue
		}
		moved := m.wordAt(d.start-1) == "para" || m.isPhrase(d.start-2, "para", "a|o|as")
		if !ok || moved {
			found, ok = d.date, true
		}
	}
	return found, ok
}

func meantHour(hours []clock) (clock, bool) {
	for _, c := range hours {
		if !c.refused {
			return c, true
		}
	}
	return clock{}, false
}

// readPlainVisit notes "consulta" or "avaliação" as what is asked for when nothing else is: its price, or a first visit. It
// belongs to no professional unless the clinic lists it as a service.
func (m *message) readPlainVisit(out *reception.Meaning) {
	if out.Service != "" || out.Specialty != "" || out.Professional != "" && out.Intent != reception.AskPrice {
		return
	}
	for i, t := range m.tokens {
		switch {
		case t.used != unused:
			continue
		case t.word == "avaliacao" && (out.Intent == reception.Schedule || out.Intent == reception.AskPrice):
		case (t.word == "consulta" || t.word == "retorno") && out.Intent == reception.AskPrice:
		default:
			continue
		}
		out.Service = m.typed(i, i+1)
		return
	}
}
