package classify

import (
	"math"
	"slices"
)

// Example is a message with its label.
type Example struct {
	Label string
	Words []string
}

// How long and how strongly is learned. Chosen by cross-validation over the examples of the project.
const (
	epochs    = 40
	firstStep = 1.0
	decay     = 0.01 // of every weight, in each step
)

// Train learns from examples, in their order.
func Train(examples []Example) *Model {
	labels := labelsOf(examples)
	n := len(labels)
	features := make([][]int, len(examples))
	targets := make([]int, len(examples))
	for i, e := range examples {
		features[i] = slices.Collect(Features(e.Words).all)
		targets[i], _ = slices.BinarySearch(labels, e.Label)
	}
	weights := make([]float64, Buckets*n)
	scores := make([]float64, n)
	order := shuffled(len(examples))
	for epoch := range epochs {
		step := firstStep / (1 + float64(epoch)/4)
		shrink := 1 - float64(step*decay)
		for _, i := range order {
			learn(weights, scores, features[i], targets[i], step)
		}
		for f := range weights {
			weights[f] = float64(weights[f] * shrink)
		}
	}
	return quantised(labels, weights)
}

// learn moves the weights towards the label of one example. The conversions keep a compiler from rounding a product and a
// sum at once.
func learn(weights, scores []float64, features []int, target int, step float64) {
	n := len(scores)
	size := 1 / math.Sqrt(float64(len(features)))
	clear(scores)
	for _, f := range features {
		for l := range scores {
			scores[l] += weights[f*n+l]
		}
	}
	for l := range scores {
		scores[l] = float64(scores[l] * size)
	}
	softmax(scores)
	scores[target]--
	for l := range scores {
		scores[l] = float64(scores[l] * float64(step*size))
	}
	for _, f := range features {
		for l, d := range scores {
			weights[f*n+l] -= d
		}
	}
}

// labelsOf are the labels of the examples, sorted.
func labelsOf(examples []Example) []string {
	var labels []string
	for _, e := range examples {
		if at, found := slices.BinarySearch(labels, e.Label); !found {
			labels = slices.Insert(labels, at, e.Label)
		}
	}
	return labels
}

// shuffled are the numbers below n in an order that mixes the labels and is always the same.
func shuffled(n int) []int {
	order := make([]int, n)
	state := uint32(1)
	for i := range order {
		state = state*1664525 + 1013904223
		j := int(state>>8) % (i + 1)
		order[i] = order[j]
		order[j] = i
	}
	return order
}

// quantised rounds the weights to whole numbers of one byte.
func quantised(labels []string, weights []float64) *Model {
	top := 0.0
	for _, w := range weights {
		top = max(top, math.Abs(w))
	}
	m := &Model{labels: labels, scale: float64(float32(top / 127)), weights: make([]int8, len(weights))}
	for i, w := range weights {
		if m.scale > 0 {
			m.weights[i] = int8(max(-127, min(127, math.Round(w/m.scale))))
		}
	}
	return m
}
