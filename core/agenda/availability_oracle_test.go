package agenda_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
)

// FuzzSlots compares Slots with a walk over every minute, and Accepts with Slots, on random queries around the days on
// which clocks change.
func FuzzSlots(f *testing.F) {
	for seed := range uint64(150) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		q := randomQuery(t, rand.New(rand.NewPCG(seed, 0)))
		if err := q.Validate(); err != nil {
			t.Fatal(err)
		}
		slots := q.Slots()
		if diff := cmp.Diff(slowStarts(q), starts(slots, time.UTC)); diff != "" {
			t.Fatalf("starts (-slow +got):\n%s\nquery: %+v", diff, q)
		}
		acceptsExactly(t, q, slots)
	})
}

// slowStarts walks the minutes of a query and remembers where the current free range took up its rhythm.
func slowStarts(q agenda.Query) []string {
	step := q.Step
	if step == 0 {
		step = q.Duration
	}
	unit := 1
	for _, u := range []int{5, 10, 15, 20, 30, 60} {
		if int(step.Minutes())%u == 0 {
			unit = u
		}
	}
	length := int(q.Duration.Minutes())
	var free []bool
	for at := q.From; at.Before(q.To); at = at.Add(time.Minute) {
		free = append(free, slowlyFree(q, at))
	}
	out := []string{}
	first := -1
	for m := range free {
		at := q.From.Add(time.Duration(m) * time.Minute).UTC()
		if !free[m] {
			first = -1
			continue
		}
		if first < 0 && at.In(q.Schedule.Location).Minute()%unit == 0 {
			first = m
		}
		if first < 0 || (m-first)%int(step.Minutes()) != 0 || m+length > len(free) {
			continue
		}
		if q.MaximumAhead > 0 && at.Sub(q.Now) > q.MaximumAhead {
			continue
		}
		if !slices.Contains(free[m:m+length], false) && slowlyAllowed(q, at) {
			out = append(out, at.Format("02 15:04"))
		}
	}
	return out
}

// slowlyAllowed adds up what starts on the day of a start.
func slowlyAllowed(q agenda.Query, start time.Time) bool {
	visits, length := 1, q.Duration
	for _, v := range q.Visits {
		if agenda.DateOf(v.Start, q.Schedule.Location) == agenda.DateOf(start, q.Schedule.Location) {
			visits++
			length += v.End.Sub(v.Start)
		}
	}
	return (q.MaxVisits == 0 || visits <= q.MaxVisits) && (q.MaxDaily == 0 || length <= q.MaxDaily)
}

// slowlyClosed looks for a date among all the days of the closures.
func slowlyClosed(s agenda.Schedule, date agenda.Date) bool {
	for _, v := range s.Closures {
		for d := v.First; d != v.Last.AddDays(1); d = d.AddDays(1) {
			if d == date {
				return true
			}
		}
	}
	return false
}

// slowlyFree reports whether a minute is working time, not before the notice, and not within the buffer of anything.
func slowlyFree(q agenda.Query, at time.Time) bool {
	if at.Sub(q.Now) < q.MinimumNotice {
		return false
	}
	for _, b := range q.Busy {
		if b.Start.Before(b.End) && at.Sub(b.Start) >= -q.BufferAfter && at.Sub(b.End) < q.BufferBefore {
			return false
		}
	}
	s := q.Schedule
	for days := -2; days <= 2; days++ {
		d := agenda.DateOf(at, s.Location).AddDays(days)
		var windows []agenda.Window
		overridden := false
		for _, o := range s.Overrides {
			if o.Date == d {
				overridden = true
				windows = append(windows, o.Windows...)
			}
		}
		for _, h := range s.Weekly {
			if !overridden && !slowlyClosed(s, d) && slices.Contains(h.Days, d.Weekday()) {
				windows = append(windows, h.Window)
			}
		}
		for _, w := range windows {
			end := d.At(w.End, s.Location)
			if w.End <= w.Start {
				if !s.Overnight {
					continue
				}
				end = d.AddDays(1).At(w.End, s.Location)
			}
			if !at.Before(d.At(w.Start, s.Location)) && at.Before(end) {
				return true
			}
		}
	}
	return false
}

func randomQuery(tb testing.TB, r *rand.Rand) agenda.Query {
	tb.Helper()
	places := []struct{ zone, date string }{
		{"America/Sao_Paulo", "2026-12-01"},
		{"America/Sao_Paulo", "2018-11-03"},
		{"America/Sao_Paulo", "2019-02-16"},
		{"America/New_York", "2026-03-07"},
		{"America/New_York", "2026-10-31"},
		{"Europe/London", "2026-10-24"},
		{"Asia/Kolkata", "2026-12-01"},
		{"Australia/Lord_Howe", "2026-10-03"},
		{"America/St_Johns", "2010-11-06"},
		{"Pacific/Noumea", "2026-12-01"},
	}
	place := places[r.IntN(len(places))]
	loc, date := mustZone(tb, place.zone), mustDate(tb, place.date)
	grain := []int{1, 5, 15, 30}[r.IntN(4)]
	upTo := func(n int) time.Duration { return time.Duration(r.IntN(n/grain+1)*grain) * time.Minute }
	anyWindow := func() agenda.Window {
		w := agenda.Window{Start: agenda.LocalTime(r.IntN(1440/grain) * grain), End: agenda.LocalTime(r.IntN(1440/grain+1) * grain)}
		if w.End < w.Start && r.IntN(4) > 0 {
			w.Start, w.End = w.End, w.Start
		}
		return w
	}

	from := date.At(0, loc).Add(upTo(600))
	q := agenda.Query{
		Schedule: agenda.Schedule{Location: loc, Overnight: r.IntN(2) == 0},
		From:     from,
		To:       from.Add(24*time.Hour + upTo(24*60)),
		Now:      from.Add(upTo(24*60) - 12*time.Hour),
		Duration: time.Duration(r.IntN(120/grain)+1) * time.Duration(grain) * time.Minute,
	}
	for range 1 + r.IntN(3) {
		h := agenda.WeeklyHours{Window: anyWindow()}
		for day := range time.Saturday + 1 {
			if r.IntN(3) > 0 {
				h.Days = append(h.Days, day)
			}
		}
		q.Schedule.Weekly = append(q.Schedule.Weekly, h)
	}
	if r.IntN(4) == 0 {
		q.Schedule.Weekly = everyDay(tb, "00:00", "24:00")
	}
	for range r.IntN(3) {
		o := agenda.DateOverride{Date: date.AddDays(r.IntN(4) - 1)}
		for range r.IntN(3) {
			o.Windows = append(o.Windows, anyWindow())
		}
		q.Schedule.Overrides = append(q.Schedule.Overrides, o)
	}
	for range r.IntN(2) {
		first := date.AddDays(r.IntN(4) - 1)
		q.Schedule.Closures = append(q.Schedule.Closures, agenda.Closure{First: first, Last: first.AddDays(r.IntN(2))})
	}
	if r.IntN(2) == 0 {
		q.MaxVisits, q.MaxDaily = r.IntN(4), upTo(300)
		for range r.IntN(6) {
			start := from.Add(upTo(48*60) - 6*time.Hour)
			q.Visits = append(q.Visits, agenda.Interval{Start: start, End: start.Add(upTo(120))})
		}
	}
	for range r.IntN(6) {
		start := from.Add(upTo(48*60) - 3*time.Hour)
		q.Busy = append(q.Busy, agenda.Interval{Start: start, End: start.Add(upTo(180))})
	}
	if r.IntN(2) == 0 {
		q.Step = []time.Duration{1, 5, 15, 20, 25, 30, 60, 90}[r.IntN(8)] * time.Minute
	}
	if r.IntN(2) == 0 {
		q.BufferBefore, q.BufferAfter = upTo(45), upTo(45)
	}
	if r.IntN(2) == 0 {
		q.MinimumNotice, q.MaximumAhead = upTo(24*60), 24*time.Hour+upTo(24*60)
	}
	return q
}
