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
	Bus          ports.Bus
	EventSchemas ports.EventSchemas // nil: events may hold anything
	Holidays     ports.Holidays     // nil: there are none
	Now          func() time.Time   // UTC, to the microsecond
	Log          *slog.Logger
}
