"""/privacy, as members use it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.texts.about_cards import ForgetPress
from tests.cogs.playing import buttons, is_private, words
from tests.texts.records import LOCALES

if TYPE_CHECKING:
    from tests.cogs.playing import Scene

ADA, BEN, STAFF = 0, 1, 3


async def ask(scene: Scene, name: str, **act: Any) -> dict[str, Any]:
    settled = await scene.control.settled(await scene.control.act("command", name=name, **act))
    (answer,) = settled["messages"]
    assert is_private(answer)
    return dict(answer)


async def exported(scene: Scene, member: int) -> dict[str, Any]:
    answer = await ask(scene, "privacy export", member=member)
    (attachment,) = answer["attachments"]
    async with aiohttp.ClientSession() as session, session.get(attachment["url"]) as content:
        found: dict[str, Any] = json.loads(await content.read())
        return found


async def forget(scene: Scene, member: int) -> str:
    """Asked, and confirmed by the button."""
    asked = await ask(scene, "privacy delete", member=member)
    (only,) = buttons(asked)
    started = await scene.control.act(
        "component",
        message_id=asked["id"],
        custom_id=only["custom_id"],
        member=member,
        channel=asked["channel_id"],
    )
    settled = await scene.control.settled(started)
    return words(settled["messages"][-1])


@pytest.mark.parametrize("locale", LOCALES)
async def test_the_notice_tells_days_and_ways_in_every_language(scene: Scene, locale: str) -> None:
    said = words(await ask(scene, "privacy notice", locale=locale))
    for part in ("Z-Image", "30", "400", "90", "OpenAI", "`/privacy export`", "`/privacy delete`"):
        assert part in said


async def test_the_export_has_one_s_own_and_nobody_else_s(scene: Scene) -> None:
    await scene.imagine("a walrus", member=ADA)
    await scene.imagine("a heron", member=BEN)
    found = await exported(scene, ADA)
    assert [one["prompt"] for one in found["requests"]] == ["a walrus"]
    assert (await exported(scene, STAFF))["requests"] == []


async def test_delete_asks_and_then_forgets_everything(scene: Scene) -> None:
    """Others' waits, and staff's, too; the waiting request is cancelled."""
    await scene.imagine("a walrus", member=ADA)
    await scene.imagine("a heron", member=BEN)
    assert (await ask(scene, "privacy delete", member=ADA)) is not None
    assert len((await exported(scene, ADA))["requests"]) == 1
    assert "Nothing here names you" in await forget(scene, ADA)
    assert "less than a day ago" in await forget(scene, ADA)
    assert (await exported(scene, ADA))["requests"] == []
    assert [one["prompt"] for one in (await exported(scene, BEN))["requests"]] == ["a heron"]
    assert [one.job.request.prompt for one in await scene.service.open_jobs()] == ["a heron"]


async def test_a_press_forgets_whoever_presses(scene: Scene) -> None:
    """The question is for the member's eyes, so nobody else can; the button names nobody."""
    await scene.imagine("a heron", member=BEN)
    asked = await ask(scene, "privacy delete", member=ADA)
    refused = await scene.control.try_act(
        "component",
        message_id=asked["id"],
        custom_id=str(ForgetPress()),
        member=BEN,
        channel=asked["channel_id"],
    )
    assert refused.status == 400 or "interaction_id" not in refused.body
    assert len((await exported(scene, BEN))["requests"]) == 1
