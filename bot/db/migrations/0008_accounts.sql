-- Several accounts may serve one queue. What is the queue's leaves the account's row, and what is an
-- account's names it. Accounts are added and taken out of use by the settings, at a start.
CREATE TABLE queue (
    id                  INTEGER PRIMARY KEY CHECK (id = 1),  -- one row, for all accounts
    last_job_id         INTEGER NOT NULL,  -- the highest number that a job was given
    clock_tag           INTEGER NOT NULL,
    clock_turn          INTEGER NOT NULL,
    ready               INTEGER NOT NULL,  -- jobs queued and due, over all tenants
    running_per_person  INTEGER NOT NULL,
    arrivals_upm        INTEGER NOT NULL,  -- millionths of a submit per minute, decaying
    arrived_at_us       INTEGER NOT NULL,
    bursts_upm          INTEGER NOT NULL,  -- of these, by members who had nothing waiting
    burst_at_us         INTEGER NOT NULL,
    counting_since_us   INTEGER NOT NULL
);
INSERT INTO queue SELECT 1, last_job_id, clock_tag, clock_turn, ready, running_per_person,
    arrivals_upm, arrived_at_us, bursts_upm, burst_at_us, counting_since_us FROM account;
ALTER TABLE account DROP COLUMN last_job_id;
ALTER TABLE account DROP COLUMN clock_tag;
ALTER TABLE account DROP COLUMN clock_turn;
ALTER TABLE account DROP COLUMN ready;
ALTER TABLE account DROP COLUMN running_per_person;
ALTER TABLE account DROP COLUMN arrivals_upm;
ALTER TABLE account DROP COLUMN arrived_at_us;
ALTER TABLE account DROP COLUMN bursts_upm;
ALTER TABLE account DROP COLUMN burst_at_us;
ALTER TABLE account DROP COLUMN counting_since_us;
ALTER TABLE account ADD COLUMN is_used INTEGER NOT NULL DEFAULT 1; -- 0: in the settings no more

-- The sliding log of each account's pace: when its calls really left.
CREATE TABLE sent_by_account (
    account  TEXT NOT NULL REFERENCES account (name),
    n        INTEGER NOT NULL,
    at_us    INTEGER NOT NULL,
    job_id   INTEGER NOT NULL,
    PRIMARY KEY (account, n)
);
INSERT INTO sent_by_account SELECT account.name, n, at_us, job_id FROM sent, account;
DROP TABLE sent;
ALTER TABLE sent_by_account RENAME TO sent;

-- Measured duration of calls, by account and kind of request: what the expected wait is made of.
CREATE TABLE latency_by_account (
    account  TEXT NOT NULL REFERENCES account (name),
    kind     TEXT NOT NULL,
    mean_us  INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (account, kind)
);
INSERT INTO latency_by_account SELECT account.name, kind, mean_us, count FROM latency, account;
DROP TABLE latency;
ALTER TABLE latency_by_account RENAME TO latency;

-- Whose call draws it, or drew it last: who bills it. NULL until it is claimed.
ALTER TABLE job ADD COLUMN account TEXT REFERENCES account (name);
UPDATE job SET account = (SELECT name FROM account) WHERE started_at_us IS NOT NULL;
