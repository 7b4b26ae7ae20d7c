package service_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/text"
)

var (
	episodes = flag.Int("episodes", 0, "how many conversations of lines in any order are held; 0: a few")
	seed     = flag.Uint64("seed", 1, "of the first of them")
)

// TestNoMessageInAnyOrderWritesToAnotherCalendar draws lines from all scripts, changes them, and has one to three patients
// write them in any order. The observer judges every write and every reply. What fails is told as a script.
func TestNoMessageInAnyOrderWritesToAnotherCalendar(t *testing.T) {
	t.Parallel()
	lines := linesOfScripts(t)
	n := *episodes
	switch {
	case n > 0:
	case os.Getenv("SECRETARY_TEST_STORE") == "postgres":
		n = 6
	default:
		n = 60
	}
	var booked, done atomic.Int64
	t.Run("episodes", func(t *testing.T) {
		t.Parallel()
		for i := range n {
			at := *seed + uint64(i)
			t.Run(fmt.Sprint("seed=", at), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(at, 7))
				booked.Add(int64(muddle(t, lines, 40, r.IntN)))
				done.Add(1)
			})
		}
	})
	t.Cleanup(func() {
		t.Logf("%d visits were booked in %d episodes", booked.Load(), done.Load())
		if done.Load() == int64(n) && booked.Load() < int64(n)/4 {
			t.Errorf("only %d visits were booked in %d episodes: what is never booked proves nothing", booked.Load(), n)
		}
	})
}

// FuzzConversation is the same with the order taken from bytes.
func FuzzConversation(f *testing.F) {
	lines := linesOfScripts(f)
	f.Add([]byte("Quero consulta"))
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 250, 251, 252, 253, 254, 255})
	f.Fuzz(func(t *testing.T, order []byte) {
		order = order[:min(len(order), 120)]
		muddle(t, lines, len(order)/3, func(n int) int {
			if len(order) == 0 {
				return 0
			}
			drawn := int(order[0])
			order = order[1:]
			return drawn % n
		})
	})
}

// linesOfScripts are the things that happen in any script, but those that set its clinic up.
func linesOfScripts(tb testing.TB) []scriptLine {
	tb.Helper()
	var out []scriptLine
	for _, path := range scripts(tb) {
		for _, l := range readScript(tb, path) {
			switch l.verb {
			case ">", ">>", "clinic>", "repeat", "swap", "+", "block", "calendar":
				out = append(out, l)
			}
		}
	}
	return out
}

// persona is a patient of whom nobody else may hear.
type persona struct{ phone, name, data string }

func personas() []persona {
	return []persona{
		{ana, "Ana Quixadá", "Ana Quixadá, 12/03/1985, 11 95555-0011"},
		{bia, "Bia Yoshida", "Bia Yoshida, 01/02/1990, 11 95555-0012"},
		{"+5511955550013", "Caio Wanderley", "Caio Wanderley, 30/11/1979, 11 95555-0013"},
	}
}

// own replaces what the scripts say of their patients by what is this one's.
func (p persona) own(said string) string {
	return strings.NewReplacer("Ana Souza", p.name, "Bia Lima", p.name, "ana souza", strings.ToLower(p.name),
		"0011", p.phone[len(p.phone)-4:], "0012", p.phone[len(p.phone)-4:], "0013", p.phone[len(p.phone)-4:]).Replace(said)
}

// muddle plays as many lines as it is told, in an order that draw decides; draw returns 0 to n-1. It returns how many visits
// were booked.
func muddle(t *testing.T, lines []scriptLine, count int, draw func(n int) int) int {
	t.Helper()
	s := enter(t)
	people := personas()[:1+draw(3)]
	var played []string
	play := func(l scriptLine) {
		played = append(played, l.verb+" "+l.rest)
		s.at = fmt.Sprintf("line %d", len(played))
		s.play(l)
		s.judge()
	}
	defer func() {
		if t.Failed() {
			t.Logf("it was:\n%s", strings.Join(played, "\n"))
		}
	}()
	for i := 0; i < count && !t.Failed(); i++ {
		who := people[draw(len(people))]
		if s.patient != who.phone {
			play(scriptLine{verb: "as", rest: who.phone + " " + who.name})
		}
		for _, l := range next(s, who, lines, draw) {
			play(l)
		}
		s.keepSecrets(who, people)
	}
	s.at = "the end"
	play(scriptLine{verb: "calendar", rest: "back"})
	for range 3 {
		s.pass(6 * time.Hour) // what was put off is due
		s.settle()
	}
	s.checkCalendars()
	n := 0
	for _, p := range s.people {
		n += len(s.confirmed(p))
	}
	return n
}

// next is what the patient does next: what it was asked for, or anything.
func next(s *stage, who persona, lines []scriptLine, draw func(n int) int) []scriptLine {
	if draw(2) == 0 {
		return []scriptLine{{verb: ">", rest: obliging(s, who, draw)}}
	}
	l := lines[draw(len(lines))]
	switch l.verb {
	case ">", ">>":
		l.rest = who.own(change(l.rest, lines, draw))
	case "repeat":
		if len(s.last) == 0 || s.last[0].Phone != who.phone {
			return nil // a repetition is of this patient's last delivery
		}
	case "swap":
		first, second := obliging(s, who, draw), obliging(s, who, draw)
		return []scriptLine{l, {verb: ">", rest: first}, {verb: ">", rest: second}}
	}
	return []scriptLine{l}
}

// obliging is what somebody writes who wants a visit and reads what the clinic asks.
func obliging(s *stage, who persona, draw func(n int) int) string {
	asked := ""
	for _, m := range s.messagesOf(s.t.Context(), who.phone) {
		if m.Direction == "out" {
			asked = m.Text
		}
	}
	some := func(of ...string) string { return of[draw(len(of))] }
	switch {
	case strings.Contains(asked, "Nome completo"), strings.Contains(asked, "Data de nascimento"), strings.Contains(asked, "Telefone para"):
		return who.data
	case strings.Contains(asked, "Está correto?"), strings.Contains(asked, "Gostaria de agendar"), strings.Contains(asked, "Confirma o"):
		return some("sim", "sim", "Sim!", "pode ser", "isso", "não", "👍", "sim, por favor")
	case strings.Contains(asked, "1. "):
		return some("1", "2", "3", "4", "o primeiro", "a segunda", "amanhã às 10h", "quinta à tarde", "7")
	}
	return some("Quero consulta com o Dr. João", "quero botox", "quero marcar uma consulta", "Preciso de um clínico geral",
		"quero remarcar minha consulta", "quero cancelar minha consulta", "voltar", "voltar", "consulta com a dra maria amanhã às 15h")
}

// change makes another text of a line: as people type it, or as somebody who means ill does.
func change(said string, lines []scriptLine, draw func(n int) int) string {
	if strings.HasPrefix(said, "[") {
		return said
	}
	switch draw(10) {
	case 0:
		return text.Fold(said)
	case 1:
		return strings.ToUpper(said)
	case 2:
		return said + " " + said
	case 3:
		if other := lines[draw(len(lines))]; other.verb == ">" && !strings.HasPrefix(other.rest, "[") {
			return said + ", " + other.rest
		}
	case 4:
		return fmt.Sprint(1 + draw(9))
	case 5:
		return []string{"sim", "não", "sim não", "talvez"}[draw(4)]
	case 6:
		return strings.ReplaceAll(said, " ", "")
	case 7:
		letters := []rune(said)
		if i := draw(len(letters)); i > 0 {
			letters[i-1], letters[i] = letters[i], letters[i-1]
		}
		return string(letters)
	case 8:
		words := strings.Fields(said)
		slices.Reverse(words)
		return strings.Join(words, " ")
	}
	return said
}

// keepSecrets checks that a patient was told nothing of the others.
func (s *stage) keepSecrets(who persona, people []persona) {
	s.t.Helper()
	said := text.Fold(strings.Join(s.replies, "\n"))
	for _, other := range people {
		if other.phone == who.phone {
			continue
		}
		surname := text.Fold(strings.Fields(other.name)[1])
		if strings.Contains(said, surname) || strings.Contains(said, other.phone[len(other.phone)-4:]) {
			s.fail("%s was told of %s: %q", who.name, other.name, said)
		}
	}
}
