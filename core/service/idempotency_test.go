package service_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

func twoEvents() []conference.EventParams {
	return []conference.EventParams{{Name: "a", Data: `{"n":1.50,"text":"olá"}`}, {Name: "b"}}
}

// under is a request for something, with a key.
func under(key string, parts ...string) service.NamedRequest {
	return service.NamedRequest{Key: key, Parts: append([]string{"create-entity"}, parts...)}
}

// named is an office whose requests may have keys. Its use cases are made with a transactor that remembers.
type named struct {
	*office
	idempotency *service.Idempotency
	tx          *flakyTx
}

func newNamed(t *testing.T) *named {
	t.Helper()
	n := &named{office: newOffice(t)}
	n.tx = &flakyTx{Transactor: n.store}
	d := service.Deps{
		Repositories: n.repos, Tx: service.Remembering(n.tx), Bus: n.store.Bus(), Now: n.clock.Now, Log: slog.New(slog.DiscardHandler),
	}
	n.idempotency, n.entities, n.rooms = service.NewIdempotency(d), service.NewEntities(d), service.NewRooms(d, recordsOnly(d, ""))
	return n
}

// begin begins a request whose key is free.
func (n *named) begin(t *testing.T, actor identity.Actor, r service.NamedRequest) context.Context {
	t.Helper()
	ctx, before, err := n.idempotency.Begin(t.Context(), actor, r)
	if err != nil || before != nil {
		t.Fatalf("begin: got answer %v and error %v, want the key", before, err)
	}
	return ctx
}

// refused begins a request whose key is not free.
func (n *named) refused(t *testing.T, actor identity.Actor, r service.NamedRequest, kind errs.Kind, code string) error {
	t.Helper()
	_, before, err := n.idempotency.Begin(t.Context(), actor, r)
	if before != nil {
		t.Errorf("got the answer %v, want %s", before, code)
	}
	wantRefusal(t, err, kind, code)
	return err
}

func (n *named) end(ctx context.Context, t *testing.T, a service.Answer) {
	t.Helper()
	if err := n.idempotency.End(ctx, a); err != nil {
		t.Errorf("end: %v", err)
	}
}

// effect makes an entity, and count is how many there are of its name.
func (n *named) effect(ctx context.Context, t *testing.T) {
	t.Helper()
	must(n.entities.Create(ctx, n.manager, clinic.EntityParams{Name: "once"}))(t)
}

func (n *named) wantEffects(t *testing.T, want int) {
	t.Helper()
	got := 0
	for _, e := range items(n.entities.List(t.Context(), n.manager, clinic.EntityFilter{}, page.Request{Limit: page.MaxLimit}))(t) {
		if e.Name == "once" {
			got++
		}
	}
	if got != want {
		t.Errorf("the effect is there %d times, want %d", got, want)
	}
}

func made() service.Answer {
	return service.Answer{Status: 201, Header: map[string]string{"Location": "/v1/entities/3"}, Body: "{\"n\": 1.50, \"a\":\"<ção>\\u0000\"}\n"}
}

func TestARepeatedRequestHasTheSameAnswer(t *testing.T) {
	t.Parallel()
	n := newNamed(t)
	ctx := n.begin(t, n.manager, under("key", "x"))
	n.effect(ctx, t)
	n.end(ctx, t, made())
	n.clock.advance(service.IdempotencyTime)
	for range 2 {
		_, before, err := n.idempotency.Begin(t.Context(), n.manager, under("key", "x"))
		want := made()
		if diff := cmp.Diff(&want, before); err != nil || diff != "" {
			t.Errorf("got error %v and another answer (-first +second):\n%s", err, diff)
		}
	}
	for _, other := range []service.NamedRequest{under("key"), under("key", "y"), under("key", "x", ""), under("key", "", "x"), {Key: "key", Parts: []string{"create-entityx"}}} {
		_ = n.refused(t, n.manager, other, errs.Invalid, "idempotency-key-reused")
	}
	n.end(n.begin(t, n.ana, under("key", "x")), t, made()) // keys are everybody's own
	n.clock.advance(time.Microsecond)
	n.begin(t, n.manager, under("key", "y")) // a day is over
	n.wantEffects(t, 1)
}

func TestARequestThatIsBeingDoneIsNotDoneAgain(t *testing.T) {
	t.Parallel()
	n := newNamed(t)
	ctx := n.begin(t, n.manager, under("key"))
	for range 2 {
		err := n.refused(t, n.manager, under("key"), errs.Conflict, "idempotency-key-in-flight")
		if e, ok := errors.AsType[*errs.Error](err); !ok || e.Retry != time.Second {
			t.Errorf("the refusal %+v does not say when to come back", err)
		}
		n.effect(ctx, t) // the second time around it is committed
	}
	_ = n.refused(t, n.manager, under("key", "other"), errs.Invalid, "idempotency-key-reused")
	n.end(ctx, t, made())
}

func TestWhatAProcessLeavesThatDies(t *testing.T) {
	t.Parallel()
	t.Run("BeforeTheEffectItIsDoneAgain", func(t *testing.T) {
		t.Parallel()
		n := newNamed(t)
		late := n.begin(t, n.manager, under("key"))
		n.clock.advance(service.ReservationTime)
		_ = n.refused(t, n.manager, under("key"), errs.Conflict, "idempotency-key-in-flight")
		n.clock.advance(time.Microsecond)
		_ = n.refused(t, n.manager, under("key", "other"), errs.Invalid, "idempotency-key-reused")
		ctx := n.begin(t, n.manager, under("key"))
		// The first one was only slow: it must not have its effect any more.
		_, err := n.entities.Create(late, n.manager, clinic.EntityParams{Name: "once"})
		wantRefusal(t, err, errs.Unavailable, "idempotency-key-lost")
		n.end(late, t, service.Answer{Status: 503})
		n.effect(ctx, t)
		n.end(ctx, t, made())
		n.wantEffects(t, 1)
	})
	t.Run("AfterTheEffectItIsNever", func(t *testing.T) {
		t.Parallel()
		n := newNamed(t)
		n.effect(n.begin(t, n.manager, under("key")), t)
		n.clock.advance(service.ReservationTime)
		_ = n.refused(t, n.manager, under("key"), errs.Conflict, "idempotency-key-in-flight")
		n.clock.advance(time.Microsecond)
		_ = n.refused(t, n.manager, under("key"), errs.Conflict, "idempotency-answer-lost")
		n.clock.advance(service.IdempotencyTime - service.ReservationTime - time.Microsecond)
		_ = n.refused(t, n.manager, under("key"), errs.Conflict, "idempotency-answer-lost")
		n.wantEffects(t, 1)
	})
}

func TestWhichAnswersAreKept(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status  int
		effects bool
		kept    bool
		code    string // of another request at once, when it is not kept: "" when the key is free
	}{
		"Success":                 {201, true, true, ""},
		"SuccessWithoutAnEffect":  {200, false, true, ""},
		"Refusal":                 {409, false, false, ""},
		"RefusalAfterAnEffect":    {409, true, true, ""},
		"Failure":                 {503, false, false, ""},
		"FailureAfterAnEffect":    {503, true, false, "idempotency-key-in-flight"},
		"CreatedButNothingStored": {201, false, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNamed(t)
			ctx := n.begin(t, n.manager, under("key"))
			if tt.effects {
				n.effect(ctx, t)
			}
			a := made()
			a.Status = tt.status
			gone, leave := context.WithCancel(ctx)
			leave() // the caller does not wait
			n.end(gone, t, a)
			_, before, err := n.idempotency.Begin(t.Context(), n.manager, under("key"))
			if got := errs.CodeOf(err); got != tt.code || (before != nil) != tt.kept {
				t.Errorf("got answer %v and error %v, want one kept: %v, or %q", before, err, tt.kept, tt.code)
			}
			if before != nil && before.Status != tt.status {
				t.Errorf("got status %d, want %d", before.Status, tt.status)
			}
		})
	}
}

func TestAnAnswerThatIsTooBigIsNotKept(t *testing.T) {
	t.Parallel()
	n := newNamed(t)
	for _, tt := range []struct {
		key  string
		size int
		kept bool
	}{{"fits", service.MaxKeptAnswer, true}, {"big", service.MaxKeptAnswer + 1, false}} {
		n.end(n.begin(t, n.manager, under(tt.key)), t, service.Answer{Status: 200, Body: strings.Repeat("x", tt.size)})
		n.clock.advance(service.ReservationTime + time.Microsecond)
		_, before, err := n.idempotency.Begin(t.Context(), n.manager, under(tt.key))
		if (before != nil) != tt.kept || !tt.kept && errs.CodeOf(err) != "idempotency-answer-lost" {
			t.Errorf("%d bytes: kept %v, error %v", tt.size, before != nil, err)
		}
	}
}

func TestAnEffectAndItsMarkAreStoredTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	n := newNamed(t)
	room := n.newRoom(t, n.ana, "visit").ID
	boom := errors.New("boom")
	n.tx.fail = func(ports.Repositories) error { return boom }
	ctx := n.begin(t, n.ana, under("key"))
	if _, err := n.rooms.AppendEvents(ctx, n.ana, room, twoEvents()); !errors.Is(err, boom) {
		t.Fatalf("got error %v, want %v", err, boom)
	}
	n.end(ctx, t, service.Answer{Status: 500})
	n.tx.fail = nil
	ctx = n.begin(t, n.ana, under("key"))
	must(n.rooms.AppendEvents(ctx, n.ana, room, twoEvents()))(t)
	n.end(ctx, t, made())
	if got := len(items(n.rooms.Events(t.Context(), n.ana, conference.EventFilter{RoomID: room, Name: "a"}, page.Request{}))(t)); got != 1 {
		t.Errorf("the room has %d events of the name, want 1", got)
	}
}

func TestWithoutAKeyNothingIsRemembered(t *testing.T) {
	t.Parallel()
	n := newNamed(t)
	room := n.newRoom(t, n.ana, "visit").ID
	n.tx.fail = func(ports.Repositories) error { return errors.New("a transaction") }
	must(n.rooms.AppendEvents(t.Context(), n.ana, room, twoEvents()))(t)
	n.end(t.Context(), t, made())
	if _, err := n.rooms.AppendEvents(n.begin(t, n.ana, under("key")), n.ana, room, twoEvents()); err == nil {
		t.Error("with a key: got no error, so the test shows nothing")
	}
}

func TestKeysAreVisibleASCII(t *testing.T) {
	t.Parallel()
	n := newNamed(t)
	for _, key := range []string{"", " ", "a b", "a\t", "a\x7f", "chave-é", "\xff", strings.Repeat("k", 256)} {
		_, _, err := n.idempotency.Begin(t.Context(), n.ana, under(key))
		wantFields(t, err, "header.Idempotency-Key")
	}
	for _, key := range []string{"!", "~", `"quoted"`, strings.Repeat("k", 255)} {
		n.begin(t, n.ana, under(key))
	}
}

func TestManyEqualRequestsAtOnceAreOne(t *testing.T) {
	t.Parallel()
	n := newNamed(t)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			ctx, before, err := n.idempotency.Begin(t.Context(), n.manager, under("key"))
			switch {
			case err != nil:
				if errs.CodeOf(err) != "idempotency-key-in-flight" {
					t.Errorf("begin: %v", err)
				}
			case before == nil:
				n.effect(ctx, t)
				n.end(ctx, t, made())
			case before.Body != made().Body:
				t.Errorf("got the answer %v", before)
			}
		})
	}
	all.Wait()
	n.wantEffects(t, 1)
}

func TestATransactorThatForgetsIsRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	defer func() {
		if recover() == nil {
			t.Error("a transactor that does not remember was taken")
		}
	}()
	service.NewIdempotency(service.Deps{Repositories: o.repos, Tx: o.store, Now: o.clock.Now})
}
