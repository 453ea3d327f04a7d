-- Instants (_us) are microseconds since the Unix epoch, durations (_us) microseconds, money (_micros)
-- micro-dollars, booleans 0 or 1. Tags, clocks and costs: bot/queue/fairness.py.

-- One row for the account that all guilds share. Whoever changes a counter locks it first.
CREATE TABLE gate (
    name                TEXT PRIMARY KEY,
    clock_tag           INTEGER NOT NULL DEFAULT 0,
    clock_turn          INTEGER NOT NULL DEFAULT 0,
    ready               INTEGER NOT NULL DEFAULT 0,   -- jobs queued and due, over all guilds
    running             INTEGER NOT NULL DEFAULT 0,
    max_running         INTEGER NOT NULL DEFAULT 64,
    running_per_person  INTEGER NOT NULL DEFAULT 32,
    arrivals_upm        INTEGER NOT NULL DEFAULT 0,   -- millionths of a submit per minute, decaying
    arrived_at_us       INTEGER NOT NULL DEFAULT 0,
    bursts_upm          INTEGER NOT NULL DEFAULT 0,   -- of these, by members who had nothing waiting
    burst_at_us         INTEGER NOT NULL DEFAULT 0,
    counting_since_us   INTEGER NOT NULL DEFAULT 0,
    failures            INTEGER NOT NULL DEFAULT 0,   -- of the provider in a row
    outage              TEXT,                         -- bot.errors.Outage; NULL while the breaker is closed
    outage_since_us     INTEGER,
    outage_probe_at_us  INTEGER,                      -- no call before; then one
    outage_probes       INTEGER NOT NULL DEFAULT 0,
    sends               INTEGER NOT NULL DEFAULT 0,   -- the newest number in `sent`
    ceiling_mps         INTEGER NOT NULL DEFAULT 2000, -- thousandths of a request per second
    rate_mps            INTEGER NOT NULL DEFAULT 2000,
    proved_mps          INTEGER NOT NULL DEFAULT 2000,
    held_mps            INTEGER NOT NULL DEFAULT 2000,
    refused_mps         INTEGER,
    step_mps            INTEGER NOT NULL DEFAULT 0,
    changed_at_us       INTEGER NOT NULL DEFAULT 0,
    tested              INTEGER NOT NULL DEFAULT 0,
    struck_at_us        INTEGER NOT NULL DEFAULT 0,
    refusals            INTEGER NOT NULL DEFAULT 0,
    probe_at_us         INTEGER NOT NULL DEFAULT 0,
    paused_until_us     INTEGER NOT NULL DEFAULT 0,
    guard_us            INTEGER NOT NULL DEFAULT 100000,
    transits            INTEGER NOT NULL DEFAULT 0,
    transit_low_us      INTEGER NOT NULL DEFAULT 0,
    transit_high_us     INTEGER NOT NULL DEFAULT 0,
    earlier_low_us      INTEGER,
    earlier_high_us     INTEGER
);
INSERT INTO gate (name) VALUES ('zimage');

-- The sliding log of the pace: when calls really left.
CREATE TABLE sent (
    n       INTEGER PRIMARY KEY,
    at_us   INTEGER NOT NULL,
    job_id  INTEGER NOT NULL
);

CREATE TABLE guild (
    id             INTEGER PRIMARY KEY,
    weight         INTEGER NOT NULL,
    tag            INTEGER NOT NULL,
    turn           INTEGER NOT NULL,
    clock          INTEGER NOT NULL,
    waiting        INTEGER NOT NULL,
    ready          INTEGER NOT NULL,
    ready_cost     INTEGER NOT NULL,
    ready_members  INTEGER NOT NULL,
    open_members   INTEGER NOT NULL,
    running        INTEGER NOT NULL,
    running_cap    INTEGER NOT NULL,
    is_paused      INTEGER NOT NULL,
    arrivals_upm   INTEGER NOT NULL DEFAULT 0,
    arrived_at_us  INTEGER NOT NULL DEFAULT 0
);
-- The caps are inside the indexes: a guild that stands aside is not even seen by the claim.
CREATE INDEX guild_open ON guild (tag, turn)
    WHERE open_members > 0 AND running < running_cap AND is_paused = 0;
CREATE INDEX guild_ready ON guild (tag, turn) WHERE ready_members > 0 AND is_paused = 0;

CREATE TABLE member (
    guild_id    INTEGER NOT NULL REFERENCES guild (id),
    user_id     INTEGER NOT NULL,
    weight      INTEGER NOT NULL,
    tag         INTEGER NOT NULL,
    turn        INTEGER NOT NULL,
    waiting     INTEGER NOT NULL,
    ready       INTEGER NOT NULL,
    ready_cost  INTEGER NOT NULL,
    running     INTEGER NOT NULL,
    is_blocked  INTEGER NOT NULL,
    arrivals_upm   INTEGER NOT NULL DEFAULT 0,
    arrived_at_us  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (guild_id, user_id)
) WITHOUT ROWID;
CREATE INDEX member_open ON member (guild_id, tag, turn) WHERE ready > 0 AND is_blocked = 0;
CREATE INDEX member_ready ON member (guild_id, tag, turn) WHERE ready > 0;
CREATE INDEX member_person ON member (user_id) WHERE ready > 0;

-- One person over all guilds; a row only while something runs.
CREATE TABLE person (
    user_id  INTEGER PRIMARY KEY,
    running  INTEGER NOT NULL
);

CREATE TABLE job (
    id                     INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: buttons name it
    interaction_id         INTEGER NOT NULL UNIQUE,            -- the idempotency key
    guild_id               INTEGER NOT NULL,
    user_id                INTEGER NOT NULL,
    state                  TEXT NOT NULL,
    priority               INTEGER NOT NULL,
    is_due                 INTEGER NOT NULL,   -- queued and not in a backoff
    not_before_us          INTEGER,
    cost                   INTEGER NOT NULL,
    guild_charge           INTEGER NOT NULL DEFAULT 0,
    member_charge          INTEGER NOT NULL DEFAULT 0,
    attempts               INTEGER NOT NULL DEFAULT 0,
    lease_token            TEXT,
    lease_until_us         INTEGER,
    cancel_requested       INTEGER NOT NULL DEFAULT 0,
    created_at_us          INTEGER NOT NULL,
    started_at_us          INTEGER,
    sent_at_us             INTEGER,
    finished_at_us         INTEGER,
    delivered_at_us        INTEGER,
    -- the request
    prompt                 TEXT NOT NULL,
    width_px               INTEGER NOT NULL,
    height_px              INTEGER NOT NULL,
    seed                   INTEGER NOT NULL,
    rewrite                INTEGER NOT NULL,
    negative               TEXT NOT NULL,
    -- the origin
    channel_id             INTEGER NOT NULL,
    is_thread              INTEGER NOT NULL,
    locale                 TEXT NOT NULL,
    guild_locale           TEXT NOT NULL,
    upload_limit_bytes     INTEGER NOT NULL,
    interaction_token      TEXT,
    interaction_expires_at_us INTEGER NOT NULL,
    parent_id              INTEGER,
    -- the outcome
    url                    TEXT,               -- signed: a credential; '' once it is dead
    shown_prompt           TEXT,
    outcome_width_px       INTEGER,
    outcome_height_px      INTEGER,
    provider_request_id    TEXT,
    duration_us            INTEGER,
    reasoning              TEXT,
    input_tokens           INTEGER,
    output_tokens          INTEGER,
    cost_micros            INTEGER NOT NULL DEFAULT 0,
    -- the failure
    failure_kind           TEXT,
    failure_detail         TEXT,
    failure_code           TEXT,
    failure_request_id     TEXT,
    -- the posting
    deliver_at_us          INTEGER,            -- something is to be said in Discord, from then on
    status_message_id      INTEGER,
    status_channel_id      INTEGER,
    thread_id              INTEGER,
    result_channel_id      INTEGER,
    result_message_id      INTEGER,
    post_attempted_at_us   INTEGER,
    post_attempts          INTEGER NOT NULL DEFAULT 0,
    undeliverable_at_us    INTEGER,
    deleted_at_us          INTEGER
);
CREATE INDEX job_due ON job (guild_id, user_id, priority DESC, id)
    WHERE state = 'queued' AND is_due = 1;
CREATE INDEX job_delayed ON job (not_before_us) WHERE state = 'queued' AND is_due = 0;
CREATE INDEX job_running ON job (lease_until_us) WHERE state = 'running';
CREATE INDEX job_unsent ON job (started_at_us) WHERE state = 'running' AND sent_at_us IS NULL;
CREATE INDEX job_outbox ON job (deliver_at_us) WHERE deliver_at_us IS NOT NULL;
CREATE INDEX job_undeliverable ON job (guild_id, user_id) WHERE undeliverable_at_us IS NOT NULL;
CREATE INDEX job_result ON job (result_message_id) WHERE result_message_id IS NOT NULL;
CREATE INDEX job_token ON job (interaction_expires_at_us) WHERE interaction_token IS NOT NULL;
CREATE INDEX job_link ON job (finished_at_us) WHERE url > '';

-- One row for each job that may cost money: reserved at submit, settled with its true cost, or gone.
CREATE TABLE usage (
    job_id       INTEGER PRIMARY KEY REFERENCES job (id),
    guild_id     INTEGER NOT NULL,
    user_id      INTEGER NOT NULL,
    state        TEXT NOT NULL,          -- reserved, settled, uncertain
    day          INTEGER NOT NULL,       -- days since the Unix epoch, UTC: of the submit, then of the settling
    images       INTEGER NOT NULL,
    pixels       INTEGER NOT NULL,
    rewritten    INTEGER NOT NULL,
    cost_micros  INTEGER NOT NULL
);
CREATE INDEX usage_member ON usage (guild_id, user_id, day, images, rewritten, pixels, cost_micros)
    WHERE state = 'settled';

-- Measured duration of calls, by kind of request: what the expected wait is made of.
CREATE TABLE latency (
    kind     TEXT PRIMARY KEY,
    mean_us  INTEGER NOT NULL,
    count    INTEGER NOT NULL
);
