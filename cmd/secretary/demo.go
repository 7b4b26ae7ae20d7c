package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// player plays the demo.
type player struct {
	printer
	client *client
	clinic directory
	wrong  []string // what came out otherwise than expected
}

// demo plays conversations and the back office's main job against a server, and fails when something comes out otherwise
// than it should.
func (p *program) demo(ctx context.Context, args []string) error {
	fs := p.flags("demo")
	server := p.remoteFlags(fs)
	if err := parse(fs, args); err != nil {
		return err
	}
	r, err := server()
	if err != nil {
		return err
	}
	return p.with(ctx, r, func(ctx context.Context, c *client) error {
		clinic, err := findClinic(ctx, c, func(d directory) bool { return d.Instance != nil && *d.Instance == demoInstance })
		if err != nil {
			return fmt.Errorf("the demo plays with the demo clinic only (SECRETARY_DEMO=true): %w", err)
		}
		d := &player{printer: p.newPrinter(), client: c, clinic: clinic}
		return d.play(ctx)
	})
}

func (d *player) play(ctx context.Context) error {
	// A contact whom the server knows already would not be asked who it is, so every run has contacts of its own.
	run := time.Now().UnixMilli() % 10_000
	contact := func(n int) string { return fmt.Sprintf("+5511955%04d%02d", run, n) }
	var visits []appointment
	n := 0
	for _, s := range demoScenes() {
		contacts := make([]string, len(s.books))
		for i := range contacts {
			contacts[i] = contact(n)
			n++
		}
		booked, err := d.scene(ctx, s, contacts)
		if err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
		visits = append(visits, booked...)
	}
	if err := d.table(visits); err != nil {
		return err
	}
	if err := d.backOffice(ctx); err != nil {
		return fmt.Errorf("the back office: %w", err)
	}
	if len(d.wrong) > 0 {
		return errors.New("this came out otherwise than expected:\n  " + strings.Join(d.wrong, "\n  "))
	}
	d.line("\n%s", d.paint(green, "Everything came out as expected."))
	return nil
}

// expect notes what is wrong unless ok.
func (d *player) expect(ok bool, format string, args ...any) {
	if ok {
		return
	}
	what := fmt.Sprintf(format, args...)
	d.wrong = append(d.wrong, what)
	d.line("  %s", d.paint(red, "NOT AS EXPECTED: "+what))
}

// scene plays one scene and returns the visits that its patients have in the end.
func (d *player) scene(ctx context.Context, s scene, contacts []string) ([]appointment, error) {
	d.title(s.title)
	for _, l := range s.lines {
		who := "patient"
		if len(contacts) > 1 {
			who = fmt.Sprintf("patient %d", l.patient+1)
		}
		d.said(who, cyan, l.text)
		t, err := d.client.say(ctx, d.clinic.TenantID, contacts[l.patient], l.text)
		if err != nil {
			return nil, err
		}
		d.turn(t)
		d.expect(t.State == l.state, "%s: %q led to the state %s, not to %s", s.title, l.text, t.State, l.state)
		for _, part := range l.says {
			d.expect(strings.Contains(t.text(), part), "%s: the answer to %q does not say %q", s.title, l.text, part)
		}
	}
	all, err := list[appointment](ctx, d.client, "/v1/clinics/"+d.clinic.TenantID+"/appointments")
	if err != nil {
		return nil, err
	}
	var visits []appointment
	for i, with := range s.books {
		own := slices.DeleteFunc(slices.Clone(all), func(a appointment) bool { return a.Contact != contacts[i] || a.Status == "expired" })
		d.expectVisit(s, own, with)
		visits = append(visits, own...)
	}
	return visits, nil
}

// expectVisit checks that a patient has one visit, in the calendar of the professional and of nobody else.
func (d *player) expectVisit(s scene, own []appointment, with string) {
	if with == "" {
		d.expect(len(own) == 0, "%s: %d visits were booked, and none should have been", s.title, len(own))
		return
	}
	d.expect(len(own) == 1, "%s: the patient has %d visits, not one", s.title, len(own))
	for _, a := range own {
		p := d.clinic.professional(a.Professional)
		d.expect(p.Name == with, "%s: the visit is with %s, not with %s", s.title, p.Name, with)
		d.expect(a.Calendar == p.Calendar, "%s: the visit with %s is in the calendar %s", s.title, p.Name, a.Calendar)
		d.expect(a.Status == "confirmed", "%s: the visit is %s", s.title, a.Status)
	}
}

// table prints the visits by the clinic's clock.
func (d *player) table(visits []appointment) error {
	zone, err := time.LoadLocation(d.clinic.Timezone)
	if err != nil {
		return err
	}
	d.title("Appointments")
	slices.SortFunc(visits, func(a, b appointment) int { return a.Start.Compare(b.Start) })
	w := tabwriter.NewWriter(d.w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  WHEN\tMINUTES\tPATIENT\tPROFESSIONAL\tCALENDAR\tSTATUS")
	for _, a := range visits {
		fmt.Fprintf(w, "  %s\t%.0f\t%s\t%s\t%s\t%s\n", a.Start.In(zone).Format("2006-01-02 15:04"), a.End.Sub(a.Start).Minutes(),
			a.Patient.Name, d.clinic.professional(a.Professional).Name, a.Calendar, a.Status)
	}
	return w.Flush()
}
