package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/livekit"
	"github.com/secretary-api/secretary/adapters/livekit/livekittest"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/conference"
)

// TestRoomsAndAgentsSurviveKills kills the service again and again while rooms are opened and agents sent there. What it
// acknowledged has to come true: LiveKit has every room, and in each that asked for an agent there is one, and only one.
func TestRoomsAndAgentsSurviveKills(t *testing.T) {
	t.Parallel()
	h := newHooks(t)
	lk := livekittest.Start(t, h.url)
	livekittest.StartWorker(t, lk, "secretary", livekittest.Joins)
	env := []string{
		"DATABASE_URL=" + pgtest.URL(t), "SECRETARY_MIGRATE=true", "SECRETARY_ADDR=127.0.0.1:0", "SECRETARY_CACHE=off",
		"SECRETARY_ADMIN_EMAIL=root@clinic.example", "SECRETARY_ADMIN_PASSWORD=" + testPassword,
		"LIVEKIT_URL=" + lk.URL, "LIVEKIT_API_KEY=" + lk.APIKey, "LIVEKIT_API_SECRET=" + lk.APISecret, "SECRETARY_AGENT_DEADLINE=15s",
	}
	start := func() (*runningProcess, *client) {
		p := startProcess(t, env)
		url := "http://" + p.await(t)
		h.target.Store(&url)
		c, err := newClient(t.Context(), url, credentials{"root@clinic.example", testPassword})
		if err != nil {
			t.Fatal(err)
		}
		return p, c
	}
	var asked sync.Map // of the rooms that were acknowledged: whether their request for an agent was, too
	done := func() (n int) {
		for _, yes := range asked.Range {
			if yes == true {
				n++
			}
		}
		return n
	}
	const kills, most, enough = 4, 40, 4 // a slow machine may have done next to nothing when it is killed
	for kill := 0; kill < kills || kill < most && done() < enough; kill++ {
		p, c := start()
		ctx, cancel := context.WithCancel(t.Context())
		var load sync.WaitGroup
		for range 3 {
			load.Go(func() { openAndAsk(ctx, c, &asked) })
		}
		time.Sleep(100*time.Millisecond + rand.N(500*time.Millisecond))
		p.kill()
		cancel()
		load.Wait()
	}
	p, c := start()
	media, err := livekit.New(livekit.Options{URL: lk.URL, APIKey: lk.APIKey, APISecret: lk.APISecret})
	if err != nil {
		t.Fatal(err)
	}
	w := &call{flow: flow{t, c}, t: t, media: media}
	rooms, agents := 0, 0
	for id, requested := range asked.Range {
		rooms++
		if requested == true {
			agents++
			w.awaitAgent(id.(int64), "JOINED")
		}
		r := w.awaitRoom(id.(int64), "waiting for LiveKit to have the room", func(r roomState) bool { return r.LiveKitSID != "" })
		if r.Agent != nil {
			w.awaitAgent(r.ID, "JOINED")
		}
		w.eventually(fmt.Sprintf("waiting for the one agent of room %d", r.ID), func() error { return w.oneAgent(r) })
		if n := w.count(r.ID, "livekit_room_started"); n != 1 {
			t.Errorf("room %d began %d times", r.ID, n)
		}
	}
	t.Logf("%d rooms and %d requests for agents were acknowledged", rooms, agents)
	if agents < enough {
		t.Error("which shows nothing")
	}
	if err := p.stop(); err != nil {
		t.Errorf("serve ended with %v\n%s", err, &p.log)
	}
}

// openAndAsk opens rooms, and asks for an agent in each, until something fails.
func openAndAsk(ctx context.Context, c *client, asked *sync.Map) {
	for {
		var room roomState
		if err := c.call(ctx, http.MethodPost, "/v1/rooms", map[string]any{"name": "visit"}, &room); err != nil {
			return
		}
		asked.Store(room.ID, false)
		if err := c.call(ctx, http.MethodPost, fmt.Sprintf("/v1/rooms/%d/agent", room.ID), map[string]any{}, nil); err != nil {
			return
		}
		asked.Store(room.ID, true)
	}
}

// oneAgent checks that LiveKit has as many agents in a room as there are to be, by what the room says.
func (w *call) oneAgent(r roomState) error {
	people, err := w.media.Participants(w.t.Context(), r.LiveKitName)
	if err != nil {
		return err
	}
	agents, want := 0, 0
	for _, p := range people {
		if p.Kind == conference.KindAgent {
			agents++
		}
	}
	if r.Agent != nil {
		want = 1
	}
	if agents != want {
		return errors.New(fmt.Sprint("there are ", agents, ", want ", want))
	}
	return nil
}
