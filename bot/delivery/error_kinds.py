"""What an error of Discord's, the network's or a download's means for what comes next."""

from __future__ import annotations

from enum import StrEnum

import aiohttp
import discord

from bot.errors import DownloadFailed, RelayError, StorageError

# https://docs.discord.com/developers/topics/opcodes-and-status-codes (2026-08)
UNKNOWN_CHANNEL = 10003
UNKNOWN_GUILD = 10004
UNKNOWN_MESSAGE = 10008
EXPLICIT_CONTENT = 20009
TOO_MANY_EDITS = 30046  # of a message older than an hour
TOO_LARGE = 40005
INVALID_FORM = 50035
UNKNOWN_WEBHOOK = 10015  # of an interaction that was never answered, too
DEAD_TOKEN = 50027
MISSING_ACCESS = 50001  # not in the guild, may not see the channel, not added to the private thread
THREAD_ARCHIVED = 50083
THREAD_LOCKED = 160005
MESSAGE_BLOCKED = 200000  # by AutoMod, as the next two
TITLE_BLOCKED = 200001
LINK_BLOCKED = 240000
OPENING_DIRECTS_TOO_FAST = 40003
THREAD_EXISTS = 160004


class ErrorKind(StrEnum):
    """The next thing to try."""

    LATER = "later"  # the same again after a wait
    ELSEWHERE = "elsewhere"  # this place is closed, another may be open
    CLOSED = "closed"  # likewise, and nothing at all can be posted here until staff open it again
    CONTENT = "content"  # a filter refuses what it says or shows, here and elsewhere
    SMALLER = "smaller"  # over the upload limit
    ARCHIVED = "archived"  # open the thread first
    GONE = "gone"  # the message is not there any more, or cannot be edited
    EXPIRED = "expired"  # the interaction can be answered no more
    NEVER = "never"  # the same request will be refused again, here and elsewhere


_BY_CODE = {
    UNKNOWN_CHANNEL: ErrorKind.CLOSED,
    UNKNOWN_GUILD: ErrorKind.CLOSED,
    MISSING_ACCESS: ErrorKind.CLOSED,
    THREAD_LOCKED: ErrorKind.CLOSED,
    EXPLICIT_CONTENT: ErrorKind.CONTENT,
    MESSAGE_BLOCKED: ErrorKind.CONTENT,
    TITLE_BLOCKED: ErrorKind.CONTENT,
    LINK_BLOCKED: ErrorKind.CONTENT,
    OPENING_DIRECTS_TOO_FAST: ErrorKind.LATER,
    THREAD_ARCHIVED: ErrorKind.ARCHIVED,
    TOO_LARGE: ErrorKind.SMALLER,
    TOO_MANY_EDITS: ErrorKind.GONE,
    UNKNOWN_MESSAGE: ErrorKind.GONE,
    UNKNOWN_WEBHOOK: ErrorKind.EXPIRED,
    DEAD_TOKEN: ErrorKind.EXPIRED,
    INVALID_FORM: ErrorKind.NEVER,
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
# Whatever an attempt to deliver may end with, short of a slip of our own.
DELIVERY_ERRORS = (discord.DiscordException, RelayError, *TRANSIENT)


def error_kind(error: BaseException) -> ErrorKind:
    """Of a Discord, network, relay or storage error."""
    if isinstance(error, discord.HTTPException) and not isinstance(error, TRANSIENT):
        return _of_answer(error)
    if isinstance(error, TRANSIENT):
        return ErrorKind.LATER
    if isinstance(error, RelayError):
        return ErrorKind.NEVER
    return ErrorKind.LATER


def _of_answer(error: discord.HTTPException) -> ErrorKind:
    """By the code where it matters, else by the status.

    A refusal with another code concerns what may be done in the place: permissions (to send, to
    attach files), too many threads, a kind of channel that knows no threads. So another place is
    worth a try, and this one is not closed. Without a code of Discord's it says nothing about it:
    a wrong token, or a gateway that shuts us out.
    """
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    if error.status == 413:
        return ErrorKind.SMALLER
    if error.status in (401, 429) or error.status >= 500 or error.code == 0:
        return ErrorKind.LATER
    return ErrorKind.ELSEWHERE
