"""The pictures of charts in the docs: `python -m tests.texts.usage_sheet docs/images`.

Drawn with this machine's fonts; the Docker image has Noto Sans.
"""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path

from PIL import Image

from bot.drawing.png import pngs_of
from bot.drawing.svg import Theme
from bot.features.usage.records import UsagePart
from bot.records import replace
from bot.texts import Texts
from bot.texts.usage_charts import usage_charts
from tests.texts.usage_reports import (
    ARABIC_NAMES,
    CHINESE_JAPANESE_KOREAN_NAMES,
    LATIN_NAMES,
    report_of,
)

COLUMNS = (
    (UsagePart.DAYS, UsagePart.HOURS, UsagePart.OUTCOMES),
    (UsagePart.GAUGES, UsagePart.TOP),
)
SHOWN_PX = 480  # wide, of each chart
GAP_PX = 12
COLOURS = 64


async def charts(theme: Theme) -> dict[UsagePart, Image.Image]:
    names = (*LATIN_NAMES[:3], *ARABIC_NAMES[:2], *CHINESE_JAPANESE_KOREAN_NAMES[:3])
    report = report_of(names)
    drawn = usage_charts(replace(report, gauges=report.gauges[:4]), Texts("en-US"), theme)
    pngs = await pngs_of(chart.svg for chart in drawn)
    if pngs is None:
        raise SystemExit("the extra `charts` or a font is missing")
    opened = [Image.open(io.BytesIO(png)).convert("RGB") for png in pngs]
    return {
        chart.part: picture.resize(
            (SHOWN_PX, picture.height * SHOWN_PX // picture.width), Image.Resampling.LANCZOS
        )
        for chart, picture in zip(drawn, opened, strict=True)
    }


def sheet(pictures: dict[UsagePart, Image.Image]) -> Image.Image:
    columns = [[pictures[part] for part in parts] for parts in COLUMNS]
    height = max(sum(one.height + GAP_PX for one in column) for column in columns) - GAP_PX
    whole = Image.new("RGBA", ((SHOWN_PX + GAP_PX) * len(columns) - GAP_PX, height))
    for place, column in enumerate(columns):
        y = 0
        for picture in column:
            whole.paste(picture, (place * (SHOWN_PX + GAP_PX), y))
            y += picture.height + GAP_PX
    return whole.quantize(COLOURS, Image.Quantize.FASTOCTREE)


async def main(folder: Path) -> None:
    for theme in Theme:
        sheet(await charts(theme)).save(folder / f"usage-{theme}.png", optimize=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
