"""A plain gradient, for runs that want many pictures fast: a few milliseconds each."""

from __future__ import annotations

import random

from sandbox.painter.png import encoded

_UP = b"\x02"  # filter: the byte above is subtracted
_MEDIUM = bytes(64 + value // 2 for value in range(256))


def plain(prompt: str, *, seed: int, width_px: int, height_px: int, xmp: bytes | None) -> bytes:
    """Deterministic in all arguments, exactly of the size."""
    chance = random.Random(f"{seed}:{prompt}")
    first = chance.randbytes(3 * width_px).translate(_MEDIUM)
    still, step = _UP + bytes(3 * width_px), _UP + b"\1\0\1" * width_px
    rows = (step if number % 16 == 0 else still for number in range(1, height_px))
    return encoded(width_px, height_px, [b"\0" + first, *rows], level=1, xmp=xmp)
