"""discord.py, unmodified, called in conversations between people and in a guild without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import discord
import pytest
from discord import app_commands, ui

from sandbox.tests.bots import SmallBot, connected, picture

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.control.client import Control
    from sandbox.server import Sandbox


CallbackT = TypeVar("CallbackT")


class Traveller(SmallBot):
    """Tells where it is called, and tries to go there with its own token."""

    def __init__(self) -> None:
        super().__init__()
        self.tree.add_command(_where)
        self.tree.add_command(_quote)


class More(ui.View):
    """A button that grows the message by a picture."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.button(label="More", custom_id="more")
    async def more(self, interaction: discord.Interaction, _: ui.Button[More]) -> None:
        assert interaction.message is not None
        kept = interaction.message.attachments
        await interaction.response.edit_message(attachments=[*kept, picture("second.png")])


def _everywhere(callback: CallbackT) -> CallbackT:
    """For both installations, in every context."""
    installed = app_commands.allowed_installs(guilds=True, users=True)(callback)
    return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(installed)


@app_commands.command(name="where", description="Says where it is called")
@_everywhere
async def _where(interaction: discord.Interaction) -> None:
    await interaction.response.defer(thinking=True)
    channel = interaction.channel
    assert channel is not None
    told = {
        "contexts": interaction.context.to_array(),
        "by user": interaction.is_user_integration(),
        "by guild": interaction.is_guild_integration(),
        "channel": str(channel.type),
        "may attach": interaction.app_permissions.attach_files,
        "limit": interaction.filesize_limit,
    }
    try:
        await interaction.client.http.send_message(
            channel.id, params=discord.http.handle_message_parameters("by its own token")
        )
    except discord.Forbidden as refused:
        told["refused"] = refused.code
    await interaction.edit_original_response(
        content=repr(told), attachments=[picture("first.png")], view=More()
    )


@app_commands.context_menu(name="Quote")
@_everywhere
async def _quote(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(f"> {message.content} ({message.author.name})")


@pytest.fixture
async def traveller(sandbox: Sandbox, control: Control) -> AsyncIterator[Traveller]:
    """The bot, connected, and installed by the first member for themselves."""
    sandbox.state.answer_within_s = 60.0
    await control.call("PUT", f"/users/{control.member()}/install")
    async with connected(sandbox, Traveller()) as bot:
        yield bot


async def told(control: Control, **place: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `/where` says there, and its message."""
    seen = await control.settled(await control.act("command", name="where", **place))
    assert seen["errors"] == []
    answers = [each for each in seen["messages"] if each.get("interaction_metadata")]
    message: dict[str, Any] = answers[0]
    return eval(message["content"]), message


@pytest.mark.parametrize(("count", "kind"), [(2, "private"), (3, "group")])
async def test_it_is_called_between_people_and_pressed_by_another(
    control: Control, traveller: Traveller, count: int, kind: str
) -> None:
    """It reads the place, is refused with its token, and Ben's press grows its message."""
    people = {"user_ids": [control.member(number) for number in range(count)]}
    place = (await control.call("POST", "/private-channels", people)).body["id"]
    said, message = await told(control, guild_id=None, channel=place)
    assert said == {
        "contexts": [2],
        "by user": True,
        "by guild": False,
        "channel": kind,
        "may attach": True,
        "limit": 20 * 2**20,
        "refused": 50001,
    }
    pressed = await control.settled(
        await control.act(
            "component",
            member=1,
            guild_id=None,
            channel=place,
            message_id=message["id"],
            custom_id="more",
        )
    )
    names = [each["filename"] for each in pressed["messages"][0]["attachments"]]
    assert names == ["first.png", "second.png"]
    quoted = await control.settled(
        await control.act(
            "message_command", guild_id=None, channel=place, name="Quote", message_id=message["id"]
        )
    )
    assert quoted["messages"][0]["content"].endswith("(Zeuxis)")
    assert list(traveller.private_channels) == []


async def test_it_is_called_in_a_guild_without_it(
    sandbox: Sandbox, control: Control, traveller: Traveller
) -> None:
    """A guild that it does not know, by a member who has installed it."""
    abroad = (await control.get("/guilds"))[2]
    gita = abroad["members"][0]["id"]
    await control.call("PUT", f"/users/{gita}/install")
    said, _ = await told(
        control, guild_id=abroad["id"], channel=abroad["channels"][0]["id"], user_id=gita
    )
    assert said == {
        "contexts": [0],
        "by user": True,
        "by guild": False,
        "channel": "text",
        "may attach": True,
        "limit": 20 * 2**20,
        "refused": 50001,
    }
    assert traveller.get_guild(int(abroad["id"])) is None
    assert sandbox.violations.snapshot() == []


async def test_it_talks_in_its_own_conversation(control: Control, traveller: Traveller) -> None:
    """There its token works, whoever has installed it."""
    said, _ = await told(control, guild_id=None, channel_id=None)
    assert (said["contexts"], said["channel"]) == ([1], "private")
    assert "refused" not in said
    user = await traveller.fetch_user(int(control.member()))
    direct = await user.create_dm()
    sent = await direct.send("psst", file=picture("a.png"))
    grown = await sent.edit(attachments=[*sent.attachments, picture("b.png")])
    assert len((await direct.fetch_message(grown.id)).attachments) == 2
    await grown.delete()
