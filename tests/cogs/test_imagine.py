"""/imagine, as members use it."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from bot.domain.ids import JobId
from bot.domain.sizes import Size
from bot.errors import UnknownJob
from cogs.imagine import ImagineCog
from cogs.names import without_ids
from tests.cogs.playing import buttons, is_private, words

if TYPE_CHECKING:
    import discord

    from tests.cogs.playing import Scene, WatchedService

FIRST = JobId(1)


async def refusal(scene: Scene, locale: str = "en-US", channel: str = "pictures", **options) -> str:
    """What the member alone is told; nobody else sees anything and nothing is queued."""
    options = {"prompt": "a cat", **options}
    seen = await scene.command("imagine", options=options, locale=locale, channel=channel)
    (message,) = seen["messages"]
    assert is_private(message)
    assert await scene.control.messages(channel, viewer=1) == []
    with pytest.raises(UnknownJob):
        await scene.service.job(FIRST)
    return words(message)


async def test_a_prompt_is_enough(scene: Scene) -> None:
    """Size and rewriting are the operator's, the seed is drawn so that it can be shown."""
    message = await scene.imagine("a sitting orange cat, 水彩")
    job = await scene.service.job(FIRST)
    assert job.request.prompt == "a sitting orange cat, 水彩"
    assert job.request.size == Size(1024, 1024)
    assert job.request.rewrite
    assert job.request.seed == Random(7).randint(0, 2147483647)
    assert f"seed {job.request.seed}" in words(message)


async def test_every_option_arrives(scene: Scene) -> None:
    """As it was given."""
    options = {"size": "wide", "seed": 0, "rewrite": False, "negative": "dogs"}
    await scene.imagine("a cat", options=options)
    request = (await scene.service.job(FIRST)).request
    assert (request.size, request.seed, request.rewrite) == (Size(1280, 720), 0, False)
    assert request.negative == "dogs"


async def test_answer_is_a_public_status_message_that_the_job_knows(scene: Scene) -> None:
    """Everybody sees that it waits, and it can be edited after any restart."""
    message = await scene.imagine()
    assert not is_private(message)
    assert "Place **1**" in words(message)
    assert [one["custom_id"] for one in buttons(message)] == ["zeuxis:cancel:1"]
    posting = (await scene.service.job(FIRST)).posting
    assert posting.status_message_id == int(message["id"])
    assert posting.status_channel_id == int(message["channel_id"])


async def test_prompt_mentions_nobody(scene: Scene) -> None:
    """Neither everybody, nor a role, nor a member, nor by a link."""
    member = scene.control.member(1)
    message = await scene.imagine(f"@everyone <@{member}> [x](https://evil.example)\n# big")
    assert message["mentions"] == []
    assert not message["mention_everyone"]
    assert "@everyone" not in words(message)
    assert f"<@{member}>" not in words(message)
    assert r"\[x\](https\://evil.example)" in words(message)


async def test_ids_in_a_prompt_become_names(scene: Scene) -> None:
    """Oneself and the channel are known without asking; whoever is not is a plain word."""
    me, other = scene.control.member(), scene.control.member(1)
    channel = scene.control.channel("pictures")
    typed = f"<@{me}> and <@{other}> in <#{channel}> <:pepe_happy:1> <@&7>"
    message = await scene.imagine(typed, options={"negative": "<:sad_cat:2>"})
    request = (await scene.service.job(FIRST)).request
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
    assert (await scene.service.job(FIRST)).request.prompt == " ".join("a" * 100)


@pytest.mark.parametrize("prompt", ["\u200b", "\u3164", "\u2800", "\u00ad", "\u202e"])
async def test_prompt_that_shows_nothing_is_refused(scene: Scene, prompt: str) -> None:
    """Privately, like an empty one."""
    assert (await refusal(scene, prompt=prompt)).startswith("The prompt is empty.")


async def test_prompt_over_the_limit_is_refused_with_its_count(scene: Scene) -> None:
    """Discord lets it through, so that the member learns how much too long it is."""
    said = await refusal(scene, prompt="x" * 1039)
    assert "1039 characters" in said
    assert "800" in said
    assert "Nothing was charged." in said


@pytest.mark.parametrize("size", ["511*512", "2049*2048", "4096*200", "abc", "🍇"])
async def test_size_that_cannot_be_painted_is_refused(scene: Scene, size: str) -> None:
    """With what to do instead."""
    said = await refusal(scene, size=size)
    assert "Nothing was charged." in said
    assert "pixels" in said or "list" in said or "narrow" in said


@pytest.mark.parametrize("seed", [-1, 2147483648])
async def test_seed_out_of_range_never_leaves_discord(scene: Scene, seed: int) -> None:
    """The command's definition says the range."""
    refused = await scene.control.try_act(
        "command", name="imagine", options={"prompt": "a cat", "seed": seed}
    )
    assert (refused.status, refused.body["code"]) == (400, 50035)


async def test_refusal_is_in_the_member_s_language(scene: Scene) -> None:
    """An empty prompt, told to a Japanese member of an English server."""
    said = await refusal(scene, locale="ja", prompt=" \u3000 ")
    assert said.startswith("プロンプトが空です。")


async def test_missing_permissions_are_named_before_anything_is_queued(scene: Scene) -> None:
    """By the names that the server's settings show."""
    said = await refusal(scene, channel="notices")
    assert "Send Messages in Threads, Send Messages, Create Public Threads" in said


async def test_rounded_size_is_told_to_the_member(scene: Scene) -> None:
    """1000 × 1000 is painted a little larger; the member alone needs to know."""
    started = await scene.control.act(
        "command", name="imagine", options={"prompt": "a cat", "size": "1000x1000"}
    )
    interaction = scene.sandbox.state.interactions[started["interaction_id"]]
    await scene.until(lambda: len(interaction.message_ids) == 2)
    status, told = (await scene.seen(started))["messages"]
    assert "1008 × 1008" in words(status)
    assert is_private(told)
    assert "1000 × 1000 became 1008 × 1008" in words(told)


async def test_status_message_speaks_the_guild_s_language(scene: Scene) -> None:
    """The second guild is Chinese, whatever the member's own Discord speaks."""
    harbour = scene.control.addresses["guilds"][1]
    message = await scene.imagine(
        guild_id=harbour["id"],
        channel_id=harbour["channels"][0]["id"],
        user_id=harbour["members"][0]["id"],
    )
    assert "排队中" in words(message)


async def test_sizes_are_offered_in_the_member_s_words(scene: Scene) -> None:
    """While it is typed, by name, ratio or number."""
    answer = await scene.control.act(
        "autocomplete", name="imagine", options={"size": "qu"}, focused="size", locale="de"
    )
    assert {"name": "1:1 · 1024 × 1024 · quadratisch", "value": "1024*1024"} in answer["choices"]


async def test_operator_s_choice_is_said_and_taken(service: WatchedService) -> None:
    """Where rewriting is usually off, its description says so."""
    service._options = replace(service.options(), rewrite_by_default=False)
    rewrite = ImagineCog(service=service, random=Random(1)).imagine.get_parameter("rewrite")
    assert rewrite
    assert str(rewrite.description).endswith("usually off")
