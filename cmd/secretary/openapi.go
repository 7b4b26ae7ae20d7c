package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
)

// openapi prints the document that the service answers at /openapi.json, without listening anywhere.
func (p *program) openapi(ctx context.Context, args []string) error {
	fs := p.flags("openapi")
	yaml := fs.Bool("yaml", false, "as YAML instead of JSON")
	if err := parse(fs, args); err != nil {
		return err
	}
	nowhere := slog.New(slog.DiscardHandler)
	a, err := wire(Config{}, newMemoryStore(nowhere), newMetrics(), "", nowhere) //nolint:contextcheck // as in serve
	if err != nil {
		return err
	}
	path := "/openapi.json"
	if *yaml {
		path = "/openapi.yaml"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, path, http.NoBody)
	if err != nil {
		return err
	}
	answer := &memo{header: http.Header{}, status: http.StatusOK}
	a.handler.ServeHTTP(answer, req)
	if answer.status != http.StatusOK {
		return fmt.Errorf("%s: status %d", path, answer.status)
	}
	_, err = fmt.Fprintln(p.stdout, string(bytes.TrimSpace(answer.body.Bytes())))
	return err
}

// memo is an answer that is kept.
type memo struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (m *memo) Header() http.Header         { return m.header }
func (m *memo) WriteHeader(status int)      { m.status = status }
func (m *memo) Write(b []byte) (int, error) { return m.body.Write(b) }
