package service

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// zoneOf is the time zone in which days and months of an entity begin: its clinic's, or the default without one.
func zoneOf(ctx context.Context, r ports.Repositories, entity clinic.EntityID) (*time.Location, error) {
	name := agenda.DefaultTimeZone
	if entity != 0 {
		found, err := r.Clinics.List(ctx, identity.OnlyEntity(entity), agenda.ClinicFilter{EntityID: entity}, page.Request{Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(found.Items) > 0 {
			name = found.Items[0].TimeZone
		}
	}
	return time.LoadLocation(name)
}
