"""What concerns several components at once: ids, counts, widths, and which fields go together.

Source: "Component Reference" of Discord's API (2026-08). The 4,000 characters of text in a V2
message are Discord's answer as many bots have met it; they are not documented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.rules import components as c
from sandbox.discord.rules.embeds import ATTACHMENT
from sandbox.discord.rules.kinds import missing
from sandbox.discord.rules.problems import Body, Path, Problem, items, mapping, objects, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

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
            case c.ACTION_ROW:
                yield from _row_problems(component, here)
            case c.BUTTON:
                yield from _button_problems(component, here)
            case kind if kind in c.SELECTS:
                yield from _select_problems(component, here)
            case c.RADIO_GROUP | c.CHECKBOX_GROUP:
                yield from _option_problems(component, here)


def size_problems(body: Body, at: Path = ()) -> Iterator[Problem]:
    """What is wrong with the whole of a V2 message: too many components, too much text."""
    everything = [component for _, component in walk(body, at)]
    here = (*at, "components")
    if len(everything) > MAX_COMPONENTS:
        said = f"The total number of components exceeds the maximum of {MAX_COMPONENTS}"
        yield Problem(path=here, code="COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message=said)
    shown = (x for x in everything if whole(x, "type") == c.TEXT_DISPLAY)
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
    wide = [i for i, x in objects(row, "components") if whole(x, "type") in c.SELECTS]
    if wide and len(items(row, "components")) > 1:
        path = (*here, "components", max(wide[0], 1))
        said = "The specified component exceeds the maximum width"
        yield Problem(path=path, code="COMPONENT_LAYOUT_WIDTH_EXCEEDED", message=said)


def _button_problems(button: Body, here: Path) -> Iterator[Problem]:
    match whole(button, "style"):
        case c.LINK:
            yield from _needed(button, here, "url")
            yield from _unwanted(button, here, "custom_id", "sku_id")
        case c.PREMIUM:
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
    if whole(select, "type") == c.CHECKBOX_GROUP and most is None:
        most = len(seen)
    if len(chosen) > (1 if most is None else most):
        yield _too_many_defaults((*here, "options"))


def _too_many_defaults(path: Path) -> Problem:
    said = "The specified number of default values exceeds the specified maximum values"
    return Problem(path=path, code="SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", message=said)
