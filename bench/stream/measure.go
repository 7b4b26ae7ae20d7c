package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// posters is how many connections post: a slow answer must not slow the others down.
const posters = 16

// settle is how long readers may take for the last events.
const settle = 15 * time.Second

// reader follows the room and checks what it gets.
type reader struct {
	ids     []int64         // of the events, in the order they came
	latency []time.Duration // from just before an event was posted until it was here
	refused error           // why it could not be opened
	err     error
}

func measure(ctx context.Context, api *client, o options, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	begin := time.Now()
	readers := make([]*reader, o.readers)
	var opening, reading sync.WaitGroup
	gate := make(chan struct{}, 50) // connections are made so many at a time
	var got atomic.Int64
	for i := range readers {
		readers[i] = &reader{}
		opening.Add(1)
		reading.Go(func() {
			gate <- struct{}{}
			readers[i].err = readers[i].follow(ctx, api, o.room, begin, &got, func() { <-gate; opening.Done() })
		})
	}
	opening.Wait()
	for i, r := range readers {
		if r.refused != nil {
			return fmt.Errorf("reader %d: %w", i, r.refused)
		}
	}
	fmt.Fprintf(out, "%d readers opened in %v\n", o.readers, time.Since(begin).Round(time.Millisecond))

	before, started := processorTime(o.pid), time.Now()
	posted, late, err := postEvents(ctx, api, o, begin)
	took := time.Since(started)
	if err != nil {
		return err
	}
	want := int64(len(posted)) * int64(o.readers)
	for end := time.Now().Add(settle); got.Load() < want && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	used := processorTime(o.pid) - before
	cancel()
	reading.Wait()
	fmt.Fprintf(out, "%d events in %v (%.0f/s), posting took up to %v\n", len(posted), took.Round(time.Millisecond), float64(len(posted))/took.Seconds(), late.Round(time.Millisecond))
	return report(out, readers, posted, used, took)
}

// follow reads until ctx ends. It calls opened once, when the stream is open or has failed.
func (r *reader) follow(ctx context.Context, api *client, room int, begin time.Time, got *atomic.Int64, opened func()) error {
	opened = sync.OnceFunc(opened)
	defer opened()
	response, err := api.request(ctx, http.MethodGet, "/v1/rooms/"+strconv.Itoa(room)+"/stream", nil)
	if err != nil {
		r.refused = err
		return err
	}
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewReaderSize(response.Body, 4096)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("the stream broke after %d events: %w", len(r.ids), err)
		}
		data, ok := bytes.CutPrefix(line, []byte("data: "))
		switch {
		case !ok:
		case bytes.HasPrefix(data, []byte(`{"room_id"`)): // the frame that opens
			opened()
		case bytes.HasPrefix(data, []byte(`{"reason"`)):
			return fmt.Errorf("the service ended the stream after %d events: %s", len(r.ids), bytes.TrimSpace(data))
		default:
			id, sent, err := parse(data)
			if err != nil {
				return err
			}
			r.ids, r.latency = append(r.ids, id), append(r.latency, time.Since(begin)-sent)
			got.Add(1)
		}
	}
}

// parse takes the id and the moment of posting out of an event. It looks for them only, as it must not cost more than
// what it measures.
func parse(data []byte) (id int64, sent time.Duration, err error) {
	number := func(after string) int64 {
		_, rest, _ := bytes.Cut(data, []byte(after))
		end := bytes.IndexAny(rest, ",}")
		n, bad := strconv.ParseInt(string(rest[:max(end, 0)]), 10, 64)
		if bad != nil && err == nil {
			err = fmt.Errorf("an event that was not posted here: %s", data)
		}
		return n
	}
	return number(`"id":`), time.Duration(number(`"sent":`)), err
}

// postEvents posts at the rate, whatever the answers take, and returns the ids in their order and the longest answer.
func postEvents(ctx context.Context, api *client, o options, begin time.Time) (ids []int64, longest time.Duration, err error) {
	var mu sync.Mutex
	turns := make(chan struct{}, o.rate) // of a service that cannot keep up, one second is forgiven
	var posting sync.WaitGroup
	for range posters {
		posting.Go(func() {
			for range turns {
				var event struct{ ID int64 }
				start := time.Now()
				failed := api.post(ctx, "/v1/rooms/"+strconv.Itoa(o.room)+"/events",
					map[string]any{"name": "bench", "data": map[string]any{"sent": int64(start.Sub(begin)), "text": "Bom dia, doutor. Tenho uma dúvida."}}, &event)
				mu.Lock()
				ids, err, longest = append(ids, event.ID), errors.Join(err, failed), max(longest, time.Since(start))
				mu.Unlock()
			}
		})
	}
	tick := time.NewTicker(time.Second / time.Duration(o.rate))
	defer tick.Stop()
	for end := time.Now().Add(o.length); time.Now().Before(end) && ctx.Err() == nil; {
		<-tick.C
		turns <- struct{}{}
	}
	close(turns)
	posting.Wait()
	slices.Sort(ids)
	return ids, longest, err
}

func report(out io.Writer, readers []*reader, posted []int64, used, took time.Duration) error {
	var all []time.Duration
	var bad []error
	for i, r := range readers {
		all = append(all, r.latency...)
		if r.err != nil {
			bad = append(bad, fmt.Errorf("reader %d: %w", i, r.err))
		} else if !slices.Equal(r.ids, posted) {
			bad = append(bad, fmt.Errorf("reader %d got %d of %d events, or not in order", i, len(r.ids), len(posted)))
		}
	}
	slices.Sort(all)
	at := func(share float64) time.Duration {
		if len(all) == 0 {
			return 0
		}
		return all[min(int(share*float64(len(all))), len(all)-1)].Round(100 * time.Microsecond)
	}
	fmt.Fprintf(out, "%d deliveries: p50 %v, p95 %v, p99 %v, max %v\n", len(all), at(0.5), at(0.95), at(0.99), at(1))
	if used > 0 {
		fmt.Fprintf(out, "the service took %v of processor time, %.0f%% of one\n", used.Round(10*time.Millisecond), 100*used.Seconds()/took.Seconds())
	}
	if len(bad) > 0 {
		return fmt.Errorf("%d of %d readers did not get everything; the first: %w", len(bad), len(readers), bad[0])
	}
	fmt.Fprintln(out, "every reader got every event once, in order")
	return nil
}

// processorTime is what a process has used so far; 0 when it cannot be known.
func processorTime(pid int) time.Duration {
	const tick = 10 * time.Millisecond // Linux's unit for it on every usual machine
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, rest, ok := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if pid == 0 || err != nil || !ok || len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick
}
