package service_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// under is a request to append events, with a key.
func under(key string) service.Idempotency {
	return service.Idempotency{Key: key, Operation: "append-room-events"}
}

func twoEvents() []conference.EventParams {
	return []conference.EventParams{{Name: "a", Data: `{"n":1.50,"text":"olá"}`}, {Name: "b"}}
}

// transcripts is how many events a room has besides the one that opened it.
func (o *office) transcripts(t *testing.T, room conference.RoomID) int {
	t.Helper()
	return len(items(o.rooms.Events(t.Context(), o.manager, conference.EventFilter{RoomID: room}, page.Request{Limit: page.MaxLimit}))(t)) - 1
}

func (o *office) wantTranscripts(t *testing.T, room conference.RoomID, want int) {
	t.Helper()
	if got := o.transcripts(t, room); got != want {
		t.Errorf("the room has %d events, want %d", got, want)
	}
}

// roomsWith makes the use cases of rooms anew, on dependencies that change has changed.
func (o *office) roomsWith(change func(*service.Deps)) *service.Rooms {
	d := service.Deps{Repositories: o.repos, Tx: o.store, Now: o.clock.Now, Log: slog.New(slog.DiscardHandler)}
	change(&d)
	return service.NewRooms(d, "")
}

func TestTheSameBatchAgainIsAnsweredAsTheFirstTime(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	first := must(o.rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), under("key")))(t)
	if len(first) != 2 || first[0].ID == 0 || first[0].ID >= first[1].ID || !first[0].CreatedAt.Equal(o.clock.Now()) || first[1].Data != "{}" {
		t.Errorf("got %+v, want two stored events", first)
	}
	stored := items(o.rooms.Events(t.Context(), o.ana, conference.EventFilter{RoomID: room}, page.Request{}))(t)
	if diff := cmp.Diff(stored[1:], first); diff != "" {
		t.Errorf("the answer is not what was stored (-stored +answer):\n%s", diff)
	}
	o.clock.advance(service.IdempotencyTime)
	for range 3 {
		again := must(o.rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), under("key")))(t)
		if diff := cmp.Diff(first, again); diff != "" {
			t.Errorf("the second answer (-first +second):\n%s", diff)
		}
	}
	o.wantTranscripts(t, room, 2)
}

func TestTheSameAgentEventsAgainAreAnsweredAsTheFirstTime(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	first := must(o.rooms.AppendAgentEvents(t.Context(), o.ana, room, twoEvents(), under("key")))(t)
	o.clock.advance(time.Minute)
	again := must(o.rooms.AppendAgentEvents(t.Context(), o.ana, room, twoEvents(), under("key")))(t)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the second answer (-first +second):\n%s", diff)
	}
	stored := items(o.rooms.AgentEvents(t.Context(), o.ana, conference.EventFilter{RoomID: room}, page.Request{}))(t)
	if diff := cmp.Diff(stored, first); diff != "" {
		t.Errorf("the answer is not what was stored (-stored +answer):\n%s", diff)
	}
}

func TestTheOrderOfMembersIsNotAnotherRequest(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	written := []jsonobj.Object{`{"a":1,"b":{"c":[1,2],"d":null}}`, `{"b":{"d":null,"c":[1,2]},"a":1}`}
	for _, data := range written {
		must(o.rooms.AppendEvents(t.Context(), o.ana, room, []conference.EventParams{{Name: "x", Data: data}}, under("key")))(t)
	}
	must(o.rooms.AppendEvents(t.Context(), o.ana, room, []conference.EventParams{{Name: "x"}}, under("none")))(t)
	must(o.rooms.AppendEvents(t.Context(), o.ana, room, []conference.EventParams{{Name: "x", Data: "{}"}}, under("none")))(t)
	o.wantTranscripts(t, room, 2)
}

func TestAKeyIsForOneRequest(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room, other := o.newRoom(t, o.ana, "visit").ID, o.newRoom(t, o.ana, "another").ID
	must(o.rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), under("key")))(t)
	otherOperation := under("key")
	otherOperation.Operation = "append-room-event"
	longer := append(twoEvents(), conference.EventParams{Name: "c"})
	renamed, changed := twoEvents(), twoEvents()
	renamed[1].Name, changed[0].Data = "c", `{"n":1.5,"text":"olá"}`
	shifted := []conference.EventParams{{Name: "a"}, {Name: "b", Data: twoEvents()[0].Data}}
	for name, try := range map[string]struct {
		room  conference.RoomID
		batch []conference.EventParams
		as    service.Idempotency
	}{
		"AnotherRoom":      {other, twoEvents(), under("key")},
		"AnotherOperation": {room, twoEvents(), otherOperation},
		"OneMore":          {room, longer, under("key")},
		"OneLess":          {room, twoEvents()[:1], under("key")},
		"AnotherName":      {room, renamed, under("key")},
		"AnotherNumber":    {room, changed, under("key")},
		"DataOfTheOther":   {room, shifted, under("key")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := o.rooms.AppendEvents(t.Context(), o.ana, try.room, try.batch, try.as)
			wantRefusal(t, err, errs.Invalid, "idempotency-key-reused")
			if got := o.transcripts(t, room) + o.transcripts(t, other); got != 2 {
				t.Errorf("there are %d events, want the 2 of the first request", got)
			}
		})
	}
}

func TestEverybodyHasKeysOfTheirOwn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	first := must(o.rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), under("key")))(t)
	second := must(o.rooms.AppendEvents(t.Context(), o.manager, room, twoEvents(), under("key")))(t)
	if first[0].ID == second[0].ID {
		t.Error("the manager was answered with another user's events")
	}
	_, err := o.rooms.AppendEvents(t.Context(), o.bruno, room, twoEvents(), under("key"))
	wantRefusal(t, err, errs.NotFound, "room-not-found")
	o.wantTranscripts(t, room, 4)
}

func TestAKeyIsForgottenAfterADay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	first := must(o.rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), under("key")))(t)
	o.clock.advance(service.IdempotencyTime + time.Microsecond)
	second := must(o.rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), under("key")))(t)
	if first[0].ID == second[0].ID || !second[0].CreatedAt.Equal(o.clock.Now()) {
		t.Errorf("got %+v, want new events", second)
	}
	again := must(o.rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), under("key")))(t)
	if diff := cmp.Diff(second, again); diff != "" {
		t.Errorf("the new answer is not remembered (-first +second):\n%s", diff)
	}
	o.wantTranscripts(t, room, 4)
}

func TestKeysAreVisibleASCII(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	for _, key := range []string{" ", "a b", "a\t", "a\x7f", "chave-é", "\xff", strings.Repeat("k", 256)} {
		_, err := o.rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), under(key))
		wantFields(t, err, "header.Idempotency-Key")
	}
	o.wantTranscripts(t, room, 0)
	for _, key := range []string{"!", "~", `"quoted"`, strings.Repeat("k", 255)} {
		must(o.rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), under(key)))(t)
	}
}

func TestARefusedRequestIsNotRemembered(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	_, err := o.rooms.AppendEvents(t.Context(), o.ana, room, []conference.EventParams{{Name: ""}}, under("key"))
	wantFields(t, err, "name")
	_, err = o.rooms.AppendEvents(t.Context(), o.ana, 999, twoEvents(), under("key"))
	wantRefusal(t, err, errs.NotFound, "room-not-found")
	must(o.rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), under("key")))(t)
}

func TestEventsAndTheirKeyAreStoredTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	boom := errors.New("boom")
	broken := o.roomsWith(func(d *service.Deps) {
		d.Tx = &flakyTx{Transactor: o.store, fail: func(ports.Repositories) error { return boom }}
	})
	if _, err := broken.AppendEvents(t.Context(), o.ana, room, twoEvents(), under("key")); !errors.Is(err, boom) {
		t.Fatalf("got error %v, want %v", err, boom)
	}
	o.wantTranscripts(t, room, 0)
	must(o.rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), under("key")))(t)
	o.wantTranscripts(t, room, 2)
}

func TestTwentyEqualRequestsAtOnceAreOne(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	answers := make([][]conference.RoomEvent, 20)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			var err error
			if answers[i], err = o.rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), under("key")); err != nil {
				t.Errorf("append: %v", err)
			}
		})
	}
	all.Wait()
	for _, answer := range answers {
		if diff := cmp.Diff(answers[0], answer); diff != "" {
			t.Errorf("two answers differ:\n%s", diff)
		}
	}
	o.wantTranscripts(t, room, 2)
}

// blindKeys are keys whose next reads find nothing, as if another request stored its own just after.
type blindKeys struct {
	ports.IdempotencyRepository
	blind atomic.Int32
}

func (k *blindKeys) Get(ctx context.Context, owner, key string) (identity.IdempotencyRecord, error) {
	if k.blind.Add(-1) >= 0 {
		return identity.IdempotencyRecord{}, errs.Absent("idempotency-key")
	}
	return k.IdempotencyRepository.Get(ctx, owner, key)
}

func TestASlowerRequestIsAnsweredWithTheFasterOnes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	first := must(o.rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), under("key")))(t)
	keys := &blindKeys{IdempotencyRepository: o.repos.IdempotencyKeys}
	slow := o.roomsWith(func(d *service.Deps) { d.Repositories.IdempotencyKeys = keys })
	keys.blind.Store(1)
	again := must(slow.AppendEvents(t.Context(), o.ana, room, twoEvents(), under("key")))(t)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the slower one's answer (-faster +slower):\n%s", diff)
	}
	keys.blind.Store(1)
	_, err := slow.AppendEvents(t.Context(), o.ana, room, twoEvents()[:1], under("key"))
	wantRefusal(t, err, errs.Invalid, "idempotency-key-reused")
	o.wantTranscripts(t, room, 2)
}

// noKeys fails whatever it is asked.
type noKeys struct{ ports.IdempotencyRepository }

func (noKeys) Get(context.Context, string, string) (identity.IdempotencyRecord, error) {
	return identity.IdempotencyRecord{}, errors.New("the keys are away")
}

func TestWithoutAKeyNothingIsRemembered(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	rooms := o.roomsWith(func(d *service.Deps) {
		d.Repositories.IdempotencyKeys = noKeys{}
		d.Tx = &flakyTx{Transactor: o.store, fail: func(ports.Repositories) error { return errors.New("a transaction") }}
	})
	for range 2 {
		must(rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), service.Idempotency{Operation: "append-room-events"}))(t)
	}
	o.wantTranscripts(t, room, 4)
	if _, err := rooms.AppendEvents(t.Context(), o.ana, room, twoEvents(), under("key")); err == nil {
		t.Error("with a key: got no error, so the test shows nothing")
	}
}
