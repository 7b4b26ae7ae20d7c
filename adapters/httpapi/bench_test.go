package httpapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/adapters/httpapi"
)

// BenchmarkAPI measures the whole way through the handler, over the store of the tests.
func BenchmarkAPI(b *testing.B) {
	w := newWorld(b)
	for i := range 50 {
		w.create(b, fmt.Sprintf("/v1/entities/%d/departments", w.ours.entity), `{"name":"department %d","instructions":{"prompt":"a prompt"}}`, i)
	}
	event := `{"name":"transcript","data":{"text":"Bom dia, doutor.","speaker":"patient","confidence":0.93}}`
	batch := `{"events":[` + strings.Repeat(event+",", 99) + event + `]}`
	for _, bm := range []struct{ name, method, path, body string }{
		{"Get", http.MethodGet, fmt.Sprintf("/v1/departments/%d", w.ours.department), ""},
		{"List", http.MethodGet, fmt.Sprintf("/v1/entities/%d/departments?limit=50", w.ours.entity), ""},
		{"Instructions", http.MethodGet, fmt.Sprintf("/v1/rooms/%d/instructions", w.ours.room), ""},
		{"Patch", http.MethodPatch, fmt.Sprintf("/v1/departments/%d", w.ours.department), `{"name":"renamed"}`},
		{"Event", http.MethodPost, fmt.Sprintf("/v1/rooms/%d/events", w.ours.room), event},
		{"Batch", http.MethodPost, fmt.Sprintf("/v1/rooms/%d/events/batch", w.ours.room), batch},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), bm.method, bm.path, strings.NewReader(bm.body))
				r.Header.Set("Authorization", "Bearer "+w.admin)
				recorder := httptest.NewRecorder()
				w.handler.ServeHTTP(recorder, r)
				if recorder.Code >= 300 {
					b.Fatal(recorder.Body)
				}
			}
		})
	}
}

// BenchmarkNew measures what the API adds to the start of the service.
func BenchmarkNew(b *testing.B) {
	services := newServices(inMemory(realTime))
	for b.Loop() {
		httpapi.New(httpapi.Config{Services: services})
	}
}

// BenchmarkDecode measures what comes before the use case.
func BenchmarkDecode(b *testing.B) {
	const event = `{"name":"participant_joined","data":{"identity":"user-17","source":"livekit","sequence":17}}`
	one, hundred := []byte(event), []byte(`{"events":[`+strings.Repeat(event+",", 99)+event+`]}`)
	b.Run("Event", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := httpapi.DecodeEvent(one); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Events", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := httpapi.DecodeEvents(hundred); err != nil {
				b.Fatal(err)
			}
		}
	})
}
