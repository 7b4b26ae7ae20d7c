package memory

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
)

type waiting struct{ session }

// waitingOrder is by rank, then by since when, then by id.
func waitingOrder() ordering[reception.Conversation] {
	ident := given(func(v *reception.Conversation) id.UUID { return v.ID.UUID })
	rank := func(v *reception.Conversation) int64 {
		if v.Handoff.Reason == reception.EmergencySigns {
			return 0
		}
		return 1
	}
	return ordering[reception.Conversation]{
		key: func(v *reception.Conversation) string { return intKey(rank(v)) + timeKey(v.Handoff.At) + ident.key(v) },
		position: func(v *reception.Conversation) page.Position {
			return page.Position{
				Key: strconv.FormatInt(rank(v), 10) + "." + strconv.FormatInt(v.Handoff.At.UnixMicro(), 10), ID: ident.text(v),
			}
		},
		seek: func(p page.Position) (string, error) {
			before, after, _ := strings.Cut(p.Key, ".")
			rank, err := strconv.ParseInt(before, 10, 64)
			micros, other := strconv.ParseInt(after, 10, 64)
			if err != nil || other != nil {
				return "", page.BadCursor()
			}
			key, err := ident.parse(p.ID)
			return intKey(rank) + intKey(micros) + key, err
		},
	}
}

func (r waiting) List(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, req page.Request) (page.Page[reception.Conversation], error) {
	t, order := r.tables(), waitingOrder()
	return list(ctx, r.session, t.conversations, req, listing[reception.Conversation]{
		scope: scope, list: page.Fingerprint("waiting", scope, tenant), order: &order,
		rows:   group(t.conversations, t.waiting, uuidKey(tenant.UUID)),
		filter: func(*reception.Conversation) bool { return true },
	})
}

func (r waiting) Overdue(ctx context.Context, now time.Time, limit int) ([]reception.Conversation, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t, out := r.tables(), []reception.Conversation{}
	for v := range t.conversations.in(d, t.overdue, "", "") {
		if len(out) == limit || v.Handoff.Until.After(now) {
			break
		}
		out = append(out, v.Clone())
	}
	return out, nil
}

type sent struct{ session }

func (r sent) ByExternalID(ctx context.Context, tenant agenda.TenantID, external string) (reception.Message, error) {
	t := r.tables()
	return one(ctx, r.session, t.messages, func(d *data) (*reception.Message, bool) {
		for m := range t.messages.in(d, t.sentByExternal, uuidKey(tenant.UUID)+textKey(external), "") {
			return m, true
		}
		return nil, false
	})
}

// mostUnmatched is how many messages Unmatched returns at most.
const mostUnmatched = 100

func (r sent) Unmatched(ctx context.Context, conversation reception.ConversationID) ([]reception.Message, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t, out := r.tables(), []reception.Message{}
	for m := range t.messages.backIn(d, t.unmatched, uuidKey(conversation.UUID), "") {
		if len(out) == mostUnmatched {
			break
		}
		out = append(out, m.Clone())
	}
	slices.Reverse(out)
	return out, nil
}
