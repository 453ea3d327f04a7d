-- What the operator and a guild's staff have set: one value a row, with its version and who set it.
-- Names, units, ranges and defaults: bot/policy/rules.py. A value that has no row has its default.
CREATE TABLE policy (
    scope          TEXT NOT NULL,     -- 'operator', 'guild' or 'role'
    scope_id       INTEGER NOT NULL,  -- of the guild or role; 0 for the operator
    name           TEXT NOT NULL,
    value          TEXT NOT NULL,
    version        INTEGER NOT NULL,  -- grows by one with each change of the value
    changed_by     TEXT NOT NULL,     -- 'settings', or who did
    changed_at_us  INTEGER NOT NULL,
    PRIMARY KEY (scope, scope_id, name)
);
