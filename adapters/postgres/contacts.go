package postgres

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/reception"
)

type contacts struct{ session }

// Move implements [ports.ContactRepository].
func (r contacts) Move(ctx context.Context, tenant agenda.TenantID, from, to string, now time.Time) error {
	return r.change(ctx, func(q querier) error {
		key := uuid(tenant.UUID)
		// The patients whom both contacts have written for.
		const twice = ` FROM patients AS old JOIN patients AS kept ON kept.contact = $3 AND kept.tenant_id = old.tenant_id
				AND kept.name_key = old.name_key AND kept.birth_date IS NOT DISTINCT FROM old.birth_date
			WHERE old.contact = $2 AND old.tenant_id = $1`
		if _, err := q.Exec(ctx, `UPDATE appointments AS a SET patient_id = t.kept, version = a.version + 1,
				updated_at = greatest($4, a.updated_at + interval '1 microsecond')
			FROM (SELECT old.patient_id AS old, kept.patient_id AS kept`+twice+`) AS t
			WHERE a.patient_id = t.old`, key, from, to, now); err != nil {
			return err
		}
		if _, err := q.Exec(ctx, `DELETE FROM patients WHERE patient_id IN (SELECT old.patient_id`+twice+`)`, key, from, to); err != nil {
			return err
		}
		if _, err := q.Exec(ctx, `UPDATE patients SET contact = $3, updated_at = greatest($4, updated_at + interval '1 microsecond')
			WHERE contact = $2 AND tenant_id = $1`, key, from, to, now); err != nil {
			return err
		}
		if _, err := q.Exec(ctx, `UPDATE appointments SET contact = $3, version = version + 1,
				updated_at = greatest($4, updated_at + interval '1 microsecond')
			WHERE contact = $2 AND tenant_id = $1`, key, from, to, now); err != nil {
			return err
		}
		_, err := q.Exec(ctx, `UPDATE consents SET contact = $3 WHERE contact = $2 AND tenant_id = $1`, key, from, to)
		return err
	})
}

// Merge implements [ports.ContactRepository].
func (r contacts) Merge(ctx context.Context, from, into reception.ConversationID) error {
	return r.change(ctx, func(q querier) error {
		if _, err := q.Exec(ctx, `UPDATE conversation_messages SET conversation_id = $2 WHERE conversation_id = $1`,
			uuid(from.UUID), uuid(into.UUID)); err != nil {
			return err
		}
		tag, err := q.Exec(ctx, `DELETE FROM conversations WHERE conversation_id = $1`, uuid(from.UUID))
		if err == nil && tag.RowsAffected() == 0 {
			err = &ownError{errs.Absent("conversation")}
		}
		return err
	})
}

// Redact implements [ports.ContactRepository].
func (r contacts) Redact(ctx context.Context, key reception.ConversationID) error {
	return r.change(ctx, func(q querier) error {
		_, err := q.Exec(ctx, `UPDATE conversation_messages SET text = '', turn = turn - 'replies',
				status = CASE status WHEN 'pending' THEN 'failed' ELSE status END,
				error = CASE status WHEN 'pending' THEN 'erased' ELSE error END
			WHERE conversation_id = $1`, uuid(key.UUID))
		return err
	})
}
