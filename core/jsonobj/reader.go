package jsonobj

import (
	"encoding/json"
	"strings"
)

// Reader reads a JSON text that has objects in it, in one pass: an envelope whose form the caller knows, and in it objects
// that it does not. Of a text that is not valid JSON in valid UTF-8 nothing comes from there on, and what came of it before
// is worth nothing.
//
// What is read shares the memory of the text.
type Reader struct{ scanner }

// NewReader returns a reader of the text.
func NewReader(text string) *Reader {
	return &Reader{scanner{text: text}}
}

// Next returns the first byte of the value that comes next, which tells what it is: { of an object, [ of an array, " of a
// text, n of null. It returns 0 when there is none.
func (r *Reader) Next() byte {
	if r.broken {
		return 0
	}
	return r.next()
}

// Members is an iterator over the names of an object's members; the next value must be one. Each turn has to read or skip
// the member's value. A name that is there twice comes twice.
func (r *Reader) Members(yield func(name string) bool) {
	r.enter()
	for r.more('}') {
		name := r.Text()
		if r.broken || !r.colon() || !yield(name) {
			return
		}
	}
	r.depth--
}

// Items is an iterator over the places of an array; the next value must be one. Each turn has to read or skip an item.
func (r *Reader) Items(yield func(i int) bool) {
	r.enter()
	for i := 0; r.more(']'); i++ {
		if !yield(i) {
			return
		}
	}
	r.depth--
}

// Text reads a string; the next value must be one. What is no character in it, such as half of a surrogate pair, becomes
// U+FFFD.
func (r *Reader) Text() string {
	if r.Next() != '"' {
		r.fail()
		return ""
	}
	from := r.at
	if !r.quoted() {
		return ""
	}
	text := r.text[from:r.at]
	if strings.IndexByte(text, '\\') < 0 {
		return text[1 : len(text)-1]
	}
	var plain string
	if err := json.Unmarshal([]byte(text), &plain); err != nil { // quoted knows what is valid
		panic("jsonobj: " + err.Error())
	}
	return plain
}

// Skip passes over a value.
func (r *Reader) Skip() { r.value() }

// Object reads an object or null, whatever the next value is. It fails as [Parse] does.
func (r *Reader) Object() (Object, error) {
	kind := r.Next()
	from, spaces := r.at, r.spaces
	around := r.depth
	r.depth, r.escape, r.bound = 0, "", ""
	whole := r.value()
	r.depth = around
	if !whole {
		return "", bad("must be valid JSON")
	}
	if kind == 'n' {
		return "", nil
	}
	if kind != '{' {
		return "", bad("must be a JSON object")
	}
	text := r.text[from:r.at]
	size := len(text) - (r.spaces - spaces)
	switch {
	case size > MaxBytes:
		return "", tooLarge()
	case r.escape != "":
		return "", bad(r.escape)
	case r.bound != "":
		return "", bad(r.bound)
	case size < len(text):
		text = withoutSpaces(text, size)
	}
	return Object(text), nil
}

// withoutSpaces returns valid JSON without the spaces between its tokens; size is what is left of it.
func withoutSpaces(text string, size int) string {
	var compact strings.Builder
	compact.Grow(size)
	from, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case !quoted && isSpace(c):
			compact.WriteString(text[from:i])
			from = i + 1
		}
	}
	compact.WriteString(text[from:])
	return compact.String()
}

// Broken reports whether the text is not valid JSON, and the place of the first byte that is wrong: the length of the text
// when it ends too early.
func (r *Reader) Broken() (at int, broken bool) { return r.at, r.broken }

// End reports whether nothing but spaces is left.
func (r *Reader) End() bool { return r.Next() == 0 && r.at == len(r.text) }
