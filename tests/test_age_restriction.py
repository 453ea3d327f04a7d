"""A thread is as age-restricted as its channel, and what nobody has told is not guessed."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.age_restriction import HOLDS_S, MOST_KNOWN, AgeRestrictions, is_restricted
from bot.refusals import PlaceUnknown
from cogs.origin import build_asker, build_origin
from tests.clock import ManualClock


@dataclass
class Discord:
    """Stands for the one route that is asked."""

    nsfw: Any = True
    error: Exception | None = None
    asked: list[int] = field(default_factory=list)

    async def get_channel(self, channel_id: int) -> dict[str, Any]:
        self.asked.append(channel_id)
        if self.error is not None:
            raise self.error
        return {"id": str(channel_id), "nsfw": self.nsfw}


class Thread(discord.Thread):
    """As much of one as is read."""

    def __init__(self, parent_id: int = 10, thread_id: int = 11) -> None:
        self.id, self.parent_id = thread_id, parent_id
        self._type = discord.ChannelType.public_thread


def asked_in(channel: Any, *, is_guild: bool = True) -> Any:
    granted = discord.Permissions.all()
    return SimpleNamespace(
        channel=channel,
        channel_id=channel.id,
        guild_id=5,
        extras={},
        message=None,
        user=SimpleNamespace(id=1),
        permissions=granted,
        app_permissions=granted,
        is_guild_integration=lambda: is_guild,
        context=SimpleNamespace(dm_channel=False),
    )


def restrictions(route: Discord, clock: ManualClock) -> AgeRestrictions:
    return AgeRestrictions(route, clock)  # type: ignore[arg-type] # all that is asked of it


@pytest.mark.parametrize("nsfw", [True, False])
async def test_thread_is_what_its_channel_is_for_half_a_minute(nsfw: bool) -> None:
    route, clock = Discord(nsfw), ManualClock()
    known = restrictions(route, clock)
    for _ in range(2):
        interaction = asked_in(Thread())
        await known.learn(interaction)
        assert is_restricted(interaction) is nsfw
    assert route.asked == [10]
    route.nsfw = not nsfw
    clock.advance(HOLDS_S)
    interaction = asked_in(Thread())
    await known.learn(interaction)
    assert is_restricted(interaction) is not nsfw


async def test_what_has_changed_is_asked_for_again_at_once() -> None:
    route = Discord()
    known = restrictions(route, ManualClock())
    await known.learn(asked_in(Thread()))
    route.nsfw = False
    known.forget(10)
    known.forget(11)
    interaction = asked_in(Thread())
    await known.learn(interaction)
    assert is_restricted(interaction) is False


async def test_a_channel_says_so_itself_and_a_conversation_is_none() -> None:
    route = Discord()
    known = restrictions(route, ManualClock())
    for channel, is_so in (
        (SimpleNamespace(id=1, nsfw=True), True),
        (SimpleNamespace(id=1, nsfw=False), False),
        (SimpleNamespace(id=1), False),
    ):
        interaction = asked_in(channel)
        await known.learn(interaction)
        assert is_restricted(interaction) is is_so
    assert route.asked == []


@pytest.mark.parametrize("error", [TimeoutError(), OSError(), discord.DiscordException()])
async def test_where_discord_does_not_tell_nothing_is_shown_and_nothing_is_made(
    error: Exception,
) -> None:
    """Made there it would be taken for harmless, and shown there it might be seen by anybody."""
    route, clock = Discord(error=error), ManualClock()
    known, interaction = restrictions(route, clock), asked_in(Thread())
    await known.learn(interaction)
    assert is_restricted(interaction) is None
    assert not build_asker(interaction).is_restricted
    with pytest.raises(PlaceUnknown):
        build_origin(interaction)
    route.error = None
    again = asked_in(Thread())
    await known.learn(again)
    assert is_restricted(again) is True, "the next press asks again"


async def test_a_thread_of_a_guild_without_the_bot_is_not_asked_for() -> None:
    """It would be refused."""
    route = Discord()
    interaction = asked_in(Thread(), is_guild=False)
    await restrictions(route, ManualClock()).learn(interaction)
    assert is_restricted(interaction) is False
    assert route.asked == []


async def test_no_more_channels_are_remembered_than_that() -> None:
    route = Discord()
    known = restrictions(route, ManualClock())
    for one in range(MOST_KNOWN + 1):
        await known.learn(asked_in(Thread(parent_id=one)))
    await known.learn(asked_in(Thread(parent_id=0)))
    assert route.asked[-1] == 0
