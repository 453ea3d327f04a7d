"""What discord.py sends is right: neither the document nor our rules find anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.checks import Checks
from sandbox.discord.rules.problems import Context
from sandbox.tests.real_bodies import real_bodies

if TYPE_CHECKING:
    from sandbox.discord.document import Document


async def test_every_body_that_discord_py_builds_passes(document: Document) -> None:
    """Seventeen kinds and more, by the document and by our rules."""
    checks = Checks(document)
    bodies = await real_bodies()
    found = {
        real.name: [str(p) for p in (*checked.document, *checked.rules)]
        for real in bodies
        for checked in [
            checks.request(
                real.method,
                real.path,
                real.body,
                context=Context(files=real.files, before=real.before),
            )
        ]
    }
    assert {name: problems for name, problems in found.items() if problems} == {}
    assert len(found) == len(bodies) >= 17
    assert checks.tally.requests == len(bodies)
    assert checks.tally.refused == 0
