package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/conference"
)

// TimelineEntry is one thing of all that happened in a room.
type TimelineEntry struct {
	At            time.Time `json:"at" example:"2025-11-03T14:30:00Z"`
	Kind          string    `json:"kind" enum:"participant,room_event,usage_start,agent_event,usage_end" example:"room_event" doc:"What it tells of. Of one moment, they come in this order."`
	ID            int64     `json:"id" example:"1001" doc:"Of the participant's link to the room, of the event, or of the session."`
	Name          *string   `json:"name" example:"transcript" doc:"The participant's, or the event's; null for a session."`
	ParticipantID *int64    `json:"participant_id" example:"31" doc:"Who was put into the room, or whose session it is; null for an event."`
	Data          Object    `json:"data" example:"{\"text\":\"Bom dia, doutor.\"}" doc:"The context of the participant, or the data of the event or the session."`
}

func timelineEntryOf(v conference.TimelineEntry) TimelineEntry {
	return TimelineEntry{
		At: v.At, Kind: string(v.Kind), ID: v.ID, Name: nullText(v.Name), ParticipantID: nullID(v.ParticipantID), Data: objectOf(v.Data),
	}
}

// appendJSON implements appender.
func (e TimelineEntry) appendJSON(b []byte) []byte {
	b = appendTime(b, `{"at":`, e.At)
	b = appendText(b, `,"kind":`, e.Kind)
	b = appendID(b, `,"id":`, e.ID)
	b = appendOptionalText(b, `,"name":`, textOf[string](e.Name))
	b = appendOptionalID(b, `,"participant_id":`, idOf[int64](e.ParticipantID))
	b = appendObject(b, `,"data":`, e.Data.object)
	return append(b, '}')
}

func (s *server) registerTimeline() {
	handle(s, huma.Operation{
		OperationID: "get-room-timeline", Method: http.MethodGet, Path: "/v1/rooms/{id}/timeline", Tags: []string{"events"},
		Summary: "List all that happened in a room, in its order",
		Description: "Who was put into the room, the room's events, those of agents, and agents' sessions: when they began and when " +
			"they ended. A participant who was taken out again is not in it; the room's events tell of that.",
	}, func(ctx context.Context, in *struct {
		ByID
		PageQuery
	},
	) (*answer[List[TimelineEntry]], error) {
		v, err := s.Rooms.Timeline(ctx, actor(ctx), conference.RoomID(in.ID), in.request())
		return listed(v, err, timelineEntryOf)
	})
}
