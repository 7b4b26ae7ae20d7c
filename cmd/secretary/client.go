package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 8 << 20

// client talks to a running service as a user of its back office.
type client struct {
	base  string
	who   credentials
	http  *http.Client
	token string
}

// problem is an error that the service answered.
type problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func (p *problem) String() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail) }

// problemError is a call that was answered with a problem.
type problemError struct {
	call string
	problem
}

func (e *problemError) Error() string { return e.call + ": " + e.String() }

// newClient logs in.
func newClient(ctx context.Context, base string, who credentials) (*client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("the URL must be an http or https address")
	}
	c := &client{base: strings.TrimRight(base, "/"), who: who, http: &http.Client{Timeout: time.Minute}}
	return c, c.login(ctx)
}

func (c *client) login(ctx context.Context) error {
	c.token = ""
	var session struct {
		AccessToken string `json:"access_token"`
	}
	err := c.send(ctx, http.MethodPost, "/v1/auth/login", map[string]string{"email": c.who.email, "password": c.who.password.reveal()}, &session)
	if err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	c.token = session.AccessToken
	return nil
}

// call sends in and decodes the answer into out; nil is nothing to send, or an answer of no interest. A token that has
// expired meanwhile is renewed once.
func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	err := c.send(ctx, method, path, in, out)
	if p, ok := errors.AsType[*problemError](err); ok && p.Status == http.StatusUnauthorized {
		if err := c.login(ctx); err != nil {
			return err
		}
		return c.send(ctx, method, path, in, out)
	}
	return err
}

func (c *client) send(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader = http.NoBody
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		e := &problemError{call: method + " " + path}
		if json.Unmarshal(raw, &e.problem) != nil || e.Status == 0 {
			e.problem = problem{Status: resp.StatusCode, Detail: "the answer is not of this service"}
		}
		return e
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}

// remote is which server a command talks to.
type remote struct {
	url string
	who credentials
	own bool // a private server, as no URL was given
}

// remoteFlags defines the flags of a command that talks to a server.
func (p *program) remoteFlags(fs *flag.FlagSet) func() (remote, error) {
	address := fs.String("url", "", "`URL` of a running service; without it a private one is started for as long as the command runs")
	email := fs.String("email", "", "`address` to log in with (SECRETARY_ADMIN_EMAIL)")
	password := fs.String("password", "", "`password` to log in with (SECRETARY_ADMIN_PASSWORD)")
	return func() (remote, error) {
		if *address == "" {
			if *email != "" || *password != "" {
				return remote{}, usagef("-email and -password need -url")
			}
			return remote{own: true}, nil
		}
		r := remote{url: *address, who: credentials{*email, secret(*password)}}
		if r.who.email == "" {
			r.who.email = p.getenv("SECRETARY_ADMIN_EMAIL")
		}
		if r.who.password == "" {
			r.who.password = secret(p.getenv("SECRETARY_ADMIN_PASSWORD"))
		}
		if r.who.email == "" || r.who.password == "" {
			return remote{}, usagef("-url needs -email and -password, or SECRETARY_ADMIN_EMAIL and SECRETARY_ADMIN_PASSWORD")
		}
		return r, nil
	}
}

// with logs in to the server and calls fn; a private one runs until fn returns.
func (p *program) with(ctx context.Context, r remote, fn func(context.Context, *client) error) error {
	if !r.own {
		c, err := newClient(ctx, r.url, r.who)
		if err != nil {
			return err
		}
		return fn(ctx, c)
	}
	cfg := Config{Addr: "127.0.0.1:0", Store: storeMemory, Demo: true, LogLevel: slog.LevelError, LogFormat: "text"}
	i, err := start(ctx, cfg, newLogger(cfg, p.stderr))
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- i.serve(serving) }()
	c, err := newClient(ctx, i.url, i.manager)
	if err == nil {
		err = fn(ctx, c)
	}
	stop()
	return errors.Join(err, <-served)
}
