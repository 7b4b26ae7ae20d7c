// Package errs is the one error vocabulary of the service.
//
// Every expected failure is an [Error]: a [Kind] that says what sort of failure it is, a stable Code that programs key
// on, a Msg that is safe to show to whoever asked, and the cause, which only the log sees. An error that nobody
// classified has the zero kind, [Internal]: it is answered without a word about its cause.
//
// It imports the standard library only, and every other package may import it.
package errs
