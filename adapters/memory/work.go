package memory

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/secretary-api/secretary/ports"
)

// Work implements [ports.JobRunner]. How long failing jobs wait, and when they are given up, is set by [WithRetries]; how
// often a job was tried is not kept by the journal. A periodic job that fails waits for its next turn.
func (s *Store) Work(ctx context.Context, workers int, periodic []ports.PeriodicJob, handle ports.JobHandler) error {
	var running sync.WaitGroup
	for _, p := range periodic {
		running.Go(func() { s.repeat(ctx, p, handle) })
	}
	for range max(workers, 1) {
		running.Go(func() {
			for {
				l, job, ok := s.queue.take(ctx)
				if !ok {
					return
				}
				s.do(ctx, l, job, handle)
			}
		})
	}
	running.Wait()
	return nil
}

// repeat does a periodic job until ctx ends. Of several calls of Work one does it, the others are there to take over.
func (s *Store) repeat(ctx context.Context, p ports.PeriodicJob, handle ports.JobHandler) {
	unlock, err := s.turns.Lock(ctx, p.Kind)
	if err != nil {
		return // stopped before its turn came
	}
	defer unlock()
	ticker := time.NewTicker(p.Every)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if err := attempt(ctx, ports.Job{Kind: p.Kind, Key: p.Kind}, handle); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "a periodic job failed and waits for its next turn", "kind", p.Kind, "err", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

// Idle waits until no job is due or being done, or until ctx ends, which is an error. It is for tests. Jobs that wait
// for a later time, or to be tried again, are not due; due ones are only done while [Store.Work] runs.
func (s *Store) Idle(ctx context.Context) error { return s.queue.idle(ctx) }

// do does the first job of a lane, which take has reserved.
func (s *Store) do(ctx context.Context, l *lane, job ports.Job, handle ports.JobHandler) {
	job.Last = l.failures+1 >= s.retries.Attempts
	err := attempt(ctx, job, handle)
	if err != nil && ctx.Err() != nil {
		s.queue.release(l, l.due) // stopped, which is no failure of the job
		return
	}
	if err != nil {
		l.failures++
		if l.failures < s.retries.Attempts {
			s.log.WarnContext(ctx, "a job failed and is tried again", "kind", job.Kind, "job", job.ID, "failures", l.failures, "err", err)
			s.queue.release(l, s.now().Add(s.retries.After(l.failures)))
			return
		}
		s.log.ErrorContext(ctx, "a job was given up", "kind", job.Kind, "job", job.ID, "failures", l.failures, "err", err)
	}
	// What is done is removed even when the store is just being stopped.
	if err := s.remove(context.WithoutCancel(ctx), job); err != nil {
		s.log.ErrorContext(ctx, "a job could not be removed and is done again", "kind", job.Kind, "job", job.ID, "err", err)
		s.queue.release(l, s.now().Add(s.retries.After(1)))
		return
	}
	s.queue.finish(l)
}

// attempt runs a handler; a panic is an error like any other, so that one job cannot end the process.
func attempt(ctx context.Context, job ports.Job, handle ports.JobHandler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return handle(ctx, job)
}

func (s *Store) remove(ctx context.Context, job ports.Job) error {
	return s.transact(ctx, func(tx *tx) error {
		row, ok := s.schema.jobs.get(tx.data, intKey(job.ID))
		if !ok {
			return nil
		}
		s.schema.jobs.store(tx, row, nil)
		return nil
	})
}

// queue is the jobs that were committed and not done yet, by key.
type queue struct {
	now func() time.Time

	mu      sync.Mutex
	lanes   map[string]*lane // those with jobs
	waiting laneHeap         // those that no worker has
	running int              // lanes that a worker has
	changed chan struct{}    // closed when anything above has changed
}

// lane is the jobs of one key. While a worker has it, failures and due are that worker's.
type lane struct {
	key      string
	jobs     []ports.Job
	failures int       // of the first job
	due      time.Time // when the first job may be done
}

func newQueue(now func() time.Time) *queue {
	return &queue{now: now, lanes: map[string]*lane{}, changed: make(chan struct{})}
}

func (q *queue) add(job ports.Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l, ok := q.lanes[job.Key]
	if !ok {
		l = &lane{key: job.Key, due: job.RunAt}
		q.lanes[job.Key] = l
	}
	l.jobs = append(l.jobs, job)
	if !ok {
		heap.Push(&q.waiting, l)
		q.notify()
	}
}

// take waits for a lane whose first job is due, reserves it and returns that job too; not ok when ctx has ended.
func (q *queue) take(ctx context.Context) (l *lane, first ports.Job, ok bool) {
	for ctx.Err() == nil {
		l, first, changed, wait := q.next()
		if l != nil {
			return l, first, true
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil, ports.Job{}, false
}

// next reserves a lane that is due; when there is none it says what to wait for.
func (q *queue) next() (l *lane, first ports.Job, changed <-chan struct{}, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	wait = time.Minute // a wall clock may be set
	if len(q.waiting) > 0 {
		if wait = min(wait, q.waiting[0].due.Sub(q.now())); wait <= 0 {
			q.running++
			l = heap.Pop(&q.waiting).(*lane)
			return l, l.jobs[0], nil, 0
		}
	}
	return nil, first, q.changed, wait
}

// release gives a lane back, its first job to be done again when it is due.
func (q *queue) release(l *lane, due time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
	l.due = due
	heap.Push(&q.waiting, l)
	q.notify()
}

// finish gives a lane back whose first job is done.
func (q *queue) finish(l *lane) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
	l.jobs, l.failures = l.jobs[1:], 0
	if len(l.jobs) == 0 {
		delete(q.lanes, l.key)
	} else {
		l.due = l.jobs[0].RunAt
		heap.Push(&q.waiting, l)
	}
	q.notify()
}

func (q *queue) idle(ctx context.Context) error {
	for {
		q.mu.Lock()
		due := len(q.waiting) > 0 && !q.waiting[0].due.After(q.now())
		if q.running == 0 && !due {
			q.mu.Unlock()
			return nil
		}
		if due {
			q.notify() // the clock may have been moved by hand, which wakes nobody
		}
		changed := q.changed
		q.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return errors.Join(errors.New("memory: jobs are due or being done"), ctx.Err())
		}
	}
}

// notify wakes everybody who waits. The caller holds the lock.
func (q *queue) notify() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// laneHeap has the lane that is due first at its top, and of equal ones the one whose job came first.
type laneHeap []*lane

func (h laneHeap) Len() int { return len(h) }

func (h laneHeap) Less(i, j int) bool {
	if !h[i].due.Equal(h[j].due) {
		return h[i].due.Before(h[j].due)
	}
	return h[i].jobs[0].ID < h[j].jobs[0].ID
}

func (h laneHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements [heap.Interface].
func (h *laneHeap) Push(l any) { *h = append(*h, l.(*lane)) }

// Pop implements [heap.Interface].
func (h *laneHeap) Pop() any {
	last := len(*h) - 1
	l := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return l
}
