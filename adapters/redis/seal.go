package redis

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"

	"github.com/secretary-api/secretary/core/errs"
)

const minKey = 32 // bytes

// sealOf derives from a key what seals copies, and a name for where they are: whoever has another key, or another
// namespace, is somewhere else.
func sealOf(key []byte, namespace string) (seal cipher.AEAD, space string, err error) {
	if len(key) < minKey {
		return nil, "", errs.New(errs.Invalid, "invalid-key", "the key of the cache must have at least 32 bytes")
	}
	secret, err := hkdf.Key(sha256.New, key, nil, "secretary cache seal", 32)
	if err != nil {
		return nil, "", err
	}
	name, err := hkdf.Key(sha256.New, key, []byte(namespace), "secretary cache namespace", 8)
	if err != nil {
		return nil, "", err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, "", err
	}
	seal, err = cipher.NewGCM(block)
	return seal, hex.EncodeToString(name), err
}
