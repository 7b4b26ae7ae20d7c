package evolution

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

const (
	findMessagesRoute = "/chat/findMessages/"

	historyPage  = 100 // messages of one page
	historyPages = 50  // pages that are read at most
	// typingPatience is how long the server is given to take a sign of typing. It answers when the sign ends, which nobody
	// waits for.
	typingPatience = 2 * time.Second
)

// watched are the events that the front desk needs.
var watched = []string{"MESSAGES_UPSERT", "MESSAGES_EDITED", "SEND_MESSAGE", "CONNECTION_UPDATE"} //nolint:gochecknoglobals // never changed

type (
	setWebhook struct {
		Webhook webhook `json:"webhook"`
	}
	webhook struct {
		Enabled  bool              `json:"enabled"`
		URL      string            `json:"url"`
		ByEvents bool              `json:"byEvents"`
		Base64   bool              `json:"base64"`
		Headers  map[string]string `json:"headers"`
		Events   []string          `json:"events"`
	}
	findMessages struct {
		Where  messagesBetween `json:"where"`
		Page   int             `json:"page"`
		Offset int             `json:"offset"` // how many a page holds
	}
	messagesBetween struct {
		Timestamp between `json:"messageTimestamp"`
	}
	between struct {
		From time.Time `json:"gte"`
		To   time.Time `json:"lte"` // the server looks at neither when one is missing
	}
	sendPresence struct {
		Number   string `json:"number"`
		Presence string `json:"presence"`
		Delay    int64  `json:"delay"` // milliseconds
	}
)

// SetWebhook implements ports.ChannelAdmin. The events come to the address itself, without media.
func (m *Messenger) SetWebhook(ctx context.Context, instance, url, token string) error {
	_, err := m.ask(ctx, http.MethodPost, "/webhook/set/", instance, setWebhook{webhook{
		Enabled: true, URL: url, Headers: map[string]string{"Authorization": "Bearer " + token}, Events: watched,
	}})
	return err
}

// Connection implements ports.ChannelAdmin. The server does not tell the reason when it is asked.
func (m *Messenger) Connection(ctx context.Context, instance string) (reception.Connection, error) {
	body, err := m.ask(ctx, http.MethodGet, "/instance/connectionState/", instance, nil)
	if err != nil {
		return reception.Connection{}, err
	}
	c, ok := connectionOf(objectOf(body).at("instance"))
	if !ok {
		return reception.Connection{}, errs.New(errs.Unavailable, "whatsapp-unavailable", "the WhatsApp server does not say how the instance is connected")
	}
	return c, nil
}

// History implements ports.ChannelAdmin. The server gives the newest first, page by page.
func (m *Messenger) History(ctx context.Context, instance string, since time.Time, most int) ([]reception.Inbound, error) {
	var found []reception.Inbound
	seen := map[string]bool{}
	// The server keeps whole seconds, and messages may come while the pages are read.
	asked := between{From: since.UTC().Truncate(time.Second), To: time.Now().UTC().Add(time.Hour)}
	for page := 1; page <= historyPages && len(found) < most; page++ {
		body, err := m.ask(ctx, http.MethodPost, findMessagesRoute, instance, findMessages{
			Where: messagesBetween{asked}, Page: page, Offset: historyPage,
		})
		if err != nil {
			return nil, err
		}
		records, pages := recordsOf(body)
		fresh := false // a server that does not know pages gives the same again
		for _, record := range records {
			v, ok := decodeMessage(record)
			id := stringOf(record.at("key")["id"])
			fresh = fresh || !seen[id]
			if ok && !seen[id] && !v.SentAt.Before(asked.From) {
				v.History = true
				found = append(found, v)
			}
			seen[id] = true
		}
		if !fresh || page >= pages {
			break
		}
	}
	slices.SortStableFunc(found, func(a, b reception.Inbound) int { return b.SentAt.Compare(a.SentAt) })
	found = found[:min(len(found), most)]
	slices.Reverse(found)
	return found, nil
}

// recordsOf reads a page: {"messages": {"pages", "records"}}, which older versions give as a list.
func recordsOf(body []byte) (records []object, pages int) {
	list := body
	if page := objectOf(body).at("messages"); page != nil {
		n, _ := integer(page["pages"])
		pages, list = int(n), page["records"]
	}
	for _, raw := range listOf(list) {
		if record := objectOf(raw); record != nil {
			records = append(records, record)
		}
	}
	return records, pages
}

// Typing implements ports.ChannelAdmin. Channels without WhatsApp Web have no such sign.
func (m *Messenger) Typing(ctx context.Context, instance, to string, d time.Duration) error {
	number, ok := numberTo(to)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, typingPatience)
	defer cancel()
	got, err := m.call(ctx, http.MethodPost, "/chat/sendPresence/", instance, sendPresence{number, "composing", d.Milliseconds()})
	if got.written && errors.Is(err, context.DeadlineExceeded) {
		return nil // it was asked
	}
	if err == nil && !got.ok() {
		err = refusal(got.status, got.header, got.body)
	}
	if errs.KindOf(err) == errs.Invalid {
		return nil // it cannot
	}
	return settled(err)
}

// ask calls a route that may be called again whatever became of it, and returns what was answered.
func (m *Messenger) ask(ctx context.Context, method, route, instance string, body any) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	got, err := m.call(ctx, method, route, instance, body)
	switch {
	case err != nil:
	case !got.ok():
		err = refusal(got.status, got.header, got.body)
	case got.cut != nil:
		err = errs.Wrap(errs.Unavailable, "whatsapp-unavailable", "the WhatsApp server's answer was cut off", got.cut)
	}
	return got.body, settled(err)
}

// settled makes an error of a call that sends nothing: there is nothing to be uncertain about.
func settled(err error) error {
	if errs.CodeOf(err) == ports.CodeSendUncertain {
		return errs.Wrap(errs.Unavailable, "whatsapp-unavailable", "the WhatsApp server is unavailable", err)
	}
	return err
}
