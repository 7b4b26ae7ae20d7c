package memory

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/fanout"
	"github.com/secretary-api/secretary/ports"
)

// bus tells subscribers of this process, which is the only one that has the store.
type bus struct{ fanout.Fanout }

// Bus returns the store's bus.
func (s *Store) Bus() ports.Bus { return &s.bus }

func (b *bus) Publish(_ context.Context, topic string, keys ...string) {
	b.Fanout.Publish(time.Now(), topic, keys...)
}

func (b *bus) Confirmed() time.Time { return b.Delivered(time.Now()) }

var _ ports.Bus = (*bus)(nil)
