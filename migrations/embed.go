// Package migrations is the SQL that brings a database to the schema of schema.hcl, in the order of the files' names.
// Files are never changed once they were released: a later file changes what an earlier one made. The file atlas.sum
// holds their checksums, so that a change is noticed.
package migrations

import "embed"

// FS holds the migration files and atlas.sum.
//
//go:embed *.sql atlas.sum
var FS embed.FS
