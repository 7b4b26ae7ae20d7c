package agenda

import (
	"time"

	"github.com/secretary-api/secretary/core/errs"
)

// erased stands where a text was that has to be there.
const erased = "erased"

// Erase takes away everything that a visit tells of the person it is for: data, texts that somebody wrote, and who wrote for
// them. When it is, with whom and of what it is stay, and so does the id of the record. Again changes nothing.
func (a *Appointment) Erase(now time.Time) {
	if a.IsErased() {
		return
	}
	a.Patient, a.Contact, a.Notes, a.CancelReason = Patient{}, "", "", ""
	if a.OverrideReason != "" {
		a.OverrideReason = erased // that there is one lets the visit overlap others
	}
	a.touch(now)
}

// ErrPatientErased is the Conflict "patient-erased" of whoever would write into the record of a patient who was erased.
func ErrPatientErased() error {
	return errs.New(errs.Conflict, "patient-erased", "the patient's data was erased")
}

// IsErased reports whether the data of the person was erased: every other visit has a name.
func (a Appointment) IsErased() bool { return a.Patient.Name == "" }
