"""The settings, from the environment and `.env`; the environment wins.

`.env.example` lists every one with its meaning; a test keeps the two in step. All problems are
reported at once, by name, with what was expected. Secrets print as `****`.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import msgspec
from dotenv import dotenv_values
from msgspec import Meta

from bot.domain.regions import REGIONS
from bot.domain.sizes import DEFAULT_SIZE, parse_size
from bot.errors import Refusal, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_OURS = (
    *("DISCORD_", "DASHSCOPE_", "ZIMAGE_", "MAX_", "LOG_", "HEALTH_", "DATABASE_"),
    *("GUILD_", "ROLE_"),
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


Rate = Annotated[float, Meta(gt=0, le=1000, description="a number above 0, at most 1000")]
Count = Annotated[int, Meta(ge=1, description="a whole number of at least 1")]
Seconds = Annotated[float, Meta(ge=0, description="seconds, 0 or more")]
Dollars = Annotated[float, Meta(ge=0, description="dollars, such as 0.015")]
Port = Annotated[int, Meta(ge=0, le=65535, description="a port from 1 to 65535, or 0 for none")]
Switch = Annotated[bool, Meta(description="true or false")]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s/]+", description="an address with https://")]
GatewayUrl = Annotated[str, Meta(pattern=r"^wss?://[^\s/]+", description="an address with wss://")]
Shares = Annotated[
    dict[
        Annotated[int, Meta(ge=1, le=2**63 - 1)],
        Annotated[float, Meta(ge=0.01, le=100)],
    ],
    Meta(description="ID:WEIGHT pairs with commas between, weights from 0.01 to 100"),
]
Database = Annotated[str, Meta(pattern=r"^sqlite:///.+", description="sqlite:///path/to/file.db")]


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="upper"):
    """What the operator chose. Names in the environment are these in capitals."""

    discord_token: Secret
    dashscope_api_key: Secret
    discord_api_base_url: Url | None = None
    discord_gateway_url: GatewayUrl | None = None
    dashscope_region: Literal["singapore", "beijing"] = "singapore"
    dashscope_base_url: Url | None = None
    zimage_model: str = "z-image-turbo"
    zimage_requests_per_second: Rate = 2.0
    zimage_max_running: Count = 64
    zimage_result_hosts: tuple[str, ...] = (".aliyuncs.com",)
    zimage_price_usd: Dollars = 0.015
    zimage_price_rewritten_usd: Dollars = 0.03
    rewrite_by_default: Switch = True
    default_size: str = str(DEFAULT_SIZE)
    database_url: Database = "sqlite:///data/zeuxis.db"
    max_waiting_per_member: Count = 500
    max_waiting_per_guild: Count = 2000
    max_running_per_guild: Count = 32
    max_running_per_person: Count = 32
    max_expected_wait_s: Seconds = 3600.0
    guild_weights: Shares = {}
    role_weights: Shares = {}
    shutdown_grace_s: Seconds = 25.0
    health_port: Port = 0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"

    @property
    def zimage_base_url(self) -> str:
        return (self.dashscope_base_url or REGIONS[self.dashscope_region]).rstrip("/")


NAMES = tuple(field.encode_name for field in msgspec.structs.fields(Settings))


def load_settings(
    environment: Mapping[str, str] | None = None, *, dotenv: Path | None = None
) -> Settings:
    """Reads the process's environment and `.env` in the working folder, unless others are given.

    Raises:
        SettingsError: with every problem found.
    """
    from_file = dotenv_values(dotenv if dotenv is not None else Path(".env"))
    given = {**from_file, **(os.environ if environment is None else environment)}
    values = {name: given[name] or "" for name in NAMES if (given.get(name) or "").strip()}
    problems = [*_misspelt(from_file)]
    parsed: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        problem = _parse(field, values, parsed)
        if problem:
            problems.append(problem)
    problems += _check_default_size(parsed.get("default_size"))
    if problems:
        raise SettingsError(problems)
    return Settings(**parsed)


def _parse(
    field: msgspec.structs.FieldInfo, values: Mapping[str, str], parsed: dict[str, Any]
) -> str | None:
    name = field.encode_name
    if name not in values:
        return f"{name}: expected a value, it is not set" if field.required else None
    text = values[name].strip()
    if field.type is Secret:
        parsed[field.name] = Secret(text)
        return _check_secret(name, text)
    try:
        value = _READ.get(field.name, str)(text)
        parsed[field.name] = msgspec.convert(value, field.type, strict=False, str_keys=True)
    except (ValueError, msgspec.ValidationError):
        return f"{name}: expected {_expected(field.type)}, got {text[:60]!r}"
    return None


def _expected(kind: Any) -> str:
    for part in (kind, *get_args(kind)):
        for meta in getattr(part, "__metadata__", ()):
            return str(meta.description)
    return "one of " + ", ".join(map(str, get_args(kind)))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _pairs(text: str) -> dict[str, str]:
    """Raises ValueError if an id is there twice: which weight was meant?"""
    pairs = [word.partition(":") for word in _words(text)]
    found = {key: weight for key, _, weight in pairs}
    if len(found) < len(pairs):
        raise ValueError("an id is there twice")
    return found


_READ: dict[str, Callable[[str], object]] = {
    "zimage_result_hosts": _words,
    "guild_weights": _pairs,
    "role_weights": _pairs,
}


def _check_secret(name: str, text: str) -> str | None:
    if any(character.isspace() or not character.isascii() for character in text):
        return f"{name}: expected one word of plain characters, got blanks or others inside"
    return None


def _check_default_size(text: str | None) -> list[str]:
    if text is None:
        return []
    try:
        parse_size(text)
    except Refusal as error:
        return [f"DEFAULT_SIZE: expected a size such as 1024*1024, 16:9 or wide: {error}"]
    return []


def _misspelt(from_file: Mapping[str, str | None]) -> list[str]:
    """A name in our own file that nobody reads is a slip; elsewhere it is none of our business."""
    return [
        f"{name}: unknown setting{_meant(name)}"
        for name in from_file
        if name not in NAMES and name.startswith(_OURS)
    ]


def _meant(name: str) -> str:
    close = get_close_matches(name, NAMES, n=1)
    return f", did you mean {close[0]}?" if close else ""
