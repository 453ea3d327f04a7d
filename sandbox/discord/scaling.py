"""Pictures scaled down, as Discord's media proxy hands them out for `?width=&height=`.

Pillow does it where it is installed (the extra `pictures`). Without it a picture stays whole, which
a client must be able to take in any case: the proxy never makes one larger than it is.
"""

from __future__ import annotations

import io
from importlib.util import find_spec

LARGEST_PX = 4096
"""Of a side that can be asked for (guessed)."""

_SCALED = ("PNG", "JPEG", "WEBP")


def can_scale() -> bool:
    """Whether Pillow is installed."""
    return find_spec("PIL") is not None


def scaled(content: bytes, width_px: int, height_px: int) -> bytes:
    """The picture as large as fits into this box, in its own format.

    What is smaller, animated or no picture stays as it is.
    """
    if not can_scale():
        return content
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content), formats=_SCALED) as opened:
            fits = opened.width <= width_px and opened.height <= height_px
            if fits or getattr(opened, "is_animated", False):
                return content
            kind = opened.format
            opened.thumbnail((width_px, height_px), Image.Resampling.BOX, reducing_gap=2.0)
            buffer = io.BytesIO()
            opened.save(buffer, kind)
            return buffer.getvalue()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
        return content
