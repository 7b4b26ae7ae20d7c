// Package examples holds the labelled messages that the classifier of package portuguese learns from. They were written for
// it, and are not linked into the service.
package examples

import (
	_ "embed" // the examples
	"errors"
	"fmt"
	"strings"

	"github.com/secretary-api/secretary/core/reception/portuguese"
	"github.com/secretary-api/secretary/core/reception/portuguese/internal/classify"
)

//go:embed examples.txt
var text string

// Example is a message as a patient would type it, and what it is.
type Example struct{ Label, Text string }

// All returns the examples, in the order of the file.
func All() ([]Example, error) { return Parse(text) }

// Parse reads examples: one a line, below a line with their label in brackets. Lines that begin with # and empty ones are
// left out.
func Parse(text string) ([]Example, error) {
	var out []Example
	label := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			label = strings.Trim(line, "[]")
		case label == "":
			return nil, fmt.Errorf("%q has no label", line)
		default:
			out = append(out, Example{Label: label, Text: line})
		}
	}
	if len(out) == 0 {
		return nil, errors.New("there are no examples")
	}
	return out, nil
}

// Prepared returns examples as they are learned from.
func Prepared(list []Example) []classify.Example {
	out := make([]classify.Example, 0, len(list))
	for _, e := range list {
		out = append(out, classify.Example{Label: e.Label, Words: portuguese.Words(e.Text)})
	}
	return out
}
