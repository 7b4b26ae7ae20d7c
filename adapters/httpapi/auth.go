package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/secretary-api/secretary/core/identity"
)

// authenticate lets a request through when its operation is public, or when its bearer token is good. What the OpenAPI
// document says about an operation's security is what happens.
func (s *server) authenticate(ctx huma.Context, next func(huma.Context)) {
	if len(ctx.Operation().Security) == 0 {
		next(asActor(ctx, identity.Actor{}))
		return
	}
	who, p := s.identify(ctx.Context(), ctx.Header("Authorization"))
	if p != nil {
		refuse(ctx, p)
		return
	}
	requestOf(ctx.Context()).actor = who
	next(asActor(ctx, who))
}

// identify returns who an Authorization header stands for, or the problem that is the answer.
func (s *server) identify(ctx context.Context, authorization string) (identity.Actor, *Problem) {
	token, ok := bearer(authorization)
	if !ok {
		return identity.Actor{}, newProblem(http.StatusUnauthorized, "missing-token", "send an access token or an API key as Authorization: Bearer")
	}
	who, err := s.Sessions.Authenticate(ctx, token)
	if err != nil {
		p := s.problem(ctx, err)
		if p.Status == http.StatusUnauthorized {
			p.headers = http.Header{"Www-Authenticate": {`Bearer error="invalid_token"`}}
		}
		return identity.Actor{}, p
	}
	return who, nil
}

// asActor has the store's audit log tell who acts, and in which request.
func asActor(ctx huma.Context, who identity.Actor) huma.Context {
	trail := identity.Trail{Actor: who.String(), RequestID: requestOf(ctx.Context()).id}
	return huma.WithContext(ctx, identity.WithTrail(ctx.Context(), trail))
}

// forRoomAgents says in the description of one of the few operations for which a room agent's token is good when it is; ""
// of any other. It decides nothing: the use cases do.
func forRoomAgents(operation string) string {
	switch operation {
	case "get-room-instructions", "append-agent-event", "append-agent-events", "start-usage":
		return " An AI agent may do it with the token that it was handed, in its own room, while its time there lasts."
	case "update-usage", "report-usage", "end-usage":
		return " An AI agent may do it with the token that it was handed, for its own session, up to 10 minutes after its room was closed."
	}
	return ""
}

// bearer takes the token out of an Authorization header.
func bearer(header string) (token string, ok bool) {
	scheme, token, ok := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, ok && strings.EqualFold(scheme, "Bearer") && token != ""
}

// refuse ends a request in a middleware.
func refuse(ctx huma.Context, p *Problem) {
	_, w := humachi.Unwrap(ctx)
	writeProblem(w, p)
}
