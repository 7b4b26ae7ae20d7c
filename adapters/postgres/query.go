package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/page"
)

// scanner reads one row of a query into a value of the domain.
type scanner[T any] func(row pgx.CollectableRow) (T, error)

// get returns the one row of a read, NotFound "<what>-not-found" when there is none.
func get[T any](ctx context.Context, s session, what string, scan scanner[T], sql string, args ...any) (T, error) {
	var v T
	err := s.read(ctx, func(q querier) (err error) {
		v, err = one(ctx, q, what, scan, sql, args...)
		return err
	})
	return v, err
}

// one runs a statement that finds or writes one row.
func one[T any](ctx context.Context, q querier, what string, scan scanner[T], sql string, args ...any) (T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		var none T
		return none, err
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToFunc[T](scan))
	if err == pgx.ErrNoRows { //nolint:errorlint // pgx returns it bare, and a wrapped one would be another's
		return v, errs.Absent(what)
	}
	return v, err
}

// all runs a query of any number of rows.
func all[T any](ctx context.Context, q querier, scan scanner[T], sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToFunc[T](scan))
}

// create runs an INSERT that returns the stored row.
func create[T any](ctx context.Context, s session, scan scanner[T], sql string, args ...any) (T, error) {
	var v T
	err := s.change(ctx, func(q querier) (err error) {
		v, err = one(ctx, q, "row", scan, sql, args...)
		return err
	})
	return zeroOn(v, err)
}

// insert is create for tables without audit: outside of a transaction it is one round trip.
func insert[T any](ctx context.Context, s session, scan scanner[T], sql string, args ...any) (T, error) {
	var v T
	err := s.statement(ctx, func(q querier) (err error) {
		v, err = one(ctx, q, "row", scan, sql, args...)
		return err
	})
	return zeroOn(v, err)
}

// conditions are what the rows of a query must meet, and the query's arguments.
type conditions struct {
	sql  strings.Builder
	args []any
}

// add adds a condition; each "?" in it is one of the arguments.
func (c *conditions) add(condition string, args ...any) {
	if c.sql.Len() == 0 {
		c.sql.WriteString(" WHERE ")
	} else {
		c.sql.WriteString(" AND ")
	}
	for _, arg := range args {
		before, after, _ := strings.Cut(condition, "?")
		c.sql.WriteString(before)
		c.sql.WriteString(c.arg(arg))
		condition = after
	}
	c.sql.WriteString(condition)
}

// arg adds an argument and returns its placeholder.
func (c *conditions) arg(v any) string {
	c.args = append(c.args, v)
	return "$" + strconv.Itoa(len(c.args))
}

// inScope adds the condition that the column's entity is in the scope.
func (c *conditions) inScope(column string, scope identity.Scope) {
	if !scope.All() {
		c.add(column+" = ?", int64(scope.EntityID()))
	}
}

// wanted adds the condition that a column has the value, unless the value is zero, which asks for any.
func wanted[V comparable](c *conditions, column string, v V) {
	var anything V
	if v != anything {
		c.add(column+" = ?", v)
	}
}

// wantedUUID is wanted for a UUID.
func (c *conditions) wantedUUID(column string, u id.UUID) {
	if !u.IsZero() {
		c.add(column+" = ?", uuid(u))
	}
}

// flag adds the condition that a column is true or false; nil asks for both.
func (c *conditions) flag(column string, asked *bool) {
	if asked != nil {
		c.add(column+" = ?", *asked)
	}
}

// listing is a list that a page is cut out of.
type listing[T any] struct {
	list  string // the page.Fingerprint
	scope identity.Scope
	from  string // SELECT ... FROM ..., without conditions
	where *conditions
	scan  scanner[T]
	sorting[T]
}

// sorting is the order of a list.
type sorting[T any] struct {
	order    string                                     // ORDER BY this
	after    func(c *conditions, p page.Position) error // adds the condition that a row comes after a position
	position func(T) page.Position
}

// list reads a page. It asks for one row more, which only tells that there is a next page.
func list[T any](ctx context.Context, s session, req page.Request, l listing[T]) (page.Page[T], error) {
	if err := ctx.Err(); err != nil {
		return page.Page[T]{}, err
	}
	size, err := req.Size()
	if err != nil {
		return page.Page[T]{}, err
	}
	position, started, err := req.After(l.list)
	if err != nil {
		return page.Page[T]{}, err
	}
	if started {
		if err := l.after(l.where, position); err != nil {
			return page.Page[T]{}, err
		}
	}
	var items []T
	err = s.list(ctx, func(q querier) (err error) {
		if isEmpty(l.scope) {
			return nil // nothing is in it, and no query need be asked
		}
		sql := l.from + l.where.sql.String() + " ORDER BY " + l.order + " LIMIT " + strconv.Itoa(size+1)
		// Planned for these values, each time: a plan for any values suits the average tenant and room, and sorts all that a
		// large one has. And no connection keeps the hundreds of forms that lists have.
		items, err = all(ctx, q, l.scan, sql, append([]any{pgx.QueryExecModeCacheDescribe}, l.where.args...)...)
		return err
	})
	if err != nil {
		return page.Page[T]{}, err
	}
	return page.Of(items, size, l.list, l.position), nil
}

// isEmpty reports whether the scope holds nothing.
func isEmpty(s identity.Scope) bool { return !s.All() && s.EntityID() <= 0 }

// byID sorts by an integer id.
func byID[T any](of func(T) string) sorting[T] { return byNumber(of, "id", "id > ?") }

// byIDBack is byID with the largest id first.
func byIDBack[T any](of func(T) string) sorting[T] { return byNumber(of, "id DESC", "id < ?") }

func byNumber[T any](of func(T) string, order, beyond string) sorting[T] {
	return sorting[T]{
		order: order,
		after: func(c *conditions, p page.Position) error {
			n, err := strconv.ParseInt(p.ID, 10, 64)
			if err != nil || p.Key != "" {
				return page.BadCursor()
			}
			c.add(beyond, n)
			return nil
		},
		position: func(v T) page.Position { return page.Position{ID: of(v)} },
	}
}

// byUUID sorts by a UUID.
func byUUID[T any](column string, of func(T) string) sorting[T] {
	return sorting[T]{
		order: column,
		after: func(c *conditions, p page.Position) error {
			key, err := uuidOf(p)
			if err != nil || p.Key != "" {
				return page.BadCursor()
			}
			c.add(column+" > ?", key)
			return nil
		},
		position: func(v T) page.Position { return page.Position{ID: of(v)} },
	}
}

func uuidOf(p page.Position) (any, error) {
	key, err := id.Parse[struct{}](p.ID)
	if err != nil || key.IsZero() {
		return nil, page.BadCursor()
	}
	return uuid(key.UUID), nil
}

func formatInt[N ~int | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }

// What a column holds is NULL where the domain has a zero value.

// text is an optional text.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// number is an optional id.
func number[N ~int64](n N) any {
	if n == 0 {
		return nil
	}
	return int64(n)
}

// uuid is an optional UUID.
func uuid(u id.UUID) any {
	if u.IsZero() {
		return nil
	}
	return [16]byte(u)
}

// moment is an optional time.
func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// object is an optional JSON object.
func object(o jsonobj.Object) any {
	if o.IsNone() {
		return nil
	}
	return string(o)
}

// entityOf is the entity that a scope is bound to, for conditions of the form ($1 OR entity_id = $2).
func entityOf(s identity.Scope) (all bool, entity int64) { return s.All(), int64(s.EntityID()) }

// The other way round: where a column may be NULL, these take it as the zero value.

type (
	optionalText   struct{ to *string }
	optionalNumber struct{ to *int64 }
	optionalUUID   struct{ to *id.UUID }
	optionalMoment struct{ to *time.Time }
	optionalObject struct{ to *jsonobj.Object }
)

// ScanText implements [pgtype.TextScanner].
func (o optionalText) ScanText(v pgtype.Text) error { *o.to = v.String; return nil }

// ScanInt64 implements [pgtype.Int64Scanner].
func (o optionalNumber) ScanInt64(v pgtype.Int8) error { *o.to = v.Int64; return nil }

// ScanUUID implements [pgtype.UUIDScanner].
func (o optionalUUID) ScanUUID(v pgtype.UUID) error { *o.to = v.Bytes; return nil }

// ScanTimestamptz implements [pgtype.TimestamptzScanner].
func (o optionalMoment) ScanTimestamptz(v pgtype.Timestamptz) error { *o.to = v.Time.UTC(); return nil }

// ScanText implements [pgtype.TextScanner]; the column is read as text, which jsonb writes with spaces.
func (o optionalObject) ScanText(v pgtype.Text) error {
	*o.to = ""
	if !v.Valid {
		return nil
	}
	var compact bytes.Buffer
	compact.Grow(len(v.String))
	if err := json.Compact(&compact, []byte(v.String)); err != nil {
		return err
	}
	*o.to = jsonobj.Object(compact.String())
	return nil
}

func zeroOn[T any](v T, err error) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	return v, nil
}
