"""Signed links to results, shaped like those of the object storage (OSS).

Shape observed: `/7d/<2 hex>/<YYYYMMDD>/<8 hex>/<uuid>.png?Expires=…&OSSAccessKeyId=…&Signature=…`.
The signature is OSS's version 1, a base64 HMAC-SHA1 over verb, expiry and path. Documented: links
live 24 hours.

Stricter than OSS on purpose: the query must come back byte for byte, and every signature holds a
`+` or `/` besides its `=`, all percent-encoded. A client that decodes or re-encodes links, which
works with some signatures and fails with others, fails here always.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from random import Random

LIFETIME_S = 24 * 3600
PREFIX = "/oss"
BUCKET = "dashscope-result-sandbox"
_ACCESS_KEY_ID = "LTAI5tSandboxSandboxSan"


class Verdict(Enum):
    """What a link is worth."""

    GOOD = auto()
    EXPIRED = auto()  # was good
    FORGED = auto()  # the query is not the one that was issued


@dataclass(frozen=True, slots=True)
class Link:
    """Where a result is, relative to the server."""

    path: str
    query: str

    def url(self, origin: str) -> str:
        return f"{origin}{self.path}?{self.query}"


class Links:
    """Issues and checks links; needs no memory but the secret."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._secret = chance.randbytes(32)

    def issue(self, now_us: int) -> Link:
        """A link to a new object."""
        expires_s = now_us // 1_000_000 + LIFETIME_S
        while True:
            path = self._path(now_us)
            signature = self._signature(path, expires_s)
            if "+" in signature or "/" in signature:
                return Link(path, _query(expires_s, signature))

    def check(self, path: str, query: str, now_us: int) -> Verdict:
        """Judges path and query as they came over the wire."""
        expires_s = expiry_s(query)
        if expires_s is None or not hmac.compare_digest(
            query.encode(), _query(expires_s, self._signature(path, expires_s)).encode()
        ):
            return Verdict.FORGED
        return Verdict.EXPIRED if now_us >= expires_s * 1_000_000 else Verdict.GOOD

    def _path(self, now_us: int) -> str:
        day = datetime.fromtimestamp(now_us / 1e6, UTC).strftime("%Y%m%d")
        name = uuid.UUID(int=self._chance.getrandbits(128), version=4)
        spread = self._chance.randbytes(5).hex()
        return f"{PREFIX}/7d/{spread[:2]}/{day}/{spread[2:]}/{name}-1.png"

    def _signature(self, path: str, expires_s: int) -> str:
        text = f"GET\n\n\n{expires_s}\n/{BUCKET}{path}"
        digest = hmac.new(self._secret, text.encode(errors="replace"), hashlib.sha1).digest()
        return base64.b64encode(digest).decode()


def expiry_s(query: str) -> int | None:
    """The Unix second at which a link with this query expires."""
    name, _, value = query.partition("&")[0].partition("=")
    is_number = value.isascii() and value.isdigit() and len(value) <= 12
    return int(value) if name == "Expires" and is_number else None


def _query(expires_s: int, signature: str) -> str:
    return (
        f"Expires={expires_s}&OSSAccessKeyId={_ACCESS_KEY_ID}&Signature={quote(signature, safe='')}"
    )
