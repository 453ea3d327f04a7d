"""Reads the body of `PUT /faults`."""

from __future__ import annotations

from typing import get_args

import msgspec

from sandbox.faults.kinds import Fault, Kind

_DECODER = msgspec.json.Decoder(list[Kind])
KINDS: tuple[str, ...] = tuple(kind.__struct_config__.tag for kind in get_args(Kind))


class WrongFault(ValueError):
    """The list of faults cannot be installed; the message says where and why."""


def parse_faults(body: bytes | str) -> tuple[Fault, ...]:
    """Reads a JSON list of faults.

    Raises:
        WrongFault: no JSON, no list, an unknown kind or field, a value out of range.
    """
    try:
        return tuple(_DECODER.decode(body))
    except msgspec.DecodeError as error:
        raise WrongFault(_explained(str(error))) from error


def _explained(message: str) -> str:
    if message.startswith("Invalid value") and ".kind`" in message:
        return f"{message}; known kinds are {', '.join(KINDS)}"
    return message
