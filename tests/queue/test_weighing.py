"""Shares of tenants and roles."""

from __future__ import annotations

from bot.queue.fairness import Weighing, Weights
from bot.queue.records import RoleId, TenantId

HOME, ELSEWHERE = TenantId(1), TenantId(2)
PATRON, GUEST, OTHER = RoleId(10), RoleId(11), RoleId(12)
WEIGHING = Weighing(tenants={HOME: 300}, roles={PATRON: 200, GUEST: 50})


def test_whoever_is_named_nowhere_has_one_share() -> None:
    """Tenant and member alike."""
    assert WEIGHING.weights(ELSEWHERE, (OTHER,)) == Weights()
    assert Weighing().weights(HOME, (PATRON,)) == Weights()


def test_a_tenant_s_share_and_a_role_s_share_go_together() -> None:
    """One weighs against other tenants, one within the tenant."""
    assert WEIGHING.weights(HOME, (PATRON,)) == Weights(tenant=300, member=200)


def test_the_highest_of_several_roles_counts() -> None:
    """A role without a share does not lift one below the ordinary."""
    assert WEIGHING.weights(ELSEWHERE, (GUEST, PATRON)).member == 200
    assert WEIGHING.weights(ELSEWHERE, (GUEST, OTHER)).member == 50
