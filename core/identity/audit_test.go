package identity_test

import (
	"strings"
	"testing"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
)

func TestTrailIsTheServicesOwnUnlessSomebodyIsNamed(t *testing.T) {
	t.Parallel()
	if got, want := identity.TrailOf(t.Context()), (identity.Trail{Actor: identity.Service}); got != want {
		t.Errorf("without a trail: got %+v, want %+v", got, want)
	}
	ctx := identity.WithTrail(t.Context(), identity.Trail{RequestID: "request-1"})
	if got, want := identity.TrailOf(ctx), (identity.Trail{Actor: identity.Service, RequestID: "request-1"}); got != want {
		t.Errorf("of a request of nobody's: got %+v, want %+v", got, want)
	}
	user := identity.User{ID: 7, Role: identity.Manager}.Actor()
	ctx = identity.WithActor(ctx, user)
	if got, want := identity.TrailOf(ctx), (identity.Trail{Actor: "user:7", RequestID: "request-1"}); got != want {
		t.Errorf("of a user: got %+v, want %+v", got, want)
	}
	ctx = identity.WithActor(ctx, identity.FrontDesk(clinic.EntityID(3)))
	if got, want := identity.TrailOf(ctx), (identity.Trail{Actor: "front-desk:3", RequestID: "request-1"}); got != want {
		t.Errorf("of the front desk, which answers for the user: got %+v, want %+v", got, want)
	}
}

func TestTrailKeepsTheBeginningOfALongRequestID(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		strings.Repeat("é", 100):       strings.Repeat("é", 100),
		strings.Repeat("é", 99) + "xy": strings.Repeat("é", 99) + "x",
	} {
		ctx := identity.WithTrail(t.Context(), identity.Trail{Actor: "nobody", RequestID: given})
		if got := identity.TrailOf(ctx).RequestID; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
