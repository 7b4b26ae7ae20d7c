package googletest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"google.golang.org/api/calendar/v3"
)

const saoPaulo = "America/Sao_Paulo"

// Calendar is a calendar of an account.
type Calendar struct {
	ID       string
	Name     string
	TimeZone string // "" means America/Sao_Paulo
	Role     string // owner, writer, reader or freeBusyReader; "" means owner
	Primary  bool
}

type account struct {
	email     string
	calendars map[string]*agenda
	order     []string
}

type agenda struct {
	Calendar

	events map[string]*entry
}

type entry struct {
	calendar.Event

	changed int64 // when, as the server counts
}

// account returns the account of an address, which is made when it is first named. s.mu is held.
func (s *Server) account(email string) *account {
	if s.accounts[email] == nil {
		s.accounts[email] = &account{email: email, calendars: map[string]*agenda{}}
	}
	return s.accounts[email]
}

// calendar finds a calendar of an account. s.mu is held.
func (s *Server) calendar(who *account, id string) (*agenda, error) {
	if who.calendars[id] == nil {
		if !s.anyCalendar {
			return nil, notFound()
		}
		s.add(who, Calendar{ID: id, Name: id})
	}
	return who.calendars[id], nil
}

func (s *Server) add(who *account, c Calendar) {
	c.TimeZone, c.Role = cmp.Or(c.TimeZone, saoPaulo), cmp.Or(c.Role, "owner")
	if who.calendars[c.ID] == nil {
		who.order = append(who.order, c.ID)
		who.calendars[c.ID] = &agenda{events: map[string]*entry{}}
	}
	who.calendars[c.ID].Calendar = c
}

// AddCalendar gives an account a calendar, or changes what one is.
func (s *Server) AddCalendar(email string, c Calendar) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(s.account(email), c)
}

// RemoveCalendar takes a calendar away from an account with all its events, as when somebody no longer shares it.
func (s *Server) RemoveCalendar(email, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := s.account(email)
	delete(who.calendars, id)
	who.order = slices.DeleteFunc(who.order, func(other string) bool { return other == id })
}

// Timed is an event for [Server.Insert].
func Timed(summary string, start, end time.Time) *calendar.Event {
	return &calendar.Event{
		Summary: summary, Start: &calendar.EventDateTime{DateTime: start.Format(time.RFC3339)},
		End: &calendar.EventDateTime{DateTime: end.Format(time.RFC3339)},
	}
}

// AllDay is an event for [Server.Insert] of whole days, such as "2026-12-25", without the last one. Like Google's own programs
// it shows them as free.
func AllDay(summary, first, end string) *calendar.Event {
	return &calendar.Event{
		Summary: summary, Start: &calendar.EventDateTime{Date: first}, End: &calendar.EventDateTime{Date: end},
		Transparency: "transparent",
	}
}

// Insert puts an event into a calendar by hand and returns its id, which is Google's unless the event has one. The calendar is
// made when the account has none of that id.
func (s *Server) Insert(email, calendarID string, e *calendar.Event) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := s.account(email)
	if who.calendars[calendarID] == nil {
		s.add(who, Calendar{ID: calendarID, Name: calendarID})
	}
	return s.store(who.calendars[calendarID], *e).Id
}

// store writes an event as a new version. s.mu is held.
func (s *Server) store(a *agenda, e calendar.Event) *entry {
	changed := s.next()
	if e.Id == "" {
		e.Id = fmt.Sprintf("hand%d", changed)
	}
	if e.Status == "" {
		e.Status = "confirmed"
	}
	if e.EventType == "" {
		e.EventType = "default"
	}
	now := time.Now().UTC().Format(time.RFC3339)
	e.Kind, e.Etag, e.Updated = "calendar#event", s.etag(changed), now
	stored := &entry{e, changed}
	a.events[e.Id] = stored
	return stored
}

// Move moves an event by hand.
func (s *Server) Move(email, calendarID, eventID string, start, end time.Time) {
	s.change(email, calendarID, eventID, func(e *calendar.Event) {
		moved := Timed("", start, end)
		e.Start, e.End = moved.Start, moved.End
	})
}

// Remove deletes an event by hand.
func (s *Server) Remove(email, calendarID, eventID string) {
	s.change(email, calendarID, eventID, func(e *calendar.Event) { e.Status = "cancelled" })
}

// Strip leaves of a deleted event nothing but its id, as Google may do after a while.
func (s *Server) Strip(email, calendarID, eventID string) {
	s.change(email, calendarID, eventID, func(e *calendar.Event) { *e = calendar.Event{Id: e.Id, Status: "cancelled"} })
}

// Change changes an event by hand in any way.
func (s *Server) Change(email, calendarID, eventID string, fn func(*calendar.Event)) {
	s.change(email, calendarID, eventID, fn)
}

func (s *Server) change(email, calendarID, eventID string, fn func(*calendar.Event)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(email).calendars[calendarID]
	if a == nil || a.events[eventID] == nil {
		panic("googletest: there is no event " + eventID + " in " + calendarID + " of " + email)
	}
	e := a.events[eventID].Event
	fn(&e)
	s.store(a, e)
}

// Events returns the events of a calendar that were not deleted, by id.
func (s *Server) Events(email, calendarID string) []calendar.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := []calendar.Event{}
	a := s.account(email).calendars[calendarID]
	if a == nil {
		return events
	}
	for _, id := range slices.Sorted(maps.Keys(a.events)) {
		if e := a.events[id].Event; e.Status != "cancelled" {
			events = append(events, e)
		}
	}
	return events
}

// ExpireSyncTokens lets no sync token be good any longer.
func (s *Server) ExpireSyncTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch++
}
