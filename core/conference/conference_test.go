package conference_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/patch"
)

func made() time.Time    { return time.Date(2026, time.March, 2, 8, 0, 0, 123456000, time.UTC) }
func changed() time.Time { return made().Add(time.Microsecond) }

// wrongPaths are the parts of the input that an invalid-input error names; nil when there is no error.
func wrongPaths(tb testing.TB, err error) []string {
	tb.Helper()
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind != errs.Invalid || e.Code != "invalid-input" {
		tb.Fatalf("error %v, want invalid-input", err)
	}
	var paths []string
	for _, f := range e.Fields {
		paths = append(paths, f.Path)
	}
	return paths
}

func isConflict(err error, code string) bool {
	return errs.KindOf(err) == errs.Conflict && errs.CodeOf(err) == code
}

func TestNewParticipant(t *testing.T) {
	t.Parallel()
	got, err := conference.NewParticipant(conference.ParticipantParams{
		EntityID: 3, Name: " Joa\u0303o ", Type: conference.Client, PhoneNumber: "(11) 8555-0011", ExternalID: " x ",
	}, made())
	want := conference.Participant{
		EntityID: 3, Name: "Joa\u0303o", Type: conference.Client, PhoneNumber: "+5511985550011", ExternalID: "x", CreatedAt: made(), UpdatedAt: made(),
	}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	_, err = conference.NewParticipant(conference.ParticipantParams{
		Name: strings.Repeat("x", 101), Type: "client", ExternalID: strings.Repeat("x", 255),
	}, made())
	if got, want := wrongPaths(t, err), []string{"name", "type", "phone_number", "external_id"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
}

func TestOnlyAProfessionalRefersToAProfessional(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind         conference.ParticipantType
		professional clinic.ProfessionalID
		wrong        []string
	}{
		{conference.Professional, 5, nil},
		{conference.Professional, 0, nil},
		{conference.Professional, -5, []string{"professional_id"}},
		{conference.Client, 0, nil},
		{conference.Client, 5, []string{"professional_id"}},
		{conference.Agent, 0, nil},
		{conference.Agent, 5, []string{"professional_id"}},
	} {
		_, err := conference.NewParticipant(conference.ParticipantParams{
			Name: "Ana", Type: c.kind, PhoneNumber: "+5511955550011", ProfessionalID: c.professional,
		}, made())
		if got := wrongPaths(t, err); !slices.Equal(got, c.wrong) {
			t.Errorf("a new %s of professional %d: wrong %q, want %q", c.kind, c.professional, got, c.wrong)
		}
		p := conference.Participant{Name: "Ana", Type: c.kind, PhoneNumber: "+5511955550011"}
		err = p.Change(conference.ParticipantPatch{ProfessionalID: patch.Set(c.professional)}, changed())
		if got := wrongPaths(t, err); !slices.Equal(got, c.wrong) {
			t.Errorf("a %s becomes professional %d: wrong %q, want %q", c.kind, c.professional, got, c.wrong)
		}
	}
}

func TestParticipantChange(t *testing.T) {
	t.Parallel()
	p := conference.Participant{
		ID: 4, EntityID: 3, Name: "Ana", Type: conference.Professional, PhoneNumber: "+5511955550011", ExternalID: "x", ProfessionalID: 5, CreatedAt: made(),
	}
	err := p.Change(conference.ParticipantPatch{
		Name: patch.Set("Rui"), PhoneNumber: patch.Set("+1 415 555 2671"), ExternalID: patch.Clear[string](),
		ProfessionalID: patch.Clear[clinic.ProfessionalID](),
	}, changed())
	want := conference.Participant{
		ID: 4, EntityID: 3, Name: "Rui", Type: conference.Professional, PhoneNumber: "+14155552671", CreatedAt: made(), UpdatedAt: changed(),
	}
	if err != nil || p != want {
		t.Errorf("got %+v, %v, want %+v", p, err, want)
	}
}

func TestNewRoom(t *testing.T) {
	t.Parallel()
	got, err := conference.NewRoom(conference.RoomParams{
		Name: " Consulta ", Entity: &clinic.Entity{ID: 3, Active: true}, Department: &clinic.Department{ID: 9, EntityID: 3, Active: true},
		ProfessionalID: 5, Type: conference.Client, PhoneNumber: "11 3555-0011", ExternalID: " x ", LiveKitName: "room-1",
	}, made())
	want := conference.Room{
		Name: "Consulta", Status: conference.Open, EntityID: 3, DepartmentID: 9, ProfessionalID: 5, Type: conference.Client,
		PhoneNumber: "+551135550011", ExternalID: "x", LiveKitName: "room-1",
		Limits:   conference.RoomLimits{EmptyTimeout: 10 * time.Minute, DepartureTimeout: time.Minute},
		OpenedAt: made(), CreatedAt: made(), UpdatedAt: made(),
	}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	bare, err := conference.NewRoom(conference.RoomParams{Name: "x"}, made())
	if err != nil || bare.EntityID != 0 || bare.DepartmentID != 0 || bare.PhoneNumber != "" || bare.Type != "" {
		t.Errorf("a room of nobody: %+v, %v", bare, err)
	}
	_, err = conference.NewRoom(conference.RoomParams{
		Type: "x", ProfessionalID: -1, PhoneNumber: "192", ExternalID: strings.Repeat("x", 255),
	}, made())
	if got, want := wrongPaths(t, err), []string{"name", "type", "professional_id", "phone_number", "external_id"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
}

func TestRoomDepartmentIsOfItsEntity(t *testing.T) {
	t.Parallel()
	entity, closed := &clinic.Entity{ID: 3, Active: true}, &clinic.Entity{ID: 3}
	for name, c := range map[string]struct {
		entity     *clinic.Entity
		department *clinic.Department
		wrong      []string
	}{
		"its own":               {entity, &clinic.Department{ID: 9, EntityID: 3, Active: true}, nil},
		"none":                  {entity, nil, nil},
		"of another entity":     {entity, &clinic.Department{ID: 9, EntityID: 4, Active: true}, []string{"department_id"}},
		"without an entity":     {nil, &clinic.Department{ID: 9, EntityID: 3, Active: true}, []string{"department_id"}},
		"inactive":              {entity, &clinic.Department{ID: 9, EntityID: 3}, []string{"department_id"}},
		"of an inactive entity": {closed, &clinic.Department{ID: 9, EntityID: 3, Active: true}, []string{"entity_id"}},
		"none, entity inactive": {closed, nil, []string{"entity_id"}},
	} {
		_, err := conference.NewRoom(conference.RoomParams{Name: "x", Entity: c.entity, Department: c.department}, made())
		if got := wrongPaths(t, err); !slices.Equal(got, c.wrong) {
			t.Errorf("a department %s: wrong %q, want %q", name, got, c.wrong)
		}
	}
}

func TestRoomStatusNeverGoesBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to conference.RoomStatus
		code     string // of the conflict; "" when it is allowed
	}{
		{conference.Open, conference.Open, ""},
		{conference.Open, conference.InProgress, ""},
		{conference.Open, conference.Closed, ""},
		{conference.InProgress, conference.Open, "room-status"},
		{conference.InProgress, conference.InProgress, ""},
		{conference.InProgress, conference.Closed, ""},
		{conference.Closed, conference.Open, "room-closed"},
		{conference.Closed, conference.InProgress, "room-closed"},
		{conference.Closed, conference.Closed, "room-closed"},
	} {
		r := conference.Room{Name: "x", Status: c.from}
		if c.from == conference.Closed {
			r.ClosedAt = made()
		}
		err := r.Change(conference.RoomPatch{Status: patch.Set(c.to)}, changed())
		if c.code != "" {
			if !isConflict(err, c.code) || r.Status != c.from {
				t.Errorf("%s to %s: %v, status %s, want conflict %s", c.from, c.to, err, r.Status, c.code)
			}
			continue
		}
		if err != nil || r.Status != c.to || r.UpdatedAt != changed() {
			t.Errorf("%s to %s: %+v, %v", c.from, c.to, r, err)
		}
		if r.ClosedAt.IsZero() == (c.to == conference.Closed) {
			t.Errorf("%s to %s: closed at %v", c.from, c.to, r.ClosedAt)
		}
	}
	for _, status := range []patch.Of[conference.RoomStatus]{patch.Set[conference.RoomStatus]("closed"), patch.Clear[conference.RoomStatus]()} {
		r := conference.Room{Name: "x", Status: conference.InProgress}
		if got := wrongPaths(t, r.Change(conference.RoomPatch{Status: status}, changed())); !slices.Equal(got, []string{"status"}) {
			t.Errorf("status %v: wrong %q, want status", status, got)
		}
	}
}

func TestClosedRoomTakesNoChange(t *testing.T) {
	t.Parallel()
	before := conference.Room{Name: "x", Status: conference.Closed, ClosedAt: made(), ClosedReason: conference.ClosedByLiveKit, UpdatedAt: made()}
	r := before
	if err := r.Change(conference.RoomPatch{Name: patch.Set("y")}, changed()); !isConflict(err, "room-closed") || r != before {
		t.Errorf("got %+v, %v, want conflict room-closed and no change", r, err)
	}
	if r.Close(conference.ClosedByRequest, changed()); r != before {
		t.Errorf("closing again made %+v of %+v", r, before)
	}
}

func TestRoomChange(t *testing.T) {
	t.Parallel()
	r := conference.Room{
		ID: 2, Name: "x", Status: conference.Open, EntityID: 3, DepartmentID: 9, ProfessionalID: 5, Type: conference.Client, PhoneNumber: "+5511955550011",
		ExternalID: "e", LiveKitName: "l", OpenedAt: made(), CreatedAt: made(),
	}
	err := r.Change(conference.RoomPatch{
		Name: patch.Set(" y "), ProfessionalID: patch.Clear[clinic.ProfessionalID](), Type: patch.Clear[conference.ParticipantType](),
		PhoneNumber: patch.Clear[string](), ExternalID: patch.Clear[string](),
	}, changed())
	want := conference.Room{
		ID: 2, Name: "y", Status: conference.Open, EntityID: 3, DepartmentID: 9, LiveKitName: "l", OpenedAt: made(), CreatedAt: made(), UpdatedAt: changed(),
	}
	if err != nil || r != want {
		t.Errorf("got %+v, %v, want %+v", r, err, want)
	}
	r.Close(conference.ClosedByRequest, changed())
	if r.Status != conference.Closed || r.ClosedReason != conference.ClosedByRequest || r.ClosedAt != changed() || r.UpdatedAt != changed().Add(time.Microsecond) {
		t.Errorf("a closed room is %+v", r)
	}
	open := conference.Room{Name: "x", Status: conference.Open}
	if got := wrongPaths(t, open.Change(conference.RoomPatch{Name: patch.Clear[string]()}, changed())); !slices.Equal(got, []string{"name"}) {
		t.Errorf("wrong %q, want name", got)
	}
}

func TestWhoMayEnterARoom(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		room, who clinic.EntityID
		ok        bool
	}{
		"of the room's entity":             {3, 3, true},
		"of the platform":                  {3, 0, true},
		"of the platform, room of nobody":  {0, 0, true},
		"of another entity":                {3, 4, false},
		"of an entity, into one of nobody": {0, 3, false},
	} {
		room := conference.Room{ID: 2, Status: conference.InProgress, EntityID: c.room}
		got, err := conference.NewRoomParticipant(room, conference.Participant{ID: 4, EntityID: c.who}, `{"a":1}`, made())
		if !c.ok {
			if paths := wrongPaths(t, err); !slices.Equal(paths, []string{"participant_id"}) || got != (conference.RoomParticipant{}) {
				t.Errorf("a participant %s: %+v, wrong %q, want participant_id", name, got, paths)
			}
			continue
		}
		want := conference.RoomParticipant{RoomID: 2, ParticipantID: 4, Context: `{"a":1}`, CreatedAt: made(), UpdatedAt: made()}
		if err != nil || got != want {
			t.Errorf("a participant %s: %+v, %v, want %+v", name, got, err, want)
		}
	}
	if _, err := conference.NewRoomParticipant(conference.Room{Status: conference.Closed}, conference.Participant{}, "", made()); !isConflict(err, "room-closed") {
		t.Errorf("into a closed room: %v, want conflict room-closed", err)
	}
	if got, err := conference.NewRoomParticipant(conference.Room{Status: conference.Open}, conference.Participant{}, "", made()); err != nil || got.Context != "{}" {
		t.Errorf("without a context: %q, %v, want {}", got.Context, err)
	}
}

func TestEventsOfBothKinds(t *testing.T) {
	t.Parallel()
	p := conference.EventParams{Name: " transcript ", Data: `{"a":1}`}
	if got, err := conference.NewRoomEvent(2, p, made()); err != nil || got != (conference.RoomEvent{RoomID: 2, Name: "transcript", Data: `{"a":1}`, CreatedAt: made()}) {
		t.Errorf("room event %+v, %v", got, err)
	}
	if got, err := conference.NewAgentSessionEvent(2, p, made()); err != nil ||
		got != (conference.AgentSessionEvent{RoomID: 2, Name: "transcript", Data: `{"a":1}`, CreatedAt: made()}) {
		t.Errorf("agent session event %+v, %v", got, err)
	}
	bare := conference.EventParams{Name: "joined"}
	if got, err := conference.NewRoomEvent(2, bare, made()); err != nil || got.Data != "{}" {
		t.Errorf("a room event without data has %q, %v, want {}", got.Data, err)
	}
	if got, err := conference.NewAgentSessionEvent(2, bare, made()); err != nil || got.Data != "{}" {
		t.Errorf("an agent's event without data has %q, %v, want {}", got.Data, err)
	}
	for _, name := range []string{"", " ", "a\nb", strings.Repeat("x", 101)} {
		_, room := conference.NewRoomEvent(2, conference.EventParams{Name: name}, made())
		_, agent := conference.NewAgentSessionEvent(2, conference.EventParams{Name: name}, made())
		if !slices.Equal(wrongPaths(t, room), []string{"name"}) || !slices.Equal(wrongPaths(t, agent), []string{"name"}) {
			t.Errorf("events named %q: %v and %v, want name to be wrong", name, room, agent)
		}
	}
}
