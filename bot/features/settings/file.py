"""The file of export and import.

It is JSON, so that staff can read and keep it:

    {"zeuxis settings": 2, "guild": "5", "values": [{"scope": "guild", "id": "5",
     "name": "cooldown_s", "value": "60"}, …]}

A style is a value too, named `style:noir`. Before version 2 files had none, so such a file leaves
the guild's styles as they are. Ids are texts, since JavaScript rounds numbers of that size.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.policy.changes import Change, change_of
from bot.policy.rules import Key, Scope
from bot.policy.styles import style_key
from bot.staff_refusals import ImportFault, ImportRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.policy.rules import Row


VERSION = 2
LARGEST_FILE_BYTES = 512 * 1024
MOST_VALUES = 5_000
_FORMAT = "zeuxis settings"
_ID_DIGITS = 19  # at most


def exported(guild_id: int, rows: Iterable[Row]) -> bytes:
    """The rows that the guild's staff have set."""
    values = [
        {"scope": scope, "id": str(scope_id), "name": name, "value": value}
        for scope, scope_id, name, tenant_id, value in rows
        if tenant_id == guild_id
    ]
    file = {_FORMAT: VERSION, "guild": str(guild_id), "values": values}
    return json.dumps(file, ensure_ascii=False, indent=1).encode()


def imported(content: bytes, guild_id: int, present: Sequence[Key]) -> list[Change]:
    """What makes the guild's rows those of the file; rows that it does not name go.

    Raises:
        ImportRefused: broken, of another guild, or of a newer version.
        SettingRefused, StyleRefused: one of its values.
    """
    if len(content) > LARGEST_FILE_BYTES:
        raise ImportRefused(ImportFault.TOO_LARGE)
    file = _parsed(content)
    if file.get("guild") != str(guild_id):
        raise ImportRefused(ImportFault.ANOTHER_GUILDS)
    changes = {change.key: change for change in _changes(file.get("values"), guild_id)}
    known = [key for key in present if file[_FORMAT] > 1 or style_key(key.name) is None]
    gone = [Change(key=key, value=None) for key in known if key not in changes]
    return [*gone, *changes.values()]


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        file = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ImportRefused(ImportFault.BROKEN) from error
    version = file.get(_FORMAT) if isinstance(file, dict) else None
    if not isinstance(version, int) or version < 1:
        raise ImportRefused(ImportFault.BROKEN)
    if version > VERSION:
        raise ImportRefused(ImportFault.NEWER)
    return dict(file)


def _changes(values: object, guild_id: int) -> Iterable[Change]:
    if not isinstance(values, list) or len(values) > MOST_VALUES:
        raise ImportRefused(ImportFault.BROKEN)
    for one in values:
        match one:
            case {"scope": str(scope), "id": str(scope_id), "name": str(name), "value": str(value)}:
                yield _change(scope, scope_id, name, value, guild_id)
            case _:
                raise ImportRefused(ImportFault.BROKEN)


def _change(scope: str, scope_id: str, name: str, value: str, guild_id: int) -> Change:
    is_number = scope_id.isascii() and scope_id.isdigit() and len(scope_id) <= _ID_DIGITS
    if scope not in list(Scope) or not is_number:
        raise ImportRefused(ImportFault.BROKEN)
    return change_of(Key(Scope(scope), int(scope_id), name, guild_id), value)
