package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/service"
)

// Matches is what a search found, best match first.
type Matches struct {
	Items []Match `json:"items"`
}

// Match is a professional whom a search found, and why.
type Match struct {
	Professional ClinicProfessional `json:"professional"`
	Service      OrNull[Service]    `json:"service" doc:"The service that was found; null when the search found the professional."`
	Reason       string             `json:"reason" enum:"name,specialty,service,keyword" example:"service"`
	Score        float64            `json:"score" minimum:"0" maximum:"1" example:"1" doc:"1 is what was asked for, word for word."`
}

// Prompt is what a clinic's agent is told.
type Prompt struct {
	Prompt string `json:"prompt" example:"PROFISSIONAIS DISPONÍVEIS:\n• Dr. João Silva - Cardiologista"`
}

func matchOf(m agenda.Match) Match {
	out := Match{Professional: clinicProfessionalOf(m.Professional), Reason: m.Reason, Score: m.Score}
	if m.Service != nil {
		out.Service = valueOf(serviceOf(*m.Service))
	}
	return out
}

func (s *server) registerClinicSearch() {
	tags := []string{"clinics"}
	handle(s, huma.Operation{
		OperationID: "search-clinic", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}/search", Tags: tags,
		Summary: "Find professionals of a clinic",
		Description: "Give exactly one parameter. `q` looks for a name, then a speciality, then a service, then a keyword, and answers " +
			"the first that finds somebody. Accents, case and small typos do not matter. Nobody found is an empty list.",
	}, func(ctx context.Context, in *struct {
		ByClinic
		Q         string `query:"q" maxLength:"500" example:"botox"`
		Name      string `query:"name" maxLength:"500" example:"Dr. Santos"`
		Specialty string `query:"specialty" maxLength:"500" example:"cardiologista"`
		Service   string `query:"service" maxLength:"500" example:"botox"`
	},
	) (*answer[Matches], error) {
		v, err := s.Clinics.Search(ctx, actor(ctx), in.TenantID, service.SearchParams{
			Any: in.Q, Name: in.Name, Specialty: in.Specialty, Service: in.Service,
		})
		return reply(v, err, func(found []agenda.Match) Matches { return Matches{mapped(found, matchOf)} })
	})
	handle(s, huma.Operation{
		OperationID: "get-clinic-prompt", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}/prompt", Tags: tags,
		Summary: "The system prompt of a clinic's agent",
		Description: "The clinic's template, or the built-in one, with `{{ clinic_name }}`, `{{ address }}`, `{{ professionals_list }}`, " +
			"`{{ services_list }}`, `{{ weekday }}`, `{{ current_date }}`, `{{ timezone }}`, `{{ booking_rules }}` and `{{ channel_rules }}` filled in. The booking rules " +
			"(confirm the professional first, one calendar each, no diagnosis, emergencies) follow a template that does not place them.",
	}, func(ctx context.Context, in *struct {
		ByClinic
		Channel string `query:"channel" enum:"chat,voice" default:"chat" doc:"How the agent talks with patients."`
	},
	) (*answer[Prompt], error) {
		v, err := s.Clinics.Prompt(ctx, actor(ctx), in.TenantID, agenda.PromptChannel(in.Channel))
		return reply(v, err, func(text string) Prompt { return Prompt{text} })
	})
}
