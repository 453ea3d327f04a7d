"""`zeuxis queue`: true, plain, and without what is members' own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.simulator.rows import set_weights
from bot import queue
from bot.cli import Terminal, operator
from bot.db.sqlite import Database
from bot.errors import StorageUnavailable
from bot.queue import breaker, controls
from bot.queue.account import load_account, note_check, save_breaker
from bot.queue.controls import Allowance
from bot.queue.fairness import Weights
from bot.queue.records import GuildId, JobId, JobState
from bot.refusals import Outage
from bot.settings.reading import load_settings
from tests.clock import ManualClock
from tests.queue.world import (
    ACCOUNT,
    REFUSED,
    a_price,
    a_request,
    an_origin,
    an_outcome,
    migrated_file,
    open_file,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.queue.records import Job
    from bot.settings import Settings

ROOT = Path(__file__).parents[2]
SECRETS = {"DISCORD_TOKEN": "token-of-the-bot", "DASHSCOPE_API_KEY": "sk-key"}


class Desk:
    """An operator's terminal beside a database."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.clock = ManualClock()
        self.said: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join(self.said)

    @property
    def terminal(self) -> Terminal:
        return self.saying(self.said)

    def saying(self, lines: list[str]) -> Terminal:
        return Terminal(self.settings, self.clock, lines.append)

    async def submit(self, guild: int = 1, user: int = 1, *, weight: int = 100) -> Job:
        role_ids = await self.database.write(set_weights, guild, Weights(tenant=weight))
        receipt = await self.database.write(
            queue.submit,
            a_request(prompt="secret grapes"),
            an_origin(guild, user),
            price=a_price,
            now_us=self.clock.now_us(),
            role_ids=role_ids,
        )
        return receipt.job

    async def claim(self) -> Job:
        claimed = await self.database.write(
            queue.claim, ACCOUNT, now_us=self.clock.now_us(), lease_token="worker", lease_s=30.0
        )
        assert isinstance(claimed, queue.Claimed)
        return claimed.job

    async def show(self, *, json: bool = False) -> int:
        return await operator.queue(self.terminal, json=json)

    async def show_job(self, job_id: int, *, json: bool = False) -> int:
        return await operator.queue(self.terminal, job=JobId(job_id), json=json)

    async def pause(self, guild: int, *, is_paused: bool = True) -> None:
        await operator.set_paused(self.terminal, guild=GuildId(guild), is_paused=is_paused)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    settings = settings_for(tmp_path)
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        yield Desk(settings, database)


def settings_for(folder: Path) -> Settings:
    given = {**SECRETS, "DATABASE_URL": f"sqlite:///{folder}/zeuxis.db"}
    return load_settings(given, dotenv=folder / "none.env")


async def test_empty_queue_is_told_as_such(desk: Desk) -> None:
    """The account is told in any case."""
    assert await desk.show() == 0
    assert desk.said[0].startswith("pace      2 of 2 calls per second (proved 2), guard ")
    assert desk.said[1:] == [
        "pause     none",
        "outage    none",
        "calls out 0 of 64",
        "jobs      0 ready, 0 in a backoff, 0 to be delivered",
        "",
        "no guild has anything in the queue",
    ]


async def test_guilds_stand_in_the_order_of_their_turns(desk: Desk) -> None:
    """Whoever had a turn is ahead by a picture; a paused guild stands at the end."""
    await desk.submit(guild=1, weight=200)
    await desk.submit(guild=2)
    await desk.claim()
    for guild in (1, 3):
        await desk.submit(guild=guild, weight=200 if guild == 1 else 100)
    await desk.pause(3)
    desk.clock.advance(90)
    desk.said.clear()
    await desk.show()
    assert desk.said[6:] == [
        "GUILD  WEIGHT  LEAD  WAITING  READY  RUNNING  CAP  OLDEST",
        "    2       1   0.0        1      1        0   32    90 s",
        "    1       2   1.0        1      1        1   32    90 s",
        "    3       1   0.0        1      1        0   32    90 s  paused",
    ]


async def test_same_is_there_for_programs(desk: Desk) -> None:
    """As JSON, with instants as numbers."""
    await desk.submit(guild=7)
    await desk.show(json=True)
    told = json.loads(desk.text)
    assert told["ready"] == 1
    assert [one["name"] for one in told["accounts"]] == [ACCOUNT]
    assert told["tenants"][0]["tenant_id"] == "7"
    assert told["tenants"][0]["oldest_at_us"] == desk.clock.now_us()
    assert told["more_tenants"] == 0


async def test_outage_and_pause_are_told_with_their_ends(desk: Desk) -> None:
    """What an operator looks for first."""
    opened = breaker.opened(breaker.CLOSED, Outage.KEY, now_us=desk.clock.now_us())
    await desk.database.write(save_breaker, ACCOUNT, opened)
    desk.clock.advance(10)
    await desk.show()
    assert "outage    key for 10 s, next try until 2027-01-15 08:00:30 UTC, in 20 s" in desk.text


async def test_job_is_explained_without_its_prompt(desk: Desk) -> None:
    """In text and for programs."""
    await desk.submit(guild=1)
    await desk.submit(guild=2)
    await desk.submit(guild=1)
    await desk.pause(1)
    assert await desk.show_job(3) == 0
    assert "job 3: queued, place 3, picture expected in" in desk.text
    assert "before it 1 of the member, 0 of other members (0 wait), 1 of other guilds" in desk.text
    assert "held by   guild paused" in desk.text
    desk.said.clear()
    await desk.show_job(3, json=True)
    told = json.loads(desk.text)
    assert told["ahead"]["own"] == 1
    assert told["holds"] == ["guild paused"]
    assert "secret" not in desk.text


async def test_ended_job_is_told_with_its_failure(desk: Desk) -> None:
    """With the request's id, to ask the provider by."""
    await desk.submit()
    job = await desk.claim()
    await desk.database.write(
        queue.fail,
        job.id,
        "worker",
        REFUSED,
        state=JobState.REFUSED,
        now_us=desk.clock.now_us(),
    )
    await desk.show_job(1)
    assert "job 1: refused\n" in desk.text
    assert "failure   ContentRefused input (code None, request id None)" in desk.text


async def test_drawn_job_is_told_with_what_became_of_its_picture(desk: Desk) -> None:
    """In text and for programs; the link is its member's."""
    await desk.submit()
    job, now_us = await desk.claim(), desk.clock.now_us()
    await desk.database.write(
        queue.complete, job.id, "worker", an_outcome(), price=a_price, now_us=now_us
    )
    await desk.show_job(1)
    assert "job 1: drawn, picture due\n" in desk.text
    desk.said.clear()
    await desk.show_job(1, json=True)
    told = json.loads(desk.text)["job"]
    assert (told["state"], told["picture"]) == ("drawn", "due")
    assert "Signature" not in desk.text


async def test_unknown_job_is_told_and_the_status_says_so(desk: Desk) -> None:
    """A slip in a script is seen."""
    assert await desk.show_job(404) == 1
    assert desk.said == ["there is no job 404"]


async def test_guild_is_paused_and_resumed(desk: Desk) -> None:
    """Nothing of it is claimed meanwhile, and nothing is lost."""
    await desk.submit(guild=1)
    await desk.pause(1)
    claim = await desk.database.write(
        queue.claim, ACCOUNT, now_us=desk.clock.now_us(), lease_token="worker", lease_s=30.0
    )
    assert isinstance(claim, queue.Nothing)
    await desk.pause(1, is_paused=False)
    assert (await desk.claim()).id == 1
    assert desk.said == [
        "guild 1 paused: 1 of its jobs wait",
        "guild 1 resumed: 1 of its jobs wait",
    ]


async def test_guild_that_nobody_knows_is_named_as_such(desk: Desk) -> None:
    """Paused all the same, in case it comes; perhaps it was a slip."""
    await desk.pause(99)
    assert desk.said == ["guild 99 paused: it has never asked for anything"]


async def test_probe_is_brought_forward(desk: Desk) -> None:
    """The bill is paid; nobody wants to wait ten minutes."""
    await desk.submit()
    opened = breaker.opened(breaker.CLOSED, Outage.ACCOUNT, now_us=desk.clock.now_us())
    await desk.database.write(save_breaker, ACCOUNT, opened)
    await operator.probe(desk.terminal)
    assert desk.said == [
        "outage account of account zimage: the provider is asked now, then a job tries"
    ]
    await desk.database.write(note_check, ACCOUNT, None, now_us=desk.clock.now_us())
    assert (await desk.claim()).id == 1


async def test_each_account_stands_under_its_name(desk: Desk) -> None:
    """With one alone there is no name to tell."""
    allowances = [Allowance(account=name, requests_per_second=2.0) for name in (ACCOUNT, "second")]
    await desk.database.write(controls.configure, allowances, now_us=desk.clock.now_us())
    opened = breaker.opened(breaker.CLOSED, Outage.KEY, now_us=desk.clock.now_us())
    await desk.database.write(save_breaker, "second", opened)
    await desk.show()
    named = [line for line in desk.said if line.startswith(("account", "outage"))]
    assert named[:3] == ["account   second", named[1], "account   zimage"]
    assert named[1].startswith("outage    key for 0 s")
    assert named[3:] == ["outage    none"]
    assert sum(line.startswith("jobs ") for line in desk.said) == 1


async def test_without_an_outage_there_is_nothing_to_probe(desk: Desk) -> None:
    """And nothing is changed."""
    before = await desk.database.read(load_account, ACCOUNT)
    await operator.probe(desk.terminal)
    assert desk.said == ["there is no outage, nothing to probe"]
    assert await desk.database.read(load_account, ACCOUNT) == before


async def test_database_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """An empty queue would be a lie, and an empty file a surprise."""
    with pytest.raises(StorageUnavailable, match="there is no database at"):
        await operator.queue(Terminal(settings_for(tmp_path), ManualClock(), print))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.process
@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--json"], 0, '"tenants": []'),
        (["--job", "5"], 1, "there is no job 5"),
        (["pause", "5"], 0, "guild 5 paused"),
        (["resume", "5"], 0, "guild 5 resumed"),
        (["probe"], 0, "there is no outage"),
        (["pause", "many"], 2, "expected an id"),
        (["--job", "99999999999999999999"], 2, "expected an id"),
    ],
)
def test_command_line_reaches_each(
    tmp_path: Path, arguments: list[str], status: int, words: str
) -> None:
    """As it is typed, beside a database that is in use."""
    connection = open_file(tmp_path / "zeuxis.db")
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "queue", *arguments],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            **SECRETS,
            "DATABASE_URL": f"sqlite:///{tmp_path}/zeuxis.db",
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    connection.close()
    assert ran.returncode == status
    assert words in ran.stdout + ran.stderr
