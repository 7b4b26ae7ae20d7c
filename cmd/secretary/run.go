package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
)

// program is a process seen from the inside, so that tests can run it too.
type program struct {
	getenv func(string) string
	stdin  io.Reader
	stdout io.Writer // what was asked for
	stderr io.Writer // logs, and the usage of a command that was called wrongly
}

// command is one of the program's subcommands.
type command struct {
	name    string
	summary string
	run     func(ctx context.Context, args []string) error
}

func (p *program) commands() []command {
	return []command{
		{"serve", "run the service", p.serve},
		{"migrate", "migrate up, migrate status: bring the database up to date, or tell how far it is", p.migrate},
		{"demo", "play the front desk and the back office against a server, and check what comes out", p.demo},
		{"chat", "write to the front desk as a patient", p.chat},
		{"user", "user create: make a user", p.user},
		{"openapi", "print the OpenAPI document", p.openapi},
		{"version", "print the version", p.version},
		{"help", "print this", p.help},
	}
}

// usageError is a command line that is not one.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// run runs the command that args begin with, until it is done or ctx ends.
func (p *program) run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return p.help(ctx, nil)
	}
	name := args[0]
	if name == "-h" || name == "-help" || name == "--help" {
		name = "help"
	}
	for _, c := range p.commands() {
		if c.name == name {
			err := c.run(ctx, args[1:])
			if errors.Is(err, flag.ErrHelp) {
				return nil // the flag set has printed its usage
			}
			return err
		}
	}
	p.printUsage(p.stderr)
	return usagef("there is no command %q", args[0])
}

func (p *program) help(_ context.Context, args []string) error {
	if len(args) > 0 {
		return usagef("help takes no arguments; try secretary %s -help", args[0])
	}
	p.printUsage(p.stdout)
	return nil
}

func (p *program) printUsage(w io.Writer) {
	var b strings.Builder
	b.WriteString("Usage: secretary <command> [flags]\n\nCommands:\n")
	for _, c := range p.commands() {
		fmt.Fprintf(&b, "  %-9s %s\n", c.name, c.summary)
	}
	b.WriteString("\n`secretary <command> -help` lists a command's flags. For a first try: SECRETARY_DEMO=true secretary serve\n")
	fmt.Fprint(w, b.String())
}

// flags makes the flag set of a command.
func (p *program) flags(name string) *flag.FlagSet {
	fs := flag.NewFlagSet("secretary "+name, flag.ContinueOnError)
	fs.SetOutput(p.stderr)
	return fs
}

// parse parses flags that no argument may follow.
func parse(fs *flag.FlagSet, args []string) error {
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return usagef("%v", err)
	case fs.NArg() > 0:
		return usagef("%s takes no argument %q", fs.Name(), fs.Arg(0))
	}
	return nil
}

func (p *program) version(_ context.Context, args []string) error {
	if err := parse(p.flags("version"), args); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, buildVersion())
	return nil
}

// buildVersion is what the Go tool stamped into the binary, "dev" when it did not.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return info.Main.Version
}
