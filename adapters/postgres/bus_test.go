package postgres_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

func TestBusContract(t *testing.T) {
	t.Parallel()
	porttest.RunBus(t, func(t *testing.T) (one, other ports.Bus) {
		t.Helper()
		a, b, _ := twoStores(t)
		return a.Bus(), b.Bus()
	})
}

// twoStores are two processes on one database, and a connection to look behind them.
func twoStores(t *testing.T) (one, other *postgres.Store, conn *pgx.Conn) {
	t.Helper()
	var url string
	keep := func(o *postgres.Options) {
		if url == "" {
			url = o.URL
		}
		o.URL = url
	}
	one = pgtest.Open(t, keep)
	other, err := postgres.Open(t.Context(), postgres.Options{URL: url, MaxConns: 3})
	if err != nil {
		t.Fatalf("opening the other store: %v", err)
	}
	t.Cleanup(other.Close)
	return one, other, connect(t, url)
}

// hearing notes what a subscriber hears.
type hearing struct {
	mu   sync.Mutex
	keys []string
}

func (h *hearing) hear(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keys = append(h.keys, key)
}

func (h *hearing) count(key string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, k := range h.keys {
		if k == key {
			n++
		}
	}
	return n
}

func subscribed(t *testing.T, bus ports.Bus, topic string) *hearing {
	t.Helper()
	h := &hearing{}
	t.Cleanup(bus.Subscribe(topic, h.hear))
	now := time.Now()
	eventually(t, "the bus hears", func() bool { return bus.Confirmed().After(now) })
	return h
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain waited that %s", what)
		}
	}
}

// cutBus ends the listening connections of all stores on the database, and returns how many there were.
func cutBus(t *testing.T, conn *pgx.Conn) int {
	t.Helper()
	return one[int](t, conn, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name LIKE '%(bus)'`)
}

func TestALostListenerIsToldAsAGap(t *testing.T) {
	t.Parallel()
	here, there, conn := twoStores(t)
	heard := subscribed(t, there.Bus(), ports.TopicRooms)
	before := there.Bus().Confirmed()
	gaps := heard.count("")
	if n := cutBus(t, conn); n != 1 {
		t.Fatalf("found %d listening connections, want 1: nobody subscribes to the other store's", n)
	}
	here.Bus().Publish(t.Context(), ports.TopicRooms, "7")
	eventually(t, "a gap is told", func() bool { return heard.count("") > gaps })
	eventually(t, "Confirmed moves on", func() bool { return there.Bus().Confirmed().After(before.Add(time.Second)) })
	here.Bus().Publish(t.Context(), ports.TopicRooms, "8")
	eventually(t, "notices come again", func() bool { return heard.count("8") > 0 })
}

func TestConfirmedStandsStillWithoutAConnection(t *testing.T) {
	t.Parallel()
	_, there, conn := twoStores(t)
	subscribed(t, there.Bus(), ports.TopicRooms)
	database := one[string](t, conn, `SELECT current_database()`)
	admin, err := pgx.Connect(t.Context(), pgtest.Admin(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(t.Context()) }()
	allow := func(yes string) {
		if _, err := admin.Exec(t.Context(), `ALTER DATABASE `+pgx.Identifier{database}.Sanitize()+` ALLOW_CONNECTIONS `+yes); err != nil {
			t.Error(err)
		}
	}
	allow("false")
	cutBus(t, conn)
	lost := time.Now()
	time.Sleep(time.Second) // several beats
	if confirmed := there.Bus().Confirmed(); confirmed.After(lost) {
		t.Errorf("confirmed %v, and nothing can have come since %v", confirmed, lost)
	}
	allow("true")
	eventually(t, "Confirmed moves on", func() bool { return there.Bus().Confirmed().After(lost) })
}

func TestATransactionTellsOfTheRecordsThatItChanged(t *testing.T) {
	t.Parallel()
	here, there, _ := twoStores(t)
	f := porttest.NewFixtures(t, storeOf(here))
	entity := f.Entity()
	mine, theirs := subscribed(t, here.Bus(), ports.TopicChanges), subscribed(t, there.Bus(), ports.TopicChanges)
	_, err := here.Repositories().Entities.Update(t.Context(), identity.AllEntities(), entity.ID, func(v *clinic.Entity) error {
		v.Name = "renamed"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	key := "entities:" + entity.ID.String()
	for _, h := range []*hearing{mine, theirs} {
		eventually(t, "the change is told", func() bool { return h.count(key) > 0 })
	}
}

func TestNoticesThatComeAtOnceAreSentTogether(t *testing.T) {
	t.Parallel()
	here, there, _ := twoStores(t)
	heard := subscribed(t, there.Bus(), ports.TopicRooms)
	own := subscribed(t, here.Bus(), ports.TopicRooms)
	for range 1000 {
		here.Bus().Publish(t.Context(), ports.TopicRooms, "7")
	}
	here.Bus().Publish(t.Context(), ports.TopicRooms, "last")
	eventually(t, "the last one comes", func() bool { return heard.count("last") == 1 })
	if n := heard.count("7"); n > 100 {
		t.Errorf("the other process was told %d times of the same key", n)
	}
	if n := own.count("last"); n != 1 {
		t.Errorf("this process was told %d times of its own notice, want once", n)
	}
}

func TestWhatWasPublishedIsSentBeforeTheStoreIsClosed(t *testing.T) {
	t.Parallel()
	_, there, conn := twoStores(t)
	heard := subscribed(t, there.Bus(), ports.TopicRooms)
	config := conn.Config().ConnString()
	closing, err := postgres.Open(t.Context(), postgres.Options{URL: config, MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for key := range strings.FieldsSeq("1 2 3 4 5") {
		closing.Bus().Publish(t.Context(), ports.TopicRooms, key)
		want = append(want, key)
	}
	closing.Close()
	closing.Bus().Publish(t.Context(), ports.TopicRooms, "late")
	eventually(t, "all come", func() bool { return heard.count("5") == 1 })
	heard.mu.Lock()
	defer heard.mu.Unlock()
	got := slices.DeleteFunc(slices.Clone(heard.keys), func(key string) bool { return key == "" })
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
