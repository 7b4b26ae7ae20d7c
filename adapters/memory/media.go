package memory

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// WebhookReceipt is a webhook that was taken in, as a journal holds it.
type WebhookReceipt struct {
	Source string // has no space in it
	ID     string // the sender's
	At     time.Time
}

// mediaTables is what LiveKit told.
type mediaTables struct {
	presences        *table[conference.Presence]
	presencesPresent *index[conference.Presence] // those who are present, by room

	receipts      *table[WebhookReceipt]
	receiptsByAge *index[WebhookReceipt]
}

func (s *schema) addMedia() {
	s.presences = newTable(s, table[conference.Presence]{
		name: "room_presences", what: "presence",
		id:   presenceKey(),
		tidy: func(v *conference.Presence) { tidyTimes(&v.JoinedAt, &v.LeftAt) },
		refs: func(d *data, v *conference.Presence) bool {
			return s.rooms.has(d, intKey(v.RoomID)) && s.hasParticipant(d, v.ParticipantID)
		},
		check: func(_ *data, _ string, v *conference.Presence) error {
			if v.JoinedAt.IsZero() && v.LeftAt.IsZero() {
				return errs.New(errs.Internal, "presence-without-time", "a presence begins or ends at some time")
			}
			return nil
		},
	})
	s.presencesPresent = s.presences.sortedIndex(
		func(v *conference.Presence) (string, bool) { return "", v.LeftAt.IsZero() },
		s.presences.id.key)

	s.receipts = newTable(s, table[WebhookReceipt]{
		name: "webhook_receipts", what: "webhook-receipt",
		id:   receiptKey(),
		tidy: func(v *WebhookReceipt) { tidyTimes(&v.At) },
	})
	s.receiptsByAge = byExpiry(s.receipts, func(v *WebhookReceipt) time.Time { return v.At })
}

// presenceKey identifies a presence by its room and its SID.
func presenceKey() ident[conference.Presence] {
	return ident[conference.Presence]{
		key:  func(v *conference.Presence) string { return intKey(v.RoomID) + v.SID },
		text: func(v *conference.Presence) string { return v.RoomID.String() + " " + v.SID },
		parse: func(text string) (string, error) {
			room, sid, _ := strings.Cut(text, " ")
			n, err := strconv.ParseInt(room, 10, 64)
			if err != nil {
				return "", page.BadCursor()
			}
			return intKey(n) + sid, nil
		},
	}
}

// receiptKey identifies a receipt by its source and its id.
func receiptKey() ident[WebhookReceipt] {
	both := func(v *WebhookReceipt) string { return v.Source + " " + v.ID }
	return ident[WebhookReceipt]{
		key: both, text: both,
		parse: func(text string) (string, error) { return text, nil },
	}
}

type presences struct{ session }

func (r presences) Join(ctx context.Context, v conference.Presence) (news bool, err error) {
	return r.note(ctx, v, func(known *conference.Presence) (conference.Presence, bool) {
		if known == nil {
			v.LeftAt, v.Reason = time.Time{}, ""
			return v, true
		}
		v.LeftAt, v.Reason = known.LeftAt, known.Reason
		return v, known.JoinedAt.IsZero()
	})
}

func (r presences) Leave(ctx context.Context, v conference.Presence) (news bool, err error) {
	return r.note(ctx, v, func(known *conference.Presence) (conference.Presence, bool) {
		if known == nil {
			v.JoinedAt = time.Time{}
			return v, true
		}
		left := *known
		left.LeftAt, left.Reason = v.LeftAt, v.Reason
		return left, known.LeftAt.IsZero()
	})
}

// note stores what merge makes of what is known of a presence, nil when nothing is, if that is news.
func (r presences) note(ctx context.Context, v conference.Presence, merge func(known *conference.Presence) (conference.Presence, bool)) (news bool, err error) {
	t := r.tables().presences
	err = r.change(ctx, func(tx *tx) error {
		known, _ := t.get(tx.data, t.id.key(&v))
		var merged conference.Presence
		if merged, news = merge(known); !news {
			return nil
		}
		if known == nil {
			_, err := t.insert(tx, merged)
			return err
		}
		_, err := t.replace(tx, known, merged)
		return err
	})
	return orZero(news, err)
}

func (r presences) Present(ctx context.Context, room conference.RoomID) ([]conference.Presence, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t := r.tables()
	var found []conference.Presence
	for v := range t.presences.in(d, t.presencesPresent, intKey(room), "") {
		if len(found) == ports.MaxPresent {
			break
		}
		found = append(found, *v)
	}
	return found, nil
}

func (r presences) Lingering(ctx context.Context, closedBefore time.Time, limit int) ([]conference.RoomID, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t := r.tables()
	var found []conference.RoomID
	var last conference.RoomID
	for v := range t.presences.in(d, t.presencesPresent, "", "") {
		if len(found) >= limit {
			break
		}
		if v.RoomID != last && t.closedBefore(d, v.RoomID, closedBefore) {
			found = append(found, v.RoomID)
		}
		last = v.RoomID
	}
	return found, nil
}

// closedBefore reports whether a room was closed before a moment.
func (s *schema) closedBefore(d *data, key conference.RoomID, moment time.Time) bool {
	room, found := s.rooms.get(d, intKey(key))
	return found && !room.ClosedAt.IsZero() && room.ClosedAt.Before(utc(moment))
}

type webhookReceipts struct{ session }

func (r webhookReceipts) Take(ctx context.Context, source, id string, at time.Time) (first time.Time, fresh bool, err error) {
	t := r.tables().receipts
	err = r.change(ctx, func(tx *tx) error {
		v := WebhookReceipt{Source: source, ID: id, At: at}
		if known, found := t.get(tx.data, t.id.key(&v)); found {
			first = known.At
			return nil
		}
		stored, err := t.insert(tx, v)
		first, fresh = stored.At, true
		return err
	})
	if err != nil {
		return time.Time{}, false, err
	}
	return first, fresh, nil
}

func (r webhookReceipts) DeleteBefore(ctx context.Context, before time.Time) (int, error) {
	t := r.tables()
	return deleteExpired(ctx, r.session, t.receipts, t.receiptsByAge, before)
}
