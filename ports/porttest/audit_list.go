package porttest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// auditLog stores entries that differ in everything by which they are found, and returns them as they are listed. They
// are the only ones in a period that begins with the returned time. Two have the same time, and their order is not that
// in which they were stored.
func (f *Fixtures) auditLog(entities ...clinic.EntityID) (entries []identity.AuditEntry, since time.Time) {
	f.t.Helper()
	since = f.Now().AddDate(100, 0, 0)
	for n := range 24 {
		e := identity.AuditEntry{
			Actor: fmt.Sprint("user:", n%3), Action: []string{"create", "read"}[n%2], Table: []string{"rooms", "users", "entities"}[n/2%3],
			RowID: fmt.Sprint(n % 4), EntityID: entities[n%len(entities)], CreatedAt: since.Add(time.Duration(n*7%24/2) * time.Minute),
		}
		entries = append(entries, store(f, f.AuditLog.Append, e))
	}
	slices.SortFunc(entries, func(a, b identity.AuditEntry) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return entries, since
}

func testAuditList(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	try(t, open, "List/FindsWhatIsAskedFor", func(t *testing.T, f *Fixtures) {
		a, b := f.Entity().ID, f.Entity().ID
		entries, since := f.auditLog(a, b, 0)
		middle := since.Add(5 * time.Minute)
		for _, c := range []struct {
			name   string
			filter identity.AuditFilter
			in     func(identity.AuditEntry) bool
		}{
			{"all", identity.AuditFilter{}, func(identity.AuditEntry) bool { return true }},
			{"of an actor", identity.AuditFilter{Actor: "user:1"}, func(e identity.AuditEntry) bool { return e.Actor == "user:1" }},
			{"of an action", identity.AuditFilter{Action: "read"}, func(e identity.AuditEntry) bool { return e.Action == "read" }},
			{"of a table", identity.AuditFilter{Table: "users"}, func(e identity.AuditEntry) bool { return e.Table == "users" }},
			{"of a row", identity.AuditFilter{Table: "rooms", RowID: "1"}, func(e identity.AuditEntry) bool { return e.Table == "rooms" && e.RowID == "1" }},
			{"of an entity", identity.AuditFilter{EntityID: b}, func(e identity.AuditEntry) bool { return e.EntityID == b }},
			{"up to", identity.AuditFilter{To: middle}, func(e identity.AuditEntry) bool { return e.CreatedAt.Before(middle) }},
			{"everything", identity.AuditFilter{
				Actor: "user:0", Action: "create", Table: "rooms", RowID: "0", EntityID: a, From: since, To: middle.AddDate(1, 0, 0),
			}, func(e identity.AuditEntry) bool {
				return e.Actor == "user:0" && e.Action == "create" && e.Table == "rooms" && e.RowID == "0" && e.EntityID == a
			}},
			{"from", identity.AuditFilter{From: middle}, func(e identity.AuditEntry) bool { return !e.CreatedAt.Before(middle) }},
			{"nothing", identity.AuditFilter{Actor: "user"}, func(identity.AuditEntry) bool { return false }},
		} {
			if c.filter.From.IsZero() {
				c.filter.From = since // without what the store wrote itself
			}
			for _, scope := range []identity.Scope{identity.AllEntities(), identity.OnlyEntity(a), identity.OnlyEntity(b), {}} {
				var want []identity.AuditEntry
				for _, e := range entries {
					if scope.Includes(e.EntityID) && c.in(e) {
						want = append(want, e)
					}
				}
				list := func(req page.Request) (page.Page[identity.AuditEntry], error) {
					return f.AuditLog.List(t.Context(), scope, c.filter, req)
				}
				if scope.All() && c.name != "nothing" && (len(want) == 0 || len(want) == len(entries) && c.name != "all") {
					t.Fatalf("%s: %d of %d entries, which shows nothing", c.name, len(want), len(entries))
				}
				for _, limit := range []int{1, 3, 24, 25} {
					wantWalk(t, list, limit, want)
				}
			}
		}
	})
	try(t, open, "List/CursorsAndLimitsAreChecked", func(t *testing.T, f *Fixtures) {
		a := f.Entity().ID
		f.auditLog(a)
		list := func(scope identity.Scope, filter identity.AuditFilter, req page.Request) (string, error) {
			p, err := f.AuditLog.List(t.Context(), scope, filter, req)
			return p.NextCursor, err
		}
		everyone := identity.AllEntities()
		cursor := ok[string](t, "list")(list(everyone, identity.AuditFilter{}, page.Request{Limit: 1}))
		for what, of := range map[string]struct {
			scope  identity.Scope
			filter identity.AuditFilter
		}{
			"one entity's":  {identity.OnlyEntity(a), identity.AuditFilter{}},
			"nobody's":      {identity.Scope{}, identity.AuditFilter{}},
			"an actor's":    {everyone, identity.AuditFilter{Actor: "user:1"}},
			"of a period's": {everyone, identity.AuditFilter{To: f.Now()}},
		} {
			_, err := list(of.scope, of.filter, page.Request{Limit: 1, Cursor: cursor})
			wantError(t, "the list of everything's cursor for "+what, err, errs.Invalid, "invalid-cursor")
		}
		for _, broken := range []string{
			"x", cursor[:len(cursor)-2], forged(t, cursor, "i", "no-id"), forged(t, cursor, "k", ""), forged(t, cursor, "k", "9223372036854775808"),
		} {
			_, err := list(everyone, identity.AuditFilter{}, page.Request{Limit: 1, Cursor: broken})
			wantError(t, "cursor "+broken, err, errs.Invalid, "invalid-cursor")
		}
		for _, limit := range []int{-1, page.MaxLimit + 1} {
			_, err := list(everyone, identity.AuditFilter{}, page.Request{Limit: limit})
			wantError(t, "a bad limit", err, errs.Invalid, "invalid-limit")
		}
	})
}
