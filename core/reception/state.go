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
