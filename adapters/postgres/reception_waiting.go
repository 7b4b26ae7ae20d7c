package postgres

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
)

type waiting struct{ session }

// waitingOrder is the order of the index conversations_waiting_idx: an emergency is no other reason, and false comes first.
const waitingOrder = `(handoff_reason IS DISTINCT FROM 'emergency'), handed_at, conversation_id`

func (r waiting) List(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, req page.Request) (page.Page[reception.Conversation], error) {
	var where conditions
	where.inScope("entity_id", scope)
	where.add("tenant_id = ?", uuid(tenant.UUID))
	where.check("state = 'handed_off'")
	return list(ctx, r.session, req, listing[reception.Conversation]{
		list: page.Fingerprint("waiting", scope, tenant), scope: scope,
		from: `SELECT ` + conversationColumns + ` FROM conversations`, where: &where, scan: scanner[reception.Conversation](scanConversation),
		sorting: sorting[reception.Conversation]{order: waitingOrder, after: afterWaiting, position: waitingPosition},
	})
}

// waitingPosition is "0.", or "1." when it is no emergency, and since when, in microseconds.
func waitingPosition(v reception.Conversation) page.Position {
	rank := "1."
	if v.Handoff.Reason == reception.EmergencySigns {
		rank = "0."
	}
	return page.Position{Key: rank + strconv.FormatInt(v.Handoff.At.UnixMicro(), 10), ID: v.ID.String()}
}

func afterWaiting(c *conditions, p page.Position) error {
	rank, since, _ := strings.Cut(p.Key, ".")
	micros, err := strconv.ParseInt(since, 10, 64)
	at := time.UnixMicro(micros).UTC()
	if err != nil || rank != "0" && rank != "1" || at.Year() < 1 || at.Year() > 9999 {
		return page.BadCursor()
	}
	key, err := uuidOf(p)
	if err != nil {
		return err
	}
	c.add("("+waitingOrder+") > (?, ?, ?)", rank == "1", at, key)
	return nil
}

func (r waiting) Overdue(ctx context.Context, now time.Time, limit int) ([]reception.Conversation, error) {
	var out []reception.Conversation
	err := r.read(ctx, func(q querier) (err error) {
		out, err = all(ctx, q, scanConversation, `SELECT `+conversationColumns+` FROM conversations
			WHERE state = 'handed_off' AND handed_until <= $1 ORDER BY handed_until, conversation_id LIMIT $2`, now, limit)
		return err
	})
	return out, err
}

type sent struct{ session }

func (r sent) ByExternalID(ctx context.Context, tenant agenda.TenantID, external string) (reception.Message, error) {
	return get(ctx, r.session, "message", scanMessage, `SELECT `+messageColumns+` FROM conversation_messages
		WHERE tenant_id = $1 AND external_id = $2 AND direction = 'out' ORDER BY id LIMIT 1`, uuid(tenant.UUID), external)
}

func (r sent) Unmatched(ctx context.Context, conversation reception.ConversationID) ([]reception.Message, error) {
	var out []reception.Message
	err := r.read(ctx, func(q querier) (err error) {
		out, err = all(ctx, q, scanMessage, `SELECT `+messageColumns+` FROM conversation_messages
			WHERE conversation_id = $1 AND direction = 'out' AND channel = 'whatsapp' AND external_id IS NULL
			ORDER BY id DESC LIMIT 100`, uuid(conversation.UUID))
		return err
	})
	slices.Reverse(out)
	return out, err
}
