package memory

import (
	"context"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

type receptionTables struct {
	conversations          *table[reception.Conversation]
	conversationsByEntity  *index[reception.Conversation]
	conversationsByTenant  *index[reception.Conversation]
	conversationsByContact *unique[reception.Conversation]
	conversationsByLID     *unique[reception.Conversation]
	waiting                *index[reception.Conversation] // handed off, by clinic, in the order of waitingOrder
	overdue                *index[reception.Conversation] // handed off for a time, by its end

	messages               *table[reception.Message]
	messagesByConversation *index[reception.Message]
	messagesByExternal     *unique[reception.Message]
	pending                *index[reception.Message] // inbound and not handled, by conversation
	sentByExternal         *index[reception.Message] // outbound, by clinic and the channel's id
	unmatched              *index[reception.Message] // outbound to WhatsApp and without the channel's id, by conversation

	channels *table[reception.ChannelStatus]

	jobs *table[ports.Job]
}

func (s *schema) addReception() {
	s.conversations = newTable(s, table[reception.Conversation]{
		name: "conversations", what: "conversation",
		id:      given(func(v *reception.Conversation) id.UUID { return v.ID.UUID }),
		inScope: func(_ *data, scope identity.Scope, v *reception.Conversation) bool { return scope.Includes(v.EntityID) },
		tidy: func(v *reception.Conversation) {
			tidyTimes(&v.HeardAt, &v.CreatedAt, &v.UpdatedAt, &v.Handoff.At, &v.Handoff.Until)
			tidyTimes(&v.Draft.Slot.Start, &v.Draft.Slot.End, &v.Draft.After, &v.Draft.SaidAt)
			tidySlots(v.Draft.Slots)
		},
		clone: reception.Conversation.Clone,
		refs:  func(d *data, v *reception.Conversation) bool { return s.clinics.has(d, uuidKey(v.TenantID.UUID)) },
	})
	s.conversationsByContact = s.conversations.unique("conversation-exists", "the clinic has a conversation with this contact",
		func(v *reception.Conversation) (string, bool) { return uuidKey(v.TenantID.UUID) + v.Contact, true })
	s.conversationsByLID = s.conversations.unique("lid-taken", "the clinic has another conversation with this contact",
		func(v *reception.Conversation) (string, bool) { return uuidKey(v.TenantID.UUID) + v.LID, v.LID != "" })
	s.conversationsByEntity = s.conversations.index(func(v *reception.Conversation) (string, bool) {
		return intKey(v.EntityID), true
	})
	s.conversationsByTenant = s.conversations.index(func(v *reception.Conversation) (string, bool) {
		return uuidKey(v.TenantID.UUID), true
	})
	s.waiting = s.conversations.sortedIndex(func(v *reception.Conversation) (string, bool) {
		return uuidKey(v.TenantID.UUID), v.State == reception.HandedOff
	}, waitingOrder().key)
	s.overdue = s.conversations.sortedIndex(func(v *reception.Conversation) (string, bool) {
		return "", v.State == reception.HandedOff && !v.Handoff.Until.IsZero()
	}, func(v *reception.Conversation) string { return timeKey(v.Handoff.Until) + uuidKey(v.ID.UUID) })

	s.messages = newTable(s, table[reception.Message]{
		name: "conversation_messages", what: "message",
		id: serial(func(v *reception.Message) *reception.MessageID { return &v.ID }),
		inScope: func(d *data, scope identity.Scope, v *reception.Message) bool {
			of, ok := s.conversations.get(d, uuidKey(v.ConversationID.UUID))
			return ok && scope.Includes(of.EntityID)
		},
		tidy: func(v *reception.Message) {
			tidyTimes(&v.SentAt, &v.CreatedAt)
			if v.Turn != nil {
				tidySlots(v.Turn.Slots)
			}
		},
		clone: reception.Message.Clone,
		refs: func(d *data, v *reception.Message) bool {
			return s.conversations.has(d, uuidKey(v.ConversationID.UUID))
		},
	})
	s.messagesByExternal = s.messages.unique("message-repeated", "the clinic has received this message before",
		func(v *reception.Message) (string, bool) {
			return uuidKey(v.TenantID.UUID) + v.ExternalID, v.Direction == reception.In && v.ExternalID != ""
		})
	s.messagesByConversation = s.messages.index(func(v *reception.Message) (string, bool) {
		return uuidKey(v.ConversationID.UUID), true
	})
	s.pending = s.messages.index(func(v *reception.Message) (string, bool) {
		return uuidKey(v.ConversationID.UUID), v.Direction == reception.In && v.Status == reception.Pending
	})
	s.sentByExternal = s.messages.index(func(v *reception.Message) (string, bool) {
		return uuidKey(v.TenantID.UUID) + textKey(v.ExternalID), v.Direction == reception.Out && v.ExternalID != ""
	})
	s.unmatched = s.messages.index(func(v *reception.Message) (string, bool) {
		return uuidKey(v.ConversationID.UUID), v.Direction == reception.Out && v.Channel == reception.WhatsApp && v.ExternalID == ""
	})

	s.channels = newTable(s, table[reception.ChannelStatus]{
		name: "channel_statuses", what: "channel-status",
		id:   asText(func(v *reception.ChannelStatus) string { return v.TenantID.String() }),
		tidy: func(v *reception.ChannelStatus) { tidyTimes(&v.Since, &v.CheckedAt, &v.HeardAt, &v.ReadAt) },
		refs: func(d *data, v *reception.ChannelStatus) bool { return s.clinics.has(d, uuidKey(v.TenantID.UUID)) },
	})

	s.jobs = newTable(s, table[ports.Job]{
		name: "jobs", what: "job",
		id:   serial(func(j *ports.Job) *int64 { return &j.ID }),
		tidy: func(j *ports.Job) { tidyTimes(&j.RunAt) },
	})
}

func tidySlots(slots []agenda.Interval) {
	for i := range slots {
		tidyTimes(&slots[i].Start, &slots[i].End)
	}
}

type conversations struct{ session }

func (r conversations) Get(ctx context.Context, scope identity.Scope, key reception.ConversationID) (reception.Conversation, error) {
	return get(ctx, r.session, r.tables().conversations, scope, uuidKey(key.UUID))
}

func (r conversations) ByContact(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, contact string) (reception.Conversation, error) {
	t := r.tables()
	return one(ctx, r.session, t.conversations, func(d *data) (*reception.Conversation, bool) {
		v, ok := t.conversations.find(d, t.conversationsByContact, uuidKey(tenant.UUID)+contact)
		return v, ok && scope.Includes(v.EntityID)
	})
}

func (r conversations) ByLID(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, lid string) (reception.Conversation, error) {
	t := r.tables()
	return one(ctx, r.session, t.conversations, func(d *data) (*reception.Conversation, bool) {
		v, ok := t.conversations.find(d, t.conversationsByLID, uuidKey(tenant.UUID)+lid)
		return v, ok && scope.Includes(v.EntityID)
	})
}

func (r conversations) List(ctx context.Context, scope identity.Scope, f reception.ConversationFilter, req page.Request) (page.Page[reception.Conversation], error) {
	t := r.tables()
	rows := ofEntity(t.conversations, t.conversationsByEntity, scope, 0)
	if !f.TenantID.IsZero() {
		rows = group(t.conversations, t.conversationsByTenant, uuidKey(f.TenantID.UUID))
	}
	return list(ctx, r.session, t.conversations, req, listing[reception.Conversation]{
		scope: scope, list: page.Fingerprint("conversations", scope, f), rows: rows,
		filter: func(v *reception.Conversation) bool {
			return wants(f.TenantID, v.TenantID) && wants(f.State, v.State)
		},
	})
}

func (r conversations) Create(ctx context.Context, v reception.Conversation) (reception.Conversation, error) {
	return create(ctx, r.session, r.tables().conversations, v)
}

func (r conversations) Update(ctx context.Context, scope identity.Scope, key reception.ConversationID, change func(*reception.Conversation) error) (reception.Conversation, error) {
	return update(ctx, r.session, r.tables().conversations, scope, uuidKey(key.UUID), change)
}

type messages struct{ session }

func (r messages) Create(ctx context.Context, m reception.Message) (reception.Message, error) {
	return create(ctx, r.session, r.tables().messages, m)
}

func (r messages) Update(ctx context.Context, key reception.MessageID, change func(*reception.Message) error) (reception.Message, error) {
	return update(ctx, r.session, r.tables().messages, identity.AllEntities(), intKey(key), change)
}

func (r messages) Get(ctx context.Context, key reception.MessageID) (reception.Message, error) {
	return get(ctx, r.session, r.tables().messages, identity.AllEntities(), intKey(key))
}

func (r messages) ByExternalID(ctx context.Context, tenant agenda.TenantID, external string) (reception.Message, error) {
	t := r.tables()
	return one(ctx, r.session, t.messages, func(d *data) (*reception.Message, bool) {
		return t.messages.find(d, t.messagesByExternal, uuidKey(tenant.UUID)+external)
	})
}

func (r messages) Pending(ctx context.Context, conversation reception.ConversationID, most int) ([]reception.Message, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t := r.tables()
	var found []reception.Message
	for m := range t.messages.in(d, t.pending, uuidKey(conversation.UUID), "") {
		if len(found) == most {
			break
		}
		found = append(found, t.messages.clone(*m))
	}
	return found, nil
}

func (r messages) List(ctx context.Context, scope identity.Scope, conversation reception.ConversationID, req page.Request) (page.Page[reception.Message], error) {
	t := r.tables()
	return list(ctx, r.session, t.messages, req, listing[reception.Message]{
		scope: scope, list: page.Fingerprint("messages", scope, conversation),
		rows:   group(t.messages, t.messagesByConversation, uuidKey(conversation.UUID)),
		filter: func(*reception.Message) bool { return true },
	})
}

type channels struct{ session }

func (r channels) Of(ctx context.Context, tenant agenda.TenantID) (reception.ChannelStatus, error) {
	d, err := r.view(ctx)
	if err != nil {
		return reception.ChannelStatus{}, err
	}
	if v, ok := r.tables().channels.get(d, tenant.String()); ok {
		return *v, nil
	}
	return reception.ChannelStatus{TenantID: tenant}, nil
}

func (r channels) Update(ctx context.Context, tenant agenda.TenantID, change func(*reception.ChannelStatus) error) (reception.ChannelStatus, error) {
	t := r.tables().channels
	var stored reception.ChannelStatus
	err := r.change(ctx, func(tx *tx) error {
		before, ok := t.get(tx.data, tenant.String())
		v := reception.ChannelStatus{}
		if ok {
			v = *before
		}
		v.TenantID = tenant
		err := change(&v)
		if err != nil {
			return err
		}
		v.TenantID = tenant
		if ok {
			stored, err = t.replace(tx, before, v)
		} else {
			stored, err = t.insert(tx, v)
		}
		return err
	})
	return orZero(stored, err)
}

func (r messages) Newest(ctx context.Context, conversations []reception.ConversationID, each int) ([]reception.Message, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t, out := r.tables(), []reception.Message{}
	for _, key := range conversations {
		left := each
		for m := range t.messages.backIn(d, t.messagesByConversation, uuidKey(key.UUID), "") {
			if left--; left < 0 {
				break
			}
			out = append(out, m.Clone())
		}
	}
	return out, nil
}

type jobs struct{ session }

func (r jobs) Enqueue(ctx context.Context, j ports.Job) error {
	j.Last = false // it is the runner's to say
	_, err := create(ctx, r.session, r.tables().jobs, j)
	return err
}
