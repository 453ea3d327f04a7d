"""Threads and changes of channels: names, archive durations, slow mode, tags.

Source: "Start Thread", "Modify Channel" and "Create DM" in Discord's API reference (2026-08).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.rules.kinds import (
    Anything,
    Fields,
    Items,
    Kind,
    Number,
    Snowflake,
    Text,
    Truth,
    shape_problems,
)
from sandbox.discord.rules.messages import MESSAGE, SENDABLE, message_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.discord.rules.problems import Context, Problem

_SLOW_MODE = Number(lowest=0, highest=21_600)
_ARCHIVE_AFTER = Number(choices=(60, 1440, 4320, 10080))
_NEW: Mapping[str, Kind] = {
    "name": Text(shortest=1, longest=100),
    "auto_archive_duration": _ARCHIVE_AFTER,
    "rate_limit_per_user": _SLOW_MODE,
}
_NAME = frozenset({"name"})
_THREAD_OF_MESSAGE = Fields(
    known={**_NEW, "type": Number(choices=(10, 11))},
    required=_NAME,
    elsewhere=frozenset({"invitable"}),
)
"""The reference has no `type` here, yet discord.js names the one that it will be."""
_THREAD = Fields(
    known={**_NEW, "type": Number(choices=(10, 11, 12)), "invitable": Truth()}, required=_NAME
)
_POST = Fields(
    known={
        **_NEW,
        "type": Number(choices=(11,)),
        "message": Anything(),
        "applied_tags": Items(of=Snowflake(), most=5),
    },
    required=_NAME,
)
"""A forum has one kind of thread, which discord.py names nevertheless."""
_OVERWRITE = Fields(
    known={
        "id": Snowflake(),
        "type": Number(choices=(0, 1)),
        "allow": Number(lowest=0, digits=True),
        "deny": Number(lowest=0, digits=True),
    },
    required=frozenset({"id"}),
)
_CHANGE = Fields(
    known={
        "name": Text(shortest=1, longest=100),
        "type": Number(choices=(0, 5)),
        "position": Number(lowest=0),
        "topic": Text(longest=4096),
        "nsfw": Truth(),
        "rate_limit_per_user": _SLOW_MODE,
        "bitrate": Number(lowest=8000),
        "user_limit": Number(lowest=0, highest=99),
        "permission_overwrites": Items(of=_OVERWRITE, most=100),
        "parent_id": Snowflake(),
        "rtc_region": Text(),
        "video_quality_mode": Number(choices=(1, 2)),
        "default_auto_archive_duration": _ARCHIVE_AFTER,
        "default_thread_rate_limit_per_user": _SLOW_MODE,
        "default_sort_order": Number(choices=(0, 1)),
        "default_forum_layout": Number(choices=(0, 1, 2)),
        "default_reaction_emoji": Anything(),
        "default_tag_setting": Anything(),
        "available_tags": Items(of=Anything(), most=20),
        "flags": Number(lowest=0),
        "archived": Truth(),
        "auto_archive_duration": _ARCHIVE_AFTER,
        "locked": Truth(),
        "invitable": Truth(),
        "applied_tags": Items(of=Snowflake(), most=5),
        "icon": Anything(),
    }
)
_DIRECT = Fields(
    known={
        "recipient_id": Snowflake(),
        "recipients": Items(of=Snowflake(), fewest=1, most=10),
        "access_tokens": Items(of=Text()),
        "nicks": Anything(),
    }
)
_DELETION = Fields(known={"messages": Items(of=Snowflake())}, required=frozenset({"messages"}))


def thread_of_message_problems(body: object) -> Iterator[Problem]:
    """Everything that is wrong with a thread to be started from a message."""
    return shape_problems(_THREAD_OF_MESSAGE, body)


def thread_problems(body: object, context: Context) -> Iterator[Problem]:
    """Everything that is wrong with a thread of its own, or with a forum's post and its message."""
    if not isinstance(body, dict) or "message" not in body:
        yield from shape_problems(_THREAD, body)
        return
    yield from shape_problems(_POST, body)
    first = body["message"]
    yield from message_problems(MESSAGE, first, context, at=("message",), may_set=SENDABLE)


def channel_problems(body: object) -> Iterator[Problem]:
    """Everything that is wrong with a change of a channel or thread."""
    return shape_problems(_CHANGE, body)


def direct_problems(body: object) -> Iterator[Problem]:
    """Everything that is wrong with a request for a direct conversation."""
    return shape_problems(_DIRECT, body)


def deletion_problems(body: object) -> Iterator[Problem]:
    """Everything that is wrong with a list of messages to delete; how many is not looked at."""
    return shape_problems(_DELETION, body)
