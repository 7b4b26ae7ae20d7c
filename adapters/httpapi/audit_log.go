package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
)

// AuditEntry tells who did what to which record.
type AuditEntry struct {
	ID        int64             `json:"id" example:"70001"`
	Actor     string            `json:"actor" example:"user:7" doc:"user:7, api-key:0198..., front-desk:3 when a patient wrote, secretary for the service itself, operator, or database: and a role."`
	Action    string            `json:"action" example:"update" doc:"create, update, delete or read, or a security event such as calendar-mismatch."`
	Table     string            `json:"table" example:"clinic_professionals"`
	RowID     string            `json:"row_id" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de002" doc:"Empty when a list of everything was read."`
	EntityID  *int64            `json:"entity_id" example:"3" doc:"Whose record it is; null: the platform's."`
	RequestID *string           `json:"request_id" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de009" doc:"The X-Request-Id of the request; null when it was none."`
	Detail    map[string]string `json:"detail" nullable:"false" example:"{}" doc:"Of a reading or a security event."`
	Changes   Object            `json:"changes" nullable:"true" example:"{\"specialty\":{\"old\":\"Dermatologista\",\"new\":\"Dermatologia\"}}" doc:"By column, of a create or an update. Personal values and secrets are ***."`
	CreatedAt time.Time         `json:"created_at" example:"2026-11-03T14:30:00Z"`
}

func auditEntryOf(e identity.AuditEntry) AuditEntry {
	detail := e.Detail
	if detail == nil {
		detail = map[string]string{}
	}
	return AuditEntry{
		ID: int64(e.ID), Actor: e.Actor, Action: e.Action, Table: e.Table, RowID: e.RowID, EntityID: nullID(e.EntityID),
		RequestID: nullText(e.RequestID), Detail: detail, Changes: objectOf(e.Changes), CreatedAt: e.CreatedAt,
	}
}

func (s *server) registerAuditLog() {
	handle(s, huma.Operation{
		OperationID: "list-audit-log", Method: http.MethodGet, Path: "/v1/audit-log", Tags: []string{"audit log"},
		Summary: "List the audit log",
		Description: "Newest first. A MANAGER sees everything, an ENTITY_ADMIN what is of its entity, an API key nothing. Reads of what patients " +
			"are known by, or said, are in it too, as the action `read`.",
	}, func(ctx context.Context, in *struct {
		PageQuery
		Actor    string    `query:"actor" maxLength:"100" example:"user:7"`
		Action   string    `query:"action" maxLength:"50" example:"update"`
		Table    string    `query:"table" maxLength:"63" example:"appointments"`
		RowID    string    `query:"row_id" maxLength:"64" doc:"Of a row of table."`
		EntityID int64     `query:"entity_id" minimum:"1" maximum:"2147483647" example:"3"`
		From     time.Time `query:"from" example:"2026-11-03T00:00:00Z" doc:"The first moment, RFC 3339."`
		To       time.Time `query:"to" example:"2026-11-04T00:00:00Z" doc:"The moment after the last, RFC 3339."`
	},
	) (*answer[List[AuditEntry]], error) {
		v, err := s.AuditLog.List(ctx, actor(ctx), identity.AuditFilter{
			EntityID: clinic.EntityID(in.EntityID), Actor: in.Actor, Action: in.Action, Table: in.Table, RowID: in.RowID,
			From: in.From.UTC(), To: in.To.UTC(),
		}, in.request())
		return listed(v, err, auditEntryOf)
	})
}
