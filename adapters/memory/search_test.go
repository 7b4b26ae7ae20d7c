package memory_test

import (
	"context"
	"testing"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

func TestSearchContract(t *testing.T) {
	t.Parallel()
	porttest.RunSearch(t, func(*testing.T) porttest.SearchStore {
		s := memory.New()
		return porttest.SearchStore{Store: storeOf(s), Searcher: directories{s.Repositories().Clinics}}
	})
}

// directories searches as the service does: core/agenda over a directory of the store.
type directories struct{ clinics ports.ClinicRepository }

func (d directories) BySpecialty(ctx context.Context, tenant agenda.TenantID, q string) ([]string, error) {
	var names []string
	dir, err := d.directory(ctx, tenant)
	for _, m := range dir.FindBySpecialty(q) {
		names = append(names, m.Professional.Name)
	}
	return names, err
}

func (d directories) ByService(ctx context.Context, tenant agenda.TenantID, q string) ([]string, error) {
	var names []string
	dir, err := d.directory(ctx, tenant)
	for _, m := range dir.FindByService(q) {
		names = append(names, m.Professional.Name+": "+m.Service.Name)
	}
	return names, err
}

func (d directories) directory(ctx context.Context, tenant agenda.TenantID) (agenda.Directory, error) {
	dir, err := d.clinics.Directory(ctx, identity.AllEntities(), tenant)
	if errs.KindOf(err) == errs.NotFound {
		return agenda.Directory{}, nil
	}
	return dir, err
}
