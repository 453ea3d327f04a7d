"""docs/contract.md tells what there is."""

from __future__ import annotations

from pathlib import Path

from sandbox.discord import ratelimits
from sandbox.discord.app import ROUTES
from sandbox.discord.ratelimits import Bucket

PAGE = (Path(__file__).parents[1] / "docs" / "contract.md").read_text()


def test_every_place_that_a_route_leads_to_is_named() -> None:
    """By the last fixed name of its path."""
    for route in ROUTES:
        fixed = [part for part in route.path.split("/") if part and not part.startswith("{")]
        assert fixed[-1] in PAGE, route.key


def test_every_rate_limit_is_told_as_it_is() -> None:
    """Name, limit and window."""
    buckets = [each for each in vars(ratelimits).values() if isinstance(each, Bucket)]
    assert len(buckets) > 20
    for each in buckets:
        assert f"| {each.name} | {each.limit} in {each.window_s:g} |" in PAGE, each.name
