package memory

import (
	"context"
	"iter"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type agendaTables struct {
	clinics           *table[agenda.Clinic]
	clinicsByEntity   *index[agenda.Clinic]
	clinicsByInstance *unique[agenda.Clinic]

	clinicProfessionals         *table[agenda.ClinicProfessional]
	clinicProfessionalsByEntity *index[agenda.ClinicProfessional]
	clinicProfessionalsByTenant *index[agenda.ClinicProfessional]

	services               *table[agenda.Service]
	servicesByEntity       *index[agenda.Service]
	servicesByTenant       *index[agenda.Service]
	servicesByProfessional *index[agenda.Service]

	appointments               *table[agenda.Appointment]
	appointmentsByStart        *index[agenda.Appointment]
	appointmentsByEntity       *index[agenda.Appointment]
	appointmentsByTenant       *index[agenda.Appointment]
	appointmentsByProfessional *index[agenda.Appointment]
	appointmentsByContact      *index[agenda.Appointment]
	appointmentsByPatient      *index[agenda.Appointment]
	appointmentsByGroup        *index[agenda.Appointment]
	blocking                   *index[agenda.Appointment] // those that take time, by professional and when that begins
	exclusive                  *index[agenda.Appointment] // those of them that nobody squeezed in
	holds                      *index[agenda.Appointment] // held ones, by when they run out

	reminders        *table[agenda.ReminderClaim]
	remindersByStart *index[agenda.ReminderClaim] // by appointment and start
}

func (s *schema) addAgenda() {
	s.clinics = newTable(s, table[agenda.Clinic]{
		name: "tenant_config", what: "clinic",
		id:      given(func(v *agenda.Clinic) id.UUID { return v.ID.UUID }),
		inScope: func(_ *data, scope identity.Scope, v *agenda.Clinic) bool { return scope.Includes(v.EntityID) },
		tidy:    func(v *agenda.Clinic) { tidyTimes(&v.CreatedAt, &v.UpdatedAt) },
		clone:   agenda.Clinic.Clone,
		refs:    func(d *data, v *agenda.Clinic) bool { return s.entities.has(d, intKey(v.EntityID)) },
	})
	s.clinics.unique("clinic-exists", "the entity has a clinic already", func(v *agenda.Clinic) (string, bool) {
		return intKey(v.EntityID), true
	})
	s.clinicsByInstance = s.clinics.unique("instance-taken", "another clinic uses this WhatsApp instance",
		func(v *agenda.Clinic) (string, bool) { return v.EvolutionInstance, v.EvolutionInstance != "" })
	s.clinicsByEntity = s.clinics.index(func(v *agenda.Clinic) (string, bool) { return intKey(v.EntityID), true })

	s.clinicProfessionals = newTable(s, table[agenda.ClinicProfessional]{
		name: "clinic_professionals", what: "professional",
		id: given(func(v *agenda.ClinicProfessional) id.UUID { return v.ID.UUID }),
		inScope: func(_ *data, scope identity.Scope, v *agenda.ClinicProfessional) bool {
			return scope.Includes(v.EntityID)
		},
		tidy:  func(v *agenda.ClinicProfessional) { tidyTimes(&v.CreatedAt, &v.UpdatedAt) },
		clone: agenda.ClinicProfessional.Clone,
		refs: func(d *data, v *agenda.ClinicProfessional) bool {
			return s.clinics.has(d, uuidKey(v.TenantID.UUID)) && s.professionals.has(d, intKey(v.ProfessionalID))
		},
		note: func(tx *tx, v *agenda.ClinicProfessional) {
			tx.data.calendars.set(tx.edit, ownCalendarKey(v.ID, v.GoogleCalendarID), struct{}{})
		},
	})
	s.clinicProfessionals.unique("slug-taken", "another professional of the clinic has this slug",
		func(v *agenda.ClinicProfessional) (string, bool) { return uuidKey(v.TenantID.UUID) + v.Slug, true })
	s.clinicProfessionals.unique("calendar-taken", "another professional of the clinic has this calendar",
		func(v *agenda.ClinicProfessional) (string, bool) {
			return uuidKey(v.TenantID.UUID) + v.GoogleCalendarID, true
		})
	s.clinicProfessionalsByEntity = s.clinicProfessionals.index(func(v *agenda.ClinicProfessional) (string, bool) {
		return intKey(v.EntityID), true
	})
	s.clinicProfessionalsByTenant = s.clinicProfessionals.index(func(v *agenda.ClinicProfessional) (string, bool) {
		return uuidKey(v.TenantID.UUID), true
	})

	s.services = newTable(s, table[agenda.Service]{
		name: "professional_services", what: "service",
		id:      given(func(v *agenda.Service) id.UUID { return v.ID.UUID }),
		inScope: func(_ *data, scope identity.Scope, v *agenda.Service) bool { return scope.Includes(v.EntityID) },
		tidy:    func(v *agenda.Service) { tidyTimes(&v.CreatedAt, &v.UpdatedAt) },
		clone:   agenda.Service.Clone,
		refs: func(d *data, v *agenda.Service) bool {
			return s.clinicProfessionals.has(d, uuidKey(v.ProfessionalID.UUID))
		},
	})
	s.services.unique("slug-taken", "another service of the professional has this slug",
		func(v *agenda.Service) (string, bool) { return uuidKey(v.ProfessionalID.UUID) + v.Slug, true })
	s.servicesByEntity = s.services.index(func(v *agenda.Service) (string, bool) { return intKey(v.EntityID), true })
	s.servicesByTenant = s.services.index(func(v *agenda.Service) (string, bool) { return uuidKey(v.TenantID.UUID), true })
	s.servicesByProfessional = s.services.index(func(v *agenda.Service) (string, bool) {
		return uuidKey(v.ProfessionalID.UUID), true
	})

	s.addAppointments()
}

// ownCalendarKey is the key of a calendar that is or was a professional's.
func ownCalendarKey(professional agenda.ClinicProfessionalID, calendar string) string {
	return uuidKey(professional.UUID) + calendar
}

type clinics struct{ session }

func (r clinics) Get(ctx context.Context, scope identity.Scope, key agenda.TenantID) (agenda.Clinic, error) {
	return get(ctx, r.session, r.tables().clinics, scope, uuidKey(key.UUID))
}

func (r clinics) ByInstance(ctx context.Context, instance string) (agenda.Clinic, error) {
	t := r.tables()
	return one(ctx, r.session, t.clinics, func(d *data) (*agenda.Clinic, bool) {
		return t.clinics.find(d, t.clinicsByInstance, instance)
	})
}

func (r clinics) Directory(ctx context.Context, scope identity.Scope, tenant agenda.TenantID) (agenda.Directory, error) {
	d, err := r.view(ctx)
	if err != nil {
		return agenda.Directory{}, err
	}
	t, key := r.tables(), uuidKey(tenant.UUID)
	c, ok := t.clinics.get(d, key)
	if !ok || !scope.Includes(c.EntityID) {
		return agenda.Directory{}, errs.Absent(t.clinics.what)
	}
	professionals := clones(t.clinicProfessionals, t.clinicProfessionals.in(d, t.clinicProfessionalsByTenant, key, ""))
	services := clones(t.services, t.services.in(d, t.servicesByTenant, key, ""))
	return agenda.NewDirectory(c.Clone(), professionals, services), nil
}

func (r clinics) TimeZone(ctx context.Context, scope identity.Scope, entity clinic.EntityID) (string, error) {
	d, err := r.view(ctx)
	if err != nil || !scope.Includes(entity) {
		return "", err
	}
	t := r.tables()
	for c := range t.clinics.in(d, t.clinicsByEntity, intKey(entity), "") { // there is one at most
		return c.TimeZone, nil
	}
	return "", nil
}

func (r clinics) List(ctx context.Context, scope identity.Scope, f agenda.ClinicFilter, req page.Request) (page.Page[agenda.Clinic], error) {
	t := r.tables()
	return list(ctx, r.session, t.clinics, req, listing[agenda.Clinic]{
		scope: scope, list: page.Fingerprint("clinics", scope, f),
		rows: ofEntity(t.clinics, t.clinicsByEntity, scope, f.EntityID),
		filter: func(v *agenda.Clinic) bool {
			return wants(f.EntityID, v.EntityID) && wants(f.Instance, v.EvolutionInstance) && wantsFlag(f.Active, v.Active)
		},
	})
}

func (r clinics) Create(ctx context.Context, v agenda.Clinic) (agenda.Clinic, error) {
	return create(ctx, r.session, r.tables().clinics, v)
}

func (r clinics) Update(ctx context.Context, scope identity.Scope, key agenda.TenantID, change func(*agenda.Clinic) error) (agenda.Clinic, error) {
	return update(ctx, r.session, r.tables().clinics, scope, uuidKey(key.UUID), change)
}

type clinicProfessionals struct{ session }

func (r clinicProfessionals) Get(ctx context.Context, scope identity.Scope, key agenda.ClinicProfessionalID) (agenda.ClinicProfessional, error) {
	return get(ctx, r.session, r.tables().clinicProfessionals, scope, uuidKey(key.UUID))
}

func (r clinicProfessionals) List(ctx context.Context, scope identity.Scope, f agenda.ClinicProfessionalFilter, req page.Request) (page.Page[agenda.ClinicProfessional], error) {
	t := r.tables()
	rows := ofEntity(t.clinicProfessionals, t.clinicProfessionalsByEntity, scope, 0)
	if !f.TenantID.IsZero() {
		rows = group(t.clinicProfessionals, t.clinicProfessionalsByTenant, uuidKey(f.TenantID.UUID))
	}
	return list(ctx, r.session, t.clinicProfessionals, req, listing[agenda.ClinicProfessional]{
		scope: scope, list: page.Fingerprint("clinic_professionals", scope, f), rows: rows,
		filter: func(v *agenda.ClinicProfessional) bool {
			return wants(f.TenantID, v.TenantID) && wantsFlag(f.Active, v.Active)
		},
	})
}

func (r clinicProfessionals) Create(ctx context.Context, v agenda.ClinicProfessional) (agenda.ClinicProfessional, error) {
	return create(ctx, r.session, r.tables().clinicProfessionals, v)
}

func (r clinicProfessionals) Update(ctx context.Context, scope identity.Scope, key agenda.ClinicProfessionalID, change func(*agenda.ClinicProfessional) error) (agenda.ClinicProfessional, error) {
	return update(ctx, r.session, r.tables().clinicProfessionals, scope, uuidKey(key.UUID), change)
}

type services struct{ session }

func (r services) Get(ctx context.Context, scope identity.Scope, key agenda.ServiceID) (agenda.Service, error) {
	return get(ctx, r.session, r.tables().services, scope, uuidKey(key.UUID))
}

func (r services) List(ctx context.Context, scope identity.Scope, f agenda.ServiceFilter, req page.Request) (page.Page[agenda.Service], error) {
	t := r.tables()
	rows := ofEntity(t.services, t.servicesByEntity, scope, 0)
	switch {
	case !f.ProfessionalID.IsZero():
		rows = group(t.services, t.servicesByProfessional, uuidKey(f.ProfessionalID.UUID))
	case !f.TenantID.IsZero():
		rows = group(t.services, t.servicesByTenant, uuidKey(f.TenantID.UUID))
	}
	return list(ctx, r.session, t.services, req, listing[agenda.Service]{
		scope: scope, list: page.Fingerprint("services", scope, f), rows: rows,
		filter: func(v *agenda.Service) bool {
			return wants(f.TenantID, v.TenantID) && wants(f.ProfessionalID, v.ProfessionalID) && wantsFlag(f.Active, v.Active)
		},
	})
}

func (r services) Create(ctx context.Context, v agenda.Service) (agenda.Service, error) {
	return create(ctx, r.session, r.tables().services, v)
}

func (r services) Update(ctx context.Context, scope identity.Scope, key agenda.ServiceID, change func(*agenda.Service) error) (agenda.Service, error) {
	return update(ctx, r.session, r.tables().services, scope, uuidKey(key.UUID), change)
}

// clones returns copies of rows that share nothing with the store.
func clones[T any](t *table[T], rows iter.Seq[*T]) []T {
	var out []T
	for row := range rows {
		out = append(out, t.clone(*row))
	}
	return out
}
