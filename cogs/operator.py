"""`/operator`: who may use the bot and how much, for whoever runs it, in a conversation with it.

Discord shows the command to everybody who writes to the bot, and no guild; whoever is not the
application's owner, of its team, or named in OPERATORS is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import discord
import structlog
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.features.guilds.service import GuildService
from bot.features.moderation.people import PeopleService
from bot.features.moderation.rules import lasts_us_of
from bot.features.settings.forms import typed
from bot.features.settings.service import SettingsService
from bot.policy.changes import Change, check_scope
from bot.policy.rules import OPERATORS_OWN, VALUES, Key, Scope
from bot.queue.records import UserId
from bot.staff_refusals import NotOperator, SettingRefused
from bot.texts import described
from bot.texts.about_cards import guilds_card
from bot.texts.people_cards import PersonVerb, standings_card
from bot.texts.settings_words import changes_card
from bot.visible import normalised
from cogs.answers import UNREACHABLE, promptly, show
from cogs.origin import author_of
from cogs.people import ACTS
from cogs.reading import texts_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Collection

    from bot.policy.changes import AuditEntry


MOST_CHOICES = 25  # Discord's
MOST_NAMES = 200  # of guilds, which Discord gives at once
_ID = re.compile(r"[1-9][0-9]{0,17}|[1-8][0-9]{18}", re.ASCII)
_ACTS = (PersonVerb.BLOCK, PersonVerb.UNBLOCK, PersonVerb.TRUST, PersonVerb.UNTRUST)
_MAY_ONLY_READ = discord.TeamMemberRole.read_only

log = structlog.get_logger("cogs.operator")


class OperatorCog(commands.Cog):
    """The operator's own rows of the policy; every change is in the audit log."""

    operator = app_commands.Group(
        name="operator",
        description=described("For whoever runs this bot"),
        allowed_contexts=app_commands.AppCommandContext(
            guild=False, dm_channel=True, private_channel=False
        ),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    def __init__(
        self,
        *,
        bot: commands.Bot,
        settings: SettingsService,
        guilds: GuildService,
        people: PeopleService,
        operators: Collection[int],
    ) -> None:
        self._bot = bot
        self._settings = settings
        self._guilds = guilds
        self._people = people
        self._operators = operators

    @operator.command(description=described("The servers, and what they cost"))
    async def guilds(self, interaction: discord.Interaction) -> None:
        self._check(interaction)
        rows = await promptly(interaction, self._guilds.costs(), private=True)
        names = await promptly(interaction, _names(self._bot), private=True)
        card = guilds_card(rows, names, texts_of(interaction))
        await show(interaction, card, private=True)

    @operator.command(description=described("Let a server use the bot"))
    @app_commands.describe(guild=described("The server's id"))
    async def allow(self, interaction: discord.Interaction, guild: Range[str, 1, 40]) -> None:
        await self._set(interaction, "is_allowed", "true", guild)

    @operator.command(description=described("Draw nothing more for a server"))
    @app_commands.describe(guild=described("The server's id"))
    async def block(self, interaction: discord.Interaction, guild: Range[str, 1, 40]) -> None:
        await self._set(interaction, "is_allowed", "false", guild)

    @operator.command(description=described("Set a value for one server or for all"))
    @app_commands.describe(
        name=described("What to set"),
        value=described("Nothing takes it back to what holds without it"),
        guild=described("The server's id; without it, for all"),
    )
    async def limit(
        self,
        interaction: discord.Interaction,
        name: Range[str, 1, 60],
        value: Range[str, 1, 100] | None = None,
        guild: Range[str, 1, 40] | None = None,
    ) -> None:
        await self._set(interaction, name, value or "", guild)

    @limit.autocomplete("name")
    async def offer_names(
        self, interaction: discord.Interaction, so_far: str
    ) -> list[app_commands.Choice[str]]:
        """Those that the operator may set there; none for others."""
        if not self._is_operator(interaction):
            return []
        scope = Scope.GUILD if getattr(interaction.namespace, "guild", None) else Scope.OPERATOR
        sought = normalised(so_far).casefold()
        found = [one for one, rule in VALUES.items() if scope in rule.scopes and sought in one]
        return [app_commands.Choice(name=one, value=one) for one in found[:MOST_CHOICES]]

    @operator.command(description=described("What is set for one person in all servers"))
    @app_commands.describe(
        act=described("What to do; without it, the list of all that is set"),
        user=described("The person's id"),
        lasts=described("How long a block lasts, as 12h or 7d; without it, until it is taken back"),
        reason=described("Why; whoever is blocked is told"),
    )
    @app_commands.choices(
        act=[app_commands.Choice(name=one.value, value=one.value) for one in _ACTS]
    )
    async def person(
        self,
        interaction: discord.Interaction,
        act: str | None = None,
        user: Range[str, 1, 40] | None = None,
        lasts: Range[str, 1, 20] | None = None,
        reason: Range[str, 1, 300] | None = None,
    ) -> None:
        self._check(interaction)
        if act is not None:
            done = self._set_person(interaction, PersonVerb(act), user or "", lasts, reason)
            await promptly(interaction, done, private=True)
        found = await promptly(interaction, self._people.everywhere(), private=True)
        card = standings_card(found, texts_of(interaction))
        await show(interaction, card, private=True)

    async def _set_person(
        self,
        interaction: discord.Interaction,
        act: PersonVerb,
        user: str,
        lasts: str | None,
        reason: str | None,
    ) -> None:
        kind, is_set = ACTS[act]
        user_id = UserId(_id_of(user, name="user", expected="the id of a person"))
        author = author_of(interaction)
        if not is_set:
            await self._people.unset_everywhere(user_id, kind, author)
            return
        await self._people.set_everywhere(
            user_id, kind, author, lasts_us=lasts_us_of(lasts or ""), reason=reason or ""
        )

    @operator.command(name="log", description=described("Who has changed what, and when"))
    async def show_log(self, interaction: discord.Interaction) -> None:
        self._check(interaction)
        texts = texts_of(interaction)
        nothing = texts.say("Nothing was changed yet.")
        await _tell(interaction, self._settings.log(OPERATORS_OWN), nothing)

    @operator.command(description=described("Take the last change back"))
    async def undo(self, interaction: discord.Interaction) -> None:
        self._check(interaction)
        undoing = self._settings.undo(OPERATORS_OWN, author_of(interaction))
        await _tell(interaction, undoing, "")

    async def _set(
        self, interaction: discord.Interaction, name: str, text: str, guild: str | None
    ) -> None:
        self._check(interaction)
        change: Change = typed(_key(name, guild), text)
        changing = self._settings.change([change], author_of(interaction))
        nothing = texts_of(interaction).say("It was so already.")
        await _tell(interaction, changing, nothing)

    def _check(self, interaction: discord.Interaction) -> None:
        if not self._is_operator(interaction):
            raise NotOperator

    def _is_operator(self, interaction: discord.Interaction) -> bool:
        """As of the last login: whoever has left the team since is in it until the next one."""
        user_id = interaction.user.id
        return user_id in self._operators or user_id in owners_of(self._bot.application)


def owners_of(application: discord.AppInfo | None) -> frozenset[int]:
    """Its owner; if that is a team, those of it that may change the application."""
    if application is None:
        return frozenset()
    if application.team is None:
        return frozenset({application.owner.id})
    return frozenset(
        one.id
        for one in application.team.members
        if one.membership_state is discord.TeamMembershipState.accepted
        and one.role is not _MAY_ONLY_READ
    )


async def _tell(
    interaction: discord.Interaction, asked: Awaitable[tuple[AuditEntry, ...]], nothing: str
) -> None:
    entries = await promptly(interaction, asked, private=True)
    card = changes_card(entries, texts_of(interaction), nothing=nothing)
    await show(interaction, card, private=True)


async def _names(bot: commands.Bot) -> dict[int, str]:
    try:
        return {guild.id: guild.name async for guild in bot.fetch_guilds(limit=MOST_NAMES)}
    except UNREACHABLE as error:
        log.info("names of guilds not known", error=type(error).__name__)
        return {}


def _key(name: str, guild: str | None) -> Key:
    """Of the operator's own value, for one guild or for all. A name that there is not is kept.

    Raises:
        SettingRefused: no id of a guild, or a value that is set for others.
    """
    key = Key(Scope.OPERATOR, 0, name)
    if guild is not None:
        key = Key(Scope.GUILD, _id_of(guild, name="guild", expected="the id of a server"), name)
    check_scope(key)
    return key


def _id_of(text: str, *, name: str, expected: str) -> int:
    """Raises SettingRefused."""
    found = _ID.fullmatch(normalised(text))
    if found is None:
        raise SettingRefused(name=name, expected=expected)
    return int(found[0])
