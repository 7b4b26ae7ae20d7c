// Package unconfigured holds stand-ins for what is not configured, so that the service starts and is useful without any
// vendor's account. Some do the embedded equivalent, which a first try needs and nobody should run a clinic on; the others
// answer Unavailable and name the setting that is missing. Every stand-in says in its comment which of the two it is.
package unconfigured
