"""The tags of forums and media channels. Source: "Forum Tag Object" in the reference (2026-08)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord import errors
from sandbox.discord.records import ForumTag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.discord.state import State

MAX_TAGS = 20
LONGEST_TAG = 20


class TagBody(Struct, kw_only=True):
    """A tag to be; with the id of one that is there it stays that one."""

    name: str
    id: str | int | None = None
    moderated: bool | None = None
    emoji_name: str | None = None


def made_tags(
    state: State, asked: Sequence[TagBody | None], before: Sequence[ForumTag] = ()
) -> list[ForumTag]:
    """The tags in this order, in the place of those before.

    Raises:
        DiscordError: 50035 for more than 20, or a name that is empty or longer than 20.
    """
    tags = [each for each in asked if each is not None]
    if len(tags) > MAX_TAGS or not all(1 <= len(each.name) <= LONGEST_TAG for each in tags):
        raise errors.invalid_field(
            "available_tags",
            code="BASE_TYPE_BAD_LENGTH",
            message="Must be 20 or fewer, each named with 1 to 20 characters.",
        )
    known = {tag.id for tag in before}
    return [
        ForumTag(
            id=str(each.id) if str(each.id) in known else state.snowflakes.next(),
            name=each.name,
            is_moderated=bool(each.moderated),
            emoji_name=each.emoji_name,
        )
        for each in tags
    ]
