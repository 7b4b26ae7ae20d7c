package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// workflow is what n8n imports, as far as it can be checked without n8n.
type workflow struct {
	ID    string
	Name  string
	Nodes []struct {
		ID, Name, Type string
		TypeVersion    float64
		Parameters     map[string]any
	}
	Connections map[string]map[string][][]struct{ Node, Type string }
}

var (
	namedNode   = regexp.MustCompile(`\$\('([^']*)'\)`)
	placeholder = regexp.MustCompile(`\{\{[^}]*\}\}|\{[a-z_]+\}`)
)

// TestWorkflowsOfN8NFitTheAPI checks that the workflows under examples/n8n are whole, and call what the service has.
func TestWorkflowsOfN8NFitTheAPI(t *testing.T) {
	t.Parallel()
	var doc struct {
		Paths map[string]map[string]any
	}
	var document bytes.Buffer
	p := program{stdout: &document}
	if err := p.openapi(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(document.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	operations := map[string]bool{}
	for path, methods := range doc.Paths {
		for method := range methods {
			operations[strings.ToUpper(method)+" "+placeholder.ReplaceAllString(path, "*")] = true
		}
	}
	files, err := filepath.Glob("../../examples/n8n/*.json")
	if err != nil || len(files) != 2 {
		t.Fatalf("workflows = %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var w workflow
			if err := json.Unmarshal(raw, &w); err != nil {
				t.Fatal(err)
			}
			w.check(t, string(raw), operations)
		})
	}
}

func (w workflow) check(t *testing.T, raw string, operations map[string]bool) {
	t.Helper()
	var names []string
	calls := 0
	for _, n := range w.Nodes {
		if n.Name == "" || n.TypeVersion == 0 || slices.Contains(names, n.Name) {
			t.Errorf("node %q: no name or version, or twice", n.Name)
		}
		names = append(names, n.Name)
		url, _ := n.Parameters["url"].(string)
		_, path, ours := strings.Cut(url, "/v1/")
		if !ours {
			continue
		}
		method, _ := n.Parameters["method"].(string)
		if method == "" {
			method = "GET"
		}
		if call := method + " /v1/" + placeholder.ReplaceAllString(path, "*"); !operations[call] {
			t.Errorf("node %q calls %s, which the service does not have", n.Name, call)
		}
		calls++
	}
	if w.ID == "" || w.Name == "" || calls < 2 {
		t.Errorf("workflow %q %q with %d calls of the service", w.ID, w.Name, calls)
	}
	for _, named := range namedNode.FindAllStringSubmatch(raw, -1) {
		if !slices.Contains(names, named[1]) {
			t.Errorf("an expression names the node %q, which is not there", named[1])
		}
	}
	for from, outputs := range w.Connections {
		for kind, ends := range outputs {
			for _, end := range slices.Concat(ends...) {
				if !slices.Contains(names, from) || !slices.Contains(names, end.Node) || end.Type != kind {
					t.Errorf("connection %s of %q to %q (%s)", kind, from, end.Node, end.Type)
				}
			}
		}
	}
}
