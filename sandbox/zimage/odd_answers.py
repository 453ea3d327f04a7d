"""Answers without a picture, odd fields beside one, and gateways' pages: by order of a fault."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from sandbox.faults import met
from sandbox.faults.kinds import BrokenJson, ChangedAnswer, EmptyChoices, Html, NoImage
from sandbox.zimage.answers import Body, encoded, response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

_PAGE = b"<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"


def odd_answer(request: web.Request, body: Body, *, billed: bool) -> web.Response | None:
    """What to send instead of `body`, if a fault orders it for pictures so billed or not."""
    spoiled = _spoiled(request, body, billed=billed)
    if spoiled is not None:
        return spoiled
    empty = met(request, EmptyChoices)
    if empty and empty.billed is billed:
        return response(request, encoded({**body, "output": {"choices": []}}))
    bare = met(request, NoImage)
    if bare and bare.billed is billed:
        return response(request, encoded(_without_image(body)))
    changed = met(request, ChangedAnswer)
    if changed and billed:
        link = body["output"]["choices"][0]["message"]["content"][0]["image"]
        return response(request, _changed(body, changed.changes, link), status=changed.status)
    return None


def odd_chat(request: web.Request, body: Body, *, billed: bool) -> web.Response | None:
    """The same for an answer of the compatible-mode interface."""
    spoiled = _spoiled(request, body, billed=billed)
    if spoiled is not None:
        return spoiled
    empty = met(request, EmptyChoices)
    if empty and empty.billed is billed:
        return response(request, encoded({**body, "choices": []}))
    changed = met(request, ChangedAnswer)
    if changed and billed:
        return response(request, _changed(body, changed.changes), status=changed.status)
    return None


def odd_moderation(request: web.Request, body: Body) -> web.Response | None:
    """The same for an answer of the moderation endpoint, where nothing is billed."""
    changed = met(request, ChangedAnswer)
    if changed:
        return response(request, _changed(body, changed.changes), status=changed.status)
    return next(
        (odd for billed in (False, True) if (odd := _spoiled(request, body, billed=billed))), None
    )


def _spoiled(request: web.Request, body: Body, *, billed: bool) -> web.Response | None:
    html = met(request, Html)
    if html and html.billed is billed:
        return response(request, _PAGE, status=html.status, content_type="text/html")
    broken = met(request, BrokenJson)
    if broken and broken.billed is billed:
        whole = encoded(body)
        return response(request, whole[: len(whole) * 2 // 3])
    return None


def _changed(body: Body, changes: Mapping[str, object], link: str = "") -> bytes:
    whole = copy.deepcopy(body)
    for way, value in changes.items():
        *above, last = [int(part) if part.isdigit() else part for part in way.split(".")]
        parent: Any = whole
        for part in above:
            parent = parent[part]
        parent[last] = value.replace("{link}", link) if isinstance(value, str) else value
    return encoded(whole)


def _without_image(body: Body) -> Body:
    choice = body["output"]["choices"][0]
    message = choice["message"]
    texts = [part for part in message["content"] if "image" not in part]
    return {**body, "output": {"choices": [{**choice, "message": {**message, "content": texts}}]}}
