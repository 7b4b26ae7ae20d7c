package agenda

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/audit"
)

// Audited returns what the audit log tells of a clinic, without its secrets.
func (c Clinic) Audited() []audit.Field {
	return []audit.Field{
		{Name: "entity_id", Value: audit.Number(c.EntityID)},
		{Name: "tenant_name", Value: c.Name},
		{Name: "evolution_instance_name", Value: audit.Text(c.EvolutionInstance)},
		{Name: "evolution_webhook_token", Value: audit.Text(c.WebhookToken), Hidden: true},
		{Name: "google_oauth_credential_id", Value: audit.Text(c.GoogleOAuthCredentialID), Hidden: true},
		{Name: "system_prompt", Value: audit.Text(c.SystemPrompt)},
		{Name: "timezone", Value: c.TimeZone},
		{Name: "minimum_notice", Value: audit.Duration(c.MinimumNotice)},
		{Name: "maximum_ahead", Value: audit.Duration(c.MaximumAhead)},
		{Name: "hold_time", Value: audit.Duration(c.HoldTime)},
		{Name: "cut_off", Value: audit.Duration(c.CutOff)},
		{Name: "national_holidays", Value: c.NationalHolidays},
		{Name: "closures", Value: listed(c.Closures, func(v Closure) any {
			return map[string]any{"first": v.First.String(), "last": v.Last.String(), "name": v.Name}
		})},
		{Name: "blocking_calendars", Value: c.BlockingCalendars},
		{Name: "event_details", Value: string(c.EventDetails)},
		{Name: "address", Value: audit.Text(c.Address)},
		{Name: "handoff_return", Value: audit.Duration(c.HandoffReturn)},
		{Name: "reminder_minutes", Value: listed(c.Reminders, func(v time.Duration) any { return json.Number(strconv.Itoa(int(v / time.Minute))) })},
		{Name: "quiet_from", Value: c.QuietHours.From.String() + ":00"},
		{Name: "quiet_until", Value: c.QuietHours.Until.String() + ":00"},
		{Name: "is_active", Value: c.Active},
	}
}

// Audited returns what the audit log tells of a professional's agenda.
func (v ClinicProfessional) Audited() []audit.Field {
	days := make([]string, len(v.WorkingDays)) // the column holds texts, "0" is Sunday
	for i, day := range v.WorkingDays {
		days[i] = strconv.Itoa(int(day))
	}
	return []audit.Field{
		{Name: "tenant_id", Value: v.TenantID.String()},
		{Name: "entity_id", Value: audit.Number(v.EntityID)},
		{Name: "directory_professional_id", Value: audit.Number(v.ProfessionalID)},
		{Name: "professional_name", Value: v.Name},
		{Name: "professional_slug", Value: v.Slug},
		{Name: "specialty", Value: v.Specialty},
		{Name: "specialty_keywords", Value: v.SpecialtyKeywords},
		{Name: "google_calendar_id", Value: v.GoogleCalendarID},
		{Name: "google_calendar_label", Value: audit.Text(v.GoogleCalendarLabel)},
		{Name: "consultation_duration_default", Value: v.ConsultationMinutes},
		{Name: "buffer_before_minutes", Value: v.BufferBeforeMinutes},
		{Name: "buffer_time_minutes", Value: v.BufferMinutes},
		{Name: "slot_interval_minutes", Value: v.SlotMinutes},
		{Name: "timezone", Value: audit.Text(v.TimeZone)},
		{Name: "working_hours_start", Value: v.WorkingStart.String() + ":00"},
		{Name: "working_hours_end", Value: v.WorkingEnd.String() + ":00"},
		{Name: "working_days", Value: days},
		{Name: "working_hours", Value: listed(v.WorkingHours, func(h WeeklyHours) any {
			told := h.audited()
			told["days"] = listed(h.Days, func(d time.Weekday) any { return json.Number(strconv.Itoa(int(d))) })
			return told
		})},
		{Name: "date_overrides", Value: listed(v.DateOverrides, func(o DateOverride) any {
			windows := listed(o.Windows, func(w Window) any { return w.audited() })
			return map[string]any{"date": o.Date.String(), "windows": windows}
		})},
		{Name: "max_visits_per_day", Value: v.MaxVisitsPerDay},
		{Name: "max_minutes_per_day", Value: v.MaxMinutesPerDay},
		{Name: "is_active", Value: v.Active},
		{Name: "display_order", Value: v.DisplayOrder},
	}
}

// Audited returns what the audit log tells of a service.
func (s Service) Audited() []audit.Field {
	return []audit.Field{
		{Name: "professional_id", Value: s.ProfessionalID.String()},
		{Name: "tenant_id", Value: s.TenantID.String()},
		{Name: "entity_id", Value: audit.Number(s.EntityID)},
		{Name: "service_name", Value: s.Name},
		{Name: "service_slug", Value: s.Slug},
		{Name: "service_description", Value: audit.Text(s.Description)},
		{Name: "service_keywords", Value: s.Keywords},
		{Name: "price_cents", Value: s.PriceCents},
		{Name: "duration_minutes", Value: s.DurationMinutes},
		{Name: "is_active", Value: s.Active},
	}
}

// Audited returns what the audit log tells of an appointment: when it is and how it stands, not whom it is for.
func (a Appointment) Audited() []audit.Field {
	return []audit.Field{
		{Name: "tenant_id", Value: a.TenantID.String()},
		{Name: "entity_id", Value: audit.Number(a.EntityID)},
		{Name: "professional_id", Value: a.ProfessionalID.String()},
		{Name: "service_id", Value: audit.Text(a.ServiceID.String())},
		{Name: "google_calendar_id", Value: a.CalendarID},
		{Name: "patient_name", Value: a.Patient.Name, Hidden: true},
		{Name: "patient_birth_date", Value: audit.Text(a.Patient.BirthDate.String()), Hidden: true},
		{Name: "patient_phone", Value: audit.Text(a.Patient.Phone), Hidden: true},
		{Name: "patient_id", Value: audit.Text(a.PatientID.String())},
		{Name: "contact", Value: audit.Text(a.Contact), Hidden: true},
		{Name: "starts_at", Value: audit.Time(a.Start)},
		{Name: "ends_at", Value: audit.Time(a.End)},
		{Name: "blocked_from", Value: audit.Time(a.Blocks().Start)},
		{Name: "blocked_until", Value: audit.Time(a.Blocks().End)},
		{Name: "group_id", Value: audit.Text(a.GroupID.String())},
		{Name: "override_reason", Value: audit.Text(a.OverrideReason), Hidden: true},
		{Name: "status", Value: string(a.Status)},
		{Name: "held_until", Value: audit.Time(a.HeldUntil)},
		{Name: "notes", Value: audit.Text(a.Notes), Hidden: true},
		{Name: "cancel_reason", Value: audit.Text(a.CancelReason), Hidden: true},
		{Name: "attendance", Value: audit.Text(string(a.Attendance))},
		{Name: "attendance_at", Value: audit.Time(a.AttendanceAt)},
		{Name: "told_start", Value: audit.Time(a.Told.Start)},
		{Name: "told_at", Value: audit.Time(a.Told.At)},
	}
}

func (w Window) audited() map[string]any {
	return map[string]any{"start": w.Start.String(), "end": w.End.String()}
}

// listed is a list as the audit log tells it.
func listed[T any](list []T, tell func(T) any) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = tell(v)
	}
	return out
}
