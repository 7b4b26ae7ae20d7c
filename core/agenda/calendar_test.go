package agenda_test

import (
	"testing"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
)

func isMismatch(err error) bool {
	return errs.KindOf(err) == errs.Forbidden && errs.CodeOf(err) == "calendar-mismatch"
}

func TestGuardLetsOnlyTheProfessionalsOwnEventPass(t *testing.T) {
	t.Parallel()
	_, maria, joao, _ := xyz()
	own, other := maria.Calendar(), joao.Calendar()
	for name, c := range map[string]struct {
		calendar agenda.Calendar
		event    agenda.Event
		ok       bool
	}{
		"her event, her calendar":         {own, agenda.Event{CalendarID: own.ID, ProfessionalID: maria.ID}, true},
		"his event, his calendar":         {other, agenda.Event{CalendarID: other.ID, ProfessionalID: joao.ID}, true},
		"her event, his calendar":         {other, agenda.Event{CalendarID: own.ID, ProfessionalID: maria.ID}, false},
		"her event marked as his":         {own, agenda.Event{CalendarID: own.ID, ProfessionalID: joao.ID}, false},
		"her event with his calendar":     {own, agenda.Event{CalendarID: other.ID, ProfessionalID: maria.ID}, false},
		"an event of nobody":              {own, agenda.Event{CalendarID: own.ID}, false},
		"an event of no calendar":         {own, agenda.Event{ProfessionalID: maria.ID}, false},
		"a calendar without an id":        {agenda.Calendar{ProfessionalID: maria.ID}, agenda.Event{ProfessionalID: maria.ID}, false},
		"a calendar of nobody":            {agenda.Calendar{ID: own.ID}, agenda.Event{CalendarID: own.ID}, false},
		"nothing to nothing":              {agenda.Calendar{}, agenda.Event{}, false},
		"the same id in another case":     {own, agenda.Event{CalendarID: "M" + own.ID[1:], ProfessionalID: maria.ID}, false},
		"the same id with a space":        {own, agenda.Event{CalendarID: own.ID + " ", ProfessionalID: maria.ID}, false},
		"the primary calendar's nickname": {own, agenda.Event{CalendarID: "primary", ProfessionalID: maria.ID}, false},
	} {
		if err := c.calendar.Guard(c.event); (err == nil) != c.ok || err != nil && !isMismatch(err) {
			t.Errorf("%s: %v, want it to pass: %t", name, err, c.ok)
		}
	}
}

func TestGuardIDRefusesWhatWasMadeUp(t *testing.T) {
	t.Parallel()
	_, maria, joao, _ := xyz()
	for sent, ok := range map[string]bool{
		"": true, maria.GoogleCalendarID: true, joao.GoogleCalendarID: false, "primary": false, " ": false,
		maria.GoogleCalendarID + " ": false, "M" + maria.GoogleCalendarID[1:]: false,
	} {
		if err := maria.Calendar().GuardID(sent); (err == nil) != ok || err != nil && !isMismatch(err) {
			t.Errorf("%q for Maria: %v, want it to pass: %t", sent, err, ok)
		}
	}
	if err := (agenda.Calendar{}).GuardID("primary"); !isMismatch(err) {
		t.Errorf("an id for no calendar: %v, want calendar-mismatch", err)
	}
}

func TestFreeEventsTakeTimeOnlyInACalendarThatBlocksAll(t *testing.T) {
	t.Parallel()
	events := []agenda.Event{{ID: "meeting", Start: noon(), End: later()}, {ID: "birthday", Start: noon(), End: later(), Free: true}}
	of := agenda.Calendar{ProfessionalID: id.New[agenda.ClinicProfessional](), ID: "maria"}
	if got := of.Taken(events); len(got) != 1 || got[0].EventID != "meeting" || !got[0].Start.Equal(noon()) || !got[0].End.Equal(later()) {
		t.Errorf("a professional's: %+v", got)
	}
	if got := (agenda.Calendar{ID: "holidays"}).Taken(events); len(got) != 2 {
		t.Errorf("one that blocks all: %+v", got)
	}
}
