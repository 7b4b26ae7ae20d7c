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

func TestNewClinicProfessionalTakesDefaults(t *testing.T) {
	t.Parallel()
	at, _, _, _ := xyz()
	key := id.New[agenda.ClinicProfessional]()
	got, err := agenda.NewClinicProfessional(key, at, agenda.ClinicProfessionalParams{
		ProfessionalID: 5, Name: " Dra. Joa\u0303na  D'Ávila ", Specialty: " Dermatologista ", GoogleCalendarID: " c@group.calendar.google.com ",
	}, noon())
	want := agenda.ClinicProfessional{
		ID: key, TenantID: at.ID, EntityID: 3, ProfessionalID: 5, Name: "Dra. Joa\u0303na  D'Ávila", Slug: "dra-joana-d-avila",
		Specialty: "Dermatologista", GoogleCalendarID: "c@group.calendar.google.com", ConsultationMinutes: 30, BufferMinutes: 10,
		WorkingStart: mustTime(t, "08:00"), WorkingEnd: mustTime(t, "18:00"),
		WorkingDays: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday},
		Active:      true, CreatedAt: noon(), UpdatedAt: noon(),
	}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v, %s", err, cmp.Diff(want, got))
	}
}

func TestNewClinicProfessionalTakesWhatIsGiven(t *testing.T) {
	t.Parallel()
	at, _, _, _ := xyz()
	minutes, buffer, opens, closes := 5, 0, agenda.LocalTime(0), agenda.EndOfDay
	days := []time.Weekday{time.Saturday, time.Sunday, time.Saturday}
	got, err := agenda.NewClinicProfessional(id.New[agenda.ClinicProfessional](), at, agenda.ClinicProfessionalParams{
		ProfessionalID: 5, Name: "Maria", Slug: "m", Specialty: "x", SpecialtyKeywords: []string{" pele", "pele ", "manchas"}, GoogleCalendarID: "c",
		GoogleCalendarLabel: "Maria", ConsultationMinutes: &minutes, BufferMinutes: &buffer, WorkingStart: &opens, WorkingEnd: &closes,
		WorkingDays: days, DisplayOrder: 10_000,
	}, noon())
	if err != nil || got.Slug != "m" || got.ConsultationMinutes != 5 || got.BufferMinutes != 0 || got.WorkingStart != 0 || got.WorkingEnd != agenda.EndOfDay {
		t.Errorf("got %+v, %v", got, err)
	}
	if want := []time.Weekday{time.Sunday, time.Saturday}; !slices.Equal(got.WorkingDays, want) {
		t.Errorf("days %v, want them sorted and once", got.WorkingDays)
	}
	if want := []string{"pele", "manchas"}; !slices.Equal(got.SpecialtyKeywords, want) {
		t.Errorf("keywords %q, want %q", got.SpecialtyKeywords, want)
	}
	if !slices.Equal(days, []time.Weekday{time.Saturday, time.Sunday, time.Saturday}) {
		t.Errorf("the caller's days became %v", days)
	}
}

func TestNewClinicProfessionalOfNothing(t *testing.T) {
	t.Parallel()
	at, _, _, _ := xyz()
	_, err := agenda.NewClinicProfessional(id.New[agenda.ClinicProfessional](), at, agenda.ClinicProfessionalParams{WorkingDays: []time.Weekday{}}, noon())
	want := []string{"directory_professional_id", "professional_name", "professional_slug", "specialty", "google_calendar_id", "working_days"}
	if got := wrongFields(t, err); !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
}

func TestClinicProfessionalBounds(t *testing.T) {
	t.Parallel()
	type change = agenda.ClinicProfessionalPatch
	for name, c := range map[string]struct {
		patch change
		wrong []string
	}{
		"nothing":                 {change{}, nil},
		"the shortest visit":      {change{ConsultationMinutes: patch.Set(5)}, nil},
		"too short a visit":       {change{ConsultationMinutes: patch.Set(4)}, []string{"consultation_duration_default"}},
		"no visit":                {change{ConsultationMinutes: patch.Clear[int]()}, []string{"consultation_duration_default"}},
		"the longest visit":       {change{ConsultationMinutes: patch.Set(720)}, nil},
		"too long a visit":        {change{ConsultationMinutes: patch.Set(721)}, []string{"consultation_duration_default"}},
		"no buffer":               {change{BufferMinutes: patch.Clear[int]()}, nil},
		"a negative buffer":       {change{BufferMinutes: patch.Set(-1)}, []string{"buffer_time_minutes"}},
		"the longest buffer":      {change{BufferMinutes: patch.Set(240)}, nil},
		"too long a buffer":       {change{BufferMinutes: patch.Set(241)}, []string{"buffer_time_minutes"}},
		"the longest preparation": {change{BufferBeforeMinutes: patch.Set(240)}, nil},
		"too long a preparation":  {change{BufferBeforeMinutes: patch.Set(241)}, []string{"buffer_before_minutes"}},
		"a negative preparation":  {change{BufferBeforeMinutes: patch.Set(-1)}, []string{"buffer_before_minutes"}},
		"starts by the visit":     {change{SlotMinutes: patch.Clear[int]()}, nil},
		"the closest starts":      {change{SlotMinutes: patch.Set(5)}, nil},
		"starts too close":        {change{SlotMinutes: patch.Set(4)}, []string{"slot_interval_minutes"}},
		"starts too far apart":    {change{SlotMinutes: patch.Set(721)}, []string{"slot_interval_minutes"}},
		"a zone of their own":     {change{TimeZone: patch.Set("Asia/Kolkata")}, nil},
		"the clinic's zone":       {change{TimeZone: patch.Clear[string]()}, nil},
		"an unknown zone":         {change{TimeZone: patch.Set("America/Brasilia")}, []string{"timezone"}},
		"the zone of the server":  {change{TimeZone: patch.Set("Local")}, []string{"timezone"}},
		"50 windows":              {change{WorkingHours: patch.Set(slices.Repeat([]agenda.WeeklyHours{{Days: []time.Weekday{1}}}, 50))}, nil},
		"51 windows":              {change{WorkingHours: patch.Set(slices.Repeat([]agenda.WeeklyHours{{Days: []time.Weekday{1}}}, 51))}, []string{"working_hours"}},
		"hours overnight": {change{WorkingHours: patch.Set([]agenda.WeeklyHours{
			{Days: []time.Weekday{5}, Window: agenda.Window{Start: 22 * 60, End: 6 * 60}},
		})}, nil},
		"hours of no day": {change{WorkingHours: patch.Set([]agenda.WeeklyHours{{Days: []time.Weekday{1}}, {}})}, []string{"working_hours[1].days"}},
		"hours out of the day": {change{WorkingHours: patch.Set([]agenda.WeeklyHours{
			{Days: []time.Weekday{7}, Window: agenda.Window{Start: agenda.EndOfDay, End: agenda.EndOfDay + 1}},
		})}, []string{"working_hours[0].days", "working_hours[0].start", "working_hours[0].end"}},
		"a date that is none": {change{DateOverrides: patch.Set([]agenda.DateOverride{{Date: agenda.Date{Year: 2026, Month: 2, Day: 30}}})}, []string{"date_overrides[0].date"}},
		"a date twice": {change{DateOverrides: patch.Set([]agenda.DateOverride{
			{Date: mustDate(t, "2026-12-24")}, {Date: mustDate(t, "2026-12-23")}, {Date: mustDate(t, "2026-12-24")},
		})}, []string{"date_overrides[2].date"}},
		"a date out of the day": {change{DateOverrides: patch.Set([]agenda.DateOverride{
			{Date: mustDate(t, "2026-12-24"), Windows: []agenda.Window{{Start: -1, End: 60}}},
		})}, []string{"date_overrides[0].windows[0].start"}},
		"a date of 51 windows": {change{DateOverrides: patch.Set([]agenda.DateOverride{
			{Date: mustDate(t, "2026-12-24"), Windows: make([]agenda.Window, 51)},
		})}, []string{"date_overrides[0].windows"}},
		"400 dates":              {change{DateOverrides: patch.Set(dates(t, 400))}, nil},
		"401 dates":              {change{DateOverrides: patch.Set(dates(t, 401))}, []string{"date_overrides"}},
		"any number of visits":   {change{MaxVisitsPerDay: patch.Clear[int](), MaxMinutesPerDay: patch.Clear[int]()}, nil},
		"the most visits":        {change{MaxVisitsPerDay: patch.Set(300), MaxMinutesPerDay: patch.Set(1440)}, nil},
		"too many visits":        {change{MaxVisitsPerDay: patch.Set(301), MaxMinutesPerDay: patch.Set(1441)}, []string{"max_visits_per_day", "max_minutes_per_day"}},
		"negative limits":        {change{MaxVisitsPerDay: patch.Set(-1), MaxMinutesPerDay: patch.Set(-1)}, []string{"max_visits_per_day", "max_minutes_per_day"}},
		"until midnight":         {change{WorkingEnd: patch.Set(agenda.EndOfDay)}, nil},
		"beyond midnight":        {change{WorkingEnd: patch.Set(agenda.EndOfDay + 1)}, []string{"working_hours_end"}},
		"no hours":               {change{WorkingEnd: patch.Set(agenda.LocalTime(480))}, []string{"working_hours_end"}},
		"hours before midnight":  {change{WorkingStart: patch.Set(agenda.LocalTime(-1))}, []string{"working_hours_end"}},
		"hours backwards":        {change{WorkingStart: patch.Set(agenda.LocalTime(1090))}, []string{"working_hours_end"}},
		"no days":                {change{WorkingDays: patch.Clear[[]time.Weekday]()}, []string{"working_days"}},
		"an eighth day":          {change{WorkingDays: patch.Set([]time.Weekday{7})}, []string{"working_days"}},
		"a day before Sunday":    {change{WorkingDays: patch.Set([]time.Weekday{1, -1})}, []string{"working_days"}},
		"no calendar":            {change{GoogleCalendarID: patch.Clear[string]()}, []string{"google_calendar_id"}},
		"a calendar in 2 lines":  {change{GoogleCalendarID: patch.Set("a\nb")}, []string{"google_calendar_id"}},
		"a long calendar":        {change{GoogleCalendarID: patch.Set(strings.Repeat("x", 256))}, []string{"google_calendar_id"}},
		"a long label":           {change{GoogleCalendarLabel: patch.Set(strings.Repeat("x", 101))}, []string{"google_calendar_label"}},
		"no speciality":          {change{Specialty: patch.Set(" ")}, []string{"specialty"}},
		"an empty keyword":       {change{SpecialtyKeywords: patch.Set([]string{""})}, []string{"specialty_keywords"}},
		"no keywords":            {change{SpecialtyKeywords: patch.Clear[[]string]()}, nil},
		"a slug with an accent":  {change{Slug: patch.Set("joão")}, []string{"professional_slug"}},
		"a negative order":       {change{DisplayOrder: patch.Set(-1)}, []string{"display_order"}},
		"too large an order":     {change{DisplayOrder: patch.Set(10_001)}, []string{"display_order"}},
		"a name of two lines":    {change{Name: patch.Set("a\nb")}, []string{"professional_name"}},
		"a name of 200 letters":  {change{Name: patch.Set(strings.Repeat("é", 200))}, nil},
		"no longer offered here": {change{Active: patch.Set(false)}, nil},
	} {
		p := agenda.ClinicProfessional{
			ProfessionalID: 5, Name: "x", Slug: "x", Specialty: "x", GoogleCalendarID: "c", ConsultationMinutes: 30, WorkingStart: 480, WorkingEnd: 1080,
			WorkingDays: []time.Weekday{1}, Active: true,
		}
		err := p.Change(c.patch, later())
		if err == nil && c.wrong == nil {
			if p.UpdatedAt != later() {
				t.Errorf("%s: updated at %v", name, p.UpdatedAt)
			}
			continue
		}
		if got := wrongFields(t, err); !slices.Equal(got, c.wrong) {
			t.Errorf("%s: wrong %q, want %q", name, got, c.wrong)
		}
	}
}

// dates are so many days without hours.
func dates(tb testing.TB, n int) []agenda.DateOverride {
	tb.Helper()
	out := make([]agenda.DateOverride, n)
	for i := range out {
		out[i].Date = mustDate(tb, "2026-01-01").AddDays(i)
	}
	return out
}

func TestClinicProfessionalKeepsHoursInOrder(t *testing.T) {
	t.Parallel()
	at, _, _, _ := xyz()
	days := []time.Weekday{time.Friday, time.Monday, time.Friday}
	morning := agenda.Window{Start: 480, End: 720}
	got, err := agenda.NewClinicProfessional(id.New[agenda.ClinicProfessional](), at, agenda.ClinicProfessionalParams{
		ProfessionalID: 5, Name: "Maria", Specialty: "x", GoogleCalendarID: "c", BufferBeforeMinutes: 15, SlotMinutes: 20, TimeZone: "Asia/Kolkata",
		WorkingHours: []agenda.WeeklyHours{{Days: days, Window: morning}},
		DateOverrides: []agenda.DateOverride{
			{Date: mustDate(t, "2026-12-31"), Windows: []agenda.Window{morning}}, {Date: mustDate(t, "2026-12-24"), Windows: []agenda.Window{}},
		},
		MaxVisitsPerDay: 8, MaxMinutesPerDay: 240,
	}, noon())
	want := agenda.ClinicProfessional{
		BufferBeforeMinutes: 15, SlotMinutes: 20, TimeZone: "Asia/Kolkata", MaxVisitsPerDay: 8, MaxMinutesPerDay: 240,
		WorkingHours:  []agenda.WeeklyHours{{Days: []time.Weekday{time.Monday, time.Friday}, Window: morning}},
		DateOverrides: []agenda.DateOverride{{Date: mustDate(t, "2026-12-24")}, {Date: mustDate(t, "2026-12-31"), Windows: []agenda.Window{morning}}},
	}
	got = agenda.ClinicProfessional{
		BufferBeforeMinutes: got.BufferBeforeMinutes, SlotMinutes: got.SlotMinutes, TimeZone: got.TimeZone, MaxVisitsPerDay: got.MaxVisitsPerDay,
		MaxMinutesPerDay: got.MaxMinutesPerDay, WorkingHours: got.WorkingHours, DateOverrides: got.DateOverrides,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, %s", err, diff)
	}
	if !slices.Equal(days, []time.Weekday{time.Friday, time.Monday, time.Friday}) {
		t.Errorf("the caller's days became %v", days)
	}
}

// A name may be longer than a slug: the slug that is made of it still is one.
func TestSlugOfALongNameIsValid(t *testing.T) {
	t.Parallel()
	at, maria, _, _ := xyz()
	name := strings.Repeat("São João ", 22)
	p, err := agenda.NewClinicProfessional(id.New[agenda.ClinicProfessional](), at, agenda.ClinicProfessionalParams{
		ProfessionalID: 5, Name: name, Specialty: "x", GoogleCalendarID: "c",
	}, noon())
	if err != nil || len(p.Slug) > 100 {
		t.Errorf("professional: slug %q, %v", p.Slug, err)
	}
	s, err := agenda.NewService(id.New[agenda.Service](), maria, agenda.ServiceParams{Name: name}, noon())
	if err != nil || len(s.Slug) > 100 {
		t.Errorf("service: slug %q, %v", s.Slug, err)
	}
}

func TestCalendarIsTheProfessionalsOwn(t *testing.T) {
	t.Parallel()
	_, maria, _, _ := xyz()
	if got, want := maria.Calendar(), (agenda.Calendar{TenantID: maria.TenantID, ProfessionalID: maria.ID, ID: maria.GoogleCalendarID}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestCloneSharesNothing(t *testing.T) {
	t.Parallel()
	professional := func() agenda.ClinicProfessional {
		return agenda.ClinicProfessional{
			SpecialtyKeywords: []string{"pele"}, WorkingDays: []time.Weekday{1},
			WorkingHours:  []agenda.WeeklyHours{{Days: []time.Weekday{1}, Window: agenda.Window{Start: 480, End: 720}}},
			DateOverrides: []agenda.DateOverride{{Date: mustDate(t, "2026-12-24"), Windows: []agenda.Window{{Start: 480, End: 720}}}},
		}
	}
	p := professional()
	copied := p.Clone()
	if !cmp.Equal(copied, p) {
		t.Errorf("a professional: %s", cmp.Diff(p, copied))
	}
	copied.SpecialtyKeywords[0], copied.WorkingDays[0] = "changed", 0
	copied.WorkingHours[0].Days[0], copied.WorkingHours[0].End = 0, 0
	copied.DateOverrides[0].Windows[0].End, copied.DateOverrides[0].Date.Day = 0, 1
	if diff := cmp.Diff(professional(), p); diff != "" {
		t.Errorf("a change to the copy made %s", diff)
	}
	at := agenda.Clinic{Closures: []agenda.Closure{{Name: "Recesso"}}, BlockingCalendars: []string{"a"}}
	desk := at.Clone()
	desk.Closures[0].Name, desk.BlockingCalendars[0] = "changed", "changed"
	if at.Closures[0].Name != "Recesso" || at.BlockingCalendars[0] != "a" {
		t.Errorf("a change to the copy made %+v", at)
	}
	s := agenda.Service{Keywords: []string{"toxina"}}
	other := s.Clone()
	if other.Keywords[0] = "changed"; s.Keywords[0] != "toxina" {
		t.Errorf("a change to the copy made %+v", s)
	}
}

func TestClinicProfessionalDeactivate(t *testing.T) {
	t.Parallel()
	_, maria, _, _ := xyz()
	if maria.Deactivate(later()); maria.Active || maria.UpdatedAt != later() || maria.GoogleCalendarID == "" {
		t.Errorf("got %+v", maria)
	}
}
