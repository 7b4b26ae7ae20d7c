package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEventsAreCheckedByTheOperatorsSchemas(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "schemas.json")
	schemas := `{"transcript":{"type":"object","required":["text"],"properties":{"text":{"type":"string"}}}}`
	if err := os.WriteFile(path, []byte(schemas), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServe(t, map[string]string{
		"SECRETARY_ADMIN_EMAIL": "root@clinic.example", "SECRETARY_ADMIN_PASSWORD": testPassword, "SECRETARY_EVENT_SCHEMAS": path,
	})
	c, err := newClient(t.Context(), s.url, credentials{"root@clinic.example", testPassword})
	if err != nil {
		t.Fatal(err)
	}
	f := flow{t, c}
	var room struct{ ID json.Number }
	f.do(http.MethodPost, "/v1/rooms", `{"name":"visit"}`, &room)
	events := "/v1/rooms/" + room.ID.String() + "/agent-events"
	f.do(http.MethodPost, events, `{"name":"transcript","data":{"text":"Bom dia"}}`, nil)
	err = c.call(t.Context(), http.MethodPost, events, json.RawMessage(`{"name":"transcript","data":{"text":7}}`), nil)
	if err == nil || !strings.Contains(err.Error(), "422") || !strings.Contains(err.Error(), "data.text") {
		t.Errorf("an event with a number for a text: %v, want 422 and data.text", err)
	}
}
