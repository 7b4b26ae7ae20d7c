package portuguese

import (
	"testing"

	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese/internal/classify"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	precise := opinion{intent: reception.Cancel, confidence: 0.95, precise: true, because: `"desmarcar"`}
	guess := opinion{intent: reception.Schedule, confidence: 0.7, because: `"dente"`}
	silent := opinion{intent: reception.Other, confidence: 0.3}
	for _, c := range []struct {
		what       string
		rule       opinion
		label      string
		sure       float64
		want       reception.Intent
		confidence float64
	}{
		{"a precise rule wins over a sure classifier", precise, "schedule", 0.99, reception.Cancel, 0.95},
		{"a guess gives way to a sure classifier", guess, "ask_price", 0.8, reception.AskPrice, 0.8},
		{"a guess stands against an unsure one", guess, "ask_price", 0.3, reception.Schedule, 0.7},
		{"two that agree are surer than one", guess, "schedule", 0.9, reception.Schedule, 0.9},
		{"the classifier speaks where rules are silent", silent, "reschedule", 0.5, reception.Reschedule, 0.5},
		{"nobody knows", silent, "reschedule", 0.2, reception.Other, 0.3},
		{"an emergency goes to a person", silent, "emergency", 0.6, reception.HumanHandoff, 0.6},
		{"a remark is told with little confidence", silent, "remark", 0.99, reception.Other, 0.4},
		{"an empty message", silent, "", 0, reception.Other, 0.3},
	} {
		got := decide(c.rule, classify.Verdict{Label: c.label, Probability: c.sure})
		if got.intent != c.want || got.confidence != c.confidence {
			t.Errorf("%s: %s (%v), want %s (%v)", c.what, got.intent, got.confidence, c.want, c.confidence)
		}
	}
}
