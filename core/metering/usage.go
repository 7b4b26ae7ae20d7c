package metering

import (
	"math"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
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
	CostEstimateMicros int64 // millionths of the currency unit: exact, and fast to add up
	Data               jsonobj.Object
	CreatedAt          time.Time
	UpdatedAt          time.Time
}

// Counters is a change to the figures of a session.
type Counters struct {
	TokensInput    int64
	TokensOutput   int64
	AudioMillis    int64
	Interactions   int64
	Transcriptions int64
}

// UsageFilter selects sessions of a list.
type UsageFilter struct {
	RoomID   conference.RoomID // 0: any
	EntityID clinic.EntityID   // 0: any
	Active   *bool             // going on, or ended; nil: both
}

// Start begins a session. The participant must be an AGENT, Invalid "invalid-input", and the room not closed,
// Conflict "room-closed". The entity and the department are the room's.
func Start(room conference.Room, agent conference.Participant, data jsonobj.Object, now time.Time) (AgentUsage, error) {
	if agent.Type != conference.Agent {
		return AgentUsage{}, errs.InvalidField("participant_id", "must be a participant of type AGENT")
	}
	if agent.EntityID != 0 && agent.EntityID != room.EntityID {
		return AgentUsage{}, errs.InvalidField("participant_id", "must be a participant of the room's entity")
	}
	if room.Status == conference.Closed {
		return AgentUsage{}, errs.New(errs.Conflict, "room-closed", "the room is closed")
	}
	if data.IsNone() {
		data = "{}"
	}
	return AgentUsage{
		RoomID: room.ID, ParticipantID: agent.ID, EntityID: room.EntityID, DepartmentID: room.DepartmentID,
		SessionStart: now, Data: data, CreatedAt: now, UpdatedAt: now,
	}, nil
}

// Add adds to the figures. No figure may be negative, nor so large that the sum is: Invalid "invalid-input".
func (u *AgentUsage) Add(by Counters, now time.Time) error {
	var c errs.Check
	check := func(path string, total, more int64) {
		c.That(more >= 0, path, "must not be negative")
		c.That(more <= math.MaxInt64-total, path, "is too large")
	}
	check("total_tokens_input", u.TotalTokensInput, by.TokensInput)
	check("total_tokens_output", u.TotalTokensOutput, by.TokensOutput)
	check("total_audio_minutes", u.TotalAudioMillis, by.AudioMillis)
	check("interactions_count", u.InteractionsCount, by.Interactions)
	check("transcription_count", u.TranscriptionCount, by.Transcriptions)
	if err := c.Err(); err != nil {
		return err
	}
	u.TotalTokensInput += by.TokensInput
	u.TotalTokensOutput += by.TokensOutput
	u.TotalAudioMillis += by.AudioMillis
	u.InteractionsCount += by.Interactions
	u.TranscriptionCount += by.Transcriptions
	u.UpdatedAt = now
	return nil
}

// End ends the session; ending it again changes nothing. The end is never before the start.
func (u *AgentUsage) End(at, now time.Time) {
	if !u.SessionEnd.IsZero() {
		return
	}
	if at.Before(u.SessionStart) {
		at = u.SessionStart
	}
	u.SessionEnd, u.UpdatedAt = at, now
}

// Duration is how long the session lasted, to the whole second; ok is false while it goes on.
func (u AgentUsage) Duration() (d time.Duration, ok bool) {
	if u.SessionEnd.IsZero() {
		return 0, false
	}
	return u.SessionEnd.Sub(u.SessionStart).Truncate(time.Second), true
}
