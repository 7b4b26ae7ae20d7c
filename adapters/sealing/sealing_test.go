package sealing_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/sealing"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

var _ ports.Sealer = (*sealing.Sealer)(nil)

func keyOf(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func newSealer(t *testing.T, keys ...[]byte) *sealing.Sealer {
	t.Helper()
	s, err := sealing.New(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	t.Parallel()
	porttest.RunSealer(t, porttest.SealerCase{
		Sealer: newSealer(t, keyOf(3), keyOf(2), keyOf(1)), Before: newSealer(t, keyOf(2)), Another: newSealer(t, keyOf(4)),
	})
}

func TestWhatWasSealedBeforeStillOpens(t *testing.T) {
	t.Parallel()
	// Sealed by the first version, with the key of 32 sevens: stores are full of such.
	const sealed = "Abzh90euY8sFhtYJBCYMEh00Y6b3gKB/TNNpF3VTtdBhu210ctLrRpZbTiBJ4egBPDtSVtw8kA=="
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	got, newest, err := newSealer(t, keyOf(8), keyOf(7)).Open(raw, "google-token")
	if err != nil || newest || string(got) != "1//0gToken" {
		t.Errorf("got %q, newest %v, %v", got, newest, err)
	}
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	one, two := bytes.Repeat([]byte{0xfb, 0xff}, 16), keyOf(7)
	for name, text := range map[string]string{
		"base64":          base64.StdEncoding.EncodeToString(one) + "," + base64.StdEncoding.EncodeToString(two),
		"not padded":      base64.RawStdEncoding.EncodeToString(one) + " , " + base64.RawStdEncoding.EncodeToString(two),
		"for URLs":        base64.URLEncoding.EncodeToString(one) + "," + base64.RawURLEncoding.EncodeToString(two),
		"digits and both": hex.EncodeToString(one) + "," + strings.ToUpper(hex.EncodeToString(two)) + "\n",
	} {
		got, err := sealing.ParseKeys(text)
		if diff := cmp.Diff([][]byte{one, two}, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	good := hex.EncodeToString(one)
	for text, want := range map[string]string{
		"":                       "key 1 is empty",
		good + ",":               "key 2 is empty",
		"correct horse":          "key 1 is neither base64 nor hexadecimal digits; make one with: openssl rand -base64 32",
		good + ",c2hvcnQ=":       "key 2 has 5 bytes, want 32; make one with: openssl rand -base64 32",
		good + "," + good:        "key 2 is given twice",
		good[:60]:                "key 1 has 30 bytes, want 32; make one with: openssl rand -base64 32",
		good + good[:2] + ",abc": "key 1 has 33 bytes, want 32; make one with: openssl rand -base64 32",
	} {
		if _, err := sealing.ParseKeys(text); err == nil || err.Error() != want {
			t.Errorf("%q: got error %v, want %s", text, err, want)
		}
	}
}

func TestNewRefusesWhatIsNoKey(t *testing.T) {
	t.Parallel()
	if _, err := sealing.New(); err == nil {
		t.Error("no key was taken")
	}
	if _, err := sealing.New(keyOf(1), []byte("short")); err == nil || strings.Contains(err.Error(), "short") {
		t.Errorf("got error %v", err)
	}
}
