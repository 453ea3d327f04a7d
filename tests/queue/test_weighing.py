"""Shares of guilds and roles."""

from __future__ import annotations

from bot.queue.fairness import Weighing, Weights
from bot.queue.records import GuildId, RoleId

HOME, ELSEWHERE = GuildId(1), GuildId(2)
PATRON, GUEST, OTHER = RoleId(10), RoleId(11), RoleId(12)
WEIGHING = Weighing(guilds={HOME: 300}, roles={PATRON: 200, GUEST: 50})


def test_whoever_is_named_nowhere_has_one_share() -> None:
    """Guild and member alike."""
    assert WEIGHING.weights(ELSEWHERE, (OTHER,)) == Weights()
    assert Weighing().weights(HOME, (PATRON,)) == Weights()


def test_a_guild_s_share_and_a_role_s_share_go_together() -> None:
    """One weighs against other guilds, one within the guild."""
    assert WEIGHING.weights(HOME, (PATRON,)) == Weights(guild=300, member=200)


def test_the_highest_of_several_roles_counts() -> None:
    """A role without a share does not lift one below the ordinary."""
    assert WEIGHING.weights(ELSEWHERE, (GUEST, PATRON)).member == 200
    assert WEIGHING.weights(ELSEWHERE, (GUEST, OTHER)).member == 50
