"""Signed links to attachments, as Discord's CDN hands them out since 2023-12.

    /cdn/attachments/{channel}/{attachment}/{filename}?ex={hex}&is={hex}&hm={signature}&

Under `/media` instead of `/cdn`, the `proxy_url`, the same signature is good for a picture that is
scaled down with `width` and `height`.

`is` is the instant of issue and `ex` that of expiry, in hexadecimal Unix seconds; `hm` signs path
and instants. A link works for 24 hours of the sandbox's clock; reading the message again gives a
fresh one. Options and modals use `ephemeral-attachments`. The lifetime is observed, not documented.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from sandbox.discord.records import Attachment
    from sandbox.discord.state import State

LINK_LIFETIME_S = 24 * 3600
"""How long a link works."""


CDN, MEDIA = "/cdn", "/media"


def attachment_links(state: State, attachment: Attachment) -> dict[str, object]:
    """`url` and `proxy_url`: links to the file that work from now on for a day."""
    signed = _signed_path(state, attachment)
    return {"url": state.origin + CDN + signed, "proxy_url": state.origin + MEDIA + signed}


def _signed_path(state: State, attachment: Attachment) -> str:
    folder = "ephemeral-attachments" if attachment.is_ephemeral else "attachments"
    name = quote(attachment.filename)
    path = f"/{folder}/{attachment.channel_id}/{attachment.id}/{name}"
    issued = f"{state.now_us() // 1_000_000:x}"
    expires = f"{state.now_us() // 1_000_000 + LINK_LIFETIME_S:x}"
    signature = _signature(state.application.secret, path, expires, issued)
    return f"{path}?ex={expires}&is={issued}&hm={signature}&"


def is_link_valid(state: State, path: str, query: dict[str, str]) -> bool:
    """Whether the signature fits the (quoted) path and the link has not expired."""
    path = path.removeprefix(MEDIA if path.startswith(f"{MEDIA}/") else CDN)
    expires, issued = query.get("ex", ""), query.get("is", "")
    expected = _signature(state.application.secret, path, expires, issued)
    if not hmac.compare_digest(expected, query.get("hm", "")):
        return False
    return int(expires, 16) > state.now_us() // 1_000_000


def _signature(secret: bytes, path: str, expires: str, issued: str) -> str:
    signed = f"{path}?ex={expires}&is={issued}".encode()
    return hmac.new(secret, signed, hashlib.sha256).hexdigest()
