# Settings of the Atlas command, https://atlasgo.io, which developers may use beside cmd/schema-diff. Neither the service
# nor the tests need it. Apply migrations with `secretary migrate up`: it applies the job queue's as well.

variable "database_url" {
  type        = string
  default     = getenv("DATABASE_URL")
  description = "the database to look at, with search_path=public"
}

variable "dev_database_url" {
  type        = string
  default     = getenv("ATLAS_DEV_URL")
  description = "an empty scratch database of the same PostgreSQL version, with search_path=public"
}

locals {
  src = "file://schema.hcl"
  dir = "file://migrations"

  # What an inspection of the database sees and schema.hcl cannot declare. cmd/schema-diff and the tests read this list.
  exclude = [
    "atlas_schema_revisions",
    "appointments.appointments_no_overlap[type=index]",
  ]
}

# `atlas migrate diff` of the community build does not heed the list above, and would drop the exclusion constraint, which
# it takes for an index. `make migrate-check` still sees an index that schema.hcl has no more.
diff {
  skip {
    drop_schema = true
    drop_table  = true
    drop_index  = true
  }
}

lint {
  destructive {
    error = true
  }
  data_depend {
    error = true
  }
}

env "local" {
  src     = local.src
  url     = var.database_url
  dev     = var.dev_database_url
  exclude = local.exclude
  migration {
    dir              = local.dir
    exclude          = local.exclude
    revisions_schema = "public"
    lock_timeout     = "60s"
  }
  format {
    migrate {
      diff = "{{ sql . \"  \" }}"
    }
  }
}

env "ci" {
  src     = local.src
  url     = var.database_url
  dev     = var.dev_database_url
  exclude = local.exclude
  migration {
    dir              = local.dir
    exclude          = local.exclude
    revisions_schema = "public"
  }
  lint {
    latest = 1
  }
}
