// Package postgres keeps everything in PostgreSQL 15 or newer: the repositories and the unit of work in hand-written SQL,
// the jobs, the locks, and a calendar for those who have configured no other.
//
// Every repository works on a session: the store, where each call is a transaction of its own, or one running
// transaction. The helpers in query.go own scanning, paging and the loop of an update; errors.go is the only place that
// knows SQLSTATEs and names of constraints. A transaction that lost against another one (a serialization failure, a
// deadlock) is repeated, so what runs in it is pure.
//
// The tables come from package migrations; [Open] does not make them.
package postgres
