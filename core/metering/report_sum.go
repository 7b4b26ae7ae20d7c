package metering

import (
	"cmp"
	"math"
	"slices"
)

// Add adds the figures of another row; what names the group stays.
func (r *ReportRow) Add(other ReportRow) {
	r.Sessions = addUp(r.Sessions, other.Sessions)
	r.ActiveSessions = addUp(r.ActiveSessions, other.ActiveSessions)
	r.DurationSeconds = addUp(r.DurationSeconds, other.DurationSeconds)
	r.TotalTokensInput = addUp(r.TotalTokensInput, other.TotalTokensInput)
	r.TotalTokensOutput = addUp(r.TotalTokensOutput, other.TotalTokensOutput)
	r.TotalAudioMillis = addUp(r.TotalAudioMillis, other.TotalAudioMillis)
	r.InteractionsCount = addUp(r.InteractionsCount, other.InteractionsCount)
	r.TranscriptionCount = addUp(r.TranscriptionCount, other.TranscriptionCount)
	r.UnpricedSessions = addUp(r.UnpricedSessions, other.UnpricedSessions)
	for _, cost := range other.Costs {
		r.AddCost(cost)
	}
}

// AddCost adds a cost to that in its currency. One of nothing leaves no trace.
func (r *ReportRow) AddCost(cost Money) {
	if cost.Micros <= 0 {
		return
	}
	i, found := slices.BinarySearchFunc(r.Costs, cost, func(a, b Money) int { return cmp.Compare(a.Currency, b.Currency) })
	if !found {
		r.Costs = slices.Insert(r.Costs, i, cost)
		return
	}
	r.Costs[i].Micros = addUp(r.Costs[i].Micros, cost.Micros)
}

// addUp adds figures, which are never negative.
func addUp(a, b int64) int64 {
	if b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}
