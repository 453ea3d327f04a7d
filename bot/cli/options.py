"""What may be typed after `zeuxis`, and which function of this package answers it.

What is not typed is not given, so the function's own defaults hold. An option before an action is
heard where the action's function has a parameter of its name; elsewhere it would change nothing,
and nobody types it for nothing.
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot import __version__
from bot.visible import normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import TypeAlias

    Answer: TypeAlias = Callable[..., Coroutine[Any, Any, int]]  # of a terminal and what is given
    Parser: TypeAlias = argparse.ArgumentParser
    Choice: TypeAlias = argparse._SubParsersAction[Parser]  # noqa: SLF001 - it has no other name


MOST_DAYS = 3660


class Asked(NamedTuple):
    """A command line that makes sense."""

    command: str
    answer: Answer | None  # None of `run`
    given: dict[str, Any]


def read(arguments: Sequence[str] | None) -> Asked:
    """None stands for the process's own arguments.

    Raises:
        SystemExit: with status 2, after a sentence about what makes no sense.
    """
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    command, action, name = (given.pop(one, None) for one in ("command", "do", "answer"))
    answer = _function(name) if name else None
    if wrong := _contradiction(given) or _unheard(given, answer, action or "--heads"):
        parser.error(wrong)
    return Asked(command, answer, given)


def _function(name: str) -> Answer:
    """Imported now, so that nobody pays for what another command needs."""
    module, _, function = name.partition(".")
    found: Answer = getattr(import_module(f"bot.cli.{module}"), function)
    return found


def _unheard(given: dict[str, Any], answer: Answer | None, beside: str) -> str | None:
    heard = signature(answer).parameters if answer else {}
    return next(
        (f"--{name} does not go with {beside}" for name in given if name not in heard), None
    )


def _contradiction(given: dict[str, Any]) -> str | None:
    """`--guild` may stand before `set` too; a value is one guild's, role's or person's at most."""
    if "channel" in given and "guild" not in given:
        return "--channel needs --guild"
    if "for_guild" in given:
        for_guild = given.pop("for_guild")
        if given.setdefault("guild", for_guild) != for_guild:
            return "two guilds are named"
    other = next((name for name in ("role", "person") if name in given), None)
    return f"--guild does not go with --{other}" if other and "guild" in given else None


# ------------------------------------------------------------------------------------------------
# The commands, in the order of `zeuxis --help`.


def _parser() -> Parser:
    parser = argparse.ArgumentParser(
        prog="zeuxis", description="A Discord bot that paints with Z-Image."
    )
    parser.add_argument("--version", action="version", version=f"zeuxis {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="run the bot until SIGTERM or Ctrl-C")
    _add_database(commands)
    _add_queue(commands)
    _add_guilds(commands)
    _add_limits(commands)
    _add_policy(commands)
    _add_people(commands)
    _add_usage(commands)
    _add_log(commands)
    return parser


def _add(choice: Choice, name: str, answer: str, about: str, **constants: Any) -> Parser:
    """`constants` are given to the function whatever is typed."""
    parser = choice.add_parser(name, help=about, argument_default=argparse.SUPPRESS)
    parser.set_defaults(answer=answer, **constants)
    return parser


def _actions(parser: Parser, *, required: bool = False) -> Choice:
    return parser.add_subparsers(dest="do", metavar="ACTION", required=required)


def _add_database(commands: Choice) -> None:
    about = "bring the database to this version's schema and end"
    _add(commands, "migrate", "database.migrate", about)
    about = "check settings, database, Z-Image key and Discord token"
    _add(commands, "doctor", "doctor.examine", about)
    backup = _add(commands, "backup", "database.backup", "copy the database while the bot runs")
    backup.add_argument("file", help="where the copy goes; readable by its owner alone")
    about = "put a backup in the database's place"
    restore = _add(commands, "restore", "database.restore", about)
    restore.add_argument("file", help="what `backup` has made")


def _add_queue(commands: Choice) -> None:
    about = "how the queue stands; what to turn in it"
    parser = _add(commands, "queue", "operator.queue", about)
    parser.add_argument("--job", type=_id, help="why this job is where it is")
    _add_json(parser)
    actions = _actions(parser)
    about = "claim nothing more of a guild; what waits, waits"
    pause = _add(actions, "pause", "operator.set_paused", about, is_paused=True)
    about = "let a paused guild go on"
    resume = _add(actions, "resume", "operator.set_paused", about, is_paused=False)
    for one in (pause, resume):
        one.add_argument("guild", type=_id, help="the guild's id")
    about = "try a refused account at once, after mending it"
    _add(actions, "probe", "operator.probe", about)


def _add_guilds(commands: Choice) -> None:
    about = "who uses the bot; allow or block a guild"
    parser = _add(commands, "guilds", "policy.show_guilds", about)
    _add_json(parser)
    actions = _actions(parser)
    about = "let a guild use the bot"
    allow = _add(actions, "allow", "policy.set_allowed", about, is_allowed=True)
    about = "draw nothing more for a guild"
    block = _add(actions, "block", "policy.set_allowed", about, is_allowed=False)
    for one in (allow, block):
        one.add_argument("guild", type=_id, help="the guild's id")


def _add_limits(commands: Choice) -> None:
    about = "what is used of every limit, and what is left"
    parser = _add(commands, "limits", "policy.show_limits", about)
    _add_json(parser)
    parser.add_argument("--guild", type=_id, help="in this guild")
    parser.add_argument("--channel", type=_id, help="in this channel of it")
    parser.add_argument("--member", type=_id, help="for this member")


def _add_policy(commands: Choice) -> None:
    about = "what is set and from where; change it"
    parser = _add(commands, "policy", "policy.show_policy", about)
    _add_json(parser)
    parser.add_argument("--guild", type=_id, help="what holds in this guild")
    actions = _actions(parser)
    change = _add(actions, "set", "policy.set_value", "set a value, from the next request on")
    unset = _add(actions, "unset", "policy.set_value", "let what lies behind it hold again")
    for one in (change, unset):
        one.add_argument("name", type=_text, help="as `zeuxis policy` shows it")
        whose = one.add_mutually_exclusive_group()
        whose.add_argument(
            "--guild", type=_id, dest="for_guild", metavar="GUILD", help="for this guild, not all"
        )
        whose.add_argument("--role", type=_id, help="for members with this role")
        whose.add_argument("--person", type=_id, help="for this person")
    change.add_argument("value", type=_text)
    about = "the last 20 changes; with --guild, the guild's staff's"
    _add(actions, "log", "policy.show_log", about)
    _add(actions, "undo", "policy.undo", "take the operator's last change back")


def _add_people(commands: Choice) -> None:
    parser = commands.add_parser("people", help="whom to block or trust in all guilds")
    actions = _actions(parser, required=True)
    about = "who is blocked, trusted or not heard"
    listed = _add(actions, "list", "people.show_people", about)
    listed.add_argument("--guild", type=_id, help="by the staff of this guild, not by you")
    _add_json(listed)
    about = "draw nothing more for a person"
    block = _add(actions, "block", "people.set_person", about, kind="blocked")
    block.add_argument("--for", dest="lasts", type=_lasts, help="as 12h, 7d or 2w; else for ever")
    block.add_argument("--reason", type=_text, help="which the person is told")
    about = "draw for a person again"
    unblock = _add(actions, "unblock", "people.unset_person", about, kind="blocked")
    about = "let a person's pictures wait for no staff"
    trust = _add(actions, "trust", "people.set_person", about, kind="trusted")
    about = "let them wait as everybody's"
    untrust = _add(actions, "untrust", "people.unset_person", about, kind="trusted")
    for one in (block, unblock, trust, untrust):
        one.add_argument("person", type=_id, help="the user's id")


def _add_usage(commands: Choice) -> None:
    about = "what was drawn, what it cost; check the bill"
    parser = _add(commands, "usage", "usage.show_usage", about)
    _add_forms(parser, "request")
    parser.add_argument("--guild", type=_id, help="of this guild alone")
    parser.add_argument("--member", type=_id, help="of this member alone")
    parser.add_argument("--days", type=_days, help="so many, today among them (30)")
    about = "hold the provider's bill against the ledger"
    reconcile = _add(_actions(parser), "reconcile", "usage.reconcile", about)
    reconcile.add_argument("file", help="CSV with an amount, and a request id or a date, in a line")
    reconcile.add_argument("--zone", type=_zone, help="in which the bill's days are counted (UTC)")


def _add_log(commands: Choice) -> None:
    about = "what operator, staff and rules have done"
    parser = _add(commands, "log", "log.show_log", about)
    _add_forms(parser, "entry")
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("--operator", action="store_true", help="of the operator alone")
    whose.add_argument("--guild", type=_id, help="of this guild alone")
    parser.add_argument("--action", type=_text, help="such as set, removed, blocked")
    parser.add_argument("--by", type=_text, help="a user's id, operator or rule")
    parser.add_argument("--member", type=_id, help="about this member")
    parser.add_argument("--days", type=_days, help="of so many days; all, if not said")
    parser.add_argument(
        "--heads",
        dest="answer",
        action="store_const",
        const="log.show_heads",
        help="where each log ends, to be noted",
    )


def _add_json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def _add_forms(parser: Parser, of_line: str) -> None:
    """A table for eyes, or one of these."""
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="for programs")
    forms.add_argument("--csv", action="store_true", help=f"a line for each {of_line}")


# ------------------------------------------------------------------------------------------------
# What a word on the line may be


def _id(text: str) -> int:
    """A number as the database can hold it, even if pasted with what cannot be seen."""
    return _whole(normalised(text), most=2**63 - 1, expected="an id")


def _days(text: str) -> int:
    return _whole(text, most=MOST_DAYS, expected=f"days from 1 to {MOST_DAYS}")


def _whole(text: str, *, most: int, expected: str) -> int:
    with suppress(ValueError):  # Python reads no number of 5000 digits
        if text.isdecimal() and 1 <= int(text) <= most:
            return int(text)
    raise argparse.ArgumentTypeError(f"expected {expected}, got {text[:40]!r}")


def _text(text: str) -> str:
    """Bytes that the locale does not know come as half surrogates, which no column holds."""
    with suppress(UnicodeError):
        return text.encode("utf-8", "surrogateescape").decode()
    raise argparse.ArgumentTypeError(f"expected text in UTF-8, got {text[:40]!r}")


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
