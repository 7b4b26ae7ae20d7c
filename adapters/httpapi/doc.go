// Package httpapi is the REST API: huma operations on a chi router, over the use cases of core/service.
//
// It imports core and never the ports: an operation turns a request into one call of a use case and the answer into a
// DTO, and decides nothing. DTO names are the public schema names of the OpenAPI document, so they are named for its
// reader; each record has one mapping function in each direction.
//
// The one idea to know is [handle]: every operation is registered through it (or handlePublic), which makes the bearer
// token mandatory, bounds the body, documents the problems, and turns every error into an RFC 9457 problem. Nothing
// else writes an error. An operation reads who asks with actor(ctx) and hands it on.
//
// To add an area: a file with its DTOs and a method of server that registers its operations, one line in
// [server.register], rows in the access table of the tests, and `go test ./adapters/httpapi -update` for the golden
// OpenAPI document.
package httpapi
