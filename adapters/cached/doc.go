// Package cached wraps the repositories of any store so that records which nearly every request needs are not read from it
// each time: users, by whom access is decided, API keys, the entities and departments whose instructions agents get, and the
// time zones of their clinics.
//
// A copy is used only while it can be trusted: for a moment after it was loaded, or for longer when the bus of changes is
// known to be in order and told of no change since. So whoever changes a record, be it another process or a hand in the
// database, is heard within [Options.Staleness], and when the bus is out of order copies live no longer than that. Whoever
// changes a record through the wrapped repositories never reads the old one afterwards.
//
// Copies are kept by id, whatever the scope of who asked, and the scope is checked each time. What is absent is not kept,
// except that an entity has no clinic. Whoever changes an entity or a department has the store try with what is known of it,
// which the store checks, so that it need not be read first.
//
// Inside a transaction nothing is read from a copy and nothing is kept; what it changed is forgotten once it has ended. The
// wrapped store keeps the whole contract of the repositories, and passes the suite of ports/porttest over every store.
//
// Copies are kept in the process, or by all processes together in a [ports.SharedCache].
package cached
