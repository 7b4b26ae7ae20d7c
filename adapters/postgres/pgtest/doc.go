// Package pgtest gives tests databases of their own on the PostgreSQL server that SECRETARY_TEST_DATABASE_URL names. That
// URL is an administrator's: of a role that may create databases. `make test` starts such a server by itself, and so does
// `.ci/postgres run go test ./adapters/postgres/...`; without one the tests that need it are skipped.
//
// The migrations are applied once, to a template, by whichever test process comes first. A test's database is a copy of
// it. Several processes may use a server at the same time: every one holds an advisory lock while it lives, and the
// databases of those that died are dropped by the next one.
//
// Only tests import it.
package pgtest
