package assisted

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/secretary-api/secretary/core/agenda"
)

// What stands for what is hidden.
const (
	hiddenNumber  = "[número]"
	hiddenDate    = "[data]"
	hiddenAddress = "[endereço eletrônico]"
)

// longNumber is how many digits a number has that may be somebody's: telephones without an area code have 8, some 7.
const longNumber = 7

var (
	addresses = regexp.MustCompile(`[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+`)
	// dates with a year, as people type them: "12/03/1985", "12.3.85", "12 de março de 1985", "1985-03-12".
	dates = regexp.MustCompile(`(?i)\b(?:[0-9]{1,2}\s?[/.\-]\s?[0-9]{1,2}\s?[/.\-]\s?([0-9]{4}|[0-9]{2})|` +
		`[0-9]{1,2}º?\s+(?:de\s+)?(?:jan|fev|mar|abr|mai|jun|jul|ago|set|out|nov|dez)\pL*\s+(?:de\s+|do\s+)?([0-9]{4}|[0-9]{2})|` +
		`([0-9]{4})-[0-9]{2}-[0-9]{2})\b`)
	// numbers are digits with what people put between them; letters end one, so that "15h" and "dia 3" stay.
	numbers = regexp.MustCompile(`[+(]*[0-9](?:[\s.,\-–—_/()*]*[0-9])*`)
)

// Mask hides what identifies people from whoever reads a message in the clinic's place: e-mail addresses, numbers of seven
// digits or more, such as telephones and CPFs, however they are spaced, and dates of years before today's, such as dates of
// birth. Hours, days and prices stay. Names stay: a name is what many messages are about.
func Mask(s string, today agenda.Date) string {
	s = strings.Map(plainDigit, s)
	s = addresses.ReplaceAllString(s, hiddenAddress)
	// A date that may be a wish must not look like a part of a telephone.
	var kept []string
	s = dates.ReplaceAllStringFunc(s, func(found string) string {
		if isPast(found, today) {
			return hiddenDate
		}
		kept = append(kept, found)
		return keptMark
	})
	s = numbers.ReplaceAllStringFunc(s, func(found string) string {
		if countDigits(found) >= longNumber {
			return hiddenNumber
		}
		return found
	})
	for _, date := range kept {
		s = strings.Replace(s, keptMark, date, 1)
	}
	return s
}

// keptMark stands for a date that is put back; no message has it, see [plainDigit].
const keptMark = "\x00"

// plainDigit makes one of any script's digits an ASCII one, and drops what people cannot see, with the frames of emoji that
// are digits.
func plainDigit(r rune) rune {
	const emojiStyle, keycap, joiner = '\ufe0f', '\u20e3', '\u200d'
	switch {
	case r >= '0' && r <= '9', r == '\n', r == '\t', r == joiner:
		return r
	case unicode.IsDigit(r):
		zero := r
		for r-zero < 9 && unicode.IsDigit(zero-1) {
			zero--
		}
		return '0' + r - zero
	case r == emojiStyle, r == keycap, unicode.IsControl(r), unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}

// isPast reports whether the year of a date is over. Of two digits it may be a year of this century or the last.
func isPast(date string, today agenda.Date) bool {
	parts := dates.FindStringSubmatch(date)
	for _, year := range parts[1:] {
		if year == "" {
			continue
		}
		n, err := strconv.Atoi(year)
		if len(year) == 2 {
			n += today.Year - today.Year%100
		}
		return err != nil || n < today.Year || n > today.Year+2
	}
	return true
}

func countDigits(s string) int {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}
