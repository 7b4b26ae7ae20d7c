package portuguese

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/secretary-api/secretary/core/text"
)

// A message is read up to maxRunes characters and maxTokens words: nobody explains a visit in more, and the cost of a
// message must not depend on who sends it.
const (
	maxRunes  = 2000
	maxTokens = 400
)

// token is a word or a number of a message.
type token struct {
	word   string // folded, written out, corrected: what phrases are compared with
	folded string // folded only: what names are compared with
	raw    string // as it was typed
	sep    string // what stands between this token and the one before
	end    bool   // a sentence ends before this token
	comma  bool   // a comma or the like stands before this token
	field  bool   // it names a speciality
	used   use    // which reader has understood it
}

// use is what a token has been understood as.
type use int

const (
	unused use = iota
	usedName
	usedSpecialty
	usedService
	usedSymptom
	usedDate
	usedHour
	usedPatient
)

func (u use) isReference() bool {
	return u == usedName || u == usedSpecialty || u == usedService || u == usedSymptom
}

func (t token) isNumber() bool { return t.raw != "" && t.raw[0] >= '0' && t.raw[0] <= '9' }

// number is the value of a number of up to four digits, -1 of any other token.
func (t token) number() int {
	if len(t.raw) == 0 || len(t.raw) > 4 {
		return -1
	}
	n := 0
	for _, c := range []byte(t.raw) {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

func (t token) isCapital() bool {
	r, _ := utf8.DecodeRuneInString(t.raw)
	return unicode.IsUpper(r)
}

// message is a message as the readers see it. tail is what stands after the last token.
type message struct {
	tokens []token
	tail   string
}

// tokenize cuts a message into tokens.
func tokenize(msg string) *message {
	msg = clip(msg)
	m := &message{}
	start, class, sepStart := 0, separator, 0
	flush := func(end int) {
		if class == separator || len(m.tokens) >= maxTokens {
			return
		}
		m.add(msg[start:end], msg[sepStart:start])
		sepStart = end
	}
	for i, r := range msg {
		if next := classOf(r, class); next != class || next == symbol {
			flush(i)
			start, class = i, next
		}
	}
	flush(len(msg))
	m.tail = msg[sepStart:]
	return m
}

// clip bounds a message, and makes it valid UTF-8.
func clip(msg string) string {
	if len(msg) > maxRunes*utf8.UTFMax {
		msg = msg[:maxRunes*utf8.UTFMax]
	}
	msg = strings.ToValidUTF8(msg, " ")
	n := 0
	for i := range msg {
		if n == maxRunes {
			return msg[:i]
		}
		n++
	}
	return msg
}

// class is a kind of character.
type class int

const (
	separator class = iota
	letters
	digits
	symbol // an emoji that says a word
)

func classOf(r rune, last class) class {
	switch {
	case r >= '0' && r <= '9':
		return digits
	case r == 'ª' || r == 'º' || r == '°':
		return separator // of an ordinal: the number says it all
	case unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) && last == letters:
		return letters
	case emojiWord(r) != "":
		return symbol
	}
	return separator
}

// emojiWord is the word that an emoji stands for, "" when it says nothing.
func emojiWord(r rune) string {
	switch r {
	case '👍', '👌', '✅', '✔', '☑', '🆗':
		return "sim"
	case '👎', '❌', '🚫', '✖':
		return "nao"
	case '👋':
		return "oi"
	case '🙏':
		return "amem"
	}
	return ""
}

func (m *message) add(raw, sep string) {
	t := token{raw: raw, sep: sep, folded: text.Fold(raw)}
	abbreviated := len(m.tokens) > 0 && isTitle(m.tokens[len(m.tokens)-1].word) // "Dr. Silva" is one sentence
	for _, r := range sep {
		switch r {
		case '.', '…':
			t.end = t.end || !abbreviated
		case '!', '?', ';', '\n', '\r':
			t.end = true
		case ',', ':', '(', ')', '|', '•':
			t.comma = true
		}
	}
	if r, _ := utf8.DecodeRuneInString(raw); emojiWord(r) != "" {
		t.folded = emojiWord(r)
	}
	if n := len(m.tokens); n > 0 && sep != "" && sep[0] == '/' {
		if full := slashed(m.tokens[n-1].folded); full != "" {
			m.tokens[n-1].word = full
		}
	}
	for word := range strings.SplitSeq(written(t.folded), " ") {
		part := t
		part.word = word
		if len(m.tokens) < maxTokens {
			m.tokens = append(m.tokens, part)
		}
		t.raw, t.folded, t.sep, t.end, t.comma = "", "", " ", false, false
	}
}

// written writes a word of the chat out: what it stands for, which may be several words.
func written(word string) string {
	word = squeeze(word)
	if full := abbreviation(word); full != "" {
		return full
	}
	return corrected(word)
}

// squeeze takes out letters that were held down: "oiii" is "oi", "simmm" is "sim". rr and ss are spelling.
func squeeze(word string) string {
	held := false
	for i := 1; i < len(word); i++ {
		last := i == len(word)-1
		if word[i] == word[i-1] && (last && word[i] != 's' || i > 1 && word[i] == word[i-2]) {
			held = true
			break
		}
	}
	if !held || len(word) < 3 || word[0] >= '0' && word[0] <= '9' {
		return word
	}
	out := make([]byte, 0, len(word))
	for i := range len(word) {
		n := len(out)
		double := n > 0 && out[n-1] == word[i]
		spelt := double && (word[i] == 'r' || word[i] == 's') && (n < 2 || out[n-2] != word[i]) && i < len(word)-1 && word[i+1] != word[i]
		if !double || spelt {
			out = append(out, word[i])
		}
	}
	return string(out)
}
