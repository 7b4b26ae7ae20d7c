package agenda_test

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
)

func TestWhoIsTheSamePatient(t *testing.T) {
	t.Parallel()
	day, other := agenda.Date{Year: 1985, Month: time.March, Day: 12}, agenda.Date{Year: 2018, Month: time.June, Day: 1}
	for _, c := range []struct {
		a, b         string
		bornA, bornB agenda.Date
		want         bool
	}{
		{"José da Silva", "JOSE DA SILVA", day, day, true},
		{"José Silva", "jose\u0301 silva", day, agenda.Date{}, true},
		{"José Silva", "José Silva", day, other, false},
		{"Ana Souza", "Ana Maria Souza", day, day, true},
		{"Ana Maria Souza", "ana souza", day, day, true},
		{"Ana Souza", "Ana Maria Souza", day, agenda.Date{}, false},
		{"Ana Clara Souza", "Ana Luísa Souza", day, day, false},
		{"Bia Souza", "Ana Souza", day, day, false},
		{"", "", day, day, false},
	} {
		a, b := agenda.Patient{Name: c.a, BirthDate: c.bornA}, agenda.Patient{Name: c.b, BirthDate: c.bornB}
		if a.SameAs(b) != c.want || b.SameAs(a) != c.want {
			t.Errorf("%q and %q: %t and %t, want %t", c.a, c.b, a.SameAs(b), b.SameAs(a), c.want)
		}
	}
}

func TestAPatientIsChecked(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	c, err := agenda.NewClinic(id.New[agenda.Clinic](), agenda.ClinicParams{EntityID: 1, Name: "Clínica"}, now)
	if err != nil {
		t.Fatal(err)
	}
	good := agenda.PatientParams{Name: "Ana Souza", BirthDate: agenda.Date{Year: 1985, Month: time.March, Day: 12}, Phone: "11 5555-0011"}
	v, err := agenda.NewPatient(id.New[agenda.PatientRecord](), c, good, now)
	if err != nil || v.Contact != "+551155550011" || v.Patient.Phone != v.Contact {
		t.Errorf("got %+v, error %v", v, err)
	}
	for name, change := range map[string]func(*agenda.PatientParams){
		"NoName":         func(p *agenda.PatientParams) { p.Name = " " },
		"BornTomorrow":   func(p *agenda.PatientParams) { p.BirthDate = agenda.Date{Year: 2026, Month: time.November, Day: 24} },
		"BornIn1906":     func(p *agenda.PatientParams) { p.BirthDate = agenda.Date{Year: 1906, Month: time.October, Day: 31} },
		"NoTelephone":    func(p *agenda.PatientParams) { p.Phone = "12345" },
		"NobodyToWrite":  func(p *agenda.PatientParams) { p.Phone = "" },
		"ContactIsNoLID": func(p *agenda.PatientParams) { p.Contact = "ana@lid" },
	} {
		p := good
		change(&p)
		if _, err := agenda.NewPatient(id.New[agenda.PatientRecord](), c, p, now); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: got error %v, want Invalid", name, err)
		}
	}
	v.Erase(now.Add(time.Hour))
	if v.Contact != "" || v.Patient != (agenda.Patient{}) || v.ErasedAt.IsZero() || errs.CodeOf(v.Apply(agenda.PatientPatch{}, c, now)) != "patient-erased" {
		t.Errorf("after its data was erased: %+v", v)
	}
}
