package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// finish sends the clients home, waits until the service has done what is left to do, and checks everything.
func (w *torture) finish() {
	w.t.Helper()
	w.proveService()
	close(w.over)
	w.clients.Wait()
	w.settle()
	w.checkVisits()
	w.checkCalendars()
	w.checkConversations()
	w.checkEvents()
	w.checkLogs()
	for _, p := range w.services {
		p.end()
	}
	w.t.Logf("%s\n  taken away %d times; holds left behind %d; replies sent again %d", w.tally, w.kills, w.left, w.repeats)
	if w.t.Failed() {
		w.t.Log(w.logs())
	}
}

// proveService has a patient book who begins after everything that happened.
func (w *torture) proveService() {
	w.t.Helper()
	w.await("a conversation that ends with a visit", func() bool {
		p := w.newPatient(rand.New(rand.NewPCG(1, 1)))
		p.begins, p.wants = "Preciso de um clínico geral", "keep" // with whom nobody else books
		return p.talk() && p.booked
	})
}

// settle waits until there is nothing left to do. What is only due after a while is waited for in the long form of a
// test; the short one has that while pass at once.
func (w *torture) settle() {
	w.t.Helper()
	none := func(sql string) func() bool {
		return func() bool {
			var left int
			w.query(`SELECT count(*) FROM (`+sql+`) AS left_over`, &left)
			return left == 0
		}
	}
	w.await("every message to be answered", none(`SELECT FROM conversation_messages WHERE status = 'pending'`))
	w.await("every job that is due to be done", none(`SELECT FROM jobs WHERE run_at <= now() - interval '1 second'`))
	w.query(`SELECT count(*) FROM appointments WHERE status = 'held'`, &w.left)
	if !w.long {
		w.passTime()
	}
	w.await("every job to be done", none(`SELECT FROM jobs`))
	w.await("every hold to be resolved", none(`SELECT FROM appointments WHERE status = 'held'`))
	w.await("River to come to rest", none(`SELECT FROM river.river_job WHERE state NOT IN ('completed', 'cancelled')`))
}

// passTime has come what waits for its time.
func (w *torture) passTime() {
	w.t.Helper()
	err := pgx.BeginFunc(w.t.Context(), w.db, func(tx pgx.Tx) error {
		for _, sql := range []string{
			`UPDATE appointments SET held_until = held_until - interval '2 minutes' WHERE status = 'held'`,
			`UPDATE jobs SET run_at = now() WHERE run_at > now()`,
			`UPDATE river.river_job SET state = 'available', scheduled_at = now() WHERE state IN ('scheduled', 'retryable')`,
		} {
			if _, err := tx.Exec(w.t.Context(), sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// rows reads everything that a query finds.
func rows[T any](w *torture, sql string) []T {
	w.t.Helper()
	found, err := w.db.Query(w.t.Context(), sql)
	if err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	all, err := pgx.CollectRows(found, pgx.RowToStructByPos[T])
	if err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return all
}

type storedVisit struct {
	ID, Status, Notes, Contact string
	Start                      time.Time
}

// checkVisits checks that there is every visit that somebody was told of, as told, and no other than was asked for.
func (w *torture) checkVisits() {
	w.t.Helper()
	var overlaps int
	w.query(`SELECT count(*) FROM appointments AS a JOIN appointments AS b ON a.professional_id = b.professional_id
			AND a.appointment_id < b.appointment_id AND tstzrange(a.starts_at, a.blocked_until) && tstzrange(b.starts_at, b.blocked_until)
		WHERE a.status IN ('held', 'confirmed') AND b.status IN ('held', 'confirmed')`, &overlaps)
	w.expect(overlaps == 0, "%d pairs of visits overlap", overlaps)

	stored := rows[storedVisit](w, `SELECT appointment_id::text, status::text, coalesce(notes, ''), coalesce(contact, ''), starts_at FROM appointments`)
	byID := map[string]storedVisit{}
	taken := map[string]int{} // how many visits came of a booking by the API, or of a conversation
	for _, v := range stored {
		byID[v.ID] = v
		if v.Status == "expired" {
			continue
		}
		taken[v.Notes+v.Contact]++
		w.expect(v.Contact != "" || w.facts.tags[v.Notes], "nobody asked for the visit %+v", v)
	}
	for who, n := range taken {
		w.expect(n == 1, "%d visits came of %q, want one", n, who)
	}
	for _, told := range w.facts.visits {
		got, ok := byID[told.id]
		want := "confirmed"
		if told.cancelled {
			want = "cancelled"
		}
		switch {
		case !ok, got.Notes != told.tag, !told.unknown && (got.Status != want || !got.Start.Equal(told.start)):
			w.t.Errorf("found %+v, want %s at %s for %s", got, want, told.start.UTC(), told.tag)
		}
	}
	byContact := map[string]storedVisit{}
	for _, v := range stored {
		if v.Status != "expired" && v.Contact != "" {
			byContact[v.Contact] = v
		}
	}
	for _, p := range w.facts.patients {
		got := byContact["+"+p.number]
		switch {
		case p.cancelled:
			w.expect(got.Status == "cancelled", "%s was told that the visit is cancelled, and it is %+v", p.number, got)
		case p.booked && p.wants != "cancel":
			w.expect(got.Status == "confirmed", "%s was told of a visit, and it is %+v", p.number, got)
		case p.booked:
			w.expect(got.ID != "", "%s was told of a visit that is not there", p.number)
		}
	}
	w.checkAppointmentsByAPI(byID)
}

// checkAppointmentsByAPI checks that the API shows what the database holds.
func (w *torture) checkAppointmentsByAPI(byID map[string]storedVisit) {
	w.t.Helper()
	c := &client{base: w.anyService(), who: w.session.client.who, http: w.http}
	if err := c.login(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	shown, err := list[appointment](w.t.Context(), c, "/v1/clinics/"+w.clinic.TenantID+"/appointments")
	if err != nil {
		w.t.Fatal(err)
	}
	w.expect(len(shown) == len(byID), "the API lists %d appointments, want %d", len(shown), len(byID))
	for _, a := range shown {
		want := byID[a.ID]
		w.expect(a.Status == want.Status && a.Start.Equal(want.Start), "the API shows %+v, want %+v", a, want)
	}
}

// checkCalendars checks that each confirmed visit has its event in the calendar of its professional, and that there is no
// other event.
func (w *torture) checkCalendars() {
	w.t.Helper()
	for _, wrong := range rows[struct{ Visit, Event string }](w, `
		SELECT coalesce(a.appointment_id::text || ' ' || a.starts_at, 'none'), coalesce(e.event_id || ' ' || e.starts_at, 'none')
		FROM (SELECT a.*, p.google_calendar_id AS own_calendar FROM appointments AS a
			JOIN clinic_professionals AS p USING (professional_id) WHERE a.status = 'confirmed') AS a
		FULL JOIN calendar_events AS e ON e.appointment_id = a.appointment_id AND e.professional_id = a.professional_id
			AND e.tenant_id = a.tenant_id AND e.calendar_id = a.own_calendar AND e.starts_at = a.starts_at AND e.ends_at = a.ends_at
			AND e.event_id = 'sec' || replace(a.appointment_id::text, '-', '')
		WHERE a.appointment_id IS NULL OR e.event_id IS NULL`) {
		w.t.Errorf("the confirmed visit %s has the calendar's event %s", wrong.Visit, wrong.Event)
	}
}

type storedMessage struct {
	Contact, Direction, External, Text, Status string
	Turn                                       *string
}

// checkConversations checks that each message that was acknowledged is there once, in its order; that the replies are those
// that its turn led to, in the order of the messages; and that they were sent so, a few of them twice at most.
func (w *torture) checkConversations() {
	w.t.Helper()
	kept := map[string][]storedMessage{}
	for _, m := range rows[storedMessage](w, `
		SELECT c.contact, m.direction, coalesce(m.external_id, ''), m.text, m.status, m.turn::text
		FROM conversation_messages AS m JOIN conversations AS c USING (conversation_id) ORDER BY m.id`) {
		w.expect(m.Status == "done", "a message is %s: %+v", m.Status, m)
		kept[m.Contact] = append(kept[m.Contact], m)
	}
	for _, p := range w.facts.patients {
		var in, replied, sent []string
		for _, m := range kept["+"+p.number] {
			if m.Direction == "out" {
				sent = append(sent, m.Text)
				continue
			}
			in = append(in, m.External)
			replied = append(replied, w.repliesOf(m)...)
		}
		var want []string
		for n := range p.acked {
			want = append(want, fmt.Sprintf("%s-%d", p.number, n+1))
		}
		if len(in) == len(want)+1 { // one that was stored and never acknowledged
			want = append(want, fmt.Sprintf("%s-%d", p.number, len(want)+1))
		}
		w.expect(slices.Equal(in, want), "%s: messages %q, want %q", p.number, in, want)
		w.expect(slices.Equal(sent, replied), "%s: the replies are\n%q, and the messages led to\n%q", p.number, sent, replied)
		got := w.whatsApp.sentTo(p.number)
		w.expect(slices.Equal(runs(got), runs(sent)) && len(got) >= len(sent), "%s: sent were\n%q, want\n%q", p.number, got, sent)
		w.repeats += len(got) - len(sent)
	}
	w.expect(len(kept) <= len(w.facts.patients), "%d conversations, want at most %d", len(kept), len(w.facts.patients))
	// A process sends no more replies at once than it has workers, and only those that it was sending can be repeated.
	w.expect(w.repeats <= w.kills*jobWorkers, "%d replies were sent again in %d kills", w.repeats, w.kills)
}

func (w *torture) repliesOf(m storedMessage) []string {
	var turn struct{ Replies []string }
	if m.Turn == nil {
		w.t.Errorf("a message led to nothing: %+v", m)
	} else if err := json.Unmarshal([]byte(*m.Turn), &turn); err != nil {
		w.t.Error(err)
	}
	return turn.Replies
}

type storedEvent struct {
	ID           int64
	Name         string
	Client, N, I int
}

// checkEvents checks that each event that was acknowledged is there once, that a batch is there as a whole or not at all,
// and that a client's events are in the order in which it sent them.
func (w *torture) checkEvents() {
	w.t.Helper()
	got := map[string][]int64{}
	last := map[string]storedEvent{}
	for _, e := range rows[storedEvent](w, `
		SELECT id, name, (data->>'client')::int, (data->>'n')::int, coalesce((data->>'i')::int, 0)
		FROM room_events WHERE name IN ('batch', 'single') ORDER BY id`) {
		key := fmt.Sprintf("%s-%d-%d", e.Name, e.Client, e.N)
		got[key] = append(got[key], e.ID)
		stream := fmt.Sprintf("%s-%d", e.Name, e.Client)
		before, any := last[stream]
		inOrder := !any || e.N > before.N && e.I == 0 || e.N == before.N && e.I == before.I+1
		w.expect(inOrder, "the event %+v comes after %+v", e, before)
		last[stream] = e
	}
	for key, ids := range w.facts.batches {
		switch {
		case ids != nil:
			w.expect(slices.Equal(got[key], ids), "%s has the events %v, want %v", key, got[key], ids)
		default:
			w.expect(len(got[key]) == 0 || len(got[key]) == 5, "%s has the events %v, want 5 or none", key, got[key])
		}
	}
	for key, id := range w.facts.singles {
		switch {
		case id != 0:
			w.expect(slices.Equal(got[key], []int64{id}), "%s is stored as %v, want %d", key, got[key], id)
		default:
			w.expect(len(got[key]) <= 1, "%s is stored as %v, want it once at most", key, got[key])
		}
	}
}

// checkLogs checks that no process said what must never happen.
func (w *torture) checkLogs() {
	w.t.Helper()
	for _, p := range w.services {
		for line := range strings.Lines(p.said.String()) {
			for _, never := range []string{
				"DATA RACE", "panic", "internal error", "a key had jobs and no head", "a job was given up", "a message was given up",
				"conversation handed over", "unknown job",
			} {
				w.expect(!strings.Contains(line, never), "a process said: %s", line)
			}
		}
	}
}
