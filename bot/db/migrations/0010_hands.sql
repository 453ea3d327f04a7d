-- Several pictures of one request, each with its own words and its own end; and what members do with
-- a picture that hangs.

ALTER TABLE request ADD COLUMN count INTEGER NOT NULL DEFAULT 1;   -- jobs of it
-- How whoever asked can be answered: with the bot's own token where it is a member ('guild') or in
-- its direct messages with them ('direct'); else by the interaction's token alone.
ALTER TABLE request ADD COLUMN surface TEXT NOT NULL DEFAULT 'guild'
    CHECK (surface IN ('guild', 'direct', 'interaction'));
ALTER TABLE job ADD COLUMN number INTEGER NOT NULL DEFAULT 1;      -- among the jobs of its request
ALTER TABLE job ADD COLUMN prompt TEXT NOT NULL DEFAULT '';
UPDATE job SET prompt = (SELECT prompt FROM request WHERE request.id = job.request_id);
ALTER TABLE request DROP COLUMN prompt;
CREATE INDEX request_parent ON request (parent_id) WHERE parent_id IS NOT NULL;

-- What is to be said in Discord of each job. The message that says it is its request's.
CREATE TABLE outbox (
    job_id      INTEGER PRIMARY KEY REFERENCES job (id),
    due_at_us   INTEGER,              -- something is to be said, from then on
    attempts    INTEGER NOT NULL DEFAULT 0,
    told_at_us  INTEGER               -- the member knows how it ended
);
INSERT INTO outbox SELECT job.id, due_at_us, message.attempts, told_at_us
    FROM job JOIN message ON message.request_id = job.request_id;
CREATE INDEX outbox_due ON outbox (due_at_us) WHERE due_at_us IS NOT NULL;
DROP INDEX message_due;
DROP INDEX job_request;
CREATE INDEX job_request ON job (request_id);
ALTER TABLE message DROP COLUMN due_at_us;
ALTER TABLE message DROP COLUMN attempts;
ALTER TABLE message DROP COLUMN told_at_us;

ALTER TABLE picture ADD COLUMN alt_text TEXT;  -- as its member has put it; NULL: from the prompt
ALTER TABLE picture ADD COLUMN cost_micros INTEGER;  -- as billed; NULL: the ledger has folded it
UPDATE picture SET cost_micros = (SELECT cost_micros FROM ledger
    WHERE ledger.job_id = picture.job_id AND entry = 'settled');
ALTER TABLE picture ADD COLUMN notes TEXT NOT NULL DEFAULT '';  -- what was not as usual about posting it
CREATE INDEX picture_message ON picture (message_id) WHERE message_id IS NOT NULL;

-- What a job or the rewriting of a draft has cost: their numbers are never the same.
CREATE TABLE ledger_of_all (
    job_id           INTEGER NOT NULL,   -- or a draft's
    entry            TEXT NOT NULL CHECK (entry IN ('reserved', 'settled', 'uncertain', 'released')),
    tenant_id        INTEGER NOT NULL,
    channel_id       INTEGER NOT NULL,   -- with its public threads
    user_id          INTEGER NOT NULL,
    at_us            INTEGER NOT NULL,
    reserved_at_us   INTEGER NOT NULL,   -- of the job: in which hour, day and month it counts
    outcome          TEXT NOT NULL,      -- the state in which the job ended; '' of a reservation
    images           INTEGER NOT NULL,   -- 0 of a rewriting
    pixels           INTEGER NOT NULL,
    rewritten        INTEGER NOT NULL,
    pictures         INTEGER NOT NULL,   -- +1 with the reservation, -1 with its release
    reserved_micros  INTEGER NOT NULL,   -- + with the reservation, - with what takes it back
    cost_micros      INTEGER NOT NULL,   -- what was billed
    PRIMARY KEY (job_id, entry)
) WITHOUT ROWID;
INSERT INTO ledger_of_all SELECT job_id, entry, tenant_id, channel_id, user_id, at_us,
    reserved_at_us, outcome, images, pixels, rewritten, pictures, reserved_micros, cost_micros
    FROM ledger;
DROP TABLE ledger;
ALTER TABLE ledger_of_all RENAME TO ledger;
CREATE INDEX ledger_reserved ON ledger
    (reserved_at_us, channel_id, pictures, reserved_micros, cost_micros);
CREATE INDEX ledger_tenant ON ledger
    (tenant_id, reserved_at_us, pictures, reserved_micros, cost_micros);
CREATE INDEX ledger_user ON ledger (user_id, tenant_id, reserved_at_us);

-- A request that is not queued yet: its member reads the rewritten prompt first, or how many
-- pictures a pattern comes to, or mends what was refused.
CREATE TABLE draft (
    id             INTEGER PRIMARY KEY,  -- of the numbers of jobs
    state          TEXT NOT NULL CHECK (state IN ('writing', 'open', 'used', 'dropped', 'failed')),
    tenant_id      INTEGER NOT NULL,
    channel_id     INTEGER NOT NULL,     -- the place: with its public threads
    user_id        INTEGER NOT NULL,
    created_at_us  INTEGER NOT NULL,
    interaction_id INTEGER NOT NULL UNIQUE,  -- one interaction makes one draft
    parent_id      INTEGER,              -- the job whose button asked for this
    prompt         TEXT NOT NULL,        -- as typed, as is the rest
    rewritten      TEXT,                 -- NULL until it is there
    negative       TEXT NOT NULL,
    size           TEXT NOT NULL,
    seed           TEXT NOT NULL,
    rewriting      TEXT NOT NULL,
    count          INTEGER NOT NULL
);
CREATE INDEX draft_user ON draft (user_id);
CREATE INDEX draft_created ON draft (created_at_us);

-- Pictures that members want to find again.
CREATE TABLE keep (
    user_id     INTEGER NOT NULL,
    job_id      INTEGER NOT NULL REFERENCES picture (job_id),
    kept_at_us  INTEGER NOT NULL,
    PRIMARY KEY (user_id, job_id)
) WITHOUT ROWID;
CREATE INDEX keep_job ON keep (job_id);

-- Further messages that show a picture.
CREATE TABLE repost (
    interaction_id  INTEGER PRIMARY KEY,  -- that asked for it
    job_id          INTEGER NOT NULL REFERENCES picture (job_id),
    channel_id      INTEGER NOT NULL,
    message_id      INTEGER               -- NULL: it may hang there without our knowing
);
CREATE INDEX repost_job ON repost (job_id);
CREATE INDEX repost_message ON repost (message_id) WHERE message_id IS NOT NULL;

-- By which words of their prompts pictures are found: a row for each word and 65,536 jobs. What
-- begins with the same letters is a range of words, so they are in the order of their bytes.
CREATE TABLE picture_word (
    tenant_id  INTEGER NOT NULL,
    block      INTEGER NOT NULL,  -- the number of the job, divided by 65,536
    word       TEXT NOT NULL,
    jobs       BLOB NOT NULL,     -- which of them; see bot/queue/words.py
    PRIMARY KEY (tenant_id, block, word)
) WITHOUT ROWID;
-- Older pictures get theirs in small pieces, the newest first: those below this number lack them.
CREATE TABLE unsearched (
    before_id  INTEGER NOT NULL
);
INSERT INTO unsearched SELECT max(job_id) + 1 FROM picture HAVING count(*) > 0;

-- What members have told the staff of a picture.
CREATE TABLE report (
    job_id          INTEGER NOT NULL REFERENCES job (id),
    user_id         INTEGER NOT NULL,
    reported_at_us  INTEGER NOT NULL,
    reason          TEXT NOT NULL,
    words           TEXT NOT NULL,
    told_at_us      INTEGER,           -- the staff know, or there is no channel in which to tell them
    PRIMARY KEY (job_id, user_id)
) WITHOUT ROWID;
CREATE INDEX report_user ON report (user_id);
CREATE INDEX report_untold ON report (reported_at_us) WHERE told_at_us IS NULL;

-- What holds for a member everywhere, where they have said so.
CREATE TABLE person_default (
    user_id    INTEGER PRIMARY KEY,
    size       TEXT,
    rewriting  TEXT,
    negative   TEXT,
    pings      INTEGER,
    alt_words  INTEGER   -- whether the alternative text tells the prompt
);

-- Ways of painting that a guild's staff have given a name.
CREATE TABLE style (
    tenant_id      INTEGER NOT NULL,
    name_key       TEXT NOT NULL,     -- the name, folded
    name           TEXT NOT NULL,
    prompt         TEXT NOT NULL,     -- with {prompt} in it
    negative       TEXT NOT NULL,
    size           TEXT,              -- NULL: as without it
    changed_by     INTEGER NOT NULL,  -- a user; 0: of deleted data
    changed_at_us  INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name_key)
) WITHOUT ROWID;

-- The request whose message somebody points at.
CREATE INDEX message_message ON message (message_id) WHERE message_id IS NOT NULL;
