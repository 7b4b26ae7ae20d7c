package reception_test

import (
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/reception"
)

func child(name string, year int) agenda.Patient {
	return agenda.Patient{Name: name, BirthDate: agenda.Date{Year: year, Month: time.June, Day: 1}, Phone: "+5511955550011"}
}

// know has the contact booked for patients before.
func (s *script) know(patients ...agenda.Patient) {
	for _, p := range patients {
		s.desk.Patients = append(s.desk.Patients, agenda.PatientRecord{ID: id.New[agenda.PatientRecord](), Contact: s.conversation.Contact, Patient: p})
	}
}

func forOther(m reception.Meaning, name string) reception.Meaning {
	m.ForOther, m.Other = true, name
	return m
}

func TestAVisitForSomebodyElseAsksForTheirData(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.conversation.Patient = patient().Patient
	wantSaid(t, s.hear(forOther(specialty("Cardiologista", who.joao), "")), "Nome completo", "Data de nascimento")
	s.wantState(reception.CollectingPatient)
	data := reception.Meaning{Patient: agenda.Patient{Name: "Bruna Souza", BirthDate: child("", 2018).BirthDate}}
	wantSaid(t, s.hear(data), "1. terça-feira")
	wantSaid(t, s.hear(option(1)), "para Bruna Souza")
	s.hear(yes)
	if a := s.wantBooked(who.joao); a.Patient != child("Bruna Souza", 2018) {
		t.Errorf("booked for %+v", a.Patient)
	}
	if s.conversation.Patient != patient().Patient {
		t.Errorf("the sender's own data became %+v", s.conversation.Patient)
	}
}

func TestAtTheConfirmationThePatientTurnsOutToBeAnother(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.conversation.Patient = patient().Patient
	s.hear(named("Dr. João", who.joao))
	wantSaid(t, s.hear(option(2)), "para Ana Souza", "08:30")
	wantSaid(t, s.hear(forOther(reception.Meaning{No: true}, "João")), "Nome completo")
	wantSaid(t, s.hear(reception.Meaning{Patient: child("João Souza", 2018)}), "para João Souza", "08:30", "Está correto?")
	s.hear(yes)
	if a := s.wantBooked(who.joao); a.Patient.Name != "João Souza" {
		t.Errorf("booked for %+v", a.Patient)
	}
}

func TestOfSeveralPatientsOneIsAskedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer reception.Meaning
		whom   string
	}{
		"ByNumber":      {option(2), "Bruna Souza"},
		"ByName":        {reception.Meaning{Patient: agenda.Patient{Name: "bruna souza"}}, "Bruna Souza"},
		"Themselves":    {option(1), "Ana Souza"},
		"SomebodyElse":  {option(3), ""},
		"ANameUnlisted": {reception.Meaning{Patient: child("Caio Souza", 2020)}, "Caio Souza"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, who, _ := begin(t)
			s.conversation.Patient = patient().Patient
			s.know(patient().Patient, child("Bruna Souza", 2018))
			wantSaid(t, s.hear(named("Dr. João", who.joao)), "Para quem é a consulta?", "1. Ana Souza", "2. Bruna Souza", "3. Outra pessoa")
			said := s.hear(c.answer)
			if c.whom == "" {
				wantSaid(t, said, "Nome completo")
				return
			}
			wantSaid(t, said, "1. terça-feira")
			wantSaid(t, s.hear(option(1)), "para "+c.whom)
		})
	}
}

func TestAKnownPatientIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.know(child("Bruna Souza", 2018))
	wantSaid(t, s.hear(named("Dr. João", who.joao)), "1. terça-feira")
	wantSaid(t, s.hear(option(1)), "para Bruna Souza")

	s, who, _ = begin(t)
	s.conversation.Patient = patient().Patient
	s.know(patient().Patient, child("Bruna Souza", 2018))
	if said := s.hear(forOther(named("Dr. João", who.joao), "Bruna")); strings.Contains(said, "Para quem") {
		t.Errorf("said %q although the patient was named", said)
	}
	wantSaid(t, s.hear(option(1)), "para Bruna Souza")
}

func TestConsentsFollowTheState(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after reception.State
		voltar        bool
		want          string
	}{
		"OptsOut":    {reception.Idle, reception.OptedOut, false, "reminders-,messages-"},
		"ComesBack":  {reception.OptedOut, reception.Idle, true, "reminders+,messages+"},
		"OnlyAsks":   {reception.OptedOut, reception.ChoosingSlot, false, "messages+"},
		"StaysOut":   {reception.OptedOut, reception.OptedOut, false, ""},
		"NeverLeft":  {reception.Idle, reception.Booked, true, ""},
		"HandedOver": {reception.HandedOff, reception.OptedOut, false, "reminders-,messages-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, e := range reception.ConsentsOf(c.before, reception.Conversation{State: c.after, Contact: "+5511955550011"}, c.voltar, reception.WhatsApp, time.Time{}) {
				got = append(got, string(e.Purpose)+map[bool]string{true: "+", false: "-"}[e.Granted])
			}
			if strings.Join(got, ",") != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}
