package metering_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/metering"
)

func TestRowsOfAReportAreAddedUp(t *testing.T) {
	t.Parallel()
	total := metering.ReportRow{Name: "kept", Sessions: 1, Costs: []metering.Money{{Currency: "USD", Micros: 5}}}
	total.Add(metering.ReportRow{
		Name: "other", Sessions: 2, ActiveSessions: 1, DurationSeconds: 90, TotalTokensInput: 10, TotalTokensOutput: 20,
		TotalAudioMillis: 30, InteractionsCount: 4, TranscriptionCount: 5, UnpricedSessions: 1,
		Costs: []metering.Money{{Currency: "BRL", Micros: 7}, {Currency: "USD", Micros: 6}},
	})
	total.AddCost(metering.Money{Currency: "EUR"})
	want := metering.ReportRow{
		Name: "kept", Sessions: 3, ActiveSessions: 1, DurationSeconds: 90, TotalTokensInput: 10, TotalTokensOutput: 20,
		TotalAudioMillis: 30, InteractionsCount: 4, TranscriptionCount: 5, UnpricedSessions: 1,
		Costs: []metering.Money{{Currency: "BRL", Micros: 7}, {Currency: "USD", Micros: 11}},
	}
	if diff := cmp.Diff(want, total); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestSumsStayAtTheLargest(t *testing.T) {
	t.Parallel()
	total := metering.ReportRow{TotalTokensInput: math.MaxInt64, Costs: []metering.Money{{Currency: "USD", Micros: math.MaxInt64 - 1}}}
	total.Add(metering.ReportRow{TotalTokensInput: 1, Costs: []metering.Money{{Currency: "USD", Micros: 2}}})
	if total.TotalTokensInput != math.MaxInt64 || total.Costs[0].Micros != math.MaxInt64 {
		t.Errorf("got %d tokens and %d, want the largest of both", total.TotalTokensInput, total.Costs[0].Micros)
	}
}
