package ports_test

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/ports"
)

func TestRetriesDoubleUpToTheLongest(t *testing.T) {
	t.Parallel()
	r := ports.Retries{First: 3, Longest: 20}.WithDefaults()
	for failures, want := range map[int]time.Duration{1: 3, 2: 6, 3: 12, 4: 20, 5: 20, 100: 20} {
		if got := r.After(failures); got != want {
			t.Errorf("after %d failures: got %d, want %d", failures, got, want)
		}
	}
}

func TestRetriesHaveDefaultsForWhatIsNotGiven(t *testing.T) {
	t.Parallel()
	want := ports.Retries{Attempts: 10, First: time.Second, Longest: 5 * time.Minute}
	if got := (ports.Retries{}).WithDefaults(); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	given := ports.Retries{Attempts: 2, First: time.Minute, Longest: time.Hour}
	if got := given.WithDefaults(); got != given {
		t.Errorf("got %v, want what was given, %v", got, given)
	}
}
