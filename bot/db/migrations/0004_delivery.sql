-- Whose it is stands in the index, so that taking turns reads no row of what waits.
DROP INDEX job_outbox;
CREATE INDEX job_outbox ON job (deliver_at_us, guild_id, user_id) WHERE deliver_at_us IS NOT NULL;
