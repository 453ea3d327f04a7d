"""Rate limits: a window per bucket and place, 50 requests a second, the ban, and session starts.

A bucket is shared by the routes that name it and kept apart by the place (channel, guild or
interaction token) in the path. Its window opens with the first request and admits `limit` until it
closes. Discord does not document the numbers; each says here whether it is observed or guessed.
Interaction callbacks and their follow-ups stay outside the global limit (documented).

A bot may start 1,000 sessions a day, and not all shards at once: those that share
`shard_id % max_concurrency` must be 5 s apart. The unsharded bot is let through (observed: a quick
restart is not refused there). Source: Discord's reference, "Rate Limits" and "Gateway".
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.shapes import JsonObject

GLOBAL_LIMIT = 50
"""Requests a second of one bot. Source: Discord's reference, "Rate Limits"."""

INVALID_LIMIT = 10_000
"""Answers 401, 403 and 429 in ten minutes before the address is banned. Source: as above."""

INVALID_WINDOW_US = 600 * 1_000_000

IGNORED_AFTER_US = 250_000
"""A request that leaves this long after a 429 was sent has seen it."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A limit that routes share."""

    name: str
    limit: int
    window_s: float

    def id(self) -> str:
        """What X-RateLimit-Bucket says."""
        return hashlib.md5(self.name.encode(), usedforsecurity=False).hexdigest()


MESSAGE_CREATE = Bucket("message create", 5, 5.0)  # observed
MESSAGE_EDIT = Bucket("message edit", 5, 5.0)  # observed
MESSAGE_DELETE = Bucket("message delete", 5, 1.0)  # observed
MESSAGE_READ = Bucket("message read", 5, 1.0)  # guessed
BULK_DELETE = Bucket("bulk delete", 1, 1.0)  # observed
REACTION = Bucket("reaction", 1, 0.25)  # observed
PIN = Bucket("pin", 5, 4.0)  # observed
TYPING = Bucket("typing", 5, 5.0)  # observed
THREAD_CREATE = Bucket("thread create", 10, 10.0)  # guessed; a report tells of minutes-long pauses
THREAD_MEMBER = Bucket("thread member", 5, 5.0)  # guessed
CHANNEL_READ = Bucket("channel read", 10, 5.0)  # guessed
CHANNEL_EDIT = Bucket("channel edit", 5, 10.0)  # guessed; names and topics are 2 in 10 min there
GUILD_READ = Bucket("guild read", 10, 5.0)  # guessed
MEMBER_READ = Bucket("member read", 10, 5.0)  # guessed
MEMBER_EDIT = Bucket("member edit", 10, 10.0)  # guessed
GUILD_EDIT = Bucket("guild edit", 10, 10.0)  # guessed; roles are 250 in two days there
USER_READ = Bucket("user read", 30, 30.0)  # observed
USER_EDIT = Bucket("user edit", 5, 20.0)  # guessed; names are 2 in an hour there
CROSSPOST = Bucket("crosspost", 10, 3600.0)  # observed
DIRECT_CHANNEL = Bucket("direct channel", 10, 10.0)  # guessed
COMMAND_READ = Bucket("command read", 10, 5.0)  # guessed
COMMAND_WRITE = Bucket("command write", 5, 20.0)  # observed
GATEWAY = Bucket("gateway", 10, 5.0)  # guessed
APPLICATION = Bucket("application", 10, 5.0)  # guessed
WEBHOOK = Bucket("webhook", 5, 2.0)  # observed


@dataclass(slots=True)
class _Window:
    ends_at_us: int
    used: int = 0
    refused_at_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whether a request may pass, and what the headers say.

    Attributes:
        retry_after_s: None when it may pass.
        scope: `user` or `global` when it may not.
        ignored_an_earlier_refusal: it came although an earlier 429 had told when to come.
    """

    headers: dict[str, str] = field(default_factory=dict)
    retry_after_s: float | None = None
    scope: str = "user"
    ignored_an_earlier_refusal: bool = False


class RateLimits:
    """Counts the requests of the one bot."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], _Window] = {}
        self._global = _Window(0)
        self._invalid: deque[int] = deque()

    def admit(
        self, bucket: Bucket | None, place: str, *, is_global: bool, now_us: int
    ) -> Admission:
        """Counts one request, or refuses it."""
        if is_global and (refused := self._over_global(now_us)):
            return refused
        if bucket is None:
            return Admission()
        window = self._window(bucket, place, now_us)
        left_s = (window.ends_at_us - now_us) / 1_000_000
        if window.used >= bucket.limit:
            ignored = _refuse(window, now_us)
            return Admission(
                headers=_headers(bucket, window, left_s),
                retry_after_s=left_s,
                ignored_an_earlier_refusal=ignored,
            )
        window.used += 1
        return Admission(headers=_headers(bucket, window, left_s))

    def note_invalid(self, now_us: int) -> None:
        """Counts an answer 401, 403 or 429 towards the ban."""
        self._invalid.append(now_us)

    def is_banned(self, now_us: int) -> bool:
        """Whether there were too many such answers lately."""
        while self._invalid and self._invalid[0] <= now_us - INVALID_WINDOW_US:
            self._invalid.popleft()
        return len(self._invalid) >= INVALID_LIMIT

    def _over_global(self, now_us: int) -> Admission | None:
        window = self._global
        if now_us >= window.ends_at_us:
            window = self._global = _Window(now_us + 1_000_000)
        if window.used < GLOBAL_LIMIT:
            window.used += 1
            return None
        ignored = _refuse(window, now_us)
        return Admission(
            headers={"X-RateLimit-Global": "true"},
            retry_after_s=(window.ends_at_us - now_us) / 1_000_000,
            scope="global",
            ignored_an_earlier_refusal=ignored,
        )

    def _window(self, bucket: Bucket, place: str, now_us: int) -> _Window:
        key = (bucket.name, place)
        window = self._windows.get(key)
        if window is None or now_us >= window.ends_at_us:
            if len(self._windows) > 10_000:
                self._forget_closed(now_us)
            window = self._windows[key] = _Window(now_us + int(bucket.window_s * 1_000_000))
        return window

    def _forget_closed(self, now_us: int) -> None:
        self._windows = {k: w for k, w in self._windows.items() if w.ends_at_us > now_us}


def _refuse(window: _Window, now_us: int) -> bool:
    first = window.refused_at_us
    if first is None:
        window.refused_at_us = now_us
        return False
    return now_us - first > IGNORED_AFTER_US


def _headers(bucket: Bucket, window: _Window, left_s: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(bucket.limit),
        "X-RateLimit-Remaining": str(bucket.limit - window.used),
        "X-RateLimit-Reset": f"{window.ends_at_us / 1_000_000:.3f}",
        "X-RateLimit-Reset-After": f"{left_s:.3f}",
        "X-RateLimit-Bucket": bucket.id(),
    }


STARTS_PER_DAY = 1000
APART_US = 5_000_000
_DAY_US = 24 * 3600 * 1_000_000


class SessionStarts:
    """Counts IDENTIFYs."""

    def __init__(self) -> None:
        self.max_concurrency = 1
        self.shards = 1
        self._day_ends_at_us = 0
        self._used = 0
        self._last_by_key: dict[int, int] = {}

    def admit(self, *, shard_id: int, shard_count: int, now_us: int) -> bool:
        """Counts one IDENTIFY; False if it comes too soon or there are none left."""
        self._new_day(now_us)
        if self._used >= STARTS_PER_DAY:
            return False
        key = shard_id % self.max_concurrency
        last_us = self._last_by_key.get(key)
        if shard_count > 1 and last_us is not None and now_us - last_us < APART_US:
            return False
        self._last_by_key[key] = now_us
        self._used += 1
        return True

    def object(self, now_us: int) -> JsonObject:
        """What `GET /gateway/bot` says."""
        self._new_day(now_us)
        return {
            "total": STARTS_PER_DAY,
            "remaining": STARTS_PER_DAY - self._used,
            "reset_after": max(0, self._day_ends_at_us - now_us) // 1000,
            "max_concurrency": self.max_concurrency,
        }

    def _new_day(self, now_us: int) -> None:
        if now_us >= self._day_ends_at_us:
            self._day_ends_at_us = now_us + _DAY_US
            self._used = 0
