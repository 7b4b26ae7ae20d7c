package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/service"
)

// Usage is a session of an AI agent in a room: what it consumed, and what that costs.
type Usage struct {
	ID                 int64        `json:"id" example:"501"`
	RoomID             int64        `json:"room_id" example:"41"`
	ParticipantID      int64        `json:"participant_id" example:"17" doc:"The agent."`
	EntityID           *int64       `json:"entity_id" example:"3" doc:"The room's."`
	DepartmentID       *int64       `json:"department_id" example:"5" doc:"The room's."`
	SessionStart       time.Time    `json:"session_start" example:"2025-11-03T14:30:00Z"`
	SessionEnd         *time.Time   `json:"session_end" example:"2025-11-03T15:15:00Z" doc:"null while the session goes on."`
	DurationSeconds    *int64       `json:"duration_seconds" example:"2700" doc:"null while the session goes on."`
	EndReason          *string      `json:"end_reason" enum:"ended,abandoned" example:"ended" doc:"abandoned: nothing was heard of it for long. null while the session goes on."`
	TotalTokensInput   int64        `json:"total_tokens_input" example:"15000"`
	TotalTokensOutput  int64        `json:"total_tokens_output" example:"8500"`
	TotalAudioMinutes  Decimal      `json:"total_audio_minutes" example:"45"`
	InteractionsCount  int64        `json:"interactions_count" example:"42"`
	TranscriptionCount int64        `json:"transcription_count" example:"12"`
	CostEstimate       Decimal      `json:"cost_estimate" example:"2.35" doc:"By the prices for sessions that started then, to a millionth."`
	Currency           *string      `json:"currency" example:"USD" doc:"ISO 4217; null while nothing is priced."`
	Unpriced           bool         `json:"unpriced" example:"false" doc:"Some of it has no price, and is not in the cost."`
	Provider           *string      `json:"provider" example:"openai" doc:"Of the model that figures without one are for."`
	Model              *string      `json:"model" example:"gpt-4" doc:"The model that figures without one are for."`
	Models             []UsageModel `json:"models" nullable:"false" doc:"What was consumed of each model. The totals are the sums."`
	Data               Object       `json:"data" example:"{\"model\":\"gpt-4\",\"temperature\":0.7}"`
	CreatedAt          time.Time    `json:"created_at" example:"2025-11-03T14:30:00Z"`
	UpdatedAt          time.Time    `json:"updated_at" example:"2025-11-03T15:15:00Z"`
}

// changedAt implements changeable.
func (u Usage) changedAt() time.Time { return u.UpdatedAt }

// UsageModel is what a session consumed of one model. Cached and audio tokens are part of the others.
type UsageModel struct {
	Kind                   string  `json:"kind" enum:"general,llm,tts,stt,interruption,eot" example:"llm" doc:"What it was used for; general when nobody said."`
	Provider               *string `json:"provider" example:"openai"`
	Model                  *string `json:"model" example:"gpt-4"`
	InputTokens            int64   `json:"input_tokens" example:"15000"`
	CachedInputTokens      int64   `json:"cached_input_tokens" example:"0"`
	CacheCreationTokens    int64   `json:"cache_creation_tokens" example:"0"`
	InputAudioTokens       int64   `json:"input_audio_tokens" example:"0"`
	CachedInputAudioTokens int64   `json:"cached_input_audio_tokens" example:"0"`
	OutputTokens           int64   `json:"output_tokens" example:"8500"`
	OutputAudioTokens      int64   `json:"output_audio_tokens" example:"0"`
	Characters             int64   `json:"characters" example:"0"`
	AudioMinutes           Decimal `json:"audio_minutes" example:"45"`
	Requests               int64   `json:"requests" example:"0"`
	ConnectionMinutes      Decimal `json:"connection_minutes" example:"0"`
	CostEstimate           Decimal `json:"cost_estimate" example:"2.35"`
	Unpriced               bool    `json:"unpriced" example:"false" doc:"Some of it has no price, and is not in the cost."`
}

// NewUsage is what a session is started with.
type NewUsage struct {
	ParticipantID int64      `json:"participant_id" minimum:"1" maximum:"2147483647" example:"17" doc:"A participant of type AGENT."`
	Provider      *string    `json:"provider,omitempty" nullable:"true" maxLength:"100" example:"openai" doc:"Left out: the provider that data names, at the top or under metadata."`
	Model         *string    `json:"model,omitempty" nullable:"true" maxLength:"200" example:"gpt-4" doc:"Left out: the model that data names, at the top or under metadata."`
	SessionStart  *time.Time `json:"session_start,omitempty" nullable:"true" example:"2025-11-03T14:30:00Z" doc:"Left out: now."`
	Data          Object     `json:"data,omitzero" nullable:"true" example:"{\"model\":\"gpt-4\",\"temperature\":0.7}" doc:"Left out: {}."`
}

// UsagePatch tells a session what was consumed.
type UsagePatch struct {
	Key      string                `json:"key,omitempty" minLength:"1" maxLength:"100" pattern:"^[!-~]+$" patternDescription:"visible ASCII characters" example:"turn-42" doc:"Names this update: the same again changes nothing. Left out: the Idempotency-Key header, if there is one."`
	Kind     string                `json:"kind,omitempty" enum:"general,llm,tts,stt,interruption,eot" example:"llm" doc:"What the model of the figures was used for. Left out: general."`
	Provider string                `json:"provider,omitempty" maxLength:"100" example:"openai" doc:"Of the model that the figures are of."`
	Model    string                `json:"model,omitempty" maxLength:"200" example:"gpt-4" doc:"The model that the figures are of. Left out, as the provider is: the session's."`
	Add      *UsageFigures         `json:"add,omitempty" doc:"Figures that are added: what was consumed since the last update."`
	Set      *UsageFigures         `json:"set,omitempty" doc:"Figures of the session so far. One that is smaller than what is known changes nothing, so that a late update takes nothing back."`
	Data     NullablePatch[Object] `json:"data,omitzero" example:"{\"features_used\":[\"transcription\"]}" doc:"A merge patch of the session's data."`
}

// UsageFigures is what was consumed of a model. What is left out is 0. Cached and audio tokens are part of the total ones.
type UsageFigures struct {
	TotalTokensInput       int64   `json:"total_tokens_input,omitempty" minimum:"0" example:"15000"`
	TotalTokensOutput      int64   `json:"total_tokens_output,omitempty" minimum:"0" example:"8500"`
	TotalAudioMinutes      Decimal `json:"total_audio_minutes,omitempty" minimum:"0" example:"45.00" doc:"To a millisecond."`
	InteractionsCount      int64   `json:"interactions_count,omitempty" minimum:"0" example:"42"`
	TranscriptionCount     int64   `json:"transcription_count,omitempty" minimum:"0" example:"12"`
	CachedInputTokens      int64   `json:"cached_input_tokens,omitempty" minimum:"0" example:"12000"`
	CacheCreationTokens    int64   `json:"cache_creation_tokens,omitempty" minimum:"0" example:"0"`
	InputAudioTokens       int64   `json:"input_audio_tokens,omitempty" minimum:"0" example:"0"`
	CachedInputAudioTokens int64   `json:"cached_input_audio_tokens,omitempty" minimum:"0" example:"0"`
	OutputAudioTokens      int64   `json:"output_audio_tokens,omitempty" minimum:"0" example:"0"`
	Characters             int64   `json:"characters,omitempty" minimum:"0" example:"0" doc:"That were spoken."`
	Requests               int64   `json:"requests,omitempty" minimum:"0" example:"0"`
	ConnectionMinutes      Decimal `json:"connection_minutes,omitempty" minimum:"0" example:"0" doc:"To a millisecond."`
}

// EndUsage is when a session ended.
type EndUsage struct {
	SessionEnd *time.Time `json:"session_end,omitempty" nullable:"true" example:"2025-11-03T15:15:00Z" doc:"Left out: now. It may be in the past."`
}

// AgentReport is what an agent's library reports of a session.
type AgentReport struct{}

// Schema implements huma.SchemaProvider: each library and version has a shape of its own.
func (AgentReport) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Description: "What a LiveKit agent has at hand: session.usage, the event of its change, a session report, the older summary, or metrics of requests, one or a list; as its SDK writes it.",
		Examples: []any{map[string]any{"model_usage": []any{map[string]any{
			"type": "llm_usage", "provider": "openai", "model": "gpt-4", "input_tokens": 15000, "output_tokens": 8500,
		}}}},
	}
}

func usageOf(u metering.AgentUsage) Usage {
	out := Usage{
		ID: int64(u.ID), RoomID: int64(u.RoomID), ParticipantID: int64(u.ParticipantID), EntityID: nullID(u.EntityID),
		DepartmentID: nullID(u.DepartmentID), SessionStart: u.SessionStart, SessionEnd: nullTime(u.SessionEnd),
		EndReason: nullText(u.EndReason), TotalTokensInput: u.TotalTokensInput, TotalTokensOutput: u.TotalTokensOutput,
		TotalAudioMinutes: minutes(u.TotalAudioMillis), InteractionsCount: u.InteractionsCount,
		TranscriptionCount: u.TranscriptionCount, CostEstimate: money(u.CostEstimateMicros), Currency: nullText(u.Currency),
		Unpriced: u.Unpriced, Provider: nullText(u.Provider), Model: nullText(u.Model),
		Models: make([]UsageModel, 0, len(u.Lines)), Data: objectOf(u.Data), CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
	}
	if lasted, ended := u.Duration(); ended {
		seconds := int64(lasted / time.Second)
		out.DurationSeconds = &seconds
	}
	for _, line := range u.Lines {
		out.Models = append(out.Models, UsageModel{
			Kind: string(line.Kind), Provider: nullText(line.Provider), Model: nullText(line.Model.Model),
			InputTokens: line.InputTokens, CachedInputTokens: line.CachedInputTokens,
			CacheCreationTokens: line.CacheCreationTokens, InputAudioTokens: line.InputAudioTokens,
			CachedInputAudioTokens: line.CachedInputAudioTokens, OutputTokens: line.OutputTokens,
			OutputAudioTokens: line.OutputAudioTokens, Characters: line.Characters, AudioMinutes: minutes(line.AudioMillis),
			Requests: line.Requests, ConnectionMinutes: minutes(line.ConnectionMillis), CostEstimate: money(line.CostMicros),
			Unpriced: line.Unpriced,
		})
	}
	return out
}

func minutes(millis int64) Decimal { return Decimal(metering.FormatMinutes(millis)) }

func money(micros int64) Decimal { return Decimal(metering.FormatMicros(micros)) }

func (n NewUsage) params() service.StartUsage {
	p := service.StartUsage{
		ParticipantID: conference.ParticipantID(n.ParticipantID), Provider: textOf[string](n.Provider), Model: textOf[string](n.Model),
		Data: n.Data.core(),
	}
	if n.SessionStart != nil {
		p.At = n.SessionStart.UTC()
	}
	return p
}

// update is what the patch tells; header is the key of a patch that has none of its own.
func (p UsagePatch) update(header string) (service.UsageUpdate, error) {
	var c errs.Check
	u := service.UsageUpdate{
		Key:   cmp.Or(p.Key, header),
		Model: metering.Model{Kind: metering.Kind(p.Kind), Provider: p.Provider, Model: p.Model},
		Add:   p.Add.figures(&c, "add"),
		Set:   p.Set.figures(&c, "set"),
		Data:  converted(p.Data.Of, Object.core),
	}
	return u, c.Err()
}

func (f *UsageFigures) figures(c *errs.Check, which string) *metering.Figures {
	if f == nil {
		return nil
	}
	millis := func(field string, d Decimal) int64 {
		if d == "" {
			return 0
		}
		n, err := metering.ParseMinutes(string(d))
		c.Note(which+"."+field, err)
		return n
	}
	return &metering.Figures{
		Quantities: metering.Quantities{
			InputTokens: f.TotalTokensInput, CachedInputTokens: f.CachedInputTokens, CacheCreationTokens: f.CacheCreationTokens,
			InputAudioTokens: f.InputAudioTokens, CachedInputAudioTokens: f.CachedInputAudioTokens,
			OutputTokens: f.TotalTokensOutput, OutputAudioTokens: f.OutputAudioTokens, Characters: f.Characters,
			AudioMillis: millis("total_audio_minutes", f.TotalAudioMinutes), Requests: f.Requests,
			ConnectionMillis: millis("connection_minutes", f.ConnectionMinutes),
		},
		Interactions: f.InteractionsCount, Transcriptions: f.TranscriptionCount,
	}
}

// UsageListQuery selects sessions.
type UsageListQuery struct {
	PageQuery
	RoomID        int64       `query:"room_id" minimum:"1" maximum:"2147483647"`
	EntityID      int64       `query:"entity_id" minimum:"1" maximum:"2147483647"`
	DepartmentID  int64       `query:"department_id" minimum:"1" maximum:"2147483647"`
	ParticipantID int64       `query:"participant_id" minimum:"1" maximum:"2147483647" doc:"The agent."`
	Active        Maybe[bool] `query:"active" doc:"true: only those that go on; false: only those that ended; left out: both."`
}

func (q UsageListQuery) filter() metering.UsageFilter {
	return metering.UsageFilter{
		RoomID: conference.RoomID(q.RoomID), EntityID: clinic.EntityID(q.EntityID), DepartmentID: clinic.DepartmentID(q.DepartmentID),
		ParticipantID: conference.ParticipantID(q.ParticipantID), Active: q.Active.pointer(),
	}
}

// ByUsage is the id of a session in a path. huma ignores the fields of an unexported embedded struct, so this is exported.
type ByUsage struct {
	ID int64 `path:"id" minimum:"1" example:"501"`
}

// AgentReportBody is a body that the operation reads itself. huma ignores the fields of an unexported embedded struct, so
// this is exported.
type AgentReportBody struct {
	ByUsage
	RawBody []byte `contentType:"application/json"`
}

// UpdateKeyHeader is the header that names an update of a session.
type UpdateKeyHeader struct {
	UpdateKey string `header:"Idempotency-Key" minLength:"1" maxLength:"100" pattern:"^[!-~]+$" patternDescription:"visible ASCII characters" example:"turn-42" doc:"Names this update when the body has no key: the same again changes nothing."`
}

func (s *server) registerUsage() {
	tags := []string{"usage"}
	handle(s, huma.Operation{
		OperationID: "start-usage", Method: http.MethodPost, Path: "/v1/rooms/{id}/usage", Tags: tags,
		Summary: "Start an agent's session",
		Description: "The room must not be closed (`room-closed`), and no budget that refuses sessions may be used up (`budget-exceeded`). " +
			"The agent need not be one of the room's participants.",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByID
		Body NewUsage
	},
	) (*created[Usage], error) {
		v, err := s.Usages.Start(ctx, actor(ctx), conference.RoomID(in.ID), in.Body.params())
		return createdAt("/v1/usage/", v.ID, v, err, usageOf)
	})
	handle(s, huma.Operation{
		OperationID: "list-usage", Method: http.MethodGet, Path: "/v1/usage", Tags: tags,
		Summary: "List agents' sessions",
	}, func(ctx context.Context, in *UsageListQuery) (*answer[List[Usage]], error) {
		v, err := s.Usages.List(ctx, actor(ctx), in.filter(), in.request())
		return listed(v, err, usageOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-usage", Method: http.MethodGet, Path: "/v1/usage/{id}", Tags: tags,
		Summary: "Get an agent's session",
	}, func(ctx context.Context, in *ByUsage) (*answer[Usage], error) {
		v, err := s.Usages.Get(ctx, actor(ctx), metering.UsageID(in.ID))
		return reply(v, err, usageOf)
	})
	s.registerUsageChanges(tags)
}

func (s *server) registerUsageChanges(tags []string) {
	handle(s, huma.Operation{
		OperationID: "update-usage", Method: http.MethodPatch, Path: "/v1/usage/{id}", Tags: tags,
		Summary: "Tell a session what was consumed",
		Description: "Figures are added, or told as totals so far; those of one update are of one model. With a key, an update that " +
			"is sent again changes nothing. A session that has ended takes late updates.",
	}, func(ctx context.Context, in *struct {
		ByUsage
		IfMatchHeader
		UpdateKeyHeader
		Body UsagePatch
	},
	) (*answer[Usage], error) {
		update, err := in.Body.update(in.UpdateKey)
		if err != nil {
			return nil, err
		}
		v, err := s.Usages.Update(ctx, actor(ctx), metering.UsageID(in.ID), update, in.match())
		return reply(v, err, usageOf)
	})
	handle(s, huma.Operation{
		OperationID: "end-usage", Method: http.MethodPost, Path: "/v1/usage/{id}/end", Tags: tags,
		Summary:     "End an agent's session",
		Description: "Ending it again changes nothing, except that it corrects the end of a session that had been taken for abandoned.",
	}, func(ctx context.Context, in *struct {
		ByUsage
		IfMatchHeader
		Body *EndUsage
	},
	) (*answer[Usage], error) {
		var at time.Time
		if in.Body != nil && in.Body.SessionEnd != nil {
			at = in.Body.SessionEnd.UTC()
		}
		v, err := s.Usages.End(ctx, actor(ctx), metering.UsageID(in.ID), at, in.match())
		return reply(v, err, usageOf)
	})
	handleRaw[AgentReport](s, huma.Operation{
		OperationID: "report-usage", Method: http.MethodPost, Path: "/v1/usage/{id}/reports", Tags: tags,
		Summary: "Hand in what an agent's library reports",
		Description: "It may be sent as often as there is news, late and out of order: of totals the largest counts, and the metrics " +
			"of a request count once. What is not known is passed over; a report of which nothing is known is `unknown-report`.",
	}, func(ctx context.Context, in *AgentReportBody) (*answer[Usage], error) {
		v, err := s.Usages.Report(ctx, actor(ctx), metering.UsageID(in.ID), in.RawBody)
		return reply(v, err, usageOf)
	})
}
