package service_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"testing"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// lateReader is a store in which a transaction reads a refresh token as it was before another one used it.
type lateReader struct {
	ports.Transactor
	before identity.RefreshToken
}

type lateTokens struct {
	ports.RefreshTokenRepository
	before identity.RefreshToken
}

func (l *lateReader) InTx(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	before := l.before
	l.before = identity.RefreshToken{} // what comes later reads what is there
	return l.Transactor.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		if !before.ID.IsZero() {
			r.RefreshTokens = lateTokens{r.RefreshTokens, before}
		}
		return fn(ctx, r)
	})
}

func (l lateTokens) ByHash(context.Context, string) (identity.RefreshToken, error) {
	return l.before, nil
}

func TestWhoComesSecondWithATokenGetsNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for code, first := range map[string]func(token string) error{
		"refresh-token-reused":  func(token string) error { _, err := o.sessions.Refresh(t.Context(), token); return err },
		"invalid-refresh-token": func(token string) error { return o.sessions.Logout(t.Context(), token) },
	} {
		s := o.login(t, "ana@example.com")
		sum := sha256.Sum256([]byte(s.RefreshToken))
		before := must(o.repos.RefreshTokens.ByHash(t.Context(), hex.EncodeToString(sum[:])))(t)
		if err := first(s.RefreshToken); err != nil {
			t.Fatal(err)
		}
		late := service.NewSessions(service.Deps{
			Repositories: o.repos, Tx: &lateReader{o.store, before}, Now: o.clock.Now, Log: slog.New(slog.DiscardHandler),
		}, o.passwords, plainTokens{}, service.SessionOptions{})
		_, err := late.Refresh(t.Context(), s.RefreshToken)
		wantRefusal(t, err, errs.Unauthenticated, code)
	}
}

func TestLoginEndsForReuseEvenWhenTheCallerIsGone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first := o.login(t, "ana@example.com")
	second := must(o.sessions.Refresh(t.Context(), first.RefreshToken))(t)

	ctx, hangUp := context.WithCancel(t.Context())
	gone := service.NewSessions(service.Deps{
		Repositories: o.repos, Tx: &hangingUp{o.store, hangUp}, Now: o.clock.Now, Log: slog.New(slog.DiscardHandler),
	}, o.passwords, plainTokens{}, service.SessionOptions{})
	_, err := gone.Refresh(ctx, first.RefreshToken)
	wantRefusal(t, err, errs.Unauthenticated, "refresh-token-reused")
	_, err = o.sessions.Refresh(t.Context(), second.RefreshToken)
	wantRefusal(t, err, errs.Unauthenticated, "invalid-refresh-token")
}

// hangingUp is a store whose caller goes away after the first transaction.
type hangingUp struct {
	ports.Transactor
	hangUp func()
}

func (h *hangingUp) InTx(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	defer h.hangUp()
	return h.Transactor.InTx(ctx, fn)
}
