package agenda

import (
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/audit"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/phone"
	"github.com/secretary-api/secretary/core/text"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
)

// OldestPatient is how many years a patient can have lived at most.
const OldestPatient = 120

// PatientID identifies a patient of a clinic.
type PatientID = id.Of[PatientRecord]

// PatientRecord is a patient as a clinic knows them. One contact may write for several: a mother for two children. In a
// clinic nobody has the same contact, name and birth date as another; names that differ in case and accents are the same.
type PatientRecord struct {
	ID        PatientID
	TenantID  TenantID
	EntityID  clinic.EntityID
	Contact   string // who writes for the patient: E.164, or the channel's "...@lid"; "" once erased
	Patient   Patient
	ErasedAt  time.Time // when the patient's data was erased; zero as long as it is kept
	CreatedAt time.Time
	UpdatedAt time.Time
}

// PatientParams is what a patient is made of.
type PatientParams struct {
	Contact   string // E.164 or "...@lid"; "": the patient's own telephone
	Name      string
	BirthDate Date   // zero when unknown
	Phone     string // "" when unknown
}

// PatientPatch changes parts of a patient.
type PatientPatch struct {
	Contact   patch.Of[string]
	Name      patch.Of[string]
	BirthDate patch.Of[Date]
	Phone     patch.Of[string]
}

// PatientFilter selects patients of a list.
type PatientFilter struct {
	TenantID TenantID // zero: any
	Contact  string   // "": any
	Phone    string   // E.164, of the patient or of who writes for them; "": any
	Name     string   // every word of it begins a word of the patient's name, whatever the case and the accents; "": any
}

// Words are those of the name that is looked for, in lower case and without accents.
func (f PatientFilter) Words() []string { return text.Words(f.Name) }

// NewPatient makes a patient of a clinic. It fails with Invalid "invalid-input".
func NewPatient(key PatientID, c Clinic, p PatientParams, now time.Time) (PatientRecord, error) {
	v := PatientRecord{
		ID: key, TenantID: c.ID, EntityID: c.EntityID, Contact: p.Contact,
		Patient: Patient{Name: p.Name, BirthDate: p.BirthDate, Phone: p.Phone}, CreatedAt: now, UpdatedAt: now,
	}
	if v.Contact == "" {
		v.Contact = p.Phone
	}
	return v, v.check(c, now)
}

// Apply changes a patient. It fails with Invalid "invalid-input", and for one whose data was erased with Conflict
// "patient-erased".
func (v *PatientRecord) Apply(p PatientPatch, c Clinic, now time.Time) error {
	if !v.ErasedAt.IsZero() {
		return ErrPatientErased()
	}
	p.Contact.Apply(&v.Contact)
	p.Name.Apply(&v.Patient.Name)
	p.BirthDate.Apply(&v.Patient.BirthDate)
	p.Phone.Apply(&v.Patient.Phone)
	v.UpdatedAt = version.Next(v.UpdatedAt, now)
	return v.check(c, now)
}

func (v *PatientRecord) check(c Clinic, now time.Time) error {
	var check errs.Check
	today := DateOf(now, c.Location())
	v.Patient.checkAt(&check, "", today)
	contact, err := ContactKey(v.Contact)
	check.Note("contact", err)
	v.Contact = contact
	if born := v.Patient.BirthDate; !born.IsZero() {
		check.That(!born.Before(Date{today.Year - OldestPatient, today.Month, 1}), "birth_date", "must be within the last 120 years")
	}
	return check.Err()
}

// Learn takes over what is newly told of the same patient: the longer name, and the birth date and the telephone where
// none were known. It reports whether anything changed.
func (v *PatientRecord) Learn(told Patient, now time.Time) bool {
	before := v.Patient
	if len(text.Words(told.Name)) > len(text.Words(v.Patient.Name)) {
		v.Patient.Name = told.Name
	}
	if v.Patient.BirthDate.IsZero() {
		v.Patient.BirthDate = told.BirthDate
	}
	if v.Patient.Phone == "" {
		v.Patient.Phone = told.Phone
	}
	if v.Patient == before {
		return false
	}
	v.UpdatedAt = version.Next(v.UpdatedAt, now)
	return true
}

// Erase takes away everything that the record tells of the person; its id and its times stay. Again changes nothing.
func (v *PatientRecord) Erase(now time.Time) {
	if v.ErasedAt.IsZero() {
		v.Contact, v.Patient, v.ErasedAt, v.UpdatedAt = "", Patient{}, now, version.Next(v.UpdatedAt, now)
	}
}

// NameKey is the patient's name as it is compared: "jose d avila" of "José D'Ávila".
func (p Patient) NameKey() string { return strings.Join(text.Words(p.Name), " ") }

// IsNamed reports whether each of the words, in lower case and without accents, begins a word of the patient's name.
func (p Patient) IsNamed(words ...string) bool {
	name := " " + p.NameKey()
	for _, word := range words {
		if !strings.Contains(name, " "+word) {
			return false
		}
	}
	return true
}

// SameAs reports whether two are told to be one person. It is so when they have one name, and no two birth dates; or one
// birth date, and one of the names is the other with words left out after the first: "Ana Souza" is "Ana Maria Souza",
// but twins are two, and so are Ana Clara and Ana Luísa Souza.
func (p Patient) SameAs(o Patient) bool {
	mine, theirs := text.Words(p.Name), text.Words(o.Name)
	if len(mine) == 0 || len(theirs) == 0 {
		return false
	}
	dated := !p.BirthDate.IsZero() && !o.BirthDate.IsZero()
	if dated && p.BirthDate != o.BirthDate {
		return false
	}
	if p.NameKey() == o.NameKey() {
		return true
	}
	if len(mine) > len(theirs) {
		mine, theirs = theirs, mine
	}
	return dated && mine[0] == theirs[0] && isWithin(mine, theirs)
}

// isWithin reports whether the words of short are among those of long, in their order.
func isWithin(short, long []string) bool {
	for _, word := range long {
		if len(short) > 0 && short[0] == word {
			short = short[1:]
		}
	}
	return len(short) == 0
}

// ContactKey is how a contact is named: E.164, or a channel's own id ("...@lid"). Anything else is Invalid
// "invalid-phone".
func ContactKey(contact string) (string, error) {
	if IsLID(contact) {
		return contact, nil
	}
	return phone.Normalize(contact)
}

// IsLID reports whether a contact is a channel's own id, which tells no telephone.
func IsLID(contact string) bool {
	user, ok := strings.CutSuffix(contact, "@lid")
	return ok && user != "" && len(contact) <= 64 && strings.Trim(user, "0123456789") == ""
}

// IsPhone reports whether a contact is a telephone, which can be written to whoever it was that wrote first.
func IsPhone(contact string) bool { return strings.HasPrefix(contact, "+") }

// checkAt checks a patient, whose fields are at a path: "patient." or "".
func (p *Patient) checkAt(c *errs.Check, path string, today Date) {
	p.Name = valid.Text(c, path+"name", p.Name, 200)
	born := p.BirthDate
	c.That(born.IsZero() || born.IsValid() && !born.After(today), path+"birth_date", "must be a day that has been")
	if p.Phone != "" {
		p.Phone = valid.Phone(c, path+"phone", p.Phone)
	}
}

// Audited returns what the audit log tells of a patient: that there is one, and not who.
func (v PatientRecord) Audited() []audit.Field {
	return []audit.Field{
		{Name: "tenant_id", Value: v.TenantID.String()},
		{Name: "entity_id", Value: audit.Number(v.EntityID)},
		{Name: "contact", Value: audit.Text(v.Contact), Hidden: true},
		{Name: "name", Value: v.Patient.Name, Hidden: true},
		{Name: "name_key", Value: v.Patient.NameKey(), Hidden: true},
		{Name: "birth_date", Value: audit.Text(v.Patient.BirthDate.String()), Hidden: true},
		{Name: "phone", Value: audit.Text(v.Patient.Phone), Hidden: true},
		{Name: "erased_at", Value: audit.Time(v.ErasedAt)},
	}
}
