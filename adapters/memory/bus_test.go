package memory_test

import (
	"testing"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

func TestBusContract(t *testing.T) {
	t.Parallel()
	porttest.RunBus(t, func(*testing.T) (one, other ports.Bus) {
		s := memory.New()
		return s.Bus(), s.Bus()
	})
}
