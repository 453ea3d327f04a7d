"""Paints one picture: its order as JSON on standard input, the PNG on standard output.

    echo '{"prompt": "a cat", "seed": 7, "width_px": 512, "height_px": 512}' \\
      | python -m sandbox.painter >cat.png
"""

from __future__ import annotations

import json
import sys

from sandbox.painter import picture


def main() -> None:
    """`grain_bits` and `xmp`, a text, may be given too."""
    order = json.load(sys.stdin.buffer)
    xmp = order.pop("xmp", None)
    prompt = order.pop("prompt")
    png = picture(prompt, **order, xmp=None if xmp is None else xmp.encode())
    sys.stdout.buffer.write(png)


if __name__ == "__main__":
    main()
