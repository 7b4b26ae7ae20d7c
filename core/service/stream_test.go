package service_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// streaming is an office with a room that is followed.
type streaming struct {
	*office
	streams *service.Streams
	room    conference.RoomID
}

// line is how the tests encode an event: "room_event 12 12.7", a line each.
func line(b []byte, e service.StreamEvent) []byte {
	return fmt.Appendf(b, "%s %d %s\n", e.Kind, e.ID, e.Position)
}

func newStreaming(t *testing.T, o service.StreamOptions, edit ...func(*service.Deps)) *streaming {
	t.Helper()
	s := &streaming{office: newOffice(t)}
	d := service.Deps{Repositories: s.repos, Tx: s.store, Bus: s.store.Bus(), Now: s.clock.Now, Log: slog.New(slog.DiscardHandler)}
	for _, change := range edit {
		change(&d)
	}
	s.streams = service.NewStreams(d, s.rooms, line, o)
	t.Cleanup(s.streams.Close)
	s.room = s.newRoom(t, s.ana, "visit").ID
	return s
}

func (s *streaming) follow(t *testing.T, from *service.StreamPosition) *service.StreamReader {
	t.Helper()
	r := must(s.streams.Follow(t.Context(), s.ana, s.room, from))(t)
	t.Cleanup(r.Close)
	return r
}

// append appends room events and agents' events in turn.
func (s *streaming) append(t *testing.T, n int) {
	t.Helper()
	for range n {
		must(s.rooms.AppendEvents(t.Context(), s.ana, s.room, someEvents(1)))(t)
		must(s.rooms.AppendAgentEvents(t.Context(), s.ana, s.room, someEvents(1)))(t)
	}
}

// stored are the ids of each kind that the room has.
func (s *streaming) stored(t *testing.T) seen {
	t.Helper()
	got := seen{}
	var room, agent int64
	for {
		events, agents, err := s.repos.Timeline.After(t.Context(), identity.AllEntities(), s.room, conference.RoomEventID(room), conference.AgentSessionEventID(agent), ports.MaxAfter)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			room = int64(e.ID)
			got["room_event"] = append(got["room_event"], room)
		}
		for _, e := range agents {
			agent = int64(e.ID)
			got["agent_event"] = append(got["agent_event"], agent)
		}
		if len(events)+len(agents) == 0 {
			return got
		}
	}
}

// seen are the ids of each kind that a reader got, in their order.
type seen map[string][]int64

func (s seen) take(lines []byte) (last service.StreamPosition) {
	for l := range strings.Lines(string(lines)) {
		var kind, position string
		var id int64
		_, _ = fmt.Sscan(l, &kind, &id, &position) // as line has written it
		s[kind] = append(s[kind], id)
		last, _ = service.ParseStreamPosition(position)
	}
	return last
}

func (s seen) count() int { return len(s["room_event"]) + len(s["agent_event"]) }

const streamPatience = 20 * time.Second

// read reads until n events came.
func (s seen) read(t *testing.T, r *service.StreamReader, n int) {
	t.Helper()
	if err := s.readUp(t.Context(), r, n); err != nil {
		t.Fatalf("after %d of %d events: %v", s.count(), n, err)
	}
}

func (s seen) readUp(ctx context.Context, r *service.StreamReader, n int) error {
	ctx, cancel := context.WithTimeout(ctx, streamPatience)
	defer cancel()
	for s.count() < n {
		got, err := r.Next(ctx, nil, time.Second)
		if err != nil {
			return err
		}
		s.take(got)
	}
	return nil
}

func (s seen) want(t *testing.T, want seen) {
	t.Helper()
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestAReaderGetsWhatComesFromNowOn(t *testing.T) {
	t.Parallel()
	s := newStreaming(t, service.StreamOptions{})
	s.append(t, 3)
	r := s.follow(t, nil)
	before := s.stored(t)
	if p := (service.StreamPosition{Room: conference.RoomEventID(slices.Max(before["room_event"])), Agent: conference.AgentSessionEventID(slices.Max(before["agent_event"]))}); r.Position() != p {
		t.Errorf("begins at %v, want %v", r.Position(), p)
	}
	if got, err := r.Next(t.Context(), []byte("x"), 50*time.Millisecond); err != nil || string(got) != "x" {
		t.Errorf("before anything came: got %q and error %v", got, err)
	}
	s.append(t, 2)
	got := seen{}
	got.read(t, r, 4)
	after := s.stored(t)
	got.want(t, seen{"room_event": after["room_event"][len(before["room_event"]):], "agent_event": after["agent_event"][len(before["agent_event"]):]})
	again := s.follow(t, &service.StreamPosition{})
	all := seen{}
	all.read(t, again, after.count())
	all.want(t, after)
	if again.Position() != r.Position() {
		t.Errorf("two readers that have read all are at %v and %v", again.Position(), r.Position())
	}
}

func TestWhatTheServiceNotesIsHeardOfAtOnce(t *testing.T) {
	t.Parallel()
	s := newStreaming(t, service.StreamOptions{Poll: time.Hour})
	rita := s.newParticipant(t, s.ana, "Rita")
	r := s.follow(t, nil)
	got := seen{}
	must(s.rooms.AddParticipant(t.Context(), s.ana, s.room, rita.ID, ""))(t)
	got.read(t, r, 1)
	if err := s.rooms.RemoveParticipant(t.Context(), s.ana, s.room, rita.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	got.read(t, r, 2)
	if err := s.rooms.Delete(t.Context(), s.ana, s.room, version.Match{}); err != nil {
		t.Fatal(err)
	}
	got.read(t, r, 3)
}

func TestEventsOfOneReadComeByTime(t *testing.T) {
	t.Parallel()
	s := newStreaming(t, service.StreamOptions{})
	s.clock.advance(time.Minute)
	for range 3 {
		s.clock.advance(time.Second)
		must(s.rooms.AppendAgentEvents(t.Context(), s.ana, s.room, someEvents(1)))(t)
		must(s.rooms.AppendEvents(t.Context(), s.ana, s.room, someEvents(1)))(t)
	}
	r := s.follow(t, &service.StreamPosition{})
	got, err := r.Next(t.Context(), nil, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for l := range strings.Lines(string(got)) {
		kinds = append(kinds, strings.Fields(l)[0])
	}
	want := []string{"room_event", "room_event", "agent_event", "room_event", "agent_event", "room_event", "agent_event"}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestResumingMissesNothingAndRepeatsNothing has readers leave and come back anywhere, while many append.
func TestResumingMissesNothingAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	const appenders, batches, readers = 4, 40, 6
	s := newStreaming(t, service.StreamOptions{Ring: 32, Linger: 20 * time.Millisecond})
	start := s.stored(t)
	ctx, cancel := context.WithTimeout(t.Context(), streamPatience)
	defer cancel()
	var appending, reading sync.WaitGroup
	total := start.count() + appenders*batches*3
	results := make([]seen, readers)
	for i := range readers {
		reading.Go(func() {
			got := seen{}
			results[i] = got
			at := service.StreamPosition{}
			for got.count() < total && ctx.Err() == nil {
				r, err := s.streams.Follow(ctx, s.ana, s.room, &at)
				if err != nil {
					t.Errorf("follow from %v: %v", at, err)
					return
				}
				for range rand.IntN(6) {
					lines, err := r.Next(ctx, nil, 50*time.Millisecond)
					if errs.CodeOf(err) == "slow-reader" {
						break
					}
					if err != nil {
						t.Errorf("next: %v", err)
						return
					}
					if len(lines) > 0 {
						at = got.take(lines)
					}
				}
				r.Close()
			}
		})
	}
	for range appenders {
		appending.Go(func() {
			for n := range batches {
				if _, err := s.rooms.AppendEvents(ctx, s.ana, s.room, someEvents(1+n%2)); err != nil {
					t.Errorf("append: %v", err)
				}
				if _, err := s.rooms.AppendAgentEvents(ctx, s.ana, s.room, someEvents(2-n%2)); err != nil {
					t.Errorf("append: %v", err)
				}
			}
		})
	}
	appending.Wait()
	reading.Wait()
	want := s.stored(t)
	if want.count() != total {
		t.Fatalf("the room has %d events, want %d", want.count(), total)
	}
	for _, got := range results {
		got.want(t, want)
	}
}

func TestAReaderThatStopsReadingIsLetGoAndMayResume(t *testing.T) {
	t.Parallel()
	s := newStreaming(t, service.StreamOptions{Ring: 8})
	slow, quick := s.follow(t, nil), s.follow(t, nil)
	before := s.stored(t)
	s.append(t, 1)
	got, fast := seen{}, seen{}
	got.read(t, slow, 2)
	fast.read(t, quick, 2)
	for i := range 20 {
		s.append(t, 1)
		fast.read(t, quick, 2*(i+2))
	}
	_, err := slow.Next(t.Context(), nil, time.Second)
	if errs.KindOf(err) != errs.Exhausted || errs.CodeOf(err) != "slow-reader" {
		t.Fatalf("got error %v, want slow-reader", err)
	}
	at := slow.Position()
	slow.Close()
	again := s.follow(t, &at)
	got.read(t, again, 42)
	after := s.stored(t)
	got.want(t, seen{"room_event": after["room_event"][len(before["room_event"]):], "agent_event": after["agent_event"]})
	fast.want(t, got)
}

func TestABurstDropsNobodyWhoReads(t *testing.T) {
	t.Parallel()
	s := newStreaming(t, service.StreamOptions{Ring: 64})
	before := s.stored(t).count()
	var reading sync.WaitGroup
	for range 5 {
		r := s.follow(t, nil)
		reading.Go(func() {
			if err := (seen{}).readUp(t.Context(), r, 2000); err != nil {
				t.Errorf("a reader: %v", err)
			}
		})
	}
	for range 2 {
		must(s.rooms.AppendEvents(t.Context(), s.ana, s.room, someEvents(1000)))(t)
	}
	reading.Wait()
	if got := s.stored(t).count() - before; got != 2000 {
		t.Errorf("%d events were appended", got)
	}
}

// deafBus is a bus that loses everything.
type deafBus struct{ ports.Bus }

func (deafBus) Subscribe(string, func(string)) func() { return func() {} }

func TestALostNoticeIsMadeUpFor(t *testing.T) {
	t.Parallel()
	s := newStreaming(t, service.StreamOptions{Poll: 20 * time.Millisecond}, func(d *service.Deps) { d.Bus = deafBus{d.Bus} })
	r := s.follow(t, nil)
	s.append(t, 2)
	seen{}.read(t, r, 4)
}

func TestAPositionThatIsNotThereYetIsNow(t *testing.T) {
	t.Parallel()
	s := newStreaming(t, service.StreamOptions{})
	r := s.follow(t, &service.StreamPosition{Room: 1 << 40, Agent: 1 << 40})
	s.append(t, 1)
	seen{}.read(t, r, 2)
}

func TestPositionsAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	want := service.StreamPosition{Room: 12, Agent: 7}
	if got, err := service.ParseStreamPosition(want.String()); err != nil || got != want || want.String() != "12.7" {
		t.Errorf("%v was read as %v, with error %v", want, got, err)
	}
	for _, bad := range []string{"", ".", "12", "12.", ".7", "-1.7", "12.7.1", "a.b", "12.9223372036854775808", " 1.2"} {
		if _, err := service.ParseStreamPosition(bad); errs.CodeOf(err) != "invalid-position" {
			t.Errorf("%q: got error %v", bad, err)
		}
	}
}

func TestOnlyWhoMaySeeTheRoomFollowsIt(t *testing.T) {
	t.Parallel()
	s := newStreaming(t, service.StreamOptions{})
	for _, room := range []conference.RoomID{s.room, 999_999} {
		_, err := s.streams.Follow(t.Context(), s.bruno, room, nil)
		if errs.KindOf(err) != errs.NotFound || errs.CodeOf(err) != "room-not-found" {
			t.Errorf("another entity's administrator: got error %v", err)
		}
	}
	if _, err := s.streams.Follow(t.Context(), identity.FrontDesk(s.north.ID), s.room, nil); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("the front desk: got error %v", err)
	}
	r := s.follow(t, nil)
	if err := errors.Join(r.Permits(s.ana), r.Permits(s.manager)); err != nil {
		t.Errorf("who may read: got error %v", err)
	}
	if err := r.Permits(s.bruno); errs.KindOf(err) != errs.NotFound {
		t.Errorf("another entity's administrator reads on: got error %v", err)
	}
	if err := r.Permits(identity.Actor{}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("nobody reads on: got error %v", err)
	}
}

func TestThereAreOnlySoManyStreams(t *testing.T) {
	t.Parallel()
	s := newStreaming(t, service.StreamOptions{Max: 2})
	first := s.follow(t, nil)
	s.follow(t, nil)
	_, err := s.streams.Follow(t.Context(), s.ana, s.room, nil)
	if e, ok := errors.AsType[*errs.Error](err); !ok || e.Code != "too-many-streams" || e.Retry == 0 {
		t.Fatalf("got error %v, want too-many-streams, and when to come again", err)
	}
	first.Close()
	first.Close()
	s.follow(t, nil)
	if _, err := s.streams.Follow(t.Context(), s.ana, s.room, nil); errs.CodeOf(err) != "too-many-streams" {
		t.Errorf("closing one twice made room for two: got error %v", err)
	}
}

func TestClosingEndsEveryStream(t *testing.T) {
	t.Parallel()
	s := newStreaming(t, service.StreamOptions{})
	waiting, busy := s.follow(t, nil), s.follow(t, &service.StreamPosition{})
	ended := make(chan error, 1)
	go func() {
		_, err := waiting.Next(context.WithoutCancel(t.Context()), nil, time.Minute)
		ended <- err
	}()
	s.streams.Close()
	s.streams.Close()
	select {
	case err := <-ended:
		if errs.CodeOf(err) != "shutting-down" {
			t.Errorf("who waits: got error %v", err)
		}
	case <-time.After(streamPatience):
		t.Fatal("who waits goes on waiting")
	}
	if _, err := busy.Next(t.Context(), nil, time.Minute); errs.CodeOf(err) != "shutting-down" {
		t.Errorf("who has something to read: got error %v", err)
	}
	if _, err := s.streams.Follow(t.Context(), s.ana, s.room, nil); errs.CodeOf(err) != "shutting-down" {
		t.Errorf("who comes late: got error %v", err)
	}
}

func TestAReaderWhoseContextEndsStops(t *testing.T) {
	t.Parallel()
	s := newStreaming(t, service.StreamOptions{})
	r := s.follow(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := r.Next(ctx, nil, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v", err)
	}
	s.append(t, 1)
	seen{}.read(t, r, 2) // and it can be read on
}

// brokenLists is a store whose events cannot be read.
type brokenLists struct{ ports.RoomEventRepository }

func (brokenLists) List(context.Context, identity.Scope, conference.EventFilter, page.Request) (page.Page[conference.RoomEvent], error) {
	return page.Page[conference.RoomEvent]{}, errs.New(errs.Unavailable, "database-unavailable", "away")
}

func TestWhatCannotBeReadIsNotFollowed(t *testing.T) {
	t.Parallel()
	s := newStreaming(t, service.StreamOptions{}, func(d *service.Deps) { d.Repositories.RoomEvents = brokenLists{d.Repositories.RoomEvents} })
	if _, err := s.streams.Follow(t.Context(), s.ana, s.room, nil); errs.CodeOf(err) != "database-unavailable" {
		t.Errorf("got error %v", err)
	}
}
