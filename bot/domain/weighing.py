"""Whose turn comes more often: shares that the operator gave to guilds and to roles.

Shares are percent, as in bot/domain/fairness: 100 is one turn where others have one. A guild's
share weighs it against other guilds, a role's share weighs its members against the other members of
their guild alone. So a generous guild cannot take anything from another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain.fairness import ONE_SHARE, Weights

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.domain.ids import GuildId, RoleId


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """Who is named nowhere has one share."""

    guilds: Mapping[GuildId, int] = field(default_factory=dict)
    roles: Mapping[RoleId, int] = field(default_factory=dict)

    def weights(self, guild_id: GuildId, role_ids: Collection[RoleId]) -> Weights:
        """Of several roles the highest share counts, also if it is below one."""
        shares = [self.roles[role_id] for role_id in role_ids if role_id in self.roles]
        return Weights(
            guild=self.guilds.get(guild_id, ONE_SHARE),
            member=max(shares, default=ONE_SHARE),
        )
