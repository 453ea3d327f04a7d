"""Reading the settings: the environment, `.env`, and what is wrong with them, all at once.

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
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.errors import SettingsError
from bot.providers import openai_check
from bot.providers.zimage.offer import OFFER
from bot.refusals import Refusal
from bot.settings import FIRST_ACCOUNT, AccountSettings, Secret, Settings
from bot.settings.values import READ, READ_SECRET, Fault, expected, secret_word, words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_CONVENTIONAL = ("HTTPS_PROXY", "NO_PROXY")  # other programs read them in small letters too
_OTHERS = ("HTTP_PROXY",)  # so near one of ours, and meant for somebody else
_NEAR = 0.85  # of 1: how alike a slip and what was meant are
_MAY_BE_EMPTY = ("REWRITER_MODEL",)  # which switches it off; elsewhere empty is not set
_OURS = (
    *("DISCORD_", "DASHSCOPE_", "ZIMAGE_", "MAX_", "LOG_", "HEALTH_", "DATABASE_"),
    *("GUILD_", "ROLE_", "LEDGER_", "REWRITER_", "OUTSIDE_", "PICTURE_"),
)
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
    """A name in our own file that nobody reads is a slip if it begins or looks like ours."""
    return [
        f"{name}: unknown setting{_meant(name, names)}"
        for name in from_file
        if name.upper() not in names
        and (name.upper().startswith(_OURS) or _nearest(name, names) is not None)
    ]


def near_names(environment: Collection[str] | None = None) -> dict[str, str]:
    """Names in the environment that nobody reads, and what each was probably meant to be.

    A container has its `.env` there. It may hold other programs' names too, so this is no error.
    """
    environment = os.environ if environment is None else environment
    known = {name for name in environment if name.upper().startswith(OF_AN_ACCOUNT)}
    found = {name: _nearest(name, NAMES) for name in environment if name not in {*NAMES, *known}}
    return {name: near for name, near in found.items() if near is not None}


def _nearest(name: str, names: Collection[str]) -> str | None:
    if name.upper() in {*_OTHERS, *_CONVENTIONAL}:
        return None
    return next(iter(get_close_matches(name.upper(), names, n=1, cutoff=_NEAR)), None)


def _meant(name: str, names: Collection[str]) -> str:
    for setting in OF_AN_ACCOUNT:
        if (end := name.upper().removeprefix(f"{setting}_")) != name.upper():
            return f", is {end.casefold()} missing in ZIMAGE_ACCOUNTS?"
    close = get_close_matches(name.upper(), names, n=1)
    return f", did you mean {close[0]}?" if close else ""
