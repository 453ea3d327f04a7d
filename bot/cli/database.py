"""`zeuxis migrate`, `zeuxis backup`, `zeuxis restore`: the database as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.db.backup import check_source
from bot.db.connection import real_path
from bot.db.file import alone_on
from bot.db.sqlite import Database
from bot.errors import BackupRefused
from bot.queue.restore import restore as replace_by_backup

if TYPE_CHECKING:
    from bot.cli import Terminal

log = structlog.get_logger("bot.cli")


async def migrate(terminal: Terminal) -> int:
    """Opening the database brings it to this version's schema; refused while the bot runs."""
    with alone_on(terminal.database_url):
        async with Database.open(terminal.database_url) as database:
            log.info("schema is current", path=str(database.path))
    return 0


async def backup(terminal: Terminal, *, file: str) -> int:
    """Copies the database to `file` while the bot may be running, of whatever version it is."""
    target = _named(file)
    async with Database.look(terminal.database_url, is_any_schema=True) as database:
        await database.backup(target)
    log.info("backed up", path=str(target))
    return 0


async def restore(terminal: Terminal, *, file: str) -> int:
    """Puts a backup in the database's place; refused while the bot runs."""
    source, path = _named(file), real_path(terminal.database_url)
    check_source(source, path)  # before a folder and a lock are made for nothing
    with alone_on(terminal.database_url):
        ended = replace_by_backup(source, path, now_us=terminal.clock.now_us())
    log.info("restored", path=str(path), backup=str(source), ended_as_uncertain=ended)
    return 0


def _named(file: str) -> Path:
    if not file.strip():
        raise BackupRefused("no file is named for the backup")
    try:
        return Path(file).expanduser()
    except RuntimeError as error:
        raise BackupRefused(f"no home folder is known for {file}: write it out") from error
