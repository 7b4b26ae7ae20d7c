// Package mcpserver lets AI agents work at the front desk of a clinic, by the Model Context Protocol: the tools of a
// calendar, under the names and arguments that the field knows them by, and those of booking.
//
// It imports core and never the ports: a tool turns its arguments into one call of a use case and the answer into an
// object, and decides nothing. So an agent books by the rules by which everybody books, and an event goes to no calendar
// but the chosen professional's. What an agent reads is in Brazilian Portuguese, refusals included: they say what to do next
// and carry the stable code of the error.
//
// There are two sets of tools, of which no list differs by who asks. The one at /mcp and /sse takes a calendarId or a
// professional; the one at /mcp/professionals/{slug} has lost these arguments, because the path has decided. The one idea to
// know is [caller]: who asks, at which clinic, and perhaps for which professional only. It is made anew for each message, of
// credentials that were checked for that message, so that what was revoked ends at once, also in a session that is open.
//
// To add a tool: a type for its arguments and one for its answer, a method of Server, one add in the register method of its
// area, a call in the tests, and `go test ./adapters/mcpserver -update` for the golden list of tools.
package mcpserver
