"""Jobs that were asked for in the sandbox's Discord, and what came of them there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.texts.picture_cards import status_card, status_texts

if TYPE_CHECKING:
    from bot.queue.records import ChannelId, Job
    from sandbox.discord.records import Message
    from tests.delivery.room import Room
    from tests.delivery.scene import Scene


async def asked(scene: Scene, room: Room, channel_id: ChannelId | None = None) -> Job:
    """A job whose first answer stands in the channel, or in a thread."""
    place = channel_id or room.id
    job = await scene.submitted(
        user=int(room.control.member()),
        channel=place,
        is_answered=False,
        is_thread=place != room.id,
    )
    card = status_card(job, None, status_texts(job))
    message_id = await room.posts.send(place, card, nonce=f"answer {job.id}")
    return await scene.service.record_answer(job.id, place, message_id)


async def drawn(scene: Scene, room: Room, channel_id: ChannelId | None = None) -> Job:
    await asked(scene, room, channel_id)
    return await scene.complete(await scene.claimed())


def pictures(room: Room) -> list[Message]:
    """Wherever they hang."""
    kept = room.sandbox.state.messages.values()
    return [message for place in kept for message in place.values() if message.attachments]


def text(room: Room, message_id: int | None) -> str:
    """All that a message shows."""
    (found,) = [one for one in room.messages() if one.id == str(message_id)]
    return str(room.shown(found)["components"])
