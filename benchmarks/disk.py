"""A disk that fills up under a load, and is freed again.

The database lies on a small tmpfs (or, for whoever may not mount one, under a limit of file sizes)
that is filled to the last byte while members go on asking. They are refused, calls that were out
keep their answers in memory, and once there is space everything goes on without a restart.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks._tally import Tally, places_of, tally_of
from sandbox.demo.seen import lines
from tests.journeys.stage import Stage, staged
from tests.robustness.rows import rows, undone

if TYPE_CHECKING:
    from collections.abc import Iterator

JOBS = 120  # before, while and after it is full: a third each
PAUSE_S = 0.1
DISK = "16m"  # the write-ahead log alone takes 4 MB
REFUSED = "cannot write anything down"
RESUMES_WITHIN_S = 10.0
PATIENCE_S = 120.0


def run(*, quick: bool = False) -> Iterator[dict[str, Any]]:
    """What was lost, and how soon it went on."""
    found = asyncio.run(_play(JOBS // 3 if quick else JOBS))
    tally = found.tally
    harm = tally.lost + tally.untold + tally.posted_twice + tally.billed_twice
    beside = {
        "disk": found.kind,
        "jobs": tally.jobs,
        "ends": dict(tally.ends),
        "acknowledged": tally.acknowledged,
        "refused_while_full": found.refused,
        "billed": tally.billed,
    }
    yield {
        "name": "disk_full_harm",
        "value": harm,
        "unit": "jobs lost, untold, posted or billed twice",
        "limit": 0,
        "holds": harm == 0 and found.refused > 0 and tally.ends["uncertain"] == 0,
        "beside": beside,
    }
    yield {
        "name": "disk_full_resumes",
        "value": round(found.resumed_after_s, 2),
        "unit": "s from free space to the next request on disk",
        "limit": RESUMES_WITHIN_S,
        "holds": found.resumed_after_s <= RESUMES_WITHIN_S,
        "beside": beside,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    kind: str
    refused: int
    resumed_after_s: float
    tally: Tally


async def _play(jobs: int) -> _Found:
    with TemporaryDirectory(prefix="zeuxis-disk-") as folder, _small_disk(Path(folder)) as kind:
        async with staged(Path(folder), rate=20.0) as stage:
            stage.fault({"server": "zimage", "kind": "latency", "match": "POST *", "seconds": 0.5})
            asked: list[str] = []
            await _ask(stage, jobs // 3, asked)
            with _full(stage, kind):
                await _ask(stage, jobs // 3, asked)
                refused = await _refusals(stage, asked)
            began_s = time.monotonic()
            known = _count(stage)
            asking = asyncio.create_task(_ask(stage, jobs // 3, asked))
            await stage.until(lambda: _count(stage) > known)
            resumed_after_s = time.monotonic() - began_s
            await asking
            await stage.until(lambda: undone(stage) == 0, PATIENCE_S)
            return _Found(
                kind=kind,
                refused=refused,
                resumed_after_s=resumed_after_s,
                tally=tally_of(stage, asked),
            )


async def _ask(stage: Stage, count: int, asked: list[str]) -> None:
    places = places_of(stage)
    for _ in range(count):
        wish = places[len(asked) % len(places)].wish(f"cat {len(asked)}")
        answer = await stage.control.call("POST", "/interactions", wish)
        asked.append(str(answer.body.get("interaction_id", "")))
        await asyncio.sleep(PAUSE_S)


async def _refusals(stage: Stage, asked: list[str]) -> int:
    """How many members were told that nothing can be written; waits for the last one's answer."""
    await stage.control.settled({"interaction_id": asked[-1]}, 15)
    refused = 0
    for interaction in asked:
        settled = await stage.control.settled({"interaction_id": interaction}, 0)
        shown = "\n".join(line for one in settled["messages"] for line in lines(one))
        refused += REFUSED in shown
    return refused


def _count(stage: Stage) -> int:
    return int(rows(stage.database, "SELECT count(*) FROM job")[0][0])


@contextmanager
def _small_disk(folder: Path) -> Iterator[str]:
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode != 0:
        print("disk: no right to mount a tmpfs, so file sizes are limited", file=sys.stderr)
        yield "file sizes limited"
        return
    try:
        yield f"tmpfs of {DISK}"
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


@contextmanager
def _full(stage: Stage, kind: str) -> Iterator[None]:
    if kind.startswith("tmpfs"):
        filler = stage.folder / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1024))
        try:
            yield
        finally:
            filler.unlink()
        return
    assert stage.bot is not None
    pid, most = stage.bot.pid, resource.RLIM_INFINITY
    size_bytes = Path(f"{stage.database}-wal").stat().st_size
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size_bytes, most))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
