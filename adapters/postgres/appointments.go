package postgres

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type appointments struct{ session }

const appointmentColumns = `appointment_id, tenant_id, entity_id, professional_id, service_id, google_calendar_id, patient_name,
	patient_birth_date, patient_phone, contact, starts_at, ends_at, blocked_until, status, held_until, notes, cancel_reason,
	version, created_at, updated_at, blocked_from, group_id, override_reason,
	attendance, attendance_at, told_start, told_at, patient_id`

func scanAppointment(row pgx.CollectableRow) (v agenda.Appointment, err error) {
	var from, until time.Time
	err = row.Scan(optionalUUID{&v.ID.UUID}, optionalUUID{&v.TenantID.UUID}, &v.EntityID, optionalUUID{&v.ProfessionalID.UUID},
		optionalUUID{&v.ServiceID.UUID}, &v.CalendarID, &v.Patient.Name, optionalDay{&v.Patient.BirthDate},
		optionalText{&v.Patient.Phone}, optionalText{&v.Contact}, &v.Start, &v.End, &until, &v.Status,
		optionalMoment{&v.HeldUntil}, optionalText{&v.Notes}, optionalText{&v.CancelReason}, &v.Version, &v.CreatedAt, &v.UpdatedAt,
		&from, optionalUUID{&v.GroupID.UUID}, optionalText{&v.OverrideReason},
		optionalText{(*string)(&v.Attendance)}, optionalMoment{&v.AttendanceAt}, optionalMoment{&v.Told.Start}, optionalMoment{&v.Told.At},
		optionalUUID{&v.PatientID.UUID})
	v.BufferBefore, v.BufferAfter = v.Start.Sub(from), until.Sub(v.End)
	return v, err
}

// appointmentValues are what the columns hold, in their order.
func appointmentValues(v agenda.Appointment) []any {
	return []any{
		uuid(v.ID.UUID), uuid(v.TenantID.UUID), v.EntityID, uuid(v.ProfessionalID.UUID),
		uuid(v.ServiceID.UUID), v.CalendarID, v.Patient.Name, day(v.Patient.BirthDate),
		text(v.Patient.Phone), text(v.Contact), v.Start, v.End, v.Blocks().End, string(v.Status),
		moment(v.HeldUntil), text(v.Notes), text(v.CancelReason), v.Version, v.CreatedAt, v.UpdatedAt,
		v.Blocks().Start, uuid(v.GroupID.UUID), text(v.OverrideReason),
		text(string(v.Attendance)), moment(v.AttendanceAt), moment(v.Told.Start), moment(v.Told.At), uuid(v.PatientID.UUID),
	}
}

const appointmentInScope = `SELECT ` + appointmentColumns + ` FROM appointments
	WHERE appointment_id = $1 AND ($2 OR entity_id = $3)`

func (r appointments) Get(ctx context.Context, scope identity.Scope, key agenda.AppointmentID) (agenda.Appointment, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "appointment", scanAppointment, appointmentInScope, uuid(key.UUID), all, entity)
}

func (r appointments) List(ctx context.Context, scope identity.Scope, f agenda.AppointmentFilter, req page.Request) (page.Page[agenda.Appointment], error) {
	var where conditions
	where.inScope("entity_id", scope)
	where.wantedUUID("tenant_id", f.TenantID.UUID)
	where.wantedUUID("professional_id", f.ProfessionalID.UUID)
	wanted(&where, "status", string(f.Status))
	wanted(&where, "contact", f.Contact)
	where.wantedUUID("patient_id", f.PatientID.UUID)
	where.wantedUUID("group_id", f.GroupID.UUID)
	if !f.From.IsZero() {
		// Without the second bound, which the table checks, this would read everything that has ever begun.
		where.add("ends_at > ? AND starts_at > ?", f.From, f.From.Add(-agenda.LongestVisit))
	}
	if !f.To.IsZero() {
		where.add("starts_at < ?", f.To)
	}
	return list(ctx, r.session, req, listing[agenda.Appointment]{
		list: page.Fingerprint("appointments", scope, f), scope: scope,
		from:  `SELECT ` + appointmentColumns + ` FROM appointments`,
		where: &where, scan: scanner[agenda.Appointment](scanAppointment),
		sorting: sorting[agenda.Appointment]{order: "starts_at, appointment_id", after: afterStart, position: startOf},
	})
}

func startOf(v agenda.Appointment) page.Position {
	return page.Position{Key: strconv.FormatInt(v.Start.UnixMicro(), 10), ID: v.ID.String()}
}

// afterStart adds the condition that an appointment comes after a position: a start, in microseconds, and an id.
func afterStart(c *conditions, p page.Position) error {
	micros, err := strconv.ParseInt(p.Key, 10, 64)
	if err != nil {
		return page.BadCursor()
	}
	start := time.UnixMicro(micros).UTC()
	if start.Year() < 1 || start.Year() > 9999 { // no appointment of ours, and maybe no time of PostgreSQL's
		return page.BadCursor()
	}
	key, err := uuidOf(p)
	if err != nil {
		return err
	}
	c.add("(starts_at, appointment_id) > (?, ?)", start, key)
	return nil
}

// inTurn begins a statement that takes a professional's time; $4 is the professional. Two that insert overlapping times at
// once would each wait for the other's end until PostgreSQL's deadlock detector, a second later, gives one up. So they
// queue by professional. The constraint, not the queue, is what refuses the second.
const inTurn = `WITH turn AS MATERIALIZED (
	SELECT pg_advisory_xact_lock(hashtextextended('appointments:' || $4::uuid::text, 0)))`

func (r appointments) Create(ctx context.Context, v agenda.Appointment) (agenda.Appointment, error) {
	const into = `INSERT INTO appointments (` + appointmentColumns + `)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
			$24, $25, $26, $27, $28`
	sql := into
	if v.TakesTime() {
		sql = inTurn + into + ` FROM turn`
	}
	return create(ctx, r.session, scanAppointment, sql+` RETURNING `+appointmentColumns, appointmentValues(v)...)
}

func (r appointments) Update(ctx context.Context, scope identity.Scope, key agenda.AppointmentID, change func(*agenda.Appointment) error) (agenda.Appointment, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[agenda.Appointment]{
		what: "appointment", columns: appointmentColumns, scan: scanAppointment, find: appointmentInScope, args: []any{uuid(key.UUID), all, entity},
	}, change, func(v agenda.Appointment) (string, []any) {
		v.ID = key
		const set = ` UPDATE appointments SET tenant_id = $2, entity_id = $3, professional_id = $4, service_id = $5,
			google_calendar_id = $6, patient_name = $7, patient_birth_date = $8, patient_phone = $9, contact = $10, starts_at = $11,
			ends_at = $12, blocked_until = $13, status = $14, held_until = $15, notes = $16, cancel_reason = $17, version = $18,
			created_at = $19, updated_at = $20, blocked_from = $21, group_id = $22, override_reason = $23,
			attendance = $24, attendance_at = $25, told_start = $26, told_at = $27, patient_id = $28`
		sql := set
		if v.TakesTime() {
			sql = inTurn + set + ` FROM turn`
		}
		return sql + ` WHERE appointment_id = $1`, appointmentValues(v)
	})
}

func (r appointments) Blocking(ctx context.Context, professional agenda.ClinicProfessionalID, from, to time.Time) ([]agenda.Appointment, error) {
	found := []agenda.Appointment{}
	err := r.read(ctx, func(q querier) (err error) {
		if !from.Before(to) {
			return nil // an empty span touches nothing, and PostgreSQL has none that ends before it begins
		}
		// The bounds of starts_at are those of the index: no visit is longer, and none keeps more free, which the table checks.
		found, err = all(ctx, q, scanAppointment, `SELECT `+appointmentColumns+` FROM appointments
			WHERE professional_id = $1 AND starts_at > $4 AND starts_at < $5 AND blocked_from < $3 AND blocked_until > $2
				AND status IN ('held', 'confirmed')
			ORDER BY starts_at, appointment_id`, uuid(professional.UUID), from, to,
			from.Add(-agenda.LongestVisit-agenda.LongestBuffer), to.Add(agenda.LongestBuffer))
		return err
	})
	return zeroOn(found, err)
}

func (r appointments) ExpireHolds(ctx context.Context, professional agenda.ClinicProfessionalID, now time.Time) (int, error) {
	sql := `UPDATE appointments SET status = 'expired', held_until = NULL, version = version + 1,
			updated_at = greatest($1, updated_at + interval '1 microsecond')
		WHERE status = 'held' AND held_until < $1`
	args := []any{now}
	if !professional.IsZero() {
		sql += ` AND professional_id = $2`
		args = append(args, uuid(professional.UUID))
	}
	expired := 0
	err := r.change(ctx, func(q querier) error {
		tag, err := q.Exec(ctx, sql, args...)
		expired = int(tag.RowsAffected())
		return err
	})
	return zeroOn(expired, err)
}
