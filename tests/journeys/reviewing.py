"""A guild whose staff look at every picture first; they decide beside the bot, as rows."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

from bot.db.connection import connect
from bot.features.moderation.rows import decisions
from bot.features.moderation.rows.case_views import open_cases
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Review, Scope
from bot.queue.records import TenantId, UserId
from tests.journeys.test_imagine import text_of
from tests.journeys.test_kill import all_messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.queue.cases import Case
    from tests.journeys.stage import Stage

MODERATOR = UserId(7)
STAFF = "general"  # the channel that they have named


def guild_id(stage: Stage) -> int:
    return int(stage.control.guild["id"])


def write(stage: Stage, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """A transaction of another process."""
    with closing(connect(stage.database)) as tx:
        tx.execute("BEGIN IMMEDIATE")
        result = function(tx, *args, **kwargs)
        tx.execute("COMMIT")
    return result


def read(stage: Stage, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with closing(connect(stage.database)) as tx:
        return function(tx, *args, **kwargs)


def review_everything(stage: Stage, staff_channel: str | None = STAFF) -> None:
    channel_id = int(stage.control.channel(staff_channel)) if staff_channel else 0
    for name, value in (("review", Review.ALWAYS), ("staff_channel", channel_id)):
        key = Key(Scope.GUILD, guild_id(stage), name, guild_id(stage))
        write(stage, set_policy, key, value, by="7", now_us=1)


def waiting(stage: Stage) -> tuple[Case, ...]:
    """Open cases, the oldest first."""
    found: tuple[Case, ...] = read(stage, open_cases, TenantId(guild_id(stage)), limit=9)
    return found


def now_us() -> int:
    return time.time_ns() // 1000


def approve(stage: Stage, case: Case) -> None:
    write(stage, decisions.approve, case.id, by=MODERATOR, now_us=now_us())


def reject(stage: Stage, case: Case, reason: str) -> None:
    write(stage, decisions.reject, case.id, by=MODERATOR, reason=reason, now_us=now_us())


async def cards(stage: Stage) -> list[Any]:
    """The messages in the staff's channel."""
    channel_id = stage.control.channel(STAFF)
    return [one for one in await all_messages(stage) if one["channel_id"] == channel_id]


async def outside(stage: Stage) -> list[Any]:
    """All that stands anywhere else."""
    channel_id = stage.control.channel(STAFF)
    return [one for one in await all_messages(stage) if one["channel_id"] != channel_id]


async def pictures_outside(stage: Stage) -> list[Any]:
    return [one for one in await outside(stage) if one["attachments"]]


async def said_outside(stage: Stage) -> str:
    return "\n".join(text_of(one) for one in await outside(stage))
