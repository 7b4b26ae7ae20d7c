package service

import (
	"context"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// Clinics is the configuration of front desks.
type Clinics struct{ d Deps }

// NewClinics makes the use cases of clinics.
func NewClinics(d Deps) *Clinics { return &Clinics{d} }

// Get returns a clinic. Errors: NotFound.
func (s *Clinics) Get(ctx context.Context, actor identity.Actor, tenant agenda.TenantID) (agenda.Clinic, error) {
	if err := actor.Require(identity.ClinicsRead); err != nil {
		return agenda.Clinic{}, err
	}
	return s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant)
}

// Own returns the clinic of the actor's one entity, for those who name no clinic, such as agents. The actor must have a
// permission for some of a front desk's work. Errors: Forbidden "clinic-unclear" for a MANAGER, who has every clinic, and as of
// [identity.Actor.RequireCaller] and [identity.Actor.Require]; NotFound "clinic-not-found" when the entity has none.
func (s *Clinics) Own(ctx context.Context, actor identity.Actor) (agenda.Clinic, error) {
	if err := actor.RequireCaller(); err != nil {
		return agenda.Clinic{}, err
	}
	if actor.IsManager() {
		return agenda.Clinic{}, errs.New(errs.Forbidden, "clinic-unclear",
			"a MANAGER has every clinic: use an API key of the clinic's entity, or log in as its ENTITY_ADMIN")
	}
	if !actor.May(identity.AgendaRead) && !actor.May(identity.AgendaWrite) {
		if err := actor.Require(identity.ClinicsRead); err != nil {
			return agenda.Clinic{}, err
		}
	}
	own, err := s.d.Repositories.Clinics.List(ctx, actor.Scope(), agenda.ClinicFilter{EntityID: actor.EntityID()}, page.Request{Limit: 1})
	if err != nil {
		return agenda.Clinic{}, err
	}
	if len(own.Items) == 0 {
		return agenda.Clinic{}, errs.Absent("clinic")
	}
	return own.Items[0], nil
}

// List returns a page of clinics.
func (s *Clinics) List(ctx context.Context, actor identity.Actor, f agenda.ClinicFilter, req page.Request) (page.Page[agenda.Clinic], error) {
	if err := actor.Require(identity.ClinicsRead); err != nil {
		return page.Page[agenda.Clinic]{}, err
	}
	return s.d.Repositories.Clinics.List(ctx, actor.Scope(), f, req)
}

// Directory returns a clinic with its active professionals and services: what loaders such as n8n read in one call.
func (s *Clinics) Directory(ctx context.Context, actor identity.Actor, tenant agenda.TenantID) (agenda.Directory, error) {
	if err := actor.Require(identity.ClinicsRead); err != nil {
		return agenda.Directory{}, err
	}
	return s.d.Repositories.Clinics.Directory(ctx, actor.Scope(), tenant)
}

// Create opens the front desk of an entity; without one named, of the actor's own. Errors: Invalid,
// "unknown-reference" for an account that the entity has not connected, NotFound "entity-not-found", Conflict
// "clinic-exists" or "instance-taken".
func (s *Clinics) Create(ctx context.Context, actor identity.Actor, p agenda.ClinicParams) (agenda.Clinic, error) {
	if err := actor.Require(identity.ClinicsWrite); err != nil {
		return agenda.Clinic{}, err
	}
	p.EntityID = homeEntity(actor, p.EntityID)
	c, err := agenda.NewClinic(id.New[agenda.Clinic](), p, s.d.Now())
	if err != nil {
		return agenda.Clinic{}, err
	}
	if err := activeEntity(ctx, s.d.Repositories, actor, p.EntityID); err != nil {
		return agenda.Clinic{}, err
	}
	if err := s.ownAccount(ctx, c); err != nil {
		return agenda.Clinic{}, err
	}
	return write(ctx, s.d, func(ctx context.Context, r ports.Repositories) (agenda.Clinic, error) {
		return r.Clinics.Create(ctx, c)
	})
}

// Update changes a clinic. Without an account it keeps its events in the built-in calendar; the account stays connected.
// Errors: NotFound, Invalid, "unknown-reference" for an account that the entity has not connected, Conflict "instance-taken".
func (s *Clinics) Update(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, p agenda.ClinicPatch, match version.Match) (agenda.Clinic, error) {
	if err := actor.Require(identity.ClinicsWrite); err != nil {
		return agenda.Clinic{}, err
	}
	if p.GoogleOAuthCredentialID.Value != "" {
		c, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant) // whose entity is for good
		if err == nil {
			p.GoogleOAuthCredentialID.Apply(&c.GoogleOAuthCredentialID)
			err = s.ownAccount(ctx, c)
		}
		if err != nil {
			return agenda.Clinic{}, err
		}
	}
	now := s.d.Now()
	return s.d.Repositories.Clinics.Update(ctx, actor.Scope(), tenant, func(c *agenda.Clinic) error {
		if err := match.Check(c.UpdatedAt); err != nil {
			return err
		}
		return c.Change(p, now)
	})
}

// ownAccount checks that the calendars of a clinic are with an account that its own entity has connected, or with none.
// Errors: Invalid "unknown-reference".
func (s *Clinics) ownAccount(ctx context.Context, c agenda.Clinic) error {
	if _, connected := c.Account(); !connected {
		return nil
	}
	_, err := s.d.account(ctx, c)
	if errs.CodeOf(err) == "calendar-not-connected" {
		const msg = "must be the account that the clinic has connected, or null"
		return &errs.Error{
			Kind: errs.Invalid, Code: "unknown-reference", Msg: "google_oauth_credential_id: " + msg,
			Fields: []errs.Field{{Path: "google_oauth_credential_id", Msg: msg}},
		}
	}
	return err
}

// Delete deactivates a clinic.
func (s *Clinics) Delete(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, match version.Match) error {
	if err := actor.Require(identity.ClinicsWrite); err != nil {
		return err
	}
	now := s.d.Now()
	_, err := s.d.Repositories.Clinics.Update(ctx, actor.Scope(), tenant, func(c *agenda.Clinic) error {
		if err := match.Check(c.UpdatedAt); err != nil {
			return err
		}
		c.Deactivate(now)
		return nil
	})
	return err
}

// Prompt renders what agents of a channel are told about the clinic. Errors: NotFound.
func (s *Clinics) Prompt(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, channel agenda.PromptChannel) (string, error) {
	dir, err := s.Directory(ctx, actor, tenant)
	if err != nil {
		return "", err
	}
	return dir.Prompt(channel, s.d.Now()), nil
}

// SearchParams asks for professionals, by exactly one of its texts.
type SearchParams struct {
	Any       string // by name, else by speciality, else by service, else by keyword
	Name      string
	Specialty string
	Service   string
}

// Search finds professionals of a clinic, best first. Errors: NotFound, Invalid "invalid-input" unless exactly one text
// is given.
func (s *Clinics) Search(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, p SearchParams) ([]agenda.Match, error) {
	given := 0
	for _, text := range []string{p.Any, p.Name, p.Specialty, p.Service} {
		if text != "" {
			given++
		}
	}
	if given != 1 {
		return nil, errs.InvalidField("query.q", "give exactly one of q, name, specialty and service")
	}
	dir, err := s.Directory(ctx, actor, tenant)
	if err != nil {
		return nil, err
	}
	switch {
	case p.Name != "":
		return dir.FindByName(p.Name), nil
	case p.Specialty != "":
		return dir.FindBySpecialty(p.Specialty), nil
	case p.Service != "":
		return dir.FindByService(p.Service), nil
	}
	return dir.Find(p.Any), nil
}
