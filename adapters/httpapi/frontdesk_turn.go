package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/service"
)

// NewMessage is what a patient wrote.
type NewMessage struct {
	ID   *string `json:"id,omitempty" nullable:"true" maxLength:"254" example:"3EB0C767D26A1D8E5C" doc:"The channel's id of the message. The same id again is answered with the same turn, and handled once."`
	Name *string `json:"name,omitempty" nullable:"true" maxLength:"100" example:"Ana" doc:"What the patient calls itself."`
	Text string  `json:"text" minLength:"1" maxLength:"4096" example:"Quero fazer botox"`
}

// Turn is what one message led to.
type Turn struct {
	Replies      []Reply                    `json:"replies" doc:"What to send to the patient, in this order. Empty when the clinic's assistant stays silent."`
	Intent       string                     `json:"intent" enum:"schedule,reschedule,cancel,ask_price,ask_hours,ask_services,ask_professionals,human_handoff,greeting,thanks,other" example:"schedule"`
	State        string                     `json:"state" enum:"idle,choosing_professional,collecting_patient,choosing_slot,confirming,booked,cancelling,rescheduling,handed_off,opted_out" example:"collecting_patient"`
	Professional OrNull[ClinicProfessional] `json:"professional" doc:"Who was chosen."`
	Service      OrNull[Service]            `json:"service" doc:"What was chosen; null is a plain visit, or nothing yet."`
	Options      []ClinicProfessional       `json:"options" doc:"The professionals that were offered to choose from."`
	Slots        []Slot                     `json:"slots" doc:"The times that were offered, in UTC."`
	Appointment  OrNull[Appointment]        `json:"appointment" doc:"What the message booked, moved or cancelled."`
	ModelCalls   int                        `json:"model_calls" example:"0" doc:"How many calls to a language model it took."`
}

// Reply is one text for the patient.
type Reply struct {
	Text string `json:"text" example:"O procedimento de Botox é realizado pela Dra. Maria Costa."`
}

// Utterance is a text to be understood.
type Utterance struct {
	Text string `json:"text" minLength:"1" maxLength:"4096" example:"Quero consulta com Dr. Santos amanhã às 15h"`
}

// Meaning is what a text means to a clinic.
type Meaning struct {
	Intent       string                        `json:"intent" enum:"schedule,reschedule,cancel,ask_price,ask_hours,ask_services,ask_professionals,human_handoff,greeting,thanks,other" example:"schedule"`
	Confidence   float64                       `json:"confidence" minimum:"0" maximum:"1" example:"0.9" doc:"Of the intent."`
	Professional *string                       `json:"professional" example:"Dr. Santos" doc:"As the text names it."`
	Specialty    *string                       `json:"specialty" example:"cardiologista"`
	Service      *string                       `json:"service" example:"botox"`
	Symptom      *string                       `json:"symptom" example:"manchas na pele"`
	Candidates   []agenda.ClinicProfessionalID `json:"candidates" format:"uuid" doc:"The clinic's professionals who match."`
	Services     []agenda.ServiceID            `json:"services" format:"uuid" doc:"The clinic's services that match."`
	Date         *agenda.Date                  `json:"date" format:"date" example:"2026-12-01"`
	Time         *agenda.LocalTime             `json:"time" example:"15:00" doc:"In the clinic's time zone."`
	Period       *string                       `json:"period" enum:"morning,afternoon,evening" example:"afternoon"`
	Emergency    bool                          `json:"emergency" example:"false" doc:"Signs of an emergency."`
	OptOut       bool                          `json:"opt_out" example:"false" doc:"Wants no more messages."`
	WantsPerson  bool                          `json:"wants_person" example:"false" doc:"Asks for a person."`
	OwnVisit     bool                          `json:"own_visit" example:"false" doc:"Asks about a visit of their own, or speaks of it."`
	Reasons      []string                      `json:"reasons" example:"[\"professional: \\\"Dr. Santos\\\", 1 of the clinic\"]" doc:"Why, for people to read: what was understood, and by which words. The wording may change."`
	ModelCalls   int                           `json:"model_calls" example:"0" doc:"How many calls to a language model it took."`
}

func turnOf(v service.Shown) Turn {
	out := Turn{
		Replies: mapped(v.Replies, func(text string) Reply { return Reply{text} }), Intent: string(v.Intent), State: string(v.State),
		Options: []ClinicProfessional{}, Slots: mapped(v.Slots, slotOf), ModelCalls: v.ModelCalls,
	}
	if p, ok := v.Directory.Professional(v.Professional); ok {
		out.Professional = valueOf(clinicProfessionalOf(p))
	}
	if offer, ok := v.Directory.Service(v.Service); ok {
		out.Service = valueOf(serviceOf(offer))
	}
	for _, key := range v.Options {
		if p, ok := v.Directory.Professional(key); ok {
			out.Options = append(out.Options, clinicProfessionalOf(p))
		}
	}
	if v.Appointment != nil {
		out.Appointment = valueOf(appointmentOf(*v.Appointment))
	}
	return out
}

func meaningOf(m service.Understood) Meaning {
	same := func(key agenda.ClinicProfessionalID) agenda.ClinicProfessionalID { return key }
	out := Meaning{
		Intent: string(m.Intent), Confidence: m.Confidence, Professional: nullText(m.Professional), Specialty: nullText(m.Specialty),
		Service: nullText(m.Service), Symptom: nullText(m.Symptom), Candidates: mapped(m.Candidates, same),
		Services: mapped(m.Services, func(key agenda.ServiceID) agenda.ServiceID { return key }),
		Time:     m.Time, Period: nullText(m.Period), Emergency: m.Emergency, OptOut: m.OptOut, WantsPerson: m.WantsPerson,
		OwnVisit: m.OwnVisit, Reasons: mapped(m.Reasons, func(reason string) string { return reason }),
		ModelCalls: m.ModelCalls,
	}
	if !m.Date.IsZero() {
		out.Date = &m.Date
	}
	return out
}

func (s *server) registerTurns() {
	tags := []string{"front desk"}
	handle(s, huma.Operation{
		OperationID: "send-message", Method: http.MethodPost, Path: "/v1/clinics/{tenant_id}/conversations/{phone}/messages", Tags: tags,
		Summary: "Hand in what a patient wrote",
		Description: "Answers with the turn: what to say, where the conversation stands, and what was booked. Whoever calls delivers the replies. " +
			"Nothing is booked before the patient has confirmed the professional, the day and the hour. Messages of a patient are handled one " +
			"after another. An id that another conversation used is `message-repeated`.",
		Errors: []int{http.StatusConflict, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct {
		ByContact
		Body NewMessage
	},
	) (*answer[Turn], error) {
		v, err := s.FrontDesk.Say(ctx, actor(ctx), in.TenantID, in.Phone, service.Said{
			ExternalID: textOf[string](in.Body.ID), Name: textOf[string](in.Body.Name), Text: in.Body.Text,
		})
		return reply(v, err, turnOf)
	})
	handle(s, huma.Operation{
		OperationID: "understand", Method: http.MethodPost, Path: "/v1/clinics/{tenant_id}/understand", Tags: tags,
		Summary:     "What a text means to a clinic",
		Description: "Without side effects: no conversation hears of it. What is not recognised is null. Calls to a language model count towards the clinic's usage.",
		Errors:      []int{http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct {
		ByClinic
		Body Utterance
	},
	) (*answer[Meaning], error) {
		v, err := s.FrontDesk.Understand(ctx, actor(ctx), in.TenantID, in.Body.Text)
		return reply(v, err, meaningOf)
	})
}
