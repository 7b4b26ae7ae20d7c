package postgres

import (
	"context"
	"math"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// listing is a list that a page is cut out of.
type listing[T any] struct {
	list  string // the page.Fingerprint
	scope identity.Scope
	from  string // SELECT ... FROM ..., without conditions
	where *conditions
	scan  reader[T]
	sorting[T]
}

// sorting is the order of a list.
type sorting[T any] struct {
	order    string                                     // ORDER BY this
	after    func(c *conditions, p page.Position) error // adds the condition that a row comes after a position
	position func(T) page.Position
	key      string // the column with the rising number that the list is sorted by, "" when it is something else
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
	ask := l.planned
	if l.key != "" && l.where.group.column != "" && !l.where.picky {
		ask = l.prepared
	}
	sql, args, err := ask(position, started, size+1)
	if err != nil {
		return page.Page[T]{}, err
	}
	var items []T
	err = s.list(ctx, func(q querier) error {
		if isEmpty(l.scope) {
			return nil // nothing is in it, and no query need be asked
		}
		rows, err := q.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		items, err = l.scan.read(rows, size+1)
		return err
	})
	if err != nil {
		return page.Page[T]{}, err
	}
	return page.Of(items, size, l.list, l.position), nil
}

// planned is the statement of a list that is planned for its values, each time: a plan for any values suits the average
// tenant and room, and sorts all that a large one has. And no connection keeps the hundreds of forms that lists have.
func (l listing[T]) planned(p page.Position, started bool, limit int) (sql string, args []any, err error) {
	if g := l.where.group; g.column != "" {
		l.where.add(g.column+" = ?", g.value)
	}
	if started {
		if err := l.after(l.where, p); err != nil {
			return "", nil, err
		}
	}
	sql = l.from + l.where.sql.String() + " ORDER BY " + l.order + " LIMIT " + strconv.Itoa(limit)
	return sql, append([]any{pgx.QueryExecModeCacheDescribe}, l.where.args...), nil
}

// prepared is the statement of a list of one group in the order of its key, which is kept with its plan: planning takes
// longer than reading a page. Only the index (column, key) has its order, so the plan is that index whatever the values are.
// Were the group a plain column = $1, any index with the order of the key would do as well, and for a tenant with few rows the
// rows of all the others would be read. The first page begins before every key, and the size of a page is an argument, so that
// there is one form; the LIMIT that is written down tells the planner that pages are small.
func (l listing[T]) prepared(p page.Position, started bool, limit int) (sql string, args []any, err error) {
	g, last := l.where.group, int64(math.MinInt64)
	if started {
		if last, err = numberOf(p); err != nil {
			return "", nil, err
		}
	}
	l.where.check("("+g.column+", "+l.key+") > (?, ?) AND "+g.column+" <= ?", g.value, last, g.value)
	order := " ORDER BY " + g.column + ", " + l.key
	sql = "SELECT * FROM (" + l.from + l.where.sql.String() + order + " LIMIT " + strconv.Itoa(page.MaxLimit+1) + ") AS p" +
		order + " LIMIT " + l.where.arg(limit)
	return sql, l.where.args, nil
}

// isEmpty reports whether the scope holds nothing.
func isEmpty(s identity.Scope) bool { return !s.All() && s.EntityID() <= 0 }

// byID sorts by an integer id.
func byID[T any](of func(T) string) sorting[T] {
	s := byNumber(of, "id", "id > ?")
	s.key = "id"
	return s
}

// byIDBack is byID with the largest id first.
func byIDBack[T any](of func(T) string) sorting[T] { return byNumber(of, "id DESC", "id < ?") }

// byNumber sorts by an integer; beyond is the condition that a row comes after one.
func byNumber[T any](of func(T) string, order, beyond string) sorting[T] {
	return sorting[T]{
		order: order,
		after: func(c *conditions, p page.Position) error {
			n, err := numberOf(p)
			if err != nil {
				return err
			}
			c.add(beyond, n)
			return nil
		},
		position: func(v T) page.Position { return page.Position{ID: of(v)} },
	}
}

// numberOf is the position of a list that is sorted by a number.
func numberOf(p page.Position) (int64, error) {
	n, err := strconv.ParseInt(p.ID, 10, 64)
	if err != nil || p.Key != "" {
		return 0, page.BadCursor()
	}
	return n, nil
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
