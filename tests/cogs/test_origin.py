"""Where a request comes from is read from the interaction, and so is what the bot may do there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from bot.errors import NotInThread, PermissionMissing
from bot.queue.records import JobId
from cogs.origin import TOKEN_LIFETIME_US, _check_permissions, build_origin
from tests.cogs.conftest import connected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.client import ImageBot
    from bot.queue.records import Origin
    from sandbox.control.client import Control
    from sandbox.server import Sandbox


class Scene:
    """A command that looks where it was called."""

    def __init__(self) -> None:
        self.found: list[Origin] = []
        self.missing: list[tuple[str, ...]] = []

    def origin(self) -> Origin:
        """The only one."""
        (origin,) = self.found
        return origin

    async def prepare(self, bot: ImageBot) -> None:
        @bot.tree.command(description="Looks around")
        async def where(interaction: discord.Interaction) -> None:
            try:
                self.found.append(build_origin(interaction, parent_id=JobId(3)))
            except PermissionMissing as missing:
                self.missing.append(missing.names)
            await interaction.response.send_message("seen")

        @bot.tree.command(description="Opens a thread on its answer")
        async def thread(interaction: discord.Interaction) -> None:
            response = await interaction.response.send_message("here")
            assert interaction.channel_id is not None
            assert response.message_id is not None
            await bot.http.start_thread_with_message(
                interaction.channel_id, response.message_id, name="here", auto_archive_duration=60
            )


@pytest.fixture
async def scene(sandbox: Sandbox) -> AsyncIterator[Scene]:
    acted = Scene()
    async with connected(sandbox, acted.prepare):
        yield acted


async def test_origin_holds_all_that_a_later_answer_needs(control: Control, scene: Scene) -> None:
    """Any process can answer it, for fifteen minutes even by its token."""
    started = await control.act("command", name="where", locale="ja", member=1)
    await control.settled(started)
    origin = scene.origin()
    assert origin.interaction_id == int(started["interaction_id"])
    assert origin.guild_id == int(control.guild["id"])
    assert origin.channel_id == int(control.channel("pictures"))
    assert origin.user_id == int(control.member(1))
    assert (origin.locale, origin.guild_locale) == ("ja", "en-US")
    assert origin.upload_limit_bytes == 20 * 1024 * 1024
    assert not origin.is_thread
    assert origin.parent_id == 3
    assert origin.interaction_token
    created_at_us = ((origin.interaction_id >> 22) + 1_420_070_400_000) * 1000
    assert origin.interaction_expires_at_us == created_at_us + TOKEN_LIFETIME_US


async def test_channel_without_the_right_to_write_names_what_is_missing(
    control: Control, scene: Scene
) -> None:
    """Before anything is queued, and all at once."""
    await control.settled(await control.act("command", name="where", channel="notices", member=3))
    assert scene.missing == [("send_messages_in_threads", "send_messages", "create_public_threads")]


@pytest.mark.parametrize(
    ("channel", "is_thread"), [("pictures", False), ("news", False), ("voices", True)]
)
async def test_chat_of_a_voice_channel_counts_as_a_thread(
    control: Control, scene: Scene, channel: str, is_thread: bool
) -> None:
    """There can be no thread in it, so the picture goes right there."""
    await control.settled(await control.act("command", name="where", channel=channel))
    origin = scene.origin()
    assert origin.is_thread == is_thread


async def test_thread_is_its_own_channel(control: Control, scene: Scene) -> None:
    """What is asked for inside a thread is answered inside it."""
    thread = (await control.command("thread"))["messages"][0]["id"]
    await control.settled(await control.act("command", name="where", channel=thread))
    origin = scene.origin()
    assert origin.channel_id == int(thread)
    assert origin.parent_channel_id == int(control.channel("pictures"))
    assert origin.is_thread


async def test_place_that_is_no_channel_of_a_guild_is_refused(
    control: Control, scene: Scene
) -> None:
    """Nothing could be posted there with the bot's own rights."""
    await control.settled(
        await control.act("command", name="where", guild_id=None, channel_id=None)
    )
    assert scene.missing == [("view_channel",)]


def test_a_private_thread_without_the_bot_is_said_to_be_one() -> None:
    """Whoever is in it can add the bot; no moderator is needed."""
    nothing = discord.Permissions.none()
    with pytest.raises(NotInThread):
        _check_permissions(nothing, discord.ChannelType.private_thread)
    for kind in (discord.ChannelType.public_thread, discord.ChannelType.text):
        with pytest.raises(PermissionMissing):
            _check_permissions(nothing, kind)
    only_seen = discord.Permissions(view_channel=True)
    with pytest.raises(PermissionMissing):
        _check_permissions(only_seen, discord.ChannelType.private_thread)
