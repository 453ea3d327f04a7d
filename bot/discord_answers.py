"""How discord.py reads Discord's answers, mended: odd ones become an HTTPException, never a slip.

discord.py 2.7 (http.py, webhook/async_.py) takes each 429 that came through a proxy for a plain
rate limit. It reads `retry_after` unchecked, waits, and sends the same again or raises
RateLimited. But a 429 may be no matter of pace: 30046, a message was edited too often, stays
true however long one waits, and what stands before Discord may answer without a `retry_after`.
Both functions here replace the one that reads the body, since that is where the answer's meaning
can still be seen.

One more wait is mended: discord.py stops all requests during a global rate limit and, if the
request that met it is cancelled meanwhile, never lets them go on.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import discord
import discord.http
import discord.webhook.async_

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from discord.http import HTTPClient

LONGEST_TEXT = 500  # characters; an error page has as many as it likes, and errors are logged
COUNTS = range(30_000, 40_000)  # "Maximum number of … reached": a wait does not help


def mend_answers(client: HTTPClient, *, longest_wait_s: float) -> None:
    """Puts the readers in place, for the whole process; call it before the first request.

    Args:
        longest_wait_s: that a webhook request may be put off; discord.py bounds only the others.
    """

    async def read_webhook_answer(response: ClientResponse) -> Any:
        return await read_answer(response, longest_wait_s=longest_wait_s)

    discord.http.json_or_text = read_answer
    discord.webhook.async_.json_or_text = read_webhook_answer  # type: ignore[attr-defined]
    _release_when_cancelled(client)


async def read_answer(response: ClientResponse, *, longest_wait_s: float = math.inf) -> Any:
    """The body in a shape that discord.py can read.

    Raises:
        HTTPException: a 429 that is not waited out here, or a success whose body is cut or garbled.
    """
    text = await response.text(encoding="utf-8", errors="replace")
    data = _decoded(text) if response.content_type == "application/json" else None
    if data is None:
        if text and response.status < 300:
            raise discord.HTTPException(response, f"no JSON: {text[:LONGEST_TEXT]}")
        return text[:LONGEST_TEXT]
    if response.status < 300:
        return data
    said = _said(data)
    if response.status == 429 and not _can_be_waited_for(said, longest_wait_s):
        raise discord.HTTPException(response, said)
    return said


def _decoded(text: str) -> Any:
    """None if it is no JSON, or null."""
    try:
        return discord.utils._from_json(text)  # noqa: SLF001 - orjson's, where that is there
    except ValueError:
        return None


def _said(data: object) -> dict[str, Any]:
    """What an error says, each part of its documented type or left out."""
    if not isinstance(data, dict):
        return {"message": str(data)[:LONGEST_TEXT], "code": 0}
    said = {name: data[name] for name in ("retry_after", "global") if name in data}
    if _are_sound(data.get("errors")):
        said["errors"] = data["errors"]
    code, message = data.get("code"), data.get("message")
    said["code"] = code if isinstance(code, int) and abs(code) < 1 << 63 else 0
    said["message"] = str(message or "")[:LONGEST_TEXT]
    return said


def _are_sound(errors: object) -> bool:
    """A tree of objects whose leaves are `{"_errors": [{"message": "…"}]}`."""
    if not isinstance(errors, dict) or len(str(errors)) > LONGEST_TEXT * 10:
        return False
    leaves = errors.get("_errors")
    if leaves is not None:
        return isinstance(leaves, list) and all(_is_leaf(one) for one in leaves)
    return all(_are_sound(one) for one in errors.values())


def _is_leaf(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("message", ""), str)


def _can_be_waited_for(said: dict[str, Any], longest_wait_s: float) -> bool:
    wait_s = said.get("retry_after")
    if said["code"] in COUNTS or isinstance(wait_s, bool) or not isinstance(wait_s, int | float):
        return False
    return math.isfinite(wait_s) and 0 <= wait_s <= longest_wait_s


def _release_when_cancelled(client: HTTPClient) -> None:
    ask = client.request

    async def request(*args: Any, **kwargs: Any) -> Any:
        try:
            return await ask(*args, **kwargs)
        except asyncio.CancelledError:
            # Who is let go too early meets the limit again, and waits.
            client._global_over.set()  # noqa: SLF001 - discord.py leaves it closed
            raise

    client.request = request  # type: ignore[method-assign]
