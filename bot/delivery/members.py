"""What the bot does to members of a guild in Discord itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import discord
import structlog

from bot.delivery.error_kinds import TRANSIENT
from bot.staff_refusals import TimeOutBar, TimeOutRefused

if TYPE_CHECKING:
    from bot.queue.records import GuildId, UserId

AUDIT_REASON_LIMIT = 512  # characters, Discord's

log = structlog.get_logger("bot.delivery")


class GuildMembers:
    """Of all guilds that the client is in."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def time_out(
        self, guild_id: GuildId, user_id: UserId, *, until_at_us: int, reason: str
    ) -> None:
        """They can neither write nor speak until then. Needs the permission to moderate members,
        and a role above theirs.

        Args:
            reason: for Discord's own audit log.

        Raises:
            TimeOutRefused.
        """
        until = datetime.fromtimestamp(until_at_us / 1e6, UTC).isoformat()
        try:
            await self._client.http.edit_member(
                guild_id,
                user_id,
                reason=audit_reason(reason),
                communication_disabled_until=until,
            )
        except (discord.HTTPException, *TRANSIENT) as error:
            bar = _bar(error)
            log.info("member not timed out", guild=guild_id, bar=bar, error=type(error).__name__)
            raise TimeOutRefused(bar) from None


def audit_reason(text: str) -> str:
    """One line of 1 to 512 characters, as Discord's header takes it."""
    return " ".join(text.split())[:AUDIT_REASON_LIMIT] or "-"


def _bar(error: BaseException) -> TimeOutBar:
    if isinstance(error, discord.NotFound):
        return TimeOutBar.GONE
    if isinstance(error, TRANSIENT) or getattr(error, "status", 0) == 429:
        return TimeOutBar.UNREACHABLE
    return TimeOutBar.RIGHT
