"""One request over HTTP to whoever bills for it: one POST, of which is known whether it left.

What went wrong is told by one error of bot/errors: before the first byte left it is NotSent,
afterwards AnswerLost, and only the first may be sent again (see `Departure`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp

from bot.errors import AnswerLost, NotSent, ProviderFailed
from bot.providers.model_studio import failure, read_error, request_id_in

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import SimpleNamespace

    from aiohttp.abc import AbstractStreamWriter

    from bot.errors import ProviderError
    from bot.providers import OnSend


_CONNECTION_ERRORS = (aiohttp.ClientError, TimeoutError, OSError)
_HIDDEN_FROM_CHARACTERS = 12  # a shorter prompt may be a word of the error's own


class RemoteService:
    """One at an address, with its key; the session is of `open_session`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base_url: str,
        api_key: str,
        proxy: str | None = None,
        connect_s: float,
    ) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._key = str.__str__(api_key)  # plain, even of a string that masks itself
        self._headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        self._proxy = proxy
        self._connect_s = connect_s

    async def post(
        self, path: str, body: bytes, *, total_s: float, on_send: OnSend | None = None
    ) -> Answer:
        """The answer, whatever its status; an error's may be cut. `on_send` as in `Provider.draw`.

        Raises:
            NotSent: nothing left this machine.
            AnswerLost: it was sent, and no whole answer came.
        """
        answer, departure = Answer(), Departure(on_send)
        began_s = asyncio.get_running_loop().time()
        try:
            async with self._session.post(
                self._base_url + path,
                data=DepartingBody(body, departure),
                headers=self._headers,
                allow_redirects=False,
                proxy=self._proxy,
                timeout=aiohttp.ClientTimeout(total=total_s, connect=self._connect_s),
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
        answer.duration_us = round((asyncio.get_running_loop().time() - began_s) * 1e6)
        return answer

    async def ask(
        self, path: str, *, total_s: float, query: Mapping[str, str] | None = None
    ) -> Answer:
        """A question that costs nothing, and its answer, whatever its status.

        Raises:
            NotSent, ProviderFailed: it did not come; nothing can have been billed.
        """
        answer = Answer()
        try:
            async with self._session.get(
                self._base_url + path,
                params=query,
                headers=self._headers,
                allow_redirects=False,
                proxy=self._proxy,
                timeout=aiohttp.ClientTimeout(total=total_s, connect=self._connect_s),
            ) as response:
                await answer.read(response)
        except _CONNECTION_ERRORS as error:
            if answer.status:
                raise ProviderFailed(_why(error), request_id=answer.request_id) from error
            raise NotSent(_why(error)) from error
        return answer

    def failure(self, answer: Answer, prompt: str = "") -> ProviderError:
        """The error that the answer means; neither key nor prompt gets into its message."""
        hide = [self._key, prompt] if len(prompt) >= _HIDDEN_FROM_CHARACTERS else [self._key]
        return failure(answer.status, read_error(answer.body, hide=hide), answer.headers)


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


# ------------------------------------------------------------------------------------------------
# An answer as it came, of bounded size.


ANSWER_LIMIT_BYTES = 8 * 1024 * 1024  # documented are a few kilobytes; a link may stand behind more


class Answer:
    """Filled while it is read, so that what came before a cut is known."""

    def __init__(self) -> None:
        self.status = 0  # until the head of the answer is here
        self.headers: Mapping[str, str] = {}
        self.body = b""
        self.duration_us = 0  # of a POST

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
# Whether a request has left this machine.
#
# A POST that may have reached the provider is never sent again: it may be done and billed. So
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
# The HTTP session for providers; pictures have one of their own, see bot/pictures/download.


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
