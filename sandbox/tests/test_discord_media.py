"""What an upload is, by its first bytes."""

from __future__ import annotations

import pytest

from sandbox.discord.media import MediaType, sniff

JPEG = b"\xff\xd8\xff\xe0\x00\x04ab" + b"\xff\xc0\x00\x11\x08" + b"\x00\x02\x00\x03" + bytes(9)
WEBP = b"RIFF\x00\x00\x00\x00WEBP"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"GIF89a\x03\x00\x02\x00", MediaType("image/gif", 3, 2)),
        (JPEG, MediaType("image/jpeg", 3, 2)),
        (b"\xff\xd8\xff\xe0", MediaType("image/jpeg")),
        (WEBP + b"VP8X" + bytes(8) + b"\x02\x00\x00\x01\x00\x00", MediaType("image/webp", 3, 2)),
        (WEBP + b"VP8 " + bytes(8), MediaType("image/webp")),
        (b"\x89PNG\r\n\x1a\n", MediaType(None)),
        (b"hello", MediaType(None)),
    ],
)
def test_pictures_are_known_by_their_signature(content: bytes, expected: MediaType) -> None:
    """With their size where the head tells it; a broken head is no picture."""
    assert sniff(content, "file") == expected


def test_others_are_known_by_their_name() -> None:
    """Text says its encoding."""
    assert sniff(b"a,b", "a.csv").content_type == "text/csv; charset=utf-8"
    assert sniff(b"%PDF", "a.pdf").content_type == "application/pdf"
