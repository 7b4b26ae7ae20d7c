package service_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// mediaWorld is an office whose rooms take place on a LiveKit of the test's.
type mediaWorld struct {
	*office
	t     *testing.T
	live  *liveKitDouble
	log   *bytes.Buffer // of use cases; not of the store
	media *service.Media

	posted int
}

func newMediaWorld(t *testing.T) *mediaWorld {
	t.Helper()
	o := newOffice(t)
	w := &mediaWorld{office: o, t: t, live: &liveKitDouble{now: o.clock.Now, rooms: map[string]*liveRoom{}}, log: &bytes.Buffer{}}
	d := service.Deps{
		Repositories: o.repos, Tx: o.store, Locks: o.store, Bus: o.store.Bus(), Now: o.clock.Now,
		Log: slog.New(slog.NewTextHandler(&lockedWriter{to: w.log}, nil)),
	}
	w.media = service.NewMedia(d, w.live, w.live, plainTokens{}, service.MediaOptions{
		SecretaryURL: "https://secretary.example.com", Platform: `{"prompt":"platform"}`,
	})
	o.rooms = service.NewRooms(d, w.media)
	return w
}

// lockedWriter is a writer for several goroutines.
type lockedWriter struct {
	mu sync.Mutex
	to *bytes.Buffer
}

func (w *lockedWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(b)
}

// do does the jobs that are due.
func (w *mediaWorld) do() {
	w.t.Helper()
	w.work(func(ctx context.Context, j ports.Job) error {
		_, err := w.media.Do(ctx, j)
		return err
	})
}

// reconcile has what LiveKit has compared with what is known.
func (w *mediaWorld) reconcile() error {
	handled, err := w.media.Do(w.t.Context(), ports.Job{Kind: service.JobReconcile, Key: service.JobReconcile})
	if !handled {
		w.t.Error("the reconciler does not take its job")
	}
	return err
}

func (w *mediaWorld) mustReconcile() {
	w.t.Helper()
	if err := w.reconcile(); err != nil {
		w.t.Fatal(err)
	}
}

// room is a room as it is now.
func (w *mediaWorld) room(key conference.RoomID) conference.Room {
	w.t.Helper()
	return must(w.repos.Rooms.Get(w.t.Context(), identity.AllEntities(), key))(w.t)
}

// participant puts somebody into a room.
func (w *mediaWorld) participant(room conference.RoomID, kind conference.ParticipantType) conference.Participant {
	w.t.Helper()
	p := participantNamed("somebody")
	p.Type = kind
	v := must(w.participants.Create(w.t.Context(), w.ana, p))(w.t)
	must(w.rooms.AddParticipant(w.t.Context(), w.ana, room, v.ID, ""))(w.t)
	return v
}

// post sends an event as LiveKit does.
func (w *mediaWorld) post(e conference.MediaEvent) error {
	w.t.Helper()
	body := must(json.Marshal(e))(w.t)
	return w.media.Receive(w.t.Context(), "signed", body)
}

func (w *mediaWorld) mustPost(events ...conference.MediaEvent) {
	w.t.Helper()
	for _, e := range events {
		if err := w.post(e); err != nil {
			w.t.Fatalf("%s %s: %v", e.ID, e.Name, err)
		}
	}
}

// event is an event of the LiveKit room that a room has now, with an id of its own.
func (w *mediaWorld) event(room conference.Room, name string, who ...conference.MediaParticipant) conference.MediaEvent {
	w.t.Helper()
	live, _ := w.live.has(room.LiveKitName)
	w.posted++
	e := conference.MediaEvent{ID: fmt.Sprintf("EV_%d", w.posted), Name: name, At: w.clock.Now(), Room: live.media}
	e.Room.Name = room.LiveKitName
	if len(who) > 0 {
		e.Participant = who[0]
	}
	return e
}

func (w *mediaWorld) came(room conference.Room, who conference.MediaParticipant) conference.MediaEvent {
	return w.event(room, conference.MediaParticipantJoined, who)
}

func (w *mediaWorld) went(room conference.Room, who conference.MediaParticipant, reason string) conference.MediaEvent {
	e := w.event(room, conference.MediaParticipantLeft, who)
	e.Reason = reason
	return e
}

// person is somebody on LiveKit, of no participant.
func (w *mediaWorld) person(sid string) conference.MediaParticipant {
	return conference.MediaParticipant{Identity: "guest-" + sid, SID: sid, Name: "Guest", Kind: conference.KindStandard, JoinedAt: w.clock.Now()}
}

func (w *mediaWorld) agent(sid string) conference.MediaParticipant {
	return conference.MediaParticipant{
		Identity: "agent-" + sid, SID: sid, Kind: conference.KindAgent, JoinedAt: w.clock.Now(),
	}
}

// expectAgent has an agent asked for and dispatched, as far as the store knows.
func (w *mediaWorld) expectAgent(room conference.RoomID) conference.Participant {
	w.t.Helper()
	agent := w.participant(room, conference.Agent)
	now := w.clock.Now()
	must(w.repos.Rooms.Update(w.t.Context(), identity.AllEntities(), room, func(v *conference.Room) error {
		_, err := v.RequestAgent(agent.ID, "secretary", now.Add(20*time.Second), now)
		v.AgentDispatched(v.Agent.Number, "AD_1", now.Add(20*time.Second), now)
		return err
	}))(w.t)
	return agent
}

// wantAgent checks how far the agent of a room has come.
func (w *mediaWorld) wantAgent(room conference.RoomID, status conference.AgentStatus, reason string) {
	w.t.Helper()
	if got := w.room(room).Agent; got.Status != status || got.Reason != reason {
		w.t.Errorf("the agent is %s because %q, want %s because %q", got.Status, got.Reason, status, reason)
	}
}

// wantStatus checks how far a room has come.
func (w *mediaWorld) wantStatus(room conference.RoomID, status conference.RoomStatus, reason conference.CloseReason) {
	w.t.Helper()
	if got := w.room(room); got.Status != status || got.ClosedReason != reason {
		w.t.Errorf("the room is %s because %q, want %s because %q", got.Status, got.ClosedReason, status, reason)
	}
}

// wantTold checks what was told of a room since it was opened, and who was put into it.
func (w *mediaWorld) wantTold(room conference.RoomID, want ...string) {
	w.t.Helper()
	got := slices.DeleteFunc(w.told(room), func(e string) bool { return e == "room_opened" || e == "participant_added" })
	if diff := cmp.Diff(append([]string{}, want...), append([]string{}, got...)); diff != "" {
		w.t.Errorf("told (-want +got):\n%s", diff)
	}
}

// told are the names of the events of a room since it was opened, each with what tells it apart.
func (w *mediaWorld) told(room conference.RoomID) []string {
	w.t.Helper()
	var out []string
	for _, line := range w.history(w.t, room) {
		name, text, _ := strings.Cut(line, " ")
		var data map[string]any
		if err := json.Unmarshal([]byte(text), &data); err != nil {
			w.t.Fatal(err)
		}
		for _, key := range []string{"livekit_participant_sid", "livekit_sid", "from", "to", "attempt", "reason"} {
			if v, ok := data[key]; ok && v != "" {
				name += fmt.Sprint(" ", v)
			}
		}
		if data["source"] == "reconciler" {
			name += " (reconciler)"
		}
		out = append(out, name)
	}
	return out
}

// liveKitDouble is a LiveKit that fails when it is told to. A room has the SID "RM_1", the next one of any name "RM_2".
type liveKitDouble struct {
	now func() time.Time

	mu         sync.Mutex
	unset      bool // not configured
	rooms      map[string]*liveRoom
	made       int
	dispatched int
	calls      []string // "open room-...", "dispatch room-... secretary"
	broken     error    // what every call fails with
	before     func(call string) error
	after      func(call string) error // the answer is lost
}

type liveRoom struct {
	media      conference.MediaRoom
	present    []conference.MediaParticipant
	dispatches []liveDispatch
}

type liveDispatch struct{ id, agent, metadata string }

func errLiveKitAway() error {
	return errs.New(errs.Unavailable, "livekit-unavailable", "LiveKit does not answer")
}

// call does something as LiveKit, unless it is to fail.
func (l *liveKitDouble) call(ctx context.Context, call string, fn func()) error {
	l.mu.Lock()
	l.calls = append(l.calls, call)
	before, after, broken := l.before, l.after, l.broken
	l.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if broken != nil {
		return broken
	}
	if before != nil {
		if err := before(call); err != nil {
			return err
		}
	}
	l.mu.Lock()
	fn()
	l.mu.Unlock()
	if after != nil {
		return after(call)
	}
	return nil
}

func (l *liveKitDouble) Available() error {
	if l.unset {
		return errs.New(errs.Unavailable, "livekit-unconfigured", "set LIVEKIT_URL")
	}
	return nil
}

// roomNamed is the room of a name, which is made if need be. The caller holds the lock.
func (l *liveKitDouble) roomNamed(name string) *liveRoom {
	if l.rooms[name] == nil {
		l.made++
		l.rooms[name] = &liveRoom{media: conference.MediaRoom{Name: name, SID: fmt.Sprintf("RM_%d", l.made), Since: l.now()}}
	}
	return l.rooms[name]
}

func (l *liveKitDouble) Open(ctx context.Context, room conference.Room) (m conference.MediaRoom, err error) {
	err = l.call(ctx, "open "+room.LiveKitName, func() { m = l.roomNamed(room.LiveKitName).media })
	return m, err
}

func (l *liveKitDouble) Close(ctx context.Context, name string) error {
	return l.call(ctx, "close "+name, func() { delete(l.rooms, name) })
}

func (l *liveKitDouble) Rooms(ctx context.Context) (out []conference.MediaRoom, err error) {
	err = l.call(ctx, "rooms", func() {
		for _, room := range l.rooms {
			out = append(out, room.media)
		}
	})
	return out, err
}

func (l *liveKitDouble) Participants(ctx context.Context, name string) (out []conference.MediaParticipant, err error) {
	err = l.call(ctx, "participants "+name, func() {
		if room := l.rooms[name]; room != nil {
			out = slices.Clone(room.present)
		}
	})
	return out, err
}

func (l *liveKitDouble) Dispatch(ctx context.Context, room, agent, metadata string) (id string, err error) {
	err = l.call(ctx, "dispatch "+room+" "+agent, func() {
		l.dispatched++
		id = fmt.Sprintf("AD_%d", l.dispatched)
		r := l.roomNamed(room)
		r.dispatches = append(r.dispatches, liveDispatch{id, agent, metadata})
	})
	return id, err
}

func (l *liveKitDouble) Withdraw(ctx context.Context, room, agent string) error {
	return l.call(ctx, "withdraw "+room+" "+agent, func() {
		if r := l.rooms[room]; r != nil {
			r.dispatches = slices.DeleteFunc(r.dispatches, func(d liveDispatch) bool { return d.agent == agent })
			r.present = slices.DeleteFunc(r.present, func(p conference.MediaParticipant) bool { return p.Kind == conference.KindAgent })
		}
	})
}

func (l *liveKitDouble) JoinToken(room conference.Room, p ports.JoinTokenParams) (token, url string, err error) {
	if err := l.Available(); err != nil {
		return "", "", err
	}
	return fmt.Sprintf("join %s as %s (%s) %v for %v", room.LiveKitName, p.Identity, p.Name, p.Attributes, p.Lifetime), "wss://livekit.example.com", nil
}

// Event reads an event as it is.
func (l *liveKitDouble) Event(authorization string, body []byte) (e conference.MediaEvent, err error) {
	if err := l.Available(); err != nil {
		return e, err
	}
	if authorization != "signed" {
		return e, errs.New(errs.Unauthenticated, "invalid-signature", "the signature is wrong")
	}
	if json.Unmarshal(body, &e) != nil {
		return e, errs.New(errs.Invalid, "invalid-event", "not an event")
	}
	return e, nil
}

// fail has every call fail as if LiveKit did not answer, or none.
func (l *liveKitDouble) fail(away bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = nil
	if away {
		l.broken = errLiveKitAway()
	}
}

// restart has LiveKit forget everything.
func (l *liveKitDouble) restart() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rooms = map[string]*liveRoom{}
}

// join has somebody join a room, without telling anybody.
func (l *liveKitDouble) join(room string, p conference.MediaParticipant) conference.MediaRoom {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.roomNamed(room)
	r.present = append(r.present, p)
	return r.media
}

// leave has somebody leave a room, without telling anybody.
func (l *liveKitDouble) leave(room, sid string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.rooms[room]
	r.present = slices.DeleteFunc(r.present, func(p conference.MediaParticipant) bool { return p.SID == sid })
}

// called returns the calls of a kind since it was asked for the last time, and forgets all.
func (l *liveKitDouble) called(kind string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, call := range l.calls {
		if strings.HasPrefix(call, kind) {
			out = append(out, call)
		}
	}
	l.calls = nil
	return out
}

// has is the LiveKit room of a name, and whether there is one.
func (l *liveKitDouble) has(name string) (liveRoom, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.rooms[name]
	if r == nil {
		return liveRoom{}, false
	}
	return liveRoom{r.media, slices.Clone(r.present), slices.Clone(r.dispatches)}, true
}
