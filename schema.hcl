# The tables of secretary, declared: the source of truth of the schema. `make migrate-diff name=...` writes the migration
# that leads here from the migrations there are, and a test fails when the two disagree.
#
# What this language cannot say lives in migrations/ by hand: extensions, the exclusion constraint of appointments, the
# partitions of the event tables, triggers and functions. docs/adr/0010-schema-and-migrations.md tells why.
#
# Conventions: optional text is NULL, not empty. Money and minutes are exact decimals. Every time is timestamptz. Lists are
# in the order of the key, so the indexes they use end in it. Nothing is removed with its parent: the API switches rows off.

schema "public" {
}

enum "user_role" {
  schema = schema.public
  values = ["MANAGER", "ENTITY_ADMIN"]
}

enum "participant_type" {
  schema = schema.public
  values = ["CLIENT", "PROFESSIONAL", "AGENT"]
}

enum "room_status" {
  schema = schema.public
  values = ["OPEN", "CLOSED", "IN_PROGRESS"]
}

enum "agent_status" {
  schema = schema.public
  values = ["REQUESTED", "DISPATCHED", "JOINED", "LEFT", "FAILED"]
}

enum "appointment_status" {
  schema = schema.public
  values = ["held", "confirmed", "cancelled", "expired"]
}

# Who exists: entities, their people, and what is kept of what they did.

table "entities" {
  schema  = schema.public
  comment = "Clinics and other organisations: the tenants."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "name" {
    null = false
    type = varchar(200)
  }
  column "type" {
    null = true
    type = varchar(100)
  }
  column "instructions" {
    null    = true
    type    = jsonb
    comment = "What agents are told in every department; merged with the department's own."
  }
  column "active" {
    null    = false
    type    = boolean
    default = true
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
}

table "users" {
  schema  = schema.public
  comment = "People of the back office. A manager sees every entity, an administrator one."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "email" {
    null = false
    type = varchar(254)
  }
  column "password" {
    null    = false
    type    = varchar(254)
    comment = "A hash that names its own parameters, never the password."
  }
  column "phone_number" {
    null = false
    type = varchar(20)
  }
  column "role" {
    null = false
    type = enum.user_role
  }
  column "entity_id" {
    null = true
    type = bigint
  }
  column "active" {
    null    = false
    type    = boolean
    default = true
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "users_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  unique "users_email_key" {
    columns = [column.email]
  }
  index "users_phone_number_idx" {
    columns = [column.phone_number]
  }
  index "users_entity_id_id_idx" {
    columns = [column.entity_id, column.id]
  }
  check "users_entity_of_admin" {
    expr = "(role = 'MANAGER') = (entity_id IS NULL)"
  }
}

table "refresh_tokens" {
  schema  = schema.public
  comment = "One row for each refresh token given out. A used one is kept until it expires, so that its reuse is noticed."
  column "id" {
    null = false
    type = uuid
  }
  column "family" {
    null    = false
    type    = uuid
    comment = "One login: the reuse of any token ends all of its family."
  }
  column "user_id" {
    null = false
    type = bigint
  }
  column "hash" {
    null    = false
    type    = varchar(128)
    comment = "The token itself is never stored."
  }
  column "expires_at" {
    null = false
    type = timestamptz
  }
  column "used_at" {
    null = true
    type = timestamptz
  }
  column "revoked_at" {
    null = true
    type = timestamptz
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "refresh_tokens_user_id_fkey" {
    columns     = [column.user_id]
    ref_columns = [table.users.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  unique "refresh_tokens_hash_key" {
    columns = [column.hash]
  }
  index "refresh_tokens_family_idx" {
    columns = [column.family]
  }
  index "refresh_tokens_user_id_idx" {
    columns = [column.user_id]
  }
  index "refresh_tokens_expires_at_idx" {
    columns = [column.expires_at]
  }
}

table "api_keys" {
  schema  = schema.public
  comment = "Keys of integrations, each of one entity."
  column "id" {
    null    = false
    type    = uuid
    default = sql("gen_random_uuid()")
  }
  column "entity_id" {
    null = false
    type = bigint
  }
  column "name" {
    null = false
    type = varchar(100)
  }
  column "prefix" {
    null    = false
    type    = varchar(16)
    comment = "The readable beginning, by which people tell keys apart."
  }
  column "hash" {
    null    = false
    type    = varchar(128)
    comment = "The key itself is never stored."
  }
  column "scopes" {
    null    = false
    type    = sql("text[]")
    default = sql("'{}'::text[]")
  }
  column "created_by" {
    null = true
    type = bigint
  }
  column "expires_at" {
    null = true
    type = timestamptz
  }
  column "revoked_at" {
    null = true
    type = timestamptz
  }
  column "last_used_at" {
    null = true
    type = timestamptz
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "api_keys_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "api_keys_created_by_fkey" {
    columns     = [column.created_by]
    ref_columns = [table.users.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  unique "api_keys_hash_key" {
    columns = [column.hash]
  }
  index "api_keys_entity_id_idx" {
    columns = [column.entity_id]
  }
  index "api_keys_created_by_idx" {
    columns = [column.created_by]
  }
}

table "audit_log" {
  schema  = schema.public
  comment = "Who changed what, written by triggers, and security events. Only ever appended."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "actor" {
    null = false
    type = varchar(100)
  }
  column "action" {
    null = false
    type = varchar(50)
  }
  column "table_name" {
    null = false
    type = varchar(63)
  }
  column "row_id" {
    null = false
    type = varchar(64)
  }
  column "entity_id" {
    null    = true
    type    = bigint
    comment = "No foreign key: an entry outlives what it tells of."
  }
  column "request_id" {
    null = true
    type = varchar(100)
  }
  column "detail" {
    null    = false
    type    = jsonb
    default = sql("'{}'::jsonb")
    comment = "Of a security event."
  }
  column "changes" {
    null    = true
    type    = jsonb
    comment = "Of a change: the old and the new value of each column, personal ones masked."
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.created_at, column.id]
  }
  index "audit_log_entity_id_idx" {
    columns = [column.entity_id, column.created_at, column.id]
  }
  index "audit_log_actor_idx" {
    columns = [column.actor, column.created_at, column.id]
  }
  index "audit_log_row_id_idx" {
    columns = [column.row_id, column.table_name, column.created_at, column.id]
  }
}

table "idempotency_keys" {
  schema  = schema.public
  comment = "What a request with an idempotency key led to, so that its repetition gets the same answer."
  column "owner" {
    null = false
    type = varchar(100)
  }
  column "key" {
    null = false
    type = varchar(255)
  }
  column "tenant_id" {
    null    = true
    type    = uuid
    comment = "The clinic whose front desk it is about: what is erased there is erased here too. No foreign key: it expires soon."
  }
  column "fingerprint" {
    null    = false
    type    = varchar(128)
    comment = "Of the operation and the body: another request under the same key is refused."
  }
  column "state" {
    null    = false
    type    = varchar(20)
    default = "done"
    comment = "reserved: being done; committed: its effect is stored; done: so is its answer."
  }
  column "reserved_until" {
    null    = true
    type    = timestamptz
    comment = "When somebody else may do a request that was only reserved."
  }
  column "result" {
    null    = true
    type    = jsonb
    comment = "The answer, once it is done."
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "expires_at" {
    null = false
    type = timestamptz
  }
  primary_key {
    columns = [column.owner, column.key]
  }
  index "idempotency_keys_tenant_id_idx" {
    columns = [column.tenant_id]
    where   = "tenant_id IS NOT NULL"
  }
  index "idempotency_keys_expires_at_idx" {
    columns = [column.expires_at]
  }
  check "idempotency_keys_state_check" {
    expr = "(state)::text = ANY (ARRAY['reserved'::text, 'committed'::text, 'done'::text])"
  }
}

table "departments" {
  schema  = schema.public
  comment = "Parts of an entity, each with its own instructions for agents."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "entity_id" {
    null = false
    type = bigint
  }
  column "name" {
    null = false
    type = varchar(100)
  }
  column "instructions" {
    null = true
    type = jsonb
  }
  column "active" {
    null    = false
    type    = boolean
    default = true
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "departments_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  unique "departments_id_entity_key" {
    columns = [column.id, column.entity_id]
  }
  index "departments_entity_id_id_idx" {
    columns = [column.entity_id, column.id]
  }
}

table "professionals" {
  schema  = schema.public
  comment = "Professionals, who may work at several entities."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "name" {
    null = false
    type = varchar(200)
  }
  column "email" {
    null = true
    type = varchar(254)
  }
  column "phone_number" {
    null = false
    type = varchar(20)
  }
  column "external_id" {
    null = true
    type = varchar(254)
  }
  column "license_number" {
    null = true
    type = varchar(100)
  }
  column "active" {
    null    = false
    type    = boolean
    default = true
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  index "professionals_phone_number_idx" {
    columns = [column.phone_number]
  }
  index "professionals_external_id_idx" {
    columns = [column.external_id]
  }
  index "professionals_active_idx" {
    columns = [column.active]
  }
}

table "professional_entities" {
  schema  = schema.public
  comment = "Memberships: where a professional works."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "professional_id" {
    null = false
    type = bigint
  }
  column "entity_id" {
    null = false
    type = bigint
  }
  column "department_id" {
    null    = true
    type    = bigint
    comment = "NULL: of the entity as a whole."
  }
  column "active" {
    null    = false
    type    = boolean
    default = true
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "professional_entities_professional_id_fkey" {
    columns     = [column.professional_id]
    ref_columns = [table.professionals.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "professional_entities_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "professional_entities_department_id_entity_id_fkey" {
    columns     = [column.department_id, column.entity_id]
    ref_columns = [table.departments.column.id, table.departments.column.entity_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  unique "professional_entities_key" {
    columns        = [column.professional_id, column.entity_id, column.department_id]
    nulls_distinct = false
  }
  index "professional_entities_professional_id_id_idx" {
    columns = [column.professional_id, column.id]
  }
  index "professional_entities_entity_id_id_idx" {
    columns = [column.entity_id, column.id]
  }
  index "professional_entities_entity_id_professional_id_idx" {
    columns = [column.entity_id, column.professional_id]
  }
  index "professional_entities_department_id_professional_id_idx" {
    columns = [column.department_id, column.professional_id]
  }
  index "idx_prof_entity_dept" {
    columns = [column.entity_id, column.department_id]
  }
  index "idx_prof_entity_active" {
    columns = [column.professional_id, column.entity_id, column.active]
  }
}

# Conversations in rooms: who was there, what happened, and what the agents cost.

table "participants" {
  schema  = schema.public
  comment = "Who can be in a room: clients, professionals, agents."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "entity_id" {
    null    = true
    type    = bigint
    comment = "NULL: of the platform. With it a patient's data is kept to its clinic."
  }
  column "name" {
    null = false
    type = varchar(100)
  }
  column "type" {
    null = false
    type = enum.participant_type
  }
  column "phone_number" {
    null = false
    type = varchar(20)
  }
  column "external_id" {
    null = true
    type = varchar(254)
  }
  column "professional_id" {
    null = true
    type = bigint
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "participants_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "participants_professional_id_fkey" {
    columns     = [column.professional_id]
    ref_columns = [table.professionals.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  index "participants_phone_number_idx" {
    columns = [column.phone_number]
  }
  index "participants_external_id_idx" {
    columns = [column.external_id]
  }
  index "participants_phone_number_type_idx" {
    columns = [column.phone_number, column.type]
  }
  index "participants_professional_id_idx" {
    columns = [column.professional_id]
  }
  index "participants_entity_id_id_idx" {
    columns = [column.entity_id, column.id]
  }
  check "participants_professional" {
    expr = "professional_id IS NULL OR type = 'PROFESSIONAL'"
  }
}

table "rooms" {
  schema  = schema.public
  comment = "Rooms on the media server."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "name" {
    null = false
    type = varchar(100)
  }
  column "status" {
    null    = false
    type    = enum.room_status
    default = "OPEN"
  }
  column "entity_id" {
    null = true
    type = bigint
  }
  column "department_id" {
    null = true
    type = bigint
  }
  column "professional_id" {
    null    = true
    type    = bigint
    comment = "Who hosts it."
  }
  column "type" {
    null    = true
    type    = enum.participant_type
    comment = "Who it was opened for."
  }
  column "phone_number" {
    null = true
    type = varchar(20)
  }
  column "external_id" {
    null = true
    type = varchar(254)
  }
  column "livekit_name" {
    null    = false
    type    = varchar(254)
    default = sql("(gen_random_uuid())::text")
    comment = "Its name on the media server, unique there too."
  }
  column "livekit_sid" {
    null    = true
    type    = varchar(254)
    comment = "The media server's own id, known once the room was opened there."
  }
  column "opened_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "closed_at" {
    null = true
    type = timestamptz
  }
  column "closed_reason" {
    null    = true
    type    = varchar(100)
    comment = "NULL: not closed, or closed before reasons were kept."
  }
  column "empty_timeout_seconds" {
    null    = false
    type    = int
    default = 600
    comment = "How long the media server waits for the first to come."
  }
  column "departure_timeout_seconds" {
    null    = false
    type    = int
    default = 60
    comment = "How long the media server keeps the room after the last has left."
  }
  column "max_participants" {
    null    = false
    type    = int
    default = 0
    comment = "People and agents; 0: any number."
  }
  column "livekit_since" {
    null    = true
    type    = timestamptz
    comment = "When the media server's room of livekit_sid began."
  }
  column "agent_status" {
    null    = true
    type    = enum.agent_status
    comment = "How far the latest request for an agent has come; NULL: there was none."
  }
  column "agent_participant_id" {
    null    = true
    type    = bigint
    comment = "As whom the agent joins."
  }
  column "agent_name" {
    null    = true
    type    = varchar(100)
    comment = "Under which agents register with the media server."
  }
  column "agent_number" {
    null    = false
    type    = int
    default = 0
    comment = "Of requests for an agent so far. The token of an agent names its own."
  }
  column "agent_dispatch_id" {
    null    = true
    type    = varchar(254)
    comment = "The media server's."
  }
  column "agent_attempts" {
    null    = false
    type    = int
    default = 0
    comment = "How often the media server was asked for this request."
  }
  column "agent_reason" {
    null    = true
    type    = varchar(254)
    comment = "Why the agent failed or left, or why the latest attempt did."
  }
  column "agent_requested_at" {
    null = true
    type = timestamptz
  }
  column "agent_deadline" {
    null    = true
    type    = timestamptz
    comment = "Until when it has to have joined, by the latest attempt."
  }
  column "agent_joined_at" {
    null = true
    type = timestamptz
  }
  column "agent_ended_at" {
    null    = true
    type    = timestamptz
    comment = "When it left or failed."
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "rooms_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "rooms_department_id_entity_id_fkey" {
    columns     = [column.department_id, column.entity_id]
    ref_columns = [table.departments.column.id, table.departments.column.entity_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "rooms_professional_id_fkey" {
    columns     = [column.professional_id]
    ref_columns = [table.professionals.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "rooms_agent_participant_id_fkey" {
    columns     = [column.agent_participant_id]
    ref_columns = [table.participants.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  unique "rooms_livekit_name_key" {
    columns = [column.livekit_name]
  }
  index "rooms_entity_id_id_idx" {
    columns = [column.entity_id, column.id]
  }
  index "rooms_department_id_id_idx" {
    columns = [column.department_id, column.id]
  }
  index "rooms_external_id_idx" {
    columns = [column.external_id]
  }
  index "rooms_phone_number_idx" {
    columns = [column.phone_number]
  }
  index "rooms_phone_number_type_idx" {
    columns = [column.phone_number, column.type]
  }
  index "rooms_professional_id_idx" {
    columns = [column.professional_id]
  }
  index "rooms_agent_participant_id_idx" {
    columns = [column.agent_participant_id]
  }
  index "idx_room_entity_status" {
    columns = [column.entity_id, column.status, column.id]
  }
  index "rooms_status_id_idx" {
    columns = [column.status, column.id]
  }
  index "rooms_live_idx" {
    columns = [column.id]
    where   = "((status <> 'CLOSED'::room_status) AND ((livekit_sid IS NOT NULL) OR (agent_status = ANY (ARRAY['REQUESTED'::agent_status, 'DISPATCHED'::agent_status]))))"
  }
  check "rooms_department_needs_entity" {
    expr = "department_id IS NULL OR entity_id IS NOT NULL"
  }
}

table "room_participants" {
  schema  = schema.public
  comment = "Who is in which room. The only rows that the API removes."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "room_id" {
    null = false
    type = bigint
  }
  column "participant_id" {
    null = false
    type = bigint
  }
  column "context" {
    null    = false
    type    = jsonb
    default = sql("'{}'::jsonb")
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "room_participants_room_id_fkey" {
    columns     = [column.room_id]
    ref_columns = [table.rooms.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "room_participants_participant_id_fkey" {
    columns     = [column.participant_id]
    ref_columns = [table.participants.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  unique "room_participants_key" {
    columns = [column.room_id, column.participant_id]
  }
  index "room_participants_room_id_id_idx" {
    columns = [column.room_id, column.id]
  }
  index "room_participants_room_id_created_at_id_idx" {
    columns = [column.room_id, column.created_at, column.id]
  }
  index "room_participants_participant_id_idx" {
    columns = [column.participant_id]
  }
}

# The id is bigserial: partitions do not inherit an identity column, and without it a row could not be given to one directly.
table "room_presences" {
  schema  = schema.public
  comment = "Who is and was in the rooms on the media server, as that tells it: each stay is one row."
  column "room_id" {
    null = false
    type = bigint
  }
  column "sid" {
    null    = false
    type    = varchar(100)
    comment = "The media server's, of this stay: who comes again has another one."
  }
  column "identity" {
    null    = false
    type    = varchar(254)
    comment = "The same for every stay."
  }
  column "participant_id" {
    null    = true
    type    = bigint
    comment = "NULL: a stranger, whom nobody put into the room."
  }
  column "name" {
    null = false
    type = varchar(254)
  }
  column "kind" {
    null    = false
    type    = varchar(50)
    comment = "The media server's word: STANDARD, SIP, AGENT, or another."
  }
  column "joined_at" {
    null    = true
    type    = timestamptz
    comment = "NULL while only the leaving is known: one may be told after the other, or never."
  }
  column "left_at" {
    null    = true
    type    = timestamptz
    comment = "NULL: present."
  }
  column "reason" {
    null    = true
    type    = varchar(254)
    comment = "Of leaving, in the media server's words; NULL when not known."
  }
  primary_key {
    columns = [column.room_id, column.sid]
  }
  foreign_key "room_presences_room_id_fkey" {
    columns     = [column.room_id]
    ref_columns = [table.rooms.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "room_presences_participant_id_fkey" {
    columns     = [column.participant_id]
    ref_columns = [table.participants.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  index "room_presences_present_idx" {
    columns = [column.room_id, column.sid]
    where   = "left_at IS NULL"
  }
  index "room_presences_participant_id_idx" {
    columns = [column.participant_id]
  }
  check "room_presences_some_time" {
    expr = "joined_at IS NOT NULL OR left_at IS NOT NULL"
  }
}

table "webhook_receipts" {
  schema  = schema.public
  comment = "Which webhooks were taken in, so that none is twice."
  column "source" {
    null    = false
    type    = varchar(50)
    comment = "Who sent it, such as livekit."
  }
  column "id" {
    null    = false
    type    = varchar(254)
    comment = "The sender's, the same when it is sent again."
  }
  column "received_at" {
    null = false
    type = timestamptz
  }
  primary_key {
    columns = [column.source, column.id]
  }
  index "webhook_receipts_received_at_idx" {
    columns = [column.received_at]
  }
}

table "room_events" {
  schema  = schema.public
  comment = "What happened in rooms. Only ever appended; one partition for each calendar month in UTC."
  column "id" {
    null = false
    type = bigserial
  }
  // No foreign key: the statement that appends looks for the room, and a trigger keeps rooms from being removed.
  column "room_id" {
    null = false
    type = bigint
  }
  column "name" {
    null = false
    type = varchar(100)
  }
  column "data" {
    null    = false
    type    = jsonb
    default = sql("'{}'::jsonb")
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id, column.created_at]
  }
  index "room_events_room_id_id_idx" {
    columns = [column.room_id, column.id]
  }
  index "room_events_name_idx" {
    columns = [column.name]
  }
  index "idx_room_event_time" {
    on {
      column = column.room_id
    }
    on {
      column = column.created_at
      desc   = true
    }
  }
  partition {
    type    = RANGE
    columns = [column.created_at]
  }
}

table "agent_session_events" {
  schema  = schema.public
  comment = "What agents did in rooms. Only ever appended; one partition for each calendar month in UTC."
  column "id" {
    null = false
    type = bigserial
  }
  // No foreign key: the statement that appends looks for the room, and a trigger keeps rooms from being removed.
  column "room_id" {
    null = false
    type = bigint
  }
  column "name" {
    null = false
    type = varchar(100)
  }
  column "data" {
    null    = false
    type    = jsonb
    default = sql("'{}'::jsonb")
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id, column.created_at]
  }
  index "agent_session_events_room_id_id_idx" {
    columns = [column.room_id, column.id]
  }
  index "agent_session_events_name_idx" {
    columns = [column.name]
  }
  index "idx_agent_event_time" {
    on {
      column = column.room_id
    }
    on {
      column = column.created_at
      desc   = true
    }
  }
  partition {
    type    = RANGE
    columns = [column.created_at]
  }
}

table "agent_usages" {
  schema  = schema.public
  comment = "Sessions of agents, what they consumed and what that cost."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "room_id" {
    null = false
    type = bigint
  }
  column "participant_id" {
    null = false
    type = bigint
  }
  column "entity_id" {
    null = true
    type = bigint
  }
  column "department_id" {
    null = true
    type = bigint
  }
  column "session_start" {
    null = false
    type = timestamptz
  }
  column "session_end" {
    null    = true
    type    = timestamptz
    comment = "NULL while the session goes on."
  }
  column "duration_seconds" {
    null    = true
    type    = integer
    comment = "Whole seconds from session_start to session_end, written by a trigger; NULL while the session goes on."
  }
  column "total_tokens_input" {
    null    = false
    type    = bigint
    default = 0
  }
  column "total_tokens_output" {
    null    = false
    type    = bigint
    default = 0
  }
  column "total_audio_minutes" {
    null    = false
    type    = numeric(21,6)
    default = 0
  }
  column "interactions_count" {
    null    = false
    type    = bigint
    default = 0
  }
  column "transcription_count" {
    null    = false
    type    = bigint
    default = 0
  }
  column "cost_estimate" {
    null    = false
    type    = numeric(20,6)
    default = 0
  }
  column "currency" {
    null    = true
    type    = char(3)
    comment = "ISO 4217, of cost_estimate; NULL while nothing is priced."
  }
  column "unpriced" {
    null    = false
    type    = boolean
    default = false
    comment = "Some of it has no price, and is not in cost_estimate."
  }
  column "provider" {
    null    = true
    type    = varchar(100)
    comment = "Of the model that figures without one are for."
  }
  column "model" {
    null = true
    type = varchar(200)
  }
  column "end_reason" {
    null = true
    type = varchar(20)
  }
  column "readings" {
    null    = false
    type    = jsonb
    default = sql("'[]'::jsonb")
    comment = "What was told, by model and source."
  }
  column "lines" {
    null    = false
    type    = jsonb
    default = sql("'[]'::jsonb")
    comment = "What follows from the readings, by model, with its cost. The totals are the sums."
  }
  column "data" {
    null    = false
    type    = jsonb
    default = sql("'{}'::jsonb")
    comment = "What the agent tells beside the counters, such as its model."
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "ended_tokens_input" {
    null    = true
    type    = bigint
    comment = "total_tokens_input of a session that ended. NULL while it goes on, as of all of these: an update then touches no index."
    as {
      expr = "CASE WHEN session_end IS NOT NULL THEN total_tokens_input END"
      type = STORED
    }
  }
  column "ended_tokens_output" {
    null    = true
    type    = bigint
    comment = "total_tokens_output of a session that ended."
    as {
      expr = "CASE WHEN session_end IS NOT NULL THEN total_tokens_output END"
      type = STORED
    }
  }
  column "ended_audio_ms" {
    null    = true
    type    = bigint
    comment = "total_audio_minutes of a session that ended, in milliseconds."
    as {
      expr = "CASE WHEN session_end IS NOT NULL THEN (total_audio_minutes * 60000)::bigint END"
      type = STORED
    }
  }
  column "ended_interactions" {
    null    = true
    type    = bigint
    comment = "interactions_count of a session that ended."
    as {
      expr = "CASE WHEN session_end IS NOT NULL THEN interactions_count END"
      type = STORED
    }
  }
  column "ended_transcriptions" {
    null    = true
    type    = bigint
    comment = "transcription_count of a session that ended."
    as {
      expr = "CASE WHEN session_end IS NOT NULL THEN transcription_count END"
      type = STORED
    }
  }
  column "ended_cost_micros" {
    null    = true
    type    = bigint
    comment = "cost_estimate of a session that ended, in millionths."
    as {
      expr = "CASE WHEN session_end IS NOT NULL THEN (cost_estimate * 1000000)::bigint END"
      type = STORED
    }
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "agent_usages_room_id_fkey" {
    columns     = [column.room_id]
    ref_columns = [table.rooms.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "agent_usages_participant_id_fkey" {
    columns     = [column.participant_id]
    ref_columns = [table.participants.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "agent_usages_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "agent_usages_department_id_fkey" {
    columns     = [column.department_id]
    ref_columns = [table.departments.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  index "agent_usages_room_id_id_idx" {
    columns = [column.room_id, column.id]
  }
  index "agent_usages_room_id_session_start_id_idx" {
    columns = [column.room_id, column.session_start, column.id]
  }
  index "agent_usages_room_id_session_end_id_idx" {
    columns = [column.room_id, column.session_end, column.id]
    where   = "session_end IS NOT NULL"
  }
  index "agent_usages_participant_id_idx" {
    columns = [column.participant_id]
  }
  index "agent_usages_entity_id_id_idx" {
    columns = [column.entity_id, column.id]
  }
  index "agent_usages_department_id_idx" {
    columns = [column.department_id]
  }
  index "agent_usages_session_start_idx" {
    columns = [column.session_start]
  }
  index "idx_agent_usage_entity_date" {
    on {
      column = column.entity_id
    }
    on {
      column = column.session_start
      desc   = true
    }
    include = [
      column.department_id, column.room_id, column.participant_id, column.currency, column.unpriced, column.duration_seconds,
      column.ended_tokens_input, column.ended_tokens_output, column.ended_audio_ms, column.ended_interactions,
      column.ended_transcriptions, column.ended_cost_micros,
    ]
  }
  index "idx_agent_usage_dept_date" {
    on {
      column = column.department_id
    }
    on {
      column = column.session_start
      desc   = true
    }
  }
  index "idx_agent_usage_active" {
    columns = [column.room_id, column.session_end]
    where   = "session_end IS NULL"
  }
  index "agent_usages_active_entity_id_idx" {
    columns = [column.entity_id, column.id]
    where   = "session_end IS NULL"
  }
  check "agent_usages_end_reason_check" {
    expr = "(end_reason)::text = ANY (ARRAY['ended'::text, 'abandoned'::text])"
  }
  check "agent_usages_end_after_start" {
    expr = "session_end IS NULL OR session_end >= session_start"
  }
}

table "agent_usage_updates" {
  schema  = schema.public
  comment = "The keys of updates that sessions had, so that a repeated one is known."
  column "usage_id" {
    null = false
    type = bigint
  }
  column "key" {
    null = false
    type = varchar(255)
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.usage_id, column.key]
  }
  foreign_key "agent_usage_updates_usage_id_fkey" {
    columns     = [column.usage_id]
    ref_columns = [table.agent_usages.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  index "agent_usage_updates_created_at_idx" {
    columns = [column.created_at]
  }
}

table "model_prices" {
  schema  = schema.public
  comment = "What models cost, from a moment on."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "entity_id" {
    null    = true
    type    = bigint
    comment = "NULL: the platform's list, used where the entity has no price of its own."
  }
  column "provider" {
    null = false
    type = varchar(100)
  }
  column "model_pattern" {
    null = false
    type = varchar(200)
  }
  column "unit" {
    null    = false
    type    = varchar(50)
    comment = "What is counted, such as input tokens."
  }
  column "price" {
    null = false
    type = numeric(20,10)
  }
  column "per" {
    null    = false
    type    = bigint
    default = 1
    comment = "Of how many units the price is."
  }
  column "currency" {
    null    = false
    type    = char(3)
    comment = "ISO 4217."
  }
  column "valid_from" {
    null = false
    type = timestamptz
  }
  column "active" {
    null    = false
    type    = boolean
    default = true
  }
  column "example" {
    null    = false
    type    = boolean
    default = false
    comment = "Of the starter list, which nobody vouches for."
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "model_prices_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  unique "model_prices_key" {
    columns        = [column.entity_id, column.provider, column.model_pattern, column.unit, column.valid_from]
    nulls_distinct = false
  }
  index "model_prices_entity_id_id_idx" {
    columns = [column.entity_id, column.id]
  }
  check "model_prices_per_check" {
    expr = "per > 0"
  }
  check "model_prices_price_check" {
    expr = "price >= 0"
  }
}

# The front desk: clinics, their agendas, and the conversations with patients.

table "budgets" {
  schema  = schema.public
  comment = "What agents may cost in a calendar month."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "entity_id" {
    null = false
    type = bigint
  }
  column "department_id" {
    null    = true
    type    = bigint
    comment = "NULL: the entity as a whole."
  }
  column "limit_amount" {
    null = false
    type = numeric(20,6)
  }
  column "currency" {
    null    = false
    type    = char(3)
    comment = "ISO 4217."
  }
  column "warn_percent" {
    null    = false
    type    = smallint
    default = 80
  }
  column "refuse" {
    null    = false
    type    = boolean
    default = false
    comment = "Whether new sessions are refused at the limit."
  }
  column "active" {
    null    = false
    type    = boolean
    default = true
  }
  column "warned_for" {
    null    = true
    type    = char(7)
    comment = "The month in which a warning was given last, such as 2026-11."
  }
  column "exceeded_for" {
    null    = true
    type    = char(7)
    comment = "The month in which the limit was reached last."
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "budgets_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "budgets_department_id_fkey" {
    columns     = [column.department_id]
    ref_columns = [table.departments.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  unique "budgets_key" {
    columns        = [column.entity_id, column.department_id]
    nulls_distinct = false
  }
  index "budgets_entity_id_id_idx" {
    columns = [column.entity_id, column.id]
  }
  index "budgets_department_id_idx" {
    columns = [column.department_id]
  }
  check "budgets_limit_amount_check" {
    expr = "limit_amount > 0"
  }
  check "budgets_warn_percent_check" {
    expr = "warn_percent BETWEEN 1 AND 100"
  }
}

table "repricings" {
  schema  = schema.public
  comment = "Orders to price past sessions again, and what came of them."
  column "id" {
    null    = false
    type    = uuid
    default = sql("gen_random_uuid()")
  }
  column "entity_id" {
    null    = true
    type    = bigint
    comment = "NULL: all."
  }
  column "from_time" {
    null = false
    type = timestamptz
  }
  column "to_time" {
    null = false
    type = timestamptz
  }
  column "status" {
    null = false
    type = varchar(20)
  }
  column "requested_by" {
    null = false
    type = varchar(100)
  }
  column "last_usage_id" {
    null    = false
    type    = bigint
    default = 0
    comment = "The sessions up to this one are done."
  }
  column "sessions" {
    null    = false
    type    = bigint
    default = 0
  }
  column "changed" {
    null    = false
    type    = bigint
    default = 0
  }
  column "before" {
    null    = false
    type    = jsonb
    default = sql("'[]'::jsonb")
  }
  column "after" {
    null    = false
    type    = jsonb
    default = sql("'[]'::jsonb")
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "finished_at" {
    null = true
    type = timestamptz
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "repricings_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  index "repricings_entity_id_id_idx" {
    columns = [column.entity_id, column.id]
  }
  check "repricings_status_check" {
    expr = "(status)::text = ANY (ARRAY['pending'::text, 'running'::text, 'done'::text])"
  }
}

table "google_credentials" {
  schema  = schema.public
  comment = "Google accounts that entities have connected."
  column "id" {
    null = false
    type = uuid
  }
  column "entity_id" {
    null = false
    type = bigint
  }
  column "account" {
    null = true
    type = varchar(254)
  }
  column "token" {
    null    = true
    type    = bytea
    comment = "Encrypted by the service."
  }
  column "scopes" {
    null    = false
    type    = sql("text[]")
    default = sql("'{}'::text[]")
  }
  column "problem" {
    null    = true
    type    = text
    comment = "Why it cannot be used, for its owner. NULL while all is well."
  }
  column "problem_at" {
    null = true
    type = timestamptz
  }
  column "revoked_at" {
    null    = true
    type    = timestamptz
    comment = "When it was disconnected here; its token is gone then."
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "google_credentials_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  index "google_credentials_entity_id_idx" {
    columns = [column.entity_id]
  }
  index "google_credentials_connected_key" {
    unique  = true
    columns = [column.entity_id]
    where   = "(revoked_at IS NULL)"
  }
}

table "channel_statuses" {
  schema  = schema.public
  comment = "How clinics are connected to WhatsApp, as far as is known."
  column "tenant_id" {
    null = false
    type = uuid
  }
  column "state" {
    null    = true
    type    = varchar(20)
    comment = "open, connecting, close or refused. NULL: not known."
  }
  column "reason" {
    null    = false
    type    = integer
    default = 0
    comment = "The channel's code of why it is so. 0: it gave none."
  }
  column "problem" {
    null    = true
    type    = varchar(60)
    comment = "Why the channel's server cannot tell. NULL while it can."
  }
  column "since" {
    null = true
    type = timestamptz
  }
  column "checked_at" {
    null    = true
    type    = timestamptz
    comment = "When the server was asked last, or told."
  }
  column "heard_at" {
    null    = true
    type    = timestamptz
    comment = "When a message came last."
  }
  column "read_at" {
    null    = true
    type    = timestamptz
    comment = "Until when what no webhook told has been asked for. NULL: webhooks do not come here."
  }
  primary_key {
    columns = [column.tenant_id]
  }
  foreign_key "channel_statuses_tenant_id_fkey" {
    columns     = [column.tenant_id]
    ref_columns = [table.tenant_config.column.tenant_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
}
table "calendar_syncs" {
  schema  = schema.public
  comment = "How far the changes of each calendar of a connected account have been followed."
  column "account_id" {
    null = false
    type = uuid
  }
  column "calendar_id" {
    null = false
    type = varchar(255)
  }
  column "sync_token" {
    null    = true
    type    = text
    comment = "From where on changes are asked for. NULL: from the beginning."
  }
  column "problem" {
    null    = true
    type    = text
    comment = "Why it cannot be read. NULL while all is well."
  }
  column "problem_at" {
    null = true
    type = timestamptz
  }
  column "synced_at" {
    null    = true
    type    = timestamptz
    comment = "When it was read last."
  }
  primary_key {
    columns = [column.account_id, column.calendar_id]
  }
  foreign_key "calendar_syncs_account_id_fkey" {
    columns     = [column.account_id]
    ref_columns = [table.google_credentials.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
}

table "calendar_writes" {
  schema  = schema.public
  comment = "When each event of ours was when it was written last, which tells what somebody has moved by hand."
  column "account_id" {
    null = false
    type = uuid
  }
  column "calendar_id" {
    null = false
    type = varchar(255)
  }
  column "appointment_id" {
    null = false
    type = uuid
  }
  column "starts_at" {
    null = false
    type = timestamptz
  }
  column "ends_at" {
    null = false
    type = timestamptz
  }
  primary_key {
    columns = [column.account_id, column.calendar_id, column.appointment_id]
  }
  foreign_key "calendar_writes_account_id_fkey" {
    columns     = [column.account_id]
    ref_columns = [table.google_credentials.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
}

table "tenant_config" {
  schema  = schema.public
  comment = "The front desk's configuration of an entity: a clinic."
  column "tenant_id" {
    null    = false
    type    = uuid
    default = sql("gen_random_uuid()")
  }
  column "entity_id" {
    null = false
    type = bigint
  }
  column "tenant_name" {
    null = false
    type = varchar(200)
  }
  column "evolution_instance_name" {
    null    = true
    type    = varchar(100)
    comment = "The WhatsApp number's name at Evolution."
  }
  column "evolution_webhook_token" {
    null    = true
    type    = varchar(254)
    comment = "What the instance's webhooks must carry."
  }
  column "google_oauth_credential_id" {
    null    = true
    type    = varchar(254)
    comment = "No foreign key: it may name an account of an earlier set-up."
  }
  column "system_prompt" {
    null = true
    type = text
  }
  column "timezone" {
    null    = false
    type    = varchar(64)
    default = "America/Sao_Paulo"
    comment = "IANA name."
  }
  column "minimum_notice" {
    null    = false
    type    = interval
    default = sql("'01:00:00'::interval")
  }
  column "maximum_ahead" {
    null    = false
    type    = interval
    default = sql("'1440:00:00'::interval")
  }
  column "hold_time" {
    null    = false
    type    = interval
    default = sql("'00:10:00'::interval")
    comment = "How long a slot is kept for a patient who has not confirmed."
  }
  column "cut_off" {
    null    = false
    type    = interval
    default = sql("'00:00:00'::interval")
    comment = "How long before its start a visit can be moved or cancelled at the latest."
  }
  column "national_holidays" {
    null    = false
    type    = boolean
    default = true
    comment = "Closed on public holidays."
  }
  column "closures" {
    null    = false
    type    = jsonb
    default = sql("'[]'::jsonb")
    comment = "Days on which nobody works: [{first, last, name}]."
  }
  column "blocking_calendars" {
    null    = false
    type    = sql("text[]")
    default = sql("'{}'::text[]")
    comment = "Calendars whose events keep everybody."
  }
  column "event_details" {
    null    = false
    type    = text
    default = "full"
    comment = "What of a patient is written into calendars."
  }
  column "address" {
    null    = true
    type    = varchar(300)
    comment = "As patients read it."
  }
  column "handoff_return" {
    null    = false
    type    = interval
    default = sql("'12:00:00'::interval")
    comment = "How long after a person last wrote the assistant answers again."
  }
  column "reminder_minutes" {
    null    = false
    type    = sql("integer[]")
    default = sql("'{1440,120}'::integer[]")
    comment = "How long before a visit its patient is reminded."
  }
  column "quiet_from" {
    null    = false
    type    = time
    default = sql("'21:00:00'::time")
    comment = "From when on patients get nothing that they have not asked for, in the clinic's zone."
  }
  column "quiet_until" {
    null    = false
    type    = time
    default = sql("'08:00:00'::time")
  }
  column "is_active" {
    null    = false
    type    = boolean
    default = true
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.tenant_id]
  }
  foreign_key "tenant_config_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  unique "tenant_config_entity_key" {
    columns = [column.entity_id]
  }
  unique "tenant_config_instance_key" {
    columns = [column.evolution_instance_name]
  }
  check "tenant_config_closures" {
    expr = "jsonb_typeof(closures) = 'array'"
  }
  check "tenant_config_event_details" {
    expr = "event_details IN ('full', 'initials', 'none')"
  }
}

table "clinic_professionals" {
  schema  = schema.public
  comment = "A professional's agenda at one clinic."
  column "professional_id" {
    null    = false
    type    = uuid
    default = sql("gen_random_uuid()")
  }
  column "tenant_id" {
    null = false
    type = uuid
  }
  column "entity_id" {
    null    = false
    type    = bigint
    comment = "The clinic's, repeated: it keeps rows to their entity without a join."
  }
  column "directory_professional_id" {
    null    = false
    type    = bigint
    comment = "The person, in professionals."
  }
  column "professional_name" {
    null = false
    type = varchar(200)
  }
  column "professional_slug" {
    null = false
    type = varchar(100)
  }
  column "specialty" {
    null = false
    type = varchar(200)
  }
  column "specialty_keywords" {
    null    = false
    type    = sql("text[]")
    default = sql("'{}'::text[]")
  }
  column "google_calendar_id" {
    null    = false
    type    = varchar(255)
    comment = "The only calendar where this professional's appointments are written."
  }
  column "google_calendar_label" {
    null = true
    type = varchar(100)
  }
  column "consultation_duration_default" {
    null    = false
    type    = integer
    default = 30
    comment = "Minutes."
  }
  column "buffer_time_minutes" {
    null    = false
    type    = integer
    default = 10
    comment = "Kept free after an appointment."
  }
  column "buffer_before_minutes" {
    null    = false
    type    = integer
    default = 0
    comment = "Kept free before an appointment."
  }
  column "slot_interval_minutes" {
    null    = false
    type    = integer
    default = 0
    comment = "From one start to the next; 0 is the length of the visit."
  }
  column "timezone" {
    null    = true
    type    = varchar(64)
    comment = "IANA name of the zone of the hours; NULL for the clinic's."
  }
  column "working_hours_start" {
    null    = false
    type    = time
    default = sql("'08:00:00'::time without time zone")
  }
  column "working_hours_end" {
    null    = false
    type    = time
    default = sql("'18:00:00'::time without time zone")
  }
  column "working_days" {
    null    = false
    type    = jsonb
    default = sql("'[\"1\", \"2\", \"3\", \"4\", \"5\"]'::jsonb")
    comment = "Strings, 0 is Sunday."
  }
  column "working_hours" {
    null    = false
    type    = jsonb
    default = sql("'[]'::jsonb")
    comment = "[{days, start, end}] of a week, 0 is Sunday; when there are any, working_hours_start, working_hours_end and working_days count for nothing."
  }
  column "date_overrides" {
    null    = false
    type    = jsonb
    default = sql("'[]'::jsonb")
    comment = "Dates with other hours, or none: [{date, windows: [{start, end}]}]."
  }
  column "max_visits_per_day" {
    null    = false
    type    = integer
    default = 0
    comment = "0 is any number."
  }
  column "max_minutes_per_day" {
    null    = false
    type    = integer
    default = 0
    comment = "Of visits; 0 is any number."
  }
  column "is_active" {
    null    = false
    type    = boolean
    default = true
  }
  column "display_order" {
    null    = false
    type    = integer
    default = 0
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.professional_id]
  }
  foreign_key "clinic_professionals_tenant_id_fkey" {
    columns     = [column.tenant_id]
    ref_columns = [table.tenant_config.column.tenant_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "clinic_professionals_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "clinic_professionals_directory_professional_id_fkey" {
    columns     = [column.directory_professional_id]
    ref_columns = [table.professionals.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  unique "clinic_professionals_slug_key" {
    columns = [column.tenant_id, column.professional_slug]
  }
  unique "clinic_professionals_calendar_key" {
    columns = [column.tenant_id, column.google_calendar_id]
  }
  unique "clinic_professionals_tenant_key" {
    columns = [column.tenant_id, column.professional_id]
  }
  index "clinic_professionals_entity_id_professional_id_idx" {
    columns = [column.entity_id, column.professional_id]
  }
  index "clinic_professionals_directory_professional_id_idx" {
    columns = [column.directory_professional_id]
  }
  check "clinic_professionals_lists" {
    expr = "jsonb_typeof(working_hours) = 'array' AND jsonb_typeof(date_overrides) = 'array'"
  }
  check "clinic_professionals_hours" {
    expr = "working_hours_start < working_hours_end"
  }
  check "clinic_professionals_days" {
    expr = "jsonb_typeof(working_days) = 'array' AND working_days <@ '[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",0,1,2,3,4,5,6]'::jsonb"
  }
}

# Filled by a trigger in migrations/, by hand.
table "professional_calendars" {
  schema  = schema.public
  comment = "Every calendar that is or was a professional's. An appointment is on one of them."
  column "professional_id" {
    null = false
    type = uuid
  }
  column "google_calendar_id" {
    null = false
    type = varchar(255)
  }
  column "tenant_id" {
    null = false
    type = uuid
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.professional_id, column.google_calendar_id]
  }
  foreign_key "professional_calendars_professional_fkey" {
    columns     = [column.professional_id, column.tenant_id]
    ref_columns = [table.clinic_professionals.column.professional_id, table.clinic_professionals.column.tenant_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
}

table "professional_services" {
  schema  = schema.public
  comment = "What a clinic's professional offers."
  column "service_id" {
    null    = false
    type    = uuid
    default = sql("gen_random_uuid()")
  }
  column "professional_id" {
    null = false
    type = uuid
  }
  column "tenant_id" {
    null = false
    type = uuid
  }
  column "entity_id" {
    null    = false
    type    = bigint
    comment = "The clinic's, repeated: it keeps rows to their entity without a join."
  }
  column "service_name" {
    null = false
    type = varchar(200)
  }
  column "service_slug" {
    null = false
    type = varchar(100)
  }
  column "service_description" {
    null = true
    type = text
  }
  column "service_keywords" {
    null    = false
    type    = sql("text[]")
    default = sql("'{}'::text[]")
  }
  column "price_cents" {
    null    = false
    type    = bigint
    comment = "In the clinic's currency."
  }
  column "duration_minutes" {
    null    = false
    type    = integer
    default = 30
  }
  column "is_active" {
    null    = false
    type    = boolean
    default = true
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.service_id]
  }
  foreign_key "professional_services_professional_id_fkey" {
    columns     = [column.professional_id]
    ref_columns = [table.clinic_professionals.column.professional_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "professional_services_tenant_id_fkey" {
    columns     = [column.tenant_id]
    ref_columns = [table.tenant_config.column.tenant_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "professional_services_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  unique "professional_services_slug_key" {
    columns = [column.professional_id, column.service_slug]
  }
  index "professional_services_tenant_id_service_id_idx" {
    columns = [column.tenant_id, column.service_id]
  }
  index "professional_services_entity_id_service_id_idx" {
    columns = [column.entity_id, column.service_id]
  }
  unique "professional_services_professional_key" {
    columns = [column.professional_id, column.service_id]
  }
  check "professional_services_price_check" {
    expr = "price_cents >= 0"
  }
  check "professional_services_duration_check" {
    expr = "duration_minutes > 0"
  }
}

# The exclusion constraint appointments_no_overlap is in migrations/, by hand.
table "patients" {
  schema  = schema.public
  comment = "Whom visits are for. One contact may write for several patients."
  column "patient_id" {
    null = false
    type = uuid
  }
  column "tenant_id" {
    null = false
    type = uuid
  }
  column "entity_id" {
    null    = false
    type    = bigint
    comment = "The clinic's, repeated: it keeps rows to their entity without a join."
  }
  column "contact" {
    null    = true
    type    = varchar(254)
    comment = "Who writes for the patient; none once the patient was erased."
  }
  column "name" {
    null = false
    type = varchar(200)
  }
  column "name_key" {
    null    = false
    type    = text
    comment = "The words of the name in lower case and without accents, as the service compares them."
  }
  column "birth_date" {
    null = true
    type = date
  }
  column "phone" {
    null = true
    type = varchar(20)
  }
  column "erased_at" {
    null = true
    type = timestamptz
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.patient_id]
  }
  foreign_key "patients_tenant_id_fkey" {
    columns     = [column.tenant_id]
    ref_columns = [table.tenant_config.column.tenant_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "patients_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  unique "patients_tenant_key" {
    columns = [column.tenant_id, column.patient_id]
  }
  index "patients_key" {
    unique         = true
    columns        = [column.contact, column.tenant_id, column.name_key, column.birth_date]
    where          = "contact IS NOT NULL"
    nulls_distinct = false
  }
  index "patients_entity_id_patient_id_idx" {
    columns = [column.entity_id, column.patient_id]
  }
  index "patients_phone_idx" {
    columns = [column.phone]
  }
}
table "consents" {
  schema  = schema.public
  comment = "What contacts agreed to and took back. Entries are only added; the last one of a purpose holds."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "tenant_id" {
    null = false
    type = uuid
  }
  column "entity_id" {
    null    = false
    type    = bigint
    comment = "The clinic's, repeated: it keeps rows to their entity without a join."
  }
  column "contact" {
    null = false
    type = varchar(254)
  }
  column "purpose" {
    null    = false
    type    = varchar(40)
    comment = "reminders or messages."
  }
  column "granted" {
    null = false
    type = boolean
  }
  column "how" {
    null    = false
    type    = varchar(100)
    comment = "api, or the channel and the text that it was answered with."
  }
  column "user_id" {
    null    = true
    type    = bigint
    comment = "Who of the clinic noted it. No foreign key: users may go."
  }
  column "at" {
    null = false
    type = timestamptz
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "consents_tenant_id_fkey" {
    columns     = [column.tenant_id]
    ref_columns = [table.tenant_config.column.tenant_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "consents_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  index "consents_tenant_id_id_idx" {
    columns = [column.tenant_id, column.id]
  }
  index "consents_entity_id_id_idx" {
    columns = [column.entity_id, column.id]
  }
  index "consents_contact_tenant_id_id_idx" {
    columns = [column.contact, column.tenant_id, column.id]
  }
}
table "appointments" {
  schema  = schema.public
  comment = "Visits, from the hold of a slot on. No two that are held or confirmed overlap for one professional."
  column "appointment_id" {
    null = false
    type = uuid
  }
  column "tenant_id" {
    null = false
    type = uuid
  }
  column "entity_id" {
    null    = false
    type    = bigint
    comment = "The clinic's, repeated: it keeps rows to their entity without a join."
  }
  column "professional_id" {
    null = false
    type = uuid
  }
  column "service_id" {
    null = true
    type = uuid
  }
  column "google_calendar_id" {
    null    = false
    type    = varchar(255)
    comment = "Where its event is, whatever the professional's calendar is later."
  }
  column "patient_name" {
    null = false
    type = varchar(200)
  }
  column "patient_birth_date" {
    null = true
    type = date
  }
  column "patient_phone" {
    null = true
    type = varchar(20)
  }
  column "patient_id" {
    null    = true
    type    = uuid
    comment = "Whom it is for, where that is known as a patient."
  }
  column "contact" {
    null    = true
    type    = varchar(254)
    comment = "The conversation's contact that booked it."
  }
  column "starts_at" {
    null = false
    type = timestamptz
  }
  column "ends_at" {
    null = false
    type = timestamptz
  }
  column "blocked_from" {
    null    = false
    type    = timestamptz
    comment = "starts_at less what is kept free before it."
  }
  column "blocked_until" {
    null    = false
    type    = timestamptz
    comment = "ends_at and the professional's buffer."
  }
  column "status" {
    null = false
    type = enum.appointment_status
  }
  column "held_until" {
    null = true
    type = timestamptz
  }
  column "notes" {
    null = true
    type = text
  }
  column "cancel_reason" {
    null = true
    type = text
  }
  column "group_id" {
    null    = true
    type    = uuid
    comment = "Visits that were booked together share it."
  }
  column "override_reason" {
    null    = true
    type    = text
    comment = "Why staff squeezed it in; such a visit may overlap others."
  }
  column "attendance" {
    null    = true
    type    = varchar(10)
    comment = "What the patient said: confirmed or declined."
  }
  column "attendance_at" {
    null = true
    type = timestamptz
  }
  column "told_start" {
    null    = true
    type    = timestamptz
    comment = "When the patient believes it to be; NULL when it is believed not to take place."
  }
  column "told_at" {
    null    = true
    type    = timestamptz
    comment = "When the patient was told that."
  }
  column "version" {
    null    = false
    type    = integer
    default = 1
    comment = "Rises with every change: a change that was based on an older one is refused."
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.appointment_id]
  }
  foreign_key "appointments_tenant_id_fkey" {
    columns     = [column.tenant_id]
    ref_columns = [table.tenant_config.column.tenant_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "appointments_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "appointments_professional_fkey" {
    columns     = [column.tenant_id, column.professional_id]
    ref_columns = [table.clinic_professionals.column.tenant_id, table.clinic_professionals.column.professional_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "appointments_service_fkey" {
    columns     = [column.professional_id, column.service_id]
    ref_columns = [table.professional_services.column.professional_id, table.professional_services.column.service_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "appointments_calendar_fkey" {
    columns     = [column.professional_id, column.google_calendar_id]
    ref_columns = [table.professional_calendars.column.professional_id, table.professional_calendars.column.google_calendar_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "appointments_patient_fkey" {
    columns     = [column.tenant_id, column.patient_id]
    ref_columns = [table.patients.column.tenant_id, table.patients.column.patient_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  index "appointments_entity_id_starts_at_appointment_id_idx" {
    columns = [column.entity_id, column.starts_at, column.appointment_id]
  }
  index "appointments_tenant_id_starts_at_appointment_id_idx" {
    columns = [column.tenant_id, column.starts_at, column.appointment_id]
  }
  index "appointments_professional_id_starts_at_appointment_id_idx" {
    columns = [column.professional_id, column.starts_at, column.appointment_id]
  }
  index "appointments_contact_starts_at_appointment_id_idx" {
    columns = [column.contact, column.starts_at, column.appointment_id]
    where   = "contact IS NOT NULL"
  }
  index "appointments_patient_id_starts_at_appointment_id_idx" {
    columns = [column.patient_id, column.starts_at, column.appointment_id]
    where   = "patient_id IS NOT NULL"
  }
  index "appointments_group_id_starts_at_appointment_id_idx" {
    columns = [column.group_id, column.starts_at, column.appointment_id]
    where   = "group_id IS NOT NULL"
  }
  index "appointments_starts_at_appointment_id_idx" {
    columns = [column.starts_at, column.appointment_id]
  }
  index "appointments_service_id_idx" {
    columns = [column.service_id]
  }
  index "appointments_held_until_idx" {
    columns = [column.held_until]
    where   = "status = 'held'"
  }
  check "appointments_times" {
    expr = "blocked_from <= starts_at AND starts_at < ends_at AND ends_at <= blocked_until"
  }
  check "appointments_buffers" {
    expr = "starts_at - blocked_from <= interval '4 hours' AND blocked_until - ends_at <= interval '4 hours'"
  }
  check "appointments_length" {
    expr = "ends_at - starts_at <= interval '12 hours'"
  }
}

# No foreign keys: like a calendar elsewhere, it knows nothing of the tables here.
table "appointment_reminders" {
  schema  = schema.public
  comment = "Of which start of a visit its patient was reminded, so that nobody is twice."
  column "appointment_id" {
    null = false
    type = uuid
  }
  column "starts_at" {
    null    = false
    type    = timestamptz
    comment = "Of the visit, then."
  }
  column "lead_minutes" {
    null    = false
    type    = integer
    comment = "How long before the start."
  }
  column "created_at" {
    null = false
    type = timestamptz
  }
  primary_key {
    columns = [column.appointment_id, column.starts_at, column.lead_minutes]
  }
  foreign_key "appointment_reminders_appointment_id_fkey" {
    columns     = [column.appointment_id]
    ref_columns = [table.appointments.column.appointment_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
}

table "calendar_events" {
  schema  = schema.public
  comment = "The calendar that is written to where no Google account is connected."
  column "tenant_id" {
    null = false
    type = uuid
  }
  column "calendar_id" {
    null = false
    type = varchar(255)
  }
  column "event_id" {
    null = false
    type = varchar(1024)
  }
  column "professional_id" {
    null = true
    type = uuid
  }
  column "appointment_id" {
    null = true
    type = uuid
  }
  column "summary" {
    null = false
    type = text
  }
  column "description" {
    null    = false
    type    = text
    default = ""
  }
  column "starts_at" {
    null = false
    type = timestamptz
  }
  column "ends_at" {
    null = false
    type = timestamptz
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.tenant_id, column.calendar_id, column.event_id]
  }
  index "calendar_events_tenant_id_calendar_id_ends_at_idx" {
    columns = [column.tenant_id, column.calendar_id, column.ends_at]
  }
}

table "model_usage" {
  schema  = schema.public
  comment = "What clinics' front desks used of language models, by day."
  column "tenant_id" {
    null = false
    type = uuid
  }
  column "entity_id" {
    null    = false
    type    = bigint
    comment = "The clinic's, repeated: it keeps rows to their entity without a join."
  }
  column "day" {
    null    = false
    type    = date
    comment = "In the clinic's time zone."
  }
  column "provider" {
    null    = false
    type    = varchar(254)
    comment = "The host that was called, such as api.openai.com."
  }
  column "model" {
    null = false
    type = varchar(200)
  }
  column "calls" {
    null    = false
    type    = bigint
    comment = "That were made, those that failed included."
  }
  column "failures" {
    null    = false
    type    = bigint
    comment = "Calls without an answer of use."
  }
  column "input_tokens" {
    null = false
    type = bigint
  }
  column "cached_input_tokens" {
    null    = false
    type    = bigint
    comment = "Part of the input tokens."
  }
  column "output_tokens" {
    null = false
    type = bigint
  }
  primary_key {
    columns = [column.tenant_id, column.day, column.provider, column.model]
  }
  foreign_key "model_usage_tenant_id_fkey" {
    columns     = [column.tenant_id]
    ref_columns = [table.tenant_config.column.tenant_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "model_usage_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  index "model_usage_entity_id_idx" {
    columns = [column.entity_id]
  }
}

table "conversations" {
  schema  = schema.public
  comment = "Conversations with patients, one for each contact of a clinic."
  column "conversation_id" {
    null = false
    type = uuid
  }
  column "tenant_id" {
    null = false
    type = uuid
  }
  column "entity_id" {
    null    = false
    type    = bigint
    comment = "The clinic's, repeated: it keeps rows to their entity without a join."
  }
  column "contact" {
    null = false
    type = varchar(254)
  }
  column "reply_to" {
    null    = true
    type    = varchar(254)
    comment = "Where replies go, when not to the contact itself."
  }
  column "contact_name" {
    null = true
    type = varchar(254)
  }
  column "state" {
    null = false
    type = varchar(40)
  }
  column "patient_name" {
    null = true
    type = varchar(200)
  }
  column "patient_birth_date" {
    null = true
    type = date
  }
  column "patient_phone" {
    null = true
    type = varchar(20)
  }
  column "draft" {
    null    = false
    type    = jsonb
    default = sql("'{}'::jsonb")
    comment = "What is being decided: professional, service, slot."
  }
  column "misses" {
    null    = false
    type    = integer
    default = 0
    comment = "How often in a row the patient was not understood."
  }
  column "lid" {
    null    = true
    type    = varchar(64)
    comment = "The contact's id at the channel as far as that told it, also where contact is the same."
  }
  column "handoff_reason" {
    null    = true
    type    = varchar(40)
    comment = "Why people answer instead of the assistant."
  }
  column "handed_at" {
    null = true
    type = timestamptz
  }
  column "handed_until" {
    null    = true
    type    = timestamptz
    comment = "When the assistant answers again."
  }
  column "handed_by" {
    null    = true
    type    = bigint
    comment = "The user who took it. No foreign key: users may go."
  }
  column "about" {
    null    = true
    type    = uuid
    comment = "The appointment that the contact was last reminded of, as long as an answer is awaited."
  }
  column "heard_at" {
    null = false
    type = timestamptz
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.conversation_id]
  }
  foreign_key "conversations_tenant_id_fkey" {
    columns     = [column.tenant_id]
    ref_columns = [table.tenant_config.column.tenant_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "conversations_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  unique "conversations_contact_key" {
    columns = [column.tenant_id, column.contact]
  }
  index "conversations_lid_key" {
    unique  = true
    columns = [column.tenant_id, column.lid]
    where   = "lid IS NOT NULL"
  }
  index "conversations_waiting_idx" {
    where   = "(state)::text = 'handed_off'::text"
    comment = "Who waits for a person: emergencies first."
    on {
      column = column.tenant_id
    }
    on {
      expr = "((handoff_reason)::text IS DISTINCT FROM 'emergency'::text)"
    }
    on {
      column = column.handed_at
    }
    on {
      column = column.conversation_id
    }
  }
  index "conversations_overdue_idx" {
    columns = [column.handed_until, column.conversation_id]
    where   = "(state)::text = 'handed_off'::text"
    comment = "What goes back from people to the assistant."
  }
  index "conversations_tenant_id_conversation_id_idx" {
    columns = [column.tenant_id, column.conversation_id]
  }
  index "conversations_tenant_id_state_conversation_id_idx" {
    columns = [column.tenant_id, column.state, column.conversation_id]
  }
  index "conversations_entity_id_conversation_id_idx" {
    columns = [column.entity_id, column.conversation_id]
  }
}

table "conversation_messages" {
  schema  = schema.public
  comment = "What was said in conversations, and what is still to be answered or sent."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "conversation_id" {
    null = false
    type = uuid
  }
  column "tenant_id" {
    null = false
    type = uuid
  }
  column "entity_id" {
    null    = false
    type    = bigint
    comment = "The clinic's, repeated: it keeps rows to their entity without a join."
  }
  column "direction" {
    null = false
    type = varchar(3)
  }
  column "author" {
    null    = false
    type    = varchar(10)
    default = "assistant"
    comment = "contact, assistant or staff."
  }
  column "user_id" {
    null    = true
    type    = bigint
    comment = "Who of the clinic wrote it by the API. No foreign key: users may go."
  }
  column "proactive" {
    null    = false
    type    = boolean
    default = false
    comment = "It answers nothing, such as a reminder."
  }
  column "appointment_id" {
    null    = true
    type    = uuid
    comment = "The appointment that it is about."
  }
  column "channel" {
    null = false
    type = varchar(20)
  }
  column "external_id" {
    null    = true
    type    = varchar(254)
    comment = "The channel's own id of the message."
  }
  column "kind" {
    null = false
    type = varchar(20)
  }
  column "text" {
    null    = false
    type    = text
    default = ""
  }
  column "status" {
    null = false
    type = varchar(20)
  }
  column "error" {
    null = true
    type = varchar(254)
  }
  column "turn" {
    null    = true
    type    = jsonb
    comment = "The answer that a message led to, for its repetition."
  }
  column "sent_at" {
    null = true
    type = timestamptz
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "conversation_messages_conversation_id_fkey" {
    columns     = [column.conversation_id]
    ref_columns = [table.conversations.column.conversation_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "conversation_messages_tenant_id_fkey" {
    columns     = [column.tenant_id]
    ref_columns = [table.tenant_config.column.tenant_id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  foreign_key "conversation_messages_entity_id_fkey" {
    columns     = [column.entity_id]
    ref_columns = [table.entities.column.id]
    on_update   = NO_ACTION
    on_delete   = NO_ACTION
  }
  index "conversation_messages_external_key" {
    unique  = true
    columns = [column.tenant_id, column.external_id]
    where   = "direction = 'in' AND external_id IS NOT NULL"
    comment = "A message that the channel delivers twice is answered once."
  }
  index "conversation_messages_conversation_id_id_idx" {
    columns = [column.conversation_id, column.id]
  }
  index "conversation_messages_pending_idx" {
    columns = [column.conversation_id, column.id]
    where   = "direction = 'in' AND status = 'pending'"
  }
  index "conversation_messages_sent_idx" {
    columns = [column.tenant_id, column.external_id]
    where   = "((direction)::text = 'out'::text) AND (external_id IS NOT NULL)"
    comment = "What the channel tells of that was sent through it."
  }
  index "conversation_messages_unmatched_idx" {
    columns = [column.conversation_id, column.id]
    where   = "((direction)::text = 'out'::text) AND ((channel)::text = 'whatsapp'::text) AND (external_id IS NULL)"
    comment = "What is still to be sent, or was without an answer."
  }
  index "conversation_messages_tenant_id_id_idx" {
    columns = [column.tenant_id, column.id]
  }
  index "conversation_messages_entity_id_id_idx" {
    columns = [column.entity_id, column.id]
  }
  check "conversation_messages_direction_check" {
    expr = "direction = 'in' OR direction = 'out'"
  }
}

table "jobs" {
  schema  = schema.public
  comment = "What is to be done after a transaction, in the order of each key."
  column "id" {
    null = false
    type = bigint
    identity {
      generated = BY_DEFAULT
    }
  }
  column "kind" {
    null = false
    type = varchar(100)
  }
  column "key" {
    null    = false
    type    = varchar(255)
    comment = "Jobs of one key are done one after another."
  }
  column "arg" {
    null    = false
    type    = text
    default = ""
  }
  column "run_at" {
    null = false
    type = timestamptz
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  index "jobs_key_id_idx" {
    columns = [column.key, column.id]
  }
}
