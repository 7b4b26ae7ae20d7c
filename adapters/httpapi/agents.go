package httpapi

import (
	"bytes"
	"io"
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/secretary-api/secretary/core/identity"
)

// Agents answers AI agents, which speak the Model Context Protocol and not this API.
type Agents interface {
	// ServeAgent answers a request of an actor, whose body is bounded and whose trail is in the request's context. The path is
	// /mcp, /sse, or /mcp/professionals/{slug} with the path value "slug". An error is told to the client as a problem:
	// nothing has been answered then.
	ServeAgent(w http.ResponseWriter, r *http.Request, actor identity.Actor) error
}

// serveAgents mounts what agents call. It is not part of the OpenAPI document: agents ask for the list of tools.
func (s *server) serveAgents(router chi.Router, agents Agents) {
	if agents == nil {
		return
	}
	serve := func(w http.ResponseWriter, r *http.Request) { s.serveAgent(w, r, agents) }
	router.Post("/mcp", serve)
	router.Post("/mcp/professionals/{slug}", serve)
	router.Get("/sse", serve)
	router.Post("/sse", serve)
}

// serveAgent does for a request of an agent what the middlewares do for an operation.
func (s *server) serveAgent(w http.ResponseWriter, r *http.Request, agents Agents) {
	info := requestOf(r.Context())
	who, p := s.identify(r.Context(), r.Header.Get("Authorization"))
	if p != nil {
		writeProblem(w, p)
		return
	}
	info.actor = who
	ctx := identity.WithTrail(r.Context(), identity.Trail{Actor: who.String(), RequestID: info.id})
	r = r.WithContext(ctx)
	if r.Method == http.MethodPost {
		raw, err := receiveBody(w, r, s.maxBody)
		if err == nil {
			err = checkJSON(raw)
		}
		if err != nil {
			writeProblem(w, bodyProblem(err, s.maxBody))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(raw))
	}
	if err := agents.ServeAgent(w, r, who); err != nil {
		writeProblem(w, s.problem(ctx, err))
	}
}
