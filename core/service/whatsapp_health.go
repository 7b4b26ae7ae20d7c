package service

import (
	"context"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
)

// ComponentWhatsApp is the clinic's instance of the channel.
const ComponentWhatsApp = "whatsapp"

// healthChecks implements [HealthSource]: it asks how the clinic is connected.
func (s *WhatsApp) healthChecks(ctx context.Context, dir agenda.Directory) ([]HealthCheck, error) {
	if dir.Clinic.EvolutionInstance == "" {
		return []HealthCheck{{
			Component: ComponentWhatsApp, Status: HealthOK, Problem: "not-connected",
			Action: "Nothing is wrong: the clinic has no WhatsApp instance. Set evolution_instance_name and connect it to have patients answered there.",
		}}, nil
	}
	asking, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	st, err := s.look(ctx, asking, dir.Clinic)
	if err != nil {
		return nil, err
	}
	return []HealthCheck{whatsAppCheck(st)}, nil
}

func whatsAppCheck(st reception.ChannelStatus) HealthCheck {
	c := HealthCheck{Component: ComponentWhatsApp, Status: HealthDown, Problem: st.Problem, Since: st.Since}
	const silent = "No patient is answered on WhatsApp until then."
	switch {
	case st.Problem == CodeChannelUnconfigured:
		c.Status, c.Since = HealthOK, st.HeardAt
		c.Action = "This service sends nothing by WhatsApp, which is right when another program does. Otherwise whoever runs it has to set EVOLUTION_URL and EVOLUTION_API_KEY."
	case st.Problem == "whatsapp-unauthorized":
		c.Action = "The WhatsApp server refuses this service. Whoever runs it has to correct EVOLUTION_API_KEY. " + silent
	case st.Problem == "whatsapp-instance-unknown":
		c.Action = "The WhatsApp server has no instance of that name. Correct evolution_instance_name, or make the instance. " + silent
	case st.Problem != "":
		c.Problem = "whatsapp-unavailable"
		c.Action = "The WhatsApp server does not answer at the moment. Look again in some minutes. " + silent
	case st.State == reception.Open:
		c.Status = HealthOK
	case st.State == reception.Connecting:
		c.Status, c.Problem = HealthDegraded, "whatsapp-connecting"
		c.Action = "The connection is being made. When that lasts, connect the phone again: read the QR code on the WhatsApp server. " + silent
	case st.State == reception.Closed && st.Reason == loggedOut:
		c.Problem = "whatsapp-logged-out"
		c.Action = "The phone has ended the connection. Connect it again: read the QR code on the WhatsApp server. " + silent
	default:
		c.Problem = "whatsapp-closed"
		c.Action = "The phone is not connected. Connect it again: read the QR code on the WhatsApp server. " + silent
	}
	return c
}

// loggedOut is the channel's reason of a connection that does not come back by itself.
const loggedOut = 401
