"""Transport compression: one stream for the life of a connection, flushed after each payload.

`zlib-stream` always; `zstd-stream` where a zstd module is importable, else such a client gets
plain text, which clients accept.
"""

from __future__ import annotations

import importlib
import zlib
from typing import Protocol


class Compressor(Protocol):
    """Turns each payload into the bytes of one message."""

    def compress(self, payload: bytes) -> bytes:
        """The next piece of the stream, flushed."""
        ...


def compressor_for(asked: str | None) -> Compressor | None:
    """The compressor for the `compress` parameter, None for plain text."""
    if asked == "zlib-stream":
        return _Zlib()
    if asked == "zstd-stream":
        return _zstd()
    return None


class _Zlib:
    def __init__(self) -> None:
        self._stream = zlib.compressobj(6)

    def compress(self, payload: bytes) -> bytes:
        return self._stream.compress(payload) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class _Zstd:
    def __init__(self, stream: _ZstdStream, flush_block: int) -> None:
        self._stream = stream
        self._flush_block = flush_block

    def compress(self, payload: bytes) -> bytes:
        return self._stream.compress(payload) + self._stream.flush(self._flush_block)


class _ZstdStream(Protocol):
    def compress(self, payload: bytes) -> bytes: ...

    def flush(self, mode: int) -> bytes: ...


def _zstd() -> Compressor | None:
    """With `compression.zstd` of Python 3.14, or with the package `zstandard`."""
    try:
        module = importlib.import_module("compression.zstd")
        return _Zstd(module.ZstdCompressor(), module.ZstdCompressor.FLUSH_BLOCK)
    except ImportError:
        pass
    try:
        module = importlib.import_module("zstandard")
    except ImportError:
        return None
    return _Zstd(module.ZstdCompressor().compressobj(), module.COMPRESSOBJ_FLUSH_BLOCK)
