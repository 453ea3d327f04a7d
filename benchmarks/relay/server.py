"""Storage and Discord in one process of their own: gives a picture, swallows uploads, over TLS."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import random
import ssl
import sys

from bot.pictures.formats import SIGNATURE, Chunk

_IDAT_BYTES = 64 * 1024  # as Pillow writes them
_BLOCK_BYTES = 256 * 1024
_USER = {"id": "9", "username": "zeuxis", "discriminator": "0", "avatar": None}
_EMPTY = ("mentions", "mention_roles", "attachments", "embeds", "components")
_MESSAGE: dict[str, object] = {
    "id": "77",
    "type": 0,
    "channel_id": "5",
    "author": _USER,
    "content": "",
    "timestamp": "2026-11-22T18:00:00+00:00",
    "edited_timestamp": None,
    "tts": False,
    "mention_everyone": False,
    "pinned": False,
    **{name: [] for name in _EMPTY},
}
_APPLICATION = {
    "id": "9",
    "name": "zeuxis",
    "description": "",
    "icon": None,
    "bot_public": True,
    "bot_require_code_grant": False,
    "owner": _USER,
    "verify_key": "0",
}
_JSON = {"/users/@me": _USER, "/oauth2/applications/@me": _APPLICATION}


def picture(length_bytes: int) -> tuple[bytes, int]:
    """A PNG of about this length and the side of its square in px. Its pixels are never looked at,
    so noise stands in for their compressed form.
    """
    side_px = math.isqrt(length_bytes // 3)
    side = side_px.to_bytes(4, "big")
    noise = random.Random(1).randbytes(3 * side_px * side_px)
    chunks = [Chunk(b"IHDR", side + side + b"\x08\x02\x00\x00\x00")]
    chunks += [
        Chunk(b"IDAT", noise[at : at + _IDAT_BYTES]) for at in range(0, len(noise), _IDAT_BYTES)
    ]
    chunks.append(Chunk(b"IEND", b""))
    return SIGNATURE + b"".join(chunk.encoded() for chunk in chunks), side_px


async def _serve(content: bytes, tls: ssl.SSLContext) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while True:
                await _exchange(reader, writer, content)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, content: bytes
) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    path = head.split(" ", 2)[1]
    if ".png?" in path:
        writer.write(_answer(len(content), "image/png") + content)
        await writer.drain()
        return
    await _swallow(reader, _length_bytes(head))
    known = next((body for end, body in _JSON.items() if path.endswith(end)), _MESSAGE)
    body = json.dumps(known).encode()
    writer.write(_answer(len(body), "application/json") + body)
    await writer.drain()


async def _swallow(reader: asyncio.StreamReader, length_bytes: int) -> None:
    while length_bytes:
        block = await reader.read(min(length_bytes, _BLOCK_BYTES))
        if not block:
            raise ConnectionResetError
        length_bytes -= len(block)


def _length_bytes(head: str) -> int:
    lines = (line.partition(":") for line in head.splitlines())
    return next((int(value) for name, _, value in lines if name.lower() == "content-length"), 0)


def _answer(length_bytes: int, kind: str) -> bytes:
    lines = ("HTTP/1.1 200 OK", f"Content-Type: {kind}", f"Content-Length: {length_bytes}", "", "")
    return "\r\n".join(lines).encode()


def main() -> None:
    """Of `CERTIFICATE KEY PICTURE_BYTES`; prints its port when it listens."""
    certificate, key, length = sys.argv[1:]
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(picture(int(length))[0], tls))
