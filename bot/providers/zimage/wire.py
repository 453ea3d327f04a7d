"""Z-Image's JSON in both directions.

Sent exactly in the shape of the Z-Image API reference (2025-12-23). Read leniently: every field may
be missing, parts of a message are found by their key, what we do not know is passed over. One odd
field must not cost a picture that is paid for, so each is read by itself: a size that cannot be
drawn and a number that no row could hold count as missing, and long texts are cut. Below stand the
answer around the JSON, and where the service is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar, overload

import msgspec

from bot.providers import Quota
from bot.providers.image import Size
from bot.providers.zimage.offer import OFFER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import aiohttp

    from bot.providers.image import ImageRequest


_T = TypeVar("_T")
_D = TypeVar("_D")
_MESSAGE_CHARACTERS = 300
_CODE_CHARACTERS = 100  # of error codes and request ids: a log line and a column, not a document
_TEXT_CHARACTERS = 4000  # of a rewritten prompt: what one card can hold
_REASONING_CHARACTERS = 20_000
_HIGHEST_COUNT = 2**31 - 1
# Half of a surrogate pair, escaped: `json.dumps("😀")[1:7]`.
_HALF_PAIR = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def request_body(request: ImageRequest, *, model: str) -> bytes:
    """The POST's body. `prompt_extend` is always sent, since its default differs by model.

    Raises UnicodeEncodeError if a text holds half a surrogate pair.
    """
    parameters: dict[str, object] = {"prompt_extend": request.rewrite}
    if request.negative:
        parameters["negative_prompt"] = request.negative
    parameters |= {"size": str(request.size), "seed": request.seed}
    message = {"role": "user", "content": [{"text": request.prompt}]}
    body = {"model": model, "input": {"messages": [message]}, "parameters": parameters}
    return msgspec.json.encode(body)


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """What a 200 told of the picture; `url` is None if it told of none."""

    url: str | None = None
    text: str = ""
    reasoning: str = ""
    size: Size | None = None
    input_tokens: int = 0
    output_tokens: int = 0


class ErrorTold(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer said of an error; `code` is None if it said none."""

    code: str | None = None
    message: str = ""
    request_id: str | None = None
    is_own: bool = True  # a JSON object, as all answers of the service are


def read_drawn(body: bytes) -> Drawn:
    """Raises ValueError if the body is no JSON object."""
    answer = _read(_mended(body), _Answer)
    if answer is None:
        raise ValueError("the answer is no JSON object")
    choices = _read(answer.output, _Output, _Output()).choices
    choice = _read(choices[0], _Choice, _Choice()) if choices else _Choice()
    message = _read(choice.message, _Message, _Message())
    parts = [_read(part, _Part, _Part()) for part in _read(message.content, list[msgspec.Raw], [])]
    usage = _read(answer.usage, _Usage, _Usage())
    return Drawn(
        url=_first_text([part.image for part in parts]) or None,
        text=_first_text([part.text for part in parts])[:_TEXT_CHARACTERS],
        reasoning=_read(message.reasoning_content, str, "")[:_REASONING_CHARACTERS],
        size=_size(_count(usage.width), _count(usage.height)),
        input_tokens=_count(usage.input_tokens),
        output_tokens=_count(usage.output_tokens),
    )


def read_error(body: bytes, *, hide: Iterable[str] = ()) -> ErrorTold:
    """Finds the error in every shape that is in use: flat, under `error`, under `output`.

    A gateway's page is no JSON; then the message is its beginning. Of the texts to hide, such as
    the key, no answer's echo gets into the message.
    """
    answer = _read(body, _Answer)
    if answer is None:
        return ErrorTold(message=_message(body.decode(errors="replace"), hide), is_own=False)
    request_id = _text(answer.request_id)
    for error in (answer, _read(answer.error, _Error), _read(answer.output, _Error)):
        if error is not None and (code := _text(error.code)):
            message = _message(_read(error.message, str, ""), hide)
            return ErrorTold(code=code, message=message, request_id=request_id)
    return ErrorTold(message=_message(_read(answer.message, str, ""), hide), request_id=request_id)


def read_quota(body: bytes, *, model: str) -> Quota | None:
    """The model's limit in an answer of GET /quotas; None if it is not there."""
    answer = _read(body, _Answer)
    listed = None if answer is None else _read(answer.output, _Quotas)
    for raw in () if listed is None else listed.quotas:
        entry = _read(raw, _QuotaEntry)
        if entry is None or entry.model != model:
            continue
        limit = _read(entry.model_limit, _Limit)
        if limit is not None and limit.request_limit > 0 < limit.request_limit_period:
            return Quota(requests=limit.request_limit, period_s=limit.request_limit_period)
    return None


_NOTHING = msgspec.Raw(b"null")


class _Error(msgspec.Struct):
    code: msgspec.Raw = _NOTHING
    message: msgspec.Raw = _NOTHING
    request_id: msgspec.Raw = _NOTHING


class _Answer(_Error):
    output: msgspec.Raw = _NOTHING
    usage: msgspec.Raw = _NOTHING
    error: msgspec.Raw = _NOTHING


class _Output(msgspec.Struct):
    choices: list[msgspec.Raw] = []


class _Choice(msgspec.Struct):
    message: msgspec.Raw = _NOTHING


class _Message(msgspec.Struct):
    content: msgspec.Raw = _NOTHING
    reasoning_content: msgspec.Raw = _NOTHING


class _Part(msgspec.Struct):
    image: msgspec.Raw = _NOTHING
    text: msgspec.Raw = _NOTHING


class _Usage(msgspec.Struct):
    width: msgspec.Raw = _NOTHING
    height: msgspec.Raw = _NOTHING
    input_tokens: msgspec.Raw = _NOTHING
    output_tokens: msgspec.Raw = _NOTHING


class _Quotas(msgspec.Struct):
    quotas: list[msgspec.Raw] = []


class _QuotaEntry(msgspec.Struct):
    model: str = ""
    model_limit: msgspec.Raw = _NOTHING


class _Limit(msgspec.Struct):
    request_limit: int = 0
    request_limit_period: int = 0


def _message(text: str, hide: Iterable[str]) -> str:
    for hidden in hide:
        text = text.replace(hidden, "****")
    return " ".join(text.split())[:_MESSAGE_CHARACTERS]


def _mended(body: bytes) -> bytes:
    """Broken characters in one text make a strict reader give up on the whole answer."""
    return _HALF_PAIR.sub(r"\\ufffd", body.decode("utf-8-sig", errors="replace")).encode()


def _first_text(parts: Iterable[msgspec.Raw]) -> str:
    return next((text for part in parts if (text := _read(part, str, ""))), "")


def _count(raw: msgspec.Raw) -> int:
    """A whole number of a sane size, also as `1024.0`; 0 for everything else."""
    number = _read(raw, float, 0.0)
    return int(number) if number.is_integer() and 0 < number <= _HIGHEST_COUNT else 0


def _size(width_px: int, height_px: int) -> Size | None:
    size = Size(width_px, height_px)
    return size if OFFER.draws_area_of(size) else None


def _text(raw: msgspec.Raw) -> str | None:
    """A string or a number as text: some gateways write `"code": 400`."""
    text, number = _read(raw, str), _read(raw, int)
    found = text or (None if number is None else str(number))
    return None if found is None else " ".join(found.split())[:_CODE_CHARACTERS]


@overload
def _read(raw: bytes | msgspec.Raw, kind: type[_T]) -> _T | None: ...
@overload
def _read(raw: bytes | msgspec.Raw, kind: type[_T], default: _D) -> _T | _D: ...
def _read(raw: bytes | msgspec.Raw, kind: type[_T], default: object = None) -> object:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return default


# ------------------------------------------------------------------------------------------------
# An answer as it came, of bounded size.


ANSWER_LIMIT_BYTES = 8 * 1024 * 1024  # documented are a few kilobytes; a link may stand behind more
_ID_CHARACTERS = 100


def request_id_in(headers: Mapping[str, str]) -> str | None:
    """What the service, or a gateway before it, calls this request; cut to a sane length."""
    return headers.get("x-request-id", "")[:_ID_CHARACTERS] or None


class Answer:
    """Filled while it is read, so that what came before a cut is known."""

    def __init__(self) -> None:
        self.status = 0  # until the head of the answer is here
        self.headers: Mapping[str, str] = {}
        self.body = b""

    @property
    def request_id(self) -> str | None:
        return request_id_in(self.headers)

    @property
    def arrived_at_us(self) -> int | None:
        """When the request arrived, by the service's clock; its header has milliseconds."""
        text = self.headers.get("req-arrive-time", "")
        return int(text) * 1000 if text.isascii() and text.isdigit() and len(text) < 15 else None

    async def read(self, response: aiohttp.ClientResponse) -> None:
        """Reads at most ANSWER_LIMIT_BYTES; what is longer is cut and so no JSON any more."""
        self.status, self.headers = response.status, response.headers
        async for block in response.content.iter_any():
            self.body += block[: ANSWER_LIMIT_BYTES - len(self.body)]
            if len(self.body) >= ANSWER_LIMIT_BYTES:
                return


# ------------------------------------------------------------------------------------------------
# Where Z-Image is served. Keys belong to a region (Z-Image API reference, 2025-12-23).


REGIONS = {
    "singapore": "https://dashscope-intl.aliyuncs.com/api/v1",
    "beijing": "https://dashscope.aliyuncs.com/api/v1",
}
MODEL = "z-image-turbo"  # the only one of its family there (the model's page, 2026)
