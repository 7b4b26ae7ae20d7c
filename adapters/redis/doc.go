// Package redis keeps copies of records in Redis, and carries notices by it, for all processes of a store.
//
// Redis may lose everything, forget single keys, be restarted with old data, hang, or be out of reach of one process and not
// of another. None of that may show an old record for long, so the cache relies on nothing but this: a copy is stored only if
// what was there before its loading began is still there, and Redis is still the same server; it carries the server's time of
// that moment; and what is forgotten is overwritten by a mark that lives longer than any loading may take. A process that
// could not tell Redis to forget something uses nothing any more that was loaded before it could reach Redis again.
//
// While Redis is away nobody waits for it: the first requests wait for a tenth of a second, and then Redis is left alone but
// for a probe every quarter of a second.
//
// Copies are sealed with the service's own key, as they hold what decides who may do what: who can read or write that Redis
// can neither read a record nor make one up.
//
// Notices go by Redis's channels, which keep nothing: who was not connected has missed what was sent. So a bus publishes a
// word of its own four times a second, and knows by hearing it on the connection on which it hears the others that it has
// heard them too; when the connection is lost its subscribers are told of a gap. Notices are not sealed: they hold ids, and
// whoever hears one reads the store.
package redis
