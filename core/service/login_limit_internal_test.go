package service

import (
	"strconv"
	"testing"
	"time"
)

func TestWindowsKeepABoundedNumberOfKeys(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	w := newWindows(1, time.Minute)
	for i := range maxWindows + 10 {
		w.take(strconv.Itoa(i), start)
	}
	if len(w.byKey) != maxWindows || w.order.Len() != maxWindows {
		t.Errorf("got %d keys in %d windows, want %d", len(w.byKey), w.order.Len(), maxWindows)
	}
	if w.take("0", start) != 0 || w.take(strconv.Itoa(maxWindows), start) == 0 {
		t.Error("want the oldest window forgotten and a younger one kept")
	}
	w.take("later", start.Add(time.Minute))
	if len(w.byKey) != 1 || w.order.Len() != 1 {
		t.Errorf("got %d keys in %d windows after all had ended, want 1", len(w.byKey), w.order.Len())
	}
}
