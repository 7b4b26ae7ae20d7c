package memory

import (
	"context"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type accountTables struct {
	accounts         *table[agenda.CalendarAccount]
	accountsByEntity *index[agenda.CalendarAccount]

	syncs          *table[agenda.CalendarSync]
	syncsByAccount *index[agenda.CalendarSync]

	writes *table[CalendarWrite]
}

// CalendarWrite is when an event of ours was when it was written last, as a journal holds it.
type CalendarWrite struct {
	AccountID     agenda.CalendarAccountID
	CalendarID    string
	AppointmentID agenda.AppointmentID
	When          agenda.Interval
}

func (v *CalendarWrite) key() string {
	return v.AccountID.String() + " " + v.AppointmentID.String() + " " + v.CalendarID
}

func (s *schema) addAccounts() {
	s.accounts = newTable(s, table[agenda.CalendarAccount]{
		name: "google_credentials", what: "account",
		id:      given(func(v *agenda.CalendarAccount) id.UUID { return v.ID.UUID }),
		inScope: func(_ *data, scope identity.Scope, v *agenda.CalendarAccount) bool { return scope.Includes(v.EntityID) },
		tidy: func(v *agenda.CalendarAccount) {
			tidyTimes(&v.ProblemAt, &v.RevokedAt, &v.CreatedAt, &v.UpdatedAt)
		},
		clone: agenda.CalendarAccount.Clone,
		refs:  func(d *data, v *agenda.CalendarAccount) bool { return s.entities.has(d, intKey(v.EntityID)) },
	})
	s.accounts.unique("account-exists", "the entity has connected an account already",
		func(v *agenda.CalendarAccount) (string, bool) { return intKey(v.EntityID), v.Connected() })
	s.accountsByEntity = s.accounts.index(func(v *agenda.CalendarAccount) (string, bool) { return intKey(v.EntityID), true })

	s.syncs = newTable(s, table[agenda.CalendarSync]{
		name: "calendar_syncs", what: "sync",
		id:   asText(func(v *agenda.CalendarSync) string { return v.AccountID.String() + " " + v.CalendarID }),
		tidy: func(v *agenda.CalendarSync) { tidyTimes(&v.ProblemAt, &v.SyncedAt) },
		refs: func(d *data, v *agenda.CalendarSync) bool { return s.accounts.has(d, uuidKey(v.AccountID.UUID)) },
	})
	s.syncsByAccount = s.syncs.index(func(v *agenda.CalendarSync) (string, bool) { return uuidKey(v.AccountID.UUID), true })

	s.writes = newTable(s, table[CalendarWrite]{
		name: "calendar_writes", what: "write",
		id:   asText((*CalendarWrite).key),
		tidy: func(v *CalendarWrite) { tidyTimes(&v.When.Start, &v.When.End) },
		refs: func(d *data, v *CalendarWrite) bool { return s.accounts.has(d, uuidKey(v.AccountID.UUID)) },
	})
}

// asText is how rows are identified whose key people can read; they are not listed.
func asText[T any](key func(*T) string) ident[T] {
	return ident[T]{key: key, text: key, parse: func(text string) (string, error) { return text, nil }}
}

type calendarAccounts struct{ session }

func (r calendarAccounts) Get(ctx context.Context, scope identity.Scope, key agenda.CalendarAccountID) (agenda.CalendarAccount, error) {
	return get(ctx, r.session, r.tables().accounts, scope, uuidKey(key.UUID))
}

func (r calendarAccounts) List(ctx context.Context, scope identity.Scope, f agenda.CalendarAccountFilter, req page.Request) (page.Page[agenda.CalendarAccount], error) {
	t := r.tables()
	return list(ctx, r.session, t.accounts, req, listing[agenda.CalendarAccount]{
		scope: scope, list: page.Fingerprint("google_credentials", scope, f),
		rows: ofEntity(t.accounts, t.accountsByEntity, scope, f.EntityID),
		filter: func(v *agenda.CalendarAccount) bool {
			return wants(f.EntityID, v.EntityID) && wantsFlag(f.Active, v.Connected())
		},
	})
}

func (r calendarAccounts) Create(ctx context.Context, v agenda.CalendarAccount) (agenda.CalendarAccount, error) {
	return create(ctx, r.session, r.tables().accounts, v)
}

func (r calendarAccounts) Update(ctx context.Context, scope identity.Scope, key agenda.CalendarAccountID, change func(*agenda.CalendarAccount) error) (agenda.CalendarAccount, error) {
	return update(ctx, r.session, r.tables().accounts, scope, uuidKey(key.UUID), change)
}

type calendarSyncs struct{ session }

func (r calendarSyncs) Of(ctx context.Context, account agenda.CalendarAccountID) ([]agenda.CalendarSync, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t := r.tables()
	return clones(t.syncs, t.syncs.in(d, t.syncsByAccount, uuidKey(account.UUID), "")), nil
}

func (r calendarSyncs) Keep(ctx context.Context, v agenda.CalendarSync) error {
	return put(ctx, r.session, r.tables().syncs, v)
}

func (r calendarSyncs) Wrote(ctx context.Context, account agenda.CalendarAccountID, calendarID string, appointment agenda.AppointmentID, when agenda.Interval) error {
	return put(ctx, r.session, r.tables().writes, CalendarWrite{account, calendarID, appointment, when})
}

func (r calendarSyncs) Written(ctx context.Context, account agenda.CalendarAccountID, calendarID string, appointment agenda.AppointmentID) (when agenda.Interval, written bool, err error) {
	d, err := r.view(ctx)
	if err != nil {
		return agenda.Interval{}, false, err
	}
	asked := CalendarWrite{AccountID: account, CalendarID: calendarID, AppointmentID: appointment}
	row, ok := r.tables().writes.get(d, asked.key())
	if !ok {
		return agenda.Interval{}, false, nil
	}
	return row.When, true, nil
}

// put stores a row, in the place of the one with its key if there is one.
func put[T any](ctx context.Context, s session, t *table[T], v T) error {
	return s.change(ctx, func(tx *tx) error {
		before, ok := t.get(tx.data, t.id.key(&v))
		var err error
		if ok {
			_, err = t.replace(tx, before, v)
		} else {
			_, err = t.insert(tx, v)
		}
		return err
	})
}
