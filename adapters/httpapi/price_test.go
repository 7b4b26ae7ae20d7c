package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// noRepricing is the id of no repricing.
const noRepricing = "01985c1e-7f3a-7a10-8a53-0f4b7c1de999"

func priceID(c clinicIDs) int64  { return c.price }
func budgetID(c clinicIDs) int64 { return c.budget }

func repricingPath(c clinicIDs) string { return "/v1/usage/repricings/" + c.repricing }

// reprice orders a repricing as the manager, and returns its id.
func (w *world) reprice(tb testing.TB, entity int64) string {
	tb.Helper()
	got := w.do(tb, w.manager, http.MethodPost, "/v1/usage/repricings",
		fmt.Sprintf(`{"entity_id":%d,"from":"2025-11-01T00:00:00Z","to":"2025-12-01T00:00:00Z"}`, entity))
	if got.status != http.StatusAccepted {
		tb.Fatalf("ordering a repricing: %d %s", got.status, got.body)
	}
	var record struct{ ID string }
	got.decode(tb, &record)
	return record.ID
}

func TestPricesOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := `{"provider":"openai","model_pattern":"gpt-4o*","unit":"input_tokens","price":0.0000025,"currency":"USD","valid_from":"2025-11-01T00:00:00-03:00"}`
	made := w.do(t, w.manager, http.MethodPost, "/v1/model-prices", body)
	record := want(t, made, http.StatusCreated, map[string]any{
		"entity_id": nil, "provider": "openai", "model_pattern": "gpt-4o*", "unit": "input_tokens", "per": 1.0, "currency": "USD",
		"valid_from": "2025-11-01T03:00:00Z", "active": true, "example": false,
	})
	if !strings.Contains(made.body, `"price":0.0000025,`) {
		t.Errorf("the price is not written as it is: %s", made.body)
	}
	path := fmt.Sprintf("/v1/model-prices/%d", int64(record["id"].(float64)))
	if location := made.header.Get("Location"); location != path {
		t.Errorf("Location = %q, want %q", location, path)
	}
	wantProblem(t, w.do(t, w.manager, http.MethodPost, "/v1/model-prices", body), http.StatusConflict, "price-exists")
	for wrong, at := range map[string]string{
		strings.Replace(body, "0.0000025", "0.00000000001", 1):   "body.price",
		strings.Replace(body, "0.0000025", "-1", 1):              "body.price",
		strings.Replace(body, "0.0000025", `"free"`, 1):          "body.price",
		strings.Replace(body, "input_tokens", "words", 1):        "body.unit",
		strings.Replace(body, "USD", "usd", 1):                   "body.currency",
		strings.Replace(body, `"openai"`, `"openai","per":7`, 1): "body.per",
	} {
		p := wantProblem(t, w.do(t, w.manager, http.MethodPost, "/v1/model-prices", wrong), http.StatusUnprocessableEntity, "invalid-input")
		if got := fmt.Sprint(p["errors"]); !strings.Contains(got, at) {
			t.Errorf("%s: errors %s, want one at %s", wrong, got, at)
		}
	}
	changed := w.do(t, w.manager, http.MethodPatch, path, `{"price":12345678.0000000001,"per":1000}`)
	want(t, changed, http.StatusOK, map[string]any{"per": 1000.0})
	if !strings.Contains(changed.body, `"price":12345678.0000000001,`) {
		t.Errorf("the price is not written as it is: %s", changed.body)
	}
	wantProblem(t, w.do(t, w.manager, http.MethodPatch, path, `{"price":1e-11}`), http.StatusUnprocessableEntity, "invalid-input")

	count := func(token, query string) int {
		t.Helper()
		var list struct{ Items []any }
		w.do(t, token, http.MethodGet, "/v1/model-prices"+query, "").decode(t, &list)
		return len(list.Items)
	}
	ours := fmt.Sprintf("?entity_id=%d", w.ours.entity)
	for _, c := range []struct {
		token, query string
		want         int
	}{
		{w.manager, "", 3},
		{w.admin, "", 2},
		{w.other, "", 2},
		{w.other, ours, 0},
		{w.admin, ours, 1},
		{w.admin, "?platform=true", 1},
		{w.manager, "?provider=openai&unit=input_tokens&active=true", 1},
		{w.manager, "?active=false", 0},
	} {
		if got := count(c.token, c.query); got != c.want {
			t.Errorf("%q: %d prices, want %d", c.query, got, c.want)
		}
	}
	install := func(change ...func(*http.Request)) result {
		t.Helper()
		return w.do(t, w.manager, http.MethodPost, "/v1/model-prices/example", "", change...)
	}
	withKey := func(r *http.Request) { r.Header.Set("Idempotency-Key", "install") }
	first := install(withKey)
	installed := want(t, first, http.StatusOK, map[string]any{"skipped": 0.0})
	if repeated := install(withKey); repeated.body != first.body {
		t.Errorf("repeated with its key: %s, want %s", repeated.body, first.body)
	}
	again := want(t, install(), http.StatusOK, map[string]any{"created": 0.0, "skipped": installed["created"], "as_of": installed["as_of"]})
	if n, _ := again["skipped"].(float64); n < 20 {
		t.Errorf("the starter list has %v prices", n)
	}
}

func TestBudgetsOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := fmt.Sprintf("/v1/budgets/%d", w.ours.budget)
	want(t, w.do(t, w.admin, http.MethodGet, path, ""), http.StatusOK, map[string]any{
		"entity_id": float64(w.ours.entity), "department_id": nil, "limit_amount": 500.0, "currency": "USD", "warn_percent": 80.0,
		"refuse": false, "active": true, "spent": 0.0, "state": "ok",
	})
	want(t, w.do(t, w.manager, http.MethodPost, "/v1/model-prices",
		`{"model_pattern":"gpt-4","unit":"input_tokens","price":2.5,"per":1000000,"currency":"USD","valid_from":"2020-01-01T00:00:00Z"}`), http.StatusCreated, nil)
	used := fmt.Sprintf("/v1/usage/%d", w.theirs.usage)
	want(t, w.do(t, w.other, http.MethodPatch, used, `{"model":"gpt-4","add":{"total_tokens_input":100000}}`), http.StatusOK, map[string]any{"cost_estimate": 0.25})
	theirs := fmt.Sprintf("/v1/budgets/%d", w.theirs.budget)
	got := w.do(t, w.other, http.MethodPatch, theirs, `{"limit_amount":0.3,"refuse":true}`)
	want(t, got, http.StatusOK, map[string]any{"limit_amount": 0.3, "spent": 0.25, "state": "warning", "refuse": true})
	want(t, w.do(t, w.other, http.MethodPatch, theirs, `{"limit_amount":0.25}`), http.StatusOK, map[string]any{"state": "exceeded"})
	start := fmt.Sprintf("/v1/rooms/%d/usage", w.theirs.room)
	wantProblem(t, w.do(t, w.other, http.MethodPost, start, fmt.Sprintf(`{"participant_id":%d}`, w.theirs.agent)), http.StatusConflict, "budget-exceeded")

	for wrong, at := range map[string]string{
		`{"limit_amount":0}`:         "body.limit_amount",
		`{"limit_amount":0.0000001}`: "body.limit_amount",
		`{"limit_amount":null}`:      "body.limit_amount",
		`{"warn_percent":101}`:       "body.warn_percent",
		`{"currency":"reais"}`:       "body.currency",
	} {
		p := wantProblem(t, w.do(t, w.admin, http.MethodPatch, path, wrong), http.StatusUnprocessableEntity, "invalid-input")
		if got := fmt.Sprint(p["errors"]); !strings.Contains(got, at) {
			t.Errorf("%s: errors %s, want one at %s", wrong, got, at)
		}
	}
	for token, wanted := range map[string][]int64{w.manager: {w.ours.budget, w.theirs.budget}, w.admin: {w.ours.budget}, w.other: {w.theirs.budget}} {
		var list struct{ Items []struct{ ID int64 } }
		w.do(t, token, http.MethodGet, "/v1/budgets", "").decode(t, &list)
		var ids []int64
		for _, v := range list.Items {
			ids = append(ids, v.ID)
		}
		if !slices.Equal(ids, wanted) {
			t.Errorf("%s sees the budgets %v, want %v", token, ids, wanted)
		}
	}
	taken := fmt.Sprintf(`{"entity_id":%d,"limit_amount":1,"currency":"USD"}`, w.ours.entity)
	wantProblem(t, w.do(t, w.admin, http.MethodPost, "/v1/budgets", taken), http.StatusConflict, "budget-exists")
}

func TestRepricingsOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.do(t, w.manager, http.MethodPost, "/v1/usage/repricings", `{"from":"2025-11-01T00:00:00-03:00","to":"2025-12-01T00:00:00-03:00"}`)
	record := want(t, made, http.StatusAccepted, map[string]any{
		"entity_id": nil, "from": "2025-11-01T03:00:00Z", "status": "pending", "sessions": 0.0, "changed": 0.0, "before": []any{},
		"after": []any{}, "finished_at": nil,
	})
	if location := made.header.Get("Location"); location != fmt.Sprint("/v1/usage/repricings/", record["id"]) {
		t.Errorf("Location = %q", location)
	}
	if read := w.do(t, w.manager, http.MethodGet, made.header.Get("Location"), ""); read.body != made.body {
		t.Errorf("read as\n%swant as it was made\n%s", read.body, made.body)
	}
	wantProblem(t, w.do(t, w.admin, http.MethodGet, made.header.Get("Location"), ""), http.StatusNotFound, "repricing-not-found")
	backwards := `{"from":"2025-12-01T00:00:00Z","to":"2025-11-01T00:00:00Z"}`
	p := wantProblem(t, w.do(t, w.manager, http.MethodPost, "/v1/usage/repricings", backwards), http.StatusUnprocessableEntity, "invalid-input")
	if got := fmt.Sprint(p["errors"]); !strings.Contains(got, "body.to") {
		t.Errorf("errors %s, want one at body.to", got)
	}
	for token, wanted := range map[string][]string{
		w.manager: {record["id"].(string), w.theirs.repricing, w.ours.repricing}, w.admin: {w.ours.repricing}, w.other: {w.theirs.repricing},
	} {
		var list struct{ Items []struct{ ID string } }
		w.do(t, token, http.MethodGet, "/v1/usage/repricings", "").decode(t, &list)
		var ids []string
		for _, v := range list.Items {
			ids = append(ids, v.ID)
		}
		slices.Sort(ids) // those of one millisecond are in no order
		slices.Sort(wanted)
		if !slices.Equal(ids, wanted) {
			t.Errorf("%s sees the repricings %v, want %v", token, ids, wanted)
		}
	}
}
