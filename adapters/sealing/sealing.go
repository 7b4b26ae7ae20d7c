package sealing

import (
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/secretary-api/secretary/core/errs"
)

const (
	version   = 1
	keyIDSize = 4
	header    = 1 + keyIDSize
)

// key is one of the keys, ready for use.
type key struct {
	id   [keyIDSize]byte
	aead cipher.AEAD
}

// Sealer encrypts with the first of its keys.
type Sealer struct{ keys []key }

// ParseKeys reads one or more keys, separated by commas, each of 32 bytes in base64 (of either alphabet, padded or not) or in
// hexadecimal digits. Errors say which of the keys is wrong, and what about it; none repeats a key.
func ParseKeys(text string) ([][]byte, error) {
	var keys [][]byte
	for i, part := range strings.Split(text, ",") {
		k, err := parseKey(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("key %d %w", i+1, err)
		}
		if slices.ContainsFunc(keys, func(other []byte) bool { return string(other) == string(k) }) {
			return nil, fmt.Errorf("key %d is given twice", i+1)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func parseKey(text string) ([]byte, error) {
	if text == "" {
		return nil, fmt.Errorf("is empty")
	}
	k, err := hex.DecodeString(text)
	if err != nil {
		plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
		if k, err = base64.RawStdEncoding.DecodeString(plain); err != nil {
			return nil, fmt.Errorf("is neither base64 nor hexadecimal digits; make one with: openssl rand -base64 %d", chacha20poly1305.KeySize)
		}
	}
	if len(k) != chacha20poly1305.KeySize {
		return nil, fmt.Errorf("has %d bytes, want %d; make one with: openssl rand -base64 %d", len(k), chacha20poly1305.KeySize, chacha20poly1305.KeySize)
	}
	return k, nil
}

// New makes a Sealer of keys of 32 bytes, of which the first seals. Errors: no key, or one of another length.
func New(keys ...[]byte) (*Sealer, error) {
	if len(keys) == 0 {
		return nil, fmt.Errorf("sealing: no key is given")
	}
	s := &Sealer{}
	for i, raw := range keys {
		aead, err := chacha20poly1305.NewX(raw)
		if err != nil {
			return nil, fmt.Errorf("sealing: key %d: %w", i+1, err)
		}
		digest := sha256.Sum256(append([]byte("secretary key id\x00"), raw...))
		s.keys = append(s.keys, key{id: [keyIDSize]byte(digest[:]), aead: aead})
	}
	return s, nil
}

// Seal implements [ports.Sealer].
func (s *Sealer) Seal(plain []byte, purpose string) ([]byte, error) {
	k := s.keys[0]
	out := make([]byte, header+k.aead.NonceSize(), header+k.aead.NonceSize()+len(plain)+k.aead.Overhead())
	out[0] = version
	copy(out[1:], k.id[:])
	nonce := out[header:]
	_, _ = rand.Read(nonce)                                                       // never fails since Go 1.24
	return k.aead.Seal(out, nonce, plain, additional(out[:header], purpose)), nil //nolint:gosec // the nonce is random, see the line before
}

// Open implements [ports.Sealer].
func (s *Sealer) Open(sealed []byte, purpose string) (plain []byte, newest bool, err error) {
	if len(sealed) > header && sealed[0] == version {
		for i, k := range s.keys {
			if string(sealed[1:header]) != string(k.id[:]) || len(sealed) < header+k.aead.NonceSize() {
				continue
			}
			nonce, rest := sealed[header:header+k.aead.NonceSize()], sealed[header+k.aead.NonceSize():]
			if plain, err := k.aead.Open(nil, nonce, rest, additional(sealed[:header], purpose)); err == nil {
				return plain, i == 0, nil
			}
		}
	}
	return nil, false, errs.New(errs.Internal, "sealed-with-unknown-key",
		"what was sealed does not open: its key is not among those that are configured, or it was changed")
}

// additional is what is authenticated beside the secret.
func additional(header []byte, purpose string) []byte {
	return append(slices.Clone(header), purpose...)
}
