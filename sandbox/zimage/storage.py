"""The object storage (OSS) that serves results.

Observed: the XML of an expired link. By OSS's general behaviour: NoSuchKey, SignatureDoesNotMatch,
the refusal of an Authorization header, and the headers. Guessed: the content type, image/png.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.utils import formatdate
from typing import TYPE_CHECKING

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
from sandbox.zimage.links import BUCKET, PREFIX, Verdict, expiry_s

if TYPE_CHECKING:
    from sandbox.zimage.account import Account
    from sandbox.zimage.results import Recipe
    from sandbox.zimage.seen_pictures import SeenPictures
    from sandbox.zimage.studio import Studio

_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="'
    b'Zeuxis sandbox"/></rdf:RDF></x:xmpmeta>'
)
_SPOILERS = (CorruptPng, CutBody, DropAfter, NotPng, TruncatedPng, WrongSizePng)


class Storage:
    """Answers GET on result links."""

    def __init__(self, account: Account, studio: Studio, seen: SeenPictures) -> None:
        self._account = account
        self._studio = studio
        self._seen = seen

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
        verdict = self._account.links.check(path, query, self._account.clock.now_us())
        if verdict is Verdict.FORGED:
            self._account.violate(
                request, "link-signature", "the query differs from the one issued"
            )
            text = "The request signature we calculated does not match the signature you provided."
            return self._error(403, "SignatureDoesNotMatch", text)
        if verdict is Verdict.EXPIRED or met(request, LinkExpired):
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
        self._seen.note(png, recipe.prompt)
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
