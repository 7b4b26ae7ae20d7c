package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// What the service answers, as far as the commands use it.
type (
	professional struct {
		ID       string `json:"professional_id"`
		Name     string `json:"professional_name"`
		Calendar string `json:"google_calendar_id"`
	}
	directory struct {
		TenantID      string         `json:"tenant_id"`
		Name          string         `json:"tenant_name"`
		Instance      *string        `json:"evolution_instance_name"`
		Timezone      string         `json:"timezone"`
		Active        bool           `json:"is_active"`
		Professionals []professional `json:"professionals"`
	}
	appointment struct {
		ID           string    `json:"appointment_id"`
		Professional string    `json:"professional_id"`
		Calendar     string    `json:"google_calendar_id"`
		Contact      string    `json:"contact"`
		Start        time.Time `json:"start"`
		End          time.Time `json:"end"`
		Status       string    `json:"status"`
		Patient      struct {
			Name string `json:"name"`
		} `json:"patient"`
	}
	turn struct {
		Replies []struct {
			Text string `json:"text"`
		} `json:"replies"`
		State        string        `json:"state"`
		Professional *professional `json:"professional"`
		Service      *struct {
			Name string `json:"service_name"`
		} `json:"service"`
		Appointment *appointment `json:"appointment"`
	}
)

// text is everything that was replied.
func (t turn) text() string {
	parts := make([]string, 0, len(t.Replies))
	for _, r := range t.Replies {
		parts = append(parts, r.Text)
	}
	return strings.Join(parts, "\n")
}

// summary is where the turn left the conversation.
func (t turn) summary() string {
	parts := []string{t.State}
	if t.Professional != nil {
		parts = append(parts, t.Professional.Name)
	}
	if t.Service != nil {
		parts = append(parts, t.Service.Name)
	}
	return "[" + strings.Join(parts, " | ") + "]"
}

// professional looks somebody up by id.
func (d directory) professional(id string) professional {
	for _, p := range d.Professionals {
		if p.ID == id {
			return p
		}
	}
	return professional{ID: id}
}

// list reads every page of a list.
func list[T any](ctx context.Context, c *client, path string) ([]T, error) {
	var all []T
	cursor := ""
	for {
		var page struct {
			Items []T    `json:"items"`
			Next  string `json:"next_cursor"`
		}
		if err := c.call(ctx, http.MethodGet, path+"?limit=200"+cursor, nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all, nil
		}
		cursor = "&cursor=" + url.QueryEscape(page.Next)
	}
}

// findClinic returns the first active clinic that wanted accepts, with its professionals.
func findClinic(ctx context.Context, c *client, wanted func(directory) bool) (directory, error) {
	clinics, err := list[directory](ctx, c, "/v1/clinics")
	if err != nil {
		return directory{}, err
	}
	for _, found := range clinics {
		if found.Active && wanted(found) {
			var d directory
			err := c.call(ctx, http.MethodGet, "/v1/clinics/"+found.TenantID, nil, &d)
			return d, err
		}
	}
	return directory{}, fmt.Errorf("the server at %s has no such clinic", c.base)
}

// say sends a message as a patient.
func (c *client) say(ctx context.Context, tenant, phone, text string) (turn, error) {
	var t turn
	err := c.call(ctx, http.MethodPost, "/v1/clinics/"+tenant+"/conversations/"+url.PathEscape(phone)+"/messages", map[string]string{"text": text}, &t)
	return t, err
}
