package service

import (
	"cmp"
	"context"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

// Why a message is not sent, as its error says.
const (
	codeOptedOut = "opted-out" // the contact wants none
	codeOutdated = "outdated"  // what it says is not so any more
)

// urgentWithin is how soon a visit must be for a change of it to be told in quiet hours.
const urgentWithin = 24 * time.Hour

// notice is the argument of a job that sends what nobody asked for: "41@1764075600000000".
type notice struct {
	message reception.MessageID
	moment  time.Time // zero for a reply, whose argument is the message's id alone
}

func (n notice) String() string {
	if n.moment.IsZero() {
		return n.message.String()
	}
	return n.message.String() + "@" + strconv.FormatInt(n.moment.UnixMicro(), 10)
}

func parseNotice(arg string) (n notice, err error) {
	key, moment, timed := strings.Cut(arg, "@")
	number, err := strconv.ParseInt(key, 10, 64)
	if err == nil && timed {
		var micros int64
		micros, err = strconv.ParseInt(moment, 10, 64)
		n.moment = time.UnixMicro(micros).UTC()
	}
	n.message = reception.MessageID(number)
	return n, err
}

// keepReply stores a reply to a message, and has it sent. about is the visit that the reply tells of, zero when none.
func (s *FrontDesk) keepReply(ctx context.Context, r ports.Repositories, to reception.Message, text string, about agenda.AppointmentID, now time.Time) error {
	_, err := s.post(ctx, r, reception.Message{
		ConversationID: to.ConversationID, TenantID: to.TenantID, EntityID: to.EntityID, Direction: reception.Out, Author: reception.Assistant,
		Appointment: about, Channel: to.Channel, Kind: reception.Text, Text: text, CreatedAt: now,
	})
	return err
}

// post stores an outbound message, and enqueues the job that sends it; what came by the API is delivered by its caller.
func (s *FrontDesk) post(ctx context.Context, r ports.Repositories, m reception.Message) (reception.Message, error) {
	m.Status = reception.Done
	if m.Channel == reception.WhatsApp {
		m.Status = reception.Pending
	}
	m, err := r.Messages.Create(ctx, m)
	if err != nil || m.Status == reception.Done {
		return m, err
	}
	job := ports.Job{Kind: JobSendReply, Key: "replies:" + m.ConversationID.String(), Arg: m.ID.String(), RunAt: m.CreatedAt}
	conversation, err := r.Conversations.Get(ctx, identity.OnlyEntity(m.EntityID), m.ConversationID)
	if err == nil && conversation.State == reception.OptedOut {
		job.Kind = JobSendFarewell // whoever has opted out is answered only that, and what comes back from it
	}
	if err != nil {
		return reception.Message{}, err
	}
	return m, r.Jobs.Enqueue(ctx, job)
}

// keepNotice stores a message that nobody asked for, and enqueues the job of a kind that sends it. Each has a key of its own:
// one that is put off keeps no other from being sent.
func keepNotice(ctx context.Context, r ports.Repositories, kind string, to reception.Conversation, about agenda.AppointmentID, text string, moment, now time.Time) error {
	m, err := r.Messages.Create(ctx, reception.Message{
		ConversationID: to.ID, TenantID: to.TenantID, EntityID: to.EntityID, Direction: reception.Out, Author: reception.Assistant,
		Channel: reception.WhatsApp, Kind: reception.Text, Text: text, Status: reception.Pending, Proactive: true, Appointment: about, CreatedAt: now,
	})
	if err != nil {
		return err
	}
	return r.Jobs.Enqueue(ctx, ports.Job{
		Kind: kind, Key: "notice:" + m.ID.String(), Arg: notice{m.ID, moment}.String(), RunAt: now,
	})
}

// send sends one message through the messenger, if it may be sent now. At the last attempt it is marked as failed when it
// cannot be sent.
func (s *FrontDesk) send(ctx context.Context, j ports.Job) error {
	n, err := parseNotice(j.Arg)
	if err != nil {
		return err
	}
	m, err := s.d.Repositories.Messages.Get(ctx, n.message)
	if err != nil || m.Status != reception.Pending {
		return err
	}
	scope := identity.OnlyEntity(m.EntityID)
	conversation, err := s.d.Repositories.Conversations.Get(ctx, scope, m.ConversationID)
	if err != nil {
		return err
	}
	c, err := s.d.Repositories.Clinics.Get(ctx, scope, m.TenantID)
	if err != nil {
		return err
	}
	text, external := m.Text, ""
	err = s.consented(ctx, conversation, j.Kind)
	if err == nil && m.Proactive {
		var later time.Time
		if text, later, err = s.stillRight(ctx, j.Kind, n, m, conversation, c); !later.IsZero() {
			j.ID, j.RunAt = 0, later
			return s.d.Repositories.Jobs.Enqueue(ctx, j)
		}
	}
	if code := errs.CodeOf(err); err != nil && code != codeOptedOut && code != codeOutdated {
		return err
	}
	if err == nil {
		external, err = s.messenger.Send(ctx, ports.OutgoingMessage{Instance: c.EvolutionInstance, To: conversation.ReplyTo, Text: text})
	}
	never := errs.KindOf(err) == errs.Invalid || errs.KindOf(err) == errs.Conflict || errs.CodeOf(err) == ports.CodeSendUncertain ||
		err != nil && j.Last && ctx.Err() == nil
	if err != nil && !never {
		return err // the job tries again
	}
	now := s.d.Now()
	// It was sent: that is noted even when the service is being stopped.
	_, updateErr := s.d.Repositories.Messages.Update(context.WithoutCancel(ctx), m.ID, func(m *reception.Message) error {
		switch {
		case !never:
			if !m.IsRedacted() { // else it was erased while it was sent
				m.Text = text
			}
			m.Status, m.Error, m.SentAt = reception.Done, "", now
			m.ExternalID = cmp.Or(external, m.ExternalID)
		case m.Status == reception.Pending: // else the channel has told meanwhile that it was sent, or it was dropped
			m.Status, m.Error, m.SentAt = reception.Failed, failure(err), time.Time{}
		}
		return nil
	})
	if never {
		s.d.Log.WarnContext(ctx, "message not sent", slog.String("message_id", m.ID.String()), slog.String("conversation_id", m.ConversationID.String()),
			slog.Bool("proactive", m.Proactive), slog.String("code", failure(err)))
	}
	return updateErr
}

// stillRight returns the text of a message that nobody asked for as it is right now, or, when it is quiet, until when it is
// put off. What is not right any more is Conflict "outdated".
func (s *FrontDesk) stillRight(ctx context.Context, kind string, n notice, m reception.Message, to reception.Conversation, c agenda.Clinic) (text string, later time.Time, err error) {
	now, scope := s.d.Now(), identity.OnlyEntity(m.EntityID)
	if m.Appointment.IsZero() {
		if until, quiet := c.QuietUntil(now); quiet {
			later = until
		}
		return m.Text, later, nil
	}
	a, err := s.d.Repositories.Appointments.Get(ctx, scope, m.Appointment)
	if err != nil {
		return "", time.Time{}, err
	}
	outdated := a.Untold() // another message tells, or has told, how it is
	switch kind {
	case JobSendReminder:
		outdated = outdated || a.Status != agenda.Confirmed || !a.Start.Equal(n.moment) || !now.Before(a.Start)
	case JobSendChange:
		outdated = outdated || a.Told.At.After(m.CreatedAt)
	}
	if outdated {
		return m.Text, time.Time{}, errs.New(errs.Conflict, codeOutdated, "the visit is not as the message says")
	}
	if until, quiet := c.QuietUntil(now); quiet && (kind == JobSendReminder || !n.urgent(now)) {
		return "", until, nil
	}
	if kind != JobSendReminder {
		return m.Text, time.Time{}, nil
	}
	dir, err := s.d.Repositories.Clinics.Directory(ctx, scope, m.TenantID)
	if err != nil {
		return "", time.Time{}, err
	}
	return reception.Desk{Directory: dir, Say: s.catalogue, Now: now}.Remind(&to, a), time.Time{}, nil
}

// urgent reports whether a change cannot wait for the end of quiet hours.
func (n notice) urgent(now time.Time) bool { return n.moment.Before(now.Add(urgentWithin)) }
