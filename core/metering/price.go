package metering

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
)

// PriceID identifies a price. 0 means none.
type PriceID int64

// String returns the decimal form.
func (i PriceID) String() string { return strconv.FormatInt(int64(i), 10) }

// Unit is what a price is for.
type Unit string

// The units. A cached or an audio token without a price of its own costs what the token that it is part of costs.
const (
	InputTokens            Unit = "input_tokens"
	CachedInputTokens      Unit = "cached_input_tokens"
	CacheCreationTokens    Unit = "cache_creation_tokens"
	InputAudioTokens       Unit = "input_audio_tokens"
	CachedInputAudioTokens Unit = "cached_input_audio_tokens"
	OutputTokens           Unit = "output_tokens"
	OutputAudioTokens      Unit = "output_audio_tokens"
	Characters             Unit = "characters"
	AudioMinutes           Unit = "audio_minutes"
	RequestCount           Unit = "requests"
	ConnectionMinutes      Unit = "connection_minutes"
)

// Units lists the units.
func Units() []Unit {
	return []Unit{
		InputTokens, CachedInputTokens, CacheCreationTokens, InputAudioTokens, CachedInputAudioTokens, OutputTokens, OutputAudioTokens,
		Characters, AudioMinutes, RequestCount, ConnectionMinutes,
	}
}

// ModelPrice is what one unit of a model costs, for sessions that start from a moment on. Of several prices that fit, an
// entity's own wins over the platform's, then one that names the provider, then the model's exact name or else the longest
// pattern, then the latest.
type ModelPrice struct {
	ID           PriceID
	EntityID     clinic.EntityID // 0: the platform's list
	Provider     string          // "openai"; "": any
	ModelPattern string          // "gpt-4o", or with "*" for any characters: "gpt-4o*"; upper and lower case are the same
	Unit         Unit
	Amount       Amount
	Per          int64  // of how many units the amount is the price: 1, 1000, 1000000
	Currency     string // ISO 4217
	ValidFrom    time.Time
	Active       bool
	Example      bool // of the starter list that the service ships, which nobody vouches for
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// ModelPriceParams is what a price is made of.
type ModelPriceParams struct {
	EntityID     clinic.EntityID
	Provider     string
	ModelPattern string
	Unit         Unit
	Amount       Amount
	Per          int64 // 0: 1
	Currency     string
	ValidFrom    time.Time // zero: now
	Example      bool
}

// ModelPricePatch changes parts of a price; what it is for is for good. What was priced before stays as it was until it
// is priced again.
type ModelPricePatch struct {
	Amount    patch.Of[Amount]
	Per       patch.Of[int64]
	ValidFrom patch.Of[time.Time]
	Active    patch.Of[bool]
}

// ModelPriceFilter selects prices of a list.
type ModelPriceFilter struct {
	EntityID clinic.EntityID // 0: any
	Platform bool            // the platform's list only
	Provider string          // "": any
	Unit     Unit            // "": any
	Active   *bool           // nil: both
}

// IsKnown reports whether u is one of the units.
func (u Unit) IsKnown() bool { return slices.Contains(Units(), u) }

// NewModelPrice makes an active price. It fails with Invalid "invalid-input".
func NewModelPrice(p ModelPriceParams, now time.Time) (ModelPrice, error) {
	v := ModelPrice{
		EntityID: p.EntityID, Provider: p.Provider, ModelPattern: p.ModelPattern, Unit: p.Unit, Amount: p.Amount,
		Per: cmp.Or(p.Per, 1), Currency: p.Currency, ValidFrom: p.ValidFrom, Active: true, Example: p.Example, CreatedAt: now, UpdatedAt: now,
	}
	if v.ValidFrom.IsZero() {
		v.ValidFrom = now
	}
	var c errs.Check
	v.Provider = valid.OptionalText(&c, "provider", v.Provider, maxProvider)
	v.ModelPattern = valid.Text(&c, "model_pattern", v.ModelPattern, maxModel)
	c.That(v.Unit.IsKnown(), "unit", "must be one of the units that have a price")
	checkCurrency(&c, v.Currency)
	v.validate(&c)
	return v, c.Err()
}

// Change applies a patch. An example whose amount somebody sets is an example no more. It fails with Invalid
// "invalid-input".
func (v *ModelPrice) Change(p ModelPricePatch, now time.Time) error {
	var c errs.Check
	c.That(!p.Amount.Null, "price", "must not be null")
	p.Amount.Apply(&v.Amount)
	p.Per.Apply(&v.Per)
	p.ValidFrom.Apply(&v.ValidFrom)
	p.Active.Apply(&v.Active)
	if p.Amount.Present || p.Per.Present {
		v.Example = false
	}
	v.UpdatedAt = version.Next(v.UpdatedAt, now)
	v.validate(&c)
	return c.Err()
}

// Deactivate is the soft delete of a price.
func (v *ModelPrice) Deactivate(now time.Time) {
	v.Active, v.UpdatedAt = false, version.Next(v.UpdatedAt, now)
}

func (v *ModelPrice) validate(c *errs.Check) {
	c.That(v.Amount >= 0, "price", "must not be negative")
	c.That(v.Per == 1 || v.Per == 1_000 || v.Per == 1_000_000, "per", "must be 1, 1000 or 1000000")
	c.That(!v.ValidFrom.IsZero(), "valid_from", "is required")
	v.ValidFrom = v.ValidFrom.UTC().Truncate(time.Microsecond)
}

// checkCurrency checks the form of a code of ISO 4217. Which codes there are changes more often than programs do.
func checkCurrency(c *errs.Check, code string) {
	ok := len(code) == 3
	for _, r := range code {
		ok = ok && r >= 'A' && r <= 'Z'
	}
	c.That(ok, "currency", "must be three upper-case letters, such as BRL")
}
