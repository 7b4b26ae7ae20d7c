package service

import (
	"context"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
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
	return &Participants{reader[conference.Participant, conference.ParticipantID, conference.ParticipantFilter]{d.Repositories.Participants}, d}
}

// Create makes a participant, of the actor's entity when none is named; a MANAGER's is then the platform's. Errors:
// NotFound "entity-not-found", "professional-not-found", Invalid "invalid-input".
func (s *Participants) Create(ctx context.Context, actor identity.Actor, p conference.ParticipantParams) (conference.Participant, error) {
	if err := actor.RequireUser(); err != nil {
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
func (s *Participants) Update(ctx context.Context, actor identity.Actor, id conference.ParticipantID, p conference.ParticipantPatch) (conference.Participant, error) {
	if err := actor.RequireUser(); err != nil {
		return conference.Participant{}, err
	}
	now := s.d.Now()
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (conference.Participant, error) {
		// A professional that it already has may have left the entity since: only a new one is checked.
		if err := visibleProfessional(ctx, r, actor, p.ProfessionalID.Value); err != nil {
			return conference.Participant{}, err
		}
		return r.Participants.Update(ctx, actor.Scope(), id, func(v *conference.Participant) error { return v.Change(p, now) })
	})
}
