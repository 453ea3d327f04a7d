"""What may be typed for a value: into a form of the panel, or as it stands in its row."""

from __future__ import annotations

import re
from difflib import get_close_matches
from math import isqrt
from typing import TYPE_CHECKING

from bot.features.settings.rules import unit_of
from bot.policy.changes import Change, change_of, expected_of
from bot.policy.rules import Key, zones_by_name
from bot.refusals import Unit
from bot.staff_refusals import SettingRefused
from bot.visible import normalised

if TYPE_CHECKING:
    from bot.providers.image import Offer


MOST_TYPED = 1_000_000  # pictures or dollars: who types more has slipped
_LONGEST_SIDE_PX = 10_000  # a larger number is an area
_MONEY = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,6}))?")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")  # 1,000 is 1 to some and 1000 to others
_MINUS = str.maketrans("−–—", "---")


def typed(key: Key, text: str) -> Change:
    """What somebody has typed for a row; nothing at all takes the row away.

    Raises:
        SettingRefused: it is no value for that.
    """
    text = normalised(text).strip()
    if not text:
        return Change(key=key, value=None)
    return change_of(key, text)


def form_read(key: Key, text: str, offer: Offer) -> Change:
    """What staff have typed into a form; nothing at all takes the row away.

    Raises:
        SettingRefused: it is no value for that.
    """
    line = normalised(text).translate(_MINUS)
    try:
        return typed(key, _written_as_row(key.name, line, offer) if line else "")
    except ValueError as error:
        raise SettingRefused(name=key.name, expected=expected_of(key.name)) from error


def _written_as_row(name: str, line: str, offer: Offer) -> str:
    """Raises ValueError."""
    if unit_of(name) is Unit.PICTURES:
        return str(_at_most(MOST_TYPED, int(line)))
    if unit_of(name) is Unit.MICROS:
        return str(_micros(line))
    return str(_area_px(line, offer)) if name == "largest_area_px" else line


def _area_px(line: str, offer: Offer) -> int:
    """Of two sides, of a square's side, or told as such."""
    size = offer.typed_size(line)
    if line.isdecimal():
        area_px = int(line) if int(line) > _LONGEST_SIDE_PX else int(line) ** 2
    elif size is not None:
        area_px = size.area_px
    else:
        raise ValueError("no size")
    return _at_most(offer.max_area_px, area_px)


def _micros(line: str) -> int:
    """Of dollars, with a point or a comma before the cents."""
    line = line.replace("us$", "").replace("usd", "").replace("$", "").replace(" ", "")
    if line == "-1":
        return -1
    found = _MONEY.fullmatch(line)
    if found is None or _THOUSANDS.fullmatch(line):
        raise ValueError("no sum of money")
    micros = int(found[1]) * 1_000_000 + int((found[2] or "").ljust(6, "0"))
    return _at_most(MOST_TYPED * 1_000_000, micros)


def _at_most(most: int, value: int) -> int:
    if value > most:
        raise ValueError("absurdly much")
    return value


def form_written(name: str, text: str) -> str:
    """A row's value as it would be typed."""
    if unit_of(name) is Unit.MICROS and text != "-1":
        whole, part = divmod(int(text), 1_000_000)
        cents = f"{part:06d}".rstrip("0").ljust(2, "0")
        return f"{whole}.{cents}0" if len(cents) == 3 else f"{whole}.{cents}"  # see _THOUSANDS
    if name == "largest_area_px":
        side_px = isqrt(int(text))
        return f"{side_px}*{side_px}" if side_px * side_px == int(text) else text
    return text


def near_zones(text: str) -> list[str]:
    """Names of time zones like what was typed; a city is enough."""
    line = normalised(text).replace(" ", "_")
    by_name = zones_by_name()
    cities = {name.rpartition("/")[2]: name for name in by_name}
    found = [
        *(name for name in by_name if line and line in name),
        *get_close_matches(line, by_name, n=3),
        *(cities[one] for one in get_close_matches(line, cities, n=3)),
    ]
    return [by_name[name] for name in dict.fromkeys(sorted(found, key=len))][:3]
