package metering

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
)

// maxCost bounds the cost of a line, in millionths, so that sums of costs never overflow: a billion.
const maxCost = 1_000_000_000_000_000

// Price makes the lines and the totals anew from what was told, and their cost from the prices that were valid when the
// session started. Prices of other entities, and those that are not active, do not matter.
func (u *AgentUsage) Price(prices []ModelPrice) {
	list, currency := u.list(prices)
	u.adopt()
	u.Lines = u.effective()
	u.TotalTokensInput, u.TotalTokensOutput, u.TotalAudioMillis, u.CostEstimateMicros = 0, 0, 0, 0
	u.Currency, u.Unpriced = "", false
	for i := range u.Lines {
		line := &u.Lines[i]
		if line.price(list) {
			u.Currency = currency
		}
		u.TotalTokensInput += line.InputTokens
		u.TotalTokensOutput += line.OutputTokens
		u.TotalAudioMillis += line.AudioMillis
		u.CostEstimateMicros += line.CostMicros
		u.Unpriced = u.Unpriced || line.Unpriced
	}
}

// adopt makes a reading of totals that nothing was told of: those of sessions that were kept before readings were, or that
// came from elsewhere.
func (u *AgentUsage) adopt() {
	totals := Quantities{InputTokens: u.TotalTokensInput, OutputTokens: u.TotalTokensOutput, AudioMillis: u.TotalAudioMillis}
	if len(u.Readings) == 0 && totals != (Quantities{}) {
		u.Readings = []Reading{{Model: Model{Kind: General, Provider: u.Provider, Model: u.Model}, Source: Counted, Quantities: totals}}
	}
}

// list is the prices that the session goes by, all in one currency: that of the entity's own prices if it has any, else
// that of the platform's; if they differ, that of the first one.
func (u *AgentUsage) list(prices []ModelPrice) (list []ModelPrice, currency string) {
	var first ModelPrice
	for _, p := range prices {
		if !p.Active || p.ValidFrom.After(u.SessionStart) || p.EntityID != 0 && p.EntityID != u.EntityID {
			continue
		}
		list = append(list, p)
		own, before := p.EntityID != 0, first.EntityID != 0
		if len(list) == 1 || own && !before || own == before && p.ID < first.ID {
			first = p
		}
	}
	list = slices.DeleteFunc(list, func(p ModelPrice) bool { return p.Currency != first.Currency })
	return list, first.Currency
}

// charge is a quantity that is charged as a whole, by the first of the units that has a price.
type charge struct {
	quantity int64
	over     int64 // how much of the quantity is one of the units
	units    []Unit
}

// charges splits the figures into what is charged. Parts never exceed what they are part of.
func (q Quantities) charges() (input, output, others []charge) {
	tokens, audio := q.InputTokens, min(q.InputAudioTokens, q.InputTokens)
	cached := min(max(q.CachedInputTokens, q.CachedInputAudioTokens), tokens)
	cachedAudio := min(q.CachedInputAudioTokens, audio)
	cachedText := min(cached-cachedAudio, tokens-audio)
	created := min(q.CacheCreationTokens, tokens-audio-cachedText)
	outputAudio := min(q.OutputAudioTokens, q.OutputTokens)
	input = []charge{
		{tokens - audio - cachedText - created, 1, []Unit{InputTokens}},
		{cachedText, 1, []Unit{CachedInputTokens, InputTokens}},
		{created, 1, []Unit{CacheCreationTokens, InputTokens}},
		{audio - cachedAudio, 1, []Unit{InputAudioTokens, InputTokens}},
		{cachedAudio, 1, []Unit{CachedInputAudioTokens, CachedInputTokens, InputAudioTokens, InputTokens}},
	}
	output = []charge{
		{q.OutputTokens - outputAudio, 1, []Unit{OutputTokens}},
		{outputAudio, 1, []Unit{OutputAudioTokens, OutputTokens}},
	}
	others = []charge{
		{q.AudioMillis, millisPerMinute, []Unit{AudioMinutes}},
		{q.Characters, 1, []Unit{Characters}},
		{q.Requests, 1, []Unit{RequestCount}},
		{q.ConnectionMillis, millisPerMinute, []Unit{ConnectionMinutes}},
	}
	return input, output, others
}

// price sets the cost of the line, and reports whether any of it has a price.
//
// A line is unpriced when nothing of it has a price, or some of its tokens have none. Characters, audio, requests and
// connection time are other measures of the same, so one of them is enough; but figures without a kind may be of several
// services, so their audio needs a price too.
func (l *Line) price(list []ModelPrice) (priced bool) {
	var fitting []ModelPrice
	for _, p := range list {
		if p.isFor(l.Model) {
			fitting = append(fitting, p)
		}
	}
	cost := new(big.Rat)
	// settle adds up the costs of charges, and reports whether some have a price, and whether some have none.
	settle := func(charges []charge) (some, missing bool) {
		for _, c := range charges {
			if c.quantity == 0 {
				continue
			}
			found := false
			for _, unit := range c.units {
				if p, ok := choose(fitting, unit); ok {
					cost.Add(cost, p.of(c.quantity, c.over))
					found = true
					break
				}
			}
			some, missing = some || found, missing || !found
		}
		return some, missing
	}
	input, output, others := l.charges()
	in, noIn := settle(input)
	out, noOut := settle(output)
	audio, noAudio := settle(others[:1])
	other, _ := settle(others[1:])

	priced = in || out || audio || other
	l.Unpriced = !priced || noIn || noOut || l.Kind == General && noAudio
	l.CostMicros = maxCost
	if micros := roundHalfUp(cost); micros.Cmp(big.NewInt(maxCost)) <= 0 {
		l.CostMicros = micros.Int64()
	} else {
		l.Unpriced = true // no bill is that high; what is not in the cost must be seen
	}
	return priced
}

// of is what a quantity costs, in millionths; over is how much of it is one unit.
func (v ModelPrice) of(quantity, over int64) *big.Rat {
	cost := new(big.Rat).SetFrac64(int64(v.Amount), v.Per)
	cost.Mul(cost, new(big.Rat).SetFrac64(quantity, over))
	return cost.Quo(cost, new(big.Rat).SetInt64(pow10(amountPlaces-microsPlaces)))
}

// choose finds the price of a unit, of prices that are for the same model.
func choose(list []ModelPrice, unit Unit) (best ModelPrice, ok bool) {
	for _, p := range list {
		if p.Unit == unit && (!ok || p.comparePrecedence(best) > 0) {
			best, ok = p, true
		}
	}
	return best, ok
}

// isFor reports whether the price is for a model, whatever it was valid from.
func (v ModelPrice) isFor(m Model) bool {
	return (v.Provider == "" || m.Provider == "" || sameProvider(v.Provider, m.Provider)) &&
		matches(strings.ToLower(v.ModelPattern), strings.ToLower(m.Model))
}

// comparePrecedence is positive when v wins over another price that is for the same.
func (v ModelPrice) comparePrecedence(other ModelPrice) int {
	order := func(yes bool) int {
		if yes {
			return 1
		}
		return 0
	}
	isPattern := func(p ModelPrice) bool { return strings.Contains(p.ModelPattern, "*") }
	return cmp.Or(
		order(v.EntityID != 0)-order(other.EntityID != 0),
		order(v.Provider != "")-order(other.Provider != ""),
		order(!isPattern(v))-order(!isPattern(other)),
		len(v.ModelPattern)-len(other.ModelPattern),
		v.ValidFrom.Compare(other.ValidFrom),
		cmp.Compare(other.ID, v.ID),
	)
}

// sameProvider reports whether a price's provider is a session's. Agents' libraries tell some providers by the host that
// they call, "api.openai.com", in which the provider is one of the names between the points.
func sameProvider(price, told string) bool {
	for name := range strings.SplitSeq(told, ".") {
		if strings.EqualFold(price, name) {
			return true
		}
	}
	return strings.EqualFold(price, told)
}

// matches reports whether a text fits a pattern in which "*" stands for any characters.
func matches(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	if last == 0 {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1:last] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return strings.HasSuffix(text, parts[last])
}
