"""Components: the shape of each, in a message and in a modal, and what concerns several at once.

A component that was received may be sent again, so the fields that Discord adds to media are known
here too. Source: "Component Reference" of Discord's API (2026-08). The 4,000 characters of text in
a V2 message are Discord's answer as many bots have met it; they are not documented.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from sandbox.discord.rules.embeds import ATTACHMENT
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
    missing,
)
from sandbox.discord.rules.problems import Body, Path, Problem, items, mapping, objects, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterator


class ComponentType(IntEnum):
    """What a component is."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


class ButtonStyle(IntEnum):
    """How a button looks, and what it does."""

    PRIMARY = 1
    SECONDARY = 2
    SUCCESS = 3
    DANGER = 4
    LINK = 5
    PREMIUM = 6


_CUSTOM_ID = Text(shortest=1, longest=100)
_ALT_TEXT = Text(shortest=1, longest=1024)


def _component(*required: str, **known: Kind) -> Fields:
    own: dict[str, Kind] = {"type": Number(), "id": Number(lowest=0, highest=2**31 - 1)}
    return Fields(known=own | known, required=frozenset(required))


def _named(*required: str, **known: Kind) -> Fields:
    return _component("custom_id", *required, custom_id=_CUSTOM_ID, **known)


EMOJI = Fields(known={"id": Snowflake(), "name": Text(longest=32), "animated": Truth()})
_OPTION = Fields(
    known={
        "label": Text(shortest=1, longest=100),
        "value": Text(shortest=1, longest=100),
        "description": Text(longest=100),
        "emoji": EMOJI,
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
    style=Number(choices=tuple(ButtonStyle)),
    custom_id=_CUSTOM_ID,
    label=Text(longest=80),
    emoji=EMOJI,
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


_SELECTS: dict[int, Fields] = {
    ComponentType.STRING_SELECT: _select(
        25, "options", options=Items(of=_OPTION, fewest=1, most=25)
    ),
    ComponentType.USER_SELECT: _select(default_values=_defaults("user")),
    ComponentType.ROLE_SELECT: _select(default_values=_defaults("role")),
    ComponentType.MENTIONABLE_SELECT: _select(default_values=_defaults("user", "role")),
    ComponentType.CHANNEL_SELECT: _select(
        default_values=_defaults("channel"), channel_types=Items(of=Number(lowest=0), unique=True)
    ),
}
SELECTS = tuple(_SELECTS)
_TEXT_DISPLAY = _component("content", content=Text(shortest=1, longest=4000))
_THUMBNAIL = _component("media", media=_MEDIA, description=_ALT_TEXT, spoiler=Truth())
_GALLERY_ITEM = Fields(
    known={"media": _MEDIA, "description": _ALT_TEXT, "spoiler": Truth()},
    required=frozenset({"media"}),
)
_ROW = _component(
    "components",
    components=Items(of=Tagged(kinds={ComponentType.BUTTON: _BUTTON} | _SELECTS), fewest=1, most=5),
)
_IN_CONTAINER: dict[int, Fields] = {
    ComponentType.ACTION_ROW: _ROW,
    ComponentType.SECTION: _component(
        "components",
        "accessory",
        components=Items(
            of=Tagged(kinds={ComponentType.TEXT_DISPLAY: _TEXT_DISPLAY}), fewest=1, most=3
        ),
        accessory=Tagged(
            kinds={ComponentType.BUTTON: _BUTTON, ComponentType.THUMBNAIL: _THUMBNAIL}
        ),
    ),
    ComponentType.TEXT_DISPLAY: _TEXT_DISPLAY,
    ComponentType.MEDIA_GALLERY: _component(
        "items", items=Items(of=_GALLERY_ITEM, fewest=1, most=10)
    ),
    ComponentType.FILE: _component(
        "file", file=_UPLOAD, spoiler=Truth(), name=Anything(), size=Anything()
    ),
    ComponentType.SEPARATOR: _component(divider=Truth(), spacing=Number(choices=(1, 2))),
}
_CONTAINER = _component(
    "components",
    components=Items(of=Tagged(kinds=_IN_CONTAINER), fewest=1, most=40),
    accent_color=Number(lowest=0, highest=0xFFFFFF),
    spoiler=Truth(),
)

CLASSIC_COMPONENTS = Items(of=Tagged(kinds={ComponentType.ACTION_ROW: _ROW}), most=5)
"""Without the V2 flag: five rows of buttons and selects."""

V2_COMPONENTS = Items(
    of=Tagged(kinds=_IN_CONTAINER | {ComponentType.CONTAINER: _CONTAINER}), most=40
)
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
    ComponentType.TEXT_INPUT: _TEXT_INPUT,
    ComponentType.FILE_UPLOAD: _named(
        min_values=Number(lowest=0, highest=10),
        max_values=Number(lowest=1, highest=10),
        required=Truth(),
        file_types=_FILE_TYPES,
    ),
    ComponentType.RADIO_GROUP: _named(
        "options", options=Items(of=_OPTION, fewest=2, most=10), required=Truth()
    ),
    ComponentType.CHECKBOX_GROUP: _named(
        "options",
        options=Items(of=_OPTION, fewest=1, most=10),
        min_values=Number(lowest=0, highest=10),
        max_values=Number(lowest=1, highest=10),
        required=Truth(),
    ),
    ComponentType.CHECKBOX: _named(default=Truth()),
}
_MODAL_ROW = _component(
    "components",
    components=Items(of=Tagged(kinds={ComponentType.TEXT_INPUT: _TEXT_INPUT}), fewest=1, most=1),
)
_LABEL = _component(
    "label",
    "component",
    label=Text(shortest=1, longest=45),
    description=Text(shortest=1, longest=100),
    component=Tagged(kinds=_IN_LABEL),
)
MODAL_COMPONENTS = Items(
    of=Tagged(
        kinds={
            ComponentType.ACTION_ROW: _MODAL_ROW,
            ComponentType.TEXT_DISPLAY: _TEXT_DISPLAY,
            ComponentType.LABEL: _LABEL,
        }
    ),
    fewest=1,
    most=5,
)
"""What a modal asks."""


MAX_COMPONENTS = 40
MAX_TEXT = 4_000


def walk(body: Body, at: Path = ()) -> Iterator[tuple[Path, Body]]:
    """Every component under `body`, parents first, each with its place."""
    for index, component in objects(body, "components"):
        here = (*at, "components", index)
        yield here, component
        yield from walk(component, here)
        for single in ("accessory", "component"):
            if inner := mapping(component, single):
                yield (*here, single), inner


def component_problems(body: Body, at: Path = ()) -> Iterator[Problem]:
    """What is wrong with the components of this message or modal beyond the shape of each."""
    everything = list(walk(body, at))
    yield from _duplicates(everything)
    for here, component in everything:
        match whole(component, "type"):
            case ComponentType.ACTION_ROW:
                yield from _row_problems(component, here)
            case ComponentType.BUTTON:
                yield from _button_problems(component, here)
            case kind if kind in SELECTS:
                yield from _select_problems(component, here)
            case ComponentType.RADIO_GROUP | ComponentType.CHECKBOX_GROUP:
                yield from _option_problems(component, here)


def size_problems(body: Body, at: Path = ()) -> Iterator[Problem]:
    """What is wrong with the whole of a V2 message: too many components, too much text."""
    everything = [component for _, component in walk(body, at)]
    here = (*at, "components")
    if len(everything) > MAX_COMPONENTS:
        said = f"The total number of components exceeds the maximum of {MAX_COMPONENTS}"
        yield Problem(path=here, code="COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message=said)
    shown = (x for x in everything if whole(x, "type") == ComponentType.TEXT_DISPLAY)
    if sum(len(text(x, "content")) for x in shown) > MAX_TEXT:
        said = f"Components displayable text size exceeds maximum size of {MAX_TEXT}"
        yield Problem(path=here, code="COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message=said)


def attachment_links(body: Body, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """Each component that shows an upload, with the name of the file."""
    for here, component in walk(body, at):
        for place, address in _addresses(component, here):
            if address.startswith(ATTACHMENT):
                yield place, address.removeprefix(ATTACHMENT)


def _addresses(component: Body, here: Path) -> Iterator[tuple[Path, str]]:
    for field in ("media", "file"):
        yield (*here, field, "url"), text(mapping(component, field), "url")
    for index, item in objects(component, "items"):
        yield (*here, "items", index, "media", "url"), text(mapping(item, "media"), "url")


def _duplicates(everything: list[tuple[Path, Body]]) -> Iterator[Problem]:
    names: set[str] = set()
    numbers: set[int] = set()
    for here, component in everything:
        name, number = text(component, "custom_id"), whole(component, "id")
        if name and name in names:
            said = "Component custom id cannot be duplicated"
            path = (*here, "custom_id")
            yield Problem(path=path, code="COMPONENT_CUSTOM_ID_DUPLICATED", message=said)
        if number and number in numbers:
            said = "Component id cannot be duplicated"
            yield Problem(path=(*here, "id"), code="COMPONENT_ID_DUPLICATED", message=said)
        names.add(name)
        numbers.add(number or 0)


def _row_problems(row: Body, here: Path) -> Iterator[Problem]:
    wide = [i for i, x in objects(row, "components") if whole(x, "type") in SELECTS]
    if wide and len(items(row, "components")) > 1:
        path = (*here, "components", max(wide[0], 1))
        said = "The specified component exceeds the maximum width"
        yield Problem(path=path, code="COMPONENT_LAYOUT_WIDTH_EXCEEDED", message=said)


def _button_problems(button: Body, here: Path) -> Iterator[Problem]:
    match whole(button, "style"):
        case ButtonStyle.LINK:
            yield from _needed(button, here, "url")
            yield from _unwanted(button, here, "custom_id", "sku_id")
        case ButtonStyle.PREMIUM:
            yield from _needed(button, here, "sku_id")
            yield from _unwanted(button, here, "custom_id", "url", "label", "emoji")
            return
        case _:
            if not text(button, "custom_id"):
                path, said = (*here, "custom_id"), "A custom id is required"
                code = "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED"
                yield Problem(path=path, code=code, message=said)
            yield from _unwanted(button, here, "url", "sku_id")
    if not text(button, "label") and not button.get("emoji"):
        yield missing((*here, "label"))


def _needed(button: Body, here: Path, field: str) -> Iterator[Problem]:
    if not button.get(field):
        yield missing((*here, field))


def _unwanted(button: Body, here: Path, *fields: str) -> Iterator[Problem]:
    for field in fields:
        if button.get(field) is None:
            continue
        if field != "sku_id" and button.get("url") and button.get("custom_id"):
            code = "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE"
            said = "A custom id and url cannot both be specified"
        else:
            code = "BUTTON_COMPONENT_FIELD_NOT_ALLOWED"
            said = f"A button of this style cannot have {field}"
        yield Problem(path=(*here, field), code=code, message=said)


def _select_problems(select: Body, here: Path) -> Iterator[Problem]:
    fewest, most = whole(select, "min_values"), whole(select, "max_values")
    fewest, most = 1 if fewest is None else fewest, 1 if most is None else most
    options = items(select, "options")
    highest = min(most, len(options)) if options else most
    if fewest > highest:
        said = f"int value should be less than or equal to {highest}."
        yield Problem(path=(*here, "min_values"), code="NUMBER_TYPE_MAX", message=said)
    if options and most > len(options):
        said = f"int value should be less than or equal to {len(options)}."
        yield Problem(path=(*here, "max_values"), code="NUMBER_TYPE_MAX", message=said)
    if len(items(select, "default_values")) > most:
        yield _too_many_defaults((*here, "default_values"))
    yield from _option_problems(select, here)


def _option_problems(select: Body, here: Path) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, option in objects(select, "options"):
        value = text(option, "value")
        if value in seen:
            said = "The specified option value is already used"
            path = (*here, "options", index)
            yield Problem(path=path, code="SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message=said)
        seen.add(value)
    chosen = [i for i, option in objects(select, "options") if option.get("default") is True]
    most = whole(select, "max_values")
    if whole(select, "type") == ComponentType.CHECKBOX_GROUP and most is None:
        most = len(seen)
    if len(chosen) > (1 if most is None else most):
        yield _too_many_defaults((*here, "options"))


def _too_many_defaults(path: Path) -> Problem:
    said = "The specified number of default values exceeds the specified maximum values"
    return Problem(path=path, code="SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", message=said)
