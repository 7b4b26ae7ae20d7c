-- A report reads sessions that ended from idx_agent_usage_entity_date alone where vacuum has been since. The months that are
-- asked for most are the latest, which the usual share of a large table would leave out for weeks.
ALTER TABLE "agent_usages" SET (autovacuum_vacuum_insert_scale_factor = 0.005, autovacuum_vacuum_scale_factor = 0.02);
