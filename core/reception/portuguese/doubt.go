package portuguese

import (
	"strings"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
)

// doubts are the patient's data that a message tells, after they were asked for, in a way that cannot be right: a birthday
// that never was, a telephone with a digit missing, one name alone. Days among them are wished by nobody, and taken out.
func (m *message) doubts(in reception.Context, p agenda.Patient, days []day) (doubts []reception.Datum, wished []day) {
	if in.State != reception.CollectingPatient {
		return nil, days
	}
	if p.Name == "" && m.isOneName() {
		doubts = append(doubts, reception.NameDatum)
	}
	if p.BirthDate.IsZero() {
		var doubtful bool
		if doubtful, days = m.doubtfulBirth(in.Today, days); doubtful {
			doubts = append(doubts, reception.BirthDateDatum)
		}
	}
	if p.Phone == "" && m.isDoubtfulPhone() {
		doubts = append(doubts, reception.PhoneDatum)
	}
	return doubts, days
}

// farAhead is how many years from now nobody wishes a visit in.
const farAhead = 2

// canBeBirth reports whether somebody who lives may have been born on a day.
func canBeBirth(d, today agenda.Date) bool {
	return d.Before(today) && d.Year >= today.Year-agenda.OldestPatient
}

func (m *message) doubtfulBirth(today agenda.Date, days []day) (bool, []day) {
	for i, d := range days {
		ahead := d.withYear && d.date.Year > today.Year+farAhead
		long := m.isYear(d.end) && strings.Trim(m.tokens[d.end].sep, "/-.") == "" // one that no visit is in: 1785
		if long {
			d.end++
		}
		if ahead || long || d.withYear && !canBeBirth(d.date, today) && d.date.Before(today) || m.speaksOfBirth(d.start) {
			m.use(d.start, d.end)
			return true, append(append([]day{}, days[:i]...), days[i+1:]...)
		}
	}
	for i := range m.tokens {
		if m.isImpossibleDate(i) {
			m.use(i, i+3)
			return true, days
		}
	}
	return false, days
}

// isYear reports whether four digits stand at i.
func (m *message) isYear(i int) bool {
	return i < len(m.tokens) && m.tokens[i].isNumber() && len(m.tokens[i].raw) == 4
}

// use takes tokens for the patient's data.
func (m *message) use(start, end int) {
	for i := start; i < end; i++ {
		m.tokens[i].used = usedPatient
	}
}

// isImpossibleDate reports whether three numbers at i are written as a date that no calendar has: "30/02/1990".
func (m *message) isImpossibleDate(i int) bool {
	if i+2 >= len(m.tokens) {
		return false
	}
	between := m.tokens[i+1].sep
	if between != m.tokens[i+2].sep || strings.Trim(between, "/-.") != "" || between == "" {
		return false
	}
	for j := i; j < i+3; j++ {
		if !m.tokens[j].isNumber() || m.tokens[j].used != unused {
			return false
		}
	}
	year := len(m.tokens[i+2].raw)
	return len(m.tokens[i].raw) <= 2 && len(m.tokens[i+1].raw) <= 2 && (year == 2 || year == 4) &&
		(i+3 == len(m.tokens) || m.tokens[i+3].sep != between)
}

// isDoubtfulPhone reports whether a run of numbers is long enough to be meant for a telephone.
func (m *message) isDoubtfulPhone() bool {
	for i := 0; i < len(m.tokens); i++ {
		if !m.tokens[i].isNumber() || m.tokens[i].used != unused {
			continue
		}
		end, digits := m.numbersFrom(i), 0
		for j := i; j < end; j++ {
			digits += len(m.tokens[j].raw)
		}
		if digits >= 7 && !m.looksLikeCPF(i, end) && !m.isClose(i) {
			m.use(i, end)
			return true
		}
		i = max(i, end-1)
	}
	return false
}

// isOneName reports whether the message, or the part of it that it begins with, is one word that is written as a name.
func (m *message) isOneName() bool {
	if len(m.tokens) == 0 || len(m.tokens) > 1 && !m.breaksBefore(1) {
		return false
	}
	t := m.tokens[0]
	return t.used == unused && t.isCapital() && len(t.folded) > 2 && !t.isNumber() && !m.isPlain(0) && !isTitle(t.word) &&
		!isAgreement(t.word) && !isFiller(t.word) && m.canBeName(0)
}
