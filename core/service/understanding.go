package service

import (
	"context"

	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese"
)

// Offline is the understanding that needs nothing but itself: rules for Brazilian Portuguese, deterministic, without a
// call to any model. It implements ports.Understanding.
type Offline struct{}

// Understand never fails.
func (Offline) Understand(_ context.Context, text string, in reception.Context) (reception.Meaning, int, error) {
	return portuguese.Understand(text, in), 0, nil
}
