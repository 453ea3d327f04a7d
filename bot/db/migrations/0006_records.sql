-- One row was request, job, picture, message and bill at once; each is a row of its own now.
-- request 1 → n job 1 → 0..1 picture; message is the outbox; ledger is money, only ever added to.
-- The states of a job and of a picture: bot/queue/records.py.

-- What was asked, by whom, where, under which interaction.
CREATE TABLE request (
    id                         INTEGER PRIMARY KEY,
    interaction_id             INTEGER NOT NULL UNIQUE,   -- the idempotency key
    guild_id                   INTEGER,   -- NULL: in a direct message, or by a user's own install
    channel_id                 INTEGER NOT NULL,
    parent_channel_id          INTEGER,   -- of a public thread: what holds in the channel holds there
    user_id                    INTEGER NOT NULL,
    is_thread                  INTEGER NOT NULL,
    locale                     TEXT NOT NULL,
    guild_locale               TEXT NOT NULL,
    upload_limit_bytes         INTEGER NOT NULL,
    interaction_token          TEXT,      -- a credential; NULL once it is dead or not needed
    interaction_expires_at_us  INTEGER NOT NULL,
    parent_id                  INTEGER,   -- the job whose button asked for this
    prompt                     TEXT NOT NULL,
    negative                   TEXT NOT NULL,
    width_px                   INTEGER NOT NULL,
    height_px                  INTEGER NOT NULL,
    rewrite                    INTEGER NOT NULL
);
INSERT INTO request SELECT id, interaction_id, guild_id, channel_id, parent_channel_id, user_id,
    is_thread, locale, guild_locale, upload_limit_bytes, interaction_token,
    interaction_expires_at_us, parent_id, prompt, negative, width_px, height_px,
    rewrite FROM job;

-- One picture of a request in the queue: its seed, its place, its lease, its end.
CREATE TABLE queued_job (
    id                INTEGER PRIMARY KEY,  -- never given twice: buttons name it; account.last_job_id
    request_id        INTEGER NOT NULL REFERENCES request (id),
    tenant_id         INTEGER NOT NULL,   -- the guild, or the person: what the claim walks by
    user_id           INTEGER NOT NULL,
    state             TEXT NOT NULL CHECK (state IN
        ('queued', 'running', 'drawn', 'cancelled', 'refused', 'failed', 'uncertain')),
    priority          INTEGER NOT NULL,
    is_due            INTEGER NOT NULL,   -- queued and not in a backoff
    not_before_us     INTEGER,
    cost              INTEGER NOT NULL,
    tenant_charge     INTEGER NOT NULL DEFAULT 0,
    member_charge     INTEGER NOT NULL DEFAULT 0,
    attempts          INTEGER NOT NULL DEFAULT 0,
    lease_token       TEXT,
    lease_until_us    INTEGER,
    cancel_requested  INTEGER NOT NULL DEFAULT 0,
    seed              INTEGER NOT NULL,
    created_at_us     INTEGER NOT NULL,
    started_at_us     INTEGER,
    sent_at_us        INTEGER,
    finished_at_us    INTEGER,
    failure_kind      TEXT,               -- why it ended without a picture
    failure_detail    TEXT,
    failure_code      TEXT,
    failure_request_id TEXT
);
INSERT INTO queued_job SELECT id, id, guild_id, user_id,
    CASE WHEN state IN ('generated', 'delivered') OR (state = 'failed' AND url IS NOT NULL)
         THEN 'drawn' ELSE state END,
    priority, is_due, not_before_us, cost, guild_charge, member_charge, attempts, lease_token,
    lease_until_us, cancel_requested, seed, created_at_us, started_at_us, sent_at_us,
    finished_at_us,
    CASE WHEN url IS NULL THEN failure_kind END, CASE WHEN url IS NULL THEN failure_detail END,
    CASE WHEN url IS NULL THEN failure_code END,
    CASE WHEN url IS NULL THEN failure_request_id END
    FROM job;

-- What was drawn for a job, and where it hangs. Several may hang on one message.
CREATE TABLE picture (
    job_id                INTEGER PRIMARY KEY REFERENCES queued_job (id),
    state                 TEXT NOT NULL
        CHECK (state IN ('held', 'due', 'shown', 'undeliverable', 'withheld', 'lost', 'deleted')),
    link                  TEXT,       -- signed: a credential; NULL once it is wiped
    shown_prompt          TEXT NOT NULL,
    width_px              INTEGER NOT NULL,
    height_px             INTEGER NOT NULL,
    provider_request_id   TEXT NOT NULL,
    duration_us           INTEGER NOT NULL,
    reasoning             TEXT NOT NULL,
    input_tokens          INTEGER NOT NULL,
    output_tokens         INTEGER NOT NULL,
    drawn_at_us           INTEGER NOT NULL,
    post_attempted_at_us  INTEGER,    -- from then on it may hang there without our knowing
    offered_at_us         INTEGER,    -- from then on /queue shows its link
    shown_at_us           INTEGER,
    deleted_at_us         INTEGER,
    channel_id            INTEGER,
    message_id            INTEGER,
    failure_kind          TEXT,       -- why it is undeliverable or lost
    failure_detail        TEXT,
    failure_code          TEXT,
    failure_request_id    TEXT
);
INSERT INTO picture SELECT id,
    CASE WHEN deleted_at_us IS NOT NULL THEN 'deleted'
         WHEN state = 'delivered' THEN 'shown'
         WHEN state = 'cancelled' THEN 'withheld'
         WHEN state = 'failed' THEN 'lost'
         WHEN failure_kind IS NOT NULL THEN 'undeliverable'
         ELSE 'due' END,
    CASE WHEN url = '' THEN NULL ELSE url END, coalesce(shown_prompt, prompt),
    coalesce(outcome_width_px, width_px), coalesce(outcome_height_px, height_px),
    coalesce(provider_request_id, ''), coalesce(duration_us, 0), coalesce(reasoning, ''),
    coalesce(input_tokens, 0), coalesce(output_tokens, 0),
    coalesce(finished_at_us, created_at_us), post_attempted_at_us, undeliverable_at_us,
    CASE WHEN state = 'delivered' THEN delivered_at_us END, deleted_at_us,
    result_channel_id, result_message_id, failure_kind, failure_detail, failure_code,
    failure_request_id FROM job WHERE url IS NOT NULL;

-- The outbox, and the message that tells how a request is.
CREATE TABLE message (
    request_id  INTEGER PRIMARY KEY REFERENCES request (id),
    channel_id  INTEGER,
    message_id  INTEGER,
    thread_id   INTEGER,              -- that was opened from it
    due_at_us   INTEGER,              -- something is to be said in Discord, from then on
    attempts    INTEGER NOT NULL DEFAULT 0,
    told_at_us  INTEGER               -- the member knows how it ended
);
INSERT INTO message SELECT id, status_channel_id, status_message_id, thread_id, deliver_at_us,
    post_attempts, delivered_at_us FROM job;

-- Money and what it was for. Rows are only ever added: at most one of each kind for a job.
CREATE TABLE ledger (
    job_id       INTEGER NOT NULL REFERENCES queued_job (id),
    entry        TEXT NOT NULL CHECK (entry IN ('reserved', 'settled', 'uncertain', 'released')),
    tenant_id    INTEGER NOT NULL,
    user_id      INTEGER NOT NULL,
    day          INTEGER NOT NULL,    -- days since the Unix epoch, UTC
    images       INTEGER NOT NULL,
    pixels       INTEGER NOT NULL,
    rewritten    INTEGER NOT NULL,
    cost_micros  INTEGER NOT NULL,
    PRIMARY KEY (job_id, entry)
) WITHOUT ROWID;
INSERT INTO ledger SELECT job_id, state, guild_id, user_id, day, images, pixels, rewritten,
    cost_micros FROM usage;
DROP TABLE usage;
CREATE INDEX ledger_member
    ON ledger (tenant_id, user_id, day, images, rewritten, pixels, cost_micros)
    WHERE entry = 'settled';

DROP TABLE job;
ALTER TABLE queued_job RENAME TO job;

-- Whose it is stands in the index, so that taking turns in the outbox reads no row of what waits.
CREATE INDEX job_request ON job (request_id, tenant_id, user_id);
CREATE INDEX job_due ON job (tenant_id, user_id, priority DESC, id)
    WHERE state = 'queued' AND is_due = 1;
CREATE INDEX job_delayed ON job (not_before_us) WHERE state = 'queued' AND is_due = 0;
-- By id, as what runs is asked for: without statistics SQLite would rather walk all jobs there were.
CREATE INDEX job_running ON job (id) WHERE state = 'running';
CREATE INDEX job_unsent ON job (started_at_us) WHERE state = 'running' AND sent_at_us IS NULL;
CREATE INDEX request_token ON request (interaction_expires_at_us)
    WHERE interaction_token IS NOT NULL;
CREATE INDEX message_due ON message (due_at_us) WHERE due_at_us IS NOT NULL;
CREATE INDEX picture_link ON picture (drawn_at_us) WHERE link IS NOT NULL;
CREATE INDEX picture_offered ON picture (job_id)
    WHERE offered_at_us IS NOT NULL AND link IS NOT NULL;

-- What all tenants share is the account at a provider.
ALTER TABLE gate RENAME TO account;

-- The upper level of the fair queue: a guild, or a person who asks outside of guilds.
ALTER TABLE guild RENAME TO tenant;
ALTER TABLE member RENAME COLUMN guild_id TO tenant_id;
DROP INDEX guild_open;
DROP INDEX guild_ready;
CREATE INDEX tenant_open ON tenant (tag, turn)
    WHERE open_members > 0 AND running < running_cap AND is_paused = 0;
CREATE INDEX tenant_ready ON tenant (tag, turn) WHERE ready_members > 0 AND is_paused = 0;
