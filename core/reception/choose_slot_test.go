package reception_test

import (
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
)

// choosing is a conversation in which six slots are on offer: 24 and 25 November, at 08:00, 08:30 and 09:00.
func choosing(t *testing.T) (*script, people) {
	t.Helper()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.hear(patient())
	s.wantState(reception.ChoosingSlot)
	return s, who
}

func at(hour, minute int) *agenda.LocalTime { return new(agenda.LocalTime(hour*60 + minute)) }

func TestASlotIsChosenInWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		m    reception.Meaning
		want string
	}{
		"Earliest": {reception.Meaning{Pick: reception.Earliest}, "terça-feira, 24/11/2026, às 08:00"},
		"Last":     {reception.Meaning{Pick: reception.Last}, "quarta-feira, 25/11/2026, às 09:00"},
		"Any":      {reception.Meaning{Pick: reception.Any}, "terça-feira, 24/11/2026, às 08:00"},
		"DayHour":  {reception.Meaning{Date: agenda.Date{Year: 2026, Month: 11, Day: 25}, Time: at(8, 30)}, "quarta-feira, 25/11/2026, às 08:30"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, who := choosing(t)
			wantSaid(t, s.hear(c.m), c.want, "Está correto?")
			if len(s.booked) != 0 {
				t.Fatal("booked without a confirmation")
			}
			s.hear(yes)
			s.wantBooked(who.joao)
		})
	}
}

func TestOtherSlotsAreWishedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		m             reception.Meaning
		first, absent string
	}{
		"From":     {reception.Meaning{From: at(9, 0), Time: at(9, 0)}, "1. terça-feira, 24/11/2026, às 09:00", "às 08:30"},
		"Until":    {reception.Meaning{Until: at(8, 30), Time: at(8, 30)}, "1. terça-feira, 24/11/2026, às 08:00", "às 08:30"},
		"Between":  {reception.Meaning{From: at(8, 30), Until: at(9, 30)}, "1. terça-feira, 24/11/2026, às 08:30", "às 09:30"},
		"Later":    {reception.Meaning{Shift: reception.Later}, "1. terça-feira, 24/11/2026, às 09:30", "às 09:00"},
		"OtherDay": {reception.Meaning{Shift: reception.OtherDay, Intent: reception.Reschedule}, "1. quinta-feira, 26/11/2026, às 08:00", "25/11"},
		"More":     {reception.Meaning{Shift: reception.More}, "1. quarta-feira, 25/11/2026, às 09:30", "24/11"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := choosing(t)
			said := s.hear(c.m)
			wantSaid(t, said, c.first)
			if strings.Contains(said, c.absent) {
				t.Errorf("said %q, want no %q", said, c.absent)
			}
			s.wantState(reception.ChoosingSlot)
		})
	}
}

func TestAnotherHourOfTheSameDayIsWishedForWhileConfirming(t *testing.T) {
	t.Parallel()
	s, _ := choosing(t)
	s.hear(option(4)) // the 25th, at eight
	wantSaid(t, s.hear(reception.Meaning{No: true, Time: at(9, 30)}), "quarta-feira, 25/11/2026, às 09:30", "Está correto?")
	wantSaid(t, s.hear(reception.Meaning{No: true, Shift: reception.Earlier}), "1. quarta-feira, 25/11/2026, às 08:00", "3. quarta-feira, 25/11/2026, às 09:00")
}

func TestThePatientsDataArePutRightBeforeBooking(t *testing.T) {
	t.Parallel()
	s, who := choosing(t)
	s.hear(option(2))
	wantSaid(t, s.hear(reception.Meaning{Amends: reception.NameDatum, No: true}), "- Nome completo")
	wantSaid(t, s.hear(reception.Meaning{Patient: agenda.Patient{Name: "Ana Sousa"}}), "para Ana Sousa", "24/11/2026, às 08:30", "Está correto?")
	wantSaid(t, s.hear(reception.Meaning{Yes: true, Patient: agenda.Patient{Name: "Ana Souza Lima"}}), "para Ana Souza Lima", "Está correto?")
	if len(s.booked) != 0 {
		t.Fatal("booked under a name that was just changed")
	}
	s.hear(yes)
	if a := s.wantBooked(who.joao); a.Patient.Name != "Ana Souza Lima" {
		t.Errorf("booked for %s", a.Patient.Name)
	}
}

func TestOneOfOnesOwnVisitsIsNoStrangers(t *testing.T) {
	t.Parallel()
	s, who := choosing(t)
	s.hear(option(1))
	s.hear(yes)
	s.own, s.free = s.booked, s.free[1:]
	m := named("Dr. João", who.joao)
	m.Date, m.Time = agenda.Date{Year: 2026, Month: 11, Day: 24}, at(8, 0)
	said := s.hear(m)
	wantSaid(t, said, "Você já tem uma consulta com Dr. João Silva nesse horário: terça-feira, 24/11/2026, às 08:00", "1. terça-feira, 24/11/2026, às 08:30")
	if strings.Contains(said, "não está livre") {
		t.Errorf("said %q, as if somebody else had it", said)
	}
	wantSaid(t, s.hear(option(1)), "Você já tem uma consulta com Dr. João Silva nesse dia", "para Ana Souza", "Está correto?")
	if len(s.booked) != 1 {
		t.Fatal("a second visit was booked without a question")
	}
}

func TestWhatWasOfferedAWhileAgoIsLookedUpAgain(t *testing.T) {
	t.Parallel()
	s, _ := choosing(t)
	s.free = s.free[1:]
	s.desk.Now = s.desk.Now.Add(15 * time.Minute)
	wantSaid(t, s.hear(option(1)), "Esse horário não está livre", "1. terça-feira, 24/11/2026, às 08:30")
	wantSaid(t, s.hear(option(2)), "às 09:00", "Está correto?")
	s.free = s.free[2:]
	s.desk.Now = s.desk.Now.Add(40 * time.Minute)
	wantSaid(t, s.hear(reception.Meaning{Intent: reception.Greeting}), "Esse horário não está livre")
	s.wantState(reception.ChoosingSlot)
}

func TestAnHourThatIsOverIsNotBooked(t *testing.T) {
	t.Parallel()
	s, _ := choosing(t)
	s.hear(option(1))
	s.desk.Now = s.conversation.Draft.Slot.Start.Add(time.Minute)
	s.free = s.free[4:]
	wantSaid(t, s.hear(yes), "já passou", "1. quarta-feira, 25/11/2026, às 08:00")
	if len(s.booked) != 0 {
		t.Error("booked an hour of the past")
	}
}

func TestAnybodyIsWhoIsFreeFirst(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(want)
	wantSaid(t, s.hear(reception.Meaning{Pick: reception.Any}), "A primeira agenda livre é a da Dra. Maria Costa", "- Nome completo")
	s.finish()
	s.wantBooked(who.maria)
}

func TestPriceIsToldAndTheDayKeptWhenAllIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	s, who, botox := begin(t)
	m := serviceNamed("botox", botox)
	m.Date, m.Time, m.Patient = agenda.Date{Year: 2026, Month: 11, Day: 25}, at(9, 0), patient().Patient
	wantSaid(t, s.hear(m), "R$ 1.200,00", "quarta-feira, 25/11/2026, às 09:00", "para Ana Souza", "Está correto?")
	s.hear(yes)
	s.wantBooked(who.maria)
}
