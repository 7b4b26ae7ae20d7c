package ports

import (
	"context"

	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// Reader is how records of a tenant are read.
type Reader[T, ID, F any] interface {
	// Get returns one record. Errors: NotFound.
	Get(ctx context.Context, scope identity.Scope, id ID) (T, error)
	// List returns a page, sorted by id unless the repository says otherwise. Errors: Invalid "invalid-limit",
	// Invalid "invalid-cursor".
	List(ctx context.Context, scope identity.Scope, filter F, req page.Request) (page.Page[T], error)
}

// Writer is how records are made and changed.
type Writer[T, ID any] interface {
	// Create stores a new record and returns it with its id. Errors: Conflict, as the repository names it;
	// Invalid "unknown-reference" when it names a record that is not there.
	Create(ctx context.Context, v T) (T, error)
	// Update changes one record. Errors: NotFound, Conflict, and whatever change returns.
	Update(ctx context.Context, scope identity.Scope, id ID, change func(*T) error) (T, error)
}

// KnownUpdater is what a repository may be beside a Writer: one that need not read a record that the caller has read
// before.
type KnownUpdater[T any] interface {
	// UpdateKnown is Update of the record that was known, in the scope, which holds it. The record may have been changed
	// since: change is then called again with the stored one, whose outcome counts. Errors: as Update's.
	UpdateKnown(ctx context.Context, scope identity.Scope, known T, change func(*T) error) (T, error)
}

// UpdateKnown changes a record that was known in the scope, by its id: with UpdateKnown where the repository has it, with Update
// where it has not.
func UpdateKnown[T, ID any](ctx context.Context, w Writer[T, ID], scope identity.Scope, id ID, known T, change func(*T) error) (T, error) {
	if knower, ok := w.(KnownUpdater[T]); ok {
		return knower.UpdateKnown(ctx, scope, known, change)
	}
	return w.Update(ctx, scope, id, change)
}

// Repositories is every repository of a store. It is a struct, so that adding an entity breaks no double.
type Repositories struct {
	Users           UserRepository
	RefreshTokens   RefreshTokenRepository
	APIKeys         APIKeyRepository
	AuditLog        AuditLogRepository
	IdempotencyKeys IdempotencyRepository

	Entities      EntityRepository
	Departments   DepartmentRepository
	Professionals ProfessionalRepository
	Memberships   MembershipRepository

	Participants       ParticipantRepository
	Rooms              RoomRepository
	RoomParticipants   RoomParticipantRepository
	RoomEvents         RoomEventRepository
	AgentSessionEvents AgentSessionEventRepository
	Timeline           TimelineRepository
	Presences          PresenceRepository
	WebhookReceipts    WebhookReceiptRepository

	AgentUsages  AgentUsageRepository
	UsageReports UsageReports
	ModelPrices  ModelPriceRepository
	Budgets      BudgetRepository
	Repricings   RepricingRepository
	ModelUses    ModelUseRepository

	Clinics             ClinicRepository
	ClinicProfessionals ClinicProfessionalRepository
	Services            ServiceRepository
	Appointments        AppointmentRepository
	Reminders           ReminderRepository
	Patients            PatientRepository
	CalendarAccounts    CalendarAccountRepository
	CalendarSyncs       CalendarSyncRepository

	Conversations ConversationRepository
	Waiting       WaitingRepository
	Messages      MessageRepository
	Sent          SentRepository

	ChannelStatuses ChannelStatusRepository
	Contacts        ContactRepository
	Consents        ConsentRepository

	Jobs JobQueue
}

// Transactor is a unit of work.
type Transactor interface {
	// InTx runs fn with repositories that share one transaction: all of it is stored, or nothing.
	//
	//   - An error of fn comes back unchanged, and nothing is stored. A failed commit is an error.
	//   - Nobody sees a part of it before it is committed.
	//   - It does not nest: InTx inside fn fails with Internal "nested-transaction".
	//   - Inside fn only the repositories it was given may be used, with the context it was given: an outer one fails
	//     with Internal "outside-transaction" instead of writing past the transaction.
	//   - After a repository's Conflict inside fn the transaction cannot commit, even when fn hides the error: InTx then fails with
	//     that Conflict.
	//   - fn may run again after a serialization failure, so it is pure but for the repositories: no network, no clock.
	InTx(ctx context.Context, fn func(ctx context.Context, r Repositories) error) error
}
