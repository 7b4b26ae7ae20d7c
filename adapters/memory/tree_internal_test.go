package memory

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// model is what a tree should hold.
type model map[string]int

func (m model) check(t *testing.T, tree tree[int], what string) {
	t.Helper()
	keys := slices.Sorted(maps.Keys(m))
	var up, down []string
	for key, value := range tree.from("") {
		up = append(up, key)
		if value != m[key] {
			t.Fatalf("%s: got %d for %q, want %d", what, value, key, m[key])
		}
	}
	for key := range tree.below("") {
		down = append(down, key)
	}
	slices.Reverse(down)
	if !slices.Equal(up, keys) || !slices.Equal(down, keys) {
		t.Fatalf("%s: got the keys %q upwards and %q downwards, want %q", what, up, down, keys)
	}
	checkBalance(t, tree.root)
}

func checkBalance(t *testing.T, n *node[int]) int {
	t.Helper()
	if n == nil {
		return 0
	}
	left, right := checkBalance(t, n.left), checkBalance(t, n.right)
	if left-right > 1 || right-left > 1 || n.height != 1+max(left, right) {
		t.Fatalf("the node %q has subtrees of the heights %d and %d and says %d", n.key, left, right, n.height)
	}
	return n.height
}

func TestTreeKeepsWhatAMapKeepsAndOldStatesStay(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var now tree[int]
	want := model{}
	for edit := uint64(1); edit <= 60; edit++ {
		before, wasWanted := now, maps.Clone(want)
		for range 1 + random.IntN(40) {
			key := fmt.Sprintf("%03d", random.IntN(200))
			if random.IntN(3) == 0 {
				now.remove(edit, key)
				delete(want, key)
			} else {
				value := random.Int()
				now.set(edit, key, value)
				want[key] = value
			}
		}
		want.check(t, now, "the new state")
		wasWanted.check(t, before, "the old state")
		for range 20 {
			key := fmt.Sprintf("%03d", random.IntN(200))
			value, ok := now.get(key)
			if wanted, there := want[key]; ok != there || value != wanted {
				t.Fatalf("got %d, %v for %q, want %d, %v", value, ok, key, wanted, there)
			}
		}
		if random.IntN(4) == 0 { // rolled back: the next edit begins where this one began
			now, want = before, wasWanted
		}
	}
}

func TestTreeRangesBeginAndEndWhereTheyShould(t *testing.T) {
	t.Parallel()
	var tree tree[int]
	for i, key := range []string{"b", "d", "f", "h"} {
		tree.set(1, key, i)
	}
	for from, want := range map[string]string{"": "bdfh", "b": "bdfh", "c": "dfh", "d": "dfh", "h": "h", "i": ""} {
		got := ""
		for key := range tree.from(from) {
			got += key
		}
		if got != want {
			t.Errorf("from %q: got %q, want %q", from, got, want)
		}
	}
	for before, want := range map[string]string{"": "hfdb", "i": "hfdb", "h": "fdb", "g": "fdb", "d": "b", "b": "", "a": ""} {
		got := ""
		for key := range tree.below(before) {
			got += key
		}
		if got != want {
			t.Errorf("below %q: got %q, want %q", before, got, want)
		}
	}
}

func TestEndOfIsTheFirstKeyBehindAPrefix(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{"": "", "a": "b", "a\xff": "b", "\xff\xff": "", "a\x00": "a\x01"} {
		if got := endOf(prefix); got != want {
			t.Errorf("%q: got %q, want %q", prefix, got, want)
		}
	}
}
