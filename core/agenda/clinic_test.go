package agenda_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/patch"
)

func TestNewClinicTakesDefaults(t *testing.T) {
	t.Parallel()
	key := id.New[agenda.Clinic]()
	got, err := agenda.NewClinic(key, agenda.ClinicParams{EntityID: 3, Name: " Clínica XYZ "}, noon())
	want := agenda.Clinic{
		ID: key, EntityID: 3, Name: "Clínica XYZ", TimeZone: "America/Sao_Paulo", MinimumNotice: time.Hour, MaximumAhead: 60 * 24 * time.Hour,
		HoldTime: 10 * time.Minute, NationalHolidays: true, EventDetails: agenda.FullDetails, Active: true, CreatedAt: noon(), UpdatedAt: noon(),
		HandoffReturn: 12 * time.Hour, Reminders: []time.Duration{24 * time.Hour, 2 * time.Hour}, QuietHours: agenda.QuietHours{From: 21 * 60, Until: 8 * 60},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, %s", err, diff)
	}
	if got := got.Location().String(); got != "America/Sao_Paulo" {
		t.Errorf("location %s, want America/Sao_Paulo", got)
	}
}

func TestNewClinicTakesWhatIsGiven(t *testing.T) {
	t.Parallel()
	none, ahead, hold := time.Duration(0), 24*time.Hour, time.Minute
	got, err := agenda.NewClinic(id.New[agenda.Clinic](), agenda.ClinicParams{
		EntityID: 3, Name: "x", EvolutionInstance: " xyz ", WebhookToken: " 0123456789abcdef ", GoogleOAuthCredentialID: " g ",
		SystemPrompt: "Olá,\n{{ clinic_name }}", TimeZone: "America/Manaus", MinimumNotice: &none, MaximumAhead: &ahead, HoldTime: &hold,
	}, noon())
	if err != nil || got.MinimumNotice != 0 || got.MaximumAhead != ahead || got.HoldTime != hold || got.TimeZone != "America/Manaus" {
		t.Errorf("got %+v, %v", got, err)
	}
	if got.EvolutionInstance != "xyz" || got.WebhookToken != "0123456789abcdef" || got.GoogleOAuthCredentialID != "g" || got.SystemPrompt != "Olá,\n{{ clinic_name }}" {
		t.Errorf("got texts %+v", got)
	}
}

func TestClinicBounds(t *testing.T) {
	t.Parallel()
	good := agenda.Clinic{
		EntityID: 3, Name: "x", TimeZone: "UTC", MinimumNotice: time.Hour, MaximumAhead: 60 * 24 * time.Hour, HoldTime: 10 * time.Minute,
		EventDetails: agenda.FullDetails, HandoffReturn: time.Hour,
	}
	const day = 24 * time.Hour
	yearEnd := agenda.Closure{First: mustDate(t, "2026-12-24"), Last: mustDate(t, "2027-01-02"), Name: "Recesso"}
	for name, c := range map[string]struct {
		patch agenda.ClinicPatch
		wrong []string
	}{
		"nothing":                {agenda.ClinicPatch{}, nil},
		"no notice":              {agenda.ClinicPatch{MinimumNotice: patch.Clear[time.Duration]()}, nil},
		"most notice":            {agenda.ClinicPatch{MinimumNotice: patch.Set(30 * day)}, nil},
		"too much notice":        {agenda.ClinicPatch{MinimumNotice: patch.Set(30*day + 1)}, []string{"minimum_notice_minutes"}},
		"negative notice":        {agenda.ClinicPatch{MinimumNotice: patch.Set(time.Duration(-1))}, []string{"minimum_notice_minutes"}},
		"a day ahead":            {agenda.ClinicPatch{MaximumAhead: patch.Set(day)}, nil},
		"less than a day ahead":  {agenda.ClinicPatch{MaximumAhead: patch.Set(day - 1)}, []string{"maximum_days_ahead"}},
		"no ahead":               {agenda.ClinicPatch{MaximumAhead: patch.Clear[time.Duration]()}, []string{"maximum_days_ahead"}},
		"a year ahead":           {agenda.ClinicPatch{MaximumAhead: patch.Set(366 * day)}, nil},
		"too far ahead":          {agenda.ClinicPatch{MaximumAhead: patch.Set(366*day + 1)}, []string{"maximum_days_ahead"}},
		"the shortest hold":      {agenda.ClinicPatch{HoldTime: patch.Set(time.Minute)}, nil},
		"too short a hold":       {agenda.ClinicPatch{HoldTime: patch.Set(time.Minute - 1)}, []string{"hold_minutes"}},
		"the longest hold":       {agenda.ClinicPatch{HoldTime: patch.Set(time.Hour)}, nil},
		"too long a hold":        {agenda.ClinicPatch{HoldTime: patch.Set(time.Hour + 1)}, []string{"hold_minutes"}},
		"no cut-off":             {agenda.ClinicPatch{CutOff: patch.Clear[time.Duration]()}, nil},
		"the longest cut-off":    {agenda.ClinicPatch{CutOff: patch.Set(30 * day)}, nil},
		"too long a cut-off":     {agenda.ClinicPatch{CutOff: patch.Set(30*day + 1)}, []string{"cut_off_minutes"}},
		"a negative cut-off":     {agenda.ClinicPatch{CutOff: patch.Set(time.Duration(-1))}, []string{"cut_off_minutes"}},
		"200 closures":           {agenda.ClinicPatch{Closures: patch.Set(slices.Repeat([]agenda.Closure{yearEnd}, 200))}, nil},
		"201 closures":           {agenda.ClinicPatch{Closures: patch.Set(slices.Repeat([]agenda.Closure{yearEnd}, 201))}, []string{"closures"}},
		"a closure of no day":    {agenda.ClinicPatch{Closures: patch.Set([]agenda.Closure{yearEnd, {}})}, []string{"closures[1].first", "closures[1].last"}},
		"a closure backwards":    {agenda.ClinicPatch{Closures: patch.Set([]agenda.Closure{{First: yearEnd.Last, Last: yearEnd.First}})}, []string{"closures[0].last"}},
		"a closure in 2 lines":   {agenda.ClinicPatch{Closures: patch.Set([]agenda.Closure{{First: yearEnd.First, Last: yearEnd.Last, Name: "a\nb"}})}, []string{"closures[0].name"}},
		"21 blocking calendars":  {agenda.ClinicPatch{BlockingCalendars: patch.Set(slices.Repeat([]string{"a"}, 21))}, []string{"blocking_calendars"}},
		"a calendar too long":    {agenda.ClinicPatch{BlockingCalendars: patch.Set([]string{strings.Repeat("x", 256)})}, []string{"blocking_calendars"}},
		"initials in calendars":  {agenda.ClinicPatch{EventDetails: patch.Set(agenda.InitialsOnly)}, nil},
		"nothing in calendars":   {agenda.ClinicPatch{EventDetails: patch.Set(agenda.NoDetails)}, nil},
		"some in calendars":      {agenda.ClinicPatch{EventDetails: patch.Set(agenda.EventDetails("some"))}, []string{"event_details"}},
		"no name":                {agenda.ClinicPatch{Name: patch.Clear[string]()}, []string{"tenant_name"}},
		"a long name":            {agenda.ClinicPatch{Name: patch.Set(strings.Repeat("é", 201))}, []string{"tenant_name"}},
		"no zone":                {agenda.ClinicPatch{TimeZone: patch.Clear[string]()}, []string{"timezone"}},
		"an unknown zone":        {agenda.ClinicPatch{TimeZone: patch.Set("America/Brasilia")}, []string{"timezone"}},
		"a short token":          {agenda.ClinicPatch{WebhookToken: patch.Set("0123456789abcde")}, []string{"evolution_webhook_token"}},
		"no token":               {agenda.ClinicPatch{WebhookToken: patch.Clear[string]()}, nil},
		"an instance in 2 lines": {agenda.ClinicPatch{EvolutionInstance: patch.Set("a\nb")}, []string{"evolution_instance_name"}},
		"a credential too long":  {agenda.ClinicPatch{GoogleOAuthCredentialID: patch.Set(strings.Repeat("x", 255))}, []string{"google_oauth_credential_id"}},
		"a long address":         {agenda.ClinicPatch{Address: patch.Set(strings.Repeat("é", 301))}, []string{"address"}},
		"too short a handoff":    {agenda.ClinicPatch{HandoffReturn: patch.Set(4 * time.Minute)}, []string{"handoff_return_minutes"}},
		"too long a handoff":     {agenda.ClinicPatch{HandoffReturn: patch.Set(7*day + 1)}, []string{"handoff_return_minutes"}},
		"no reminders":           {agenda.ClinicPatch{Reminders: patch.Clear[[]time.Duration]()}, nil},
		"a reminder of seconds":  {agenda.ClinicPatch{Reminders: patch.Set([]time.Duration{time.Hour, 90*time.Minute + time.Second})}, []string{"reminder_minutes_before[1]"}},
		"a reminder too early":   {agenda.ClinicPatch{Reminders: patch.Set([]time.Duration{14*day + time.Minute})}, []string{"reminder_minutes_before[0]"}},
		"6 reminders":            {agenda.ClinicPatch{Reminders: patch.Set(slices.Repeat([]time.Duration{time.Hour}, 6))}, []string{"reminder_minutes_before"}},
		"no quiet hours":         {agenda.ClinicPatch{QuietHours: patch.Clear[agenda.QuietHours]()}, nil},
		"quiet until midnight":   {agenda.ClinicPatch{QuietHours: patch.Set(agenda.QuietHours{From: 60, Until: agenda.EndOfDay})}, []string{"quiet_hours"}},
		"a prompt too long":      {agenda.ClinicPatch{SystemPrompt: patch.Set(strings.Repeat("x", 32<<10+1))}, []string{"system_prompt"}},
	} {
		at := good
		err := at.Change(c.patch, later())
		if err == nil && c.wrong == nil {
			if at.UpdatedAt != later() {
				t.Errorf("%s: updated at %v", name, at.UpdatedAt)
			}
			continue
		}
		if got := wrongFields(t, err); !slices.Equal(got, c.wrong) {
			t.Errorf("%s: wrong %q, want %q", name, got, c.wrong)
		}
	}
	if _, err := agenda.NewClinic(id.New[agenda.Clinic](), agenda.ClinicParams{}, noon()); !slices.Equal(wrongFields(t, err), []string{"entity_id", "tenant_name"}) {
		t.Errorf("a clinic of nothing: %v", err)
	}
}

func TestClinicKeepsClosuresInOrder(t *testing.T) {
	t.Parallel()
	december, july := mustDate(t, "2026-12-24"), mustDate(t, "2026-07-01")
	closures := []agenda.Closure{{First: december, Last: december.AddDays(9), Name: " Recesso "}, {First: july, Last: july}}
	none := false
	got, err := agenda.NewClinic(id.New[agenda.Clinic](), agenda.ClinicParams{
		EntityID: 3, Name: "x", CutOff: 2 * time.Hour, NationalHolidays: &none, Closures: closures,
		BlockingCalendars: []string{"feriados@example.com", " sala@example.com ", "sala@example.com"}, EventDetails: agenda.InitialsOnly,
	}, noon())
	if err != nil || got.CutOff != 2*time.Hour || got.NationalHolidays || got.EventDetails != agenda.InitialsOnly {
		t.Errorf("got %+v, %v", got, err)
	}
	want := []agenda.Closure{{First: july, Last: july}, {First: december, Last: december.AddDays(9), Name: "Recesso"}}
	if diff := cmp.Diff(want, got.Closures); diff != "" {
		t.Error(diff)
	}
	if want := []string{"feriados@example.com", "sala@example.com"}; !slices.Equal(got.BlockingCalendars, want) {
		t.Errorf("blocking calendars %q, want %q", got.BlockingCalendars, want)
	}
	if closures[0].Name != " Recesso " {
		t.Errorf("the caller's closures became %+v", closures)
	}
}

func TestClinicInAZoneThatIsGonePanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("visits would move to another hour without a word")
		}
	}()
	agenda.Clinic{TimeZone: "America/Brasilia"}.Location()
}

func TestClinicDeactivate(t *testing.T) {
	t.Parallel()
	at := agenda.Clinic{Name: "x", Active: true, CreatedAt: noon()}
	if at.Deactivate(later()); !cmp.Equal(at, agenda.Clinic{Name: "x", CreatedAt: noon(), UpdatedAt: later()}) {
		t.Errorf("got %+v", at)
	}
}
