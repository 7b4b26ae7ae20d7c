package service_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/unconfigured"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// instance is the channel's server with one instance.
type instance struct {
	mu         sync.Mutex
	connection reception.Connection
	err        error
	webhook    [3]string // instance, address, token
	history    []reception.Inbound
	since      []time.Time // of what history was asked for
}

func (i *instance) SetWebhook(_ context.Context, instance, url, token string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.webhook = [3]string{instance, url, token}
	return i.err
}

func (i *instance) Connection(context.Context, string) (reception.Connection, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.connection, i.err
}

func (i *instance) History(_ context.Context, _ string, since time.Time, _ int) ([]reception.Inbound, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.since = append(i.since, since)
	return i.history, i.err
}

func (*instance) Typing(context.Context, string, string, time.Duration) error { return nil }

const hook = "https://secretary.example.com/v1/webhooks/evolution/clinica-xyz"

// openWhatsApp is a world with an instance that is connected.
func openWhatsApp(t *testing.T) (*world, *instance, *service.WhatsApp) {
	t.Helper()
	w, i := open(t), &instance{connection: reception.Connection{State: reception.Open}}
	return w, i, service.NewWhatsApp(w.deps(), w.desk, i, "https://secretary.example.com")
}

// watch has it looked how the clinics are connected, and what follows from that done.
func (w *world) watch(of *service.WhatsApp) {
	w.t.Helper()
	_, err := of.Do(w.t.Context(), ports.Job{Kind: service.JobWatchWhatsApp})
	w.must(err)
	w.jobs(func(ctx context.Context, j ports.Job) error {
		if done, err := of.Do(ctx, j); done {
			return err
		}
		return w.desk.Do(ctx, j)
	})
}

func (w *world) channelStatus() reception.ChannelStatus {
	w.t.Helper()
	st, err := w.store.Repositories().ChannelStatuses.Of(w.t.Context(), w.clinic.ID)
	w.must(err)
	return st
}

func TestConnectSetsTheWebhookUp(t *testing.T) {
	t.Parallel()
	w, i, of := openWhatsApp(t)
	connect := func() service.WhatsAppStatus {
		t.Helper()
		st, err := of.Connect(t.Context(), w.manager, w.clinic.ID)
		w.must(err)
		return st
	}
	want := service.WhatsAppStatus{
		ChannelStatus: reception.ChannelStatus{TenantID: w.clinic.ID, Connection: i.connection, Since: monday(), CheckedAt: monday(), ReadAt: monday()},
		Instance:      "clinica-xyz", WebhookURL: hook,
	}
	if diff := cmp.Diff(want, connect()); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	set := i.webhook
	if set[0] != "clinica-xyz" || set[1] != hook || len(set[2]) < 43 {
		t.Errorf("webhook = %q", set)
	}
	c, err := w.desk.AuthenticateWebhook(t.Context(), "clinica-xyz", set[2])
	if err != nil || c.ID != w.clinic.ID {
		t.Errorf("the token that was set up is not accepted: %v", err)
	}
	i.webhook = [3]string{}
	if connect(); i.webhook != set {
		t.Errorf("webhook = %q after it was set up again, want the same token", i.webhook)
	}
}

func TestConnectSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	w, i, of := openWhatsApp(t)
	want := func(of *service.WhatsApp, tenant agenda.TenantID, code string) {
		t.Helper()
		if _, err := of.Connect(t.Context(), w.manager, tenant); errs.CodeOf(err) != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}
	want(of, id.New[agenda.Clinic](), "clinic-not-found")
	want(service.NewWhatsApp(w.deps(), w.desk, unconfigured.Channel{}, ""), w.clinic.ID, service.CodeChannelUnconfigured)
	for _, code := range []string{"whatsapp-unavailable", "whatsapp-unauthorized", "whatsapp-instance-unknown"} {
		i.err = errs.New(errs.Unavailable, code, "no")
		want(of, w.clinic.ID, code)
	}
	c, err := w.store.Repositories().Clinics.Get(t.Context(), identity.AllEntities(), w.clinic.ID)
	if w.must(err); c.WebhookToken != "" {
		t.Error("a token was made for an instance that cannot be reached")
	}
	_, err = w.clinics.Update(t.Context(), w.manager, w.clinic.ID, agenda.ClinicPatch{EvolutionInstance: patch.Set("")}, version.Match{})
	w.must(err)
	want(of, w.clinic.ID, "instance-missing")
}

func TestHealthTellsHowWhatsAppIsConnected(t *testing.T) {
	t.Parallel()
	w, i, of := openWhatsApp(t)
	want := func(line string) {
		t.Helper()
		h, err := service.NewHealths(w.deps(), of).Of(t.Context(), w.manager, w.clinic.ID)
		w.must(err)
		c := h.Checks[0]
		got := strings.TrimSpace(string(c.Status) + " " + c.Problem + " " + c.Since.Format("15:04"))
		if len(h.Checks) != 1 || c.Component != service.ComponentWhatsApp || h.Status != c.Status || got != line || (c.Problem == "") != (c.Action == "") {
			t.Errorf("health = %+v, want %s", h, line)
		}
	}
	want("ok  12:00")
	w.pass(time.Minute)
	w.post(reception.Delivery{Instance: "clinica-xyz", Connection: &reception.Connection{State: reception.Closed, Reason: 401}})
	i.connection = reception.Connection{State: reception.Closed}
	w.pass(time.Minute)
	want("down whatsapp-logged-out 12:01")
	i.err = errs.New(errs.Unavailable, "whatsapp-unavailable", "away")
	want("down whatsapp-unavailable 12:02")
	i.err = context.DeadlineExceeded
	want("down whatsapp-unavailable 12:02")
	i.err, i.connection.State = nil, reception.Connecting
	w.pass(time.Minute)
	want("degraded whatsapp-connecting 12:03")
	i.connection.State = reception.Refused
	w.pass(time.Minute)
	want("down whatsapp-closed 12:04")
}

func TestAMessageThatNoWebhookToldIsRecoveredOnce(t *testing.T) {
	t.Parallel()
	w, i, of := openWhatsApp(t)
	lost := whatsapp("lost", ana, "Quero marcar com a Dra. Maria")
	lost.SentAt = monday().Add(-time.Minute)
	i.history = []reception.Inbound{lost}
	w.watch(of)
	w.wantSent(0) // nothing comes here by a webhook: another program may answer this clinic
	_, err := of.Connect(t.Context(), w.manager, w.clinic.ID)
	w.must(err)
	known := whatsapp("known", bia, "oi")
	known.SentAt = monday()
	w.deliver(known)
	w.watch(of)
	w.wantSent(2)
	own, old := whatsapp("own", ana, "já respondo"), whatsapp("old", ana, "oi?")
	own.FromClinic, old.SentAt = true, monday().Add(-3*time.Hour)
	i.history = []reception.Inbound{old, lost, known, own}
	w.pass(3 * time.Minute)
	w.watch(of)
	w.deliver(lost) // the webhook comes after all
	w.watch(of)
	if sent := w.wantSent(2); !strings.Contains(strings.Join(sent, " "), "Dra. Maria Costa") {
		t.Errorf("said %q, want the lost message to be answered", sent)
	}
	if n := len(w.inbox(reception.In)); n != 2 {
		t.Errorf("%d messages of ana are kept, want the lost one, and the old one without an answer", n)
	}
}

func TestWhatWasMissedIsAskedForSinceItWasAskedForLast(t *testing.T) {
	t.Parallel()
	w, i, of := openWhatsApp(t)
	_, err := of.Connect(t.Context(), w.manager, w.clinic.ID)
	w.must(err)
	w.watch(of)
	i.err = errs.New(errs.Unavailable, "whatsapp-unavailable", "away")
	w.pass(time.Hour)
	w.watch(of)
	i.err = nil
	i.since = nil
	w.pass(time.Hour)
	w.watch(of)
	if len(i.since) == 0 || !i.since[0].Equal(monday().Add(-10*time.Minute)) {
		t.Errorf("asked since %v, want ten minutes before it was asked last", i.since)
	}
	i.since = nil
	w.pass(72 * time.Hour)
	w.watch(of)
	if want := w.clock().Add(-24 * time.Hour); len(i.since) != 1 || !i.since[0].Equal(want) {
		t.Errorf("asked since %v, want %v", i.since, want)
	}
}

func TestAReconnectionAsksForWhatWasMissed(t *testing.T) {
	t.Parallel()
	w, i, of := openWhatsApp(t)
	tell := func(state reception.ConnectionState) {
		w.post(reception.Delivery{Instance: "clinica-xyz", Connection: &reception.Connection{State: state}})
		w.jobs(func(ctx context.Context, j ports.Job) error {
			if done, err := of.Do(ctx, j); done {
				return err
			}
			return errors.New("unexpected job " + j.Kind)
		})
	}
	_, err := of.Connect(t.Context(), w.manager, w.clinic.ID)
	w.must(err)
	w.work()
	tell(reception.Closed)
	tell(reception.Connecting)
	i.since = nil
	tell(reception.Open)
	tell(reception.Open)
	if len(i.since) != 1 {
		t.Errorf("asked %d times, want once", len(i.since))
	}
	if st := w.channelStatus(); st.State != reception.Open || st.Problem != "" {
		t.Errorf("status = %+v", st)
	}
}
