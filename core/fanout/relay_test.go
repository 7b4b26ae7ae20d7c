package fanout_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/secretary-api/secretary/core/fanout"
)

// line is a link of which the test says what becomes of it.
type line struct {
	mu     sync.Mutex
	sent   []fanout.Notice
	broken error
	lost   chan error // ends a connection
	log    strings.Builder
}

func (l *line) send(_ context.Context, notices []fanout.Notice) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken == nil {
		l.sent = append(l.sent, notices...)
	}
	return l.broken
}

func (l *line) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = err
}

func (l *line) wantSent(t *testing.T, keys ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var got []string
	for _, n := range l.sent {
		got = append(got, n.Key)
	}
	if !slices.Equal(got, keys) {
		t.Errorf("sent %q, want %q", got, keys)
	}
}

// relay makes one on the line, whose connections hear everything as soon as they are made.
func (l *line) relay(t *testing.T) *fanout.Relay {
	t.Helper()
	l.lost = make(chan error)
	var r *fanout.Relay
	r = fanout.NewRelay(fanout.Link{
		Send: l.send, Now: time.Now, Log: slog.New(slog.NewTextHandler(&l.log, nil)),
		Listen: func(ctx context.Context) error {
			listening := map[string]bool{}
			for {
				asked := time.Now()
				for _, topic := range r.Topics() {
					if !listening[topic] {
						listening[topic] = true
						r.Missed(topic)
					}
				}
				r.Complete(asked)
				select {
				case <-r.Changed():
				case <-time.After(time.Second):
				case err := <-l.lost:
					return err
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		},
	})
	t.Cleanup(r.Close)
	return r
}

func TestARelayTellsItsOwnProcessAtOnceAndSendsTheRestTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l line
		r := l.relay(t)
		var h heard
		r.Subscribe("a", h.hear)
		synctest.Wait()
		l.fail(errors.New("away"))
		r.Publish(t.Context(), "a", "1")
		synctest.Wait()
		h.want(t, "", "1")
		for range 100 {
			r.Publish(t.Context(), "a", "1", "2")
		}
		r.Publish(t.Context(), "a")
		l.wantSent(t)
		published := time.Now()
		time.Sleep(10 * time.Second)
		if got := r.Confirmed(); got.After(published) {
			t.Errorf("confirmed %v, and what was published at %v has not left", got, published)
		}
		l.fail(nil)
		time.Sleep(5 * time.Second)
		l.wantSent(t, "1", "2")
		if got := r.Confirmed(); !got.After(published) {
			t.Errorf("confirmed %v, and all has left", got)
		}
		if failed := strings.Count(l.log.String(), "cannot be sent"); failed != 1 || !strings.Contains(l.log.String(), "sent to other processes again") {
			t.Errorf("want one line for the failure, and one for its end:\n%s", &l.log)
		}
	})
}

func TestOfTooMuchThatCannotBeSentOnlyTheGapIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l line
		r := l.relay(t)
		l.fail(errors.New("away"))
		for i := range 10_001 {
			r.Publish(t.Context(), "a", fmt.Sprint(i))
		}
		r.Publish(t.Context(), "a", "last")
		time.Sleep(time.Second)
		l.fail(nil)
		time.Sleep(5 * time.Second)
		l.mu.Lock()
		defer l.mu.Unlock()
		gap, last := slices.Index(l.sent, fanout.Notice{Topic: "a"}), slices.Index(l.sent, fanout.Notice{Topic: "a", Key: "last"})
		if gap < 0 || last != len(l.sent)-1 || last < gap {
			t.Errorf("sent %d notices, the gap at %d and the last at %d", len(l.sent), gap, last)
		}
	})
}

func TestARelayThatLostItsConnectionListensAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l line
		r := l.relay(t)
		var h heard
		r.Subscribe("a", h.hear)
		synctest.Wait()
		h.want(t, "")
		for range 3 { // as often as it may be
			l.lost <- errors.New("cut")
			time.Sleep(5 * time.Second)
		}
		h.want(t, "", "", "", "")
		r.Hear("a", "1")
		synctest.Wait()
		h.want(t, "", "", "", "", "1")
		if lost, again := strings.Count(l.log.String(), "was lost"), strings.Count(l.log.String(), "heard again"); lost != 3 || again != 3 {
			t.Errorf("want three lines for the losses, and three for their ends:\n%s", &l.log)
		}
	})
}

func TestARelaySendsWhatWaitsBeforeItIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l line
		r := l.relay(t)
		r.Publish(t.Context(), "a", "1")
		synctest.Wait()
		r.Publish(t.Context(), "a", "2", "3")
		r.Close()
		r.Publish(t.Context(), "a", "4")
		synctest.Wait()
		l.wantSent(t, "1", "2", "3")
	})
}
