"""Broken rules are remembered and told."""

from __future__ import annotations

from sandbox.clock import SandboxClock
from sandbox.violations import KEPT, Violation, Violations


def test_a_violation_is_kept_and_told() -> None:
    """`GET /violations` and the feed of events show the same."""
    clock = SandboxClock.manual(7_000_000)
    violations = Violations(clock)
    told: list[Violation] = []
    violations.listen(told.append)
    violations.record("zimage", rule="link-authorization", request_line="GET /oss/x", detail="why")
    assert violations.snapshot() == [
        {
            "server": "zimage",
            "rule": "link-authorization",
            "request_line": "GET /oss/x",
            "detail": "why",
            "at_us": 7_000_000,
        }
    ]
    assert [one.rule for one in told] == ["link-authorization"]


def test_a_client_in_a_loop_does_not_fill_the_memory() -> None:
    """The oldest give way."""
    violations = Violations(SandboxClock.manual())
    for number in range(KEPT + 1):
        violations.record("discord", rule=str(number), request_line="GET /", detail="")
    assert len(violations) == KEPT
    assert violations.snapshot()[0]["rule"] == "1"
