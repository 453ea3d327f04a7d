"""The counters that one transaction touches: read once, changed by the rules, written back once.

First the queue's own row, which all accounts share: the virtual clock over all tenants, what is
ready, how often is submitted. A verb that starts or ends calls loads their accounts as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from bot.queue import fairness
from bot.queue.account import assignments, load_account, save_account
from bot.queue.fairness import Charge, MemberQueue, TenantQueue, VirtualClock, cost_of
from bot.queue.wait import ALL_MEMORY_S, Arrivals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.db import Transaction
    from bot.queue.account import Account
    from bot.queue.fairness import Weights
    from bot.queue.records import Job, TenantId, UserId


_QUEUE = (
    "last_job_id, clock_tag, clock_turn, ready, running_per_person, arrivals_upm, arrived_at_us,"
    " bursts_upm, burst_at_us, counting_since_us"
)
_ARRIVALS = "arrivals_upm, arrived_at_us"
_TENANT = (
    "weight, tag, turn, clock, waiting, ready, ready_cost, ready_members, open_members, running,"
    " running_cap, is_paused"
)
_MEMBER = "weight, tag, turn, waiting, ready, ready_cost, running, is_blocked"
TENANT, MEMBER = f"{_ARRIVALS}, {_TENANT}", f"{_ARRIVALS}, {_MEMBER}"
_LOAD_TENANT = f"SELECT {TENANT} FROM tenant WHERE id = ?"
_LOAD_MEMBER = f"SELECT {MEMBER} FROM member WHERE tenant_id = ? AND user_id = ?"


@dataclass(slots=True)
class WholeQueue:
    """What is counted over all tenants and accounts."""

    last_job_id: int  # the highest that was given
    clock: VirtualClock
    ready: int  # jobs queued and due
    running_per_person: int
    arrivals: Arrivals  # submits of all
    bursts: Arrivals  # of these, by members who had nothing waiting
    counting_since_us: int

    def count_arrival(self, *, is_burst: bool, now_us: int) -> None:
        """One more submit.

        Args:
            is_burst: its member had nothing waiting.
        """
        self.counting_since_us = self.counting_since_us or now_us
        self.arrivals = self.arrivals.with_one_more(now_us, ALL_MEMORY_S)
        if is_burst:
            self.bursts = self.bursts.with_one_more(now_us, ALL_MEMORY_S)


def load_queue(tx: Transaction) -> WholeQueue:
    row = tx.execute(f"SELECT {_QUEUE} FROM queue").fetchone()
    last_job_id, tag, turn, ready, per_person, *arrivals, counting_since_us = row
    return WholeQueue(
        last_job_id=last_job_id,
        clock=VirtualClock(tag, turn),
        ready=ready,
        running_per_person=per_person,
        arrivals=Arrivals(*arrivals[:2]),
        bursts=Arrivals(*arrivals[2:]),
        counting_since_us=counting_since_us,
    )


def save_queue(tx: Transaction, queue: WholeQueue) -> None:
    tx.execute(
        f"UPDATE queue SET {assignments(_QUEUE)}",
        (
            queue.last_job_id,
            queue.clock.tag,
            queue.clock.turn,
            queue.ready,
            queue.running_per_person,
            queue.arrivals.per_minute_micro,
            queue.arrivals.at_us,
            queue.bursts.per_minute_micro,
            queue.bursts.at_us,
            queue.counting_since_us,
        ),
    )


class Counters:
    """Opened at the start of a change, saved at its end. An exception between leaves no trace."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.queue = load_queue(tx)
        self._accounts: dict[str, Account] = {}
        self._tenants: dict[TenantId, TenantQueue] = {}
        self._members: dict[tuple[TenantId, UserId], MemberQueue] = {}
        self._tenant_arrivals: dict[TenantId, Arrivals] = {}
        self._member_arrivals: dict[tuple[TenantId, UserId], Arrivals] = {}
        self._people: dict[UserId, int] = {}
        self._moved: set[UserId] = set()  # people whose number of running jobs has changed

    def account(self, name: str) -> Account:
        """One whose calls are counted here."""
        account = self._accounts.get(name)
        if account is None:
            account = self._accounts[name] = load_account(self._tx, name)
        return account

    def tenant(self, tenant_id: TenantId) -> TenantQueue:
        """As stored, or a new one."""
        tenant = self._tenants.get(tenant_id)
        if tenant is None:
            row = self._tx.execute(_LOAD_TENANT, (tenant_id,)).fetchone()
            tenant = self.knows_tenant(tenant_id, row or ())
        return tenant

    def member(self, tenant_id: TenantId, user_id: UserId) -> MemberQueue:
        """As stored, or a new one."""
        key = tenant_id, user_id
        member = self._members.get(key)
        if member is None:
            row = self._tx.execute(_LOAD_MEMBER, key).fetchone()
            member = self.knows_member(tenant_id, user_id, row or ())
        return member

    def tenant_arrivals(self, tenant_id: TenantId) -> Arrivals:
        """How often its members submit."""
        self.tenant(tenant_id)
        return self._tenant_arrivals[tenant_id]

    def member_arrivals(self, tenant_id: TenantId, user_id: UserId) -> Arrivals:
        """How often the member submits there."""
        self.member(tenant_id, user_id)
        return self._member_arrivals[tenant_id, user_id]

    def knows_tenant(self, tenant_id: TenantId, row: Sequence[Any]) -> TenantQueue:
        """A row that was selected as `TENANT` need not be read again."""
        self._tenant_arrivals[tenant_id] = Arrivals(*row[:2])
        tenant = self._tenants[tenant_id] = TenantQueue(*row[2:])
        return tenant

    def knows_member(self, tenant_id: TenantId, user_id: UserId, row: Sequence[Any]) -> MemberQueue:
        """Likewise, selected as `MEMBER`."""
        self._member_arrivals[tenant_id, user_id] = Arrivals(*row[:2])
        member = self._members[tenant_id, user_id] = MemberQueue(*row[2:])
        return member

    def running_of(self, user_id: UserId) -> int:
        """Over all tenants."""
        running = self._people.get(user_id)
        if running is None:
            row = self._tx.execute(
                "SELECT running FROM person WHERE user_id = ?", (user_id,)
            ).fetchone()
            running = self._people[user_id] = row[0] if row else 0
        return running

    def weigh(
        self, tenant_id: TenantId, user_id: UserId, weights: Weights, running_cap: int
    ) -> None:
        """The shares and the cap that hold from now on."""
        tenant = self.tenant(tenant_id)
        tenant.weight = weights.tenant
        self.member(tenant_id, user_id).weight = weights.member
        if tenant.running_cap != running_cap:
            fairness.set_running_cap(self.queue.clock, tenant, running_cap)

    def enter(self, job: Job, weights: Weights, running_cap: int, *, now_us: int) -> None:
        """A job is submitted."""
        tenant_id, user_id = job.origin.tenant_id, job.origin.user_id
        self.weigh(tenant_id, user_id, weights, running_cap)
        # Asked before the job is counted, or nobody would ever have had nothing waiting.
        is_burst = self.member(tenant_id, user_id).waiting == 0
        self.queue.count_arrival(is_burst=is_burst, now_us=now_us)
        mean = self.member_arrivals(tenant_id, user_id).with_one_more(now_us)
        self._member_arrivals[tenant_id, user_id] = mean
        self._tenant_arrivals[tenant_id] = self.tenant_arrivals(tenant_id).with_one_more(now_us)
        self.add_waiting(tenant_id, user_id, +1)
        self.add_ready(tenant_id, user_id, cost_of(job.request))

    def add_ready(self, tenant_id: TenantId, user_id: UserId, cost: int) -> None:
        """A job that waits has become due."""
        member = self.member(tenant_id, user_id)
        # The flag is kept up only where the person has something ready; elsewhere it is as old as
        # the last time, so whoever becomes ready looks anew.
        if member.ready == 0:
            member.is_blocked = self.running_of(user_id) >= self.queue.running_per_person
        fairness.add_ready(self.queue.clock, self.tenant(tenant_id), member, cost)
        self.queue.ready += 1

    def leave(self, tenant_id: TenantId, user_id: UserId, cost: int, *, is_due: bool) -> None:
        """A job that waits is withdrawn."""
        if is_due:
            member = self.member(tenant_id, user_id)
            fairness.remove_ready(self.queue.clock, self.tenant(tenant_id), member, cost)
            self.queue.ready -= 1
        self.add_waiting(tenant_id, user_id, -1)

    def let_others_first(self, tenant_id: TenantId, user_id: UserId, highest_tag: int) -> None:
        """Steps back behind whoever waits at this tag."""
        fairness.let_others_first(self.queue.clock, self.member(tenant_id, user_id), highest_tag)

    def add_waiting(self, tenant_id: TenantId, user_id: UserId, count: int) -> None:
        self.tenant(tenant_id).waiting += count
        self.member(tenant_id, user_id).waiting += count

    def dispatch(self, account: Account, tenant_id: TenantId, user_id: UserId, cost: int) -> Charge:
        """A job that was due starts to run, as a call of this account."""
        charge = fairness.dispatch(
            self.queue.clock,
            self.tenant(tenant_id),
            self.member(tenant_id, user_id),
            cost,
            is_last=self.queue.ready == 1,
        )
        self.queue.ready -= 1
        account.running += 1
        # Once, when the cap is reached, in all their tenants; who borrows beyond it is blocked
        # already.
        running = self._move(user_id, +1)
        if running == self.queue.running_per_person:
            self._block(user_id, is_blocked=True)
        return charge

    def free_slot(self, account: Account, tenant_id: TenantId, user_id: UserId) -> None:
        """A job runs no more."""
        tenant, member = self.tenant(tenant_id), self.member(tenant_id, user_id)
        fairness.free_slot(self.queue.clock, tenant, member)
        account.running -= 1
        running = self._move(user_id, -1)
        if running == self.queue.running_per_person - 1:
            self._block(user_id, is_blocked=False)

    def hand_over(
        self, tenant_id: TenantId, user_id: UserId, to_tenant_id: TenantId, to_user_id: UserId
    ) -> None:
        """A job that runs counts as another's from now on, who has nothing that waits."""
        self.member(tenant_id, user_id).running -= 1
        self.member(to_tenant_id, to_user_id).running += 1
        self.tenant(tenant_id).running -= 1
        self.tenant(to_tenant_id).running += 1
        self._move(user_id, -1)
        self._move(to_user_id, +1)

    def correct(
        self, tenant_id: TenantId, user_id: UserId, charge: Charge, actual_cost: int
    ) -> None:
        fairness.correct(
            self.tenant(tenant_id), self.member(tenant_id, user_id), charge, actual_cost
        )

    def block_everybody_anew(self) -> None:
        """After the cap for one person has changed."""
        for (user_id,) in self._tx.execute(
            "SELECT DISTINCT user_id FROM member WHERE ready > 0"
        ).fetchall():
            is_blocked = self.running_of(user_id) >= self.queue.running_per_person
            self._block(user_id, is_blocked=is_blocked)

    def _move(self, user_id: UserId, by: int) -> int:
        running = self._people[user_id] = self.running_of(user_id) + by
        self._moved.add(user_id)
        return running

    def _block(self, user_id: UserId, *, is_blocked: bool) -> None:
        for tenant_id in self._tenants_of(user_id):
            member = self.member(tenant_id, user_id)
            if member.ready > 0 and bool(member.is_blocked) != is_blocked:
                fairness.set_blocked(
                    self.queue.clock, self.tenant(tenant_id), member, is_blocked=is_blocked
                )

    def _tenants_of(self, user_id: UserId) -> list[TenantId]:
        """Where the person has jobs that are due: as stored, and as changed here."""
        stored = self._tx.execute(
            "SELECT tenant_id FROM member WHERE user_id = ? AND ready > 0", (user_id,)
        )
        here = {tenant_id for tenant_id, member_id in self._members if member_id == user_id}
        return sorted({row[0] for row in stored} | here)

    def save(self) -> None:
        # In the order of the tables that every verb keeps to (bot/db/__init__.py).
        save_queue(self._tx, self.queue)
        for account in self._accounts.values():
            save_account(self._tx, account)
        self._tx.executemany(_SAVE_TENANT, self._tenant_rows())
        self._tx.executemany(_SAVE_MEMBER, self._member_rows())
        for user_id in self._moved:
            _save_person(self._tx, user_id, self._people[user_id])

    def _tenant_rows(self) -> Iterator[tuple[int, ...]]:
        for tenant_id, tenant in self._tenants.items():
            arrivals = self._tenant_arrivals[tenant_id]
            values = _tenant_values(tenant)
            yield arrivals.per_minute_micro, arrivals.at_us, *values, tenant_id

    def _member_rows(self) -> Iterator[tuple[int, ...]]:
        for key, member in self._members.items():
            arrivals = self._member_arrivals[key]
            yield arrivals.per_minute_micro, arrivals.at_us, *_member_values(member), *key


_tenant_values = attrgetter(*_TENANT.split(", "))
_member_values = attrgetter(*_MEMBER.split(", "))


def _save(table: str, columns: str, key: str) -> str:
    names = columns.split(", ")
    marks = ", ".join("?" for _ in (*names, *key.split(",")))
    news = ", ".join(f"{name} = excluded.{name}" for name in names)
    return (
        f"INSERT INTO {table} ({columns}, {key}) VALUES ({marks})"
        f" ON CONFLICT ({key}) DO UPDATE SET {news}"
    )


_SAVE_TENANT = _save("tenant", TENANT, "id")
_SAVE_MEMBER = _save("member", MEMBER, "tenant_id, user_id")


def _save_person(tx: Transaction, user_id: UserId, running: int) -> None:
    if running == 0:
        tx.execute("DELETE FROM person WHERE user_id = ?", (user_id,))
        return
    tx.execute(
        "INSERT INTO person (user_id, running) VALUES (?, ?)"
        " ON CONFLICT (user_id) DO UPDATE SET running = excluded.running",
        (user_id, running),
    )


# ------------------------------------------------------------------------------------------------
# Numbers of jobs, and of what else is named like one: buttons that hang in channels for years name
# them, so none is given twice.
#
# Not over databases either: when one is lost, or an older copy takes its place, the buttons of all
# pictures since still name theirs. So the numbers of a process begin at the time, in hundredths of
# a second; an earlier database would have had to give a hundred numbers in every second of its
# life to have come that far. A clock that was set back in between voids that; what a button may do
# is therefore bound to its tenant, place and message as well (`authority`).


FIRST_DAY_US = 1_767_225_600_000_000  # 2026-01-01, to keep them short: ten digits until 2057
TICK_US = 10_000


def begin_at_the_time(tx: Transaction, *, now_us: int) -> None:
    """The next job's number is above all that another database can have given; never lower."""
    last = max(0, (now_us - FIRST_DAY_US) // TICK_US)
    tx.execute("UPDATE queue SET last_job_id = ? WHERE last_job_id < ?", (last, last))


def next_number(tx: Transaction) -> int:
    """The next one, of a draft, a refusal or a case; jobs get theirs where they are queued."""
    (number,) = tx.execute(
        "UPDATE queue SET last_job_id = last_job_id + 1 RETURNING last_job_id"
    ).fetchone()
    return int(number)
