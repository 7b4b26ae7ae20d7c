package httpapi_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/httpapi"
)

var update = flag.Bool("update", false, "write testdata/openapi.yaml anew")

func TestOpenAPIIsTheGoldenDocument(t *testing.T) {
	t.Parallel()
	golden := filepath.Join("testdata", "openapi.yaml")
	got := openAPI(t)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the API is not the one in %s; when that is meant, run go test ./adapters/httpapi -update\n%s", golden, diff)
	}
}

func TestOpenAPIIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	first := openAPI(t)
	for range 3 {
		if diff := cmp.Diff(first, openAPI(t)); diff != "" {
			t.Fatal(diff)
		}
	}
}

func openAPI(tb testing.TB) string {
	tb.Helper()
	h := httpapi.New(httpapi.Config{Services: newServices(inMemory(realTime)), Version: "test"})
	got := (&world{handler: h}).do(tb, "", http.MethodGet, "/openapi.yaml", "")
	if got.status != http.StatusOK {
		tb.Fatalf("status = %d: %s", got.status, got.body)
	}
	return got.body
}

func TestEveryOperationIsDocumented(t *testing.T) {
	t.Parallel()
	for id, op := range documented(t, newWorld(t)) {
		if op.Summary == "" || len(op.Tags) == 0 {
			t.Errorf("%s has no summary or no tag", id)
		}
		wanted := []string{"422", "500"}
		if len(op.Security) > 0 {
			wanted = append(wanted, "401")
			if strings.Contains(op.path, "{") {
				wanted = append(wanted, "404")
			}
		}
		if op.RequestBody != nil {
			wanted = append(wanted, "400", "413", "415")
		}
		for _, status := range wanted {
			problem := op.Responses[status].Content["application/problem+json"]
			if problem.Schema.Ref != "#/components/schemas/Problem" {
				t.Errorf("%s does not document %s as a problem", id, status)
			}
		}
	}
}

func TestSchemasHoldNoTraps(t *testing.T) {
	t.Parallel()
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]map[string]any `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	w := newWorld(t)
	w.do(t, "", http.MethodGet, "/openapi.json", "").decode(t, &doc)
	if len(doc.Components.Schemas) < 20 {
		t.Fatalf("the document has %d schemas: the test does not see it", len(doc.Components.Schemas))
	}
	for name, schema := range doc.Components.Schemas {
		for property, is := range schema.Properties {
			types, _ := json.Marshal(is["type"])
			if strings.Contains(string(types), "array") && strings.Contains(string(types), "null") {
				t.Errorf("%s.%s is an array that may be null", name, property)
			}
			if property == "$schema" {
				t.Errorf("%s has a $schema", name)
			}
			if property == "password" && is["writeOnly"] != true {
				t.Errorf("%s.%s can be read", name, property)
			}
		}
	}
	for _, name := range []string{"ErrorModel", "ErrorDetail"} {
		if _, ok := doc.Components.Schemas[name]; ok {
			t.Errorf("huma's %s is in the document beside ours", name)
		}
	}
}

func TestUnusableDocumentPathsAreNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/schemas/User.json", "/openapi-3.0.json", "/metrics"} {
		wantProblem(t, w.do(t, "", http.MethodGet, path, ""), http.StatusNotFound, "route-not-found")
	}
}
