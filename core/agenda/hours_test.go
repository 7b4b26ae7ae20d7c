package agenda_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
)

// TestProfessionalSchedule takes Thursday 2026-12-24 to Sunday 27 of a professional who works from Monday to Friday, at a
// clinic that keeps holidays; each case changes something.
func TestProfessionalSchedule(t *testing.T) {
	t.Parallel()
	christmas := []agenda.Holiday{{Date: mustDate(t, "2026-12-25"), Name: "Natal"}}
	shift := func(start, end string, days ...time.Weekday) agenda.WeeklyHours {
		return agenda.WeeklyHours{Days: days, Window: window(t, start, end)}
	}
	const thursday, friday, saturday = time.Thursday, time.Friday, time.Saturday
	tests := []struct {
		name   string
		change func(*agenda.Clinic, *agenda.ClinicProfessional)
		want   []string // in the clinic's zone
	}{
		{"OnePairAndDays", func(at *agenda.Clinic, _ *agenda.ClinicProfessional) { at.NationalHolidays = false }, []string{
			"12-24T08:00-03:00 12-24T18:00-03:00", "12-25T08:00-03:00 12-25T18:00-03:00",
		}},
		{"Holiday", func(*agenda.Clinic, *agenda.ClinicProfessional) {}, []string{"12-24T08:00-03:00 12-24T18:00-03:00"}},
		{"WindowsReplaceThePair", func(_ *agenda.Clinic, p *agenda.ClinicProfessional) {
			p.WorkingHours = []agenda.WeeklyHours{shift("14:00", "17:00", thursday), shift("09:00", "12:00", thursday, saturday)}
		}, []string{
			"12-24T09:00-03:00 12-24T12:00-03:00", "12-24T14:00-03:00 12-24T17:00-03:00", "12-26T09:00-03:00 12-26T12:00-03:00",
		}},
		{"OvernightIntoAHoliday", func(_ *agenda.Clinic, p *agenda.ClinicProfessional) {
			p.WorkingHours = []agenda.WeeklyHours{shift("22:00", "06:00", thursday, friday, saturday)}
		}, []string{"12-24T22:00-03:00 12-25T06:00-03:00", "12-26T22:00-03:00 12-27T00:00-03:00"}},
		{"OverrideWinsOverAHoliday", func(_ *agenda.Clinic, p *agenda.ClinicProfessional) {
			p.DateOverrides = []agenda.DateOverride{
				{Date: mustDate(t, "2026-12-24")}, {Date: mustDate(t, "2026-12-25"), Windows: []agenda.Window{window(t, "10:00", "12:00")}},
			}
		}, []string{"12-25T10:00-03:00 12-25T12:00-03:00"}},
		{"OvernightOverride", func(_ *agenda.Clinic, p *agenda.ClinicProfessional) {
			p.DateOverrides = []agenda.DateOverride{{Date: mustDate(t, "2026-12-24"), Windows: []agenda.Window{window(t, "20:00", "02:00")}}}
		}, []string{"12-24T20:00-03:00 12-25T02:00-03:00"}},
		{"ClosureOfTheClinic", func(at *agenda.Clinic, _ *agenda.ClinicProfessional) {
			at.Closures = []agenda.Closure{{First: mustDate(t, "2026-12-21"), Last: mustDate(t, "2026-12-24")}}
		}, []string{}},
		{"OverrideWinsOverAClosure", func(at *agenda.Clinic, p *agenda.ClinicProfessional) {
			at.Closures = []agenda.Closure{{First: mustDate(t, "2026-12-21"), Last: mustDate(t, "2027-01-03")}}
			p.DateOverrides = []agenda.DateOverride{{Date: mustDate(t, "2026-12-26"), Windows: []agenda.Window{window(t, "08:00", "10:00")}}}
		}, []string{"12-26T08:00-03:00 12-26T10:00-03:00"}},
		{"HoursOfTheirOwnZone", func(_ *agenda.Clinic, p *agenda.ClinicProfessional) { p.TimeZone = "America/Manaus" }, []string{
			"12-24T09:00-03:00 12-24T19:00-03:00",
		}},
		// In Sydney it is the 25th from 10:00 of the 24th in São Paulo on.
		{"HolidayByTheDatesOfTheirOwnZone", func(_ *agenda.Clinic, p *agenda.ClinicProfessional) {
			p.TimeZone = "Australia/Sydney"
			p.WorkingHours = []agenda.WeeklyHours{shift("00:00", "24:00", thursday, friday, saturday)}
		}, []string{"12-24T00:00-03:00 12-24T10:00-03:00", "12-25T10:00-03:00 12-26T10:00-03:00"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			at, p, _, _ := xyz()
			at.NationalHolidays = true
			p.WorkingStart, p.WorkingEnd = mustTime(t, "08:00"), mustTime(t, "18:00")
			p.WorkingDays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, thursday, friday}
			test.change(&at, &p)
			s := p.Schedule(at, christmas)
			if err := s.Validate(); err != nil {
				t.Fatal(err)
			}
			zone := at.Location()
			open := s.Open(instant(t, zone, "2026-12-24T00:00"), instant(t, zone, "2026-12-27T00:00"))
			if diff := cmp.Diff(test.want, shown(open, zone)); diff != "" {
				t.Errorf("Open (-want +got):\n%s", diff)
			}
		})
	}
}

// The clinic is shared by all who ask, and so is the room behind its list.
func TestScheduleLeavesTheClinicsClosuresAlone(t *testing.T) {
	t.Parallel()
	at, maria, joao, _ := xyz()
	at.NationalHolidays = true
	at.Closures = make([]agenda.Closure, 0, 4)
	one := maria.Schedule(at, []agenda.Holiday{{Date: mustDate(t, "2026-12-25")}})
	joao.Schedule(at, []agenda.Holiday{{Date: mustDate(t, "2027-01-01")}})
	if got := one.Closures[0].First; got != mustDate(t, "2026-12-25") || len(at.Closures) != 0 {
		t.Errorf("the first schedule is closed on %v, and the clinic has %v", got, at.Closures)
	}
}
