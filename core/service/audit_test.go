package service_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// securityEvents are the entries of the audit log in a scope that tell of neither a change nor a reading, newest first.
func securityEvents(t *testing.T, r ports.Repositories, scope identity.Scope) []identity.AuditEntry {
	t.Helper()
	return slices.DeleteFunc(auditEntries(t, r, scope), func(e identity.AuditEntry) bool {
		return e.Action == identity.AuditCreate || e.Action == identity.AuditUpdate || e.Action == identity.AuditReading
	})
}

// auditEntries are all entries of the audit log in a scope, newest first.
func auditEntries(t *testing.T, r ports.Repositories, scope identity.Scope) []identity.AuditEntry {
	t.Helper()
	var entries []identity.AuditEntry
	req := page.Request{Limit: page.MaxLimit}
	for {
		p, err := r.AuditLog.List(t.Context(), scope, identity.AuditFilter{}, req)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, p.Items...)
		if req.Cursor = p.NextCursor; req.Cursor == "" {
			return entries
		}
	}
}

func TestWhatAPatientBooksIsTheFrontDesksDoingAndTellsNothingOfThePatient(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.talk(ana, "Quero marcar com o Dr. João", anaData, "1", "sim")
	a := w.wantOnly(w.joao)
	w.deliver(whatsapp("B1", bia, "Quero marcar com a Dra. Maria"), whatsapp("B2", bia, biaData), whatsapp("B3", bia, "1"), whatsapp("B4", bia, "sim"))
	w.work() // in which nobody's request is at hand
	if n := len(w.confirmed(w.maria)); n != 1 {
		t.Fatalf("%d visits were booked by WhatsApp, want 1", n)
	}
	entries := auditEntries(t, w.store.Repositories(), identity.OnlyEntity(w.clinic.EntityID))
	var actions []string
	for _, e := range entries {
		if e.Table != "appointments" {
			continue
		}
		if want := identity.FrontDesk(w.clinic.EntityID).String(); e.Actor != want {
			t.Errorf("%s of the appointment %s is of %q, want %q", e.Action, e.RowID, e.Actor, want)
		}
		for _, secret := range []string{a.Patient.Name, a.Patient.Phone, a.Patient.BirthDate.String(), "Bia Lima", bia} {
			if strings.Contains(string(e.Changes), secret) {
				t.Errorf("the entry tells %q: %s", secret, e.Changes)
			}
		}
		if e.RowID == a.ID.String() {
			actions = append(actions, e.Action)
		}
	}
	if want := []string{identity.AuditUpdate, identity.AuditCreate}; !slices.Equal(actions, want) {
		t.Errorf("the entries of the first visit are %v, want %v: held, then confirmed", actions, want)
	}
}

func TestASecurityEventKnowsItsRequest(t *testing.T) {
	t.Parallel()
	w := open(t)
	p := w.visit(w.joao, at(8, 0))
	p.CalendarID = w.pedro.GoogleCalendarID
	_, err := w.agenda.Book(identity.WithTrail(t.Context(), identity.Trail{Actor: w.manager.String(), RequestID: "request-1"}), w.manager, p)
	w.wantCode(err, "calendar-mismatch")
	events := securityEvents(t, w.store.Repositories(), identity.OnlyEntity(w.clinic.EntityID))
	if len(events) != 1 || events[0].RequestID != "request-1" {
		t.Errorf("audit = %+v, want one event of request-1", events)
	}

	o := newOffice(t)
	first := o.login(t, "ana@example.com")
	must(o.sessions.Refresh(t.Context(), first.RefreshToken))(t)
	_, _ = o.sessions.Refresh(identity.WithTrail(t.Context(), identity.Trail{Actor: "nobody", RequestID: "request-2"}), first.RefreshToken)
	events = securityEvents(t, o.repos, identity.AllEntities())
	if len(events) != 1 || events[0].RequestID != "request-2" || events[0].Actor != o.ana.String() {
		t.Errorf("audit = %+v, want one event of request-2 and %v", events, o.ana)
	}
}
