"""What discord.py's own methods send is right, and what comes back it understands."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import discord
import pytest

from sandbox.discord.permissions import ALL
from sandbox.tests.bots import PNG, PaintingBot, connected, picture
from sandbox.tests.real_bodies import Buttons, GalleryCard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.control.client import Control
    from sandbox.server import Sandbox


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[PaintingBot]:
    """discord.py with its default intents, and a bot that may do everything."""
    for guild in sandbox.state.guilds.values():
        for role in guild.roles.values():
            role.permissions |= ALL if role.bot_id else 0
    async with connected(sandbox, PaintingBot(intents=discord.Intents.default())) as bot:
        yield bot
    assert sandbox.violations.snapshot() == []


@pytest.fixture
def channel(client: PaintingBot, control: Control) -> discord.TextChannel:
    """The first guild's first channel, from discord.py's cache."""
    found = client.get_channel(int(control.channel("pictures")))
    assert isinstance(found, discord.TextChannel)
    return found


async def test_a_message_is_sent_read_edited_and_deleted(channel: discord.TextChannel) -> None:
    """Buttons, embed with its upload, alt text, reply and edit that keeps one file and adds one."""
    embed = discord.Embed(title="Grapes").set_image(url="attachment://grapes.png")
    sent = await channel.send("first", embed=embed, file=picture(), view=Buttons())
    shown = sent.embeds[0].image
    assert shown.url is not None
    assert (shown.width, shown.height) == (3, 2)
    reply = await sent.reply("second", file=picture("second.png"), mention_author=False)
    assert reply.reference is not None
    assert reply.reference.message_id == sent.id
    assert reply.attachments[0].description == "grapes"
    assert await reply.attachments[0].read() == PNG
    kept = reply.attachments[0]
    edited = await reply.edit(content="third", attachments=[kept, picture("third.png")])
    assert [a.filename for a in edited.attachments] == ["second.png", "third.png"]
    read = [message async for message in channel.history(limit=5)]
    assert [message.content for message in read] == ["third", "first"]
    assert isinstance(read[1].components[0], discord.ActionRow)
    await sent.edit(suppress=True)
    await channel.delete_messages([sent, reply])
    assert [message async for message in channel.history()] == []


async def test_a_v2_message_is_sent_and_changed(channel: discord.TextChannel) -> None:
    """A container with gallery, section and thumbnail comes back as it was sent."""
    sent = await channel.send(view=GalleryCard(), file=picture("picture.png"))
    assert sent.flags.components_v2
    box = sent.components[0]
    assert isinstance(box, discord.Container)
    assert len(box.children) == 5
    other: discord.ui.LayoutView = discord.ui.LayoutView(timeout=None)
    other.add_item(discord.ui.TextDisplay("done"))
    changed = await sent.edit(view=other, attachments=[])
    assert isinstance(changed.components[0], discord.TextDisplay)


async def test_the_same_nonce_posts_once(channel: discord.TextChannel) -> None:
    """discord.py sets `enforce_nonce` with every nonce, so a repeat gives the first message."""
    first = await channel.send("once", nonce="job-1")
    second = await channel.send("once", nonce="job-1")
    assert first.id == second.id
    assert len([message async for message in channel.history()]) == 1


async def test_threads_are_opened_left_archived_and_found(channel: discord.TextChannel) -> None:
    """Of a message, of their own, locked and unlocked again."""
    message = await channel.send("start")
    public = await message.create_thread(name="public", auto_archive_duration=60)
    private = await channel.create_thread(name="private")
    assert private.type is discord.ChannelType.private_thread
    await public.send("inside")
    await public.leave()
    await public.join()
    await public.edit(archived=True, locked=True)
    archived = [thread async for thread in channel.archived_threads()]
    assert [thread.id for thread in archived] == [message.id]
    active = await channel.guild.active_threads()
    assert [thread.id for thread in active] == [private.id]
    await public.edit(archived=False, locked=False)
    await private.delete()


async def test_a_forum_takes_a_post_with_tag_and_file(
    client: PaintingBot, control: Control
) -> None:
    """The post is a thread whose first message has its id."""
    forum = client.get_channel(int(control.channel("ideas")))
    assert isinstance(forum, discord.ForumChannel)
    tag = forum.available_tags[0]
    post = await forum.create_thread(
        name="idea", content="grapes", file=picture(), applied_tags=[tag]
    )
    assert post.message.id == post.thread.id
    assert [t.id for t in post.thread.applied_tags] == [tag.id]


async def test_reactions_and_pins(channel: discord.TextChannel) -> None:
    """They come back with the message that is fetched again."""
    message = await channel.send("vote")
    await message.add_reaction("🍇")
    await message.pin()
    assert (await channel.fetch_message(message.id)).reactions[0].me
    assert [pinned.id async for pinned in channel.pins()] == [message.id]
    await message.unpin()
    await message.clear_reactions()
    assert (await channel.fetch_message(message.id)).reactions == []


async def test_people_channels_and_money(client: PaintingBot, control: Control) -> None:
    """Members, roles, overwrites, a direct conversation, SKUs and entitlements."""
    guild = client.guilds[0]
    member = await guild.fetch_member(int(control.member()))
    assert member.joined_at is not None
    direct = await member.create_dm()
    await direct.send("psst")
    channels = await guild.fetch_channels()
    studio = discord.utils.get(channels, name="studio")
    assert isinstance(studio, discord.TextChannel)
    await studio.set_permissions(member, send_messages=False)
    await studio.edit(topic="new", slowmode_delay=5)
    skus = await client.fetch_skus()
    await client.create_entitlement(skus[0], member, discord.EntitlementOwnerType.user)
    assert [e.user_id async for e in client.entitlements()] == [member.id]


async def test_a_guild_s_staff_work_is_done(
    client: PaintingBot, channel: discord.TextChannel, control: Control
) -> None:
    """Its own nickname, a member's roles and time-out, new roles and channels."""
    guild = channel.guild
    await guild.me.edit(nick="Painter")
    member = await guild.fetch_member(int(control.member()))
    role = await guild.create_role(name="Fan", colour=discord.Colour(9), hoist=True)
    await member.add_roles(role)
    await member.edit(nick="Ochre")
    await member.timeout(timedelta(minutes=5))
    seen = await guild.fetch_member(member.id)
    assert (seen.nick, seen.roles[-1].name, seen.is_timed_out()) == ("Ochre", "Fan", True)
    await seen.remove_roles(role)
    await role.edit(mentionable=True)
    await role.delete()
    category = await guild.create_category("Work")
    made = await category.create_text_channel("Wet Paint", topic="Do not touch", slowmode_delay=5)
    assert (made.name, made.category_id, made.slowmode_delay) == ("wet-paint", category.id, 5)
    assert await guild.fetch_emojis() == []
    assert len([each async for each in client.fetch_guilds(limit=1)]) == 1
