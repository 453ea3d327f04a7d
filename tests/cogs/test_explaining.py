"""/queue why, as members use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.queue.records import JobId
from bot.texts.cards import Verb
from sandbox.discord.records import ChannelType
from sandbox.discord.threads_life import Opening, join, open_thread
from tests.cogs.playing import buttons, is_private, post_button, words

if TYPE_CHECKING:
    from tests.cogs.playing import Scene

REQUESTER, STRANGER, MODERATOR = 0, 1, 3


async def why(scene: Scene, job: str, **act: Any) -> dict[str, Any]:
    """The answer to `/queue why:`."""
    answer: dict[str, Any] = (await scene.command("queue", options={"why": job}, **act))[
        "messages"
    ][-1]
    return answer


@pytest.mark.parametrize("typed", ["3", "#3", "job 3", " 3 ", "３", "# \u200b3\u2069", "ｊｏｂ٣"])
async def test_picture_is_explained_to_its_member_alone(scene: Scene, typed: str) -> None:
    """What comes before it, by whose it is."""
    await scene.imagine("first grapes")
    await scene.imagine("somebody else's", member=STRANGER)
    await scene.imagine("second grapes")
    answer = await why(scene, typed)
    assert is_private(answer)
    assert "> second grapes" in words(answer)
    assert "- your own: **1**" in words(answer)
    assert "- other members here, who take turns with you (1 waiting): **1**" in words(answer)
    assert [one["custom_id"] for one in buttons(answer)] == [
        "zeuxis:2:first:3",
        "zeuxis:2:cancel:3",
    ]


async def test_explanation_is_in_the_member_s_language(scene: Scene) -> None:
    """Whatever that of the server is."""
    await scene.imagine()
    assert "Davor kommt nichts." in words(await why(scene, "1", locale="de"))


@pytest.mark.parametrize("typed", ["404", "grapes", "99999999999999999999", "0"])
async def test_job_that_nobody_knows_is_refused(scene: Scene, typed: str) -> None:
    """A number of nothing, or no number."""
    await scene.imagine()
    assert words(await why(scene, typed)) == "I no longer know this picture."


async def test_somebody_elses_picture_is_for_moderators_alone(scene: Scene) -> None:
    """Its prompt may be private until it is painted."""
    await scene.imagine("secret grapes")
    refused = await why(scene, "1", member=STRANGER)
    assert "secret" not in words(refused)
    assert words(refused).startswith("This picture is somebody else's.")
    assert "secret grapes" in words(await why(scene, "1", member=MODERATOR))


async def test_picture_of_another_guild_is_unknown_here(scene: Scene) -> None:
    """Also to a moderator, who moderates this guild alone."""
    await scene.imagine("secret grapes")
    elsewhere = scene.control.addresses["guilds"][1]
    text = next(one["id"] for one in elsewhere["channels"] if one["type"] == 0)
    answer = await why(
        scene,
        "1",
        guild_id=elsewhere["id"],
        channel_id=text,
        user_id=elsewhere["members"][MODERATOR]["id"],
    )
    assert words(answer) == "I no longer know this picture."


@pytest.mark.parametrize("member", [STRANGER, MODERATOR])
async def test_picture_of_another_channel_is_unknown_like_a_number_of_nothing(
    scene: Scene, member: int
) -> None:
    """Somebody who moderates here does not moderate there, and may not even see that place."""
    await scene.imagine("secret grapes", channel="studio", member=REQUESTER)
    asked = [words(await why(scene, job, member=member)) for job in ("1", "404")]
    assert asked == ["I no longer know this picture."] * 2


async def test_own_picture_is_explained_anywhere_in_its_guild(scene: Scene) -> None:
    """To its member alone, so it tells nobody anything."""
    await scene.imagine("my grapes", channel="studio")
    assert "my grapes" in words(await why(scene, "1", channel="general"))


async def test_moderator_of_the_channel_moderates_its_threads(scene: Scene) -> None:
    """And from a thread its channel."""
    status = await scene.imagine("channel grapes")
    thread = await scene.bot.http.start_thread_with_message(
        int(status["channel_id"]), int(status["id"]), name="here", auto_archive_duration=60
    )
    await scene.imagine("thread grapes", channel=str(thread["id"]))
    assert "thread grapes" in words(await why(scene, "2", member=MODERATOR))
    inside = await why(scene, "1", member=MODERATOR, channel=str(thread["id"]))
    assert "channel grapes" in words(inside)


async def test_private_thread_is_a_place_of_its_own(scene: Scene) -> None:
    """Whoever moderates its channel need not be in it."""
    thread = await private_thread(scene)
    await scene.imagine("secret grapes", channel=thread)
    asked = await why(scene, "1", member=MODERATOR)
    assert words(asked) == "I no longer know this picture."
    inside = await why(scene, "1", member=MODERATOR, channel=thread)
    assert "secret grapes" in words(inside)


async def private_thread(scene: Scene) -> str:
    """With requester and bot in it."""
    state, parent = scene.sandbox.state, scene.control.channel("pictures")
    opening = Opening(
        parent=state.channels[parent],
        name="secret",
        owner_id=scene.control.member(),
        type=ChannelType.PRIVATE_THREAD,
    )
    thread = open_thread(state, opening)
    join(state, thread, state.bot_id)
    return thread.id


async def test_waiting_pictures_are_offered_while_one_types(scene: Scene) -> None:
    """The member's own, by number and prompt."""
    await scene.imagine("first grapes")
    await scene.imagine("somebody else's", member=STRANGER)
    await scene.imagine("a cat")
    offered = await scene.control.act(
        "autocomplete", name="queue", options={"why": ""}, focused="why"
    )
    assert [one["name"] for one in offered["choices"]] == ["job 1 · first grapes", "job 3 · a cat"]
    assert [one["value"] for one in offered["choices"]] == ["1", "3"]


async def test_nothing_is_offered_while_the_database_is_away(scene: Scene) -> None:
    """The command itself will say so."""
    await scene.imagine()
    scene.service._database._is_open = False
    offered = await scene.control.act(
        "autocomplete", name="queue", options={"why": ""}, focused="why"
    )
    assert offered["choices"] == []


async def test_list_leads_to_the_explanation(scene: Scene) -> None:
    """Each picture has a button that asks why; its answer stands beside the list."""
    await scene.imagine("first grapes")
    (listed,) = (await scene.command("queue"))["messages"][-1:]
    seen = await scene.press(listed, "why", job=1)
    assert "Nothing comes before it." in words(seen["messages"][-1])
    assert is_private(seen["messages"][-1])


async def test_member_puts_one_of_theirs_first(scene: Scene) -> None:
    """The explanation changes in place, and the order is on disk."""
    await scene.imagine("first grapes")
    await scene.imagine("second grapes")
    answer = await why(scene, "2")
    seen = await scene.press(answer, "first", job=2)
    (changed,) = [one for one in seen["messages"] if one["id"] == answer["id"]]
    assert "Nothing comes before it." in words(changed)
    assert (await scene.service.jobs.job(JobId(2))).priority == 1
    listed = words((await scene.command("queue"))["messages"][-1])
    assert listed.index("second grapes") < listed.index("first grapes")


async def test_nobody_reorders_somebody_elses(scene: Scene) -> None:
    """Not even a moderator: it is no matter of order in the channel."""
    await scene.imagine()
    await scene.imagine()
    channel = scene.control.channel("pictures")
    message = await post_button(scene, Verb.FIRST, channel, JobId(2))
    seen = await scene.press(message, "first", job=2, member=MODERATOR)
    assert words(seen["messages"][-1]).startswith("This picture is somebody else's.")
    assert (await scene.service.jobs.job(JobId(2))).priority == 0
