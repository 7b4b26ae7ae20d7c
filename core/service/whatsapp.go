package service

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"net/url"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

// The jobs of WhatsApp.
const (
	JobWatchWhatsApp   = "watch-whatsapp"   // see how every clinic is connected; no argument
	JobRecoverMessages = "recover-messages" // ask for what no webhook told of a clinic; the argument is its id
)

const (
	watchEvery  = 3 * time.Minute
	watchTime   = 2 * time.Minute // for all clinics; those that are left come the next time
	watchAtOnce = 4
	// askTime is how long somebody who looks waits for the server.
	askTime = 5 * time.Second
	// heardEvery is how often at most it is noted that messages come.
	heardEvery = time.Minute
)

// CodeChannelUnconfigured is the code of an Unavailable error: this service reaches no WhatsApp server.
const CodeChannelUnconfigured = "whatsapp-unconfigured"

// WhatsApp is how clinics are connected to WhatsApp.
type WhatsApp struct {
	d       Deps
	desk    *FrontDesk
	channel ports.ChannelAdmin
	url     string
}

// NewWhatsApp makes the use cases of connections. url is where the channel's server finds this service.
func NewWhatsApp(d Deps, desk *FrontDesk, channel ports.ChannelAdmin, url string) *WhatsApp {
	return &WhatsApp{d: d, desk: desk, channel: channel, url: url}
}

// WhatsAppStatus is how a clinic is connected.
type WhatsAppStatus struct {
	reception.ChannelStatus
	Instance   string // the clinic's; "" when it has none
	WebhookURL string // where the instance is to post to; "" without an instance
}

// Connect has a clinic's instance tell this service what it receives. A clinic without a webhook token of its own gets one.
// It may be called again, which repairs what was changed on the server by hand. Errors: NotFound "clinic-not-found",
// Conflict "clinic-inactive", "instance-missing", Unavailable "whatsapp-unconfigured", "whatsapp-unavailable",
// "whatsapp-unauthorized", "whatsapp-instance-unknown".
func (s *WhatsApp) Connect(ctx context.Context, actor identity.Actor, tenant agenda.TenantID) (WhatsAppStatus, error) {
	if err := actor.Require(identity.ClinicsWrite); err != nil {
		return WhatsAppStatus{}, err
	}
	c, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant)
	if err == nil {
		err = c.RequireActive()
	}
	if err == nil && c.EvolutionInstance == "" {
		err = errs.New(errs.Conflict, "instance-missing", "the clinic has no instance: set evolution_instance_name")
	}
	if err != nil {
		return WhatsAppStatus{}, err
	}
	// The instance is looked for before anything is changed.
	connection, err := s.channel.Connection(ctx, c.EvolutionInstance)
	if err != nil {
		return WhatsAppStatus{}, err
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails since Go 1.24
	now := s.d.Now()
	if c.WebhookToken == "" {
		c, err = s.d.Repositories.Clinics.Update(ctx, actor.Scope(), tenant, func(v *agenda.Clinic) error {
			v.GiveWebhookToken(base64.RawURLEncoding.EncodeToString(random[:]), now)
			return nil
		})
		if err != nil {
			return WhatsAppStatus{}, err
		}
	}
	if err := s.channel.SetWebhook(ctx, c.EvolutionInstance, s.webhookURL(c), c.WebhookToken); err != nil {
		return WhatsAppStatus{}, err
	}
	st, err := s.d.Repositories.ChannelStatuses.Update(ctx, tenant, func(v *reception.ChannelStatus) error {
		v.Note(connection, now)
		if v.ReadAt.IsZero() {
			v.ReadAt = now
		}
		return nil
	})
	return WhatsAppStatus{st, c.EvolutionInstance, s.webhookURL(c)}, err
}

// Status asks how a clinic is connected, for a few seconds at most. What the server cannot tell is the Problem. Errors:
// NotFound "clinic-not-found".
func (s *WhatsApp) Status(ctx context.Context, actor identity.Actor, tenant agenda.TenantID) (WhatsAppStatus, error) {
	if err := actor.Require(identity.ClinicsRead); err != nil {
		return WhatsAppStatus{}, err
	}
	c, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant)
	if err != nil {
		return WhatsAppStatus{}, err
	}
	if c.EvolutionInstance == "" {
		return WhatsAppStatus{ChannelStatus: reception.ChannelStatus{TenantID: tenant}}, nil
	}
	asking, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	st, err := s.look(ctx, asking, c)
	return WhatsAppStatus{st, c.EvolutionInstance, s.webhookURL(c)}, err
}

func (s *WhatsApp) webhookURL(c agenda.Clinic) string {
	return s.url + "/v1/webhooks/evolution/" + url.PathEscape(c.EvolutionInstance)
}

// look asks, as long as asking goes on, how a clinic is connected, and notes what it hears.
func (s *WhatsApp) look(ctx, asking context.Context, c agenda.Clinic) (reception.ChannelStatus, error) {
	connection, err := s.channel.Connection(asking, c.EvolutionInstance)
	if ctx.Err() != nil {
		return reception.ChannelStatus{}, ctx.Err()
	}
	if errs.CodeOf(err) == CodeChannelUnconfigured { // nothing is known, and nothing was asked
		st, failed := s.d.Repositories.ChannelStatuses.Of(ctx, c.ID)
		st.Problem = CodeChannelUnconfigured
		return st, failed
	}
	if err == nil {
		return s.d.connected(ctx, c, connection)
	}
	problem := errs.CodeOf(err)
	if problem == "" { // it took too long
		problem = "whatsapp-unavailable"
	}
	now, news := s.d.Now(), false
	st, failed := s.d.Repositories.ChannelStatuses.Update(ctx, c.ID, func(v *reception.ChannelStatus) error {
		news = v.Trouble(problem, now)
		return nil
	})
	if news {
		s.d.Log.WarnContext(ctx, "it is not known how a clinic's WhatsApp is connected", slog.String("tenant_id", c.ID.String()), slog.Any("err", err))
	}
	return st, failed
}

// connected notes how a clinic is connected. What it missed while it was not is asked for by a job.
func (d Deps) connected(ctx context.Context, c agenda.Clinic, connection reception.Connection) (reception.ChannelStatus, error) {
	now, news := d.Now(), false
	var st reception.ChannelStatus
	err := d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		var err error
		var before reception.ConnectionState
		st, err = r.ChannelStatuses.Update(ctx, c.ID, func(v *reception.ChannelStatus) error {
			before = v.State
			if v.Problem != "" {
				before = "" // what came meanwhile is not known
			}
			news = v.Note(connection, now)
			return nil
		})
		if err != nil || !news || connection.State != reception.Open || before == reception.Open {
			return err
		}
		return r.Jobs.Enqueue(ctx, ports.Job{Kind: JobRecoverMessages, Key: "whatsapp:" + c.ID.String(), Arg: c.ID.String(), RunAt: now})
	})
	if err != nil || !news {
		return st, err
	}
	level, what := slog.LevelInfo, "a clinic's WhatsApp is connected"
	if connection.State != reception.Open {
		level, what = slog.LevelWarn, "a clinic's WhatsApp is not connected"
	}
	d.Log.Log(ctx, level, what, slog.String("tenant_id", c.ID.String()), slog.String("state", string(connection.State)), slog.Int("reason", connection.Reason))
	return st, nil
}

// heard notes that webhooks come, once in a while.
func (d Deps) heard(ctx context.Context, c agenda.Clinic) error {
	now := d.Now()
	st, err := d.Repositories.ChannelStatuses.Of(ctx, c.ID)
	if err != nil || now.Sub(st.HeardAt) < heardEvery {
		return err
	}
	_, err = d.Repositories.ChannelStatuses.Update(ctx, c.ID, func(v *reception.ChannelStatus) error {
		v.Heard(now)
		return nil
	})
	return err
}

// Periodic is what [ports.JobRunner.Work] is to have done, by [WhatsApp.Do].
func (s *WhatsApp) Periodic() []ports.PeriodicJob {
	return []ports.PeriodicJob{{Kind: JobWatchWhatsApp, Every: watchEvery}}
}

// Do does a job of WhatsApp. A job of another kind is not handled, and left to others.
func (s *WhatsApp) Do(ctx context.Context, j ports.Job) (handled bool, err error) {
	switch j.Kind {
	case JobWatchWhatsApp:
		return true, s.watch(ctx)
	case JobRecoverMessages:
		key, err := id.Parse[agenda.Clinic](j.Arg)
		if err != nil {
			return true, err
		}
		c, err := s.d.Repositories.Clinics.Get(ctx, identity.AllEntities(), key)
		if err != nil {
			return true, err
		}
		return true, s.recover(ctx, c)
	}
	return false, nil
}

// watch looks how every clinic is connected, and asks for what no webhook told. One that fails does not keep the others.
func (s *WhatsApp) watch(ctx context.Context) error {
	var clinics []agenda.Clinic
	err := eachPage(func(req page.Request) (page.Page[agenda.Clinic], error) {
		return s.d.Repositories.Clinics.List(ctx, identity.AllEntities(), agenda.ClinicFilter{Active: new(true)}, req)
	}, func(c agenda.Clinic) error {
		if c.EvolutionInstance != "" {
			clinics = append(clinics, c)
		}
		return nil
	})
	if err != nil {
		return err
	}
	working, cancel := context.WithTimeout(ctx, watchTime)
	defer cancel()
	sideBySide(len(clinics), watchAtOnce, func(i int) {
		c := clinics[i]
		if working.Err() != nil {
			return
		}
		asking, cancel := context.WithTimeout(working, askTime)
		defer cancel()
		st, err := s.look(working, asking, c)
		if err == nil && st.State == reception.Open && st.Problem == "" {
			err = s.recover(working, c)
		}
		if err != nil && ctx.Err() == nil {
			s.d.Log.WarnContext(ctx, "a clinic's WhatsApp was not looked at", slog.String("tenant_id", c.ID.String()), slog.Any("err", err))
		}
	})
	return ctx.Err()
}
