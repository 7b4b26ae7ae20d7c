package passwords

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

const (
	saltBytes = 16
	keyBytes  = 32
)

// Bounds of what is verified: whoever could write a hash into the store must not be able to take all memory with it.
const (
	maxMemoryKiB = 256 << 10
	maxPasses    = 16
	maxLanes     = 16
	minKeyBytes  = 16
	maxPartBytes = 64 // of the salt, and of the key
)

type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// hash is a decoded PHC string: "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<key>", both base64 without padding.
type hash struct {
	cost cost
	salt []byte
	key  []byte
}

// String returns the PHC string.
func (h hash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, h.cost.memory, h.cost.passes, h.cost.lanes, b64.EncodeToString(h.salt), b64.EncodeToString(h.key))
}

// parse reads a PHC string as String writes it. Its errors never hold a part of the hash.
func parse(encoded string) (hash, error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return hash{}, errors.New("passwords: not an argon2id hash of version 19")
	}
	var c cost
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil {
		return hash{}, errors.New("passwords: the parameters of a hash cannot be read")
	}
	b64 := base64.RawStdEncoding.Strict()
	salt, saltErr := b64.DecodeString(parts[4])
	key, keyErr := b64.DecodeString(parts[5])
	h := hash{cost: c, salt: salt, key: key}
	switch {
	case saltErr != nil || keyErr != nil || h.String() != encoded:
		return hash{}, errors.New("passwords: a hash is malformed")
	case c.memory < 8*uint32(c.lanes) || c.memory > maxMemoryKiB || c.passes < 1 || c.passes > maxPasses || c.lanes < 1 || c.lanes > maxLanes:
		return hash{}, errors.New("passwords: the parameters of a hash are out of bounds")
	case len(salt) < 8 || len(salt) > maxPartBytes || len(key) < minKeyBytes || len(key) > maxPartBytes:
		return hash{}, errors.New("passwords: the salt or the key of a hash is out of bounds")
	}
	return h, nil
}
