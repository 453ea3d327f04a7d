"""What one request came to: for its member, on the provider's bill, in the row and in the log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Any

from sandbox.demo.seen import lines
from tests.journeys.test_imagine import SMALL
from tests.robustness.rows import WHOLE, rows

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tests.journeys.stage import Stage

# Discord takes five messages and edits of a channel in five seconds; a table would wait for that.
PLACES = cycle(("pictures", "general", "studio", "night-gallery"))
LOUD = ("warning", "error", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """At the end, when nothing is left to be said."""

    member: str  # all that the interaction's messages say, a line each
    pictures: int  # attachments that hang there
    files: tuple[str, ...]  # likewise: `png 512×512`, the type and what Discord measured
    billed: int  # pictures, by the provider's ledger
    row: str  # `shown`, `lost NotAPicture`: what it came to and why; empty if there is none
    log: tuple[str, ...]  # events from warning upwards since it was asked


async def ask(stage: Stage, prompt: str = "a cat", **options: Any) -> Shown:
    """Asks for a picture and waits for its end."""
    return await watched(stage, stage.imagine(prompt, **{"size": SMALL, **options}))


async def watched(stage: Stage, act: Awaitable[Any]) -> Shown:
    """What an act of a member comes to, in the end."""
    billed, said = stage.ledger()["billed"], len(stage.log)
    started = await act
    interaction_id = int(started["interaction_id"])
    settled = await stage.control.settled(started, 20)
    if _row(stage, interaction_id):
        await stage.until(lambda: is_over(stage, interaction_id))
        settled = await stage.control.settled(started, 20)
    messages = settled["messages"]
    return Shown(
        member="\n".join(line for message in messages for line in lines(message)),
        pictures=sum(len(message["attachments"]) for message in messages),
        files=tuple(_file(one) for message in messages for one in message["attachments"]),
        billed=stage.ledger()["billed"] - billed,
        row=_row(stage, interaction_id),
        log=_loud_events(stage.log[said:]),
    )


def _file(attachment: dict[str, Any]) -> str:
    ending = attachment["filename"].rpartition(".")[2]
    return f"{ending} {attachment.get('width')}×{attachment.get('height')}"


def is_over(stage: Stage, interaction_id: int) -> bool:
    """Whether the row, too, knows what its member has been shown."""
    query = (
        f"SELECT 1 FROM {WHOLE} WHERE interaction_id = ? AND due_at_us IS NULL"
        " AND state NOT IN ('queued', 'running')"
    )
    return bool(rows(stage.database, query, interaction_id))


def _row(stage: Stage, interaction_id: int) -> str:
    query = f"SELECT state, coalesce(failure_kind, '') FROM {WHOLE} WHERE interaction_id = ?"
    found = rows(stage.database, query, interaction_id)
    return " ".join(found[0]).strip() if found else ""


def _loud_events(log: str) -> tuple[str, ...]:
    said = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    loud = [line for line in said if line["level"] in LOUD]
    # A busy machine is no row's doing: "Can't keep up, websocket is 3 s behind".
    return tuple(line["event"] for line in loud if line["logger"] != "discord.gateway")
