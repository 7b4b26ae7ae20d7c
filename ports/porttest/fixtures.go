package porttest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/ports"
)

// Fixtures makes valid rows: NewX returns one that is not stored, X stores it too, and XOf keeps one for each entity.
// No two rows share a unique value. It is for one goroutine.
type Fixtures struct {
	ports.Repositories

	tx  ports.Transactor
	t   testing.TB
	ctx func() context.Context
	n   int

	homes       map[clinic.ProfessionalID]clinic.EntityID // where the professionals of a test work
	departments map[clinic.EntityID]clinic.DepartmentID
	rooms       map[clinic.EntityID]conference.Room
	agents      map[clinic.EntityID]conference.Participant
	agenda      agendaFixtures
}

// NewFixtures makes fixtures for a store. They fail t when the store does not take a row.
func NewFixtures(t testing.TB, s Store) *Fixtures {
	t.Helper()
	return &Fixtures{
		Repositories: s.Repositories, tx: s.Transactor, t: t, ctx: t.Context,
		homes:       map[clinic.ProfessionalID]clinic.EntityID{},
		departments: map[clinic.EntityID]clinic.DepartmentID{},
		rooms:       map[clinic.EntityID]conference.Room{},
		agents:      map[clinic.EntityID]conference.Participant{},
		agenda:      newAgendaFixtures(),
	}
}

// Now is the moment at which fixtures are made: with microseconds, which every store keeps.
func (f *Fixtures) Now() time.Time {
	return time.Date(2026, time.March, 2, 12, 0, 0, 123456000, time.UTC)
}

func (f *Fixtures) next() int { f.n++; return f.n }

func store[T any](f *Fixtures, create func(context.Context, T) (T, error), v T) T {
	f.t.Helper()
	return ok[T](f.t, fmt.Sprintf("create a %T", v))(create(f.ctx(), v))
}

func phone(n int) string { return fmt.Sprintf("+55119%08d", n) }

// NewEntity returns an entity.
func (f *Fixtures) NewEntity() clinic.Entity {
	return clinic.Entity{
		Name: fmt.Sprintf("Clínica %d", f.next()), Type: "medical_clinic",
		Instructions: `{"prompt":{"role":"secretária"},"rules":["cordial",1.50]}`,
		Active:       true, CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// Entity stores an entity.
func (f *Fixtures) Entity() clinic.Entity {
	f.t.Helper()
	return store(f, f.Entities.Create, f.NewEntity())
}

// NewUser returns an ENTITY_ADMIN of the entity, or a MANAGER for entity 0.
func (f *Fixtures) NewUser(entity clinic.EntityID) identity.User {
	n, role := f.next(), identity.EntityAdmin
	if entity == 0 {
		role = identity.Manager
	}
	return identity.User{
		Email: fmt.Sprintf("user%d@example.com", n), PasswordHash: fmt.Sprintf("$argon2id$v=19$%d", n), PhoneNumber: phone(n),
		Role: role, EntityID: entity, Active: true, CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// User stores a user.
func (f *Fixtures) User(entity clinic.EntityID) identity.User {
	f.t.Helper()
	return store(f, f.Users.Create, f.NewUser(entity))
}

// NewToken returns an unused refresh token of a family.
func (f *Fixtures) NewToken(user identity.UserID, family identity.FamilyID) identity.RefreshToken {
	return identity.RefreshToken{
		ID: id.New[identity.RefreshToken](), Family: family, UserID: user, Hash: fmt.Sprintf("%064x", f.next()),
		ExpiresAt: f.Now().Add(30 * 24 * time.Hour), CreatedAt: f.Now(),
	}
}

// Token stores a refresh token.
func (f *Fixtures) Token(user identity.UserID, family identity.FamilyID) identity.RefreshToken {
	f.t.Helper()
	return store(f, f.RefreshTokens.Create, f.NewToken(user, family))
}

// NewAuditEntry returns an entry of the audit log. Each is newer than the one before, and than what the store itself
// writes today.
func (f *Fixtures) NewAuditEntry(entity clinic.EntityID) identity.AuditEntry {
	n := f.next()
	return identity.AuditEntry{
		Actor: "user:7", Action: "update", Table: "rooms", RowID: fmt.Sprint(n), EntityID: entity,
		Detail: map[string]string{"status": "CLOSED"}, CreatedAt: f.Now().AddDate(500, 0, 0).Add(time.Duration(n) * time.Minute),
	}
}

// NewAPIKey returns an active key of the entity that expires and was never used.
func (f *Fixtures) NewAPIKey(entity clinic.EntityID) identity.APIKey {
	f.t.Helper()
	n := f.next()
	return identity.APIKey{
		ID: id.New[identity.APIKey](), EntityID: entity, Name: fmt.Sprintf("n8n %d", n), Prefix: fmt.Sprintf("sk_%08d", n),
		Hash: fmt.Sprintf("%064x", n), Scopes: []identity.Permission{identity.AgendaRead, identity.RoomsWrite}, CreatedBy: f.User(entity).ID,
		ExpiresAt: f.Now().Add(time.Hour), CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// APIKey stores an API key.
func (f *Fixtures) APIKey(entity clinic.EntityID) identity.APIKey {
	f.t.Helper()
	return store(f, f.APIKeys.Create, f.NewAPIKey(entity))
}

// NewDepartment returns a department of the entity.
func (f *Fixtures) NewDepartment(entity clinic.EntityID) clinic.Department {
	return clinic.Department{
		EntityID: entity, Name: fmt.Sprintf("Cardiologia %d", f.next()), Instructions: `{"prompt":{"tone":"calmo"}}`,
		Active: true, CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// Department stores a department.
func (f *Fixtures) Department(entity clinic.EntityID) clinic.Department {
	f.t.Helper()
	return store(f, f.Departments.Create, f.NewDepartment(entity))
}

// DepartmentOf returns the entity's department, none for entity 0.
func (f *Fixtures) DepartmentOf(entity clinic.EntityID) clinic.DepartmentID {
	f.t.Helper()
	if _, made := f.departments[entity]; !made && entity != 0 {
		f.departments[entity] = f.Department(entity).ID
	}
	return f.departments[entity]
}

// NewProfessional returns a professional.
func (f *Fixtures) NewProfessional() clinic.Professional {
	n := f.next()
	return clinic.Professional{
		Name: fmt.Sprintf("Dra. Maria Costa %d", n), Email: fmt.Sprintf("maria%d@example.com", n), PhoneNumber: phone(n),
		ExternalID: fmt.Sprintf("crm-%d", n), LicenseNumber: fmt.Sprintf("CRM/SP %d", n),
		Active: true, CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// Professional stores an independent professional.
func (f *Fixtures) Professional() clinic.Professional {
	f.t.Helper()
	return store(f, f.Professionals.Create, f.NewProfessional())
}

// NewMembership returns an active membership; department may be 0.
func (f *Fixtures) NewMembership(professional clinic.ProfessionalID, entity clinic.EntityID, department clinic.DepartmentID) clinic.Membership {
	return clinic.Membership{
		ProfessionalID: professional, EntityID: entity, DepartmentID: department,
		Active: true, CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// Membership stores an active membership.
func (f *Fixtures) Membership(professional clinic.ProfessionalID, entity clinic.EntityID, department clinic.DepartmentID) clinic.Membership {
	f.t.Helper()
	return store(f, f.Memberships.Create, f.NewMembership(professional, entity, department))
}

// NewParticipant returns a client that the entity knows, or the platform for entity 0.
func (f *Fixtures) NewParticipant(entity clinic.EntityID) conference.Participant {
	n := f.next()
	return conference.Participant{
		EntityID: entity, Name: fmt.Sprintf("Ana Lima %d", n), Type: conference.Client, PhoneNumber: phone(n),
		ExternalID: fmt.Sprintf("patient-%d", n), CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// Participant stores a client.
func (f *Fixtures) Participant(entity clinic.EntityID) conference.Participant {
	f.t.Helper()
	return store(f, f.Participants.Create, f.NewParticipant(entity))
}

// AgentOf returns the entity's agent.
func (f *Fixtures) AgentOf(entity clinic.EntityID) conference.Participant {
	f.t.Helper()
	if _, made := f.agents[entity]; !made {
		agent := f.NewParticipant(entity)
		agent.Type = conference.Agent
		f.agents[entity] = store(f, f.Participants.Create, agent)
	}
	return f.agents[entity]
}

// NewRoom returns a room of the entity and its department, with all that a room may have.
func (f *Fixtures) NewRoom(entity clinic.EntityID) conference.Room {
	f.t.Helper()
	n := f.next()
	return conference.Room{
		Name: fmt.Sprintf("Sala %d", n), Status: conference.Open, EntityID: entity, DepartmentID: f.DepartmentOf(entity),
		ProfessionalID: f.Professional().ID, Type: conference.Client, PhoneNumber: phone(n),
		ExternalID: fmt.Sprintf("visit-%d", n), LiveKitName: fmt.Sprintf("room-%d", n), LiveKitSID: fmt.Sprintf("RM_%d", n),
		LiveKitSince: f.Now().Add(time.Millisecond),
		Limits:       conference.RoomLimits{EmptyTimeout: time.Minute, DepartureTimeout: 7 * time.Second, MaxParticipants: 3},
		Agent:        f.newRoomAgent(entity, n),
		OpenedAt:     f.Now(), ClosedAt: f.Now().Add(time.Hour), ClosedReason: conference.ClosedByLiveKit,
		CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

func (f *Fixtures) newRoomAgent(entity clinic.EntityID, n int) conference.RoomAgent {
	f.t.Helper()
	at := func(seconds int) time.Time { return f.Now().Add(time.Duration(seconds) * time.Second) }
	return conference.RoomAgent{
		Status: conference.AgentLeft, ParticipantID: f.AgentOf(entity).ID, Name: "secretary", Number: 2 + n,
		DispatchID: fmt.Sprintf("AD_%d", n), Attempts: 2, Reason: "CLIENT_INITIATED",
		RequestedAt: at(1), Deadline: at(21), JoinedAt: at(3), EndedAt: at(40),
	}
}

// Room stores a room.
func (f *Fixtures) Room(entity clinic.EntityID) conference.Room {
	f.t.Helper()
	return store(f, f.Rooms.Create, f.NewRoom(entity))
}

// RoomOf returns the entity's room.
func (f *Fixtures) RoomOf(entity clinic.EntityID) conference.Room {
	f.t.Helper()
	if _, made := f.rooms[entity]; !made {
		f.rooms[entity] = f.Room(entity)
	}
	return f.rooms[entity]
}

// NewRoomParticipant returns the link of a new client to a room.
func (f *Fixtures) NewRoomParticipant(room conference.Room) conference.RoomParticipant {
	f.t.Helper()
	return conference.RoomParticipant{
		RoomID: room.ID, ParticipantID: f.Participant(room.EntityID).ID, Context: `{"complaint":"dor de cabeça"}`,
		CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// NewPresence returns the stay of a participant of the room's entity, who joined and left.
func (f *Fixtures) NewPresence(room conference.Room) conference.Presence {
	f.t.Helper()
	who := f.AgentOf(room.EntityID).ID
	return conference.Presence{
		RoomID: room.ID, SID: fmt.Sprintf("PA_%08d", f.next()), Identity: who.LiveKitIdentity(), ParticipantID: who, Name: "Ana Lima",
		Kind: conference.KindAgent, JoinedAt: f.Now(), LeftAt: f.Now().Add(time.Minute), Reason: "CLIENT_INITIATED",
	}
}

// NewRoomEvents returns that many events of a room, a minute apart.
func (f *Fixtures) NewRoomEvents(room conference.RoomID, count int) []conference.RoomEvent {
	events := make([]conference.RoomEvent, count)
	for i := range events {
		events[i] = conference.RoomEvent{
			RoomID: room, Name: eventName(i), Data: eventData(i), CreatedAt: f.Now().Add(time.Duration(i) * time.Minute),
		}
	}
	return events
}

func eventName(i int) string {
	return []string{"participant_joined", "participant_left", "transcript"}[i%3]
}

func eventData(i int) jsonobj.Object { return jsonobj.Object(fmt.Sprintf(`{"number":%d}`, i)) }

// NewUsage returns a session of the entity's agent in the entity's room, with figures.
func (f *Fixtures) NewUsage(entity clinic.EntityID) metering.AgentUsage {
	f.t.Helper()
	n := int64(f.next())
	return metering.AgentUsage{
		RoomID: f.RoomOf(entity).ID, ParticipantID: f.AgentOf(entity).ID, EntityID: entity, DepartmentID: f.DepartmentOf(entity),
		SessionStart: f.Now(), SessionEnd: f.Now().Add(10 * time.Minute),
		TotalTokensInput: 1000 + n, TotalTokensOutput: 200 + n, TotalAudioMillis: 90_500 + n, InteractionsCount: 12,
		TranscriptionCount: 3, CostEstimateMicros: 123_456 + n, Currency: "USD", Unpriced: true, Provider: "openai", Model: "gpt",
		EndReason: metering.Ended, Readings: usageReadings(n), Lines: usageLines(n), Data: `{"model":"gpt"}`,
		CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

func usageReadings(n int64) []metering.Reading {
	return []metering.Reading{
		{Model: metering.Model{Kind: metering.LLM, Provider: "openai", Model: "gpt"}, Source: metering.Reported, Quantities: usageQuantities(n)},
		{Model: metering.Model{Kind: metering.STT}, Source: metering.Requests, Quantities: metering.Quantities{AudioMillis: 1 + n}},
	}
}

func usageLines(n int64) []metering.Line {
	return []metering.Line{
		{Model: metering.Model{Kind: metering.LLM, Provider: "openai", Model: "gpt"}, Quantities: usageQuantities(n), CostMicros: 123_456 + n},
		{Model: metering.Model{Kind: metering.STT}, Quantities: metering.Quantities{AudioMillis: 1 + n}, Unpriced: true},
	}
}

// usageQuantities has every quantity, and none twice.
func usageQuantities(n int64) metering.Quantities {
	return metering.Quantities{
		InputTokens: 1000 + n, CachedInputTokens: 800, CacheCreationTokens: 50, InputAudioTokens: 70, CachedInputAudioTokens: 60,
		OutputTokens: 200 + n, OutputAudioTokens: 90, Characters: 400, AudioMillis: 90_500 + n, Requests: 2, ConnectionMillis: 1 << 53,
	}
}
