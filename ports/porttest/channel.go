package porttest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/reception"
)

func testChannelStatuses(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	full := func(f *Fixtures, tenant agenda.TenantID) reception.ChannelStatus {
		return reception.ChannelStatus{
			TenantID: tenant, Connection: reception.Connection{State: reception.Closed, Reason: 401}, Problem: "whatsapp-unavailable",
			Since: f.Now(), CheckedAt: f.Now().Add(time.Minute), HeardAt: f.Now().Add(2 * time.Minute), ReadAt: f.Now().Add(3 * time.Minute),
		}
	}
	try(t, open, "WhatIsKeptComesBack", func(t *testing.T, f *Fixtures) {
		one, other := f.ClinicOf(f.Entity().ID).ID, f.ClinicOf(f.Entity().ID).ID
		of := func(tenant agenda.TenantID) reception.ChannelStatus {
			t.Helper()
			return ok[reception.ChannelStatus](t, "of")(f.ChannelStatuses.Of(t.Context(), tenant))
		}
		wantSame(t, "of a clinic of which nothing is known", of(one), reception.ChannelStatus{TenantID: one})
		want := full(f, one)
		got := ok[reception.ChannelStatus](t, "update")(f.ChannelStatuses.Update(t.Context(), one, func(v *reception.ChannelStatus) error {
			wantSame(t, "before the first change", *v, reception.ChannelStatus{TenantID: one})
			*v = want
			v.TenantID = other // it is for good
			return nil
		}))
		wantSame(t, "after the first change", got, want)
		wantSame(t, "of one", of(one), want)
		wantSame(t, "of the other", of(other), reception.ChannelStatus{TenantID: other})
		for _, bare := range []reception.ChannelStatus{{TenantID: one, HeardAt: f.Now()}, {TenantID: one}} {
			got = ok[reception.ChannelStatus](t, "update")(f.ChannelStatuses.Update(t.Context(), one, func(v *reception.ChannelStatus) error {
				wantSame(t, "before a change", *v, want)
				*v = bare
				return nil
			}))
			wantSame(t, "after a change", got, bare)
			wantSame(t, "of one after", of(one), bare)
			want = bare
		}
		zoned := time.Date(2026, time.March, 9, 9, 30, 0, 123456789, time.FixedZone("-03", -3*60*60))
		got = ok[reception.ChannelStatus](t, "update")(f.ChannelStatuses.Update(t.Context(), one, func(v *reception.ChannelStatus) error {
			v.Since = zoned
			return nil
		}))
		if want := time.Date(2026, time.March, 9, 12, 30, 0, 123456000, time.UTC); got.Since != want || of(one).Since != want {
			t.Errorf("since %v, want %v", got.Since, want)
		}
	})
	try(t, open, "WhatFailsKeepsNothing", func(t *testing.T, f *Fixtures) {
		tenant, refused := f.ClinicOf(f.Entity().ID).ID, errors.New("refused")
		_, err := f.ChannelStatuses.Update(t.Context(), tenant, func(v *reception.ChannelStatus) error {
			*v = full(f, tenant)
			return refused
		})
		if !errors.Is(err, refused) {
			t.Errorf("got %v, want %v", err, refused)
		}
		wantSame(t, "of the clinic", ok[reception.ChannelStatus](t, "of")(f.ChannelStatuses.Of(t.Context(), tenant)), reception.ChannelStatus{TenantID: tenant})
		nothing := func(*reception.ChannelStatus) error { return nil }
		_, err = f.ChannelStatuses.Update(t.Context(), id.New[agenda.Clinic](), nothing)
		wantError(t, "of no clinic", err, errs.Invalid, "unknown-reference")
		_, err = f.ChannelStatuses.Update(cancelled(t), tenant, nothing)
		wantCancelled(t, "Update", err)
		_, err = f.ChannelStatuses.Of(cancelled(t), tenant)
		wantCancelled(t, "Of", err)
	})
	try(t, open, "NoChangeIsLost", func(t *testing.T, f *Fixtures) {
		tenant := f.ClinicOf(f.Entity().ID).ID
		failed := make([]error, racers)
		var all sync.WaitGroup
		for i := range racers {
			all.Go(func() {
				_, failed[i] = f.ChannelStatuses.Update(t.Context(), tenant, func(v *reception.ChannelStatus) error {
					v.Reason++
					return nil
				})
			})
		}
		all.Wait()
		okay(t, "update", errors.Join(failed...))
		if got := ok[reception.ChannelStatus](t, "of")(f.ChannelStatuses.Of(t.Context(), tenant)).Reason; got != racers {
			t.Errorf("%d of %d changes are left", got, racers)
		}
	})
}
