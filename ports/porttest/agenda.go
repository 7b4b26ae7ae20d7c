package porttest

import (
	"context"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

func testClinics(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	type list = []filter[agenda.Clinic, agenda.ClinicFilter]
	records[agenda.Clinic, agenda.TenantID, agenda.ClinicFilter]{
		what: "clinic", given: true, alone: true,
		of: func(f *Fixtures) repository[agenda.Clinic, agenda.TenantID, agenda.ClinicFilter] {
			return f.Clinics
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) agenda.Clinic {
			v := f.NewClinic(entity)
			v.Active = n%3 != 1
			return v
		},
		id: func(v *agenda.Clinic) *agenda.TenantID { return &v.ID }, missing: id.New[agenda.Clinic](),
		order:  func(v agenda.Clinic) string { return v.ID.String() },
		entity: func(_ *Fixtures, v agenda.Clinic) clinic.EntityID { return v.EntityID },
		at:     func(v *agenda.Clinic) *time.Time { return &v.CreatedAt },
		change: func(v *agenda.Clinic) {
			v.Name, v.EvolutionInstance, v.WebhookToken, v.GoogleOAuthCredentialID = "Outra", "", "", ""
			v.SystemPrompt, v.TimeZone, v.Active = "Outro", "America/Manaus", !v.Active
			v.MinimumNotice, v.MaximumAhead, v.HoldTime = 0, 24*time.Hour, time.Minute
			v.CutOff, v.NationalHolidays, v.EventDetails = 30*24*time.Hour, false, agenda.NoDetails
			v.Closures, v.BlockingCalendars = v.Closures[1:], []string{"x"}
			v.Address, v.HandoffReturn, v.Reminders, v.QuietHours = "Outro", time.Hour, v.Reminders[1:], agenda.QuietHours{}
			v.UpdatedAt = v.UpdatedAt.Add(time.Hour)
		},
		bare: func(v *agenda.Clinic) {
			v.EvolutionInstance, v.WebhookToken, v.GoogleOAuthCredentialID, v.SystemPrompt, v.MinimumNotice = "", "", "", "", 0
			v.CutOff, v.NationalHolidays, v.Closures, v.BlockingCalendars = 0, false, nil, nil
			v.Address, v.Reminders = "", nil
		},
		damage: func(v *agenda.Clinic) {
			v.Closures[0].Name, v.BlockingCalendars[0] = "changed", "changed"
			v.Reminders[0]++
		},
		filters: func(_ *Fixtures, rows []agenda.Clinic) list {
			entity, instance := rows[0].EntityID, rows[len(rows)-1].EvolutionInstance
			return list{
				{"instance", agenda.ClinicFilter{Instance: instance}, func(v agenda.Clinic) bool { return v.EvolutionInstance == instance }},
				{"entity", agenda.ClinicFilter{EntityID: entity}, func(v agenda.Clinic) bool { return v.EntityID == entity }},
				{"active", agenda.ClinicFilter{Active: new(true)}, func(v agenda.Clinic) bool { return v.Active }},
				{"inactive", agenda.ClinicFilter{Active: new(false)}, func(v agenda.Clinic) bool { return !v.Active }},
			}
		},
		conflicts: []conflict[agenda.Clinic]{
			{"clinic-exists", func(first agenda.Clinic, second *agenda.Clinic) { second.EntityID = first.EntityID }, false},
			{"instance-taken", func(first agenda.Clinic, second *agenda.Clinic) {
				second.EvolutionInstance = first.EvolutionInstance
			}, true},
		},
		unknown: []unknown[agenda.Clinic]{{"entity", func(v *agenda.Clinic) { v.EntityID = nowhere }}},
	}.run(t, open)

	try(t, open, "ByInstanceFindsAClinicOfAnyEntity", func(t *testing.T, f *Fixtures) {
		want := f.ClinicOf(f.Entity().ID)
		without := f.NewClinic(f.Entity().ID)
		without.EvolutionInstance = ""
		another := f.NewClinic(f.Entity().ID)
		another.EvolutionInstance = ""
		store(f, f.Clinics.Create, without)
		store(f, f.Clinics.Create, another) // having none is no instance
		wantSame(t, "the clinic", ok[agenda.Clinic](t, "by instance")(f.Clinics.ByInstance(t.Context(), want.EvolutionInstance)), want)
		for _, instance := range []string{"", "another"} {
			_, err := f.Clinics.ByInstance(t.Context(), instance)
			wantError(t, "instance "+instance, err, errs.NotFound, "clinic-not-found")
		}
		_, err := f.Clinics.ByInstance(cancelled(t), want.EvolutionInstance)
		wantCancelled(t, "ByInstance", err)
	})
	try(t, open, "OneOfManyGetsAnInstance", func(t *testing.T, f *Fixtures) {
		clinics := make([]agenda.Clinic, racers)
		for i := range clinics {
			clinics[i] = f.NewClinic(f.Entity().ID)
			clinics[i].EvolutionInstance = "wanted"
		}
		race(t, "instance-taken", func(i int) error {
			_, err := f.Clinics.Create(t.Context(), clinics[i])
			return err
		})
	})
	try(t, open, "OneOfManyIsTheClinicOfAnEntity", func(t *testing.T, f *Fixtures) {
		entity := f.Entity().ID
		clinics := make([]agenda.Clinic, racers)
		for i := range clinics {
			clinics[i] = f.NewClinic(entity)
		}
		race(t, "clinic-exists", func(i int) error {
			_, err := f.Clinics.Create(t.Context(), clinics[i])
			return err
		})
	})
	try(t, open, "DirectoryHoldsWhatIsActiveInDisplayOrder", testDirectory)
	try(t, open, "TheTimeZoneOfAnEntityIsItsClinics", testTimeZone)
}

func testTimeZone(t *testing.T, f *Fixtures) {
	home, other := f.Entity().ID, f.Entity().ID
	want := func(when, zone string) {
		t.Helper()
		for range 2 { // the second time it may be known
			for what, c := range map[string]struct {
				scope identity.Scope
				want  string
			}{
				"all":     {identity.AllEntities(), zone},
				"its own": {identity.OnlyEntity(home), zone},
				"another": {identity.OnlyEntity(other), ""},
				"nothing": {identity.Scope{}, ""},
			} {
				if got := ok[string](t, "time zone")(f.Clinics.TimeZone(t.Context(), c.scope, home)); got != c.want {
					t.Errorf("%s, in the scope of %s: got %q, want %q", when, what, got, c.want)
				}
			}
		}
	}
	want("without a clinic", "")
	desk := f.NewClinic(home)
	desk.TimeZone, desk.Active = "America/Manaus", false
	desk = store(f, f.Clinics.Create, desk)
	want("of a clinic", "America/Manaus")
	move := func(r ports.Repositories, zone string) error {
		_, err := r.Clinics.Update(t.Context(), identity.AllEntities(), desk.ID, func(v *agenda.Clinic) error {
			v.TimeZone = zone
			return nil
		})
		return err
	}
	okay(t, "update", move(f.Repositories, "America/Bahia"))
	want("after a change", "America/Bahia")
	okay(t, "InTx", f.tx.InTx(t.Context(), func(_ context.Context, r ports.Repositories) error {
		return move(r, "America/Belem")
	}))
	want("after a transaction", "America/Belem")
	okay(t, "InTx", f.tx.InTx(t.Context(), func(_ context.Context, r ports.Repositories) error {
		v := f.NewClinic(other)
		v.TimeZone = "America/Cuiaba"
		_, err := r.Clinics.Create(t.Context(), v)
		return err
	}))
	if got := ok[string](t, "time zone")(f.Clinics.TimeZone(t.Context(), identity.AllEntities(), other)); got != "America/Cuiaba" {
		t.Errorf("after a transaction that made the clinic: got %q", got)
	}
	if got := ok[string](t, "time zone")(f.Clinics.TimeZone(t.Context(), identity.AllEntities(), nowhere)); got != "" {
		t.Errorf("of no entity: got %q", got)
	}
	_, err := f.Clinics.TimeZone(cancelled(t), identity.AllEntities(), home)
	wantCancelled(t, "TimeZone", err)
}

func testDirectory(t *testing.T, f *Fixtures) {
	at, elsewhere := f.ClinicOf(f.Entity().ID), f.ClinicOf(f.Entity().ID)
	professional := func(in agenda.Clinic, name string, order int, active bool) agenda.ClinicProfessional {
		v := f.NewClinicProfessional(in)
		v.Name, v.DisplayOrder, v.Active = name, order, active
		return store(f, f.ClinicProfessionals.Create, v)
	}
	service := func(of agenda.ClinicProfessional, name string, active bool) agenda.Service {
		v := f.NewService(of)
		v.Name, v.Active = name, active
		return store(f, f.Services.Create, v)
	}
	maria, pedro, ana := professional(at, "Maria", 2, true), professional(at, "Pedro", 1, true), professional(at, "Ana", 2, true)
	gone, stranger := professional(at, "Rui", 0, false), professional(elsewhere, "Eva", 0, true)
	peeling, botox := service(maria, "Peeling", true), service(maria, "Botox", true)
	service(pedro, "Check-up", false)
	service(gone, "Raio X", true)
	service(stranger, "Acupuntura", true)
	want := agenda.Directory{
		Clinic: at, Professionals: []agenda.ClinicProfessional{pedro, ana, maria}, Services: []agenda.Service{botox, peeling},
	}
	scope := identity.OnlyEntity(at.EntityID)
	got := ok[agenda.Directory](t, "directory")(f.Clinics.Directory(t.Context(), scope, at.ID))
	wantSame(t, "the directory", got, want)
	got.Clinic.Closures[0].Name = "changed"
	got.Professionals[0].SpecialtyKeywords[0], got.Services[0].Keywords[0] = "changed", "changed"
	got = ok[agenda.Directory](t, "directory")(f.Clinics.Directory(t.Context(), scope, at.ID))
	wantSame(t, "the directory after a copy was changed", got, want)
	for _, hidden := range []identity.Scope{identity.OnlyEntity(elsewhere.EntityID), {}} {
		_, err := f.Clinics.Directory(t.Context(), hidden, at.ID)
		wantError(t, "another scope", err, errs.NotFound, "clinic-not-found")
	}
	_, err := f.Clinics.Directory(t.Context(), scope, id.New[agenda.Clinic]())
	wantError(t, "an unknown clinic", err, errs.NotFound, "clinic-not-found")
	_, err = f.Clinics.Directory(cancelled(t), scope, at.ID)
	wantCancelled(t, "Directory", err)
}

func testClinicProfessionals(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	type list = []filter[agenda.ClinicProfessional, agenda.ClinicProfessionalFilter]
	records[agenda.ClinicProfessional, agenda.ClinicProfessionalID, agenda.ClinicProfessionalFilter]{
		what: "professional", given: true,
		of: func(f *Fixtures) repository[agenda.ClinicProfessional, agenda.ClinicProfessionalID, agenda.ClinicProfessionalFilter] {
			return f.ClinicProfessionals
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) agenda.ClinicProfessional {
			v := f.NewClinicProfessional(f.ClinicOf(entity))
			v.Active = n%3 != 1
			return v
		},
		id: func(v *agenda.ClinicProfessional) *agenda.ClinicProfessionalID { return &v.ID }, missing: id.New[agenda.ClinicProfessional](),
		order:  func(v agenda.ClinicProfessional) string { return v.ID.String() },
		entity: func(_ *Fixtures, v agenda.ClinicProfessional) clinic.EntityID { return v.EntityID },
		at:     func(v *agenda.ClinicProfessional) *time.Time { return &v.CreatedAt },
		change: func(v *agenda.ClinicProfessional) {
			v.Name, v.Slug, v.Specialty, v.SpecialtyKeywords = "Outro", "outro", "Outra", []string{"x"}
			v.GoogleCalendarID, v.GoogleCalendarLabel, v.ConsultationMinutes, v.BufferMinutes = "outro@example.com", "", 20, 0
			v.WorkingStart, v.WorkingEnd, v.WorkingDays = 0, agenda.EndOfDay, []time.Weekday{time.Sunday}
			v.BufferBeforeMinutes, v.SlotMinutes, v.TimeZone, v.MaxVisitsPerDay, v.MaxMinutesPerDay = 240, 0, "", 0, 0
			v.WorkingHours, v.DateOverrides = v.WorkingHours[:1], v.DateOverrides[1:]
			v.Active, v.DisplayOrder, v.UpdatedAt = !v.Active, 99, v.UpdatedAt.Add(time.Hour)
		},
		bare: func(v *agenda.ClinicProfessional) {
			v.SpecialtyKeywords, v.GoogleCalendarLabel, v.BufferMinutes, v.DisplayOrder = nil, "", 0, 0
			v.BufferBeforeMinutes, v.SlotMinutes, v.TimeZone, v.MaxVisitsPerDay, v.MaxMinutesPerDay = 0, 0, "", 0, 0
			v.WorkingHours, v.DateOverrides = nil, nil
		},
		damage: func(v *agenda.ClinicProfessional) {
			v.SpecialtyKeywords[0], v.WorkingDays[0] = "changed", time.Friday
			v.WorkingHours[0].Days[0], v.DateOverrides[1].Windows[0].End = time.Sunday, 0
		},
		filters: func(_ *Fixtures, rows []agenda.ClinicProfessional) list {
			tenant := rows[0].TenantID
			return list{
				{"tenant", agenda.ClinicProfessionalFilter{TenantID: tenant}, func(v agenda.ClinicProfessional) bool { return v.TenantID == tenant }},
				{"active", agenda.ClinicProfessionalFilter{Active: new(true)}, func(v agenda.ClinicProfessional) bool { return v.Active }},
				{"inactive of a tenant", agenda.ClinicProfessionalFilter{TenantID: tenant, Active: new(false)}, func(v agenda.ClinicProfessional) bool {
					return v.TenantID == tenant && !v.Active
				}},
			}
		},
		conflicts: []conflict[agenda.ClinicProfessional]{
			{"slug-taken", func(first agenda.ClinicProfessional, second *agenda.ClinicProfessional) { second.Slug = first.Slug }, true},
			{"calendar-taken", func(first agenda.ClinicProfessional, second *agenda.ClinicProfessional) {
				second.GoogleCalendarID = first.GoogleCalendarID
			}, true},
		},
		unknown: []unknown[agenda.ClinicProfessional]{
			{"tenant", func(v *agenda.ClinicProfessional) { v.TenantID = id.New[agenda.Clinic]() }},
			{"professional", func(v *agenda.ClinicProfessional) { v.ProfessionalID = nowhere }},
		},
	}.run(t, open)

	try(t, open, "OneOfManyGetsASlug", func(t *testing.T, f *Fixtures) {
		at := f.ClinicOf(f.Entity().ID)
		agendas := make([]agenda.ClinicProfessional, racers)
		for i := range agendas {
			agendas[i] = f.NewClinicProfessional(at)
			agendas[i].Slug = "wanted"
		}
		race(t, "slug-taken", func(i int) error {
			_, err := f.ClinicProfessionals.Create(t.Context(), agendas[i])
			return err
		})
	})
	try(t, open, "TwoClinicsMayUseTheSameNames", func(t *testing.T, f *Fixtures) {
		first, second := f.AgendaOf(f.Entity().ID), f.NewClinicProfessional(f.ClinicOf(f.Entity().ID))
		second.Slug, second.GoogleCalendarID, second.ProfessionalID = first.Slug, first.GoogleCalendarID, first.ProfessionalID
		store(f, f.ClinicProfessionals.Create, second)
	})
}

func testServices(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	type list = []filter[agenda.Service, agenda.ServiceFilter]
	records[agenda.Service, agenda.ServiceID, agenda.ServiceFilter]{
		what: "service", given: true,
		of: func(f *Fixtures) repository[agenda.Service, agenda.ServiceID, agenda.ServiceFilter] {
			return f.Services
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) agenda.Service {
			v := f.NewService(f.AgendaOf(entity))
			v.Active = n%3 != 1
			return v
		},
		id: func(v *agenda.Service) *agenda.ServiceID { return &v.ID }, missing: id.New[agenda.Service](),
		order:  func(v agenda.Service) string { return v.ID.String() },
		entity: func(_ *Fixtures, v agenda.Service) clinic.EntityID { return v.EntityID },
		at:     func(v *agenda.Service) *time.Time { return &v.CreatedAt },
		change: func(v *agenda.Service) {
			v.Name, v.Slug, v.Description, v.Keywords = "Outro", "outro", "", []string{"y"}
			v.PriceCents, v.DurationMinutes, v.Active, v.UpdatedAt = 1, 10, !v.Active, v.UpdatedAt.Add(time.Hour)
		},
		bare:   func(v *agenda.Service) { v.Description, v.Keywords, v.PriceCents = "", nil, 0 },
		damage: func(v *agenda.Service) { v.Keywords[0] = "changed" },
		filters: func(_ *Fixtures, rows []agenda.Service) list {
			some := rows[0]
			return list{
				{"tenant", agenda.ServiceFilter{TenantID: some.TenantID}, func(v agenda.Service) bool { return v.TenantID == some.TenantID }},
				{"professional", agenda.ServiceFilter{ProfessionalID: some.ProfessionalID}, func(v agenda.Service) bool { return v.ProfessionalID == some.ProfessionalID }},
				{"inactive", agenda.ServiceFilter{Active: new(false)}, func(v agenda.Service) bool { return !v.Active }},
				{"active of a professional", agenda.ServiceFilter{TenantID: some.TenantID, ProfessionalID: some.ProfessionalID, Active: new(true)}, func(v agenda.Service) bool {
					return v.ProfessionalID == some.ProfessionalID && v.Active
				}},
			}
		},
		conflicts: []conflict[agenda.Service]{
			{"slug-taken", func(first agenda.Service, second *agenda.Service) { second.Slug = first.Slug }, true},
		},
		unknown: []unknown[agenda.Service]{
			{"professional", func(v *agenda.Service) { v.ProfessionalID = id.New[agenda.ClinicProfessional]() }},
		},
	}.run(t, open)

	try(t, open, "TwoProfessionalsMayOfferTheSame", func(t *testing.T, f *Fixtures) {
		at := f.ClinicOf(f.Entity().ID)
		first, second := f.Service(f.ClinicProfessional(at)), f.NewService(f.ClinicProfessional(at))
		second.Slug = first.Slug
		store(f, f.Services.Create, second)
	})
}
