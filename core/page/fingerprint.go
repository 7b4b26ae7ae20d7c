package page

import (
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// Fingerprint identifies a list by its name and by what it was asked with: the scope and the filter. The parts are made of
// numbers, flags, texts and times, of structs and lists of such, and of pointers, nil among them, to such; anything else
// panics.
func Fingerprint(name string, parts ...any) string {
	d := newDigest()
	d.text(name)
	for _, part := range parts {
		if !d.value(reflect.ValueOf(part)) {
			panic(fmt.Sprintf("page: fingerprint of %s: %T", name, part))
		}
	}
	return strconv.FormatUint(uint64(d), 36)
}

// digest is an FNV-1a hash. Every list pays for one, so it is made without an encoding in between. Each value is preceded by
// its kind, and what has a length by that, so that no two questions are the same bytes.
type digest uint64

func newDigest() digest { return 14695981039346656037 }

func (d *digest) byte(b byte) { *d = (*d ^ digest(b)) * 1099511628211 }

func (d *digest) number(n uint64) {
	for range 8 {
		d.byte(byte(n))
		n >>= 8
	}
}

func (d *digest) text(s string) {
	d.number(uint64(len(s)))
	for i := range len(s) {
		d.byte(s[i])
	}
}

// value reports false for what it does not know.
func (d *digest) value(v reflect.Value) bool {
	d.byte(byte(v.Kind())) //nolint:gosec // there are 27 kinds
	switch v.Kind() {      //nolint:exhaustive // the rest is not known
	case reflect.Bool:
		if v.Bool() {
			d.byte(1)
		} else {
			d.byte(0)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		d.number(uint64(v.Int())) //nolint:gosec // any way to write it down will do
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		d.number(v.Uint())
	case reflect.String:
		d.text(v.String())
	case reflect.Pointer:
		return v.IsNil() || d.value(v.Elem())
	case reflect.Slice, reflect.Array:
		d.number(uint64(v.Len())) //nolint:gosec // a length is not negative
		for i := range v.Len() {
			if !d.value(v.Index(i)) {
				return false
			}
		}
	case reflect.Struct:
		return d.fields(v)
	default:
		return false
	}
	return true
}

func (d *digest) fields(v reflect.Value) bool {
	if v.Type() == reflect.TypeFor[time.Time]() {
		if !v.CanInterface() {
			return false // a time in what another package hides
		}
		t, _ := reflect.TypeAssert[time.Time](v)
		d.number(uint64(t.Unix()))       //nolint:gosec // as above
		d.number(uint64(t.Nanosecond())) //nolint:gosec // nor are these
		return true
	}
	for _, field := range v.Fields() {
		if !d.value(field) {
			return false
		}
	}
	return true
}
