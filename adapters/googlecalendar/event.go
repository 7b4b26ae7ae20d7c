package googlecalendar

import (
	"fmt"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
)

// The private extended properties of our events say whose they are. Only this service's OAuth client sees them.
const (
	propertyProfessional = "secretary_professional"
	propertyAppointment  = "secretary_appointment"
)

const (
	statusConfirmed = "confirmed"
	statusCancelled = "cancelled"
	transparent     = "transparent"
	opaque          = "opaque"
)

// zoneOf finds the time zone of a calendar, which an all-day event needs and few others do.
type zoneOf func() (*time.Location, error)

// owned reads whose event it is: zero ids when it is none of ours. A copy that somebody made of one of ours keeps its
// properties, but has an id of Google's making.
func owned(e *calendar.Event) (professional agenda.ClinicProfessionalID, appointment agenda.AppointmentID) {
	if _, ours := agenda.AppointmentOfEvent(e.Id); !ours || e.ExtendedProperties == nil {
		return professional, appointment
	}
	professional, err := id.Parse[agenda.ClinicProfessional](e.ExtendedProperties.Private[propertyProfessional])
	if err != nil {
		return agenda.ClinicProfessionalID{}, appointment
	}
	appointment, err = id.Parse[agenda.Appointment](e.ExtendedProperties.Private[propertyAppointment])
	if err != nil {
		return professional, agenda.AppointmentID{}
	}
	return professional, appointment
}

// isOfAgendas reports whether an event is one that can take time: birthdays and working locations are notes.
func isOfAgendas(e *calendar.Event) bool {
	return e.EventType != "birthday" && e.EventType != "workingLocation"
}

func eventOf(calendarID string, e *calendar.Event, zone zoneOf) (agenda.Event, error) {
	out := agenda.Event{
		ID: e.Id, CalendarID: calendarID, Summary: e.Summary, Description: e.Description,
		Free: e.Transparency == transparent || declined(e),
	}
	out.ProfessionalID, out.AppointmentID = owned(e)
	var err error
	if out.Start, err = instant(e.Start, zone); err != nil {
		return agenda.Event{}, err
	}
	out.End, err = instant(e.End, zone)
	return out, err
}

// declined reports whether the calendar's owner was invited and will not come.
func declined(e *calendar.Event) bool {
	for _, a := range e.Attendees {
		if a.Self {
			return a.ResponseStatus == "declined"
		}
	}
	return false
}

// instant is the moment that Google gives as a time, or as a day of the calendar's time zone, in UTC.
func instant(t *calendar.EventDateTime, zone zoneOf) (time.Time, error) {
	if t == nil {
		return time.Time{}, fmt.Errorf("googlecalendar: an event without a start or an end")
	}
	if t.DateTime != "" {
		at, err := time.Parse(time.RFC3339, t.DateTime)
		return at.UTC(), err
	}
	day, err := agenda.ParseDate(t.Date)
	if err != nil {
		return time.Time{}, fmt.Errorf("googlecalendar: an event without a time or a day: %w", err)
	}
	loc, err := zone()
	if err != nil {
		return time.Time{}, err
	}
	return day.At(0, loc), nil
}

// write makes found, a new event or one that is there, what we want. What people added to it stays: colours, guests, a place.
func write(found *calendar.Event, e agenda.Event) {
	found.Id, found.Summary, found.Description = e.ID, e.Summary, e.Description
	found.Start = &calendar.EventDateTime{DateTime: e.Start.Format(time.RFC3339)}
	found.End = &calendar.EventDateTime{DateTime: e.End.Format(time.RFC3339)}
	found.Status, found.Transparency, found.Recurrence = statusConfirmed, opaque, nil
	if found.ExtendedProperties == nil {
		found.ExtendedProperties = &calendar.EventExtendedProperties{}
	}
	if found.ExtendedProperties.Private == nil {
		found.ExtendedProperties.Private = map[string]string{}
	}
	found.ExtendedProperties.Private[propertyProfessional] = e.ProfessionalID.String()
	found.ExtendedProperties.Private[propertyAppointment] = e.AppointmentID.String()
}

// isWritten reports whether an event that is there is already what we want.
func isWritten(found *calendar.Event, e agenda.Event) bool {
	if found.Status == statusCancelled || len(found.Recurrence) > 0 {
		return false
	}
	got, err := eventOf(e.CalendarID, found, func() (*time.Location, error) { return time.UTC, nil })
	allDay := found.Start != nil && found.Start.DateTime == ""
	same := !allDay && err == nil && got.Start.Equal(e.Start) && got.End.Equal(e.End)
	got.Start, got.End = e.Start, e.End
	return same && got == e
}
