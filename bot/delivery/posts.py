"""The few things that delivery does in Discord.

Over REST and with the bot's own token, or an interaction's where that alone works. No cache:
channels and messages are ids, and what discord.py offers for threads and direct messages wants a
cached guild or a member, hence the calls on its HTTP client.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

import discord

from bot.delivery.error_kinds import THREAD_EXISTS, ErrorKind, error_kind
from bot.delivery.pace import EditPace
from bot.queue.records import ChannelId, GuildId, MessageId
from bot.texts.picture_cards import THREAD_NAME_LIMIT

if TYPE_CHECKING:
    from collections.abc import (
        AsyncIterator,
        Awaitable,
        Callable,
        Collection,
        Iterator,
        Mapping,
        Sequence,
    )

    from bot.queue.records import Address, UserId
    from bot.runtime.clock import Clock


T = TypeVar("T")

CLOCKS_DIFFER_US = 60_000_000  # ours from Discord's, at most
ARCHIVE_AFTER_MINUTES: Final = 1440
MOST_LOOKED_AT = 300  # messages; three requests


class KeptFile(NamedTuple):
    """A file that hangs on a message already, and stays."""

    id: int

    def to_dict(self) -> dict[str, str]:
        """As discord.py asks an attachment for it."""
        return {"id": str(self.id)}


class Seen(NamedTuple):
    """What a message of ours shows."""

    marks: frozenset[str]
    files: Mapping[str, KeptFile]  # by name


class Posts:
    """Sends, edits and finds the bot's own messages.

    `on_closed` hears of each channel or thread in which nothing can be posted any more, before the
    answer that says so is raised.
    """

    def __init__(
        self,
        client: discord.Client,
        *,
        on_closed: Callable[[ChannelId], Awaitable[None]],
        clock: Clock,
        pace: EditPace | None = None,
    ) -> None:
        """Args: pace: one that others keep who edit the same messages."""
        self._client = client
        self._on_closed = on_closed
        self._clock = clock
        self._pace = pace or EditPace(clock)

    async def send(
        self,
        channel_id: ChannelId,
        view: discord.ui.LayoutView,
        *,
        nonce: str,
        files: Sequence[discord.File] = (),
        reply_to: MessageId | None = None,
        pinged: UserId | None = None,
    ) -> MessageId:
        """Posts once: for some minutes Discord answers a repeated nonce with the first message.

        Args:
            pinged: who is notified if the text mentions them; nobody else is.
        """
        async with self._listening(channel_id):
            message = await self._channel(channel_id).send(
                view=view,
                files=list(files),
                nonce=nonce,
                reference=_reference(channel_id, reply_to),  # type: ignore[arg-type] # None is its default
                allowed_mentions=_mentionable(pinged),
            )
        return MessageId(message.id)

    async def member_name(self, guild_id: GuildId, user_id: UserId) -> str:
        """By which the guild's members know them; empty if Discord tells none."""
        member: Mapping[str, Any] = await self._client.http.get_member(guild_id, user_id)
        user = member.get("user") or {}
        return str(member.get("nick") or user.get("global_name") or user.get("username") or "")

    async def guild_of(self, channel_id: ChannelId) -> GuildId | None:
        """None outside of guilds."""
        async with self._listening(channel_id):
            channel: Mapping[str, Any] = await self._client.http.get_channel(channel_id)
        return GuildId(int(channel["guild_id"])) if channel.get("guild_id") else None

    async def is_restricted(self, channel_id: ChannelId) -> bool:
        """Whether Discord marks a channel as age-restricted; of a thread it does not tell."""
        async with self._listening(channel_id):
            channel: Mapping[str, Any] = await self._client.http.get_channel(channel_id)
        return bool(channel.get("nsfw"))

    async def open_direct(self, user_id: UserId) -> ChannelId:
        """The direct conversation; most refusals come when something is sent there."""
        channel = await self._client.http.start_private_message(user_id)
        return ChannelId(int(channel["id"]))

    async def follow_up(self, interaction_token: str, view: discord.ui.LayoutView) -> None:
        """For the member alone, by the interaction's token: needs no permission in the channel.

        Refused with 401 (50027) once the token has died, 15 minutes after the interaction.
        """
        await self._webhook(interaction_token).send(
            view=view, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )

    async def find_answer(self, interaction_token: str) -> MessageId:
        """The interaction's first answer, whoever has given it.

        Refused with 404 if it was never answered (10015), or if the answer is gone (10008).
        """
        webhook = self._webhook(interaction_token)
        message = await webhook.fetch_message("@original")  # type: ignore[arg-type] # its name there
        return MessageId(message.id)

    def _webhook(self, interaction_token: str) -> discord.Webhook:
        """What an interaction's token opens; it needs no permission of the bot."""
        return discord.Webhook.from_state(
            data={
                "id": self._client.application_id or 0,
                "type": discord.WebhookType.application.value,
                "token": interaction_token,
            },
            state=self._client._connection,  # noqa: SLF001 - as discord.Interaction.followup does
        )

    @asynccontextmanager
    async def locked(self, message_id: MessageId) -> AsyncIterator[None]:
        """Keeps edits of one message in order: who shows a state must still find it true inside."""
        async with self._pace.lock(message_id):
            yield

    @asynccontextmanager
    async def paced(self, message_id: MessageId) -> AsyncIterator[None]:
        """Likewise, from when the message may be edited again: what it says is read inside."""
        async with self.locked(message_id):
            await self._rest(message_id)
            yield

    def is_rested(self, message_id: MessageId) -> bool:
        """Whether it may be edited now."""
        return self._pace.is_free(message_id)

    async def _rest(self, message_id: MessageId) -> None:
        await self._clock.sleep_until(self._pace.free_at_us(message_id))

    async def edit(
        self,
        address: Address,
        view: discord.ui.LayoutView,
        *,
        attached: Sequence[discord.File | KeptFile] | None = None,
    ) -> None:
        """Where the bot is, that works on the answer to an interaction, too, for ever.

        Args:
            attached: all that hangs on it afterwards; None leaves its files as they are.
        """
        try:
            await self._edit(address, view, attached)
        finally:
            self._pace.note(address.message_id)

    async def _edit(
        self,
        address: Address,
        view: discord.ui.LayoutView,
        attached: Sequence[discord.File | KeptFile] | None,
    ) -> None:
        files: Any = discord.utils.MISSING if attached is None else attached
        nobody = discord.AllowedMentions.none()
        if address.token is not None:
            webhook = self._webhook(address.token)
            await webhook.edit_message(
                address.message_id, view=view, attachments=files, allowed_mentions=nobody
            )
            return
        message = self._channel(address.channel_id).get_partial_message(address.message_id)
        async with self._listening(address.channel_id):
            await message.edit(view=view, attachments=files, allowed_mentions=nobody)

    async def look(self, address: Address) -> Seen:
        """What stands there now. Raises discord.NotFound if the message is gone."""
        message = await self.fetch(address)
        return Seen(frozenset(_marks(message)), _files(message))

    async def links(self, channel_id: ChannelId, message_id: MessageId) -> Sequence[str]:
        """Of all that a message shows, as Discord signs them with each look: for about a day."""
        return _links(await self._client.http.get_message(channel_id, message_id))

    async def fetch(self, address: Address) -> discord.Message:
        """As it is now. Raises discord.NotFound if it is gone."""
        if address.token is not None:
            return await self._webhook(address.token).fetch_message(address.message_id)
        async with self._listening(address.channel_id):
            channel = self._channel(address.channel_id)
            return await channel.fetch_message(address.message_id)

    async def delete(self, address: Address, *, reason: str | None = None) -> None:
        """One that is gone already counts.

        Args:
            reason: for Discord's own audit log, 1 to 512 characters; not by a token.
        """
        with suppress(discord.NotFound):
            if address.token is not None:
                await self._webhook(address.token).delete_message(address.message_id)
                return
            await self._client.http.delete_message(
                address.channel_id, address.message_id, reason=reason
            )

    async def start_thread(
        self, channel_id: ChannelId, message_id: MessageId, name: str
    ) -> ChannelId:
        """A public thread from a message; the thread that is already there if there is one."""
        try:
            async with self._listening(channel_id):
                thread = await self._client.http.start_thread_with_message(
                    channel_id,
                    message_id,
                    name=name[:THREAD_NAME_LIMIT],
                    auto_archive_duration=ARCHIVE_AFTER_MINUTES,
                )
        except discord.HTTPException as error:
            if error.code == THREAD_EXISTS:
                return ChannelId(message_id)  # such a thread has its message's id
            raise
        return ChannelId(int(thread["id"]))

    async def unarchive(self, thread_id: ChannelId) -> None:
        """Opens an archived thread again; refused if it is locked, so then it counts as closed."""
        async with self._listening(thread_id, closing=(ErrorKind.CLOSED, ErrorKind.ELSEWHERE)):
            await self._client.http.edit_channel(thread_id, archived=False)

    async def in_open_thread(self, channel_id: ChannelId, act: Callable[[], Awaitable[T]]) -> T:
        """Once more, in a thread that was archived since and is open again then."""
        try:
            return await act()
        except discord.HTTPException as error:
            if error_kind(error) is not ErrorKind.ARCHIVED:
                raise
        await self.unarchive(channel_id)
        return await act()

    async def remove_empty(self, thread_id: ChannelId) -> None:
        """Takes a thread away again in which nobody has said anything.

        That needs Manage Threads; without it the thread is put away into the archive, as whoever
        opened it may.
        """
        thread: Mapping[str, Any] = await self._client.http.get_channel(thread_id)
        if thread.get("total_message_sent") != 0:
            return
        try:
            await self._client.http.delete_channel(thread_id)
        except discord.Forbidden:
            await self._client.http.edit_channel(thread_id, archived=True)

    async def rename_own_thread(self, thread_id: ChannelId, name: str) -> None:
        """Changes nothing of a thread that somebody else has opened, or that is named so already:
        Discord grants two new names in ten minutes."""
        thread: Mapping[str, Any] = await self._client.http.get_channel(thread_id)
        name = name[:THREAD_NAME_LIMIT]
        is_ours = thread.get("owner_id") == str(self._client.application_id)
        if is_ours and thread.get("name") != name:
            await self._client.http.edit_channel(thread_id, name=name, archived=False)

    async def find_own(
        self,
        channel_id: ChannelId,
        marks: Collection[str],
        *,
        after: int,
        besides: Collection[MessageId] = (),
    ) -> MessageId | None:
        """The first of our messages after the id `after` that holds one of the marks, and is none
        of those that are known already.

        Marks are custom ids of buttons, whole texts, or names of files. Without the permission to
        read the history Discord shows nothing, so nothing is found.
        """
        me = self._client.application_id
        messages = self._channel(channel_id).history(
            limit=MOST_LOOKED_AT, after=discord.Object(after), oldest_first=True
        )
        async with self._listening(channel_id):
            async for message in messages:
                is_new = message.author.id == me and message.id not in besides
                if is_new and not _marks(message).isdisjoint(marks):
                    return MessageId(message.id)
        return None

    @asynccontextmanager
    async def _listening(
        self, channel_id: ChannelId, *, closing: Collection[ErrorKind] = (ErrorKind.CLOSED,)
    ) -> AsyncIterator[None]:
        try:
            yield
        except discord.HTTPException as error:
            if error_kind(error) in closing:
                await self._on_closed(channel_id)
            raise

    def _channel(self, channel_id: ChannelId) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id)


def snowflake_at(at_us: int) -> int:
    """The lowest id that Discord could have given at that instant."""
    return (at_us // 1000 - discord.utils.DISCORD_EPOCH) << 22


def _mentionable(user_id: UserId | None) -> discord.AllowedMentions:
    if user_id is None:
        return discord.AllowedMentions.none()
    users = [discord.Object(user_id)]
    return discord.AllowedMentions(everyone=False, roles=False, replied_user=False, users=users)


def _reference(
    channel_id: ChannelId, message_id: MessageId | None
) -> discord.MessageReference | None:
    """A reply; an ordinary message if what it replies to was deleted."""
    if message_id is None:
        return None
    return discord.MessageReference(
        message_id=message_id, channel_id=channel_id, fail_if_not_exists=False
    )


def _marks(message: discord.Message) -> set[str]:
    found = set(_files(message))
    for one in _items(message):
        found.add(getattr(one, "custom_id", None) or "")
        found.add(getattr(one, "content", None) or "")
        found |= {f"{one.custom_id}={each.value}" for each in getattr(one, "options", ())}
    return found - {""}


def _files(message: discord.Message) -> dict[str, KeptFile]:
    """Those that a card shows are perhaps named by the card alone."""
    found = {one.filename: KeptFile(one.id) for one in message.attachments}
    for one in _items(message):
        for item in getattr(one, "items", ()):
            if item.media.attachment_id is not None:
                found[urlsplit(item.media.url).path.rpartition("/")[2]] = KeptFile(
                    item.media.attachment_id
                )
    return found


def _links(message: Mapping[str, Any]) -> list[str]:
    found = [str(one.get("url", "")) for one in message.get("attachments", ())]
    waiting: list[Mapping[str, Any]] = list(message.get("components", ()))
    while waiting:
        one = waiting.pop()
        waiting += one.get("components", ())
        items = one.get("items", ())
        found += [str((item.get("media") or {}).get("url", "")) for item in items]
    return found


def _items(message: discord.Message) -> Iterator[Any]:
    waiting: list[Any] = list(message.components)
    while waiting:
        one = waiting.pop()
        waiting += getattr(one, "children", ())
        yield one
