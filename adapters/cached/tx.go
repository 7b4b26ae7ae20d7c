package cached

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// changes is what a transaction changed of what is kept, as keys of notices. It is for the goroutine of the transaction.
type changes struct{ keys []string }

// note returns the repositories of a transaction, whose changes it notes.
func (c *changes) note(r ports.Repositories) ports.Repositories {
	r.Users = notedUsers{r.Users, c}
	r.APIKeys = notedAPIKeys{r.APIKeys, c}
	r.Entities = notedEntities{r.Entities, c}
	r.Departments = notedDepartments{r.Departments, c}
	r.Clinics = notedClinics{r.Clinics, c}
	return r
}

func (c *changes) add(table, id string) { c.keys = append(c.keys, noticeOf(table, id)) }

type notedUsers struct {
	ports.UserRepository
	noted *changes
}

func (r notedUsers) Update(ctx context.Context, scope identity.Scope, id identity.UserID, change func(*identity.User) error) (identity.User, error) {
	r.noted.add(users, id.String())
	return r.UserRepository.Update(ctx, scope, id, change)
}

type notedAPIKeys struct {
	ports.APIKeyRepository
	noted *changes
}

func (r notedAPIKeys) Update(ctx context.Context, scope identity.Scope, id identity.APIKeyID, change func(*identity.APIKey) error) (identity.APIKey, error) {
	r.noted.add(apiKeys, id.String())
	return r.APIKeyRepository.Update(ctx, scope, id, change)
}

func (r notedAPIKeys) Used(ctx context.Context, id identity.APIKeyID, at time.Time) error {
	r.noted.add(apiKeys, id.String())
	return r.APIKeyRepository.Used(ctx, id, at)
}

type notedEntities struct {
	ports.EntityRepository
	noted *changes
}

func (r notedEntities) Update(ctx context.Context, scope identity.Scope, id clinic.EntityID, change func(*clinic.Entity) error) (clinic.Entity, error) {
	r.noted.add(entities, id.String())
	return r.EntityRepository.Update(ctx, scope, id, change)
}

type notedDepartments struct {
	ports.DepartmentRepository
	noted *changes
}

func (r notedDepartments) Update(ctx context.Context, scope identity.Scope, id clinic.DepartmentID, change func(*clinic.Department) error) (clinic.Department, error) {
	r.noted.add(departments, id.String())
	return r.DepartmentRepository.Update(ctx, scope, id, change)
}
