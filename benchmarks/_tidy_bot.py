"""The bot, tidying as often as the clock of the sandbox in `chaos` says: every ten seconds."""

from __future__ import annotations

import sys

from bot import housekeeping
from bot.__main__ import main

if __name__ == "__main__":
    housekeeping.EVERY_S = 10.0
    sys.exit(main())
