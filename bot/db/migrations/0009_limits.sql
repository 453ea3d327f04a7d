-- What a guild's staff have set stands beside what the operator has: whose row it is.
CREATE TABLE policy_of_all (
    tenant_id      INTEGER NOT NULL,  -- 0: the operator's; else of the guild whose staff have set it
    scope          TEXT NOT NULL,     -- 'operator', 'guild', 'channel', 'role', 'member' or 'person'
    scope_id       INTEGER NOT NULL,  -- of the guild, role …; 0 for the operator
    name           TEXT NOT NULL,
    value          TEXT NOT NULL,
    version        INTEGER NOT NULL,  -- grows by one with each change of the value
    changed_by     TEXT NOT NULL,     -- 'settings', or who did
    changed_at_us  INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, scope, scope_id, name)
);
INSERT INTO policy_of_all SELECT 0, scope, scope_id, name, value, version, changed_by, changed_at_us
    FROM policy;
DROP TABLE policy;
ALTER TABLE policy_of_all RENAME TO policy;

-- Money, what it was for, and when: the sum of reserved and cost over all rows is what is used.
CREATE TABLE ledger_at (
    job_id           INTEGER NOT NULL REFERENCES job (id),
    entry            TEXT NOT NULL CHECK (entry IN ('reserved', 'settled', 'uncertain', 'released')),
    tenant_id        INTEGER NOT NULL,
    channel_id       INTEGER NOT NULL,   -- with its public threads
    user_id          INTEGER NOT NULL,
    at_us            INTEGER NOT NULL,
    reserved_at_us   INTEGER NOT NULL,   -- of the job: in which hour, day and month it counts
    outcome          TEXT NOT NULL,      -- the state in which the job ended; '' of a reservation
    images           INTEGER NOT NULL,
    pixels           INTEGER NOT NULL,
    rewritten        INTEGER NOT NULL,
    pictures         INTEGER NOT NULL,   -- +1 with the reservation, -1 with its release
    reserved_micros  INTEGER NOT NULL,   -- + with the reservation, - with what takes it back
    cost_micros      INTEGER NOT NULL,   -- what was billed
    PRIMARY KEY (job_id, entry)
) WITHOUT ROWID;
INSERT INTO ledger_at SELECT ledger.job_id, ledger.entry, ledger.tenant_id,
    coalesce(request.parent_channel_id, request.channel_id), ledger.user_id,
    CASE WHEN ledger.entry = 'reserved' THEN job.created_at_us
         WHEN job.finished_at_us / 86400000000 = ledger.day THEN job.finished_at_us
         ELSE ledger.day * 86400000000 END,
    job.created_at_us,
    CASE WHEN ledger.entry = 'reserved' THEN '' ELSE job.state END,
    ledger.images, ledger.pixels, ledger.rewritten,
    CASE ledger.entry WHEN 'reserved' THEN 1 WHEN 'released' THEN -1 ELSE 0 END,
    0, ledger.cost_micros
    FROM ledger JOIN job ON job.id = ledger.job_id JOIN request ON request.id = job.request_id;
DROP TABLE ledger;
ALTER TABLE ledger_at RENAME TO ledger;
-- By reservation, as use is counted. A new limit adds up a month at once, while nobody else may
-- write: of all guilds, a guild and a channel from the index alone; a member has few rows.
CREATE INDEX ledger_reserved ON ledger
    (reserved_at_us, channel_id, pictures, reserved_micros, cost_micros);
CREATE INDEX ledger_tenant ON ledger
    (tenant_id, reserved_at_us, pictures, reserved_micros, cost_micros);
CREATE INDEX ledger_user ON ledger (user_id, tenant_id, reserved_at_us);

-- How much of a span is used, reserved or spent: the ledger's sums, kept for whom a limit holds.
-- A row that is missing is made from the ledger, so no row need be kept longer than its span.
CREATE TABLE quota_use (
    kind          TEXT NOT NULL,      -- 'account', 'guild', 'channel', 'member' or 'person'
    id            INTEGER NOT NULL,   -- 0 of the account
    user_id       INTEGER NOT NULL,   -- of a member; else 0
    starts_at_us  INTEGER NOT NULL,
    ends_at_us    INTEGER NOT NULL,
    pictures      INTEGER NOT NULL,
    micros        INTEGER NOT NULL,
    PRIMARY KEY (kind, id, user_id, starts_at_us, ends_at_us)
) WITHOUT ROWID;

-- What operator and staff have done. Rows are only ever added; their ids grow by one.
CREATE TABLE audit (
    id          INTEGER PRIMARY KEY,
    at_us       INTEGER NOT NULL,
    tenant_id   INTEGER NOT NULL,  -- the guild; 0: the operator's, of all guilds
    actor       TEXT NOT NULL,     -- 'settings', 'operator', or the id of a user
    source      TEXT NOT NULL,     -- 'start', 'command line', 'discord', 'file', 'undo'
    batch       INTEGER NOT NULL,  -- the id of the first row of what was done at once
    undoes      INTEGER,           -- the batch that this one takes back
    scope       TEXT NOT NULL,     -- which row of the policy
    scope_id    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    was         TEXT,              -- the row's value before and after; NULL: no row
    became      TEXT
);
CREATE INDEX audit_tenant ON audit (tenant_id, id);
CREATE INDEX audit_key ON audit (tenant_id, scope, scope_id, name, id);

-- Guilds that the bot is in, or was in: what was said to them once, and since when it is gone.
CREATE TABLE guild (
    id             INTEGER PRIMARY KEY,
    joined_at_us   INTEGER NOT NULL,
    greeted_at_us  INTEGER,   -- staff were told what the bot is and needs
    refused_at_us  INTEGER,   -- they were told that the operator has not allowed the guild
    left_at_us     INTEGER    -- from then on its data waits to be deleted
);

-- What the ledger held of days that are long over: the same sums, without jobs and hours.
CREATE TABLE ledger_day (
    day              INTEGER NOT NULL,   -- days since the Unix epoch, UTC, of the reservation
    tenant_id        INTEGER NOT NULL,
    user_id          INTEGER NOT NULL,   -- 0: of members whose data was deleted
    entry            TEXT NOT NULL,
    outcome          TEXT NOT NULL,
    entries          INTEGER NOT NULL,   -- rows of the ledger in it
    images           INTEGER NOT NULL,
    pixels           INTEGER NOT NULL,
    rewritten        INTEGER NOT NULL,
    pictures         INTEGER NOT NULL,
    reserved_micros  INTEGER NOT NULL,
    cost_micros      INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, user_id, day, entry, outcome)
) WITHOUT ROWID;

-- Where a member's pictures of one day hang, if a guild's staff want one thread for them.
CREATE TABLE day_thread (
    channel_id  INTEGER NOT NULL,
    user_id     INTEGER NOT NULL,
    day_at_us   INTEGER NOT NULL,  -- its beginning, in the guild's time zone
    thread_id   INTEGER NOT NULL,
    PRIMARY KEY (channel_id, user_id, day_at_us)
) WITHOUT ROWID;
