package portuguese

import (
	"slices"
	"strings"
)

// A phrase is a list of elements that follow one another within a sentence:
//
//	word        that word, after abbreviations and typos have been corrected
//	a|b|c*      one of these; * stands for any ending
//	@verbs      one of a named list of words (see classes)
//	?a|b        may be left out
//	..          up to three words of any kind
//	^ $         the beginning and the end of the sentence
//	%service    what was understood as a reference: %name %specialty %service %symptom, %ref for any of them
//	%date %hour what was understood as a day or an hour; %when for either
//	%number     a number
type phrase struct {
	signal   signal
	weight   int
	elements []element
}

// element is one part of a phrase.
type element struct {
	kind     elementKind
	words    []string
	prefixes []string
	uses     []use // references, days and hours
	number   bool
	optional bool
}

type elementKind int

const (
	oneOf elementKind = iota
	someWords
	sentenceStart
	sentenceEnd
)

// maxGap is how many words ".." may stand for.
const maxGap = 3

func compile(s string, what signal, weight int) phrase {
	p := phrase{signal: what, weight: weight}
	for part := range strings.FieldsSeq(s) {
		p.elements = append(p.elements, compileElement(part))
	}
	return p
}

func compileElement(part string) element {
	var e element
	switch part {
	case "..":
		return element{kind: someWords}
	case "^":
		return element{kind: sentenceStart}
	case "$":
		return element{kind: sentenceEnd}
	}
	part, e.optional = strings.CutPrefix(part, "?")
	for word := range strings.SplitSeq(part, "|") {
		if name, is := strings.CutPrefix(word, "@"); is {
			class := compileElement(wordClass(name))
			e.words = append(e.words, class.words...)
			e.prefixes = append(e.prefixes, class.prefixes...)
		} else if name, is := strings.CutPrefix(word, "%"); is {
			e.number = e.number || name == "number"
			e.uses = append(e.uses, usesOf(name)...)
		} else if prefix, is := strings.CutSuffix(word, "*"); is {
			e.prefixes = append(e.prefixes, prefix)
		} else {
			e.words = append(e.words, word)
		}
	}
	return e
}

// usesOf is what a name after % stands for.
func usesOf(name string) []use {
	switch name {
	case "name":
		return []use{usedName}
	case "specialty":
		return []use{usedSpecialty}
	case "service":
		return []use{usedService}
	case "symptom":
		return []use{usedSymptom}
	case "ref":
		return []use{usedName, usedSpecialty, usedService, usedSymptom}
	case "date":
		return []use{usedDate}
	case "hour":
		return []use{usedHour}
	case "when":
		return []use{usedDate, usedHour}
	case "number":
		return nil
	}
	panic("portuguese: no phrase element %" + name)
}

// match returns where the elements end that begin at token i, -1 when they do not. start is where the phrase begins.
func (m *message) match(elements []element, start, i int) int {
	if len(elements) == 0 {
		return i
	}
	e, rest := elements[0], elements[1:]
	over := i >= len(m.tokens) || i > start && m.tokens[i].end // the sentence
	switch e.kind {
	case sentenceStart:
		if i != 0 && (i >= len(m.tokens) || !m.tokens[i].end) {
			return -1
		}
		return m.match(rest, start, i)
	case sentenceEnd:
		if !over {
			return -1
		}
		return m.match(rest, start, i)
	case someWords:
		for n := 0; n <= maxGap; n++ {
			if end := m.match(rest, start, i+n); end >= 0 {
				return end
			}
			if i+n >= len(m.tokens) || m.tokens[i+n].end {
				break
			}
		}
		return -1
	case oneOf:
	}
	if n := m.width(e, i); n > 0 && !over {
		if end := m.match(rest, start, i+n); end >= 0 {
			return end
		}
	}
	if e.optional {
		return m.match(rest, start, i)
	}
	return -1
}

// width is how many tokens at i are the element, 0 when none.
func (m *message) width(e element, i int) int {
	if i >= len(m.tokens) {
		return 0
	}
	t := m.tokens[i]
	if slices.Contains(e.uses, t.used) {
		return m.run(i)
	}
	if e.accepts(t.word) || e.number && t.isNumber() {
		return 1
	}
	return 0
}

// run is how many tokens from i are used as the first of them is.
func (m *message) run(i int) int {
	n := 1
	for i+n < len(m.tokens) && m.tokens[i+n].used == m.tokens[i].used && !m.tokens[i+n].end {
		n++
	}
	return n
}

func (e element) accepts(word string) bool {
	if slices.Contains(e.words, word) {
		return true
	}
	for _, prefix := range e.prefixes {
		if strings.HasPrefix(word, prefix) {
			return true
		}
	}
	return false
}

// hit is a phrase that was found.
type hit struct {
	signal     signal
	weight     int
	start, end int
}

// grammar finds many phrases at once, by the word they begin with.
type grammar struct {
	byWord   map[string][]phrase
	byPrefix map[string][]phrase
	others   []phrase // that begin with something else than a word
}

func (g *grammar) add(p phrase) {
	first := p.elements[0]
	if first.kind == sentenceStart && len(p.elements) > 1 {
		first = p.elements[1]
	}
	if first.kind != oneOf || first.optional || len(first.uses) > 0 || first.number {
		g.others = append(g.others, p)
		return
	}
	for _, w := range first.words {
		g.byWord[w] = append(g.byWord[w], p)
	}
	for _, prefix := range first.prefixes {
		g.byPrefix[prefix] = append(g.byPrefix[prefix], p)
	}
}

// isPatient reports whether the tokens from start to end are the patient's own data: Maria do Socorro calls nobody.
func (m *message) isPatient(start, end int) bool {
	for i := start; i < end; i++ {
		if m.tokens[i].used != usedPatient {
			return false
		}
	}
	return end > start
}

// find returns the phrases that a message has.
func (g *grammar) find(m *message) []hit {
	var hits []hit
	try := func(phrases []phrase, i int) {
		for _, p := range phrases {
			if end := m.match(p.elements, i, i); end >= 0 && !m.isPatient(i, end) {
				hits = append(hits, hit{signal: p.signal, weight: p.weight, start: i, end: end})
			}
		}
	}
	for i, t := range m.tokens {
		try(g.byWord[t.word], i)
		for n := 2; n <= len(t.word); n++ {
			try(g.byPrefix[t.word[:n]], i)
		}
		try(g.others, i)
	}
	return hits
}
