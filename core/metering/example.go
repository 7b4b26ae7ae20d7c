package metering

import (
	_ "embed" // the example list
	"encoding/json"
	"fmt"
	"time"
)

//go:embed example_prices.json
var examplePrices []byte

// ExamplePrices returns a starter list of what well-known models cost, and the date of which it is, "2025-11-01". The
// prices are for any provider, because agents' libraries name providers in many ways and these models in one. Nobody
// vouches for them.
func ExamplePrices() (asOf string, prices []ModelPriceParams, err error) {
	var list struct {
		AsOf     string `json:"as_of"`
		Currency string `json:"currency"`
		Models   []struct {
			Models []string        `json:"models"`
			Per    int64           `json:"per"`
			Prices map[Unit]string `json:"prices"`
		} `json:"models"`
	}
	if err := json.Unmarshal(examplePrices, &list); err != nil {
		return "", nil, fmt.Errorf("example prices: %w", err)
	}
	from, err := time.Parse(time.DateOnly, list.AsOf)
	if err != nil {
		return "", nil, fmt.Errorf("example prices: %w", err)
	}
	for _, m := range list.Models {
		for _, pattern := range m.Models {
			for _, unit := range Units() {
				text, ok := m.Prices[unit]
				if !ok {
					continue
				}
				amount, err := ParseAmount(text)
				if err != nil {
					return "", nil, fmt.Errorf("example prices: %s of %s: %w", unit, pattern, err)
				}
				prices = append(prices, ModelPriceParams{
					ModelPattern: pattern, Unit: unit, Amount: amount, Per: m.Per, Currency: list.Currency, ValidFrom: from, Example: true,
				})
			}
		}
	}
	return list.AsOf, prices, nil
}
