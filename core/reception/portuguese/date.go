package portuguese

import (
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

// day is a day that a message names.
type day struct {
	start, end int
	date       agenda.Date
	withYear   bool // the year was written
	refused    bool // "segunda não posso"
}

// dates finds the days of a message, relative to today, and marks their tokens.
func (m *message) dates(today agenda.Date) []day {
	var out []day
	for i := 0; i < len(m.tokens); i++ {
		if m.tokens[i].used != unused {
			continue
		}
		d, n := m.dateAt(i, today)
		if n == 0 {
			continue
		}
		n = min(n, len(m.tokens)-i)
		out = append(out, day{start: i, end: i + n, date: d.date, withYear: d.withYear})
		i += n - 1
	}
	for i, d := range out {
		for j := d.start; j < d.end; j++ {
			m.tokens[j].used = usedDate
		}
		out[i].refused = m.isRefused(d.start, d.end) || m.wordAt(d.end) == "nao" && m.canNot(d.end)
	}
	return out
}

// canNot reports whether "não" at i goes on as "não posso", "não dá".
func (m *message) canNot(i int) bool {
	switch m.wordAt(i + 1) {
	case "posso", "da", "consigo", "vou", "rola", "tenho", "serve", "poderei", "estarei", "quero", "vai":
		return true
	}
	return false
}

// wordAt is the word of token i, "" beyond the message.
func (m *message) wordAt(i int) string {
	if i < 0 || i >= len(m.tokens) {
		return ""
	}
	return m.tokens[i].word
}

// numberAt is the number at token i, -1 when there is none.
func (m *message) numberAt(i int) int {
	if i < 0 || i >= len(m.tokens) {
		return -1
	}
	return m.tokens[i].number()
}

// dateAt reads a day at token i; n is how many tokens it takes, 0 when there is none.
func (m *message) dateAt(i int, today agenda.Date) (d day, n int) {
	for _, read := range []func(int, agenda.Date) (day, int){m.writtenDate, m.relativeDate, m.weekdayDate, m.dayOfMonth} {
		if d, n = read(i, today); n > 0 {
			return d, n
		}
	}
	return day{}, 0
}

// writtenDate reads "15/12", "15-12-26", "2026-12-15", "15121985", "15 de dezembro de 2026".
func (m *message) writtenDate(i int, today agenda.Date) (day, int) {
	t := m.tokens[i]
	if !t.isNumber() {
		return day{}, 0
	}
	if len(t.raw) == 8 {
		return compactDate(t.raw, today)
	}
	first := t.number()
	if first < 1 {
		return day{}, 0
	}
	if len(t.raw) == 4 && m.isSlash(i+1) && m.isSlash(i+2) {
		return exactDate(first, m.numberAt(i+1), m.numberAt(i+2), 3)
	}
	month, n := m.monthAt(i + 1)
	if year := m.numberAt(i + 2); n == 0 && year >= 1900 && m.tokens[i+1].sep == " " && m.tokens[i+2].sep == " " && len(m.tokens[i+1].raw) == 2 {
		return exactDate(year, m.numberAt(i+1), first, 3) // "12 03 1985"
	}
	if n == 0 && m.isSlash(i+1) && len(m.tokens[i+1].raw) <= 2 {
		month, n = m.numberAt(i+1), 1
	}
	if n == 0 || month < 1 || month > 12 || first > 31 {
		return day{}, 0
	}
	used := 1 + n
	if year, more := m.yearAt(i+used, today); more > 0 {
		return exactDate(year, month, first, used+more)
	}
	d := upcoming(first, month, today)
	if d.IsZero() {
		return day{}, 0
	}
	return day{date: d}, used
}

// isSlash reports whether token i is joined to the one before as the parts of a date are: "/", "-", "." or blanks around
// a slash.
func (m *message) isSlash(i int) bool {
	if i <= 0 || i >= len(m.tokens) || !m.tokens[i].isNumber() {
		return false
	}
	switch m.tokens[i].sep {
	case "/", "-", ".", " / ", "/ ", " /", " - ":
		return true
	}
	return false
}

// compactDate reads "12031985".
func compactDate(digits string, today agenda.Date) (day, int) {
	n := func(from, to int) int {
		v := 0
		for _, c := range []byte(digits[from:to]) {
			v = v*10 + int(c-'0')
		}
		return v
	}
	if year := n(4, 8); year >= 1900 && year <= today.Year+2 {
		return exactDate(year, n(2, 4), n(0, 2), 1)
	}
	return day{}, 0
}

func exactDate(year, month, dayOfMonth, n int) (day, int) {
	d := agenda.Date{Year: year, Month: time.Month(month), Day: dayOfMonth}
	if year < 1900 || year > 2200 || !d.IsValid() {
		return day{}, 0
	}
	return day{date: d, withYear: true}, n
}

// monthAt reads "de dezembro", "dez", "do 12"; n is 0 when there is no month.
func (m *message) monthAt(i int) (month, n int) {
	if i < len(m.tokens) && m.tokens[i].end {
		return 0, 0
	}
	switch m.wordAt(i) {
	case "de", "do":
		if month = monthOf(m.wordAt(i + 1)); month > 0 {
			return month, 2
		}
		if v := m.numberAt(i + 1); v >= 1 && v <= 12 && m.wordAt(i) == "do" {
			return v, 2
		}
		return 0, 0
	}
	if month = monthOf(m.wordAt(i)); month > 0 {
		return month, 1
	}
	return 0, 0
}

// yearAt reads "de 1985", "/85".
func (m *message) yearAt(i int, today agenda.Date) (year, n int) {
	at := i
	if w := m.wordAt(at); w == "de" || w == "do" {
		at++
	}
	if at >= len(m.tokens) || !m.tokens[at].isNumber() || m.tokens[at].end && m.tokens[at].sep != "." {
		return 0, 0
	}
	year = m.numberAt(at)
	switch len(m.tokens[at].raw) {
	case 4:
		if year >= 1900 && year <= today.Year+10 {
			return year, at + 1 - i
		}
	case 2:
		// "12-03-85", "12 de março de 85", "12 março 85"; in "15/12 14h" the number is an hour.
		named := at > i || year > 31 && m.tokens[at].sep == " "
		if !m.isSlash(at) && (!named || m.isHourAhead(at)) {
			return 0, 0
		}
		century := today.Year / 100 * 100
		if year > today.Year%100+5 {
			century -= 100
		}
		return century + year, at + 1 - i
	}
	return 0, 0
}

// isHourAhead reports whether the number at i goes on as an hour: "15/12 14h".
func (m *message) isHourAhead(i int) bool {
	switch m.wordAt(i + 1) {
	case "h", "horas", "hora":
		return true
	}
	return false
}

func monthOf(word string) int {
	switch word {
	case "janeiro", "jan":
		return 1
	case "fevereiro", "fev":
		return 2
	case "marco", "mar":
		return 3
	case "abril", "abr":
		return 4
	case "maio", "mai":
		return 5
	case "junho", "jun":
		return 6
	case "julho", "jul":
		return 7
	case "agosto", "ago":
		return 8
	case "setembro", "set":
		return 9
	case "outubro", "out":
		return 10
	case "novembro", "nov":
		return 11
	case "dezembro", "dez":
		return 12
	}
	return 0
}

// upcoming is the next time that a day of a month comes; today counts. It is zero when no calendar has the day.
func upcoming(dayOfMonth, month int, today agenda.Date) agenda.Date {
	for year := today.Year; year <= today.Year+8; year++ { // the 29th of February may be 8 years away
		d := agenda.Date{Year: year, Month: time.Month(month), Day: dayOfMonth}
		if d.IsValid() && !d.Before(today) {
			return d
		}
	}
	return agenda.Date{}
}

// dayOfMonth reads "dia 15", "no dia 15 do mês que vem".
func (m *message) dayOfMonth(i int, today agenda.Date) (day, int) {
	if m.wordAt(i) != "dia" || i+1 >= len(m.tokens) || m.tokens[i+1].end {
		return day{}, 0
	}
	if d, n := m.writtenDate(i+1, today); n > 0 {
		return d, n + 1
	}
	wanted := m.numberAt(i + 1)
	n := 2
	if m.wordAt(i+1) == "primeiro" {
		wanted = 1
	}
	if wanted < 1 || wanted > 31 {
		return day{}, 0
	}
	from := today
	switch {
	case m.isPhrase(i+2, "do|desse|deste|no", "mes", "que", "vem"), m.isPhrase(i+2, "do|no", "proximo", "mes"):
		from = firstOfNextMonth(today)
		n = 5
		if m.wordAt(i+3) == "proximo" {
			n = 4
		}
	case m.isPhrase(i+2, "desse|deste", "mes"):
		n = 4
	}
	for range 4 {
		d := agenda.Date{Year: from.Year, Month: from.Month, Day: wanted}
		if d.IsValid() && !d.Before(today) {
			return day{date: d}, n
		}
		from = firstOfNextMonth(from)
	}
	return day{}, 0
}

func firstOfNextMonth(d agenda.Date) agenda.Date {
	if d.Month == time.December {
		return agenda.Date{Year: d.Year + 1, Month: time.January, Day: 1}
	}
	return agenda.Date{Year: d.Year, Month: d.Month + 1, Day: 1}
}

// isPhrase reports whether words, each perhaps of several alternatives, stand at token i within one sentence.
func (m *message) isPhrase(i int, words ...string) bool {
	if i < 0 || i+len(words) > len(m.tokens) {
		return false
	}
	for j, w := range words {
		if j > 0 && m.tokens[i+j].end || !isAmong(m.tokens[i+j].word, w) {
			return false
		}
	}
	return true
}

// isAmong reports whether a word is one of several, written as "a|b|c".
func isAmong(word, several string) bool {
	for several != "" {
		var one string
		if one, several, _ = strings.Cut(several, "|"); one == word {
			return true
		}
	}
	return false
}
