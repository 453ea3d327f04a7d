"""Which prompt a picture was painted after, from its bytes.

A client may have written into the file, then its pixels' compressed bytes are still the same; or
scaled it and changed its format, then it looks like one of the last that were fetched. The latter
is seen with Pillow alone (the extra `pictures`).
"""

from __future__ import annotations

import hashlib
import io
from collections import OrderedDict
from dataclasses import dataclass

from sandbox.discord.media import can_scale

KEPT = 10_000
COMPARED = 32
"""The last pictures fetched that a changed one is compared with; they stay in memory."""

_SIDE_PX = 16
_ALIKE = 12.0
"""The largest mean difference of two small pictures' channels, of 255, that counts as none."""


@dataclass(slots=True)
class _Fetched:
    png: bytes
    prompt: str
    small: bytes | None = None


class SeenPictures:
    """Remembers what was handed out."""

    def __init__(self) -> None:
        self._prompts: OrderedDict[str, str] = OrderedDict()
        self._fetched: OrderedDict[str, _Fetched] = OrderedDict()

    def note(self, png: bytes, prompt: str) -> None:
        """Remembers a picture that is about to be sent."""
        key = _pixels(png)
        self._prompts[key] = prompt
        self._fetched[key] = _Fetched(png, prompt)
        if len(self._prompts) > KEPT:
            self._prompts.popitem(last=False)
        if len(self._fetched) > COMPARED:
            self._fetched.popitem(last=False)

    def prompt_of(self, content: bytes) -> str | None:
        """The prompt, None if the picture is not one of those or has been changed too much.

        Takes a few milliseconds for each picture that it is compared with for the first time.
        """
        known = self._prompts.get(_pixels(content))
        if known is not None or not can_scale():
            return known
        wanted = _small(content)
        if wanted is None:
            return None
        found = [(self._distance(each, wanted), each.prompt) for each in self._fetched.values()]
        distance, prompt = min(found, default=(_ALIKE, ""))
        return prompt if distance < _ALIKE else None

    def _distance(self, fetched: _Fetched, wanted: bytes) -> float:
        if fetched.small is None:
            fetched.small = _small(fetched.png) or b""
        if len(fetched.small) != len(wanted):
            return 255.0
        pairs = zip(fetched.small, wanted, strict=True)
        return sum(abs(a - b) for a, b in pairs) / len(wanted)


def _pixels(content: bytes) -> str:
    """What stays the same in a PNG whatever is written beside its pixels."""
    start = content.find(b"IDAT")
    if start < 0:
        return ""
    end = content.rfind(b"IDAT")
    end += 4 + int.from_bytes(content[max(end - 4, 0) : end], "big")
    return hashlib.sha256(content[start:end]).hexdigest()


def _small(content: bytes) -> bytes | None:
    """The picture in a few pixels, None if it is none."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as opened:
            return (
                opened.convert("RGB").resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BOX).tobytes()
            )
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
        return None
