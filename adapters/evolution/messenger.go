package evolution

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

const defaultTimeout = 20 * time.Second

// Options says how the server is reached.
type Options struct {
	BaseURL    string        // "https://evo.example.com", with the path it is served under, if any
	APIKey     string        // the server's key, or an instance's token
	HTTPClient *http.Client  // nil means one made for this server
	Timeout    time.Duration // for one send; 0 means 20 seconds
}

// Messenger sends texts through an Evolution API server, and sets up and watches its instances; it implements
// ports.Messenger and ports.ChannelAdmin. It is safe for concurrent use.
//
// The errors of Send, by code:
//
//   - "not-on-whatsapp" (Invalid): the number has no WhatsApp account.
//   - "whatsapp-refused" (Invalid): the server will never take this message.
//   - "whatsapp-unavailable" (Unavailable): nothing was sent, and it may be tried again, after Retry when that is given:
//     the server is away or overloaded, or the clinic's WhatsApp connection is down.
//   - "whatsapp-unauthorized" and "whatsapp-instance-unknown" (Unavailable): nothing is sent until somebody corrects the
//     key or the instance's name.
//   - [ports.CodeSendUncertain] (Unavailable): the message may have been sent; the caller must not repeat it.
//
// No error holds the key, the text, the address, or anything of the server's answer but its status.
type Messenger struct {
	base    string
	apiKey  string
	client  *http.Client
	timeout time.Duration
}

// NewMessenger returns a messenger. It fails when BaseURL is not an absolute http or https address or a key is missing;
// it does not call the server.
func NewMessenger(o Options) (*Messenger, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") || base.RawQuery != "" || base.Fragment != "" {
		// Not err: it quotes the address, which may hold a password.
		return nil, errors.New("evolution: the base URL must be an http or https address without a query")
	}
	if o.APIKey == "" {
		return nil, errors.New("evolution: the API key is missing")
	}
	client := &http.Client{Transport: newTransport()}
	if o.HTTPClient != nil {
		theirs := *o.HTTPClient
		client = &theirs
	}
	// A redirect would hand the key, a header that net/http does not know to be secret, to another host.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	return &Messenger{base: strings.TrimRight(o.BaseURL, "/"), apiKey: o.APIKey, client: client, timeout: timeout}, nil
}

type sendText struct {
	Number      string `json:"number"`
	Text        string `json:"text"`
	LinkPreview bool   `json:"linkPreview"`
}

// Send implements ports.Messenger. The id is WhatsApp's; a webhook that repeats the message names it too.
func (m *Messenger) Send(ctx context.Context, message ports.OutgoingMessage) (string, error) {
	number, ok := numberTo(message.To)
	if !ok {
		return "", errs.New(errs.Invalid, "whatsapp-refused", "not the WhatsApp address of a person")
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	got, err := m.call(ctx, http.MethodPost, "/message/sendText/", message.Instance, sendText{Number: number, Text: message.Text})
	if err != nil {
		// From the moment there is a connection nobody knows how much of the request was read.
		if got.connected {
			return "", errUncertain(err)
		}
		return "", err
	}
	if !got.ok() {
		return "", refusal(got.status, got.header, got.body)
	}
	id := stringOf(objectOf(got.body).at("key")["id"])
	if !isPlain(id) {
		return "", errUncertain(errors.Join(fmt.Errorf("evolution answered %d without the message's id", got.status), got.cut))
	}
	return id, nil
}
