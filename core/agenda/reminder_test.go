package agenda_test

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

func reminding(t *testing.T, zone string, quiet agenda.QuietHours, leads ...time.Duration) agenda.Clinic {
	t.Helper()
	if leads == nil {
		leads = []time.Duration{}
	}
	c, err := agenda.NewClinic(agenda.TenantID{}, agenda.ClinicParams{
		EntityID: 1, Name: "Clínica", TimeZone: zone, Reminders: leads, QuietHours: &quiet,
	}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// local reads "2006-01-02 15:04" in a zone.
func local(t *testing.T, zone, text string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

const paulo, berlin = "America/Sao_Paulo", "Europe/Berlin"

func TestWhenAPatientIsReminded(t *testing.T) {
	t.Parallel()
	night := agenda.QuietHours{From: 21 * 60, Until: 8 * 60}
	for name, c := range map[string]struct {
		zone  string
		quiet agenda.QuietHours
		start string
		lead  time.Duration
		want  string
	}{
		"SoLongBefore":                    {paulo, night, "2026-11-26 15:00", 2 * time.Hour, "2026-11-26 13:00"},
		"ADayBefore":                      {paulo, night, "2026-11-26 15:00", 24 * time.Hour, "2026-11-25 15:00"},
		"WhenQuietHoursEnd":               {paulo, night, "2026-11-26 09:00", 2 * time.Hour, "2026-11-26 08:00"},
		"AtTheirEndWithHalfAnHourLeft":    {paulo, night, "2026-11-26 08:30", 2 * time.Hour, "2026-11-26 08:00"},
		"BeforeThemWhenTheEndIsTooLate":   {paulo, night, "2026-11-26 08:29", 2 * time.Hour, "2026-11-25 20:50"},
		"BeforeThemOverMidnight":          {paulo, night, "2026-11-26 00:30", 2 * time.Hour, "2026-11-25 20:50"},
		"AtTheFirstQuietMinute":           {paulo, night, "2026-11-26 23:00", 2 * time.Hour, "2026-11-26 20:50"},
		"AtTheLastLoudMinute":             {paulo, night, "2026-11-26 22:59", 2 * time.Hour, "2026-11-26 20:59"},
		"AtTheFirstLoudMinute":            {paulo, night, "2026-11-26 10:00", 2 * time.Hour, "2026-11-26 08:00"},
		"QuietInTheMiddleOfTheDay":        {paulo, agenda.QuietHours{From: 12 * 60, Until: 14 * 60}, "2026-11-26 15:00", 2 * time.Hour, "2026-11-26 14:00"},
		"EqualTimesAreNeverQuiet":         {paulo, agenda.QuietHours{From: 480, Until: 480}, "2026-11-26 08:00", 2 * time.Hour, "2026-11-26 06:00"},
		"ADayOf23HoursBefore":             {berlin, night, "2026-03-29 15:00", 24 * time.Hour, "2026-03-28 14:00"},
		"QuietEndsOnTheWallWhenItSprings": {berlin, night, "2026-03-29 09:00", 2 * time.Hour, "2026-03-29 08:00"},
		"QuietEndsOnTheWallWhenItFalls":   {berlin, night, "2026-10-25 09:00", 4 * time.Hour, "2026-10-25 08:00"},
		"QuietBeginsInTheHourThatIsNot":   {berlin, agenda.QuietHours{From: 150, Until: 480}, "2026-03-29 08:10", 2 * time.Hour, "2026-03-29 01:50"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := reminding(t, c.zone, c.quiet, c.lead)
			if got, want := v.RemindAt(local(t, c.zone, c.start), c.lead), local(t, c.zone, c.want); !got.Equal(want) {
				t.Errorf("got %s, want %s", got.In(v.Location()), want)
			}
		})
	}
}

func TestWhichReminderIsDue(t *testing.T) {
	t.Parallel()
	c := reminding(t, paulo, agenda.DefaultQuietHours(), agenda.DefaultReminders()...)
	const afternoon, early, long = "2026-11-26 15:00", "2026-11-26 08:10", "2026-11-01 10:00"
	for name, v := range map[string]struct {
		start, known, now string
		want              time.Duration // 0: none is due
	}{
		"TooEarly":                     {afternoon, long, "2026-11-25 14:59", 0},
		"ADayBefore":                   {afternoon, long, "2026-11-25 15:00", 24 * time.Hour},
		"BetweenTheTwo":                {afternoon, long, "2026-11-26 12:59", 24 * time.Hour},
		"TwoHoursBefore":               {afternoon, long, "2026-11-26 13:00", 2 * time.Hour},
		"MissedButNotTooLate":          {afternoon, long, "2026-11-26 14:59", 2 * time.Hour},
		"AtTheStart":                   {afternoon, long, afternoon, 0},
		"InQuietHours":                 {afternoon, long, "2026-11-25 22:00", 0},
		"BookedThreeHoursBefore":       {afternoon, "2026-11-26 12:00", "2026-11-26 12:30", 0},
		"BookedThreeHoursBeforeAndTwo": {afternoon, "2026-11-26 12:00", "2026-11-26 13:00", 2 * time.Hour},
		"BookedThirtyMinutesBeforeIt":  {afternoon, "2026-11-26 12:30", "2026-11-26 13:00", 2 * time.Hour},
		"BookedLessThanThatBeforeIt":   {afternoon, "2026-11-26 12:31", "2026-11-26 13:30", 0},
		"BookedAfterIt":                {afternoon, "2026-11-26 13:30", "2026-11-26 14:30", 0},
		"BookedADayAndSixHoursBefore":  {afternoon, "2026-11-25 09:00", "2026-11-25 15:00", 24 * time.Hour},
		"BookedADayAndLessBefore":      {afternoon, "2026-11-25 09:01", "2026-11-25 15:00", 0},
		"BeforeTheQuietNight":          {early, long, "2026-11-25 20:50", 2 * time.Hour},
		"NotYetBeforeTheQuietNight":    {early, long, "2026-11-25 20:49", 24 * time.Hour},
		"MissedBeforeTheQuietNight":    {early, long, "2026-11-26 08:00", 2 * time.Hour},
		"BookedInTheEvening":           {early, "2026-11-25 20:45", "2026-11-25 20:55", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := local(t, paulo, v.now)
			lead, due := c.DueReminder(local(t, paulo, v.start), local(t, paulo, v.known), now)
			if want := v.want > 0; due != want || due && lead != v.want {
				t.Errorf("got %s, %v, want %s", lead, due, v.want)
			}
		})
	}
	if lead, due := reminding(t, paulo, agenda.DefaultQuietHours()).DueReminder(local(t, paulo, afternoon), local(t, paulo, long), local(t, paulo, "2026-11-26 14:00")); due {
		t.Errorf("a clinic without reminders: got %s", lead)
	}
}

// TestNoDueReminderIsBeyondWhereItIsLookedFor compares what is due with the bound of what is looked at, all week long.
func TestNoDueReminderIsBeyondWhereItIsLookedFor(t *testing.T) {
	t.Parallel()
	for _, quiet := range []agenda.QuietHours{agenda.DefaultQuietHours(), {From: 13 * 60, Until: 15 * 60}} {
		c := reminding(t, berlin, quiet, 48*time.Hour, 90*time.Minute)
		for now := local(t, berlin, "2026-03-27 00:00"); now.Before(local(t, berlin, "2026-03-31 00:00")); now = now.Add(50 * time.Minute) {
			for start := now.Add(time.Minute); start.Before(now.AddDate(0, 0, 4)); start = start.Add(47 * time.Minute) {
				lead, due := c.DueReminder(start, now.AddDate(0, -1, 0), now)
				if due && start.After(c.RemindUntil(lead, now)) {
					t.Fatalf("at %s a reminder of %s, %s before, is due, beyond %s", now, start, lead, c.RemindUntil(lead, now))
				}
			}
		}
	}
}

func TestWhatAPatientSaysAndKnowsOfAVisit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	a := agenda.Appointment{Status: agenda.Held, HeldUntil: now.Add(time.Minute), Start: now.Add(24 * time.Hour), End: now.Add(25 * time.Hour), UpdatedAt: now}
	if a.Untold() || a.Attend(agenda.Coming, now) == nil {
		t.Error("a hold is to be told of, or attended")
	}
	if err := a.Confirm(now); err != nil || a.Untold() || a.Told != (agenda.Told{Start: a.Start, At: now}) {
		t.Fatalf("after Confirm: %v, told %+v", err, a.Told)
	}
	if err := a.Attend(agenda.Coming, now); err != nil || a.Attendance != agenda.Coming || !a.AttendanceAt.Equal(now) {
		t.Errorf("attend: %v, %+v", err, a)
	}
	version := a.Version
	if err := a.Attend(agenda.Coming, now.Add(time.Minute)); err != nil || a.Version != version || !a.AttendanceAt.Equal(now) {
		t.Errorf("the same again is a change: %v, %+v", err, a)
	}
	first := a.Start
	if err := a.Move(first.Add(time.Hour), now); err != nil || a.Attendance != agenda.NotAnswered || !a.AttendanceAt.IsZero() || !a.Untold() {
		t.Errorf("after a move: %v, %+v", err, a)
	}
	if err := a.Move(first, now); err != nil || a.Untold() {
		t.Errorf("after it was moved back it is to be told: %v", err)
	}
	if err := a.Cancel("", now); err != nil || !a.Untold() {
		t.Errorf("a cancelled visit is not to be told: %v", err)
	}
	version = a.Version
	a.Tell(now.Add(time.Minute))
	if a.Untold() || !a.Told.Start.IsZero() || a.Version != version || !a.UpdatedAt.After(now) {
		t.Errorf("after it was told: %+v", a)
	}
	if a.Attend(agenda.Coming, now) == nil {
		t.Error("a cancelled visit is attended")
	}
}
