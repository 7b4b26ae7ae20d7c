// Package gather has calls that wait at the same moment done together, such as by one statement of a database: under
// load each then costs a part of what it costs by itself, and without load nobody waits for company.
package gather

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	most     = 64                   // calls that are done together
	crowd    = 1024                 // calls that wait at most
	patience = 5 * time.Millisecond // for what is under way, then others begin
	atOnce   = 4                    // times that something is under way at most
	timeout  = 20 * time.Second     // for doing some calls
)

// ErrNotTaken is the error of a call that was not begun, as too many wait or the group was closed: whoever made it has to
// do it by itself.
var ErrNotTaken = errors.New("gather: the call was not taken")

// Group does calls by one function. A call that comes while nothing is under way begins at once; those that come
// meanwhile are the next, together. Should what is under way take long, others do not wait for it.
type Group[C, R any] struct {
	do func(ctx context.Context, calls []C) ([]R, error)

	mu      sync.Mutex
	waiting []*call[C, R]
	lanes   int // goroutines that do calls
	slow    int // those of them that have tried everybody's patience
	closed  bool
	running sync.WaitGroup
}

// call is a call of somebody who waits for its answer.
type call[C, R any] struct {
	arg    C
	ctx    context.Context //nolint:containedctx // of the caller, who may be gone before the call begins
	answer chan answer[R]
}

type answer[R any] struct {
	result R
	err    error
}

// New makes a group, which must be closed. The function does calls of several callers: it returns a result for each, or
// an error that is all of theirs. Its context is the first caller's, but does not end with it.
func New[C, R any](do func(ctx context.Context, calls []C) ([]R, error)) *Group[C, R] {
	return &Group[C, R]{do: do}
}

// Do has a call done and returns its result. When ctx ends it returns at once, with the error of ctx; a call that had not
// begun until then never will. Errors, besides those of the function: ErrNotTaken, and context.DeadlineExceeded when the
// function took far too long.
func (g *Group[C, R]) Do(ctx context.Context, arg C) (R, error) {
	c := &call[C, R]{arg: arg, ctx: ctx, answer: make(chan answer[R], 1)}
	var none R
	if !g.join(c) {
		return none, ErrNotTaken
	}
	select {
	case a := <-c.answer:
		return a.result, a.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// Close waits until all calls are answered, and takes no more.
func (g *Group[C, R]) Close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.running.Wait()
}

func (g *Group[C, R]) join(c *call[C, R]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || len(g.waiting) == crowd {
		return false
	}
	g.waiting = append(g.waiting, c)
	g.begin()
	return true
}

// begin has those who wait done, unless somebody is about to. The caller has locked mu.
func (g *Group[C, R]) begin() {
	if len(g.waiting) > 0 && g.lanes == g.slow && g.lanes < atOnce {
		g.lanes++
		g.running.Go(g.lane)
	}
}

// lane does calls until none waits, or another lane has taken over.
func (g *Group[C, R]) lane() {
	for calls := g.next(); calls != nil; calls = g.next() {
		g.run(calls)
	}
}

// next takes calls off the line; nil ends the lane.
func (g *Group[C, R]) next() []*call[C, R] {
	g.mu.Lock()
	defer g.mu.Unlock()
	var calls []*call[C, R]
	if g.lanes-g.slow == 1 { // this is the one that is not slow
		taken := 0
		for ; taken < len(g.waiting) && len(calls) < most; taken++ {
			if c := g.waiting[taken]; c.ctx.Err() == nil {
				calls = append(calls, c)
			}
		}
		g.waiting = slices.Delete(g.waiting, 0, taken)
	}
	if calls == nil {
		g.lanes--
	}
	return calls
}

// run does calls and answers them.
func (g *Group[C, R]) run(calls []*call[C, R]) {
	slow, over := false, false // guarded by mu
	late := time.AfterFunc(patience, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if !over {
			slow = true
			g.slow++
			g.begin()
		}
	})
	results, err := g.attempt(calls)
	late.Stop()
	g.mu.Lock()
	if over = true; slow {
		g.slow--
	}
	g.mu.Unlock()
	for i, c := range calls {
		a := answer[R]{err: err}
		if err == nil {
			a.result = results[i]
		}
		c.answer <- a
	}
}

// attempt calls the function. A panic is an error like any other.
func (g *Group[C, R]) attempt(calls []*call[C, R]) (results []R, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(calls[0].ctx), timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	args := make([]C, len(calls))
	for i, c := range calls {
		args[i] = c.arg
	}
	return g.do(ctx, args)
}
