package httpapi

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/secretary-api/secretary/core/errs"
)

// readyRetry is when who asked a service that is not ready may ask again.
const readyRetry = time.Second

// serveOperational serves what operators and orchestrators ask for. It is not part of the OpenAPI document, and needs
// no token: it tells nothing but whether.
func (s *server) serveOperational(router chi.Router, cfg Config) {
	router.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		serveBytes(w, "application/json", []byte(`{"status":"ok"}`+"\n"))
	})
	router.Get("/readyz", func(w http.ResponseWriter, r *http.Request) {
		if cfg.Ready != nil {
			if err := cfg.Ready(r.Context()); err != nil {
				away := errs.Wrap(errs.Unavailable, "not-ready", "not ready", err)
				away.Retry = readyRetry
				writeProblem(w, s.problem(r.Context(), away))
				return
			}
		}
		serveBytes(w, "application/json", []byte(`{"status":"ready"}`+"\n"))
	})
	if cfg.Metrics != nil {
		router.Method(http.MethodGet, "/metrics", cfg.Metrics)
	}
}
