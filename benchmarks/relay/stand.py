"""Starts the server and the workers of the relay's benchmark, each in a process of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from benchmarks.relay.server import picture
from benchmarks.relay.worker import Cost, Task

if TYPE_CHECKING:
    from collections.abc import Iterator

_CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    " -subj /CN=localhost -addext subjectAltName=DNS:localhost"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A server that listens, and the length of the picture it gives."""

    port: int
    certificate: str
    side_px: int
    picture_bytes: int

    def cost(
        self, *ways: str, count: int, at_once: int, turns: int = 1, warm_up: int = 100
    ) -> Cost:
        """What a fresh process paid for relaying so many pictures, `count` in each turn."""
        task = Task(
            ways=ways,
            port=self.port,
            certificate=self.certificate,
            side_px=self.side_px,
            count=count,
            at_once=at_once,
            turns=turns,
            warm_up=warm_up,
        )
        command = _program("worker", msgspec.json.encode(task).decode())
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        return msgspec.json.decode(done.stdout, type=Cost)


@contextlib.contextmanager
def standing(picture_bytes: int) -> Iterator[Stand]:
    """Serves a picture of about this length over TLS. Needs the program `openssl`."""
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder, "key.pem"), Path(folder, "certificate.pem")
        command = [*_CERTIFICATE.split(), "-keyout", str(key), "-out", str(certificate)]
        subprocess.run(command, check=True, capture_output=True)
        server = subprocess.Popen(
            _program("server", str(certificate), str(key), str(picture_bytes)),
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None
            content, side_px = picture(picture_bytes)
            yield Stand(
                port=int(server.stdout.readline()),
                certificate=str(certificate),
                side_px=side_px,
                picture_bytes=len(content),
            )
        finally:
            server.terminate()
            server.communicate()


def _program(module: str, *arguments: str) -> list[str]:
    program = f"from benchmarks.relay.{module} import main; main()"
    return [sys.executable, "-c", program, *arguments]
