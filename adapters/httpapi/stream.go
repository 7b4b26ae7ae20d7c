package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/service"
)

const (
	eventStream      = "text/event-stream"
	defaultHeartbeat = 15 * time.Second
	// streamWrite is how long a client may take to take in a piece of what is sent. One that takes longer is cut off.
	streamWrite = 10 * time.Second
	streamPiece = 64 << 10 // bytes
	// streamTrust is how long an authentication is good for. Who streams may have lost the right since.
	streamTrust = time.Second
	// streamBuffer is the largest buffer, in bytes, that a stream keeps between two writes.
	streamBuffer = 16 << 10
)

// StreamQuery says where a stream begins.
type StreamQuery struct {
	ByID
	Resumed string `header:"Last-Event-ID" maxLength:"50" example:"1001.7" doc:"The id of the last frame that the client got. Browsers send it by themselves. It wins over the query."`
	After   string `query:"last_event_id" maxLength:"50" example:"1001.7" doc:"The same, for clients that cannot set a header."`
	From    string `query:"from" enum:"now,start" default:"now" doc:"Where a stream begins that is not resumed: start replays all events of the room first."`
}

// position is where the stream begins; nil is now.
func (q StreamQuery) position() (from *service.StreamPosition, err error) {
	text, where := q.Resumed, "header.Last-Event-ID"
	if text == "" {
		text, where = q.After, "query.last_event_id"
	}
	switch {
	case text != "":
		p, err := service.ParseStreamPosition(text)
		if err != nil {
			return nil, errs.InvalidField(where, "must be the id of a frame of this stream, such as 1001.7")
		}
		from = &p
	case q.From == "start":
		from = &service.StreamPosition{}
	}
	return from, nil
}

const streamExample = `retry: 2000
id: 1000.7
event: open
data: {"room_id":41,"position":"1000.7"}

id: 1001.7
event: room_event
data: {"id":1001,"room_id":41,"name":"participant_added","data":{"participant_id":9},"created_at":"2025-11-03T14:30:00Z"}

: heartbeat

event: end
data: {"reason":"shutting-down"}

`

func (s *server) registerStream() {
	handle(s, huma.Operation{
		OperationID: "stream-room", Method: http.MethodGet, Path: "/v1/rooms/{id}/stream", Tags: []string{"events"},
		Summary: "Follow what happens in a room",
		Description: "Server-sent events (`text/event-stream`): one frame for each event, with `event: room_event` or `event: agent_event` and the " +
			"event as the lists have it in `data`. The first frame is `open`. Each frame's `id` is a position in both lists: whoever sends the last one " +
			"as `Last-Event-ID` goes on exactly there, without a gap and without a repetition. Comments are heartbeats. Before the service " +
			"ends a stream it says why in a frame `end`: `slow-reader`, `unauthorized` (the token has ended, or the room is out of reach), " +
			"`shutting-down` or `unavailable`; all but `unauthorized` may be resumed at once. `too-many-streams` refuses a stream when the " +
			"process has as many as it may.",
		Responses: map[string]*huma.Response{"200": {
			Description: "The stream, which goes on until either side ends it.",
			Content: map[string]*huma.MediaType{eventStream: {
				Schema:  &huma.Schema{Type: huma.TypeString, Description: "Frames as the WHATWG specification of server-sent events has them."},
				Example: streamExample,
			}},
		}},
		Errors: []int{http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *StreamQuery) (*huma.StreamResponse, error) {
		from, err := in.position()
		if err != nil {
			return nil, err
		}
		reader, err := s.Streams.Follow(ctx, actor(ctx), conference.RoomID(in.ID), from)
		if err != nil {
			return nil, err
		}
		at := reader.Position().String()
		open := fmt.Sprintf("retry: 2000\nid: %s\nevent: open\ndata: {\"room_id\":%d,\"position\":%q}\n\n", at, in.ID, at)
		return s.streamed(ctx, open, reader), nil
	})
}

// AppendStreamEvent appends an event as a frame of a stream, whose data is the same as in lists.
func AppendStreamEvent(b []byte, e service.StreamEvent) []byte {
	b = append(b, "id: "...)
	b = append(b, e.Position.String()...)
	if e.Kind == conference.TimelineAgentEvent {
		b = append(b, "\nevent: agent_event\ndata: "...)
	} else {
		b = append(b, "\nevent: room_event\ndata: "...)
	}
	event := Event{ID: e.ID, RoomID: int64(e.RoomID), Name: e.Name, Data: objectOf(e.Data), CreatedAt: e.CreatedAt}
	return append(event.appendJSON(b), "\n\n"...) // whose JSON is one line
}

// streamReader reads what a stream sends: [service.StreamReader], and others like it.
type streamReader interface {
	// Next appends encoded frames to b, or nothing when none comes in the time given.
	Next(ctx context.Context, b []byte, wait time.Duration) ([]byte, error)
	Permits(actor identity.Actor) error
	Close()
}

// streamed is the answer that begins with a frame and goes on with what the reader reads.
func (s *server) streamed(ctx context.Context, open string, reader streamReader) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(answer huma.Context) { s.stream(ctx, answer, open, reader) }}
}

// stream sends what the reader reads until either side has enough.
func (s *server) stream(ctx context.Context, answer huma.Context, open string, reader streamReader) {
	defer reader.Close()
	r, w := humachi.Unwrap(answer)
	w.Header().Set("Content-Type", eventStream)
	w.Header().Set("X-Accel-Buffering", "no") // or nginx keeps the frames back
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	out := streamWriter{w, http.NewResponseController(w)}
	defer out.rest()
	if err := out.send([]byte(open)); err != nil {
		return
	}
	token, _ := bearer(answer.Header("Authorization"))
	err := s.pump(ctx, token, reader, out)
	reason := endOf(err)
	s.log.LogAttrs(ctx, slog.LevelDebug, "a stream ends", requestID(ctx), slog.String("reason", reason), slog.Any("err", err))
	if ctx.Err() == nil && !errors.Is(err, errNotTaken) {
		_ = out.send([]byte("event: end\ndata: {\"reason\":\"" + reason + "\"}\n\n")) // it ends either way
	}
}

// pump sends frames and heartbeats, and returns why it stopped.
func (s *server) pump(ctx context.Context, token string, reader streamReader, out streamWriter) error {
	checked := time.Now()
	var frames []byte
	for {
		var err error
		if cap(frames) > streamBuffer {
			frames = nil
		}
		if frames, err = reader.Next(ctx, frames[:0], s.heartbeat); err != nil {
			return err
		}
		if len(frames) == 0 || time.Since(checked) > streamTrust {
			who, err := s.Sessions.Authenticate(ctx, token)
			if err == nil {
				err = reader.Permits(who)
			}
			if err != nil {
				return err
			}
			checked = time.Now()
		}
		if len(frames) == 0 {
			frames = append(frames, ": heartbeat\n\n"...)
		}
		if err := out.send(frames); err != nil {
			return errors.Join(errNotTaken, err)
		}
	}
}

var errNotTaken = errors.New("the client does not take what is sent")

// endOf is the reason that a client is told.
func endOf(err error) string {
	switch errs.KindOf(err) {
	case errs.Unauthenticated, errs.Forbidden, errs.NotFound:
		return "unauthorized"
	case errs.Exhausted:
		return "slow-reader"
	case errs.Unavailable:
		if errs.CodeOf(err) == "shutting-down" {
			return "shutting-down"
		}
	case errs.Internal, errs.Invalid, errs.Conflict, errs.Stale, errs.TooLarge:
	}
	return "unavailable"
}

// streamWriter writes frames so that the client has them at once.
type streamWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (o streamWriter) send(b []byte) error {
	for piece := range slices.Chunk(b, streamPiece) {
		// Not every writer has deadlines; those of connections do.
		if err := o.control.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		if _, err := o.w.Write(piece); err != nil {
			return err
		}
	}
	return o.control.Flush()
}

// rest takes the deadline off the connection, which may be used again.
func (o streamWriter) rest() {
	_ = o.control.SetWriteDeadline(time.Time{}) // one that cannot be set was not set before either
}
