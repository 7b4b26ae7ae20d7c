package metering

import "time"

// UpdateKey is the key of an update that a session had, by which the same one again is known.
type UpdateKey struct {
	UsageID UsageID
	Key     string // 1 to 255 characters
	At      time.Time
}
