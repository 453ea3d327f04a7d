"""The world that the demo starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.demo.world import GROUP, MODERATES, NEWS, POST, RULES, STAFF_NOTE, furnish
from sandbox.discord.permissions import Permission, channel_permissions, guild_permissions
from sandbox.discord.records import ChannelType

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox
    from sandbox.tests.rest import Rest


async def test_every_kind_of_place_is_there_and_made_once(
    sandbox: Sandbox, control: Control
) -> None:
    """A post with its tag, an announcement, the bot's conversation, a group; twice is once."""
    await furnish(sandbox.addresses)
    await furnish(sandbox.addresses)
    state, ada = sandbox.state, control.member()
    [post] = state.threads_of(control.guild["id"])
    assert (post.name, post.parent_id) == (POST, control.channel("ideas"))
    assert post.thread is not None
    assert len(post.thread.applied_tags) == 1
    assert [each["content"] for each in await control.messages("news")] == [NEWS]
    kinds = [each.type for each in state.channels.values() if ada in each.recipient_ids]
    assert sorted(kinds) == [ChannelType.DM, ChannelType.GROUP_DM]
    assert [each.name for each in state.channels.values() if each.name == GROUP] == [GROUP]


async def test_the_staff_has_let_the_bot_in_to_moderate(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Members see nothing of it; the rules work and can be read; what was changed since stays."""
    await furnish(sandbox.addresses)
    state = sandbox.state
    guild, staff = state.guilds[control.guild["id"]], state.channels[control.channel("staff")]
    for number, sees in ((0, False), (3, True)):
        bits = channel_permissions(state, staff, control.member(number))
        assert bool(bits & Permission.VIEW_CHANNEL) == sees
    assert channel_permissions(state, staff, state.bot_id) & Permission.SEND_MESSAGES
    assert guild_permissions(guild, state.bot_id, state.now_us()) & MODERATES == MODERATES
    read = (await rest.get("/guilds/{guild_id}/auto-moderation/rules")).body
    assert [each["name"] for each in read] == [each["name"] for each in RULES]
    where = f"/channels/{control.channel('general')}/messages"
    said = {"user_id": control.member(), "content": "rotten grapes"}
    assert (await control.call("POST", where, said)).body["code"] == 200000
    assert [each["content"] for each in await control.messages("staff", viewer=3)] == [STAFF_NOTE]
    await control.call("PUT", f"/guilds/{guild.id}/automod", [])
    await furnish(sandbox.addresses)
    assert await control.get(f"/guilds/{guild.id}/automod") == []
    assert len(await control.messages("staff", viewer=3)) == 1
