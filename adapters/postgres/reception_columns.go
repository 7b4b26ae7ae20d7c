package postgres

import (
	"encoding/json"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
)

// What the column draft holds of a [reception.Draft]: ids and days as text, times in RFC 3339, and nothing of what is
// zero. The keys are for good. One that is missing or unknown, in a row of another version of the service, is zero.
type draftColumn struct {
	Purpose      reception.Purpose             `json:"purpose,omitzero"`
	Patient      *patientColumn                `json:"patient,omitempty"`
	Patients     []patientColumn               `json:"patients,omitempty"`
	Professional agenda.ClinicProfessionalID   `json:"professional_id,omitzero"`
	Service      agenda.ServiceID              `json:"service_id,omitzero"`
	Services     []agenda.ServiceID            `json:"service_ids,omitempty"`
	Offered      bool                          `json:"offered,omitzero"`
	Options      []agenda.ClinicProfessionalID `json:"options,omitempty"`
	Menu         []agenda.ServiceID            `json:"menu,omitempty"`
	Appointments []agenda.AppointmentID        `json:"appointment_ids,omitempty"`
	Appointment  agenda.AppointmentID          `json:"appointment_id,omitzero"`
	Date         agenda.Date                   `json:"date,omitzero"`
	Time         *agenda.LocalTime             `json:"time,omitempty"`
	From         *agenda.LocalTime             `json:"from,omitempty"`
	Until        *agenda.LocalTime             `json:"until,omitempty"`
	Period       reception.Period              `json:"period,omitzero"`
	After        time.Time                     `json:"after,omitzero"`
	Slots        []slotColumn                  `json:"slots,omitempty"`
	Slot         slotColumn                    `json:"slot,omitzero"`
	Person       bool                          `json:"person,omitzero"`
	Said         uint32                        `json:"said,omitzero"`
	SaidAt       time.Time                     `json:"said_at,omitzero"`
	Repeats      int                           `json:"repeats,omitzero"`
}

type patientColumn struct {
	Name      string      `json:"name,omitzero"`
	BirthDate agenda.Date `json:"birth_date,omitzero"`
	Phone     string      `json:"phone,omitzero"`
}

// turnColumn is what the column turn holds of a [reception.Turn], as draftColumn does.
type turnColumn struct {
	Replies      []string                      `json:"replies,omitempty"`
	Intent       reception.Intent              `json:"intent,omitzero"`
	State        reception.State               `json:"state,omitzero"`
	Professional agenda.ClinicProfessionalID   `json:"professional_id,omitzero"`
	Service      agenda.ServiceID              `json:"service_id,omitzero"`
	Options      []agenda.ClinicProfessionalID `json:"options,omitempty"`
	Slots        []slotColumn                  `json:"slots,omitempty"`
	Appointment  agenda.AppointmentID          `json:"appointment_id,omitzero"`
	ModelCalls   int                           `json:"model_calls,omitzero"`
}

type slotColumn struct {
	Start time.Time `json:"start,omitzero"`
	End   time.Time `json:"end,omitzero"`
}

func draftColumnOf(d reception.Draft) draftColumn {
	c := draftColumn{
		Purpose: d.Purpose, Professional: d.Professional, Service: d.Service, Services: d.Services, Offered: d.Offered,
		Options: d.Options, Menu: d.Menu, Appointments: d.Appointments, Appointment: d.Appointment, Date: d.Date, Time: d.Time,
		From: d.From, Until: d.Until, Period: d.Period, After: utc(d.After), Slots: slotColumnsOf(d.Slots), Slot: slotColumnOf(d.Slot),
		Person: d.Person, Said: d.Said, SaidAt: utc(d.SaidAt), Repeats: d.Repeats,
	}
	if d.Patient != nil {
		c.Patient = new(patientColumn(*d.Patient))
	}
	for _, p := range d.Patients {
		c.Patients = append(c.Patients, patientColumn(p))
	}
	return c
}

func draftOf(raw []byte) (reception.Draft, error) {
	var c draftColumn
	if err := json.Unmarshal(raw, &c); err != nil {
		return reception.Draft{}, err
	}
	d := reception.Draft{
		Purpose: c.Purpose, Professional: c.Professional, Service: c.Service, Services: c.Services, Offered: c.Offered,
		Options: c.Options, Menu: c.Menu, Appointments: c.Appointments, Appointment: c.Appointment, Date: c.Date, Time: c.Time,
		From: c.From, Until: c.Until, Period: c.Period, After: utc(c.After), Slots: slotsOf(c.Slots), Slot: c.Slot.interval(),
		Person: c.Person, Said: c.Said, SaidAt: utc(c.SaidAt), Repeats: c.Repeats,
	}
	if c.Patient != nil {
		d.Patient = new(agenda.Patient(*c.Patient))
	}
	for _, p := range c.Patients {
		d.Patients = append(d.Patients, agenda.Patient(p))
	}
	return d, nil
}

func turnColumnOf(t reception.Turn) turnColumn {
	return turnColumn{
		Replies: t.Replies, Intent: t.Intent, State: t.State, Professional: t.Professional, Service: t.Service,
		Options: t.Options, Slots: slotColumnsOf(t.Slots), Appointment: t.Appointment, ModelCalls: t.ModelCalls,
	}
}

// turnOf returns nil for a message that led to nothing yet.
func turnOf(raw []byte) (*reception.Turn, error) {
	var c *turnColumn
	if raw == nil {
		return nil, nil //nolint:nilnil // NULL is no turn
	}
	if err := json.Unmarshal(raw, &c); err != nil || c == nil {
		return nil, err
	}
	return &reception.Turn{
		Replies: c.Replies, Intent: c.Intent, State: c.State, Professional: c.Professional, Service: c.Service,
		Options: c.Options, Slots: slotsOf(c.Slots), Appointment: c.Appointment, ModelCalls: c.ModelCalls,
	}, nil
}

func slotColumnOf(i agenda.Interval) slotColumn {
	return slotColumn{Start: utc(i.Start), End: utc(i.End)}
}

func (c slotColumn) interval() agenda.Interval {
	return agenda.Interval{Start: utc(c.Start), End: utc(c.End)}
}

func slotColumnsOf(slots []agenda.Interval) []slotColumn {
	var out []slotColumn
	for _, s := range slots {
		out = append(out, slotColumnOf(s))
	}
	return out
}

func slotsOf(columns []slotColumn) []agenda.Interval {
	var out []agenda.Interval
	for _, c := range columns {
		out = append(out, c.interval())
	}
	return out
}

// utc is a time as every column keeps it; JSON would keep nanoseconds and a zone.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
