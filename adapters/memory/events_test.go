package memory_test

import (
	"testing"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

func TestEventStorageContract(t *testing.T) {
	t.Parallel()
	porttest.RunEventStorage(t, func(*testing.T) (porttest.Store, ports.EventStorage) {
		s := memory.New()
		return storeOf(s), s
	})
}
