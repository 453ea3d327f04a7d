"""One request to Z-Image, one POST, one typed answer.

Source: Z-Image API reference (2025-12-23): a synchronous call that draws one picture. What went
wrong is told by one error of bot/errors: before the first byte left it is NotSent, afterwards
AnswerLost, and only the first may be sent again (see `Departure`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from bot.errors import (
    AnswerLost,
    AnswerUnreadable,
    NoImage,
    NotSent,
    ProviderError,
    ProviderFailed,
    RequestRejected,
)
from bot.providers.image import Outcome
from bot.providers.zimage.errors import failure
from bot.providers.zimage.offer import OFFER, price
from bot.providers.zimage.wire import (
    Answer,
    read_drawn,
    read_error,
    read_quota,
    request_body,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import SimpleNamespace

    from aiohttp.abc import AbstractStreamWriter

    from bot.providers import OnSend, Quota
    from bot.providers.image import ImageRequest, Prices


_GENERATION = "/services/aigc/multimodal-generation/generation"
_NO_TASK = "/tasks/00000000-0000-4000-8000-000000000000"
_HIDDEN_FROM_CHARACTERS = 12  # a shorter prompt may be a word of the error's own
_CONNECTION_ERRORS = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
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
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._key = str.__str__(api_key)  # plain, even of a string that masks itself
        self.name = model
        self._timeouts = timeouts or Timeouts()
        self._proxy = proxy

    def price(self, request: ImageRequest, prices: Prices, /) -> int:
        return price(request, prices)

    async def draw(self, request: ImageRequest, *, on_send: OnSend | None = None) -> Outcome:
        """As `Provider.draw` says; the request is one POST."""
        try:
            body = request_body(request, model=self.name)
        except UnicodeEncodeError as error:
            raise RequestRejected(f"a text is no Unicode: {error.reason}") from error
        began_s = asyncio.get_running_loop().time()
        answer = await self._post(body, Departure(on_send), request)
        duration_us = round((asyncio.get_running_loop().time() - began_s) * 1e6)
        return self._outcome(answer, request, duration_us)

    async def check_key(self) -> None:
        """Raises KeyRejected, or another ProviderError, unless the key is good here. Free.

        Asks for a task that does not exist: a good key is answered with 200, others with 401.
        """
        answer = await self._get(_NO_TASK)
        if answer.status != 200:
            raise self._failure(answer)

    async def quota(self) -> Quota | None:
        """The account's ceiling for the model; None if the service does not tell (List quotas)."""
        query = {"model": self.name, "page_no": "1", "page_size": "20"}
        try:
            answer = await self._get("/quotas", query)
        except ProviderError:
            return None
        return read_quota(answer.body, model=self.name) if answer.status == 200 else None

    async def _post(self, body: bytes, departure: Departure, request: ImageRequest) -> Answer:
        timeouts = self._timeouts
        total_s = timeouts.total_rewriting_s if request.rewrite else timeouts.total_s
        answer = Answer()
        try:
            async with self._session.post(
                self._base_url + _GENERATION,
                data=DepartingBody(body, departure),
                headers=self._headers(),
                allow_redirects=False,
                proxy=self._proxy,
                timeout=aiohttp.ClientTimeout(total=total_s, connect=timeouts.connect_s),
                trace_request_ctx=departure,
            ) as response:
                await answer.read(response)
        except _CONNECTION_ERRORS as error:
            if departure.refusal is not None:
                raise departure.refusal  # noqa: B904  # comes out as it is
            if not departure.is_sent:
                raise NotSent(_why(error)) from error
            if answer.status < 400:
                raise AnswerLost(
                    _why(error), status=answer.status or None, request_id=answer.request_id
                ) from error
        return answer

    async def _get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        timeouts = self._timeouts
        answer = Answer()
        try:
            async with self._session.get(
                self._base_url + path,
                params=query,
                headers=self._headers(),
                allow_redirects=False,
                proxy=self._proxy,
                timeout=aiohttp.ClientTimeout(
                    total=timeouts.total_asking_s, connect=timeouts.connect_s
                ),
            ) as response:
                await answer.read(response)
        except _CONNECTION_ERRORS as error:
            if answer.status:
                raise ProviderFailed(_why(error), request_id=answer.request_id) from error
            raise NotSent(_why(error)) from error
        return answer

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}

    def _outcome(self, answer: Answer, request: ImageRequest, duration_us: int) -> Outcome:
        told = self._failure(answer, request)
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
            duration_us=duration_us,
            reasoning=drawn.reasoning,
            input_tokens=drawn.input_tokens,
            output_tokens=drawn.output_tokens,
            arrived_at_us=answer.arrived_at_us,
        )

    def _failure(self, answer: Answer, request: ImageRequest | None = None) -> ProviderError:
        hide = [self._key]
        if request is not None and len(request.prompt) >= _HIDDEN_FROM_CHARACTERS:
            hide.append(request.prompt)
        return failure(answer.status, read_error(answer.body, hide=hide), answer.headers)


def _no_image(told: ProviderError) -> NoImage:
    return NoImage("an answer without an image", status=told.status, request_id=told.request_id)


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


# ------------------------------------------------------------------------------------------------
# Whether a request has left this machine.
#
# A POST that may have reached Z-Image is never sent again: the picture may be drawn and billed. So
# everything hangs on the moment of the first byte, and aiohttp shows it from two sides:
#
# * the trace `on_request_headers_sent` runs in the caller's own task, when the connection is open
#   and the head of the request is composed but not yet written. There the send is announced
#   (`on_send` stamps it in the database);
# * the body's `write_with_length` is what causes the first write: aiohttp keeps the head back to
#   send both at once. Just before, the connection is looked at. Closed: nothing was sent, for
#   certain. Open: from here on the answer counts as owed.
#
# aiohttp sends again by itself only idempotent methods on kept connections (RFC 9112 §9.3.1), a
# POST never. Not taken: awaiting `on_send` in the body's write, which aiohttp runs in a task of
# its own and cancels when the server hangs up, perhaps in the middle of a transaction.


class Departure:
    """The leaving of one request."""

    def __init__(self, on_send: OnSend | None = None) -> None:
        self.is_sent = False  # the first byte has left, or may have
        self.refusal: Exception | None = None  # what on_send raised; nothing was sent
        self._on_send = on_send
        self._is_announced = False

    async def announce(self) -> None:
        self._is_announced = True
        if self._on_send is None:
            return
        try:
            await self._on_send()
        except Exception as error:
            self.refusal = error
            raise

    def leave(self, writer: AbstractStreamWriter) -> None:
        """Marks the request as sent, unless its connection is gone."""
        if not self._is_announced:
            raise RuntimeError("the session was not opened with open_session")
        transport = getattr(writer, "transport", None)
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the connection was closed before anything was sent")
        self.is_sent = True


class DepartingBody(aiohttp.BytesPayload):
    """A JSON body that marks its departure."""

    def __init__(self, body: bytes, departure: Departure) -> None:
        super().__init__(body, content_type="application/json")
        self._departure = departure

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        self._departure.leave(writer)
        await super().write_with_length(writer, content_length)


def departure_trace() -> aiohttp.TraceConfig:
    """Announces each request that was given a Departure as its `trace_request_ctx`."""

    async def announce(
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        _parameters: aiohttp.TraceRequestHeadersSentParams,
    ) -> None:
        departure: Departure | None = context.trace_request_ctx
        if departure is not None:
            await departure.announce()

    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(announce)
    return trace


# ------------------------------------------------------------------------------------------------
# The HTTP session for Z-Image; pictures have one of their own, see bot/pictures/download.


# A kept connection that the server closes while our POST is on its way looks like a lost answer, so
# a picture is called uncertain although nobody drew it. Ours must be dropped a round trip before
# the server would: the earliest servers close after 5 s, load balancers after 15 s and more. Under
# load each is used again within a second; when idle it costs a handshake.
KEEP_ALIVE_S = 4.0


def open_session(*, tls: ssl.SSLContext | None = None) -> aiohttp.ClientSession:
    """Opens the session; close it with the process.

    No limit of connections: how many calls run is the dispatcher's affair, and a queue in here
    would spend the account's pace while nothing is sent. No cookies. A proxy is told with each
    request and not left to aiohttp's `trust_env`, which would also replace our key by what it
    finds in a .netrc, and knows no exception for this machine. `tls` replaces the default
    context, which aiohttp builds once.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0, keepalive_timeout=KEEP_ALIVE_S, ttl_dns_cache=300, ssl=tls or True
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "zeuxis"},
        trace_configs=[departure_trace()],
    )
