"""/usage, as members and staff use it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.cogs.playing import is_private, parts, words

if TYPE_CHECKING:
    from tests.cogs.playing import Scene

ADA, STAFF = 0, 3  # of the first guild; the moderators of both may manage theirs
OTHERS = ("usage server", "usage top", "usage export")


async def ask(scene: Scene, name: str, **act: Any) -> dict[str, Any]:
    """The one answer, once it is whole."""
    started = await scene.control.act("command", name=name, **act)
    settled = await scene.control.settled(started)
    (answer,) = settled["messages"]
    assert is_private(answer)
    return dict(answer)


async def painted(scene: Scene) -> None:
    """Nothing draws here, so a request that was cancelled has to do."""
    message = await scene.imagine()
    await scene.press(
        message, "cancel", job=int(next(iter(await scene.service.jobs.open_jobs())).job.id)
    )


async def file_of(answer: dict[str, Any]) -> str:
    (attachment,) = answer["attachments"]
    async with aiohttp.ClientSession() as session, session.get(attachment["url"]) as content:
        return (await content.read()).decode("ascii")


@pytest.mark.process
async def test_member_who_painted_nothing_is_told_so(scene: Scene) -> None:
    """For each span of time, for them alone, in their language; no chart is empty."""
    answer = await ask(scene, "usage me", locale="de")
    assert words(answer).splitlines()[:5] == [
        "### 📊 Nutzung: Ada",
        "**Heute** · keine",
        "**Letzte 7 Tage** · keine",
        "**Letzte 30 Tage** · keine",
        "**Insgesamt** · keine",
    ]
    assert answer["attachments"] == []


@pytest.mark.process
async def test_figures_are_charts_that_tell_them_in_words_too(scene: Scene) -> None:
    """The picture's description is what a screen reader says."""
    await painted(scene)
    answer = await ask(scene, "usage me")
    (chart,) = answer["attachments"]
    assert chart["content_type"] == "image/png"
    (gallery,) = [one for one in parts(answer) if one["type"] == 12]
    assert "cancelled: 1" in gallery["items"][0]["description"]


async def test_without_the_extra_the_same_figures_are_lines(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.drawing.png.find_spec", lambda _: None)
    await painted(scene)
    answer = await ask(scene, "usage me")
    assert answer["attachments"] == []
    assert "- cancelled: 1" in words(answer)


@pytest.mark.parametrize("name", [*OTHERS, "usage member"])
async def test_a_plain_member_is_refused_what_others_use(scene: Scene, name: str) -> None:
    """In words that name what they may see."""
    options = {"user": scene.control.member(STAFF)} if "member" in name else {}
    answer = await ask(scene, name, member=ADA, options=options)
    assert "only staff may see" in words(answer)
    assert answer["attachments"] == []


@pytest.mark.process
async def test_staff_see_the_server_and_each_member(scene: Scene) -> None:
    await painted(scene)
    server = await ask(scene, "usage server", member=STAFF)
    assert "Usage of this server" in words(server)
    assert len(server["attachments"]) == 1
    options = {"user": scene.control.member(ADA)}
    member = await ask(scene, "usage member", member=STAFF, options=options)
    assert "Usage of Ada" in words(member)
    assert len(member["attachments"]) == 1
    top = await ask(scene, "usage top", member=STAFF)
    assert top["attachments"] == []


@pytest.mark.process
async def test_staff_of_another_guild_see_their_own(scene: Scene) -> None:
    await painted(scene)
    scene.control.guild = scene.control.addresses["guilds"][1]
    elsewhere = await ask(scene, "usage server", member=STAFF)
    assert "Usage of this server" in words(elsewhere)
    assert elsewhere["attachments"] == []


async def test_the_export_is_a_file_for_spreadsheets(scene: Scene) -> None:
    await painted(scene)
    answer = await ask(scene, "usage export", member=STAFF)
    (row,) = csv.DictReader((await file_of(answer)).splitlines())
    assert (row["outcome"], row["pictures"], row["cost_usd"]) == ("cancelled", "0", "0.000000")
