// Command stream measures the event stream of a running service: many readers follow one room, events are posted at a
// fixed rate, and every reader must get every event once and in order.
//
//	go run ./bench/stream -email root@example.com -password ... [-url http://127.0.0.1:8080] [-readers 1000] [-rate 200] [-for 20s] [-pid N]
//
// It makes a room of its own unless -room names one. With -pid it also tells how much processor time the service took.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"time"
)

type options struct {
	url, token, email, password string
	room, readers, rate, pid    int
	length                      time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.url, "url", "http://127.0.0.1:8080", "address of the service")
	flag.StringVar(&o.token, "token", os.Getenv("SECRETARY_TOKEN"), "access token or API key; otherwise -email and -password log in")
	flag.StringVar(&o.email, "email", os.Getenv("SECRETARY_ADMIN_EMAIL"), "address of a manager")
	flag.StringVar(&o.password, "password", os.Getenv("SECRETARY_ADMIN_PASSWORD"), "password of the manager")
	flag.IntVar(&o.room, "room", 0, "id of the room; one is made unless given")
	flag.IntVar(&o.readers, "readers", 1000, "how many follow the room")
	flag.IntVar(&o.rate, "rate", 200, "events posted in a second")
	flag.DurationVar(&o.length, "for", 20*time.Second, "how long events are posted; less than the 15 minutes of a token")
	flag.IntVar(&o.pid, "pid", 0, "process of the service, when it is on this machine")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "stream:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be done
	}
}

// run measures, prints what came out, and fails when a reader missed something.
func run(ctx context.Context, o options, out io.Writer) error {
	if o.readers < 1 || o.rate < 1 || o.length <= 0 {
		return fmt.Errorf("-readers, -rate and -for must be positive")
	}
	api := &client{url: o.url, token: o.token, http: &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: 64, MaxConnsPerHost: 0, DisableCompression: true,
	}}}
	if api.token == "" {
		var session struct {
			AccessToken string `json:"access_token"`
		}
		if err := api.post(ctx, "/v1/auth/login", map[string]any{"email": o.email, "password": o.password}, &session); err != nil {
			return err
		}
		api.token = session.AccessToken
	}
	if o.room == 0 {
		var room struct{ ID int }
		if err := api.post(ctx, "/v1/rooms", map[string]any{"name": "bench"}, &room); err != nil {
			return err
		}
		o.room = room.ID
	}
	return measure(ctx, api, o, out)
}

// client calls the API.
type client struct {
	url, token string
	http       *http.Client
}

func (c *client) request(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	if err != nil {
		return nil, err
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 != 2 {
		defer func() { _ = response.Body.Close() }()
		said, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
		return nil, fmt.Errorf("%s %s: %s %s", method, path, response.Status, said)
	}
	return response, nil
}

func (c *client) post(ctx context.Context, path string, body, answer any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	response, err := c.request(ctx, http.MethodPost, path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	return json.NewDecoder(response.Body).Decode(answer)
}
