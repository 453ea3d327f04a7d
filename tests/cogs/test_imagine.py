"""/imagine, as members use it."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.providers.image import Size
from bot.queue.records import JobId
from bot.refusals import UnknownJob
from cogs.drafts import Drafts
from cogs.imagine import ImagineCog
from tests.cogs.playing import buttons, is_private, words

if TYPE_CHECKING:
    from bot.features.imagine.drafts import DraftService
    from tests.cogs.playing import Scene, WatchedService

FIRST = JobId(1)
MODERATOR = 3


async def refusal(
    scene: Scene, locale: str = "en-US", channel: str = "pictures", member: int = 0, **options: Any
) -> str:
    """What the member alone is told; nobody else sees anything and nothing is queued."""
    options = {"prompt": "a cat", **options}
    seen = await scene.command(
        "imagine", options=options, locale=locale, channel=channel, member=member
    )
    (message,) = seen["messages"]
    assert is_private(message)
    assert await scene.control.messages(channel, viewer=1) == []
    with pytest.raises(UnknownJob):
        await scene.service.jobs.job(FIRST)
    return words(message)


async def test_a_prompt_is_enough(scene: Scene) -> None:
    """Size and rewriting are the operator's, the seed is drawn so that it can be shown."""
    message = await scene.imagine("a sitting orange cat, 水彩")
    job = await scene.service.jobs.job(FIRST)
    assert job.request.prompt == "a sitting orange cat, 水彩"
    assert job.request.size == Size(1024, 1024)
    assert job.request.rewrite
    assert job.request.seed == Random(7).randint(0, 2147483647)
    assert f"seed {job.request.seed}" in words(message)


async def test_every_option_arrives(scene: Scene) -> None:
    """As it was given."""
    options = {"size": "wide", "seed": 0, "rewrite": "off", "negative": "dogs"}
    await scene.imagine("a cat", options=options)
    request = (await scene.service.jobs.job(FIRST)).request
    assert (request.size, request.seed, request.rewrite) == (Size(1280, 720), 0, False)
    assert request.negative == "dogs"


async def test_answer_is_a_public_status_message_that_the_job_knows(scene: Scene) -> None:
    """Everybody sees that it waits, and it can be edited after any restart."""
    message = await scene.imagine()
    assert not is_private(message)
    assert "Place **1**" in words(message)
    assert [one["custom_id"] for one in buttons(message)] == [
        "zeuxis:2:cancel:1",
        "zeuxis:2:later:1",
    ]
    known = (await scene.service.jobs.job(FIRST)).message
    assert known.message_id == int(message["id"])
    assert known.channel_id == int(message["channel_id"])


async def test_prompt_mentions_nobody(scene: Scene) -> None:
    """Neither everybody, nor a role, nor a member, nor by a link."""
    member = scene.control.member(1)
    message = await scene.imagine(f"@everyone <@{member}> [x](https://evil.example)\n# big")
    assert message["mentions"] == []
    assert not message["mention_everyone"]
    assert "@everyone" not in words(message)
    assert f"<@{member}>" not in words(message)
    assert r"\[x\](https\://evil.example)" in words(message)


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
    assert "pixels" in said or "Type a ratio" in said or "narrow" in said


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
    said = await refusal(scene, channel="notices", member=MODERATOR)
    assert "Send Messages in Threads, Send Messages, Create Public Threads" in said


async def test_who_may_not_write_gets_nothing_posted(scene: Scene) -> None:
    """The bot may, but it does not speak where the member may not."""
    member = {"id": scene.control.member(), "type": 1, "deny": str(1 << 11)}
    path = f"/channels/{scene.control.channel('pictures')}"
    await scene.control.call("PATCH", path, {"overwrites": [member]})
    said = await refusal(scene)
    assert "You may not post in this channel yourself" in said
    assert "You lack: Send Messages." in said


async def test_who_may_not_write_in_threads_gets_nothing_posted_in_one(scene: Scene) -> None:
    """That is a permission of its own: the channel is open to them."""
    status = await scene.imagine()
    thread = await scene.bot.http.start_thread_with_message(
        int(status["channel_id"]), int(status["id"]), name="here", auto_archive_duration=60
    )
    member = {"id": scene.control.member(), "type": 1, "deny": str(1 << 38)}
    path = f"/channels/{scene.control.channel('pictures')}"
    await scene.control.call("PATCH", path, {"overwrites": [member]})
    options = {"prompt": "a cat"}
    seen = await scene.command("imagine", options=options, channel=str(thread["id"]))
    assert "You lack: Send Messages in Threads." in words(seen["messages"][-1])
    await scene.imagine("another cat")


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


async def test_operator_s_choice_is_said_and_taken(
    service: WatchedService, drafts: DraftService
) -> None:
    """Where rewriting is usually off, its description says so."""
    rewriting = Key(Scope.OPERATOR, 0, "rewrite_by_default")
    await service._database.write(set_policy, rewriting, False, by="operator", now_us=1)
    before = Drafts(service=service, drafts=drafts)
    cog = ImagineCog(service=service, kept=drafts, drafts=before, options=await service.options())
    rewrite = cog.imagine.get_parameter("rewrite")
    assert rewrite
    assert str(rewrite.description).endswith("usually off")


async def test_the_operator_s_size_and_rewriting_hold_from_now_on(scene: Scene) -> None:
    """Though the command's texts are those of the start."""
    for name, value in ("default_size", Size(1280, 720)), ("rewrite_by_default", False):
        key = Key(Scope.OPERATOR, 0, name)
        await scene.service._database.write(set_policy, key, value, by="operator", now_us=1)
    await scene.imagine("a cat")
    request = (await scene.service.jobs.job(FIRST)).request
    assert (request.size, request.rewrite) == (Size(1280, 720), False)


async def test_nonsense_in_the_policy_is_no_member_s_business(scene: Scene) -> None:
    """They are told that it does not work now; the row is the operator's to mend."""
    nonsense = "INSERT INTO policy VALUES (0, 'operator', 0, 'running', 'lots', 1, 'ada', 1)"
    await scene.service._database.write(lambda tx: tx.execute(nonsense))
    said = await refusal(scene)
    assert "lots" not in said
    assert "try again" in said.casefold()
