package assisted

import (
	"github.com/secretary-api/secretary/core/reception"
)

const (
	// heard is the confidence from which a model's reading counts.
	heard = 0.5
	// mostSure is the most that a reading counts for: what the rules of the house are sure of stays surer.
	mostSure = 0.9
)

// Combine joins what a message meant without a model with what a model read in it, as [Read] returned it. An alarm of
// either stands. What was recognised without the model stays; the model says what was missing.
func Combine(m, read reception.Meaning, state reception.State) reception.Meaning {
	if read.Emergency {
		m.Emergency, m.Intent, m.Confidence, m.Yes, m.No = true, reception.HumanHandoff, mostSure, false, false
		return m
	}
	if read.Confidence < heard {
		return m
	}
	m.Intent, m.Confidence = read.Intent, min(read.Confidence, mostSure)
	m.WantsPerson = read.WantsPerson || read.Intent == reception.HumanHandoff
	m.OptOut = read.OptOut
	if m.OptOut {
		m.Intent, m.WantsPerson = reception.Other, false
		return m
	}
	if !found(m) {
		m.Professional, m.Specialty, m.Service, m.Symptom = read.Professional, read.Specialty, read.Service, read.Symptom
		m.Candidates, m.Services = read.Candidates, read.Services
	}
	if !wishes(m) {
		m.Date, m.Time, m.Period = read.Date, read.Time, read.Period
	}
	m.No = read.No
	m.Yes = read.Yes && !read.No && !state.Writes() // there only the patient's own words count
	return m
}
