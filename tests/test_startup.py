"""`python -m bot` as an operator starts it: whatever is wrong is said in one sentence."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.server import Sandbox, Settings
from tests.journeys.stage import staged

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[1]
WITHIN_S = 30.0
NOWHERE = "http://127.0.0.1:1"  # nothing listens there
ENOUGH = {
    "DISCORD_TOKEN": "token",
    "DASHSCOPE_API_KEY": "sk-key",
    "DISCORD_API_BASE_URL": f"{NOWHERE}/api/v10",
    "DASHSCOPE_BASE_URL": f"{NOWHERE}/api/v1",
}


def started(
    folder: Path, *arguments: str, code: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs to its end in that folder."""
    program = ("-m", "bot") if code is None else ("-c", code)
    return subprocess.run(
        [sys.executable, *program, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder)}
        | environment,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def dotenv_of(content: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        folder.joinpath(".env").write_bytes(content)

    return write


def dotenv_folder(folder: Path) -> None:
    (folder / ".env").mkdir()


def dotenv_loop(folder: Path) -> None:
    (folder / ".env").symlink_to(".env")


def letter(folder: Path) -> None:
    (folder / "zeuxis.db").write_text("dear aunt" * 100)


def database_folder(folder: Path) -> None:
    (folder / "zeuxis.db").mkdir()


def database_pipe(folder: Path) -> None:
    os.mkfifo(folder / "zeuxis.db")


def foreign(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "zeuxis.db")) as other:
        other.execute("CREATE TABLE visits (url TEXT)")


def nonsense_in_the_policy(folder: Path) -> None:
    assert started(folder, "migrate", **ENOUGH, DATABASE_URL=LOCAL).returncode == 0
    with closing(sqlite3.connect(folder / "zeuxis.db")) as ours, ours:
        ours.execute("INSERT INTO policy VALUES (0, 'guild', 5, 'weight', 'much', 1, 'ada', 1)")


def nothing(_: Path) -> None:
    pass


LOCAL = "sqlite:///zeuxis.db"
# What is there, what the environment adds, the status, and what is said.
FAULTS: dict[str, tuple[Callable[[Path], None], dict[str, str], int, str]] = {
    ".env in UTF-16": (dotenv_of("LOG_LEVEL=info".encode("utf-16")), {}, 2, "save it as UTF-8"),
    ".env in cp1252": (dotenv_of(b"# f\xfcr uns"), {}, 2, "line 1: expected UTF-8"),
    ".env in GBK": (dotenv_of("# 机器人".encode("gbk")), {}, 2, "line 1: expected UTF-8"),
    ".env is a folder": (dotenv_folder, {}, 2, ".env: expected a file, it is a folder"),
    ".env cannot be read": (dotenv_loop, {}, 2, ".env: cannot be read"),
    "a path of Windows": (nothing, {"DATABASE_URL": r"sqlite:///C:\z.db"}, 2, "path of Windows"),
    "a pasted endpoint": (
        nothing,
        {"DASHSCOPE_BASE_URL": "https://dashscope.aliyuncs.com/api/v1/services/aigc/x"},
        2,
        "that is a whole endpoint",
    ),
    "a socks proxy": (nothing, {"HTTPS_PROXY": "socks5://proxy"}, 2, "an http proxy"),
    "a folder for a database": (database_folder, {}, 1, "zeuxis.db: it is no file"),
    "a pipe for a database": (database_pipe, {}, 1, "zeuxis.db: it is no file"),
    "a device for a database": (
        nothing,
        {"DATABASE_URL": "sqlite:////dev/null"},
        1,
        "/dev/null: it is no file",
    ),
    "no database": (letter, {}, 1, "zeuxis.db is no database"),
    "another program's": (foreign, {}, 1, "another program has written"),
    "nonsense in the policy": (
        nonsense_in_the_policy,
        {},
        1,
        "policy row guild 5 weight: expected a whole number of percent from 1 to 10000, got 'much'",
    ),
    "a folder that cannot be": (
        nothing,
        {"DATABASE_URL": "sqlite:////proc/zeuxis/z.db"},
        1,
        "cannot open /proc/zeuxis/z.db",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_one_sentence(tmp_path: Path, case: str) -> None:
    """No traceback, and the status tells settings from everything else."""
    prepare, environment, status, why = FAULTS[case]
    prepare(tmp_path)
    ran = started(tmp_path, "run", **{**ENOUGH, "DATABASE_URL": LOCAL, **environment})
    assert why in ran.stderr
    assert ran.returncode == status
    assert "Traceback" not in ran.stderr
    said = [line for line in ran.stderr.splitlines() if line.startswith(("zeuxis: ", "  "))]
    assert len(said) == 1


ARGUMENTS: dict[tuple[str, ...], tuple[int, str]] = {
    (): (2, "required: COMMAND"),
    ("paint",): (2, "invalid choice: 'paint'"),
    ("run", "faster"): (2, "unrecognized arguments: faster"),
    ("backup",): (2, "required: file"),
    ("backup", ""): (1, "no file is named"),
    ("backup", "."): (1, "there is no database"),
    ("backup", "~nobody9/b.db"): (1, "no home folder is known for ~nobody9/b.db: write it out"),
    ("restore", ""): (1, "no file is named"),
    ("restore", "~nobody9/b.db"): (1, "no home folder is known for ~nobody9/b.db: write it out"),
    ("restore", "."): (1, ". is no backup"),
    ("restore", "gone.db"): (1, "no such backup: gone.db"),
    ("queue", "--job", "0"): (2, "expected an id"),
    ("queue", "pause", "-5"): (2, "queue pause"),
    ("queue",): (1, "there is no database"),
    ("queue", "pause", "5"): (1, "there is no database"),
    ("doctor", "--quick"): (2, "unrecognized arguments"),
}


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_wrong_arguments_are_one_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """And no database is made by them."""
    status, why = ARGUMENTS[arguments]
    ran = started(tmp_path, *arguments, **{**ENOUGH, "DATABASE_URL": LOCAL})
    assert why in ran.stderr
    assert ran.returncode == status
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "zeuxis.db").exists()


def test_a_backup_that_is_none_makes_no_folder(tmp_path: Path) -> None:
    environment = {**ENOUGH, "DATABASE_URL": "sqlite:///new/zeuxis.db"}
    ran = started(tmp_path, "restore", "none.db", **environment)
    assert (ran.returncode, ran.stderr) == (1, "zeuxis: no such backup: none.db\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["", ".", "zeuxis.db", "./zeuxis.db", "zeuxis.db.lock", "new/b"])
def test_a_backup_that_would_harm_is_refused(tmp_path: Path, target: str) -> None:
    """Status 1 and one sentence."""
    environment = {**ENOUGH, "DATABASE_URL": LOCAL}
    assert started(tmp_path, "migrate", **environment).returncode == 0
    before = sorted(tmp_path.iterdir()), (tmp_path / "zeuxis.db").read_bytes()
    ran = started(tmp_path, "backup", target, **environment)
    assert ran.returncode == 1
    assert ran.stderr.startswith("zeuxis: ")
    assert len(ran.stderr.splitlines()) == 1
    left = [one for one in sorted(tmp_path.iterdir()) if not one.name.endswith(("-wal", "-shm"))]
    assert (left, (tmp_path / "zeuxis.db").read_bytes()) == before


async def test_a_taken_port_for_the_health_check_is_one_sentence(tmp_path: Path) -> None:
    """By the setting's name."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        ran = started(tmp_path, "run", **{**ENOUGH, "DATABASE_URL": LOCAL, "HEALTH_PORT": port})
    assert ran.returncode == 1
    assert f"zeuxis: HEALTH_PORT: port {port} cannot be had" in ran.stderr
    assert "Traceback" not in ran.stderr


async def test_a_gateway_that_refuses_the_token_is_one_sentence(tmp_path: Path) -> None:
    """Close code 4004: REST had taken it."""
    async with (
        staged(tmp_path, bot=False) as stage,
        Sandbox.start(Settings(seed=8)) as other,
    ):
        gateway = str(other.addresses["discord_gateway_url"])
        process = await stage.spawn_bot(DISCORD_GATEWAY_URL=gateway)
        assert await process.wait() == 1
        assert "Discord's gateway refuses the token; see DISCORD_TOKEN" in stage.log
        assert "Traceback" not in stage.log


def printed_into(output: int, folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit status, and what was said besides."""
    given = {**ENOUGH, "DATABASE_URL": LOCAL}
    assert started(folder, "migrate", **given).returncode == 0
    ran = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **given},
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    os.close(output)
    return ran.returncode, ran.stderr


@pytest.mark.parametrize("command", ["policy", "doctor"])
def test_whoever_has_read_enough_gets_no_traceback(tmp_path: Path, command: str) -> None:
    """`zeuxis policy | head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    status, said = printed_into(writer, tmp_path, command)
    assert "Error" not in said
    assert status == 141


@pytest.mark.parametrize("line", ["policy", "usage --csv", "queue --job 5", "doctor"])
def test_an_answer_that_finds_no_room_is_one_sentence(tmp_path: Path, line: str) -> None:
    """`zeuxis usage --csv > all.csv` on a full disk: half a file must not pass for all."""
    full = os.open("/dev/full", os.O_WRONLY)
    status, said = printed_into(full, tmp_path, *line.split())
    assert said.endswith("zeuxis: the answer cannot be written: No space left on device\n")
    assert len(said.splitlines()) == 1
    assert status == 1


def test_a_terminal_without_dashes_gets_an_answer(tmp_path: Path) -> None:
    """As of Windows' code pages and LC_ALL=C."""
    given = {**ENOUGH, "DATABASE_URL": LOCAL, "PYTHONIOENCODING": "ascii"}
    assert started(tmp_path, "migrate", **given).returncode == 0
    ran = started(tmp_path, "policy", **given)
    assert ran.returncode == 0, ran.stderr
    assert r"\u2013  default" in ran.stdout


WINDOWS = """
import asyncio, os, signal, sys, types
sys.modules["fcntl"] = sys.modules["resource"] = None  # not there

def add_signal_handler(*_):
    raise NotImplementedError

asyncio.SelectorEventLoop.add_signal_handler = add_signal_handler
held = set()

def locking(descriptor, mode, length):
    file = os.fstat(descriptor).st_ino
    if file in held:
        raise PermissionError(13, "Permission denied")
    held.add(file)

import bot.runtime.logs, bot.settings.reading, discord, aiosqlite  # as they are elsewhere
sys.modules["msvcrt"] = types.SimpleNamespace(locking=locking, LK_NBLCK=2)
sys.platform = "win32"
"""
LOCK_TWICE = """
from bot.errors import DatabaseInUse
from bot.db.file import alone_on
with alone_on("z.db"):
    try:
        with alone_on("z.db"):
            print("two")
    except DatabaseInUse as error:
        print(error)
"""
STOP = """
from bot.lifecycle import stop_on_signals

async def stopped():
    stop = stop_on_signals()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(stop.wait(), 5)
    print("stopped")

asyncio.run(stopped())
"""
HANG_UP = """
import asyncio, os, signal, sys
from bot.lifecycle import stop_on_signals

async def hung_up():
    stop = stop_on_signals()
    os.kill(os.getpid(), signal.SIGHUP)
    await asyncio.sleep(0.05)
    print("stops" if stop.is_set() else "goes on")

# Whatever the tests were started under.
signal.signal(signal.SIGHUP, signal.SIG_IGN if "nohup" in sys.argv else signal.SIG_DFL)
asyncio.run(hung_up())
"""


@pytest.mark.parametrize(("arguments", "says"), [((), "stops"), (("nohup",), "goes on")])
def test_the_end_of_its_terminal_stops_the_bot_in_order(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    """Else calls that are out would be lost and become uncertain."""
    ran = started(tmp_path, *arguments, code=HANG_UP)
    assert ran.stdout.strip() == says, ran.stderr


RUN = "import bot.__main__; sys.exit(bot.__main__.main())"


@pytest.mark.parametrize(
    ("code", "said"), [(LOCK_TWICE, "another Zeuxis runs on this database"), (STOP, "stopped")]
)
def test_windows_has_another_lock_and_other_signals(tmp_path: Path, code: str, said: str) -> None:
    """Neither fcntl nor add_signal_handler is there."""
    ran = started(tmp_path, code=WINDOWS + code)
    assert said in ran.stdout, ran.stderr


def test_on_windows_commands_work_as_elsewhere(tmp_path: Path) -> None:
    """From the import to the last line."""
    ran = started(tmp_path, "migrate", code=WINDOWS + RUN, **{**ENOUGH, "DATABASE_URL": LOCAL})
    assert ran.returncode == 0, ran.stderr
    assert "schema is current" in ran.stderr
