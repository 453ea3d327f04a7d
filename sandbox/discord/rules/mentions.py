"""Whom a message may ping, and that the two ways of saying it do not contradict each other.

Source: "Allowed Mentions Object" in the reference of Discord's API (2026-08).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.rules.kinds import Fields, Items, Snowflake, Text, Truth
from sandbox.discord.rules.problems import Body, Path, Problem, items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

ALLOWED_MENTIONS = Fields(
    known={
        "parse": Items(of=Text(choices=("everyone", "users", "roles")), unique=True, nullable=True),
        "users": Items(of=Snowflake(), most=100, unique=True, nullable=True),
        "roles": Items(of=Snowflake(), most=100, unique=True, nullable=True),
        "replied_user": Truth(),
    }
)


def mention_problems(body: Body, at: Path = ()) -> Iterator[Problem]:
    """Kinds that are named in `parse` and listed one by one as well."""
    allowed = mapping(body, "allowed_mentions")
    for kind in ("users", "roles"):
        if kind in items(allowed, "parse") and items(allowed, kind):
            said = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            path = (*at, "allowed_mentions")
            yield Problem(path=path, code="MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message=said)
