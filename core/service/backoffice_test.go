package service_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/unconfigured"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

const goodPassword = "correct horse battery"

// office is a back office over a store of its own, with a manager and two entities that each have an administrator.
type office struct {
	store     store
	repos     ports.Repositories
	clock     *officeClock
	passwords *plainPasswords
	work      func(ports.JobHandler) // does jobs until none is due

	sessions      *service.Sessions
	users         *service.Users
	entities      *service.Entities
	departments   *service.Departments
	professionals *service.Professionals
	memberships   *service.Memberships
	participants  *service.Participants
	rooms         *service.Rooms

	manager      identity.Actor
	north, south clinic.Entity
	ana, bruno   identity.Actor // the administrators of north and of south
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{passwords: &plainPasswords{}, clock: &officeClock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}}
	opened := openStore(t, o.clock.Now)
	o.store, o.work = opened.store, opened.work
	o.repos = o.store.Repositories()
	d := service.Deps{Repositories: o.repos, Tx: o.store, Bus: o.store.Bus(), Now: o.clock.Now, Log: slog.New(slog.DiscardHandler)}
	o.sessions = service.NewSessions(d, o.passwords, plainTokens{}, service.SessionOptions{})
	o.users = service.NewUsers(d, o.passwords)
	o.entities = service.NewEntities(d)
	o.departments = service.NewDepartments(d)
	o.professionals = service.NewProfessionals(d)
	o.memberships = service.NewMemberships(d)
	o.participants = service.NewParticipants(d)
	o.rooms = service.NewRooms(d, recordsOnly(d, `{"prompt":"platform"}`))

	ctx := t.Context()
	first := must(o.users.CreateFirst(ctx, "manager@example.com", goodPassword, "+5511955550000"))(t)
	o.manager = first.Actor()
	o.north = must(o.entities.Create(ctx, o.manager, clinic.EntityParams{Name: "North", Instructions: `{"prompt":"north"}`}))(t)
	o.south = must(o.entities.Create(ctx, o.manager, clinic.EntityParams{Name: "South"}))(t)
	o.ana = o.newAdmin(t, "ana@example.com", o.north.ID)
	o.bruno = o.newAdmin(t, "bruno@example.com", o.south.ID)
	return o
}

// recordsOnly is what rooms take place on without LiveKit.
func recordsOnly(d service.Deps, platform jsonobj.Object) *service.Media {
	return service.NewMedia(d, unconfigured.Media{}, unconfigured.Media{}, plainTokens{}, service.MediaOptions{Platform: platform})
}

func (o *office) newAdmin(t *testing.T, email string, entity clinic.EntityID) identity.Actor {
	t.Helper()
	u := must(o.users.Create(t.Context(), o.manager, service.NewUser{
		Email: email, Password: goodPassword, PhoneNumber: "+5511955550001", Role: identity.EntityAdmin, EntityID: entity,
	}))(t)
	return u.Actor()
}

func (o *office) newManager(t *testing.T, email string) identity.Actor {
	t.Helper()
	return must(o.users.CreateFirst(t.Context(), email, goodPassword, "+5511955550002"))(t).Actor()
}

func (o *office) newDepartment(t *testing.T, actor identity.Actor, name string, instructions jsonobj.Object) clinic.Department {
	t.Helper()
	return must(o.departments.Create(t.Context(), actor, clinic.DepartmentParams{Name: name, Instructions: instructions}))(t)
}

func (o *office) newProfessional(t *testing.T, actor identity.Actor, name string) clinic.Professional {
	t.Helper()
	return must(o.professionals.Create(t.Context(), actor, professionalNamed(name)))(t)
}

func (o *office) newParticipant(t *testing.T, actor identity.Actor, name string) conference.Participant {
	t.Helper()
	return must(o.participants.Create(t.Context(), actor, participantNamed(name)))(t)
}

func (o *office) newRoom(t *testing.T, actor identity.Actor, name string) conference.Room {
	t.Helper()
	return must(o.rooms.Create(t.Context(), actor, service.NewRoom{Name: name}))(t)
}

func professionalNamed(name string) service.NewProfessional {
	return service.NewProfessional{ProfessionalParams: clinic.ProfessionalParams{Name: name, PhoneNumber: "+5511955550003"}}
}

func participantNamed(name string) conference.ParticipantParams {
	return conference.ParticipantParams{Name: name, Type: conference.Client, PhoneNumber: "+5511955550004"}
}

// sorted is an object with its members in alphabetical order: a store keeps none.
func sorted(t *testing.T, o jsonobj.Object) jsonobj.Object {
	t.Helper()
	return must(jsonobj.Encode(o.Map()))(t)
}

// must is for what a test needs before it begins: must(f())(t).
func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// wantRefusal checks that an error is of a kind and code.
func wantRefusal(t *testing.T, err error, kind errs.Kind, code string) {
	t.Helper()
	if errs.KindOf(err) != kind || errs.CodeOf(err) != code {
		t.Errorf("got error %v, want %v %s", err, kind, code)
	}
}

// wantAbsent checks that a row cannot be told from one that is not there: same kind, code and message.
func wantAbsent(t *testing.T, got, absent error) {
	t.Helper()
	if errs.KindOf(absent) != errs.NotFound {
		t.Fatalf("of an absent row: got %v, want NotFound", absent)
	}
	if got == nil || got.Error() != absent.Error() || errs.KindOf(got) != errs.NotFound {
		t.Errorf("got %v, want %v as of an absent row", got, absent)
	}
}

// items is what a list gave.
func items[T any](p page.Page[T], err error) func(testing.TB) []T {
	return func(tb testing.TB) []T {
		tb.Helper()
		return must(p, err)(tb).Items
	}
}

// officeClock stands still until it is moved.
type officeClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *officeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *officeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// plainPasswords is ports.Passwords without the cost; it counts what is verified.
type plainPasswords struct {
	mu       sync.Mutex
	verified int
	broken   error  // what Verify fails with
	between  func() // runs after a password was verified
}

func (p *plainPasswords) Hash(_ context.Context, password string) (string, error) {
	return "hash of " + password, nil
}

func (p *plainPasswords) Verify(_ context.Context, hash, password string) (bool, error) {
	p.mu.Lock()
	p.verified++
	broken, between := p.broken, p.between
	p.mu.Unlock()
	if between != nil {
		between()
	}
	return hash == "hash of "+password, broken
}

func (p *plainPasswords) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.verified
}

// plainTokens is ports.AccessTokens without a signature.
type plainTokens struct{}

func (plainTokens) Issue(u identity.User, _, expires time.Time) (string, error) {
	return fmt.Sprintf("%d until %d", u.ID, expires.Unix()), nil
}

func (plainTokens) IssueRoomAgent(a identity.RoomAgent, _, expires time.Time) (string, error) {
	return fmt.Sprintf("agent %d %d %d until %d", a.Room, a.Participant, a.Number, expires.Unix()), nil
}

func (plainTokens) Verify(token string, now time.Time) (identity.Subject, error) {
	var agent identity.RoomAgent
	var user identity.UserID
	var expires int64
	if n, _ := fmt.Sscanf(token, "agent %d %d %d until %d", &agent.Room, &agent.Participant, &agent.Number, &expires); n != 4 {
		agent = identity.RoomAgent{}
		if _, err := fmt.Sscanf(token, "%d until %d", &user, &expires); err != nil {
			return identity.Subject{}, errs.New(errs.Unauthenticated, "invalid-token", "the access token is not valid")
		}
	}
	if now.Unix() >= expires {
		return identity.Subject{}, errs.New(errs.Unauthenticated, "expired-token", "the access token has expired")
	}
	return identity.Subject{User: user, Agent: agent}, nil
}

func TestOnlyUsersUseTheBackOffice(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room, who := o.newRoom(t, o.ana, "visit"), o.newParticipant(t, o.ana, "Rita")
	for _, actor := range []identity.Actor{identity.FrontDesk(o.north.ID), {}} {
		for name, call := range map[string]func(ctx context.Context) error{
			"Sessions.Me": func(ctx context.Context) error { _, err := o.sessions.Me(ctx, actor); return err },
			"Users.Get":   func(ctx context.Context) error { _, err := o.users.Get(ctx, actor, o.ana.UserID()); return err },
			"Users.List": func(ctx context.Context) error {
				_, err := o.users.List(ctx, actor, identity.UserFilter{}, page.Request{})
				return err
			},
			"Users.Create": func(ctx context.Context) error { _, err := o.users.Create(ctx, actor, service.NewUser{}); return err },
			"Users.Update": func(ctx context.Context) error {
				_, err := o.users.Update(ctx, actor, o.ana.UserID(), service.UserChange{}, version.Match{})
				return err
			},
			"Users.Delete": func(ctx context.Context) error { return o.users.Delete(ctx, actor, o.ana.UserID(), version.Match{}) },
			"Entities.Get": func(ctx context.Context) error { _, err := o.entities.Get(ctx, actor, o.north.ID); return err },
			"Entities.Update": func(ctx context.Context) error {
				_, err := o.entities.Update(ctx, actor, o.north.ID, clinic.EntityPatch{}, version.Match{})
				return err
			},
			"Entities.Delete": func(ctx context.Context) error { return o.entities.Delete(ctx, actor, o.north.ID, version.Match{}) },
			"Departments.Create": func(ctx context.Context) error {
				_, err := o.departments.Create(ctx, actor, clinic.DepartmentParams{Name: "x"})
				return err
			},
			"Departments.Update": func(ctx context.Context) error {
				_, err := o.departments.Update(ctx, actor, 1, clinic.DepartmentPatch{}, version.Match{})
				return err
			},
			"Departments.Delete": func(ctx context.Context) error { return o.departments.Delete(ctx, actor, 1, version.Match{}) },
			"Professionals.Create": func(ctx context.Context) error {
				_, err := o.professionals.Create(ctx, actor, professionalNamed("x"))
				return err
			},
			"Professionals.Update": func(ctx context.Context) error {
				_, err := o.professionals.Update(ctx, actor, 1, clinic.ProfessionalPatch{}, version.Match{})
				return err
			},
			"Professionals.Delete": func(ctx context.Context) error { return o.professionals.Delete(ctx, actor, 1, version.Match{}) },
			"Memberships.Create": func(ctx context.Context) error {
				_, err := o.memberships.Create(ctx, actor, service.NewMembership{})
				return err
			},
			"Memberships.Update": func(ctx context.Context) error {
				_, err := o.memberships.Update(ctx, actor, 1, service.MembershipChange{}, version.Match{})
				return err
			},
			"Memberships.Delete": func(ctx context.Context) error { return o.memberships.Delete(ctx, actor, 1, version.Match{}) },
			"Participants.Create": func(ctx context.Context) error {
				_, err := o.participants.Create(ctx, actor, participantNamed("x"))
				return err
			},
			"Participants.Update": func(ctx context.Context) error {
				_, err := o.participants.Update(ctx, actor, who.ID, conference.ParticipantPatch{}, version.Match{})
				return err
			},
			"Rooms.Create": func(ctx context.Context) error {
				_, err := o.rooms.Create(ctx, actor, service.NewRoom{Name: "x"})
				return err
			},
			"Rooms.Update": func(ctx context.Context) error {
				_, err := o.rooms.Update(ctx, actor, room.ID, conference.RoomPatch{}, version.Match{})
				return err
			},
			"Rooms.Delete":       func(ctx context.Context) error { return o.rooms.Delete(ctx, actor, room.ID, version.Match{}) },
			"Rooms.Instructions": func(ctx context.Context) error { _, err := o.rooms.Instructions(ctx, actor, room.ID); return err },
			"Rooms.Participants": func(ctx context.Context) error {
				_, err := o.rooms.Participants(ctx, actor, room.ID, page.Request{})
				return err
			},
			"Rooms.AddParticipant": func(ctx context.Context) error {
				_, err := o.rooms.AddParticipant(ctx, actor, room.ID, who.ID, "")
				return err
			},
			"Rooms.UpdateParticipant": func(ctx context.Context) error {
				_, err := o.rooms.UpdateParticipant(ctx, actor, room.ID, who.ID, contextPatch(`{}`), version.Match{})
				return err
			},
			"Rooms.RemoveParticipant": func(ctx context.Context) error {
				return o.rooms.RemoveParticipant(ctx, actor, room.ID, who.ID, version.Match{})
			},
			"Rooms.AppendEvents": func(ctx context.Context) error {
				_, err := o.rooms.AppendEvents(ctx, actor, room.ID, someEvents(1))
				return err
			},
			"Rooms.Events": func(ctx context.Context) error {
				_, err := o.rooms.Events(ctx, actor, conference.EventFilter{RoomID: room.ID}, page.Request{})
				return err
			},
			"Rooms.AppendAgentEvents": func(ctx context.Context) error {
				_, err := o.rooms.AppendAgentEvents(ctx, actor, room.ID, someEvents(1))
				return err
			},
			"Rooms.AgentEvents": func(ctx context.Context) error {
				_, err := o.rooms.AgentEvents(ctx, actor, conference.EventFilter{RoomID: room.ID}, page.Request{})
				return err
			},
		} {
			t.Run(actor.String()+" "+name, func(t *testing.T) {
				t.Parallel()
				wantRefusal(t, call(t.Context()), errs.Forbidden, "users-only")
			})
		}
	}
}
