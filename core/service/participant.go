package service

import (
	"context"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// Participants is what users may do with participants: an ENTITY_ADMIN everything in its entity. A participant has no
// active column: it is not deleted.
type Participants struct {
	reader[conference.Participant, conference.ParticipantID, conference.ParticipantFilter]
	d Deps
}

// NewParticipants makes the use cases of participants.
func NewParticipants(d Deps) *Participants {
	return &Participants{reader[conference.Participant, conference.ParticipantID, conference.ParticipantFilter]{d.Repositories.Participants, identity.ParticipantsRead}, d}
}

// Get returns a participant, and logs that. Errors: NotFound "participant-not-found".
func (s *Participants) Get(ctx context.Context, actor identity.Actor, id conference.ParticipantID) (conference.Participant, error) {
	v, err := s.reader.Get(ctx, actor, id)
	if err == nil {
		err = logRead(ctx, s.d, actor, "participants", id.String(), v.EntityID, nil)
	}
	if err != nil {
		return conference.Participant{}, err
	}
	return v, nil
}

// List returns a page of the participants that the actor may see, and logs that. Errors: Invalid "invalid-limit",
// "invalid-cursor".
func (s *Participants) List(ctx context.Context, actor identity.Actor, f conference.ParticipantFilter, req page.Request) (page.Page[conference.Participant], error) {
	p, err := s.reader.List(ctx, actor, f, req)
	if err != nil {
		return p, err
	}
	entity := actor.EntityID()
	if entity == 0 {
		entity = f.EntityID
	}
	return logList(ctx, s.d, actor, "participants", "", entity, p)
}

// Create makes a participant, of the actor's entity when none is named; a MANAGER's is then the platform's. Errors:
// NotFound "entity-not-found", "professional-not-found", Invalid "invalid-input".
func (s *Participants) Create(ctx context.Context, actor identity.Actor, p conference.ParticipantParams) (conference.Participant, error) {
	if err := actor.Require(identity.ParticipantsWrite); err != nil {
		return conference.Participant{}, err
	}
	p.EntityID = homeEntity(actor, p.EntityID)
	participant, err := conference.NewParticipant(p, s.d.Now())
	if err != nil {
		return conference.Participant{}, err
	}
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (conference.Participant, error) {
		if p.EntityID != 0 {
			if err := activeEntity(ctx, r, actor, p.EntityID); err != nil {
				return conference.Participant{}, err
			}
		}
		if err := visibleProfessional(ctx, r, actor, p.ProfessionalID); err != nil {
			return conference.Participant{}, err
		}
		return r.Participants.Create(ctx, participant)
	})
}

// Update changes a participant. Errors: NotFound "participant-not-found", "professional-not-found", Invalid
// "invalid-input".
func (s *Participants) Update(ctx context.Context, actor identity.Actor, id conference.ParticipantID, p conference.ParticipantPatch, match version.Match) (conference.Participant, error) {
	if err := actor.Require(identity.ParticipantsWrite); err != nil {
		return conference.Participant{}, err
	}
	now := s.d.Now()
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (conference.Participant, error) {
		// A professional that it already has may have left the entity since: only a new one is checked.
		if err := visibleProfessional(ctx, r, actor, p.ProfessionalID.Value); err != nil {
			return conference.Participant{}, err
		}
		return r.Participants.Update(ctx, actor.Scope(), id, func(v *conference.Participant) error {
			if err := match.Check(v.UpdatedAt); err != nil {
				return err
			}
			return v.Change(p, now)
		})
	})
}
