-- By hand: what the tables stand on. Every extension here is trusted, so the owner of the database can create it without
-- being a superuser.
-- Search by similar words and without accents:
CREATE EXTENSION IF NOT EXISTS "pg_trgm" SCHEMA "public";
CREATE EXTENSION IF NOT EXISTS "unaccent" SCHEMA "public";
CREATE EXTENSION IF NOT EXISTS "fuzzystrmatch" SCHEMA "public";
CREATE EXTENSION IF NOT EXISTS "btree_gin" SCHEMA "public";
-- Plain columns beside ranges in an exclusion constraint:
CREATE EXTENSION IF NOT EXISTS "btree_gist" SCHEMA "public";

-- The job queue's tables live here, made by its own migrations, away from what schema.hcl declares.
CREATE SCHEMA IF NOT EXISTS "river";
