package evolution

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/secretary-api/secretary/core/errs"
)

// How many bytes are read of an answer.
const (
	maxAnswer  = 1 << 20
	maxHistory = 16 << 20 // of a page of messages
)

// newTransport differs from the default one in dropping idle connections before a Node.js server does, after 5 seconds: a
// request that crosses such a farewell fails as one that may have been read, and would have to be given up.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		IdleConnTimeout:     4 * time.Second,
		MaxIdleConnsPerHost: 8,
		ForceAttemptHTTP2:   true,
	}
}

// answered is what became of a call.
type answered struct {
	connected bool // the server may have read the request
	written   bool // it was sent to the end
	status    int
	header    http.Header
	body      []byte
	cut       error // why the body is not whole
}

func (a answered) ok() bool { return a.status >= 200 && a.status <= 299 }

// call calls a route of an instance, with a body unless it is nil. The error is that there was no answer.
func (m *Messenger) call(ctx context.Context, method, route, instance string, body any) (answered, error) {
	if strings.Trim(instance, ".") == "" { // a path of dots would be another path
		return answered{}, errUnknownInstance(nil)
	}
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return answered{}, fmt.Errorf("evolution: encode a request: %w", err)
		}
		content = bytes.NewReader(raw)
	}
	var connected, written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:      func(httptrace.GotConnInfo) { connected.Store(true) },
		WroteRequest: func(i httptrace.WroteRequestInfo) { written.Store(i.Err == nil) },
	})
	req, err := http.NewRequestWithContext(ctx, method, m.base+route+url.PathEscape(instance), content)
	if err != nil {
		return answered{}, fmt.Errorf("evolution: make a request: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("apikey", m.apiKey)
	resp, err := m.client.Do(req)
	got := answered{connected: connected.Load(), written: written.Load()}
	if err != nil {
		return got, errs.Wrap(errs.Unavailable, "whatsapp-unavailable", "the WhatsApp server is not reachable", err)
	}
	defer resp.Body.Close()
	got.status, got.header = resp.StatusCode, resp.Header
	most := int64(maxAnswer)
	if route == findMessagesRoute {
		most = maxHistory
	}
	got.body, got.cut = io.ReadAll(io.LimitReader(resp.Body, most))
	return got, nil
}
