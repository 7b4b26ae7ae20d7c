package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	t.Parallel()
	passing := `
		{'Action':'run','Package':'m/a','Test':'TestA'}
		{'Action':'output','Package':'m/a','Test':'TestA','Output':'chatter\n'}
		{'Action':'pass','Package':'m/a','Test':'TestA','Elapsed':0.1}
		{'Action':'pass','Package':'m/a','Elapsed':0.25}
	`
	skipping := passing + `
		{'Action':'output','Package':'m/b','Test':'TestB','Output':'=== RUN   TestB\n'}
		{'Action':'output','Package':'m/b','Test':'TestB','Output':'    b_test.go:7: no database\n'}
		{'Action':'output','Package':'m/b','Test':'TestB','Output':'--- SKIP: TestB (0.00s)\n'}
		{'Action':'skip','Package':'m/b','Test':'TestB'}
		{'Action':'pass','Package':'m/b'}
	`
	failing := passing + `
		{'Action':'output','Package':'m/c','Output':'-test.shuffle 42\n'}
		{'Action':'output','Package':'m/c','Test':'TestC','Output':'=== RUN   TestC\n'}
		{'Action':'output','Package':'m/c','Test':'TestC','Output':'    c_test.go:9: got 1, want 2\n'}
		{'Action':'fail','Package':'m/c','Test':'TestC'}
		{'Action':'pass','Package':'m/c','Test':'TestD'}
		{'Action':'fail','Package':'m/c'}
	`
	unbuilt := `
		{'ImportPath':'m/d','Action':'build-output','Output':'d.go:3: undefined: x\n'}
		{'ImportPath':'m/d','Action':'build-fail'}
		{'Action':'fail','Package':'m/d','FailedBuild':'m/d'}
	`
	sections := failing + `
		{'Action':'section','Output':'on PostgreSQL'}
		{'Action':'output','Package':'m/a','Test':'TestA','Output':'    a_test.go:5: no row\n'}
		{'Action':'fail','Package':'m/a','Test':'TestA'}
		{'Action':'fail','Package':'m/a','Elapsed':0.5}
		{'Action':'fail','Package':'m/c','Elapsed':0.5}
	`
	tests := []struct {
		name        string
		events      string
		refuseSkips bool
		ok          bool
		says        []string
		last        string
	}{
		{"PassingIsOneLine", passing, true, true, []string{"ok    m/a  0.25s\n"}, "1 passed, 0 failed"},
		{"SkipIsNamedWithItsReason", skipping, false, true, []string{"1 skipped:\n  m/b TestB: b_test.go:7: no database\n"}, "1 passed, 0 failed"},
		{"RefusedSkipFails", skipping, true, false, []string{"m/b TestB", "counts as failed"}, "1 passed, 1 failed"},
		{"FailureIsShownAndNamed", failing, false, false, []string{"-test.shuffle 42", "c_test.go:9: got 1, want 2", "1 failed:\n  m/c TestC\n"}, "2 passed, 1 failed"},
		{"SectionIsPartOfTheName", sections, false, false, []string{
			"ok    m/a  0.25s\n", "FAIL  m/a (on PostgreSQL)  0.50s\n", "a_test.go:5: no row",
			"3 failed:\n  m/a TestA (on PostgreSQL)\n  m/c (on PostgreSQL): the package did not build, or ended outside a test\n  m/c TestC\n",
		}, "2 passed, 3 failed"},
		{"BrokenBuildFails", unbuilt, false, false, []string{"undefined: x", "m/d: the package did not build"}, "0 passed, 1 failed"},
		{"NothingRunIsNoSuccess", "", false, false, []string{"no test ran"}, "0 passed, 0 failed"},
		{"PlainTextGoesThrough", "go: no such module\n", false, false, []string{"go: no such module\n"}, "0 passed, 0 failed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			ok, err := report(strings.NewReader(strings.ReplaceAll(test.events, "'", `"`)), &out, test.refuseSkips)
			if err != nil {
				t.Fatal(err)
			}
			if ok != test.ok {
				t.Errorf("ok = %t, want %t", ok, test.ok)
			}
			for _, want := range test.says {
				if !strings.Contains(out.String(), want) {
					t.Errorf("report = %q, want it to have %q", out.String(), want)
				}
			}
			if strings.Contains(out.String(), "chatter") {
				t.Errorf("report = %q, want nothing of what a passing test wrote", out.String())
			}
			if !strings.HasSuffix(out.String(), test.last+"\n") {
				t.Errorf("report = %q, want it to end on %q", out.String(), test.last)
			}
		})
	}
}
