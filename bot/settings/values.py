"""The kinds of values that settings have: bounds, what people type for them, and what is meant.

A reader takes the text of a setting and gives what msgspec converts into the field's type. It
raises ValueError for what is none of the kind, and Fault where it can say more than the kind does.
"""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from msgspec import Meta

from bot.providers.zimage.wire import MODEL
from bot.visible import normalised

if TYPE_CHECKING:
    from collections.abc import Callable


Rate = Annotated[float, Meta(gt=0, le=1000, description="a number above 0, at most 1000")]
Count = Annotated[int, Meta(ge=1, le=10**9, description="a whole number from 1 to 1000000000")]
Seconds = Annotated[float, Meta(ge=0, le=10**9, description="seconds, from 0 to 1000000000")]
Dollars = Annotated[float, Meta(ge=0, le=1000, description="dollars, such as 0.015")]
Budget = Annotated[
    float, Meta(ge=-1, le=10**6, description="dollars, such as 10, or -1 for no limit")
]
Quota = Annotated[
    int, Meta(ge=-1, le=10**9, description="a whole number, -1 for no limit, 0 for none at all")
]
UserIds = Annotated[
    tuple[Annotated[int, Meta(ge=1, le=2**63 - 1)], ...],
    Meta(description="ids of users with commas between"),
]
GuildIds = Annotated[
    tuple[Annotated[int, Meta(ge=1, le=2**63 - 1)], ...],
    Meta(description="any, or ids of guilds with commas between"),
]
Persons = Annotated[
    tuple[Annotated[int, Meta(ge=1, le=2**63 - 1)], ...] | Literal["any"],
    Meta(description="none, any, or ids of users with commas between"),
]
DetailDays = Annotated[int, Meta(ge=62, le=36500, description="days, from 62 to 36500")]
Days = Annotated[int, Meta(ge=0, le=36500, description="days, from 0 to 36500")]
Port = Annotated[int, Meta(ge=0, le=65535, description="a port from 1 to 65535, or 0 for none")]
Switch = Annotated[bool, Meta(description="true or false")]
Url = Annotated[
    str, Meta(pattern=r"^(?i:https?)://[^\s/]+", description="an address with https://")
]
GatewayUrl = Annotated[
    str, Meta(pattern=r"^(?i:wss?)://[^\s/]+", description="an address with wss://")
]
Shares = Annotated[
    dict[
        Annotated[int, Meta(ge=1, le=2**63 - 1)],
        Annotated[float, Meta(ge=0.01, le=100)],
    ],
    Meta(description="ID:WEIGHT pairs with commas between, weights from 0.01 to 100"),
]
Hosts = Annotated[
    tuple[str, ...],
    Meta(
        min_length=1,
        description="hosts that pictures come from, such as .aliyuncs.com (all below it) or"
        " cdn.example.com, with commas between",
    ),
]
Database = Annotated[str, Meta(pattern=r"^sqlite:///.+", description="sqlite:///path/to/file.db")]


class Fault(ValueError):
    """Says itself what was expected."""


def expected(kind: Any) -> str:
    for part in (kind, *get_args(kind)):
        for meta in getattr(part, "__metadata__", ()):
            return str(meta.description)
    return "one of " + ", ".join(map(str, get_args(kind)))


def words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _pairs(text: str) -> dict[str, str]:
    """Raises ValueError if an id is there twice: which weight was meant?"""
    pairs = [word.partition(":") for word in words(normalised(text))]
    found = {key: weight for key, _, weight in pairs}
    if len(found) < len(pairs):
        raise ValueError("an id is there twice")
    return found


def secret_word(text: str) -> str:
    if any(character.isspace() or not character.isascii() for character in text):
        raise Fault("expected one word of plain characters, got blanks or others inside")
    if "'" in text or '"' in text:
        raise Fault("expected one word of plain characters, got a quotation mark")
    return text


def _proxy(text: str) -> str:
    """Never shown: it may hold a password."""
    text = text if "://" in text else f"http://{text}"
    if not re.match(r"(?i)https?://[^\s/]+/?$", text) or not _is_address(text):
        raise Fault("expected the address of an http proxy, such as http://proxy.example:3128")
    return text


def _is_address(text: str) -> bool:
    try:
        split = urlsplit(text)
        return bool(split.hostname) and split.port != 0
    except ValueError:  # a port that is no number, half of an IPv6 address
        return False


def _address(text: str) -> str:
    """Raises ValueError for what would only be found when it is first connected to."""
    if not _is_address(text):
        raise ValueError("no address")
    if "@" in urlsplit(text).netloc:  # beside our own Authorization; not shown, it is a password
        raise Fault("expected an address without a name and a password in it")
    return text


def _model(text: str) -> str:
    if not re.fullmatch(r"[\w.:/@-]+", text):
        raise Fault(f"expected a model's name, such as z-image-turbo, got {text[:60]!r}")
    return text.casefold() if text.casefold() == MODEL else text


def _chat_model(text: str) -> str:
    if not re.fullmatch(r"[\w.:/@-]*", text):
        raise Fault(f"expected a model's name, such as qwen-flash, or nothing, got {text[:60]!r}")
    return text


def _chat_url(text: str) -> str:
    """Raises Fault for what people paste in its place."""
    url = urlsplit(_address(text))
    path = url.path.casefold().rstrip("/")
    if path.endswith("/chat/completions"):
        raise Fault("that is a whole endpoint, expected the address without /chat/completions")
    if is_of_the_service(text) and path != "/compatible-mode/v1":
        right = f"{url.scheme}://{url.netloc}/compatible-mode/v1"
        raise Fault(f"expected the OpenAI-compatible address: try {right}")
    return text


def _moderation_model(text: str) -> str:
    if not re.fullmatch(r"[\w.:/@-]+", text):
        raise Fault(f"expected a model's name, such as omni-moderation-latest, got {text[:60]!r}")
    return text


def _moderation_url(text: str) -> str:
    """Raises Fault for what people paste in its place."""
    if urlsplit(_address(text)).path.casefold().rstrip("/").endswith("/moderations"):
        raise Fault("that is a whole endpoint, expected the address without /moderations")
    return text


def _file(text: str) -> str:
    return _in_home(text) if text.startswith("~") else text


def _base_url(text: str) -> str:
    """Raises Fault for what people paste in its place; the service would blame key and model."""
    url = urlsplit(_address(text))
    path = url.path.casefold().rstrip("/")
    right = f"{url.scheme}://{url.netloc}/api/v1"
    if "/compatible-mode" in path:
        raise Fault(f"that is the OpenAI-compatible path, which has no Z-Image: try {right}")
    if "/services/" in path or url.query or url.fragment:
        raise Fault(f"that is a whole endpoint, expected the address up to /api/v1: try {right}")
    if is_of_the_service(text) and path != "/api/v1":
        raise Fault(f"expected the address up to /api/v1: try {right}")
    return text


def is_of_the_service(url: str) -> bool:
    """Whether the address is one of Model Studio's own, not of a proxy or a sandbox."""
    return (urlsplit(url).hostname or "").endswith(".aliyuncs.com")


def is_loopback(host: str) -> bool:
    """Whether it is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _database_url(text: str) -> str:
    scheme, _, path = text.partition(":///")
    if scheme.casefold() != "sqlite" or not path:
        raise ValueError("expected sqlite:///")
    if path.startswith("~"):
        path = _in_home(path)
    if os.name != "nt" and ("\\" in path or re.match(r"/?[A-Za-z]:", path)):
        raise Fault(
            "that is a path of Windows, and this is none:"
            " expected one such as sqlite:////var/lib/zeuxis/zeuxis.db"
        )
    if path.startswith((":", "file:", "$", "%")) or "?" in path or not path.isprintable():
        raise Fault(f"expected the plain path of a file, got {path[:60]!r}")
    return f"sqlite:///{path}"


def _in_home(path: str) -> str:
    try:
        return str(Path(path).expanduser())
    except RuntimeError as error:
        raise Fault(f"no home folder is known for {path[:60]!r}: write the path out") from error


# A name as DNS has it, alone or for all below: no address, no port but https's own, no star inside.
_HOST = re.compile(
    r"(?:https?://)?(?P<below>\*\.|\.)?"
    r"(?P<name>[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*?)\.?(?::443)?(?:/.*)?"
)
_IS_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")


def _hosts(text: str) -> tuple[str, ...]:
    """Raises ValueError for what can match no host, such as `*` or an address."""
    return tuple(dict.fromkeys(host for word in words(text) for host in _meant_hosts(word)))


def _meant_hosts(word: str) -> tuple[str, ...]:
    """In the forms of LinkRules. People paste links and write stars; what they mean is plain.

    A domain of two labels, such as aliyuncs.com, stands for all hosts below it as well: pictures
    come from none but those.
    """
    found = _HOST.fullmatch(word.casefold())
    if found is None or _IS_NUMBER.fullmatch(found["name"].rpartition(".")[2]):
        raise ValueError("no name of a host")
    name = found["name"]
    if found["below"]:
        return (f".{name}",)
    return (name, f".{name}") if name.count(".") == 1 else (name,)


def _guild_ids(text: str) -> tuple[int, ...]:
    """Raises ValueError for what is no id."""
    return () if text.casefold() == "any" else _ids(text)


def _persons(text: str) -> tuple[int, ...] | Literal["any"]:
    """Raises ValueError for what is no id."""
    if text.casefold() == "any":
        return "any"
    return () if text.casefold() == "none" else _ids(text)


def _ids(text: str) -> tuple[int, ...]:
    """Raises ValueError for what is no id."""
    return tuple(dict.fromkeys(int(word) for word in words(text)))


READ_SECRET: dict[str, Callable[[str], str]] = {"https_proxy": _proxy}
READ: dict[str, Callable[[str], object]] = {
    "dashscope_base_url": _base_url,
    "discord_api_base_url": _address,
    "discord_gateway_url": _address,
    "database_url": _database_url,
    "zimage_model": _model,
    "rewriter_model": _chat_model,
    "rewriter_base_url": _chat_url,
    "picture_check_model": _file,
    "picture_check_base_url": _moderation_url,
    "picture_check_api_model": _moderation_model,
    "zimage_result_hosts": _hosts,
    "guild_weights": _pairs,
    "role_weights": _pairs,
    "allowed_guilds": _guild_ids,
    "outside_guilds": _persons,
    "operators": _ids,
}
