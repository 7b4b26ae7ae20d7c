package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// What every answer says, in the form in which net/http keeps it: nobody changes these.
var (
	noSniff = []string{"nosniff"}  //nolint:gochecknoglobals // a constant, but for the language
	noStore = []string{"no-store"} //nolint:gochecknoglobals // as above
)

// observe gives the request its id, logs it, and turns a panic into a problem. The log has the route's pattern and
// never a query, a body or a header: those hold personal data.
func (s *server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		info := &request{id: requestIDOf(r), address: s.addressOf(r), answer: w.Header()}
		ctx := context.WithValue(r.Context(), requestKey{}, info)
		info.answer["X-Request-Id"] = []string{info.id}
		info.answer["X-Content-Type-Options"] = noSniff
		info.answer["Cache-Control"] = noStore
		// huma knows of one format, and its negotiation would panic on some malformed headers.
		info.accept = strings.Join(r.Header["Accept"], ",")
		delete(r.Header, "Accept")
		answer := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			if failure := recover(); failure != nil {
				s.survive(ctx, answer, failure)
			}
			s.logRequest(ctx, r, info, answer.Status(), time.Since(start))
		}()
		next.ServeHTTP(answer, r.WithContext(ctx))
	})
}

// survive answers a request whose handler panicked.
func (s *server) survive(ctx context.Context, w middleware.WrapResponseWriter, failure any) {
	if err, ok := failure.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(failure) // net/http's agreement: cut the connection off
	}
	level := slog.LevelError
	if ctx.Err() != nil {
		level = slog.LevelWarn // most likely writing failed because the client went away, which is no error of ours
	}
	s.log.LogAttrs(ctx, level, "panic", requestID(ctx),
		slog.String("err", fmt.Sprint(failure)), slog.String("stack", string(debug.Stack())))
	if w.Status() == 0 {
		writeProblem(w, internalProblem())
	}
}

func (s *server) logRequest(ctx context.Context, r *http.Request, info *request, status int, took time.Duration) {
	route := ""
	//nolint:contextcheck // the pattern is in the request's own context, which chi filled in
	if rc := chi.RouteContext(r.Context()); rc != nil {
		route = rc.RoutePattern()
	}
	if status == 0 {
		status = http.StatusOK
	}
	if s.measure != nil {
		s.measure(route, r.Method, status, took)
	}
	level := slog.LevelInfo
	if route == "/healthz" || route == "/readyz" || route == "/metrics" {
		level = slog.LevelDebug
	}
	if !s.log.Enabled(ctx, level) {
		return
	}
	s.log.LogAttrs(ctx, level, "request", slog.String("request_id", info.id), slog.String("method", r.Method),
		slog.String("route", route), slog.Int("status", status), slog.Duration("duration", took),
		slog.String("actor", info.actor.String()))
}

func (s *server) routeNotFound(w http.ResponseWriter, _ *http.Request) {
	writeProblem(w, newProblem(http.StatusNotFound, "route-not-found", "there is nothing at this path"))
}

// methodNotAllowed answers 405 with the methods that the path has, as RFC 9110 asks.
func (s *server) methodNotAllowed(routes chi.Routes) http.HandlerFunc {
	methods := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	return func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range methods {
			if routes.Match(chi.NewRouteContext(), method, r.URL.Path) {
				allowed = append(allowed, method)
			}
		}
		if slices.Contains(allowed, http.MethodGet) {
			allowed = append(allowed, http.MethodHead)
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		writeProblem(w, newProblem(http.StatusMethodNotAllowed, "method-not-allowed", "the path does not have this method"))
	}
}
