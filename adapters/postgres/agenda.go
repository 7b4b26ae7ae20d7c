package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type clinics struct{ session }

const clinicColumns = `tenant_id, entity_id, tenant_name, evolution_instance_name, evolution_webhook_token,
	google_oauth_credential_id, system_prompt, timezone, minimum_notice, maximum_ahead, hold_time, is_active, created_at, updated_at,
	cut_off, national_holidays, closures, blocking_calendars, event_details, address, handoff_return,
	reminder_minutes, quiet_from, quiet_until`

func scanClinic(row pgx.CollectableRow) (v agenda.Clinic, err error) {
	var reminders []int32
	err = row.Scan(optionalUUID{&v.ID.UUID}, &v.EntityID, &v.Name, optionalText{&v.EvolutionInstance}, optionalText{&v.WebhookToken},
		optionalText{&v.GoogleOAuthCredentialID}, optionalText{&v.SystemPrompt}, &v.TimeZone, &v.MinimumNotice, &v.MaximumAhead,
		&v.HoldTime, &v.Active, &v.CreatedAt, &v.UpdatedAt,
		&v.CutOff, &v.NationalHolidays, rowsOf[closureRow, agenda.Closure]{&v.Closures}, &v.BlockingCalendars, &v.EventDetails,
		optionalText{&v.Address}, &v.HandoffReturn, &reminders, clockTime{&v.QuietHours.From}, clockTime{&v.QuietHours.Until})
	v.Reminders = durationsOf(reminders)
	if len(v.BlockingCalendars) == 0 {
		v.BlockingCalendars = nil
	}
	return v, err
}

// clinicValues are what the columns hold, in their order. pgx writes a duration as microseconds, never as days or months,
// whose length is a matter of opinion.
func clinicValues(v agenda.Clinic) []any {
	return []any{
		uuid(v.ID.UUID), v.EntityID, v.Name, text(v.EvolutionInstance), text(v.WebhookToken), text(v.GoogleOAuthCredentialID),
		text(v.SystemPrompt), v.TimeZone, v.MinimumNotice, v.MaximumAhead, v.HoldTime, v.Active, v.CreatedAt, v.UpdatedAt,
		v.CutOff, v.NationalHolidays, rowsFor(v.Closures, closureRowOf), texts(v.BlockingCalendars), string(v.EventDetails),
		text(v.Address), v.HandoffReturn, minutes(v.Reminders), clock(v.QuietHours.From), clock(v.QuietHours.Until),
	}
}

const clinicInScope = `SELECT ` + clinicColumns + ` FROM tenant_config WHERE tenant_id = $1 AND ($2 OR entity_id = $3)`

func (r clinics) Get(ctx context.Context, scope identity.Scope, key agenda.TenantID) (agenda.Clinic, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "clinic", scanClinic, clinicInScope, uuid(key.UUID), all, entity)
}

func (r clinics) ByInstance(ctx context.Context, instance string) (agenda.Clinic, error) {
	return get(ctx, r.session, "clinic", scanClinic,
		`SELECT `+clinicColumns+` FROM tenant_config WHERE evolution_instance_name = $1`, instance)
}

// Directory implements [ports.ClinicRepository] in one round trip: every message of a patient asks for it.
func (r clinics) Directory(ctx context.Context, scope identity.Scope, tenant agenda.TenantID) (agenda.Directory, error) {
	var d agenda.Directory
	allEntities, entity := entityOf(scope)
	err := r.read(ctx, func(q querier) error {
		key, batch := uuid(tenant.UUID), &pgx.Batch{}
		batch.Queue(clinicInScope, key, allEntities, entity)
		batch.Queue(`SELECT `+clinicProfessionalColumns+` FROM clinic_professionals
			WHERE tenant_id = $1 AND is_active ORDER BY professional_id`, key)
		batch.Queue(`SELECT `+serviceColumns+` FROM professional_services
			WHERE tenant_id = $1 AND is_active ORDER BY service_id`, key)
		results := q.SendBatch(ctx, batch)
		found, err := next(results, scanClinic)
		var professionals []agenda.ClinicProfessional
		if err == nil {
			professionals, err = next(results, scanClinicProfessional)
		}
		var offered []agenda.Service
		if err == nil {
			offered, err = next(results, scanService)
		}
		if closeErr := results.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return errs.Absent("clinic")
		}
		d = agenda.NewDirectory(found[0], professionals, offered)
		return nil
	})
	return zeroOn(d, err)
}

func (r clinics) TimeZone(ctx context.Context, scope identity.Scope, entity clinic.EntityID) (string, error) {
	all, own := entityOf(scope)
	zone, err := get(ctx, r.session, "clinic", pgx.RowTo[string],
		`SELECT timezone FROM tenant_config WHERE entity_id = $1 AND ($2 OR entity_id = $3)`, entity, all, own)
	if errs.KindOf(err) == errs.NotFound {
		return "", nil
	}
	return zone, err
}

// next reads the rows of the next query of a batch.
func next[T any](results pgx.BatchResults, scan scanner[T]) ([]T, error) {
	rows, err := results.Query()
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToFunc[T](scan))
}

func (r clinics) List(ctx context.Context, scope identity.Scope, f agenda.ClinicFilter, req page.Request) (page.Page[agenda.Clinic], error) {
	var where conditions
	where.inScope("entity_id", scope)
	wanted(&where, "entity_id", f.EntityID)
	wanted(&where, "evolution_instance_name", f.Instance)
	where.flag("is_active", f.Active)
	return list(ctx, r.session, req, listing[agenda.Clinic]{
		list: page.Fingerprint("clinics", scope, f), scope: scope,
		from: `SELECT ` + clinicColumns + ` FROM tenant_config`, where: &where, scan: scanner[agenda.Clinic](scanClinic),
		sorting: byUUID("tenant_id", func(v agenda.Clinic) string { return v.ID.String() }),
	})
}

func (r clinics) Create(ctx context.Context, v agenda.Clinic) (agenda.Clinic, error) {
	return create(ctx, r.session, scanClinic,
		`INSERT INTO tenant_config (`+clinicColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
			$20, $21, $22, $23, $24) RETURNING `+clinicColumns, clinicValues(v)...)
}

func (r clinics) Update(ctx context.Context, scope identity.Scope, key agenda.TenantID, change func(*agenda.Clinic) error) (agenda.Clinic, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[agenda.Clinic]{
		what: "clinic", columns: clinicColumns, scan: scanClinic, find: clinicInScope, args: []any{uuid(key.UUID), all, entity}, changedAt: func(v *agenda.Clinic) time.Time { return v.UpdatedAt },
	}, change, func(v agenda.Clinic) (string, []any) {
		v.ID = key
		return `UPDATE tenant_config SET entity_id = $2, tenant_name = $3, evolution_instance_name = $4, evolution_webhook_token = $5,
				google_oauth_credential_id = $6, system_prompt = $7, timezone = $8, minimum_notice = $9, maximum_ahead = $10,
				hold_time = $11, is_active = $12, created_at = $13, updated_at = $14, cut_off = $15, national_holidays = $16,
				closures = $17, blocking_calendars = $18, event_details = $19, address = $20, handoff_return = $21,
				reminder_minutes = $22, quiet_from = $23, quiet_until = $24
			WHERE tenant_id = $1`, clinicValues(v)
	})
}
