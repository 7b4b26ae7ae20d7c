package mcpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
)

// caller is who sent a message, and for what it may ask. The zero value is nobody, to whom every use case says no.
type caller struct {
	actor        identity.Actor
	trail        identity.Trail
	clinic       agenda.Clinic
	professional agenda.ClinicProfessional // the only one that it may ask for; zero: everybody of the clinic
}

// bound reports whether the caller may ask for one professional only.
func (c caller) bound() bool { return !c.professional.ID.IsZero() }

type callerKey struct{}

func withCaller(ctx context.Context, c caller) context.Context {
	return identity.WithTrail(context.WithValue(ctx, callerKey{}, c), c.trail)
}

func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// carried is the name under which a message of an open session carries its caller: the context there is the session's.
const carried = "caller"

func carry(c caller) *mcp.RequestExtra {
	return &mcp.RequestExtra{TokenInfo: &auth.TokenInfo{Extra: map[string]any{carried: c}}}
}

// guard is around every message: it finds out who sent it, survives a panic, and puts what the arguments of a tool violate
// into the words in which tools refuse.
func (s *Server) guard(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (result mcp.Result, err error) {
		if extra := req.GetExtra(); extra != nil && extra.TokenInfo != nil {
			if c, ok := extra.TokenInfo.Extra[carried].(caller); ok {
				ctx = withCaller(ctx, c)
			}
		}
		defer func() {
			if failure := recover(); failure != nil {
				s.log.LogAttrs(ctx, slog.LevelError, "panic", requestID(ctx),
					slog.String("err", fmt.Sprint(failure)), slog.String("stack", string(debug.Stack())))
				result, err = nil, &jsonrpc.Error{Code: jsonrpc.CodeInternalError, Message: "internal error"}
			}
		}()
		result, err = next(ctx, method, req)
		if called, ok := result.(*mcp.CallToolResult); ok && called != nil && called.IsError {
			if _, ours := errors.AsType[refusalError](called.GetError()); !ours {
				called.Content = []mcp.Content{&mcp.TextContent{Text: badArguments(called.GetError()).Error()}}
			}
		}
		return result, err
	}
}

func requestID(ctx context.Context) slog.Attr {
	return slog.String("request_id", identity.TrailOf(ctx).RequestID)
}
