"""The command line: `zeuxis run`, `zeuxis migrate`, `zeuxis doctor`, `zeuxis backup`,
`zeuxis restore`, `zeuxis queue`, `zeuxis guilds`, `zeuxis limits`, `zeuxis policy`,
`zeuxis people`, `zeuxis usage`, `zeuxis log`.

Exit status: 0 done, 1 failed, 2 the settings or the arguments are wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot import __version__
from bot.cli import say
from bot.errors import SettingsError, ZeuxisError
from bot.visible import normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.settings import Settings


MOST_DAYS = 3660
_BROKEN_PIPE = 128 + 13  # as a shell tells of SIGPIPE


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the process's exit status."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if unheard := _unheard(asked):
        parser.error(unheard)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # where a terminal knows no such letters
    try:
        return _answered(asked)
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the exit complains
        return _BROKEN_PIPE
    except SettingsError as error:
        print("The settings cannot be used:", file=sys.stderr)
        for problem in error.problems:
            print(f"  {problem}", file=sys.stderr)
        print("See .env.example for every setting and its meaning.", file=sys.stderr)
        return 2
    except ZeuxisError as error:
        print(f"zeuxis: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="zeuxis", description="A Discord bot that paints with Z-Image."
    )
    parser.add_argument("--version", action="version", version=f"zeuxis {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="run the bot until SIGTERM or Ctrl-C")
    commands.add_parser("migrate", help="bring the database to this version's schema and end")
    commands.add_parser("doctor", help="check settings, database, Z-Image key and Discord token")
    backup = commands.add_parser("backup", help="copy the database while the bot runs")
    backup.add_argument("file", help="where the copy goes; readable by its owner alone")
    restore = commands.add_parser("restore", help="put a backup in the database's place")
    restore.add_argument("file", help="what `backup` has made")
    _add_queue(commands.add_parser("queue", help="how the queue stands; what to turn in it"))
    _add_guilds(commands.add_parser("guilds", help="who uses the bot; allow or block a guild"))
    _add_limits(commands.add_parser("limits", help="what is used of every limit, and what is left"))
    _add_policy(commands.add_parser("policy", help="what is set and from where; change it"))
    _add_people(commands.add_parser("people", help="whom to block or trust in all guilds"))
    _add_usage(commands.add_parser("usage", help="what was drawn, what it cost; check the bill"))
    _add_log(commands.add_parser("log", help="what operator, staff and rules have done"))
    return parser


def _answered(asked: argparse.Namespace) -> int:
    """Writes all out, so that what goes wrong with that is told here and not by the exit."""
    status = asyncio.run(_command(asked))
    if sys.stdout is not None:
        sys.stdout.flush()
    return status


# Options that stand before an action, and which of the actions hear them.
_BEFORE_ACTIONS = {
    "queue": ("job", "json"),
    "guilds": ("json",),
    "policy": ("guild", "json"),
    "usage": ("form", "guild", "member"),
}
_HEARD = {"set": ("guild",), "unset": ("guild",), "log": ("guild", "json")}
_FILTERS = ("form", "guild", "operator", "action", "by", "member", "days")


def _unheard(asked: argparse.Namespace) -> str | None:
    """An option that would change nothing, which nobody types for nothing."""
    if asked.command == "log":
        return _first_given(asked, _FILTERS, "--heads") if asked.heads else None
    before = _BEFORE_ACTIONS.get(asked.command, ())
    if not before or asked.action is None:
        return None
    heard = _HEARD.get(asked.action, ())
    unheard = tuple(name for name in before if name not in heard)
    return _first_given(asked, unheard, asked.action) or _two_scopes(asked)


def _first_given(asked: argparse.Namespace, names: Sequence[str], beside: str) -> str | None:
    for name in names:
        value = getattr(asked, name)
        if value not in (None, False, "table"):
            option = value if name == "form" else name
            return f"--{option} does not go with {beside}"
    return None


def _two_scopes(asked: argparse.Namespace) -> str | None:
    """`--guild` may stand before the action too; it is for one guild, role or person at most."""
    if asked.action not in ("set", "unset") or asked.guild is None:
        return None
    if asked.for_guild not in (None, asked.guild):
        return "two guilds are named"
    for other in ("role", "person"):
        if getattr(asked, f"for_{other}") is not None:
            return f"--guild does not go with --{other}"
    return None


def _add_forms(parser: argparse.ArgumentParser, of_line: str) -> None:
    """A table for eyes, or one of these."""
    forms = parser.add_mutually_exclusive_group()
    for form, help_text in (("json", "for programs"), ("csv", f"a line for each {of_line}")):
        forms.add_argument(
            f"--{form}",
            dest="form",
            action="store_const",
            const=form,
            default="table",
            help=help_text,
        )


def _add_log(parser: argparse.ArgumentParser) -> None:
    _add_forms(parser, "entry")
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("--operator", action="store_true", help="of the operator alone")
    whose.add_argument("--guild", type=_id, help="of this guild alone")
    parser.add_argument("--action", help="such as set, removed, blocked")
    parser.add_argument("--by", help="a user's id, operator or rule")
    parser.add_argument("--member", type=_id, help="about this member")
    parser.add_argument("--days", type=_days, help="of so many days; all, if not said")
    parser.add_argument("--heads", action="store_true", help="where each log ends, to be noted")


def _add_usage(parser: argparse.ArgumentParser) -> None:
    _add_forms(parser, "request")
    parser.add_argument("--guild", type=_id, help="of this guild alone")
    parser.add_argument("--member", type=_id, help="of this member alone")
    parser.add_argument("--days", type=_days, default=30, help="so many, today among them (30)")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    reconcile = actions.add_parser("reconcile", help="hold the provider's bill against the ledger")
    reconcile.add_argument("file", help="CSV with an amount, and a request id or a date, in a line")
    reconcile.add_argument(
        "--zone", type=_zone, default="UTC", help="in which the bill's days are counted (UTC)"
    )


def _days(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= MOST_DAYS):
        raise argparse.ArgumentTypeError(f"expected days from 1 to {MOST_DAYS}, got {text[:40]!r}")
    return int(text)


def _lasts(text: str) -> str:
    from bot.features.moderation.rules import lasts_us_of
    from bot.staff_refusals import DurationNotUnderstood

    with suppress(DurationNotUnderstood):
        if lasts_us_of(text) is not None:
            return text
    raise argparse.ArgumentTypeError(
        f"expected a time such as 12h, 7d or 2w, at most ten years, got {text[:40]!r}"
    )


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise argparse.ArgumentTypeError(
            f"expected a time zone such as Asia/Shanghai, got {text[:40]!r}"
        ) from error


def _add_guilds(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    allow = actions.add_parser("allow", help="let a guild use the bot")
    block = actions.add_parser("block", help="draw nothing more for a guild")
    for one in (allow, block):
        one.add_argument("guild", type=_id, help="the guild's id")


def _add_limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--guild", type=_id, help="in this guild")
    parser.add_argument("--channel", type=_id, default=0, help="in this channel of it")
    parser.add_argument("--member", type=_id, default=0, help="for this member")


def _add_policy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--guild", type=_id, help="what holds in this guild")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    change = actions.add_parser("set", help="set a value, from the next request on")
    unset = actions.add_parser("unset", help="let what lies behind it hold again")
    for one in (change, unset):
        one.add_argument("name", help="as `zeuxis policy` shows it")
    change.add_argument("value")
    for one in (change, unset):
        whose = one.add_mutually_exclusive_group()
        whose.add_argument("--guild", type=_id, dest="for_guild", help="for this guild, not all")
        whose.add_argument("--role", type=_id, dest="for_role", help="for members with this role")
        whose.add_argument("--person", type=_id, dest="for_person", help="for this person")
    actions.add_parser("log", help="what was changed; with --guild, by the guild's staff")
    actions.add_parser("undo", help="take the operator's last change back")


def _add_people(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="who is blocked, trusted or not heard")
    listed.add_argument("--guild", type=_id, help="by the staff of this guild, not by you")
    listed.add_argument("--json", action="store_true", help="for programs")
    block = actions.add_parser("block", help="draw nothing more for a person")
    block.add_argument("--for", dest="lasts", type=_lasts, help="as 12h, 7d or 2w; else for ever")
    block.add_argument("--reason", default="", help="which the person is told")
    unblock = actions.add_parser("unblock", help="draw for a person again")
    trust = actions.add_parser("trust", help="let a person's pictures wait for no staff")
    untrust = actions.add_parser("untrust", help="let them wait as everybody's")
    for one in (block, unblock, trust, untrust):
        one.add_argument("person", type=_id, help="the user's id")


def _add_queue(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--job", type=_id, help="why this job is where it is")
    parser.add_argument("--json", action="store_true", help="for programs")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    pause = actions.add_parser("pause", help="claim nothing more of a guild; what waits, waits")
    resume = actions.add_parser("resume", help="let a paused guild go on")
    for one in (pause, resume):
        one.add_argument("guild", type=_id, help="the guild's id")
    actions.add_parser("probe", help="try a refused account at once, after mending it")


def _id(text: str) -> int:
    """A number as the database can hold it, even if pasted with what cannot be seen."""
    text = normalised(text)
    if not (text.isdecimal() and 1 <= int(text) < 2**63):
        raise argparse.ArgumentTypeError(f"expected an id, got {text[:40]!r}")
    return int(text)


def start_logs(settings: Settings) -> None:
    """Logs for the process, with this installation's secrets kept out."""
    from bot.runtime.logs import configure_logs

    configure_logs(
        level=settings.log_level,
        form=settings.log_format,
        secrets=(
            settings.discord_token.reveal(),
            *(one.api_key.reveal() for one in settings.accounts),
            *([settings.rewriter.api_key.reveal()] if settings.rewriter else []),
            *([settings.picture_check.api_key.reveal()] if settings.picture_check else []),
            settings.proxy_password,
        ),
    )


async def _command(asked: argparse.Namespace) -> int:
    # Imported here and below, so that nobody pays for what another command needs.
    from bot.records import replace
    from bot.settings.reading import load_settings

    settings: Settings = load_settings()
    is_quiet = asked.command == "doctor" and settings.log_level == "info"  # its lines say it all
    start_logs(replace(settings, log_level="warning") if is_quiet else settings)
    match asked.command:
        case "run":
            from bot import app

            return await app.run(settings)
        case "doctor":
            from bot.cli.doctor import examine

            return await examine(settings, say)
        case "queue":
            return await _queue(settings, asked)
        case "guilds" | "limits" | "policy":
            return await _policy(settings, asked)
        case "people":
            return await _people(settings, asked)
        case "usage":
            return await _usage(settings, asked)
        case "log":
            return await _log(settings, asked)
        case _:
            return await _database(settings, asked)


async def _database(settings: Settings, asked: argparse.Namespace) -> int:
    from bot.cli import database

    match asked.command:
        case "migrate":
            return await database.migrate(settings)
        case "backup":
            return await database.backup(settings, asked.file)
        case _:
            return database.restore(settings, asked.file)


async def _queue(settings: Settings, asked: argparse.Namespace) -> int:
    from bot.cli import operator
    from bot.runtime.clock import SystemClock

    base = (settings, SystemClock(), say)
    match asked.action:
        case "pause" | "resume":
            is_paused = asked.action == "pause"
            return await operator.set_paused(*base, asked.guild, is_paused=is_paused)
        case "probe":
            return await operator.probe(*base)
        case _ if asked.job is not None:
            return await operator.show_job(*base, asked.job, as_json=asked.json)
        case _:
            return await operator.show_queue(*base, as_json=asked.json)


async def _people(settings: Settings, asked: argparse.Namespace) -> int:
    from bot.cli import people
    from bot.policy.standing import StandingKind
    from bot.runtime.clock import SystemClock

    base = (settings, SystemClock(), say)
    match asked.action:
        case "block":
            blocked = StandingKind.BLOCKED
            return await people.set_person(
                *base, asked.person, blocked, lasts=asked.lasts or "", reason=asked.reason
            )
        case "trust":
            return await people.set_person(*base, asked.person, StandingKind.TRUSTED)
        case "unblock":
            return await people.unset_person(*base, asked.person, StandingKind.BLOCKED)
        case "untrust":
            return await people.unset_person(*base, asked.person, StandingKind.TRUSTED)
        case _:
            return await people.show_people(*base, asked.guild, as_json=asked.json)


async def _usage(settings: Settings, asked: argparse.Namespace) -> int:
    from bot.cli import usage
    from bot.features.usage.records import UsageOf
    from bot.runtime.clock import SystemClock

    if asked.action == "reconcile":
        return await usage.reconcile(settings, say, asked.file, asked.zone)
    of = UsageOf(guild_id=asked.guild, user_id=asked.member)
    return await usage.show_usage(
        settings, SystemClock(), say, of, days=asked.days, form=asked.form
    )


async def _log(settings: Settings, asked: argparse.Namespace) -> int:
    from bot.cli import log
    from bot.features.log.rows import LogFilter
    from bot.policy.rules import OPERATORS_OWN
    from bot.runtime.clock import SystemClock

    if asked.heads:
        return await log.show_heads(settings, say)
    wanted = LogFilter(
        tenant_id=OPERATORS_OWN if asked.operator else asked.guild,
        action=asked.action,
        actor=asked.by,
        user_id=asked.member,
    )
    return await log.show_log(
        settings, SystemClock(), say, wanted, days=asked.days, form=asked.form
    )


async def _policy(settings: Settings, asked: argparse.Namespace) -> int:
    from bot.cli import policy
    from bot.policy.rows import Asking
    from bot.runtime.clock import SystemClock

    base = (settings, SystemClock(), say)
    match asked.command, getattr(asked, "action", None):
        case "guilds", "allow" | "block":
            is_allowed = asked.action == "allow"
            return await policy.set_allowed(*base, asked.guild, is_allowed=is_allowed)
        case "guilds", _:
            return await policy.show_guilds(*base, as_json=asked.json)
        case "limits", _:
            asking = Asking(asked.guild, asked.channel, asked.member)
            return await policy.show_limits(*base, asking, as_json=asked.json)
        case _, "set" | "unset":
            guild_id = asked.guild if asked.for_guild is None else asked.for_guild
            whose = policy.Scoped(
                guild_id=guild_id, role_id=asked.for_role, person_id=asked.for_person
            )
            text = asked.value if asked.action == "set" else None
            return await policy.set_value(*base, whose, asked.name, text)
        case _, "log":
            return await policy.show_log(*base, asked.guild, as_json=asked.json)
        case _, "undo":
            return await policy.undo(*base)
        case _:
            whose = policy.Scoped(guild_id=asked.guild)
            return await policy.show_policy(*base, whose, as_json=asked.json)


if __name__ == "__main__":
    sys.exit(main())
