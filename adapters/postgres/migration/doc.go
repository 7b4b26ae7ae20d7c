// Package migration brings a database to the schema that the service needs, and tells how far it is. It applies the
// embedded files of package migrations, one transaction each, and after them the job queue's own migrations into the
// schema "river". An advisory lock lets one process at a time do so; the others wait and find nothing to do.
//
// What was applied is kept in the table atlas_schema_revisions, which is the Atlas command's own, so that either can be
// used on a database. A file that was applied must stay what it was: one that was edited, removed, or put before others
// that were applied is refused, by [Up] as by [Check].
//
// The package needs a database owner and no superuser. Its connections must be direct: the advisory lock belongs to a
// session, which a pooler between transactions would not keep.
package migration
