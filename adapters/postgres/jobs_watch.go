package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/ports"
)

const (
	watchInterval  = 1500 * time.Millisecond
	repairInterval = 30 * time.Second
	looksOfOthers  = 2 // in a row, before another crew's job is taken for abandoned
	looksOfOwn     = 6 // and before an own one is: River takes up to 7 seconds to store what became of a job
)

// claim is a job that River has a crew do, or with job 0, the leadership of a crew.
type claim struct {
	job     int64
	attempt int16
	crew    string
}

// watch looks after what nobody else does: jobs whose process was killed, which River by itself would leave alone for a
// long time; and keys without a head, which should not be.
func (c *crew) watch(ctx context.Context) {
	looks := map[claim]int{} // how often in a row a claim was seen that nobody stands up for
	repaired := time.Time{}
	for ctx.Err() == nil {
		if time.Since(repaired) >= repairInterval {
			c.note(ctx, "repair heads", c.repair(ctx))
			repaired = time.Now()
		}
		abandoned, err := c.abandoned(ctx)
		c.note(ctx, "look for abandoned jobs", err)
		if err == nil {
			seen := map[claim]int{}
			for _, a := range abandoned {
				seen[a] = looks[a] + 1
			}
			looks = seen
		}
		for a, times := range looks {
			if times >= looksOfOwn || times >= looksOfOthers && a.crew != c.id {
				c.note(ctx, "release an abandoned job", c.release(ctx, a))
				delete(looks, a)
			}
		}
		_ = sleep(ctx, watchInterval)
	}
}

func (c *crew) note(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		c.log.WarnContext(ctx, "the watch over the jobs failed and is tried again", "what", what, "err", err)
	}
}

// abandoned are the claims of crews that hold no lock, and this crew's own of which it knows nothing.
func (c *crew) abandoned(ctx context.Context) ([]claim, error) {
	// In this order: a crew has its lock before it has a claim.
	claims, err := all(ctx, c.pool, scanClaim, `
		SELECT id, attempt, attempted_by[array_upper(attempted_by, 1)] FROM river.river_job WHERE state = 'running'
		UNION ALL SELECT 0, 0, leader_id FROM river.river_leader`)
	if err != nil {
		return nil, err
	}
	var others bool
	var out []claim
	for _, a := range claims {
		switch {
		case a.crew != c.id:
			others = true
		case a.job != 0 && !c.isDoing(a.job):
			out = append(out, a)
		}
	}
	if !others {
		return out, nil
	}
	held, err := all(ctx, c.pool, pgx.RowTo[int64], `
		SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks
		WHERE locktype = 'advisory' AND objsubid = 1 AND granted
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	if err != nil {
		return nil, err
	}
	alive := map[int64]bool{}
	for _, key := range held {
		alive[key] = true
	}
	for _, a := range claims {
		if a.crew != c.id && !alive[lockKey(crewLock, a.crew)] {
			out = append(out, a)
		}
	}
	return out, nil
}

func scanClaim(row pgx.CollectableRow) (a claim, err error) {
	return a, row.Scan(&a.job, &a.attempt, &a.crew)
}

// release lets others have what a crew has abandoned. The attempt does not count: nobody knows that it failed.
func (c *crew) release(ctx context.Context, a claim) error {
	if a.job == 0 {
		_, err := c.pool.Exec(ctx, `
			WITH gone AS (DELETE FROM river.river_leader WHERE leader_id = $1 RETURNING leader_id)
			SELECT pg_notify('river.river_leadership', json_build_object('leader_id', leader_id, 'action', 'resigned')::text) FROM gone`, a.crew)
		return err
	}
	done, err := c.pool.Exec(ctx, `
		UPDATE river.river_job SET state = 'available', attempt = attempt - 1, scheduled_at = now()
		WHERE id = $1 AND state = 'running' AND attempt = $2 AND attempted_by[array_upper(attempted_by, 1)] = $3`, a.job, a.attempt, a.crew)
	if err != nil || done.RowsAffected() == 0 {
		return err
	}
	c.log.WarnContext(ctx, "a job was abandoned and is done again", "river_job", a.job, "crew", a.crew)
	return wake(ctx, c.pool)
}

// repair puts a head to every key that has jobs and no live head.
func (c *crew) repair(ctx context.Context) error {
	keys, err := all(ctx, c.pool, pgx.RowTo[string], `
		SELECT DISTINCT key FROM jobs WHERE key NOT IN (
			SELECT args->>'lane' FROM river.river_job
			WHERE kind = 'head' AND state IN ('available', 'pending', 'retryable', 'running', 'scheduled'))`)
	if err != nil {
		return err
	}
	for _, key := range keys {
		c.log.ErrorContext(ctx, "a key had jobs and no head", "key", key)
		err := pgx.BeginFunc(ctx, c.pool, func(tx pgx.Tx) error {
			var next []ports.Job
			b := &pgx.Batch{}
			lockLane(b, key)
			oldest(b, key, &next)
			if err := tx.SendBatch(ctx, b).Close(); err != nil {
				return err
			}
			return c.promote(ctx, tx, next)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
