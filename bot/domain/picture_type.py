"""The types of picture that are carried. Each is known by its first bytes, whatever a link says."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

TYPE_NEEDS_BYTES = 12


class PictureType(StrEnum):
    """The value is the ending of a file's name."""

    PNG = "png"
    JPEG = "jpg"
    WEBP = "webp"


class Walker(Protocol):
    """Follows the rest of a picture as it flows by, and knows where it ends."""

    surplus_bytes: int  # fed after the picture's end

    def feed(self, block: bytes | memoryview) -> None:
        """Raises NotAPicture if the picture is broken here."""

    def finish(self) -> None:
        """Raises NotAPicture if the stream stopped before the picture's end."""


def picture_type(beginning: bytes | bytearray) -> PictureType | None:
    """By at least TYPE_NEEDS_BYTES; None for anything else than a picture."""
    if beginning.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureType.PNG
    if beginning.startswith(b"\xff\xd8\xff"):
        return PictureType.JPEG
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return PictureType.WEBP
    return None
