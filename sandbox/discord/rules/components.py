"""The shape of each component, in a message and in a modal.

Source: "Component Reference" of Discord's API (2026-08). A component that was received may be sent
again, so the fields that Discord adds to media are known here too. What concerns several components
at once (ids, counts, which may stand together) is in `layout.py`.
"""

from __future__ import annotations

from sandbox.discord.rules.kinds import (
    Anything,
    Fields,
    Items,
    Kind,
    Number,
    Snowflake,
    Tagged,
    Text,
    Truth,
    Url,
)

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SECTION, TEXT_DISPLAY, THUMBNAIL, MEDIA_GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 17, 18, 19, 21, 22, 23
SELECTS = (STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)

PRIMARY, SECONDARY, SUCCESS, DANGER, LINK, PREMIUM = 1, 2, 3, 4, 5, 6

_CUSTOM_ID = Text(shortest=1, longest=100)
_ALT_TEXT = Text(shortest=1, longest=1024)


def _component(*required: str, **known: Kind) -> Fields:
    own: dict[str, Kind] = {"type": Number(), "id": Number(lowest=0, highest=2**31 - 1)}
    return Fields(known=own | known, required=frozenset(required))


def _named(*required: str, **known: Kind) -> Fields:
    return _component("custom_id", *required, custom_id=_CUSTOM_ID, **known)


_EMOJI = Fields(known={"id": Snowflake(), "name": Text(longest=32), "animated": Truth()})
_OPTION = Fields(
    known={
        "label": Text(shortest=1, longest=100),
        "value": Text(shortest=1, longest=100),
        "description": Text(longest=100),
        "emoji": _EMOJI,
        "default": Truth(),
    },
    required=frozenset({"label", "value"}),
)
_MEDIA_FIELDS: dict[str, Kind] = {
    name: Anything()
    for name in (
        "proxy_url",
        "width",
        "height",
        "content_type",
        "placeholder",
        "placeholder_version",
        "loading_state",
        "flags",
        "attachment_id",
        "id",
        "content_scan_metadata",
    )
}
_MEDIA = Fields(
    known=_MEDIA_FIELDS | {"url": Url(schemes=("http", "https", "attachment"))},
    required=frozenset({"url"}),
)
_UPLOAD = Fields(
    known=_MEDIA_FIELDS | {"url": Url(schemes=("attachment",))}, required=frozenset({"url"})
)

_BUTTON = _component(
    "style",
    style=Number(choices=(PRIMARY, SECONDARY, SUCCESS, DANGER, LINK, PREMIUM)),
    custom_id=_CUSTOM_ID,
    label=Text(longest=80),
    emoji=_EMOJI,
    url=Url(schemes=("http", "https", "discord"), longest=512),
    sku_id=Snowflake(),
    disabled=Truth(),
)


def _select(most: int = 25, *required: str, **known: Kind) -> Fields:
    return _named(
        *required,
        placeholder=Text(longest=150),
        min_values=Number(lowest=0, highest=most),
        max_values=Number(lowest=1, highest=most),
        disabled=Truth(),
        required=Truth(),
        **known,
    )


def _defaults(*types: str) -> Items:
    known: dict[str, Kind] = {"id": Snowflake(), "type": Text(choices=types)}
    return Items(of=Fields(known=known, required=frozenset(known)), most=25)


_SELECTS = {
    STRING_SELECT: _select(25, "options", options=Items(of=_OPTION, fewest=1, most=25)),
    USER_SELECT: _select(default_values=_defaults("user")),
    ROLE_SELECT: _select(default_values=_defaults("role")),
    MENTIONABLE_SELECT: _select(default_values=_defaults("user", "role")),
    CHANNEL_SELECT: _select(
        default_values=_defaults("channel"), channel_types=Items(of=Number(lowest=0), unique=True)
    ),
}
_TEXT_DISPLAY = _component("content", content=Text(shortest=1, longest=4000))
_THUMBNAIL = _component("media", media=_MEDIA, description=_ALT_TEXT, spoiler=Truth())
_GALLERY_ITEM = Fields(
    known={"media": _MEDIA, "description": _ALT_TEXT, "spoiler": Truth()},
    required=frozenset({"media"}),
)
_ROW = _component(
    "components",
    components=Items(of=Tagged(kinds={BUTTON: _BUTTON} | _SELECTS), fewest=1, most=5),
)
_IN_CONTAINER = {
    ACTION_ROW: _ROW,
    SECTION: _component(
        "components",
        "accessory",
        components=Items(of=Tagged(kinds={TEXT_DISPLAY: _TEXT_DISPLAY}), fewest=1, most=3),
        accessory=Tagged(kinds={BUTTON: _BUTTON, THUMBNAIL: _THUMBNAIL}),
    ),
    TEXT_DISPLAY: _TEXT_DISPLAY,
    MEDIA_GALLERY: _component("items", items=Items(of=_GALLERY_ITEM, fewest=1, most=10)),
    FILE: _component("file", file=_UPLOAD, spoiler=Truth(), name=Anything(), size=Anything()),
    SEPARATOR: _component(divider=Truth(), spacing=Number(choices=(1, 2))),
}
_CONTAINER = _component(
    "components",
    components=Items(of=Tagged(kinds=_IN_CONTAINER), fewest=1, most=40),
    accent_color=Number(lowest=0, highest=0xFFFFFF),
    spoiler=Truth(),
)

CLASSIC_COMPONENTS = Items(of=Tagged(kinds={ACTION_ROW: _ROW}), most=5)
"""Without the V2 flag: five rows of buttons and selects."""

V2_COMPONENTS = Items(of=Tagged(kinds=_IN_CONTAINER | {CONTAINER: _CONTAINER}), most=40)
"""With the V2 flag."""

_TEXT_INPUT = _named(
    "style",
    style=Number(choices=(1, 2)),
    label=Text(shortest=1, longest=45),
    value=Text(longest=4000),
    placeholder=Text(longest=100),
    required=Truth(),
    min_length=Number(lowest=0, highest=4000),
    max_length=Number(lowest=1, highest=4000),
)
_FILE_TYPES = Items(of=Text(shortest=1, longest=100), most=10)
_IN_LABEL = _SELECTS | {
    TEXT_INPUT: _TEXT_INPUT,
    FILE_UPLOAD: _named(
        min_values=Number(lowest=0, highest=10),
        max_values=Number(lowest=1, highest=10),
        required=Truth(),
        file_types=_FILE_TYPES,
    ),
    RADIO_GROUP: _named("options", options=Items(of=_OPTION, fewest=2, most=10), required=Truth()),
    CHECKBOX_GROUP: _named(
        "options",
        options=Items(of=_OPTION, fewest=1, most=10),
        min_values=Number(lowest=0, highest=10),
        max_values=Number(lowest=1, highest=10),
        required=Truth(),
    ),
    CHECKBOX: _named(default=Truth()),
}
_MODAL_ROW = _component(
    "components", components=Items(of=Tagged(kinds={TEXT_INPUT: _TEXT_INPUT}), fewest=1, most=1)
)
_LABEL = _component(
    "label",
    "component",
    label=Text(shortest=1, longest=45),
    description=Text(shortest=1, longest=100),
    component=Tagged(kinds=_IN_LABEL),
)
MODAL_COMPONENTS = Items(
    of=Tagged(kinds={ACTION_ROW: _MODAL_ROW, TEXT_DISPLAY: _TEXT_DISPLAY, LABEL: _LABEL}),
    fewest=1,
    most=5,
)
"""What a modal asks."""
