package metering

import (
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/id"
)

// Money is an exact amount in a currency. The JSON names are those in which a repricing keeps it.
type Money struct {
	Currency string `json:"currency"` // ISO 4217
	Micros   int64  `json:"micros"`   // millionths of the currency's unit
}

// GroupBy is what a report has a row for.
type GroupBy string

// The groups.
const (
	ByEntity     GroupBy = "entity"
	ByDepartment GroupBy = "department"
	ByRoom       GroupBy = "room"
	ByAgent      GroupBy = "agent"
	ByModel      GroupBy = "model" // figures are those of the model; a session counts once for each of its models
	ByDay        GroupBy = "day"
	ByMonth      GroupBy = "month"
)

// Groups lists the groups.
func Groups() []GroupBy {
	return []GroupBy{ByEntity, ByDepartment, ByRoom, ByAgent, ByModel, ByDay, ByMonth}
}

// ReportQuery asks for the sessions that started in a period, added up.
type ReportQuery struct {
	EntityID      clinic.EntityID          // 0: any
	DepartmentID  clinic.DepartmentID      // 0: any
	RoomID        conference.RoomID        // 0: any
	ParticipantID conference.ParticipantID // the agent; 0: any
	From          time.Time                // the first moment
	To            time.Time                // the moment after the last
	GroupBy       GroupBy
	Zone          *time.Location // in which days and months begin
}

// ReportRow is one group of a report. Of the fields that name a group, those that the report does not group by are zero;
// so is that of the sessions that have no department, and so on.
type ReportRow struct {
	EntityID      clinic.EntityID
	DepartmentID  clinic.DepartmentID
	RoomID        conference.RoomID
	ParticipantID conference.ParticipantID
	Model         Model  // its kind too
	Period        string // "2026-11-22" or "2026-11", in the zone of the query
	Name          string // of the entity, department, room or agent, for people

	Sessions           int64
	ActiveSessions     int64 // those that go on
	DurationSeconds    int64 // of those that ended, each to the whole second; by model that of the whole session
	TotalTokensInput   int64
	TotalTokensOutput  int64
	TotalAudioMillis   int64
	InteractionsCount  int64   // 0 by model: they are the session's
	TranscriptionCount int64   // 0 by model
	UnpricedSessions   int64   // of which some has no price, and is not in the costs
	Costs              []Money // by currency, each more than 0
}

// RepricingID identifies a repricing.
type RepricingID = id.Of[Repricing]

// RepricingStatus is how far a repricing is.
type RepricingStatus string

// The statuses.
const (
	RepricingPending RepricingStatus = "pending"
	RepricingRunning RepricingStatus = "running"
	RepricingDone    RepricingStatus = "done"
)

// Repricing prices the sessions that started in a period again, by the prices of now: a job does it, piece by piece.
type Repricing struct {
	ID          RepricingID
	EntityID    clinic.EntityID // 0: all
	From, To    time.Time
	Status      RepricingStatus
	RequestedBy string  // [identity.Actor.String]
	LastUsageID UsageID // how far it is: the sessions up to this one are done
	Sessions    int64   // that were looked at
	Changed     int64   // whose cost is another one now
	Before      []Money // what those that changed cost before, by currency
	After       []Money // and after
	CreatedAt   time.Time
	FinishedAt  time.Time // zero until done
	UpdatedAt   time.Time
}

// RepricingFilter selects repricings of a list.
type RepricingFilter struct {
	EntityID clinic.EntityID // 0: any
}
