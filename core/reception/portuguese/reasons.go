package portuguese

import (
	"fmt"

	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese/internal/classify"
)

// reasons tells people why a meaning is what it is: what was understood, a colon, and by which words.
func (m *message) reasons(out reception.Meaning, decided opinion, hits []hit, heard classify.Verdict) []string {
	var list []string
	because := func(what string, s signal) {
		for _, h := range hits {
			if h.signal == s && !m.isNegated(h) {
				list = append(list, what+": "+m.quoted(h))
				return
			}
		}
		if s == emergency {
			list = append(list, fmt.Sprintf("%s: %s", what, sound(heard)))
		}
	}
	if out.Emergency {
		because("emergency", emergency)
	}
	if out.OptOut {
		because("opt-out", wantsSilence)
	}
	if out.OptIn {
		because("opt-in", wantsAssistant)
	}
	if out.WantsPerson {
		because("person", wantsPerson)
	}
	if decided.because != "" && !out.Emergency && !out.OptOut && !out.OptIn {
		list = append(list, string(decided.intent)+": "+decided.because)
	}
	for _, named := range []struct{ what, words string }{
		{"professional", out.Professional}, {"specialty", out.Specialty}, {"service", out.Service}, {"symptom", out.Symptom},
	} {
		if named.words != "" {
			list = append(list, fmt.Sprintf("%s: %q, %d of the clinic", named.what, named.words, len(out.Candidates)))
		}
	}
	return list
}

// sound is how a verdict of the classifier is told.
func sound(v classify.Verdict) string {
	return fmt.Sprintf("sounds like %s (%.2f)", v.Label, v.Probability)
}
