package secretary_test

import (
	"strings"
	"testing"
	"testing/fstest"
)

// source is a Go file of the package in a folder's last element that imports what is named; ours is this module.
func source(imports ...string) string {
	var b strings.Builder
	b.WriteString("// Package x is an example.\npackage x\n")
	for _, imported := range imports {
		b.WriteString("import _ \"" + strings.Replace(imported, "ours/", module+"/", 1) + "\"\n")
	}
	return b.String()
}

func complaints(t *testing.T, tree map[string]string) []string {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range tree {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	parsed, err := parseTree(files)
	if err != nil {
		t.Fatal(err)
	}
	return append(check(parsed), checkFolders(files)...)
}

func TestTheCheckerAcceptsGoodCode(t *testing.T) {
	t.Parallel()
	got := complaints(t, map[string]string{
		"core/errs/errs.go":                     source("errors"),
		"core/agenda/slot.go":                   source("time", "ours/core/errs", "ours/core/agenda/tz"),
		"core/agenda/slot_test.go":              source("testing", "github.com/google/go-cmp/cmp", "ours/core/agenda"),
		"core/agenda/tz/tz.go":                  source("time"),
		"core/service/rooms.go":                 source("context", "ours/core/agenda", "ours/ports"),
		"core/service/rooms_test.go":            source("testing", "ours/adapters/memory", "ours/ports/portmock"),
		"ports/rooms.go":                        source("context", "ours/core/agenda"),
		"ports/porttest/rooms.go":               source("testing", "github.com/google/go-cmp/cmp", "ours/ports", "ours/core/errs"),
		"ports/portmock/mock.go":                source("sync", "ours/ports"),
		"adapters/memory/rooms.go":              source("ours/core/agenda", "ours/ports", "ours/adapters/memory/tree"),
		"adapters/memory/rooms_test.go":         source("testing", "ours/ports/porttest"),
		"adapters/memory/tree/tree.go":          source("sync"),
		"adapters/redis/cache.go":               source("github.com/redis/go-redis/v9", "ours/ports"),
		"adapters/redis/cache_test.go":          source("testing", "ours/adapters/memory", "ours/ports/porttest"),
		"adapters/httpapi/rooms.go":             source("github.com/go-chi/chi/v5", "ours/core/service"),
		"adapters/httpapi/rooms_test.go":        source("net/http/httptest", "ours/adapters/memory", "ours/ports"),
		"cmd/secretary/main.go":                 source("os", "ours/adapters/memory", "ours/adapters/httpapi", "ours/migrations"),
		"migrations/migrations.go":              source("embed"),
		"docs/adr/0001.md":                      "# text",
		"adapters/httpapi/testdata/broken.go":   "this is no Go",
		".github/workflows/generator/broken.go": "neither is this",
	})
	for _, complaint := range got {
		t.Errorf("good code: %s", complaint)
	}
}

func TestTheCheckerFindsBadCode(t *testing.T) {
	t.Parallel()
	long := source() + strings.Repeat("\n", maxFileLines)
	tests := []struct {
		name string
		tree map[string]string
		want string
	}{
		{"ContextImportsUseCases", map[string]string{"core/agenda/x.go": source("ours/core/service")}, "may not import"},
		{"ContextImportsPorts", map[string]string{"core/agenda/x.go": source("ours/ports")}, "may not import"},
		{"ContextTestImportsAdapter", map[string]string{"core/agenda/x_test.go": source("ours/adapters/memory")}, "may not import"},
		{"ContextImportsModule", map[string]string{"core/agenda/x.go": source("github.com/go-chi/chi/v5")}, "may not import"},
		{"UseCaseImportsModule", map[string]string{"core/service/x.go": source("golang.org/x/sync/errgroup")}, "may not import"},
		{"UseCaseImportsAdapter", map[string]string{"core/service/x.go": source("ours/adapters/memory")}, "may not import"},
		{"PortImportsUseCase", map[string]string{"ports/x.go": source("ours/core/service")}, "may not import"},
		{"PortImportsAdapter", map[string]string{"ports/x.go": source("ours/adapters/memory")}, "may not import"},
		{"ContractSuiteImportsAdapter", map[string]string{"ports/porttest/x.go": source("ours/adapters/memory")}, "may not import"},
		{"DrivingAdapterImportsPorts", map[string]string{"adapters/httpapi/x.go": source("ours/ports")}, "may not import"},
		{"McpServerImportsPorts", map[string]string{"adapters/mcpserver/x.go": source("ours/ports")}, "may not import"},
		{"AdapterImportsAdapter", map[string]string{"adapters/redis/x.go": source("ours/adapters/memory")}, "may not import"},
		{"AdapterTestImportsAnother", map[string]string{"adapters/redis/x_test.go": source("ours/adapters/postgres")}, "may not import"},
		{"AdapterImportsNamesake", map[string]string{"adapters/redis/x.go": source("ours/adapters/redisx")}, "may not import"},
		{"AdapterImportsCommand", map[string]string{"adapters/redis/x.go": source("ours/cmd/secretary")}, "may not import"},
		{"AdapterImportsRoot", map[string]string{"adapters/redis/x.go": source(module)}, "may not import"},
		{"CommandImportsCommand", map[string]string{"cmd/other/x.go": source("ours/cmd/secretary")}, "may not import"},
		{"BinaryImportsTesting", map[string]string{"cmd/secretary/x.go": source("testing")}, "stay out of the binary"},
		{"BinaryImportsFakes", map[string]string{"adapters/redis/x.go": source("testing/fstest")}, "stay out of the binary"},
		{"BinaryImportsContractSuite", map[string]string{"adapters/redis/x.go": source("ours/ports/porttest")}, "stay out of the binary"},
		{"BinaryImportsMocks", map[string]string{"cmd/secretary/x.go": source("ours/ports/portmock")}, "stay out of the binary"},
		{"CodeInTheRoot", map[string]string{"x.go": source("ours/core/errs")}, "may not import"},
		{"CodeInAnUnknownFolder", map[string]string{"docs/x/x.go": source()}, "no rule covers the folder docs/x"},
		{"UnknownFolderWithoutCode", map[string]string{"assets/logo.svg": ""}, "assets/ is a new folder"},
		{"NoPackageComment", map[string]string{"core/agenda/x.go": "package agenda\n"}, "no package comment"},
		{"LongFile", map[string]string{"core/agenda/x.go": long}, "more than 600"},
		{
			"ContextsInACircle",
			map[string]string{
				"core/a/x.go":     source("ours/core/b"),
				"core/b/x.go":     source("ours/core/c/sub"),
				"core/c/sub/x.go": source(),
				"core/c/x.go":     source("ours/core/a"),
			},
			"core/a -> core/b -> core/c -> core/a",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := complaints(t, test.tree)
			if len(got) != 1 || !strings.Contains(got[0], test.want) {
				t.Errorf("complaints = %q, want one with %q", got, test.want)
			}
		})
	}
}

func TestGeneratedFilesMayBeLong(t *testing.T) {
	t.Parallel()
	text := "// Code generated by a tool. DO NOT EDIT.\n\n" + source("ours/ports") + strings.Repeat("\n", maxFileLines)
	for _, complaint := range complaints(t, map[string]string{"ports/portmock/x.go": text}) {
		t.Error(complaint)
	}
}
