package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
)

type consents struct{ session }

// consentFields are what an entry is made of, consentColumns what is read of it.
const (
	consentFields  = `tenant_id, entity_id, contact, purpose, granted, how, user_id, at`
	consentColumns = `id, ` + consentFields
)

func scanConsent(row pgx.CollectableRow) (v reception.Consent, err error) {
	err = row.Scan(&v.ID, optionalUUID{&v.TenantID.UUID}, &v.EntityID, &v.Contact, &v.Purpose, &v.Granted, &v.How,
		optionalNumber{(*int64)(&v.UserID)}, &v.At)
	return v, err
}

func (r consents) Append(ctx context.Context, v reception.Consent) (reception.Consent, error) {
	return insert(ctx, r.session, scanConsent,
		`INSERT INTO consents (`+consentFields+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING `+consentColumns,
		uuid(v.TenantID.UUID), v.EntityID, v.Contact, v.Purpose, v.Granted, v.How, number(v.UserID), v.At)
}

func (r consents) Latest(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, contact string, purpose reception.ConsentPurpose) (reception.Consent, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "consent", scanConsent, `SELECT `+consentColumns+` FROM consents
		WHERE contact = $1 AND tenant_id = $2 AND purpose = $3 AND ($4 OR entity_id = $5) ORDER BY id DESC LIMIT 1`,
		contact, uuid(tenant.UUID), purpose, all, entity)
}

func (r consents) List(ctx context.Context, scope identity.Scope, f reception.ConsentFilter, req page.Request) (page.Page[reception.Consent], error) {
	var where conditions
	where.inScope("entity_id", scope)
	where.wantedUUID("tenant_id", f.TenantID.UUID)
	wanted(&where, "contact", f.Contact)
	return list(ctx, r.session, req, listing[reception.Consent]{
		list: page.Fingerprint("consents", scope, f), scope: scope,
		from: `SELECT ` + consentColumns + ` FROM consents`, where: &where, scan: scanner[reception.Consent](scanConsent),
		sorting: byID(func(v reception.Consent) string { return v.ID.String() }),
	})
}
