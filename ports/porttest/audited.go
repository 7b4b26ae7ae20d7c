package porttest

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/audit"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/ports"
)

// audited is a table whose changes the store logs.
type audited[T interface{ Audited() []audit.Field }, ID fmt.Stringer] struct {
	name    string
	of      func(*Fixtures) ports.Writer[T, ID]
	build   func(f *Fixtures, entity clinic.EntityID) T // with every field set
	id      func(T) ID
	entity  func(T) clinic.EntityID
	change  func(*T)          // of every field that may be changed, hidden ones among them
	touch   func(*T)          // of what is not audited
	secrets func(T) []string  // what no entry may hold
	both    map[string]string // some of what the entry of the change must hold, to check the rule itself
}

// masked is a change of what is not told.
const masked = `{"old":"***","new":"***"}`

func testAuditedTables(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	audited[identity.User, identity.UserID]{
		name: "users", of: func(f *Fixtures) ports.Writer[identity.User, identity.UserID] { return f.Users },
		build: func(f *Fixtures, entity clinic.EntityID) identity.User { return f.NewUser(entity) },
		id:    func(v identity.User) identity.UserID { return v.ID }, entity: func(v identity.User) clinic.EntityID { return v.EntityID },
		change: func(v *identity.User) {
			v.Email, v.PasswordHash, v.PhoneNumber, v.Active = "changed@example.com", "$changed", "+5511900000000", false
		},
		touch:   func(v *identity.User) { v.CreatedAt, v.UpdatedAt = v.CreatedAt.Add(-1e9), v.UpdatedAt.Add(1e9) },
		secrets: func(v identity.User) []string { return []string{v.Email, v.PasswordHash, v.PhoneNumber} },
		both:    map[string]string{"password": masked, "active": `{"old":true,"new":false}`},
	}.run(t, open)
	audited[identity.APIKey, identity.APIKeyID]{
		name: "api_keys", of: func(f *Fixtures) ports.Writer[identity.APIKey, identity.APIKeyID] { return f.APIKeys },
		build: func(f *Fixtures, entity clinic.EntityID) identity.APIKey { return f.NewAPIKey(entity) },
		id:    func(v identity.APIKey) identity.APIKeyID { return v.ID }, entity: func(v identity.APIKey) clinic.EntityID { return v.EntityID },
		change: func(v *identity.APIKey) {
			v.Name, v.Prefix, v.Hash, v.Scopes, v.CreatedBy = "outra", "sk_changed", "changed-hash", []identity.Permission{identity.UsageRead}, 0
			v.ExpiresAt, v.RevokedAt = time.Time{}, v.CreatedAt.Add(1500*time.Millisecond)
		},
		touch:   func(v *identity.APIKey) { v.UpdatedAt = v.UpdatedAt.Add(1e9) },
		secrets: func(v identity.APIKey) []string { return []string{v.Hash} },
		both: map[string]string{
			"hash":       masked,
			"scopes":     `{"old":["agenda:read","rooms:write"],"new":["usage:read"]}`,
			"revoked_at": `{"old":null,"new":"2026-03-02T12:00:01.623456+00:00"}`,
		},
	}.run(t, open)
	audited[clinic.Entity, clinic.EntityID]{
		name: "entities", of: func(f *Fixtures) ports.Writer[clinic.Entity, clinic.EntityID] { return f.Entities },
		build: func(f *Fixtures, _ clinic.EntityID) clinic.Entity { return f.NewEntity() },
		id:    func(v clinic.Entity) clinic.EntityID { return v.ID }, entity: func(v clinic.Entity) clinic.EntityID { return v.ID },
		change: func(v *clinic.Entity) { v.Name, v.Type, v.Instructions, v.Active = "Outra", "", `{"n":1e2}`, false },
		touch:  func(v *clinic.Entity) { v.UpdatedAt = v.UpdatedAt.Add(1e9) },
		both: map[string]string{
			"type":         `{"old":"medical_clinic","new":null}`,
			"instructions": `{"old":{"prompt":{"role":"secretária"},"rules":["cordial",1.50]},"new":{"n":100}}`,
		},
	}.run(t, open)
	audited[clinic.Department, clinic.DepartmentID]{
		name: "departments", of: func(f *Fixtures) ports.Writer[clinic.Department, clinic.DepartmentID] { return f.Departments },
		build: func(f *Fixtures, entity clinic.EntityID) clinic.Department { return f.NewDepartment(entity) },
		id:    func(v clinic.Department) clinic.DepartmentID { return v.ID }, entity: func(v clinic.Department) clinic.EntityID { return v.EntityID },
		change: func(v *clinic.Department) { v.Name, v.Instructions, v.Active = "Outro", "", false },
		touch:  func(v *clinic.Department) { v.UpdatedAt = v.UpdatedAt.Add(1e9) },
		both:   map[string]string{"instructions": `{"old":{"prompt":{"tone":"calmo"}},"new":null}`},
	}.run(t, open)
	audited[clinic.Professional, clinic.ProfessionalID]{
		name: "professionals", of: func(f *Fixtures) ports.Writer[clinic.Professional, clinic.ProfessionalID] { return f.Professionals },
		build: func(f *Fixtures, _ clinic.EntityID) clinic.Professional { return f.NewProfessional() },
		id:    func(v clinic.Professional) clinic.ProfessionalID { return v.ID }, entity: func(clinic.Professional) clinic.EntityID { return 0 },
		change: func(v *clinic.Professional) {
			v.Name, v.Email, v.PhoneNumber, v.ExternalID, v.LicenseNumber, v.Active = "Outra", "", "+5511900000000", "", "x", false
		},
		touch:   func(v *clinic.Professional) { v.UpdatedAt = v.UpdatedAt.Add(1e9) },
		secrets: func(v clinic.Professional) []string { return []string{v.Email, v.PhoneNumber} },
		both:    map[string]string{"email": `{"old":"***","new":null}`, "phone_number": masked},
	}.run(t, open)
	audited[clinic.Membership, clinic.MembershipID]{
		name: "professional_entities", of: func(f *Fixtures) ports.Writer[clinic.Membership, clinic.MembershipID] { return f.Memberships },
		build: func(f *Fixtures, entity clinic.EntityID) clinic.Membership {
			return f.NewMembership(f.Professional().ID, entity, f.DepartmentOf(entity))
		},
		id: func(v clinic.Membership) clinic.MembershipID { return v.ID }, entity: func(v clinic.Membership) clinic.EntityID { return v.EntityID },
		change: func(v *clinic.Membership) { v.Active = false },
		touch:  func(v *clinic.Membership) { v.UpdatedAt = v.UpdatedAt.Add(1e9) },
		both:   map[string]string{"active": `{"old":true,"new":false}`},
	}.run(t, open)
	testAuditedPrices(t, open)
	testAuditedAgenda(t, open)
}

func testAuditedAgenda(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	audited[agenda.Clinic, agenda.TenantID]{
		name: "tenant_config", of: func(f *Fixtures) ports.Writer[agenda.Clinic, agenda.TenantID] { return f.Clinics },
		build: func(f *Fixtures, entity clinic.EntityID) agenda.Clinic { return f.NewClinic(entity) },
		id:    func(v agenda.Clinic) agenda.TenantID { return v.ID }, entity: func(v agenda.Clinic) clinic.EntityID { return v.EntityID },
		change: func(v *agenda.Clinic) {
			v.Name, v.EvolutionInstance, v.WebhookToken, v.GoogleOAuthCredentialID = "Outra", "", "changed-webhook-token", ""
			v.SystemPrompt, v.TimeZone, v.Active = "", "America/Manaus", false
			v.MinimumNotice, v.MaximumAhead, v.HoldTime = 0, 366*24*time.Hour, 90*time.Second
			v.CutOff, v.NationalHolidays, v.EventDetails = 0, false, agenda.NoDetails
			v.Closures, v.BlockingCalendars = v.Closures[:1], nil
			v.Address, v.HandoffReturn, v.Reminders, v.QuietHours = "", time.Hour, nil, agenda.QuietHours{From: 0, Until: 60}
		},
		touch:   func(v *agenda.Clinic) { v.UpdatedAt = v.UpdatedAt.Add(1e9) },
		secrets: func(v agenda.Clinic) []string { return []string{v.WebhookToken, v.GoogleOAuthCredentialID} },
		both: map[string]string{
			"evolution_webhook_token": `{"old":"***","new":"***"}`,
			"system_prompt":           `{"old":"Você é a secretária.\n","new":null}`,
			"minimum_notice":          `{"old":"02:00:00","new":"00:00:00"}`,
			"maximum_ahead":           `{"old":"720:00:00","new":"8784:00:00"}`,
			"hold_time":               `{"old":"00:05:00","new":"00:01:30"}`,
			"closures": `{"old":[{"first":"2026-07-01","last":"2026-07-01","name":""},{"first":"2026-12-24","last":"2027-01-02",` +
				`"name":"Recesso \"de\" fim de ano"}],"new":[{"first":"2026-07-01","last":"2026-07-01","name":""}]}`,
			"blocking_calendars": `{"old":["feriados@example.com","sala,1@example.com"],"new":[]}`,
		},
	}.run(t, open)
	audited[agenda.ClinicProfessional, agenda.ClinicProfessionalID]{
		name: "clinic_professionals",
		of: func(f *Fixtures) ports.Writer[agenda.ClinicProfessional, agenda.ClinicProfessionalID] {
			return f.ClinicProfessionals
		},
		build: func(f *Fixtures, entity clinic.EntityID) agenda.ClinicProfessional {
			return f.NewClinicProfessional(f.ClinicOf(entity))
		},
		id: func(v agenda.ClinicProfessional) agenda.ClinicProfessionalID { return v.ID },
		entity: func(v agenda.ClinicProfessional) clinic.EntityID {
			return v.EntityID
		},
		change: func(v *agenda.ClinicProfessional) {
			v.Name, v.Slug, v.Specialty, v.SpecialtyKeywords = "Outro", "outro", "Outra", nil
			v.GoogleCalendarID, v.GoogleCalendarLabel, v.ConsultationMinutes, v.BufferMinutes = "outro@example.com", "", 20, 0
			v.WorkingStart, v.WorkingEnd, v.WorkingDays = 0, agenda.EndOfDay, []time.Weekday{time.Sunday}
			v.BufferBeforeMinutes, v.SlotMinutes, v.TimeZone, v.MaxVisitsPerDay, v.MaxMinutesPerDay = 0, 0, "", 0, 0
			v.WorkingHours, v.DateOverrides = nil, v.DateOverrides[:1]
			v.Active, v.DisplayOrder = false, 99
		},
		touch: func(v *agenda.ClinicProfessional) { v.UpdatedAt = v.UpdatedAt.Add(1e9) },
		both: map[string]string{
			"specialty_keywords": `{"old":["coração","pressão alta"],"new":[]}`,
			"working_days":       `{"old":["1","3","6"],"new":["0"]}`,
			"working_hours":      `{"old":[{"days":[1,5],"end":"12:00","start":"08:00"},{"days":[5],"end":"06:00","start":"22:00"}],"new":[]}`,
			"date_overrides": `{"old":[{"date":"2026-12-24","windows":[]},{"date":"2026-12-25","windows":[{"end":"24:00","start":"09:00"}]}],` +
				`"new":[{"date":"2026-12-24","windows":[]}]}`,
			"working_hours_end": `{"old":"18:30:00","new":"24:00:00"}`,
		},
	}.run(t, open)
	audited[agenda.Service, agenda.ServiceID]{
		name: "professional_services", of: func(f *Fixtures) ports.Writer[agenda.Service, agenda.ServiceID] { return f.Services },
		build: func(f *Fixtures, entity clinic.EntityID) agenda.Service { return f.NewService(f.AgendaOf(entity)) },
		id:    func(v agenda.Service) agenda.ServiceID { return v.ID }, entity: func(v agenda.Service) clinic.EntityID { return v.EntityID },
		change: func(v *agenda.Service) {
			v.Name, v.Slug, v.Description, v.Keywords = "Outro", "outro", "", []string{"y"}
			v.PriceCents, v.DurationMinutes, v.Active = 0, 10, false
		},
		touch: func(v *agenda.Service) { v.UpdatedAt = v.UpdatedAt.Add(1e9) },
		both:  map[string]string{"price_cents": `{"old":120000,"new":0}`},
	}.run(t, open)
	audited[agenda.CalendarAccount, agenda.CalendarAccountID]{
		name: "google_credentials",
		of: func(f *Fixtures) ports.Writer[agenda.CalendarAccount, agenda.CalendarAccountID] {
			return f.CalendarAccounts
		},
		build: func(f *Fixtures, entity clinic.EntityID) agenda.CalendarAccount {
			v := f.NewAccount(entity)
			v.Token = []byte("a sealed token")
			return v
		},
		id:     func(v agenda.CalendarAccount) agenda.CalendarAccountID { return v.ID },
		entity: func(v agenda.CalendarAccount) clinic.EntityID { return v.EntityID },
		change: func(v *agenda.CalendarAccount) {
			v.Account, v.Token, v.Scopes, v.Problem, v.ProblemAt = "outra@example.com", []byte("another sealed token"), nil, "", time.Time{}
			v.RevokedAt = v.CreatedAt.Add(time.Minute)
		},
		touch: func(v *agenda.CalendarAccount) { v.UpdatedAt = v.UpdatedAt.Add(1e9) },
		secrets: func(v agenda.CalendarAccount) []string {
			return []string{v.Account, string(v.Token), hex.EncodeToString(v.Token)}
		},
		both: map[string]string{
			"token":   `{"old":"***","new":"***"}`,
			"scopes":  `{"old":["calendar.events","email"],"new":[]}`,
			"problem": `{"old":"the owner has taken access away","new":null}`,
		},
	}.run(t, open)
	audited[agenda.PatientRecord, agenda.PatientID]{
		name: "patients", of: func(f *Fixtures) ports.Writer[agenda.PatientRecord, agenda.PatientID] { return f.Patients },
		build: func(f *Fixtures, entity clinic.EntityID) agenda.PatientRecord {
			v := f.NewPatient(f.ClinicOf(entity))
			v.Patient.BirthDate.Year = 1931
			return v
		},
		id: func(v agenda.PatientRecord) agenda.PatientID { return v.ID }, entity: func(v agenda.PatientRecord) clinic.EntityID { return v.EntityID },
		change: func(v *agenda.PatientRecord) {
			v.Contact, v.Patient, v.ErasedAt = "2000123@lid", agenda.Patient{Name: "Rui Changed"}, v.CreatedAt
		},
		touch: func(v *agenda.PatientRecord) { v.UpdatedAt = v.UpdatedAt.Add(1e9) },
		secrets: func(v agenda.PatientRecord) []string {
			return []string{v.Patient.Name, v.Patient.NameKey(), v.Patient.BirthDate.String(), v.Patient.Phone, v.Contact}
		},
		both: map[string]string{
			"name": masked, "birth_date": `{"old":"***","new":null}`, "erased_at": `{"old":null,"new":"2026-03-02T12:00:00.123456+00:00"}`,
		},
	}.run(t, open)
	audited[agenda.Appointment, agenda.AppointmentID]{
		name: "appointments", of: func(f *Fixtures) ports.Writer[agenda.Appointment, agenda.AppointmentID] { return f.Appointments },
		build: func(f *Fixtures, entity clinic.EntityID) agenda.Appointment {
			v := f.NewHold(f.AgendaOf(entity), f.Monday(), f.Now())
			v.ServiceID, v.BufferAfter, v.CancelReason = f.Service(f.AgendaOf(entity)).ID, 15*time.Minute, "viagem da família"
			v.BufferBefore, v.GroupID = 5*time.Minute, id.New[agenda.Group]()
			v.PatientID = f.Patient(f.ClinicOf(entity)).ID
			return v
		},
		id: func(v agenda.Appointment) agenda.AppointmentID { return v.ID }, entity: func(v agenda.Appointment) clinic.EntityID { return v.EntityID },
		change: func(v *agenda.Appointment) {
			v.PatientID = agenda.PatientID{}
			v.ServiceID, v.Patient, v.Contact = agenda.ServiceID{}, agenda.Patient{Name: "Rui Changed"}, ""
			v.Start, v.End, v.BufferBefore, v.BufferAfter = v.Start.Add(time.Hour), v.End.Add(2*time.Hour), 0, 0
			v.GroupID, v.OverrideReason = agenda.GroupID{}, "encaixe"
			v.Attendance, v.AttendanceAt, v.Told = agenda.NotAnswered, time.Time{}, agenda.Told{At: v.Told.At.Add(time.Hour)}
			v.Status, v.HeldUntil, v.Notes, v.CancelReason = agenda.Confirmed, time.Time{}, "changed notes", ""
		},
		touch: func(v *agenda.Appointment) { v.Version, v.UpdatedAt = v.Version+1, v.UpdatedAt.Add(1e9) },
		secrets: func(v agenda.Appointment) []string {
			return []string{v.Patient.Name, v.Patient.BirthDate.String(), v.Patient.Phone, v.Contact, v.Notes, v.CancelReason, "encaixe"}
		},
		both: map[string]string{
			"starts_at":          `{"old":"2026-03-09T11:00:00+00:00","new":"2026-03-09T12:00:00+00:00"}`,
			"blocked_until":      `{"old":"2026-03-09T11:45:00+00:00","new":"2026-03-09T13:30:00+00:00"}`,
			"blocked_from":       `{"old":"2026-03-09T10:55:00+00:00","new":"2026-03-09T12:00:00+00:00"}`,
			"override_reason":    `{"old":null,"new":"***"}`,
			"attendance":         `{"old":"confirmed","new":null}`,
			"held_until":         `{"old":"2026-03-02T12:00:00.123456+00:00","new":null}`,
			"patient_name":       `{"old":"***","new":"***"}`,
			"patient_birth_date": `{"old":"***","new":null}`,
		},
	}.run(t, open)
}

func (a audited[T, ID]) run(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	try(t, open, a.name+"/CreateAndChangeAreTold", a.testTold)
	try(t, open, a.name+"/WhatChangesNothingIsNot", a.testSilent)
}

// row stores a row, and what it refers to before it.
func (a audited[T, ID]) row(t *testing.T, f *Fixtures, trail identity.Trail) T {
	t.Helper()
	v := a.build(f, f.Entity().ID)
	return ok[T](t, "create")(a.of(f).Create(identity.WithTrail(t.Context(), trail), v))
}

func (a audited[T, ID]) testTold(t *testing.T, f *Fixtures) {
	v := a.row(t, f, identity.Trail{Actor: "user:7", RequestID: "request-1"})
	want := identity.AuditEntry{
		Actor: "user:7", Action: "create", Table: a.name, RowID: a.id(v).String(), EntityID: a.entity(v), RequestID: "request-1",
		Changes: auditChanges(t, nil, v.Audited()),
	}
	created := f.lastEntry()
	wantSame(t, "the entry of the new row", untimed(t, created), want)

	changed := ok[T](t, "update")(a.of(f).Update(t.Context(), identity.AllEntities(), a.id(v), func(v *T) error {
		a.change(v)
		a.touch(v)
		return nil
	}))
	// Without a trail the service itself acts.
	want.Actor, want.RequestID, want.Action, want.EntityID = identity.Service, "", "update", a.entity(changed)
	want.Changes = auditChanges(t, v.Audited(), changed.Audited())
	entries := f.recent(identity.AllEntities(), 2)
	updated := entries[0]
	wantSame(t, "the entry of the change", untimed(t, updated), want)
	wantSame(t, "the entry before", entries[1], created)

	told := updated.Changes.Map()
	for name, change := range a.both {
		wantSame(t, name, jsonOf(t, told[name]), jsonobj.Object(change))
	}
	a.wantScoped(t, f, updated)
	if a.secrets == nil {
		return
	}
	for _, e := range entries {
		whole, err := json.Marshal(e)
		okay(t, "write the entry as text", err)
		for _, secret := range append(a.secrets(v), a.secrets(changed)...) {
			if secret != "" && strings.Contains(string(whole), secret) {
				t.Errorf("the entry %s tells %q", whole, secret)
			}
		}
	}
}

// wantScoped checks who can see an entry.
func (a audited[T, ID]) wantScoped(t *testing.T, f *Fixtures, e identity.AuditEntry) {
	t.Helper()
	other := f.Entity().ID
	for _, seen := range f.recent(identity.OnlyEntity(other), 10) {
		if seen.ID == e.ID {
			t.Errorf("another entity sees the entry %+v", e)
		}
	}
	if e.EntityID != 0 {
		wantSame(t, "the entry in its scope", f.recent(identity.OnlyEntity(e.EntityID), 1), []identity.AuditEntry{e})
	}
}

func (a audited[T, ID]) testSilent(t *testing.T, f *Fixtures) {
	v := a.row(t, f, identity.Trail{})
	last := f.lastEntry()
	wantSilence := func(what string) {
		t.Helper()
		if e := f.lastEntry(); e.ID != last.ID {
			t.Errorf("%s: got the entry %+v, want none", what, e)
		}
	}
	update := func(change func(*T) error) error {
		_, err := a.of(f).Update(t.Context(), identity.AllEntities(), a.id(v), change)
		return err
	}
	okay(t, "update", update(func(*T) error { return nil }))
	wantSilence("a change that changes nothing")
	okay(t, "update", update(func(v *T) error { a.touch(v); return nil }))
	wantSilence("a change of nothing that is audited")
	boom := errors.New("boom")
	if err := update(func(v *T) error { a.change(v); return boom }); !errors.Is(err, boom) {
		t.Errorf("got error %v, want %v", err, boom)
	}
	wantSilence("a change that failed")
	if _, err := a.of(f).Update(t.Context(), identity.Scope{}, a.id(v), func(v *T) error { a.change(v); return nil }); err == nil {
		t.Error("a row was changed outside of the scope")
	}
	wantSilence("a change of what is not in the scope")
}

// auditChanges is [audit.Changes], which must tell something here.
func auditChanges(t *testing.T, before, after []audit.Field) jsonobj.Object {
	t.Helper()
	changes := audit.Changes(before, after)
	if changes.IsNone() {
		t.Fatal("the change of this test changes nothing")
	}
	return changes
}

func jsonOf(t *testing.T, v any) jsonobj.Object {
	t.Helper()
	text, err := json.Marshal(v)
	okay(t, "write a value as JSON", err)
	return jsonobj.Object(text)
}

// testAuditedLongValues checks the bound of what is told, to the character, and so that stores write JSON alike.
func testAuditedLongValues(t *testing.T, f *Fixtures) {
	v := f.Entity()
	const odd = `{"n":[1.50,1e3,-0,-0.0,1.5e-3,12E+1],"e":"\"\\\/\b\f\n\r\t\u0001\u007f\u2028é🙂","k\n":{},"l":[]`
	// The text of the object above as jsonb writes it, and of the key that fills it up: found by trying, below.
	shown := func(filler int) bool {
		t.Helper()
		instructions := jsonobj.Object(odd + `,"x":"` + strings.Repeat("ç", filler) + `"}`)
		changed := ok[clinic.Entity](t, "update")(f.Entities.Update(t.Context(), identity.AllEntities(), v.ID, func(v *clinic.Entity) error {
			v.Instructions = instructions
			return nil
		}))
		got := f.lastEntry()
		wantSame(t, "the changes", got.Changes, auditChanges(t, v.Audited(), changed.Audited()))
		v = changed
		now, _ := got.Changes.Map()["instructions"].(map[string]any)
		return now["new"] != audit.Masked
	}
	low, high := 0, audit.MaxValue
	if !shown(low) || shown(high) {
		t.Fatal("a short value is not told, or a long one is")
	}
	for high-low > 1 {
		if middle := (low + high) / 2; shown(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	if low == 0 {
		t.Error("nothing but the shortest value is told")
	}
}
