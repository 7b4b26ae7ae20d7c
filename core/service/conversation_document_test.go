package service_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var updateDocuments = flag.Bool("update", false, "write what the assistant says in docs/conversations.md anew")

const (
	documentedConversations = "../../docs/conversations.md"
	conversationFence       = "```conversation"
	patientSays             = "Paciente: "
	assistantSays           = "Assistente: "
	calendarHolds           = "[calendar] "
	noEvent                 = calendarHolds + "no event"
)

// The blocks of docs/conversations.md that begin with ```conversation are played as the scripts of [TestConversations] are, in
// the same clinic at the same time. In a block,
//
//	Paciente: Quero botox         is what the patient writes on WhatsApp,
//	Assistente: ...               all that is answered, to the letter; further lines of a reply are indented,
//	[+ 3h]                        whatever else a script may say,
//	[calendar] Dr. João Silva: 24/11/2026 10:00      an event that is in somebody's calendar in the end, and there is no other.
//
// With -update the assistant's lines are written anew, and they alone.
func TestDocumentedConversations(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile(documentedConversations)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(document), conversationFence+"\n")
	if len(parts) < 2 {
		t.Fatalf("%s has no conversation", documentedConversations)
	}
	if *updateDocuments {
		t.Cleanup(func() {
			if err := os.WriteFile(documentedConversations, []byte(strings.Join(parts, conversationFence+"\n")), 0o644); err != nil {
				t.Error(err)
			}
		})
	}
	at := 1 // the line that a part begins with
	for i, part := range parts {
		first := at
		at += strings.Count(part, "\n") + 1
		if i == 0 {
			continue
		}
		t.Run(titleOf(parts[i-1]), func(t *testing.T) {
			t.Parallel()
			block, rest, closed := strings.Cut(part, "```\n")
			if !closed {
				t.Fatalf("line %d: the block does not end", first)
			}
			played := enter(t).playDocumented(strings.Split(strings.TrimSuffix(block, "\n"), "\n"), first)
			if *updateDocuments {
				parts[i] = played + "```\n" + rest
			} else if played != block {
				t.Errorf("the document has\n%s\nbut what is said is\n%s", block, played)
			}
		})
	}
}

// titleOf is the last heading of a text.
func titleOf(text string) string {
	_, title, _ := strings.Cut(text[strings.LastIndex(text, "\n## ")+1:], " ")
	title, _, _ = strings.Cut(title, "\n")
	return title
}

// playDocumented plays a block whose first line is the first of the document's, and returns it with what was said indeed.
func (s *stage) playDocumented(lines []string, first int) string {
	s.t.Helper()
	var played strings.Builder
	var calendars []string
	for i, line := range lines {
		s.at = fmt.Sprintf("%s:%d", documentedConversations, first+i)
		if strings.HasPrefix(line, assistantSays) || strings.HasPrefix(line, "  ") || line == "" {
			continue // it is said below, or it is not
		}
		fmt.Fprintln(&played, line)
		switch {
		case strings.HasPrefix(line, calendarHolds):
			calendars = append(calendars, line)
			continue
		case strings.HasPrefix(line, patientSays):
			s.play(scriptLine{s.at, ">", strings.TrimPrefix(line, patientSays)})
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			verb, rest, _ := strings.Cut(strings.Trim(line, "[]"), " ")
			s.play(scriptLine{s.at, verb, rest})
		default:
			s.t.Fatalf("%s: nobody knows what %q is", s.at, line)
		}
		for _, reply := range s.replies {
			fmt.Fprintln(&played, assistantSays+strings.ReplaceAll(strings.ReplaceAll(reply, "\n", "\n  "), "\n  \n", "\n\n"))
		}
		s.judge()
	}
	s.checkCalendars()
	if got := s.calendarLines(); !slices.Equal(got, calendars) {
		s.fail("the calendars are\n%s\nbut the document has\n%s", strings.Join(got, "\n"), strings.Join(calendars, "\n"))
	}
	return played.String()
}

// calendarLines are the events of all professionals as a document names them, by name and start.
func (s *stage) calendarLines() []string {
	s.t.Helper()
	var lines []string
	for name, p := range s.people {
		for _, e := range s.events(p) {
			if strings.HasPrefix(e.ID, "foreign") {
				continue // put there by hand
			}
			lines = append(lines, fmt.Sprintf("%s%s: %s", calendarHolds, name, e.Start.In(saoPaulo()).Format("02/01/2006 15:04")))
		}
	}
	slices.Sort(lines)
	if lines == nil {
		return []string{noEvent}
	}
	return lines
}
