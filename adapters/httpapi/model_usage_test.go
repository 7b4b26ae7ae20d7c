package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/metering"
)

func TestModelUsageOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tenant, err := id.Parse[agenda.Clinic](w.ours.frontDesk.tenant)
	if err != nil {
		t.Fatal(err)
	}
	use := metering.ModelUse{
		TenantID: tenant, EntityID: clinic.EntityID(w.ours.entity), Day: agenda.Date{Year: 2026, Month: time.November, Day: 9},
		Provider: "llm.example.com", Model: "llama-3", Calls: 3, Failures: 1, InputTokens: 2400, CachedInputTokens: 512, OutputTokens: 180,
	}
	if err := w.repos.ModelUses.Add(t.Context(), use); err != nil {
		t.Fatal(err)
	}
	path := "/v1/clinics/" + w.ours.frontDesk.tenant + "/model-usage"
	got := w.do(t, w.admin, http.MethodGet, path+"?from=2026-11-01&to=2026-11-30", "").object(t)
	want := map[string]any{
		"from": "2026-11-01", "to": "2026-11-30", "timezone": "America/Sao_Paulo",
		"rows": []any{map[string]any{
			"day": "2026-11-09", "provider": "llm.example.com", "model": "llama-3", "calls": 3.0, "failures": 1.0, "tokens_input": 2400.0,
			"cached_tokens_input": 512.0, "tokens_output": 180.0, "cost": 0.0, "currency": nil, "unpriced": true,
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if rows := w.do(t, w.admin, http.MethodGet, path+"?from=2026-11-10&to=2026-11-30", "").object(t)["rows"]; !cmp.Equal(rows, []any{}) {
		t.Errorf("rows of other days = %v", rows)
	}
	for _, bad := range []string{"?from=2026-11-31", "?to=amanh%C3%A3", "?from=2026-11-30&to=2026-11-01", "?from=2020-01-01&to=2026-11-01"} {
		wantProblem(t, w.do(t, w.admin, http.MethodGet, path+bad, ""), http.StatusUnprocessableEntity, "invalid-input")
	}
}
