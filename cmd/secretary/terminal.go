package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// printer prints dialogues, in colours when somebody looks.
type printer struct {
	w      io.Writer
	colour bool
}

// newPrinter prints colours on a terminal, unless NO_COLOR is set (no-color.org).
func (p *program) newPrinter() printer {
	return printer{w: p.stdout, colour: isTerminal(p.stdout) && p.getenv("NO_COLOR") == ""}
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// The colours, as parameters of the terminal's SGR sequence.
const (
	bold  = "1"
	faint = "2"
	red   = "31"
	green = "32"
	cyan  = "36"
)

func (p printer) paint(colour, s string) string {
	if !p.colour {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}

func (p printer) line(format string, args ...any) { fmt.Fprintf(p.w, format+"\n", args...) }

func (p printer) title(s string) { p.line("\n%s", p.paint(bold, "== "+s)) }

// said prints what somebody said, the lines after the first one below its beginning.
func (p printer) said(who, colour, text string) {
	const indent = "             "
	label := fmt.Sprintf("  %-*s", len(indent)-2, who)
	for i, line := range strings.Split(text, "\n") {
		switch {
		case i == 0:
			p.line("%s%s", p.paint(colour, label), line)
		case line == "":
			p.line("")
		default:
			p.line("%s%s", indent, line)
		}
	}
}

// turn prints the answer to a message.
func (p printer) turn(t turn) {
	for _, r := range t.Replies {
		p.said("assistant", green, r.Text)
	}
	p.said("", faint, p.paint(faint, t.summary()))
}
