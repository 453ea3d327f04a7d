"""The bot, but for its patience with Z-Image: three seconds in the place of two minutes."""

from __future__ import annotations

import sys
from functools import partial

from bot.__main__ import main
from bot.providers.zimage import client

if __name__ == "__main__":
    client.Timeouts = partial(  # type: ignore[misc, assignment] # for this process
        client.Timeouts, total_s=3.0, total_rewriting_s=3.0
    )
    sys.exit(main())
