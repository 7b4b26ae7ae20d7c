package service

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// How long and how much a matrix keeps.
const (
	matrixTrust   = time.Minute      // calendars change without a notice
	matrixWanted  = 10 * time.Minute // what nobody asked for in that time is not made ready again
	matrixWeeks   = 1000             // of one professional each; the one that was asked for longest ago makes room
	matrixAtOnce  = 2                // that are made ready by themselves
	matrixTimeout = 30 * time.Second // for one of them
)

// Matrix keeps ready when visits may start, by professional and week. A copy is not answered with once an appointment of the
// professional has changed, which the bus tells, or the professional or the clinic itself; nor when it is older than a minute,
// because what people write into calendars tells nobody. What was asked for lately is made ready again in the background.
type Matrix struct {
	a    *Agenda
	room chan struct{} // for what is being made ready by itself

	mu          sync.Mutex
	weeks       map[matrixKey]*matrixWeek
	unsubscribe func() // nil before the first question
	closed      bool
	ended       chan struct{} // closed with it
	running     sync.WaitGroup
}

type matrixKey struct {
	professional agenda.ClinicProfessionalID
	monday       agenda.Date
}

// matrixWeek is the copy of a week, guarded by the Matrix.
type matrixWeek struct {
	clinic  agenda.Clinic // as it was when somebody asked
	of      agenda.ClinicProfessional
	slots   []agenda.Interval // nil: there is no copy that is good
	at      time.Time         // when they were computed
	made    [2]time.Time      // when the records that they were computed from had changed: clinic and professional
	changes int               // how often it has been spoiled
	asked   time.Time
	busy    bool // it is being made ready by itself
}

// NewMatrix makes the use case.
func NewMatrix(a *Agenda) *Matrix {
	return &Matrix{a: a, room: make(chan struct{}, matrixAtOnce), weeks: map[matrixKey]*matrixWeek{}, ended: make(chan struct{})}
}

// ProfessionalWeek is when visits to a professional may start in a week.
type ProfessionalWeek struct {
	Professional agenda.ClinicProfessionalID
	Slots        []agenda.Interval // plain visits, by start
	ComputedAt   time.Time
	Unavailable  string // why nothing is known: "calendar-unavailable"; "" when it is
}

// Week returns the week that holds a date, Monday to Sunday in the clinic's zone, of one of its active professionals or of all of
// them in display order. A professional whose calendar cannot be read is told as such. Errors: NotFound.
func (m *Matrix) Week(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, date agenda.Date, only agenda.ClinicProfessionalID) (monday agenda.Date, out []ProfessionalWeek, err error) {
	dir, err := m.a.Directory(ctx, actor, tenant)
	if err != nil {
		return agenda.Date{}, nil, err
	}
	if _, ok := dir.Professional(only); !only.IsZero() && !ok {
		return agenda.Date{}, nil, errs.Absent("professional")
	}
	m.listen()
	monday = date.AddDays(-(int(date.Weekday()) + 6) % 7)
	who := slices.DeleteFunc(slices.Clone(dir.Professionals), func(p agenda.ClinicProfessional) bool { return !only.IsZero() && p.ID != only })
	out = make([]ProfessionalWeek, len(who))
	failed := make([]error, len(who))
	sideBySide(len(who), calendarsAtOnce, func(i int) {
		out[i], failed[i] = m.week(ctx, dir.Clinic, who[i], monday)
	})
	for i, err := range failed {
		if errs.KindOf(err) == errs.Unavailable {
			m.a.d.Log.WarnContext(ctx, "calendar unavailable", slog.String("professional_id", who[i].ID.String()), slog.Any("err", err))
			out[i] = ProfessionalWeek{Professional: who[i].ID, Slots: []agenda.Interval{}, ComputedAt: m.a.d.Now(), Unavailable: errs.CodeOf(err)}
		} else if err != nil {
			return agenda.Date{}, nil, err
		}
	}
	return monday, out, nil
}

// week answers with the copy, or makes it anew.
func (m *Matrix) week(ctx context.Context, c agenda.Clinic, p agenda.ClinicProfessional, monday agenda.Date) (ProfessionalWeek, error) {
	key, now := matrixKey{p.ID, monday}, m.a.d.Now()
	m.mu.Lock()
	w, changes := m.entry(key), 0
	w.asked, w.clinic, w.of, changes = now, c, p, w.changes
	good := w.slots != nil && !w.at.Before(now.Add(-matrixTrust)) && w.made == [2]time.Time{c.UpdatedAt, p.UpdatedAt}
	slots, at := w.slots, w.at
	m.mu.Unlock()
	if !good {
		var err error
		if slots, at, err = m.compute(ctx, key, c, p, changes); err != nil {
			return ProfessionalWeek{}, err
		}
	}
	// The copy may be from before some of its starts came too close.
	slots = slices.DeleteFunc(slices.Clone(slots), func(s agenda.Interval) bool { return s.Start.Before(now.Add(c.MinimumNotice)) })
	return ProfessionalWeek{Professional: p.ID, Slots: slots, ComputedAt: at}, nil
}

// compute makes a week ready. What changed while it did so spoils the copy, though it is good as an answer to who asked before.
func (m *Matrix) compute(ctx context.Context, key matrixKey, c agenda.Clinic, p agenda.ClinicProfessional, changes int) ([]agenda.Interval, time.Time, error) {
	at, zone := m.a.d.Now(), c.Location()
	from, to := key.monday.At(0, zone), key.monday.AddDays(7).At(0, zone)
	slots, err := m.a.free(ctx, agenda.Directory{Clinic: c}, p, nil, from, to)
	if err != nil {
		return nil, time.Time{}, err
	}
	if slots == nil {
		slots = []agenda.Interval{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if w := m.weeks[key]; w != nil && w.changes == changes {
		w.slots, w.at, w.made = slots, at, [2]time.Time{c.UpdatedAt, p.UpdatedAt}
	}
	return slots, at, nil
}

// entry is the copy of a week, new when there is none. The caller holds mu.
func (m *Matrix) entry(key matrixKey) *matrixWeek {
	if w := m.weeks[key]; w != nil {
		return w
	}
	if len(m.weeks) >= matrixWeeks {
		var oldest matrixKey
		for k, w := range m.weeks {
			if o := m.weeks[oldest]; o == nil || w.asked.Before(o.asked) {
				oldest = k
			}
		}
		delete(m.weeks, oldest)
	}
	w := &matrixWeek{}
	m.weeks[key] = w
	return w
}

// listen begins to hear of changes with the first question.
func (m *Matrix) listen() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.unsubscribe == nil && !m.closed {
		m.unsubscribe = m.a.d.Bus.Subscribe(ports.TopicAgenda, m.heard)
		m.a.follow(m.heard)
	}
}

// heard spoils the copies of a professional, or with "" every copy, and has those made ready again that somebody may want.
func (m *Matrix) heard(professional string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.a.d.Now()
	for key, w := range m.weeks {
		if professional != "" && key.professional.String() != professional {
			continue
		}
		w.slots = nil
		w.changes++
		if now.Sub(w.asked) > matrixWanted {
			delete(m.weeks, key)
		} else if !w.busy && !m.closed {
			w.busy = true
			m.running.Go(func() { m.refresh(key, w) })
		}
	}
}

// refresh makes a week ready until nothing changed while it did.
func (m *Matrix) refresh(key matrixKey, w *matrixWeek) {
	m.room <- struct{}{}
	defer func() { <-m.room }()
	ctx, cancel := context.WithTimeout(context.Background(), matrixTimeout)
	defer cancel()
	go func() {
		select {
		case <-m.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	for {
		m.mu.Lock()
		changes, c, p := w.changes, w.clinic, w.of
		if w.slots != nil || m.closed || m.weeks[key] != w {
			w.busy = false
			m.mu.Unlock()
			return
		}
		m.mu.Unlock()
		if _, _, err := m.compute(ctx, key, c, p, changes); err != nil {
			m.a.d.Log.DebugContext(ctx, "a week was not made ready", slog.String("professional_id", p.ID.String()), slog.Any("err", err))
			m.mu.Lock()
			w.busy = false
			m.mu.Unlock()
			return
		}
	}
}

// Close ends what goes on in the background, and waits for it.
func (m *Matrix) Close() {
	m.mu.Lock()
	if !m.closed {
		m.closed = true
		close(m.ended)
	}
	unsubscribe := m.unsubscribe
	m.mu.Unlock()
	if unsubscribe != nil {
		unsubscribe()
	}
	m.running.Wait()
}
