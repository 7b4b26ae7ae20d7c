package agenda_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
)

// minuteZero is what the minutes of these tests count from. It is not in UTC, as inputs need not be.
func minuteZero() time.Time {
	return time.Date(2026, time.March, 2, 0, 0, 0, 0, time.FixedZone("west", -3*3600))
}

func minutes(start, end int) agenda.Interval {
	return agenda.Interval{
		Start: minuteZero().Add(time.Duration(start) * time.Minute),
		End:   minuteZero().Add(time.Duration(end) * time.Minute),
	}
}

func TestIntervalIsHalfOpen(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name               string
		a, b               agenda.Interval
		overlaps, contains bool
	}{
		{"Apart", minutes(0, 10), minutes(20, 30), false, false},
		{"TouchingDoNotOverlap", minutes(0, 10), minutes(10, 20), false, false},
		{"OneMinuteShared", minutes(0, 11), minutes(10, 20), true, false},
		{"Same", minutes(0, 10), minutes(0, 10), true, true},
		{"Inside", minutes(0, 30), minutes(10, 20), true, true},
		{"Around", minutes(10, 20), minutes(0, 30), true, false},
		{"EmptyInsideIsContainedButDoesNotOverlap", minutes(0, 30), minutes(10, 10), false, true},
		{"BackwardsDoesNotOverlap", minutes(0, 30), minutes(20, 10), false, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.a.Overlaps(test.b); got != test.overlaps {
				t.Errorf("a.Overlaps(b) = %v, want %v", got, test.overlaps)
			}
			if got := test.b.Overlaps(test.a); got != test.overlaps {
				t.Errorf("b.Overlaps(a) = %v, want %v", got, test.overlaps)
			}
			if got := test.a.Contains(test.b); got != test.contains {
				t.Errorf("a.Contains(b) = %v, want %v", got, test.contains)
			}
		})
	}
}

func TestIntervalDuration(t *testing.T) {
	t.Parallel()
	if got, want := minutes(5, 35).Duration(), 30*time.Minute; got != want {
		t.Errorf("Duration = %v, want %v", got, want)
	}
	if got := minutes(35, 5).Duration(); got != 0 {
		t.Errorf("Duration of a backwards interval = %v, want 0", got)
	}
	if !minutes(5, 5).IsEmpty() || !minutes(5, 4).IsEmpty() || minutes(5, 6).IsEmpty() {
		t.Error("IsEmpty must be true only without a minute")
	}
}

func TestMergeJoinsWhatTouchesAndKeepsItsInput(t *testing.T) {
	t.Parallel()
	in := []agenda.Interval{minutes(50, 60), minutes(0, 10), minutes(10, 20), minutes(30, 30), minutes(52, 55)}
	kept := slices.Clone(in)
	got := agenda.Merge(in)
	if diff := cmp.Diff([]agenda.Interval{minutes(0, 20), minutes(50, 60)}, got); diff != "" {
		t.Errorf("Merge (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(kept, in); diff != "" {
		t.Errorf("Merge changed its input (-want +got):\n%s", diff)
	}
	for _, i := range got {
		if i.Start.Location() != time.UTC || i.End.Location() != time.UTC {
			t.Errorf("%v is not in UTC", i)
		}
	}
}

// FuzzIntervalAlgebra compares Merge, Subtract and Intersect with a day on which every minute is ticked by hand.
func FuzzIntervalAlgebra(f *testing.F) {
	f.Add([]byte{0, 10, 10, 5, 200, 30}, []byte{5, 10})
	f.Add([]byte{0, 255}, []byte{10, 5, 15, 5, 100, 0, 250, 5})
	f.Add([]byte{10, 50, 100, 50}, []byte{40, 80, 0, 15})
	f.Add([]byte{}, []byte{3, 4})
	f.Fuzz(func(t *testing.T, rawA, rawB []byte) {
		a, b := decode(rawA), decode(rawB)
		inA, inB := tick(a), tick(b)
		check := func(name string, got []agenda.Interval, want func(minute int) bool) {
			t.Helper()
			for i, g := range got {
				if g.IsEmpty() || i > 0 && !got[i-1].End.Before(g.Start) {
					t.Fatalf("%s: %v is empty, unsorted or touches the one before", name, g)
				}
			}
			ticked := tick(got)
			for m := range ticked {
				if ticked[m] != want(m) {
					t.Fatalf("%s: minute %d is covered = %v, want %v\na: %v\nb: %v\ngot: %v", name, m, ticked[m], want(m), a, b, got)
				}
			}
		}
		check("Merge", agenda.Merge(a), func(m int) bool { return inA[m] })
		check("Subtract", agenda.Subtract(a, b), func(m int) bool { return inA[m] && !inB[m] })
		check("Intersect", agenda.Intersect(a, b), func(m int) bool { return inA[m] && inB[m] })
	})
}

// decode makes intervals of pairs of bytes: a start, and a length of which the highest values run backwards.
func decode(raw []byte) []agenda.Interval {
	var out []agenda.Interval
	for ; len(raw) >= 2 && len(out) < 50; raw = raw[2:] {
		start := int(raw[0])
		out = append(out, minutes(start, start+int(int8(raw[1]))))
	}
	return out
}

// tick marks the minutes, from 128 before minuteZero, that some interval covers.
func tick(in []agenda.Interval) [512]bool {
	var covered [512]bool
	for _, i := range in {
		for at := i.Start; at.Before(i.End); at = at.Add(time.Minute) {
			covered[int(at.Sub(minuteZero())/time.Minute)+128] = true
		}
	}
	return covered
}
