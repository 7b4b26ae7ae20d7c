package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type patients struct{ session }

const patientColumns = `patient_id, tenant_id, entity_id, contact, name, name_key, birth_date, phone, erased_at, created_at, updated_at`

func scanPatient(row pgx.CollectableRow) (v agenda.PatientRecord, err error) {
	var nameKey string
	err = row.Scan(optionalUUID{&v.ID.UUID}, optionalUUID{&v.TenantID.UUID}, &v.EntityID, optionalText{&v.Contact}, &v.Patient.Name,
		&nameKey, optionalDay{&v.Patient.BirthDate}, optionalText{&v.Patient.Phone}, optionalMoment{&v.ErasedAt}, &v.CreatedAt, &v.UpdatedAt)
	return v, err
}

// patientValues are what the columns hold, in their order.
func patientValues(v agenda.PatientRecord) []any {
	return []any{
		uuid(v.ID.UUID), uuid(v.TenantID.UUID), v.EntityID, text(v.Contact), v.Patient.Name, v.Patient.NameKey(),
		day(v.Patient.BirthDate), text(v.Patient.Phone), moment(v.ErasedAt), v.CreatedAt, v.UpdatedAt,
	}
}

const patientInScope = `SELECT ` + patientColumns + ` FROM patients WHERE patient_id = $1 AND ($2 OR entity_id = $3)`

func (r patients) Get(ctx context.Context, scope identity.Scope, key agenda.PatientID) (agenda.PatientRecord, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "patient", scanPatient, patientInScope, uuid(key.UUID), all, entity)
}

func (r patients) List(ctx context.Context, scope identity.Scope, f agenda.PatientFilter, req page.Request) (page.Page[agenda.PatientRecord], error) {
	var where conditions
	where.inScope("entity_id", scope)
	where.wantedUUID("tenant_id", f.TenantID.UUID)
	wanted(&where, "contact", f.Contact)
	if f.Phone != "" {
		where.add("(phone = ? OR contact = ?)", f.Phone, f.Phone)
	}
	if f.Name != "" {
		// Words of letters and digits only, so nothing in them means something to LIKE.
		where.add("coalesce((SELECT bool_and(' ' || name_key LIKE '% ' || word || '%') FROM unnest(?::text[]) AS w (word)), true)", texts(f.Words()))
	}
	return list(ctx, r.session, req, listing[agenda.PatientRecord]{
		list: page.Fingerprint("patients", scope, f), scope: scope,
		from: `SELECT ` + patientColumns + ` FROM patients`, where: &where, scan: scanner[agenda.PatientRecord](scanPatient),
		sorting: byUUID("patient_id", func(v agenda.PatientRecord) string { return v.ID.String() }),
	})
}

func (r patients) Create(ctx context.Context, v agenda.PatientRecord) (agenda.PatientRecord, error) {
	return create(ctx, r.session, scanPatient,
		`INSERT INTO patients (`+patientColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING `+patientColumns, patientValues(v)...)
}

func (r patients) Update(ctx context.Context, scope identity.Scope, key agenda.PatientID, change func(*agenda.PatientRecord) error) (agenda.PatientRecord, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[agenda.PatientRecord]{
		what: "patient", columns: patientColumns, scan: scanPatient, find: patientInScope, args: []any{uuid(key.UUID), all, entity},
		changedAt: func(v *agenda.PatientRecord) time.Time { return v.UpdatedAt },
	}, change, func(v agenda.PatientRecord) (string, []any) {
		v.ID = key
		return `UPDATE patients SET tenant_id = $2, entity_id = $3, contact = $4, name = $5, name_key = $6, birth_date = $7, phone = $8,
				erased_at = $9, created_at = $10, updated_at = $11
			WHERE patient_id = $1`, patientValues(v)
	})
}
