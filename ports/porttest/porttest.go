package porttest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/ports"
)

// Store is what the suite tests.
type Store struct {
	Repositories ports.Repositories
	Transactor   ports.Transactor
}

// Run runs the contract of the repositories and of the unit of work. open returns an empty store that nobody else uses;
// it is called for every test, from tests that run side by side, and cleans up by t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	parts := []struct {
		name string
		test func(*testing.T, func(*testing.T) Store)
	}{
		{"Users", testUsers},
		{"RefreshTokens", testRefreshTokens},
		{"APIKeys", testAPIKeys},
		{"AuditLog", testAuditLog},
		{"IdempotencyKeys", testIdempotencyKeys},
		{"Entities", testEntities},
		{"Departments", testDepartments},
		{"Professionals", testProfessionals},
		{"Memberships", testMemberships},
		{"Participants", testParticipants},
		{"Rooms", testRooms},
		{"RoomParticipants", testRoomParticipants},
		{"RoomEvents", testRoomEvents},
		{"AgentSessionEvents", testAgentSessionEvents},
		{"AgentUsages", testAgentUsages},
		{"UsageReports", testUsageReports},
		{"Timeline", testTimeline},
		{"Presences", testPresences},
		{"WebhookReceipts", testWebhookReceipts},
		{"ModelPrices", testModelPrices},
		{"Budgets", testBudgets},
		{"Repricings", testRepricings},
		{"ModelUses", testModelUses},
		{"Clinics", testClinics},
		{"ClinicProfessionals", testClinicProfessionals},
		{"Services", testServices},
		{"Appointments", testAppointments},
		{"AppointmentSlots", testSlots},
		{"Reminders", testReminders},
		{"Patients", testPatients},
		{"Contacts", testContacts},
		{"Consents", testConsents},
		{"CalendarAccounts", testCalendarAccounts},
		{"CalendarSyncs", testCalendarSyncs},
		{"ChannelStatuses", testChannelStatuses},
		{"Conversations", testConversations},
		{"Waiting", testWaiting},
		{"Messages", testMessages},
		{"Sent", testSent},
		{"Transactions", testTransactions},
	}
	for _, part := range parts {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.test(t, open)
		})
	}
}

// racers is how many callers try the same thing at once.
const racers = 20

// try is one subtest with a store and fixtures of its own.
func try(t *testing.T, open func(*testing.T) Store, name string, test func(*testing.T, *Fixtures)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		test(t, NewFixtures(t, open(t)))
	})
}

// wantSame compares what stores need to keep: an empty list is as good as none, and JSON is compared by its
// meaning, but is to be compact.
func wantSame[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, sameness()...); diff != "" {
		t.Errorf("%s: -want +got\n%s", what, diff)
	}
}

func isCompact(o jsonobj.Object) bool {
	compact, err := jsonobj.Parse([]byte(o))
	return err == nil && compact == o
}

func same[T any](a, b T) bool { return cmp.Equal(a, b, sameness()...) }

func sameness() []cmp.Option {
	return []cmp.Option{
		cmpopts.EquateEmpty(),
		cmp.Comparer(func(a, b jsonobj.Object) bool {
			return a.IsNone() == b.IsNone() && cmp.Equal(a.Map(), b.Map()) && isCompact(a) == isCompact(b)
		}),
	}
}

// wantError checks the kind and the code of an error.
func wantError(t *testing.T, what string, err error, kind errs.Kind, code string) {
	t.Helper()
	if errs.KindOf(err) != kind || errs.CodeOf(err) != code {
		t.Errorf("%s: got error %v, want %v %q", what, err, kind, code)
	}
}

func wantCancelled(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%s with a cancelled context: got error %v, want %v", what, err, context.Canceled)
	}
}

// ok takes the result of a call that must not fail.
func ok[T any](t testing.TB, what string) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: got error %v", what, err)
		}
		return v
	}
}

func okay(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: got error %v", what, err)
	}
}

// race calls fn by many at once and checks that one succeeds and the others get the Conflict.
func race(t *testing.T, code string, fn func(i int) error) {
	t.Helper()
	results := make([]error, racers)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range racers {
		all.Go(func() {
			<-start
			results[i] = fn(i)
		})
	}
	close(start)
	all.Wait()
	winners := 0
	for _, err := range results {
		if err == nil {
			winners++
			continue
		}
		wantError(t, "a loser", err, errs.Conflict, code)
	}
	if winners != 1 {
		t.Errorf("got %d winners of %d, want 1", winners, racers)
	}
}

func cancelled(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
