package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/adapters/redis"
	"github.com/secretary-api/secretary/adapters/redis/redistest"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

func TestTheBusOfTwoKeepsTheContractOfOne(t *testing.T) {
	t.Parallel()
	porttest.RunBus(t, func(*testing.T) (one, other ports.Bus) {
		rooms, others := memory.New().Bus(), memory.New().Bus()
		return &topicBus{rooms: part{bus: rooms}, others: part{bus: others}}, &topicBus{rooms: part{bus: rooms}, others: part{bus: others}}
	})
}

// hearing receives what a subscriber of a bus hears, without gaps.
func hearing(t *testing.T, bus ports.Bus, topic string) <-chan string {
	t.Helper()
	heard := make(chan string, 1000)
	t.Cleanup(bus.Subscribe(topic, func(key string) {
		if key != "" {
			heard <- key
		}
	}))
	now := time.Now()
	for deadline := now.Add(20 * time.Second); !bus.Confirmed().After(now); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the bus does not confirm anything")
		}
	}
	return heard
}

func wantHeard(t *testing.T, heard <-chan string, want string) {
	t.Helper()
	select {
	case got := <-heard:
		if got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("%q is not heard", want)
	}
}

func TestNoticesOfRoomsGoByTheirOwnBus(t *testing.T) {
	t.Parallel()
	rooms, others := memory.New().Bus(), memory.New().Bus()
	both := &topicBus{rooms: part{bus: rooms}, others: part{bus: others}}
	for topic, bus := range map[string]ports.Bus{ports.TopicRooms: rooms, ports.TopicChanges: others} {
		behind, before := hearing(t, bus, topic), hearing(t, both, topic)
		both.Publish(t.Context(), topic, "1")
		bus.Publish(t.Context(), topic, "2")
		for _, heard := range []<-chan string{behind, before} {
			wantHeard(t, heard, "1")
			wantHeard(t, heard, "2")
		}
	}
}

// still is a bus that confirms nothing new.
type still struct {
	ports.Bus

	confirmed time.Time
}

func (s still) Confirmed() time.Time { return s.confirmed }

func TestTheBusOfTwoConfirmsWhatBothConfirmOfThoseThatAreHeard(t *testing.T) {
	t.Parallel()
	earlier := time.Date(2026, time.March, 9, 11, 0, 0, 0, time.UTC)
	later := earlier.Add(time.Minute)
	for name, c := range map[string]struct {
		rooms, others time.Time
		topics        []string
		want          time.Time
	}{
		"rooms are heard":               {earlier, later, []string{ports.TopicRooms}, earlier},
		"changes are heard":             {earlier, later, []string{ports.TopicChanges}, later},
		"both, and rooms are behind":    {earlier, later, []string{ports.TopicRooms, ports.TopicChanges}, earlier},
		"both, and changes are behind":  {later, earlier, []string{ports.TopicRooms, ports.TopicChanges}, earlier},
		"both, and one is out of order": {time.Time{}, later, []string{ports.TopicRooms, ports.TopicChanges}, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bus := &topicBus{rooms: part{bus: still{memory.New().Bus(), c.rooms}}, others: part{bus: still{memory.New().Bus(), c.others}}}
			for _, topic := range c.topics {
				t.Cleanup(bus.Subscribe(topic, func(string) {}))
			}
			if got := bus.Confirmed(); !got.Equal(c.want) {
				t.Errorf("confirmed %v, want %v", got, c.want)
			}
		})
	}
}

func TestConfirmedDoesNotGoBackWhenTheOtherBusIsHeardToo(t *testing.T) {
	t.Parallel()
	earlier := time.Date(2026, time.March, 9, 11, 0, 0, 0, time.UTC)
	later := earlier.Add(time.Minute)
	bus := &topicBus{rooms: part{bus: still{memory.New().Bus(), earlier}}, others: part{bus: still{memory.New().Bus(), later}}}
	bus.Subscribe(ports.TopicChanges, func(string) {})
	before := bus.Confirmed()
	bus.Subscribe(ports.TopicRooms, func(string) {})
	if got := bus.Confirmed(); !got.Equal(before) {
		t.Errorf("confirmed %v after %v", got, before)
	}
}

func TestWithRedisNoticesOfRoomsReachTheOtherProcessByIt(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	env := map[string]string{"DATABASE_URL": pgtest.URL(t), "REDIS_URL": server.URL, "SECRETARY_LOG_LEVEL": "info"}
	_, one := streamed(t, env)
	there, other := streamed(t, env)
	namespace, err := (&store{durable: true}).namespace(Config{DatabaseURL: secret(env["DATABASE_URL"])})
	if err != nil {
		t.Fatal(err)
	}
	third, err := redis.NewBus(redis.Options{URL: server.URL, Key: []byte(strings.Repeat("k", minSigningKey)), Namespace: namespace})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(third.Close)
	heard := hearing(t, third, ports.TopicRooms)

	room := post(t, one, "/v1/rooms", map[string]any{"name": "visit"})
	path := fmt.Sprintf("/v1/rooms/%d/events", room)
	stream := follow(t, there, other.token, room, "0.0")
	if got, _ := stream.names(t, 1); got[0] != "room_opened" {
		t.Fatalf("got %q", got)
	}
	arrives := func(name string) {
		t.Helper()
		post(t, one, path, map[string]any{"name": name})
		if got, _ := stream.names(t, 1); got[0] != name {
			t.Errorf("got %q, want %q", got, name)
		}
	}
	arrives("by-redis")
	wantHeard(t, heard, fmt.Sprint(room))
	server.Kill(t)
	arrives("without-redis") // which is looked for
	server.Restart(t)
	arrives("with-redis-again")

	if strings.Contains(there.scrape(t), "secretary_bus_errors_total 0\n") {
		t.Error("/metrics tells of no failure of Redis to carry notices")
	}
}

func TestWithoutASharedKeyNoticesOfRoomsStayWithTheDatabase(t *testing.T) {
	t.Parallel()
	log := &output{}
	s := &store{bus: memory.New().Bus(), durable: true}
	own := s.bus
	cfg := Config{RedisURL: "redis://127.0.0.1:1", LogFormat: "text"}
	if err := s.carryRooms(cfg, newMetrics(), newLogger(cfg, log)); err != nil || s.bus != own {
		t.Errorf("carryRooms: %v, and the bus is %T", err, s.bus)
	}
	if !strings.Contains(log.String(), "by the database") {
		t.Errorf("it is not said:\n%s", log)
	}
}
