package service

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// zones are the time zones that were asked for, each read from the machine's files once.
type zones struct {
	known sync.Map // *time.Location by name
	count atomic.Int32
}

// maxZones is more than there are. Names may be written in other ways, which lead to the same file.
const maxZones = 1000

func (z *zones) load(name string) (*time.Location, error) {
	if known, ok := z.known.Load(name); ok {
		return known.(*time.Location), nil //nolint:forcetypeassert // nothing else is stored
	}
	zone, err := time.LoadLocation(name)
	if err == nil && z.count.Add(1) <= maxZones {
		z.known.Store(name, zone)
	}
	return zone, err
}

// zoneNameOf is the time zone in which days and months of an entity begin: its clinic's, or the default without one.
func zoneNameOf(ctx context.Context, r ports.Repositories, entity clinic.EntityID) (string, error) {
	if entity == 0 {
		return agenda.DefaultTimeZone, nil
	}
	name, err := r.Clinics.TimeZone(ctx, identity.OnlyEntity(entity), entity)
	return cmp.Or(name, agenda.DefaultTimeZone), err
}
