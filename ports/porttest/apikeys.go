package porttest

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

func apiKeyRecords() records[identity.APIKey, identity.APIKeyID, identity.APIKeyFilter] {
	return records[identity.APIKey, identity.APIKeyID, identity.APIKeyFilter]{
		what: "api-key", given: true,
		of: func(f *Fixtures) repository[identity.APIKey, identity.APIKeyID, identity.APIKeyFilter] {
			return f.APIKeys
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) identity.APIKey {
			k := f.NewAPIKey(entity)
			switch n % 4 {
			case 1:
				k.RevokedAt = f.Now()
			case 2:
				k.ExpiresAt = f.Now()
			case 3:
				k.ExpiresAt = time.Time{}
			}
			return k
		},
		id: func(k *identity.APIKey) *identity.APIKeyID { return &k.ID }, missing: id.New[identity.APIKey](),
		order:  func(k identity.APIKey) string { return k.ID.String() },
		entity: func(_ *Fixtures, k identity.APIKey) clinic.EntityID { return k.EntityID },
		at:     func(k *identity.APIKey) *time.Time { return &k.ExpiresAt },
		change: func(k *identity.APIKey) {
			k.Name, k.Prefix, k.Hash, k.Scopes = "outra", "sk_changed", "new-"+k.Hash, []identity.Permission{identity.UsageRead}
			k.ExpiresAt, k.RevokedAt, k.UpdatedAt = k.ExpiresAt.Add(time.Hour), k.CreatedAt.Add(time.Hour), k.UpdatedAt.Add(time.Hour)
		},
		bare:   func(k *identity.APIKey) { k.CreatedBy, k.ExpiresAt, k.Scopes = 0, time.Time{}, nil },
		damage: func(k *identity.APIKey) { k.Scopes[0] = "damaged" },
		filters: func(f *Fixtures, rows []identity.APIKey) []filter[identity.APIKey, identity.APIKeyFilter] {
			entity, now := rows[0].EntityID, f.Now()
			return []filter[identity.APIKey, identity.APIKeyFilter]{
				{"active", identity.APIKeyFilter{Active: new(true), Now: now}, func(k identity.APIKey) bool { return k.Active(now) }},
				{"inactive", identity.APIKeyFilter{Active: new(false), Now: now}, func(k identity.APIKey) bool { return !k.Active(now) }},
				{"entity", identity.APIKeyFilter{EntityID: entity}, func(k identity.APIKey) bool { return k.EntityID == entity }},
			}
		},
		conflicts: []conflict[identity.APIKey]{
			{"api-key-exists", func(first identity.APIKey, second *identity.APIKey) { second.Hash = first.Hash }, true},
		},
		unknown: []unknown[identity.APIKey]{
			{"entity", func(k *identity.APIKey) { k.EntityID = nowhere }},
			{"created_by", func(k *identity.APIKey) { k.CreatedBy = nowhere }},
		},
	}
}

func testAPIKeys(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	apiKeyRecords().run(t, open)

	try(t, open, "ByHashFindsAKeyOfAnyEntityGoodOrNot", func(t *testing.T, f *Fixtures) {
		good, revoked := f.APIKey(f.Entity().ID), f.NewAPIKey(f.Entity().ID)
		revoked.RevokedAt = f.Now()
		revoked = store(f, f.APIKeys.Create, revoked)
		for _, want := range []identity.APIKey{good, revoked} {
			wantSame(t, "the key", ok[identity.APIKey](t, "by hash")(f.APIKeys.ByHash(t.Context(), want.Hash)), want)
		}
		_, err := f.APIKeys.ByHash(t.Context(), "nothing")
		wantError(t, "an unknown hash", err, errs.NotFound, "api-key-not-found")
		_, err = f.APIKeys.ByHash(cancelled(t), good.Hash)
		wantCancelled(t, "ByHash", err)
	})
	try(t, open, "TheLatestUseIsKeptAndIsNoChange", func(t *testing.T, f *Fixtures) {
		want := f.APIKey(f.Entity().ID)
		last := f.lastEntry().ID
		for _, c := range []struct{ used, kept time.Duration }{{time.Hour, time.Hour}, {time.Minute, time.Hour}, {2 * time.Hour, 2 * time.Hour}} {
			okay(t, "used", f.APIKeys.Used(t.Context(), want.ID, f.Now().Add(c.used)))
			want.LastUsedAt = f.Now().Add(c.kept)
			wantSame(t, "the key", ok[identity.APIKey](t, "get")(f.APIKeys.Get(t.Context(), identity.AllEntities(), want.ID)), want)
		}
		if e := f.lastEntry(); e.ID != last {
			t.Errorf("using a key left the entry %+v", e)
		}
		okay(t, "the use of an unknown key", f.APIKeys.Used(t.Context(), id.New[identity.APIKey](), f.Now()))
		wantCancelled(t, "Used", f.APIKeys.Used(cancelled(t), want.ID, f.Now()))
		got := ok[identity.APIKey](t, "update")(f.APIKeys.Update(t.Context(), identity.AllEntities(), want.ID, func(k *identity.APIKey) error {
			k.Name, k.LastUsedAt, k.UpdatedAt = "renamed", time.Time{}, k.UpdatedAt.Add(time.Hour)
			return nil
		}))
		want.Name, want.UpdatedAt = "renamed", want.UpdatedAt.Add(time.Hour)
		wantSame(t, "what Update returned", got, want)
	})
	try(t, open, "ACursorOutlivesTheTimeOfAsking", func(t *testing.T, f *Fixtures) {
		entity := f.Entity().ID
		one, other := f.APIKey(entity), f.APIKey(entity)
		filter := identity.APIKeyFilter{Active: new(true), Now: f.Now()}
		first := ok[page.Page[identity.APIKey]](t, "list")(f.APIKeys.List(t.Context(), identity.AllEntities(), filter, page.Request{Limit: 1}))
		want := one // the order of ids of one millisecond is anybody's guess
		if same(first.Items, []identity.APIKey{one}) {
			want = other
		}
		filter.Now = f.Now().Add(time.Second)
		next := ok[page.Page[identity.APIKey]](t, "list")(f.APIKeys.List(t.Context(), identity.AllEntities(), filter, page.Request{Limit: 1, Cursor: first.NextCursor}))
		wantSame(t, "the next page", next.Items, []identity.APIKey{want})
	})
}
