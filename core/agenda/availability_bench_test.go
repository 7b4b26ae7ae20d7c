package agenda_test

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

// clinicQuery is one professional's 90 days: mornings and afternoons from Monday to Friday, eight appointments on each
// day, ten days off, a closure and three holidays, limits that no day reaches, 45-minute visits with buffers.
func clinicQuery(b *testing.B, zone string) agenda.Query {
	b.Helper()
	loc := mustZone(b, zone)
	first := mustDate(b, "2027-01-04")
	weekdays := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	q := agenda.Query{
		Schedule: agenda.Schedule{Location: loc, Weekly: []agenda.WeeklyHours{
			{Days: weekdays, Window: window(b, "08:00", "12:00")}, {Days: weekdays, Window: window(b, "13:30", "18:00")},
		}},
		Now: first.At(7*60, loc), From: first.At(0, loc), To: first.AddDays(90).At(0, loc),
		Duration: 45 * time.Minute, Step: 15 * time.Minute, BufferBefore: 5 * time.Minute, BufferAfter: 10 * time.Minute,
		MinimumNotice: 2 * time.Hour, MaximumAhead: 89 * 24 * time.Hour,
	}
	for day := range 90 {
		for hour := agenda.LocalTime(8); hour < 16; hour++ {
			start := first.AddDays(day).At(hour*60+20, loc)
			q.Busy = append(q.Busy, agenda.Interval{Start: start, End: start.Add(30 * time.Minute)})
		}
		if day%9 == 0 {
			q.Schedule.Overrides = append(q.Schedule.Overrides, agenda.DateOverride{Date: first.AddDays(day)})
		}
	}
	for _, date := range []string{"2027-02-08", "2027-03-26", "2027-04-02"} {
		q.Schedule.Closures = append(q.Schedule.Closures, agenda.Closure{First: mustDate(b, date), Last: mustDate(b, date)})
	}
	q.Schedule.Closures = append(q.Schedule.Closures, agenda.Closure{First: first, Last: first.AddDays(1)})
	q.Visits, q.MaxVisits, q.MaxDaily = q.Busy, 20, 10*time.Hour
	return q
}

// BenchmarkSlots50Professionals90Days is the worst list a clinic asks for. The goal is 20 ms.
func BenchmarkSlots50Professionals90Days(b *testing.B) {
	for _, zone := range []string{"America/Sao_Paulo", "America/New_York"} {
		b.Run(zone, func(b *testing.B) {
			q := clinicQuery(b, zone)
			b.ReportAllocs()
			for b.Loop() {
				for range 50 {
					if len(q.Slots()) == 0 {
						b.Fatal("no slots")
					}
				}
			}
		})
	}
}

// BenchmarkSlots50Free90Days has nothing busy, so that slots are as many as they can be.
func BenchmarkSlots50Free90Days(b *testing.B) {
	q := clinicQuery(b, "America/New_York")
	q.Busy = nil
	b.ReportAllocs()
	for b.Loop() {
		for range 50 {
			if len(q.Slots()) == 0 {
				b.Fatal("no slots")
			}
		}
	}
}

// BenchmarkAccepts asks about one start at the end of the 90 days.
func BenchmarkAccepts(b *testing.B) {
	q := clinicQuery(b, "America/New_York")
	slots := q.Slots()
	start := slots[len(slots)-1].Start
	b.ReportAllocs()
	for b.Loop() {
		if !q.Accepts(start) {
			b.Fatal("refused")
		}
	}
}
