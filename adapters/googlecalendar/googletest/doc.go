// Package googletest is a Google Calendar for tests: [Start] starts a server with the API's answers, with OAuth 2.0, and with
// Google's manners (ids that clients choose, events that are there still after they were deleted, versions, quotas, tokens
// that expire). Tests put events into it by hand, as people do, and make it fail as they like: see [Server.Inject].
//
// It knows the parameters in [Operations] and refuses all others, and it leaves out of an answer what `fields` does not name, so
// that a caller who asks wrongly finds out here. It lives in the test's process; a service under test may be another process.
package googletest
