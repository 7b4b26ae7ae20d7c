package evolutiontest

import (
	"encoding/json"
	"net/http"
	"time"
)

// Call is what the server was asked for.
type Call struct {
	Route    string // "sendText", "sendPresence", "findMessages", "set", "connectionState"
	N        int    // the how manieth call of its route it is, from 1
	Instance string
	Number   string `json:"number"`
	Text     string `json:"text"`
	Presence string `json:"presence"`
	Delay    int64  `json:"delay"` // milliseconds

	body []byte
}

// Fault is what goes wrong with a call. The zero Fault is that nothing does.
type Fault struct {
	Slow    time.Duration // before anything is done
	Status  int           // answered instead; 0: what it comes to
	Message any           // response.message of that answer: a text, a list of texts, a list of lists, or of objects
	Retry   string        // its Retry-After
	Done    bool          // with Status or Drop: what was asked for is done all the same
	Drop    bool          // the connection is cut without an answer
}

// ConnectionClosed is the fault of an instance that lost its telephone. This and the following are those of the real server,
// in its own words.
func ConnectionClosed() Fault {
	return Fault{Status: http.StatusBadRequest, Message: []string{"Error: Connection Closed"}}
}

// InternalError is what the server says of failures of its own.
func InternalError() Fault {
	return Fault{Status: http.StatusInternalServerError, Message: "Internal server error"}
}

// TooMany is the fault of who asks too often.
func TooMany() Fault {
	return Fault{Status: http.StatusTooManyRequests, Message: "Too Many Requests", Retry: "1"}
}

// NotOnWhatsApp is the fault of a number without an account.
func NotOnWhatsApp(number string) Fault {
	return Fault{Status: http.StatusBadRequest, Message: []object{{"jid": number + "@s.whatsapp.net", "exists": false, "number": number}}}
}

// apply answers a call; do does what was asked for.
func (f Fault) apply(w http.ResponseWriter, r *http.Request, do func() (int, any)) {
	if f.Slow > 0 {
		select {
		case <-time.After(f.Slow):
		case <-r.Context().Done(): // the caller gave up; the real server goes on all the same
		}
	}
	if f.Status == 0 && !f.Drop {
		status, body := do()
		answer(w, status, body)
		return
	}
	if f.Done {
		do()
	}
	if f.Drop {
		panic(http.ErrAbortHandler)
	}
	if f.Retry != "" {
		w.Header().Set("Retry-After", f.Retry)
	}
	refuse(w, f.Status, f.Message)
}

func refuse(w http.ResponseWriter, status int, message any) {
	status, body := refusal(status, message)
	answer(w, status, body)
}

// refusal is the body of an error.
func refusal(status int, message any) (int, any) {
	return status, object{"status": status, "error": http.StatusText(status), "response": object{"message": message}}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who asked may have gone
}
