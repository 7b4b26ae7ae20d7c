package service_test

import (
	"errors"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/service"
)

func TestTheMatrixFollowsWhatIsBookedAtOnceAndCalendarsWithinAMinute(t *testing.T) {
	t.Parallel()
	w := open(t)
	m := service.NewMatrix(w.agenda)
	t.Cleanup(m.Close)
	has := func(start time.Time) bool {
		t.Helper()
		monday, weeks, err := m.Week(t.Context(), w.manager, w.clinic.ID, agenda.Date{Year: 2026, Month: 11, Day: 29}, w.joao.ID)
		w.must(err)
		if monday != (agenda.Date{Year: 2026, Month: 11, Day: 23}) || len(weeks) != 1 || weeks[0].Professional != w.joao.ID {
			t.Fatalf("the week of %s is %+v", monday, weeks)
		}
		for _, slot := range weeks[0].Slots {
			if slot.Start.Equal(start) {
				return true
			}
		}
		return false
	}
	if !has(at(10, 0)) {
		t.Fatal("10:00 is not in the matrix")
	}
	a := w.book(w.joao, at(10, 0))
	if has(at(10, 0)) {
		t.Error("10:00 is booked, and still in the matrix")
	}
	w.cancel(a)
	if !has(at(10, 0)) {
		t.Error("10:00 was cancelled, and is not in the matrix again")
	}
	w.calendar.Block(w.joao.Calendar(), agenda.Interval{Start: at(10, 0), End: at(11, 0)})
	w.pass(time.Minute + time.Second)
	if has(at(10, 0)) {
		t.Error("10:00 was taken in the calendar more than a minute ago, and is still in the matrix")
	}
	w.set(w.joao, func(p *agenda.ClinicProfessional) {
		p.WorkingStart, p.UpdatedAt = 12*60, p.UpdatedAt.Add(time.Second)
	})
	if has(at(11, 0)) {
		t.Error("the hours were changed, and the matrix does not know")
	}
	w.calendar.Fail(errors.New("away"))
	w.pass(time.Hour)
	_, weeks, err := m.Week(t.Context(), w.manager, w.clinic.ID, agenda.Date{Year: 2026, Month: 11, Day: 23}, agenda.ClinicProfessionalID{})
	w.must(err)
	for _, week := range weeks {
		if week.Unavailable != "calendar-unavailable" || len(week.Slots) != 0 {
			t.Errorf("the calendar is away, and the week is %+v", week)
		}
	}
}
