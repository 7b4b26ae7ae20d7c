package memory

import (
	"iter"
	"slices"
	"strings"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
)

// table says how the rows of one kind are kept; the rows themselves are in a data. Rows are never changed once stored.
type table[T any] struct {
	slot    int
	name    string // "users": in the journal and in cursors
	what    string // "user": in errors
	id      ident[T]
	order   ordering[T]                           // by id unless given
	inScope func(*data, identity.Scope, *T) bool  // whether the scope holds the row
	tidy    func(*T)                              // makes a row the store's own: its times, its slices
	clone   func(T) T                             // nil when a plain copy shares nothing
	refs    func(*data, *T) bool                  // whether every row it names is there
	check   func(d *data, key string, v *T) error // what no unique index can say; nil when nothing
	note    func(*tx, *T)                         // keeps what is to be known of rows that were; nil when nothing
	audit   func(tx *tx, before, after *T) error  // logs a change, of which either may be nil; nil when nothing is logged
	uniques []*unique[T]
	indexes []*index[T]
}

// unique is an index in which a key has at most one row.
type unique[T any] struct {
	slot int
	code string // of the Conflict
	msg  string
	key  func(*T) (key string, ok bool) // not ok: the row is not in the index
}

// index holds rows by group and, in a group, in the table's order or by sort.
type index[T any] struct {
	slot  int
	group func(*T) (group string, ok bool) // not ok: the row is not in the index
	sort  func(*T) string
}

// rows is what a table holds in one state of the store.
type rows[T any] struct {
	edit    uint64
	last    int64 // serial id
	byID    tree[*T]
	uniques []tree[*T]
	indexes []tree[*T]
}

// newTable adds a table to a schema and fills in what was left out.
func newTable[T any](s *schema, t table[T]) *table[T] {
	if t.order.key == nil {
		t.order = byID(t.id)
	}
	if t.clone == nil {
		t.clone = func(v T) T { return v }
	}
	t.slot = len(s.tables)
	s.tables = append(s.tables, &t)
	return &t
}

func (t *table[T]) unique(code, msg string, key func(*T) (string, bool)) *unique[T] {
	u := &unique[T]{slot: len(t.uniques), code: code, msg: msg, key: key}
	t.uniques = append(t.uniques, u)
	return u
}

func (t *table[T]) index(group func(*T) (string, bool)) *index[T] {
	i := &index[T]{slot: len(t.indexes), group: group, sort: t.order.key}
	t.indexes = append(t.indexes, i)
	return i
}

func (t *table[T]) sortedIndex(group func(*T) (string, bool), sort func(*T) string) *index[T] {
	i := t.index(group)
	i.sort = sort
	return i
}

func (t *table[T]) empty() any {
	return &rows[T]{uniques: make([]tree[*T], len(t.uniques)), indexes: make([]tree[*T], len(t.indexes))}
}

func (t *table[T]) rows(d *data) *rows[T] { return d.tables[t.slot].(*rows[T]) }

func (t *table[T]) get(d *data, key string) (*T, bool) { return t.rows(d).byID.get(key) }

func (t *table[T]) has(d *data, key string) bool {
	_, ok := t.get(d, key)
	return ok
}

func (t *table[T]) find(d *data, u *unique[T], key string) (*T, bool) {
	return t.rows(d).uniques[u.slot].get(key)
}

// all yields every row after a key of the table's order, which must be by id.
func (t *table[T]) all(d *data, after string) iter.Seq[*T] {
	return values(t.rows(d).byID.from(past(after)), "")
}

// in yields the rows of a group whose sort key is at or after from.
func (t *table[T]) in(d *data, i *index[T], group, from string) iter.Seq[*T] {
	return values(t.rows(d).indexes[i.slot].from(group+from), group)
}

// backIn yields the rows of a group downwards, those whose sort key is before a key; "" stands for the end of the group.
func (t *table[T]) backIn(d *data, i *index[T], group, before string) iter.Seq[*T] {
	bound := group + before
	if before == "" {
		bound = endOf(group)
	}
	return values(t.rows(d).indexes[i.slot].below(bound), group)
}

// values yields the values of the entries whose key begins with prefix, until the first that does not.
func values[V any](entries iter.Seq2[string, V], prefix string) iter.Seq[V] {
	return func(yield func(V) bool) {
		for key, value := range entries {
			if !strings.HasPrefix(key, prefix) || !yield(value) {
				return
			}
		}
	}
}

// past is the first key after a key, "" after "".
func past(key string) string {
	if key == "" {
		return ""
	}
	return key + "\x00"
}

// endOf is the first key after every key that begins with prefix, "" when there is none.
func endOf(prefix string) string {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			return prefix[:i] + string([]byte{prefix[i] + 1})
		}
	}
	return ""
}

// insert stores a new row and returns a copy of it.
func (t *table[T]) insert(tx *tx, v T) (T, error) {
	row := t.own(v)
	r := t.edit(tx)
	if t.id.assign != nil {
		t.id.assign(row, r.last+1)
	}
	if err := t.admit(tx, row); err != nil {
		return v, err
	}
	t.store(tx, nil, row)
	return t.clone(*row), nil
}

// update changes the row of a key, if see allows it to be seen, and returns a copy of it.
func (t *table[T]) update(tx *tx, key string, see func(*T) bool, change func(*T) error) (T, error) {
	var none T
	before, ok := t.get(tx.data, key)
	if !ok || !see(before) {
		return none, errs.Absent(t.what)
	}
	v := t.clone(*before)
	if err := change(&v); err != nil {
		return none, err
	}
	return t.replace(tx, before, v)
}

// replace stores v in the place of a row and returns a copy of it.
func (t *table[T]) replace(tx *tx, before *T, v T) (T, error) {
	row := t.own(v)
	if t.id.key(row) != t.id.key(before) {
		return v, errs.New(errs.Internal, "id-changed", "a change must leave the id of a record alone")
	}
	if err := t.admit(tx, row, before); err != nil {
		return v, err
	}
	t.store(tx, before, row)
	return t.clone(*row), nil
}

// own returns a copy that nobody else holds, in the form in which rows are kept.
func (t *table[T]) own(v T) *T {
	row := t.clone(v)
	if t.tidy != nil {
		t.tidy(&row)
	}
	return &row
}

// admit reports why a row may not be stored. A refusal ends the transaction, as it does in a database.
func (t *table[T]) admit(tx *tx, row *T, replaced ...*T) error {
	key, r := t.id.key(row), t.rows(tx.data)
	mine := func(other *T) bool { return len(replaced) > 0 && other == replaced[0] }
	if other, taken := r.byID.get(key); taken && !mine(other) {
		return tx.refuse(errs.New(errs.Conflict, "id-taken", "a "+t.what+" with this id exists"))
	}
	if t.refs != nil && !t.refs(tx.data, row) {
		return tx.refuse(errs.New(errs.Invalid, "unknown-reference", "the "+t.what+" refers to a record that does not exist"))
	}
	for _, u := range t.uniques {
		k, ok := u.key(row)
		if !ok {
			continue
		}
		if other, taken := r.uniques[u.slot].get(k); taken && !mine(other) {
			return tx.refuse(errs.New(errs.Conflict, u.code, u.msg))
		}
	}
	if t.check != nil {
		if err := t.check(tx.data, key, row); err != nil {
			return tx.refuse(err)
		}
	}
	return nil
}

// store puts after in the place of before; nil stands for no row.
func (t *table[T]) store(tx *tx, before, after *T) {
	r := t.edit(tx)
	replaceIn(&r.byID, tx.edit, before, after, func(v *T) (string, bool) { return t.id.key(v), true })
	for _, u := range t.uniques {
		replaceIn(&r.uniques[u.slot], tx.edit, before, after, u.key)
	}
	for _, i := range t.indexes {
		replaceIn(&r.indexes[i.slot], tx.edit, before, after, func(v *T) (string, bool) {
			group, ok := i.group(v)
			if !ok {
				return "", false
			}
			return group + i.sort(v), true
		})
	}
	change := Change{Table: t.name}
	if before != nil {
		change.Key, change.Before = t.id.text(before), *before
	}
	if after != nil {
		change.Key, change.After = t.id.text(after), *after
		if t.id.assign != nil {
			r.last = max(r.last, t.id.number(after))
		}
		if t.note != nil {
			t.note(tx, after)
		}
	}
	tx.changes = append(tx.changes, change)
	if t.audit != nil && !tx.restoring { // a journal holds what was logged
		if err := t.audit(tx, before, after); err != nil {
			_ = tx.refuse(err) // no change without its entry
		}
	}
}

func replaceIn[T any](in *tree[*T], edit uint64, before, after *T, key func(*T) (string, bool)) {
	var oldKey, newKey string
	var was, is bool
	if before != nil {
		oldKey, was = key(before)
	}
	if after != nil {
		newKey, is = key(after)
	}
	if was && (!is || oldKey != newKey) {
		in.remove(edit, oldKey)
	}
	if is {
		in.set(edit, newKey, after)
	}
}

// edit returns the rows in the form that the transaction may change.
func (t *table[T]) edit(tx *tx) *rows[T] {
	r := t.rows(tx.data)
	if r.edit == tx.edit {
		return r
	}
	c := *r
	c.edit, c.uniques, c.indexes = tx.edit, slices.Clone(r.uniques), slices.Clone(r.indexes)
	tx.data.tables[t.slot] = &c
	return &c
}

func (t *table[T]) label() string { return t.name }

// apply repeats a change of a journal.
func (t *table[T]) apply(tx *tx, c Change) error {
	key, err := t.id.parse(c.Key)
	if err != nil {
		return errs.Newf(errs.Invalid, "invalid-change", "%s: the key is none of this table", t.name)
	}
	before, _ := t.get(tx.data, key)
	if c.After == nil {
		if before == nil {
			return errs.Newf(errs.Invalid, "invalid-change", "%s: removes a row that is not there", t.name)
		}
		t.store(tx, before, nil)
		return nil
	}
	v, ok := c.After.(T)
	if !ok {
		return errs.Newf(errs.Invalid, "invalid-change", "%s: holds a %T", t.name, c.After)
	}
	if before != nil {
		_, err = t.replace(tx, before, v)
		return err
	}
	row := t.own(v)
	if err := t.admit(tx, row); err != nil {
		return err
	}
	t.store(tx, nil, row)
	return nil
}
