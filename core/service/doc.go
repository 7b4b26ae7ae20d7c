// Package service is the use cases, one file per aggregate. It is the only core package that sees the ports.
//
// Every use case takes the identity.Actor who asks, and passes that actor's scope to every read, so another tenant's row
// is not found by construction. Rules about one record are methods of the record; what is here ties records together,
// mints ids, takes the time, and decides what is written in one transaction. Nothing here calls a network inside a
// transaction.
//
// A use case that changes one record takes the version.Match of the change last: when the record is another version by
// the time it is locked, nothing is done and the error is Stale "version-mismatch".
package service
