"""The bot, but a prompt that begins with `four` is asked for four times at once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from bot.__main__ import main
from bot.features.imagine.service import Service
from bot.records import replace

if TYPE_CHECKING:
    from bot.features.imagine.records import Receipt
    from bot.providers.image import ImageRequest
    from bot.queue.records import Origin

_submit = Service.submit


async def _several(self: Service, request: ImageRequest, origin: Origin, **options: Any) -> Receipt:
    count = 4 if request.prompt.startswith("four") else 1
    more = [replace(request, seed=request.seed + number) for number in range(1, count)]
    return await _submit(self, request, origin, **{**options, "more": more})


if __name__ == "__main__":
    Service.submit = _several  # type: ignore[method-assign] # for this process
    sys.exit(main())
