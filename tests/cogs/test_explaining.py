"""/queue why, as members use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.ids import JobId, UserId
from bot.errors import NotYours
from tests.cogs.playing import buttons, is_private, words

if TYPE_CHECKING:
    from tests.cogs.playing import Scene

STRANGER, MODERATOR = 1, 3


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
    assert [one["custom_id"] for one in buttons(answer)] == ["zeuxis:first:3", "zeuxis:cancel:3"]


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
    assert (await scene.service.job(JobId(2))).priority == 1
    listed = words((await scene.command("queue"))["messages"][-1])
    assert listed.index("second grapes") < listed.index("first grapes")


async def test_nobody_reorders_somebody_elses(scene: Scene) -> None:
    """Not even a moderator: it is no matter of order in the channel."""
    await scene.imagine()
    await scene.imagine()
    with pytest.raises(NotYours):
        await scene.service.put_first(JobId(2), by=UserId(int(scene.control.member(MODERATOR))))
    assert (await scene.service.job(JobId(2))).priority == 0
