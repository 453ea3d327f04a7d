"""The bot, but it dies like by a power cut at a named write, once.

`ZEUXIS_DIES=before:record_card`: as the transaction is asked for; `after:…`: once it is on disk.
`ZEUXIS_DIED`: a file that says that it has.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.__main__ import main
from bot.db.sqlite import Database

if TYPE_CHECKING:
    from collections.abc import Callable

_write = Database.write
WHEN, _, NAME = os.environ.get("ZEUXIS_DIES", ":").partition(":")
DIED = Path(os.environ.get("ZEUXIS_DIED", os.devnull))


def _die() -> None:
    DIED.write_text(NAME)
    os.kill(os.getpid(), signal.SIGKILL)


async def _dying(self: Database, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    is_the_one = function.__name__ == NAME and not DIED.exists()
    if is_the_one and WHEN == "before":
        _die()
    result = await _write(self, function, *args, **kwargs)
    if is_the_one:
        _die()
    return result


if __name__ == "__main__":
    Database.write = _dying  # type: ignore[method-assign, assignment] # for this process
    sys.exit(main())
