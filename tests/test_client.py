"""The client before a Discord that is away at first, and before interactions that make no sense."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any

import discord
import pytest
from structlog.testing import capture_logs

from bot.client import SLOWER, SLOWER_AFTER, STEADY_S, ImageBot
from bot.queue.failures import next_wait_s
from tests.clock import ManualClock
from tests.providers.calls import turn_the_loop
from tests.test_gateway import COMMAND, connected_to, dropped, heard, odd_gateway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tests.test_gateway import OddGateway

pytestmark = pytest.mark.sockets

SEED = 7
Failing = tuple[float, Exception]  # after so many seconds


class ScriptedBot(ImageBot):
    """Logs in and connects as the script says; notes when."""

    def __init__(
        self, *, logins: Sequence[Failing] = (), connections: Sequence[Failing] = ()
    ) -> None:
        self.hand = ManualClock()
        super().__init__(clock=self.hand, randomness=Random(SEED))
        self.logins, self.connections = [*logins], [*connections]
        self.tried_at_us: list[int] = []

    async def login(self, token: str) -> None:
        assert token == "token"
        self.tried_at_us.append(self.hand.now_us())
        self._play(self.logins)

    async def connect(self, **_: Any) -> None:
        self.tried_at_us.append(self.hand.now_us())
        self._play(self.connections)
        await super().close()

    def _play(self, script: list[Failing]) -> None:
        if script:
            lasts_s, error = script.pop(0)
            self.hand.advance(lasts_s)
            raise error

    def waits_s(self) -> list[float]:
        pairs = zip(self.tried_at_us, self.tried_at_us[1:], strict=False)
        return [(later - earlier) / 1e6 for earlier, later in pairs]


async def stay(bot: ScriptedBot) -> None:
    """Until the bot leaves, in steps of a tenth of a second."""
    async with bot:
        task = asyncio.create_task(bot.stay_connected("token"))
        while not task.done():
            await turn_the_loop()
            bot.hand.advance(0.1)
        await turn_the_loop()  # what it has told ends as well
        await task


def waits_s(attempts: list[int]) -> list[float]:
    """What is waited after each of these attempts in a row."""
    randomness = Random(SEED)
    slower = [SLOWER if attempt > SLOWER_AFTER else 1 for attempt in attempts]
    plain = [next_wait_s(attempt=attempt, randomness=randomness) for attempt in attempts]
    return [each * factor for each, factor in zip(plain, slower, strict=True)]


@pytest.mark.parametrize(
    "error", [OSError("no route"), TimeoutError(), discord.RateLimited(40.0)], ids=type
)
async def test_a_login_that_fails_is_tried_again_and_again(error: Exception) -> None:
    """Slower each time, and the operator reads when."""
    bot = ScriptedBot(logins=[(0.0, error)] * 3)
    with capture_logs() as logs:
        await stay(bot)
    said = [one for one in logs if one["event"] == "Discord cannot be reached"]
    expected = waits_s([1, 2, 3])
    assert bot.waits_s()[:3] == pytest.approx(expected, abs=0.11)
    assert [one["attempt"] for one in said] == [1, 2, 3]
    assert [one["next_try_in_s"] for one in said] == [round(each, 1) for each in expected]


async def test_a_refused_token_ends_the_process() -> None:
    """No waiting makes it right."""
    bot = ScriptedBot(logins=[(0.0, discord.LoginFailure("improper token"))])
    with pytest.raises(discord.LoginFailure):
        await stay(bot)
    assert len(bot.tried_at_us) == 1


async def test_connections_that_break_in_a_row_are_made_slower_and_slower() -> None:
    """Discord resets the token of who identifies a thousand times a day."""
    broken = [(0.0, OSError("broken"))] * (SLOWER_AFTER + 2)
    bot = ScriptedBot(connections=broken)
    with capture_logs() as logs:
        await stay(bot)
    expected = waits_s([*range(1, len(broken) + 1)])
    assert bot.waits_s()[1:] == pytest.approx(expected, abs=0.11)
    said = [one for one in logs if one["event"] == "connection to Discord broke"]
    assert [one["attempt"] for one in said] == [*range(1, len(broken) + 1)]
    assert {(one["error"], one["says"]) for one in said} == {("OSError", "broken")}


@pytest.mark.parametrize(
    ("lasted_s", "attempts"), [(STEADY_S, [1, 2, 3]), (STEADY_S + 1, [1, 1, 2])]
)
async def test_a_connection_that_held_ends_a_row_of_failures(
    lasted_s: float, attempts: list[int]
) -> None:
    error = OSError("broken")
    bot = ScriptedBot(connections=[(0.0, error), (lasted_s, error), (0.0, error)])
    with capture_logs() as logs:
        await stay(bot)
    said = [one for one in logs if one["event"] == "connection to Discord broke"]
    assert [one["attempt"] for one in said] == attempts


ADDRESS = {name: COMMAND[name] for name in ("id", "token", "type")}


@pytest.fixture
async def gateway() -> AsyncIterator[OddGateway]:
    async with odd_gateway() as opened:
        yield opened


def interaction(**data: object) -> dict[str, Any]:
    return {"op": 0, "t": "INTERACTION_CREATE", "s": 5, "d": data}


@pytest.mark.parametrize("locale", ["de", 5, None])
async def test_an_interaction_that_cannot_be_read_can_be_answered(
    gateway: OddGateway, locale: object
) -> None:
    """By its address alone, in the member's language if that can be read."""
    odd = interaction(**ADDRESS, locale=locale, channel="here", data=[])
    with capture_logs() as logs:
        async with connected_to(gateway) as bot:
            told = await heard(bot, "unreadable_interaction", sent=[odd], by=gateway)
            assert told.application_id == bot.application_id
    assert (str(told.id), told.token) == (COMMAND["id"], "t")
    assert told.type is discord.InteractionType.application_command
    assert told.locale is (
        discord.Locale.german if locale == "de" else discord.Locale.american_english
    )
    assert told.channel is not None
    assert dropped(logs) == [("INTERACTION_CREATE", "ValidationError")]


async def test_an_interaction_without_an_address_is_dropped(gateway: OddGateway) -> None:
    """There is nobody to answer; the next is heard."""
    nameless, next_one = interaction(data={}, type=2), interaction(**ADDRESS)
    with capture_logs() as logs:
        async with connected_to(gateway) as bot:
            told = await heard(bot, "unreadable_interaction", sent=[nameless, next_one], by=gateway)
    assert str(told.id) == COMMAND["id"]
    assert len(dropped(logs)) == 1, "the second of a kind is counted, not said"


async def test_a_press_that_nobody_answers_for_is_told(gateway: OddGateway) -> None:
    """A button of another bot's message, say; discord.py says nothing of it."""
    ada = {"id": "7", "username": "ada", "discriminator": "0", "avatar": None}
    press = {name: COMMAND[name] for name in COMMAND if name not in ("guild_id", "member")}
    press |= {"type": 3, "data": {"custom_id": "of another bot", "component_type": 2}, "user": ada}
    press |= {"application_id": "9", "version": 1, "locale": "de", "entitlements": []}
    async with connected_to(gateway) as bot:
        told = await heard(bot, "unknown_button", sent=[interaction(**press)], by=gateway)
    assert str(told.id) == COMMAND["id"]
