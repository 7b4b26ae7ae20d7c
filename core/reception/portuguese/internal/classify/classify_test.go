package classify_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/core/reception/portuguese/internal/classify"
)

func examples() []classify.Example {
	var list []classify.Example
	for _, line := range []string{"red apple", "green apple", "ripe banana", "sweet pear"} {
		list = append(list, classify.Example{Label: "fruit", Words: strings.Fields(line)})
	}
	for _, line := range []string{"fast car", "slow truck", "old bicycle", "new car"} {
		list = append(list, classify.Example{Label: "wheels", Words: strings.Fields(line)})
	}
	return list
}

func TestWhatWasLearnedIsRecognised(t *testing.T) {
	t.Parallel()
	m := classify.Train(examples())
	for words, want := range map[string]string{"an aple": "fruit", "my cars": "wheels", "bananas": "fruit"} {
		if v := m.Classify(strings.Fields(words)); v.Label != want || v.Probability <= 0.5 || v.Probability > 1 {
			t.Errorf("%q is %v, want %s", words, v, want)
		}
	}
	if v := m.Classify(nil); v != (classify.Verdict{}) {
		t.Errorf("nothing is %v, want nothing", v)
	}
}

func TestAModelIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	written := classify.Train(examples()).Encode()
	m, err := classify.Decode(written)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.Encode(), written) {
		t.Error("the file changes when it is read and written again")
	}
	for _, broken := range [][]byte{nil, written[:20], written[:len(written)-1], append([]byte("x"), written...)} {
		if _, err := classify.Decode(broken); err == nil {
			t.Errorf("a file of %d bytes is read, want an error", len(broken))
		}
	}
}
