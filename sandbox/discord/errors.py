"""The errors that Discord answers with: HTTP status, JSON code and message, in one catalogue.

Source: Discord's reference, "Opcodes and Status Codes" (2026-08). A handler raises a
`DiscordError`; the edge turns it into the body. `invalid_form` makes the nested body of 50035.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.discord.shapes import JsonObject


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One row of Discord's tables."""

    status: int
    code: int
    message: str


UNAUTHORIZED = ErrorKind(401, 0, "401: Unauthorized")
NOT_FOUND = ErrorKind(404, 0, "404: Not Found")
METHOD_NOT_ALLOWED = ErrorKind(405, 0, "405: Method Not Allowed")
INTERNAL = ErrorKind(500, 0, "500: Internal Server Error")

UNKNOWN_APPLICATION = ErrorKind(404, 10002, "Unknown Application")
UNKNOWN_CHANNEL = ErrorKind(404, 10003, "Unknown Channel")
UNKNOWN_GUILD = ErrorKind(404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = ErrorKind(404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = ErrorKind(404, 10008, "Unknown Message")
UNKNOWN_ROLE = ErrorKind(404, 10011, "Unknown Role")
UNKNOWN_USER = ErrorKind(404, 10013, "Unknown User")
UNKNOWN_EMOJI = ErrorKind(400, 10014, "Unknown Emoji")
UNKNOWN_WEBHOOK = ErrorKind(404, 10015, "Unknown Webhook")
UNKNOWN_BAN = ErrorKind(404, 10026, "Unknown Ban")
UNKNOWN_ENTITLEMENT = ErrorKind(404, 10029, "Unknown Entitlement")
UNKNOWN_SKU = ErrorKind(404, 10027, "Unknown SKU")
UNKNOWN_INTERACTION = ErrorKind(404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = ErrorKind(404, 10063, "Unknown application command")
UNKNOWN_SCHEDULED_EVENT = ErrorKind(404, 10070, "Unknown Guild Scheduled Event")
MAX_PINS = ErrorKind(400, 30003, "Maximum number of pins reached for the channel (250)")
MAX_EMOJIS = ErrorKind(400, 30008, "Maximum number of emojis reached (2000)")
MAX_ROLES = ErrorKind(400, 30005, "Maximum number of guild roles reached (250)")
MAX_CHANNELS = ErrorKind(400, 30013, "Maximum number of guild channels reached (500)")
MAX_WEBHOOKS = ErrorKind(400, 30007, "Maximum number of webhooks reached (15)")
MAX_REACTIONS = ErrorKind(400, 30010, "Maximum number of reactions reached (20)")
MAX_ATTACHMENTS = ErrorKind(400, 30015, "Maximum number of attachments in a message reached (10)")
MAX_THREAD_MEMBERS = ErrorKind(400, 30033, "Maximum number of thread participants has been reached")
MAX_SCHEDULED_EVENTS = ErrorKind(
    400, 30038, "Maximum number of uncompleted guild scheduled events reached (100)"
)
MAX_COMMAND_CREATES = ErrorKind(
    400, 30034, "Maximum number of daily application command creates has been reached (200)"
)
MAX_OLD_EDITS = ErrorKind(
    429, 30046, "Maximum number of edits to messages older than 1 hour reached. Try again later"
)
TOO_LARGE = ErrorKind(413, 40005, "Request entity too large")
BANNED = ErrorKind(403, 40007, "The user is banned from this guild.")
NOT_IN_VOICE = ErrorKind(400, 40032, "Target user is not connected to voice")
ALREADY_CROSSPOSTED = ErrorKind(400, 40033, "This message has already been crossposted.")
ALREADY_ACKNOWLEDGED = ErrorKind(400, 40060, "Interaction has already been acknowledged.")
TAG_REQUIRED = ErrorKind(400, 40067, "A tag is required to create a forum post in this channel")
FOLLOW_UP_LIMIT = ErrorKind(
    400,
    40094,
    "This interaction has reached the maximum number of follow up messages that can be sent",
)
ALREADY_CONSUMED = ErrorKind(400, 40018, "Entitlement has already been consumed")
MISSING_ACCESS = ErrorKind(403, 50001, "Missing Access")
NOT_ON_DM = ErrorKind(403, 50003, "Cannot execute action on a DM channel")
NOT_OWN_MESSAGE = ErrorKind(403, 50005, "Cannot edit a message authored by another user")
EMPTY_MESSAGE = ErrorKind(400, 50006, "Cannot send an empty message")
CANNOT_MESSAGE_USER = ErrorKind(403, 50007, "Cannot send messages to this user")
NOT_A_TEXT_CHANNEL = ErrorKind(400, 50008, "Cannot send messages in a non-text channel")
MISSING_PERMISSIONS = ErrorKind(403, 50013, "Missing Permissions")
BULK_DELETE_COUNT = ErrorKind(
    400,
    50016,
    "Provided too few or too many messages to delete. "
    "Must provide at least 2 and fewer than 100 messages to delete",
)
SYSTEM_MESSAGE = ErrorKind(403, 50021, "Cannot execute action on a system message")
WRONG_CHANNEL_TYPE = ErrorKind(400, 50024, "Cannot execute action on this channel type")
INVALID_WEBHOOK_TOKEN = ErrorKind(401, 50027, "Invalid Webhook Token")
INVALID_ROLE = ErrorKind(400, 50028, "Invalid role")
TOO_OLD_TO_BULK_DELETE = ErrorKind(
    400, 50034, "You can only bulk delete messages that are under 14 days old."
)
AGE_RESTRICTED = ErrorKind(403, 40100, "This command can only be used in age-restricted channels.")
INVALID_FORM = ErrorKind(400, 50035, "Invalid Form Body")
THREAD_ARCHIVED = ErrorKind(400, 50083, "Thread is archived")
NEEDS_BOOSTS = ErrorKind(403, 50101, "This server needs more boosts to perform this action")
INVALID_JSON = ErrorKind(400, 50109, "The request body contains invalid JSON.")
THREAD_EXISTS = ErrorKind(400, 160004, "A thread has already been created for this message")
THREAD_LOCKED = ErrorKind(400, 160005, "Thread is locked")
MAX_ACTIVE_THREADS = ErrorKind(400, 160006, "Maximum number of active threads reached")
FINISHED_EVENT = ErrorKind(400, 180000, "Cannot update a finished event")
WEBHOOK_NEEDS_THREAD = ErrorKind(
    400, 220001, "Webhooks posted to forum channels must have a thread_name or thread_id"
)
WEBHOOK_THREAD_TWICE = ErrorKind(
    400, 220002, "Webhooks posted to forum channels cannot have both a thread_name and thread_id"
)
WEBHOOK_THREAD_OUTSIDE_FORUM = ErrorKind(
    400, 220003, "Webhooks can only create threads in forum channels"
)
BLOCKED_BY_AUTOMOD = ErrorKind(400, 200000, "Message was blocked by automatic moderation")
CANNOT_REPLY_WITHOUT_HISTORY = ErrorKind(
    400, 160002, "Cannot reply without permission to read message history"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One refused field.

    Attributes:
        path: the keys that lead to it, list positions as numbers.
        code: Discord's word, such as `BASE_TYPE_REQUIRED`.
        message: Discord's sentence.
    """

    path: tuple[str | int, ...]
    code: str
    message: str


class DiscordError(Exception):
    """A request was refused as Discord would refuse it."""

    def __init__(
        self, kind: ErrorKind, *, errors: JsonObject | None = None, extra: JsonObject | None = None
    ) -> None:
        super().__init__(f"{kind.status}/{kind.code}: {kind.message}")
        self.kind = kind
        self.errors = errors
        self.extra = extra or {}

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return self.kind.status

    def body(self) -> JsonObject:
        """The JSON body of the answer."""
        body: JsonObject = {"message": self.kind.message, "code": self.kind.code, **self.extra}
        if self.errors:
            body["errors"] = self.errors
        return body


class NotPlayed(DiscordError):
    """Discord does this and the sandbox does not: the client broke no rule."""


def not_played(message: str, *path: str | int) -> NotPlayed:
    """400 that says so, for a whole request, or as 50035 for one field."""
    if not path:
        return NotPlayed(ErrorKind(400, 0, message))
    problem = FieldError(path=path, code="SANDBOX_UNSUPPORTED", message=message)
    return NotPlayed(INVALID_FORM, errors=_nested([(path, problem)]))


def invalid_form(problems: Iterable[FieldError]) -> DiscordError:
    """50035 with each problem at its place in the nested `errors` object."""
    return DiscordError(INVALID_FORM, errors=_nested([(each.path, each) for each in problems]))


def invalid_field(*path: str | int, code: str, message: str) -> DiscordError:
    """50035 for one field."""
    return invalid_form([FieldError(path=path, code=code, message=message)])


def missing(*path: str | int) -> DiscordError:
    """50035 for a field that must be given and is not."""
    return invalid_field(*path, code="BASE_TYPE_REQUIRED", message="This field is required")


def bad_length(*path: str | int, shortest: int = 1, longest: int) -> DiscordError:
    """50035 for a text that is too short or too long."""
    said = f"Must be between {shortest} and {longest} in length."
    return invalid_field(*path, code="BASE_TYPE_BAD_LENGTH", message=said)


def not_a_snowflake(*path: str | int, value: str) -> DiscordError:
    """50035 for what is no id."""
    said = f'Value "{value}" is not snowflake.'
    return invalid_field(*path, code="NUMBER_TYPE_COERCE", message=said)


def _nested(problems: list[tuple[tuple[str | int, ...], FieldError]]) -> JsonObject:
    tree: JsonObject = {}
    here = [{"code": each.code, "message": each.message} for path, each in problems if not path]
    if here:
        tree["_errors"] = here
    for key in dict.fromkeys(path[0] for path, _ in problems if path):
        below = [(path[1:], each) for path, each in problems if path and path[0] == key]
        tree[str(key)] = _nested(below)
    return tree
