package service

import (
	"log/slog"
	"time"

	"github.com/secretary-api/secretary/ports"
)

// Deps is what every use case is made with.
type Deps struct {
	Repositories ports.Repositories
	Tx           ports.Transactor
	Locks        ports.Locks
	Now          func() time.Time // UTC, to the microsecond
	Log          *slog.Logger
}
