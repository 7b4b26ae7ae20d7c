package ports

import "github.com/secretary-api/secretary/core/jsonobj"

// ParticipantContext is the name under which the schemas have what is known of a participant in a room.
const ParticipantContext = "participant_context"

// EventSchemas knows what the data of events must look like, by the events' names.
type EventSchemas interface {
	// Check checks the data of an event that somebody wants to append. Those of a name without a schema are good. Errors:
	// Invalid "invalid-input", with fields below "data", such as "data.text", and never a value in it.
	Check(name string, data jsonobj.Object) error
}
