package tokens

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// MinKey is the shortest signing key, in bytes: that of the hash (RFC 7518, section 3.2).
const MinKey = 32

// Signer implements ports.AccessTokens.
type Signer struct {
	key []byte
}

var _ ports.AccessTokens = (*Signer)(nil)

type claims struct {
	Role     identity.Role   `json:"role,omitempty"`
	EntityID clinic.EntityID `json:"entity_id,omitempty"`
	jwt.RegisteredClaims
}

// New makes a signer. It fails when the key is shorter than [MinKey].
func New(key []byte) (*Signer, error) {
	if len(key) < MinKey {
		return nil, fmt.Errorf("tokens: the signing key must be at least %d bytes", MinKey)
	}
	return &Signer{key: bytes.Clone(key)}, nil
}

// Issue implements ports.AccessTokens. Both times are cut to the second.
func (s *Signer) Issue(u identity.User, now, expires time.Time) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		Role: u.Role, EntityID: u.EntityID,
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: u.ID.String(), IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
	})
	signed, err := token.SignedString(s.key)
	if err != nil {
		return "", fmt.Errorf("tokens: sign: %w", err)
	}
	return signed, nil
}

// Verify implements ports.AccessTokens.
func (s *Signer) Verify(token string, now time.Time) (identity.UserID, error) {
	var c jwt.RegisteredClaims // of the rest nothing is believed, so nothing of it has to be right
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return s.key, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(), jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return now }))
	switch {
	case errors.Is(err, jwt.ErrTokenExpired): // the signature is checked before the claims
		return 0, errs.Wrap(errs.Unauthenticated, "expired-token", "the access token has expired", err)
	case err != nil:
		return 0, invalid(err)
	}
	id, err := strconv.ParseInt(c.Subject, 10, 64)
	if err != nil || id <= 0 || identity.UserID(id).String() != c.Subject {
		return 0, invalid(errors.New("sub is not the id of a user"))
	}
	return identity.UserID(id), nil
}

func invalid(cause error) error {
	return errs.Wrap(errs.Unauthenticated, "invalid-token", "the access token is not valid", cause)
}
