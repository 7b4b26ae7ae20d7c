package service

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/ports"
)

// The jobs of LiveKit. Their arguments are ids of rooms, but for that of [JobReconcile], which has none.
const (
	JobOpenRoom  = "livekit-open"  // have LiveKit make the room, unless it did
	JobCloseRoom = "livekit-close" // have LiveKit end the room, unless it did
	JobAgent     = "livekit-agent" // the room's agent: dispatch it, and see whether it came
	JobReconcile = "livekit-reconcile"
)

// MediaOptions says how rooms take place on LiveKit. A zero duration or number takes its default.
type MediaOptions struct {
	SecretaryURL      string         // where agents find this service, such as "https://secretary.example.com"
	Platform          jsonobj.Object // the instructions of rooms without an entity; none when there are none
	AgentName         string         // under which agents register, unless a request names another; "secretary"
	AgentDeadline     time.Duration  // in which a dispatched agent has to join; 20 seconds
	AgentAttempts     int            // how often one is dispatched for one request; 3
	AgentLifetime     time.Duration  // of an agent's token; 6 hours
	ReconcileInterval time.Duration  // how often what LiveKit has is compared with what is known; 15 seconds
}

// Media is where rooms take place: on LiveKit, when it is configured. Without it rooms are records, and what needs LiveKit
// is Unavailable.
type Media struct {
	d        Deps
	server   ports.MediaServer
	webhooks ports.MediaWebhooks
	tokens   ports.AccessTokens
	opts     MediaOptions
	merges   clinic.Merges
}

// NewMedia makes the use cases of LiveKit.
func NewMedia(d Deps, server ports.MediaServer, webhooks ports.MediaWebhooks, tokens ports.AccessTokens, opts MediaOptions) *Media {
	if opts.AgentName == "" {
		opts.AgentName = "secretary"
	}
	if opts.AgentAttempts == 0 {
		opts.AgentAttempts = 3
	}
	orDefault(&opts.AgentDeadline, 20*time.Second)
	orDefault(&opts.AgentLifetime, 6*time.Hour)
	orDefault(&opts.ReconcileInterval, 15*time.Second)
	return &Media{d: d, server: server, webhooks: webhooks, tokens: tokens, opts: opts}
}

// Available returns nil, or Unavailable "livekit-unconfigured", which names what has to be set. It asks nobody.
func (s *Media) Available() error { return s.server.Available() }

// configured reports whether there is a LiveKit.
func (s *Media) configured() bool { return s.server.Available() == nil }

// Periodic is what [ports.JobRunner.Work] is to have done, by [Media.Do].
func (s *Media) Periodic() []ports.PeriodicJob {
	if !s.configured() {
		return nil
	}
	return []ports.PeriodicJob{{Kind: JobReconcile, Every: s.opts.ReconcileInterval}}
}

// Do does a job of LiveKit. A job of another kind is not handled, and left to others.
func (s *Media) Do(ctx context.Context, j ports.Job) (handled bool, err error) {
	switch j.Kind {
	case JobOpenRoom, JobCloseRoom, JobAgent, JobReconcile:
	default:
		return false, nil
	}
	if !s.configured() {
		s.d.Log.WarnContext(ctx, "a job was dropped: LiveKit is not configured any more", "kind", j.Kind, "room", j.Arg)
		return true, nil
	}
	switch j.Kind {
	case JobOpenRoom:
		return true, s.doOpen(ctx, j)
	case JobCloseRoom:
		return true, s.doClose(ctx, j)
	case JobAgent:
		return true, s.doAgent(ctx, j)
	}
	return true, s.reconcile(ctx)
}

// instructions merges what the agent of a room is told, from the entity and the department as they are now. Who has the
// room may see what it names.
func (s *Media) instructions(ctx context.Context, room conference.Place) (clinic.Instructions, error) {
	var entity *clinic.Entity
	if room.EntityID != 0 {
		e, err := s.d.Repositories.Entities.Get(ctx, identity.OnlyEntity(room.EntityID), room.EntityID)
		if err != nil {
			return clinic.Instructions{}, err
		}
		entity = &e
	}
	var department *clinic.Department
	if room.DepartmentID != 0 {
		d, err := s.d.Repositories.Departments.Get(ctx, identity.OnlyEntity(room.EntityID), room.DepartmentID)
		if err != nil {
			return clinic.Instructions{}, err
		}
		department = &d
	}
	return s.merges.For(s.opts.Platform, entity, department)
}

// jobOf is a job of one room. Those of one kind and room are done one after another; those that LiveKit's room depends on
// have one key.
func jobOf(kind string, room conference.RoomID, at time.Time) ports.Job {
	key := "livekit:"
	if kind == JobAgent { // it may be for later, and nothing else is to wait for it
		key = "livekit-agent:"
	}
	return ports.Job{Kind: kind, Key: key + room.String(), Arg: room.String(), RunAt: at}
}

// lockedRoom runs fn while nobody else, in any process, has LiveKit do something with the room.
func (s *Media) lockedRoom(ctx context.Context, room conference.RoomID, fn func(context.Context) error) error {
	return s.d.locked(ctx, "livekit:"+room.String(), fn)
}
