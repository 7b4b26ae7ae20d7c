package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
)

type conversations struct{ session }

const conversationColumns = `conversation_id, tenant_id, entity_id, contact, reply_to, contact_name, state, patient_name,
	patient_birth_date, patient_phone, draft, misses, heard_at, created_at, updated_at, lid,
	handoff_reason, handed_at, handed_until, handed_by, about`

func scanConversation(row pgx.CollectableRow) (v reception.Conversation, err error) {
	var draft []byte
	err = row.Scan(optionalUUID{&v.ID.UUID}, optionalUUID{&v.TenantID.UUID}, &v.EntityID, &v.Contact, optionalText{&v.ReplyTo},
		optionalText{&v.ContactName}, &v.State, optionalText{&v.Patient.Name}, optionalDay{&v.Patient.BirthDate},
		optionalText{&v.Patient.Phone}, &draft, &v.Misses, &v.HeardAt, &v.CreatedAt, &v.UpdatedAt,
		optionalText{&v.LID}, optionalText{(*string)(&v.Handoff.Reason)}, optionalMoment{&v.Handoff.At}, optionalMoment{&v.Handoff.Until},
		optionalNumber{(*int64)(&v.Handoff.By)}, optionalUUID{&v.About.UUID})
	if err == nil {
		v.Draft, err = draftOf(draft)
	}
	return v, err
}

// conversationValues are what the columns hold, in their order.
func conversationValues(v reception.Conversation) ([]any, error) {
	draft, err := json.Marshal(draftColumnOf(v.Draft))
	return []any{
		uuid(v.ID.UUID), uuid(v.TenantID.UUID), v.EntityID, v.Contact, text(v.ReplyTo),
		text(v.ContactName), v.State, text(v.Patient.Name), day(v.Patient.BirthDate),
		text(v.Patient.Phone), string(draft), v.Misses, v.HeardAt, v.CreatedAt, v.UpdatedAt,
		text(v.LID), text(string(v.Handoff.Reason)), moment(v.Handoff.At), moment(v.Handoff.Until), number(v.Handoff.By), uuid(v.About.UUID),
	}, err
}

const conversationInScope = `SELECT ` + conversationColumns + ` FROM conversations
	WHERE conversation_id = $1 AND ($2 OR entity_id = $3)`

func (r conversations) Get(ctx context.Context, scope identity.Scope, key reception.ConversationID) (reception.Conversation, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "conversation", scanConversation, conversationInScope, uuid(key.UUID), all, entity)
}

func (r conversations) ByContact(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, contact string) (reception.Conversation, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "conversation", scanConversation, `SELECT `+conversationColumns+` FROM conversations
		WHERE tenant_id = $1 AND contact = $2 AND ($3 OR entity_id = $4)`, uuid(tenant.UUID), contact, all, entity)
}

func (r conversations) ByLID(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, lid string) (reception.Conversation, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "conversation", scanConversation, `SELECT `+conversationColumns+` FROM conversations
		WHERE tenant_id = $1 AND lid = $2 AND ($3 OR entity_id = $4)`, uuid(tenant.UUID), lid, all, entity)
}

func (r conversations) List(ctx context.Context, scope identity.Scope, f reception.ConversationFilter, req page.Request) (page.Page[reception.Conversation], error) {
	var where conditions
	where.inScope("entity_id", scope)
	where.wantedUUID("tenant_id", f.TenantID.UUID)
	wanted(&where, "state", f.State)
	return list(ctx, r.session, req, listing[reception.Conversation]{
		list: page.Fingerprint("conversations", scope, f), scope: scope,
		from: `SELECT ` + conversationColumns + ` FROM conversations`, where: &where, scan: scanner[reception.Conversation](scanConversation),
		sorting: byUUID("conversation_id", func(v reception.Conversation) string { return v.ID.String() }),
	})
}

func (r conversations) Create(ctx context.Context, v reception.Conversation) (reception.Conversation, error) {
	values, err := conversationValues(v)
	if err != nil {
		return reception.Conversation{}, err
	}
	return insert(ctx, r.session, scanConversation,
		`INSERT INTO conversations (`+conversationColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
			$20, $21) RETURNING `+conversationColumns, values...)
}

func (r conversations) Update(ctx context.Context, scope identity.Scope, key reception.ConversationID, change func(*reception.Conversation) error) (reception.Conversation, error) {
	all, entity := entityOf(scope)
	var values []any
	return update(ctx, r.session, row[reception.Conversation]{
		what: "conversation", columns: conversationColumns, scan: scanConversation,
		find: conversationInScope, args: []any{uuid(key.UUID), all, entity},
	}, func(v *reception.Conversation) error {
		err := change(v)
		if err == nil {
			v.ID = key
			values, err = conversationValues(*v)
		}
		return err
	}, func(reception.Conversation) (string, []any) {
		return `UPDATE conversations SET tenant_id = $2, entity_id = $3, contact = $4, reply_to = $5, contact_name = $6, state = $7,
				patient_name = $8, patient_birth_date = $9, patient_phone = $10, draft = $11, misses = $12, heard_at = $13,
				created_at = $14, updated_at = $15, lid = $16, handoff_reason = $17, handed_at = $18, handed_until = $19,
				handed_by = $20, about = $21
			WHERE conversation_id = $1`, values
	})
}

type messages struct{ session }

// messageFields are what a message is made of, messageColumns what is read of it.
const (
	messageFields = `conversation_id, tenant_id, entity_id, direction, channel, external_id, kind, text, status, error, turn,
	sent_at, created_at, author, user_id, proactive, appointment_id`
	messageColumns = `id, ` + messageFields
)

func scanMessage(row pgx.CollectableRow) (v reception.Message, err error) {
	var turn []byte
	err = row.Scan(&v.ID, optionalUUID{&v.ConversationID.UUID}, optionalUUID{&v.TenantID.UUID}, &v.EntityID, &v.Direction,
		&v.Channel, optionalText{&v.ExternalID}, &v.Kind, &v.Text, &v.Status, optionalText{&v.Error}, &turn,
		optionalMoment{&v.SentAt}, &v.CreatedAt, &v.Author, optionalNumber{(*int64)(&v.UserID)}, &v.Proactive, optionalUUID{&v.Appointment.UUID})
	if err == nil {
		v.Turn, err = turnOf(turn)
	}
	return v, err
}

// messageValues are what the columns of messageFields hold, in their order.
func messageValues(v reception.Message) ([]any, error) {
	var turn any
	if v.Turn != nil {
		raw, err := json.Marshal(turnColumnOf(*v.Turn))
		if err != nil {
			return nil, err
		}
		turn = string(raw)
	}
	return []any{
		uuid(v.ConversationID.UUID), uuid(v.TenantID.UUID), v.EntityID, v.Direction,
		v.Channel, text(v.ExternalID), v.Kind, v.Text, v.Status, text(v.Error), turn,
		moment(v.SentAt), v.CreatedAt, v.Author, number(v.UserID), v.Proactive, uuid(v.Appointment.UUID),
	}, nil
}

func (r messages) Create(ctx context.Context, m reception.Message) (reception.Message, error) {
	values, err := messageValues(m)
	if err != nil {
		return reception.Message{}, err
	}
	return insert(ctx, r.session, scanMessage,
		`INSERT INTO conversation_messages (`+messageFields+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) RETURNING `+messageColumns, values...)
}

const messageByID = `SELECT ` + messageColumns + ` FROM conversation_messages WHERE id = $1`

func (r messages) Update(ctx context.Context, key reception.MessageID, change func(*reception.Message) error) (reception.Message, error) {
	var values []any
	return update(ctx, r.session, row[reception.Message]{
		what: "message", columns: messageColumns, scan: scanMessage, find: messageByID, args: []any{key},
	}, func(v *reception.Message) error {
		err := change(v)
		if err == nil {
			values, err = messageValues(*v)
		}
		return err
	}, func(reception.Message) (string, []any) {
		return `UPDATE conversation_messages SET conversation_id = $1, tenant_id = $2, entity_id = $3, direction = $4, channel = $5,
				external_id = $6, kind = $7, text = $8, status = $9, error = $10, turn = $11, sent_at = $12, created_at = $13,
				author = $14, user_id = $15, proactive = $16, appointment_id = $17
			WHERE id = $18`, append(values, key)
	})
}

func (r messages) Get(ctx context.Context, key reception.MessageID) (reception.Message, error) {
	return get(ctx, r.session, "message", scanMessage, messageByID, key)
}

func (r messages) ByExternalID(ctx context.Context, tenant agenda.TenantID, external string) (reception.Message, error) {
	return get(ctx, r.session, "message", scanMessage, `SELECT `+messageColumns+` FROM conversation_messages
		WHERE tenant_id = $1 AND external_id = $2 AND direction = 'in'`, uuid(tenant.UUID), external)
}

func (r messages) Pending(ctx context.Context, conversation reception.ConversationID, most int) ([]reception.Message, error) {
	var found []reception.Message
	err := r.read(ctx, func(q querier) (err error) {
		found, err = all(ctx, q, scanMessage, `SELECT `+messageColumns+` FROM conversation_messages
			WHERE conversation_id = $1 AND direction = 'in' AND status = 'pending' ORDER BY id LIMIT $2`, uuid(conversation.UUID), most)
		return err
	})
	return zeroOn(found, err)
}

func (r messages) List(ctx context.Context, scope identity.Scope, conversation reception.ConversationID, req page.Request) (page.Page[reception.Message], error) {
	var where conditions
	where.add("conversation_id = ?", uuid(conversation.UUID))
	if !scope.All() {
		// Asked once, not for every message: it depends on none of them.
		where.add("EXISTS (SELECT FROM conversations AS c WHERE c.conversation_id = ? AND c.entity_id = ?)",
			uuid(conversation.UUID), int64(scope.EntityID()))
	}
	return list(ctx, r.session, req, listing[reception.Message]{
		list: page.Fingerprint("messages", scope, conversation), scope: scope,
		from:  `SELECT ` + messageColumns + ` FROM conversation_messages`,
		where: &where, scan: scanner[reception.Message](scanMessage),
		sorting: byID(func(v reception.Message) string { return v.ID.String() }),
	})
}

func (r messages) Newest(ctx context.Context, conversations []reception.ConversationID, each int) ([]reception.Message, error) {
	keys, order := make([][16]byte, 0, len(conversations)), map[reception.ConversationID]int{}
	for i, key := range conversations {
		keys = append(keys, key.UUID)
		order[key] = i
	}
	var out []reception.Message
	err := r.read(ctx, func(q querier) (err error) {
		out, err = all(ctx, q, scanMessage, `SELECT m.* FROM unnest($1::uuid[]) AS c (key), LATERAL (
			SELECT `+messageColumns+` FROM conversation_messages WHERE conversation_id = c.key ORDER BY id DESC LIMIT $2) AS m`, keys, each)
		return err
	})
	slices.SortFunc(out, func(a, b reception.Message) int {
		return cmp.Or(cmp.Compare(order[a.ConversationID], order[b.ConversationID]), cmp.Compare(b.ID, a.ID))
	})
	return out, err
}
