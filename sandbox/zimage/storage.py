"""The object storage (OSS): what has been drawn, signed links to it, and its downloads.

Pictures are remembered as recipes and painted anew for every download. Observed: the XML of an
expired link. By OSS's general behaviour: NoSuchKey, SignatureDoesNotMatch, the refusal of an
Authorization header, and the headers. Guessed: the content type, image/png.

Shape of links observed: `/7d/<2 hex>/<YYYYMMDD>/<8 hex>/<uuid>.png?Expires=…&OSSAccessKeyId=…
&Signature=…`. The signature is OSS's version 1, a base64 HMAC-SHA1 over verb, expiry and path.
Documented: links live 24 hours.

Stricter than OSS on purpose: the query must come back byte for byte, and every signature holds a
`+` or `/` besides its `=`, all percent-encoded. A client that decodes or re-encodes links, which
works with some signatures and fails with others, fails here always.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import hdrs, web

from sandbox.faults import met
from sandbox.faults.kinds import (
    CorruptPng,
    CutBody,
    DropAfter,
    LinkExpired,
    LinkPurged,
    NotPng,
    ProviderMetadata,
    TruncatedPng,
    WrongSizePng,
)

if TYPE_CHECKING:
    from random import Random

    from sandbox.zimage.account import Account
    from sandbox.zimage.ledger import Entry
    from sandbox.zimage.studio import Studio

KEPT = 50_000  # a recipe takes about a kilobyte; the oldest count as purged
LIFETIME_S = 24 * 3600
PREFIX = "/oss"
BUCKET = "dashscope-result-sandbox"
_ACCESS_KEY_ID = "LTAI5tSandboxSandboxSan"
_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="'
    b'Zeuxis sandbox"/></rdf:RDF></x:xmpmeta>'
)
_SPOILERS = (CorruptPng, CutBody, DropAfter, NotPng, TruncatedPng, WrongSizePng)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that a picture is painted from."""

    prompt: str
    seed: int
    width_px: int
    height_px: int
    made_at_us: int
    entry: Entry


class Results:
    """Recipes by path. The links say when they expire."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self._recipes: OrderedDict[str, Recipe] = OrderedDict()

    def put(self, path: str, recipe: Recipe) -> None:
        self._recipes[path] = recipe
        while len(self._recipes) > self._kept:
            self._recipes.popitem(last=False)

    def get(self, path: str) -> Recipe | None:
        return self._recipes.get(path)

    def purge(self) -> None:
        """Forgets all results; their links lead to 404 NoSuchKey."""
        self._recipes.clear()


class LinkState(Enum):
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

    def check(self, path: str, query: str, now_us: int) -> LinkState:
        """Judges path and query as they came over the wire."""
        expires_s = expiry_s(query)
        if expires_s is None or not hmac.compare_digest(
            query.encode(), _query(expires_s, self._signature(path, expires_s)).encode()
        ):
            return LinkState.FORGED
        return LinkState.EXPIRED if now_us >= expires_s * 1_000_000 else LinkState.GOOD

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


class Storage:
    """Answers GET on result links."""

    def __init__(self, account: Account, studio: Studio) -> None:
        self._account = account
        self._studio = studio

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PREFIX + "/{path:.*}", self.download, allow_head=False)]

    async def download(self, request: web.Request) -> web.Response:
        path, _, query = request.raw_path.partition("?")
        refusal = self._refusal(request, path, query)
        if refusal is not None:
            return refusal
        recipe = None if met(request, LinkPurged) else self._account.results.get(path)
        if recipe is None:
            return self._error(404, "NoSuchKey", "The specified key does not exist.", Key=path[5:])
        body = await self._picture(request, recipe)
        if not any(met(request, spoiler) for spoiler in _SPOILERS):
            self._account.ledger.download(recipe.entry)
        return web.Response(body=body, headers=self._headers(recipe, body))

    def _refusal(self, request: web.Request, path: str, query: str) -> web.Response | None:
        if hdrs.AUTHORIZATION in request.headers:
            self._account.violate(
                request, "link-authorization", "a result link takes no Authorization"
            )
            text = "The authorization header and the signed query exclude each other."
            return self._error(400, "InvalidArgument", text)
        state = self._account.links.check(path, query, self._account.clock.now_us())
        if state is LinkState.FORGED:
            self._account.violate(
                request, "link-signature", "the query differs from the one issued"
            )
            text = "The request signature we calculated does not match the signature you provided."
            return self._error(403, "SignatureDoesNotMatch", text)
        if state is LinkState.EXPIRED or met(request, LinkExpired):
            return self._expired(query)
        return None

    def _expired(self, query: str) -> web.Response:
        return self._error(
            403,
            "AccessDenied",
            "Request has expired.",
            Expires=_iso(expiry_s(query) or 0),
            ServerTime=_iso(self._account.clock.now_us() // 1_000_000),
        )

    async def _picture(self, request: web.Request, recipe: Recipe) -> bytes:
        if met(request, NotPng):
            return b"<html><body>not a picture</body></html>\n"
        wrong = met(request, WrongSizePng)
        png = await self._studio.paint(
            recipe,
            size_px=(wrong.width, wrong.height) if wrong else None,
            xmp=_XMP if met(request, ProviderMetadata) else None,
        )
        if met(request, CorruptPng):
            at = png.index(b"IDAT") + 4 + (len(png) - png.index(b"IDAT")) // 2
            png = png[:at] + bytes((png[at] ^ 0xFF,)) + png[at + 1 :]
        if truncated := met(request, TruncatedPng):
            png = png[: int(len(png) * truncated.kept_share)]
        return png

    def _headers(self, recipe: Recipe, body: bytes) -> dict[str, str]:
        return {
            "Content-Type": "image/png",
            "Server": "AliyunOSS",
            "x-oss-request-id": self._oss_request_id(),
            "Accept-Ranges": "bytes",
            "ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest().upper()}"',
            "Last-Modified": formatdate(recipe.made_at_us / 1e6, usegmt=True),
            "x-oss-object-type": "Normal",
            "x-oss-storage-class": "Standard",
        }

    def _error(self, status: int, code: str, message: str, **more: str) -> web.Response:
        fields = {
            "Code": code,
            "Message": message,
            "RequestId": self._oss_request_id(),
            "HostId": f"{BUCKET}.oss-cn-sandbox.aliyuncs.com",
            **more,
        }
        inner = "".join(f"  <{name}>{_escaped(value)}</{name}>\n" for name, value in fields.items())
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n{inner}</Error>\n'
        headers = {
            "Content-Type": "application/xml",
            "Server": "AliyunOSS",
            "x-oss-request-id": fields["RequestId"],
        }
        return web.Response(status=status, body=body.encode(), headers=headers)

    def _oss_request_id(self) -> str:
        return self._account.new_request_id().replace("-", "")[:24].upper()


def _iso(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
