package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
)

// PatientRecord is a patient as a clinic knows them.
type PatientRecord struct {
	PatientID agenda.PatientID `json:"patient_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de006"`
	TenantID  agenda.TenantID  `json:"tenant_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de001"`
	Contact   *string          `json:"contact" example:"+5511955550011" doc:"Who writes for the patient: a telephone in E.164, or WhatsApp's own id (...@lid). null once erased."`
	Name      string           `json:"name" example:"Ana Pereira" doc:"Empty once erased."`
	BirthDate *agenda.Date     `json:"birth_date" format:"date" example:"1990-05-20"`
	Phone     *string          `json:"phone" example:"+5511955550011" doc:"The patient's own."`
	ErasedAt  *time.Time       `json:"erased_at" example:"2026-12-01T12:00:00Z" doc:"When what the clinic knew of the patient was erased; null as long as it is kept."`
	CreatedAt time.Time        `json:"created_at" example:"2026-11-30T12:00:00Z"`
	UpdatedAt time.Time        `json:"updated_at" example:"2026-11-30T12:00:00Z"`
}

// NewPatientRecord is a patient to register.
type NewPatientRecord struct {
	Contact   *string      `json:"contact,omitempty" nullable:"true" maxLength:"64" example:"+5511955550011" doc:"Who writes for the patient, such as a mother for her child; the patient's own telephone when left out."`
	Name      string       `json:"name" minLength:"1" maxLength:"200" example:"Ana Pereira"`
	BirthDate *agenda.Date `json:"birth_date,omitempty" nullable:"true" format:"date" example:"1990-05-20"`
	Phone     *string      `json:"phone,omitempty" nullable:"true" maxLength:"40" example:"+5511955550011" doc:"Needed when there is no contact."`
}

// PatientRecordPatch changes parts of a patient.
type PatientRecordPatch struct {
	Contact   Patch[string]              `json:"contact,omitzero" minLength:"1" maxLength:"64" example:"+5511955550011"`
	Name      Patch[string]              `json:"name,omitzero" minLength:"1" maxLength:"200" example:"Ana Maria Pereira"`
	BirthDate NullablePatch[agenda.Date] `json:"birth_date,omitzero" format:"date" example:"1990-05-20"`
	Phone     NullablePatch[string]      `json:"phone,omitzero" maxLength:"40" example:"+5511955550011"`
}

// ByPatient is the path of a patient.
type ByPatient struct {
	ByClinic
	PatientID agenda.PatientID `path:"patient_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de006"`
}

func patientRecordOf(v agenda.PatientRecord) PatientRecord {
	told := patientOf(v.Patient)
	return PatientRecord{
		PatientID: v.ID, TenantID: v.TenantID, Contact: nullText(v.Contact), Name: told.Name, BirthDate: told.BirthDate, Phone: told.Phone,
		ErasedAt: nullTime(v.ErasedAt), CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt,
	}
}

// changedAt implements changeable.
func (p PatientRecord) changedAt() time.Time { return p.UpdatedAt }

func (p NewPatientRecord) params() agenda.PatientParams {
	told := Patient{Name: p.Name, Phone: p.Phone, BirthDate: p.BirthDate}.core()
	return agenda.PatientParams{Contact: textOf[string](p.Contact), Name: told.Name, BirthDate: told.BirthDate, Phone: told.Phone}
}

func (p PatientRecordPatch) patch() agenda.PatientPatch {
	return agenda.PatientPatch{Contact: p.Contact.Of, Name: p.Name.Of, BirthDate: p.BirthDate.Of, Phone: p.Phone.Of}
}

func (s *server) registerPatients() {
	tags := []string{"patients"}
	const collection, one = "/v1/clinics/{tenant_id}/patients", "/v1/clinics/{tenant_id}/patients/{patient_id}"
	handle(s, huma.Operation{
		OperationID: "list-patients", Method: http.MethodGet, Path: collection, Tags: tags,
		Summary: "List the patients of a clinic, the first known first",
		Description: "Bookings make them, by conversation and by this API, where a telephone is known. Their visits are at " +
			"`/v1/clinics/{tenant_id}/appointments?patient_id=`.",
	}, func(ctx context.Context, in *struct {
		ByClinic
		PageQuery
		Query string `query:"q" maxLength:"200" example:"ana per" doc:"Each word of it begins a word of the name, whatever the case and the accents."`
		Phone string `query:"phone" maxLength:"64" example:"11 95555-0011" doc:"Of the patient, or of who writes for the patient, as people write it."`
	},
	) (*answer[List[PatientRecord]], error) {
		v, err := s.Agenda.Patients(ctx, actor(ctx), agenda.PatientFilter{TenantID: in.TenantID, Name: in.Query, Phone: in.Phone}, in.request())
		return listed(v, err, patientRecordOf)
	})
	handle(s, huma.Operation{
		OperationID: "create-patient", Method: http.MethodPost, Path: collection, Tags: tags,
		Summary:       "Register a patient",
		Description:   "Nobody of a clinic has the same contact, name and birth date as another (`patient-exists`); case and accents of names make no difference.",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByClinic
		Body NewPatientRecord
	},
	) (*created[PatientRecord], error) {
		v, err := s.Agenda.AddPatient(ctx, actor(ctx), in.TenantID, in.Body.params())
		return createdAt("/v1/clinics/"+in.TenantID.String()+"/patients/", v.ID, v, err, patientRecordOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-patient", Method: http.MethodGet, Path: one, Tags: tags,
		Summary: "Get a patient",
	}, func(ctx context.Context, in *ByPatient) (*answer[PatientRecord], error) {
		v, err := s.Agenda.Patient(ctx, actor(ctx), in.TenantID, in.PatientID)
		return reply(v, err, patientRecordOf)
	})
	handle(s, huma.Operation{
		OperationID: "update-patient", Method: http.MethodPatch, Path: one, Tags: tags,
		Summary:     "Change a patient",
		Description: "Visits keep what they were booked with. Who would become the same as another is `patient-exists`; of one who was erased nothing can be changed (`patient-erased`).",
		Errors:      []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByPatient
		IfMatchHeader
		Body PatientRecordPatch
	},
	) (*answer[PatientRecord], error) {
		v, err := s.Agenda.ChangePatient(ctx, actor(ctx), in.TenantID, in.PatientID, in.Body.patch(), in.match())
		return reply(v, err, patientRecordOf)
	})
}
