package service

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/assisted"
	"github.com/secretary-api/secretary/core/reception/portuguese"
	"github.com/secretary-api/secretary/ports"
)

// maxModelCalls is how many calls a message may take: one, and one more when the first answer cannot be used as it is.
const maxModelCalls = 2

// AssistedOptions bounds what a model may cost, in time and in calls. Zero values take the defaults.
type AssistedOptions struct {
	Timeout        time.Duration // for all calls of one message; the default is 10 seconds
	CallsPerMinute int           // of one clinic, in this process; the default is 60
}

// Assisted understands as [Offline] does, and asks a language model where that is in doubt. It implements
// ports.Understanding and never fails: whatever is wrong with the model, what was understood without it stands.
type Assisted struct {
	d       Deps
	model   ports.LanguageModel
	timeout time.Duration

	mu    sync.Mutex
	calls *windows
}

// NewAssisted makes an understanding with a model.
func NewAssisted(d Deps, model ports.LanguageModel, o AssistedOptions) *Assisted {
	return &Assisted{
		d: d, model: model, timeout: cmp.Or(o.Timeout, 10*time.Second), calls: newWindows(cmp.Or(o.CallsPerMinute, 60), time.Minute),
	}
}

// Understand never fails.
func (s *Assisted) Understand(ctx context.Context, text string, in reception.Context) (reception.Meaning, int, error) {
	m := portuguese.Understand(text, in)
	if !assisted.Wanted(m, in) {
		return m, 0, nil
	}
	inTime, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	p := ports.ModelPrompt{System: assisted.Prompt(in), SchemaName: assisted.SchemaName, Schema: assisted.Schema()}
	calls, complaint := 0, ""
	var read reception.Meaning
	for range maxModelCalls {
		if !s.mayCall(in.Directory.Clinic.ID) {
			s.d.Log.WarnContext(ctx, "a clinic has used up its calls to the language model for this minute",
				slog.String("tenant_id", in.Directory.Clinic.ID.String()))
			break
		}
		p.User = assisted.Message(text, complaint, in.Today)
		answer, err := s.model.Complete(inTime, p)
		calls += int(answer.Used.Requests)
		if err != nil {
			s.d.Log.WarnContext(ctx, "understood without the language model", slog.Any("err", err))
			s.note(ctx, in, answer.Used, true)
			break
		}
		var next reception.Meaning
		next, complaint = assisted.Read(answer.Text, text, in)
		next.Emergency = next.Emergency || read.Emergency
		if next.Confidence >= read.Confidence || complaint == "" { // or else the first answer was better
			read = next
		}
		read.Emergency = next.Emergency
		s.note(ctx, in, answer.Used, complaint != "")
		if complaint == "" {
			break
		}
	}
	return assisted.Combine(m, read, in.State), calls, nil
}

// mayCall counts a call of a clinic, unless it has had its share.
func (s *Assisted) mayCall(tenant agenda.TenantID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls.take(tenant.String(), s.d.Now()) == 0
}

// note keeps what a call took. It was made, so that is kept even when whoever asked has gone away; and not being able to keep
// it is no reason to leave a patient waiting.
func (s *Assisted) note(ctx context.Context, in reception.Context, used metering.Quantities, failed bool) {
	if used.Requests == 0 {
		return
	}
	c, model := in.Directory.Clinic, s.model.Model()
	u := metering.ModelUse{
		TenantID: c.ID, EntityID: c.EntityID, Day: in.Today, Provider: model.Provider, Model: model.Model, Calls: used.Requests,
		InputTokens: used.InputTokens, CachedInputTokens: used.CachedInputTokens, OutputTokens: used.OutputTokens,
	}
	if failed {
		u.Failures = used.Requests
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := s.d.Repositories.ModelUses.Add(ctx, u); err != nil {
		s.d.Log.ErrorContext(ctx, "what a language model used was not kept", slog.String("tenant_id", c.ID.String()), slog.String("code", errs.CodeOf(err)),
			slog.Any("err", err))
	}
}
