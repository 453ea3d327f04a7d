"""`zeuxis doctor`: is everything in place? Free: nothing is drawn, nothing is posted."""

from __future__ import annotations

import asyncio
import os
import struct
import tempfile
import zlib
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import discord
import msgspec

from bot.cli.log import finding_lines, head_text
from bot.client import OPEN_TO_ALL, discord_proxy, gateway_url, point_discord_at
from bot.db.connection import real_path
from bot.db.sqlite import Database
from bot.errors import KeyRejected, ProviderError, SchemaTooOld, ZeuxisError
from bot.pictures import LinkRules, PublicResolver
from bot.pictures.checks import picture_checks
from bot.pictures.formats import SIGNATURE, Chunk
from bot.policy.audit_check import verify
from bot.policy.rows import check_policy
from bot.providers.call import open_session
from bot.providers.chat import ChatRewriter
from bot.providers.zimage import OFFER, ZImageClient
from bot.providers.zimage.wire import MODEL, REGIONS
from bot.queue import quota_use
from bot.settings import FIRST_ACCOUNT
from bot.settings.reading import near_names
from bot.settings.values import is_of_the_service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bot.cli import Terminal
    from bot.settings import AccountSettings, Settings


HELLO_WITHIN_S = 15.0
MOST_HEADS = 10  # of guilds' logs
_HELLO = 10  # the gateway's first word; nothing needs to be said for it
_OTHERS = 0o077
_HTTPS_PORT = 443
_UNLIKELY = 0.5  # that a plain picture is harmful


class Wrong(Exception):
    """A finding: the bot cannot work with it, or nobody should. One line for each argument."""


class Doubtful(Exception):
    """A finding: somebody should look at it; the bot works all the same."""


_FAILURES = (Wrong, ZeuxisError, discord.DiscordException, aiohttp.ClientError, OSError)


async def examine(terminal: Terminal, *, dotenv: Path = Path(".env")) -> int:
    """Says one line for each examination; returns the exit status, 1 if any failed."""
    settings, say = terminal.settings, terminal.say

    async def file(_: Settings) -> str:
        return _file(dotenv)

    examinations: tuple[tuple[str, Callable[[Settings], Awaitable[str]]], ...] = (
        ("settings", file),
        ("database", _database),
        ("audit log", _audit_log),
        *(
            (f"Z-Image {what}{_of(account)}", partial(examination, account=account))
            for account in settings.accounts
            for what, examination in (("key", _key), ("model", _model), ("limit", _limit))
        ),
        ("Discord token", _token),
        ("Discord gateway", _gateway),
        ("guilds", _guilds),
        ("result hosts", _result_hosts),
        ("rewriter", _rewriter),
        ("picture checks", _picture_checks),
    )
    point_discord_at(
        api_base_url=settings.discord_api_base_url, gateway_url=settings.discord_gateway_url
    )
    status = 0
    for name, examination in examinations:
        try:
            say(f"ok    {name}: {await examination(settings)}")
        except Doubtful as doubt:
            say(f"warn  {name}: {doubt}")
        except _FAILURES as error:
            lines = error.args if isinstance(error, Wrong) else (_first_line(error),)
            for line in lines:
                say(f"FAIL  {name}: {line}")
            status = 1
    return status


def _of(account: AccountSettings) -> str:
    return "" if account.name == FIRST_ACCOUNT else f" of {account.name}"


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def _file(dotenv: Path) -> str:
    near = sorted(near_names().items())
    slips = [f"{name} is not read, did you mean {meant}?" for name, meant in near]
    if slips:
        raise Doubtful(f"in the environment {'; '.join(slips)}")
    if not dotenv.is_file():
        return "from the environment"
    if os.name != "nt" and dotenv.stat().st_mode & _OTHERS:
        raise Doubtful(f"other users can read {dotenv}, which holds secrets: chmod 600 {dotenv}")
    return f"from {dotenv} and the environment"


async def _database(settings: Settings) -> str:
    path = real_path(settings.database_url)
    if not path.exists():
        return _vacant(path)
    if path.is_file():
        _check_writable(path)
        if _is_empty(path):
            return f"empty yet, the next start fills it ({path})"
    try:
        async with Database.look(settings.database_url) as database:
            await database.read(check_policy, OFFER)
            wrong = await database.read(quota_use.differences)
            if wrong:
                raise Wrong(
                    f"{len(wrong)} counters of limits differ from the ledger:"
                    " the running bot counts them anew once a day"
                )
            return f"opens, schema is current ({path})"
    except SchemaTooOld as error:
        raise Doubtful(f"{error}; so does the next start (make a backup before)") from error


async def _audit_log(settings: Settings) -> str:
    """With the heads, to be noted elsewhere: there is no key, so who writes rows and heads could
    write a log anew."""
    path = real_path(settings.database_url)
    if not path.is_file() or _is_empty(path):
        return "none yet"
    try:
        async with Database.look(settings.database_url) as database:
            report = await database.read(verify)
    except SchemaTooOld as error:
        raise Doubtful("cannot be looked through before the schema is current") from error
    if report.findings:
        raise Wrong(*finding_lines(report.findings))
    unsealed = f", {report.unsealed} from before there was a chain" if report.unsealed else ""
    heads = "".join(f"; {head_text(one)}" for one in report.heads[:MOST_HEADS])
    more = len(report.heads) - MOST_HEADS
    others = f"; and {more} more, which `zeuxis log --heads` tells" if more > 0 else ""
    return f"{report.entries} entries hold{unsealed}{heads}{others}"


def _is_empty(path: Path) -> bool:
    """As one that somebody has made to mount it into a container."""
    return path.stat().st_size == 0


def _vacant(path: Path) -> str:
    folder = next(one for one in path.parents if one.exists())
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise Wrong(f"{path} cannot be made in {folder}: {error.strerror}") from error
    return f"none yet, the next start makes it ({path})"


def _check_writable(path: Path) -> None:
    try:
        path.open("r+b").close()
        tempfile.TemporaryFile(dir=path.parent).close()  # as SQLite's log will be
    except OSError as error:
        raise Wrong(f"{path} or its folder cannot be written: {error.strerror}") from error


async def _key(settings: Settings, *, account: AccountSettings) -> str:
    async with open_session() as session:
        try:
            await _client(settings, account, session).check_key()
        except KeyRejected as error:
            await _look_elsewhere(settings, account, session, error)
            raise
        except ProviderError as error:
            if account.base_url.endswith("/api/v1"):
                raise
            raise Wrong(
                f"{account.base_url} does not end in /api/v1,"
                f" is {account.setting('DASHSCOPE_BASE_URL')} whole? ({error})"
            ) from error
    return f"good at {account.base_url}"


async def _look_elsewhere(
    settings: Settings,
    account: AccountSettings,
    session: aiohttp.ClientSession,
    error: KeyRejected,
) -> None:
    """Keys belong to a region. Not asked for a key of somebody else's service."""
    base_url = account.base_url
    if account.address is not None and not is_of_the_service(base_url):
        return
    for region, url in REGIONS.items():
        if url == base_url:
            continue
        with suppress(ProviderError):
            await _client(settings, account, session, base_url=url).check_key()
            region_name = account.setting("DASHSCOPE_REGION")
            url_name = account.setting("DASHSCOPE_BASE_URL")
            clear = f" and clear {url_name}" if account.address else ""
            raise Wrong(
                f"refused at {base_url}, good in {region}: set {region_name}={region}{clear}"
            ) from error


async def _model(settings: Settings, *, account: AccountSettings) -> str:
    """The service has no free look at one model; the limits that it tells are by model."""
    model = settings.zimage_model
    if model == MODEL:
        return model
    async with open_session() as session:
        if await _client(settings, account, session).quota() is not None:
            return f"{model}, which the service tells a limit for"
    raise Doubtful(f"{model} is not {MODEL}, and the service tells no limit for it: is it right?")


async def _limit(settings: Settings, *, account: AccountSettings) -> str:
    setting = account.setting("ZIMAGE_REQUESTS_PER_SECOND")
    async with open_session() as session:
        try:
            quota = await _client(settings, account, session).quota()
        except ProviderError as error:
            return f"not told ({error}); {setting} holds"
    if quota is None:
        return f"not told; {setting} holds"
    granted = quota.requests_per_second
    asked = account.requests_per_second
    verdict = "as set" if granted >= asked else f"below the setting of {asked:g} per second"
    return f"{granted:g} requests per second, {verdict}"


@asynccontextmanager
async def _logged_in(settings: Settings) -> AsyncIterator[discord.Client]:
    proxy = discord_proxy(settings)
    async with discord.Client(intents=discord.Intents(guilds=True), proxy=proxy) as client:
        await client.login(settings.discord_token.reveal())
        yield client


async def _token(settings: Settings) -> str:
    async with _logged_in(settings) as client:
        return f"logs in as {client.user}"


async def _guilds(settings: Settings) -> str:
    """Who may invite it, and who of them may spend."""
    if settings.allowed_guilds:
        return f"{len(settings.allowed_guilds)} may use it, by ALLOWED_GUILDS"
    async with _logged_in(settings) as client:
        if client.application is not None and client.application.bot_public:
            raise Doubtful(OPEN_TO_ALL)
    return "any that its owner invites it to"


async def _gateway(settings: Settings) -> str:
    """Waits for its hello and goes, without a word of who we are."""
    url = gateway_url()
    try:
        async with (
            asyncio.timeout(HELLO_WITHIN_S),
            aiohttp.ClientSession() as session,
            session.ws_connect(url, proxy=discord_proxy(settings)) as socket,
        ):
            said = msgspec.json.decode(await socket.receive_str(), type=dict[str, object])
    except (TimeoutError, TypeError, ValueError, msgspec.MsgspecError) as error:
        raise Wrong(f"{url} is no gateway of Discord's: {_first_line(error)}") from error
    except aiohttp.ClientError as error:
        raise Wrong(f"{url} cannot be reached: {_first_line(error)}") from error
    if said.get("op") != _HELLO:
        raise Wrong(f"{url} is no gateway of Discord's")
    return f"says hello at {url}"


async def _result_hosts(settings: Settings) -> str:
    """Whole names are looked up, unless a proxy does; what there is below one, nobody tells."""
    hosts = settings.zimage_result_hosts
    resolver = PublicResolver(
        LinkRules(allowed_hosts=hosts, base_url=settings.zimage_base_url),
        aiohttp.ThreadedResolver(),
    )
    below = {host for host in hosts if host.startswith(".")}
    for host in hosts:
        is_whole = host not in below and f".{host}" not in below
        if is_whole and settings.proxy_for(f"https://{host}") is None:
            await _look_up(resolver, host)
    return ", ".join(f"all below {host[1:]}" if host in below else host for host in hosts)


async def _rewriter(settings: Settings) -> str:
    """Lists of models are free; whether one rewrites well, only a paid call would tell."""
    chosen = settings.rewriter
    if chosen is None:
        return "none, by REWRITER_MODEL"
    async with open_session() as session:
        client = ChatRewriter(
            session,
            base_url=chosen.base_url,
            api_key=chosen.api_key,
            model=chosen.model,
            prompt_limit=OFFER.prompt_limit,
            proxy=settings.proxy_for(chosen.base_url),
        )
        is_listed = await client.is_listed()
    if is_listed is False:
        raise Doubtful(f"{chosen.base_url} does not list {chosen.model}: is REWRITER_MODEL right?")
    where = f"{chosen.model} at {chosen.base_url}"
    return where if is_listed else f"{where}, which lists no models"


async def _picture_checks(settings: Settings) -> str:
    """Each looks at a grey picture, which costs nothing."""
    grey = _grey_picture(side_px=64)
    async with open_session() as session:
        checks = picture_checks(settings, session)
        scores = {name: await one.check(grey, prompt="") for name, one in checks.items()}
    if not scores:
        return "none, by PICTURE_CHECK_MODEL and PICTURE_CHECK_API_KEY"
    said = ", ".join(
        f"{name} gives a grey picture {one.score:.0%} for {one.category}"
        for name, one in scores.items()
    )
    if any(one.score > _UNLIKELY for one in scores.values()):
        raise Doubtful(f"{said}: are the model's labels in the right order?")
    return said


def _grey_picture(*, side_px: int) -> bytes:
    rows = (b"\0" + b"\x80" * side_px) * side_px
    chunks = (
        Chunk(b"IHDR", struct.pack(">IIBBBBB", side_px, side_px, 8, 0, 0, 0, 0)),  # 8 bits of grey
        Chunk(b"IDAT", zlib.compress(rows)),
        Chunk(b"IEND", b""),
    )
    return SIGNATURE + b"".join(one.encoded() for one in chunks)


async def _look_up(resolver: PublicResolver, host: str) -> None:
    try:
        await resolver.resolve(host, _HTTPS_PORT)
    except OSError as error:
        raise Wrong(f"{host} in ZIMAGE_RESULT_HOSTS has no address") from error


def _client(
    settings: Settings,
    account: AccountSettings,
    session: aiohttp.ClientSession,
    *,
    base_url: str | None = None,
) -> ZImageClient:
    base_url = base_url or account.base_url
    return ZImageClient(
        session,
        base_url=base_url,
        api_key=account.api_key,
        model=settings.zimage_model,
        proxy=settings.proxy_for(base_url),
    )
