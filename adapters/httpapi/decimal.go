package httpapi

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/errs"
)

// Decimal is an exact decimal: money or minutes. It is a JSON number, whose digits are read and written as they are and
// never become a binary fraction. A number in quotes is read too, where the schema of the operation lets it through.
type Decimal string

// maxDecimal is how many characters a decimal may have: more than any that the service keeps.
const maxDecimal = 64

var decimalForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// flaw is what is wrong with a decimal that was read, nil when nothing is.
func (d Decimal) flaw() error {
	if len(d) > maxDecimal || !decimalForm.MatchString(string(d)) {
		return errs.New(errs.Invalid, "invalid-input", "must be a decimal number of at most 64 characters")
	}
	return nil
}

// MarshalJSON implements json.Marshaler; the zero value is 0.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if d == "" {
		return []byte("0"), nil
	}
	return []byte(d), nil
}

// UnmarshalJSON implements json.Unmarshaler. It never fails: Resolve does, which knows where the number is.
func (d *Decimal) UnmarshalJSON(raw []byte) error {
	if inner, quoted := bytes.CutPrefix(raw, []byte(`"`)); quoted {
		raw = bytes.TrimSuffix(inner, []byte(`"`))
	}
	*d = Decimal(strings.TrimSpace(string(raw)))
	return nil
}

// Resolve implements huma.ResolverWithPath. A decimal that was left out is none, and nothing is wrong with it.
func (d *Decimal) Resolve(_ huma.Context, prefix *huma.PathBuffer) []error {
	if *d == "" {
		return nil
	}
	return complain(prefix, d.flaw())
}

// Schema implements huma.SchemaProvider.
func (Decimal) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: huma.TypeNumber} }
