package porttest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
)

func testPatients(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	sameAs := func(first agenda.PatientRecord, second *agenda.PatientRecord) {
		second.TenantID, second.Contact = first.TenantID, first.Contact
		second.Patient.Name, second.Patient.BirthDate = "ana  d avila LIMA"+first.Patient.Name[len("Ana D'Ávila Lima"):], first.Patient.BirthDate
	}
	records[agenda.PatientRecord, agenda.PatientID, agenda.PatientFilter]{
		what: "patient", given: true,
		of: func(f *Fixtures) repository[agenda.PatientRecord, agenda.PatientID, agenda.PatientFilter] {
			return f.Patients
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) agenda.PatientRecord {
			v := f.NewPatient(f.ClinicOf(entity))
			if n%3 == 2 {
				v.Patient.Name = fmt.Sprintf("João Óliver %d", n)
				v.Patient.Phone = fmt.Sprintf("+55218%08d", n)
			}
			return v
		},
		id: func(v *agenda.PatientRecord) *agenda.PatientID { return &v.ID }, missing: id.New[agenda.PatientRecord](),
		order:  func(v agenda.PatientRecord) string { return v.ID.String() },
		entity: func(_ *Fixtures, v agenda.PatientRecord) clinic.EntityID { return v.EntityID },
		at:     func(v *agenda.PatientRecord) *time.Time { return &v.CreatedAt },
		change: func(v *agenda.PatientRecord) {
			v.Contact, v.Patient.Name, v.Patient.Phone = "200077@lid", "Rui Changed", ""
			v.UpdatedAt = v.UpdatedAt.Add(time.Hour)
		},
		bare: func(v *agenda.PatientRecord) {
			v.Contact, v.Patient, v.ErasedAt = "", agenda.Patient{}, v.CreatedAt.Add(time.Minute)
		},
		filters: func(_ *Fixtures, rows []agenda.PatientRecord) []filter[agenda.PatientRecord, agenda.PatientFilter] {
			some := rows[0]
			last := rows[len(rows)-1]
			return []filter[agenda.PatientRecord, agenda.PatientFilter]{
				{"tenant", agenda.PatientFilter{TenantID: some.TenantID}, func(v agenda.PatientRecord) bool { return v.TenantID == some.TenantID }},
				{"contact", agenda.PatientFilter{Contact: some.Contact}, func(v agenda.PatientRecord) bool { return v.Contact == some.Contact }},
				{"a tenant's contact", agenda.PatientFilter{TenantID: some.TenantID, Contact: some.Contact}, func(v agenda.PatientRecord) bool {
					return v.TenantID == some.TenantID && v.Contact == some.Contact
				}},
				{"phone", agenda.PatientFilter{Phone: last.Patient.Phone}, func(v agenda.PatientRecord) bool {
					return v.Patient.Phone == last.Patient.Phone || v.Contact == last.Patient.Phone
				}},
				{"phone of the contact", agenda.PatientFilter{Phone: last.Contact}, func(v agenda.PatientRecord) bool {
					return v.Patient.Phone == last.Contact || v.Contact == last.Contact
				}},
				{"name", agenda.PatientFilter{Name: "LIM, avi%"}, func(v agenda.PatientRecord) bool { return strings.HasPrefix(v.Patient.Name, "Ana") }},
				{"name with accents", agenda.PatientFilter{Name: "joao oli"}, func(v agenda.PatientRecord) bool { return strings.HasPrefix(v.Patient.Name, "João") }},
			}
		},
		conflicts: []conflict[agenda.PatientRecord]{
			{"patient-exists", sameAs, false},
			{"patient-exists", func(first agenda.PatientRecord, second *agenda.PatientRecord) {
				second.TenantID, second.Contact = first.TenantID, first.Contact
				second.Patient.Name, second.Patient.BirthDate = first.Patient.Name, first.Patient.BirthDate
			}, true},
		},
		unknown: []unknown[agenda.PatientRecord]{
			{"tenant", func(v *agenda.PatientRecord) { v.TenantID = id.New[agenda.Clinic]() }},
		},
	}.run(t, open)

	try(t, open, "WhoeverIsNotTheSame", func(t *testing.T, f *Fixtures) {
		first := f.NewPatient(f.ClinicOf(f.Entity().ID))
		first.Patient.BirthDate = agenda.Date{}
		first = store(f, f.Patients.Create, first)
		again := first
		again.ID = id.New[agenda.PatientRecord]()
		_, err := f.Patients.Create(t.Context(), again)
		wantError(t, "nobody's birth date is known", err, errs.Conflict, "patient-exists")
		for what, change := range map[string]func(*agenda.PatientRecord){
			"a birth date": func(v *agenda.PatientRecord) { v.Patient.BirthDate = agenda.Date{Year: 2020, Month: time.May, Day: 1} },
			"a name":       func(v *agenda.PatientRecord) { v.Patient.Name += " Filha" },
			"a contact":    func(v *agenda.PatientRecord) { v.Contact = "+5521955550099" },
			"a clinic": func(v *agenda.PatientRecord) {
				at := f.ClinicOf(f.Entity().ID)
				v.TenantID, v.EntityID = at.ID, at.EntityID
			},
		} {
			other := first
			other.ID = id.New[agenda.PatientRecord]()
			change(&other)
			if _, err := f.Patients.Create(t.Context(), other); err != nil {
				t.Errorf("%s apart: got error %v", what, err)
			}
		}
		for range 2 { // who was erased is nobody
			erased := first
			erased.ID, erased.Contact, erased.Patient = id.New[agenda.PatientRecord](), "", agenda.Patient{}
			store(f, f.Patients.Create, erased)
		}
	})
	try(t, open, "OnlyTheBeginningsOfWordsAreFound", func(t *testing.T, f *Fixtures) {
		v := f.Patient(f.ClinicOf(f.Entity().ID))
		for name, found := range map[string]bool{"vila": false, "lim ana": true, "ana%": true, "%": true, "an_": true, "ana x": false} {
			list := ok[page.Page[agenda.PatientRecord]](t, "list")(f.Patients.List(t.Context(), identity.AllEntities(), agenda.PatientFilter{TenantID: v.TenantID, Name: name}, page.Request{}))
			if (len(list.Items) == 1) != found {
				t.Errorf("%q finds %d patients", name, len(list.Items))
			}
		}
	})
	try(t, open, "OneOfManyMakesAPatient", func(t *testing.T, f *Fixtures) {
		patients := make([]agenda.PatientRecord, racers)
		first := f.NewPatient(f.ClinicOf(f.Entity().ID))
		for i := range patients {
			patients[i] = first
			patients[i].ID = id.New[agenda.PatientRecord]()
		}
		race(t, "patient-exists", func(i int) error {
			_, err := f.Patients.Create(t.Context(), patients[i])
			return err
		})
	})
}

func testContacts(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	const lid, phone = "200077@lid", "+5511955550011"
	try(t, open, "MoveGivesEverythingToTheOther", func(t *testing.T, f *Fixtures) {
		entity := f.Entity().ID
		at, with := f.ClinicOf(entity), f.AgendaOf(entity)
		patient := func(contact, name string) agenda.PatientRecord {
			v := f.NewPatient(at)
			v.Contact, v.Patient.Name = contact, name
			return store(f, f.Patients.Create, v)
		}
		visit := func(contact string, of agenda.PatientRecord, hours int) agenda.Appointment {
			v := f.NewAppointment(with, f.Monday().Add(time.Duration(hours)*time.Hour))
			v.Contact, v.PatientID = contact, of.ID
			return f.Appointment(v)
		}
		child, twice, kept := patient(lid, "Rui Lima"), patient(lid, "ana lima"), patient(phone, "Ana Lima")
		ofChild, ofTwice, ofKept := visit(lid, child, 0), visit(lid, twice, 1), visit(phone, kept, 2)
		elsewhere := f.NewAppointment(f.AgendaOf(f.Entity().ID), f.Monday())
		elsewhere.Contact = lid
		elsewhere = f.Appointment(elsewhere)
		given := store(f, f.Consents.Append, f.NewConsent(at, lid))

		now := ofChild.UpdatedAt.Add(time.Hour)
		okay(t, "move", f.Contacts.Move(t.Context(), at.ID, lid, phone, now))

		child.Contact, child.UpdatedAt = phone, now
		for _, a := range []*agenda.Appointment{&ofChild, &ofTwice} {
			a.Contact, a.UpdatedAt = phone, now
		}
		ofTwice.PatientID = kept.ID
		for _, want := range []agenda.Appointment{ofChild, ofTwice, ofKept, elsewhere} {
			got := ok[agenda.Appointment](t, "get")(f.Appointments.Get(t.Context(), identity.AllEntities(), want.ID))
			if want.ID != ofKept.ID && want.ID != elsewhere.ID && !got.UpdatedAt.Before(now) && got.Version > want.Version {
				want.Version, want.UpdatedAt = got.Version, got.UpdatedAt // a change for each of the two things that changed
			}
			wantSame(t, "an appointment", got, want)
		}
		for _, want := range []agenda.PatientRecord{child, kept} {
			wantSame(t, "a patient", ok[agenda.PatientRecord](t, "get")(f.Patients.Get(t.Context(), identity.AllEntities(), want.ID)), want)
		}
		_, err := f.Patients.Get(t.Context(), identity.AllEntities(), twice.ID)
		wantError(t, "the patient that was there twice", err, errs.NotFound, "patient-not-found")
		given.Contact = phone
		wantSame(t, "the consent", ok[reception.Consent](t, "latest")(f.Consents.Latest(t.Context(), identity.AllEntities(), at.ID, phone, given.Purpose)), given)
		okay(t, "move nothing", f.Contacts.Move(t.Context(), at.ID, lid, phone, now))
	})
	try(t, open, "MergeMovesMessagesAndRemovesTheEmptyOne", func(t *testing.T, f *Fixtures) {
		at := f.ClinicOf(f.Entity().ID)
		from, into := f.Conversation(at), f.Conversation(at)
		want := []reception.Message{f.Message(from), f.Message(into), f.Message(from)}
		okay(t, "merge", f.Contacts.Merge(t.Context(), from.ID, into.ID))
		for i := range want {
			want[i].ConversationID = into.ID
		}
		list := ok[page.Page[reception.Message]](t, "list")(f.Messages.List(t.Context(), identity.AllEntities(), into.ID, page.Request{}))
		wantSame(t, "the messages", list.Items, want)
		next := ok[[]reception.Message](t, "next")(f.Messages.Pending(t.Context(), into.ID, 1))
		wantSame(t, "the oldest of both that is pending", next, want[:1])
		none := ok[[]reception.Message](t, "next of the one that is gone")(f.Messages.Pending(t.Context(), from.ID, 1))
		wantSame(t, "the messages of the one that is gone", len(none), 0)
		_, err := f.Conversations.Get(t.Context(), identity.AllEntities(), from.ID)
		wantError(t, "the one that is gone", err, errs.NotFound, "conversation-not-found")
		wantError(t, "merge again", f.Contacts.Merge(t.Context(), from.ID, into.ID), errs.NotFound, "conversation-not-found")
		err = f.Contacts.Merge(t.Context(), into.ID, id.New[reception.Conversation]())
		wantError(t, "merge into nothing", err, errs.Invalid, "unknown-reference")
	})
	try(t, open, "RedactLeavesNoText", func(t *testing.T, f *Fixtures) {
		at := f.ClinicOf(f.Entity().ID)
		in, other := f.Conversation(at), f.Conversation(at)
		pending, untouched := f.Message(in), f.Message(other)
		done := f.NewMessage(in)
		done.Status, done.Turn = reception.Done, new(f.NewTurn())
		done = store(f, f.Messages.Create, done)
		okay(t, "redact", f.Contacts.Redact(t.Context(), in.ID))
		pending.Text, pending.Status, pending.Error = "", reception.Failed, "erased"
		done.Text, done.Turn.Replies = "", nil
		for _, want := range []reception.Message{pending, done, untouched} {
			wantSame(t, "the message", ok[reception.Message](t, "get")(f.Messages.Get(t.Context(), want.ID)), want)
		}
	})
	try(t, open, "CancelledContextStops", func(t *testing.T, f *Fixtures) {
		m, ctx := f.Message(f.ConversationOf(f.Entity().ID)), cancelled(t)
		wantCancelled(t, "Move", f.Contacts.Move(ctx, m.TenantID, lid, phone, f.Now()))
		wantCancelled(t, "Merge", f.Contacts.Merge(ctx, m.ConversationID, m.ConversationID))
		wantCancelled(t, "Redact", f.Contacts.Redact(ctx, m.ConversationID))
	})
}

func testConsents(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	const contact = "+5511955550011"
	try(t, open, "TheLastOneOfAPurposeHolds", func(t *testing.T, f *Fixtures) {
		at, elsewhere := f.ClinicOf(f.Entity().ID), f.ClinicOf(f.Entity().ID)
		latest := func(scope identity.Scope, tenant agenda.TenantID, contact string, purpose reception.ConsentPurpose) (reception.Consent, error) {
			return f.Consents.Latest(t.Context(), scope, tenant, contact, purpose)
		}
		_, err := latest(identity.AllEntities(), at.ID, contact, reception.ToBeReminded)
		wantError(t, "nothing told", err, errs.NotFound, "consent-not-found")
		var want reception.Consent
		for range 3 {
			want = f.NewConsent(at, contact)
			created := store(f, f.Consents.Append, want)
			if created.ID <= want.ID {
				t.Errorf("the id %d does not rise", created.ID)
			}
			want.ID = created.ID
			wantSame(t, "what Append returned", created, want)
		}
		bare := f.NewConsent(at, contact)
		bare.Purpose, bare.UserID = reception.ToBeWritten, 0
		bare = store(f, f.Consents.Append, bare)
		for _, c := range []reception.Consent{f.NewConsent(elsewhere, contact), f.NewConsent(at, "+5511955550012")} {
			store(f, f.Consents.Append, c)
		}
		wantSame(t, "the latest", ok[reception.Consent](t, "latest")(latest(identity.OnlyEntity(at.EntityID), at.ID, contact, want.Purpose)), want)
		wantSame(t, "of the other purpose", ok[reception.Consent](t, "latest")(latest(identity.AllEntities(), at.ID, contact, bare.Purpose)), bare)
		for _, scope := range []identity.Scope{identity.OnlyEntity(elsewhere.EntityID), {}} {
			_, err := latest(scope, at.ID, contact, want.Purpose)
			wantError(t, "another scope", err, errs.NotFound, "consent-not-found")
		}
		_, err = f.Consents.Latest(cancelled(t), identity.AllEntities(), at.ID, contact, want.Purpose)
		wantCancelled(t, "Latest", err)
		_, err = f.Consents.Append(cancelled(t), bare)
		wantCancelled(t, "Append", err)
		unknown := bare
		unknown.TenantID = id.New[agenda.Clinic]()
		_, err = f.Consents.Append(t.Context(), unknown)
		wantError(t, "a clinic that is not there", err, errs.Invalid, "unknown-reference")
	})
	try(t, open, "ListsOldestFirst", func(t *testing.T, f *Fixtures) {
		at := f.ClinicOf(f.Entity().ID)
		want := make([]reception.Consent, 5)
		for i := range want {
			want[i] = store(f, f.Consents.Append, f.NewConsent(at, contact))
			store(f, f.Consents.Append, f.NewConsent(at, "+5511955550012"))
		}
		list := func(scope identity.Scope) func(page.Request) (page.Page[reception.Consent], error) {
			return func(req page.Request) (page.Page[reception.Consent], error) {
				return f.Consents.List(t.Context(), scope, reception.ConsentFilter{TenantID: at.ID, Contact: contact}, req)
			}
		}
		for _, limit := range []int{1, 2, 5, 6} {
			wantWalk(t, list(identity.OnlyEntity(at.EntityID)), limit, want)
		}
		for _, scope := range []identity.Scope{identity.OnlyEntity(f.Entity().ID), {}} {
			wantSame(t, "another scope", ok[page.Page[reception.Consent]](t, "list")(list(scope)(page.Request{})).Items, nil)
		}
		all := ok[page.Page[reception.Consent]](t, "list")(f.Consents.List(t.Context(), identity.AllEntities(), reception.ConsentFilter{}, page.Request{}))
		if len(all.Items) != 10 {
			t.Errorf("got %d entries of all, want 10", len(all.Items))
		}
		_, err := f.Consents.List(cancelled(t), identity.AllEntities(), reception.ConsentFilter{}, page.Request{})
		wantCancelled(t, "List", err)
	})
}
