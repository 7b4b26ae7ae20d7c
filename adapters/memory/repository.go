package memory

import (
	"context"
	"iter"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// schema is every table of the store.
type schema struct {
	tables []anyTable

	identityTables
	keyTables
	auditTables
	directoryTables
	conferenceTables
	mediaTables
	priceTables
	meteringTables
	agendaTables
	accountTables
	receptionTables
	patientTables
}

// anyTable is what can be done with a table without knowing its rows.
type anyTable interface {
	label() string
	empty() any
	apply(tx *tx, c Change) error
}

func newSchema() *schema {
	s := &schema{}
	s.addDirectory()
	s.addIdentity()
	s.addKeys()
	s.addAuditLog()
	s.addConference()
	s.addMedia()
	s.addPrices()
	s.addModelUses()
	s.addMetering()
	s.addAgenda()
	s.addAccounts()
	s.addReception()
	s.addReminders()
	s.addPatients()
	s.addAudited()
	return s
}

func (s *schema) table(name string) anyTable {
	for _, t := range s.tables {
		if t.label() == name {
			return t
		}
	}
	return nil
}

func repositories(s session) ports.Repositories {
	return ports.Repositories{
		Users:         users{s},
		RefreshTokens: refreshTokens{s},
		APIKeys:       apiKeys{s},
		AuditLog:      auditLog{s},

		IdempotencyKeys: idempotencyKeys{s},

		Entities:      entities{s},
		Departments:   departments{s},
		Professionals: professionals{s},
		Memberships:   memberships{s},

		Participants:       participants{s},
		Rooms:              rooms{s},
		RoomParticipants:   roomParticipants{s},
		RoomEvents:         roomEvents{s},
		AgentSessionEvents: agentSessionEvents{s},
		AgentUsages:        agentUsages{s},
		UsageReports:       usageReports{s},
		Timeline:           timeline{s},
		Presences:          presences{s},
		WebhookReceipts:    webhookReceipts{s},

		ModelPrices: modelPrices{s},
		Budgets:     budgets{s},
		ModelUses:   modelUses{s},
		Repricings:  repricings{s},

		Clinics:             clinics{s},
		ClinicProfessionals: clinicProfessionals{s},
		Services:            services{s},
		Appointments:        appointments{s},
		Reminders:           reminders{s},
		Patients:            patients{s},
		CalendarAccounts:    calendarAccounts{s},
		CalendarSyncs:       calendarSyncs{s},
		ChannelStatuses:     channels{s},

		Conversations: conversations{s},
		Waiting:       waiting{s},
		Messages:      messages{s},
		Sent:          sent{s},
		Contacts:      contacts{s},
		Consents:      consents{s},

		Jobs: jobs{s},
	}
}

// get returns the row of a key that the scope holds.
func get[T any](ctx context.Context, s session, t *table[T], scope identity.Scope, key string) (T, error) {
	return one(ctx, s, t, func(d *data) (*T, bool) {
		row, ok := t.get(d, key)
		return row, ok && t.inScope(d, scope, row)
	})
}

// one returns the row that find finds.
func one[T any](ctx context.Context, s session, t *table[T], find func(*data) (*T, bool)) (T, error) {
	var none T
	d, err := s.view(ctx)
	if err != nil {
		return none, err
	}
	row, ok := find(d)
	if !ok {
		return none, errs.Absent(t.what)
	}
	return t.clone(*row), nil
}

// create stores a new row.
func create[T any](ctx context.Context, s session, t *table[T], v T) (T, error) {
	var stored T
	err := s.change(ctx, func(tx *tx) (err error) {
		stored, err = t.insert(tx, v)
		return err
	})
	return orZero(stored, err)
}

// update changes the row of a key that the scope holds.
func update[T any](ctx context.Context, s session, t *table[T], scope identity.Scope, key string, change func(*T) error) (T, error) {
	var stored T
	err := s.change(ctx, func(tx *tx) (err error) {
		stored, err = t.update(tx, key, func(v *T) bool { return t.inScope(tx.data, scope, v) }, change)
		return err
	})
	return orZero(stored, err)
}

// appendAll stores new rows in their order, all or none.
func appendAll[T any](ctx context.Context, s session, t *table[T], added []T) ([]T, error) {
	stored := make([]T, 0, len(added))
	err := s.change(ctx, func(tx *tx) error {
		for _, v := range added {
			row, err := t.insert(tx, v)
			if err != nil {
				return err
			}
			stored = append(stored, row)
		}
		return nil
	})
	return orZero(stored, err)
}

// listing is what a page is cut out of.
type listing[T any] struct {
	scope  identity.Scope
	list   string                                   // the page.Fingerprint
	rows   func(d *data, after string) iter.Seq[*T] // in order, beginning after a key of that order
	filter func(*T) bool
	order  *ordering[T] // of the rows; nil for the table's
	show   func(*T)     // takes away what was not asked for, from a copy; nil leaves it as it is
}

func list[T any](ctx context.Context, s session, t *table[T], req page.Request, l listing[T]) (page.Page[T], error) {
	d, err := s.view(ctx)
	if err != nil {
		return page.Page[T]{}, err
	}
	size, err := req.Size()
	if err != nil {
		return page.Page[T]{}, err
	}
	position, started, err := req.After(l.list)
	if err != nil {
		return page.Page[T]{}, err
	}
	order := t.order
	if l.order != nil {
		order = *l.order
	}
	after := ""
	if started {
		if after, err = order.seek(position); err != nil {
			return page.Page[T]{}, err
		}
	}
	var items []T
	if l.scope.All() || l.scope.EntityID() > 0 { // an empty scope need not look
		for row := range l.rows(d, after) {
			if !t.inScope(d, l.scope, row) || !l.filter(row) {
				continue
			}
			items = append(items, t.clone(*row))
			if l.show != nil {
				l.show(&items[len(items)-1])
			}
			if len(items) > size {
				break
			}
		}
	}
	return page.Of(items, size, l.list, func(v T) page.Position { return order.position(&v) }), nil
}

// everything are the rows of the table after a key, by id.
func everything[T any](t *table[T]) func(*data, string) iter.Seq[*T] { return t.all }

// group are the rows of a group after a key, in the table's order.
func group[T any](t *table[T], i *index[T], name string) func(*data, string) iter.Seq[*T] {
	return func(d *data, after string) iter.Seq[*T] { return t.in(d, i, name, past(after)) }
}

// groupBack is group downwards.
func groupBack[T any](t *table[T], i *index[T], name string) func(*data, string) iter.Seq[*T] {
	return func(d *data, after string) iter.Seq[*T] { return t.backIn(d, i, name, after) }
}

// ofEntity are the rows of the one entity that the scope and the filter leave, or all of them.
func ofEntity[T any](t *table[T], byEntity *index[T], scope identity.Scope, wanted clinic.EntityID) func(*data, string) iter.Seq[*T] {
	if !scope.All() {
		wanted = scope.EntityID()
	}
	if wanted != 0 {
		return group(t, byEntity, intKey(wanted))
	}
	return everything(t)
}

// wants reports whether a filter, whose zero value asks for any, lets a value through.
func wants[V comparable](asked, v V) bool {
	var anything V
	return asked == anything || asked == v
}

// wantsFlag is wants for a flag, where nil asks for both.
func wantsFlag(asked *bool, v bool) bool { return asked == nil || *asked == v }

func orZero[T any](v T, err error) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	return v, nil
}
