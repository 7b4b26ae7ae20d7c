package metering

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
)

// UsageID identifies an agent's session in the books. 0 means none.
type UsageID int64

// String returns the decimal form.
func (i UsageID) String() string { return strconv.FormatInt(int64(i), 10) }

// AgentUsage is one session of an AI agent in a room.
type AgentUsage struct {
	ID                 UsageID
	RoomID             conference.RoomID
	ParticipantID      conference.ParticipantID // the agent
	EntityID           clinic.EntityID          // of the room; 0 when none
	DepartmentID       clinic.DepartmentID      // of the room; 0 when none
	SessionStart       time.Time
	SessionEnd         time.Time // zero while the session goes on
	TotalTokensInput   int64
	TotalTokensOutput  int64
	TotalAudioMillis   int64 // audio in milliseconds; total_audio_minutes is derived, exactly
	InteractionsCount  int64
	TranscriptionCount int64
	CostEstimateMicros int64  // millionths of the currency unit: exact, and fast to add up
	Currency           string // ISO 4217; "" while nothing is priced
	Unpriced           bool   // some of it has no price, and is not in the cost
	Provider           string // of the model that figures without one are for; "" when unknown
	Model              string // that model; "" when unknown
	EndReason          EndReason
	Readings           []Reading // what was told, by model and source; [AgentUsage] owns it
	Lines              []Line    // what follows from it, by model; the totals are their sums
	Data               jsonobj.Object
	CreatedAt          time.Time
	UpdatedAt          time.Time
}

// EndReason is why a session ended, "" while it goes on.
type EndReason string

// The reasons.
const (
	Ended     EndReason = "ended"     // somebody said so
	Abandoned EndReason = "abandoned" // nobody said so, and nothing was heard of it for long
)

// UsageFilter selects sessions of a list.
type UsageFilter struct {
	RoomID        conference.RoomID        // 0: any
	EntityID      clinic.EntityID          // 0: any
	DepartmentID  clinic.DepartmentID      // 0: any
	ParticipantID conference.ParticipantID // the agent; 0: any
	Active        *bool                    // going on, or ended; nil: both
}

// StartParams is what a session is made of. Room and Agent are the loaded records.
type StartParams struct {
	Room     conference.Room
	Agent    conference.Participant
	Provider string         // of the model that figures without one are for; "": taken from Data
	Model    string         // that model; "": taken from Data
	Data     jsonobj.Object // none becomes {}
	At       time.Time      // when it began; zero: now
}

// clockSkew is how far the clock of an agent may be ahead.
const clockSkew = time.Minute

// Start begins a session. The participant must be an AGENT of the room's entity, and the beginning not later than in a
// minute: otherwise Invalid "invalid-input". The room must not be closed, Conflict "room-closed". The entity and the
// department are the room's. A provider or a model that is left out is taken from Data, where "provider" and "model"
// stand at the top or under "metadata".
func Start(p StartParams, now time.Time) (AgentUsage, error) {
	var c errs.Check
	c.That(p.Agent.Type == conference.Agent, "participant_id", "must be a participant of type AGENT")
	c.That(p.Agent.EntityID == 0 || p.Agent.EntityID == p.Room.EntityID, "participant_id", "must be a participant of the room's entity")
	at := p.At
	if at.IsZero() {
		at = now
	}
	c.That(!at.After(now.Add(clockSkew)), "session_start", "must not be in the future")
	provider := valid.OptionalText(&c, "provider", p.Provider, maxProvider)
	model := valid.OptionalText(&c, "model", p.Model, maxModel)
	if err := c.Err(); err != nil {
		return AgentUsage{}, err
	}
	if p.Room.Status == conference.Closed {
		return AgentUsage{}, errs.New(errs.Conflict, "room-closed", "the room is closed")
	}
	data := p.Data
	if data.IsNone() {
		data = "{}"
	}
	return AgentUsage{
		RoomID: p.Room.ID, ParticipantID: p.Agent.ID, EntityID: p.Room.EntityID, DepartmentID: p.Room.DepartmentID,
		SessionStart: at, Provider: cmp.Or(provider, named(data, "provider", maxProvider)), Model: cmp.Or(model, named(data, "model", maxModel)),
		Data: data, CreatedAt: now, UpdatedAt: now,
	}, nil
}

// named finds a name in free data, "" when there is none that could be one.
func named(data jsonobj.Object, key string, limit int) string {
	top := data.Map()
	below, _ := top["metadata"].(map[string]any)
	for _, object := range []map[string]any{top, below} {
		text, _ := object[key].(string)
		var c errs.Check
		if name := valid.OptionalText(&c, key, text, limit); name != "" && c.Err() == nil {
			return name
		}
	}
	return ""
}

// Figures is a change to the figures of a session.
type Figures struct {
	Quantities
	Interactions   int64
	Transcriptions int64
}

// maxReadings is how many models, by kind and source, a session has at most.
const maxReadings = 200

// Add adds to the figures of a model; without a kind it is [General], and without a provider and a name the session's own
// model. A negative figure, or one whose sum is too large, is Invalid "invalid-input". Call Price after it.
func (u *AgentUsage) Add(m Model, by Figures, now time.Time) error {
	return u.count(m, by, sum, now)
}

// Set tells the figures of a model so far: each becomes the larger of itself and the given one, so that what comes late
// takes nothing back. In all else it is as Add.
func (u *AgentUsage) Set(m Model, to Figures, now time.Time) error {
	return u.count(m, to, larger, now)
}

func (u *AgentUsage) count(m Model, f Figures, combine func(a, b int64) int64, now time.Time) error {
	m.Kind = cmp.Or(m.Kind, General)
	if m.isUnnamed() {
		m.Provider, m.Model = u.Provider, u.Model
	}
	var c errs.Check
	interactions := combined(&c, "interactions_count", u.InteractionsCount, f.Interactions, combine)
	transcriptions := combined(&c, "transcription_count", u.TranscriptionCount, f.Transcriptions, combine)
	if err := u.tell(&c, Reading{Model: m, Source: Counted, Quantities: f.Quantities}, combine, now); err != nil {
		return err
	}
	u.InteractionsCount, u.TranscriptionCount = interactions, transcriptions
	return nil
}

// Tell takes what an agent's library reported: the metrics of single requests are added, and of totals the largest
// holds. A negative figure, or one that is too large, is Invalid "invalid-input". Call Price after it.
func (u *AgentUsage) Tell(r Reading, now time.Time) error {
	var c errs.Check
	switch r.Source {
	case Requests:
		return u.tell(&c, r, sum, now)
	case Reported:
		return u.tell(&c, r, larger, now)
	case Counted:
	}
	return errs.InvalidField("source", "must be requests or reported")
}

// tell takes a reading unless something is wrong with it, or was before.
func (u *AgentUsage) tell(c *errs.Check, r Reading, combine func(a, b int64) int64, now time.Time) error {
	r.validate(c)
	u.adopt()
	at := slices.IndexFunc(u.Readings, func(v Reading) bool { return v.Model == r.Model && v.Source == r.Source })
	var before Quantities
	if at >= 0 {
		before = u.Readings[at].Quantities
	}
	theirs := r.figures()
	for i, f := range before.figures() {
		*theirs[i].value = combined(c, f.path, *f.value, *theirs[i].value, combine)
	}
	isNew := at < 0 && r.Quantities != Quantities{}
	c.That(!isNew || len(u.Readings) < maxReadings, "model", "is one too many for a session")
	if err := c.Err(); err != nil {
		return err
	}
	switch {
	case at >= 0:
		u.Readings[at] = r
	case isNew:
		u.Readings = append(u.Readings, r)
	}
	u.UpdatedAt = version.Next(u.UpdatedAt, now)
	return nil
}

// combined is a figure after a change.
func combined(c *errs.Check, path string, before, change int64, combine func(a, b int64) int64) int64 {
	c.That(change >= 0, path, "must not be negative")
	if change > maxFigure || combine(before, change) > maxFigure {
		c.That(false, path, "is too large")
		return before
	}
	return combine(before, change)
}

// End ends the session. Ending it again changes nothing, except that somebody's word replaces that it was abandoned. The
// end is never before the start.
func (u *AgentUsage) End(at time.Time, reason EndReason, now time.Time) {
	if !u.SessionEnd.IsZero() && (u.EndReason != Abandoned || reason == Abandoned) {
		return
	}
	if at.Before(u.SessionStart) {
		at = u.SessionStart
	}
	u.SessionEnd, u.EndReason, u.UpdatedAt = at, reason, version.Next(u.UpdatedAt, now)
}

// Duration is how long the session lasted, to the whole second; ok is false while it goes on.
func (u AgentUsage) Duration() (d time.Duration, ok bool) {
	if u.SessionEnd.IsZero() {
		return 0, false
	}
	return u.SessionEnd.Sub(u.SessionStart).Truncate(time.Second), true
}

// Clone returns a copy that shares nothing with the session.
func (u AgentUsage) Clone() AgentUsage {
	u.Readings, u.Lines = slices.Clone(u.Readings), slices.Clone(u.Lines)
	return u
}
