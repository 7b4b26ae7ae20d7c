package reception_test

import (
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/reception"
)

func TestExampleOneClearSpecialty(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	said := s.hear(specialty("cardiologista", who.joao))
	wantSaid(t, said, "Olá! Temos o Dr. João Silva, nosso Cardiologista.", "com ele", "- Nome completo", "- Data de nascimento", "- Telefone")
	s.wantState(reception.CollectingPatient)
	s.finish()
	s.wantBooked(who.joao)
}

func TestExampleTwoServiceWithPriceAndDuration(t *testing.T) {
	t.Parallel()
	s, who, botox := begin(t)
	said := s.hear(serviceNamed("botox", botox))
	wantSaid(t, said, "O procedimento de Botox é realizado pela Dra. Maria Costa, nossa Dermatologista.", "R$ 1.200,00", "45 minutos", "Gostaria de agendar um horário?")
	wantSaid(t, s.hear(yes), "- Nome completo")
	s.finish()
	a := s.wantBooked(who.maria)
	if a.ServiceID != botox.ID || a.End.Sub(a.Start) != 45*time.Minute {
		t.Errorf("booked service %s for %s, want Botox for 45 minutes", a.ServiceID, a.End.Sub(a.Start))
	}
}

func TestExampleThreeAmbiguous(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	said := s.hear(want)
	wantSaid(t, said, "com qual profissional você gostaria de ser atendido(a)?", "Dr. João Silva - Cardiologista", "Dra. Maria Costa - Dermatologista", "Dr. Pedro Santos - Clínico Geral")
	s.wantState(reception.ChoosingProfessional)
	wantSaid(t, s.hear(option(3)), "Dr. Pedro Santos é nosso Clínico Geral.")
	s.finish()
	s.wantBooked(who.pedro)
}

func TestExampleFourByName(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	wantSaid(t, s.hear(named("Dr. Santos", who.pedro)), "Ótimo! Dr. Pedro Santos é nosso Clínico Geral.", "- Nome completo")
	s.finish()
	s.wantBooked(who.pedro)
}

func TestUnknownProfessionalIsAnsweredWithTheList(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	wantSaid(t, s.hear(named("Dra. Carla")), "Não encontrei esse profissional. Nossos profissionais são:", "Dr. João Silva", "Dra. Maria Costa", "Dr. Pedro Santos")
	s.wantState(reception.ChoosingProfessional)
	s.hear(option(2))
	s.finish()
	s.wantBooked(who.maria)
}

func TestServiceNotOfferedIsAnsweredWithTheServices(t *testing.T) {
	t.Parallel()
	s, _, _ := begin(t)
	wantSaid(t, s.hear(serviceNamed("clareamento")), "Esse serviço não está disponível. Oferecemos:", "Botox", "R$ 1.200,00")
	if s.conversation.State == reception.Confirming || !s.conversation.Draft.Professional.IsZero() {
		t.Error("a service that is not offered chose a professional")
	}
}

func TestExclusiveServiceIsNeverOfferedWithAnother(t *testing.T) {
	t.Parallel()
	s, who, botox := begin(t)
	m := serviceNamed("botox", botox)
	m.Professional, m.Candidates = "Dr. João", []agenda.ClinicProfessionalID{who.joao.ID}
	said := s.hear(m)
	wantSaid(t, said, "somente", "Dra. Maria Costa")
	if strings.Contains(said, "João") {
		t.Errorf("said %q, want no word of Dr. João", said)
	}
	wantSaid(t, s.hear(yes), "R$ 1.200,00")
	s.hear(yes)
	s.finish()
	s.wantBooked(who.maria)
}

func TestTwoOfOneSpecialtyAreListed(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	said := s.hear(specialty("médico", who.joao, who.pedro))
	wantSaid(t, said, "1. Dr. João Silva", "2. Dr. Pedro Santos")
	if strings.Contains(said, "Maria") {
		t.Errorf("said %q, want only the two", said)
	}
	s.hear(option(2))
	s.finish()
	s.wantBooked(who.pedro)
}

func TestChangeOfMindStartsTheSelectionAgain(t *testing.T) {
	t.Parallel()
	for _, state := range []reception.State{reception.CollectingPatient, reception.ChoosingSlot, reception.Confirming} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			s, who, _ := begin(t)
			s.hear(named("Dr. João", who.joao))
			if state != reception.CollectingPatient {
				s.hear(patient())
			}
			if state == reception.Confirming {
				s.hear(option(1))
			}
			s.wantState(state)
			m := named("Dra. Maria", who.maria)
			m.No = true
			wantSaid(t, s.hear(m), "Dra. Maria Costa é nossa Dermatologista.")
			if len(s.booked) != 0 || !s.conversation.Draft.Slot.Start.IsZero() {
				t.Fatal("the old slot survived the change of mind")
			}
			if state == reception.CollectingPatient {
				s.hear(patient())
			}
			s.hear(option(2))
			wantSaid(t, s.hear(yes), "Dra. Maria Costa")
			s.wantBooked(who.maria)
		})
	}
}

func TestNothingIsBookedWithoutYes(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.hear(patient())
	s.hear(option(1))
	for _, m := range []reception.Meaning{
		{}, {Intent: reception.Greeting}, {Intent: reception.Thanks}, {Option: 1}, {Intent: reception.AskPrice}, {Yes: true, No: true}, no,
	} {
		s.hear(m)
		if len(s.booked) != 0 {
			t.Fatalf("%+v booked a visit", m)
		}
	}
}

func TestSlotTakenMeanwhileOffersTheNext(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.hear(patient())
	s.hear(option(1))
	s.taken = 1
	said := s.hear(yes)
	wantSaid(t, said, "acabou de ser preenchido", "1. terça-feira, 24/11/2026, às 08:30")
	s.wantState(reception.ChoosingSlot)
	s.hear(option(1))
	wantSaid(t, s.hear(yes), "às 08:30")
	s.wantBooked(who.joao)
}

func TestThePatientIsAskedForOnce(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.finish()
	said := s.hear(specialty("dermatologista", who.maria))
	if strings.Contains(said, "Nome completo") {
		t.Errorf("said %q, want no question that was answered before", said)
	}
	s.wantState(reception.ChoosingSlot)
}

func TestOnlyWhatIsMissingIsAskedAgain(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	said := s.hear(reception.Meaning{Patient: agenda.Patient{Name: "Ana Souza"}})
	wantSaid(t, said, "Data de nascimento", "Telefone")
	if strings.Contains(said, "Nome completo") {
		t.Errorf("said %q, want no question for the name", said)
	}
	s.hear(reception.Meaning{Patient: agenda.Patient{BirthDate: agenda.Date{Year: 1990, Month: 1, Day: 2}}})
	s.hear(reception.Meaning{ThisNumber: true})
	s.wantState(reception.ChoosingSlot)
	if got := s.conversation.Patient.Phone; got != "+5511955550011" {
		t.Errorf("phone = %q, want the one the patient writes from", got)
	}
}

func TestDayAndHourThatAreFreeOnlyNeedConfirmation(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	at := agenda.LocalTime(9 * 60)
	m := named("Dr. João", who.joao)
	m.Date, m.Time = agenda.Date{Year: 2026, Month: 11, Day: 25}, &at
	s.hear(m)
	wantSaid(t, s.hear(patient()), "quarta-feira, 25/11/2026, às 09:00", "Está correto?")
	s.wantState(reception.Confirming)
}

func TestAnHourThatIsNotFreeOffersTheSameDay(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	at := agenda.LocalTime(15 * 60)
	m := named("Dr. João", who.joao)
	m.Date, m.Time = agenda.Date{Year: 2026, Month: 11, Day: 25}, &at
	s.hear(m)
	wantSaid(t, s.hear(patient()), "Esse horário não está livre", "quarta-feira, 25/11/2026, às 08:00")
	s.wantState(reception.ChoosingSlot)
}

func TestTheHoursClosestToTheWishAreOffered(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.free = nil
	for half := range 20 { // 08:00 to 17:30, but for 15:00
		if start := time.Date(2026, 11, 25, 11, 30*half, 0, 0, time.UTC); half != 14 {
			s.free = append(s.free, agenda.Interval{Start: start, End: start.Add(30 * time.Minute)})
		}
	}
	at := agenda.LocalTime(15 * 60)
	m := named("Dr. João", who.joao)
	m.Date, m.Time = agenda.Date{Year: 2026, Month: 11, Day: 25}, &at
	s.hear(m)
	said := s.hear(patient())
	wantSaid(t, said, "1. quarta-feira, 25/11/2026, às 13:30", "às 14:30", "às 15:30", "6. quarta-feira, 25/11/2026, às 16:30")
	if strings.Contains(said, "às 08:00") {
		t.Errorf("said %q, want no hour far from the wish", said)
	}
}

func TestAnotherHourWhileConfirmingIsAChange(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.hear(patient())
	s.hear(option(1))
	at := agenda.LocalTime(9 * 60)
	s.hear(reception.Meaning{Yes: true, Time: &at})
	if len(s.booked) != 0 {
		t.Fatal("another hour was booked than the one that was asked about")
	}
}

func TestEmergencyIsAnsweredInEveryState(t *testing.T) {
	t.Parallel()
	for _, state := range []reception.State{
		reception.Idle, reception.ChoosingProfessional, reception.CollectingPatient, reception.ChoosingSlot, reception.Confirming,
		reception.Booked, reception.Cancelling, reception.Rescheduling, reception.HandedOff, reception.OptedOut,
	} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			s, _, _ := begin(t)
			s.conversation.State = state
			wantSaid(t, s.hear(reception.Meaning{Emergency: true}), "192")
			s.wantState(reception.HandedOff)
		})
	}
}

func TestAPersonTakesOverAndTheAssistantIsSilent(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	wantSaid(t, s.hear(reception.Meaning{Intent: reception.HumanHandoff, WantsPerson: true}), "pessoa da nossa equipe")
	if said := s.hear(named("Dr. João", who.joao)); said != "" {
		t.Errorf("said %q, want silence", said)
	}
	wantSaid(t, s.hear(reception.Meaning{OptIn: true}), "Como posso ajudar?")
	s.wantState(reception.Idle)
}

func TestTheAssistantComesBackAfterAPersonWasSilent(t *testing.T) {
	t.Parallel()
	s, _, _ := begin(t)
	s.hear(reception.Meaning{WantsPerson: true})
	s.desk.Now = s.desk.Now.Add(13 * time.Hour)
	if said := s.hear(want); said == "" {
		t.Error("silence, want an answer")
	}
}

func TestOptOutIsSilentUntilTheContactAsksForSomething(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	wantSaid(t, s.hear(reception.Meaning{OptOut: true}), "não enviaremos mais mensagens")
	for _, m := range []reception.Meaning{{}, {Intent: reception.Thanks}, {Intent: reception.Greeting}, yes} {
		if said := s.hear(m); said != "" {
			t.Errorf("said %q to %+v, want silence", said, m)
		}
	}
	wantSaid(t, s.hear(named("Dr. João", who.joao)), "Dr. João Silva")
}

func TestOwnVisitIsCancelledOnlyAfterYes(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.finish()
	s.own = s.booked
	wantSaid(t, s.hear(reception.Meaning{Intent: reception.Cancel}), "Confirma o cancelamento da sua consulta com Dr. João Silva, terça-feira, 24/11/2026, às 08:00?")
	s.wantState(reception.Cancelling)
	if len(s.cancelled) != 0 {
		t.Fatal("cancelled before the patient confirmed")
	}
	wantSaid(t, s.hear(yes), "foi cancelada")
	if len(s.cancelled) != 1 || s.cancelled[0] != s.booked[0].ID {
		t.Errorf("cancelled %v, want the one visit", s.cancelled)
	}
}

func TestOneOfSeveralOwnVisitsIsChosen(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.finish()
	second := s.booked[0]
	second.ID, second.ProfessionalID, second.Start = id.New[agenda.Appointment](), who.maria.ID, second.Start.AddDate(0, 0, 7)
	s.own = []agenda.Appointment{s.booked[0], second}
	wantSaid(t, s.hear(reception.Meaning{Intent: reception.Cancel}), "1. Dr. João Silva", "2. Dra. Maria Costa")
	wantSaid(t, s.hear(option(2)), "Confirma o cancelamento", "Dra. Maria Costa")
	s.hear(yes)
	if len(s.cancelled) != 1 || s.cancelled[0] != second.ID {
		t.Errorf("cancelled %v, want the second", s.cancelled)
	}
}

func TestTheVisitThatTheMessagePointsAtIsMeant(t *testing.T) {
	t.Parallel()
	for name, point := range map[string]func(people) reception.Meaning{
		"Day": func(people) reception.Meaning {
			return reception.Meaning{Date: agenda.Date{Year: 2026, Month: 12, Day: 1}}
		},
		"Professional": func(who people) reception.Meaning { return named("Dra. Maria", who.maria) },
	} {
		for _, intent := range []reception.Intent{reception.Cancel, reception.Reschedule} {
			t.Run(name+"/"+string(intent), func(t *testing.T) {
				t.Parallel()
				s, who, _ := begin(t)
				s.hear(named("Dr. João", who.joao))
				s.finish()
				second := s.booked[0]
				second.ID, second.ProfessionalID, second.Start = id.New[agenda.Appointment](), who.maria.ID, second.Start.AddDate(0, 0, 7)
				s.own = []agenda.Appointment{s.booked[0], second}
				m := point(who)
				m.Intent = intent
				said := s.hear(m)
				wantSaid(t, said, "Dra. Maria Costa, terça-feira, 01/12/2026")
				if s.conversation.Draft.Appointment != second.ID || !s.conversation.Draft.Date.IsZero() {
					t.Errorf("draft %+v, want the second visit and no wished day", s.conversation.Draft)
				}
				if intent == reception.Reschedule {
					wantSaid(t, said, "1. terça-feira, 24/11/2026")
				}
			})
		}
	}
}

func TestOwnVisitIsMovedAfterConfirmation(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.finish()
	s.own = s.booked
	wantSaid(t, s.hear(reception.Meaning{Intent: reception.Reschedule}), "Vamos remarcar", "1. terça-feira")
	s.wantState(reception.ChoosingSlot)
	wantSaid(t, s.hear(option(3)), "Vou remarcar a sua consulta com Dr. João Silva", "09:00")
	wantSaid(t, s.hear(yes), "Consulta remarcada!", "09:00")
	s.wantBooked(who.joao)
}

func TestAVisitOfSomebodyWhoLeftIsCancelledWithoutNamingTheCalendar(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.finish()
	s.own = s.booked
	s.desk.Directory.Professionals = s.desk.Directory.Professionals[1:]
	said := s.hear(reception.Meaning{Intent: reception.Cancel})
	wantSaid(t, said, "Confirma o cancelamento", "terça-feira, 24/11/2026")
	if strings.Contains(said, who.joao.GoogleCalendarID) {
		t.Errorf("said %q, want no calendar id", said)
	}
	wantSaid(t, s.hear(yes), "foi cancelada")
}

func TestNoOwnVisitIsSaidSo(t *testing.T) {
	t.Parallel()
	s, _, _ := begin(t)
	for _, intent := range []reception.Intent{reception.Cancel, reception.Reschedule} {
		wantSaid(t, s.hear(reception.Meaning{Intent: intent}), "Não encontrei nenhuma consulta marcada")
		s.wantState(reception.Idle)
	}
}

func TestAQuestionInTheMiddleIsAnsweredAndTheThreadIsKept(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.hear(patient())
	s.hear(option(1))
	said := s.hear(reception.Meaning{Intent: reception.AskHours})
	wantSaid(t, said, "segunda-feira a sexta-feira, das 08:00 às 18:00", "Está correto?")
	s.wantState(reception.Confirming)
	s.hear(yes)
	s.wantBooked(who.joao)
}

func TestPriceOfAServiceLeadsToBookingIt(t *testing.T) {
	t.Parallel()
	s, who, botox := begin(t)
	m := serviceNamed("botox", botox)
	m.Intent = reception.AskPrice
	wantSaid(t, s.hear(m), "R$ 1.200,00", "Gostaria de agendar")
	s.hear(yes)
	s.finish()
	s.wantBooked(who.maria)
}

func TestPriceOfOneProfessionalIsNoOtherOnes(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	m := specialty("cardiologista", who.joao)
	m.Intent = reception.AskPrice
	said := s.hear(m)
	wantSaid(t, said, "consulta com Dr. João Silva", "Gostaria de agendar")
	if strings.Contains(said, "Botox") {
		t.Errorf("said %q, want nothing of another's service", said)
	}
	s.hear(yes)
	s.finish()
	s.wantBooked(who.joao)
}

func TestAListedServiceIsChosenByItsNumber(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]reception.Meaning{
		"Unknown":  serviceNamed("clareamento"),
		"Services": {Intent: reception.AskServices},
		"Number":   {Intent: reception.AskServices, Service: "clareamento"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, who, botox := begin(t)
			wantSaid(t, s.hear(ask), "1. Botox com Dra. Maria Costa", "Qual deles")
			wantSaid(t, s.hear(option(4)), "1. Botox")
			wantSaid(t, s.hear(option(1)), "R$ 1.200,00")
			s.hear(yes)
			s.finish()
			if a := s.wantBooked(who.maria); a.ServiceID != botox.ID {
				t.Errorf("booked service %s, want Botox", a.ServiceID)
			}
		})
	}
}

func TestAPriceThatIsNotOnRecordIsNotInvented(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	m := named("Dr. João", who.joao)
	m.Intent = reception.AskPrice
	if said := s.hear(m); strings.Contains(said, "R$") {
		t.Errorf("said %q, want no price", said)
	}
}

func TestAfterThreeMissesAPersonIsOffered(t *testing.T) {
	t.Parallel()
	s, _, _ := begin(t)
	s.hear(reception.Meaning{})
	s.hear(reception.Meaning{})
	wantSaid(t, s.hear(reception.Meaning{}), "atendente")
}

func TestWhatWasBeingArrangedGoesStale(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.hear(patient())
	s.hear(option(1))
	s.desk.Now = s.desk.Now.Add(25 * time.Hour)
	s.hear(yes)
	if len(s.booked) != 0 {
		t.Error("yesterday's question was answered with a booking")
	}
}

func TestAProfessionalWhoLeftIsNotBooked(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	s.hear(named("Dr. João", who.joao))
	s.hear(patient())
	s.hear(option(1))
	s.desk.Directory.Professionals = s.desk.Directory.Professionals[1:]
	s.hear(yes)
	if len(s.booked) != 0 {
		t.Error("booked with a professional who is no longer offered")
	}
}

func TestCandidatesThatAModelInventedAreNobody(t *testing.T) {
	t.Parallel()
	s, _, _ := begin(t)
	m := specialty("cardiologista")
	m.Candidates = []agenda.ClinicProfessionalID{id.New[agenda.ClinicProfessional]()}
	s.hear(m)
	if !s.conversation.Draft.Professional.IsZero() {
		t.Error("an invented professional was chosen")
	}
}

func TestAudioIsAskedForInWriting(t *testing.T) {
	t.Parallel()
	s, _, _ := begin(t)
	step := s.desk.HearUnreadable(&s.conversation, reception.Audio)
	wantSaid(t, strings.Join(step.Replies, "\n"), "áudios")
}

func TestACloneSharesNothing(t *testing.T) {
	t.Parallel()
	s, who, _ := begin(t)
	at := agenda.LocalTime(600)
	s.hear(want)
	s.conversation.Draft.Time = &at
	s.conversation.Draft.Services = []agenda.ServiceID{{}}
	clone := s.conversation.Clone()
	clone.Draft.Options[0] = who.pedro.ID
	*clone.Draft.Time = 1
	clone.Draft.Services[0] = id.New[agenda.Service]()
	if s.conversation.Draft.Options[0] != who.joao.ID || *s.conversation.Draft.Time != 600 || !s.conversation.Draft.Services[0].IsZero() {
		t.Error("the clone shares memory with the original")
	}
}
