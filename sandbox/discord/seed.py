"""The world that a fresh sandbox starts with: two guilds with the bot, and one without it.

All ids, the bot's token and the signing secret follow from the seed, so two sandboxes with the
same seed are alike.
"""

from __future__ import annotations

import base64
import random
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.discord.permissions import ALL, Permission
from sandbox.discord.records import (
    Channel,
    ChannelType,
    ForumTag,
    Guild,
    Member,
    Overwrite,
    Role,
    User,
)
from sandbox.discord.shapes import snowflake_at
from sandbox.discord.state import Application

if TYPE_CHECKING:
    from sandbox.discord.state import State

APPLICATION_NAME = "Zeuxis"
MADE_AT_US = 1_735_689_600 * 1_000_000
"""The seeded world was made on 2025-01-01, so its ids are older than all others."""

BOT = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_EXTERNAL_EMOJIS
)
EVERYONE = (
    BOT
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.USE_EXTERNAL_APPS
)
MODERATOR = (
    Permission.MANAGE_MESSAGES
    | Permission.MANAGE_THREADS
    | Permission.KICK_MEMBERS
    | Permission.MODERATE_MEMBERS
    | Permission.MANAGE_GUILD
    | Permission.PIN_MESSAGES
    | Permission.MENTION_EVERYONE
)
_WRITING = (
    Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.ADD_REACTIONS
)


@dataclass(frozen=True, slots=True)
class _Plan:
    name: str
    locale: str
    members: tuple[str, str, str]
    moderator: str
    owner: str
    has_bot: bool = True


_GUILDS = (
    _Plan("Orchard", "en-US", ("Ada", "Ben", "Chloe"), "Mira", "Otto"),
    _Plan("Harbour", "zh-CN", ("Dilan", "Emre", "Fatou"), "Noor", "Petra"),
    _Plan("Lighthouse", "de", ("Gita", "Hugo", "Ines"), "Quinn", "Rosa", has_bot=False),
)


class _Maker:
    """Gives out ids and secrets that follow from the seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._last = snowflake_at(MADE_AT_US) + self.random.randrange(1 << 20)

    def snowflake(self) -> str:
        self._last += (self.random.randrange(1, 1000) << 22) + self.random.randrange(1 << 12)
        return str(self._last)

    def text(self, length: int) -> str:
        return "".join(self.random.choices(string.ascii_letters + string.digits, k=length))


def seeded_application(
    seed: int, *, privileged_intents: int = 0, is_public: bool = True
) -> Application:
    """The application with its token, which has a real one's shape."""
    maker = _Maker(seed)
    application_id = maker.snowflake()
    encoded_id = base64.b64encode(application_id.encode()).decode().rstrip("=")
    return Application(
        id=application_id,
        name=APPLICATION_NAME,
        token=f"{encoded_id}.{maker.text(6)}.{maker.text(38)}",
        public_key=maker.random.randbytes(32).hex(),
        owner_id=maker.snowflake(),
        secret=maker.random.randbytes(32),
        privileged_intents=privileged_intents,
        is_public=is_public,
    )


def sow(state: State, seed: int) -> None:
    """Fills an empty state."""
    maker = _Maker(seed ^ 0x5EED)
    application = state.application
    state.save(User(id=application.id, name=application.name, is_bot=True))
    state.save(User(id=application.owner_id, name="developer", display_name="Developer"))
    for plan in _GUILDS:
        _sow_guild(state, maker, plan)


def _sow_guild(state: State, maker: _Maker, plan: _Plan) -> None:
    guild_id = maker.snowflake()
    roles = [
        Role(id=guild_id, name="@everyone", permissions=EVERYONE, position=0),
        Role(id=maker.snowflake(), name="Moderator", permissions=MODERATOR, position=2),
        Role(id=maker.snowflake(), name="Keeper", permissions=ALL, position=3),
    ]
    if plan.has_bot:
        bot_role = Role(
            id=maker.snowflake(),
            name=APPLICATION_NAME,
            permissions=BOT,
            position=1,
            bot_id=state.bot_id,
        )
        roles.append(bot_role)
    guild = Guild(id=guild_id, name=plan.name, owner_id="0", locale=plan.locale)
    guild.roles = {role.id: role for role in roles}
    for name in plan.members:
        _sow_member(state, maker, guild, name)
    _sow_member(state, maker, guild, plan.moderator, roles[1])
    guild.owner_id = _sow_member(state, maker, guild, plan.owner, roles[2])
    if plan.has_bot:
        guild.members[state.bot_id] = Member(
            user_id=state.bot_id, joined_at_us=MADE_AT_US, role_ids=[roles[3].id]
        )
    state.save(guild)
    for channel in _channels(maker, guild_id, roles[1].id):
        state.save(channel)


def _sow_member(
    state: State, maker: _Maker, guild: Guild, name: str, role: Role | None = None
) -> str:
    user = User(id=maker.snowflake(), name=name.lower(), display_name=name)
    state.save(user)
    guild.members[user.id] = Member(
        user_id=user.id, joined_at_us=MADE_AT_US, role_ids=[role.id] if role else []
    )
    return user.id


def _channels(maker: _Maker, guild_id: str, moderator_id: str) -> list[Channel]:
    read_only = [
        Overwrite(id=guild_id, type=0, deny=_WRITING),
        Overwrite(id=moderator_id, type=0, allow=_WRITING),
    ]
    staff_only = [
        Overwrite(id=guild_id, type=0, deny=Permission.VIEW_CHANNEL),
        Overwrite(id=moderator_id, type=0, allow=Permission.VIEW_CHANNEL),
    ]

    tags = [ForumTag(id=maker.snowflake(), name=name) for name in ("sketch", "finished")]
    channels = [
        Channel(id="", type=ChannelType.TEXT, name="pictures", topic="Where the bot paints."),
        Channel(id="", type=ChannelType.TEXT, name="general"),
        Channel(id="", type=ChannelType.TEXT, name="studio", topic="Many ideas, then a choice."),
        Channel(id="", type=ChannelType.TEXT, name="night-gallery", is_age_restricted=True),
        Channel(id="", type=ChannelType.TEXT, name="notices", overwrites=read_only),
        Channel(id="", type=ChannelType.TEXT, name="staff", overwrites=staff_only),
        Channel(id="", type=ChannelType.FORUM, name="ideas", tags=tags),
        Channel(id="", type=ChannelType.ANNOUNCEMENT, name="news"),
        Channel(id="", type=ChannelType.VOICE, name="voices"),
    ]
    for position, channel in enumerate(channels):
        channel.id, channel.guild_id, channel.position = maker.snowflake(), guild_id, position
    return channels
