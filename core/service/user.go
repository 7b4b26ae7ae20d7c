package service

import (
	"context"
	"errors"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// Users is what users may do with users: an ENTITY_ADMIN only with those of its entity, without changing their role or
// entity. Nobody takes away the own access, and there is always a MANAGER.
type Users struct {
	reader[identity.User, identity.UserID, identity.UserFilter]
	d         Deps
	passwords ports.Passwords
}

// NewUsers makes the use cases of users.
func NewUsers(d Deps, passwords ports.Passwords) *Users {
	return &Users{reader[identity.User, identity.UserID, identity.UserFilter]{d.Repositories.Users, identity.UsersRead}, d, passwords}
}

// NewUser is a user to be made.
type NewUser struct {
	Email       string
	Password    string
	PhoneNumber string
	Role        identity.Role
	EntityID    clinic.EntityID // 0: for an ENTITY_ADMIN who asks, its own
}

// UserChange changes parts of a user.
type UserChange struct {
	Email       patch.Of[string]
	Password    patch.Of[string]
	PhoneNumber patch.Of[string]
	Role        patch.Of[identity.Role]
	EntityID    patch.Of[clinic.EntityID]
	Active      patch.Of[bool]
}

// Create makes an active user. Errors: Forbidden "manager-only" when an ENTITY_ADMIN makes a MANAGER, NotFound
// "entity-not-found", Conflict "email-taken", Invalid "invalid-input".
func (s *Users) Create(ctx context.Context, actor identity.Actor, p NewUser) (identity.User, error) {
	if err := actor.Require(identity.UsersWrite); err != nil {
		return identity.User{}, err
	}
	if p.Role == identity.Manager {
		if err := actor.RequireManager(); err != nil {
			return identity.User{}, err
		}
	} else {
		p.EntityID = homeEntity(actor, p.EntityID)
	}
	if p.EntityID != 0 {
		if err := activeEntity(ctx, s.d.Repositories, actor, p.EntityID); err != nil {
			return identity.User{}, err
		}
	}
	return s.create(ctx, p)
}

// CreateFirst makes a MANAGER for whoever runs the service: there is no user yet who could. Errors: Conflict
// "email-taken", Invalid "invalid-input".
func (s *Users) CreateFirst(ctx context.Context, email, password, phoneNumber string) (identity.User, error) {
	return s.create(ctx, NewUser{Email: email, Password: password, PhoneNumber: phoneNumber, Role: identity.Manager})
}

// CreateByOperator makes a user for whoever runs the service, and so may do what nobody has to allow: it is for the
// command line and the configuration, never for a request. Errors: NotFound "entity-not-found", Conflict "email-taken",
// Invalid "invalid-input".
func (s *Users) CreateByOperator(ctx context.Context, p NewUser) (identity.User, error) {
	if p.EntityID != 0 {
		if _, err := s.d.Repositories.Entities.Get(ctx, identity.AllEntities(), p.EntityID); err != nil {
			return identity.User{}, err
		}
	}
	return s.create(ctx, p)
}

// None reports whether the store has no user at all, so that the first one may be made from the configuration.
func (s *Users) None(ctx context.Context) (bool, error) {
	p, err := s.d.Repositories.Users.List(ctx, identity.AllEntities(), identity.UserFilter{}, page.Request{Limit: 1})
	return len(p.Items) == 0, err
}

func (s *Users) create(ctx context.Context, p NewUser) (identity.User, error) {
	// Everything is checked before the password is hashed, which is costly.
	user, invalid := identity.NewUser(identity.UserParams{
		Email: p.Email, PhoneNumber: p.PhoneNumber, Role: p.Role, EntityID: p.EntityID,
	}, s.d.Now())
	var c errs.Check
	c.Note("user", invalid)
	c.Note("password", identity.CheckPassword(p.Password))
	if err := c.Err(); err != nil {
		return identity.User{}, err
	}
	hash, err := s.passwords.Hash(ctx, p.Password)
	if err != nil {
		return identity.User{}, err
	}
	user.PasswordHash = hash
	return write(ctx, s.d, func(ctx context.Context, r ports.Repositories) (identity.User, error) {
		return r.Users.Create(ctx, user)
	})
}

// Update changes a user. A new password, and being deactivated, end the user's logins. Errors: NotFound
// "user-not-found", "entity-not-found", Forbidden "manager-only" when an ENTITY_ADMIN changes a role or an entity,
// Conflict "own-user", "last-manager", "email-taken", Invalid "invalid-input".
func (s *Users) Update(ctx context.Context, actor identity.Actor, id identity.UserID, c UserChange, match version.Match) (identity.User, error) {
	if err := actor.Require(identity.UsersWrite); err != nil {
		return identity.User{}, err
	}
	p := identity.UserPatch{
		Email: c.Email, PhoneNumber: c.PhoneNumber, Role: c.Role, EntityID: c.EntityID, Active: c.Active,
	}
	if c.Password.Present {
		// Whoever cannot see the user does not make the service hash.
		if _, err := s.Get(ctx, actor, id); err != nil {
			return identity.User{}, err
		}
		if err := identity.CheckPassword(c.Password.Value); err != nil {
			return identity.User{}, err
		}
		hash, err := s.passwords.Hash(ctx, c.Password.Value)
		if err != nil {
			return identity.User{}, err
		}
		p.PasswordHash = patch.Set(hash)
	}
	return s.change(ctx, actor, id, p.EntityID.Value, match, func(u *identity.User, now time.Time) error { return u.Change(p, now) })
}

// Delete deactivates a user and ends its logins. Errors: NotFound "user-not-found", Conflict "own-user",
// "last-manager".
func (s *Users) Delete(ctx context.Context, actor identity.Actor, id identity.UserID, match version.Match) error {
	if err := actor.Require(identity.UsersWrite); err != nil {
		return err
	}
	_, err := s.change(ctx, actor, id, 0, match, func(u *identity.User, now time.Time) error {
		u.Deactivate(now)
		return nil
	})
	return err
}

// change applies a change under the rules of who may change what; entity is the one that the user moves to, 0 for none.
func (s *Users) change(ctx context.Context, actor identity.Actor, id identity.UserID, entity clinic.EntityID, match version.Match, change func(*identity.User, time.Time) error) (identity.User, error) {
	now := s.d.Now()
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (identity.User, error) {
		if actor.IsManager() && entity != 0 {
			if err := activeEntity(ctx, r, actor, entity); err != nil {
				return identity.User{}, err
			}
		}
		var before identity.User
		after, err := r.Users.Update(ctx, actor.Scope(), id, func(u *identity.User) error {
			if err := match.Check(u.UpdatedAt); err != nil {
				return err
			}
			before = *u
			// The rules come before what else may be wrong with the change, so they look at what it asks for.
			invalid := change(u, now)
			if err := mayChange(actor, before, *u); err != nil {
				return err
			}
			return invalid
		})
		if err != nil {
			return identity.User{}, err
		}
		if manages(before) && !manages(after) {
			if err := keepManager(ctx, r); err != nil {
				return identity.User{}, err
			}
		}
		if before.PasswordHash != after.PasswordHash || before.Active && !after.Active {
			if err := r.RefreshTokens.RevokeUser(ctx, id, now); err != nil {
				return identity.User{}, err
			}
		}
		return after, nil
	})
}

// mayChange says whether the actor may make this of a user that it sees.
func mayChange(actor identity.Actor, before, after identity.User) error {
	if before.Role != after.Role || before.EntityID != after.EntityID {
		if err := actor.RequireManager(); err != nil {
			return err
		}
	}
	if actor.UserID() == before.ID && (before.Role != after.Role || before.Active && !after.Active) {
		return errs.New(errs.Conflict, "own-user", "nobody may deactivate the own user or change its role")
	}
	return nil
}

func manages(u identity.User) bool { return u.Active && u.Role == identity.Manager }

// keepManager fails with Conflict "last-manager" unless an active MANAGER is left. It locks the one it finds by an update
// that changes nothing, so that two managers cannot deactivate each other at the same time.
func keepManager(ctx context.Context, r ports.Repositories) error {
	errWent := errors.New("no longer a manager")
	active := true
	req := page.Request{Limit: page.MaxLimit}
	for {
		p, err := r.Users.List(ctx, identity.AllEntities(), identity.UserFilter{Active: &active}, req)
		if err != nil {
			return err
		}
		for _, u := range p.Items {
			if u.Role != identity.Manager {
				continue
			}
			_, err := r.Users.Update(ctx, identity.AllEntities(), u.ID, func(u *identity.User) error {
				if !manages(*u) {
					return errWent
				}
				return nil
			})
			if !errors.Is(err, errWent) {
				return err
			}
		}
		if p.NextCursor == "" {
			return errs.New(errs.Conflict, "last-manager", "the last active MANAGER cannot go")
		}
		req.Cursor = p.NextCursor
	}
}
