package postgres

import (
	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/page"
)

// reader reads the rows of a query, of which there are at most so many, and closes them.
type reader[T any] interface {
	read(rows pgx.Rows, limit int) ([]T, error)
}

// fields are where the columns of a row are kept in a value, in their order. Each must be set by any row, also by a NULL:
// the rows of a list are read into one value.
type fields[T any] func(*T) []any

// scan is a scanner.
func (f fields[T]) scan(row pgx.CollectableRow) (v T, err error) {
	err = row.Scan(f(&v)...)
	return v, err
}

// read implements reader. A page has dozens of rows, so what a scanner would make for each is made once.
func (f fields[T]) read(rows pgx.Rows, limit int) ([]T, error) {
	defer rows.Close()
	var (
		v     T
		to    = f(&v)
		found = make([]T, 0, min(limit, page.DefaultLimit+1))
	)
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return nil, err
		}
		found = append(found, v)
	}
	return found, rows.Err()
}

// read implements reader.
func (s scanner[T]) read(rows pgx.Rows, _ int) ([]T, error) {
	return pgx.CollectRows(rows, pgx.RowToFunc[T](s))
}
