package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/adapters/httpapi"
)

// secret is a value that the seeds send; no problem may repeat it.
const secret = "hunter2-hunter2"

// checkAnswer checks what holds for every answer, whatever was asked.
func checkAnswer(tb testing.TB, got result) {
	tb.Helper()
	if got.status >= 500 {
		tb.Fatalf("status = %d: %s", got.status, got.body)
	}
	if got.status >= 400 {
		p := got.object(tb)
		if p["code"] == "" || p["type"] == "" || got.header.Get("Content-Type") != "application/problem+json" {
			tb.Fatalf("not a problem: %d %s", got.status, got.body)
		}
		if strings.Contains(got.body, secret) {
			tb.Fatalf("a value is repeated: %s", got.body)
		}
	}
}

// keyed reports whether the secret is the name of a member, which a problem may repeat: it says where it is.
func keyed(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if strings.Contains(key, secret) || keyed(value) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, keyed)
	}
	return false
}

// FuzzBodies sends anything to every operation that takes a body.
func FuzzBodies(f *testing.F) {
	w := newConference(f)
	var rows []access
	for _, row := range accessTable() {
		if row.body == nil {
			continue
		}
		body := row.body(w.ours)
		f.Add(uint8(len(rows)), []byte(body))
		f.Add(uint8(len(rows)), []byte(body[:len(body)-1]))
		f.Add(uint8(len(rows)), []byte(strings.Replace(body, "{", `{"password":"`+secret+`","name":["`+secret+`"],"data":"`+secret+`",`, 1)))
		rows = append(rows, row)
	}
	for i := range rows {
		for _, body := range []string{
			`null`, `[]`, `{}`, `""`, `1e999`, `{"name":null}`, `{"active":null,"role":1,"entity_id":-1}`, "{\"name\":\"\xff\"}",
			`{"name":"` + secret + "\\u0000" + `"}`, strings.Repeat("[", 70), `{"entity_id":1e30,"professional_id":0.5,"department_id":"1"}`,
			`{"instructions":{"prompt":"` + secret + `","rules":[1]}}`, `{"context":[]}`, `{"events":[{"name":"` + secret + `","data":1}]}`,
		} {
			f.Add(uint8(i), []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		row := rows[int(which)%len(rows)]
		var parsed any
		if json.Unmarshal(body, &parsed) == nil && keyed(parsed) {
			return // a member by that name is rightly named in the answer
		}
		checkAnswer(t, w.do(t, w.admin, row.method, row.path(w.ours), string(body)))
	})
}

// FuzzPaths asks for records of any id.
func FuzzPaths(f *testing.F) {
	w := newWorld(f)
	for _, id := range []string{"1", "0", "-1", "+1", "1.0", "0x1", "9223372036854775808", "2147483648", "", " ", "\x00", "\xff", "١", "%00", "1/2", "..", "null"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		for _, path := range []string{"/v1/rooms/", "/v1/rooms/1/participants/", "/docs/"} {
			checkAnswer(t, w.do(t, w.admin, http.MethodGet, "/", "", func(r *http.Request) { r.URL = &url.URL{Path: path + id} }))
		}
	})
}

// FuzzQueries asks for lists with any query, and in particular any cursor.
func FuzzQueries(f *testing.F) {
	w := newWorld(f)
	for _, query := range []string{
		"", "limit=1", "limit=99999999999999999999", "limit=1e1", "cursor=e30", "cursor=%00", "active=2", "active", "=", "&&", "%zz", "a=%ff",
		"limit=1;cursor=x", "from=2025-11-03T14:30:00Z&to=0000-01-01T00:00:00Z", "order=newest&name=%F0%9F%98%80", "entity_id=-0", "phone_number=%2B55",
	} {
		f.Add(query, "")
	}
	page := want(f, w.do(f, w.manager, http.MethodGet, "/v1/rooms?limit=1", ""), http.StatusOK, nil)
	next, _ := page["next_cursor"].(string)
	f.Add("", next)
	f.Add("", "eyJpIjoiLTEiLCJsIjoieCJ9")
	f.Fuzz(func(t *testing.T, query, cursor string) {
		if cursor != "" {
			query = url.Values{"cursor": {cursor}}.Encode()
		}
		for _, path := range []string{"/v1/rooms", "/v1/users", "/v1/rooms/1/events", "/v1/professionals"} {
			checkAnswer(t, w.do(t, w.manager, http.MethodGet, path, "", func(r *http.Request) { r.URL.RawQuery = query }))
		}
	})
}

// FuzzHeaders sends any value of the headers that are read.
func FuzzHeaders(f *testing.F) {
	w := newWorld(f, func(c *httpapi.Config) { c.TrustProxy = true })
	for _, value := range []string{"", "Bearer", "bearer x", "application/json; charset=x", "a+b;c", ";+", "a;q,", "*/*;q=x", "1.2.3.4, ::1%eth0", "::ffff:1.2.3.4", "\x00", "é"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, name := range []string{"Authorization", "Content-Type", "Accept", "X-Request-Id", "X-Forwarded-For", "Accept-Encoding"} {
			got := w.do(t, w.admin, http.MethodPost, "/v1/rooms", `{"name":"x"}`, func(r *http.Request) { r.Header[name] = []string{value} })
			checkAnswer(t, got)
		}
	})
}

// FuzzPatchMembers decodes the members of a merge patch, which never fails: what is wrong is told later, with its place.
func FuzzPatchMembers(f *testing.F) {
	for _, raw := range []string{`null`, `"x"`, `1`, `1.5`, `1e400`, `{}`, `{"a":null}`, `[]`, `true`, `"\u0000"`} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var members struct {
			Text   httpapi.Patch[string]
			Number httpapi.NullablePatch[int64]
			Object httpapi.NullablePatch[httpapi.Object]
			Absent httpapi.Patch[bool]
		}
		if !json.Valid([]byte(raw)) {
			return
		}
		if err := json.Unmarshal([]byte(`{"Text":`+raw+`,"Number":`+raw+`,"Object":`+raw+`}`), &members); err != nil {
			t.Fatal(err)
		}
		if members.Absent.Present || members.Absent.Null {
			t.Error("a member that was not sent is there")
		}
		null := strings.TrimSpace(raw) == "null"
		if !members.Text.Present || members.Text.Null != null || members.Number.Null != null || members.Object.Null != null {
			t.Errorf("%s: present %v, null %v", raw, members.Text.Present, members.Text.Null)
		}
		if null && (members.Text.Value != "" || members.Number.Value != 0) {
			t.Error("null has a value")
		}
	})
}
