// Package memory keeps everything in memory: the repositories of package ports with their unit of work, the job queue,
// and a calendar. It is for a first try without a database and for the tests of the use cases, and it keeps to the same
// contract as a database because it passes the same suite, package porttest.
//
// The one idea: a state of the store is never changed. Tables and indexes are ordered trees that share what they have in
// common; a transaction makes new ones beside the published state, copying only the few nodes on the way to a changed
// row, and committing publishes them with one pointer. So a reader never waits and never sees half a transaction, a
// rollback forgets a pointer, and a table of 100,000 rows costs a transaction no more than a small one. Writers take
// turns. Every write of a transaction is also listed as a [Change], which a [Journal] may make durable before the
// transaction becomes visible.
package memory
