package httpapi

import (
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

// WorkingHours is a window of the wall clock that repeats every week.
type WorkingHours struct {
	Days []Weekday `json:"days" maxItems:"7" example:"[1,2,3,4,5]" doc:"0 is Sunday."`
	Window
}

// Window is a span of the wall clock.
type Window struct {
	Start agenda.LocalTime `json:"start" maxLength:"8" example:"08:00"`
	End   agenda.LocalTime `json:"end" maxLength:"8" example:"18:00" doc:"24:00 is the end of the day."`
}

// DateOverride is the hours of one date.
type DateOverride struct {
	Date    agenda.Date `json:"date" format:"date" example:"2026-12-24"`
	Windows []Window    `json:"windows,omitempty" maxItems:"50" doc:"Without any, the date is closed."`
}

func (w Window) core() agenda.Window { return agenda.Window(w) }

func windowOf(w agenda.Window) Window { return Window(w) }

func (h WorkingHours) core() agenda.WeeklyHours {
	return agenda.WeeklyHours{Days: mapped(h.Days, Weekday.core), Window: h.Window.core()}
}

func workingHoursOf(h agenda.WeeklyHours) WorkingHours {
	return WorkingHours{Days: mapped(h.Days, func(d time.Weekday) Weekday { return Weekday(d) }), Window: windowOf(h.Window)}
}

func (o DateOverride) core() agenda.DateOverride {
	return agenda.DateOverride{Date: o.Date, Windows: mapped(o.Windows, Window.core)}
}

func dateOverrideOf(o agenda.DateOverride) DateOverride {
	return DateOverride{Date: o.Date, Windows: mapped(o.Windows, windowOf)}
}
