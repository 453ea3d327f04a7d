"""Ids in what a member typed become names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from bot.queue.records import JobId
from cogs.reading import without_ids
from tests.cogs.playing import words

if TYPE_CHECKING:
    import discord

    from tests.cogs.playing import Scene

FIRST = JobId(1)


async def test_ids_in_a_prompt_become_names(scene: Scene) -> None:
    """Oneself and the channel are known without asking; whoever is not is a plain word."""
    me, other = scene.control.member(), scene.control.member(1)
    channel = scene.control.channel("pictures")
    typed = f"<@{me}> and <@{other}> in <#{channel}> <:pepe_happy:1> <@&7>"
    message = await scene.imagine(typed, options={"negative": "<:sad_cat:2>"})
    request = (await scene.service.jobs.job(FIRST)).request
    assert request.prompt == "Ada and someone in pictures pepe happy people"
    assert request.negative == "sad cat"
    assert "pepe happy" in words(message)


async def test_names_that_discord_sends_along_are_used() -> None:
    """The guild's own name of a member first."""
    sent = {
        "users": {"1": {"username": "ben", "global_name": "Ben"}, "2": {"username": "chloe"}},
        "members": {"1": {"nick": "Benny"}, "2": {"nick": None}},
        "roles": {"3": {"name": "Keeper"}},
        "channels": {"4": {"name": "studio"}},
    }
    nobody = SimpleNamespace(id=0, display_name="")
    interaction = SimpleNamespace(
        data={"resolved": sent},
        user=nobody,
        client=SimpleNamespace(user=nobody),
        guild=None,
        channel_id=9,
    )
    said = without_ids("<@1> <@2> <@&3> <#4> <@5>", cast("discord.Interaction", interaction))
    assert said == "Benny chloe Keeper studio someone"


async def test_length_is_judged_by_the_names(scene: Scene) -> None:
    """A hundred emoji of 24 characters each are a hundred letters."""
    await scene.imagine("<:a:1234567890123456789>" * 100)
    assert (await scene.service.jobs.job(FIRST)).request.prompt == " ".join("a" * 100)
