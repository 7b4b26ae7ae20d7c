package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/text"
)

// share is how many of how many are right.
type share struct{ right, of int }

func (s *share) count(right bool) {
	s.of++
	if right {
		s.right++
	}
}

func (s share) String() string {
	if s.of == 0 {
		return "none"
	}
	return fmt.Sprintf("%d of %d (%.1f %%)", s.right, s.of, 100*float64(s.right)/float64(s.of))
}

// confused is a label, and what was understood instead.
type confused struct{ want, got reception.Intent }

// report counts what was understood.
type report struct {
	intents, references, idleReferences share
	emergencies, calm, acted            share
	optOuts, stays                      share
	byIntent                            map[reception.Intent]share
	confusion                           map[confused]int
	mistakes, lines                     []string
	took                                []time.Duration
}

func (r *report) add(l labelled, m reception.Meaning) {
	if r.byIntent == nil {
		r.byIntent, r.confusion = map[reception.Intent]share{}, map[confused]int{}
	}
	var wrong []string
	intentIsRight := m.Intent == l.Intent || slices.Contains(l.Accept, m.Intent)
	r.intents.count(intentIsRight)
	s := r.byIntent[l.Intent]
	s.count(intentIsRight)
	r.byIntent[l.Intent] = s
	if !intentIsRight {
		r.confusion[confused{l.Intent, m.Intent}]++
		wrong = append(wrong, fmt.Sprintf("is %s, should be %s", m.Intent, l.Intent))
	}
	if l.Ref != "" {
		right := names(m, l)
		r.references.count(right)
		if !right {
			wrong = append(wrong, fmt.Sprintf("names %s, should name %s %q", named(m), l.RefKind, l.Ref))
		}
	} else {
		right := m.Professional == "" && m.Specialty == "" && m.Service == ""
		r.idleReferences.count(right)
		if !right {
			wrong = append(wrong, "names "+named(m)+", should name nothing")
		}
	}
	if l.RedFlag {
		r.emergencies.count(m.Emergency)
		r.acted.count(!m.Emergency && (m.Intent == reception.Schedule || m.Intent == reception.Reschedule))
	} else {
		r.calm.count(!m.Emergency)
	}
	if m.Emergency != l.RedFlag {
		wrong = append(wrong, fmt.Sprintf("emergency is %v", m.Emergency))
	}
	if l.OptOut {
		r.optOuts.count(m.OptOut)
	} else {
		r.stays.count(!m.OptOut)
	}
	if m.OptOut != l.OptOut {
		wrong = append(wrong, fmt.Sprintf("opt-out is %v", m.OptOut))
	}
	r.lines = append(r.lines, fmt.Sprintf("%s %.2f\t%s\t%s", m.Intent, m.Confidence, l.Text, strings.Join(wrong, "; ")))
	if len(wrong) > 0 {
		r.mistakes = append(r.mistakes, r.lines[len(r.lines)-1])
	}
}

// names reports whether a meaning names what the label says. A symptom is labelled by what it is, not by its words: any is
// right.
func names(m reception.Meaning, l labelled) bool {
	var got string
	switch l.RefKind {
	case "professional":
		got = m.Professional
	case "specialty":
		got = m.Specialty
	case "service":
		got = m.Service
	case "symptom":
		return m.Symptom != "" || m.Emergency
	}
	gotWords, wanted := text.Words(got), text.Words(l.Ref)
	if l.RefKind == "specialty" {
		keys := text.Specialties(gotWords)
		return slices.ContainsFunc(text.Specialties(wanted), func(s text.Specialty) bool {
			return slices.ContainsFunc(keys, func(k text.Specialty) bool { return k.Key == s.Key })
		})
	}
	for _, w := range wanted {
		if !slices.ContainsFunc(gotWords, func(g string) bool { return text.Similar(g, w) }) {
			return false
		}
	}
	return len(wanted) > 0
}

func named(m reception.Meaning) string {
	var all []string
	for _, s := range []string{m.Professional, m.Specialty, m.Service, m.Symptom} {
		if s != "" {
			all = append(all, fmt.Sprintf("%q", s))
		}
	}
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, ", ")
}

func (r *report) print(w io.Writer, all bool) {
	lines := r.mistakes
	if all {
		lines = r.lines
	}
	for _, line := range lines {
		fmt.Fprintln(w, line)
	}
	fmt.Fprintf(w, "\nintents\t%s\n", r.intents)
	for _, intent := range slices.Sorted(maps.Keys(r.byIntent)) {
		fmt.Fprintf(w, "  %s\t%s\n", intent, r.byIntent[intent])
	}
	for _, c := range slices.SortedFunc(maps.Keys(r.confusion), func(a, b confused) int {
		return cmp.Or(-cmp.Compare(r.confusion[a], r.confusion[b]), cmp.Compare(a.want, b.want), cmp.Compare(a.got, b.got))
	}) {
		fmt.Fprintf(w, "  %s taken for %s\t%d\n", c.want, c.got, r.confusion[c])
	}
	fmt.Fprintf(w, "references named\t%s\n", r.references)
	fmt.Fprintf(w, "nothing named where there is nothing\t%s\n", r.idleReferences)
	fmt.Fprintf(w, "emergencies seen\t%s\n", r.emergencies)
	fmt.Fprintf(w, "no alarm where there is none\t%s\n", r.calm)
	fmt.Fprintf(w, "emergencies taken for a booking\t%s\n", r.acted)
	fmt.Fprintf(w, "opt-outs seen\t%s\n", r.optOuts)
	fmt.Fprintf(w, "no opt-out where there is none\t%s\n", r.stays)
	n := len(r.took)
	fmt.Fprintf(w, "time per message\tmedian %s, 99 of 100 within %s, longest %s\n", r.took[n/2], r.took[min(n-1, n*99/100)], r.took[n-1])
}
