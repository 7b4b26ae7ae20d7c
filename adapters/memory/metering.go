package memory

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
)

type meteringTables struct {
	usages         *table[metering.AgentUsage]
	usagesByEntity *index[metering.AgentUsage]
	usagesByRoom   *index[metering.AgentUsage]
	usagesByAgent  *index[metering.AgentUsage]
	usagesByChange *index[metering.AgentUsage] // those that go on

	usageKeys      *table[metering.UpdateKey]
	usageKeysByAge *index[metering.UpdateKey]
}

func (s *schema) addMetering() {
	s.usages = newTable(s, table[metering.AgentUsage]{
		name: "agent_usages", what: "usage",
		id:      serial(func(v *metering.AgentUsage) *metering.UsageID { return &v.ID }),
		inScope: func(_ *data, scope identity.Scope, v *metering.AgentUsage) bool { return scope.Includes(v.EntityID) },
		tidy: func(v *metering.AgentUsage) {
			tidyTimes(&v.SessionStart, &v.SessionEnd, &v.CreatedAt, &v.UpdatedAt)
		},
		clone: func(v metering.AgentUsage) metering.AgentUsage {
			v.Readings, v.Lines = slices.Clone(v.Readings), slices.Clone(v.Lines)
			return v
		},
		refs: func(d *data, v *metering.AgentUsage) bool {
			return s.rooms.has(d, intKey(v.RoomID)) && s.participants.has(d, intKey(v.ParticipantID)) &&
				s.hasEntity(d, v.EntityID) && s.hasDepartment(d, v.DepartmentID)
		},
	})
	s.usagesByEntity = s.usages.index(func(v *metering.AgentUsage) (string, bool) { return intKey(v.EntityID), true })
	s.usagesByRoom = s.usages.index(func(v *metering.AgentUsage) (string, bool) { return intKey(v.RoomID), true })
	s.usagesByAgent = s.usages.index(func(v *metering.AgentUsage) (string, bool) { return intKey(v.ParticipantID), true })
	s.usagesByChange = s.usages.sortedIndex(
		func(v *metering.AgentUsage) (string, bool) { return "", v.SessionEnd.IsZero() },
		func(v *metering.AgentUsage) string { return timeKey(v.UpdatedAt) + intKey(v.ID) })

	s.usageKeys = newTable(s, table[metering.UpdateKey]{
		name: "agent_usage_updates", what: "update",
		id:   updateKey(),
		tidy: func(v *metering.UpdateKey) { tidyTimes(&v.At) },
		refs: func(d *data, v *metering.UpdateKey) bool { return s.usages.has(d, intKey(v.UsageID)) },
	})
	s.usageKeysByAge = byExpiry(s.usageKeys, func(v *metering.UpdateKey) time.Time { return v.At })
}

// updateKey identifies an update by its session and its key.
func updateKey() ident[metering.UpdateKey] {
	return ident[metering.UpdateKey]{
		key:  func(v *metering.UpdateKey) string { return intKey(v.UsageID) + v.Key },
		text: func(v *metering.UpdateKey) string { return v.UsageID.String() + " " + v.Key },
		parse: func(text string) (string, error) {
			usage, key, _ := strings.Cut(text, " ")
			n, err := strconv.ParseInt(usage, 10, 64)
			if err != nil {
				return "", errs.New(errs.Invalid, "invalid-key", "the key is none of an update")
			}
			return intKey(n) + key, nil
		},
	}
}

type agentUsages struct{ session }

func (r agentUsages) Get(ctx context.Context, scope identity.Scope, key metering.UsageID) (metering.AgentUsage, error) {
	return get(ctx, r.session, r.tables().usages, scope, intKey(key))
}

func (r agentUsages) List(ctx context.Context, scope identity.Scope, f metering.UsageFilter, req page.Request) (page.Page[metering.AgentUsage], error) {
	t := r.tables()
	rows := ofEntity(t.usages, t.usagesByEntity, scope, f.EntityID)
	switch {
	case f.RoomID != 0:
		rows = group(t.usages, t.usagesByRoom, intKey(f.RoomID))
	case f.ParticipantID != 0:
		rows = group(t.usages, t.usagesByAgent, intKey(f.ParticipantID))
	}
	return list(ctx, r.session, t.usages, req, listing[metering.AgentUsage]{
		scope: scope, list: page.Fingerprint("agent_usages", scope, f), rows: rows,
		filter: func(v *metering.AgentUsage) bool {
			return wants(f.RoomID, v.RoomID) && wants(f.EntityID, v.EntityID) && wants(f.DepartmentID, v.DepartmentID) &&
				wants(f.ParticipantID, v.ParticipantID) && wantsFlag(f.Active, v.SessionEnd.IsZero())
		},
	})
}

func (r agentUsages) Create(ctx context.Context, v metering.AgentUsage) (metering.AgentUsage, error) {
	return create(ctx, r.session, r.tables().usages, v)
}

func (r agentUsages) Update(ctx context.Context, scope identity.Scope, key metering.UsageID, change func(*metering.AgentUsage) error) (metering.AgentUsage, error) {
	return update(ctx, r.session, r.tables().usages, scope, intKey(key), change)
}

func (r agentUsages) Remember(ctx context.Context, usage metering.UsageID, keys []string, at time.Time) ([]string, error) {
	t := r.tables().usageKeys
	fresh := make([]string, 0, len(keys))
	err := r.change(ctx, func(tx *tx) error {
		for _, key := range keys {
			v := metering.UpdateKey{UsageID: usage, Key: key, At: at}
			if t.has(tx.data, t.id.key(&v)) {
				continue
			}
			if _, err := t.insert(tx, v); err != nil {
				return err
			}
			fresh = append(fresh, key)
		}
		return nil
	})
	return orZero(fresh, err)
}

func (r agentUsages) Forget(ctx context.Context, before time.Time) (int, error) {
	t := r.tables()
	return deleteExpired(ctx, r.session, t.usageKeys, t.usageKeysByAge, before)
}

func (r agentUsages) Idle(ctx context.Context, since time.Time, limit int) ([]metering.UsageID, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t := r.tables()
	var idle []metering.UsageID
	for v := range t.usages.in(d, t.usagesByChange, "", "") {
		if len(idle) >= limit || !v.UpdatedAt.Before(utc(since)) {
			break
		}
		idle = append(idle, v.ID)
	}
	return idle, nil
}

func (r agentUsages) Orphaned(ctx context.Context, closedBefore time.Time, limit int) ([]metering.UsageID, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t := r.tables()
	var orphaned []metering.UsageID
	for v := range t.usages.in(d, t.usagesByChange, "", "") {
		if len(orphaned) >= limit {
			break
		}
		if t.closedBefore(d, v.RoomID, closedBefore) {
			orphaned = append(orphaned, v.ID)
		}
	}
	return orphaned, nil
}

func (r agentUsages) Started(ctx context.Context, scope identity.Scope, from, to time.Time, after metering.UsageID, limit int) ([]metering.UsageID, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t := r.tables()
	var started []metering.UsageID
	for v := range ofEntity(t.usages, t.usagesByEntity, scope, 0)(d, intKey(after)) {
		if len(started) >= limit {
			break
		}
		if scope.Includes(v.EntityID) && !v.SessionStart.Before(utc(from)) && v.SessionStart.Before(utc(to)) {
			started = append(started, v.ID)
		}
	}
	return started, nil
}
