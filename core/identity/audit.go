package identity

import (
	"context"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/jsonobj"
)

// AuditID identifies an entry of the audit log. 0 means none.
type AuditID int64

// What an entry says was done to a row; security events have names of their own.
const (
	AuditCreate  = "create"
	AuditUpdate  = "update"
	AuditDelete  = "delete" // the service keeps its audited rows: this is done by hand, in a database
	AuditReading = "read"   // somebody read what patients are known by or said; no store writes it by itself
)

// String returns the decimal form.
func (i AuditID) String() string { return strconv.FormatInt(int64(i), 10) }

// AuditEntry is one line of the audit log: who did what to which record.
type AuditEntry struct {
	ID        AuditID
	Actor     string            // [Trail.Actor]
	Action    string            // AuditCreate, AuditUpdate, AuditDelete, AuditReading, or a security event such as "calendar-mismatch"
	Table     string            // "appointments"
	RowID     string            // as text: a number or a UUID
	EntityID  clinic.EntityID   // 0 when of no entity
	RequestID string            // "" when it was no request
	Detail    map[string]string // of a reading or a security event; never a password or a patient's words
	Changes   jsonobj.Object    // of a create or an update: {"field":{"old":...,"new":...}}, see package audit; else none
	CreatedAt time.Time
}

// AuditFilter selects entries of the audit log.
type AuditFilter struct {
	EntityID clinic.EntityID // 0: any
	Actor    string          // "": any
	Action   string          // "": any
	Table    string          // "": any
	RowID    string          // "": any; needs Table
	From     time.Time       // inclusive; zero: unbounded
	To       time.Time       // exclusive; zero: unbounded
}

// Actors that are no [Actor]. In a database, what nobody of the service did is of "database:" and the role that did it.
const (
	Service  = "secretary" // what the service does by itself, such as a job
	Operator = "operator"  // whoever runs the program's commands
	Calendar = "calendar"  // whoever moves or removes an event in a calendar by hand
)

// maxRequestID is the longest request id that a trail keeps, in characters.
const maxRequestID = 100

// Trail is what the audit log tells of the moment: who acts, and in which request. It travels in the context because
// the store writes the log, below the use cases. It gives no right: what somebody may do is decided by the [Actor] that
// use cases take.
type Trail struct {
	Actor     string // [Actor.String]
	RequestID string // "" when it is no request; at most 100 characters
}

type trailKey struct{}

// WithTrail returns a context that carries the trail. Of a longer request id it keeps the beginning.
func WithTrail(ctx context.Context, t Trail) context.Context {
	if len(t.RequestID) > maxRequestID {
		runes := []rune(t.RequestID)
		t.RequestID = string(runes[:min(len(runes), maxRequestID)])
	}
	return context.WithValue(ctx, trailKey{}, t)
}

// WithActor returns a context whose trail names the actor, and keeps its request.
func WithActor(ctx context.Context, a Actor) context.Context {
	t := TrailOf(ctx)
	t.Actor = a.String()
	return WithTrail(ctx, t)
}

// TrailOf returns the trail of a context. Without one the service itself acts.
func TrailOf(ctx context.Context) Trail {
	t, ok := ctx.Value(trailKey{}).(Trail)
	if !ok || t.Actor == "" {
		t.Actor = Service
	}
	return t
}
