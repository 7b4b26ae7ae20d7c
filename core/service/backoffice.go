package service

import (
	"context"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// reader is the reading half of a back-office use case, which embeds it: what the actor's scope holds, for those with
// the permission. A use case whose reads follow another rule writes a method of the same name.
type reader[T, ID, F any] struct {
	from ports.Reader[T, ID, F]
	may  identity.Permission
}

// Get returns one record. Errors: NotFound "<record>-not-found", also when it is outside the actor's scope.
func (r reader[T, ID, F]) Get(ctx context.Context, actor identity.Actor, id ID) (T, error) {
	if err := actor.Require(r.may); err != nil {
		var none T
		return none, err
	}
	return r.from.Get(ctx, actor.Scope(), id)
}

// List returns a page of what the actor may see. Errors: Invalid "invalid-limit", "invalid-cursor".
func (r reader[T, ID, F]) List(ctx context.Context, actor identity.Actor, filter F, req page.Request) (page.Page[T], error) {
	if err := actor.Require(r.may); err != nil {
		return page.Page[T]{}, err
	}
	return r.from.List(ctx, actor.Scope(), filter, req)
}

// homeEntity is the entity of a new record: the one that was named, or else the actor's own, which is none for a
// manager.
func homeEntity(actor identity.Actor, named clinic.EntityID) clinic.EntityID {
	if named == 0 {
		return actor.EntityID()
	}
	return named
}

// activeEntity checks that new records may belong to an entity. Errors: NotFound "entity-not-found", also for another
// tenant's; Invalid "invalid-input" when it is not active.
func activeEntity(ctx context.Context, r ports.Repositories, actor identity.Actor, id clinic.EntityID) error {
	e, err := r.Entities.Get(ctx, actor.Scope(), id)
	if err == nil && !e.Active {
		err = errs.InvalidField("entity_id", "must name an active entity")
	}
	return err
}

// visibleProfessional checks that a record may refer to a professional: that the actor can see it. 0 refers to none.
// Errors: NotFound "professional-not-found".
func visibleProfessional(ctx context.Context, r ports.Repositories, actor identity.Actor, id clinic.ProfessionalID) error {
	if id == 0 {
		return nil
	}
	_, err := r.Professionals.Get(ctx, actor.Scope(), id)
	return err
}

// inTx is InTx for a use case that returns a record: none when it fails.
func inTx[T any](ctx context.Context, d Deps, fn func(ctx context.Context, r ports.Repositories) (T, error)) (T, error) {
	var out, none T
	err := d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		var err error
		out, err = fn(ctx, r)
		return err
	})
	if err != nil {
		return none, err
	}
	return out, nil
}
