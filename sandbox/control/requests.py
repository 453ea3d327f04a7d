"""The bodies of the control interface, one struct per kind of act."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct, field

ONLINE_WITHIN_S = 5.0
"""How long an act waits for a bot to be connected before it happens anyway."""


class _Act(Struct, kw_only=True, tag_field="kind"):
    """A member does something.

    Attributes:
        channel_id: None, without a guild, means the conversation with the bot.
        wait_online_s: how long to wait for a connected bot, as a member would.
    """

    user_id: str
    guild_id: str | None = None
    channel_id: str | None = None
    locale: str = "en-US"
    wait_online_s: float = ONLINE_WITHIN_S


class CommandAct(_Act, tag="command", kw_only=True):
    """Calls a slash command; subcommands stand in `name` after a space."""

    name: str
    options: dict[str, object] = field(default_factory=dict)


class AutocompleteAct(_Act, tag="autocomplete", kw_only=True):
    """Types into an option; `focused` is the last autocompleting one if not given."""

    name: str
    options: dict[str, object] = field(default_factory=dict)
    focused: str | None = None


class MessageCommandAct(_Act, tag="message_command", kw_only=True):
    """Picks an app from a message's menu."""

    name: str
    message_id: str


class UserCommandAct(_Act, tag="user_command", kw_only=True):
    """Picks an app from a user's menu."""

    name: str
    target_id: str


class ComponentAct(_Act, tag="component", kw_only=True):
    """Presses a button or chooses from a select."""

    message_id: str
    custom_id: str
    values: list[str] = field(default_factory=list)


class ModalAct(_Act, tag="modal", kw_only=True):
    """Submits the form that the bot last opened under this `custom_id`."""

    custom_id: str
    fields: dict[str, object] = field(default_factory=dict)


AnyAct: TypeAlias = (
    CommandAct | AutocompleteAct | MessageCommandAct | UserCommandAct | ComponentAct | ModalAct
)


class UploadedFile(Struct, kw_only=True):
    """A file that a member picks."""

    filename: str
    content_base64: str


class WrittenMessage(Struct, kw_only=True):
    """A message that a member writes."""

    user_id: str
    content: str
    reply_to: str | None = None


class Advance(Struct, kw_only=True):
    """How far the clock is moved."""

    seconds: float


class Invalidation(Struct, kw_only=True):
    """Whether an invalidated session may still be resumed."""

    resumable: bool = False
