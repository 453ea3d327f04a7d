"""Jobs to make cards of."""

from __future__ import annotations

from typing import Any

from discord import ui

from bot.providers.image import ImageRequest, Size
from bot.queue.failures import NO_PLACE
from bot.queue.places import Place
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
    RequestId,
    UserId,
)
from bot.records import replace
from bot.texts.cards import TEXT_LIMIT

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


def menus_in(card: ui.LayoutView) -> list[ui.Select[Any]]:
    return [one for one in card.walk_children() if isinstance(one, ui.Select)]


# ------------------------------------------------------------------------------------------------
# Discord's limits.


MOST_COMPONENTS, CUSTOM_ID_LIMIT = 40, 100


def count(components: list[dict[str, Any]]) -> int:
    inner = [count(one.get("components") or []) for one in components]
    return len(components) + sum(inner) + len([one for one in components if "accessory" in one])


def check_message(card: ui.LayoutView) -> None:
    """One that Discord takes."""
    assert len(texts_in(card)) <= TEXT_LIMIT
    components = components_of(card)
    assert count(components) <= MOST_COMPONENTS
    ids = [one for each in card.walk_children() if (one := getattr(each, "custom_id", None))]
    assert len(set(ids)) == len(ids)
    assert all(len(one) <= CUSTOM_ID_LIMIT for one in ids)
    for one in card.walk_children():
        if isinstance(one, ui.TextDisplay):
            assert one.content
        if isinstance(one, ui.Button):
            assert 1 <= len(one.label or "") <= 80
        if isinstance(one, ui.Select):
            assert 1 <= len(one.options) <= 25
            assert all(len(option.label) <= 100 for option in one.options)
        placeholder = getattr(one, "placeholder", None)
        assert placeholder is None or len(placeholder) <= 150


def check_form(form: ui.Modal) -> None:
    """One that Discord takes, and that discord.py does not keep."""
    sent = form.to_dict()
    assert 1 <= len(sent["title"]) <= 45
    assert len(sent["custom_id"]) <= CUSTOM_ID_LIMIT
    assert 1 <= len(sent["components"]) <= 5
    for one in sent["components"]:
        if one["type"] == 18:
            _check_field(one)
    assert form.is_finished(), "or discord.py would keep it"


def _check_field(label: Any) -> None:
    field = label["component"]
    assert 1 <= len(label["label"]) <= 45
    assert len(label.get("description") or "") <= 100
    assert len(field.get("placeholder") or "") <= 100
    assert len(field.get("value") or "") <= field.get("max_length", 4000) <= 4000
    options = field.get("options", [])
    assert len(options) <= 25
    assert all(1 <= len(one["label"]) <= 100 for one in options)
    assert sum(bool(one.get("default")) for one in options) <= 1
