package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type calendarAccounts struct{ session }

const accountColumns = `id, entity_id, account, token, scopes, problem, problem_at, revoked_at, created_at, updated_at`

func scanAccount(row pgx.CollectableRow) (v agenda.CalendarAccount, err error) {
	err = row.Scan(optionalUUID{&v.ID.UUID}, &v.EntityID, optionalText{&v.Account}, &v.Token, &v.Scopes, optionalText{&v.Problem},
		optionalMoment{&v.ProblemAt}, optionalMoment{&v.RevokedAt}, &v.CreatedAt, &v.UpdatedAt)
	return v, err
}

// accountValues are what the columns hold, in their order.
func accountValues(v agenda.CalendarAccount) []any {
	return []any{
		uuid(v.ID.UUID), v.EntityID, text(v.Account), v.Token, texts(v.Scopes), text(v.Problem), moment(v.ProblemAt), moment(v.RevokedAt),
		v.CreatedAt, v.UpdatedAt,
	}
}

const accountInScope = `SELECT ` + accountColumns + ` FROM google_credentials WHERE id = $1 AND ($2 OR entity_id = $3)`

func (r calendarAccounts) Get(ctx context.Context, scope identity.Scope, key agenda.CalendarAccountID) (agenda.CalendarAccount, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "account", scanAccount, accountInScope, uuid(key.UUID), all, entity)
}

func (r calendarAccounts) List(ctx context.Context, scope identity.Scope, f agenda.CalendarAccountFilter, req page.Request) (page.Page[agenda.CalendarAccount], error) {
	var where conditions
	where.inScope("entity_id", scope)
	wanted(&where, "entity_id", f.EntityID)
	if f.Active != nil {
		where.check("(revoked_at IS NULL) = ?", *f.Active)
	}
	return list(ctx, r.session, req, listing[agenda.CalendarAccount]{
		list: page.Fingerprint("google_credentials", scope, f), scope: scope,
		from: `SELECT ` + accountColumns + ` FROM google_credentials`, where: &where, scan: scanner[agenda.CalendarAccount](scanAccount),
		sorting: byUUID("id", func(v agenda.CalendarAccount) string { return v.ID.String() }),
	})
}

func (r calendarAccounts) Create(ctx context.Context, v agenda.CalendarAccount) (agenda.CalendarAccount, error) {
	return create(ctx, r.session, scanAccount,
		`INSERT INTO google_credentials (`+accountColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING `+accountColumns, accountValues(v)...)
}

func (r calendarAccounts) Update(ctx context.Context, scope identity.Scope, key agenda.CalendarAccountID, change func(*agenda.CalendarAccount) error) (agenda.CalendarAccount, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[agenda.CalendarAccount]{
		what: "account", columns: accountColumns, scan: scanAccount, find: accountInScope, args: []any{uuid(key.UUID), all, entity},
		changedAt: func(v *agenda.CalendarAccount) time.Time { return v.UpdatedAt },
	}, change, func(v agenda.CalendarAccount) (string, []any) {
		v.ID = key
		return `UPDATE google_credentials SET entity_id = $2, account = $3, token = $4, scopes = $5, problem = $6, problem_at = $7,
				revoked_at = $8, created_at = $9, updated_at = $10
			WHERE id = $1`, accountValues(v)
	})
}

type calendarSyncs struct{ session }

func scanSync(row pgx.CollectableRow) (v agenda.CalendarSync, err error) {
	err = row.Scan(optionalUUID{&v.AccountID.UUID}, &v.CalendarID, optionalText{&v.Token}, optionalText{&v.Problem},
		optionalMoment{&v.ProblemAt}, optionalMoment{&v.SyncedAt})
	return v, err
}

func (r calendarSyncs) Of(ctx context.Context, account agenda.CalendarAccountID) ([]agenda.CalendarSync, error) {
	var found []agenda.CalendarSync
	err := r.read(ctx, func(q querier) (err error) {
		found, err = all(ctx, q, scanSync, `SELECT account_id, calendar_id, sync_token, problem, problem_at, synced_at FROM calendar_syncs
			WHERE account_id = $1 ORDER BY calendar_id COLLATE "C"`, uuid(account.UUID))
		return err
	})
	return zeroOn(found, err)
}

func (r calendarSyncs) Keep(ctx context.Context, v agenda.CalendarSync) error {
	return r.statement(ctx, func(q querier) error {
		_, err := q.Exec(ctx, `INSERT INTO calendar_syncs (account_id, calendar_id, sync_token, problem, problem_at, synced_at)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (account_id, calendar_id) DO UPDATE SET sync_token = excluded.sync_token, problem = excluded.problem,
				problem_at = excluded.problem_at, synced_at = excluded.synced_at`,
			uuid(v.AccountID.UUID), v.CalendarID, text(v.Token), text(v.Problem), moment(v.ProblemAt), moment(v.SyncedAt))
		return err
	})
}

func (r calendarSyncs) Wrote(ctx context.Context, account agenda.CalendarAccountID, calendarID string, appointment agenda.AppointmentID, when agenda.Interval) error {
	return r.statement(ctx, func(q querier) error {
		_, err := q.Exec(ctx, `INSERT INTO calendar_writes (account_id, calendar_id, appointment_id, starts_at, ends_at)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (account_id, calendar_id, appointment_id) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at`,
			uuid(account.UUID), calendarID, uuid(appointment.UUID), when.Start, when.End)
		return err
	})
}

func (r calendarSyncs) Written(ctx context.Context, account agenda.CalendarAccountID, calendarID string, appointment agenda.AppointmentID) (when agenda.Interval, written bool, err error) {
	when, err = get(ctx, r.session, "write", func(row pgx.CollectableRow) (v agenda.Interval, err error) {
		err = row.Scan(&v.Start, &v.End)
		return v, err
	}, `SELECT starts_at, ends_at FROM calendar_writes WHERE account_id = $1 AND calendar_id = $2 AND appointment_id = $3`,
		uuid(account.UUID), calendarID, uuid(appointment.UUID))
	if errs.KindOf(err) == errs.NotFound {
		return agenda.Interval{}, false, nil
	}
	return when, err == nil, err
}
