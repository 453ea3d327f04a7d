"""What is the same for every request: key, length, headers, content, and how it is refused.

That both input and output are checked for their content is documented, and so are the codes and
messages. Here a prompt that holds one of three words is refused, to be tried by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from aiohttp import hdrs, web

from sandbox.faults import met
from sandbox.faults.kinds import Error
from sandbox.zimage import answers
from sandbox.zimage.errors import UNPAID, Refusal, invalid
from sandbox.zimage.ledger import Chat, Entry, Outcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Handler

    from sandbox.zimage.account import Account, ZImageSettings
    from sandbox.zimage.answers import Body

_Record = TypeVar("_Record", Chat, Entry)

BODY_LIMIT_BYTES = 16 * 1024 * 1024  # documented; the gateway answers 413 above it
_DRAINED_BYTES = 4 * BODY_LIMIT_BYTES  # read and thrown away, so that clients see the answer
_BROKEN = "Required body invalid, please check the request body format."  # documented
INPUT_WORD = "forbidden-by-sandbox"
OUTPUT_WORD = "unseemly-by-sandbox"
INFRINGING_WORD = "infringing-by-sandbox"


def answering(
    account: Account,
    *,
    opened: Callable[[web.Request], _Record],
    answer: Callable[[web.Request, _Record], Awaitable[web.Response]],
    refused: Callable[[web.Request, _Record, Refusal], web.Response],
) -> Handler:
    """A handler that opens a record, checks the key, and gives an answer or a refusal."""

    async def answered(request: web.Request) -> web.StreamResponse:
        record = opened(request)
        try:
            record.key = authenticated(request, account.settings)
            response = await answer(request, record)
        except Refusal as refusal:
            response = refused(request, record, refusal)
        part_if_unread(request, response)
        return answers.add_headers(
            response,
            request_id=record.request_id,
            arrived_at_us=record.at_us,
            now_us=account.clock.now_us(),
        )

    return answered


def refusal_answer(
    account: Account,
    request: web.Request,
    refusal: Refusal,
    body: Body,
    *,
    server: str = "zimage",
    retry_after_s: int | None = None,
) -> web.Response:
    """The answer, after the broken rule is written down; a fault orders its own Retry-After."""
    if refusal.rule is not None:
        account.violate(request, refusal.rule, refusal.message, server=server)
    response = answers.response(request, body, status=refusal.status)
    fault = met(request, Error)
    after_s = fault.retry_after if fault else retry_after_s
    if after_s is not None:
        response.headers["Retry-After"] = str(after_s)
    return response


def outcome_of(refusal: Refusal) -> Outcome:
    """How a picture, chat or moderation has ended that was refused so."""
    if refusal.status == 429 and refusal.code not in UNPAID:
        return Outcome.THROTTLED
    if refusal.status == 200 or refusal.status >= 500:
        return Outcome.FAILED
    return Outcome.REFUSED


def authenticated(request: web.Request, settings: ZImageSettings) -> str:
    """The label of the key. Codes and messages documented.

    Raises:
        Refusal: 401, no key or not one of the account's.
    """
    key = bearer_key(request)
    if not key:
        raise Refusal("InvalidApiKey", "No API-key provided.")
    label = settings.key_label(key)
    if label is not None:
        return label
    if key.startswith("sk-sp-"):  # a key of a subscription plan, which has hosts of its own
        raise Refusal("InvalidApiKey", "invalid access token or token expired")
    raise Refusal("InvalidApiKey")


def bearer_key(request: web.Request) -> str:
    """The key that is sent, empty if there is none."""
    scheme, _, key = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def check_headers(request: web.Request) -> None:
    """Raises Refusal for what the headers ask for."""
    if request.headers.get("X-DashScope-Async", "").lower() == "enable":  # observed
        raise Refusal(
            "AccessDenied",
            "current user api does not support asynchronous calls.",
            rule="no-asynchronous-calls",
        )
    # Two Content-Type headers (refusal observed) do not get past the HTTP server.
    if request.content_type != "application/json":  # guessed
        given = request.headers.get(hdrs.CONTENT_TYPE, "")
        raise invalid(f"Content-Type '{given}' is not supported.")


async def body_of(request: web.Request, limit_bytes: int = BODY_LIMIT_BYTES) -> bytes | None:
    """The whole body, or None if it is over the limit.

    Raises:
        Refusal: it cannot be decoded as it was announced.
    """
    body, length_bytes = bytearray(), 0
    try:
        async for block in request.content.iter_any():
            length_bytes += len(block)
            if length_bytes <= limit_bytes:
                body += block
            if length_bytes > _DRAINED_BYTES:
                break
    except web.RequestPayloadError as error:
        raise invalid(_BROKEN) from error
    return bytes(body) if length_bytes <= limit_bytes else None


def read_object(body: bytes) -> dict[str, object]:
    """The body as a JSON object.

    Raises:
        Refusal: no JSON, no object, or text that is no Unicode.
    """
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise invalid(_BROKEN) from error
    if not isinstance(value, dict):
        raise invalid(_BROKEN)
    return value


def check_input(prompt: str) -> None:
    """Raises Refusal before anything is drawn."""
    if INPUT_WORD in prompt:
        raise Refusal("DataInspectionFailed", "Input data may contain inappropriate content.")
    if INFRINGING_WORD in prompt:
        raise Refusal("IPInfringementSuspect")


def check_output(prompt: str) -> None:
    """Raises Refusal after the picture is drawn; it is not billed."""
    if OUTPUT_WORD in prompt:
        raise Refusal("DataInspectionFailed", "Output data may contain inappropriate content.")


def too_long() -> web.Response:
    """The gateway's own page. The connection closes: the rest of the body may be unread."""
    page = "<html><head><title>413 Request Entity Too Large</title></head></html>\n"
    answer = web.Response(status=413, text=page, content_type="text/html")
    answer.force_close()
    return answer


def part_if_unread(request: web.Request, response: web.Response) -> None:
    """Ends a connection whose body cannot be read: nobody knows where the next request begins."""
    if request.content.exception() is not None:
        response.force_close()
        request.content.feed_eof()  # or aiohttp reads on, and stumbles again
