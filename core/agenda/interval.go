package agenda

import (
	"slices"
	"time"
)

// Interval is the half-open span of time [Start, End): neighbours may touch without overlapping.
type Interval struct {
	Start, End time.Time
}

// IsEmpty reports whether the interval holds no instant: it ends at or before its start.
func (i Interval) IsEmpty() bool { return !i.Start.Before(i.End) }

// Duration is the length of the interval, 0 when it is empty.
func (i Interval) Duration() time.Duration {
	if i.IsEmpty() {
		return 0
	}
	return i.End.Sub(i.Start)
}

// Overlaps reports whether the intervals share an instant. An empty interval overlaps nothing.
func (i Interval) Overlaps(o Interval) bool {
	return !i.IsEmpty() && !o.IsEmpty() && i.Start.Before(o.End) && o.Start.Before(i.End)
}

// Contains reports whether o neither starts before nor ends after i.
func (i Interval) Contains(o Interval) bool {
	return !o.Start.Before(i.Start) && !o.End.After(i.End)
}

// clip returns the part of i inside bounds, which is empty when there is none.
func (i Interval) clip(bounds Interval) Interval {
	if i.Start.Before(bounds.Start) {
		i.Start = bounds.Start
	}
	if i.End.After(bounds.End) {
		i.End = bounds.End
	}
	return i
}

// Merge returns the time covered by any of the intervals: sorted, disjoint, not touching, none empty, in UTC.
// The input may be unsorted and overlapping, and is left alone.
func Merge(in []Interval) []Interval {
	out := make([]Interval, 0, len(in))
	for _, i := range in {
		if !i.IsEmpty() {
			out = append(out, Interval{i.Start.UTC(), i.End.UTC()})
		}
	}
	return join(out)
}

// Subtract returns the time covered by from and not by cut, in the form that [Merge] returns.
func Subtract(from, cut []Interval) []Interval {
	return subtract(Merge(from), Merge(cut))
}

// Intersect returns the time covered by both a and b, in the form that [Merge] returns.
func Intersect(a, b []Interval) []Interval {
	a, b = Merge(a), Merge(b)
	var out []Interval
	for len(a) > 0 && len(b) > 0 {
		if common := a[0].clip(b[0]); !common.IsEmpty() {
			out = append(out, common)
		}
		if a[0].End.Before(b[0].End) {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

// join sorts intervals, none of them empty, and joins those that overlap or touch. It reuses the slice.
func join(s []Interval) []Interval {
	slices.SortFunc(s, func(a, b Interval) int { return a.Start.Compare(b.Start) })
	out := s[:0]
	for _, i := range s {
		last := len(out) - 1
		switch {
		case last < 0 || out[last].End.Before(i.Start):
			out = append(out, i)
		case out[last].End.Before(i.End):
			out[last].End = i.End
		}
	}
	return out
}

// subtract is Subtract of intervals that join returned.
func subtract(from, cut []Interval) []Interval {
	out := make([]Interval, 0, len(from)+len(cut))
	for _, rest := range from {
		for len(cut) > 0 && !cut[0].End.After(rest.Start) {
			cut = cut[1:]
		}
		// The last cut that reaches into rest may reach into the next one too, so none is dropped here.
		for _, c := range cut {
			if !c.Start.Before(rest.End) {
				break
			}
			if rest.Start.Before(c.Start) {
				out = append(out, Interval{rest.Start, c.Start})
			}
			rest.Start = c.End
		}
		if !rest.IsEmpty() {
			out = append(out, rest)
		}
	}
	return out
}
