package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// chat lets a person be a patient: a line in, the replies out, until /sair or the end of the input.
func (p *program) chat(ctx context.Context, args []string) error {
	fs := p.flags("chat")
	server := p.remoteFlags(fs)
	phone := fs.String("phone", "+5511955550011", "the patient's telephone `number`")
	tenant := fs.String("clinic", "", "`tenant_id` of the clinic; the first one when left out")
	if err := parse(fs, args); err != nil {
		return err
	}
	r, err := server()
	if err != nil {
		return err
	}
	return p.with(ctx, r, func(ctx context.Context, c *client) error {
		clinic, err := findClinic(ctx, c, func(d directory) bool { return *tenant == "" || d.TenantID == *tenant })
		if err != nil {
			return err
		}
		return p.converse(ctx, c, clinic, *phone)
	})
}

func (p *program) converse(ctx context.Context, c *client, clinic directory, phone string) error {
	out := p.newPrinter()
	interactive := isTerminal(p.stdin) && isTerminal(p.stdout)
	if interactive {
		out.line("%s", p.greeting(clinic, phone))
	}
	lines, failed := readLines(ctx, p.stdin)
	for {
		if interactive {
			fmt.Fprint(p.stdout, out.paint(cyan, "> "))
		}
		select {
		case <-ctx.Done():
			return nil
		case line, ok := <-lines:
			if !ok {
				return <-failed
			}
			switch line = strings.TrimSpace(line); line {
			case "":
				continue
			case "/sair":
				return nil
			}
			if err := say(ctx, c, out, clinic, phone, line); err != nil {
				return err
			}
		}
	}
}

func (p *program) greeting(clinic directory, phone string) string {
	return fmt.Sprintf("You are %s, writing to %s. /sair ends.", phone, clinic.Name)
}

// say sends one line. A line that the service refuses is told and ends nothing.
func say(ctx context.Context, c *client, out printer, clinic directory, phone, line string) error {
	t, err := c.say(ctx, clinic.TenantID, phone, line)
	if refused, ok := errors.AsType[*problemError](err); ok && refused.Status == 422 {
		out.line("%s", out.paint(red, "("+refused.Detail+")"))
		return nil
	}
	if err != nil {
		return err
	}
	for _, r := range t.Replies {
		out.line("%s", out.paint(green, r.Text))
	}
	out.line("%s", out.paint(faint, t.summary()))
	return nil
}

// readLines reads in the background, so that a signal is heard while nobody types. After lines is closed, failed has why
// reading ended, nil for the end of the input.
func readLines(ctx context.Context, r io.Reader) (lines <-chan string, failed <-chan error) {
	out, end := make(chan string), make(chan error, 1)
	go func() {
		defer close(out)
		in := bufio.NewScanner(r)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			select {
			case out <- in.Text():
			case <-ctx.Done():
				end <- nil
				return
			}
		}
		end <- in.Err()
	}()
	return out, end
}
