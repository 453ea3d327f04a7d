"""The command line: `zeuxis run`, `zeuxis migrate`, `zeuxis doctor`, `zeuxis backup`,
`zeuxis restore`.

Exit status: 0 done, 1 failed, 2 the settings or the arguments are wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import SettingsError, ZeuxisError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the process's exit status."""
    asked = _parser().parse_args(arguments)
    try:
        return asyncio.run(_command(asked))
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="zeuxis", description="A Discord bot that paints with Z-Image."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="run the bot until SIGTERM or Ctrl-C")
    commands.add_parser("migrate", help="bring the database to this version's schema and end")
    commands.add_parser("doctor", help="check settings, database, Z-Image key and Discord token")
    backup = commands.add_parser("backup", help="copy the database while the bot runs")
    backup.add_argument("file", help="where the copy goes; readable by its owner alone")
    restore = commands.add_parser("restore", help="put a backup in the database's place")
    restore.add_argument("file", help="what `backup` has made")
    return parser


async def _command(asked: argparse.Namespace) -> int:
    # Imported here, so that --help and wrong settings do not pay for discord.py.
    from bot import app
    from bot.settings import load_settings

    settings: Settings = load_settings()
    app.start_logs(settings)
    match asked.command:
        case "run":
            return await app.run(settings)
        case "migrate":
            return await app.migrate(settings)
        case "doctor":
            from bot.doctor import examine

            return await examine(settings, print)
        case "restore":
            return app.restore(settings, Path(asked.file))
        case _:
            return await app.backup(settings, Path(asked.file))


if __name__ == "__main__":
    sys.exit(main())
