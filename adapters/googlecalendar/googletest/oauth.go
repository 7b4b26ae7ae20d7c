package googletest

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// grants is what owners have agreed to.
type grants struct {
	codes     map[string]consent
	refresh   map[string]*grant
	access    map[string]*grant
	consenter string
	untick    string // a scope that the owner does not agree to
	once      bool   // no refresh token comes with a consent
	rotate    bool
}

type consent struct {
	account, redirect, challenge, scope string
	lasting                             bool // a refresh token comes with it
}

type grant struct {
	account string
	scope   string
	revoked bool
}

func newGrants() grants {
	return grants{codes: map[string]consent{}, refresh: map[string]*grant{}, access: map[string]*grant{}}
}

// Consenter sets whose browser comes to the consent page next; "" is somebody who says no.
func (s *Server) Consenter(email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oauth.consenter = email
}

// Untick takes a permission out of what owners agree to.
func (s *Server) Untick(scope string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oauth.untick = scope
}

// WithoutRefreshTokens lets no refresh token come with a consent, as when an owner had agreed before.
func (s *Server) WithoutRefreshTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oauth.once = true
}

// RotateRefreshTokens makes each refresh token good once: another comes with the access token.
func (s *Server) RotateRefreshTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oauth.rotate = true
}

// RefreshToken returns a refresh token of an account whose owner has agreed to everything.
func (s *Server) RefreshToken(email string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account(email)
	return s.grant(email, "https://www.googleapis.com/auth/calendar.events")
}

func (s *Server) grant(email, scope string) string {
	token := fmt.Sprintf("1//refresh-%d-%s", s.next(), email)
	s.oauth.refresh[token] = &grant{account: email, scope: scope}
	return token
}

// Withdraw takes back everything that an account's owner has agreed to.
func (s *Server) Withdraw(email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.oauth.refresh {
		if g.account == email {
			g.revoked = true
		}
	}
}

// ExpireAccess lets no access token be good any longer.
func (s *Server) ExpireAccess() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.oauth.access)
}

// IsGood reports whether a refresh token may be used.
func (s *Server) IsGood(refreshToken string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.oauth.refresh[refreshToken]
	return ok && !g.revoked
}

// whose finds the account of a request's access token. s.mu is held.
func (s *Server) whose(r *http.Request) (*account, error) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	g, ok := s.oauth.access[token]
	if !ok || g.revoked {
		return nil, refusal{http.StatusUnauthorized, "authError", "Invalid Credentials"}
	}
	return s.account(g.account), nil
}

// authorize is the consent page with an owner who answers at once.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("redirect_uri") == "" {
		http.Error(w, "invalid_request", http.StatusBadRequest)
		return
	}
	if q.Get("code_challenge") != "" && q.Get("code_challenge_method") != "S256" {
		http.Error(w, "invalid_request: code_challenge_method", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}}
	if s.oauth.consenter == "" {
		back.Set("error", "access_denied")
	} else {
		scopes := strings.Fields(q.Get("scope"))
		kept := make([]string, 0, len(scopes))
		for _, scope := range scopes {
			if scope != s.oauth.untick {
				kept = append(kept, scope)
			}
		}
		code := fmt.Sprintf("4/code-%d", s.next())
		lasting := !s.oauth.once && q.Get("access_type") == "offline" && q.Get("prompt") == "consent"
		s.oauth.codes[code] = consent{s.oauth.consenter, q.Get("redirect_uri"), q.Get("code_challenge"), strings.Join(kept, " "), lasting}
		back.Set("code", code)
		back.Set("scope", strings.Join(kept, " "))
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	no := func(status int, reason string) {
		writeJSON(w, status, map[string]any{"error": reason, "error_description": "as Google would say"})
	}
	if r.PostFormValue("client_id") != ClientID || r.PostFormValue("client_secret") != ClientSecret {
		no(http.StatusUnauthorized, "invalid_client")
		return
	}
	var g *grant
	answer := map[string]any{"token_type": "Bearer", "expires_in": 3600}
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		code := r.PostFormValue("code")
		c, ok := s.oauth.codes[code]
		delete(s.oauth.codes, code) // a code is good once, even when the verifier is wrong
		if !ok || c.redirect != r.PostFormValue("redirect_uri") || !verifies(c.challenge, r.PostFormValue("code_verifier")) {
			no(http.StatusBadRequest, "invalid_grant")
			return
		}
		g = &grant{account: c.account, scope: c.scope}
		if c.lasting {
			refresh := s.grant(c.account, c.scope)
			g, answer["refresh_token"] = s.oauth.refresh[refresh], refresh
		}
	case "refresh_token":
		given := r.PostFormValue("refresh_token")
		g = s.oauth.refresh[given]
		if g == nil || g.revoked {
			no(http.StatusBadRequest, "invalid_grant")
			return
		}
		if s.oauth.rotate {
			delete(s.oauth.refresh, given)
			fresh := s.grant(g.account, g.scope)
			s.oauth.refresh[fresh], answer["refresh_token"] = g, fresh
		}
	default:
		no(http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	access := fmt.Sprintf("ya29.access-%d", s.next())
	s.oauth.access[access] = g
	answer["access_token"], answer["scope"] = access, g.scope
	writeJSON(w, http.StatusOK, answer)
}

func verifies(challenge, verifier string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return challenge == "" || challenge == base64.RawURLEncoding.EncodeToString(sum[:])
}

func (s *Server) revoke(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.oauth.refresh[r.PostFormValue("token")]
	if !ok || g.revoked {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_token"})
		return
	}
	g.revoked = true
	writeJSON(w, http.StatusOK, map[string]any{})
}

func (s *Server) userinfo(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who, err := s.whose(r)
	if err != nil {
		refuse(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"id": "1", "email": who.email, "verified_email": true})
}
