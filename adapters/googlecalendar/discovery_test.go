package googlecalendar_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/secretary-api/secretary/adapters/googlecalendar/googletest"
)

// discovery is Google's own description of the API, which comes with the library.
type discovery struct {
	ServicePath string                `json:"servicePath"`
	Parameters  map[string]parameter  `json:"parameters"`
	Resources   map[string]methods    `json:"resources"`
	Schemas     map[string]schemaNode `json:"schemas"`
}

type methods struct {
	Methods map[string]method `json:"methods"`
}

type method struct {
	ID         string               `json:"id"`
	HTTPMethod string               `json:"httpMethod"`
	Path       string               `json:"path"`
	Parameters map[string]parameter `json:"parameters"`
	Request    schemaNode           `json:"request"`
	Response   schemaNode           `json:"response"`
}

type parameter struct {
	Type     string   `json:"type"`
	Location string   `json:"location"`
	Enum     []string `json:"enum"`
	Required bool     `json:"required"`
}

type schemaNode struct {
	Ref                  string                `json:"$ref"`
	Type                 string                `json:"type"`
	Properties           map[string]schemaNode `json:"properties"`
	Items                *schemaNode           `json:"items"`
	AdditionalProperties *schemaNode           `json:"additionalProperties"`
}

var google = sync.OnceValues(func() (d discovery, err error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api").Output()
	if err != nil {
		return d, err
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "calendar", "v3", "calendar-api.json"))
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	return d, err
})

func (d discovery) find(id string) (method, bool) {
	for _, resource := range d.Resources {
		for _, m := range resource.Methods {
			if m.ID == id {
				return m, true
			}
		}
	}
	return method{}, false
}

func TestTheServerOfTheTestsKnowsOnlyWhatGoogleHas(t *testing.T) {
	t.Parallel()
	d, err := google()
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range googletest.Operations() {
		m, ok := d.find(op.ID)
		if !ok || m.HTTPMethod != op.Method || m.Path != op.Path {
			t.Errorf("%s is %s %s here, and %s %s at Google", op.ID, op.Method, op.Path, m.HTTPMethod, m.Path)
		}
		for _, name := range op.Parameters {
			if _, own := m.Parameters[name]; !own && d.Parameters[name].Location != "query" {
				t.Errorf("%s has no parameter %q at Google", op.ID, name)
			}
		}
	}
}

// checked compares all that is said to and by the server of a test with Google's description.
type checked struct{ t *testing.T }

// oauthPaths are not of the API, and Google describes them elsewhere.
var oauthPaths = []string{"/oauth2/token", "/oauth2/revoke", "/oauth2/v2/userinfo", "/o/oauth2/v2/auth"}

func (c checked) RoundTrip(req *http.Request) (*http.Response, error) {
	if slices.Contains(oauthPaths, req.URL.Path) {
		return http.DefaultTransport.RoundTrip(req)
	}
	d, err := google()
	if err != nil {
		return nil, err
	}
	m, ok := d.match(req)
	if !ok {
		c.t.Errorf("Google has no %s %s", req.Method, req.URL.Path)
		return http.DefaultTransport.RoundTrip(req)
	}
	for name, values := range req.URL.Query() {
		p, own := m.Parameters[name]
		if !own {
			p, own = d.Parameters[name]
		}
		for _, value := range values {
			if !own || p.Location != "query" || !p.takes(value) {
				c.t.Errorf("%s: Google has no parameter %s=%s", m.ID, name, value)
			}
		}
	}
	if req.Body != nil {
		text, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		c.body(d, m.ID+" request", m.Request, text)
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(text))
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err == nil && json.Valid(text) { // else a fault of the test's making
		c.body(d, m.ID+" response", m.Response, text)
	}
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(text), failing{err}))
	return resp, nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

var variables = regexp.MustCompile(`\\\{\w+\\\}`)

func (d discovery) match(req *http.Request) (method, bool) {
	path, ok := strings.CutPrefix(req.URL.EscapedPath(), "/"+d.ServicePath)
	for _, resource := range d.Resources {
		for _, m := range resource.Methods {
			pattern := "^" + variables.ReplaceAllString(regexp.QuoteMeta(m.Path), `[^/]+`) + "$"
			if ok && m.HTTPMethod == req.Method && regexp.MustCompile(pattern).MatchString(path) {
				return m, true
			}
		}
	}
	return method{}, false
}

func (p parameter) takes(value string) bool {
	var v any
	switch p.Type {
	case "boolean":
		return value == "true" || value == "false"
	case "integer":
		return json.Unmarshal([]byte(value), &v) == nil
	}
	return len(p.Enum) == 0 || slices.Contains(p.Enum, value)
}

func (c checked) body(d discovery, what string, node schemaNode, text []byte) {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		c.t.Errorf("%s: %v", what, err)
		return
	}
	if problem := d.conforms(node, v, what); problem != "" {
		c.t.Error(problem)
	}
}

// conforms says which field Google does not have, or has in another type.
func (d discovery) conforms(node schemaNode, v any, path string) string {
	if node.Ref != "" {
		node = d.Schemas[node.Ref]
	}
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			child, ok := node.Properties[name]
			if !ok && node.AdditionalProperties != nil {
				child, ok = *node.AdditionalProperties, true
			}
			if !ok {
				return fmt.Sprintf("%s: Google has no field %q", path, name)
			}
			if problem := d.conforms(child, value, path+"."+name); problem != "" {
				return problem
			}
		}
		return ""
	case []any:
		if node.Items == nil {
			return path + ": Google has no list here"
		}
		for _, value := range v {
			if problem := d.conforms(*node.Items, value, path+"[]"); problem != "" {
				return problem
			}
		}
		return ""
	case string:
		return wrongType(path, node, "string")
	case bool:
		return wrongType(path, node, "boolean")
	case float64:
		return wrongType(path, node, "integer", "number")
	}
	return path + ": null"
}

func wrongType(path string, node schemaNode, types ...string) string {
	if slices.Contains(types, node.Type) {
		return ""
	}
	return fmt.Sprintf("%s is a %s, and at Google %q", path, types[0], node.Type)
}

// TestTheCheckFindsWhatGoogleHasNot keeps the check itself honest.
func TestTheCheckFindsWhatGoogleHasNot(t *testing.T) {
	t.Parallel()
	d, err := google()
	if err != nil {
		t.Fatal(err)
	}
	insert, _ := d.find(googletest.Insert)
	for text, fine := range map[string]bool{
		`{"id":"abcde","start":{"dateTime":"2026-03-09T11:00:00Z"},"extendedProperties":{"private":{"any":"thing"}}}`: true,
		`{"attendees":[{"self":true}]}`:                 true,
		`{"identifier":"abcde"}`:                        false,
		`{"start":{"datetime":"2026-03-09T11:00:00Z"}}`: false,
		`{"start":"2026-03-09T11:00:00Z"}`:              false,
		`{"attendees":[{"me":true}]}`:                   false,
		`{"extendedProperties":{"private":{"n":1}}}`:    false,
	} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if problem := d.conforms(insert.Request, v, "event"); (problem == "") != fine {
			t.Errorf("%s: got %q", text, problem)
		}
	}
}
