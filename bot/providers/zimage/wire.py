"""Z-Image's JSON in both directions.

Sent exactly in the shape of the Z-Image API reference (2025-12-23). Read leniently (see
bot/providers/reading): every field may be missing, parts of a message are found by their key, a
size that cannot be drawn counts as missing, and long texts are cut. Below stands where the service
is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.providers import Quota
from bot.providers.image import Size
from bot.providers.reading import NOTHING, count, mended, read
from bot.providers.zimage.offer import OFFER
from bot.records import Redacted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.providers.image import ImageRequest


_TEXT_CHARACTERS = 4000  # of a rewritten prompt: what one card can hold
_REASONING_CHARACTERS = 20_000


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


class Drawn(Redacted, frozen=True, kw_only=True):
    """What a 200 told of the picture; `url` is None if it told of none."""

    redacted = ("url",)

    url: str | None = None
    text: str = ""
    reasoning: str = ""
    size: Size | None = None
    input_tokens: int = 0
    output_tokens: int = 0


def read_drawn(body: bytes) -> Drawn:
    """Raises ValueError if the body is no JSON object."""
    answer = read(mended(body), _Answer)
    if answer is None:
        raise ValueError("the answer is no JSON object")
    choices = read(answer.output, _Output, _Output()).choices
    choice = read(choices[0], _Choice, _Choice()) if choices else _Choice()
    message = read(choice.message, _Message, _Message())
    parts = [read(part, _Part, _Part()) for part in read(message.content, list[msgspec.Raw], [])]
    usage = read(answer.usage, _Usage, _Usage())
    return Drawn(
        url=_first_text([part.image for part in parts]) or None,
        text=_first_text([part.text for part in parts])[:_TEXT_CHARACTERS],
        reasoning=read(message.reasoning_content, str, "")[:_REASONING_CHARACTERS],
        size=_size(count(usage.width), count(usage.height)),
        input_tokens=count(usage.input_tokens),
        output_tokens=count(usage.output_tokens),
    )


def read_quota(body: bytes, *, model: str) -> Quota | None:
    """The model's limit in an answer of GET /quotas; None if it is not there."""
    answer = read(body, _Answer)
    listed = None if answer is None else read(answer.output, _Quotas)
    for raw in () if listed is None else listed.quotas:
        entry = read(raw, _QuotaEntry)
        if entry is None or entry.model != model:
            continue
        limit = read(entry.model_limit, _Limit)
        if limit is not None and limit.request_limit > 0 < limit.request_limit_period:
            return Quota(requests=limit.request_limit, period_s=limit.request_limit_period)
    return None


class _Answer(msgspec.Struct):
    output: msgspec.Raw = NOTHING
    usage: msgspec.Raw = NOTHING


class _Output(msgspec.Struct):
    choices: list[msgspec.Raw] = []


class _Choice(msgspec.Struct):
    message: msgspec.Raw = NOTHING


class _Message(msgspec.Struct):
    content: msgspec.Raw = NOTHING
    reasoning_content: msgspec.Raw = NOTHING


class _Part(msgspec.Struct):
    image: msgspec.Raw = NOTHING
    text: msgspec.Raw = NOTHING


class _Usage(msgspec.Struct):
    width: msgspec.Raw = NOTHING
    height: msgspec.Raw = NOTHING
    input_tokens: msgspec.Raw = NOTHING
    output_tokens: msgspec.Raw = NOTHING


class _Quotas(msgspec.Struct):
    quotas: list[msgspec.Raw] = []


class _QuotaEntry(msgspec.Struct):
    model: str = ""
    model_limit: msgspec.Raw = NOTHING


class _Limit(msgspec.Struct):
    request_limit: int = 0
    request_limit_period: int = 0


def _first_text(parts: Iterable[msgspec.Raw]) -> str:
    return next((text for part in parts if (text := read(part, str, ""))), "")


def _size(width_px: int, height_px: int) -> Size | None:
    size = Size(width_px, height_px)
    return size if OFFER.draws_area_of(size) else None


# ------------------------------------------------------------------------------------------------
# Where Z-Image is served. Keys belong to a region (Z-Image API reference, 2025-12-23).


REGIONS = {
    "singapore": "https://dashscope-intl.aliyuncs.com/api/v1",
    "beijing": "https://dashscope.aliyuncs.com/api/v1",
}
MODEL = "z-image-turbo"  # the only one of its family there (the model's page, 2026)
