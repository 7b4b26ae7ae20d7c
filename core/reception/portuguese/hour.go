package portuguese

import (
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
)

// clock is an hour that a message names.
type clock struct {
	start, end int
	minutes    int // since midnight, as it was said: "3 da tarde" is 180 until the period is known
	period     reception.Period
	refused    bool
}

// hours finds the hours of a message and marks their tokens.
func (m *message) hours() []clock {
	var out []clock
	for i := 0; i < len(m.tokens); i++ {
		if m.tokens[i].used != unused {
			continue
		}
		c, ok := m.hourAt(i)
		if !ok {
			continue
		}
		c.start = i
		for j := i; j < c.end; j++ {
			m.tokens[j].used = usedHour
		}
		c.refused = m.isRefused(c.start, c.end)
		out = append(out, c)
		i = c.end - 1
	}
	return out
}

// hourAt reads an hour at token i: "15h30", "15:30", "9 e meia", "3 da tarde", "meio-dia"; a bare number only after a
// word such as "às".
func (m *message) hourAt(i int) (clock, bool) {
	if m.isPhrase(i, "meio", "dia") {
		return m.half(clock{end: i + 2, minutes: 12 * 60}), true
	}
	hour, marked := m.numberAt(i), false
	if hour < 0 {
		if hour = cardinal(m.wordAt(i)); hour < 1 || hour > 12 {
			return clock{}, false
		}
	} else if len(m.tokens[i].raw) > 2 {
		return clock{}, false
	}
	if hour > 23 || m.isDuration(i) || m.isSlash(i) || m.isSlash(i+1) && m.tokens[i+1].sep != "." {
		return clock{}, false
	}
	c := clock{end: i + 1, minutes: hour * 60}
	if m.isMinutes(i + 1) { // 15:30
		c.minutes, c.end, marked = c.minutes+m.numberAt(i+1), i+2, true
	}
	switch m.wordAt(c.end) {
	case "h", "horas", "hora":
		if !m.tokens[c.end].end {
			c.end, marked = c.end+1, true
			if v := m.numberAt(c.end); v >= 0 && v < 60 && len(m.tokens[c.end].raw) == 2 && m.tokens[c.end].sep == "" {
				c.minutes, c.end = c.minutes+v, c.end+1
				if w := m.wordAt(c.end); (w == "min" || w == "minutos" || w == "m") && !m.tokens[c.end].end {
					c.end++
				}
			}
		}
	}
	before := c.end
	c = m.half(c)
	c = m.partOfDay(c)
	if c.end > before && (m.tokens[i].isNumber() || c.period != reception.AnyPeriod || marked || m.isAnnounced(i)) {
		marked = true
	}
	if m.isPhrase(c.end, "em", "ponto") {
		c.end, marked = c.end+2, true
	}
	if !marked && !m.isAnnounced(i) {
		return clock{}, false
	}
	if !marked && m.isCount(i+1) {
		return clock{}, false
	}
	return c, true
}

// isMinutes reports whether token i is the minutes of "15:30" or, after "às", of "15.30".
func (m *message) isMinutes(i int) bool {
	if v := m.numberAt(i); v < 0 || v > 59 || len(m.tokens[i].raw) != 2 {
		return false
	}
	switch m.tokens[i].sep {
	case ":", ": ", " : ":
		return true
	case ".", ",":
		return m.isAnnounced(i - 1)
	}
	return false
}

// half reads "e meia", "e 15", "e quinze" after an hour.
func (m *message) half(c clock) clock {
	if m.wordAt(c.end) != "e" || m.tokens[c.end].end {
		return c
	}
	switch m.wordAt(c.end + 1) {
	case "meia":
		c.minutes, c.end = c.minutes+30, c.end+2
	case "quinze":
		c.minutes, c.end = c.minutes+15, c.end+2
	default:
		if v := m.numberAt(c.end + 1); v > 0 && v < 60 && v%5 == 0 && !m.isHourAhead(c.end+1) {
			c.minutes, c.end = c.minutes+v, c.end+2
		}
	}
	return c
}

// partOfDay reads "da tarde" after an hour.
func (m *message) partOfDay(c clock) clock {
	if !m.isPhrase(c.end, "da|de|a|na|pela") {
		return c
	}
	if p := periodOf(m.wordAt(c.end + 1)); p != reception.AnyPeriod {
		c.period, c.end = p, c.end+2
	}
	return c
}

// isAnnounced reports whether a word before token i says that an hour comes: "às 15".
func (m *message) isAnnounced(i int) bool {
	if i == 0 || m.tokens[i].end {
		return false
	}
	switch m.wordAt(i - 1) {
	case "as", "pelas", "ate":
		return true
	case "a": // "a partir das" is below; "à 15" is how "às 15" is often typed
		return m.tokens[i-1].folded != m.tokens[i-1].raw && m.tokens[i].isNumber()
	case "das":
		return true
	case "entre":
		return m.tokens[i].isNumber() && m.wordAt(i+1) == "e"
	case "umas":
		return i > 1 && (m.wordAt(i-2) == "la" || m.wordAt(i-2) == "por" || m.wordAt(i-2) == "as" || m.wordAt(i-2) == "para")
	case "para":
		return m.tokens[i-1].folded == "pras"
	}
	return i > 0 && m.tokens[i-1].used == usedDate && m.tokens[i].isNumber() && m.tokens[i].number() >= 7 && m.tokens[i].number() <= 20 &&
		!m.isCount(i+1)
}

// isCount reports whether the word at i makes the number before it a count of something.
func (m *message) isCount(i int) bool {
	switch m.wordAt(i) {
	case "dia", "dias", "semana", "semanas", "mes", "meses", "ano", "anos", "minuto", "minutos", "min", "pessoas", "vezes", "x", "reais", "opcao", "opcoes",
		"sessoes", "consultas", "real", "kg", "filhos", "mil":
		return true
	}
	return false
}

// isDuration reports whether the number at i counts hours: "há 2 horas".
func (m *message) isDuration(i int) bool {
	switch m.wordAt(i - 1) {
	case "ha", "faz", "durante", "cada", "dura", "demora", "leva", "daqui", "em", "dia", "numero", "r":
		return !m.tokens[i].end
	}
	return m.isCount(i + 1)
}

// periodOf is the part of the day that a word names.
func periodOf(word string) reception.Period {
	switch word {
	case "manha", "manhazinha", "manhas":
		return reception.Morning
	case "tarde", "tardinha", "tardezinha", "tardes":
		return reception.Afternoon
	case "noite", "noitinha", "noites":
		return reception.Evening
	}
	return reception.AnyPeriod
}

// period is the part of the day that a message wishes for. "boa tarde" greets, "mais tarde" and "tarde demais" compare.
func (m *message) period() reception.Period {
	for i, t := range m.tokens {
		p := periodOf(t.word)
		switch {
		case t.used == usedHour:
			continue
		case m.isPhrase(i, "depois|apos", "do", "almoco"):
			return reception.Afternoon
		case m.isPhrase(i, "antes", "do", "almoco"), m.isPhrase(i, "primeiro|primeiros", "horario|horarios", "do|da", "dia|manha"):
			return reception.Morning
		case m.isPhrase(i, "fim|final|finalzinho|fimzinho", "do", "dia"), m.isPhrase(i, "depois", "do", "trabalho|expediente"):
			return reception.Evening
		case p == reception.AnyPeriod:
			continue
		}
		switch m.wordAt(i - 1) {
		case "boa", "mais", "muito", "bem", "bom", "ficou", "ontem", "tao", "ja", "melhor":
			continue
		}
		if m.isRefused(i, i+1) || m.wordAt(i+1) == "demais" || m.wordAt(i+1) == "nao" && m.canNot(i+1) {
			continue
		}
		return p
	}
	return reception.AnyPeriod
}

// localTime is the wall-clock time that an hour means: "3 da tarde" is 15:00, and "às 3" without more as well, because nobody
// is seen at three in the morning.
func (c clock) localTime(period reception.Period) agenda.LocalTime {
	if c.period != reception.AnyPeriod {
		period = c.period
	}
	minutes := c.minutes
	switch {
	case period == reception.Afternoon && minutes < 12*60, period == reception.Evening && minutes < 12*60 && minutes >= 5*60:
		minutes += 12 * 60
	case period == reception.AnyPeriod && minutes >= 60 && minutes < 7*60:
		minutes += 12 * 60
	}
	return agenda.LocalTime(minutes)
}
