package passwords_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/secretary-api/secretary/adapters/passwords"
)

// cheap is as little as argon2id takes.
func cheap() passwords.Options { return passwords.Options{MemoryKiB: 8, Passes: 1} }

func TestHashIsVerifiedByItsPasswordOnly(t *testing.T) {
	t.Parallel()
	h := passwords.New(cheap())
	hash, err := h.Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{
		"correct horse battery": true, "correct horse batterY": false, "": false, "correct horse battery ": false,
	} {
		got, err := h.Verify(t.Context(), hash, password)
		if err != nil || got != want {
			t.Errorf("Verify(%q) = %v, %v, want %v", password, got, err, want)
		}
	}
}

func TestHashesOfOnePasswordDiffer(t *testing.T) {
	t.Parallel()
	h := passwords.New(cheap())
	a, errA := h.Hash(t.Context(), "the same password")
	b, errB := h.Hash(t.Context(), "the same password")
	if errA != nil || errB != nil || a == b {
		t.Errorf("got %q (%v) and %q (%v), want two different hashes", a, errA, b, errB)
	}
}

func TestDefaultCostIsTheOneOfOWASP(t *testing.T) {
	t.Parallel()
	hash, err := passwords.New(passwords.Options{}).Hash(t.Context(), "correct horse battery")
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; err != nil || !strings.HasPrefix(hash, want) {
		t.Errorf("got %q, %v, want it to begin with %q", hash, err, want)
	}
}

func TestHashOfAnotherCostIsVerifiedWithItsOwn(t *testing.T) {
	t.Parallel()
	before, err := passwords.New(passwords.Options{MemoryKiB: 64, Passes: 3, Lanes: 2}).Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := passwords.New(cheap()).Verify(t.Context(), before, "correct horse battery"); err != nil || !ok {
		t.Errorf("got %v, %v, want true", ok, err)
	}
}

// The hash is one of the test vectors of the reference implementation (phc-winner-argon2, src/test.c).
func TestHashOfTheReferenceImplementationIsVerified(t *testing.T) {
	t.Parallel()
	const hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, err := passwords.New(cheap()).Verify(t.Context(), hash, "password"); err != nil || !ok {
		t.Errorf("got %v, %v, want true", ok, err)
	}
}

func TestEmptyHashIsNobodys(t *testing.T) {
	t.Parallel()
	ok, err := passwords.New(cheap()).Verify(t.Context(), "", "")
	if ok || err != nil {
		t.Errorf("got %v, %v, want false", ok, err)
	}
}

func TestBadHashIsAnErrorThatDoesNotShowIt(t *testing.T) {
	t.Parallel()
	const salt, key = "c2FsdHNhbHRzYWx0c2FsdA", "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2U"
	for name, hash := range map[string]string{
		"plain text":         "correct horse battery",
		"another algorithm":  "$argon2i$v=19$m=8,t=1,p=1$" + salt + "$" + key,
		"another version":    "$argon2id$v=16$m=8,t=1,p=1$" + salt + "$" + key,
		"a part missing":     "$argon2id$v=19$m=8,t=1,p=1$" + salt,
		"a part too many":    "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + key + "$",
		"all the memory":     "$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + key,
		"more than 32 bits":  "$argon2id$v=19$m=4294967304,t=1,p=1$" + salt + "$" + key,
		"too little memory":  "$argon2id$v=19$m=7,t=1,p=1$" + salt + "$" + key,
		"years of passes":    "$argon2id$v=19$m=8,t=4294967295,p=1$" + salt + "$" + key,
		"no pass":            "$argon2id$v=19$m=8,t=0,p=1$" + salt + "$" + key,
		"no lane":            "$argon2id$v=19$m=8,t=1,p=0$" + salt + "$" + key,
		"many lanes":         "$argon2id$v=19$m=4096,t=1,p=255$" + salt + "$" + key,
		"a negative number":  "$argon2id$v=19$m=8,t=-1,p=1$" + salt + "$" + key,
		"more parameters":    "$argon2id$v=19$m=8,t=1,p=1,x=1$" + salt + "$" + key,
		"a leading zero":     "$argon2id$v=19$m=08,t=1,p=1$" + salt + "$" + key,
		"no salt":            "$argon2id$v=19$m=8,t=1,p=1$$" + key,
		"no key":             "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$",
		"a long key":         "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + strings.Repeat("a2V5", 30),
		"padding":            "$argon2id$v=19$m=8,t=1,p=1$" + salt + "==$" + key,
		"a character beside": "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + key[:20] + "!" + key[21:],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ok, err := passwords.New(cheap()).Verify(t.Context(), hash, "correct horse battery")
			if ok || err == nil {
				t.Fatalf("Verify = %v, %v, want an error", ok, err)
			}
			if strings.Contains(err.Error(), salt) || strings.Contains(err.Error(), "correct") {
				t.Errorf("the error shows the hash or the password: %v", err)
			}
		})
	}
}

func TestCancelledContextIsNotServed(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := passwords.New(cheap())
	if _, err := h.Hash(ctx, "correct horse battery"); !errors.Is(err, context.Canceled) {
		t.Errorf("Hash: got %v, want context.Canceled", err)
	}
	if ok, err := h.Verify(ctx, "", "x"); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("Verify: got %v, %v, want context.Canceled", ok, err)
	}
}

func TestWaitingForATurnEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := passwords.New(passwords.Options{MemoryKiB: 8, Passes: 1, AtOnce: 1})
		release := passwords.HoldTurn(h)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := h.Hash(ctx, "correct horse battery"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while the turn is taken: got %v, want context.DeadlineExceeded", err)
		}
		release()
		if _, err := h.Hash(t.Context(), "correct horse battery"); err != nil {
			t.Errorf("when the turn is free: got %v, want a hash", err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	h := passwords.New(passwords.Options{})
	hash, err := h.Hash(b.Context(), "correct horse battery")
	if err != nil {
		b.Fatal(err)
	}
	for name, encoded := range map[string]string{"known": hash, "unknown": ""} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := h.Verify(b.Context(), encoded, "correct horse batterY"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
