"""The bodies and headers of Z-Image's answers, and what is sent instead by order of a fault.

Bodies documented (Z-Image API reference, 2025-12-23); headers observed in dated logs of this host.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from aiohttp import hdrs, web

from sandbox.faults import met
from sandbox.faults.kinds import BrokenJson, ChangedAnswer, EmptyChoices, Html, NoImage
from sandbox.faults.middleware import compress

if TYPE_CHECKING:
    from sandbox.zimage.chats import Rewritten
    from sandbox.zimage.generation import Drawing

JSON_TYPE = "application/json"
SSE_TYPE = "text/event-stream;charset=UTF-8"
Body = dict[str, Any]  # JSON, as it will be sent
_PAGE = b"<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"


def success(drawing: Drawing, url: str, request_id: str, rewriting: Rewritten | None) -> Body:
    """The body of a drawn picture. Without rewriting all tokens are 0 and the reasoning empty."""
    message = {
        "content": [{"image": url}, {"text": rewriting.text if rewriting else drawing.prompt}],
        "reasoning_content": rewriting.reasoning if rewriting else "",
        "role": "assistant",
    }
    return {
        "output": {"choices": [{"finish_reason": "stop", "message": message}]},
        "usage": _usage(drawing, rewriting),
        "request_id": request_id,
    }


def error(code: str, message: str, request_id: str) -> Body:
    """The flat body of an error; a refusal of the workspace has no code."""
    named = {"code": code} if code else {}
    return {"request_id": request_id, **named, "message": message}


def wrapped_error(code: str, message: str, request_id: str) -> Body:
    """The body of an error of the compatible-mode interface. Documented."""
    error = {"message": message, "type": code, "param": None, "code": code}
    return {"error": error, "request_id": request_id}


def _encoded(body: Body) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def result(request: web.Request, body: Body) -> web.Response:
    """A success, as server-sent events if asked for (observed; the exact lines are guessed)."""
    if request.headers.get("X-DashScope-SSE", "").lower() != "enable":
        return response(request, body)
    lines = b"id:1\nevent:result\n:HTTP_STATUS/200\ndata:" + _encoded(body) + b"\n\n"
    return response(request, lines, content_type=SSE_TYPE)


def response(
    request: web.Request, body: Body | bytes, *, status: int = 200, content_type: str = JSON_TYPE
) -> web.Response:
    """Compressed if accepted, in chunks, as observed."""
    whole = body if isinstance(body, bytes) else _encoded(body)
    answer = web.Response(status=status, body=whole, headers={hdrs.CONTENT_TYPE: content_type})
    compress(request, answer)
    answer.enable_chunked_encoding()
    return answer


def add_headers(
    answer: web.Response, *, request_id: str, arrived_at_us: int, now_us: int
) -> web.Response:
    """Puts the gateway's headers on an answer."""
    cost_ms = str((now_us - arrived_at_us) // 1000)
    answer.headers.update(
        {
            "x-request-id": request_id,
            "x-dashscope-call-gateway": "true",
            "x-dashscope-finished": "true",
            "x-dashscope-timeout": "180",
            "req-cost-time": cost_ms,
            "req-arrive-time": str(arrived_at_us // 1000),
            "resp-start-time": str(now_us // 1000),
            "x-envoy-upstream-service-time": cost_ms,
            "server": "istio-envoy",
            "vary": "Origin,Access-Control-Request-Method,Access-Control-Request-Headers",
            "set-cookie": f"acw_tc={request_id}; path=/; HttpOnly; Max-Age=1800",
        }
    )
    return answer


def _usage(drawing: Drawing, rewriting: Rewritten | None) -> Body:
    usage: Body = {
        "height": drawing.height_px,
        "image_count": 1,
        "input_tokens": rewriting.input_tokens if rewriting else 0,
        "output_tokens": rewriting.output_tokens if rewriting else 0,
        "total_tokens": rewriting.input_tokens + rewriting.output_tokens if rewriting else 0,
        "width": drawing.width_px,
    }
    if rewriting:
        usage["output_tokens_details"] = {"reasoning_tokens": rewriting.reasoning_tokens}
    return usage


def odd_answer(request: web.Request, body: Body, *, billed: bool) -> web.Response | None:
    """What to send instead of `body`, if a fault orders it for pictures so billed or not."""
    choice = body["output"]["choices"][0]
    content = choice["message"]["content"]
    bare_message = {**choice["message"], "content": [one for one in content if "image" not in one]}
    bare = {**body, "output": {"choices": [{**choice, "message": bare_message}]}}
    return (
        _spoiled(request, body, billed=billed)
        or _replaced(request, EmptyChoices, {**body, "output": {"choices": []}}, billed=billed)
        or _replaced(request, NoImage, bare, billed=billed)
        or (_changed(request, body, content[0]["image"]) if billed else None)
    )


def odd_chat(request: web.Request, body: Body, *, billed: bool) -> web.Response | None:
    """The same for an answer of the compatible-mode interface."""
    return (
        _spoiled(request, body, billed=billed)
        or _replaced(request, EmptyChoices, {**body, "choices": []}, billed=billed)
        or (_changed(request, body) if billed else None)
    )


def odd_moderation(request: web.Request, body: Body) -> web.Response | None:
    """The same for an answer of the moderation endpoint, where nothing is billed."""
    return (
        _changed(request, body)
        or _spoiled(request, body, billed=False)
        or _spoiled(request, body, billed=True)
    )


def _spoiled(request: web.Request, body: Body, *, billed: bool) -> web.Response | None:
    html = met(request, Html)
    if html and html.billed is billed:
        return response(request, _PAGE, status=html.status, content_type="text/html")
    broken = met(request, BrokenJson)
    if broken and broken.billed is billed:
        whole = _encoded(body)
        return response(request, whole[: len(whole) * 2 // 3])
    return None


def _replaced(
    request: web.Request, kind: type[EmptyChoices | NoImage], body: Body, *, billed: bool
) -> web.Response | None:
    fault = met(request, kind)
    return response(request, body) if fault and fault.billed is billed else None


def _changed(request: web.Request, body: Body, link: str = "") -> web.Response | None:
    changed = met(request, ChangedAnswer)
    if changed is None:
        return None
    whole = copy.deepcopy(body)
    for way, value in changed.changes.items():
        *above, last = [int(part) if part.isdigit() else part for part in way.split(".")]
        parent: Any = whole
        for part in above:
            parent = parent[part]
        parent[last] = value.replace("{link}", link) if isinstance(value, str) else value
    return response(request, whole, status=changed.status)
