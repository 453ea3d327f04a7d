-- The breaker counts different jobs, not failures, and asks a free question before a job may try.
ALTER TABLE gate DROP COLUMN failures;
ALTER TABLE gate ADD COLUMN failing TEXT NOT NULL DEFAULT '';      -- ids of jobs, blanks between
ALTER TABLE gate ADD COLUMN unreached INTEGER NOT NULL DEFAULT 0;  -- requests in a row that did not leave
ALTER TABLE gate ADD COLUMN is_checked INTEGER NOT NULL DEFAULT 0; -- half open: one job may try
ALTER TABLE gate ADD COLUMN trial_job_id INTEGER;
