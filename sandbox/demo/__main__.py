"""`python -m sandbox.demo [--prompt TEXT] [--size W*H] [--seed N] [--data DIR]`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import webbrowser
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.demo.one_request import NotDelivered, Wish, play
from sandbox.demo.stand import Stand, StartFailed, keep_bot, standing

OUTPUT = Path("demo-output")


def main() -> int:
    """Exit status 0 only if the picture was delivered, or the demo was ended by its user."""
    asked = _parser().parse_args()
    try:
        if asked.prompt is None:
            return asyncio.run(_keep(Path(asked.data), browser=not asked.no_browser))
        wish = Wish(prompt=asked.prompt, size=asked.size, seed=asked.seed)
        return asyncio.run(_play_once(wish))
    except (StartFailed, NotDelivered) as error:
        print(f"Not delivered: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="zeuxis demo", description=__doc__)
    parser.add_argument("--prompt", help="play one /imagine in the terminal instead of a page")
    parser.add_argument("--size")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--data", default="data/demo", help="where the page's world is kept")
    parser.add_argument("--no-browser", action="store_true")
    return parser


async def _play_once(wish: Wish) -> int:
    with TemporaryDirectory(prefix="zeuxis-demo-") as folder:
        async with standing(Path(folder), ["--port", "0", "--latency-scale", "0.3"]) as stand:
            path = await play(stand.addresses, wish, OUTPUT, _say)
    _say(f"Saved {path}")
    return 0


async def _keep(folder: Path, *, browser: bool) -> int:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with standing(folder, ["--port", "8787"]) as stand:
        _introduce(stand)
        if browser:
            await asyncio.to_thread(webbrowser.open, stand.addresses["page_url"])
        keeping = asyncio.create_task(keep_bot(stand))
        exits = asyncio.create_task(stand.first_exit())
        asked = asyncio.create_task(ended.wait())
        await asyncio.wait([exits, asked], return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        keeping.cancel()
        if exits.done():
            _say(f"The {exits.result()} ended by itself; see the logs in {folder}.")
            return 1
        exits.cancel()
    _say("Ended.")
    return 0


def _introduce(stand: Stand) -> None:
    _say("Zeuxis is up, with a local Discord and a local Z-Image. Ctrl-C ends all three.")
    _say(f"  page     {stand.addresses['page_url']}")
    _say(f"  control  {stand.addresses['control_url']}")
    _say(f"  logs     {stand.folder}/bot.log and sandbox.log")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
