"""The page's files, for its own origin only and under a strict Content-Security-Policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.control.guard import own_origin_only

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

FOLDER = Path(__file__).parent / "page"

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def create_page_app(folder: Path = FOLDER) -> web.Application:
    """The application to be mounted under the page's address; `/` is its `index.html`."""
    app = web.Application(middlewares=[own_origin_only, _with_headers])
    index = folder / "index.html"
    if not index.exists():
        return app

    async def show(_: web.Request) -> web.FileResponse:
        return web.FileResponse(index)

    app.router.add_get("/", show)
    app.router.add_static("/", folder)
    return app


@web.middleware
async def _with_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    response.headers.update(_HEADERS)
    return response
