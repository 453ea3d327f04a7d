"""Interactions as they arrive, before discord.py makes anything of them.

What discord.py, the cogs and the database take on trust is checked here in one step. Discord keeps
to it; whatever stands between, or a change of its interface, may not.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from bot.gateway import Snowflake  # noqa: TC001 - msgspec reads annotations at run time

NO_LOCALE = "en-US"
_BY_TYPE: dict[int, type | tuple[type, ...]] = {3: str, 4: int, 5: bool, 10: (int, float)}


class Answerable(Struct):
    """The least that an interaction can be answered by."""

    id: Snowflake
    token: Annotated[str, Meta(min_length=1)]
    type: int


class _User(Struct):
    id: Snowflake


class _Member(Struct):
    user: _User
    roles: list[Snowflake] = []


class _Place(Struct):
    id: Snowflake


class _Option(Struct):
    name: str
    type: int
    value: str | int | float | bool | None = None
    options: list[_Option] = []
    focused: bool = False

    def __post_init__(self) -> None:
        expected = _BY_TYPE.get(self.type)
        if expected and not self.focused and not isinstance(self.value, expected):
            raise ValueError(f"the value of an option of type {self.type} is of another type")


class _Data(Struct):
    options: list[_Option] = []
    custom_id: str = ""


class _Checked(Answerable):
    type: Annotated[int, Meta(ge=2, le=5)]  # command, component, autocomplete, form
    data: _Data
    channel: _Place
    attachment_size_limit: Annotated[int, Meta(ge=0, le=2**53)]
    guild_id: Snowflake | None = None
    member: _Member | None = None
    user: _User | None = None

    def __post_init__(self) -> None:
        who: object = self.user if self.guild_id is None else self.member
        if who is None:
            raise ValueError("nobody has sent it")


def check(data: Any) -> None:
    """Raises ValueError, whose words quote no value."""
    msgspec.convert(data, _Checked)


def answerable(data: Any) -> Answerable | None:
    """None if nobody can be answered."""
    try:
        return msgspec.convert(data, Answerable)
    except ValueError:
        return None


def set_locales(data: dict[str, Any]) -> None:
    """A language that cannot be read is no reason not to serve."""
    for name in ("locale", "guild_locale"):
        if name in data and not isinstance(data[name], str):
            data[name] = NO_LOCALE
