package googletest

// Operation is a method of the Calendar API that the server knows, by the names of Google's discovery document.
type Operation struct {
	ID         string   // "calendar.events.list"
	Method     string   // "GET"
	Path       string   // "calendars/{calendarId}/events"
	Parameters []string // of the query
}

// The names of what is counted and made to fail: the methods of the API, and the addresses of OAuth.
const (
	List         = "calendar.events.list"
	Get          = "calendar.events.get"
	Insert       = "calendar.events.insert"
	Update       = "calendar.events.update"
	Delete       = "calendar.events.delete"
	CalendarList = "calendar.calendarList.list"
	Token        = "token"
	Revoke       = "revoke"
	Userinfo     = "userinfo"
)

// Operations returns what the server knows of the API.
func Operations() []Operation {
	const events, event = "calendars/{calendarId}/events", "calendars/{calendarId}/events/{eventId}"
	common := []string{"alt", "prettyPrint", "fields"}
	with := func(more ...string) []string { return append(more, common...) }
	return []Operation{
		{List, "GET", events, with("timeMin", "timeMax", "singleEvents", "showDeleted", "maxResults", "maxAttendees", "pageToken", "syncToken")},
		{Insert, "POST", events, with()},
		{Get, "GET", event, with()},
		{Update, "PUT", event, with()},
		{Delete, "DELETE", event, with()},
		{CalendarList, "GET", "users/me/calendarList", with("maxResults", "pageToken")},
	}
}
