package metering

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/secretary-api/secretary/core/errs"
)

// Amount is an exact price in 10^-10 of the currency's unit, as numeric(20,10) keeps it. It is never negative.
type Amount int64

// The places after the point that are kept.
const (
	amountPlaces = 10
	microsPlaces = 6
)

const millisPerMinute = 60_000

// maxDecimal bounds the text of a number, in characters.
const maxDecimal = 100

// decimalForm is what a decimal number looks like: a number of JSON.
var decimalForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$`)

// ParseAmount reads an exact price, such as "0.0000025" or "2.5e-06", of at most 10 places after the point. It fails with
// Invalid "invalid-number".
func ParseAmount(text string) (Amount, error) {
	n, err := parseDecimal(text, amountPlaces)
	if err == nil && n < 0 {
		err = badNumber("must not be negative")
	}
	if err != nil {
		return 0, err
	}
	return Amount(n), nil
}

// String returns the amount in decimal, without needless zeros: "0.0000025".
func (a Amount) String() string { return trimZeros(fixed(int64(a), amountPlaces)) }

// ParseMicros reads money, such as "2.35", of at most 6 places after the point, in millionths. It fails with Invalid
// "invalid-number".
func ParseMicros(text string) (int64, error) { return parseDecimal(text, microsPlaces) }

// FormatMicros writes millionths in decimal, without needless zeros: "2.35".
func FormatMicros(micros int64) string { return string(AppendMicros(nil, micros)) }

// ParseMinutes reads minutes, such as "45" or "0.5", to the nearest millisecond. It fails with Invalid "invalid-number".
func ParseMinutes(text string) (millis int64, err error) {
	exact, err := decimal(text)
	if err != nil {
		return 0, err
	}
	return whole(exact.Mul(exact, big.NewRat(millisPerMinute, 1)))
}

// FormatMinutes writes milliseconds in minutes, with at most 6 places after the point, as the database keeps them.
// [ParseMinutes] finds the same milliseconds in them.
func FormatMinutes(millis int64) string { return string(AppendMinutes(nil, millis)) }

// decimal reads a decimal number exactly.
func decimal(text string) (*big.Rat, error) {
	if len(text) <= maxDecimal && decimalForm.MatchString(text) {
		if exact, ok := new(big.Rat).SetString(text); ok {
			return exact, nil
		}
	}
	return nil, badNumber("must be a decimal number, such as 2.35")
}

// parseDecimal reads a decimal number of at most so many places, in units of the last place.
func parseDecimal(text string, places int) (int64, error) {
	exact, err := decimal(text)
	if err != nil {
		return 0, err
	}
	exact.Mul(exact, new(big.Rat).SetInt64(pow10(places)))
	if !exact.IsInt() {
		return 0, badNumber("must have at most " + strconv.Itoa(places) + " places after the point")
	}
	return whole(exact)
}

// whole rounds half up, and refuses what does not fit.
func whole(exact *big.Rat) (int64, error) {
	n := roundHalfUp(exact)
	if !n.IsInt64() {
		return 0, badNumber("is too large")
	}
	return n.Int64(), nil
}

// roundHalfUp is the nearest integer, and of two that are as near the larger.
func roundHalfUp(exact *big.Rat) *big.Int {
	up := new(big.Rat).Add(exact, big.NewRat(1, 2))
	return new(big.Int).Div(up.Num(), up.Denom()) // Euclidean: it rounds down, because the denominator is more than 0
}

// fixed writes v * 10^-places with all its places.
func fixed(v int64, places int) string {
	return new(big.Rat).SetFrac64(v, pow10(places)).FloatString(places)
}

// trimZeros removes the zeros at the end of a text with a point, and the point when nothing is after it.
func trimZeros(text string) string {
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

func pow10(n int) int64 {
	power := int64(1)
	for range n {
		power *= 10
	}
	return power
}

func badNumber(msg string) error { return errs.New(errs.Invalid, "invalid-number", msg) }
