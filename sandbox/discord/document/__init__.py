"""Discord's own description of its HTTP API, held against requests and responses.

The document is `specs/openapi.json` of discord/discord-api-spec (MIT), OpenAPI 3.1. It is optional:
`python -m sandbox --openapi FILE` turns it on, and the extra `openapi` brings what it needs.
"""

from __future__ import annotations

from sandbox.discord.document.document import Document, DocumentError

__all__ = ["Document", "DocumentError"]
