"""A check of pictures by OpenAI's moderation endpoint, which is free: one POST, one score.

Source: OpenAI's pages "Moderation" and "Create moderation" (2026): one picture a request, of at
most 20 MB, and 250 requests a minute at first. Its errors have the shape that
bot/providers/model_studio reads, under `error`.

Nothing that only looks like a score passes for one: an answer that leaves open whether the picture
was looked at is no answer.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Protocol

import msgspec
from msgspec import Struct

from bot.errors import (
    AnswerLost,
    AnswerUnreadable,
    CheckFailed,
    ProviderError,
    ProviderFailed,
    RateLimited,
    RelayError,
    Retry,
)
from bot.providers.call import RemoteService
from bot.providers.picture_check import PictureScore
from bot.providers.reading import read

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import aiohttp

    from bot.providers.call import Answer

BASE_URL = "https://api.openai.com/v1"
MODEL = "omni-moderation-latest"
# As base64 it has 20 MB: which of the two the service counts, it does not say.
PICTURE_LIMIT_BYTES = 15 * 1024 * 1024


class Fitting(Protocol):
    """What makes a picture small enough to be sent."""

    def __call__(self, picture: bytes, /, *, limit_bytes: int) -> Awaitable[tuple[bytes, str]]:
        """The picture and its media type. Raises RelayError if it cannot be sent."""


class CheckTimeouts(Struct, frozen=True, kw_only=True):
    """Seconds. A picture waits to be shown; some megabytes go up."""

    connect_s: float = 10.0
    total_s: float = 60.0


class OpenAICheck:
    """A PictureCheck; the session comes from `open_session`."""

    name = "openai"
    sends_abroad = True

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base_url: str,
        api_key: str,
        model: str,
        fitting: Fitting,
        timeouts: CheckTimeouts | None = None,
        proxy: str | None = None,
    ) -> None:
        self._timeouts = timeouts or CheckTimeouts()
        self._service = RemoteService(
            session,
            base_url=base_url,
            api_key=api_key,
            proxy=proxy,
            connect_s=self._timeouts.connect_s,
        )
        self._model = model
        self._fitting = fitting

    async def check(self, picture: bytes, *, prompt: str) -> PictureScore:
        """As `PictureCheck.check` says; an empty prompt is left out."""
        try:
            content, media_type = await self._fitting(picture, limit_bytes=PICTURE_LIMIT_BYTES)
            body = self._body(content, media_type, prompt)
            answer = await self._service.post("/moderations", body, total_s=self._timeouts.total_s)
            return self._score(answer, prompt)
        except RelayError as error:
            raise CheckFailed(f"not sent: {error}") from error
        except ProviderError as error:
            raise _failed(error) from error

    def _body(self, content: bytes, media_type: str, prompt: str) -> bytes:
        url = f"data:{media_type};base64,{base64.b64encode(content).decode()}"
        parts: list[dict[str, object]] = [{"type": "image_url", "image_url": {"url": url}}]
        if prompt:  # half of a surrogate pair is no word
            words = prompt.encode(errors="replace").decode()
            parts.insert(0, {"type": "text", "text": words})
        return msgspec.json.encode({"model": self._model, "input": parts})

    def _score(self, answer: Answer, prompt: str) -> PictureScore:
        moderation = read(answer.body, _Moderation) if answer.status == 200 else None
        if moderation is None:
            raise self._service.failure(answer, prompt)
        (result,) = moderation.results
        if not any("image" in kinds for kinds in result.category_applied_input_types.values()):
            raise AnswerUnreadable(
                "the picture was not looked at", status=200, request_id=answer.request_id
            )
        return PictureScore.worst_of(result.category_scores)


_Category = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Score = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Result(msgspec.Struct):
    category_scores: Annotated[dict[_Category, _Score], msgspec.Meta(min_length=1, max_length=100)]
    category_applied_input_types: dict[str, list[str]]


class _Moderation(msgspec.Struct):
    results: Annotated[list[_Result], msgspec.Meta(min_length=1, max_length=1)]


def _failed(error: ProviderError) -> CheckFailed:
    """It costs nothing, so what got no answer may be asked again, unlike a picture."""
    retry = Retry.BACKOFF if isinstance(error, AnswerLost | AnswerUnreadable) else error.retry
    told_s = error.retry_after_s if isinstance(error, RateLimited | ProviderFailed) else None
    return CheckFailed(f"{type(error).__name__}: {error}", retry=retry, retry_after_s=told_s)
