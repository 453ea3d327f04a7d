"""Three records held against each other: members' screens, the bot's rows, Z-Image's ledger."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.discord.components import TextDisplay, walk
from tests.robustness.rows import WHOLE, messages, pictures, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.journeys.stage import Stage

ENDS = frozenset({"shown", "lost", "withheld", "refused", "failed", "uncertain", "cancelled"})
_FILE = re.compile(r"zeuxis-(\d+)\.")
_TEXT_CHANNEL = 0
_CLOSED = ("notices", "staff")  # to members or to the bot


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a member asks."""

    guild_id: str
    channel_id: str
    user_id: str

    def wish(self, prompt: str, **options: Any) -> dict[str, Any]:
        """The body of `POST /interactions`."""
        return {
            "kind": "command",
            "name": "imagine",
            "guild_id": self.guild_id,
            "channel_id": self.channel_id,
            "user_id": self.user_id,
            "options": {"prompt": prompt, "size": "512*512", "rewrite": "off", **options},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What the records say together."""

    jobs: int
    ends: Counter[str]
    acknowledged: int  # interactions whose member was shown a status message
    lost: int  # acknowledged without a row, and rows without an end
    untold: int  # ends whose member sees neither a picture nor a text
    posted_twice: int
    status_twice: int  # jobs with more than one status message; no harm, but not neat
    billed: int
    billed_twice: int


def places_of(stage: Stage) -> list[Place]:
    """Every channel of every guild that the bot may paint in, with changing members."""
    found = []
    for guild in stage.sandbox.addresses["guilds"]:  # type: ignore[attr-defined]  # a JSON line
        people = [one["id"] for one in guild["members"][:3]]
        channels = [one["id"] for one in guild["channels"] if _is_open(one)]
        found += [
            Place(guild_id=guild["id"], channel_id=channel, user_id=person)
            for person in people
            for channel in channels
        ]
    return found


def tally_of(stage: Stage, asked: Sequence[str]) -> Tally:
    """Reads all three. `asked` are the ids of the interactions."""
    kept = rows(
        stage.database,
        f"SELECT id, state, interaction_id, status_message_id, told_at_us FROM {WHOLE}",
    )
    known = {str(row[2]) for row in kept}
    shown = {interaction for interaction in asked if _was_shown(stage, interaction)}
    posted = Counter(int(found[1]) for one in pictures(stage) for found in _files(one))
    ids = {message.id for message in messages(stage)}
    untold = sum(not _is_told(row, posted, ids) for row in kept if row[1] in ENDS)
    bills = Counter(one.prompt for one in stage.sandbox.zimage.ledger.entries if one.billed)
    return Tally(
        jobs=len(kept),
        ends=Counter(row[1] for row in kept),
        acknowledged=len(shown),
        lost=len(shown - known) + sum(row[1] not in ENDS for row in kept),
        untold=untold,
        posted_twice=sum(count > 1 for count in posted.values()),
        status_twice=_status_twice(stage),
        billed=sum(bills.values()),
        billed_twice=sum(count > 1 for count in bills.values()),
    )


def _is_open(channel: dict[str, Any]) -> bool:
    return channel["type"] == _TEXT_CHANNEL and channel["name"] not in _CLOSED


def _was_shown(stage: Stage, interaction_id: str) -> bool:
    interaction = stage.sandbox.state.interactions.get(interaction_id)
    if interaction is None:
        return False
    here = stage.sandbox.state.messages.get(interaction.channel_id, {})
    own = [here[one] for one in interaction.message_ids if one in here]
    return any(one.viewer_id is None and not one.is_loading for one in own)


def _files(message: Any) -> list[re.Match[str]]:
    found = (_FILE.match(one.filename) for one in message.attachments)
    return [one for one in found if one]


def _is_told(row: Sequence[Any], posted: Counter[int], ids: set[str]) -> bool:
    job_id, state, _, status_id, told_at_us = row
    if state == "shown":
        return posted[job_id] > 0
    return told_at_us is not None and str(status_id) in ids


def _status_twice(stage: Stage) -> int:
    """By the small print that only the job's own cards carry, outside of its thread."""
    seen: Counter[str] = Counter()
    for message in messages(stage):
        if message.attachments or message.viewer_id is not None:
            continue
        seen.update(re.findall(r"\bjob (\d+)$", _text(message), re.MULTILINE))
    return sum(count > 1 for count in seen.values())


def _text(message: Any) -> str:
    texts = (one.content for one in walk(message.components) if isinstance(one, TextDisplay))
    return "\n".join(texts)
