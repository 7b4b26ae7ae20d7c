package conference_test

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/conference"
)

// BenchmarkNewRoomEvent measures what is done for each event of a batch.
func BenchmarkNewRoomEvent(b *testing.B) {
	now := time.Date(2025, 11, 3, 14, 30, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conference.NewRoomEvent(7, conference.EventParams{Name: "participant_joined", Data: "{}"}, now); err != nil {
			b.Fatal(err)
		}
	}
}
