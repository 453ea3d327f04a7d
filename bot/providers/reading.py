"""JSON of a provider's answer, read leniently.

What we do not know is passed over. One odd field must not cost what is paid for, so each is read by
itself, and a number that no row could hold counts as missing.
"""

from __future__ import annotations

import re
from typing import TypeVar, overload

import msgspec

_T = TypeVar("_T")
_D = TypeVar("_D")
NOTHING = msgspec.Raw(b"null")
_HIGHEST_COUNT = 2**31 - 1
# Half of a surrogate pair, escaped: `json.dumps("😀")[1:7]`.
_HALF_PAIR = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


@overload
def read(raw: bytes | msgspec.Raw, kind: type[_T]) -> _T | None: ...
@overload
def read(raw: bytes | msgspec.Raw, kind: type[_T], default: _D) -> _T | _D: ...
def read(raw: bytes | msgspec.Raw, kind: type[_T], default: object = None) -> object:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return default


def mended(body: bytes) -> bytes:
    """Broken characters in one text make a strict reader give up on the whole answer."""
    return _HALF_PAIR.sub(r"\\ufffd", body.decode("utf-8-sig", errors="replace")).encode()


def count(raw: msgspec.Raw) -> int:
    """A whole number of a sane size, also as `1024.0`; 0 for everything else."""
    number = read(raw, float, 0.0)
    return int(number) if number.is_integer() and 0 < number <= _HIGHEST_COUNT else 0
