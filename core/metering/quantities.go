package metering

import (
	"cmp"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/valid"
)

// Quantities is what was consumed of one model. Cached and audio tokens are part of the input or output tokens, not
// beside them, as LiveKit's and OpenAI's figures have it. The JSON names are those in which a session keeps them.
type Quantities struct {
	InputTokens            int64 `json:"input_tokens,omitzero"`
	CachedInputTokens      int64 `json:"cached_input_tokens,omitzero"`
	CacheCreationTokens    int64 `json:"cache_creation_tokens,omitzero"`
	InputAudioTokens       int64 `json:"input_audio_tokens,omitzero"`
	CachedInputAudioTokens int64 `json:"cached_input_audio_tokens,omitzero"` // part of both
	OutputTokens           int64 `json:"output_tokens,omitzero"`
	OutputAudioTokens      int64 `json:"output_audio_tokens,omitzero"`
	Characters             int64 `json:"characters,omitzero"`
	AudioMillis            int64 `json:"audio_ms,omitzero"`
	Requests               int64 `json:"requests,omitzero"`
	ConnectionMillis       int64 `json:"connection_ms,omitzero"`
}

// maxFigure bounds every figure, so that sums of them never overflow, and programs that read JSON numbers as doubles read
// them exactly. A session is far below: it is 31,000 years of audio.
const maxFigure = 1_000_000_000_000_000

// figure is one field of Quantities, under the name that updates give it.
type figure struct {
	path  string
	value *int64
}

func (q *Quantities) figures() []figure {
	return []figure{
		{"total_tokens_input", &q.InputTokens},
		{"cached_input_tokens", &q.CachedInputTokens},
		{"cache_creation_tokens", &q.CacheCreationTokens},
		{"input_audio_tokens", &q.InputAudioTokens},
		{"cached_input_audio_tokens", &q.CachedInputAudioTokens},
		{"total_tokens_output", &q.OutputTokens},
		{"output_audio_tokens", &q.OutputAudioTokens},
		{"characters", &q.Characters},
		{"total_audio_minutes", &q.AudioMillis},
		{"requests", &q.Requests},
		{"connection_minutes", &q.ConnectionMillis},
	}
}

// with combines the figures of two, each with its like.
func (q Quantities) with(other Quantities, combine func(a, b int64) int64) Quantities {
	theirs := other.figures()
	for i, f := range q.figures() { // q is a copy
		*f.value = combine(*f.value, *theirs[i].value)
	}
	return q
}

func sum(a, b int64) int64 { return a + b }

func larger(a, b int64) int64 { return max(a, b) }

// excess is what a has more than b.
func excess(a, b int64) int64 { return max(a-b, 0) }

// Kind is what a model was used for.
type Kind string

// The kinds, after the "type" of LiveKit's usage reports.
const (
	General      Kind = "general" // figures that came without a kind
	LLM          Kind = "llm"
	TTS          Kind = "tts"
	STT          Kind = "stt"
	Interruption Kind = "interruption"
	EOT          Kind = "eot" // end of turn
)

// IsKnown reports whether k is one of the kinds.
func (k Kind) IsKnown() bool {
	switch k {
	case General, LLM, TTS, STT, Interruption, EOT:
		return true
	}
	return false
}

// Source is how figures came. The same consumption may be told in more than one way, and is counted once.
type Source string

// The sources.
const (
	Counted  Source = "counted"  // added and set by the session's updates
	Requests Source = "requests" // metrics of single requests, added up
	Reported Source = "reported" // totals of the whole session so far, of which the largest holds
)

// Model names what was used.
type Model struct {
	Kind     Kind   `json:"kind"`
	Provider string `json:"provider,omitzero"` // "openai"; "" when unknown
	Model    string `json:"model,omitzero"`    // "gpt-4o"; "" when unknown
}

// isUnnamed reports whether nobody said which model it is.
func (m Model) isUnnamed() bool { return m.Provider == "" && m.Model == "" }

// compare orders models by kind, provider and name.
func (m Model) compare(other Model) int {
	return cmp.Or(cmp.Compare(m.Kind, other.Kind), cmp.Compare(m.Provider, other.Provider), cmp.Compare(m.Model, other.Model))
}

// validate tidies the names and notes what is wrong with them.
func (m *Model) validate(c *errs.Check) {
	c.That(m.Kind.IsKnown(), "kind", "must be general, llm, tts, stt, interruption or eot")
	m.Provider = valid.OptionalText(c, "provider", m.Provider, maxProvider)
	m.Model = valid.OptionalText(c, "model", m.Model, maxModel)
}

// Bounds of names, in characters.
const (
	maxProvider = 100
	maxModel    = 200
)

// Reading is what one source told of one model in a session.
type Reading struct {
	Model
	Source Source `json:"source"`
	Quantities
}

// Line is what a session consumed of one model, whoever told it, and what that costs.
type Line struct {
	Model
	Quantities
	CostMicros int64 `json:"cost_micros,omitzero"` // millionths of the session's currency
	Unpriced   bool  `json:"unpriced,omitzero"`    // some of it has no price, and is not in the cost
}
