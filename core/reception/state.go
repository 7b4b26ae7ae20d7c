package reception

// State is where a conversation is.
type State string

// The states.
const (
	Idle                 State = "idle"
	ChoosingProfessional State = "choosing_professional"
	CollectingPatient    State = "collecting_patient"
	ChoosingSlot         State = "choosing_slot"
	Confirming           State = "confirming"
	Booked               State = "booked"
	Cancelling           State = "cancelling"
	Rescheduling         State = "rescheduling"
	HandedOff            State = "handed_off"
	OptedOut             State = "opted_out"
)

// Writes reports whether a plain "yes" in the state may book, move or cancel something.
func (s State) Writes() bool {
	switch s {
	case Confirming, Cancelling, Rescheduling:
		return true
	case Idle, ChoosingProfessional, CollectingPatient, ChoosingSlot, Booked, HandedOff, OptedOut:
	}
	return false
}
