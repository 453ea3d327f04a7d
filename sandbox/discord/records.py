"""What the sandbox remembers of Discord: plain records, kept by `state.State`.

Ids are strings of digits as on the wire; instants are epoch microseconds of the sandbox's clock.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

from msgspec import Struct, field

from sandbox.discord.components import (  # noqa: TC001 - msgspec reads annotations at run time
    MessageComponent,
    ModalComponent,
)
from sandbox.discord.message_bodies import Embed  # noqa: TC001 - likewise


class ChannelType(IntEnum):
    """Discord's channel types, as far as the sandbox has them."""

    TEXT = 0
    DM = 1
    VOICE = 2
    GROUP_DM = 3
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15
    MEDIA = 16


class MessageType(IntEnum):
    """Discord's message types, as far as the sandbox makes them."""

    DEFAULT = 0
    PINNED = 6
    THREAD_CREATED = 18
    REPLY = 19
    COMMAND = 20
    THREAD_STARTER = 21
    CONTEXT_MENU = 23
    AUTO_MODERATION_ACTION = 24


class MessageFlag(IntFlag):
    """Discord's message flags, as far as the sandbox knows them."""

    CROSSPOSTED = 1 << 0
    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    VOICE_MESSAGE = 1 << 13
    COMPONENTS_V2 = 1 << 15


class InteractionType(IntEnum):
    """What a member did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class User(Struct, kw_only=True):
    """A person or a bot; a person may have installed the application for themselves."""

    id: str
    name: str
    display_name: str | None = None
    is_bot: bool = False
    is_webhook: bool = False
    has_installed: bool = False


class Role(Struct, kw_only=True):
    """A role; the one with the guild's id is `@everyone`."""

    id: str
    name: str
    permissions: int
    position: int
    color: int = 0
    is_hoisted: bool = False
    is_mentionable: bool = False
    bot_id: str | None = None


class Member(Struct, kw_only=True):
    """A user in a guild."""

    user_id: str
    joined_at_us: int
    role_ids: list[str] = field(default_factory=list)
    nick: str | None = None
    timed_out_until_us: int | None = None


class AutoModRule(Struct, kw_only=True):
    """A rule of keywords and patterns; with presets of Discord's own lists; or against spam.

    Spam is more mentions than `most_mentions` in a message, or what Discord takes for it. The rule
    blocks the message, tells the alert channel and times the author out, each if it is set so.
    """

    id: str
    name: str
    keywords: list[str] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    presets: list[int] = field(default_factory=list)
    most_mentions: int | None = None
    is_against_spam: bool = False
    exempt_role_ids: list[str] = field(default_factory=list)
    exempt_channel_ids: list[str] = field(default_factory=list)
    is_enabled: bool = True
    blocks: bool = True
    custom_message: str | None = None
    alert_channel_id: str | None = None
    time_out_s: int | None = None


class AuditAction(IntEnum):
    """What a guild's audit log tells of here."""

    MEMBER_KICK = 20
    MEMBER_BAN_ADD = 22
    MEMBER_BAN_REMOVE = 23
    MEMBER_UPDATE = 24
    MEMBER_ROLE_UPDATE = 25
    MESSAGE_DELETE = 72
    MESSAGE_BULK_DELETE = 73
    MESSAGE_PIN = 74
    MESSAGE_UNPIN = 75


class AuditEntry(Struct, kw_only=True):
    """One act of the bot on what is not its own, and the reason that it gave."""

    id: str
    action: int
    target_id: str | None
    reason: str | None = None
    changes: list[dict[str, object]] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)


class EventStatus(IntEnum):
    """How far a scheduled event is; the last two are its ends."""

    SCHEDULED = 1
    ACTIVE = 2
    COMPLETED = 3
    CANCELED = 4


class EventType(IntEnum):
    """Where a scheduled event takes place."""

    STAGE = 1
    VOICE = 2
    EXTERNAL = 3


class ScheduledEvent(Struct, kw_only=True):
    """Something that a guild plans, with those who are interested in it."""

    id: str
    name: str
    creator_id: str
    starts_at_us: int
    ends_at_us: int | None = None
    type: int = EventType.EXTERNAL
    status: int = EventStatus.SCHEDULED
    description: str | None = None
    channel_id: str | None = None
    location: str | None = None
    user_ids: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether it is completed or cancelled."""
        return self.status in (EventStatus.COMPLETED, EventStatus.CANCELED)


class Guild(Struct, kw_only=True):
    """A guild with its roles, members, AutoMod rules, scheduled events and audit log.

    Attributes:
        bans: Why somebody is banned, by their id.
    """

    id: str
    name: str
    owner_id: str
    locale: str = "en-US"
    boost_tier: int = 0
    roles: dict[str, Role] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    automod_rules: dict[str, AutoModRule] = field(default_factory=dict)
    scheduled_events: dict[str, ScheduledEvent] = field(default_factory=dict)
    audit_log: list[AuditEntry] = field(default_factory=list)
    bans: dict[str, str | None] = field(default_factory=dict)


class Overwrite(Struct, kw_only=True):
    """A channel's exception for a role (type 0) or a member (type 1)."""

    id: str
    type: int
    allow: int = 0
    deny: int = 0


class ForumTag(Struct, kw_only=True):
    """A tag that posts of a forum or media channel may carry."""

    id: str
    name: str
    is_moderated: bool = False
    emoji_name: str | None = None


class Thread(Struct, kw_only=True):
    """What a channel has in addition when it is a thread."""

    owner_id: str
    created_at_us: int
    archive_after_minutes: int
    active_at_us: int
    is_archived: bool = False
    archived_at_us: int | None = None
    is_locked: bool = False
    is_invitable: bool = True
    members: dict[str, int] = field(default_factory=dict)
    message_count: int = 0
    total_message_count: int = 0
    applied_tags: list[str] = field(default_factory=list)


class Channel(Struct, kw_only=True):
    """A channel of a guild, a thread, or a conversation; `owner_id` is a group's."""

    id: str
    type: int
    guild_id: str | None = None
    name: str = ""
    position: int = 0
    parent_id: str | None = None
    topic: str | None = None
    is_age_restricted: bool = False
    slow_mode_s: int = 0
    overwrites: list[Overwrite] = field(default_factory=list)
    tags: list[ForumTag] = field(default_factory=list)
    flags: int = 0
    default_archive_after_minutes: int | None = None
    recipient_ids: list[str] = field(default_factory=list)
    owner_id: str | None = None
    thread: Thread | None = None
    last_message_id: str | None = None
    last_pin_at_us: int | None = None

    @property
    def place(self) -> dict[str, object]:
        """What an event says of where it happened."""
        place: dict[str, object] = {"channel_id": self.id}
        return place | ({"guild_id": self.guild_id} if self.guild_id else {})

    @property
    def is_thread(self) -> bool:
        """Whether this is a thread of any kind."""
        return self.thread is not None

    @property
    def holds_messages(self) -> bool:
        """Whether messages can be sent into it."""
        return self.type != ChannelType.CATEGORY and not self.holds_posts

    @property
    def holds_posts(self) -> bool:
        """Whether it is a forum or a media channel, whose only contents are threads."""
        return self.type in (ChannelType.FORUM, ChannelType.MEDIA)


class Attachment(Struct, kw_only=True):
    """An uploaded file; its bytes are in the journal under the same id."""

    id: str
    channel_id: str
    filename: str
    size_bytes: int
    content_type: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    description: str | None = None
    title: str | None = None
    is_spoiler: bool = False
    is_ephemeral: bool = False


class Reference(Struct, kw_only=True):
    """The message or thread that a message points at."""

    channel_id: str
    message_id: str | None = None
    guild_id: str | None = None
    type: int = 0


class Origin(Struct, kw_only=True):
    """The interaction that a message answers."""

    id: str
    type: int
    user_id: str
    owners: dict[str, str]
    name: str | None = None
    original_message_id: str | None = None
    target_message_id: str | None = None
    target_user_id: str | None = None
    interacted_message_id: str | None = None
    triggered_by: Origin | None = None


class Message(Struct, kw_only=True):
    """A message; `viewer_id` names the only one who sees it when it is ephemeral.

    `author_name` is what a webhook called itself in this message alone.
    """

    id: str
    channel_id: str
    author_id: str
    created_at_us: int
    type: int = 0
    content: str = ""
    embeds: list[Embed] = field(default_factory=list)
    components: list[MessageComponent] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    is_tts: bool = False
    is_pinned: bool = False
    pinned_at_us: int | None = None
    edited_at_us: int | None = None
    mention_ids: list[str] = field(default_factory=list)
    mention_role_ids: list[str] = field(default_factory=list)
    mentions_everyone: bool = False
    reference: Reference | None = None
    origin: Origin | None = None
    is_follow_up: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)
    viewer_id: str | None = None
    old_edit_count: int = 0
    author_name: str | None = None

    @property
    def is_loading(self) -> bool:
        """Whether members see "thinking…"."""
        return bool(self.flags & MessageFlag.LOADING)


class Emoji(Struct, kw_only=True):
    """An emoji of the application; its picture is in the journal under the same id."""

    id: str
    name: str
    content_type: str
    is_animated: bool = False


class Webhook(Struct, kw_only=True):
    """A channel's incoming webhook; a user with the same id is its messages' author."""

    id: str
    guild_id: str
    channel_id: str
    name: str
    token: str
    creator_id: str


class Entitlement(Struct, kw_only=True):
    """What a user or guild has paid for."""

    id: str
    sku_id: str
    user_id: str | None = None
    guild_id: str | None = None
    starts_at_us: int | None = None
    ends_at_us: int | None = None
    is_consumed: bool = False
    is_deleted: bool = False


class Modal(Struct, kw_only=True):
    """A form that a bot put before a member."""

    custom_id: str
    title: str
    components: list[ModalComponent]
