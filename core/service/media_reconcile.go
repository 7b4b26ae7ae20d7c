package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

const (
	// lingerTime is how long after a room was closed the leaving of those in it is waited for.
	lingerTime = time.Minute
	// liveBatch is how many live rooms are looked up at once.
	liveBatch = 500
	// lingerBatch is how many closed rooms are looked up at once.
	lingerBatch = 100
	// liveKitPrefix is before the names of this service's rooms on LiveKit, see [Rooms.Create].
	liveKitPrefix = "room-"
)

// repairs counts what a run of the reconciler put right.
type repairs struct{ lost, closed, closedThere, aligned, emptied int }

func (n repairs) any() bool { return n != repairs{} }

// reconcile compares what LiveKit has with what is known, and puts right what was lost: webhooks, rooms, and what this
// service wanted and LiveKit was not told. One room that cannot be put right does not keep the others. When LiveKit does
// not answer, nothing is changed, and that is the error.
//
// It costs one request to LiveKit, and for every room that is going on there another one and a query.
func (s *Media) reconcile(ctx context.Context) error {
	known, err := s.goingOn(ctx) // before LiveKit is asked: what it does not have then is not just being made
	if err != nil {
		return err
	}
	if err := s.remindOfAgents(ctx, known); err != nil { // also when LiveKit is away: an agent is given up then
		return err
	}
	list, err := s.server.Rooms(ctx)
	if err != nil {
		return err
	}
	there := make(map[string]conference.MediaRoom, len(list))
	for _, m := range list {
		there[m.Name] = m
	}
	var done repairs
	failed := errors.Join(s.putAllRight(ctx, known, there, &done), s.comeUpon(ctx, list, known, &done), s.emptyClosed(ctx, there, &done))
	if done.any() {
		s.d.Log.InfoContext(ctx, "rooms were brought in line with LiveKit", slog.Int("lost", done.lost),
			slog.Int("closed", done.closed), slog.Int("closed_there", done.closedThere), slog.Int("aligned", done.aligned), slog.Int("emptied", done.emptied))
	}
	return failed
}

// putAllRight brings rooms in line with LiveKit, until it does not answer any more, which is the error then.
func (s *Media) putAllRight(ctx context.Context, known []conference.Room, there map[string]conference.MediaRoom, done *repairs) error {
	var failed error
	for _, room := range known {
		m, found := there[room.LiveKitName]
		err := s.putRight(ctx, room, m, found, done)
		if s.away(ctx, err) {
			return err
		}
		failed = errors.Join(failed, inRoom(err, room.ID))
	}
	return failed
}

// away reports whether what failed with err failed because LiveKit does not answer any more, or because the service stops:
// then there is no use in going on. A room that it refuses to do something with is not to keep the others.
func (s *Media) away(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return true
	}
	if errs.CodeOf(err) != "livekit-unavailable" {
		return false
	}
	_, err = s.server.Rooms(ctx)
	return err != nil
}

// inRoom says in the log which room an error is of.
func inRoom(err error, room conference.RoomID) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("room %s: %w", room, err)
}

// goingOn returns the live rooms, by id.
func (s *Media) goingOn(ctx context.Context) ([]conference.Room, error) {
	var found []conference.Room
	var last conference.RoomID
	for {
		some, err := s.d.Repositories.Rooms.Live(ctx, last, liveBatch)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
		if len(some) < liveBatch {
			return found, nil
		}
		last = some[len(some)-1].ID
	}
}

// putRight brings one room in line with LiveKit, which has m of its name, if found.
func (s *Media) putRight(ctx context.Context, room conference.Room, m conference.MediaRoom, found bool, done *repairs) error {
	switch {
	case found:
		changed, err := s.align(ctx, room, m)
		if changed {
			done.aligned++
		}
		return err
	case room.LiveKitSID != "":
		return s.lose(ctx, room, done)
	}
	return nil // a job has it made
}

// reconcileRoom asks LiveKit who is in one room that it has, and notes what was not known of it. It must not be called in a
// transaction.
func (s *Media) reconcileRoom(ctx context.Context, room conference.Room) error {
	if room.LiveKitSID == "" {
		return nil
	}
	_, err := s.align(ctx, room, conference.MediaRoom{Name: room.LiveKitName, SID: room.LiveKitSID, Since: room.LiveKitSince})
	return err
}

// align notes who came to a room, and who left it, of whom no webhook told; and which LiveKit room it is. What is known is
// read before LiveKit is asked, so that nobody who comes in between is taken for gone.
func (s *Media) align(ctx context.Context, room conference.Room, m conference.MediaRoom) (changed bool, err error) {
	known, err := s.d.Repositories.Presences.Present(ctx, room.ID)
	if err != nil {
		return false, err
	}
	there, err := s.server.Participants(ctx, room.LiveKitName)
	if err != nil {
		return false, err
	}
	came, gone := compare(known, there)
	as := room
	settle(&as, known, s.d.Now())
	if len(came) == 0 && len(gone) == 0 && m.SID == room.LiveKitSID && as == room {
		return false, nil
	}
	now := s.d.Now()
	changed, err = inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (bool, error) {
		t, err := s.newsOf(ctx, r, room.ID, fromReconciler, now)
		if err != nil {
			return false, err
		}
		return t.align(ctx, m, came, gone)
	})
	if changed {
		s.d.Bus.Publish(ctx, ports.TopicRooms, room.ID.String())
	}
	return changed, err
}

// compare returns who is on LiveKit and not known, and who is known and not there.
func compare(known []conference.Presence, there []conference.MediaParticipant) (came []conference.MediaParticipant, gone []conference.Presence) {
	sids := map[string]bool{}
	for _, v := range known {
		sids[v.SID] = true
	}
	onLiveKit := map[string]bool{}
	for _, p := range there {
		onLiveKit[p.SID] = true
		if !sids[p.SID] && p.SID != "" {
			came = append(came, p.Checked())
		}
	}
	for _, v := range known {
		if !onLiveKit[v.SID] {
			gone = append(gone, v)
		}
	}
	return came, gone
}

func (t *roomNews) align(ctx context.Context, m conference.MediaRoom, came []conference.MediaParticipant, gone []conference.Presence) (changed bool, err error) {
	latest, err := t.began(ctx, m)
	if err != nil {
		return false, err
	}
	for _, p := range came {
		if err := t.joined(ctx, m, p, t.now); err != nil {
			return false, err
		}
	}
	for _, v := range gone {
		if err := t.left(ctx, m, whoOf(v), t.now, ""); err != nil {
			return false, err
		}
	}
	if latest {
		present, err := t.r.Presences.Present(ctx, t.room.ID)
		if err != nil {
			return false, err
		}
		settle(&t.room, present, t.now)
	}
	_, err = t.keep(ctx)
	return t.noted || t.room != t.before, err
}

// settle makes the state of a room what follows from who is present.
func settle(room *conference.Room, present []conference.Presence, now time.Time) {
	if room.Status == conference.Closed {
		return
	}
	agents := 0
	for _, v := range present {
		if v.Kind.IsPerson() {
			room.PersonJoined(now)
		}
		if isAgent(v) {
			agents++
			if mayBeBack(room.Agent, v.JoinedAt) {
				room.AgentJoined(v.JoinedAt, now)
			}
		}
	}
	if agents == 0 && len(present) < ports.MaxPresent {
		room.AgentLeft(conference.AgentReasonVanished, now, now)
	}
}

// lose is for a room that LiveKit had, and has not any more. While it would still wait for the first to come, it was lost
// when LiveKit was started again, and is made again. Otherwise it has ended, and that was not told.
func (s *Media) lose(ctx context.Context, room conference.Room, done *repairs) error {
	now := s.d.Now()
	after, err := inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (conference.Room, error) {
		t, err := s.newsOf(ctx, r, room.ID, fromReconciler, now)
		if err != nil || t.room.Status == conference.Closed || t.room.LiveKitSID != room.LiveKitSID {
			return conference.Room{}, err
		}
		return t.lose(ctx)
	})
	if err != nil || after.ID == 0 {
		return err
	}
	s.d.Bus.Publish(ctx, ports.TopicRooms, room.ID.String())
	if after.Status == conference.Closed {
		done.closed++
		return nil
	}
	done.lost++
	_, err = s.open(ctx, room.ID)
	return err
}

func (t *roomNews) lose(ctx context.Context) (conference.Room, error) {
	m := conference.MediaRoom{Name: t.room.LiveKitName, SID: t.room.LiveKitSID, Since: t.room.LiveKitSince}
	since := m.Since
	if since.IsZero() {
		since = t.room.OpenedAt
	}
	waits := t.room.Status == conference.Open && t.now.Before(since.Add(t.room.Limits.EmptyTimeout))
	reason := reasonRoomClosed
	if waits {
		reason = ""
		if err := t.note(ctx, eventLiveKitLost, map[string]any{"livekit_sid": m.SID}); err != nil {
			return conference.Room{}, err
		}
	}
	if err := t.everybodyLeft(ctx, m, t.now, reason); err != nil {
		return conference.Room{}, err
	}
	if waits {
		t.room.AgentLeft(conference.AgentReasonVanished, t.now, t.now)
		t.room.Lost(t.now)
		if err := t.media.toOpen(ctx, t.r, t.room.ID, t.now); err != nil {
			return conference.Room{}, err
		}
	} else {
		t.room.Close(conference.ClosedAsLost, t.now)
	}
	return t.keep(ctx)
}

// comeUpon looks after the rooms that LiveKit has and of which that was not known. Those that are closed here are ended
// there; of the others it was not noted that they were made. Those of other services are let alone.
func (s *Media) comeUpon(ctx context.Context, list []conference.MediaRoom, known []conference.Room, done *repairs) error {
	goingOn := make(map[string]bool, len(known))
	for _, room := range known {
		goingOn[room.LiveKitName] = true
	}
	var failed error
	for _, m := range list {
		if goingOn[m.Name] || !strings.HasPrefix(m.Name, liveKitPrefix) {
			continue
		}
		room, err := s.d.Repositories.Rooms.ByLiveKitName(ctx, m.Name)
		switch {
		case errs.KindOf(err) == errs.NotFound:
			continue
		case err != nil:
		case room.Status != conference.Closed:
			err = s.putRight(ctx, room, m, true, done)
		default:
			if err = s.server.Close(ctx, m.Name); err == nil {
				done.closedThere++
			}
		}
		if s.away(ctx, err) {
			return err
		}
		failed = errors.Join(failed, inRoom(err, room.ID))
	}
	return failed
}

// emptyClosed notes that those have left who were in rooms that were closed a while ago, unless LiveKit still has the room.
func (s *Media) emptyClosed(ctx context.Context, there map[string]conference.MediaRoom, done *repairs) error {
	now := s.d.Now()
	rooms, err := s.d.Repositories.Presences.Lingering(ctx, now.Add(-lingerTime), lingerBatch)
	for _, key := range rooms {
		emptied, roomErr := inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (bool, error) {
			t, err := s.newsOf(ctx, r, key, fromReconciler, now)
			if err != nil {
				return false, err
			}
			if _, still := there[t.room.LiveKitName]; still {
				return false, nil
			}
			m := conference.MediaRoom{Name: t.room.LiveKitName, SID: t.room.LiveKitSID, Since: t.room.LiveKitSince}
			return true, t.everybodyLeft(ctx, m, now, reasonRoomClosed)
		})
		if emptied {
			done.emptied++
			s.d.Bus.Publish(ctx, ports.TopicRooms, key.String())
		}
		err = errors.Join(err, inRoom(roomErr, key))
	}
	return err
}
