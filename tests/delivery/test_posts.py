"""What delivery does in Discord, each verb over a real socket to one that keeps its rules."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest

from bot.delivery.posts import ARCHIVE_AFTER_MINUTES, MOST_LOOKED_AT
from bot.queue.records import Address, ChannelId, MessageId, UserId
from bot.texts.cards import notice
from bot.texts.picture_cards import THREAD_NAME_LIMIT
from sandbox.discord.acting import Act, Actor, send_interaction
from sandbox.discord.channels import delete_channel
from sandbox.discord.permissions import Permission
from sandbox.discord.posting import NONCE_REMEMBERED_US
from sandbox.discord.records import InteractionType

if TYPE_CHECKING:
    from sandbox.discord.interactions import Interaction
    from tests.delivery.room import Room

EPHEMERAL = 1 << 6
REPLY = 19
NOWHERE = ChannelId(7)


def at(channel_id: ChannelId, message_id: MessageId) -> Address:
    return Address(channel_id=channel_id, message_id=message_id)


async def test_a_message_is_posted_once_for_its_nonce(room: Room) -> None:
    """As long as Discord remembers it; then the same nonce is another message."""
    first = await room.posts.send(room.id, notice("one"), nonce="zx1r")
    assert await room.posts.send(room.id, notice("one"), nonce="zx1r") == first
    assert len(room.messages()) == 1
    room.pass_time(NONCE_REMEMBERED_US / 1e6 + 1)
    assert await room.posts.send(room.id, notice("one"), nonce="zx1r") != first
    assert [message.nonce for message in room.messages()] == ["zx1r"] * 2


async def test_a_message_carries_its_files_and_mentions_nobody(room: Room) -> None:
    """Whatever its text says."""
    everyone = f"@everyone <@{room.control.member()}>"
    await room.deny(0, allow=Permission.MENTION_EVERYONE)
    files = [discord.File(io.BytesIO(b"png"), filename="zeuxis-1.png", description="a cat")]
    view = notice(everyone)
    view.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem("attachment://zeuxis-1.png")))
    await room.posts.send(room.id, view, nonce="zx1r", files=files)
    (message,) = room.messages()
    shown = room.shown(message)
    assert [one["filename"] for one in shown["attachments"]] == ["zeuxis-1.png"]
    assert (shown["mentions"], shown["mention_everyone"]) == ([], False)
    assert "message_reference" not in shown
    await room.posts.edit(at(room.id, MessageId(int(message.id))), notice(everyone))
    shown = room.shown(room.messages()[0])
    assert (shown["mentions"], shown["mention_everyone"]) == ([], False)


async def test_the_links_of_a_message_lead_to_its_files_and_to_what_its_card_shows(
    room: Room,
) -> None:
    """A picture that was shown by its link is no file of the message."""
    elsewhere = "https://pictures.example/zeuxis-2.png?signed=1"
    view = notice("two")
    for shown in ("attachment://zeuxis-1.png", elsewhere):
        view.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(shown)))
    files = [discord.File(io.BytesIO(b"png"), filename="zeuxis-1.png")]
    message_id = await room.posts.send(room.id, view, nonce="zx1r", files=files)
    links = await room.posts.links(room.id, message_id)
    assert elsewhere in links
    assert [one for one in links if "/zeuxis-1.png?" in one]


async def test_a_reply_names_what_it_replies_to(room: Room) -> None:
    """And is an ordinary message if that was deleted."""
    status = room.put("queued")
    await room.posts.send(room.id, notice("a picture"), nonce="zx1r", reply_to=status)
    shown = room.shown(room.messages()[-1])
    assert (shown["type"], shown["message_reference"]["message_id"]) == (REPLY, str(status))
    await room.posts.send(room.id, notice("another"), nonce="zx2r", reply_to=MessageId(1))
    assert "message_reference" not in room.shown(room.messages()[-1])


async def test_a_direct_message_is_for_the_member(room: Room) -> None:
    """In one conversation, however often it is opened."""
    user_id = UserId(int(room.control.member()))
    channel_id = await room.posts.open_direct(user_id)
    assert await room.posts.open_direct(user_id) == channel_id
    await room.posts.send(channel_id, notice("for you"), nonce="zx1d")
    assert set(room.channel(channel_id).recipient_ids) == {str(user_id), room.sandbox.state.bot_id}
    assert len(room.messages(channel_id)) == 1
    assert room.messages() == []


async def asked(room: Room) -> Interaction:
    """A member's command that was answered."""
    actor = Actor(channel=room.channel(room.id), user_id=room.control.member(), locale="en-US")
    act = Act(type=InteractionType.COMMAND, data={"id": "1", "name": "imagine", "type": 1})
    interaction = send_interaction(room.sandbox.state, actor, act)
    base = room.sandbox.addresses["discord_api_base_url"]
    url = f"{base}/interactions/{interaction.id}/{interaction.token}/callback"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json={"type": 4, "data": {"content": "queued"}}) as answer,
    ):
        assert answer.status == 204
    return interaction


async def test_a_follow_up_needs_nothing_but_its_token(room: Room) -> None:
    """The member alone sees it; a dead token is refused."""
    interaction = await asked(room)
    await room.deny(Permission.VIEW_CHANNEL)
    user = f"<@{room.control.member(1)}>"
    await room.posts.follow_up(interaction.token, notice(f"for you alone, not for {user}"))
    told = room.messages()[-1]
    assert told.viewer_id == room.control.member()
    assert room.shown(told)["flags"] & EPHEMERAL
    assert room.shown(told)["mentions"] == []
    room.pass_time(901)
    with pytest.raises(discord.HTTPException, match="Invalid Webhook Token"):
        await room.posts.follow_up(interaction.token, notice("too late"))
    assert room.closed == []
    assert [str(one["rule"])[:5] for one in room.sandbox.violations.snapshot()] == ["50027"]
    room.sandbox.violations.clear()


async def test_edits_of_one_message_keep_their_order(room: Room) -> None:
    """Who comes second waits; another message does not."""
    order: list[str] = []

    async def show(message_id: int, name: str) -> None:
        async with room.posts.locked(MessageId(message_id)):
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    await asyncio.gather(show(1, "first"), show(1, "second"), show(2, "other"))
    assert order.index("first ends") < order.index("second begins")
    assert order.index("other begins") < order.index("first ends")


async def test_an_edit_shows_the_new_card_and_a_deletion_takes_it_away(room: Room) -> None:
    """One that is gone already counts as deleted, not as edited."""
    message_id = await room.posts.send(room.id, notice("queued"), nonce="zx1s")
    await room.posts.edit(at(room.id, message_id), notice("done"))
    (message,) = room.messages()
    assert "done" in str(room.shown(message)["components"])
    await room.posts.delete(at(room.id, message_id))
    assert room.messages() == []
    await room.posts.delete(at(room.id, message_id))
    with pytest.raises(discord.NotFound):
        await room.posts.edit(at(room.id, message_id), notice("done"))
    assert room.closed == [], "the message is gone, not its place"


async def test_a_deletion_that_is_refused_is_raised(room: Room) -> None:
    """It is another's message."""
    message_id = room.put("a member's", by_member=True)
    with pytest.raises(discord.Forbidden):
        await room.posts.delete(at(room.id, message_id))
    assert len(room.messages()) == 1


async def test_a_thread_hangs_on_its_message_and_is_there_once(room: Room) -> None:
    """The second start finds the first one's; names are cut to what Discord takes."""
    message_id = room.put("queued")
    thread_id = await room.posts.start_thread(room.id, message_id, "a cat " * 40)
    thread = room.channel(thread_id)
    assert (thread.parent_id, thread.name) == (str(room.id), ("a cat " * 40)[:THREAD_NAME_LIMIT])
    assert room.thread(thread_id).archive_after_minutes == ARCHIVE_AFTER_MINUTES
    assert await room.posts.start_thread(room.id, message_id, "again") == thread_id
    with pytest.raises(discord.HTTPException):
        await room.posts.start_thread(room.id, MessageId(1), "on nothing")


async def a_thread(room: Room) -> ChannelId:
    """The bot's own, with nothing said in it."""
    return await room.posts.start_thread(room.id, room.put("queued"), "a cat")


async def test_an_archived_thread_is_opened(room: Room) -> None:
    """In which nothing can be edited else."""
    thread_id = await a_thread(room)
    message_id = await room.posts.send(thread_id, notice("queued"), nonce="zx1s")
    room.archive(thread_id)
    with pytest.raises(discord.HTTPException, match="archived"):
        await room.posts.edit(at(thread_id, message_id), notice("done"))
    await room.posts.unarchive(thread_id)
    assert not room.thread(thread_id).is_archived
    await room.posts.edit(at(thread_id, message_id), notice("done"))
    assert room.closed == []


async def test_a_locked_thread_that_cannot_be_opened_counts_as_closed(room: Room) -> None:
    """Whoever may not open it may not post there either."""
    thread_id = await a_thread(room)
    room.give_to_member(thread_id)
    room.archive(thread_id, is_locked=True)
    with pytest.raises(discord.HTTPException):
        await room.posts.unarchive(thread_id)
    assert room.closed == [thread_id]


async def test_a_thread_that_is_empty_is_removed(room: Room) -> None:
    """If the bot may, else put away into the archive."""
    thread_id = await a_thread(room)
    await room.posts.remove_empty(thread_id)
    assert room.thread(thread_id).is_archived
    await room.deny(0, allow=Permission.MANAGE_THREADS)
    removed = await a_thread(room)
    await room.posts.remove_empty(removed)
    assert str(removed) not in room.sandbox.state.channels


async def test_a_thread_in_which_somebody_has_spoken_stays(room: Room) -> None:
    """It is no more the bot's alone."""
    thread_id = await a_thread(room)
    await room.deny(0, allow=Permission.MANAGE_THREADS)
    await room.posts.send(thread_id, notice("here"), nonce="zx1r")
    await room.posts.remove_empty(thread_id)
    assert not room.thread(thread_id).is_archived


@pytest.mark.parametrize("is_marked", [True, False])
async def test_a_channel_s_age_restriction_is_read(room: Room, *, is_marked: bool) -> None:
    room.channel(room.id).is_age_restricted = is_marked
    assert await room.posts.is_restricted(room.id) is is_marked


async def test_the_bot_s_own_thread_gets_another_name(room: Room) -> None:
    """Archived or not; one that a member has opened keeps its own."""
    thread_id = await a_thread(room)
    room.archive(thread_id)
    await room.posts.rename_own_thread(thread_id, "x" * 200)
    assert room.channel(thread_id).name == "x" * THREAD_NAME_LIMIT
    assert not room.thread(thread_id).is_archived
    room.fault("latency", f"PATCH */channels/{thread_id}", seconds=0)  # counts
    await room.posts.rename_own_thread(thread_id, "x" * THREAD_NAME_LIMIT)
    assert room.fired() == 0, "it is named so"
    room.give_to_member(thread_id)
    await room.posts.rename_own_thread(thread_id, "mine")
    assert room.channel(thread_id).name == "x" * THREAD_NAME_LIMIT


async def test_the_first_own_message_with_a_mark_is_found(room: Room) -> None:
    """By a text or by a button, later than an id; never a member's or one without the mark."""
    view = notice("painted")
    button: Any = discord.ui.Button(label="Delete", custom_id="zeuxis:2:delete:1")
    view.add_item(discord.ui.ActionRow(button))
    first = await room.posts.send(room.id, view, nonce="1")
    second = await room.posts.send(room.id, notice("queued"), nonce="2")
    third = await room.posts.send(room.id, notice("queued"), nonce="3")
    find = room.posts.find_own
    assert await find(room.id, {"zeuxis:2:delete:1"}, after=0) == first
    room.pass_time(5)
    assert await find(room.id, {"queued", "else"}, after=0) == second
    assert await find(room.id, {"queued"}, after=second) == third
    assert await find(room.id, {"zeuxis:2:delete:2"}, after=0) is None
    room.pass_time(5)
    for message in room.messages():
        message.author_id = room.control.member()
    assert await find(room.id, {"queued", "zeuxis:2:delete:1"}, after=0) is None


async def test_only_so_much_is_looked_through(room: Room) -> None:
    """In a busy channel three requests must do, the oldest first."""
    before = room.put("before")
    for _ in range(MOST_LOOKED_AT - 1):
        room.put("a member's", by_member=True)
    last = await room.posts.send(room.id, notice("queued"), nonce="1")
    one_more = await room.posts.send(room.id, notice("late"), nonce="2")
    assert await room.posts.find_own(room.id, {"queued"}, after=before) == last
    room.pass_time(5)
    assert await room.posts.find_own(room.id, {"late"}, after=before) is None
    room.pass_time(5)
    assert await room.posts.find_own(room.id, {"late"}, after=before + 1) == one_more


async def test_each_verb_says_when_its_place_is_closed(room: Room) -> None:
    """Before the refusal is raised; a search too."""
    posts = room.posts
    mine = await posts.send(room.id, notice("queued"), nonce="zx1s")
    await room.deny(Permission.VIEW_CHANNEL)
    closing = [
        posts.send(room.id, notice("one"), nonce="zx1r"),
        posts.edit(at(room.id, mine), notice("two")),
        posts.start_thread(room.id, mine, "a cat"),
        posts.find_own(room.id, {"queued"}, after=0),
        posts.unarchive(NOWHERE),
    ]
    for verb in closing:
        with pytest.raises(discord.HTTPException):
            await verb
    assert room.closed == [*[room.id] * 4, NOWHERE]


async def test_a_right_that_is_missing_closes_nothing(room: Room) -> None:
    """Another message or another picture may pass there."""
    await room.deny(Permission.SEND_MESSAGES)
    with pytest.raises(discord.Forbidden):
        await room.posts.send(room.id, notice("one"), nonce="zx1r")
    assert room.closed == []


async def test_a_thread_that_was_deleted_is_closed_and_its_channel_not(room: Room) -> None:
    """It has an id of its own."""
    thread_id = await a_thread(room)
    delete_channel(room.sandbox.state, room.channel(thread_id))
    with pytest.raises(discord.NotFound):
        await room.posts.send(thread_id, notice("one"), nonce="zx1r")
    assert room.closed == [thread_id]
