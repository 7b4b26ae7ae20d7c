package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/service"
)

// ModelUsage is what a clinic's front desk used of language models in some days.
type ModelUsage struct {
	From     agenda.Date     `json:"from" format:"date" example:"2026-11-01" doc:"The first day."`
	To       agenda.Date     `json:"to" format:"date" example:"2026-11-30" doc:"The last day, which is included."`
	TimeZone string          `json:"timezone" example:"America/Sao_Paulo" doc:"In which days begin: the clinic's."`
	Rows     []ModelUsageDay `json:"rows" doc:"One for each day and model of which there was a call, by day."`
}

// ModelUsageDay is what was used of one model on one day.
type ModelUsageDay struct {
	Day               agenda.Date `json:"day" format:"date" example:"2026-11-23"`
	Provider          string      `json:"provider" example:"api.openai.com" doc:"The host that was called."`
	Model             string      `json:"model" example:"gpt-4.1-mini"`
	Calls             int64       `json:"calls" example:"42" doc:"That were made, those that failed included."`
	Failures          int64       `json:"failures" example:"1" doc:"Calls without an answer of use: those messages were understood without the model."`
	TokensInput       int64       `json:"tokens_input" example:"34020"`
	CachedTokensInput int64       `json:"cached_tokens_input" example:"21504" doc:"Part of tokens_input."`
	TokensOutput      int64       `json:"tokens_output" example:"2688"`
	Cost              Decimal     `json:"cost" example:"0.0157" doc:"By the prices that were valid when the day began, to a millionth."`
	Currency          *string     `json:"currency" example:"USD" doc:"Of cost; null when nothing is priced."`
	Unpriced          bool        `json:"unpriced" example:"false" doc:"Some of it has no price, and is not in the cost."`
}

func modelUsageOf(v service.ModelUseReport) ModelUsage {
	return ModelUsage{From: v.First, To: v.Last, TimeZone: v.TimeZone, Rows: mapped(v.Rows, func(u service.PricedModelUse) ModelUsageDay {
		return ModelUsageDay{
			Day: u.Day, Provider: u.Provider, Model: u.Model, Calls: u.Calls, Failures: u.Failures, TokensInput: u.InputTokens,
			CachedTokensInput: u.CachedInputTokens, TokensOutput: u.OutputTokens, Cost: money(u.Micros),
			Currency: nullText(u.Currency), Unpriced: u.Unpriced,
		}
	})}
}

func (s *server) registerModelUsage() {
	handle(s, huma.Operation{
		OperationID: "get-model-usage", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}/model-usage", Tags: []string{"front desk", "usage"},
		Summary:     "What a clinic's front desk used of language models, and what it cost",
		Description: "By day and model, of at most 366 days. Agents' sessions in rooms are not part of it: the usage report tells of them.",
	}, func(ctx context.Context, in *struct {
		ByClinic
		From agenda.Date `query:"from" format:"date" example:"2026-11-01" doc:"The first day, in the clinic's time zone. Left out: the first of the last day's month."`
		To   agenda.Date `query:"to" format:"date" example:"2026-11-30" doc:"The last day, which is included. Left out: today."`
	},
	) (*answer[ModelUsage], error) {
		v, err := s.Reports.ModelUse(ctx, actor(ctx), in.TenantID, in.From, in.To)
		return reply(v, err, modelUsageOf)
	})
}
