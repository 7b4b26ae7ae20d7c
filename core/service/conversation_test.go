package service_test

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
)

// The scripts in testdata/conversations are whole conversations with the demo clinic, each in a world of its own: Monday,
// 23 November 2026, 09:00 in São Paulo, with Dr. João Silva (joao@calendar), Dra. Maria Costa (maria@calendar, who alone
// offers Botox, R$ 1.200,00, 45 minutes) and Dr. Pedro Santos (pedro@calendar), who work from 08:00 to 18:00 on weekdays.
//
// A line begins with what it is; an empty line, or one that begins with "# ", is nothing.
//
// What happens:
//
//	> Quero botox                 the patient writes on WhatsApp; all that follows from it is done before the next line
//	> oi | Quero botox            two messages of one delivery
//	> [audio]  > [unsupported]    what is no text
//	>> Quero botox                the same by the API
//	repeat                        the last delivery comes again
//	swap                          the next two lines of the patient arrive the later one first
//	clinic> Bom dia               somebody of the clinic writes to the patient on the clinic's phone
//	as +5511955550012 Bia Lima    who is the patient from here on, and what it calls itself; Ana at first
//	+ 3h                          time passes; "d" is a day
//	@ 2026-12-01 08:00            it is that time, in the clinic's zone
//	calendar away                 until "calendar back"
//	block joao@calendar 2026-11-24 08:00 to 08:30      somebody puts an event there by hand
//	has address Rua das Flores, 10
//	closed 2026-11-24 Recesso     the clinic is closed on that day
//	has professional Dra. Maria Lima | Pediatra | lima@calendar | criança, bebê
//	has service Dr. João Silva | Ecocardiograma | 35000 | 40 | eco      the price in cents, minutes, other words
//
// What is expected, of what was said to the patient since something happened last:
//
//	< part of a reply             !< what is in no reply
//	= silence                     = replies 2
//	= state choosing_slot         = intent schedule
//	= professional Dra. Maria Costa                     of the last turn; or "none"
//	= booked 1                    confirmed visits at the clinic, with as many events in their professionals' calendars
//	= events 1 maria@calendar     whoever put them there
//	= appointment confirmed Dra. Maria Costa 2026-11-24 08:00      the patient has such a visit
//
// Besides what a script expects, every write to a calendar and every reply is judged by [observer].
func TestConversations(t *testing.T) {
	t.Parallel()
	for _, path := range scripts(t) {
		name := strings.TrimSuffix(filepath.Base(path), ".txt")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := enter(t)
			for _, line := range readScript(t, path) {
				s.at = line.at
				s.play(line)
				s.judge()
			}
			s.checkCalendars()
		})
	}
}

var scriptFiles = flag.String("scripts", "testdata/conversations/*.txt", "the scripts that conversations are held by")

func scripts(tb testing.TB) []string {
	tb.Helper()
	paths, err := filepath.Glob(*scriptFiles)
	if err != nil || len(paths) == 0 {
		tb.Fatalf("found %d scripts, error %v", len(paths), err)
	}
	return paths
}

// scriptLine is one of a script: a verb, and what goes with it.
type scriptLine struct{ at, verb, rest string }

func readScript(tb testing.TB, path string) []scriptLine {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var lines []scriptLine
	scanner := bufio.NewScanner(f)
	for n := 1; scanner.Scan(); n++ {
		text := strings.TrimSpace(scanner.Text())
		if text == "" || strings.HasPrefix(text, "# ") || text == "#" {
			continue
		}
		verb, rest, _ := strings.Cut(text, " ")
		lines = append(lines, scriptLine{fmt.Sprintf("%s:%d", path, n), verb, strings.TrimSpace(rest)})
	}
	if err := scanner.Err(); err != nil || len(lines) == 0 {
		tb.Fatalf("%s: %d lines, error %v", path, len(lines), err)
	}
	return lines
}

// stage is a world on which scripts are played.
type stage struct {
	*reminding

	watch   *observer
	at      string // the line of the script
	patient string // the telephone of who is writing
	called  string // what it calls itself
	heard   int    // messages that had been sent to anybody when something happened last
	replies []string
	written int // messages of patients so far
	last    []reception.Inbound
	swap    int // lines of the patient that are still to be held back or let go
	held    []reception.Inbound
	people  map[string]agenda.ClinicProfessional
}

func enter(t *testing.T) *stage {
	t.Helper()
	w := open(t)
	w.desk = service.NewFrontDesk(w.deps(), w.agenda, service.Offline{}, jsonDecoder{}, w.messenger, service.FrontDeskOptions{Debounce: 2 * time.Second})
	s := &stage{reminding: &reminding{world: w, processes: [2]*service.Reminders{service.NewReminders(w.deps()), service.NewReminders(w.deps())}}, watch: newObserver(w), patient: ana, called: "Ana", people: map[string]agenda.ClinicProfessional{}}
	for _, p := range []agenda.ClinicProfessional{w.joao, w.maria, w.pedro} {
		s.people[p.Name] = p
	}
	return s
}

func (s *stage) fail(format string, args ...any) {
	s.t.Helper()
	s.t.Errorf("%s: %s", s.at, fmt.Sprintf(format, args...))
}

// judge fails on what the observer saw and ought not to have seen.
func (s *stage) judge() {
	s.t.Helper()
	for _, wrong := range s.watch.tell() {
		s.fail("%s", wrong)
	}
}

func (s *stage) play(l scriptLine) {
	s.t.Helper()
	switch l.verb {
	case "<", "!<", "=":
		s.expect(l)
		return
	}
	s.heard, s.replies = len(s.messenger.all()), nil
	switch l.verb {
	case ">":
		s.write(l.rest)
	case ">>":
		s.watch.listen(s.patient)
		s.replies = s.say(s.patient, l.rest).Replies
		s.watch.look(s.t.Context(), s.patient)
	case "repeat":
		s.arrive(s.last)
	case "swap":
		s.swap = 2
	case "clinic>":
		s.written++
		own := whatsapp("clinic-"+strconv.Itoa(s.written), s.patient, l.rest)
		own.FromClinic, own.SentAt = true, s.clock()
		s.arrive([]reception.Inbound{own})
	case "as":
		phone, name, _ := strings.Cut(l.rest, " ")
		s.patient, s.called = phone, name
	case "+":
		s.pass(s.duration(l.rest))
		s.settle()
	case "@":
		s.pass(s.moment(l.rest).Sub(s.clock()))
		s.settle()
	default:
		s.arrange(l)
	}
}

// write has the patient write on WhatsApp.
func (s *stage) write(texts string) {
	s.t.Helper()
	var out []reception.Inbound
	for text := range strings.SplitSeq(texts, " | ") {
		s.written++
		in := whatsapp("wamid-"+strconv.Itoa(s.written), s.patient, text)
		in.Name, in.SentAt = s.called, s.clock()
		switch text {
		case "[audio]":
			in.Kind, in.Text = reception.Audio, ""
		case "[unsupported]":
			in.Kind, in.Text = reception.Unsupported, ""
		}
		out = append(out, in)
		s.pass(time.Second)
	}
	switch s.swap {
	case 2:
		s.swap, s.held = 1, out
		return
	case 1:
		s.swap = 0
		s.last = s.held
		s.deliver(out...)
		s.arrive(s.held)
		return
	}
	s.last = out
	s.arrive(out)
}

// arrive delivers messages, and lets everything be done that follows from them.
func (s *stage) arrive(in []reception.Inbound) {
	s.t.Helper()
	s.deliver(in...)
	s.settle()
}

// settle lets everything be done that is due, and hears what the patient is told.
func (s *stage) settle() {
	s.t.Helper()
	s.watch.listen(s.patient)
	s.work()
	s.pass(10 * time.Second) // whoever waits for a patient to finish has waited by then
	s.look()
	s.work()
	for _, m := range s.messenger.all()[s.heard:] {
		if m.To == strings.TrimPrefix(s.patient, "+")+"@s.whatsapp.net" {
			s.replies = append(s.replies, m.Text)
		}
	}
	s.watch.look(s.t.Context(), s.patient)
}

// arrange changes the world around the conversation.
func (s *stage) arrange(l scriptLine) {
	s.t.Helper()
	var err error
	switch what, rest, _ := strings.Cut(l.rest, " "); l.verb + " " + what {
	case "calendar away":
		s.calendar.Fail(errs.New(errs.Unavailable, "calendar-unavailable", "away"))
	case "calendar back":
		s.calendar.Fail(nil)
	case "has address":
		s.clinic, err = s.clinics.Update(s.t.Context(), s.manager, s.clinic.ID, agenda.ClinicPatch{Address: patch.Set(rest)}, version.Match{})
	case "has professional":
		f := fields(rest)
		s.people[f[0]] = s.add(f[0], f[1], f[2], len(s.people)+1, words(f, 3)...)
		s.watch.owners[f[2]] = f[0]
	case "has service":
		f := fields(rest)
		cents, minutes := s.number(f[2]), s.number(f[3])
		_, err = s.clinics.AddService(s.t.Context(), s.manager, s.clinic.ID, s.professional(f[0]).ID, agenda.ServiceParams{
			Name: f[1], PriceCents: int64(cents), DurationMinutes: &minutes, Keywords: words(f, 4),
		})
		s.watch.prices[fmt.Sprintf("R$ %d,%02d", cents/100, cents%100)] = true // of less than R$ 1.000,00
	default:
		switch l.verb {
		case "block":
			from, until, _ := strings.Cut(rest, " to ")
			start := s.moment(from)
			s.calendar.Block(s.owner(what).Calendar(), agenda.Interval{Start: start, End: s.moment(from[:len("2026-11-24 ")] + until)})
		case "closed":
			day, parseErr := agenda.ParseDate(what)
			s.must(parseErr)
			closed := agenda.ClinicPatch{Closures: patch.Set([]agenda.Closure{{First: day, Last: day, Name: rest}})}
			s.clinic, err = s.clinics.Update(s.t.Context(), s.manager, s.clinic.ID, closed, version.Match{})
		default:
			s.t.Fatalf("%s: nobody knows what %q is", s.at, l.verb)
		}
	}
	s.must(err)
}

func (s *stage) expect(l scriptLine) {
	s.t.Helper()
	said := strings.Join(s.replies, "\n")
	switch l.verb {
	case "<":
		if !strings.Contains(said, l.rest) {
			s.fail("said %q, want %q in it", said, l.rest)
		}
		return
	case "!<":
		if strings.Contains(said, l.rest) {
			s.fail("said %q, want no %q in it", said, l.rest)
		}
		return
	}
	what, want, _ := strings.Cut(l.rest, " ")
	switch what {
	case "silence":
		if len(s.replies) != 0 {
			s.fail("said %q, want silence", said)
		}
	case "replies":
		if len(s.replies) != s.number(want) {
			s.fail("%d replies, want %s: %q", len(s.replies), want, said)
		}
	case "state":
		if got := s.state(s.patient); string(got) != want {
			s.fail("the conversation is %s, want %s; it said %q", got, want, said)
		}
	case "intent":
		if got := s.lastTurn().Intent; string(got) != want {
			s.fail("the intent is %s, want %s", got, want)
		}
	case "professional":
		got := "none"
		for _, p := range s.people {
			if p.ID == s.lastTurn().Professional {
				got = p.Name
			}
		}
		if got != want {
			s.fail("the professional is %s, want %s; it said %q", got, want, said)
		}
	case "booked":
		n := 0
		for _, p := range s.people {
			n += len(s.confirmed(p))
		}
		if n != s.number(want) {
			s.fail("%d visits are booked, want %s", n, want)
		}
		s.checkCalendars()
	case "events":
		n, calendar, _ := strings.Cut(want, " ")
		if events := s.events(s.owner(calendar)); len(events) != s.number(n) {
			s.fail("%d events in %s, want %s: %+v", len(events), calendar, n, events)
		}
	case "appointment":
		s.expectAppointment(want)
	default:
		s.t.Fatalf("%s: nobody knows what %q is", s.at, what)
	}
}

func (s *stage) expectAppointment(want string) {
	s.t.Helper()
	status, rest, _ := strings.Cut(want, " ")
	cut := len(rest) - len(" 2026-11-24 08:00")
	p, start := s.professional(rest[:cut]), s.moment(rest[cut+1:])
	list, err := s.store.Repositories().Appointments.List(s.t.Context(), identity.AllEntities(), agenda.AppointmentFilter{Contact: s.patient}, page.Request{})
	s.must(err)
	var got []string
	for _, a := range list.Items {
		if string(a.Status) == status && a.ProfessionalID == p.ID && a.Start.Equal(start) {
			return
		}
		got = append(got, fmt.Sprintf("%s in %s at %s", a.Status, a.CalendarID, a.Start.In(saoPaulo()).Format("2006-01-02 15:04")))
	}
	s.fail("the patient's visits are %q, want one %s", got, want)
}

// checkCalendars checks that the calendars hold the confirmed visits, each in its professional's, and nothing else of ours.
func (s *stage) checkCalendars() {
	s.t.Helper()
	for name, p := range s.people {
		visits := map[string]agenda.Appointment{}
		for _, a := range s.confirmed(p) {
			visits[a.EventID()] = a
		}
		for _, e := range s.events(p) {
			if a, ok := visits[e.ID]; ok && a.Start.Equal(e.Start) && a.End.Equal(e.End) {
				delete(visits, e.ID)
			} else if !strings.HasPrefix(e.ID, "foreign") {
				s.fail("%s's calendar holds %q at %s, which is no visit", name, e.Summary, e.Start)
			}
		}
		for _, a := range visits {
			s.fail("the visit to %s at %s is not in the calendar", name, a.Start)
		}
	}
}

// lastTurn is what the patient's last message led to.
func (s *stage) lastTurn() reception.Turn {
	s.t.Helper()
	var turn *reception.Turn
	for _, m := range s.messagesOf(s.t.Context(), s.patient) {
		if m.Turn != nil {
			turn = m.Turn
		}
	}
	if turn == nil {
		s.t.Fatalf("%s: no message of the patient was answered", s.at)
	}
	return *turn
}

func (s *stage) professional(name string) agenda.ClinicProfessional {
	s.t.Helper()
	p, ok := s.people[name]
	if !ok {
		s.t.Fatalf("%s: there is no %q", s.at, name)
	}
	return p
}

// owner is whose calendar it is.
func (s *stage) owner(calendar string) agenda.ClinicProfessional {
	s.t.Helper()
	return s.professional(s.watch.owners[calendar])
}

// moment reads "2026-11-24 08:00" in the clinic's zone.
func (s *stage) moment(text string) time.Time {
	s.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, saoPaulo())
	if err != nil {
		s.t.Fatalf("%s: %v", s.at, err)
	}
	return at.UTC()
}

func (s *stage) duration(text string) time.Duration {
	s.t.Helper()
	if days, ok := strings.CutSuffix(text, "d"); ok {
		return time.Duration(s.number(days)) * 24 * time.Hour
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		s.t.Fatalf("%s: %v", s.at, err)
	}
	return d
}

func (s *stage) number(text string) int {
	s.t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		s.t.Fatalf("%s: %v", s.at, err)
	}
	return n
}

func fields(text string) []string {
	out := strings.Split(text, " | ")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

// words are those of a field, "" when there is no such field.
func words(f []string, i int) []string {
	if i >= len(f) {
		return nil
	}
	out := strings.Split(f[i], ",")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}
