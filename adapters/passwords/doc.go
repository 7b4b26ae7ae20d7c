// Package passwords hashes passwords with argon2id (RFC 9106) for ports.Passwords.
//
// A hash is a PHC string that carries its parameters, so they can be raised without invalidating what is stored. Hashing
// is meant to be costly, 19 MiB and some tens of milliseconds, so only as many run at once as there are processors.
package passwords
