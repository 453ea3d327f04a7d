-- The highest number that a job was given. SQLite's own count of it is unknown to other engines.
ALTER TABLE gate ADD COLUMN last_job_id INTEGER NOT NULL DEFAULT 0;
UPDATE gate SET last_job_id = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'job'), 0);
