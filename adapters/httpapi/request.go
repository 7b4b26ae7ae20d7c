package httpapi

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
)

// request is what the middleware knows of a request. One is made for each, and filled in on the way.
type request struct {
	id      string
	address string // of the client, for rate limits
	actor   identity.Actor
	answer  http.Header // of the answer
	accept  string      // the Accept header, of which huma sees nothing
}

type requestKey struct{}

// requestOf returns what is known of the request; the zero request when there is none.
func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return &request{answer: http.Header{}}
}

// actor is who asks: nobody on a public operation.
func actor(ctx context.Context) identity.Actor { return requestOf(ctx).actor }

// clientAddress is where the request came from, as a key for rate limits.
func clientAddress(ctx context.Context) string { return requestOf(ctx).address }

func requestID(ctx context.Context) slog.Attr { return slog.String("request_id", requestOf(ctx).id) }

// requestIDOf takes the client's own request id when it is short and plain, and makes one otherwise.
func requestIDOf(r *http.Request) string {
	given := r.Header.Get("X-Request-Id")
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
	}
	if given != "" && len(given) <= 64 && strings.IndexFunc(given, func(c rune) bool { return !plain(c) }) < 0 {
		return given
	}
	return id.NewUUID(time.Now()).String()
}

// addressOf names the client's address, for the limits that core keeps.
func (s *server) addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if forwarded := r.Header.Values("X-Forwarded-For"); s.trustProxy && len(forwarded) > 0 {
		list := strings.Split(forwarded[len(forwarded)-1], ",")
		host = strings.TrimSpace(list[len(list)-1])
	}
	if _, err := netip.ParseAddr(host); err != nil {
		return r.RemoteAddr // what a proxy wrote is no address
	}
	return host
}
