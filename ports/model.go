package ports

import (
	"context"
	"encoding/json"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
)

// LanguageModel completes prompts with JSON.
type LanguageModel interface {
	// Model names what is asked, as prices name it.
	Model() metering.Model
	// Complete makes at most one call to the model. Its answer is meant to fit the schema, which the caller checks: models
	// promise it, and break it. What the call consumed is told with an error too; no requests mean that none was made. Errors:
	// Unavailable when there is no answer, whatever the reason. Nothing is tried again that the model may have begun.
	Complete(ctx context.Context, p ModelPrompt) (ModelAnswer, error)
}

// ModelPrompt is what a model is asked.
type ModelPrompt struct {
	System     string          // the task
	User       string          // what it is about
	SchemaName string          // of the answer: letters, digits, "_" and "-"
	Schema     json.RawMessage // of the answer, a JSON Schema in the subset of strict structured output
}

// ModelAnswer is what a model answered.
type ModelAnswer struct {
	Text string // "" when there is none
	Used metering.Quantities
}

// ModelUseRepository keeps what clinics used of language models.
type ModelUseRepository interface {
	// Add adds figures to those of the same clinic, day and model. Concurrent additions all count. Errors: Invalid
	// "unknown-reference" when the clinic is not there.
	Add(ctx context.Context, u metering.ModelUse) error
	// Days returns a clinic's figures of the days from first to last, both included, by day, provider and model; none of a
	// clinic that is not in the scope.
	Days(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, first, last agenda.Date) ([]metering.ModelUse, error)
}
