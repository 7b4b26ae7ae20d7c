package googletest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"
)

func notFound() error { return refusal{http.StatusNotFound, "notFound", "Not Found"} }

// writable finds the calendar of a request that writes.
func (s *Server) writable(r *http.Request, who *account) (*agenda, error) {
	a, err := s.calendar(who, r.PathValue("calendarId"))
	if err == nil && a.Role != "owner" && a.Role != "writer" {
		err = refusal{http.StatusForbidden, "requiredAccessLevel", "You need to have writer access to this calendar."}
	}
	return a, err
}

func readEvent(r *http.Request) (calendar.Event, error) {
	var e calendar.Event
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&e); err != nil {
		return e, refusal{http.StatusBadRequest, "parseError", err.Error()}
	}
	start, err := moment(e.Start, time.UTC)
	if err != nil {
		return e, err
	}
	end, err := moment(e.End, time.UTC)
	if err == nil && end.Before(start) {
		err = refusal{http.StatusBadRequest, "timeRangeEmpty", "The specified time range is empty."}
	}
	return e, err
}

// moment reads a time; whoever gives none with its offset, and no time zone, is refused.
func moment(t *calendar.EventDateTime, loc *time.Location) (time.Time, error) {
	if t == nil {
		return time.Time{}, refusal{http.StatusBadRequest, "required", "Missing start or end time."}
	}
	if t.Date != "" {
		day, err := time.ParseInLocation(time.DateOnly, t.Date, loc)
		if err != nil || t.DateTime != "" {
			return day, refusal{http.StatusBadRequest, "invalid", "Invalid start or end time."}
		}
		return day, nil
	}
	at, err := time.Parse(time.RFC3339, t.DateTime)
	if err != nil {
		return at, refusal{http.StatusBadRequest, "invalid", "Invalid start or end time."}
	}
	return at, nil
}

var eventIDs = regexp.MustCompile(`^[a-v0-9]+$`)

func (s *Server) insert(r *http.Request, who *account) (any, error) {
	a, err := s.writable(r, who)
	if err != nil {
		return nil, err
	}
	e, err := readEvent(r)
	if err != nil {
		return nil, err
	}
	if e.Id != "" && (len(e.Id) < 5 || len(e.Id) > 1024 || !eventIDs.MatchString(e.Id)) {
		return nil, refusal{http.StatusBadRequest, "invalid", "Invalid resource id value."}
	}
	if a.events[e.Id] != nil { // one that was deleted too
		return nil, refusal{http.StatusConflict, "duplicate", "The requested identifier already exists."}
	}
	return s.store(a, e).Event, nil
}

func (s *Server) get(r *http.Request, who *account) (any, error) {
	a, err := s.calendar(who, r.PathValue("calendarId"))
	if err != nil {
		return nil, err
	}
	if e := a.events[r.PathValue("eventId")]; e != nil {
		return e.Event, nil
	}
	return nil, notFound()
}

// present finds the event that a request changes, and checks its version.
func present(r *http.Request, a *agenda) (*entry, error) {
	e := a.events[r.PathValue("eventId")]
	if e == nil {
		return nil, notFound()
	}
	if want := r.Header.Get("If-Match"); want != "" && want != "*" && want != e.Etag {
		return nil, refusal{http.StatusPreconditionFailed, "conditionNotMet", "Precondition Failed"}
	}
	return e, nil
}

func (s *Server) update(r *http.Request, who *account) (any, error) {
	a, err := s.writable(r, who)
	if err != nil {
		return nil, err
	}
	old, err := present(r, a)
	if err != nil {
		return nil, err
	}
	e, err := readEvent(r)
	if err != nil {
		return nil, err
	}
	e.Id = old.Id
	return s.store(a, e).Event, nil
}

func (s *Server) remove(r *http.Request, who *account) (any, error) {
	a, err := s.writable(r, who)
	if err != nil {
		return nil, err
	}
	e, err := present(r, a)
	if err != nil {
		return nil, err
	}
	if e.Status == "cancelled" {
		return nil, refusal{http.StatusGone, "deleted", "Resource has been deleted"}
	}
	gone := e.Event
	gone.Status = "cancelled"
	s.store(a, gone)
	return nil, nil //nolint:nilnil // there is no content
}

// query is what a listing asks for.
type query struct {
	from, to       time.Time
	since          int64
	single         bool
	deleted        bool
	attendees      int
	offset, length int
}

func (s *Server) queryOf(r *http.Request, a *agenda) (q query, err error) {
	values := r.URL.Query()
	q.single, q.deleted = values.Get("singleEvents") == "true", values.Get("showDeleted") == "true"
	invalid := func(name string) error {
		return refusal{http.StatusBadRequest, "invalid", "Invalid value for: " + name}
	}
	for name, into := range map[string]*time.Time{"timeMin": &q.from, "timeMax": &q.to} {
		if text := values.Get(name); text != "" {
			if *into, err = time.Parse(time.RFC3339, text); err != nil {
				return q, invalid(name)
			}
			*into = into.Truncate(time.Second)
		}
	}
	if !q.from.IsZero() && !q.to.IsZero() && !q.to.After(q.from) {
		return q, refusal{http.StatusBadRequest, "timeRangeEmpty", "The specified time range is empty."}
	}
	q.attendees, _ = strconv.Atoi(values.Get("maxAttendees"))
	q.offset, q.length, err = s.pageOf(r, 250, 2500)
	if token := values.Get("syncToken"); token != "" && err == nil {
		if values.Has("timeMin") || values.Has("timeMax") {
			return q, invalid("syncToken")
		}
		if values.Has("showDeleted") && !q.deleted {
			return q, invalid("showDeleted")
		}
		q.deleted = true
		var epoch int64
		if n, bad := fmt.Sscanf(token, "sync-%d-%d", &epoch, &q.since); n != 2 || bad != nil {
			return q, invalid("syncToken")
		}
		if epoch != s.epoch || !strings.HasSuffix(token, "-"+a.ID) {
			return q, refusal{http.StatusGone, "fullSyncRequired", "Sync token is no longer valid, a full sync is required."}
		}
	}
	return q, err
}

func (s *Server) pageOf(r *http.Request, usual, longest int) (offset, length int, err error) {
	values := r.URL.Query()
	length = usual
	if text := values.Get("maxResults"); text != "" {
		if length, err = strconv.Atoi(text); err != nil || length < 1 {
			return 0, 0, refusal{http.StatusBadRequest, "invalid", "Invalid value for: maxResults"}
		}
	}
	length = min(length, longest)
	if s.page > 0 {
		length = min(length, s.page)
	}
	if text, ok := strings.CutPrefix(values.Get("pageToken"), "page-"); ok {
		offset, err = strconv.Atoi(text)
	}
	return offset, length, err
}

func (s *Server) list(r *http.Request, who *account) (any, error) {
	a, err := s.calendar(who, r.PathValue("calendarId"))
	if err != nil {
		return nil, err
	}
	q, err := s.queryOf(r, a)
	if err != nil {
		return nil, err
	}
	loc, err := time.LoadLocation(a.TimeZone)
	if err != nil {
		return nil, err
	}
	matching := []*calendar.Event{}
	for _, id := range slices.Sorted(maps.Keys(a.events)) {
		e := a.events[id]
		if e.changed <= q.since {
			continue
		}
		for _, one := range occurrences(e.Event, q.single) {
			if q.holds(one, loc) {
				matching = append(matching, limited(one, q.attendees))
			}
		}
	}
	page := &calendar.Events{Kind: "calendar#events", Summary: a.Name, TimeZone: a.TimeZone, Items: matching}
	rest := matching[min(q.offset, len(matching)):]
	if len(rest) > q.length {
		rest, page.NextPageToken = rest[:q.length], fmt.Sprintf("page-%d", q.offset+q.length)
	} else {
		page.NextSyncToken = fmt.Sprintf("sync-%d-%d-%s", s.epoch, s.serial, a.ID)
	}
	page.Items = rest
	return page, nil
}

// holds reports whether an event is in the listing.
func (q query) holds(e calendar.Event, loc *time.Location) bool {
	if e.Status == "cancelled" && !q.deleted {
		return false
	}
	start, startErr := moment(e.Start, loc)
	end, endErr := moment(e.End, loc)
	if startErr != nil || endErr != nil {
		return true // a deleted one of which nothing is left
	}
	return (q.from.IsZero() || end.After(q.from)) && (q.to.IsZero() || start.Before(q.to))
}

// limited leaves the owner alone of more guests than are wanted.
func limited(e calendar.Event, most int) *calendar.Event {
	if most > 0 && len(e.Attendees) > most {
		e.Attendees = slices.DeleteFunc(slices.Clone(e.Attendees), func(a *calendar.EventAttendee) bool { return !a.Self })
		e.AttendeesOmitted = true
	}
	return &e
}

var rules = regexp.MustCompile(`^RRULE:FREQ=(DAILY|WEEKLY);COUNT=(\d+)$`)

// occurrences expands an event that is repeated daily or weekly, so many times.
func occurrences(e calendar.Event, single bool) []calendar.Event {
	if !single || len(e.Recurrence) == 0 {
		return []calendar.Event{e}
	}
	rule := rules.FindStringSubmatch(e.Recurrence[0])
	start, startErr := moment(e.Start, time.UTC)
	end, endErr := moment(e.End, time.UTC)
	if rule == nil || startErr != nil || endErr != nil {
		panic("googletest does not know the rule " + e.Recurrence[0])
	}
	count, _ := strconv.Atoi(rule[2])
	days := map[string]int{"DAILY": 1, "WEEKLY": 7}[rule[1]]
	all := make([]calendar.Event, 0, count)
	for n := range count {
		one := e
		when := Timed("", start.AddDate(0, 0, n*days), end.AddDate(0, 0, n*days))
		one.Id = e.Id + "_" + start.AddDate(0, 0, n*days).UTC().Format("20060102T150405Z")
		one.RecurringEventId, one.Recurrence, one.Start, one.End = e.Id, nil, when.Start, when.End
		all = append(all, one)
	}
	return all
}

func (s *Server) calendarList(r *http.Request, who *account) (any, error) {
	offset, length, err := s.pageOf(r, 100, 250)
	if err != nil {
		return nil, err
	}
	page := &calendar.CalendarList{Kind: "calendar#calendarList"}
	order := who.order[min(offset, len(who.order)):]
	if len(order) > length {
		order, page.NextPageToken = order[:length], fmt.Sprintf("page-%d", offset+length)
	}
	for _, id := range order {
		c := who.calendars[id].Calendar
		page.Items = append(page.Items, &calendar.CalendarListEntry{
			Kind: "calendar#calendarListEntry", Id: c.ID, Summary: c.Name, TimeZone: c.TimeZone, AccessRole: c.Role, Primary: c.Primary,
		})
	}
	return page, nil
}
