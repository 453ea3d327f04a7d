"""A process of its own that draws once: resvg holds Python's lock, for a second of a large tree.

Reads drawings and zoom from standard input, as `Drawings`; writes their PNGs, a list, likewise. It
fails with a line on standard error if one of them cannot be drawn. Run as a file, it imports
nothing of the bot, and is there in a tenth of a second.
"""

from __future__ import annotations

import sys

import msgspec
import resvg_py


class Drawings(msgspec.Struct, frozen=True):
    """SVG documents, and pixels a unit."""

    svgs: tuple[str, ...]
    zoom: float


def has_letters(*, skip_system_fonts: bool = False) -> bool:
    """Whether there is a font: without one everything but the words would be drawn."""
    pages = {
        resvg_py.svg_to_bytes(
            svg_string='<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32">'
            f'<text y="24" font-family="Noto Sans, DejaVu Sans, sans-serif">{words}</text></svg>',
            skip_system_fonts=skip_system_fonts,
        )
        for words in ("A", " ")
    }
    return len(pages) == 2


def rendered(drawings: Drawings) -> list[bytes]:
    """As PNGs. Raises ValueError if one of them is no SVG."""
    return [resvg_py.svg_to_bytes(svg_string=svg, zoom=drawings.zoom) for svg in drawings.svgs]


def main() -> None:
    wanted = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Drawings)
    if not has_letters():
        sys.exit("no fonts")
    try:
        pngs = rendered(wanted)
    except ValueError as error:
        sys.exit(str(error))
    sys.stdout.buffer.write(msgspec.msgpack.encode(pngs))


if __name__ == "__main__":
    main()
