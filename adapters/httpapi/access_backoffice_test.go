package httpapi_test

import (
	"fmt"
	"net/http"
)

func fixed(s string) func(clinicIDs) string { return func(clinicIDs) string { return s } }

// of formats with one id of the clinic.
func of(format string, id func(clinicIDs) int64) func(clinicIDs) string {
	return func(c clinicIDs) string { return fmt.Sprintf(format, id(c)) }
}

func entityID(c clinicIDs) int64       { return c.entity }
func departmentID(c clinicIDs) int64   { return c.department }
func userID(c clinicIDs) int64         { return c.user }
func professionalID(c clinicIDs) int64 { return c.professional }
func membershipID(c clinicIDs) int64   { return c.membership }
func participantID(c clinicIDs) int64  { return c.participant }
func visitorID(c clinicIDs) int64      { return c.visitor }
func roomID(c clinicIDs) int64         { return c.room }
func calledID(c clinicIDs) int64       { return c.called }
func agentID(c clinicIDs) int64        { return c.agent }
func usageID(c clinicIDs) int64        { return c.usage }

func inRoom(c clinicIDs) string {
	return fmt.Sprintf("/v1/rooms/%d/participants/%d", c.room, c.participant)
}

func backOfficeAccess() []access {
	const (
		get, post, patch, del = http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete
		made, gone            = http.StatusCreated, http.StatusNoContent
	)
	renamed := fixed(`{"name":"renamed"}`)
	event := fixed(`{"name":"note","data":{"whose":"ours"}}`)
	batch := fixed(`{"events":[{"name":"note","data":{"whose":"ours"}},{"name":"note"}]}`)
	login := fixed(fmt.Sprintf(`{"email":%q,"password":%q}`, managerEmail, password))
	stale := fixed(`{"refresh_token":"sr_unknown"}`)
	return []access{
		{operation: "login", method: post, path: fixed("/v1/auth/login"), body: login, public: true},
		{operation: "refresh", method: post, path: fixed("/v1/auth/refresh"), body: stale, public: true, status: http.StatusUnauthorized},
		{operation: "logout", method: post, path: fixed("/v1/auth/logout"), body: stale, public: true, status: gone},
		{operation: "get-me", method: get, path: fixed("/v1/me"), strange: allowed},

		{operation: "get-my-permissions", method: get, path: fixed("/v1/me/permissions"), strange: allowed},

		{operation: "list-api-keys", method: get, path: fixed("/v1/api-keys"), strange: hidden},
		{operation: "create-api-key", method: post, path: fixed("/v1/api-keys"), status: made, body: of(
			`{"entity_id":%d,"name":"new","scopes":["rooms:read","rooms:write"]}`, entityID)},
		{operation: "get-api-key", method: get, path: keyPath},
		{operation: "update-api-key", method: patch, path: keyPath, body: renamed},
		{operation: "revoke-api-key", method: del, path: keyPath, status: gone},
		{operation: "list-audit-log", method: get, path: fixed("/v1/audit-log?table=entities"), strange: hidden},

		{operation: "list-users", method: get, path: fixed("/v1/users"), strange: hidden},
		{operation: "create-user", method: post, path: fixed("/v1/users"), status: made, body: of(
			`{"email":"new@clinic.example","password":"correct horse battery","phone_number":"+5511955550009","role":"ENTITY_ADMIN","entity_id":%d}`, entityID)},
		{operation: "get-user", method: get, path: of("/v1/users/%d", userID)},
		{operation: "update-user", method: patch, path: of("/v1/users/%d", userID), body: fixed(`{"phone_number":"+5511955550008"}`)},
		{operation: "delete-user", method: del, path: of("/v1/users/%d", userID), status: gone},

		{operation: "list-entities", method: get, path: fixed("/v1/entities"), strange: hidden},
		{operation: "create-entity", method: post, path: fixed("/v1/entities"), body: renamed, strange: forbidden, status: made},
		{operation: "get-entity", method: get, path: of("/v1/entities/%d", entityID)},
		{operation: "update-entity", method: patch, path: of("/v1/entities/%d", entityID), body: renamed},
		{operation: "delete-entity", method: del, path: of("/v1/entities/%d", entityID), status: gone},

		{operation: "list-departments", method: get, path: of("/v1/entities/%d/departments", entityID)},
		{operation: "create-department", method: post, path: of("/v1/entities/%d/departments", entityID), body: renamed, status: made},
		{operation: "get-department", method: get, path: of("/v1/departments/%d", departmentID)},
		{operation: "update-department", method: patch, path: of("/v1/departments/%d", departmentID), body: renamed},
		{operation: "delete-department", method: del, path: of("/v1/departments/%d", departmentID), status: gone},

		{operation: "list-professionals", method: get, path: fixed("/v1/professionals"), strange: hidden},
		{operation: "create-professional", method: post, path: fixed("/v1/professionals"), status: made, body: of(
			`{"name":"new","phone_number":"+5511955550007","entity_id":%d}`, entityID)},
		{operation: "get-professional", method: get, path: of("/v1/professionals/%d", professionalID)},
		{operation: "update-professional", method: patch, path: of("/v1/professionals/%d", professionalID), body: renamed},
		{operation: "delete-professional", method: del, path: of("/v1/professionals/%d", professionalID), status: gone},

		{operation: "list-memberships", method: get, path: of("/v1/professionals/%d/memberships", professionalID)},
		{operation: "create-membership", method: post, path: of("/v1/professionals/%d/memberships", professionalID), status: made, body: of(
			`{"entity_id":%d}`, entityID)},
		{operation: "get-membership", method: get, path: of("/v1/memberships/%d", membershipID)},
		{operation: "update-membership", method: patch, path: of("/v1/memberships/%d", membershipID), body: fixed(`{"active":false}`)},
		{operation: "delete-membership", method: del, path: of("/v1/memberships/%d", membershipID), status: gone},

		{operation: "list-participants", method: get, path: fixed("/v1/participants"), strange: hidden},
		{operation: "create-participant", method: post, path: fixed("/v1/participants"), status: made, body: of(
			`{"name":"new","type":"CLIENT","phone_number":"+5511955550006","entity_id":%d}`, entityID)},
		{operation: "get-participant", method: get, path: of("/v1/participants/%d", participantID)},
		{operation: "update-participant", method: patch, path: of("/v1/participants/%d", participantID), body: renamed},

		{operation: "list-rooms", method: get, path: fixed("/v1/rooms"), strange: hidden},
		{operation: "create-room", method: post, path: fixed("/v1/rooms"), body: of(`{"name":"new","entity_id":%d}`, entityID), status: made},
		{operation: "get-room", method: get, path: of("/v1/rooms/%d", roomID)},
		{operation: "update-room", method: patch, path: of("/v1/rooms/%d", roomID), body: renamed},
		{operation: "delete-room", method: del, path: of("/v1/rooms/%d", roomID), status: gone},
		{operation: "create-join-token", method: post, path: of("/v1/rooms/%d/tokens", roomID), body: of(`{"participant_id":%d}`, participantID)},
		{operation: "request-agent", method: post, path: of("/v1/rooms/%d/agent", roomID), body: fixed(`{"agent_name":"helper"}`), status: made},
		{operation: "get-room-agent", method: get, path: of("/v1/rooms/%d/agent", calledID)},
		{operation: "dismiss-agent", method: del, path: of("/v1/rooms/%d/agent", calledID), status: gone},
		{operation: "receive-livekit-webhook", method: post, path: fixed(liveKitHook), body: fixed(`{}`), public: true, status: http.StatusUnauthorized},
		{operation: "get-room-instructions", method: get, path: of("/v1/rooms/%d/instructions", roomID)},

		{operation: "list-room-participants", method: get, path: of("/v1/rooms/%d/participants", roomID)},
		{operation: "add-room-participant", method: post, path: of("/v1/rooms/%d/participants", roomID), body: of(`{"participant_id":%d}`, visitorID), status: made},
		{operation: "get-room-participant", method: get, path: inRoom},
		{operation: "update-room-participant", method: patch, path: inRoom, body: fixed(`{"context":{"note":"x"}}`)},
		{operation: "remove-room-participant", method: del, path: inRoom, status: gone},

		{operation: "stream-room", method: get, path: of("/v1/rooms/%d/stream?from=start", roomID), endless: true},
		{operation: "list-room-events", method: get, path: of("/v1/rooms/%d/events", roomID)},
		{operation: "append-room-event", method: post, path: of("/v1/rooms/%d/events", roomID), body: event, status: made},
		{operation: "append-room-events", method: post, path: of("/v1/rooms/%d/events/batch", roomID), body: batch, status: made},
		{operation: "list-agent-events", method: get, path: of("/v1/rooms/%d/agent-events", roomID)},
		{operation: "append-agent-event", method: post, path: of("/v1/rooms/%d/agent-events", roomID), body: event, status: made},
		{operation: "get-room-timeline", method: get, path: of("/v1/rooms/%d/timeline", roomID)},
		{operation: "get-usage-report", method: get, path: of("/v1/reports/usage?entity_id=%d", entityID)},
		{operation: "start-usage", method: post, path: of("/v1/rooms/%d/usage", roomID), body: of(`{"participant_id":%d}`, agentID), status: made},
		{operation: "list-usage", method: get, path: fixed("/v1/usage"), strange: hidden},
		{operation: "get-usage", method: get, path: of("/v1/usage/%d", usageID)},
		{operation: "update-usage", method: patch, path: of("/v1/usage/%d", usageID), body: fixed(`{"add":{"total_tokens_input":5}}`)},
		{operation: "end-usage", method: post, path: of("/v1/usage/%d/end", usageID)},
		{operation: "report-usage", method: post, path: of("/v1/usage/%d/reports", usageID), body: fixed(`{"usage":[{"type":"llm_usage","model":"gpt-4","input_tokens":5}]}`)},

		{operation: "list-model-prices", method: get, path: fixed("/v1/model-prices"), strange: hidden},
		{operation: "create-model-price", method: post, path: fixed("/v1/model-prices"), strange: forbidden, status: made, body: of(
			`{"entity_id":%d,"model_pattern":"gpt-4","unit":"input_tokens","price":2.5,"per":1000000,"currency":"USD"}`, entityID)},
		{operation: "get-model-price", method: get, path: of("/v1/model-prices/%d", priceID)},
		{operation: "update-model-price", method: patch, path: of("/v1/model-prices/%d", priceID), body: fixed(`{"price":3}`), strange: forbidden},
		{operation: "delete-model-price", method: del, path: of("/v1/model-prices/%d", priceID), strange: forbidden, status: gone},
		{operation: "install-example-prices", method: post, path: fixed("/v1/model-prices/example"), strange: forbidden},

		// What a list of budgets or repricings shows to whom is tested with them: nothing in it has a name.
		{operation: "list-budgets", method: get, path: fixed("/v1/budgets"), strange: allowed},
		{operation: "create-budget", method: post, path: fixed("/v1/budgets"), status: made, body: func(c clinicIDs) string {
			return fmt.Sprintf(`{"entity_id":%d,"department_id":%d,"limit_amount":10,"currency":"USD"}`, c.entity, c.department)
		}},
		{operation: "get-budget", method: get, path: of("/v1/budgets/%d", budgetID)},
		{operation: "update-budget", method: patch, path: of("/v1/budgets/%d", budgetID), body: fixed(`{"refuse":true}`)},
		{operation: "delete-budget", method: del, path: of("/v1/budgets/%d", budgetID), status: gone},

		{operation: "list-repricings", method: get, path: fixed("/v1/usage/repricings"), strange: allowed},
		{operation: "create-repricing", method: post, path: fixed("/v1/usage/repricings"), strange: forbidden, status: http.StatusAccepted, body: of(
			`{"entity_id":%d,"from":"2025-11-01T00:00:00Z","to":"2025-12-01T00:00:00Z"}`, entityID)},
		{operation: "get-repricing", method: get, path: repricingPath},

		{operation: "append-agent-events", method: post, path: of("/v1/rooms/%d/agent-events/batch", roomID), body: batch, status: made},
	}
}
