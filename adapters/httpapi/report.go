package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/service"
)

// maxReportRows is how many rows a report has as JSON, which is made as a whole. As CSV it may have any number.
const maxReportRows = 10_000

// UsageReport is agents' sessions of a period, added up. A [reportWriter] writes it.
type UsageReport struct {
	EntityID *int64           `json:"entity_id" example:"3" doc:"That was asked for; null for all that are visible."`
	From     time.Time        `json:"from" example:"2025-11-01T03:00:00Z" doc:"The first moment."`
	To       time.Time        `json:"to" example:"2025-12-01T03:00:00Z" doc:"The moment after the last."`
	GroupBy  string           `json:"group_by" enum:"entity,department,room,agent,model,day,month" example:"department"`
	TimeZone string           `json:"timezone" example:"America/Sao_Paulo" doc:"In which days and months begin."`
	Rows     []UsageReportRow `json:"rows" nullable:"false" doc:"One for each group that has a session, in the order of what it is grouped by."`
	Totals   UsageFiguresSum  `json:"totals" doc:"By model, too, a session counts once here."`
}

// UsageReportRow is one group of a report.
type UsageReportRow struct {
	EntityID      *int64  `json:"entity_id,omitempty" nullable:"true" example:"3" doc:"By entity. null: of none."`
	DepartmentID  *int64  `json:"department_id,omitempty" nullable:"true" example:"11" doc:"By department. null: of none."`
	RoomID        *int64  `json:"room_id,omitempty" example:"41" doc:"By room."`
	ParticipantID *int64  `json:"participant_id,omitempty" example:"17" doc:"By agent."`
	Kind          *string `json:"kind,omitempty" enum:"general,llm,tts,stt,interruption,eot" example:"llm" doc:"By model: what it was used for."`
	Provider      *string `json:"provider,omitempty" nullable:"true" example:"openai" doc:"By model."`
	Model         *string `json:"model,omitempty" nullable:"true" example:"gpt-4" doc:"By model."`
	Period        *string `json:"period,omitempty" example:"2025-11" doc:"By day or month."`
	Name          *string `json:"name,omitempty" nullable:"true" example:"Cardiologia" doc:"Of the entity, the department, the room or the agent."`

	UsageFiguresSum
}

// UsageFiguresSum is the figures of several sessions. huma ignores the fields of an unexported embedded struct, so this is
// exported.
type UsageFiguresSum struct {
	Sessions           int64       `json:"sessions" example:"12" doc:"By model a session counts for each of its models."`
	ActiveSessions     int64       `json:"active_sessions" example:"1" doc:"Those that go on."`
	DurationSeconds    int64       `json:"duration_seconds" example:"32400" doc:"Of those that ended."`
	TotalTokensInput   int64       `json:"total_tokens_input" example:"180000"`
	TotalTokensOutput  int64       `json:"total_tokens_output" example:"102000"`
	TotalAudioMinutes  Decimal     `json:"total_audio_minutes" example:"540"`
	InteractionsCount  int64       `json:"interactions_count" example:"504" doc:"0 by model: they are the session's."`
	TranscriptionCount int64       `json:"transcription_count" example:"144" doc:"0 by model."`
	UnpricedSessions   int64       `json:"unpriced_sessions" example:"0" doc:"Of which some has no price, and is not in the costs."`
	CostEstimate       *Decimal    `json:"cost_estimate" example:"28.2" doc:"null when there are costs in several currencies."`
	Currency           *string     `json:"currency" example:"USD" doc:"Of cost_estimate; null when nothing is priced, and when there are several."`
	Costs              []UsageCost `json:"costs" nullable:"false" doc:"By currency."`
}

// UsageCost is what sessions cost in one currency.
type UsageCost struct {
	Currency string  `json:"currency" example:"USD" doc:"ISO 4217."`
	Amount   Decimal `json:"amount" example:"28.2" doc:"To a millionth."`
}

// ReportQuery selects what a report is of.
type ReportQuery struct {
	EntityID      int64  `query:"entity_id" minimum:"1" maximum:"2147483647" example:"3"`
	DepartmentID  int64  `query:"department_id" minimum:"1" maximum:"2147483647" example:"11"`
	RoomID        int64  `query:"room_id" minimum:"1" maximum:"2147483647" example:"41"`
	ParticipantID int64  `query:"participant_id" minimum:"1" maximum:"2147483647" example:"17" doc:"The agent."`
	From          string `query:"from" maxLength:"40" example:"2025-11-01" doc:"The first moment (RFC 3339) or day. Left out: the beginning of the month in which the report ends."`
	To            string `query:"to" maxLength:"40" example:"2025-12-01" doc:"The moment, or the day, after the last; at most 5 years later. Left out: the end of this month."`
	GroupBy       string `query:"group_by" enum:"entity,department,room,agent,model,day,month" default:"month" example:"department"`
	TimeZone      string `query:"timezone" maxLength:"64" example:"America/Sao_Paulo" doc:"In which days and months begin, by its IANA name. Left out: the clinic's, or else America/Sao_Paulo."`
	Format        string `query:"format" enum:"json,csv" example:"json" doc:"Left out: what the Accept header prefers, or else json."`
}

func (q ReportQuery) params() service.ReportParams {
	return service.ReportParams{
		EntityID: clinic.EntityID(q.EntityID), DepartmentID: clinic.DepartmentID(q.DepartmentID), RoomID: conference.RoomID(q.RoomID),
		ParticipantID: conference.ParticipantID(q.ParticipantID), From: q.From, To: q.To, GroupBy: metering.GroupBy(q.GroupBy),
		TimeZone: q.TimeZone,
	}
}

func (s *server) registerReports() {
	op := huma.Operation{
		OperationID: "get-usage-report", Method: http.MethodGet, Path: "/v1/reports/usage", Tags: []string{"usage"},
		Summary: "Add up what agents were used for, and what it cost",
		Description: "Of the sessions that started in the period. As JSON a report has at most 10000 rows, beyond which it is " +
			"`report-too-large`; as CSV it has any number.",
		Errors: []int{http.StatusNotFound},
		Responses: map[string]*huma.Response{"200": {
			Description: "The report.",
			Content: map[string]*huma.MediaType{
				"application/json": {},
				"text/csv": {
					Schema: &huma.Schema{Type: huma.TypeString},
					Example: "department_id,name,sessions,active_sessions,duration_seconds,total_tokens_input,total_tokens_output," +
						"total_audio_minutes,interactions_count,transcription_count,unpriced_sessions,cost_estimate,currency,costs\r\n" +
						"11,Cardiologia,12,1,32400,180000,102000,540,504,144,0,28.2,USD,USD 28.2\r\n",
				},
			},
		}},
	}
	op.Responses["200"].Content["application/json"].Schema = s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[UsageReport](), true, "")
	handle(s, op, func(ctx context.Context, in *ReportQuery) (*huma.StreamResponse, error) {
		q, err := s.Reports.Query(ctx, actor(ctx), in.params())
		if err != nil {
			return nil, err
		}
		asCSV := in.Format == "csv" || in.Format == "" && prefersCSV(requestOf(ctx).accept)
		if asCSV {
			return &huma.StreamResponse{Body: func(c huma.Context) { s.streamReport(c, q) }}, nil //nolint:contextcheck // huma's context carries the request's
		}
		report, err := s.usageReport(ctx, q)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			c.SetHeader("Content-Type", "application/json")
			c.SetHeader("Vary", "Accept")
			c.SetHeader("Content-Length", strconv.Itoa(len(report)))
			c.SetStatus(http.StatusOK)
			_, _ = c.BodyWriter().Write(report)
		}}, nil
	})
}

// usageReport is a report as a whole.
func (s *server) usageReport(ctx context.Context, q metering.ReportQuery) ([]byte, error) {
	w := newReportWriter(q)
	if err := s.Reports.Usage(ctx, actor(ctx), q, w.add); err != nil {
		return nil, err
	}
	total, err := s.Reports.Totals(ctx, actor(ctx), q, []metering.ReportRow{w.sum})
	if err != nil {
		return nil, err
	}
	return w.end(total), nil
}
