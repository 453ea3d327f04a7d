"""The settings, from the environment and `.env`; the environment wins.

`.env.example` lists every one with its meaning; a test keeps the two in step. All problems are
reported at once, by name, with what was expected. Secrets print as `****`.

What was clearly meant is understood: small letters for capital ones, and quotes around a value,
which `docker --env-file` hands on as they are.
"""

from __future__ import annotations

import io
import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin
from urllib import request
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.errors import Refusal, SettingsError
from bot.providers import openai_check, rewriter
from bot.providers.image import Prices
from bot.providers.zimage.offer import LIST_PRICES, OFFER
from bot.providers.zimage.wire import MODEL, REGIONS
from bot.settings.values import (
    READ,
    READ_SECRET,
    Budget,
    Count,
    Database,
    Days,
    DetailDays,
    Dollars,
    Fault,
    GatewayUrl,
    GuildIds,
    Hosts,
    Persons,
    Port,
    Quota,
    Rate,
    Seconds,
    Shares,
    Switch,
    Url,
    UserIds,
    expected,
    is_loopback,
    secret_word,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.providers.rewriter import TokenPrices

_CONVENTIONAL = ("HTTPS_PROXY", "NO_PROXY")  # other programs read them in small letters too
_MAY_BE_EMPTY = ("REWRITER_MODEL",)  # which switches it off; elsewhere empty is not set
_OURS = (
    *("DISCORD_", "DASHSCOPE_", "ZIMAGE_", "MAX_", "LOG_", "HEALTH_", "DATABASE_"),
    *("GUILD_", "ROLE_", "LEDGER_", "REWRITER_", "OUTSIDE_", "PICTURE_"),
)


class Secret(str):
    """A string that never shows itself; `reveal` is for the header it belongs in."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'****'"

    def __str__(self) -> str:
        return "****"

    def __format__(self, spec: str) -> str:
        return format("****", spec)

    def reveal(self) -> str:
        return str.__str__(self)


FIRST_ACCOUNT = "zimage"  # the one whose settings bear no name


class AccountSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One account at Z-Image."""

    name: str
    api_key: Secret
    region: str
    address: str | None  # in place of the region's
    requests_per_second: float
    max_running: int | None = None  # None: as the policy has it, which ZIMAGE_MAX_RUNNING fills

    @property
    def base_url(self) -> str:
        return (self.address or REGIONS[self.region]).rstrip("/")

    def setting(self, name: str) -> str:
        """The name of its own setting of this kind."""
        return name if self.name == FIRST_ACCOUNT else f"{name}_{self.name.upper()}"


class RewriterSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Who rewrites prompts before they are drawn."""

    model: str
    base_url: str
    api_key: Secret


class PictureCheckSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which service looks at pictures before they are shown."""

    model: str
    base_url: str
    api_key: Secret


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="upper"):
    """What the operator chose. Names in the environment are these in capitals."""

    discord_token: Secret
    dashscope_api_key: Secret
    discord_api_base_url: Url | None = None
    discord_gateway_url: GatewayUrl | None = None
    dashscope_region: Literal["singapore", "beijing"] = "singapore"
    dashscope_base_url: Url | None = None
    zimage_model: str = MODEL
    zimage_requests_per_second: Rate = 2.0
    zimage_max_running: Count = 64
    zimage_accounts: tuple[AccountSettings, ...] = ()  # beside the first
    zimage_result_hosts: Hosts = (".aliyuncs.com",)
    zimage_price_usd: Dollars | None = None  # as the region's list says
    zimage_price_rewritten_usd: Dollars | None = None
    rewriter_model: str = rewriter.MODEL  # empty: nobody rewrites
    rewriter_base_url: Url | None = None  # None: beside Z-Image
    rewriter_api_key: Secret | None = None  # None: Z-Image's
    picture_check_model: str | None = None  # a file; None: no model of one's own
    picture_check_base_url: Url = openai_check.BASE_URL
    picture_check_api_key: Secret | None = None  # None: no service
    picture_check_api_model: str = openai_check.MODEL
    rewrite_by_default: Switch = True
    default_size: str = str(OFFER.default_size)
    database_url: Database = "sqlite:///data/zeuxis.db"
    allowed_guilds: GuildIds = ()  # empty: any
    outside_guilds: Persons = ()  # who may ask in direct messages and by their own install
    operators: UserIds = ()  # beside the application's owner and team
    budget_per_day_usd: Budget = 10.0
    pictures_per_guild_per_day: Quota = 200
    pictures_per_member_per_day: Quota = 25
    time_zone: str = "UTC"
    max_waiting_per_member: Count = 10
    max_waiting_per_guild: Count = 2000
    max_running_per_guild: Count = 32
    max_running_per_person: Count = 32
    max_expected_wait_s: Seconds = 3600.0
    guild_weights: Shares = {}
    role_weights: Shares = {}
    ledger_detail_days: DetailDays = 400
    guild_data_days: Days = 30
    shutdown_grace_s: Seconds = 25.0
    health_port: Port = 0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"
    https_proxy: Secret | None = None
    no_proxy: str = ""

    def proxy_for(self, url: str) -> str | None:
        """The proxy to reach this address by, with its password; None to reach it directly."""
        host = urlsplit(url).hostname or ""
        if self.https_proxy is None or is_loopback(host):
            return None
        # documented nowhere, but aiohttp and pip rely on it as well
        is_direct = request.proxy_bypass_environment(host, {"no": self.no_proxy})  # type: ignore[attr-defined]
        return None if is_direct else self.https_proxy.reveal()

    @property
    def prices(self) -> Prices:
        """The list's for the region, where nothing else is said."""
        listed = LIST_PRICES[self.dashscope_region]
        plain, rewritten = self.zimage_price_usd, self.zimage_price_rewritten_usd
        return Prices(
            plain_micros=listed.plain_micros if plain is None else round(plain * 1e6),
            rewritten_micros=(
                listed.rewritten_micros if rewritten is None else round(rewritten * 1e6)
            ),
        )

    @property
    def rewriter(self) -> RewriterSettings | None:
        """None if nobody rewrites."""
        if not self.rewriter_model:
            return None
        return RewriterSettings(
            model=self.rewriter_model,
            base_url=(self.rewriter_base_url or self._compatible_mode).rstrip("/"),
            api_key=self.rewriter_api_key or self.dashscope_api_key,
        )

    @property
    def picture_check(self) -> PictureCheckSettings | None:
        """None if no service looks at pictures."""
        if self.picture_check_api_key is None:
            return None
        return PictureCheckSettings(
            model=self.picture_check_api_model,
            base_url=self.picture_check_base_url.rstrip("/"),
            api_key=self.picture_check_api_key,
        )

    @property
    def _compatible_mode(self) -> str:
        """Model Studio's OpenAI-compatible interface, at the first account's host."""
        return f"{self.zimage_base_url.removesuffix('/api/v1')}/compatible-mode/v1"

    @property
    def rewriter_prices(self) -> TokenPrices:
        """The list's for the region; those of another model are set in the policy."""
        return rewriter.LIST_PRICES[self.dashscope_region]

    @property
    def proxy_password(self) -> str:
        """To be kept out of logs, as it stands in the address; empty if there is none."""
        url = "" if self.https_proxy is None else self.https_proxy.reveal()
        password = urlsplit(url).password
        return f":{password}@" if password else ""

    @property
    def zimage_base_url(self) -> str:
        return self.accounts[0].base_url

    @property
    def accounts(self) -> tuple[AccountSettings, ...]:
        """All of them, the first before those that have a name in the settings."""
        first = AccountSettings(
            name=FIRST_ACCOUNT,
            api_key=self.dashscope_api_key,
            region=self.dashscope_region,
            address=self.dashscope_base_url,
            requests_per_second=self.zimage_requests_per_second,
        )
        return (first, *self.zimage_accounts)


NAMES = tuple(field.encode_name for field in msgspec.structs.fields(Settings))


def load_settings(
    environment: Mapping[str, str] | None = None, *, dotenv: Path | None = None
) -> Settings:
    """Reads the process's environment and `.env` in the working folder, unless others are given.

    Raises:
        SettingsError: with every problem found.
    """
    from_file = _read_file(dotenv if dotenv is not None else Path(".env"))
    from_process = dict(os.environ if environment is None else environment)
    for name in _CONVENTIONAL:
        if name.lower() in from_process:
            from_process.setdefault(name, from_process[name.lower()])
    given = {**{name.upper(): value for name, value in from_file.items()}, **from_process}
    further, problems = _account_names(_unquoted(given.get("ZIMAGE_ACCOUNTS") or ""))
    names = {*NAMES, *(name + suffix for suffix in further for name in OF_AN_ACCOUNT)}
    values = {name: text for name in names if (text := _unquoted(given.get(name) or ""))}
    values |= {name: "" for name in _MAY_BE_EMPTY if given.get(name) == ""}
    values.pop("ZIMAGE_ACCOUNTS", None)
    problems += _misspelt(from_file, names)
    parsed, found = _parse_all(NAMES, values)
    problems += found + _check_default_size(parsed.get("default_size"))
    problems += _check_time_zone(parsed.get("time_zone", "UTC"))
    problems += _check_outside(parsed)
    owns = {}
    for suffix in further:
        owns[suffix], found = _parse_all(OF_AN_ACCOUNT, values, suffix)
        problems += found
    if problems:
        raise SettingsError(tuple(problems))
    settings = _with_accounts(Settings(**parsed), owns)
    _check_rewriter(settings)
    _check_picture_check(settings)
    return settings


def _check_rewriter(settings: Settings) -> None:
    """Raises SettingsError if Z-Image's key would go to somebody else's host."""
    url, key = settings.rewriter_base_url, settings.rewriter_api_key
    is_elsewhere = (
        url is not None and urlsplit(url).netloc != urlsplit(settings.zimage_base_url).netloc
    )
    if settings.rewriter_model and is_elsewhere and key is None:
        raise SettingsError(
            ("REWRITER_API_KEY: expected the key of that service: Z-Image's goes to no other host",)
        )


def _check_picture_check(settings: Settings) -> None:
    """Raises SettingsError if a service is named that would never be asked."""
    is_chosen = settings.picture_check_base_url != openai_check.BASE_URL
    if is_chosen and settings.picture_check is None:
        raise SettingsError(("PICTURE_CHECK_API_KEY: expected the key of that service",))


# ------------------------------------------------------------------------------------------------
# Accounts beside the first. ZIMAGE_ACCOUNTS names them, and the settings of each bear its name at
# their end. What is left out is as for the first account.


OF_AN_ACCOUNT = (
    *("DASHSCOPE_API_KEY", "DASHSCOPE_REGION", "DASHSCOPE_BASE_URL"),
    *("ZIMAGE_REQUESTS_PER_SECOND", "ZIMAGE_MAX_RUNNING"),
)


_NO_NAME = (
    "ZIMAGE_ACCOUNTS: expected names of letters and digits with commas between, such as second,"
    " whose key is DASHSCOPE_API_KEY_SECOND"
)


def _account_names(text: str) -> tuple[list[str], list[str]]:
    """The ends of their settings' names, and what is wrong with them."""
    names = [word.casefold() for word in words(text)]
    if not all(re.fullmatch(r"[a-z][a-z0-9]{0,30}", name) for name in names):
        return [], [_NO_NAME]  # which is not shown, for it may be a key
    problems = [
        f"ZIMAGE_ACCOUNTS: {name} is the first account, which is not named there"
        if name == FIRST_ACCOUNT
        else f"ZIMAGE_ACCOUNTS: {name} is there twice"
        for name in dict.fromkeys(names)
        if [FIRST_ACCOUNT, *names].count(name) > 1
    ]
    return [] if problems else [f"_{name.upper()}" for name in names], problems


def _with_accounts(settings: Settings, owns: Mapping[str, Mapping[str, Any]]) -> Settings:
    """Raises SettingsError if a key is there twice: its limit would be taken for two."""
    further = tuple(_account(settings, suffix, own) for suffix, own in owns.items())
    settings = msgspec.structs.replace(settings, zimage_accounts=further)
    keys = [one.api_key.reveal() for one in settings.accounts]
    problems = [
        f"{one.setting('DASHSCOPE_API_KEY')}: expected the key of another account, it is one that"
        " is there already"
        for count, one in enumerate(further, start=1)
        if one.api_key.reveal() in keys[:count]
    ]
    if problems:
        raise SettingsError(tuple(problems))
    return settings


def _account(settings: Settings, suffix: str, own: Mapping[str, Any]) -> AccountSettings:
    """A region of its own is not overruled by the first account's address."""
    others = None if "dashscope_region" in own else settings.dashscope_base_url
    return AccountSettings(
        name=suffix.removeprefix("_").casefold(),
        api_key=own["dashscope_api_key"],
        region=own.get("dashscope_region", settings.dashscope_region),
        address=own.get("dashscope_base_url", others),
        requests_per_second=own.get(
            "zimage_requests_per_second", settings.zimage_requests_per_second
        ),
        max_running=own.get("zimage_max_running"),
    )


# ------------------------------------------------------------------------------------------------
# Reading what stands there.


def _read_file(path: Path) -> dict[str, str | None]:
    """Raises SettingsError if it is there and cannot be read; no file is no settings."""
    try:
        text = _decoded(path, path.read_bytes())
    except FileNotFoundError:
        return {}
    except IsADirectoryError as error:
        raise SettingsError((f"{path}: expected a file, it is a folder",)) from error
    except OSError as error:
        raise SettingsError((f"{path}: cannot be read: {error.strerror}",)) from error
    lines = parse_stream(io.StringIO(text))
    problems = [
        f"{path}, line {line.original.line}: expected NAME=value" for line in lines if line.error
    ]
    if problems:
        raise SettingsError(tuple(problems))
    return dotenv_values(stream=io.StringIO(text))


def _decoded(path: Path, content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        raise SettingsError((f"{path}: expected UTF-8, it is in UTF-16: save it as UTF-8",))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(
            (f"{path}, line {line}: expected UTF-8, it is in another encoding: save it as UTF-8",)
        ) from error


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1].strip()
    return text


def _parse_all(
    names: Collection[str], values: Mapping[str, str], suffix: str = ""
) -> tuple[dict[str, Any], list[str]]:
    """Of the settings with these names: what is given, by field, and what is wrong."""
    parsed: dict[str, Any] = {}
    fields = (one for one in msgspec.structs.fields(Settings) if one.encode_name in names)
    problems = [_parse(one, values, parsed, suffix) for one in fields]
    return parsed, [problem for problem in problems if problem]


def _parse(
    field: msgspec.structs.FieldInfo,
    values: Mapping[str, str],
    parsed: dict[str, Any],
    suffix: str,
) -> str | None:
    name = field.encode_name + suffix
    if name not in values:
        return f"{name}: expected a value, it is not set" if field.required else None
    text = values[name]
    try:
        if Secret in (field.type, *get_args(field.type)):
            parsed[field.name] = Secret(READ_SECRET.get(field.name, secret_word)(text))
            return None
        if get_origin(field.type) is Literal:
            text = text.casefold()
        value = READ.get(field.name, str)(text)
        parsed[field.name] = msgspec.convert(value, field.type, strict=False, str_keys=True)
    except Fault as fault:
        return f"{name}: {fault}"
    except (ValueError, msgspec.ValidationError):
        return f"{name}: expected {expected(field.type)}, got {text[:60]!r}"
    return None


def _check_default_size(text: str | None) -> list[str]:
    if text is None:
        return []
    try:
        OFFER.parse_size(text)
    except Refusal as error:
        return [f"DEFAULT_SIZE: expected a size such as 1024*1024, 16:9 or wide: {error}"]
    return []


def _check_time_zone(name: str) -> list[str]:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return [f"TIME_ZONE: expected a name such as Europe/Berlin, got {name[:60]!r}"]
    return []


def _check_outside(parsed: Mapping[str, Any]) -> list[str]:
    if parsed.get("outside_guilds") != "any" or not parsed.get("allowed_guilds"):
        return []
    return ["OUTSIDE_GUILDS: expected ids of users, since ALLOWED_GUILDS names the guilds"]


def _misspelt(from_file: Mapping[str, str | None], names: Collection[str]) -> list[str]:
    """A name in our own file that nobody reads is a slip; elsewhere it is none of our business."""
    return [
        f"{name}: unknown setting{_meant(name, names)}"
        for name in from_file
        if name.upper() not in names and name.upper().startswith(_OURS)
    ]


def _meant(name: str, names: Collection[str]) -> str:
    for setting in OF_AN_ACCOUNT:
        if (end := name.upper().removeprefix(f"{setting}_")) != name.upper():
            return f", is {end.casefold()} missing in ZIMAGE_ACCOUNTS?"
    close = get_close_matches(name.upper(), names, n=1)
    return f", did you mean {close[0]}?" if close else ""
