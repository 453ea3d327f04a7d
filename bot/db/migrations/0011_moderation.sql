-- What a guild's staff allow: their word rules, pictures that wait for them, cases, what holds for
-- single members, and one log of all that is done.

-- How the pictures of a request are looked at before they are shown, as it was when it was asked.
ALTER TABLE request ADD COLUMN review TEXT NOT NULL DEFAULT 'off'
    CHECK (review IN ('off', 'flagged', 'always'));
ALTER TABLE request ADD COLUMN role_ids TEXT NOT NULL DEFAULT '';  -- of its member; forgotten once looked at
CREATE INDEX request_roles ON request (id) WHERE role_ids <> '';
ALTER TABLE request ADD COLUMN is_restricted INTEGER NOT NULL DEFAULT 0;  -- asked where only adults are
ALTER TABLE picture ADD COLUMN is_spoiler INTEGER NOT NULL DEFAULT 0;
ALTER TABLE picture ADD COLUMN released_at_us INTEGER;  -- was held, and may be shown since
ALTER TABLE picture ADD COLUMN hidden_at_us INTEGER;  -- until the staff have looked at its reports

-- How posted pictures look, so that a copy without metadata is found again. With its picture it goes.
CREATE TABLE likeness (
    job_id     INTEGER PRIMARY KEY REFERENCES job (id),
    tenant_id  INTEGER NOT NULL,
    likeness   INTEGER               -- 64 bits; NULL: nobody has looked yet; 0: like nothing
);
CREATE INDEX likeness_tenant ON likeness (tenant_id, likeness);
CREATE INDEX likeness_due ON likeness (job_id) WHERE likeness IS NULL;

-- What the provider has refused to a member of late.
CREATE INDEX job_refused ON job (tenant_id, user_id, finished_at_us) WHERE state = 'refused';

-- Drawn pictures at which nothing and nobody has looked yet. They are held.
CREATE TABLE screening (
    job_id     INTEGER PRIMARY KEY REFERENCES job (id),
    due_at_us  INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX screening_due ON screening (due_at_us);

-- Held pictures that no channel of the staff takes: their link dies within a day.
CREATE TABLE held_file (
    job_id  INTEGER PRIMARY KEY REFERENCES job (id),
    name    TEXT NOT NULL,
    bytes   BLOB NOT NULL
);

-- Words that a guild's staff do not want: one category a row.
CREATE TABLE word_rule (
    id               INTEGER PRIMARY KEY,
    tenant_id        INTEGER NOT NULL,
    name_key         TEXT NOT NULL,     -- the name, folded
    name             TEXT NOT NULL,
    outcome          TEXT NOT NULL CHECK (outcome IN ('refuse', 'hold', 'spoiler', 'restrict')),
    words            TEXT NOT NULL,     -- these and the next two: one a line
    patterns         TEXT NOT NULL,
    allowed          TEXT NOT NULL,
    exempt_roles     TEXT NOT NULL,     -- ids with commas between
    exempt_channels  TEXT NOT NULL,
    automod_id       INTEGER,           -- the rule of Discord's AutoMod that it was read from
    not_applied      TEXT NOT NULL,     -- what of that cannot be applied, one a line
    changed_by       INTEGER NOT NULL,  -- a user; 0: of deleted data
    changed_at_us    INTEGER NOT NULL,
    UNIQUE (tenant_id, name_key)
);

-- Requests that a word rule has refused: their member may appeal.
CREATE TABLE refusal (
    id             INTEGER PRIMARY KEY,  -- of the numbers of jobs
    tenant_id      INTEGER NOT NULL,
    channel_id     INTEGER NOT NULL,     -- the place
    user_id        INTEGER NOT NULL,
    refused_at_us  INTEGER NOT NULL,
    prompt         TEXT NOT NULL,
    negative       TEXT NOT NULL,
    rules          TEXT NOT NULL,        -- the names of the rules, one a line
    allowed_at_us  INTEGER               -- the staff allow it after all, to this member
);
CREATE INDEX refusal_user ON refusal (user_id, tenant_id);
CREATE INDEX refusal_at ON refusal (refused_at_us);

-- What the staff are asked to decide.
CREATE TABLE case_file (
    id                    INTEGER PRIMARY KEY,  -- of the numbers of jobs
    kind                  TEXT NOT NULL CHECK (kind IN ('review', 'report', 'appeal', 'refusals')),
    tenant_id             INTEGER NOT NULL,
    channel_id            INTEGER NOT NULL,     -- the place that it is about
    user_id               INTEGER NOT NULL,     -- whom it is about
    job_id                INTEGER,              -- whose picture
    about                 TEXT NOT NULL,        -- one case of each thing; 'job:17', 'refusal:18' …
    reasons               TEXT NOT NULL,        -- why it was opened, one a line
    words                 TEXT NOT NULL DEFAULT '',  -- of whoever appeals
    opened_at_us          INTEGER NOT NULL,
    decision              TEXT,                 -- NULL: it is open
    decided_by            INTEGER,              -- a user; 0: nobody, by a setting or of deleted data
    decided_at_us         INTEGER,
    reason                TEXT NOT NULL DEFAULT '',  -- of the decision
    note                  TEXT NOT NULL DEFAULT '',  -- likewise, for the staff
    tells_member          INTEGER NOT NULL DEFAULT 1,
    due_at_us             INTEGER,              -- its card is to be posted, or brought up to date
    attempts              INTEGER NOT NULL DEFAULT 0,
    post_attempted_at_us  INTEGER,              -- from then on the card may stand there
    card_channel_id       INTEGER,
    card_message_id       INTEGER,
    UNIQUE (kind, about)
);
CREATE INDEX case_due ON case_file (due_at_us) WHERE due_at_us IS NOT NULL;
CREATE INDEX case_open ON case_file (tenant_id, opened_at_us) WHERE decision IS NULL;
CREATE INDEX case_user ON case_file (user_id);
CREATE INDEX case_job ON case_file (job_id) WHERE job_id IS NOT NULL;

-- What is to be told to a member alone, in their direct messages.
CREATE TABLE notice (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL,
    case_id    INTEGER NOT NULL REFERENCES case_file (id),
    kind       TEXT NOT NULL,      -- 'decided', 'reported', 'warned' …
    due_at_us  INTEGER,            -- NULL: told, or there is no way
    attempts   INTEGER NOT NULL DEFAULT 0,
    UNIQUE (case_id, user_id, kind)
);
CREATE INDEX notice_due ON notice (due_at_us) WHERE due_at_us IS NOT NULL;
CREATE INDEX notice_user ON notice (user_id);

-- What holds for one member: in a guild, or by the operator (0) everywhere.
CREATE TABLE standing (
    tenant_id    INTEGER NOT NULL,
    user_id      INTEGER NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('blocked', 'trusted', 'unheard')),
    until_at_us  INTEGER,           -- NULL: until it is taken back
    reason       TEXT NOT NULL,
    set_by       INTEGER NOT NULL,  -- a user; 0: the operator, or of deleted data
    set_at_us    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, user_id, kind)
) WITHOUT ROWID;
CREATE INDEX standing_user ON standing (user_id);

-- The log has all acts from now on, not settings alone, and each entry seals the one before it.
ALTER TABLE audit ADD COLUMN action TEXT NOT NULL DEFAULT 'set';
ALTER TABLE audit ADD COLUMN user_id INTEGER;     -- whom it is about; 0: of deleted data
ALTER TABLE audit ADD COLUMN job_id INTEGER;
ALTER TABLE audit ADD COLUMN case_id INTEGER;
ALTER TABLE audit ADD COLUMN details TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN number INTEGER;      -- among the guild's; NULL: from before the chain
ALTER TABLE audit ADD COLUMN salt BLOB;           -- of each name in it; zeros: the name was deleted
ALTER TABLE audit ADD COLUMN digest BLOB;         -- of each name, with its salt
ALTER TABLE audit ADD COLUMN chain BLOB;          -- of the entry and of the chain before it
CREATE UNIQUE INDEX audit_number ON audit (tenant_id, number) WHERE number IS NOT NULL;
CREATE TABLE audit_head (
    tenant_id  INTEGER PRIMARY KEY,
    number     INTEGER NOT NULL,
    chain      BLOB NOT NULL
);

-- A report belongs to its picture's case, and the case is what the staff are told.
INSERT INTO case_file (id, kind, tenant_id, channel_id, user_id, job_id, about, reasons,
        opened_at_us, due_at_us)
    SELECT (SELECT last_job_id FROM queue) + row_number() OVER (ORDER BY report.job_id), 'report',
        job.tenant_id, coalesce(request.parent_channel_id, request.channel_id), job.user_id,
        job.id, 'job:' || job.id, '', min(reported_at_us), min(reported_at_us)
    FROM report JOIN job ON job.id = report.job_id JOIN request ON request.id = job.request_id
    WHERE told_at_us IS NULL GROUP BY report.job_id;
UPDATE queue SET last_job_id = max(last_job_id, coalesce((SELECT max(id) FROM case_file), 0));
DROP INDEX report_untold;
ALTER TABLE report DROP COLUMN told_at_us;
