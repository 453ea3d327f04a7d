"""/usage, as members use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cogs.playing import is_private, words

if TYPE_CHECKING:
    from tests.cogs.playing import Scene


async def test_member_who_painted_nothing_is_told_so(scene: Scene) -> None:
    """For each span of time, for them alone, in their language."""
    (answer,) = (await scene.command("usage", locale="de"))["messages"]
    assert is_private(answer)
    assert words(answer).splitlines() == [
        "### 📊 Deine Bilder auf diesem Server",
        "**Heute** · keine",
        "**Letzte 7 Tage** · keine",
        "**Letzte 30 Tage** · keine",
        "**Insgesamt** · keine",
    ]
