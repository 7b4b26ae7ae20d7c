package reception

import (
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

// ChannelStatus is what is known of how a clinic is connected to its channel. The zero value: nothing.
type ChannelStatus struct {
	TenantID agenda.TenantID
	Connection
	Problem   string    // why the channel's server cannot tell, a code; "" when it could when it was asked last
	Since     time.Time // since when it is so; zero while nothing is known
	CheckedAt time.Time // when the server was asked last, or told; zero: never
	HeardAt   time.Time // when a message came last; zero: never
	ReadAt    time.Time // until when what no webhook told has been asked for; zero: webhooks do not come here, so nothing is missed
}

// Note takes in how the instance is connected. It reports whether that is news.
func (s *ChannelStatus) Note(c Connection, now time.Time) bool {
	news := s.State != c.State || s.Problem != ""
	if news {
		s.Since = now
	}
	if news || c.Reason != 0 { // who is asked does not tell the reason
		s.Connection = c
	}
	s.Problem, s.CheckedAt = "", now
	return news
}

// Trouble takes in why the server cannot tell. It reports whether that is news.
func (s *ChannelStatus) Trouble(problem string, now time.Time) bool {
	news := s.Problem != problem
	if news {
		s.Problem, s.Since = problem, now
	}
	s.CheckedAt = now
	return news
}

// Heard takes in that a message came by the channel's webhook: then others that do not come are missed.
func (s *ChannelStatus) Heard(now time.Time) {
	s.HeardAt = now
	if s.ReadAt.IsZero() {
		s.ReadAt = now
	}
}
