package ports

import (
	"context"
	"time"
)

// Bus tells every process of one store that something happened. It carries short notices, never records: whoever hears
// of one reads what it needs from the store.
//
//   - A notice reaches every subscriber of its topic, in this process and in others, at least once, or else the
//     subscriber is told of the gap with the key "". Notices of one publisher come in their order; equal ones that follow
//     each other closely may be one.
//   - A notice that is published after a commit is heard after it: who then reads the store sees what was committed.
//   - A process that dies takes along what it has not sent yet, which is what it published in its last moments.
type Bus interface {
	// Publish tells of keys of a topic. Both are short and plain: a topic is a word of lower-case letters, a key 1 to 100
	// printable ASCII characters. It does not wait for anybody and does not fail, and an ended context does not stop it:
	// what cannot be sent now is sent later, and told by Confirmed standing still.
	Publish(ctx context.Context, topic string, keys ...string)
	// Subscribe has fn called with each key of the topic that is published from now on, by one goroutine at a time. fn must
	// not block. With the key "" it is told that notices may have been missed, so that anything may have changed; that may
	// happen at any time, and also when nothing was missed. After unsubscribe has returned no call begins any more, but one
	// that has begun may still run.
	Subscribe(topic string, fn func(key string)) (unsubscribe func())
	// Confirmed returns a moment, by the machine's clock: every notice of a subscribed topic that had been sent before it,
	// by any process, has been delivered here. It is never later than now, moves on several times a second while all is
	// well and somebody subscribes, and stands still while the bus is out of order, or a subscriber of this process does
	// not return. It never goes back; before it is known it is the zero time.
	Confirmed() time.Time
}

// The topics.
const (
	TopicRooms         = "rooms"         // something was appended to a room's events; the key is its id
	TopicAgenda        = "agenda"        // an appointment was made, moved or ended; the key is its professional's id
	TopicConversations = "conversations" // something happened in a conversation; the key is its clinic's id, its own, and what, with colons between
	TopicChanges       = "changes"       // a record that is cached was changed; the key is its table, a colon, and its id
)
