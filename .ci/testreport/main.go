// Command testreport reads the events of `go test -json` and prints what a person wants of them: a line per package,
// the output of what failed, and at the end every skipped and every failed test by name, with the counts. Its exit
// status is 1 when something failed or nothing ran.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	refuseSkips := flag.Bool("refuse-skips", false, "count a skipped test as a failed one")
	flag.Parse()
	ok, err := report(os.Stdin, os.Stdout, *refuseSkips)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// event is a line of `go test -json` (see `go doc test2json`). One that go does not write, with the action "section",
// says in Output what the packages after it run under, since they may have run before in another way.
type event struct {
	Action     string
	Package    string
	ImportPath string // of build-output
	Test       string // "" for the package
	Output     string
	Elapsed    float64 // seconds
}

// run is what is known of a package, or of one of its tests, until it ends.
type run struct {
	test   string
	output []string
}

type reporter struct {
	out     io.Writer
	section string            // "", or what follows the name of a package, such as " (on PostgreSQL)"
	open    map[string][]*run // by package, in the order they began
	broken  map[string]bool   // packages of which a test failed
	passed  int
	failed  []string
	skipped []string
}

// report prints the events of in to out. ok is true when something ran and nothing failed.
func report(in io.Reader, out io.Writer, refuseSkips bool) (ok bool, err error) {
	r := &reporter{out: out, open: map[string][]*run{}, broken: map[string]bool{}}
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			r.line(line)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return false, err
		}
	}
	return r.end(refuseSkips), nil
}

func (r *reporter) line(line []byte) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		_, _ = r.out.Write(line) // go itself speaks plainly, as of a broken go.mod
		return
	}
	switch {
	case e.Action == "section":
		r.section = " (" + e.Output + ")"
	case e.Action == "build-output":
		fmt.Fprint(r.out, e.Output)
	case e.Action == "output":
		of := r.of(e)
		of.output = append(of.output, e.Output)
	case e.Action != "pass" && e.Action != "fail" && e.Action != "skip":
	case e.Test == "":
		r.packageEnds(e)
	default:
		r.testEnds(e)
	}
}

// of returns what an event is about.
func (r *reporter) of(e event) *run {
	for _, known := range r.open[e.Package] {
		if known.test == e.Test {
			return known
		}
	}
	began := &run{test: e.Test}
	r.open[e.Package] = append(r.open[e.Package], began)
	return began
}

func (r *reporter) testEnds(e event) {
	name := e.Package + " " + e.Test + r.section
	switch e.Action {
	case "fail":
		r.failed = append(r.failed, name)
		r.broken[e.Package] = true
		return // the output is shown when the package ends
	case "skip":
		r.skipped = append(r.skipped, name+": "+reason(r.of(e).output))
	default:
		r.passed++
	}
	ended := r.of(e)
	r.open[e.Package] = slices.DeleteFunc(r.open[e.Package], func(known *run) bool { return known == ended })
}

func (r *reporter) packageEnds(e event) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(r.out, "ok    %s%s  %.2fs\n", e.Package, r.section, e.Elapsed)
	case "skip":
		fmt.Fprintf(r.out, "-     %s%s  no tests\n", e.Package, r.section)
	default:
		// What is still open failed, or was running when the program ended.
		for _, open := range r.open[e.Package] {
			for _, line := range open.output {
				if !noise(line) {
					fmt.Fprint(r.out, line)
				}
			}
		}
		fmt.Fprintf(r.out, "FAIL  %s%s  %.2fs\n", e.Package, r.section, e.Elapsed)
		if !r.broken[e.Package] {
			r.failed = append(r.failed, e.Package+r.section+": the package did not build, or ended outside a test")
		}
	}
	delete(r.open, e.Package)
	delete(r.broken, e.Package) // it may run again in another section
}

// end prints the summary. Its last line is the counts.
func (r *reporter) end(refuseSkips bool) bool {
	failed := len(r.failed)
	list(r.out, "skipped", r.skipped)
	list(r.out, "failed", r.failed)
	if refuseSkips && len(r.skipped) > 0 {
		failed += len(r.skipped)
		fmt.Fprintln(r.out, "a skipped test counts as failed here")
	}
	if r.passed+failed == 0 {
		fmt.Fprintln(r.out, "no test ran")
	}
	fmt.Fprintf(r.out, "%d passed, %d failed\n", r.passed, failed)
	return r.passed > 0 && failed == 0
}

func list(out io.Writer, what string, names []string) {
	if len(names) == 0 {
		return
	}
	fmt.Fprintf(out, "%d %s:\n", len(names), what)
	for _, name := range slices.Sorted(slices.Values(names)) {
		fmt.Fprintln(out, "  "+name)
	}
}

// noise reports whether a line of output only says that a test began or passed.
func noise(line string) bool {
	line = strings.TrimLeft(line, " ")
	for _, prefix := range []string{"=== RUN ", "=== PAUSE ", "=== CONT ", "=== NAME ", "--- PASS: ", "--- SKIP: "} {
		if strings.HasPrefix(line, prefix) {
			return true
		}
	}
	return false
}

// reason is what a skipped test said.
func reason(output []string) string {
	var said []string
	for _, line := range output {
		if line = strings.TrimSpace(line); line != "" && !noise(line) {
			said = append(said, line)
		}
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}
