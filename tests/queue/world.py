"""A queue on a real SQLite file, driven by hand: what the storage tests have in common."""

from __future__ import annotations

import itertools
import tempfile
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from benchmarks.simulator import recount, rows
from benchmarks.simulator.rows import set_limits, set_weights
from bot import queue
from bot.db.connection import connect, make_private_file
from bot.db.migrate import migrate
from bot.features.imagine.records import Receipt
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Limits, Scope
from bot.providers.image import ImageRequest, Outcome, Size
from bot.queue import Claimed, NotYet, controls, views
from bot.queue.account import load_account, note_check, save_breaker, save_pace
from bot.queue.controls import Allowance
from bot.queue.records import (
    ChannelId,
    Failure,
    GuildId,
    InteractionId,
    Job,
    JobState,
    Origin,
    UserId,
)
from tests.queue.lock_order import Ordered

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from bot.db import Transaction
    from bot.providers.image import Prices
    from bot.queue.account import Account
    from bot.queue.breaker import Breaker
    from bot.queue.fairness import Weights
    from bot.queue.pace import Pace
    from bot.queue.places import Place
    from bot.refusals import Outage


T = TypeVar("T")

ACCOUNT = rows.ACCOUNT
START_US = 1_800_000_000_000_000
SQUARE = Size(1024, 1024)
REFUSED = Failure(kind="ContentRefused", detail="input")
LOST = Failure(kind="AnswerLost")
LEASE_S = 30.0

_interactions = itertools.count(10**18)


def a_request(*, size: Size = SQUARE, rewrite: bool = False, prompt: str = "a cat") -> ImageRequest:
    return ImageRequest(prompt=prompt, size=size, seed=7, rewrite=rewrite)


def an_origin(guild: int = 1, user: int = 1, *, interaction: int | None = None) -> Origin:
    return Origin(
        interaction_id=InteractionId(next(_interactions) if interaction is None else interaction),
        guild_id=GuildId(guild),
        channel_id=ChannelId(guild * 10),
        user_id=UserId(user),
        upload_limit_bytes=20_000_000,
    )


def an_outcome(
    *, size: Size = SQUARE, duration_us: int = 5_000_000, arrived_at_us: int | None = None
) -> Outcome:
    return Outcome(
        url="https://example.aliyuncs.com/a.png?Signature=s",
        shown_prompt="a cat",
        size=size,
        provider_request_id="r-1",
        duration_us=duration_us,
        arrived_at_us=arrived_at_us,
    )


def a_price(_request: ImageRequest, _prices: Prices) -> int:
    """Micro-dollars, whatever is asked for."""
    return 15_000


def place_of(receipt: Receipt) -> Place:
    assert receipt.place is not None
    return receipt.place


def open_file(path: Path) -> sqlite3.Connection:
    """A migrated database."""
    connection = connect(migrated_file(path))
    migrate(connection)
    return connection


def migrated_file(path: Path) -> Path:
    """A new file as the bot makes it; one that is there stays as it is."""
    make_private_file(path)
    if path.stat().st_size == 0:
        path.write_bytes(_migrated())
    return path


@cache
def _migrated() -> bytes:
    """What a new file holds. Made once, since tests would else migrate for half of their time."""
    with tempfile.NamedTemporaryFile() as file, closing(connect(Path(file.name))) as connection:
        migrate(connection)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(file.name).read_bytes()


def next_due_us(tx: Transaction) -> int | None:
    """When the outbox has something to do again."""
    (due_us,) = tx.execute("SELECT min(due_at_us) FROM outbox").fetchone()
    return None if due_us is None else int(due_us)


@dataclass
class World:
    """One connection, one clock that is moved by hand, one worker."""

    tx: sqlite3.Connection
    now_us: int = START_US
    token: str = "worker"

    def limit(self, **limits: float) -> None:
        """Sets these limits in the policy; all others are the defaults."""
        self.run(set_limits, Limits(**limits))  # type: ignore[arg-type]

    def open_outside(self) -> None:
        """Lets everybody ask outside of guilds, as the operator may."""
        key = Key(Scope.OPERATOR, 0, "outside_guilds")
        self.run(set_policy, key, True, by="operator", now_us=START_US)

    def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """One transaction; undone if the function raises, or comes to tables in the wrong order."""
        self.tx.execute("BEGIN IMMEDIATE")
        try:
            result = function(Ordered(self.tx), *args, **kwargs)
        except BaseException:
            self.tx.execute("ROLLBACK")
            raise
        self.tx.execute("COMMIT")
        return result

    def pass_time(self, seconds: float) -> None:
        self.now_us += round(seconds * 1e6)

    def submit(
        self,
        guild: int = 1,
        user: int = 1,
        *,
        interaction: int | None = None,
        request: ImageRequest | None = None,
        weights: Weights | None = None,
    ) -> Receipt:
        submitted = self.run(
            queue.submit,
            request or a_request(),
            an_origin(guild, user, interaction=interaction),
            price=a_price,
            role_ids=() if weights is None else self.run(set_weights, guild, weights),
            now_us=self.now_us,
        )
        place = views.place(self.tx, submitted.job.id, now_us=self.now_us)
        return Receipt(job=submitted.job, place=place, is_new=submitted.is_new)

    def configure(self, per_second: float, *others: str, max_running: int | None = None) -> None:
        """As at a start; with other accounts beside the first, all at this rate."""
        allowances = [
            Allowance(account=name, requests_per_second=per_second, max_running=max_running)
            for name in (ACCOUNT, *others)
        ]
        self.run(controls.configure, allowances, now_us=self.now_us)

    def claim(self, token: str | None = None, *, account: str = ACCOUNT) -> queue.Claim:
        """Repeated at once if that is the answer, as the dispatcher does."""
        again = NotYet(self.now_us)
        claim: queue.Claim = again
        while claim == again:
            claim = self.run(
                queue.claim,
                account,
                now_us=self.now_us,
                lease_token=token or self.token,
                lease_s=LEASE_S,
            )
        return claim

    def claimed(self, token: str | None = None, *, account: str = ACCOUNT) -> Job:
        """The next job, after waiting for the pace."""
        claim = self.claim(token, account=account)
        while isinstance(claim, NotYet):
            self.now_us = claim.at_us
            claim = self.claim(token, account=account)
        assert isinstance(claim, Claimed), claim
        return claim.job

    def sent(self, token: str | None = None, *, account: str = ACCOUNT) -> Job:
        """The next job, its call on the way."""
        job = self.claimed(token, account=account)
        self.mark_sent(job, token)
        return job

    def mark_sent(self, job: Job, token: str | None = None) -> None:
        self.run(queue.mark_sent, job.id, token or self.token, now_us=self.now_us)

    def complete(self, job: Job, *, size: Size | None = None, token: str | None = None) -> Job:
        return self.run(
            queue.complete,
            job.id,
            token or self.token,
            an_outcome(size=size or job.request.size),
            price=a_price,
            now_us=self.now_us,
        )

    def fail(self, job: Job, evidence: Outage, *, is_own_fault: bool = False) -> Job:
        """An attempt that drew nothing, and may say something about all."""
        return self.run(
            queue.retry,
            job.id,
            self.token,
            not_before_us=self.now_us + 1_000_000,
            throttled=False,
            evidence=evidence,
            is_own_fault=is_own_fault,
            now_us=self.now_us,
        )

    def account(self) -> Account:
        return load_account(self.tx, ACCOUNT)

    def set_pace(self, pace: Pace) -> None:
        self.run(save_pace, ACCOUNT, pace)

    def set_breaker(self, breaker: Breaker) -> None:
        self.run(save_breaker, ACCOUNT, breaker)

    def check(self, evidence: Outage | None = None) -> None:
        """What the free question tells."""
        self.run(note_check, ACCOUNT, evidence, now_us=self.now_us)

    def put_back(self, job: Job, *, after_s: float = 1.0, **how: Any) -> Job:
        """An attempt that drew nothing and says nothing about all, unless `how` has it so."""
        return self.run(
            queue.retry,
            job.id,
            self.token,
            not_before_us=self.now_us + round(after_s * 1e6),
            now_us=self.now_us,
            **({"throttled": False} | how),
        )

    def refuse(self, job: Job, **how: Any) -> Job:
        return self.run(
            queue.fail,
            job.id,
            self.token,
            REFUSED,
            now_us=self.now_us,
            **({"state": JobState.REFUSED} | how),
        )

    def keep_leases(self, token: str) -> list[Job]:
        """What the worker of this token releases of others."""
        return self.run(queue.keep_leases, token, now_us=self.now_us, lease_s=LEASE_S)

    def count(self, table: str) -> int:
        (rows,) = self.tx.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(rows)

    def settled(self, job: Job) -> int:
        """Micro-dollars."""
        query = "SELECT cost_micros FROM ledger WHERE entry = 'settled' AND job_id = ?"
        return sum(cost for (cost,) in self.tx.execute(query, (job.id,)))

    def owed(self) -> list[int]:
        """Jobs that were reserved and not released: paid, perhaps paid, or still to be."""
        query = "SELECT job_id FROM ledger GROUP BY job_id HAVING max(entry = 'released') = 0"
        return [job_id for (job_id,) in self.tx.execute(query)]

    def drawn(self) -> Job:
        """One job from the queue to its picture."""
        return self.complete(self.sent())

    def order(self, count: int) -> list[Job]:
        """The next jobs, one after the other."""
        return [self.drawn() for _ in range(count)]

    def differences(self) -> list[str]:
        return recount.differences(self.tx)
