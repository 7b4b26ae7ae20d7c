package tokens_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/tokens"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
)

func key() []byte { return bytes.Repeat([]byte("k"), tokens.MinKey) }

func start() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

func admin() identity.User { return identity.User{ID: 7, Role: identity.EntityAdmin, EntityID: 3} }

func user7() identity.Subject { return identity.Subject{User: 7} }

func newSigner(tb testing.TB) *tokens.Signer {
	tb.Helper()
	s, err := tokens.New(key())
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// sign makes a token by hand, as another program would.
func sign(header, claims string, key []byte) string {
	content := b64(header) + "." + b64(claims)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(content))
	return content + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

const hs256 = `{"alg":"HS256","typ":"JWT"}`

func TestIssuedTokenIsItsUsersUntilItExpires(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	token, err := s.Issue(admin(), start(), start().Add(15*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Verify(token, start().Add(15*time.Minute-time.Second)); err != nil || got != user7() {
		t.Errorf("a second before: got %v, %v, want user 7", got, err)
	}
	if got, err := s.Verify(token, start().Add(15*time.Minute)); got != (identity.Subject{}) || errs.CodeOf(err) != "expired-token" {
		t.Errorf("at the end: got %v, %v, want expired-token", got, err)
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		user identity.User
		want string
	}{
		"of an administrator": {admin(), `{"entity_id":3,"exp":1772442900,"iat":1772442000,"role":"ENTITY_ADMIN","sub":"7"}`},
		"of a manager":        {identity.User{ID: 1, Role: identity.Manager}, `{"exp":1772442900,"iat":1772442000,"role":"MANAGER","sub":"1"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token, err := newSigner(t).Issue(row.user, start(), start().Add(15*time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
			if err != nil {
				t.Fatal(err)
			}
			var claims map[string]any
			if err := json.Unmarshal(raw, &claims); err != nil {
				t.Fatal(err)
			}
			if got, err := json.Marshal(claims); err != nil || string(got) != row.want {
				t.Errorf("got %s, %v, want %s", got, err, row.want)
			}
		})
	}
}

func TestTokenMadeElsewhereIsAsGood(t *testing.T) {
	t.Parallel()
	for name, claims := range map[string]string{
		"all claims":   `{"sub":"7","role":"ENTITY_ADMIN","entity_id":3,"exp":1772442900}`,
		"the least":    `{"sub":"7","exp":1772442900}`,
		"other claims": `{"sub":"7","exp":1772442900,"iss":"n8n","aud":["secretary"],"role":5,"entity_id":"x"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := newSigner(t).Verify(sign(hs256, claims, key()), start()); err != nil || got != user7() {
				t.Errorf("got %v, %v, want user 7", got, err)
			}
		})
	}
}

func TestBadTokenIsInvalid(t *testing.T) {
	t.Parallel()
	const good = `{"sub":"7","exp":1772442900}`
	valid := sign(hs256, good, key())
	for name, token := range map[string]string{
		"empty":                "",
		"no token":             "eyJ",
		"another key":          sign(hs256, good, bytes.Repeat([]byte("x"), 32)),
		"another key, expired": sign(hs256, `{"sub":"7","exp":1}`, bytes.Repeat([]byte("x"), 32)),
		"none":                 b64(`{"alg":"none","typ":"JWT"}`) + "." + b64(good) + ".",
		"None, signed":         sign(`{"alg":"None","typ":"JWT"}`, good, key()),
		"no algorithm":         sign(`{"typ":"JWT"}`, good, key()),
		"another algorithm":    sign(`{"alg":"HS512","typ":"JWT"}`, good, key()),
		"a public key's":       sign(`{"alg":"RS256","typ":"JWT"}`, good, key()),
		"no signature":         valid[:strings.LastIndex(valid, ".")+1],
		"other claims":         strings.Replace(valid, b64(good), b64(`{"sub":"1","exp":1772442900}`), 1),
		"no end":               sign(hs256, `{"sub":"7"}`, key()),
		"an end that is null":  sign(hs256, `{"sub":"7","exp":null}`, key()),
		"not yet":              sign(hs256, `{"sub":"7","exp":1772442900,"nbf":1772442001}`, key()),
		"nobody's":             sign(hs256, `{"exp":1772442900}`, key()),
		"user 0":               sign(hs256, `{"sub":"0","exp":1772442900}`, key()),
		"a negative user":      sign(hs256, `{"sub":"-7","exp":1772442900}`, key()),
		"user 07":              sign(hs256, `{"sub":"07","exp":1772442900}`, key()),
		"a room":               sign(hs256, `{"sub":"room:7","exp":1772442900}`, key()),
		"a number for a text":  sign(hs256, `{"sub":7,"exp":1772442900}`, key()),
		"more than 64 bits":    sign(hs256, `{"sub":"18446744073709551623","exp":1772442900}`, key()),
		"something behind":     valid + ".x",
		"a space behind":       valid + " ",

		"a user's for agents":             sign(hs256, `{"sub":"7","aud":"room-agent","exp":1772442900}`, key()),
		"a user's for agents too":         sign(hs256, `{"sub":"7","aud":["secretary","room-agent"],"exp":1772442900}`, key()),
		"an agent's for nobody":           sign(hs256, `{"sub":"41/7/2","exp":1772442900}`, key()),
		"an agent's for others":           sign(hs256, `{"sub":"41/7/2","aud":"secretary","exp":1772442900}`, key()),
		"an agent's that never ends":      sign(hs256, `{"sub":"41/7/2","aud":"room-agent"}`, key()),
		"an agent's of no request":        sign(hs256, `{"sub":"41/7/0","aud":"room-agent","exp":1772442900}`, key()),
		"an agent's of no room":           sign(hs256, `{"sub":"0/7/2","aud":"room-agent","exp":1772442900}`, key()),
		"an agent's in a room below zero": sign(hs256, `{"sub":"-41/7/2","aud":"room-agent","exp":1772442900}`, key()),
		"an agent's written otherwise":    sign(hs256, `{"sub":"41/07/2","aud":"room-agent","exp":1772442900}`, key()),
		"an agent's with less":            sign(hs256, `{"sub":"41/7","aud":"room-agent","exp":1772442900}`, key()),
		"an agent's with more":            sign(hs256, `{"sub":"41/7/2/1","aud":"room-agent","exp":1772442900}`, key()),
		"an agent's, another key":         sign(hs256, `{"sub":"41/7/2","aud":"room-agent","exp":1772442900}`, bytes.Repeat([]byte("x"), 32)),
		"audiences that are no texts":     sign(hs256, `{"sub":"41/7/2","aud":["room-agent",1],"exp":1772442900}`, key()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := newSigner(t).Verify(token, start())
			if got != (identity.Subject{}) || errs.KindOf(err) != errs.Unauthenticated || errs.CodeOf(err) != "invalid-token" {
				t.Errorf("got %v, %v, want Unauthenticated invalid-token", got, err)
			}
		})
	}
}

func TestRoomAgentsTokenIsItsOwnUntilItExpires(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	agent := identity.RoomAgent{Room: 41, Participant: 7, Number: 2}
	token, err := s.IssueRoomAgent(agent, start(), start().Add(6*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Verify(token, start().Add(6*time.Hour-time.Second)); err != nil || got != (identity.Subject{Agent: agent}) {
		t.Errorf("a second before: got %+v, %v, want the agent and no user", got, err)
	}
	if got, err := s.Verify(token, start().Add(6*time.Hour)); got != (identity.Subject{}) || errs.CodeOf(err) != "expired-token" {
		t.Errorf("at the end: got %+v, %v, want expired-token", got, err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(raw), `{"sub":"41/7/2","aud":["room-agent"],"exp":1772463600,"iat":1772442000}`; got != want {
		t.Errorf("claims %s, want %s", got, want)
	}
}

func TestRoomAgentsTokenCannotBeChanged(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	token, err := s.IssueRoomAgent(identity.RoomAgent{Room: 41, Participant: 7, Number: 2}, start(), start().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	for name, changed := range map[string]string{
		"another room":        strings.Replace(string(claims), "41/7/2", "42/7/2", 1),
		"another participant": strings.Replace(string(claims), "41/7/2", "41/8/2", 1),
		"another request":     strings.Replace(string(claims), "41/7/2", "41/7/3", 1),
		"a user":              strings.Replace(strings.Replace(string(claims), "41/7/2", "1", 1), "room-agent", "x", 1),
		"longer":              strings.Replace(string(claims), `"exp":1`, `"exp":2`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if changed == string(claims) {
				t.Fatal("nothing was changed")
			}
			got, err := s.Verify(parts[0]+"."+b64(changed)+"."+parts[2], start())
			if got != (identity.Subject{}) || errs.CodeOf(err) != "invalid-token" {
				t.Errorf("got %+v, %v, want invalid-token", got, err)
			}
		})
	}
}

func TestShortKeyIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := tokens.New(key()[1:]); err == nil {
		t.Error("got a signer, want an error")
	}
}

func TestSignerKeepsItsKey(t *testing.T) {
	t.Parallel()
	k := key()
	s, err := tokens.New(k)
	if err != nil {
		t.Fatal(err)
	}
	clear(k)
	if _, err := s.Verify(sign(hs256, `{"sub":"7","exp":1772442900}`, key()), start()); err != nil {
		t.Errorf("after the caller cleared its key: %v", err)
	}
}

// FuzzVerify looks for a token that is accepted without the key's signature under HS256.
func FuzzVerify(f *testing.F) {
	good := sign(hs256, `{"sub":"7","exp":1772442900}`, key())
	f.Add(good)
	f.Add(b64(`{"alg":"none"}`) + "." + b64(`{"sub":"7","exp":1772442900}`) + ".")
	f.Add(sign(`{"alg":"HS256","crit":["b64"],"b64":false}`, `{"sub":"7","exp":1e999}`, key()))
	f.Add(sign(hs256, `{"sub":"7","exp":-1e300,"aud":[1,{}]}`, key()))
	f.Add(sign(hs256, `{"sub":"41/7/2","aud":["room-agent"],"exp":1772442900}`, key()))
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		got, err := newSigner(t).Verify(token, start())
		if err != nil {
			if got != (identity.Subject{}) || errs.KindOf(err) != errs.Unauthenticated {
				t.Fatalf("Verify(%q) = %v, %v, want Unauthenticated", token, got, err)
			}
			return
		}
		content, signature, _ := cutLast(token)
		mac := hmac.New(sha256.New, key())
		mac.Write([]byte(content))
		if signature != base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) {
			t.Fatalf("accepted %q, which the key did not sign", token)
		}
	})
}

func cutLast(token string) (before, after string, found bool) {
	i := strings.LastIndex(token, ".")
	if i < 0 {
		return token, "", false
	}
	return token[:i], token[i+1:], true
}

func TestTokenThatWasGoodBeforeIsCheckedAllTheSame(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	token := sign(hs256, `{"sub":"7","exp":1772442900,"nbf":1772442001}`, key())
	for range 2 {
		if got, err := s.Verify(token, start().Add(time.Second)); err != nil || got != user7() {
			t.Fatalf("when it begins: got %v, %v, want user 7", got, err)
		}
	}
	if _, err := s.Verify(token, start()); errs.CodeOf(err) != "invalid-token" {
		t.Errorf("before it begins: got %v, want invalid-token", err)
	}
	if _, err := s.Verify(token, time.Unix(1772442900, 0)); errs.CodeOf(err) != "expired-token" {
		t.Errorf("at its end: got %v, want expired-token", err)
	}
	if _, err := s.Verify(token[:len(token)-2]+"AA", start().Add(time.Second)); errs.CodeOf(err) != "invalid-token" {
		t.Errorf("with another signature: got %v, want invalid-token", err)
	}
}

func BenchmarkVerify(b *testing.B) {
	s := newSigner(b)
	token, err := s.Issue(admin(), start(), start().Add(15*time.Minute))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Verify(token, start()); err != nil {
			b.Fatal(err)
		}
	}
}
