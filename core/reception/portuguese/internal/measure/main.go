// Command measure tells how well messages are understood: it reads a file of labelled messages and prints how many are
// understood as their label says, which are not, and how long a message takes.
//
//	go run ./core/reception/portuguese/internal/measure [-all] [messages.jsonl]...
//
// It also tells how the classifier does, on its own, on examples that were kept from it. A line of a file is a JSON object:
//
//	text      the message, understood in an idle conversation
//	intent    what it wants; see reception.Intent
//	accept    other intents that are right too
//	ref_kind  professional, specialty, service or symptom: what it names; null when nothing
//	ref       how it is named, in any spelling
//	red_flag  it tells of an emergency
//	opt_out   its sender wants no more messages
//
// The clinic has the professionals and services of directory.go; names that it does not have count as named all the same.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese"
	"github.com/secretary-api/secretary/core/reception/portuguese/internal/examples"
	"github.com/secretary-api/secretary/core/text"
)

// labelled is a message and what it means.
type labelled struct {
	ID      string             `json:"id"`
	Text    string             `json:"text"`
	Intent  reception.Intent   `json:"intent"`
	Accept  []reception.Intent `json:"accept"`
	RefKind string             `json:"ref_kind"`
	Ref     string             `json:"ref"`
	RedFlag bool               `json:"red_flag"`
	OptOut  bool               `json:"opt_out"`
}

func main() {
	all := flag.Bool("all", false, "print every message, not only those that are misunderstood")
	flag.Parse()
	if err := run(flag.Args(), *all, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(files []string, all bool, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if err := crossValidate(table, all); err != nil {
		return err
	}
	if len(files) == 0 {
		return table.Flush()
	}
	var messages []labelled
	for _, name := range files {
		more, err := load(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		messages = append(messages, more...)
	}
	if len(messages) == 0 {
		return errors.New("there are no messages")
	}
	if err := notLearned(messages); err != nil {
		return err
	}
	in := context()
	var r report
	for _, l := range messages {
		r.add(l, portuguese.Understand(l.Text, in))
	}
	r.took = pace(messages, in)
	r.print(table, all)
	return table.Flush()
}

// notLearned fails when one of the messages is among the examples: what is measured with must not have been learned.
func notLearned(messages []labelled) error {
	all, err := examples.All()
	if err != nil {
		return err
	}
	learned := map[string]bool{}
	for _, e := range all {
		learned[strings.Join(text.Words(e.Text), " ")] = true
	}
	var both []error
	for _, m := range messages {
		if words := text.Words(m.Text); len(words) > 2 && learned[strings.Join(words, " ")] { // "bom dia" is everybody's
			both = append(both, fmt.Errorf("%q is one of the examples", m.Text))
		}
	}
	return errors.Join(both...)
}

func load(name string) ([]labelled, error) {
	file, err := os.Open(name) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	var out []labelled
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var l labelled
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("message %d: %w", len(out)+1, err)
		}
		out = append(out, l)
	}
	return out, lines.Err()
}

// pace is how long each message takes, the shortest of five times, so that other work on the machine counts less.
func pace(messages []labelled, in reception.Context) []time.Duration {
	took := make([]time.Duration, len(messages))
	for round := range 5 {
		for i, l := range messages {
			begin := time.Now() //nolint:forbidigo // it is the stopwatch
			portuguese.Understand(l.Text, in)
			if d := time.Since(begin); round == 0 || d < took[i] {
				took[i] = d
			}
		}
	}
	slices.Sort(took)
	return took
}
