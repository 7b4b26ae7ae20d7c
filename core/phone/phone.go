// Package phone normalises telephone numbers to E.164, so that one person is one number however it was typed.
//
// Brazilian mobiles are the hard case: since 2016 each has nine digits after the area code (Anatel resolution 553/2010),
// but WhatsApp still names many accounts by the old eight-digit form. Both forms are one person here. The form that
// WhatsApp used is kept beside it for replies.
package phone

import (
	"strings"
	"unicode"

	"github.com/secretary-api/secretary/core/errs"
)

const brazil = "55"

// Normalize returns the E.164 form, "+5511955550011". Accepted are international forms ("+55 11 95555-0011", "0055...",
// "5511955550011") and Brazilian national ones ("(11) 95555-0011", "011 95555-0011"). A Brazilian mobile without its ninth
// digit gets it. Anything else is Invalid "invalid-phone".
func Normalize(s string) (string, error) {
	digits, plus, ok := clean(s)
	if !ok {
		return "", errPhone
	}
	if !plus && strings.HasPrefix(digits, "00") {
		digits, plus = digits[2:], true
	}
	if plus {
		return international(digits)
	}
	if strings.HasPrefix(digits, brazil) && (len(digits) == 12 || len(digits) == 13) {
		return international(digits)
	}
	if national := strings.TrimPrefix(digits, "0"); len(national) == 10 || len(national) == 11 {
		if full, ok := brazilian(national); ok {
			return full, nil
		}
	}
	if strings.HasPrefix(digits, "0") || len(digits) < 11 {
		return "", errPhone // a national number of nobody knows which country
	}
	return international(digits)
}

func clean(s string) (digits string, plus, ok bool) {
	var b strings.Builder
	for _, r := range strings.TrimSpace(s) {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+' && b.Len() == 0 && !plus:
			plus = true
		case strings.ContainsRune(" -.()/", r), unicode.In(r, unicode.Cf, unicode.Pd, unicode.Zs):
			// Numbers copied from a contact carry invisible marks and typographic hyphens.
		default:
			return "", false, false
		}
	}
	return b.String(), plus, b.Len() > 0
}

func international(digits string) (string, error) {
	if national, is := strings.CutPrefix(digits, brazil); is {
		if full, ok := brazilian(strings.TrimPrefix(national, "0")); ok {
			return full, nil
		}
		return "", errPhone
	}
	// ITU-T E.164: at most 15 digits, and no country code begins with 0.
	if len(digits) < 8 || len(digits) > 15 || digits[0] == '0' {
		return "", errPhone
	}
	return "+" + digits, nil
}

// brazilian takes the area code and the number: 10 digits (landline, or a mobile without the ninth) or 11.
func brazilian(national string) (string, bool) {
	if len(national) < 10 || national[0] == '0' || national[1] == '0' {
		return "", false
	}
	area, number := national[:2], national[2:]
	switch {
	case len(number) == 9 && number[0] == '9':
		return "+" + brazil + area + number, true
	case len(number) == 8 && number[0] >= '6':
		return "+" + brazil + area + "9" + number, true
	case len(number) == 8 && number[0] >= '2':
		return "+" + brazil + area + number, true
	}
	return "", false
}

var errPhone = errs.New(errs.Invalid, "invalid-phone", "not a telephone number; use the international form, such as +5511955550011")
