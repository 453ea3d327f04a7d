"""`zeuxis policy`, `zeuxis limits`, `zeuxis guilds`: what is set and used, who may use the bot.

It works on the database beside the running bot, over the same service as `/settings`: what is set
here holds from the next request on, is in the audit log and can be taken back.
"""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from bot.cli import table, value_text
from bot.db.sqlite import Database
from bot.features.settings.forms import typed
from bot.features.settings.rules import shown
from bot.features.settings.service import SettingsService
from bot.policy.changes import Author, Change, check_scope
from bot.policy.rows import Asking, load_policy
from bot.policy.rules import OPERATORS_OWN, VALUES, Key, Scope, written
from bot.providers.image import dollars
from bot.providers.zimage import OFFER
from bot.queue import ledger, quota_use
from bot.refusals import Level, Unit
from bot.staff_refusals import SettingRefused
from bot.visible import trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.cli import Say, Terminal
    from bot.policy.changes import AuditEntry
    from bot.policy.quotas import QuotaState
    from bot.queue.ledger import GuildRow
    from bot.runtime.clock import Clock


OPERATOR = Author(actor="operator", source="command line")


async def show_policy(terminal: Terminal, *, guild: int | None = None, json: bool = False) -> int:
    """What holds there, and from where."""
    async with Database.look(terminal.database_url) as database:
        view = await _service(database, terminal.clock).view(Asking(guild))
    found = {name: shown(view.held, name) for name in VALUES}
    cells = {
        name: ("–" if one.value is None else written(one.value), str(one.source))
        for name, one in found.items()
    }
    if json:
        facts = {name: {"value": text, "from": source} for name, (text, source) in cells.items()}
        terminal.say_json(facts)
        return 0
    for line in table([("NAME", "VALUE", "FROM"), *((name, *two) for name, two in cells.items())]):
        terminal.say(line)
    return 0


async def set_value(
    terminal: Terminal,
    *,
    name: str,
    value: str | None = None,
    guild: int | None = None,
    role: int | None = None,
    person: int | None = None,
) -> int:
    """None takes the row away: of one of them, or of all. What is wrong is refused."""
    change = _change(
        _key(name, {Scope.GUILD: guild, Scope.ROLE: role, Scope.PERSON: person}), value
    )
    async with Database.beside(terminal.database_url) as database:
        entries = await _service(database, terminal.clock).change([change], OPERATOR)
    if not entries and name not in VALUES:  # a row of another version's may go
        raise _unknown(name)
    _say_entries(entries, terminal.say, nothing="it was so already")
    return 0


def _key(name: str, whose: Mapping[Scope, int | None]) -> Key:
    """The operator's own, where nobody is named."""
    for scope, scope_id in whose.items():
        if scope_id is not None:
            return Key(scope, scope_id, name)
    return Key(Scope.OPERATOR, 0, name)


def _change(key: Key, text: str | None) -> Change:
    if text is None:
        return Change(key=key, value=None)
    if key.name not in VALUES:
        raise _unknown(key.name)
    if not trimmed(text):  # in a form it takes the row away; here it is a script's empty variable
        raise SettingRefused(name=key.name, expected="a value; `unset` takes it away")
    check_scope(key)
    return typed(key, text)


def _unknown(name: str) -> SettingRefused:
    close = get_close_matches(name, VALUES, n=1)
    meant = f", did you mean {close[0]}?" if close else ""
    return SettingRefused(name=name, expected=f"a known name{meant}")


async def undo(terminal: Terminal) -> int:
    """The operator's last change."""
    async with Database.beside(terminal.database_url) as database:
        entries = await _service(database, terminal.clock).undo(OPERATORS_OWN, OPERATOR)
    _say_entries(entries, terminal.say, nothing="nothing")
    return 0


async def show_log(terminal: Terminal, *, guild: int = OPERATORS_OWN, json: bool = False) -> int:
    """The newest changes: the operator's, or those of a guild's staff."""
    async with Database.look(terminal.database_url) as database:
        entries = await _service(database, terminal.clock).log(guild)
    if json:
        terminal.say_json([_entry_facts(one) for one in entries])
        return 0
    _say_entries(entries, terminal.say, nothing="nothing was changed yet")
    return 0


async def show_limits(
    terminal: Terminal,
    *,
    guild: int | None = None,
    channel: int = 0,
    member: int = 0,
    json: bool = False,
) -> int:
    """Every limit that binds there: what is used, what is left, when it renews."""
    asking, now_us = Asking(guild, channel, member), terminal.clock.now_us()
    async with Database.look(terminal.database_url) as database:
        policy = await database.read(load_policy, asking)
        states = await database.read(quota_use.states_of, policy, asking, now_us=now_us)
    found = [_state_facts(one, asking) for one in states]
    if json:
        terminal.say_json(found)
        return 0
    if not found:
        terminal.say("no limit is set there")
        return 0
    headings = ("LEVEL", "PER", "LIMIT", "USED", "LEFT", "RENEWS", "BY")
    for line in table([headings, *map(_state_cells, found)]):
        terminal.say(line)
    return 0


async def show_guilds(terminal: Terminal, *, json: bool = False) -> int:
    """Guilds that the bot is in, that ever asked for anything, or that the operator has named."""
    async with Database.look(terminal.database_url) as database:
        rows = await database.read(ledger.guild_rows, now_us=terminal.clock.now_us())
    if json:
        terminal.say_json([_guild_facts(row) for row in rows])
        return 0
    headings = ("GUILD", "ALLOWED", "TODAY", "30 DAYS", "COST 30 DAYS")
    for line in table([headings, *map(_guild_cells, rows)]):
        terminal.say(line)
    return 0


async def set_allowed(terminal: Terminal, *, guild: int, is_allowed: bool) -> int:
    """Lets a guild use the bot, or ends that from the next request on."""
    change = Change(key=Key(Scope.GUILD, guild, "is_allowed"), value=is_allowed)
    async with Database.beside(terminal.database_url) as database:
        await _service(database, terminal.clock).change([change], OPERATOR)
    terminal.say(f"guild {guild} is {'allowed' if is_allowed else 'blocked'}")
    return 0


def _service(database: Database, clock: Clock) -> SettingsService:
    return SettingsService(database=database, clock=clock, offer=OFFER)


def _say_entries(entries: Iterable[AuditEntry], say: Say, *, nothing: str) -> None:
    is_empty = True
    for one in entries:
        is_empty = False
        scope = f"{one.key.scope} {one.key.scope_id}".removesuffix(" 0")
        say(
            f"{_when(one.at_us)}  {scope} {one.key.name}:"
            f" {value_text(one.was)} → {value_text(one.became)}  by {one.actor}, {one.source}"
        )
    if is_empty:
        say(nothing)


def _entry_facts(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at_us": entry.at_us,
        "actor": entry.actor,
        "source": entry.source,
        "scope": entry.key.scope,
        "scope_id": entry.key.scope_id,
        "name": entry.key.name,
        "was": entry.was,
        "became": entry.became,
        "undoes": entry.undoes,
    }


def _state_facts(state: QuotaState, asking: Asking) -> dict[str, Any]:
    """What is used is not known of a channel or a member whom nobody has named."""
    limit = state.limit
    named = asking.channel_id if limit.level is Level.CHANNEL else asking.user_id
    is_known = limit.level in (Level.ACCOUNT, Level.GUILD) or named
    return {
        "level": limit.level,
        "unit": limit.unit,
        "period": limit.period,
        "amount": limit.amount,
        "used": state.used if is_known else None,
        "left": state.left if is_known else None,
        "renews_at_us": state.renews_at_us,
        "by_staff": limit.by_staff,
    }


def _state_cells(facts: dict[str, Any]) -> tuple[str, ...]:
    amount_text = dollars if facts["unit"] is Unit.MICROS else str
    amounts = (facts["amount"], facts["used"], facts["left"])
    return (
        facts["level"],
        facts["period"],
        *("–" if one is None else amount_text(one) for one in amounts),
        _when(facts["renews_at_us"]),
        "staff" if facts["by_staff"] else "operator",
    )


def _guild_facts(row: GuildRow) -> dict[str, Any]:
    return {
        "guild_id": row.guild_id,
        "is_allowed": row.is_allowed,
        "pictures_today": row.pictures_today,
        "pictures_30_days": row.pictures_30_days,
        "cost_micros_30_days": row.cost_micros_30_days,
    }


def _guild_cells(row: GuildRow) -> tuple[str, ...]:
    return (
        str(row.guild_id),
        "yes" if row.is_allowed else "no",
        str(row.pictures_today),
        str(row.pictures_30_days),
        dollars(row.cost_micros_30_days),
    )


def _when(at_us: int) -> str:
    return f"{datetime.fromtimestamp(at_us / 1e6, UTC):%Y-%m-%d %H:%M:%S} UTC"
