package examples_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/core/reception/portuguese"
	"github.com/secretary-api/secretary/core/reception/portuguese/internal/classify"
	"github.com/secretary-api/secretary/core/reception/portuguese/internal/examples"
	"github.com/secretary-api/secretary/core/text"
)

// TestTrainingIsReproducible trains anew: what is committed is what the examples give, byte by byte.
func TestTrainingIsReproducible(t *testing.T) {
	t.Parallel()
	all, err := examples.All()
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile("../../learned.bin")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(classify.Train(examples.Prepared(all)).Encode(), committed) {
		t.Error("learned.bin is not what the examples give: run go generate ./core/reception/portuguese")
	}
	if len(committed) > 300_000 {
		t.Errorf("learned.bin has %d bytes, want fewer than 300000", len(committed))
	}
}

func TestEveryExampleIsWrittenOnce(t *testing.T) {
	t.Parallel()
	all, err := examples.All()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, e := range all {
		folded := strings.Join(text.Words(e.Text), " ")
		if other, found := seen[folded]; found && folded != "" {
			t.Errorf("%q is said twice, as %s and as %s", e.Text, other, e.Label)
		}
		seen[folded] = e.Label
	}
}

// TestTheExamplesAreUnderstood is no measure of quality: it finds an example whose label was mistyped, and a rule that
// contradicts many.
func TestTheExamplesAreUnderstood(t *testing.T) {
	t.Parallel()
	all, err := examples.All()
	if err != nil {
		t.Fatal(err)
	}
	model := classify.Train(examples.Prepared(all))
	right := 0
	for _, e := range examples.Prepared(all) {
		if portuguese.IntentOf(model.Classify(e.Words).Label) == portuguese.IntentOf(e.Label) {
			right++
		}
	}
	if 100*right < 97*len(all) {
		t.Errorf("%d of %d examples are learned, want at least 97 of 100", right, len(all))
	}
}
