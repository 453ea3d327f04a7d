"""An interaction from the member's act to its last follow-up; in memory only: tokens die soon."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.records import InteractionType, Modal, Origin
    from sandbox.discord.shapes import JsonObject

ANSWER_WITHIN_S = 3.0
"""A first answer later than this meets an unknown interaction. Source: Discord's reference."""

TOKEN_LIFETIME_US = 15 * 60 * 1_000_000
"""Edits and follow-ups later than this meet an invalid token. Source: Discord's reference."""


class CallbackType(IntEnum):
    """How an interaction is answered; the name in lower case is what the control interface says."""

    PONG = 1
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


@dataclass(slots=True, kw_only=True)
class Interaction:
    """One act of a member and what became of it.

    Attributes:
        body: the event's data as it was sent to the bot.
        answer_within_us: how long the bot's first answer may take.
        is_user_install: the bot itself is not in the place.
        must_be_ephemeral: such an install, where the member lacks USE_EXTERNAL_APPS.
        opened_on: the message whose component was used, if any.
        original_id: the message that `@original` means, once there is one.
        message_ids: every message that it led to by its own token, oldest first, deleted included.
        errors: what the member would see go wrong, as sentences.
    """

    id: str
    token: str
    type: InteractionType
    user_id: str
    channel_id: str
    guild_id: str | None
    created_at_us: int
    origin: Origin
    body: JsonObject
    answer_within_us: int
    is_user_install: bool = False
    is_context_menu: bool = False
    must_be_ephemeral: bool = False
    opened_on: str | None = None
    acknowledged_at_us: int | None = None
    acknowledged_how: CallbackType | None = None
    is_answer_pending: bool = False
    original_id: str | None = None
    message_ids: list[str] = field(default_factory=list)
    follow_up_count: int = 0
    modal: Modal | None = None
    choices: list[JsonObject] | None = None
    errors: list[str] = field(default_factory=list)
    changed_at_us: int = 0

    def must_be_acknowledged_by_us(self) -> int:
        """The instant after which a first answer comes too late."""
        return self.created_at_us + self.answer_within_us

    def follow_up_origin(self) -> Origin:
        """What a follow-up says of the interaction."""
        origin = copy(self.origin)
        origin.original_message_id = self.original_id
        return origin

    def expires_at_us(self) -> int:
        """The instant after which the token is dead."""
        return self.created_at_us + TOKEN_LIFETIME_US
