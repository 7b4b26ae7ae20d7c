// Package classify tells which of a few labels a message belongs to, by what it has in common with labelled examples. It
// is a multinomial logistic regression over words, pairs of words and pieces of words, so that a typo changes a part of
// what a message looks like, not all of it.
//
// A model is trained once (train.go) and kept as a small table of whole numbers (encode.go). The same examples give the
// same bytes and the same message gets the same label on every machine: nothing depends on the order of a map, on chance,
// or on how a processor rounds a product that is added up.
package classify

import (
	"math"
	"math/bits"
	"slices"
)

// Buckets is how many features are told apart; features are numbered by their hash.
const Buckets = 1 << 13

// Model is a trained classifier.
type Model struct {
	labels  []string
	scale   float64
	weights []int8 // of label l for feature f at f*len(labels)+l
}

// Verdict is the label that fits best, and how likely it is among all labels, from 0 to 1.
type Verdict struct {
	Label       string
	Probability float64
}

// Classify returns the verdict on a message. Its words are what [Features] takes. A message without words gets the zero
// Verdict.
func (m *Model) Classify(words []string) Verdict {
	if len(words) == 0 {
		return Verdict{}
	}
	n := len(m.labels)
	sums := make([]int, n)
	count := 0
	found := Features(words)
	for f := range found.all {
		count++
		for l, w := range m.weights[f*n : f*n+n] {
			sums[l] += int(w)
		}
	}
	scores := make([]float64, n)
	for l, sum := range sums {
		scores[l] = float64(sum) * m.scale / math.Sqrt(float64(count))
	}
	softmax(scores)
	best := 0
	for l, p := range scores {
		if p > scores[best] {
			best = l
		}
	}
	// Rounded, so that it is the same number on every machine.
	return Verdict{Label: m.labels[best], Probability: math.Round(scores[best]*1000) / 1000}
}

// softmax turns scores into probabilities.
func softmax(scores []float64) {
	top := slices.Max(scores)
	total := 0.0
	for i, s := range scores {
		scores[i] = exp(s - top)
		total += scores[i]
	}
	for i := range scores {
		scores[i] /= total
	}
}

// exp is e to the power of x, for x up to 0. The one of package math is written for each processor anew, and their last
// digits differ.
func exp(x float64) float64 {
	if x < -700 {
		return 0
	}
	k := math.Floor(x / math.Ln2)
	r := x - float64(k*math.Ln2)
	// The conversions keep a compiler from rounding a product and a sum at once.
	sum := 1.0
	for i := 18; i > 0; i-- {
		sum = 1 + float64(float64(r*sum)/float64(i))
	}
	return math.Ldexp(sum, int(k))
}

// Set is a set of features.
type Set [Buckets / 64]uint64

func (s *Set) add(hash uint32) {
	f := (hash ^ hash>>15) % Buckets
	s[f/64] |= 1 << (f % 64)
}

// all calls yield with each feature in order.
func (s *Set) all(yield func(int) bool) {
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			if !yield(i*64 + bits.TrailingZeros64(word)) {
				return
			}
		}
	}
}

// Features are those of a message: its words, which are folded and corrected, or stand for a kind of thing when they begin
// with "<": the words themselves, each with the next, and pieces of 3 to 5 letters, which know where a word begins and ends.
func Features(words []string) *Set {
	s := new(Set)
	s.add(hashOf('!', "")) // every message has it: how common a label is
	last := "^"
	for _, w := range words {
		s.add(hashOf('w', w))
		s.add(extend(hashOf('2', last), ' ', w))
		last = w
		if w[0] != '<' {
			addPieces(s, w)
		}
	}
	s.add(extend(hashOf('2', last), ' ', "$"))
	s.add(extend(hashOf('1', words[0]), ' ', ""))
	return s
}

// maxPieces is where a word is cut: a longer one is no word.
const maxPieces = 24

func addPieces(s *Set, word string) {
	var padded [maxPieces + 2]byte
	padded[0] = '_'
	n := 1 + copy(padded[1:maxPieces+1], word)
	padded[n] = '_'
	n++
	for size := 3; size <= 5; size++ {
		for i := 0; i+size <= n; i++ {
			s.add(hashOf('c', string(padded[i:i+size])))
		}
	}
}

// FNV-1a, of 32 bits.
const (
	fnvOffset = 2166136261
	fnvPrime  = 16777619
)

// hashOf is the hash of a feature of a kind.
func hashOf(kind byte, s string) uint32 { return extend(fnvOffset, kind, s) }

func extend(hash uint32, c byte, s string) uint32 {
	hash = (hash ^ uint32(c)) * fnvPrime
	for i := range len(s) {
		hash = (hash ^ uint32(s[i])) * fnvPrime
	}
	return hash
}
