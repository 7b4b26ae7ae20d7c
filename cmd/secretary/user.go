package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
)

// user makes users for whoever has the machine, and so the store, in hand.
func (p *program) user(_ context.Context, args []string) error {
	if len(args) == 0 || args[0] != "create" {
		return usagef("the command is: secretary user create -email ... -phone ... [-role MANAGER] [-entity-id ...]")
	}
	fs := p.flags("user create")
	email := fs.String("email", "", "`address` to log in with")
	role := fs.String("role", string(identity.Manager), "MANAGER or ENTITY_ADMIN")
	phone := fs.String("phone", "", "telephone `number`")
	entity := fs.Int64("entity-id", 0, "`id` of the entity of an ENTITY_ADMIN")
	if err := parse(fs, args[1:]); err != nil {
		return err
	}
	var c errs.Check
	_, err := identity.NewUser(identity.UserParams{
		Email: *email, PhoneNumber: *phone, Role: identity.Role(*role), EntityID: clinic.EntityID(*entity),
	}, clock())
	c.Note("user", err)
	password, err := p.newPassword()
	if err != nil {
		return err
	}
	c.Note("password", identity.CheckPassword(password.reveal()))
	if e, ok := errors.AsType[*errs.Error](c.Err()); ok {
		lines := []string{"the user cannot be made:"}
		for _, f := range e.Fields {
			lines = append(lines, "  "+f.Path+": "+f.Msg)
		}
		return errors.New(strings.Join(lines, "\n"))
	}
	return errors.New("the user is fine but would be gone at once: this version has the memory store only, which ends with " +
		"the process that has it. Give SECRETARY_ADMIN_EMAIL and SECRETARY_ADMIN_PASSWORD to secretary serve for a first " +
		"MANAGER, who makes others with POST /v1/users")
}

// newPassword takes the password from SECRETARY_USER_PASSWORD, or else the first line of the standard input: not from a
// flag, which every user of the machine could read.
func (p *program) newPassword() (secret, error) {
	if v := p.getenv("SECRETARY_USER_PASSWORD"); v != "" {
		return secret(v), nil
	}
	fmt.Fprintln(p.stderr, "password (one line):")
	in := bufio.NewScanner(p.stdin)
	if in.Scan() {
		return secret(in.Text()), nil
	}
	return "", in.Err()
}
