package service

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

const (
	// longestWait is how long somebody who goes on writing waits at most until what was written is answered.
	longestWait = 10 * time.Second
	// pendingBatch is how many messages are looked at at once.
	pendingBatch = 50
)

// Typing is how contacts are shown that they are being answered. It is a part of [ports.ChannelAdmin].
type Typing interface {
	Typing(ctx context.Context, instance, to string, d time.Duration) error
}

// burst is what somebody wrote in one go, in the order it was written. It is answered as one message.
type burst []reception.Message

// joined is the burst as one message, under the id of the one that came first.
func (b burst) joined() reception.Message {
	m := slices.MinFunc(b, func(a, b reception.Message) int { return cmp.Compare(a.ID, b.ID) })
	texts := make([]string, len(b))
	for i, part := range b {
		texts[i] = part.Text
		if part.CreatedAt.After(m.CreatedAt) {
			m.CreatedAt = part.CreatedAt
		}
	}
	m.Text = strings.Join(texts, "\n")
	return m
}

// writtenAt is when a message was written: by the channel's clock where that told it, in whole seconds.
func writtenAt(m reception.Message) time.Time {
	if m.SentAt.IsZero() {
		return m.CreatedAt
	}
	return m.SentAt
}

// handling is the argument of the job that handles a message, and what came before it; see [FrontDesk.handle].
func handling(conversation reception.ConversationID, until reception.MessageID) string {
	return conversation.String() + "/" + until.String()
}

// handle does the job of a message, unless the job of a later one answers both. An argument without a message is of all
// that is pending.
func (s *FrontDesk) handle(ctx context.Context, arg string, last bool) error {
	conversation, message, named := strings.Cut(arg, "/")
	key, err := id.Parse[reception.Conversation](conversation)
	if err != nil {
		return err
	}
	var until reception.MessageID
	if named {
		n, err := strconv.ParseInt(message, 10, 64)
		if err != nil {
			return err
		}
		until = reception.MessageID(n)
		goesOn, err := s.goesOn(ctx, key, until)
		if err != nil || goesOn {
			return err
		}
	}
	return s.answer(ctx, key, until, last)
}

// goesOn reports whether the writer of a message wrote again before it was time to answer it: then the job of a later
// message, which there is for each, answers this one too. It tells by what is stored alone, and not by the hour: the job
// may come late, or again after a crash, and must then mean the same messages, or what was booked would be booked again.
func (s *FrontDesk) goesOn(ctx context.Context, key reception.ConversationID, until reception.MessageID) (bool, error) {
	if s.options.Debounce == 0 {
		return false, nil
	}
	pending, err := s.d.Repositories.Messages.Pending(ctx, key, pendingBatch)
	if err != nil {
		return false, err
	}
	at := slices.IndexFunc(pending, func(m reception.Message) bool { return m.ID == until })
	if at < 0 || pending[at].CreatedAt.Sub(pending[0].CreatedAt) >= longestWait-s.options.Debounce {
		return false, nil
	}
	silent := pending[at].CreatedAt.Add(s.options.Debounce)
	return slices.ContainsFunc(pending[at+1:], func(m reception.Message) bool {
		return m.Channel == reception.WhatsApp && m.CreatedAt.Before(silent)
	}), nil
}

// nextBurst returns what is to be answered next, of the messages until one, or of all; nothing when none is left. Only texts
// from WhatsApp come together: who calls by the API waits for an answer to what it sent.
func (s *FrontDesk) nextBurst(ctx context.Context, key reception.ConversationID, until reception.MessageID) (burst, error) {
	pending, err := s.d.Repositories.Messages.Pending(ctx, key, pendingBatch)
	if err != nil {
		return nil, err
	}
	if until != 0 {
		pending = slices.DeleteFunc(pending, func(m reception.Message) bool { return m.ID > until })
	}
	// Deliveries may overtake one another; their ids are in the order they came.
	slices.SortStableFunc(pending, func(a, b reception.Message) int { return writtenAt(a).Compare(writtenAt(b)) })
	n, size := min(1, len(pending)), 0
	if s.options.Debounce > 0 && n > 0 && joins(pending[0]) {
		size = len(pending[0].Text)
		for n < len(pending) && joins(pending[n]) && size+len(pending[n].Text) < MaxMessage {
			size += len(pending[n].Text) + 1
			n++
		}
	}
	return pending[:n], nil
}

// joins reports whether a message may be answered with others.
func joins(m reception.Message) bool {
	return m.Channel == reception.WhatsApp && m.Kind == reception.Text
}

// settle marks the messages of a turn as done. Each has the turn, so that whoever hands one of them in again gets the same
// answer; the calls to a model are counted once. What was corrected meanwhile is heard after it.
func (s *FrontDesk) settle(ctx context.Context, r ports.Repositories, t turn, now time.Time) error {
	for i, part := range t.burst {
		turn, corrected := t.out.Clone(), ""
		if i > 0 {
			turn.ModelCalls = 0
		}
		m, err := r.Messages.Update(ctx, part.ID, func(m *reception.Message) error {
			if m.Status != reception.Pending {
				return errHandled()
			}
			if corrected = ""; m.Text != part.Text {
				corrected, m.Text = m.Text, part.Text
			}
			m.Status, m.Turn = reception.Done, &turn
			return nil
		})
		if err != nil {
			return err
		}
		if corrected != "" {
			if err := s.pendCorrection(ctx, r, m, corrected, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// abandonAll gives a burst up that failed for the last time.
func (s *FrontDesk) abandonAll(ctx context.Context, b burst, cause error) error {
	for _, m := range b {
		if err := s.abandon(ctx, m, cause); err != nil {
			return err
		}
	}
	return nil
}

const (
	typingShown = 5 * time.Second // unless the answer comes sooner
	typingTime  = 3 * time.Second // for asking for it
)

// showTyping shows somebody who is about to be answered that this is so, without waiting for it.
func (s *FrontDesk) showTyping(ctx context.Context, c agenda.Clinic, with reception.Conversation, m reception.Message) {
	answers := with.State != reception.HandedOff && with.State != reception.OptedOut
	if s.options.Typing == nil || m.Channel != reception.WhatsApp || with.ReplyTo == "" || !answers {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), typingTime)
	go func() {
		defer cancel()
		if err := s.options.Typing.Typing(ctx, c.EvolutionInstance, with.ReplyTo, typingShown); err != nil {
			s.d.Log.DebugContext(ctx, "typing is not shown", slog.String("tenant_id", c.ID.String()), slog.Any("err", err))
		}
	}()
}
