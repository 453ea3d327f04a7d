"""kill -9 in the middle of everything: what was acknowledged is there, whole."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from benchmarks.simulator import recount
from bot import queue
from bot.db.connection import connect
from tests.queue.world import START_US

if TYPE_CHECKING:
    from pathlib import Path

WRITER = """
import asyncio, sys
from bot import queue
from bot.queue import Claimed
from bot.db.sqlite import Database
from benchmarks.simulator.rows import set_limits
from bot.policy.rules import Limits
from bot.queue import controls
from tests.queue.world import ACCOUNT, START_US, a_request, an_origin, an_outcome, a_price

async def main(path):
    async with Database.open(path) as database:
        now = START_US
        limits = Limits(expected_wait_s=1e9, waiting_per_member=10**6, waiting_per_guild=10**6)
        await database.write(set_limits, limits)
        allowance = controls.Allowance(account=ACCOUNT, requests_per_second=1000)
        await database.write(controls.configure, [allowance], now_us=now)

        async def submit(n):
            while True:
                origin = an_origin(n % 3, n % 5)
                receipt = await database.write(
                    queue.submit, a_request(), origin, price=a_price, now_us=now
                )
                print("submitted", receipt.job.id, flush=True)

        async def work(n):
            nonlocal now
            while True:
                now += 100_000
                claim = await database.write(
                    queue.claim, ACCOUNT, now_us=now, lease_token="w", lease_s=30.0
                )
                if not isinstance(claim, Claimed):
                    continue
                job = claim.job
                await database.write(queue.mark_sent, job.id, "w", now_us=now)
                print("sent", job.id, flush=True)
                await database.write(
                    queue.complete, job.id, "w", an_outcome(), price=a_price, now_us=now
                )
                print("drawn", job.id, flush=True)

        await asyncio.gather(*(submit(n) for n in range(4)), *(work(n) for n in range(3)))

asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.process
@pytest.mark.parametrize("moment_s", [0.05, 0.11, 0.23])
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, moment_s: float) -> None:
    """Nothing submitted is lost, nothing drawn is lost, nothing sent is sent again."""
    path = tmp_path / "queue.db"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(10)]
        time.sleep(moment_s)
        writer.send_signal(signal.SIGKILL)
        said += writer.stdout.readlines()
    tx = connect(path)
    tx.execute("BEGIN IMMEDIATE")
    queue.release_all_leases(tx, now_us=START_US + 10**12)
    tx.execute("COMMIT")
    states = dict(tx.execute("SELECT id, state FROM job").fetchall())
    left = recount.differences(tx) + recount.damage(tx)
    tx.close()
    acknowledged = [line.split() for line in said if line.endswith("\n")]
    for verb, number in acknowledged:
        state = states[int(number)]
        if verb == "drawn":
            assert state == "drawn"
        if verb == "sent":
            assert state in ("drawn", "uncertain")
    assert left == []
