package reception_test

import (
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/reception"
)

// noteAttendance does the machine's action on what the contact has.
func (s *script) noteAttendance(c *reception.Conversation) reception.Step {
	s.t.Helper()
	for i := range s.own {
		if s.own[i].ID == c.Draft.Appointment {
			if err := s.own[i].Attend(c.Attendance(), s.desk.Now); err != nil {
				s.t.Fatal(err)
			}
			return s.desk.AttendanceNoted(c, s.own[i])
		}
	}
	s.t.Fatalf("the visit %s is not the contact's", c.Draft.Appointment)
	return reception.Step{}
}

// visit is one that the contact has, so many hours from now.
func (s *script) visit(with agenda.ClinicProfessional, hours int) agenda.Appointment {
	start := s.desk.Now.Add(time.Duration(hours) * time.Hour)
	a := agenda.Appointment{
		ID: id.New[agenda.Appointment](), ProfessionalID: with.ID, Patient: agenda.Patient{Name: "Ana Souza"},
		Start: start, End: start.Add(30 * time.Minute), Status: agenda.Confirmed, Told: agenda.Told{Start: start},
	}
	s.own = append(s.own, a)
	return a
}

// remind reminds of a visit and returns the text.
func (s *script) remind(a agenda.Appointment) string {
	s.t.Helper()
	text := s.desk.Remind(&s.conversation, a)
	s.checkTexts([]string{text})
	return text
}

func (s *script) wantAttendance(want ...agenda.Attendance) {
	s.t.Helper()
	for i, a := range want {
		if s.own[i].Attendance != a {
			s.t.Errorf("the attendance of visit %d is %q, want %q", i, s.own[i].Attendance, a)
		}
	}
}

var (
	coming = reception.Meaning{Coming: true, Yes: true, OwnVisit: true}
	cannot = reception.Meaning{Intent: reception.Cancel, NotComing: true}
)

func TestAReminderTellsOfTheVisit(t *testing.T) {
	t.Parallel()
	s, who, botox := begin(t)
	a := s.visit(who.maria, 24)
	wantSaid(t, s.remind(a), "Clínica XYZ", "consulta com Dra. Maria Costa", "terça-feira, 24/11/2026, às 09:00", "Ana Souza", "*confirmo*", "*não vou*")
	a.ServiceID, s.desk.Directory.Clinic.Address = botox.ID, "Rua A, 12"
	wantSaid(t, s.remind(a), "Botox com Dra. Maria Costa", "Endereço: Rua A, 12")
	a.Attendance = agenda.Coming
	if text := s.remind(a); strings.Contains(text, "*confirmo*") || !strings.Contains(text, "está confirmada") {
		t.Errorf("said %q to somebody who has confirmed", text)
	}
}

func TestAReminderAsksNothingWhileSomethingElseIsAsked(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	a := s.visit(who.maria, 24)
	s.hear(named("Dr. João", who.joao))
	if text := s.remind(a); strings.Contains(text, "*confirmo*") || !s.conversation.About.IsZero() {
		t.Errorf("said %q, about %s", text, s.conversation.About)
	}
	s.desk.Now = s.desk.Now.Add(25 * time.Hour) // by when that is forgotten
	if text := s.remind(a); !strings.Contains(text, "*confirmo*") || s.conversation.About != a.ID {
		t.Errorf("a day later: said %q, about %s", text, s.conversation.About)
	}
}

func TestAYesAnswersOnlyWhatWasAskedBeforeIt(t *testing.T) {
	t.Parallel()
	at := func(s *script, ahead time.Duration) *script {
		s.desk.Written = s.desk.Now.Add(ahead)
		return s
	}
	t.Run("Reminder", func(t *testing.T) {
		t.Parallel()
		s, who, _ := begin(t)
		s.remind(s.visit(who.joao, 24))
		at(s, -time.Microsecond).hear(reception.Meaning{Yes: true})
		s.wantAttendance("")
		s.conversation.UpdatedAt = s.desk.Now.Add(time.Hour) // which is no question
		at(s, 0).hear(reception.Meaning{Yes: true})
		s.wantAttendance(agenda.Coming)
	})
	t.Run("Visit", func(t *testing.T) {
		t.Parallel()
		s, who, _ := begin(t)
		s.hear(named("Dr. João", who.joao))
		s.hear(patient())
		s.hear(option(1))
		at(s, -time.Microsecond).hear(reception.Meaning{Yes: true})
		if len(s.booked) != 0 {
			t.Error("a yes that was written before the question booked a visit")
		}
		s.conversation.UpdatedAt = s.desk.Now.Add(time.Hour)
		at(s, 0).hear(reception.Meaning{Yes: true})
		if len(s.booked) != 1 {
			t.Errorf("%d visits are booked, want 1", len(s.booked))
		}
	})
}

func TestAnAnswerBelongsToTheLastReminder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(people) reception.Meaning
		said   string
		want   [2]agenda.Attendance
	}{
		"Confirmo": {func(people) reception.Meaning { return coming }, "Presença confirmada! Esperamos você: Dra. Maria", [2]agenda.Attendance{"", agenda.Coming}},
		"Sim":      {func(people) reception.Meaning { return yes }, "Presença confirmada! Esperamos você: Dra. Maria", [2]agenda.Attendance{"", agenda.Coming}},
		"NaoVou":   {func(people) reception.Meaning { return cannot }, "1. Remarcar", [2]agenda.Attendance{"", agenda.NotComing}},
		"Nao":      {func(people) reception.Meaning { return reception.Meaning{No: true} }, "1. Remarcar", [2]agenda.Attendance{"", agenda.NotComing}},
		"ThatOfAnother": {func(p people) reception.Meaning {
			m := named("Dr. João", p.joao)
			m.Intent, m.Coming = reception.Other, true
			return m
		}, "Dr. João", [2]agenda.Attendance{agenda.Coming, ""}},
		"ThatOfADay": {func(people) reception.Meaning {
			m := coming
			m.Date = agenda.Date{Year: 2026, Month: 11, Day: 24}
			return m
		}, "Dr. João", [2]agenda.Attendance{agenda.Coming, ""}},
		"CannotOnThatDay": {func(people) reception.Meaning {
			m := cannot
			m.Date = agenda.Date{Year: 2026, Month: 11, Day: 24}
			return m
		}, "Dr. João", [2]agenda.Attendance{agenda.NotComing, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, who, _ := begin(t)
			first, last := s.visit(who.joao, 24), s.visit(who.maria, 48)
			s.remind(first)
			s.remind(last)
			m := c.answer(who)
			wantSaid(t, s.hear(m), c.said)
			s.wantAttendance(c.want[0], c.want[1])
			if answered := c.want[1] != ""; s.conversation.About.IsZero() != answered {
				t.Errorf("about %s after the answer", s.conversation.About)
			}
			s.wantState(reception.Idle)
		})
	}
}

func TestWhoCannotComeMovesOrCancelsThatVisit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then  reception.Meaning
		said  string
		state reception.State
	}{
		"ByWord":        {reception.Meaning{Intent: reception.Reschedule}, "Vamos remarcar a sua consulta com Dra. Maria", reception.ChoosingSlot},
		"ByNumber":      {option(1), "Vamos remarcar a sua consulta com Dra. Maria", reception.ChoosingSlot},
		"ByDay":         {reception.Meaning{Date: agenda.Date{Year: 2026, Month: 11, Day: 26}}, "Vamos remarcar a sua consulta com Dra. Maria", reception.ChoosingSlot},
		"Cancel":        {reception.Meaning{Intent: reception.Cancel}, "Confirma o cancelamento da sua consulta com Dra. Maria", reception.Cancelling},
		"CancelByTwo":   {option(2), "Confirma o cancelamento da sua consulta com Dra. Maria", reception.Cancelling},
		"SomethingElse": {reception.Meaning{Intent: reception.AskHours}, "Nossos horários", reception.Idle},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, who, _ := begin(t)
			s.visit(who.joao, 24)
			s.remind(s.visit(who.maria, 48))
			s.hear(cannot)
			wantSaid(t, s.hear(c.then), c.said)
			s.wantState(c.state)
			if c.state == reception.Cancelling {
				s.hear(yes)
				if len(s.cancelled) != 1 || s.cancelled[0] != s.own[1].ID {
					t.Errorf("cancelled %v, want %s", s.cancelled, s.own[1].ID)
				}
			}
		})
	}
}

func TestToMoveOrToCancelIsAboutTheReminder(t *testing.T) {
	t.Parallel()
	for _, intent := range []reception.Intent{reception.Reschedule, reception.Cancel} {
		s, who, _ := begin(t)
		s.visit(who.joao, 24)
		s.remind(s.visit(who.maria, 48))
		if said := s.hear(reception.Meaning{Intent: intent}); !strings.Contains(said, "Dra. Maria Costa") || strings.Contains(said, "1. Dr. João") {
			t.Errorf("%s: said %q, want that of Dra. Maria", intent, said)
		}
	}
}

func TestWithoutAReminder(t *testing.T) {
	t.Parallel()
	t.Run("OneVisitIsConfirmed", func(t *testing.T) {
		t.Parallel()
		s, who, _ := begin(t)
		s.visit(who.joao, 24)
		wantSaid(t, s.hear(coming), "Presença confirmada!")
		s.wantAttendance(agenda.Coming)
	})
	t.Run("OfTwoIsAskedWhich", func(t *testing.T) {
		t.Parallel()
		s, who, _ := begin(t)
		s.visit(who.joao, 24)
		s.visit(who.maria, 48)
		wantSaid(t, s.hear(coming), "Qual consulta você confirma?", "1. Dr. João Silva", "2. Dra. Maria Costa")
		s.wantAttendance("", "")
		wantSaid(t, s.hear(option(2)), "Presença confirmada!")
		s.wantAttendance("", agenda.Coming)
	})
	t.Run("WhichIsSaidByName", func(t *testing.T) {
		t.Parallel()
		s, who, _ := begin(t)
		s.visit(who.joao, 24)
		s.visit(who.maria, 48)
		s.hear(coming)
		wantSaid(t, s.hear(named("Dr. João", who.joao)), "Presença confirmada!")
		s.wantAttendance(agenda.Coming, "")
	})
	t.Run("YesConfirmsNothing", func(t *testing.T) {
		t.Parallel()
		s, who, _ := begin(t)
		s.visit(who.joao, 24)
		s.hear(yes)
		s.wantAttendance("")
	})
	t.Run("AfterAnotherQuestionYesConfirmsNothing", func(t *testing.T) {
		t.Parallel()
		s, who, _ := begin(t)
		s.remind(s.visit(who.joao, 24))
		s.hear(reception.Meaning{Intent: reception.AskHours})
		s.hear(yes)
		s.wantAttendance("")
	})
	t.Run("AfterTheVisitYesIsAboutNoOther", func(t *testing.T) {
		t.Parallel()
		s, who, _ := begin(t)
		s.remind(s.visit(who.joao, 24))
		s.own = nil
		s.visit(who.maria, 48)
		wantSaid(t, s.hear(yes), "Tudo bem!")
		s.wantAttendance("")
		if !s.conversation.About.IsZero() {
			t.Error("the visit that is over is still asked about")
		}
	})
}

func TestAChangeByTheClinicIsTold(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	a := s.visit(who.maria, 24)
	s.remind(a)
	before := a.Start
	a.Start = a.Start.AddDate(0, 0, 1)
	text := s.desk.TellChange(&s.conversation, a, before)
	s.checkTexts([]string{text})
	wantSaid(t, text, "Dra. Maria Costa", "que seria terça-feira, 24/11/2026, às 09:00", "remarcada pela Clínica XYZ para quarta-feira, 25/11/2026", "*confirmo*")
	a.Status = agenda.Cancelled
	text = s.desk.TellChange(&s.conversation, a, a.Start)
	s.checkTexts([]string{text})
	wantSaid(t, text, "Dra. Maria Costa", "quarta-feira, 25/11/2026", "foi cancelada pela Clínica XYZ")
	if strings.Contains(text, "*confirmo*") || !s.conversation.About.IsZero() {
		t.Errorf("said %q, about %s, of a visit that was cancelled", text, s.conversation.About)
	}
}
