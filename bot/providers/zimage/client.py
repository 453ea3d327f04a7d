"""One request to Z-Image, one POST, one typed answer.

Source: Z-Image API reference (2025-12-23): a synchronous call that draws one picture. What went
wrong is told by one error of bot/errors (see bot/providers/call).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.errors import (
    AnswerUnreadable,
    NoImage,
    ProviderError,
    RequestRejected,
)
from bot.providers.call import RemoteService
from bot.providers.image import Outcome
from bot.providers.zimage.offer import OFFER, price
from bot.providers.zimage.wire import read_drawn, read_quota, request_body

if TYPE_CHECKING:
    import aiohttp

    from bot.providers import OnSend, Quota
    from bot.providers.call import Answer
    from bot.providers.image import ImageRequest, Prices


_GENERATION = "/services/aigc/multimodal-generation/generation"
_NO_TASK = "/tasks/00000000-0000-4000-8000-000000000000"


class Timeouts(Struct, frozen=True, kw_only=True):
    """Seconds, per phase. Rewriting puts a thinking model before the picture."""

    connect_s: float = 10.0
    total_s: float = 120.0
    total_rewriting_s: float = 180.0
    total_asking_s: float = 20.0  # the key check and the quota


class ZImageClient:
    """A Provider: one account at one base URL; the session comes from `open_session`."""

    offer = OFFER

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base_url: str,
        api_key: str,
        model: str,
        timeouts: Timeouts | None = None,
        proxy: str | None = None,
    ) -> None:
        self._timeouts = timeouts or Timeouts()
        self._service = RemoteService(
            session,
            base_url=base_url,
            api_key=api_key,
            proxy=proxy,
            connect_s=self._timeouts.connect_s,
        )
        self.name = model

    def price(self, request: ImageRequest, prices: Prices, /) -> int:
        return price(request, prices)

    async def draw(self, request: ImageRequest, *, on_send: OnSend | None = None) -> Outcome:
        """As `Provider.draw` says; the request is one POST."""
        try:
            body = request_body(request, model=self.name)
        except UnicodeEncodeError as error:
            raise RequestRejected(f"a text is no Unicode: {error.reason}") from error
        timeouts = self._timeouts
        total_s = timeouts.total_rewriting_s if request.rewrite else timeouts.total_s
        answer = await self._service.post(_GENERATION, body, total_s=total_s, on_send=on_send)
        return self._outcome(answer, request)

    async def check_key(self) -> None:
        """Raises KeyRejected, or another ProviderError, unless the key is good here. Free.

        Asks for a task that does not exist: a good key is answered with 200, others with 401.
        """
        answer = await self._service.ask(_NO_TASK, total_s=self._timeouts.total_asking_s)
        if answer.status != 200:
            raise self._service.failure(answer)

    async def quota(self) -> Quota | None:
        """The account's ceiling for the model; None if the service does not tell (List quotas)."""
        query = {"model": self.name, "page_no": "1", "page_size": "20"}
        try:
            answer = await self._service.ask(
                "/quotas", total_s=self._timeouts.total_asking_s, query=query
            )
        except ProviderError:
            return None
        return read_quota(answer.body, model=self.name) if answer.status == 200 else None

    def _outcome(self, answer: Answer, request: ImageRequest) -> Outcome:
        told = self._service.failure(answer, request.prompt)
        if not 200 <= answer.status < 300:
            raise told
        try:
            drawn = read_drawn(answer.body)
        except ValueError as error:
            raise AnswerUnreadable(
                str(error), status=answer.status, request_id=told.request_id
            ) from error
        if drawn.url is None:  # a code beside a picture does not unpaint it
            raise told if told.code or answer.status != 200 else _no_image(told)
        return Outcome(
            url=drawn.url,
            shown_prompt=drawn.text or request.prompt,
            size=drawn.size or request.size,
            provider_request_id=told.request_id or "",
            duration_us=answer.duration_us,
            reasoning=drawn.reasoning,
            input_tokens=drawn.input_tokens,
            output_tokens=drawn.output_tokens,
            arrived_at_us=answer.arrived_at_us,
        )


def _no_image(told: ProviderError) -> NoImage:
    return NoImage("an answer without an image", status=told.status, request_id=told.request_id)
