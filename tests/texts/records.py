"""Jobs to make cards of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from discord import ui

from bot.providers.image import ImageRequest, Size
from bot.queue.failures import NO_PLACE
from bot.queue.records import (
    ChannelId,
    Failure,
    GuildId,
    InteractionId,
    Job,
    JobId,
    JobState,
    Message,
    MessageId,
    Origin,
    Picture,
    PictureState,
    Place,
    RequestId,
    UserId,
)

LOCALES = ("en-US", "de", "fr", "es-ES", "pt-BR", "zh-CN", "zh-TW", "ja", "ko")
PLACE = Place(position=3, ahead_in_tenant=2, expected_s=12.0)
REQUEST = ImageRequest(
    prompt="a sitting orange cat, 水彩", size=Size(1024, 1024), seed=7, rewrite=True
)
LINK = "https://storage.example/1.png?Signature=abc"
PICTURE = Picture(
    state=PictureState.DUE,
    link=LINK,
    shown_prompt="A watercolour of an orange cat, sitting upright in morning light",
    size=Size(1024, 1024),
    provider_request_id="r-1",
    duration_us=4_200_000,
    drawn_at_us=1_800_000_060_000_000,
)
SHOWN = replace(
    PICTURE,
    state=PictureState.SHOWN,
    link=None,
    channel_id=ChannelId(31),
    message_id=MessageId(32),
)
MESSAGE = Message(channel_id=ChannelId(21), message_id=MessageId(31), thread_id=ChannelId(31))
QUEUED = Job(
    id=JobId(17),
    request_id=RequestId(17),
    state=JobState.QUEUED,
    request=REQUEST,
    origin=Origin(
        interaction_id=InteractionId(1),
        guild_id=GuildId(11),
        channel_id=ChannelId(21),
        user_id=UserId(41),
        upload_limit_bytes=20_000_000,
        locale="de",
        guild_locale="fr",
    ),
    priority=0,
    attempts=0,
    created_at_us=1_800_000_000_000_000,
    message=Message(),
)
RUNNING = replace(QUEUED, state=JobState.RUNNING)
DRAWN = replace(QUEUED, state=JobState.DRAWN, picture=PICTURE, message=MESSAGE)
DELIVERED = replace(DRAWN, picture=SHOWN)
DELETED = replace(
    DELIVERED,
    request=replace(REQUEST, prompt=""),
    picture=replace(SHOWN, state=PictureState.DELETED, shown_prompt="", deleted_at_us=1),
)
CANCELLED = replace(QUEUED, state=JobState.CANCELLED)
WITHHELD = replace(CANCELLED, picture=replace(PICTURE, state=PictureState.WITHHELD, link=None))


def ended(state: JobState, kind: str, detail: str = "") -> Job:
    """A job that ended without a picture."""
    return replace(QUEUED, state=state, failure=Failure(kind=kind, detail=detail))


def unshown(state: PictureState, kind: str) -> Job:
    """A job whose picture was drawn and paid, and hangs nowhere."""
    return replace(DRAWN, picture=replace(PICTURE, state=state), failure=Failure(kind=kind))


EVERY_STATE = (
    QUEUED,
    replace(QUEUED, not_before_us=1_800_000_000_000_000),
    RUNNING,
    replace(RUNNING, cancel_requested=True),
    replace(DRAWN, picture=replace(PICTURE, state=PictureState.HELD)),
    DRAWN,
    DELIVERED,
    replace(DELIVERED, picture=replace(SHOWN, message_id=None)),
    DELETED,
    unshown(PictureState.UNDELIVERABLE, NO_PLACE),
    unshown(PictureState.LOST, "LinkExpired"),
    replace(DRAWN, picture=WITHHELD.picture),
    CANCELLED,
    WITHHELD,
    ended(JobState.REFUSED, "ContentRefused", "input"),
    ended(JobState.REFUSED, "ContentRefused", "output"),
    ended(JobState.FAILED, "ProviderFailed"),
    ended(JobState.UNCERTAIN, "AnswerLost"),
)


def texts_in(card: ui.LayoutView) -> str:
    """All that a card says, in order."""
    return "\n".join(one.content for one in card.walk_children() if hasattr(one, "content"))


def buttons_in(card: ui.LayoutView) -> dict[str, str | None]:
    """Custom id or address of each button, by its label."""
    buttons = [one for one in card.walk_children() if isinstance(one, ui.Button)]
    return {str(one.label): one.custom_id or one.url for one in buttons}


def components_of(card: ui.LayoutView) -> list[dict[str, Any]]:
    """What Discord is sent."""
    sent: list[dict[str, Any]] = card.to_components()  # type: ignore[no-untyped-call]  # its library's
    return sent
