"""What a failed step of a delivery means for what comes next."""

from __future__ import annotations

from enum import StrEnum

import aiohttp
import discord

from bot.delivery.posts import (
    BLOCKED_BY_AUTOMOD,
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    THREAD_ARCHIVED,
    THREAD_LOCKED,
    TOO_LARGE,
    TOO_MANY_THREADS,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
)
from bot.errors import DownloadFailed, RelayError, StorageError


class Trouble(StrEnum):
    """The next thing to try."""

    LATER = "later"  # the same again after a wait
    ELSEWHERE = "elsewhere"  # this place is closed, another may be open
    SMALLER = "smaller"  # over the upload limit
    ARCHIVED = "archived"  # open the thread first
    GONE = "gone"  # the message is not there any more
    NEVER = "never"  # nothing will help


_BY_CODE = {
    UNKNOWN_CHANNEL: Trouble.ELSEWHERE,
    MISSING_ACCESS: Trouble.ELSEWHERE,
    MISSING_PERMISSIONS: Trouble.ELSEWHERE,
    THREAD_LOCKED: Trouble.ELSEWHERE,
    TOO_MANY_THREADS: Trouble.ELSEWHERE,
    THREAD_ARCHIVED: Trouble.ARCHIVED,
    TOO_LARGE: Trouble.SMALLER,
    UNKNOWN_MESSAGE: Trouble.GONE,
    **dict.fromkeys(BLOCKED_BY_AUTOMOD, Trouble.ELSEWHERE),
}
TRANSIENT = (
    aiohttp.ClientError,
    discord.DiscordServerError,
    discord.RateLimited,
    DownloadFailed,
    OSError,
    StorageError,
    TimeoutError,
)


def trouble_of(error: BaseException) -> Trouble:
    """Of a Discord, network, relay or storage error."""
    if isinstance(error, discord.HTTPException) and not isinstance(error, TRANSIENT):
        return _of_answer(error)
    if isinstance(error, TRANSIENT):
        return Trouble.LATER
    if isinstance(error, RelayError):
        return Trouble.NEVER
    return Trouble.LATER


def _of_answer(error: discord.HTTPException) -> Trouble:
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    if error.status == 413:
        return Trouble.SMALLER
    if error.status in (429, 503):
        return Trouble.LATER
    return Trouble.ELSEWHERE if error.status in (403, 404) else Trouble.NEVER
