package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
)

// Conversation is everything between a clinic and one contact.
type Conversation struct {
	ConversationID reception.ConversationID     `json:"conversation_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de005"`
	TenantID       agenda.TenantID              `json:"tenant_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de001"`
	Contact        string                       `json:"contact" example:"+5511955550011" doc:"E.164, or the channel's own id when that tells no telephone."`
	ContactName    *string                      `json:"contact_name" example:"Ana" doc:"What the contact calls itself."`
	State          string                       `json:"state" enum:"idle,choosing_professional,collecting_patient,choosing_slot,confirming,booked,cancelling,rescheduling,handed_off,opted_out" example:"choosing_slot"`
	Patient        OrNull[Patient]              `json:"patient" doc:"What is known of the patient; null as long as there is no name."`
	Purpose        *string                      `json:"purpose" enum:"book,move,cancel" example:"book" doc:"What is being arranged."`
	ProfessionalID *agenda.ClinicProfessionalID `json:"professional_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de002" doc:"With whom a visit is being arranged."`
	ServiceID      *agenda.ServiceID            `json:"service_id" format:"uuid" doc:"Which service is being arranged."`
	AppointmentID  *agenda.AppointmentID        `json:"appointment_id" format:"uuid" doc:"The visit to move or to cancel."`
	Slots          []Slot                       `json:"slots" doc:"In the order they were offered."`
	Slot           OrNull[Slot]                 `json:"slot" doc:"The one that was chosen."`
	Handoff        OrNull[Handoff]              `json:"handoff" doc:"Why people answer instead of the assistant; null when they do not."`
	HeardAt        time.Time                    `json:"heard_at" example:"2026-11-30T12:00:00Z" doc:"When the contact last wrote."`
	CreatedAt      time.Time                    `json:"created_at" example:"2026-11-30T11:58:00Z"`
	UpdatedAt      time.Time                    `json:"updated_at" example:"2026-11-30T12:00:00Z"`
}

// Message is one message of a conversation.
type Message struct {
	ID        int64     `json:"id" example:"7001"`
	Direction string    `json:"direction" enum:"in,out" example:"in" doc:"in is the patient's."`
	Author    string    `json:"author" enum:"contact,assistant,staff" example:"contact" doc:"staff is a person of the clinic, by this API, the channel's panel or the phone."`
	UserID    *int64    `json:"user_id" example:"7" doc:"Who of the clinic wrote it by this API; null when nobody did, or an API key."`
	Channel   string    `json:"channel" enum:"whatsapp,api" example:"whatsapp"`
	Text      string    `json:"text" example:"Quero marcar uma consulta"`
	Kind      string    `json:"kind" enum:"text,audio,unsupported" example:"text"`
	Status    string    `json:"status" enum:"pending,done,failed" example:"done" doc:"pending: to be handled, or to be sent."`
	CreatedAt time.Time `json:"created_at" example:"2026-11-30T12:00:00Z"`
}

// ByContact is the path of a conversation.
type ByContact struct {
	ByClinic
	Phone string `path:"phone" minLength:"1" maxLength:"64" example:"+5511955550011" doc:"The contact's telephone number, with or without the plus sign."`
}

func conversationOf(c reception.Conversation) Conversation {
	out := Conversation{
		ConversationID: c.ID, TenantID: c.TenantID, Contact: c.Contact, ContactName: nullText(c.ContactName), State: string(c.State),
		Purpose: nullText(c.Draft.Purpose), ProfessionalID: nullKey(c.Draft.Professional), ServiceID: nullKey(c.Draft.Service),
		AppointmentID: nullKey(c.Draft.Appointment), Slots: mapped(c.Draft.Slots, slotOf),
		HeardAt: c.HeardAt, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	if c.Patient.Name != "" {
		out.Patient = valueOf(patientOf(c.Patient))
	}
	if c.State == reception.HandedOff {
		out.Handoff = valueOf(handoffOf(c.Handoff))
	}
	if !c.Draft.Slot.Start.IsZero() {
		out.Slot = valueOf(slotOf(c.Draft.Slot))
	}
	return out
}

func messageOf(m reception.Message) Message {
	return Message{
		ID: int64(m.ID), Direction: string(m.Direction), Author: string(m.Author), UserID: nullID(m.UserID), Channel: string(m.Channel), Text: m.Text, Kind: string(m.Kind),
		Status: string(m.Status), CreatedAt: m.CreatedAt,
	}
}

func (s *server) registerFrontDesk() {
	tags := []string{"front desk"}
	handle(s, huma.Operation{
		OperationID: "list-conversations", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}/conversations", Tags: tags,
		Summary: "List the conversations of a clinic",
	}, func(ctx context.Context, in *struct {
		ByClinic
		PageQuery
		State string `query:"state" enum:"idle,choosing_professional,collecting_patient,choosing_slot,confirming,booked,cancelling,rescheduling,handed_off,opted_out" doc:"handed_off: those that wait for a person."`
	},
	) (*answer[List[Conversation]], error) {
		v, err := s.FrontDesk.Conversations(ctx, actor(ctx),
			reception.ConversationFilter{TenantID: in.TenantID, State: reception.State(in.State)}, in.request())
		return listed(v, err, conversationOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-conversation", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}/conversations/{phone}", Tags: tags,
		Summary: "Get the conversation with a contact",
	}, func(ctx context.Context, in *ByContact) (*answer[Conversation], error) {
		v, err := s.FrontDesk.Conversation(ctx, actor(ctx), in.TenantID, in.Phone)
		return reply(v, err, conversationOf)
	})
	handle(s, huma.Operation{
		OperationID: "list-messages", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}/conversations/{phone}/messages", Tags: tags,
		Summary: "List the messages of a conversation, oldest first",
	}, func(ctx context.Context, in *struct {
		ByContact
		PageQuery
	},
	) (*answer[List[Message]], error) {
		v, err := s.FrontDesk.Messages(ctx, actor(ctx), in.TenantID, in.Phone, in.request())
		return listed(v, err, messageOf)
	})
	s.registerTurns()
	s.registerPeople()
	s.registerPatients()
	s.registerConsents()
	s.registerPatientErasure()
	s.registerConversationStream()
}
