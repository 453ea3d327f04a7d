"""The real rows, without an event loop: SQLite, not waiting for the disk."""

from __future__ import annotations

import itertools
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from msgspec.structs import asdict

from bot import queue
from bot.db.connection import connect, make_private_file
from bot.db.migrate import migrate
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Limits, Scope
from bot.providers.image import ImageRequest, Outcome, Size
from bot.providers.zimage.offer import price
from bot.queue import controls, views
from bot.queue.records import (
    ChannelId,
    GuildId,
    InteractionId,
    JobId,
    Origin,
    RoleId,
    UserId,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from bot.db import Transaction
    from bot.providers.image import Prices
    from bot.queue import Submitted
    from bot.queue.fairness import Weights
    from bot.queue.places import Place

P = ParamSpec("P")
T = TypeVar("T")

START_US = 1_800_000_000_000_000
ACCOUNT = "zimage"  # the first, which every database has
SQUARE = Size(1024, 1024)
NO_LIMITS = Limits(
    waiting_per_member=10**9, waiting_per_guild=10**9, expected_wait_s=1e12, running=64
)


def set_limits(tx: Transaction, limits: Limits) -> None:
    """As an operator would."""
    for name, value in asdict(limits).items():
        set_policy(tx, Key(Scope.OPERATOR, 0, name), value, by="operator", now_us=START_US)


def set_weights(tx: Transaction, guild: int, weights: Weights) -> tuple[RoleId, ...]:
    """Likewise; returns the roles of a member who weighs so much."""
    weighed = {Key(Scope.GUILD, guild, "weight"): weights.tenant}
    weighed[Key(Scope.ROLE, weights.member, "weight")] = weights.member
    for key, weight in weighed.items():
        set_policy(tx, key, weight, by="operator", now_us=START_US)
    return (RoleId(weights.member),)


def for_nothing(_request: ImageRequest, _prices: Prices) -> int:
    """A price."""
    return 0


class Rows:
    """One connection; each call is a transaction of its own."""

    def __init__(self, tx: sqlite3.Connection) -> None:
        self.tx = tx
        self._limits = Limits()
        self._interactions = itertools.count(1)

    def run(
        self,
        function: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        self.tx.execute("BEGIN IMMEDIATE")
        try:
            result = function(self.tx, *args, **kwargs)
        except BaseException:
            self.tx.execute("ROLLBACK")
            raise
        self.tx.execute("COMMIT")
        return result

    def configure(self, *, per_second: float, limits: Limits, now_us: int = START_US) -> None:
        self._hold(limits)
        allowance = controls.Allowance(account=ACCOUNT, requests_per_second=per_second)
        self.run(controls.configure, [allowance], now_us=now_us)

    def submit(
        self,
        guild: int,
        user: int,
        *,
        now_us: int,
        size: Size = SQUARE,
        limits: Limits = NO_LIMITS,
        weights: Weights | None = None,
        rewrite: bool = False,
    ) -> Submitted:
        self._hold(limits)
        role_ids = self.run(set_weights, guild, weights) if weights else ()
        return self.run(
            queue.submit,
            ImageRequest(prompt="a cat", size=size, seed=7, rewrite=rewrite),
            Origin(
                interaction_id=InteractionId(next(self._interactions)),
                guild_id=GuildId(guild),
                channel_id=ChannelId(guild),
                user_id=UserId(user),
                upload_limit_bytes=20_000_000,
            ),
            price=price,
            now_us=now_us,
            role_ids=role_ids,
        )

    def _hold(self, limits: Limits) -> None:
        if limits != self._limits:
            self.run(set_limits, limits)
            self._limits = limits

    def place(self, job_id: JobId, *, now_us: int) -> Place:
        """As a member is told right after the submit."""
        return views.place(self.tx, job_id, now_us=now_us)

    def forget(self, job_id: JobId) -> None:
        """Deletes a finished job, so that a long simulation keeps the size of a short one."""
        for table in ("ledger", "picture", "outbox"):
            self.tx.execute(f"DELETE FROM {table} WHERE job_id = ?", (job_id,))
        self.tx.execute("DELETE FROM message WHERE request_id = ?", (job_id,))
        self.tx.execute("DELETE FROM job WHERE id = ?", (job_id,))
        self.tx.execute("DELETE FROM request WHERE id = ?", (job_id,))


@contextmanager
def open_rows() -> Iterator[Rows]:
    with tempfile.TemporaryDirectory(prefix="zeuxis-bench-") as folder:
        path = Path(folder) / "queue.db"
        make_private_file(path)
        tx = connect(path)
        tx.execute("PRAGMA synchronous = OFF")
        migrate(tx)
        try:
            yield Rows(tx)
        finally:
            tx.close()


def an_outcome(size: Size, *, duration_us: int, arrived_at_us: int | None = None) -> Outcome:
    return Outcome(
        url="https://example.aliyuncs.com/a.png",
        shown_prompt="a cat",
        size=size,
        provider_request_id="r",
        duration_us=duration_us,
        arrived_at_us=arrived_at_us,
    )
