"""How long a block or a time-out lasts, as it is typed."""

from __future__ import annotations

import re

from bot.errors import DurationNotUnderstood
from bot.visible import normalised

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
LONGEST_DAYS = 3650
LONGEST_TIME_OUT_US = 28 * DAY_US  # Discord's
USUAL_TIME_OUT_US = HOUR_US
_UNITS = {"m": MINUTE_US, "h": HOUR_US, "d": DAY_US, "w": 7 * DAY_US}
_TYPED = re.compile(r"([1-9][0-9]{0,6})\s*([mhdw])", re.ASCII)


def lasts_us_of(text: str) -> int | None:
    """`30m`, `12 h`, `7d`, `2w`; None of an empty text: until it is taken back.

    Raises:
        DurationNotUnderstood: something else, or longer than ten years.
    """
    typed = normalised(text).casefold()
    if not typed:
        return None
    found = _TYPED.fullmatch(typed)
    lasts_us = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 0 < lasts_us <= LONGEST_DAYS * DAY_US:
        raise DurationNotUnderstood(text)
    return lasts_us
