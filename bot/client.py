"""The Discord client: login, commands, interactions, connecting again.

Interactions need no intent. That of guilds is taken for five events: three end what waits for a
place that is gone, one tells of a guild that the bot has come to, one that a channel is another
now; nothing else of it is read, so a guild costs no memory. Guild and channel are ids taken from
the interaction.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import structlog
import yarl
from discord import InteractionType, app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord.utils import MISSING

from bot.age_restriction import EXTRA, AgeRestrictions
from bot.discord_answers import mend_answers
from bot.gateway import NO_LOCALE, Answerable, Drops, answerable, check, guard_gateway, set_locales
from bot.queue.failures import next_wait_s
from bot.runtime.health import Pulse

if TYPE_CHECKING:
    import re
    from collections.abc import Awaitable, Callable
    from random import Random

    from discord import ui

    from bot.runtime.clock import Clock
    from bot.settings import Settings


# A route whose bucket is closed for longer fails at once, so that a delivery can wait in its row
# instead of in the library; 30 s is the least that discord.py takes.
LONGEST_RATE_LIMIT_WAIT_S = 30.0
MOST_CONNECTIONS = 64  # else a burst of answers opens one for each, which takes longer than to wait

_UNREACHABLE = (
    aiohttp.ClientError,
    discord.DiscordServerError,
    discord.RateLimited,
    OSError,
    TimeoutError,
)

# Discord closes with these what will not be better next time: token, shards, intents.
_FOR_GOOD = (discord.LoginFailure, discord.ConnectionClosed, discord.PrivilegedIntentsRequired)
_NO_KIND = app_commands.AppCommandError  # itself: what discord.py says of data that makes no sense
STEADY_S = 600.0  # a connection that held for so long is no part of a series of failures
SLOWER_AFTER = 6  # failures in a row; Discord resets the token of who identifies 1000 times a day
SLOWER = 4

ANSWERED_WITHIN_S = 3.0  # Discord waits no longer for a first answer
# discord.py's names of the tasks that answer: of commands, of buttons, and of our forms.
_ANSWERING = ("CommandTree-invoker", "discord-ui-dynamic-item", "discord.py: on_form_submitted")
OPEN_TO_ALL = (
    "the application is public and ALLOWED_GUILDS is any: whoever invites the bot spends your money"
    " up to BUDGET_PER_DAY_USD; name the guilds, or turn off Public Bot in Discord's portal"
)

log = structlog.get_logger("bot.client")


class GuardedTree(app_commands.CommandTree["ImageBot"]):
    """A command whose data makes no sense is answered too; discord.py would let its task die."""

    async def _call(self, interaction: discord.Interaction[ImageBot]) -> None:
        try:
            await super()._call(interaction)
        except Exception as error:
            kind = type(error)
            if issubclass(kind, app_commands.AppCommandError) and kind is not _NO_KIND:
                raise  # a command's own, or one of another version
            self.client.turn_down(interaction, error)

    async def interaction_check(self, interaction: discord.Interaction[ImageBot]) -> bool:
        """Everybody may; it is where all commands and menus pass."""
        await self.client.age_restrictions.learn(interaction)
        return True


class ImageBot(commands.Bot):
    """Zeuxis in Discord. Its commands are registered at each login.

    Beside discord.py's own events it tells `guild_closed`, `channel_closed` and `channel_changed`
    with an id, `guild_opened` with an id and the instant in which the bot came to the guild,
    `unreadable_interaction` with an interaction that can be answered and no more,
    `unknown_button` with one whose button or form nobody answers for, and `form_submitted` with a
    form whose custom id is that of a dynamic item: no form is kept in memory.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        randomness: Random,
        is_for_any_guild: bool = False,
        proxy: str | None = None,
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=GuardedTree,
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=LONGEST_RATE_LIMIT_WAIT_S,
            connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS),
            guild_ready_timeout=0,
            proxy=proxy,
        )
        mend_answers(self.http, longest_wait_s=LONGEST_RATE_LIMIT_WAIT_S)
        self._is_for_any_guild = is_for_any_guild
        self._clock = clock
        self._randomness = randomness
        self._is_connected = False
        self._lost = Pulse()  # beats when the connection is lost
        self._lost.beat()
        self.drops = Drops(clock)
        self.age_restrictions = AgeRestrictions(self.http, clock)
        guard_gateway()
        self._guard_interactions()

    def disconnected_s(self) -> float:
        """How long there has been no connection to the gateway; 0 while there is one."""
        return 0.0 if self._is_connected else self._lost.age_s()

    async def stay_connected(self, token: str) -> None:
        """Logs in and keeps the connection, through any outage of Discord or the network.

        Raises:
            LoginFailure: Discord refuses the token.
            DiscordException: it refuses the bot for good in another way.
        """
        attempt = 0
        while not await self._logged_in(token):
            attempt += 1
            wait_s = next_wait_s(attempt=attempt, randomness=self._randomness)
            log.error("Discord cannot be reached", attempt=attempt, next_try_in_s=round(wait_s, 1))
            await self._clock.sleep_until(self._clock.now_us() + round(wait_s * 1e6))
        await self._keep_connection()

    async def _keep_connection(self) -> None:
        """discord.py makes connections anew; here ends what it does not foresee."""
        attempt = 0
        while not self.is_closed():
            began_at_us = self._clock.now_us()
            try:
                await self.connect()
            except _FOR_GOOD:
                raise
            except Exception as error:  # noqa: BLE001 - the edge: a gateway must not end the process
                lasted_s = (self._clock.now_us() - began_at_us) / 1e6
                attempt = 1 if lasted_s > STEADY_S else attempt + 1
                await self._rest(attempt, error.__context__ or error)

    async def _rest(self, attempt: int, error: BaseException) -> None:
        wait_s = next_wait_s(attempt=attempt, randomness=self._randomness)
        if attempt > SLOWER_AFTER:
            wait_s *= SLOWER
        log.error(
            "connection to Discord broke",
            attempt=attempt,
            error=type(error).__name__,
            says=str(error),
            next_try_in_s=round(wait_s, 1),
        )
        self.dispatch("disconnect")
        await self._leave()
        await self._clock.sleep_until(self._clock.now_us() + round(wait_s * 1e6))

    async def _leave(self) -> None:
        socket: DiscordWebSocket | None = self.ws  # none before the first connection
        if socket is not None and socket.open:
            await socket.close(code=1000)

    async def close(self) -> None:
        """Whoever is being answered is answered first."""
        tasks = [one for one in asyncio.all_tasks() if one.get_name().startswith(_ANSWERING)]
        if tasks:
            await asyncio.wait(tasks, timeout=ANSWERED_WITHIN_S)
        await super().close()

    async def _logged_in(self, token: str) -> bool:
        try:
            await self.login(token)
        except _UNREACHABLE as error:
            log.info("no login", error=type(error).__name__, says=str(error))
            await self.http.close()
            self.http.connector = MISSING  # it was closed with its session; login makes another
            return False
        return True

    async def setup_hook(self) -> None:
        """Runs at every login that got this far."""
        synced = await self.tree.sync()
        log.info("commands registered", commands=[command.name for command in synced])
        if self._is_for_any_guild and self.application is not None and self.application.bot_public:
            log.warning(OPEN_TO_ALL)

    async def on_connect(self) -> None:
        self._is_connected = True

    async def on_resumed(self) -> None:
        self._is_connected = True

    async def on_disconnect(self) -> None:
        """Comes again with each attempt to reconnect that fails."""
        if self._is_connected:
            self._is_connected = False
            self._lost.beat()

    async def on_ready(self) -> None:
        log.info("ready", user=str(self.user), user_id=self.user.id if self.user else None)

    async def on_interaction(self, interaction: discord.Interaction[ImageBot]) -> None:
        """discord.py says nothing of a button that nobody answers for, nor of a form not kept."""
        if interaction.type not in (InteractionType.component, InteractionType.modal_submit):
            return
        pressed: Any = interaction.data
        if not any(one.fullmatch(pressed["custom_id"]) for one in self._views._dynamic_items):  # noqa: SLF001 - no public list
            self.dispatch("unknown_button", interaction)
        elif interaction.type is InteractionType.modal_submit:
            await self.age_restrictions.learn(interaction)
            self.dispatch("form_submitted", interaction)

    async def on_channel_changed(self, channel_id: int) -> None:
        self.age_restrictions.forget(channel_id)

    def turn_down(self, interaction: discord.Interaction, error: Exception) -> None:
        """What came along makes no sense: the member hears so."""
        self.drops.note("INTERACTION_CREATE", error)
        self.dispatch("unreadable_interaction", interaction)

    def _guard_interactions(self) -> None:
        self._connection.parsers["INTERACTION_CREATE"] = self._take_interaction
        self._views = self._connection._view_store  # noqa: SLF001 - no public way to its tasks
        self._press_item: Callable[..., Awaitable[None]] = self._views.schedule_dynamic_item_call
        self._views.schedule_dynamic_item_call = self._press  # type: ignore[method-assign, assignment] # see above

    def _take_interaction(self, data: Any) -> None:
        """What discord.py cannot read is answered, if there is anybody to answer."""
        try:
            check(data)
            set_locales(data)
            self._connection.parse_interaction_create(data)
        except Exception as error:  # noqa: BLE001 - the edge: discord.py takes every field on trust
            least = answerable(data)
            if least is None:
                self.drops.note("INTERACTION_CREATE", error)
                return
            set_locales(data)
            self.turn_down(self._bare(least, data), error)

    def _bare(self, least: Answerable, data: dict[str, Any]) -> discord.Interaction:
        """Can be answered, and tells nothing."""
        read: dict[str, Any] = {
            "id": least.id,
            "token": least.token,
            "type": least.type,
            "locale": data.get("locale", NO_LOCALE),
            "application_id": self.application_id or 0,
            "attachment_size_limit": 0,
            "version": 1,
        }
        interaction = discord.Interaction(data=read, state=self._connection)  # type: ignore[arg-type] # all that it reads
        # discord.py reads Discord's answer to the answer, which names a channel.
        interaction.channel = self.get_partial_messageable(0)  # type: ignore[assignment] # likewise
        return interaction

    async def _press(
        self,
        component_type: int,
        item: type[ui.DynamicItem[Any]],
        interaction: discord.Interaction[ImageBot],
        custom_id: str,
        match: re.Match[str],
    ) -> None:
        """discord.py looks for the button in the message, and says nothing if it is not there."""
        try:
            await self.age_restrictions.learn(interaction)
            await self._press_item(component_type, item, interaction, custom_id, match)
            is_tried = interaction.response.is_done() or interaction.extras.keys() - {EXTRA}
            if not is_tried:
                raise ValueError("the button is not in its message")
        except Exception as error:  # noqa: BLE001 - buttons answer their own errors
            self.turn_down(interaction, error)


def discord_proxy(settings: Settings) -> str | None:
    """One for REST and gateway alike, as discord.py takes it."""
    return settings.proxy_for(settings.discord_api_base_url or Route.BASE)


# Else a warning at each start that there is no voice, which this bot has no use for.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def point_discord_at(*, api_base_url: str | None, gateway_url: str | None) -> None:
    """Sends discord.py to another Discord, for the whole process. None leaves the real one."""
    if api_base_url is not None:
        Route.BASE = api_base_url.rstrip("/")
    if gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


def gateway_url() -> str:
    """Where discord.py will connect to, as it asks there."""
    return str(DiscordWebSocket.DEFAULT_GATEWAY.with_query(v="10", encoding="json"))
