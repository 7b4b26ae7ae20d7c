package agenda

import "time"

// limits tells on which days there is room for one more visit of a query.
type limits struct {
	q     Query
	zone  *zone
	first int64  // the number of the first day
	days  []load // from the first day on; none when there is no limit
}

// load is what starts on a day.
type load struct {
	visits int
	time   time.Duration
}

// limits adds up the visits on the days from one start to another.
func (q Query) limits(z *zone, from, to time.Time) limits {
	l := limits{q: q, zone: z, first: z.day(from)}
	if q.MaxVisits == 0 && q.MaxDaily == 0 || to.Before(from) {
		return l
	}
	// A day more on either side: where the clock goes back over midnight, the days do not follow the order of time.
	l.first--
	l.days = make([]load, z.day(to)-l.first+2)
	for _, v := range q.Visits {
		if i := z.day(v.Start) - l.first; i >= 0 && i < int64(len(l.days)) {
			l.days[i].visits++
			l.days[i].time += v.Duration()
		}
	}
	return l
}

// allow reports whether the limits allow a visit that starts at one of the times in between.
func (l limits) allow(start time.Time) bool {
	if l.days == nil {
		return true
	}
	day := l.days[l.zone.day(start)-l.first]
	return (l.q.MaxVisits == 0 || day.visits < l.q.MaxVisits) && (l.q.MaxDaily == 0 || day.time+l.q.Duration <= l.q.MaxDaily)
}
