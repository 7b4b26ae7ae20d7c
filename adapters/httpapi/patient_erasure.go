package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

func (s *server) registerPatientErasure() {
	handle(s, huma.Operation{
		OperationID: "erase-patient", Method: http.MethodPost, Path: "/v1/clinics/{tenant_id}/patients/{patient_id}/erasure",
		DefaultStatus: http.StatusNoContent, Tags: []string{"patients"},
		Summary: "Erase what is kept of a patient",
		Description: "As the patient may ask for (LGPD, art. 18, VI). The name, the birth date, the telephone, what was written in conversations " +
			"and notes are gone for good; visits stay, without telling whose they are, and coming ones take place: cancel them first if they are not to. " +
			"Their events in the calendars are written anew, in a moment. When the contact writes for other patients too, the conversation stays, with no " +
			"texts, and begins anew; otherwise a later message begins another one. The audit log tells that it was done, and not of whom. Erasing again " +
			"is no error. What Google, WhatsApp and backups keep is not reached.",
		Errors: []int{http.StatusConflict},
	}, func(ctx context.Context, in *ByPatient) (*struct{}, error) {
		return nil, s.Erasures.Erase(ctx, actor(ctx), in.TenantID, in.PatientID)
	})
}
