package id

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"

	"github.com/secretary-api/secretary/core/errs"
)

// UUID is an RFC 9562 identifier. The zero value means "none".
type UUID [16]byte

// Of is the id of a T.
//
//	type AppointmentID = id.Of[Appointment]
type Of[T any] struct{ UUID }

// New returns a new version 7 id: ids made later sort later.
func New[T any]() Of[T] { return Of[T]{NewUUID(time.Now())} }

// NewUUID returns a version 7 UUID (RFC 9562, section 5.7) of the given moment, in milliseconds.
func NewUUID(now time.Time) UUID {
	var u UUID
	_, _ = rand.Read(u[6:]) // crypto/rand.Read never fails since Go 1.24
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(u[:6], ms[2:])
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
	return u
}

// Derive returns the id that always follows from the given parts: a version 8 UUID (RFC 9562, section 5.8) of their
// SHA-256. What is retried gets the same id again, and so happens once.
func Derive[T any](parts ...string) Of[T] {
	h := sha256.New()
	for _, part := range parts {
		// With its length before it, no part can pass for two.
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		_, _ = h.Write([]byte(part))
	}
	var v Of[T]
	copy(v.UUID[:], h.Sum(nil))
	v.UUID[6] = v.UUID[6]&0x0f | 0x80
	v.UUID[8] = v.UUID[8]&0x3f | 0x80
	return v
}

// Parse reads the canonical text form, in either case.
func Parse[T any](s string) (Of[T], error) {
	var v Of[T]
	err := v.UnmarshalText([]byte(s))
	return v, err
}

// String returns the canonical lower-case text form, "" for the zero value.
func (u UUID) String() string {
	if u.IsZero() {
		return ""
	}
	var b [36]byte
	hex.Encode(b[0:8], u[0:4])
	hex.Encode(b[9:13], u[4:6])
	hex.Encode(b[14:18], u[6:8])
	hex.Encode(b[19:23], u[8:10])
	hex.Encode(b[24:36], u[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// IsZero reports whether the id is none.
func (u UUID) IsZero() bool { return u == UUID{} }

// MarshalText implements encoding.TextMarshaler.
func (u UUID) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. The empty text is the zero value; anything else that is not a
// canonical UUID is Invalid "invalid-id".
func (u *UUID) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*u = UUID{}
		return nil
	}
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return errBad
	}
	compact := make([]byte, 0, 32)
	for _, part := range [][]byte{b[0:8], b[9:13], b[14:18], b[19:23], b[24:36]} {
		compact = append(compact, part...)
	}
	var v UUID
	if _, err := hex.Decode(v[:], compact); err != nil {
		return errBad
	}
	*u = v
	return nil
}

var errBad = errs.New(errs.Invalid, "invalid-id", "not a UUID")
