package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/ports"
)

// SessionOptions says how long logins live and how often one may be tried. A zero field takes its default.
type SessionOptions struct {
	AccessLifetime  time.Duration // 15 minutes
	RefreshLifetime time.Duration // 30 days, from the latest refresh
	AccountFailures int           // 10 failures per account and window; a success begins anew
	AddressFailures int           // 50 failures per address and window
	LimitWindow     time.Duration // 15 minutes
}

// Sessions is logging in and out, and who a token stands for.
type Sessions struct {
	d         Deps
	passwords ports.Passwords
	tokens    ports.AccessTokens
	opts      SessionOptions
	limit     *loginLimit
	uses      keyUses
}

// NewSessions makes the use cases of sessions.
func NewSessions(d Deps, passwords ports.Passwords, tokens ports.AccessTokens, opts SessionOptions) *Sessions {
	orDefault(&opts.AccessLifetime, 15*time.Minute)
	orDefault(&opts.RefreshLifetime, 30*24*time.Hour)
	orDefault(&opts.AccountFailures, 10)
	orDefault(&opts.AddressFailures, 50)
	orDefault(&opts.LimitWindow, 15*time.Minute)
	return &Sessions{
		d: d, passwords: passwords, tokens: tokens, opts: opts,
		limit: newLoginLimit(opts.AccountFailures, opts.AddressFailures, opts.LimitWindow),
	}
}

// LoginParams is what a login takes.
type LoginParams struct {
	Email    string
	Password string
	Address  string // the caller's IP address, for the rate limit
}

// Session is what a login or a refresh answers.
type Session struct {
	AccessToken  string
	ExpiresIn    time.Duration // of the access token
	RefreshToken string        // good for one refresh
	User         identity.User
}

// Login exchanges an e-mail address and a password for a session. An unknown address, a wrong password and an inactive
// user cannot be told apart, by the time it takes neither. Errors: Unauthenticated "invalid-credentials", Exhausted
// "too-many-logins".
func (s *Sessions) Login(ctx context.Context, p LoginParams) (Session, error) {
	account := strings.ToLower(strings.TrimSpace(p.Email))
	now := s.d.Now()
	if err := s.limit.attempt(account, p.Address, now); err != nil {
		return Session{}, err
	}
	session, err := s.login(ctx, account, p.Password, now)
	switch {
	case err == nil:
		s.limit.succeeded(account, p.Address)
	case errs.KindOf(err) != errs.Unauthenticated:
		s.limit.undecided(account)
	}
	return session, err
}

func (s *Sessions) login(ctx context.Context, email, password string, now time.Time) (Session, error) {
	user, err := s.byEmail(ctx, email)
	if err != nil {
		return Session{}, err
	}
	ok, err := s.passwords.Verify(ctx, user.PasswordHash, password)
	if err != nil {
		return Session{}, err
	}
	if !ok || !user.Active {
		return Session{}, errCredentials()
	}
	family := identity.FamilyID{UUID: id.NewUUID(now)}
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (Session, error) {
		// Verifying took its time: the password may have been changed, and other logins ended, meanwhile.
		current, err := r.Users.Get(ctx, identity.AllEntities(), user.ID)
		if err != nil {
			return Session{}, err
		}
		if !current.Active || current.PasswordHash != user.PasswordHash {
			return Session{}, errCredentials()
		}
		return s.open(ctx, r, current, family, now)
	})
}

// byEmail returns the user of an address, or nobody, whose password hash is empty.
func (s *Sessions) byEmail(ctx context.Context, email string) (identity.User, error) {
	if !valid.IsEmail(email) {
		return identity.User{}, nil // nobody has it, and a store may choke on it
	}
	user, err := s.d.Repositories.Users.ByEmail(ctx, email)
	if errs.KindOf(err) == errs.NotFound {
		return identity.User{}, nil
	}
	return user, err
}

// open stores the next refresh token of a family and issues both tokens.
func (s *Sessions) open(ctx context.Context, r ports.Repositories, user identity.User, family identity.FamilyID, now time.Time) (Session, error) {
	access, err := s.tokens.Issue(user, now, now.Add(s.opts.AccessLifetime))
	if err != nil {
		return Session{}, err
	}
	refresh := newRefreshToken()
	_, err = r.RefreshTokens.Create(ctx, identity.RefreshToken{
		ID: identity.RefreshTokenID{UUID: id.NewUUID(now)}, Family: family, UserID: user.ID, Hash: hashToken(refresh),
		ExpiresAt: now.Add(s.opts.RefreshLifetime), CreatedAt: now,
	})
	if err != nil {
		return Session{}, err
	}
	return Session{AccessToken: access, ExpiresIn: s.opts.AccessLifetime, RefreshToken: refresh, User: user}, nil
}

// Refresh exchanges a refresh token for a new session. A token is good once; presenting it again ends every token of
// its login, because one of the two who had it is not who logged in. Errors: Unauthenticated "invalid-refresh-token",
// "refresh-token-reused".
func (s *Sessions) Refresh(ctx context.Context, refreshToken string) (Session, error) {
	hash := hashToken(refreshToken)
	now := s.d.Now()
	session, err := inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (Session, error) {
		old, err := r.RefreshTokens.ByHash(ctx, hash)
		if err != nil {
			return Session{}, err
		}
		if !old.Usable(now) {
			return Session{}, errRefreshToken()
		}
		user, err := r.Users.Get(ctx, identity.AllEntities(), old.UserID)
		if err != nil {
			return Session{}, err
		}
		if !user.Active {
			return Session{}, errRefreshToken()
		}
		if err := r.RefreshTokens.Use(ctx, old.ID, now); err != nil {
			return Session{}, err
		}
		return s.open(ctx, r, user, old.Family, now)
	})
	if err == nil {
		return session, nil
	}
	switch errs.CodeOf(err) {
	case "token-not-found", "user-not-found":
		return Session{}, errRefreshToken()
	case "invalid-refresh-token", "token-used": // somebody was faster with the same token, perhaps
		return Session{}, s.refuse(ctx, hash, now)
	}
	return Session{}, err
}

// refuse says why a refresh token is not good. It comes after the transaction of the refresh, whose end nothing of it
// may share: the family ends for good, whether the caller waits for the answer or not.
func (s *Sessions) refuse(ctx context.Context, hash string, now time.Time) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	reused := false
	err := s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		t, err := r.RefreshTokens.ByHash(ctx, hash)
		if err != nil {
			return err
		}
		if reused = t.Reused(); !reused {
			return nil
		}
		user, err := r.Users.Get(ctx, identity.AllEntities(), t.UserID)
		if err != nil {
			return err
		}
		ended, err := r.RefreshTokens.RevokeFamily(ctx, t.Family, now)
		if reused = ended > 0; err != nil || !reused { // somebody else who reused it was faster
			return err
		}
		_, err = r.AuditLog.Append(ctx, identity.AuditEntry{
			Actor: user.Actor().String(), Action: "refresh-token-reused", Table: "refresh_tokens", RowID: t.ID.String(),
			EntityID: user.EntityID, RequestID: identity.TrailOf(ctx).RequestID,
			Detail: map[string]string{"family": t.Family.String()}, CreatedAt: now,
		})
		return err
	})
	if err != nil {
		return err
	}
	if !reused {
		return errRefreshToken()
	}
	s.d.Log.WarnContext(ctx, "a refresh token was used twice, its login was ended")
	return errs.New(errs.Unauthenticated, "refresh-token-reused", "the refresh token was used before: log in again")
}

// Logout ends the login of a refresh token. An unknown one is no error. Access tokens live on until they expire.
func (s *Sessions) Logout(ctx context.Context, refreshToken string) error {
	t, err := s.d.Repositories.RefreshTokens.ByHash(ctx, hashToken(refreshToken))
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.d.Repositories.RefreshTokens.RevokeFamily(ctx, t.Family, s.d.Now())
	return err
}

// Authenticate returns who an access token, a room agent's token or an API key stands for, with the role, the entity and the
// scopes that the record has now, whatever the token says. Errors: Unauthenticated "invalid-token", also when the user was
// deactivated, the key was revoked or has expired, its entity is not active, or the agent's room is closed for longer than it
// takes an agent to tell of its end; and "expired-token" of a token.
func (s *Sessions) Authenticate(ctx context.Context, token string) (identity.Actor, error) {
	if isAPIKey(token) {
		return s.authenticateKey(ctx, token)
	}
	subject, err := s.tokens.Verify(token, s.d.Now())
	if err != nil {
		return identity.Actor{}, err
	}
	if !subject.Agent.IsZero() {
		return s.authenticateAgent(ctx, subject.Agent)
	}
	user, err := s.d.Repositories.Users.Get(ctx, identity.AllEntities(), subject.User)
	if errs.KindOf(err) == errs.NotFound || err == nil && !user.Active {
		return identity.Actor{}, errInvalidToken("the access token is not valid")
	}
	if err != nil {
		return identity.Actor{}, err
	}
	return user.Actor(), nil
}

// agentGrace is how long after the end of a room its agent may still tell what it consumed.
const agentGrace = 10 * time.Minute

// authenticateAgent returns the actor of a room agent, by what its room is now: its rights end at once.
func (s *Sessions) authenticateAgent(ctx context.Context, agent identity.RoomAgent) (identity.Actor, error) {
	invalid := errInvalidToken("the room agent's token is not valid")
	room, err := s.d.Repositories.Rooms.Get(ctx, identity.AllEntities(), agent.Room)
	if errs.KindOf(err) == errs.NotFound {
		return identity.Actor{}, invalid
	}
	if err != nil {
		return identity.Actor{}, err
	}
	closed := room.Status == conference.Closed
	if closed && s.d.Now().Sub(room.ClosedAt) > agentGrace {
		return identity.Actor{}, invalid
	}
	if room.EntityID != 0 {
		entity, err := s.d.Repositories.Entities.Get(ctx, identity.AllEntities(), room.EntityID)
		if errs.KindOf(err) == errs.NotFound || err == nil && !entity.Active {
			return identity.Actor{}, invalid
		}
		if err != nil {
			return identity.Actor{}, err
		}
	}
	return agent.Actor(room.EntityID, closed || !room.Agent.IsFor(agent.Participant, agent.Number)), nil
}

// Me returns the user who asks. Errors: Forbidden "users-only".
func (s *Sessions) Me(ctx context.Context, actor identity.Actor) (identity.User, error) {
	if err := actor.RequireUser(); err != nil {
		return identity.User{}, err
	}
	return s.d.Repositories.Users.Get(ctx, actor.Scope(), actor.UserID())
}

// Permissions returns what the actor may do, in the scope that it has. Errors: Forbidden, as of
// [identity.Actor.RequireCaller].
func (s *Sessions) Permissions(_ context.Context, actor identity.Actor) ([]identity.Permission, error) {
	if err := actor.RequireCaller(); err != nil {
		return nil, err
	}
	return actor.Permissions(), nil
}

// newRefreshToken returns 256 random bits, with a prefix by which scanners for leaked secrets can know it.
func newRefreshToken() string { return "sr_" + newSecret() }

// hashToken is how a token is stored. It is random enough that a plain hash cannot be turned back.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func errCredentials() error {
	return errs.New(errs.Unauthenticated, "invalid-credentials", "the e-mail address or the password is wrong")
}

func errInvalidToken(msg string) error { return errs.New(errs.Unauthenticated, "invalid-token", msg) }

func errRefreshToken() error {
	return errs.New(errs.Unauthenticated, "invalid-refresh-token", "the refresh token is not valid: log in again")
}

func orDefault[T int | time.Duration](v *T, fallback T) {
	if *v == 0 {
		*v = fallback
	}
}
