package metering

import (
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
)

// ModelUse is what a clinic's front desk used of a language model on one day. It belongs to no room and no agent, so it is
// no [AgentUsage].
type ModelUse struct {
	TenantID agenda.TenantID
	EntityID clinic.EntityID // the clinic's
	Day      agenda.Date     // in the clinic's zone
	Provider string          // such as "api.openai.com"
	Model    string
	Calls    int64 // that were made, those that failed included
	Failures int64 // calls without an answer of use
	// Cached tokens are part of the input tokens.
	InputTokens, CachedInputTokens, OutputTokens int64
}

// ModelCost is what a [ModelUse] cost.
type ModelCost struct {
	Micros   int64  // millionths of the currency
	Currency string // "" when nothing has a price
	Unpriced bool   // some of it has no price, and is not in Micros
}

// Cost prices a day by the list that was valid when it began, as a session of an agent would be that started then.
func (u ModelUse) Cost(prices []ModelPrice, zone *time.Location) ModelCost {
	of := AgentUsage{
		EntityID: u.EntityID, SessionStart: u.Day.At(0, zone),
		Readings: []Reading{{
			Model: Model{Kind: LLM, Provider: u.Provider, Model: u.Model}, Source: Requests,
			Quantities: Quantities{
				Requests: u.Calls, InputTokens: u.InputTokens, CachedInputTokens: u.CachedInputTokens, OutputTokens: u.OutputTokens,
			},
		}},
	}
	of.Price(prices)
	return ModelCost{of.CostEstimateMicros, of.Currency, of.Unpriced}
}
