package httpapi

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/secretary-api/secretary/core/errs"
)

// serveOperational serves what operators and orchestrators ask for. It is not part of the OpenAPI document, and needs
// no token: it tells nothing but whether.
func (s *server) serveOperational(router chi.Router, cfg Config) {
	router.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		serveBytes(w, "application/json", []byte(`{"status":"ok"}`+"\n"))
	})
	router.Get("/readyz", func(w http.ResponseWriter, r *http.Request) {
		if cfg.Ready != nil {
			if err := cfg.Ready(r.Context()); err != nil {
				writeProblem(w, s.problem(r.Context(), errs.Wrap(errs.Unavailable, "not-ready", "not ready", err)))
				return
			}
		}
		serveBytes(w, "application/json", []byte(`{"status":"ready"}`+"\n"))
	})
	if cfg.Metrics != nil {
		router.Method(http.MethodGet, "/metrics", cfg.Metrics)
	}
}
