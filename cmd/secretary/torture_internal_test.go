package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// These tests run the service as processes of their own on PostgreSQL, and take them or the database away at random
// moments while twenty clients work. Here each does so a few times only; `make torture` does for minutes.

// tortureRounds is how often something is taken away: as often as the short form of a test wants, or TORTURE_ROUNDS times.
func tortureRounds(t *testing.T, short int) (rounds int, long bool) {
	t.Helper()
	given := os.Getenv("TORTURE_ROUNDS")
	if given == "" {
		return short, false
	}
	rounds, err := strconv.Atoi(given)
	if err != nil || rounds < 1 {
		t.Fatalf("TORTURE_ROUNDS=%s is not a number of rounds", given)
	}
	return rounds, true
}

func TestNothingIsLostWhenTheServiceIsKilled(t *testing.T) {
	t.Parallel()
	rounds, long := tortureRounds(t, 4)
	w := newTorture(t, testDatabase(t), 1, long)
	w.begin()
	for round := range rounds {
		w.pause()
		w.killService(0)
		w.progress(round+1, rounds)
	}
	w.finish()
}

func TestNothingIsLostWhenOneOfTwoProcessesIsKilled(t *testing.T) {
	t.Parallel()
	rounds, long := tortureRounds(t, 2)
	w := newTorture(t, testDatabase(t), 2, long)
	w.begin()
	for round := range rounds {
		w.pause()
		w.killService(round % 2)
		w.progress(round+1, rounds)
	}
	w.finish()
}

func TestTheServiceOutlivesItsDatabase(t *testing.T) {
	t.Parallel()
	rounds, long := tortureRounds(t, 1)
	server := newDatabaseServer(t)
	w := newTorture(t, server.url, 1, long)
	w.begin()
	for round := range rounds {
		w.pause()
		switch round % 3 {
		case 0:
			w.takeDatabase(server, "kill")
		case 1:
			w.takeDatabase(server, "stop")
		case 2:
			w.killEverything(server)
		}
		w.progress(round+1, rounds)
	}
	w.finish()
}

func TestTwoProcessesDoEachJobOnce(t *testing.T) {
	t.Parallel()
	rounds, long := tortureRounds(t, 2)
	w := newTorture(t, testDatabase(t), 2, long)
	w.begin()
	for round := range rounds {
		w.pause()
		w.progress(round+1, rounds)
	}
	w.finish()
	w.expect(w.repeats == 0, "%d replies were sent again, although nothing was killed", w.repeats)
	var again, crews int
	w.query(`SELECT count(*) FILTER (WHERE attempt <> 1) FROM river.river_job WHERE kind = 'head'`, &again)
	w.query(`SELECT count(DISTINCT attempted_by[1]) FROM river.river_job WHERE kind = 'head'`, &crews)
	w.expect(again == 0, "%d jobs were done again, although nothing was killed", again)
	w.expect(crews == 2, "%d processes did jobs, want both", crews)
}

// tally counts what came of the clients' requests.
type tally struct {
	mu       sync.Mutex
	requests int
	outcomes map[string]int // "book 201", "say no answer"
	acked    map[string]int // what was acknowledged, by kind
	recovery []time.Duration
	waits    []time.Duration // of patients, for a reply
}

func newTally() *tally {
	return &tally{outcomes: map[string]int{}, acked: map[string]int{}}
}

func (c *tally) count(kind, outcome string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	c.outcomes[kind+" "+outcome]++
}

func (c *tally) ack(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acked[kind]++
}

func (c *tally) replied(after time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waits = append(c.waits, after)
}

func (c *tally) recovered(after time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recovery = append(c.recovery, after)
}

// line is the summary in one line.
func (c *tally) line() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	acked := 0
	for _, n := range c.acked {
		acked += n
	}
	return fmt.Sprintf("%d requests, %d acknowledged", c.requests, acked)
}

// String is the summary.
func (c *tally) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "%d requests\n  acknowledged:", c.requests)
	for _, kind := range slices.Sorted(maps.Keys(c.acked)) {
		fmt.Fprintf(&b, " %s %d", kind, c.acked[kind])
	}
	b.WriteString("\n  answers:")
	for _, outcome := range slices.Sorted(maps.Keys(c.outcomes)) {
		fmt.Fprintf(&b, " [%s: %d]", outcome, c.outcomes[outcome])
	}
	for what, times := range map[string][]time.Duration{"patients were answered": c.waits, "it was back": c.recovery} {
		if len(times) > 0 {
			sorted := slices.Sorted(slices.Values(times))
			fmt.Fprintf(&b, "\n  %s %d times, after: p50 %v, max %v", what, len(sorted), sorted[len(sorted)/2].Round(time.Millisecond),
				sorted[len(sorted)-1].Round(time.Millisecond))
		}
	}
	return b.String()
}

// pause lets the clients work until some random moment.
func (w *torture) pause() {
	longest := 1500 * time.Millisecond
	if w.long {
		longest = 5 * time.Second
	}
	time.Sleep(100*time.Millisecond + rand.N(longest))
}

// progress tells how far a long test is.
func (w *torture) progress(round, rounds int) {
	if w.long {
		w.t.Logf("%s round %d of %d: %s", time.Now().UTC().Format(time.TimeOnly), round, rounds, w.tally.line())
	}
}
