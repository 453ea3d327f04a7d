"""Answers with status 200 that hold no picture, and pages of a gateway: by order of a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.faults import met
from sandbox.faults.kinds import BrokenJson, EmptyChoices, Html, NoImage
from sandbox.zimage.answers import Body, encoded, response

if TYPE_CHECKING:
    from aiohttp import web

_PAGE = b"<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"


def odd_answer(request: web.Request, body: Body, *, billed: bool) -> web.Response | None:
    """What to send instead of `body`, if a fault orders it for pictures so billed or not."""
    html = met(request, Html)
    if html and html.billed is billed:
        return response(request, _PAGE, status=html.status, content_type="text/html")
    broken = met(request, BrokenJson)
    if broken and broken.billed is billed:
        whole = encoded(body)
        return response(request, whole[: len(whole) * 2 // 3])
    empty = met(request, EmptyChoices)
    if empty and empty.billed is billed:
        return response(request, encoded({**body, "output": {"choices": []}}))
    bare = met(request, NoImage)
    if bare and bare.billed is billed:
        return response(request, encoded(_without_image(body)))
    return None


def _without_image(body: Body) -> Body:
    choice = body["output"]["choices"][0]
    message = choice["message"]
    texts = [part for part in message["content"] if "image" not in part]
    return {**body, "output": {"choices": [{**choice, "message": {**message, "content": texts}}]}}
