"""Restarting the bot from the page: whoever started the bot can offer to start it again.

The keeper (`python -m sandbox.demo`) holds the websocket `GET /bot/keeper`. `POST /bot/restart`
sends it `{"do": "restart"}` and answers 202; without a keeper it answers 409, since the sandbox
did not start the bot and cannot know how.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from sandbox.discord.state import State


class Keepers:
    """Those who can restart the bot."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._sockets: list[web.WebSocketResponse] = []

    @property
    def is_there(self) -> bool:
        """Whether anybody can restart the bot."""
        return bool(self._sockets)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Keeps the line to a keeper until they leave."""
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        self._sockets.append(socket)
        self._tell()
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            self._sockets.remove(socket)
            self._tell()
        return socket

    async def restart(self, _: web.Request) -> web.Response:
        """Asks every keeper to restart the bot."""
        if not self._sockets:
            problem = "nobody here can restart the bot: it was not started by `make demo`"
            return web.json_response({"message": problem}, status=409)
        for socket in tuple(self._sockets):
            await socket.send_json({"do": "restart"})
        return web.json_response({"asked": len(self._sockets)}, status=202)

    def _tell(self) -> None:
        self._state.publish("SANDBOX_KEEPER", {"is_there": self.is_there})
