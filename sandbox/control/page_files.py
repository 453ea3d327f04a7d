"""Serves the page's files, and says what they may do: nothing beyond this server.

The policy forbids inline scripts and styles, other hosts, and being shown inside another page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from pathlib import Path

_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types lit-html",
    )
)

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def add_page(app: web.Application, folder: Path) -> None:
    """Serves the folder under `/page/`; the root leads there."""
    root = folder.resolve()

    async def file(request: web.Request) -> web.StreamResponse:
        path = (root / (request.match_info["path"] or "index.html")).resolve()
        kind = _TYPES.get(path.suffix)
        if kind is None or not path.is_relative_to(root) or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(
            path, headers={**_HEADERS, "Content-Type": f"{kind}; charset=utf-8"}
        )

    async def lead(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/page/")

    app.router.add_get("/page/{path:.*}", file)
    app.router.add_get("/page", lead)
    app.router.add_get("/", lead)
