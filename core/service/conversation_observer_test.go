package service_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/text"
	"github.com/secretary-api/secretary/ports"
)

// observer stands between the front desk and the calendars. It judges every write by what was said to the patient before,
// and knows nothing of how the desk came to it: neither drafts nor appointments, only messages and whose calendar is whose.
type observer struct {
	ports.Calendar

	w       *world
	owners  map[string]string // the professional's name by calendar, as the clinic was set up
	prices  map[string]bool   // as patients read them: "R$ 1.200,00"
	mu      sync.Mutex
	speaker string              // who is being answered
	agreed  map[string]agreedTo // by event
	read    map[string]int      // how many messages of a contact were looked at
	wrong   []string            // what ought not to have been, since it was last told
}

// agreedTo is what a patient has said yes to.
type agreedTo struct {
	calendar string
	start    time.Time
	gone     bool // cancelled
}

func newObserver(w *world) *observer {
	o := &observer{
		Calendar: w.writer.Calendar, w: w, prices: map[string]bool{"R$ 1.200,00": true}, agreed: map[string]agreedTo{}, read: map[string]int{},
		owners: map[string]string{"joao@calendar": "Dr. João Silva", "maria@calendar": "Dra. Maria Costa", "pedro@calendar": "Dr. Pedro Santos"},
	}
	w.writer.Calendar = o
	return o
}

// Put implements [ports.Calendar]. An attempt is judged, whether or not it succeeds.
func (o *observer) Put(ctx context.Context, cal agenda.Calendar, e agenda.Event) error {
	o.mu.Lock()
	before, known := o.agreed[e.ID]
	now := agreedTo{calendar: cal.ID, start: e.Start}
	if !known || before != now {
		named := []string{}
		if service, _, _ := strings.Cut(e.Summary, " - "); service != "Consulta" && !known {
			named = append(named, service)
		}
		o.judge(ctx, "put", cal.ID, e.Start, named...)
	}
	if known && before.calendar != cal.ID {
		o.complain("the event %s went from %s to %s", e.ID, before.calendar, cal.ID)
	}
	if cal.ID != e.CalendarID {
		o.complain("an event of %s was written to %s", e.CalendarID, cal.ID)
	}
	if !strings.Contains(e.Description, o.owners[cal.ID]) {
		o.complain("the event in %s does not name %s: %q", cal.ID, o.owners[cal.ID], e.Description)
	}
	o.agreed[e.ID] = now
	o.mu.Unlock()
	return o.Calendar.Put(ctx, cal, e)
}

// Delete implements [ports.Calendar].
func (o *observer) Delete(ctx context.Context, cal agenda.Calendar, eventID string) error {
	o.mu.Lock()
	if before, known := o.agreed[eventID]; known && !before.gone {
		if _, err := o.Get(ctx, cal, eventID); err == nil || errs.KindOf(err) != errs.NotFound {
			o.judge(ctx, "delete", cal.ID, before.start)
			before.gone = true
			o.agreed[eventID] = before
		}
	}
	o.mu.Unlock()
	return o.Calendar.Delete(ctx, cal, eventID)
}

// judge checks that the patient who is being answered was asked about this calendar's owner, day and hour, and whatever else
// is to be named, and said yes.
func (o *observer) judge(ctx context.Context, what, calendar string, start time.Time, named ...string) {
	question, answer := "", []string{}
	var asked, answered reception.MessageID
	for _, m := range o.w.messagesOf(context.WithoutCancel(ctx), o.speaker) {
		switch {
		case m.Direction == reception.Out && o.proposes(m.Text):
			question, asked = m.Text, m.ID
		case m.Status == reception.Pending:
			answer, answered = append(answer, m.Text), m.ID
		}
	}
	owner, known := o.owners[calendar]
	if !known {
		o.complain("%s of %s, which is nobody's calendar", what, calendar)
	}
	local := start.In(saoPaulo())
	for _, part := range append(named, owner, local.Format("02/01/2006"), local.Format("15:04"), "?") {
		if !strings.Contains(question, part) {
			o.complain("%s of %s at %s: the question was %q, without %q", what, calendar, local, question, part)
		}
	}
	if !slices.ContainsFunc(answer, agrees) {
		o.complain("%s of %s at %s: the answer to %q was %q", what, calendar, local, question, answer)
	}
	if answered < asked {
		o.complain("%s of %s at %s: %q was written before %q was asked", what, calendar, local, answer, question)
	}
}

// proposes reports whether a reply names a professional or a day. "I cannot hear audio" does not, and so leaves a question
// that was asked before it where it is.
func (o *observer) proposes(reply string) bool {
	for _, name := range o.owners {
		if strings.Contains(reply, name) {
			return true
		}
	}
	return day.MatchString(reply)
}

func (o *observer) complain(format string, args ...any) {
	o.wrong = append(o.wrong, fmt.Sprintf(format, args...))
}

// tell returns what ought not to have been since it was last called.
func (o *observer) tell() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	wrong := o.wrong
	o.wrong = nil
	return wrong
}

func (o *observer) listen(to string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.speaker = to
}

// maxSame is how often in a row a patient may be told the very same; but that the calendar is away is told each time.
const maxSame = 3

var (
	price       = regexp.MustCompile(`R\$\s?[\d.,]*\d`)
	day         = regexp.MustCompile(`\d\d/\d\d/\d{4}`)
	placeholder = regexp.MustCompile(`\{[a-z_]+\}`)
)

// look checks what was said to a contact since it was last called, and that every message of theirs was handled.
func (o *observer) look(ctx context.Context, contact string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	messages := o.w.messagesOf(ctx, contact)
	ids := map[string]bool{}
	before, row := "", 0
	for i, m := range messages {
		switch m.Direction {
		case reception.In:
			if m.Status == reception.Pending {
				o.complain("%q was not handled", m.Text)
			}
			if m.Status == reception.Failed {
				o.complain("%q failed: %s", m.Text, m.Error)
			}
			if m.ExternalID != "" && ids[m.ExternalID] {
				o.complain("%q is stored twice", m.Text)
			}
			ids[m.ExternalID] = true
		case reception.Out:
			if row++; m.Text != before {
				before, row = m.Text, 1
			}
			if i >= o.read[contact] {
				o.readReply(m.Text)
				if row > maxSame && !strings.HasPrefix(m.Text, "Não consegui consultar a agenda") {
					o.complain("%q was said %d times in a row", m.Text, row)
				}
			}
			if m.Status == reception.Pending {
				o.complain("the reply %q was not sent", m.Text)
			}
		}
	}
	o.read[contact] = len(messages)
}

func (o *observer) readReply(reply string) {
	for _, said := range price.FindAllString(reply, -1) {
		if !o.prices[said] {
			o.complain("%s is nobody's price: %q", said, reply)
		}
	}
	if placeholder.MatchString(reply) {
		o.complain("a placeholder was left in %q", reply)
	}
}

// agrees reports whether a text, read by somebody who knows nothing of the desk, may be a yes.
func agrees(said string) bool {
	for _, sign := range []string{"👍", "✅", "👌", "🙏"} {
		if strings.Contains(said, sign) {
			return true
		}
	}
	words := strings.FieldsFunc(text.Fold(said), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return slices.ContainsFunc(words, func(word string) bool {
		return yesWords[string(slices.Compact([]byte(word)))] || text.Similar(word, "confirmo") || text.Similar(word, "quero") // "siiim", "confrimo"
	})
}

var yesWords = func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(`sim s iso pode ok okay certo certa certinho coreto coreta confirmo confirma confirmado
		confirmar claro perfeito fechado combinado beleza blz quero otimo positivo uhum aham joia show bora vamos exato exatamente`) {
		words[word] = true
	}
	return words
}()

func saoPaulo() *time.Location {
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		panic(err)
	}
	return zone
}

// messagesOf are the messages with a contact, oldest first; none when it never wrote.
func (w *world) messagesOf(ctx context.Context, contact string) []reception.Message {
	w.t.Helper()
	r, all := w.store.Repositories(), identity.AllEntities()
	c, err := r.Conversations.ByContact(ctx, all, w.clinic.ID, contact)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	w.must(err)
	var out []reception.Message
	for req := (page.Request{Limit: page.MaxLimit}); ; {
		list, err := r.Messages.List(ctx, all, c.ID, req)
		w.must(err)
		out = append(out, list.Items...)
		if list.NextCursor == "" {
			return out
		}
		req.Cursor = list.NextCursor
	}
}
