"""`--json`: what a program reads is exact, and JSON wherever it is printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.cli import Terminal, operator, people, policy, say, usage
from bot.cli.log import show_log
from bot.policy.audit import AuditAction, note_action
from tests.cli.test_operator import Desk, desk
from tests.cli.test_usage_command import draw

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

__all__ = ["desk"]  # the fixture

GUILD, MEMBER = 132380287435480725, 132380287883433493
JOB = 1
EXACT = 2**53  # what JavaScript and jq know a whole number up to

ASKED: dict[str, tuple[Callable[..., Coroutine[Any, Any, int]], dict[str, Any], set[int]]] = {
    "queue": (operator.queue, {}, {GUILD}),
    "queue --job": (operator.queue, {"job": JOB}, {GUILD, MEMBER}),
    "guilds": (policy.show_guilds, {}, {GUILD}),
    "limits": (policy.show_limits, {"guild": GUILD, "member": MEMBER}, set()),
    "policy": (policy.show_policy, {"guild": GUILD}, set()),
    "policy log": (policy.show_log, {}, {GUILD}),
    "people list": (people.show_people, {}, {MEMBER}),
    "usage": (usage.show_usage, {}, {MEMBER}),
    "log": (show_log, {}, {GUILD, MEMBER}),
}


@pytest.mark.parametrize("command", ASKED)
async def test_ids_of_discord_are_text(desk: Desk, command: str) -> None:
    """A number of 18 digits would be another one in JavaScript and jq."""
    await draw(desk, "r", MEMBER, GUILD)
    await desk.submit(GUILD, MEMBER)
    await people.set_person(desk.terminal, person=MEMBER, kind="trusted")
    await policy.set_value(desk.terminal, name="largest_batch", value="2", guild=GUILD)
    answer, how, ids = ASKED[command]
    said: list[str] = []
    assert await answer(desk.saying(said), json=True, **how) == 0
    found = list(leaves(json.loads("\n".join(said))))
    assert all(one < EXACT for one in found if isinstance(one, int | float))
    assert ids == {GUILD, MEMBER} & {int(one) for one in found if str(one).isdecimal()}


def leaves(facts: Any) -> Iterator[Any]:
    if isinstance(facts, dict):
        facts = list(facts.values())
    if isinstance(facts, list):
        for one in facts:
            yield from leaves(one)
    else:
        yield facts


@pytest.mark.parametrize("command", ["people list", "log"])
async def test_it_is_json_on_every_terminal(
    desk: Desk, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever a member typed: what steers a terminal is escaped as JSON has it, and a code page
    that knows no such letter has nothing to replace."""
    typed = "水彩 😀 \x9b2J \x7f \u202e."
    await people.set_person(desk.terminal, person=MEMBER, kind="blocked", reason=typed)
    await desk.database.write(
        note_action,
        AuditAction.WARNED,
        tenant_id=GUILD,
        actor="11",
        source="discord",
        details=typed,
        now_us=desk.clock.now_us(),
    )
    answer, _, _ = ASKED[command]
    capsys.readouterr()
    assert await answer(Terminal(desk.settings, desk.clock, say), json=True) == 0
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert typed in leaves(json.loads(printed))
