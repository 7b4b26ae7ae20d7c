package service

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

// ConversationEventKind is what happened in a conversation.
type ConversationEventKind string

// The kinds.
const (
	ConversationMessage  ConversationEventKind = "message"  // somebody wrote
	ConversationWaiting  ConversationEventKind = "waiting"  // it was handed over, and waits for a person
	ConversationTaken    ConversationEventKind = "taken"    // a person took it
	ConversationReturned ConversationEventKind = "returned" // the assistant answers again
	ConversationsChanged ConversationEventKind = "changed"  // notices may have been missed: any conversation may have changed
)

// ConversationEvent is a notice of a conversation. It says how the conversation is when it is read, which may be later
// than what happened.
type ConversationEvent struct {
	Kind         ConversationEventKind
	Conversation reception.Conversation // zero for ConversationsChanged
}

// tell publishes what happened in a conversation, after it was stored.
func (s *FrontDesk) tell(ctx context.Context, tenant agenda.TenantID, key reception.ConversationID, what ConversationEventKind) {
	s.d.Bus.Publish(ctx, ports.TopicConversations, strings.Join([]string{tenant.String(), key.String(), string(what)}, ":"))
}

// conversationBacklog is how many notices a reader may be behind.
const conversationBacklog = 256

// ConversationStreams lets the people of clinics follow what happens in their conversations.
type ConversationStreams struct {
	d      Deps
	encode func(b []byte, e ConversationEvent) []byte
	most   int

	mu          sync.Mutex
	readers     map[*ConversationReader]struct{}
	unsubscribe func() // nil before the first
	closed      bool
}

// NewConversationStreams makes the use case. encode appends an event in the form that readers get; most is how many streams
// there are at once, 0 for 1000.
func NewConversationStreams(d Deps, encode func(b []byte, e ConversationEvent) []byte, most int) *ConversationStreams {
	return &ConversationStreams{d: d, encode: encode, most: cmp.Or(most, 1000), readers: map[*ConversationReader]struct{}{}}
}

// ConversationReader is one reader of a clinic's notices. It is for one goroutine.
type ConversationReader struct {
	s       *ConversationStreams
	tenant  agenda.TenantID
	entity  clinic.EntityID
	notices chan string   // "conversation:kind", "" for a gap
	ended   chan struct{} // closed with why set
	why     error
}

// Follow begins to follow the conversations of a clinic, from now on, and logs that. The reader must be closed. Errors:
// Forbidden, NotFound "clinic-not-found", Unavailable "too-many-streams", "shutting-down".
func (s *ConversationStreams) Follow(ctx context.Context, actor identity.Actor, tenant agenda.TenantID) (*ConversationReader, error) {
	if err := actor.Require(identity.ConversationsRead); err != nil {
		return nil, err
	}
	c, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant)
	if err != nil {
		return nil, err
	}
	r := &ConversationReader{
		s: s, tenant: tenant, entity: c.EntityID, notices: make(chan string, conversationBacklog), ended: make(chan struct{}),
	}
	if err := s.enter(r); err != nil {
		return nil, err
	}
	if err := logRead(ctx, s.d, actor, "conversations", "", c.EntityID, map[string]string{"stream": "opened"}); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (s *ConversationStreams) enter(r *ConversationReader) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errShuttingDown()
	}
	if len(s.readers) >= s.most {
		err := errs.New(errs.Unavailable, "too-many-streams", "too many streams are open; try again later")
		err.Retry = 5 * time.Second
		return err
	}
	if s.unsubscribe == nil {
		s.unsubscribe = s.d.Bus.Subscribe(ports.TopicConversations, s.hear)
	}
	s.readers[r] = struct{}{}
	return nil
}

// Close ends every stream, and lets none begin.
func (s *ConversationStreams) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for r := range s.readers {
		s.end(r, errShuttingDown())
	}
	if s.unsubscribe != nil {
		s.unsubscribe()
		s.unsubscribe = nil
	}
}

// end ends a reader, once. The lock is held.
func (s *ConversationStreams) end(r *ConversationReader, why error) {
	if _, open := s.readers[r]; !open {
		return
	}
	delete(s.readers, r)
	r.why = why
	close(r.ended)
}

// hear passes a notice on to whom it concerns; "" concerns everybody. A reader that has no room for it is ended.
func (s *ConversationStreams) hear(key string) {
	tenant, notice, _ := strings.Cut(key, ":")
	s.mu.Lock()
	defer s.mu.Unlock()
	for r := range s.readers {
		if key != "" && r.tenant.String() != tenant {
			continue
		}
		select {
		case r.notices <- notice:
		default:
			s.end(r, errs.New(errs.Exhausted, "slow-reader", "the reader was too far behind"))
		}
	}
}

// Close ends reading; again is no error.
func (r *ConversationReader) Close() {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	r.s.end(r, errShuttingDown())
}

// Permits checks whether an actor may still read the clinic's conversations. Errors: Forbidden, NotFound "clinic-not-found".
func (r *ConversationReader) Permits(actor identity.Actor) error {
	if err := actor.Require(identity.ConversationsRead); err != nil {
		return err
	}
	if !actor.Scope().Includes(r.entity) {
		return errs.Absent("clinic")
	}
	return nil
}

// Next appends what comes next to b, encoded: all that is there, or the first that comes in the time given, or nothing when
// none does. Errors: Exhausted "slow-reader" when the reader was too far behind; Unavailable "shutting-down"; those of
// the context and of the store.
func (r *ConversationReader) Next(ctx context.Context, b []byte, wait time.Duration) ([]byte, error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	before := len(b)
	for {
		var notice string
		if len(b) > before { // what else is there
			select {
			case notice = <-r.notices:
			default:
				return b, nil
			}
		} else {
			select {
			case notice = <-r.notices:
			case <-r.ended:
				return b, r.why
			case <-timer.C:
				return b, nil
			case <-ctx.Done():
				return b, ctx.Err()
			}
		}
		var err error
		if b, err = r.append(ctx, b, notice); err != nil {
			return b, err
		}
	}
}

// append appends what a notice is about, as it is now. What is not there any more is left out.
func (r *ConversationReader) append(ctx context.Context, b []byte, notice string) ([]byte, error) {
	key, kind, _ := strings.Cut(notice, ":")
	if notice == "" {
		return r.s.encode(b, ConversationEvent{Kind: ConversationsChanged}), nil
	}
	conversation, err := id.Parse[reception.Conversation](key)
	if err != nil {
		return b, err
	}
	c, err := r.s.d.Repositories.Conversations.Get(ctx, identity.OnlyEntity(r.entity), conversation)
	if errs.KindOf(err) == errs.NotFound {
		return b, nil
	}
	if err != nil {
		return b, err
	}
	return r.s.encode(b, ConversationEvent{ConversationEventKind(kind), c}), nil
}
