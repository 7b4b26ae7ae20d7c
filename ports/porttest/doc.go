// Package porttest is the contract of package ports as tests: every adapter, and every wrapper around one, runs them.
// It knows nothing of who implements the ports, so what passes here behaves the same wherever it is kept.
//
// [Run] checks the repositories, the audit log and the unit of work, [RunJobs] the job queue with its runner, [RunLocks] the
// locks between processes, [RunEventStorage] how events are kept, [RunCalendar] a calendar, and [RunSearch] the searches that
// integrations make. What all repositories promise is written once, as tests of a records value that tells how the rows of
// one repository are made and changed; what only one promises is in the file of its context. [Fixtures] makes valid rows,
// also for the tests of others.
package porttest
