"""Connections to the storage, kept for a moment between one picture and the next."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.relay.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yarl import URL

    from bot.relay.wire import Answer

IDLE_S = 4.0  # as the session's, see bot/zimage/session


class Wires:
    """One for the process; close it with the process."""

    def __init__(
        self, *, tls: ssl.SSLContext | None, connect_s: float | None, silence_s: float | None
    ) -> None:
        self._tls = tls
        self._connect_s = connect_s
        self._silence_s = silence_s
        self._idle: dict[URL, list[tuple[Wire, asyncio.TimerHandle]]] = {}

    async def get(self, link: URL, headers: Mapping[str, str]) -> tuple[Wire, Answer]:
        """Asks over a kept connection or a new one. A GET of a link may be sent twice.

        Give the wire back once its answer is read to the end, or close it. Raises OSError or
        ValueError.
        """
        while (kept := self._kept(link)) is not None:
            with suppress(ConnectionError, ssl.SSLError):  # closed just now: the next, or a new one
                return await _asked(kept, link, headers)
        tls = self._tls_of(link)
        wire = await Wire.open(link, tls=tls, connect_s=self._connect_s, silence_s=self._silence_s)
        return await _asked(wire, link, headers)

    def give_back(self, link: URL, wire: Wire) -> None:
        origin = link.origin()
        closing = asyncio.get_running_loop().call_later(IDLE_S, self._expire, origin, wire)
        self._idle.setdefault(origin, []).append((wire, closing))

    def close(self) -> None:
        for kept in self._idle.values():
            for wire, closing in kept:
                closing.cancel()
                wire.close()
        self._idle.clear()

    def _kept(self, link: URL) -> Wire | None:
        kept = self._idle.get(link.origin(), [])
        while kept:
            wire, closing = kept.pop()
            closing.cancel()
            if wire.is_quiet():
                return wire
            wire.close()
        return None

    def _expire(self, origin: URL, wire: Wire) -> None:
        wire.close()
        self._idle[origin] = [one for one in self._idle[origin] if one[0] is not wire]

    def _tls_of(self, link: URL) -> ssl.SSLContext | None:
        if link.scheme != "https":
            return None
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


async def _asked(wire: Wire, link: URL, headers: Mapping[str, str]) -> tuple[Wire, Answer]:
    try:
        return wire, await wire.get(link, headers)
    except BaseException:
        wire.close()
        raise
