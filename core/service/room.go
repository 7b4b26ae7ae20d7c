package service

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// The events that the service itself appends to a room, in the transaction that they tell of.
const (
	eventRoomOpened         = "room_opened"
	eventRoomStatusChanged  = "room_status_changed" // {"from": ..., "to": ...}
	eventParticipantAdded   = "participant_added"   // {"participant_id": ...}
	eventParticipantRemoved = "participant_removed" // {"participant_id": ...}
)

// Rooms is what users may do with rooms, those in them, and what happens there: an ENTITY_ADMIN everything in its
// entity, a MANAGER also with rooms of no entity.
type Rooms struct {
	reader[conference.Room, conference.RoomID, conference.RoomFilter]
	d     Deps
	media *Media
}

// NewRooms makes the use cases of rooms, which take place where media says.
func NewRooms(d Deps, media *Media) *Rooms {
	return &Rooms{reader[conference.Room, conference.RoomID, conference.RoomFilter]{d.Repositories.Rooms, identity.RoomsRead}, d, media}
}

// NewRoom is a room to be opened.
type NewRoom struct {
	Name           string
	EntityID       clinic.EntityID       // 0: the actor's own; for a MANAGER: none
	DepartmentID   clinic.DepartmentID   // 0: none
	ProfessionalID clinic.ProfessionalID // 0: none
	Type           conference.ParticipantType
	PhoneNumber    string
	ExternalID     string
	Limits         conference.RoomLimits // zero fields take the defaults
}

// Create opens a room and appends "room_opened". LiveKit, when it is configured, gets the room too: before Create returns,
// or as soon as it answers again. Errors: NotFound "entity-not-found", "department-not-found",
// "professional-not-found", Invalid "invalid-input".
func (s *Rooms) Create(ctx context.Context, actor identity.Actor, p NewRoom) (conference.Room, error) {
	if err := actor.Require(identity.RoomsWrite); err != nil {
		return conference.Room{}, err
	}
	now := s.d.Now()
	liveKitName := "room-" + id.NewUUID(now).String()
	room, err := inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (conference.Room, error) {
		params := conference.RoomParams{
			Name: p.Name, ProfessionalID: p.ProfessionalID, Type: p.Type, PhoneNumber: p.PhoneNumber,
			ExternalID: p.ExternalID, Limits: p.Limits, LiveKitName: liveKitName,
		}
		if home := homeEntity(actor, p.EntityID); home != 0 {
			entity, err := r.Entities.Get(ctx, actor.Scope(), home)
			if err != nil {
				return conference.Room{}, err
			}
			params.Entity = &entity
		}
		if p.DepartmentID != 0 {
			department, err := r.Departments.Get(ctx, actor.Scope(), p.DepartmentID)
			if err != nil {
				return conference.Room{}, err
			}
			params.Department = &department
		}
		if err := visibleProfessional(ctx, r, actor, p.ProfessionalID); err != nil {
			return conference.Room{}, err
		}
		room, err := conference.NewRoom(params, now)
		if err != nil {
			return conference.Room{}, err
		}
		if room, err = r.Rooms.Create(ctx, room); err != nil {
			return conference.Room{}, err
		}
		if err := s.media.toOpen(ctx, r, room.ID, now); err != nil {
			return conference.Room{}, err
		}
		return room, note(ctx, r, room.ID, now, eventRoomOpened, nil)
	})
	if err := s.tell(ctx, room.ID, err); err != nil {
		return conference.Room{}, err
	}
	return s.media.openNow(ctx, room), nil
}

// Update changes a room, and appends "room_status_changed" when it moved on. Errors: NotFound "room-not-found",
// "professional-not-found", Conflict "room-closed", "room-status", Invalid "invalid-input".
func (s *Rooms) Update(ctx context.Context, actor identity.Actor, room conference.RoomID, p conference.RoomPatch, match version.Match) (conference.Room, error) {
	return s.change(ctx, actor, room, p.ProfessionalID.Value, match, func(v *conference.Room, now time.Time) error { return v.Change(p, now) })
}

// Delete closes a room: it stays readable, and closing it again is no error. Errors: NotFound "room-not-found".
func (s *Rooms) Delete(ctx context.Context, actor identity.Actor, room conference.RoomID, match version.Match) error {
	_, err := s.change(ctx, actor, room, 0, match, func(v *conference.Room, now time.Time) error {
		v.Close(conference.ClosedByRequest, now)
		return nil
	})
	return err
}

func (s *Rooms) change(ctx context.Context, actor identity.Actor, room conference.RoomID, host clinic.ProfessionalID, match version.Match, change func(*conference.Room, time.Time) error) (conference.Room, error) {
	if err := actor.Require(identity.RoomsWrite); err != nil {
		return conference.Room{}, err
	}
	now := s.d.Now()
	changed, err := inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (conference.Room, error) {
		if err := visibleProfessional(ctx, r, actor, host); err != nil {
			return conference.Room{}, err
		}
		var before conference.Room
		out, err := r.Rooms.Update(ctx, actor.Scope(), room, func(v *conference.Room) error {
			if err := match.Check(v.UpdatedAt); err != nil {
				return err
			}
			before = *v
			return change(v, now)
		})
		if err != nil {
			return out, err
		}
		return out, s.media.moved(ctx, r, before, out, now)
	})
	return changed, s.tell(ctx, room, err)
}

// Instructions merges what the room's agent is told, from the entity and the department as they are now. Errors:
// NotFound "room-not-found".
func (s *Rooms) Instructions(ctx context.Context, actor identity.Actor, room conference.RoomID) (clinic.Instructions, error) {
	scope, err := actor.In(room, identity.RoomsRead)
	if err != nil {
		return clinic.Instructions{}, err
	}
	place, err := s.d.Repositories.Rooms.Place(ctx, scope, room)
	if err != nil {
		return clinic.Instructions{}, err
	}
	return s.media.instructions(ctx, place)
}

// Participants returns a page of who is in the room, and logs that: what is known of them there may be a complaint.
// Errors: NotFound "room-not-found".
func (s *Rooms) Participants(ctx context.Context, actor identity.Actor, room conference.RoomID, req page.Request) (page.Page[conference.RoomParticipant], error) {
	in, err := s.Get(ctx, actor, room)
	if err != nil {
		return page.Page[conference.RoomParticipant]{}, err
	}
	p, err := s.d.Repositories.RoomParticipants.List(ctx, actor.Scope(), room, req)
	if err != nil {
		return p, err
	}
	return logList(ctx, s.d, actor, "room_participants", room.String(), in.EntityID, p)
}

// Participant returns one who is in the room, and logs that. Errors: NotFound "room-participant-not-found".
func (s *Rooms) Participant(ctx context.Context, actor identity.Actor, room conference.RoomID, who conference.ParticipantID) (conference.RoomParticipant, error) {
	if err := actor.Require(identity.RoomsRead); err != nil {
		return conference.RoomParticipant{}, err
	}
	v, err := s.d.Repositories.RoomParticipants.Get(ctx, actor.Scope(), room, who)
	if err != nil {
		return conference.RoomParticipant{}, err
	}
	in, err := s.from.Get(ctx, actor.Scope(), room)
	if err == nil {
		err = logRead(ctx, s.d, actor, "room_participants", room.String(), in.EntityID, map[string]string{"participant_id": who.String()})
	}
	if err != nil {
		return conference.RoomParticipant{}, err
	}
	return v, nil
}

// AddParticipant puts a participant into the room and appends "participant_added". Errors: NotFound "room-not-found",
// "participant-not-found", Conflict "room-closed", "already-in-room", Invalid "invalid-input".
func (s *Rooms) AddParticipant(ctx context.Context, actor identity.Actor, room conference.RoomID, who conference.ParticipantID, info jsonobj.Object) (conference.RoomParticipant, error) {
	if err := actor.Require(identity.RoomsWrite); err != nil {
		return conference.RoomParticipant{}, err
	}
	now := s.d.Now()
	link, err := inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (conference.RoomParticipant, error) {
		in, err := r.Rooms.Get(ctx, actor.Scope(), room)
		if err != nil {
			return conference.RoomParticipant{}, err
		}
		participant, err := r.Participants.Get(ctx, actor.Scope(), who)
		if err != nil {
			return conference.RoomParticipant{}, err
		}
		link, err := conference.NewRoomParticipant(in, participant, info, now)
		if err != nil {
			return conference.RoomParticipant{}, err
		}
		if err := checkContext(s.d, link.Context); err != nil {
			return conference.RoomParticipant{}, err
		}
		if link, err = r.RoomParticipants.Create(ctx, link); err != nil {
			return conference.RoomParticipant{}, err
		}
		return link, note(ctx, r, room, now, eventParticipantAdded, map[string]any{"participant_id": who})
	})
	return link, s.tell(ctx, room, err)
}

// UpdateParticipant changes what is known of a participant in the room by a merge patch. Errors: NotFound
// "room-participant-not-found", Invalid "invalid-object", "invalid-input".
func (s *Rooms) UpdateParticipant(ctx context.Context, actor identity.Actor, room conference.RoomID, who conference.ParticipantID, info patch.Of[jsonobj.Object], match version.Match) (conference.RoomParticipant, error) {
	if err := actor.Require(identity.RoomsWrite); err != nil {
		return conference.RoomParticipant{}, err
	}
	now := s.d.Now()
	return s.d.Repositories.RoomParticipants.Update(ctx, actor.Scope(), room, who, func(v *conference.RoomParticipant) error {
		if err := match.Check(v.UpdatedAt); err != nil {
			return err
		}
		if err := jsonobj.Patch(&v.Context, info); err != nil {
			return err
		}
		if v.Context.IsNone() {
			v.Context = "{}"
		}
		if err := checkContext(s.d, v.Context); err != nil {
			return err
		}
		v.UpdatedAt = version.Next(v.UpdatedAt, now)
		return nil
	})
}

// RemoveParticipant takes a participant out of the room and appends "participant_removed". Errors: NotFound
// "room-participant-not-found".
func (s *Rooms) RemoveParticipant(ctx context.Context, actor identity.Actor, room conference.RoomID, who conference.ParticipantID, match version.Match) error {
	if err := actor.Require(identity.RoomsWrite); err != nil {
		return err
	}
	now := s.d.Now()
	err := s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		_, err := r.RoomParticipants.Update(ctx, actor.Scope(), room, who, func(v *conference.RoomParticipant) error {
			return match.Check(v.UpdatedAt)
		})
		if err != nil {
			return err
		}
		if err := r.RoomParticipants.Delete(ctx, actor.Scope(), room, who); err != nil {
			return err
		}
		return note(ctx, r, room, now, eventParticipantRemoved, map[string]any{"participant_id": who})
	})
	return s.tell(ctx, room, err)
}

// tell lets who follows a room know that something was appended, unless that failed with err, which it returns. It is for
// after the commit.
func (s *Rooms) tell(ctx context.Context, room conference.RoomID, err error) error {
	if err == nil {
		s.d.Bus.Publish(ctx, ports.TopicRooms, room.String())
	}
	return err
}

// note appends an event of the service's own.
func note(ctx context.Context, r ports.Repositories, room conference.RoomID, now time.Time, name string, data map[string]any) error {
	o, err := jsonobj.From(data)
	if err != nil {
		return errs.Wrap(errs.Internal, "event-data", "an event could not be written", err)
	}
	e, err := conference.NewRoomEvent(room, conference.EventParams{Name: name, Data: o}, now)
	if err != nil {
		return err
	}
	_, err = r.RoomEvents.Append(ctx, e)
	return err
}
