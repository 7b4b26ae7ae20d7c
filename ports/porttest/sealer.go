package porttest

import (
	"bytes"
	"testing"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

// SealerCase is a sealer, and others that have a part of its keys.
type SealerCase struct {
	Sealer  ports.Sealer // seals with the newest key
	Before  ports.Sealer // had the older keys only; the sealer still has them
	Another ports.Sealer // has none of its keys
}

// RunSealer runs the contract of [ports.Sealer].
func RunSealer(t *testing.T, c SealerCase) {
	t.Helper()
	const purpose = "a token"
	plain := []byte("1//0gRefreshTokenÇ")
	seal := func(t *testing.T, s ports.Sealer, plain []byte) []byte {
		t.Helper()
		return ok[[]byte](t, "seal")(s.Seal(plain, purpose))
	}
	wantUnknown := func(t *testing.T, what string, s ports.Sealer, sealed []byte, purpose string) {
		t.Helper()
		got, newest, err := s.Open(sealed, purpose)
		wantError(t, what, err, errs.Internal, "sealed-with-unknown-key")
		if got != nil || newest {
			t.Errorf("%s: got %q and %v with the error", what, got, newest)
		}
	}
	for _, text := range [][]byte{plain, {}, bytes.Repeat([]byte{0}, 4096)} {
		got, newest, err := c.Sealer.Open(seal(t, c.Sealer, text), purpose)
		if err != nil || !newest || !bytes.Equal(got, text) {
			t.Errorf("open: got %q, newest %v, %v, want what was sealed", got, newest, err)
		}
	}
	sealed := seal(t, c.Sealer, plain)
	if bytes.Contains(sealed, plain) || bytes.Equal(sealed, seal(t, c.Sealer, plain)) {
		t.Error("what is sealed shows the text, or that it is the same text again")
	}
	got, newest, err := c.Sealer.Open(seal(t, c.Before, plain), purpose)
	if err != nil || newest || !bytes.Equal(got, plain) {
		t.Errorf("open what an older key sealed: got %q, newest %v, %v, want it, and that it is not the newest", got, newest, err)
	}
	wantUnknown(t, "what a key sealed that came later", c.Before, sealed, purpose)
	wantUnknown(t, "what another sealed", c.Another, sealed, purpose)
	wantUnknown(t, "another purpose", c.Sealer, sealed, "another token")
	wantUnknown(t, "no purpose", c.Sealer, sealed, "")
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		wantUnknown(t, "a changed byte", c.Sealer, changed, purpose)
		wantUnknown(t, "a part", c.Sealer, sealed[:i], purpose)
	}
	wantUnknown(t, "a longer one", c.Sealer, append(bytes.Clone(sealed), 0), purpose)
}
