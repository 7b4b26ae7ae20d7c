package portuguese

import (
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese/internal/classify"
)

// How likely the classifier has to find its label.
const (
	barWeak      = 0.45 // where a rule only guesses
	barSilent    = 0.40 // where no rule says anything
	barEmergency = 0.85 // where no rule has seen a sign: it sends the conversation to a person

	notUnderstood = 0.4 // the most that is said of a message with nothing to act upon
)

// opinion is an intent that the rules read, and why.
type opinion struct {
	intent     reception.Intent
	confidence float64
	precise    bool // a phrase that has one meaning, or an answer to what was asked
	because    string
}

// decide puts the rules and the classifier together. A precise rule wins: people wrote down what it means. Where the rules
// guess or are silent the classifier decides, if it is sure enough. Otherwise the guess stands, and without one the message
// is not understood: it is asked again rather than acted upon.
func decide(rule opinion, learned classify.Verdict) opinion {
	intent := IntentOf(learned.Label)
	heard := sound(learned)
	bar := barWeak
	if rule.because == "" {
		bar = barSilent
	}
	switch {
	case rule.precise:
		return rule
	case learned.Probability >= bar && intent == rule.intent && rule.because != "":
		return opinion{intent: intent, confidence: max(rule.confidence, learned.Probability), because: rule.because + ", " + heard}
	case learned.Probability >= bar && (learned.Label == labelOffTopic || learned.Label == labelRemark):
		return opinion{intent: intent, confidence: min(learned.Probability, notUnderstood), because: heard}
	case learned.Probability >= bar:
		return opinion{intent: intent, confidence: learned.Probability, because: heard}
	}
	return rule
}
