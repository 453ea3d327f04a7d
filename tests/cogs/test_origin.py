"""Where a request comes from is read from the interaction, and so is what the bot may do there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from bot.queue.records import JobId, Surface
from bot.refusals import MemberMayNotPost, NotInThread, PermissionMissing
from cogs.origin import (
    TOKEN_LIFETIME_US,
    _check_permissions,
    _check_visitor,
    build_origin,
    everywhere,
)
from tests.cogs.conftest import connected
from tests.elsewhere import enter_foreign_guild, install, open_private

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
        @everywhere
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


async def test_in_the_bots_own_messages_the_person_is_the_tenant(
    control: Control, scene: Scene
) -> None:
    """With the bot's own token, and nobody has to allow anything."""
    asked = await control.act("command", name="where", guild_id=None, channel_id=None, locale="ja")
    await control.settled(asked)
    origin = scene.origin()
    assert (origin.surface, origin.guild_id) == (Surface.DIRECT, None)
    assert int(origin.tenant_id) == int(origin.user_id) == int(control.member())
    assert origin.posts_in_place
    assert (origin.locale, origin.guild_locale) == ("ja", "ja")


async def test_a_users_own_install_in_private_is_answered_by_token(
    control: Control, scene: Scene
) -> None:
    """Whoever is in the conversation; the bot's own token gets nowhere there."""
    private = await open_private(control, 0, 1)
    await install(control, 0)
    await control.settled(
        await control.act("command", name="where", guild_id=None, channel=private)
    )
    origin = scene.origin()
    assert (origin.surface, origin.guild_id) == (Surface.INTERACTION, None)
    assert origin.channel_id == int(private)
    assert origin.posts_in_place


async def test_a_guild_without_the_bot_is_none_of_ours(
    sandbox: Sandbox, control: Control, scene: Scene
) -> None:
    """Its number is stored nowhere, and no role of it counts."""
    guild_id, channel = await enter_foreign_guild(sandbox, control, 0)
    await install(control, 0)
    asked = await control.act("command", name="where", guild_id=guild_id, channel=channel)
    await control.settled(asked)
    origin = scene.origin()
    assert (origin.surface, origin.guild_id) == (Surface.INTERACTION, None)
    assert origin.tenant_id == int(control.member())
    assert origin.upload_limit_bytes == 20 * 1024 * 1024


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


def test_with_their_own_install_members_do_what_they_may_do_themselves() -> None:
    """Unless the guild shows all such answers to the member alone."""
    text = discord.ChannelType.text
    _check_visitor(discord.Permissions.none(), text)
    apps = {"use_external_apps": True}
    _check_visitor(discord.Permissions(send_messages=True, attach_files=True, **apps), text)
    for granted, lacks in (
        ({"attach_files": True}, "send_messages"),
        ({"send_messages": True}, "attach_files"),
    ):
        with pytest.raises(MemberMayNotPost) as refused:
            _check_visitor(discord.Permissions(**granted, **apps), text)
        assert refused.value.names == (lacks,)
