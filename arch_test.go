// Package secretary_test keeps the shape of the code: who may import whom, what every package must say about itself,
// and how long a file may be. It parses the files in-process, so it needs neither a network nor code that compiles.
package secretary_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module       = "github.com/secretary-api/secretary"
	maxFileLines = 600
)

// rule says what the packages of one folder may import, beside themselves and their own subfolders. A name in a list
// is a folder of this module or the path of another module, with all below it, or one of the words std (the standard
// library) and modules (every other module).
type rule struct {
	folder  string   // the rule holds for this folder and below; of two rules the longer folder wins
	may     []string // what every file may import
	never   []string // exceptions from may
	inTests []string // what test files may import beside may, even if never has it
	why     string
}

func rules() []rule {
	return []rule{
		{
			folder: ".", may: []string{"std"}, inTests: []string{goCmp},
			why: "the root holds no code, only this test",
		},
		{
			folder: ".ci", may: []string{"std"},
			why: "the scripts of the house must run before any module is downloaded",
		},
		{
			folder: "core", may: []string{"std", "core"}, never: []string{"core/service"}, inTests: []string{goCmp},
			why: "a context is pure: the standard library and other contexts, no use cases, no ports",
		},
		{
			folder: "core/service", may: []string{"std", "core", "ports"},
			inTests: []string{goCmp, "adapters/memory", "adapters/postgres/pgtest", "adapters/sealing", "adapters/unconfigured", "ports/porttest", "ports/portmock"},
			why:     "use cases reach the world through ports; their tests run over the stores that are there",
		},
		{
			folder: "ports", may: []string{"std", "core"}, never: []string{"core/service"}, inTests: []string{goCmp},
			why: "ports speak the language of the contexts, and know neither use cases nor tools",
		},
		{
			folder: "ports/porttest", may: []string{"std", "core", "ports", goCmp}, never: []string{"core/service"},
			why: "the contract suite knows the ports and nothing of who implements them",
		},
		{
			folder: "ports/portmock", may: []string{"std", "core", "ports"}, never: []string{"core/service"},
			why: "mocks are generated from the ports",
		},
		{
			folder: "adapters", may: []string{"std", "modules", "core", "ports"},
			inTests: []string{"adapters/memory", "ports/porttest", "ports/portmock"},
			why:     "adapters meet in cmd only; a wrapper's tests may run the contract suite over memory",
		},
		{
			folder: "adapters/postgres", may: []string{"std", "modules", "core", "ports", "migrations"},
			inTests: []string{"adapters/memory", "ports/porttest", "ports/portmock"},
			why:     "the adapter brings its tables along, and its tests may compare it with the memory store",
		},
		{
			folder: "adapters/cached", may: []string{"std", "modules", "core", "ports"},
			inTests: []string{"adapters/memory", "adapters/postgres", "adapters/redis", "ports/porttest", "ports/portmock"},
			why:     "it wraps any store; its tests run the contract suite over each of them, with each cache",
		},
		{
			folder: "adapters/httpapi", may: []string{"std", "modules", "core"},
			inTests: []string{"ports", "adapters/memory", "adapters/postgres/pgtest", "adapters/sealing", "adapters/unconfigured"},
			why:     "a driving adapter calls use cases and does not reach behind them; its tests run the real use cases over a store",
		},
		{
			folder: "adapters/mcpserver", may: []string{"std", "modules", "core"},
			inTests: []string{"ports", "adapters/httpapi", "adapters/memory", "adapters/postgres/pgtest", "adapters/sealing", "adapters/unconfigured"},
			why:     "a driving adapter calls use cases and does not reach behind them; its tests run the real use cases over a store, where the service mounts it",
		},
		{
			folder: "cmd", may: []string{"std", "modules", "core", "ports", "adapters", "migrations"},
			inTests: []string{"ports/porttest", "ports/portmock"},
			why:     "wiring happens in cmd, and nobody imports it",
		},
		{
			folder: "bench", may: []string{"std"},
			why: "a program that measures the service talks to it over the network, as its users do",
		},
		{
			folder: "migrations", may: []string{"std"},
			why: "it only embeds the SQL",
		},
	}
}

const goCmp = "github.com/google/go-cmp"

// testTools are the packages that must not be linked into a binary: only test files import them, and the folders of
// testToolHomes, which are themselves imported by test files only.
func testTools() []string {
	return []string{"testing", "net/http/httptest", goCmp, "ports/porttest", "ports/portmock", "adapters/postgres/pgtest", "adapters/redis/redistest", "adapters/livekit/livekittest", "adapters/googlecalendar/googletest", "adapters/evolution/evolutiontest"}
}

func testToolHomes() []string {
	return []string{"ports/porttest", "ports/portmock", "adapters/postgres/pgtest", "adapters/redis/redistest", "adapters/livekit/livekittest", "adapters/googlecalendar/googletest", "adapters/evolution/evolutiontest"}
}

// folders are those at the top of the tree which need not hold Go files. A new one is a decision: it comes here, or
// to the rules, and to docs/adr.
func folders() []string { return []string{"docs", "examples", "bin"} }

func TestTheTreeKeepsItsRules(t *testing.T) {
	t.Parallel()
	files, err := parseTree(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 2 {
		t.Fatalf("found %d Go files: the test does not see the tree", len(files))
	}
	for _, complaint := range check(files) {
		t.Error(complaint)
	}
}

func TestEveryTopFolderIsKnown(t *testing.T) {
	t.Parallel()
	for _, complaint := range checkFolders(os.DirFS(".")) {
		t.Error(complaint)
	}
}

// file is what the checks need to know of one Go file.
type file struct {
	name      string // path from the root, with slashes
	imports   []string
	test      bool
	generated bool
	comment   bool // it carries the package comment
	lines     int
}

func (f file) folder() string { return path.Dir(f.name) }

// parseTree reads every Go file, whatever its build tags.
func parseTree(tree fs.FS) ([]file, error) {
	var files []file
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			hidden := strings.HasPrefix(entry.Name(), ".") && name != "." && name != ".ci"
			if hidden || entry.Name() == "testdata" {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		f, err := parse(name, source)
		files = append(files, f)
		return err
	})
	return files, err
}

func parse(name string, source []byte) (file, error) {
	syntax, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return file{}, err
	}
	f := file{
		name:      name,
		test:      strings.HasSuffix(name, "_test.go"),
		generated: ast.IsGenerated(syntax),
		comment:   syntax.Doc != nil && strings.TrimSpace(syntax.Doc.Text()) != "",
		lines:     bytes.Count(source, []byte("\n")),
	}
	for _, spec := range syntax.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return file{}, fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		f.imports = append(f.imports, imported)
	}
	return f, nil
}

// check returns one complaint per broken rule.
func check(files []file) []string {
	var complaints []string
	for _, f := range files {
		if f.lines > maxFileLines && !f.generated {
			complaints = append(complaints,
				fmt.Sprintf("%s has %d lines, more than %d: split it by what it is about", f.name, f.lines, maxFileLines))
		}
		complaints = append(complaints, checkImports(f)...)
	}
	complaints = append(complaints, checkComments(files)...)
	return append(complaints, checkCircles(files)...)
}

func checkImports(f file) []string {
	r, ok := ruleOf(f.folder())
	if !ok {
		return []string{fmt.Sprintf("%s: no rule covers the folder %s: decide what it may import", f.name, f.folder())}
	}
	var complaints []string
	for _, imported := range f.imports {
		place, _ := locate(imported)
		switch {
		case !f.test && within(place, testTools()) && !within(f.folder(), testToolHomes()):
			complaints = append(complaints,
				fmt.Sprintf("%s imports %s: testing packages stay out of the binary", f.name, imported))
		case own(f.folder(), place):
		case f.test && allows(r.inTests, imported):
		case allows(r.may, imported) && !within(place, r.never):
		default:
			complaints = append(complaints, fmt.Sprintf("%s may not import %s: %s", f.name, imported, r.why))
		}
	}
	return complaints
}

// ruleOf returns the rule of the longest folder around a package. The root's rule is for the root alone, so that a
// new folder is noticed.
func ruleOf(folder string) (rule, bool) {
	best, found := rule{}, false
	for _, r := range rules() {
		covers := r.folder == folder || r.folder != "." && within(folder, []string{r.folder})
		if covers && len(r.folder) >= len(best.folder) {
			best, found = r, true
		}
	}
	return best, found
}

// own reports whether a package of this module belongs to the same unit: one context, one adapter, one command.
func own(folder, place string) bool { return unit(folder) == unit(place) }

func unit(place string) string {
	parts := strings.SplitN(place, "/", 3)
	return path.Join(parts[:min(2, len(parts))]...)
}

// locate turns the import path of a package of this module into its folder, and leaves others as they are.
func locate(imported string) (place string, ours bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

// allows reports whether a list of a rule has an import path.
func allows(list []string, imported string) bool {
	place, ours := locate(imported)
	first, _, _ := strings.Cut(imported, "/")
	third := !ours && strings.Contains(first, ".")
	return slices.ContainsFunc(list, func(name string) bool {
		switch name {
		case "std":
			return !ours && !third
		case "modules":
			return third
		}
		return within(place, []string{name})
	})
}

// within reports whether a place is one of the folders or below one.
func within(place string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return place == folder || strings.HasPrefix(place, folder+"/")
	})
}

// checkComments complains of packages which do not say what they are for.
func checkComments(files []file) []string {
	said := map[string]bool{}
	for _, f := range files {
		if !f.test {
			said[f.folder()] = said[f.folder()] || f.comment
		}
	}
	var complaints []string
	for _, folder := range slices.Sorted(maps.Keys(said)) {
		if !said[folder] {
			complaints = append(complaints, folder+" has no package comment: say in doc.go what it is for")
		}
	}
	return complaints
}

// checkCircles complains of contexts of core which need each other. The compiler refuses circles of packages; this
// refuses those that pass through subpackages too.
func checkCircles(files []file) []string {
	needs := map[string]map[string]bool{}
	for _, f := range files {
		if f.test || !within(f.folder(), []string{"core"}) {
			continue
		}
		from := unit(f.folder())
		for _, imported := range f.imports {
			place, ours := locate(imported)
			if to := unit(place); ours && to != from && within(place, []string{"core"}) {
				if needs[from] == nil {
					needs[from] = map[string]bool{}
				}
				needs[from][to] = true
			}
		}
	}
	var complaints []string
	done := map[string]bool{}
	var walk func(trail []string)
	walk = func(trail []string) {
		last := trail[len(trail)-1]
		for _, next := range slices.Sorted(maps.Keys(needs[last])) {
			if start := slices.Index(trail, next); start >= 0 {
				circle := append(slices.Clone(trail[start:]), next)
				complaints = append(complaints, "contexts import one another in a circle: "+strings.Join(circle, " -> "))
			} else if !done[next] {
				walk(append(slices.Clone(trail), next))
			}
		}
		done[last] = true
	}
	for _, from := range slices.Sorted(maps.Keys(needs)) {
		if !done[from] {
			walk([]string{from})
		}
	}
	return complaints
}

// checkFolders complains of folders at the top which nobody decided about. Hidden ones are tools' own.
func checkFolders(tree fs.FS) []string {
	entries, err := fs.ReadDir(tree, ".")
	if err != nil {
		return []string{err.Error()}
	}
	known := folders()
	for _, r := range rules() {
		known = append(known, r.folder)
	}
	var complaints []string
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") && !slices.Contains(known, entry.Name()) {
			complaints = append(complaints, fmt.Sprintf("%s/ is a new folder at the top that no rule covers", entry.Name()))
		}
	}
	return complaints
}
