package reception_test

import (
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/reception"
)

const disclosed = "Sou a assistente virtual da Clínica XYZ"

func asks(about reception.Topic) reception.Meaning { return reception.Meaning{Topic: about} }

func TestTheFirstReplySaysOnceThatItIsAnAssistant(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]reception.Meaning{
		"Greeting": {Intent: reception.Greeting}, "Schedule": want, "Nonsense": {}, "Price": {Intent: reception.AskPrice}, "Own": {OwnVisit: true},
		"Assistant": asks(reception.AskAssistant), "Emergency": {Emergency: true}, "Cancel": {Intent: reception.Cancel}, "Smile": {Wordless: true},
		"Person": {WantsPerson: true}, "Insurance": asks(reception.AskInsurance), "Medical": asks(reception.AskMedical),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, who, _ := begin(t)
			if said := s.hear(first); strings.Count(said, disclosed) != 1 {
				t.Errorf("said %q, want once that it is an assistant", said)
			}
			if said := s.hear(named("Dr. João", who.joao)); strings.Contains(said, disclosed) {
				t.Errorf("said %q, want it once only", said)
			}
		})
	}
}

func TestTheAddressIsTheClinics(t *testing.T) {
	t.Parallel()
	s, _, _ := begin(t)
	s.desk.Directory.Clinic.Address = "Rua das Flores, 10 - Centro"
	wantSaid(t, s.hear(asks(reception.AskAddress)), "Rua das Flores, 10 - Centro")
	s.wantState(reception.Idle)
	s.desk.Directory.Clinic.Address = ""
	wantSaid(t, s.hear(asks(reception.AskAddress)), "equipe informa", "Quer que eu chame uma pessoa")
	s.hear(yes)
	s.wantState(reception.HandedOff)
}

func TestWhatTheRecordsDoNotKnowIsOfferedToAPerson(t *testing.T) {
	t.Parallel()
	for _, topic := range []reception.Topic{reception.AskPayment, reception.AskInsurance, reception.AskPractical, reception.AskAssistant} {
		t.Run(string(topic), func(t *testing.T) {
			t.Parallel()
			s, _, _ := begin(t)
			wantSaid(t, s.hear(asks(topic)), "Quer que eu chame uma pessoa")
			wantSaid(t, s.hear(no), "Tudo bem!")
			s.hear(asks(topic))
			s.hear(yes)
			s.wantState(reception.HandedOff)
			if got := s.conversation.Handoff.Reason; got != reception.PatientAsked {
				t.Errorf("handed off because of %s, want %s", got, reception.PatientAsked)
			}
		})
	}
}

func TestAQuestionWhileConfirmingLeavesTheQuestionThatWasAsked(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.hear(patient())
	s.hear(option(1))
	wantSaid(t, s.hear(asks(reception.AskInsurance)), "convênios", "atendente", "Está correto?")
	s.hear(yes)
	s.wantBooked(who.joao)
}

func TestAQuestionBesideARequestIsAnsweredAndTheRequestFollowed(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	m := specialty("cardiologista", who.joao)
	m.Topic, m.Confidence = reception.AskInsurance, 0.95
	wantSaid(t, s.hear(m), "convênios", "Dr. João Silva", "- Nome completo")
	s.finish()
	s.wantBooked(who.joao)
}

func TestNoDiagnosisButAVisit(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	m := reception.Meaning{Intent: reception.Schedule, Confidence: 0.9, Topic: reception.AskMedical, Symptom: "mancha", Candidates: []agenda.ClinicProfessionalID{who.maria.ID}}
	wantSaid(t, s.hear(m), "Não posso dar diagnóstico", "Dra. Maria Costa", "Gostaria?")
	wantSaid(t, s.hear(yes), "- Nome completo")
	s.finish()
	s.wantBooked(who.maria)

	s, _, _ = begin(t)
	wantSaid(t, s.hear(asks(reception.AskMedical)), "Não posso dar diagnóstico", "1. Dr. João Silva", "atendente")
	s.wantState(reception.ChoosingProfessional)
}

func TestOwnVisitsAreTold(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	own := reception.Meaning{OwnVisit: true}
	wantSaid(t, s.hear(own), "Não encontrei nenhuma consulta")
	s.hear(named("Dr. João", who.joao))
	s.finish()
	s.own = s.booked
	wantSaid(t, s.hear(own), "Você tem uma consulta com Dr. João Silva (Cardiologista): terça-feira, 24/11/2026, às 08:00. Paciente: Ana Souza")
	wantSaid(t, s.hear(reception.Meaning{Intent: reception.Greeting}), disclosed, "Dr. João Silva: terça-feira, 24/11/2026, às 08:00")
	second := s.booked[0]
	second.ID, second.ProfessionalID, second.Start = id.New[agenda.Appointment](), who.maria.ID, second.Start.AddDate(0, 0, 7)
	s.own = []agenda.Appointment{s.booked[0], second}
	wantSaid(t, s.hear(own), "• Dr. João Silva, terça-feira, 24/11", "• Dra. Maria Costa, terça-feira, 01/12")
	own.Candidates = []agenda.ClinicProfessionalID{who.maria.ID}
	if said := s.hear(own); strings.Contains(said, "João") || !strings.Contains(said, "Maria") {
		t.Errorf("said %q, want only the visit with Dra. Maria", said)
	}
}

func TestAskingForOnesVisitLosesNothing(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.hear(patient())
	s.hear(option(1))
	wantSaid(t, s.hear(reception.Meaning{OwnVisit: true}), "Não encontrei nenhuma consulta", "Está correto?")
	s.hear(yes)
	s.wantBooked(who.joao)
}

func TestGivingUpEndsWhatIsBeingArranged(t *testing.T) {
	t.Parallel()
	for _, state := range []reception.State{
		reception.ChoosingProfessional, reception.CollectingPatient, reception.ChoosingSlot, reception.Confirming, reception.Cancelling, reception.Rescheduling,
	} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			s, _, _ := begin(t)
			s.conversation.State = state
			s.conversation.Draft.Purpose = reception.ToBook
			if said := s.hear(reception.Meaning{GivesUp: true, No: true}); said == "" {
				t.Error("said nothing")
			}
			s.wantState(reception.Idle)
			if s.conversation.Draft.Purpose != reception.NoPurpose {
				t.Errorf("draft %+v, want nothing left", s.conversation.Draft)
			}
		})
	}
}

func TestSomebodyElseIsOfferedUnlessTheServiceIsOnes(t *testing.T) {
	t.Parallel()
	another := reception.Meaning{Another: true, Intent: reception.AskProfessionals}
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.hear(patient())
	s.hear(option(1))
	wantSaid(t, s.hear(another), "1. Dr. João Silva", "2. Dra. Maria Costa", "3. Dr. Pedro Santos")
	s.hear(option(3))
	s.hear(option(1))
	s.hear(yes)
	s.wantBooked(who.pedro)

	s, _, botox := begin(t)
	s.hear(serviceNamed("botox", botox))
	s.hear(yes)
	s.hear(patient())
	if said := s.hear(another); !strings.Contains(said, "somente") || strings.Contains(said, "João") {
		t.Errorf("said %q, want nobody else for an exclusive service", said)
	}
}

func TestWhoIsLostIsAskedInOtherWordsAndThenOfferedAPerson(t *testing.T) {
	t.Parallel()
	for _, state := range []reception.State{reception.Idle, reception.ChoosingProfessional, reception.CollectingPatient, reception.ChoosingSlot, reception.Confirming} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			s, who, _ := begin(t)
			switch state {
			case reception.ChoosingProfessional:
				s.hear(want)
			case reception.CollectingPatient, reception.ChoosingSlot, reception.Confirming:
				s.hear(named("Dr. João", who.joao))
				if state != reception.CollectingPatient {
					s.hear(patient())
				}
				if state == reception.Confirming {
					s.hear(option(1))
				}
			case reception.Idle, reception.Booked, reception.Cancelling, reception.Rescheduling, reception.HandedOff, reception.OptedOut:
			}
			s.wantState(state)
			first, second, third := s.hear(reception.Meaning{}), s.hear(reception.Meaning{}), s.hear(reception.Meaning{})
			if first == second || second == third {
				t.Errorf("said the same again: %q, %q, %q", first, second, third)
			}
			wantSaid(t, third, "Quer que eu chame uma pessoa")
			s.wantState(state)
			s.hear(yes)
			s.wantState(reception.HandedOff)
			if len(s.booked) != 0 {
				t.Error("the yes to a person booked a visit")
			}
		})
	}
}

func TestNoToAPersonGoesOn(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.hear(patient())
	s.hear(option(1))
	for range 3 {
		s.hear(reception.Meaning{})
	}
	wantSaid(t, s.hear(no), "vamos continuar", "Está correto?")
	s.hear(yes)
	s.wantBooked(who.joao)
}

func TestTheSameIsNeverSaidThreeTimes(t *testing.T) {
	t.Parallel()
	s, _, _ := begin(t)
	hello := reception.Meaning{Intent: reception.Greeting}
	first, second, third := s.hear(hello), s.hear(hello), s.hear(hello)
	if first != second || third == second {
		t.Errorf("said %q, %q, %q", first, second, third)
	}
	wantSaid(t, third, "me repetindo", "Quer que eu chame uma pessoa")
	s.hear(yes)
	s.wantState(reception.HandedOff)
}

func TestACalendarThatStaysAwayIsTriedAgain(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.hear(patient())
	s.hear(option(1))
	for range 4 {
		before := s.conversation.Clone()
		s.desk.Hear(&s.conversation, yes)
		step := s.desk.CalendarAway(&s.conversation)
		wantSaid(t, strings.Join(s.desk.Unrepeated(&s.conversation, before, step.Replies), "\n"), "tentar de novo")
	}
	s.hear(yes)
	s.wantBooked(who.joao)
}

func TestAnAnswerToAnExpiredListStartsAgain(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]reception.Meaning{"Number": option(2), "Yes": yes, "Words": {Pick: reception.Earliest}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, who, _ := begin(t)
			s.hear(named("Dr. João", who.joao))
			s.hear(patient())
			s.desk.Now = s.desk.Now.Add(25 * time.Hour)
			s.free = s.free[5:]
			wantSaid(t, s.hear(answer), "já expiraram", "Dr. João Silva", "1. quarta-feira, 25/11/2026, às 08:30")
			s.wantState(reception.ChoosingSlot)
			s.hear(option(1))
			wantSaid(t, s.hear(yes), "25/11/2026, às 08:30")
			s.wantBooked(who.joao)
		})
	}
}

func TestThePatientsDataDoNotExpire(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.desk.Now = s.desk.Now.Add(25 * time.Hour)
	s.free = s.free[5:]
	wantSaid(t, s.hear(patient()), "1. quarta-feira, 25/11/2026, às 08:30")
	s.hear(option(1))
	s.hear(yes)
	s.wantBooked(who.joao)
}
