package passwords

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"runtime"

	"golang.org/x/crypto/argon2"

	"github.com/secretary-api/secretary/ports"
)

// Options is the cost of a new hash. A zero field takes its default, which together are the least that OWASP's password
// storage cheat sheet asks of argon2id. Cheaper ones are for tests.
type Options struct {
	MemoryKiB uint32 // 19456
	Passes    uint32 // 2
	Lanes     uint8  // 1
	AtOnce    int    // GOMAXPROCS: how many hashes are computed at the same time
}

// Hasher implements ports.Passwords.
type Hasher struct {
	cost  cost
	turns chan struct{}
}

var _ ports.Passwords = (*Hasher)(nil)

// New makes a hasher.
func New(o Options) *Hasher {
	c := cost{memory: o.MemoryKiB, passes: o.Passes, lanes: o.Lanes}
	if c.memory == 0 {
		c.memory = 19456
	}
	if c.passes == 0 {
		c.passes = 2
	}
	if c.lanes == 0 {
		c.lanes = 1
	}
	if o.AtOnce <= 0 {
		o.AtOnce = runtime.GOMAXPROCS(0)
	}
	return &Hasher{cost: c, turns: make(chan struct{}, o.AtOnce)}
}

// Hash implements ports.Passwords.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	key, err := h.derive(ctx, password, hash{cost: h.cost, salt: salt, key: make([]byte, keyBytes)})
	if err != nil {
		return "", err
	}
	return hash{cost: h.cost, salt: salt, key: key}.String(), nil
}

// Verify implements ports.Passwords. A hash that is not one, or whose parameters are absurd, is an error.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (bool, error) {
	if encoded == "" {
		_, err := h.derive(ctx, password, hash{cost: h.cost, salt: make([]byte, saltBytes), key: make([]byte, keyBytes)})
		return false, err
	}
	want, err := parse(encoded)
	if err != nil {
		return false, err
	}
	got, err := h.derive(ctx, password, want)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want.key) == 1, nil
}

// derive computes a key of the hash's cost, salt and length when it is this call's turn.
func (h *Hasher) derive(ctx context.Context, password string, like hash) ([]byte, error) {
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	case <-ctx.Done():
	}
	if err := ctx.Err(); err != nil { // also when both were ready
		return nil, err
	}
	length := uint32(len(like.key)) //nolint:gosec // 16 to 64: parse and Hash see to it
	return argon2.IDKey([]byte(password), like.salt, like.cost.passes, like.cost.memory, like.cost.lanes, length), nil
}
