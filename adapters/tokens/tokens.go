package tokens

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// MinKey is the shortest signing key, in bytes: that of the hash (RFC 7518, section 3.2).
const MinKey = 32

// Signer implements ports.AccessTokens.
type Signer struct {
	key      []byte
	verified *verified
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
	return &Signer{key: bytes.Clone(key), verified: newVerified()}, nil
}

// Issue implements ports.AccessTokens. Both times are cut to the second.
func (s *Signer) Issue(u identity.User, now, expires time.Time) (string, error) {
	return s.sign(claims{
		Role: u.Role, EntityID: u.EntityID,
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: u.ID.String(), IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
	})
}

// agentAudience is the audience of room agents' tokens, which no user's token has.
const agentAudience = "room-agent"

// IssueRoomAgent implements ports.AccessTokens. Both times are cut to the second.
func (s *Signer) IssueRoomAgent(a identity.RoomAgent, now, expires time.Time) (string, error) {
	return s.sign(jwt.RegisteredClaims{
		Subject: a.String(), Audience: jwt.ClaimStrings{agentAudience},
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
	})
}

func (s *Signer) sign(c jwt.Claims) (string, error) {
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(s.key)
	if err != nil {
		return "", fmt.Errorf("tokens: sign: %w", err)
	}
	return signed, nil
}

// Verify implements ports.AccessTokens. The audience decides of which sort a token is, and the subject has to be of that
// sort too: neither alone makes one into the other.
func (s *Signer) Verify(token string, now time.Time) (identity.Subject, error) {
	if subject, good := s.verified.subject(token, now); good {
		return subject, nil
	}
	subject, until, err := s.verify(token, now)
	if err == nil {
		s.verified.remember(token, subject, now, until)
	}
	return subject, err
}

// verify returns for whom a token is, and until when it is good.
func (s *Signer) verify(token string, now time.Time) (subject identity.Subject, until time.Time, err error) {
	var c jwt.RegisteredClaims // of the rest nothing is believed, so nothing of it has to be right
	_, err = jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return s.key, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(), jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return now }))
	if errors.Is(err, jwt.ErrTokenExpired) { // the signature is checked before the claims
		return subject, until, errs.Wrap(errs.Unauthenticated, "expired-token", "the access token has expired", err)
	}
	if err != nil {
		return subject, until, invalid(err)
	}
	subject, err = subjectOf(c)
	return subject, c.ExpiresAt.Time, err
}

func subjectOf(c jwt.RegisteredClaims) (identity.Subject, error) {
	if slices.Contains(c.Audience, agentAudience) {
		agent, ok := agentOf(c.Subject)
		if !ok {
			return identity.Subject{}, invalid(errors.New("sub is not a room agent"))
		}
		return identity.Subject{Agent: agent}, nil
	}
	id, ok := number(c.Subject)
	if !ok {
		return identity.Subject{}, invalid(errors.New("sub is not the id of a user"))
	}
	return identity.Subject{User: identity.UserID(id)}, nil
}

// agentOf reads how a room agent is written: "41/7/2" is participant 7 in room 41, by the second request for an agent.
func agentOf(subject string) (identity.RoomAgent, bool) {
	parts := strings.Split(subject, "/")
	if len(parts) != 3 {
		return identity.RoomAgent{}, false
	}
	var v [3]int64
	for i, part := range parts {
		var ok bool
		if v[i], ok = number(part); !ok {
			return identity.RoomAgent{}, false
		}
	}
	return identity.RoomAgent{Room: conference.RoomID(v[0]), Participant: conference.ParticipantID(v[1]), Number: int(v[2])}, true
}

// number reads what a positive number is written as, and nothing else.
func number(s string) (int64, bool) {
	v, err := strconv.ParseInt(s, 10, 64)
	return v, err == nil && v > 0 && strconv.FormatInt(v, 10) == s
}

func invalid(cause error) error {
	return errs.Wrap(errs.Unauthenticated, "invalid-token", "the access token is not valid", cause)
}
