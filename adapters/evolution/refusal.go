package evolution

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

// maxRetry bounds what the server may make us wait.
const maxRetry = time.Hour

func errUncertain(cause error) error {
	return errs.Wrap(errs.Unavailable, ports.CodeSendUncertain, "the message may or may not have been sent; do not send it again", cause)
}

func errUnknownInstance(cause error) error {
	return errs.Wrap(errs.Unavailable, "whatsapp-instance-unknown", "the WhatsApp server has no such instance", cause)
}

// refusal makes the error of an answer that is no success. The answer itself may quote the patient's number or text, so the
// error keeps only the status.
func refusal(status int, header http.Header, answer []byte) error {
	cause := fmt.Errorf("evolution answered %d", status)
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return errs.Wrap(errs.Unavailable, "whatsapp-unauthorized", "the WhatsApp server refuses the configured key", cause)
	case status == http.StatusNotFound:
		return errUnknownInstance(cause)
	case status == http.StatusGatewayTimeout:
		return errUncertain(cause) // a proxy gave up waiting; the server behind it may not have
	case status >= 500 || status < 400 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout:
		err := errs.Wrap(errs.Unavailable, "whatsapp-unavailable", "the WhatsApp server is unavailable", cause)
		err.Retry = retryAfter(header)
		return err
	}
	// Whatever goes wrong while sending is a 400, so the reasons have to be looked at.
	reasons := reasonsIn(answer)
	switch {
	case reasons.notOnWhatsApp:
		return errs.Wrap(errs.Invalid, "not-on-whatsapp", "the number is not on WhatsApp", cause)
	case reasons.connectionLost:
		return errs.Wrap(errs.Unavailable, "whatsapp-unavailable", "the clinic's WhatsApp is not connected", cause)
	}
	return errs.Wrap(errs.Invalid, "whatsapp-refused", "the WhatsApp server refuses the message", cause)
}

// reasons is what an error's message says. The message is a text, a list of texts, a list of lists of texts (from the
// validation of the request), or a list of objects (from the look-up of the number); on some routes it is one level up.
type reasons struct{ notOnWhatsApp, connectionLost bool }

func reasonsIn(answer []byte) reasons {
	var r reasons
	body := objectOf(answer)
	r.read(body.at("response")["message"], 3)
	r.read(body["message"], 3)
	return r
}

func (r *reasons) read(raw json.RawMessage, depth int) {
	if len(raw) == 0 || depth == 0 {
		return
	}
	switch raw[0] {
	case '"':
		text := strings.ToLower(stringOf(raw))
		// The socket's own words, which it says before anything is sent.
		for _, words := range []string{"connection closed", "connection lost", "connection was lost", "connection terminated"} {
			r.connectionLost = r.connectionLost || strings.Contains(text, words)
		}
	case '{':
		r.notOnWhatsApp = r.notOnWhatsApp || string(objectOf(raw)["exists"]) == "false"
	case '[':
		for _, element := range listOf(raw) {
			r.read(element, depth-1)
		}
	}
}

// retryAfter reads the header in both of its forms, seconds and a date; 0 when it says nothing.
func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), int(maxRetry/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(time.Until(at), 0), maxRetry)
	}
	return 0
}
