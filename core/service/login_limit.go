package service

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"github.com/secretary-api/secretary/core/errs"
)

// maxWindows bounds the memory of one limit: some 20 MiB at the longest keys. The oldest window goes first, which is
// also the one that ends soonest.
const maxWindows = 50_000

// windows counts per key in fixed windows of one length: a window begins with the first count of its key.
type windows struct {
	limit  int
	length time.Duration
	byKey  map[string]*list.Element // of *window
	order  *list.List               // by the end of the window, which is the order they were begun in
}

type window struct {
	key   string
	ends  time.Time
	count int
}

func newWindows(limit int, length time.Duration) *windows {
	return &windows{limit: limit, length: length, byKey: map[string]*list.Element{}, order: list.New()}
}

// take counts one and returns 0, or returns how long the key has to wait.
func (w *windows) take(key string, now time.Time) time.Duration {
	for front := w.order.Front(); front != nil && !now.Before(front.Value.(*window).ends); front = w.order.Front() {
		w.drop(front)
	}
	if e, ok := w.byKey[key]; ok {
		v := e.Value.(*window)
		if v.count >= w.limit {
			return v.ends.Sub(now)
		}
		v.count++
		return 0
	}
	if w.order.Len() >= maxWindows {
		w.drop(w.order.Front())
	}
	w.byKey[key] = w.order.PushBack(&window{key: key, ends: now.Add(w.length), count: 1})
	return 0
}

// giveBack takes one count back.
func (w *windows) giveBack(key string) {
	if e, ok := w.byKey[key]; ok {
		e.Value.(*window).count--
	}
}

// reset forgets a key.
func (w *windows) reset(key string) {
	if e, ok := w.byKey[key]; ok {
		w.drop(e)
	}
}

func (w *windows) drop(e *list.Element) {
	delete(w.byKey, e.Value.(*window).key)
	w.order.Remove(e)
}

// loginLimit bounds guessing: failures per address and per account. An attempt is counted as a failure before
// the password is looked at, so that a burst of parallel ones gets no further than a series. It lives in this process:
// each replica counts for itself.
type loginLimit struct {
	mu        sync.Mutex
	accounts  *windows
	addresses *windows
}

func newLoginLimit(failures, attempts int, window time.Duration) *loginLimit {
	return &loginLimit{accounts: newWindows(failures, window), addresses: newWindows(attempts, window)}
}

// attempt counts an attempt. Errors: Exhausted "too-many-logins", with how long to wait.
func (l *loginLimit) attempt(account, address string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	wait := l.addresses.take(addressKey(address), now)
	if wait == 0 {
		wait = l.accounts.take(accountKey(account), now)
	}
	if wait > 0 {
		e := errs.New(errs.Exhausted, "too-many-logins", "too many attempts to log in, try again later")
		e.Retry = wait
		return e
	}
	return nil
}

// succeeded forgets the failures of an account, and does not count the attempt against the address: a whole clinic may
// be behind one.
func (l *loginLimit) succeeded(account, address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accounts.reset(accountKey(account))
	l.addresses.giveBack(addressKey(address))
}

// undecided takes a failure back: the attempt was not answered, because something else failed.
func (l *loginLimit) undecided(account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accounts.giveBack(accountKey(account))
}

// accountKey bounds the key: whoever sends it chooses its length.
func accountKey(account string) string {
	return account[:min(len(account), 254)]
}

// addressKey is the address, for IPv6 its /64: one customer's line has that many addresses to itself.
func addressKey(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return accountKey(address)
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		if prefix, err := ip.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return ip.String()
}
