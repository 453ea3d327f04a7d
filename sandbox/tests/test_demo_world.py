"""The world that the demo starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.demo.world import GROUP, NEWS, POST, furnish
from sandbox.discord.records import ChannelType

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox


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
