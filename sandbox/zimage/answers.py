"""The bodies and headers of Z-Image's answers.

Bodies documented (Z-Image API reference, 2025-12-23); headers observed in dated logs of this host.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import hdrs, web

from sandbox.faults.middleware import compress

if TYPE_CHECKING:
    from sandbox.zimage.drawing import Drawing
    from sandbox.zimage.rewriting import Rewritten

JSON_TYPE = "application/json"
SSE_TYPE = "text/event-stream;charset=UTF-8"
Body = dict[str, Any]  # JSON, as it will be sent


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


def encoded(body: Body) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def result(request: web.Request, body: Body) -> web.Response:
    """A success, as server-sent events if asked for (observed; the exact lines are guessed)."""
    if request.headers.get("X-DashScope-SSE", "").lower() != "enable":
        return response(request, encoded(body))
    lines = b"id:1\nevent:result\n:HTTP_STATUS/200\ndata:" + encoded(body) + b"\n\n"
    return response(request, lines, content_type=SSE_TYPE)


def response(
    request: web.Request, body: bytes, *, status: int = 200, content_type: str = JSON_TYPE
) -> web.Response:
    """Compressed if accepted, in chunks, as observed."""
    answer = web.Response(status=status, body=body, headers={hdrs.CONTENT_TYPE: content_type})
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
