package service

import (
	"context"
	"errors"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// Usages is what may be done with agents' sessions: they are started, told what they consume, and ended. What comes late,
// twice or out of order is counted, and once.
type Usages struct {
	reader[metering.AgentUsage, metering.UsageID, metering.UsageFilter]
	d Deps
}

// NewUsages makes the use cases of agents' sessions.
func NewUsages(d Deps) *Usages {
	return &Usages{reader[metering.AgentUsage, metering.UsageID, metering.UsageFilter]{d.Repositories.AgentUsages, identity.UsageRead}, d}
}

// maxClockSkew is how far the clock of whoever tells of an end may be ahead.
const maxClockSkew = time.Minute

// StartUsage is a session to be started.
type StartUsage struct {
	ParticipantID conference.ParticipantID // the agent
	Provider      string                   // of the model that figures without one are for; "": what Data says
	Model         string                   // that model; "": what Data says
	Data          jsonobj.Object           // none becomes {}
	At            time.Time                // when it began; zero: now
}

// Start begins a session of an agent in a room. The agent need not be linked to the room. A room agent begins its own, until
// its time in the room has ended. Errors: NotFound "room-not-found", "participant-not-found", Conflict "room-closed",
// "budget-exceeded", Forbidden "room-agent-ended", Invalid "invalid-input".
func (s *Usages) Start(ctx context.Context, actor identity.Actor, room conference.RoomID, p StartUsage) (metering.AgentUsage, error) {
	scope, err := actor.In(room, identity.UsageWrite)
	if err != nil {
		return metering.AgentUsage{}, err
	}
	if agent := actor.RoomAgent(); !agent.IsZero() && p.ParticipantID != agent.Participant {
		return metering.AgentUsage{}, errs.Absent("participant")
	}
	now := s.d.Now()
	in, err := s.d.Repositories.Rooms.Get(ctx, scope, room)
	if err != nil {
		return metering.AgentUsage{}, err
	}
	// Before the transaction: what a month cost is added up, which must not hold up others.
	if err := refuseOverBudget(ctx, s.d.Repositories, in.EntityID, in.DepartmentID, now); err != nil {
		return metering.AgentUsage{}, err
	}
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (metering.AgentUsage, error) {
		in, err := r.Rooms.Get(ctx, scope, room)
		if err != nil {
			return metering.AgentUsage{}, err
		}
		agent, err := r.Participants.Get(ctx, scope, p.ParticipantID)
		if err != nil {
			return metering.AgentUsage{}, err
		}
		usage, err := metering.Start(metering.StartParams{
			Room: in, Agent: agent, Provider: p.Provider, Model: p.Model, Data: p.Data, At: p.At,
		}, now)
		if err != nil {
			return metering.AgentUsage{}, err
		}
		return r.AgentUsages.Create(ctx, usage)
	})
}

// UsageUpdate changes a session. What is left out stays.
type UsageUpdate struct {
	Key   string         // 1 to 100 visible ASCII characters: the update with the same key again changes nothing; "": it does
	Model metering.Model // that the figures are of; without a kind: general; unnamed: the session's own
	Add   *metering.Figures
	Set   *metering.Figures        // totals so far: a figure that is larger already stays
	Data  patch.Of[jsonobj.Object] // a merge patch
}

// Update tells a session what was consumed, also after it has ended. Errors: NotFound "usage-not-found", Invalid
// "invalid-input", Stale "version-mismatch".
func (s *Usages) Update(ctx context.Context, actor identity.Actor, id metering.UsageID, p UsageUpdate, match version.Match) (metering.AgentUsage, error) {
	scope, err := tellingOf(actor)
	if err != nil {
		return metering.AgentUsage{}, err
	}
	if err := checkUpdateKey(p.Key); err != nil {
		return metering.AgentUsage{}, err
	}
	prices, err := s.prices(ctx, actor, scope, id)
	if err != nil {
		return metering.AgentUsage{}, err
	}
	now := s.d.Now()
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (metering.AgentUsage, error) {
		if p.Key != "" {
			// First of all: whoever sends it again waits here for the one before.
			fresh, err := r.AgentUsages.Remember(ctx, id, []string{"update:" + p.Key}, now)
			if err != nil {
				return metering.AgentUsage{}, err
			}
			if len(fresh) == 0 {
				return r.AgentUsages.Get(ctx, scope, id)
			}
		}
		return r.AgentUsages.Update(ctx, scope, id, func(v *metering.AgentUsage) error {
			if err := match.Check(v.UpdatedAt); err != nil {
				return err
			}
			if err := p.apply(v, now); err != nil {
				return err
			}
			v.Price(prices)
			return nil
		})
	})
}

func (p UsageUpdate) apply(v *metering.AgentUsage, now time.Time) error {
	if p.Add != nil {
		if err := v.Add(p.Model, *p.Add, now); err != nil {
			return figuresOf("add", err)
		}
	}
	if p.Set != nil {
		if err := v.Set(p.Model, *p.Set, now); err != nil {
			return figuresOf("set", err)
		}
	}
	if !p.Data.Present {
		return nil
	}
	if err := jsonobj.Patch(&v.Data, p.Data); err != nil {
		var c errs.Check
		c.Note("data", err)
		return c.Err()
	}
	if v.Data.IsNone() {
		v.Data = "{}"
	}
	v.UpdatedAt = version.Next(v.UpdatedAt, now)
	return nil
}

// figuresOf says of which figures a wrong one is: "requests" becomes "add.requests". The model is no figure.
func figuresOf(which string, err error) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return err
	}
	var c errs.Check
	for _, f := range e.Fields {
		switch f.Path {
		case "kind", "provider", "model":
			c.That(false, f.Path, f.Msg)
		default:
			c.That(false, which+"."+f.Path, f.Msg)
		}
	}
	return c.Err()
}

func checkUpdateKey(key string) error {
	if !isKey(key, 100) {
		return errs.InvalidField("key", "must be 1 to 100 visible ASCII characters")
	}
	return nil
}

// Report takes what an agent's library reports of a session, in any of its shapes, also after the session has ended: the
// metrics of a request count once, and of totals the largest. Errors: NotFound "usage-not-found", Invalid
// "unknown-report", "invalid-input".
func (s *Usages) Report(ctx context.Context, actor identity.Actor, id metering.UsageID, raw []byte) (metering.AgentUsage, error) {
	scope, err := tellingOf(actor)
	if err != nil {
		return metering.AgentUsage{}, err
	}
	prices, err := s.prices(ctx, actor, scope, id)
	if err != nil {
		return metering.AgentUsage{}, err
	}
	told, err := metering.ParseReport(raw)
	if err != nil {
		return metering.AgentUsage{}, err
	}
	now := s.d.Now()
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (metering.AgentUsage, error) {
		news, err := freshReadings(ctx, r, id, told, now)
		if err != nil {
			return metering.AgentUsage{}, err
		}
		if len(news) == 0 {
			return r.AgentUsages.Get(ctx, scope, id)
		}
		return r.AgentUsages.Update(ctx, scope, id, func(v *metering.AgentUsage) error {
			for _, reading := range news {
				if err := v.Tell(reading, now); err != nil {
					return err
				}
			}
			v.Price(prices)
			return nil
		})
	})
}

// freshReadings leaves out the requests that were told before, and remembers the others.
func freshReadings(ctx context.Context, r ports.Repositories, id metering.UsageID, told []metering.Told, now time.Time) ([]metering.Reading, error) {
	var keys []string
	for _, t := range told {
		if t.Key != "" {
			keys = append(keys, reportKey(t.Key))
		}
	}
	if len(keys) > 0 {
		var err error
		if keys, err = r.AgentUsages.Remember(ctx, id, keys, now); err != nil {
			return nil, err
		}
	}
	fresh := make(map[string]bool, len(keys))
	for _, key := range keys {
		fresh[key] = true
	}
	readings := make([]metering.Reading, 0, len(told))
	for _, t := range told {
		if t.Key != "" {
			key := reportKey(t.Key)
			if !fresh[key] {
				continue
			}
			fresh[key] = false // a report may tell the same request twice
		}
		readings = append(readings, t.Reading)
	}
	return readings, nil
}

// reportKey is under what a request of a report is remembered: never as an update's key.
func reportKey(key string) string { return "report:" + key }

// End ends a session. Ending it again changes nothing, except that it corrects the end of one that had been taken for
// abandoned. The zero time is now; a time in the past is for who tells late. Errors: NotFound "usage-not-found", Invalid
// "invalid-input", Stale "version-mismatch".
func (s *Usages) End(ctx context.Context, actor identity.Actor, id metering.UsageID, at time.Time, match version.Match) (metering.AgentUsage, error) {
	scope, err := tellingOf(actor)
	if err != nil {
		return metering.AgentUsage{}, err
	}
	now := s.d.Now()
	if at.After(now.Add(maxClockSkew)) {
		return metering.AgentUsage{}, errs.InvalidField("session_end", "must not be in the future")
	}
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (metering.AgentUsage, error) {
		return r.AgentUsages.Update(ctx, scope, id, func(v *metering.AgentUsage) error {
			if err := ofAgent(actor, *v); err != nil {
				return err
			}
			if err := match.Check(v.UpdatedAt); err != nil {
				return err
			}
			end := at
			switch {
			case end.IsZero():
				end = now
			case end.Before(v.SessionStart):
				return errs.InvalidField("session_end", "must not be before the session's start")
			}
			v.End(end, metering.Ended, now)
			return nil
		})
	})
}

// tellingOf returns the scope in which the actor may tell of sessions that there are: a room agent also shortly after its time in
// the room has ended, but of its own only, see ofAgent.
func tellingOf(actor identity.Actor) (identity.Scope, error) {
	return actor.StillIn(actor.RoomAgent().Room, identity.UsageWrite)
}

// ofAgent fails when a room agent is told of another one's session, as if there were none.
func ofAgent(actor identity.Actor, v metering.AgentUsage) error {
	if agent := actor.RoomAgent(); !agent.IsZero() && (v.RoomID != agent.Room || v.ParticipantID != agent.Participant) {
		return errs.Absent("usage")
	}
	return nil
}

// prices are what the session goes by. It also finds out whether the actor can see the session, which is never removed
// and never moves to another entity, room or agent.
func (s *Usages) prices(ctx context.Context, actor identity.Actor, scope identity.Scope, id metering.UsageID) ([]metering.ModelPrice, error) {
	usage, err := s.d.Repositories.AgentUsages.Get(ctx, scope, id)
	if err == nil {
		err = ofAgent(actor, usage)
	}
	if err != nil {
		return nil, err
	}
	return s.d.Repositories.ModelPrices.For(ctx, usage.EntityID)
}
