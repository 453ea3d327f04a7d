"""From an answer of Model Studio that is an error to one typed error of bot/errors.

Source: Model Studio's pages "Error messages" (2026-06-23) and "Rate limits" (2026-02-24). The same
error has two spellings (`Throttling.RateQuota` natively, `limit_requests` in OpenAI's style), and
messages come with prefixes, suffixes and links. So codes are compared without case and underscores,
and messages are only ever searched for a few words.

What blames the account stops everybody's calls, so only the service's own words count for that: its
codes, or its messages for a bad key. A firewall or a proxy before it answers with the same statuses
because of one prompt.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypedDict

import msgspec

from bot.errors import (
    AccessRefused,
    AccountBlocked,
    AnswerLost,
    AnswerUnreadable,
    ContentRefused,
    Inspected,
    KeyRejected,
    ProviderError,
    ProviderFailed,
    RateLimited,
    RequestRejected,
    Throttle,
    UnexpectedAnswer,
)
from bot.providers.reading import NOTHING, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


RETRY_AFTER_LIMIT_S = 300.0  # ours: the service says "usually within one minute"

# The first that the code begins with decides, so the longer stand first.
_BY_CODE: tuple[tuple[str, type[ProviderError]], ...] = (
    ("datainspectionfailed", ContentRefused),
    ("ipinfringementsuspect", ContentRefused),
    ("customroleblocked", ContentRefused),
    ("faqruleblocked", ContentRefused),
    ("internalerror.algo.datainspectionfailed", ContentRefused),
    ("contentfilter", ContentRefused),  # these two of other services in OpenAI's style
    ("contentpolicyviolation", ContentRefused),
    ("internalerror.algo.invalidparameter", RequestRejected),
    ("invalidapikey", KeyRejected),
    ("arrearage", AccountBlocked),
    ("allocationquota.freetieronly", AccountBlocked),
    ("commoditynotpurchased", AccountBlocked),
    ("prepaidbilloverdue", AccountBlocked),
    ("postpaidbilloverdue", AccountBlocked),
    ("accessdenied", AccessRefused),
    ("model.accessdenied", AccessRefused),
    ("workspace.accessdenied", AccessRefused),
    ("app.accessdenied", AccessRefused),
    ("modelnotfound", AccessRefused),
    ("model.notexist", AccessRefused),
    ("workspacenotfound", AccessRefused),
    ("notfound", AccessRefused),
    ("throttling", RateLimited),
    ("limitrequests", RateLimited),
    ("limitburstrate", RateLimited),
    ("insufficientquota", RateLimited),
    ("invalid", RequestRejected),
    ("badrequest", RequestRejected),
    ("unsupportedoperation", RequestRejected),
    ("clientdisconnect", RequestRejected),
    ("internalerror", ProviderFailed),
    ("requesttimeout", ProviderFailed),
    ("rewritefailed", ProviderFailed),
    ("systemerror", ProviderFailed),
    ("modelservicefailed", ProviderFailed),
    ("modelservingerror", ProviderFailed),
    ("modelunavailable", ProviderFailed),
    ("serviceunavailable", ProviderFailed),
    ("gatewaytimeout", ProviderFailed),
)
_BY_STATUS: dict[int, type[ProviderError]] = {
    401: UnexpectedAnswer,
    403: UnexpectedAnswer,
    404: UnexpectedAnswer,
    407: UnexpectedAnswer,
    408: ProviderFailed,
    425: ProviderFailed,
    429: RateLimited,
}
_THROTTLES = {
    "throttling.ratequota": Throttle.RATE,
    "limitrequests": Throttle.RATE,
    "throttling.burstrate": Throttle.BURST,
    "limitburstrate": Throttle.BURST,
    "throttling.allocationquota": Throttle.ALLOCATION,
    "insufficientquota": Throttle.ALLOCATION,
}

# What a 401 says without a code that is known.
_BAD_KEY = ("not authorized", "access token", "api key", "api-key")

_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]+)?")
# `<400> InternalError.Algo.InvalidParameter: …`: an inner error, wrapped in another one.
_INNER = re.compile(r"<\d{3}>\s*([A-Za-z][\w.]*)")


def request_id_in(headers: Mapping[str, str]) -> str | None:
    """What the service, or a gateway before it, calls this request; cut to a sane length."""
    return headers.get("x-request-id", "")[:_CODE_CHARACTERS] or None


class _Details(TypedDict):
    status: int
    code: str | None
    request_id: str | None


_MESSAGE_CHARACTERS = 300
_CODE_CHARACTERS = 100  # of error codes and request ids: a log line and a column, not a document


class ErrorTold(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer said of an error; `code` is None if it said none."""

    code: str | None = None
    message: str = ""
    request_id: str | None = None
    is_own: bool = True  # a JSON object, as all answers of the service are


def failure(status: int, told: ErrorTold, headers: Mapping[str, str]) -> ProviderError:
    """The error that this answer means. Its message is for logs.

    An unknown code goes by its status; within a 200 it is unreadable and never sent again.
    """
    code, message = _normal(told.code or ""), told.message or f"status {status}"
    details = _Details(
        status=status,
        code=told.code,
        request_id=told.request_id or request_id_in(headers),
    )
    kind = _kind(status, code, message) if told.is_own else None
    kind = kind or _by_status(status, told)
    if kind is ContentRefused:
        return ContentRefused(message, inspected=_inspected(code, message), **details)
    if kind is RateLimited:
        after_s, throttle = retry_after_s(headers), _THROTTLES.get(code, Throttle.UNKNOWN)
        return RateLimited(message, throttle=throttle, retry_after_s=after_s, **details)
    if kind is ProviderFailed:
        return ProviderFailed(message, retry_after_s=retry_after_s(headers), **details)
    return kind(message, **details)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, if the answer says so, at most RETRY_AFTER_LIMIT_S.

    A date is compared with the answer's own Date: our clock may be wrong.
    """
    text = headers.get("Retry-After", "").strip()
    wait_s = float(text) if _SECONDS.fullmatch(text) else _until_s(text, headers)
    return None if wait_s is None else min(max(wait_s, 0.0), RETRY_AFTER_LIMIT_S)


def _until_s(text: str, headers: Mapping[str, str]) -> float | None:
    try:
        until, now = parsedate_to_datetime(text), parsedate_to_datetime(headers["Date"])
        return (until - now).total_seconds()
    except (KeyError, TypeError, ValueError):
        return None


def _normal(code: str) -> str:
    return code.replace("_", "").casefold()


def _kind(status: int, code: str, message: str) -> type[ProviderError] | None:
    words = message.casefold()
    if code.startswith("invalidparameter") and ("url error" in words or "not exist" in words):
        return AccessRefused  # the path or the model's name is wrong, not the request
    if "free allocated quota" in words:
        return AccountBlocked  # said with the code of a throttling, but no wait helps
    if status == 401 and any(each in words for each in _BAD_KEY):
        return KeyRejected
    inner = _INNER.match(message)
    codes = (_normal(inner[1]), code) if inner is not None else (code,)
    return next(
        (kind for each in codes for start, kind in _BY_CODE if each.startswith(start)), None
    )


def _by_status(status: int, told: ErrorTold) -> type[ProviderError]:
    if status < 300:
        return AnswerUnreadable
    if status == 504 and told.code is None:
        return AnswerLost  # a gateway grew tired of waiting; the service may still draw and bill
    if status < 400:
        return UnexpectedAnswer  # a redirect: to a login page, or the base URL is wrong
    return _BY_STATUS.get(status, RequestRejected if status < 500 else ProviderFailed)


def _inspected(code: str, message: str) -> Inspected:
    if code.startswith("ipinfringement"):
        return Inspected.PROPERTY
    words = message.casefold()
    match "input" in words, "output" in words:
        case True, False:
            return Inspected.INPUT
        case False, True:
            return Inspected.OUTPUT
        case _:
            return Inspected.UNKNOWN


# ------------------------------------------------------------------------------------------------
# What an answer says of an error.


def read_error(body: bytes, *, hide: Iterable[str] = ()) -> ErrorTold:
    """Finds the error in every shape that is in use: flat, under `error`, under `output`.

    A gateway's page is no JSON; then the message is its beginning. Of the texts to hide, such as
    the key, no answer's echo gets into the message.
    """
    answer = read(body, _Told)
    if answer is None:
        return ErrorTold(message=_message(body.decode(errors="replace"), hide), is_own=False)
    request_id = _text(answer.request_id)
    message = ""
    for error in (answer, read(answer.error, _Error), read(answer.output, _Error)):
        if error is None:
            continue
        if code := _text(error.code):
            message = _message(read(error.message, str, ""), hide)
            return ErrorTold(code=code, message=message, request_id=request_id)
        message = message or _message(read(error.message, str, ""), hide)
    return ErrorTold(message=message, request_id=request_id)


class _Error(msgspec.Struct):
    code: msgspec.Raw = NOTHING
    message: msgspec.Raw = NOTHING
    request_id: msgspec.Raw = NOTHING


class _Told(_Error):
    output: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING


def _message(text: str, hide: Iterable[str]) -> str:
    for hidden in hide:
        text = text.replace(hidden, "****")
    return " ".join(text.split())[:_MESSAGE_CHARACTERS]


def _text(raw: msgspec.Raw) -> str | None:
    """A string or a number as text: some gateways write `"code": 400`."""
    text, number = read(raw, str), read(raw, int)
    found = text or (None if number is None else str(number))
    return None if found is None else " ".join(found.split())[:_CODE_CHARACTERS]
