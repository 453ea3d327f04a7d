"""`/settings log`, `undo`, `export` and `import`, for staff alone, over real sockets."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.policy.changes import Author, Change
from bot.policy.rules import Key, Scope
from bot.queue.records import GuildId, UserId
from cogs.settings import FILENAME
from tests.cogs.moderator import MODERATOR, Staff, press_id
from tests.cogs.playing import is_private, words

if TYPE_CHECKING:
    from bot.features.settings.service import SettingsService
    from tests.cogs.playing import Scene


@pytest.fixture
def staff(scene: Scene, settings: SettingsService) -> Staff:
    """Of the first guild."""
    return Staff(scene, settings)


async def test_the_log_is_turned_page_by_page(staff: Staff) -> None:
    """The newest first, by whom, from what to what."""
    await staff.open("members")
    for _ in range(9):
        await staff.use("on:members:pings")
        await staff.use("off:members:pings")
    seen = await staff.scene.command("settings log", member=MODERATOR)
    (staff.message,) = seen["messages"]
    moderator = staff.scene.control.member(MODERATOR)
    assert is_private(staff.message)
    assert staff.said.count("\n- ") == 15
    assert f"<@{moderator}>: Notification: on → **off**" in staff.said
    (older,) = [one for one in staff.ids() if "settings-log" in one]
    started = await press_id(staff, older)
    assert staff.said.count("Notification") == 3
    assert started
    newest = [one for one in staff.ids() if one.endswith("log:0")]
    await press_id(staff, newest[0])
    assert staff.said.count("\n- ") == 15


async def test_undo_tells_what_it_has_taken_back(staff: Staff) -> None:
    """The last change first; in the end there is nothing more."""
    await staff.open("limits")
    await staff.form("open:limits:pictures")
    await staff.submit(guild_pictures_per_hour="5", guild_pictures_per_day="50")
    (message,) = (await staff.scene.command("settings undo", member=MODERATOR))["messages"]
    assert "Pictures a day: 50 → **–**" in words(message)
    assert "Pictures an hour: 5 → **–**" in words(message)
    assert await staff.own() == {}
    (message,) = (await staff.scene.command("settings undo", member=MODERATOR))["messages"]
    assert words(message) == "There is nothing to take back."


async def exported(staff: Staff) -> Any:
    (message,) = (await staff.scene.command("settings export", member=MODERATOR))["messages"]
    assert is_private(message)
    (file,) = message["attachments"]
    assert file["filename"] == FILENAME
    async with aiohttp.ClientSession() as session, session.get(file["url"]) as answer:
        return json.loads(await answer.read())


async def take_over(staff: Staff, content: bytes) -> str:
    file = {"filename": FILENAME, "content_base64": base64.b64encode(content).decode()}
    seen = await staff.scene.command("settings import", member=MODERATOR, options={"file": file})
    return words(seen["messages"][-1])


async def test_a_file_brings_back_what_was_exported(staff: Staff) -> None:
    """All of it, and nothing else."""
    await staff.open("members")
    await staff.use("on:members:pings")
    file = await exported(staff)
    await staff.use("set:members:results_in", ["channel"])
    await staff.use("off:members:pings")
    said = await take_over(staff, json.dumps(file).encode())
    assert "Notification: off → **on**" in said
    assert await staff.own() == {"pings": "true"}
    assert await take_over(staff, json.dumps(file).encode()) == "All of it holds already."


async def test_a_file_and_a_change_at_once_come_one_after_the_other(
    staff: Staff, settings: SettingsService
) -> None:
    """What the file does not name is gone, or was set after it."""
    guild_id, user_id = GuildId(staff.guild), UserId(3)
    await staff.open("members")
    await staff.use("on:members:pings")
    file = json.dumps(await exported(staff)).encode()
    await staff.use("off:members:pings")
    change = Change(key=Key(Scope.GUILD, guild_id, "cooldown_s", guild_id), value=60)
    await asyncio.gather(
        settings.restore(guild_id, file, user_id),
        settings.change([change], Author(actor="4", source="discord")),
    )
    last = (await settings.log(guild_id))[0]
    rest = {"cooldown_s": "60"} if last.key == change.key else {}
    assert await staff.own() == {"pings": "true", **rest}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: {**file, "guild": "1"}, "the settings of another server"),
        (lambda file: {**file, "zeuxis settings": 3}, "a newer version"),
        (lambda file: {**file, "values": [{"scope": "guild"}]}, "broken"),
        (lambda file: {**file, "values": "x" * 600_000}, "too large"),
        (lambda _: [], "broken"),
    ],
)
async def test_a_file_that_cannot_be_taken_over_is_refused_with_the_reason(
    staff: Staff, spoil: Any, said: str
) -> None:
    """Nothing is changed."""
    await staff.open("members")
    await staff.use("on:members:pings")
    spoilt = spoil(await exported(staff))
    answer = await take_over(staff, json.dumps(spoilt).encode())
    assert said in answer
    assert "Nothing was changed." in answer
    assert await staff.own() == {"pings": "true"}
