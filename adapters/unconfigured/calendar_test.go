package unconfigured_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/unconfigured"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
)

func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	ctx, cal := t.Context(), unconfigured.Calendar{}
	_, sealErr := unconfigured.Sealer{}.Seal([]byte("x"), "")
	_, _, openErr := unconfigured.Sealer{}.Open([]byte("x"), "")
	for _, err := range []error{sealErr, openErr} {
		if errs.KindOf(err) != errs.Unavailable || errs.CodeOf(err) != "encryption-unconfigured" || !strings.Contains(err.Error(), "SECRETARY_ENCRYPTION_KEY") {
			t.Errorf("got error %v", err)
		}
	}
	var all []error
	keep := func(err error) { all = append(all, err) }
	_, err := cal.Busy(ctx, agenda.Calendar{}, time.Time{}, time.Time{})
	keep(err)
	_, err = cal.Events(ctx, agenda.Calendar{}, time.Time{}, time.Time{})
	keep(err)
	_, err = cal.Get(ctx, agenda.Calendar{}, "x")
	keep(err)
	keep(cal.Put(ctx, agenda.Calendar{}, agenda.Event{}))
	keep(cal.Delete(ctx, agenda.Calendar{}, "x"))
	_, err = cal.ConsentURL("state", "verifier")
	keep(err)
	_, err = cal.Redeem(ctx, "code", "verifier")
	keep(err)
	_, err = cal.Calendars(ctx, agenda.TenantID{})
	keep(err)
	keep(cal.Forget(ctx, "token"))
	_, _, err = cal.Changes(ctx, agenda.Calendar{}, "")
	keep(err)
	for i, err := range all {
		var e *errs.Error
		if !errors.As(err, &e) || e.Kind != errs.Unavailable || e.Code != "calendar-unconfigured" || !strings.Contains(e.Error(), "GOOGLE_CLIENT_ID") {
			t.Errorf("call %d: got error %v", i, err)
		}
	}
}
