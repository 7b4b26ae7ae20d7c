package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/service"
)

// Login is who logs in.
type Login struct {
	Email    string `json:"email" maxLength:"254" example:"ana@clinicaxyz.com.br" doc:"In any case."`
	Password string `json:"password" maxLength:"254" writeOnly:"true" example:"correct horse battery"`
}

// RefreshToken is a refresh token on its way back.
type RefreshToken struct {
	RefreshToken string `json:"refresh_token" maxLength:"512" writeOnly:"true" example:"sr_3q2-7wEXAMPLE"`
}

// Session is what a login gives.
type Session struct {
	AccessToken  string `json:"access_token" doc:"Send it as Authorization: Bearer."`
	TokenType    string `json:"token_type" enum:"Bearer" example:"Bearer"`
	ExpiresIn    int64  `json:"expires_in" example:"900" doc:"How long the access token lives, in seconds."`
	RefreshToken string `json:"refresh_token" doc:"Good for one exchange at /v1/auth/refresh."`
	User         User   `json:"user"`
}

func sessionOf(s service.Session) Session {
	return Session{
		AccessToken: s.AccessToken, TokenType: "Bearer", ExpiresIn: int64(s.ExpiresIn / time.Second),
		RefreshToken: s.RefreshToken, User: userOf(s.User),
	}
}

// Permissions is what somebody may do.
type Permissions struct {
	Kind        string       `json:"kind" enum:"user,api_key" example:"user"`
	Role        *string      `json:"role" enum:"MANAGER,ENTITY_ADMIN" example:"ENTITY_ADMIN" doc:"Of a user; null for an API key."`
	EntityID    *int64       `json:"entity_id" example:"3" doc:"The only entity; null for a MANAGER."`
	Scope       string       `json:"scope" enum:"all,entity" example:"entity"`
	Permissions []Permission `json:"permissions" nullable:"false" example:"[\"rooms:read\",\"rooms:write\"]"`
}

func permissionsIn(who identity.Actor, list []identity.Permission) Permissions {
	p := Permissions{
		Kind: "user", Role: nullText(who.Role()), EntityID: nullID(who.EntityID()), Scope: "entity",
		Permissions: permissionsOf[Permission](list),
	}
	if !who.KeyID().IsZero() {
		p.Kind = "api_key"
	}
	if who.Scope().All() {
		p.Scope = "all"
	}
	return p
}

func (s *server) registerSessions() {
	tags := []string{"session"}
	handlePublic(s, huma.Operation{
		OperationID: "login", Method: http.MethodPost, Path: "/v1/auth/login", Tags: tags,
		Summary:     "Log in",
		Description: "Wrong credentials are `invalid-credentials`, whatever is wrong with them. Too many attempts of an account or from an address are `too-many-logins`.",
		Errors:      []int{http.StatusUnauthorized, http.StatusTooManyRequests},
	}, func(ctx context.Context, in *struct{ Body Login }) (*answer[Session], error) {
		v, err := s.Sessions.Login(ctx, service.LoginParams{
			Email: in.Body.Email, Password: in.Body.Password, Address: clientAddress(ctx),
		})
		return reply(v, err, sessionOf)
	})
	handlePublic(s, huma.Operation{
		OperationID: "refresh", Method: http.MethodPost, Path: "/v1/auth/refresh", Tags: tags,
		Summary:     "Exchange a refresh token for a new session",
		Description: "A refresh token is good once. Using an old one again ends every session of that login: `refresh-token-reused`.",
		Errors:      []int{http.StatusUnauthorized},
	}, func(ctx context.Context, in *struct{ Body RefreshToken }) (*answer[Session], error) {
		v, err := s.Sessions.Refresh(ctx, in.Body.RefreshToken)
		return reply(v, err, sessionOf)
	})
	handlePublic(s, huma.Operation{
		OperationID: "logout", Method: http.MethodPost, Path: "/v1/auth/logout", Tags: tags,
		Summary:     "End a session",
		Description: "Ends every refresh token of the login. An unknown token is no error; access tokens run out by themselves.",
	}, func(ctx context.Context, in *struct{ Body RefreshToken }) (*struct{}, error) {
		return nil, s.Sessions.Logout(ctx, in.Body.RefreshToken)
	})
	handle(s, huma.Operation{
		OperationID: "get-me", Method: http.MethodGet, Path: "/v1/me", Tags: tags,
		Summary:     "The user who asks",
		Description: "An API key is no user (`users-only`): it has /v1/me/permissions.",
	}, func(ctx context.Context, _ *struct{}) (*answer[User], error) {
		v, err := s.Sessions.Me(ctx, actor(ctx))
		return reply(v, err, userOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-my-permissions", Method: http.MethodGet, Path: "/v1/me/permissions", Tags: tags,
		Summary:     "What the user or the API key who asks may do",
		Description: "As it is now. `permissions` hold within `scope`: everywhere, or in `entity_id` only.",
	}, func(ctx context.Context, _ *struct{}) (*answer[Permissions], error) {
		who := actor(ctx)
		v, err := s.Sessions.Permissions(ctx, who)
		return reply(v, err, func(list []identity.Permission) Permissions { return permissionsIn(who, list) })
	})
}
