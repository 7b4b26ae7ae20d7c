package reception

import "github.com/secretary-api/secretary/core/agenda"

// Intent is what a patient wants with a message.
type Intent string

// The intents.
const (
	Schedule         Intent = "schedule"
	Reschedule       Intent = "reschedule"
	Cancel           Intent = "cancel"
	AskPrice         Intent = "ask_price"
	AskHours         Intent = "ask_hours"
	AskServices      Intent = "ask_services"
	AskProfessionals Intent = "ask_professionals"
	HumanHandoff     Intent = "human_handoff"
	Greeting         Intent = "greeting"
	Thanks           Intent = "thanks"
	Other            Intent = "other"
)

// Period is a part of the day.
type Period string

// The periods, in the clinic's time zone.
const (
	AnyPeriod Period = ""
	Morning   Period = "morning"   // before 12:00
	Afternoon Period = "afternoon" // 12:00 to 18:00
	Evening   Period = "evening"   // from 18:00
)

// Meaning is what a message says, in the terms of one clinic. It carries no authority: it cannot book, price or choose
// a calendar; the conversation decides what follows.
type Meaning struct {
	Intent     Intent
	Confidence float64  // of the intent, 0 to 1
	Reasons    []string // why, for people to read: "schedule: \"gostaria de marcar\""

	// What the message refers to, as the patient named it; "" when not at all.
	Professional string // "Dr. Santos"
	Specialty    string // "cardiologista"
	Service      string // "botox"
	Symptom      string // "dor no peito"

	// Who and what in the clinic matches the reference. With a reference above and no candidate here, the clinic does
	// not have it.
	Candidates []agenda.ClinicProfessionalID
	Services   []agenda.ServiceID

	Date   agenda.Date       // the day that was named; zero when none
	Time   *agenda.LocalTime // the hour that was named; nil when none
	From   *agenda.LocalTime // "só depois das 17h": the earliest hour to begin at, and Time is no more than that; nil when any
	Until  *agenda.LocalTime // "antes das 10h": the hour to begin before, likewise; nil when any
	Period Period

	Emergency   bool // signs of an emergency
	OptOut      bool // wants no more messages
	OptIn       bool // asks the assistant to go on ("voltar")
	WantsPerson bool // asks for a person
	Angry       bool // is annoyed or complains
	OwnVisit    bool // asks about a visit of their own, or speaks of it: "qual meu horário?", "estou a caminho"

	Topic Topic // what else it asks about, beside its intent; "" for nothing

	Coming     bool // says to come to a visit: "confirmo a presença", "estarei aí"
	NotComing  bool // says not to, and not what is to happen instead: "não vou conseguir ir"
	Yes        bool // plain agreement: "sim", "pode ser", "confirmo"
	No         bool // plain refusal, perhaps with a correction: "não, com a Dra. Maria"
	Option     int  // a choice by number, from 1: "2", "o segundo"; 0 when none
	Pick       Pick // a choice in words: "o mais cedo", "tanto faz"; "" when none
	Shift      Shift
	GivesUp    bool // takes back what is being arranged: "deixa pra lá"
	Another    bool // "outro médico": somebody else than who was chosen
	Wordless   bool // holds no word at all: "?", "😊", "."
	ThisNumber bool // "este mesmo número", when asked for a telephone
	Amends     Datum

	ForOther bool   // the visit is for somebody else: "quero marcar para minha filha", "não é pra mim"
	ForSelf  bool   // it is for who writes: "para mim mesma"
	Other    string // who it is for, as far as it was told: "João"; "" otherwise

	Patient agenda.Patient // what was recognised of name, birth date and telephone
	Doubts  []Datum        // what was told of these, when asked for, in a way that cannot be right
}

// Refers reports whether the message names a professional, a speciality, a service or a symptom.
func (m Meaning) Refers() bool {
	return m.Professional != "" || m.Specialty != "" || m.Service != "" || m.Symptom != ""
}

// Context is what a message is understood in.
type Context struct {
	Directory agenda.Directory
	Today     agenda.Date      // in the clinic's zone
	Now       agenda.LocalTime // in the clinic's zone
	State     State            // what the conversation has just asked for
	Asked     bool             // whatever the state, a yes or no is waited for
	Visits    int              // how many of the contact's own visits were listed to choose from
}
