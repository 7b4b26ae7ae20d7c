package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type clinicProfessionals struct{ session }

// clinicProfessionalFields are the columns by their names, clinicProfessionalColumns as they are read.
const (
	clinicProfessionalFields = `professional_id, tenant_id, entity_id, directory_professional_id, professional_name, professional_slug,
	specialty, specialty_keywords, google_calendar_id, google_calendar_label, consultation_duration_default, buffer_time_minutes,
	working_hours_start, working_hours_end, is_active, display_order, created_at, updated_at, buffer_before_minutes,
	slot_interval_minutes, timezone, working_hours, date_overrides, max_visits_per_day, max_minutes_per_day, working_days`
	clinicProfessionalColumns = clinicProfessionalFields + `::text`
)

func scanClinicProfessional(row pgx.CollectableRow) (v agenda.ClinicProfessional, err error) {
	err = row.Scan(optionalUUID{&v.ID.UUID}, optionalUUID{&v.TenantID.UUID}, &v.EntityID, &v.ProfessionalID, &v.Name, &v.Slug,
		&v.Specialty, &v.SpecialtyKeywords, &v.GoogleCalendarID, optionalText{&v.GoogleCalendarLabel}, &v.ConsultationMinutes,
		&v.BufferMinutes, clockTime{&v.WorkingStart}, clockTime{&v.WorkingEnd}, &v.Active, &v.DisplayOrder, &v.CreatedAt,
		&v.UpdatedAt, &v.BufferBeforeMinutes, &v.SlotMinutes, optionalText{&v.TimeZone},
		rowsOf[hoursRow, agenda.WeeklyHours]{&v.WorkingHours}, rowsOf[overrideRow, agenda.DateOverride]{&v.DateOverrides},
		&v.MaxVisitsPerDay, &v.MaxMinutesPerDay, weekdayTexts{&v.WorkingDays})
	if len(v.SpecialtyKeywords) == 0 {
		v.SpecialtyKeywords = nil
	}
	return v, err
}

// clinicProfessionalValues are what the columns hold, in their order.
func clinicProfessionalValues(v agenda.ClinicProfessional) []any {
	return []any{
		uuid(v.ID.UUID), uuid(v.TenantID.UUID), v.EntityID, v.ProfessionalID, v.Name, v.Slug,
		v.Specialty, texts(v.SpecialtyKeywords), v.GoogleCalendarID, text(v.GoogleCalendarLabel), v.ConsultationMinutes,
		v.BufferMinutes, clock(v.WorkingStart), clock(v.WorkingEnd), v.Active, v.DisplayOrder, v.CreatedAt,
		v.UpdatedAt, v.BufferBeforeMinutes, v.SlotMinutes, text(v.TimeZone),
		rowsFor(v.WorkingHours, hoursRowOf), rowsFor(v.DateOverrides, overrideRowOf),
		v.MaxVisitsPerDay, v.MaxMinutesPerDay, weekdays(v.WorkingDays),
	}
}

const clinicProfessionalInScope = `SELECT ` + clinicProfessionalColumns + ` FROM clinic_professionals
	WHERE professional_id = $1 AND ($2 OR entity_id = $3)`

func (r clinicProfessionals) Get(ctx context.Context, scope identity.Scope, key agenda.ClinicProfessionalID) (agenda.ClinicProfessional, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "professional", scanClinicProfessional, clinicProfessionalInScope, uuid(key.UUID), all, entity)
}

func (r clinicProfessionals) List(ctx context.Context, scope identity.Scope, f agenda.ClinicProfessionalFilter, req page.Request) (page.Page[agenda.ClinicProfessional], error) {
	var where conditions
	where.inScope("entity_id", scope)
	where.wantedUUID("tenant_id", f.TenantID.UUID)
	where.flag("is_active", f.Active)
	return list(ctx, r.session, req, listing[agenda.ClinicProfessional]{
		list: page.Fingerprint("clinic_professionals", scope, f), scope: scope,
		from:  `SELECT ` + clinicProfessionalColumns + ` FROM clinic_professionals`,
		where: &where, scan: scanner[agenda.ClinicProfessional](scanClinicProfessional),
		sorting: byUUID("professional_id", func(v agenda.ClinicProfessional) string { return v.ID.String() }),
	})
}

func (r clinicProfessionals) Create(ctx context.Context, v agenda.ClinicProfessional) (agenda.ClinicProfessional, error) {
	return create(ctx, r.session, scanClinicProfessional,
		`INSERT INTO clinic_professionals (`+clinicProfessionalFields+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
			$25, $26)
		RETURNING `+clinicProfessionalColumns, clinicProfessionalValues(v)...)
}

func (r clinicProfessionals) Update(ctx context.Context, scope identity.Scope, key agenda.ClinicProfessionalID, change func(*agenda.ClinicProfessional) error) (agenda.ClinicProfessional, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[agenda.ClinicProfessional]{
		what: "professional", columns: clinicProfessionalColumns, scan: scanClinicProfessional,
		find: clinicProfessionalInScope, args: []any{uuid(key.UUID), all, entity}, changedAt: func(v *agenda.ClinicProfessional) time.Time { return v.UpdatedAt },
	}, change, func(v agenda.ClinicProfessional) (string, []any) {
		v.ID = key
		return `UPDATE clinic_professionals SET tenant_id = $2, entity_id = $3, directory_professional_id = $4, professional_name = $5,
				professional_slug = $6, specialty = $7, specialty_keywords = $8, google_calendar_id = $9, google_calendar_label = $10,
				consultation_duration_default = $11, buffer_time_minutes = $12, working_hours_start = $13, working_hours_end = $14,
				is_active = $15, display_order = $16, created_at = $17, updated_at = $18, buffer_before_minutes = $19,
				slot_interval_minutes = $20, timezone = $21, working_hours = $22, date_overrides = $23, max_visits_per_day = $24,
				max_minutes_per_day = $25, working_days = $26
			WHERE professional_id = $1`, clinicProfessionalValues(v)
	})
}
