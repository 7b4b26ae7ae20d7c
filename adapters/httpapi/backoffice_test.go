package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/httpapi"
)

// want checks the members of an answer that the caller names.
func want(tb testing.TB, got result, status int, members map[string]any) map[string]any {
	tb.Helper()
	if got.status != status {
		tb.Fatalf("status = %d, want %d: %s", got.status, status, got.body)
	}
	record := got.object(tb)
	for name, value := range members {
		actual, there := record[name]
		if !there || !cmp.Equal(actual, value) {
			tb.Errorf("%s = %v (there: %v), want %v", name, actual, there, value)
		}
	}
	return record
}

// TestRecords walks every resource through its life: created, read as it was created, changed, and deactivated.
func TestRecords(t *testing.T) {
	t.Parallel()
	type m = map[string]any
	tests := []struct {
		name, collection, record string // record is the path of one, with %d
		body                     string
		made                     m
		members                  []string // every member of the record
		patch                    string
		changed                  m
		deleted                  m // nil: there is no DELETE
	}{
		{
			name: "User", collection: "/v1/users", record: "/v1/users/%d",
			body: `{"email":"Bia@Clinic.Example","password":"correct horse battery","phone_number":"(11) 95555-0099","role":"MANAGER","entity_id":null}`,
			made: m{"email": "bia@clinic.example", "phone_number": "+5511955550099", "role": "MANAGER", "entity_id": nil, "active": true},
			members: []string{
				"active", "created_at", "email", "entity_id", "id", "phone_number", "role", "updated_at",
			},
			patch: `{"phone_number":"+5511955550098","password":"another long one","role":"ENTITY_ADMIN","entity_id":1}`,
			changed: m{
				"phone_number": "+5511955550098", "email": "bia@clinic.example", "role": "ENTITY_ADMIN", "entity_id": 1.0,
			},
			deleted: m{"active": false},
		},
		{
			name: "Entity", collection: "/v1/entities", record: "/v1/entities/%d",
			body:    `{"name":" Clínica XYZ ","instructions":{"prompt":"a","rules":["r"],"n":1.50,"x":{"y":1}}}`,
			made:    m{"name": "Clínica XYZ", "type": "", "active": true, "instructions": m{"prompt": "a", "rules": []any{"r"}, "n": 1.5, "x": m{"y": 1.0}}},
			members: []string{"active", "created_at", "id", "instructions", "name", "type", "updated_at"},
			patch:   `{"instructions":{"prompt":null,"x":{"z":2}}}`,
			changed: m{"name": "Clínica XYZ", "instructions": m{"rules": []any{"r"}, "n": 1.5, "x": m{"y": 1.0, "z": 2.0}}},
			deleted: m{"active": false},
		},
		{
			name: "Department", collection: "/v1/entities/1/departments", record: "/v1/departments/%d",
			body:    `{"name":"Cardiologia \"A\"\n","instructions":{"prompt":"é <b>"}}`,
			made:    m{"name": "Cardiologia \"A\"", "entity_id": 1.0, "active": true, "instructions": m{"prompt": "é <b>"}},
			members: []string{"active", "created_at", "entity_id", "id", "instructions", "name", "updated_at"},
			patch:   `{"instructions":null,"active":false}`, changed: m{"instructions": nil, "active": false, "entity_id": 1.0},
			deleted: m{"active": false},
		},
		{
			name: "Professional", collection: "/v1/professionals", record: "/v1/professionals/%d",
			body: `{"name":"Dr. João","phone_number":"+5511955550097","email":"j@clinic.example","license_number":"CRM 1","external_id":null}`,
			made: m{"name": "Dr. João", "email": "j@clinic.example", "license_number": "CRM 1", "external_id": nil, "active": true},
			members: []string{
				"active", "created_at", "email", "external_id", "id", "license_number", "name", "phone_number", "updated_at",
			},
			patch: `{"email":null,"external_id":"x-1"}`, changed: m{"email": nil, "external_id": "x-1", "license_number": "CRM 1"},
			deleted: m{"active": false},
		},
		{
			name: "Membership", collection: "/v1/professionals/1/memberships", record: "/v1/memberships/%d",
			body:    `{"entity_id":1}`,
			made:    m{"professional_id": 1.0, "entity_id": 1.0, "department_id": nil, "active": true},
			members: []string{"active", "created_at", "department_id", "entity_id", "id", "professional_id", "updated_at"},
			patch:   `{"active":false}`, changed: m{"active": false},
			deleted: m{"active": false},
		},
		{
			name: "Participant", collection: "/v1/participants", record: "/v1/participants/%d",
			body: `{"name":"Maria","type":"PROFESSIONAL","phone_number":"+5511955550096","professional_id":1,"entity_id":1}`,
			made: m{"name": "Maria", "type": "PROFESSIONAL", "professional_id": 1.0, "entity_id": 1.0, "external_id": nil},
			members: []string{
				"created_at", "entity_id", "external_id", "id", "name", "phone_number", "professional_id", "type", "updated_at",
			},
			patch: `{"professional_id":null,"external_id":"p-9"}`, changed: m{"professional_id": nil, "external_id": "p-9", "name": "Maria"},
		},
		{
			name: "Room", collection: "/v1/rooms", record: "/v1/rooms/%d",
			body: `{"name":"Consulta","entity_id":1,"department_id":1,"professional_id":1,"type":"CLIENT","phone_number":"+5511955550095"}`,
			made: m{
				"name": "Consulta", "status": "OPEN", "entity_id": 1.0, "department_id": 1.0, "professional_id": 1.0, "type": "CLIENT",
				"phone_number": "+5511955550095", "external_id": nil, "livekit_sid": nil, "closed_at": nil,
				"closed_reason": nil, "agent": nil, "empty_timeout_seconds": 600.0, "departure_timeout_seconds": 60.0, "max_participants": 0.0,
			},
			members: []string{
				"agent", "closed_at", "closed_reason", "created_at", "department_id", "departure_timeout_seconds", "empty_timeout_seconds",
				"entity_id", "external_id", "id", "livekit_name", "livekit_sid", "max_participants", "name", "opened_at",
				"phone_number", "professional_id", "status", "type", "updated_at",
			},
			patch: `{"status":"IN_PROGRESS","professional_id":null,"type":"AGENT","phone_number":null}`,
			changed: m{
				"status": "IN_PROGRESS", "professional_id": nil, "type": "AGENT", "phone_number": nil, "closed_at": nil,
			},
			deleted: m{"status": "CLOSED", "closed_reason": "requested"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			made := w.do(t, w.manager, http.MethodPost, tt.collection, tt.body)
			record := want(t, made, http.StatusCreated, tt.made)
			path := fmt.Sprintf(tt.record, int64(record["id"].(float64)))
			if location := made.header.Get("Location"); location != path {
				t.Errorf("Location = %q, want %q", location, path)
			}
			if diff := cmp.Diff(tt.members, sortedKeys(record)); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			read := w.do(t, w.manager, http.MethodGet, path, "")
			if read.body != made.body {
				t.Errorf("read as\n%swant as it was made\n%s", read.body, made.body)
			}
			want(t, w.do(t, w.manager, http.MethodPatch, path, `{}`), http.StatusOK, tt.made)
			asMergePatch := func(r *http.Request) { r.Header.Set("Content-Type", "application/merge-patch+json; charset=utf-8") }
			want(t, w.do(t, w.manager, http.MethodPatch, path, tt.patch, asMergePatch), http.StatusOK, tt.changed)
			if tt.deleted == nil {
				wantProblem(t, w.do(t, w.manager, http.MethodDelete, path, ""), http.StatusMethodNotAllowed, "method-not-allowed")
				return
			}
			for range 2 { // deleting again is no error
				if got := w.do(t, w.manager, http.MethodDelete, path, ""); got.status != http.StatusNoContent || got.body != "" {
					t.Errorf("DELETE: %d %s", got.status, got.body)
				}
			}
			want(t, w.do(t, w.manager, http.MethodGet, path, ""), http.StatusOK, tt.deleted)
		})
	}
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func TestASessionFromLoginToLogout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	login := fmt.Sprintf(`{"email":"OURS@clinic.example","password":%q}`, password)
	first := want(t, w.do(t, "", http.MethodPost, "/v1/auth/login", login), http.StatusOK,
		map[string]any{"token_type": "Bearer", "expires_in": 900.0})
	user, _ := first["user"].(map[string]any)
	if user["email"] != "ours@clinic.example" || user["password"] != nil {
		t.Errorf("user = %v", user)
	}
	access, _ := first["access_token"].(string)
	want(t, w.do(t, access, http.MethodGet, "/v1/me", ""), http.StatusOK,
		map[string]any{"role": "ENTITY_ADMIN", "entity_id": float64(w.ours.entity)})

	refresh := fmt.Sprintf(`{"refresh_token":%q}`, first["refresh_token"])
	second := want(t, w.do(t, "", http.MethodPost, "/v1/auth/refresh", refresh), http.StatusOK, nil)
	wantProblem(t, w.do(t, "", http.MethodPost, "/v1/auth/refresh", refresh), http.StatusUnauthorized, "refresh-token-reused")
	ended := fmt.Sprintf(`{"refresh_token":%q}`, second["refresh_token"])
	wantProblem(t, w.do(t, "", http.MethodPost, "/v1/auth/refresh", ended), http.StatusUnauthorized, "invalid-refresh-token")

	third := want(t, w.do(t, "", http.MethodPost, "/v1/auth/login", login), http.StatusOK, nil)
	refresh = fmt.Sprintf(`{"refresh_token":%q}`, third["refresh_token"])
	if got := w.do(t, "", http.MethodPost, "/v1/auth/logout", refresh); got.status != http.StatusNoContent {
		t.Errorf("logout: %d %s", got.status, got.body)
	}
	wantProblem(t, w.do(t, "", http.MethodPost, "/v1/auth/refresh", refresh), http.StatusUnauthorized, "invalid-refresh-token")
	wrong := strings.Replace(login, "correct", "wrong", 1)
	got := w.do(t, "", http.MethodPost, "/v1/auth/login", wrong)
	wantProblem(t, got, http.StatusUnauthorized, "invalid-credentials")
	unknown := w.do(t, "", http.MethodPost, "/v1/auth/login", strings.Replace(wrong, "OURS", "nobody", 1))
	if unknown.body != got.body || unknown.status != got.status {
		t.Errorf("an unknown user can be told from a wrong password: %s%s", unknown.body, got.body)
	}
}

func TestInstructionsOfARoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	department := fmt.Sprintf("/v1/departments/%d", w.ours.department)
	want(t, w.do(t, w.admin, http.MethodPatch, department, `{"instructions":{"prompt":"Cardiologia","rules":["ouvir"]}}`), http.StatusOK, nil)
	got := w.do(t, w.admin, http.MethodGet, fmt.Sprintf("/v1/rooms/%d/instructions", w.ours.room), "")
	want(t, got, http.StatusOK, map[string]any{
		"instructions": map[string]any{"prompt": "Clínica\n\nCardiologia", "rules": []any{"ouvir"}},
		"text":         "Clínica\n\nCardiologia\n\nrules:\n- ouvir",
		"sources": []any{
			map[string]any{"level": "entity", "id": float64(w.ours.entity)},
			map[string]any{"level": "department", "id": float64(w.ours.department)},
		},
	})
	alone := w.create(t, "/v1/rooms", `{"name":"Avulsa"}`)
	got = w.do(t, w.manager, http.MethodGet, fmt.Sprintf("/v1/rooms/%d/instructions", alone), "")
	want(t, got, http.StatusOK, map[string]any{
		"instructions": map[string]any{"prompt": "Você é a secretária."}, "text": "Você é a secretária.",
		"sources": []any{map[string]any{"level": "platform", "id": nil}},
	})
}

func TestParticipantsOfARoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := fmt.Sprintf("/v1/rooms/%d/participants", w.ours.room)
	body := fmt.Sprintf(`{"participant_id":%d,"context":{"a":1}}`, w.ours.visitor)
	got := w.do(t, w.admin, http.MethodPost, path, body)
	want(t, got, http.StatusCreated, map[string]any{
		"room_id": float64(w.ours.room), "participant_id": float64(w.ours.visitor), "context": map[string]any{"a": 1.0},
	})
	one := fmt.Sprintf("%s/%d", path, w.ours.visitor)
	if location := got.header.Get("Location"); location != one {
		t.Errorf("Location = %q, want %q", location, one)
	}
	wantProblem(t, w.do(t, w.admin, http.MethodPost, path, body), http.StatusConflict, "already-in-room")
	want(t, w.do(t, w.admin, http.MethodPatch, one, `{"context":{"b":2}}`), http.StatusOK,
		map[string]any{"context": map[string]any{"a": 1.0, "b": 2.0}})
	want(t, w.do(t, w.admin, http.MethodPatch, one, `{"context":null}`), http.StatusOK, map[string]any{"context": map[string]any{}})
	if got := w.do(t, w.admin, http.MethodDelete, one, ""); got.status != http.StatusNoContent {
		t.Errorf("DELETE: %d %s", got.status, got.body)
	}
	wantProblem(t, w.do(t, w.admin, http.MethodDelete, one, ""), http.StatusNotFound, "room-participant-not-found")
}

func TestEventsOfARoom(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"events", "agent-events"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			path := fmt.Sprintf("/v1/rooms/%d/%s", w.ours.room, kind)
			one := want(t, w.do(t, w.admin, http.MethodPost, path, `{"name":"first","data":{"n":1.50}}`), http.StatusCreated,
				map[string]any{"name": "first", "room_id": float64(w.ours.room), "data": map[string]any{"n": 1.5}})
			batch := w.do(t, w.admin, http.MethodPost, path+"/batch", `{"events":[{"name":"second"},{"name":"third","data":null}]}`)
			want(t, batch, http.StatusCreated, map[string]any{"inserted": 2.0})
			var many httpapi.AppendedEvents
			batch.decode(t, &many)
			if first := int64(one["id"].(float64)); len(many.IDs) != 2 || first >= many.IDs[0] || many.IDs[0] >= many.IDs[1] {
				t.Errorf("ids %v after %v, want two that rise", many.IDs, one["id"])
			}
			names := func(query string) []string {
				t.Helper()
				var list httpapi.List[httpapi.Event]
				w.do(t, w.admin, http.MethodGet, path+query, "").decode(t, &list)
				var names []string
				for _, e := range list.Items {
					if i := slices.Index(many.IDs, e.ID); i >= 0 && (e.Name != []string{"second", "third"}[i] || !e.CreatedAt.Equal(many.CreatedAt)) {
						t.Errorf("%d of the batch, of %v, is %+v", i, many.CreatedAt, e)
					}
					if e.Name == "first" || e.Name == "second" || e.Name == "third" {
						names = append(names, e.Name)
					}
				}
				return names
			}
			for query, wanted := range map[string][]string{
				"":                              {"first", "second", "third"},
				"?order=newest":                 {"third", "second", "first"},
				"?name=second":                  {"second"},
				"?from=2999-01-01T00:00:00Z":    nil,
				"?to=2000-01-01T00:00:00-03:00": nil,
				"?from=2000-01-01T00:00:00Z&to=2999-01-01T00:00:00.5Z": {"first", "second", "third"},
			} {
				if diff := cmp.Diff(wanted, names(query)); diff != "" {
					t.Errorf("%q (-want +got):\n%s", query, diff)
				}
			}
		})
	}
}
