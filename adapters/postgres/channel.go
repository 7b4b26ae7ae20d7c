package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/reception"
)

type channels struct{ session }

const channelColumns = `tenant_id, state, reason, problem, since, checked_at, heard_at, read_at`

func scanChannel(row pgx.CollectableRow) (v reception.ChannelStatus, err error) {
	err = row.Scan(optionalUUID{&v.TenantID.UUID}, optionalText{(*string)(&v.State)}, &v.Reason, optionalText{&v.Problem},
		optionalMoment{&v.Since}, optionalMoment{&v.CheckedAt}, optionalMoment{&v.HeardAt}, optionalMoment{&v.ReadAt})
	return v, err
}

const channelOf = `SELECT ` + channelColumns + ` FROM channel_statuses WHERE tenant_id = $1`

func (r channels) Of(ctx context.Context, tenant agenda.TenantID) (reception.ChannelStatus, error) {
	v, err := get(ctx, r.session, "channel-status", scanChannel, channelOf, uuid(tenant.UUID))
	if errs.KindOf(err) == errs.NotFound {
		return reception.ChannelStatus{TenantID: tenant}, nil
	}
	return zeroOn(v, err)
}

func (r channels) Update(ctx context.Context, tenant agenda.TenantID, change func(*reception.ChannelStatus) error) (reception.ChannelStatus, error) {
	var v reception.ChannelStatus
	err := r.change(ctx, func(q querier) (err error) {
		// The row is there from now on, so that two who change it at once wait for one another.
		if _, err = q.Exec(ctx, `INSERT INTO channel_statuses (tenant_id) VALUES ($1) ON CONFLICT (tenant_id) DO NOTHING`, uuid(tenant.UUID)); err != nil {
			return err
		}
		if v, err = one(ctx, q, "channel-status", scanChannel, channelOf+` FOR NO KEY UPDATE`, uuid(tenant.UUID)); err != nil {
			return err
		}
		if err := change(&v); err != nil {
			return &ownError{err}
		}
		v, err = one(ctx, q, "channel-status", scanChannel, `UPDATE channel_statuses SET state = $2, reason = $3, problem = $4, since = $5,
				checked_at = $6, heard_at = $7, read_at = $8
			WHERE tenant_id = $1 RETURNING `+channelColumns,
			uuid(tenant.UUID), text(string(v.State)), v.Reason, text(v.Problem), moment(v.Since), moment(v.CheckedAt), moment(v.HeardAt), moment(v.ReadAt))
		return err
	})
	return zeroOn(v, err)
}
