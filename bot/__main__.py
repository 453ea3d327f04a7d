"""The command line: `zeuxis run` is the bot, all other commands work beside it (`bot/cli`).

Exit status: 0 done, 1 failed, 2 the settings or the arguments are wrong.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

from bot.cli import Terminal, options, say
from bot.errors import NotPrinted, SettingsError, ZeuxisError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.settings import Settings


_BROKEN_PIPE = 128 + 13  # as a shell tells of SIGPIPE


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the process's exit status."""
    try:
        asked = options.read(arguments)
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # for what a terminal has no letter
        import asyncio  # half of what `--help` and what is typed wrong would wait for

        return asyncio.run(_answer(asked))
    except BrokenPipeError:  # `| head` has seen enough
        _drop_output()
        return _BROKEN_PIPE
    except NotPrinted as error:
        _drop_output()
        print(f"zeuxis: {error}", file=sys.stderr)
        return 1
    except SettingsError as error:
        print("The settings cannot be used:", file=sys.stderr)
        for problem in error.problems:
            print(f"  {problem}", file=sys.stderr)
        print("See .env.example for every setting and its meaning.", file=sys.stderr)
        return 2
    except ZeuxisError as error:
        print(f"zeuxis: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _drop_output() -> None:
    """Else the exit tries once more, and complains."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _answer(asked: options.Asked) -> int:
    from bot.records import replace
    from bot.runtime.clock import SystemClock
    from bot.settings.reading import load_settings

    settings: Settings = load_settings()
    is_quiet = asked.command == "doctor" and settings.log_level == "info"  # its lines say it all
    start_logs(replace(settings, log_level="warning") if is_quiet else settings)
    if asked.answer is None:
        from bot import app

        return await app.run(settings)
    return await asked.answer(Terminal(settings, SystemClock(), say), **asked.given)


def start_logs(settings: Settings) -> None:
    """Logs for the process, with this installation's secrets kept out."""
    from bot.runtime.logs import configure_logs

    configure_logs(
        level=settings.log_level,
        form=settings.log_format,
        secrets=(
            settings.discord_token.reveal(),
            *(one.api_key.reveal() for one in settings.accounts),
            *([settings.rewriter.api_key.reveal()] if settings.rewriter else []),
            *([settings.picture_check.api_key.reveal()] if settings.picture_check else []),
            settings.proxy_password,
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
