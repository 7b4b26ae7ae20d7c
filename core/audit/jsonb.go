package audit

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// write writes decoded JSON, whose numbers are json.Number, with jsonb's spaces, escapes and form of numbers. Only the
// order of keys is its own, which changes neither what is equal nor how long it is.
func write(b *strings.Builder, value any) {
	switch v := value.(type) {
	case nil:
		b.WriteString(null)
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case json.Number:
		b.WriteString(number(v))
	case string:
		b.WriteString(quote(v))
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			write(b, item)
		}
		b.WriteByte(']')
	case map[string]any:
		b.WriteByte('{')
		for i, key := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(quote(key) + ": ")
			write(b, v[key])
		}
		b.WriteByte('}')
	default:
		panic(fmt.Sprintf("audit: JSON holds a %T", value))
	}
}

// number writes every digit out and keeps the zeros after the point: 1.50e1 is 15.0.
func number(n json.Number) string {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(n.String()), "e")
	_, fraction, _ := strings.Cut(mantissa, ".")
	shift, _ := strconv.Atoi(exponent) // "" is 0; a jsonobj.Object has no number out of range
	exact, ok := new(big.Rat).SetString(n.String())
	if !ok {
		panic("audit: " + n.String() + " is no number")
	}
	return exact.FloatString(max(0, len(fraction)-shift))
}

// quote writes a string and escapes no more than JSON asks for.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch r {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		default:
			if r < ' ' {
				fmt.Fprintf(&b, `\u%04x`, r)
				continue
			}
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
