package tokens

import (
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/secretary-api/secretary/core/identity"
)

// maxVerified is how many tokens are remembered.
const maxVerified = 10_000

// verified remembers for whom tokens are that were found good: a client sends the same one with every request, and checking
// it costs more than most answers. What a token says never changes, so nothing has to be forgotten; who it is for is
// looked up each time.
type verified struct {
	tokens *otter.Cache[string, goodToken]
}

type goodToken struct {
	subject identity.Subject
	from    time.Time // it was good then, and later
	until   time.Time // not any more
}

func newVerified() *verified {
	return &verified{otter.Must(&otter.Options[string, goodToken]{MaximumSize: maxVerified})}
}

// subject returns for whom a token is that was found good and still is.
func (v *verified) subject(token string, now time.Time) (identity.Subject, bool) {
	t, known := v.tokens.GetIfPresent(token)
	if !known || now.Before(t.from) || !now.Before(t.until) {
		return identity.Subject{}, false
	}
	return t.subject, true
}

func (v *verified) remember(token string, subject identity.Subject, now, until time.Time) {
	v.tokens.Set(token, goodToken{subject, now, until})
}
