// Command patients measures the front desk: many patients chat at once with one clinic that two processes serve on one
// PostgreSQL database. It plays WhatsApp, and with -model a language model too; it prints turns in a second, how long a
// patient waits for a reply, calls to the model for a turn, and fails when a visit was booked twice or a reply came twice.
//
//	createdb bench && go build -o bin/secretary ./cmd/secretary
//	go run ./bench/patients -secretary bin/secretary -database postgres://localhost/bench [-patients 100] [-model]
//
// The database must be empty. A patient waits for the reply before writing on, so the number of patients is what is under way
// at any time. Each turn is timed from the moment its webhook is posted until its first reply arrives at WhatsApp.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"slices"
	"sync"
	"time"
)

const (
	instance     = "bench"
	evolutionKey = "bench-evolution-key"
	webhookToken = "bench-webhook-token"
	email        = "bench@example.com"
	password     = "correct horse battery"
)

type options struct {
	secretary, database string
	patients, processes int
	model               bool
	longest             time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.secretary, "secretary", "bin/secretary", "the service's program")
	flag.StringVar(&o.database, "database", "", "address of an empty PostgreSQL database")
	flag.IntVar(&o.patients, "patients", 100, "how many chat at once")
	flag.IntVar(&o.processes, "processes", 2, "how many processes serve them")
	flag.BoolVar(&o.model, "model", false, "have a language model help to understand")
	flag.DurationVar(&o.longest, "longest", 10*time.Minute, "give up after this")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "patients:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be done
	}
}

// run measures, prints what came out, and fails when something was done twice.
func run(ctx context.Context, o options, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, o.longest)
	defer cancel()
	v, err := newVendors(ctx)
	if err != nil {
		return err
	}
	defer v.close()
	env := []string{
		"SECRETARY_ADDR=127.0.0.1:0", "SECRETARY_LOG_LEVEL=info", "DATABASE_URL=" + o.database, "SECRETARY_MIGRATE=true",
		"SECRETARY_SIGNING_KEY=bench-bench-bench-bench-bench-bench", "SECRETARY_ADMIN_EMAIL=" + email, "SECRETARY_ADMIN_PASSWORD=" + password,
		"EVOLUTION_URL=" + v.url, "EVOLUTION_API_KEY=" + evolutionKey, "EVOLUTION_WEBHOOK_TOKEN=" + webhookToken,
	}
	if o.model {
		env = append(env, "OPENAI_BASE_URL="+v.url+"/v1", "OPENAI_MODEL=bench")
	}
	api := &client{http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: o.patients, DisableCompression: true}}}
	var stops []func() time.Duration
	for range o.processes {
		url, stop, err := start(ctx, o.secretary, env)
		if err != nil {
			return err
		}
		defer stop()
		stops = append(stops, stop)
		api.urls = append(api.urls, url)
	}
	tenant, err := api.makeClinic(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	turns, err := chat(ctx, o, api, v)
	if err != nil {
		return err
	}
	took := time.Since(began)
	slices.Sort(turns)
	at := func(share float64) time.Duration {
		return turns[min(int(share*float64(len(turns))), len(turns)-1)].Round(time.Millisecond)
	}
	fmt.Fprintf(out, "%d patients, %d processes, %d turns in %v: %.0f turns/s\n", o.patients, o.processes, len(turns), took.Round(time.Millisecond), float64(len(turns))/took.Seconds())
	fmt.Fprintf(out, "from webhook to reply: p50 %v, p99 %v, longest %v\n", at(0.5), at(0.99), turns[len(turns)-1].Round(time.Millisecond))
	fmt.Fprintf(out, "model calls: %d, %.2f a turn\n", v.calls.Load(), float64(v.calls.Load())/float64(len(turns)))
	err = api.check(ctx, tenant, o, v, out)
	var used time.Duration
	for _, stop := range stops {
		used += stop()
	}
	fmt.Fprintf(out, "processor time of the processes: %v, %v a turn, from their start to their end\n", used.Round(time.Millisecond), (used / time.Duration(len(turns))).Round(10*time.Microsecond))
	return err
}

var listening = regexp.MustCompile(`msg=listening address=(\S+)`)

// start starts a process and waits until it listens. stop ends it, and tells how much processor time it took.
func start(ctx context.Context, program string, env []string) (url string, stop func() time.Duration, err error) {
	cmd := exec.CommandContext(ctx, program, "serve")
	cmd.Env = append(os.Environ(), env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	said, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return "", nil, err
	}
	address := make(chan string, 1)
	var last bytes.Buffer
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(address)
		lines := bufio.NewScanner(said)
		for lines.Scan() {
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				address <- "http://" + m[1]
			} else if last.Len() < 10_000 {
				_, _ = fmt.Fprintln(&last, lines.Text())
			}
		}
	}()
	found, ok := <-address
	if !ok {
		return "", nil, errors.Join(fmt.Errorf("%s ended at once: %s", program, &last), cmd.Wait())
	}
	return found, sync.OnceValue(func() time.Duration {
		_ = cmd.Process.Signal(os.Interrupt)
		<-read
		_ = cmd.Wait()
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}), nil
}

// client calls the API.
type client struct {
	urls  []string
	token string
	http  *http.Client
}

func (c *client) call(ctx context.Context, method, url, token string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s %s", method, url, response.Status, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// makeClinic makes a clinic of three professionals, and returns its tenant_id.
func (c *client) makeClinic(ctx context.Context) (string, error) {
	var session struct {
		AccessToken string `json:"access_token"`
	}
	base := c.urls[0]
	if err := c.call(ctx, http.MethodPost, base+"/v1/auth/login", "", map[string]string{"email": email, "password": password}, &session); err != nil {
		return "", err
	}
	c.token = session.AccessToken
	var entity struct{ ID int64 }
	if err := c.call(ctx, http.MethodPost, base+"/v1/entities", c.token, map[string]any{"name": "Clínica XYZ", "type": "medical_clinic"}, &entity); err != nil {
		return "", err
	}
	var clinic struct {
		TenantID string `json:"tenant_id"`
	}
	err := c.call(ctx, http.MethodPost, base+"/v1/clinics", c.token, map[string]any{
		"entity_id": entity.ID, "tenant_name": "Clínica XYZ", "evolution_instance_name": instance, "national_holidays": false,
	}, &clinic)
	for i, p := range []struct{ name, specialty string }{
		{"Dr. João Silva", "Cardiologista"}, {"Dra. Maria Costa", "Dermatologista"}, {"Dr. Pedro Santos", "Clínico Geral"},
	} {
		if err != nil {
			return "", err
		}
		err = c.call(ctx, http.MethodPost, base+"/v1/clinics/"+clinic.TenantID+"/professionals", c.token, map[string]any{
			"professional_name": p.name, "phone_number": fmt.Sprintf("+551195555010%d", i), "specialty": p.specialty,
			"google_calendar_id": fmt.Sprintf("calendar-%d", i), "consultation_duration_default": 20, "buffer_time_minutes": 0,
			"working_hours_start": "06:00", "working_hours_end": "22:00", "working_days": []int{0, 1, 2, 3, 4, 5, 6}, "display_order": i,
		}, nil)
	}
	return clinic.TenantID, err
}

// check tells how many visits were booked, and fails on one that overlaps another, one that a patient was not told of, and
// one that a patient was told of and is not there.
func (c *client) check(ctx context.Context, tenant string, o options, v *vendors, out io.Writer) error {
	type visit struct {
		ProfessionalID string `json:"professional_id"`
		Contact        string
		Start, End     time.Time
	}
	visits := map[string][]visit{}
	count := 0
	for cursor := ""; ; {
		var page struct {
			Items      []visit
			NextCursor string `json:"next_cursor"`
		}
		at := c.urls[0] + "/v1/clinics/" + tenant + "/appointments?status=confirmed&limit=200&cursor=" + cursor
		if err := c.call(ctx, http.MethodGet, at, c.token, nil, &page); err != nil {
			return err
		}
		for _, a := range page.Items {
			visits[a.ProfessionalID] = append(visits[a.ProfessionalID], a)
			count++
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	doubled := 0
	for _, of := range visits {
		slices.SortFunc(of, func(a, b visit) int { return a.Start.Compare(b.Start) })
		for i := 1; i < len(of); i++ {
			if of[i].Start.Before(of[i-1].End) {
				doubled++
			}
		}
	}
	told, repeated := v.told()
	fmt.Fprintf(out, "%d visits, %d patients were told of one, %d double bookings, %d repeated replies\n", count, told, doubled, repeated)
	if doubled > 0 || repeated > 0 || told != count || count != o.patients {
		return errors.New("not every patient has one visit, told once")
	}
	return nil
}

// chat has all patients chat to the end, and returns how long each turn took.
func chat(ctx context.Context, o options, api *client, v *vendors) ([]time.Duration, error) {
	var all sync.WaitGroup
	var mu sync.Mutex
	var turns []time.Duration
	var failed []error
	for i := range o.patients {
		all.Go(func() {
			p := newPatient(i, api, v)
			err := p.chat(ctx)
			mu.Lock()
			defer mu.Unlock()
			turns = append(turns, p.turns...)
			if err != nil {
				failed = append(failed, fmt.Errorf("patient %d: %w", i, err))
			}
		})
	}
	all.Wait()
	if len(failed) > 0 {
		return nil, fmt.Errorf("%d patients did not get to the end: %w", len(failed), failed[0])
	}
	return turns, nil
}
