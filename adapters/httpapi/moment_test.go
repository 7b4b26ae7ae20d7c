package httpapi_test

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/httpapi"
)

func checkMoment(t *testing.T, at time.Time) {
	t.Helper()
	if got, want := string(httpapi.AppendMoment(nil, at)), at.Format(time.RFC3339Nano); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMomentsAreInRFC3339(t *testing.T) {
	t.Parallel()
	for year := -1; year <= 10001; year++ {
		for _, at := range []time.Time{
			time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC),
			time.Date(year, time.March, 1, 0, 0, 0, 0, time.UTC).Add(-1),
			time.Date(year, time.March, 1, 0, 0, 0, 120_000, time.UTC),
			time.Date(year, time.December, 31, 23, 59, 59, 999_999_000, time.UTC),
		} {
			checkMoment(t, at)
		}
	}
	for at := time.Date(1896, time.January, 1, 12, 34, 56, 100, time.UTC); at.Year() < 2105; at = at.AddDate(0, 0, 1) {
		checkMoment(t, at)
	}
	checkMoment(t, time.Time{})
	checkMoment(t, time.Date(2026, time.March, 2, 1, 0, 0, 0, time.FixedZone("", -3*60*60)))
}

func FuzzMoments(f *testing.F) {
	f.Add(int64(1_700_000_000), int64(123_456_000))
	f.Add(int64(-62135596801), int64(0))
	f.Fuzz(func(t *testing.T, seconds, nanoseconds int64) {
		checkMoment(t, time.Unix(seconds, nanoseconds).UTC())
	})
}

func BenchmarkMoment(b *testing.B) {
	at := time.Date(2026, time.March, 2, 14, 30, 15, 123_456_000, time.UTC)
	var buf []byte
	for b.Loop() {
		buf = httpapi.AppendMoment(buf[:0], at)
	}
}
