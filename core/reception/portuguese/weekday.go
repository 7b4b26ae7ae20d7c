package portuguese

import (
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

// relativeDate reads "hoje", "depois de amanhã", "daqui a 3 dias", "semana que vem".
func (m *message) relativeDate(i int, today agenda.Date) (day, int) {
	switch m.wordAt(i) {
	case "hoje":
		n := 1
		if _, more := m.weekdayDate(i+1, today); more > 0 && !m.tokens[i+1].end { // "hoje, sexta": today it is
			n += more
		}
		return day{date: today}, n
	case "amanha":
		return day{date: today.AddDays(1)}, 1
	case "depois":
		if m.isPhrase(i+1, "de", "amanha") {
			return day{date: today.AddDays(2)}, 3
		}
		if m.isPhrase(i+1, "amanha") {
			return day{date: today.AddDays(2)}, 2
		}
	case "daqui", "dentro":
		at := i + 1
		if w := m.wordAt(at); w == "a" || w == "de" || w == "ha" || w == "uns" {
			at++
		}
		return m.span(i, at, today)
	case "em":
		if m.wordAt(i+2) == "dias" || m.wordAt(i+2) == "semanas" || m.wordAt(i+2) == "semana" {
			return m.span(i, i+1, today)
		}
	case "semana", "mes":
		if m.isPhrase(i+1, "que", "vem|entra") {
			return m.inNext(m.wordAt(i), i, 3, today)
		}
		if m.isPhrase(i+1, "seguinte") {
			return m.inNext(m.wordAt(i), i, 2, today)
		}
	case "proxima", "proximo", "outra":
		if w := m.wordAt(i + 1); (w == "semana" || w == "mes" && m.wordAt(i) == "proximo") && !m.tokens[i+1].end {
			return m.inNext(w, i, 2, today)
		}
	}
	return day{}, 0
}

// span reads "3 dias", "duas semanas", "um mês" at token at, counted from today.
func (m *message) span(i, at int, today agenda.Date) (day, int) {
	count := m.numberAt(at)
	if count < 0 {
		count = cardinal(m.wordAt(at))
	}
	if count < 1 || count > 400 {
		return day{}, 0
	}
	switch m.wordAt(at + 1) {
	case "dia", "dias":
		return day{date: today.AddDays(count)}, at + 2 - i
	case "semana", "semanas":
		return day{date: today.AddDays(7 * count)}, at + 2 - i
	case "mes", "meses":
		return day{date: today.AddDays(30 * count)}, at + 2 - i
	}
	return day{}, 0
}

// inNext is the next week or month, named by the n tokens from i: a weekday behind it, else how it begins.
func (m *message) inNext(unit string, i, n int, today agenda.Date) (day, int) {
	begins := startOfNext(unit, today)
	if unit == "semana" {
		at := i + n
		if m.isPhrase(at, "na|no|de|a") {
			at++
		}
		if weekday, more := m.weekdayAt(at); more > 0 && !m.tokens[at].end {
			return day{date: inWeekOf(begins, weekday)}, at + more - i
		}
	}
	return day{date: begins}, n
}

// startOfNext is the Monday of next week, or the first of next month.
func startOfNext(unit string, today agenda.Date) agenda.Date {
	if unit == "mes" {
		return firstOfNextMonth(today)
	}
	return after(today, time.Monday)
}

// after is the next such weekday, strictly after d.
func after(d agenda.Date, weekday time.Weekday) agenda.Date {
	ahead := (int(weekday) - int(d.Weekday()) + 6) % 7
	return d.AddDays(ahead + 1)
}

// weekdayDate reads "segunda", "2ª feira", "próxima terça", "quarta da semana que vem", "fim de semana".
func (m *message) weekdayDate(i int, today agenda.Date) (day, int) {
	if m.isPhrase(i, "fim|final", "de", "semana") {
		return day{date: after(today, time.Saturday)}, 3
	}
	weekday, n := m.weekdayAt(i)
	if n == 0 {
		return day{}, 0
	}
	date := after(today, weekday)
	rest := i + n
	switch {
	case m.isPhrase(rest, "que", "vem"):
		n += 2
	case m.isPhrase(rest, "da|na", "semana", "que", "vem"):
		date, n = inWeekOf(startOfNext("semana", today), weekday), n+4
	case m.isPhrase(rest, "da|na", "proxima|outra", "semana"):
		date, n = inWeekOf(startOfNext("semana", today), weekday), n+3
	default:
		if num, more := m.dayNumberAfter(rest); more > 0 { // "segunda, dia 15": the day of the month decides
			if d, used := m.dayOfMonth(rest, today); used > 0 && num > 0 {
				return d, n + used
			}
		}
	}
	return day{date: date}, n
}

func (m *message) dayNumberAfter(i int) (number, n int) {
	if m.wordAt(i) == "dia" && !m.tokens[i].end {
		if v := m.numberAt(i + 1); v > 0 {
			return v, 2
		}
	}
	return 0, 0
}

// inWeekOf is the weekday of the week that begins on a Monday.
func inWeekOf(monday agenda.Date, weekday time.Weekday) agenda.Date {
	return monday.AddDays((int(weekday) + 6) % 7)
}

// weekdayAt reads the name of a weekday at token i.
func (m *message) weekdayAt(i int) (weekday time.Weekday, n int) {
	if i < 0 || i >= len(m.tokens) {
		return 0, 0
	}
	if v := m.numberAt(i); v >= 2 && v <= 6 { // "2a feira", "2ª-feira", "3 feira"
		at := i + 1
		if m.wordAt(at) == "a" {
			at++
		}
		if w := m.wordAt(at); w == "feira" || w == "f" {
			return time.Weekday(v - 1), at + 1 - i
		}
		return 0, 0
	}
	weekday, ok := weekdayOf(m.wordAt(i))
	if !ok {
		return 0, 0
	}
	switch m.wordAt(i) {
	case "segunda", "quarta", "quinta", "terca", "sexta":
		if m.isPhrase(i+1, "feira|feiras") {
			return weekday, 2
		}
		switch m.wordAt(i + 1) { // "segunda via", "segunda opção" count something
		case "via", "opcao", "vez", "opiniao", "dose", "consulta", "sessao", "pessoa", "parcela", "alternativa":
			return 0, 0
		}
	}
	return weekday, 1
}

func weekdayOf(word string) (time.Weekday, bool) {
	switch word {
	case "domingo", "domingos":
		return time.Sunday, true
	case "segunda", "segundas":
		return time.Monday, true
	case "terca", "tercas":
		return time.Tuesday, true
	case "quarta", "quartas":
		return time.Wednesday, true
	case "quinta", "quintas":
		return time.Thursday, true
	case "sexta", "sextas":
		return time.Friday, true
	case "sabado", "sabados":
		return time.Saturday, true
	}
	return 0, false
}

// cardinal is the value of a number written in letters, up to twelve and some; -1 of any other word.
func cardinal(word string) int {
	switch word {
	case "um", "uma":
		return 1
	case "dois", "duas":
		return 2
	case "tres":
		return 3
	case "quatro":
		return 4
	case "cinco":
		return 5
	case "seis":
		return 6
	case "sete":
		return 7
	case "oito":
		return 8
	case "nove":
		return 9
	case "dez":
		return 10
	case "onze":
		return 11
	case "doze":
		return 12
	case "quinze":
		return 15
	case "vinte":
		return 20
	case "trinta":
		return 30
	}
	return -1
}
