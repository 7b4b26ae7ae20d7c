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
	"github.com/secretary-api/secretary/core/service"
)

// user makes users for whoever has the database in hand.
func (p *program) user(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] != "create" {
		return usagef("the command is: secretary user create -email ... -phone ... [-role MANAGER] [-entity-id ...]")
	}
	fs := p.flags("user create")
	email := fs.String("email", "", "`address` to log in with")
	role := fs.String("role", string(identity.Manager), "MANAGER or ENTITY_ADMIN")
	phone := fs.String("phone", "", "telephone `number`")
	entity := fs.Int64("entity-id", 0, "`id` of the entity of an ENTITY_ADMIN")
	cfg, err := loadConfig(fs, args[1:], p.getenv)
	if err != nil {
		return err
	}
	if cfg.Store != storePostgres {
		return errors.New("DATABASE_URL must name the database that the user is made in: the memory store ends with the process that " +
			"has it. For a first MANAGER there, give SECRETARY_ADMIN_EMAIL and SECRETARY_ADMIN_PASSWORD to secretary serve")
	}
	password, err := p.newPassword()
	if err != nil {
		return err
	}
	log := newLogger(cfg, p.stderr)
	store, err := openStore(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer store.close()
	app, err := wire(cfg, store, newMetrics(), "", log) //nolint:contextcheck // as in serve
	if err != nil {
		return err
	}
	user, err := app.services.Users.CreateByOperator(identity.WithTrail(ctx, identity.Trail{Actor: identity.Operator}), service.NewUser{
		Email: *email, Password: password.reveal(), PhoneNumber: *phone, Role: identity.Role(*role), EntityID: clinic.EntityID(*entity),
	})
	if e, ok := errors.AsType[*errs.Error](err); ok && len(e.Fields) > 0 {
		lines := []string{"the user cannot be made:"}
		for _, f := range e.Fields {
			lines = append(lines, "  "+f.Path+": "+f.Msg)
		}
		return errors.New(strings.Join(lines, "\n"))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "made user %d: %s, %s\n", user.ID, user.Email, user.Role)
	return nil
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
