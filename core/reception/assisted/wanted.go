package assisted

import (
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
)

// sure is the confidence from which a meaning stands as it is.
const sure = 0.7

// Wanted reports whether a model should be asked about a message that was understood as m without one. It is not where
// m is sure, where m is what has to be exact (an emergency, an opt-out, a request for a person, an answer to what was asked,
// the patient's data), and where the assistant is silent anyway.
func Wanted(m reception.Meaning, in reception.Context) bool {
	switch {
	case in.State == reception.HandedOff || in.State == reception.OptedOut:
		return false
	case m.Emergency || m.OptOut || m.OptIn || m.WantsPerson:
		return false
	case m.Yes || m.No || m.Coming || m.NotComing || m.Option > 0 || m.ThisNumber || m.Patient != (agenda.Patient{}) || len(m.Doubts) > 0:
		return false
	case m.Topic != reception.NoTopic || m.OwnVisit || m.Angry || m.GivesUp || m.Another || m.Wordless:
		return false
	case m.Pick != reception.NoPick || m.Shift != reception.NoShift || m.Amends != reception.NoDatum:
		return false
	case m.Intent != reception.Other && (found(m) || wishes(m)):
		return false // few words, but the clinic knows whom or when they mean
	}
	return m.Confidence < sure
}

// found reports whether the clinic has what the message refers to.
func found(m reception.Meaning) bool { return len(m.Candidates)+len(m.Services) > 0 }

// wishes reports whether the message names a day, an hour or a part of the day.
func wishes(m reception.Meaning) bool {
	return !m.Date.IsZero() || m.Time != nil || m.From != nil || m.Until != nil || m.Period != reception.AnyPeriod
}
