"""The command line: `python -m sandbox` serves until it is interrupted.

When it listens it prints one JSON line that says where everything is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from sandbox.discord.document import DocumentError
from sandbox.discord.interactions import ANSWER_WITHIN_S
from sandbox.server import OtherSeed, Sandbox, Settings

SWITCH_INTERVAL_S = 0.0005
"""Pictures are painted in threads; with Python's 5 ms each request would wait for the painter."""


def main() -> None:
    """Reads the arguments and serves."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        asyncio.run(_serve(_settings()))
    except (OtherSeed, DocumentError, OSError) as problem:
        sys.exit(f"the sandbox cannot start: {problem}")


async def _serve(settings: Settings) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopped.set)
    async with Sandbox.start(settings) as sandbox:
        print(json.dumps(sandbox.addresses), flush=True)
        await stopped.wait()


def _settings() -> Settings:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--data", type=Path, help="folder that outlives a start; else in memory")
    parser.add_argument("--seed", type=int, default=0, help="the world follows from it")
    parser.add_argument("--latency-scale", type=float, default=1.0, help="how slow Z-Image is")
    parser.add_argument("--rate", type=float, default=2.0, help="Z-Image requests a second")
    parser.add_argument("--openapi", type=Path, help="Discord's OpenAPI document to check against")
    parser.add_argument(
        "--privileged-intents",
        type=int,
        default=0,
        help="bits of the privileged intents that are switched on",
    )
    parser.add_argument(
        "--strict-fields",
        action="store_true",
        help="refuse fields that Discord does not know; else they are remarked on",
    )
    parser.add_argument(
        "--answer-within",
        type=float,
        default=ANSWER_WITHIN_S,
        metavar="SECONDS",
        dest="answer_within_s",
        help="how long a first answer may take; more than Discord's 3 s for a busy machine",
    )
    given = parser.parse_args()
    return Settings(**vars(given))


if __name__ == "__main__":
    main()
