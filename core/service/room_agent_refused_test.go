package service_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/service"
)

// useCases are all use cases that there are.
func (d *dispatched) useCases() []any {
	deps := service.Deps{Repositories: d.repos, Tx: service.Remembering(d.store), Locks: d.store, Bus: d.store.Bus(), Now: d.clock.Now}
	agenda := service.NewAgenda(deps, nil)
	return []any{
		d.sessions, d.users, d.entities, d.departments, d.professionals, d.memberships, d.participants, d.rooms, d.media, d.usages, agenda,
		service.NewAPIKeys(deps), service.NewAuditLog(deps), service.NewReports(deps), service.NewModelPrices(deps), service.NewBudgets(deps),
		service.NewRepricings(deps), service.NewClinics(deps), service.NewMatrix(agenda), service.NewStreams(deps, d.rooms, nil, service.StreamOptions{}),
		service.NewFrontDesk(deps, agenda, nil, nil, nil, service.FrontDeskOptions{}),
		service.NewCalendarAccounts(deps, nil, nil, nil), service.NewHealths(deps), service.NewWhatsApp(deps, nil, nil, ""),
		service.NewConversationStreams(deps, nil, 0), service.NewErasures(deps, agenda),
	}
}

// withActors are the exported methods of the package that take an actor: "Rooms.Create".
func withActors(t *testing.T) []string {
	t.Helper()
	files := must(filepath.Glob("*.go"))(t)
	var out []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file := must(parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution))(t)
		for _, decl := range file.Decls {
			method, ok := decl.(*ast.FuncDecl)
			if !ok || method.Recv == nil || !method.Name.IsExported() || !takesActor(method) {
				continue
			}
			if star, ok := method.Recv.List[0].Type.(*ast.StarExpr); ok {
				out = append(out, star.X.(*ast.Ident).Name+"."+method.Name.Name)
			}
		}
	}
	return out
}

func takesActor(method *ast.FuncDecl) bool {
	return slices.ContainsFunc(method.Type.Params.List, func(f *ast.Field) bool {
		selector, ok := f.Type.(*ast.SelectorExpr)
		return ok && selector.Sel.Name == "Actor"
	})
}

// TestRoomAgentIsRefusedEverythingElse calls every use case that there is, so that one that is added is refused too, or is
// named here.
func TestRoomAgentIsRefusedEverythingElse(t *testing.T) {
	t.Parallel()
	d := newDispatched(t)
	agent := d.actor(t)
	allowed := slices.Sorted(maps.Keys(d.deeds(0, 0)))
	exempt := []string{
		"Idempotency.Begin",    // does nothing by itself
		"StreamReader.Permits", // of a stream, which Streams.Follow refuses
		"ConversationReader.Permits",
	}
	other := d.newRoom(t, d.ana, "another")
	called := map[string]bool{}
	for _, useCase := range d.useCases() {
		v := reflect.ValueOf(useCase)
		for i := range v.NumMethod() {
			name := v.Type().Elem().Name() + "." + v.Type().Method(i).Name
			method := v.Method(i)
			if !slices.Contains(parameters(method.Type()), reflect.TypeFor[identity.Actor]()) || slices.Contains(allowed, name) {
				continue
			}
			called[name] = true
			for _, room := range []conference.Room{d.room, other} {
				err := call(t, method, agent, room, d.usage)
				if code := errs.CodeOf(err); errs.KindOf(err) != errs.Forbidden || code != "room-agent" && code != "users-only" && code != "manager-only" {
					t.Errorf("%s in room %q: %v, want Forbidden", name, room.Name, err)
				}
			}
		}
	}
	var forgotten []string
	for _, name := range withActors(t) {
		if !called[name] && !slices.Contains(allowed, name) && !slices.Contains(exempt, name) {
			forgotten = append(forgotten, name)
		}
	}
	if diff := cmp.Diff([]string(nil), forgotten); diff != "" {
		t.Errorf("use cases that were not tried:\n%s", diff)
	}
}

func parameters(f reflect.Type) []reflect.Type {
	return slices.Collect(f.Ins())
}

// call calls a use case for a room and a session, with hardly anything else, and returns its error.
func call(t *testing.T, method reflect.Value, actor identity.Actor, room conference.Room, usage metering.AgentUsage) error {
	t.Helper()
	var args []reflect.Value
	for _, p := range parameters(method.Type()) {
		arg := reflect.New(p).Elem()
		switch p {
		case reflect.TypeFor[identity.Actor]():
			arg.Set(reflect.ValueOf(actor))
		case reflect.TypeFor[conference.RoomID]():
			arg.Set(reflect.ValueOf(room.ID))
		case reflect.TypeFor[metering.UsageID]():
			arg.Set(reflect.ValueOf(usage.ID))
		case reflect.TypeFor[conference.ParticipantID]():
			arg.Set(reflect.ValueOf(actor.RoomAgent().Participant))
		case reflect.TypeFor[conference.EventFilter]():
			arg.Set(reflect.ValueOf(conference.EventFilter{RoomID: room.ID}))
		case reflect.TypeFor[metering.ReportQuery](): // one for which more is read than what is handed in
			arg.Set(reflect.ValueOf(metering.ReportQuery{GroupBy: metering.ByModel}))
		case reflect.TypeFor[service.SearchParams](): // one that is checked
			arg.Set(reflect.ValueOf(service.SearchParams{Any: "x"}))
		}
		if p.String() == "context.Context" {
			arg.Set(reflect.ValueOf(t.Context()))
		}
		args = append(args, arg)
	}
	results := method.Call(args)
	err, _ := reflect.TypeAssert[error](results[len(results)-1])
	return err
}
