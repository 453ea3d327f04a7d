"""The account as a caller sees it: claim, mark, answer. Once on real rows, once in memory.

Both run the same rules (`bot.queue.pace`, `bot.queue.rate_search`). The rows are the bot's own
transactions; memory is for simulated days. A figure shows that their calls leave at the same
instants.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from benchmarks.simulator.rows import ACCOUNT, Rows, an_outcome, for_nothing
from bot import queue
from bot.queue import Claimed, NotYet, rate_search
from bot.queue.account import load_account
from bot.queue.pace import LEAD_US, Pace, earliest_us, longest_log, seen_blindly, seen_in_transit

if TYPE_CHECKING:
    from bot.queue.records import JobId

SECOND_US = 1_000_000
LEASE_S = 3600.0


@dataclass(frozen=True, slots=True)
class Ticket:
    """A claim: make this call, not before the instant."""

    id: int
    leave_at_us: int


class Account(Protocol):
    """Real rows and memory."""

    def claim(self, now_us: int) -> Ticket | int | None:
        """A ticket, or when to ask again; None: when something changes."""
        ...

    def mark(self, ticket: Ticket, now_us: int) -> None: ...

    def left(self, ticket: Ticket, left_at_us: int) -> None: ...

    def drawn(self, ticket: Ticket, *, arrived_at_us: int | None, now_us: int) -> None: ...

    def refused(self, ticket: Ticket, *, retry_after_s: float, now_us: int) -> None: ...

    def rate_mps(self) -> int: ...


class RowsAccount:
    """The bot's transactions; one guild that always has work waiting."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def claim(self, now_us: int) -> Ticket | int | None:
        while self._rows.tx.execute("SELECT ready FROM queue").fetchone()[0] < 2:
            self._rows.submit(1, 1, now_us=now_us)
        claim = self._rows.run(
            queue.claim, ACCOUNT, now_us=now_us, lease_token="sim", lease_s=LEASE_S
        )
        if isinstance(claim, Claimed):
            return Ticket(claim.job.id, claim.job.not_before_us or now_us)
        return claim.at_us if isinstance(claim, NotYet) else None

    def mark(self, ticket: Ticket, now_us: int) -> None:
        self._rows.run(queue.mark_sent, self._id(ticket), "sim", now_us=now_us)

    def left(self, ticket: Ticket, left_at_us: int) -> None:
        self._rows.run(queue.note_departure, self._id(ticket), left_at_us=left_at_us)

    def drawn(self, ticket: Ticket, *, arrived_at_us: int | None, now_us: int) -> None:
        from benchmarks.simulator.rows import SQUARE

        outcome = an_outcome(SQUARE, duration_us=SECOND_US, arrived_at_us=arrived_at_us)
        self._rows.run(
            queue.complete, self._id(ticket), "sim", outcome, price=for_nothing, now_us=now_us
        )
        self._rows.forget(self._id(ticket))

    def refused(self, ticket: Ticket, *, retry_after_s: float, now_us: int) -> None:
        self._rows.run(
            queue.retry,
            self._id(ticket),
            "sim",
            not_before_us=now_us + SECOND_US,
            throttled=True,
            retry_after_s=retry_after_s,
            now_us=now_us,
        )

    def rate_mps(self) -> int:
        return load_account(self._rows.tx, ACCOUNT).pace.rate_mps

    def _id(self, ticket: Ticket) -> JobId:
        from bot.queue.records import JobId

        return JobId(ticket.id)


class MemoryAccount:
    """The same rules on plain values."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._log: deque[list[int]] = deque(maxlen=longest_log(pace))  # [instant, ticket]
        self._unsent: dict[int, int] = {}
        self._sent_at_us: dict[int, int] = {}
        self._count = 0

    def claim(self, now_us: int) -> Ticket | int | None:
        self.pace = rate_search.advanced(self.pace, now_us)
        at_us = self._earliest(now_us, unsent=len(self._unsent))
        if at_us > now_us + LEAD_US:
            return at_us - LEAD_US
        self._count += 1
        leave_at_us = max(at_us, now_us)
        self._unsent[self._count] = leave_at_us
        return Ticket(self._count, leave_at_us)

    def mark(self, ticket: Ticket, now_us: int) -> None:
        now_us = max(now_us, self._unsent.pop(ticket.id))
        free_at_us = self._earliest(now_us, unsent=0)
        at_us = max(now_us, self._log[-1][0]) if self._log else now_us
        self._log.append([at_us, ticket.id])
        self._sent_at_us[ticket.id] = now_us
        self.pace = rate_search.after_send(self.pace, now_us=at_us, earliest_us=free_at_us)

    def left(self, ticket: Ticket, left_at_us: int) -> None:
        self._sent_at_us[ticket.id] = max(self._sent_at_us[ticket.id], left_at_us)
        for entry in reversed(self._log):
            entry[0] = max(entry[0], left_at_us)
            if entry[1] == ticket.id:
                break

    def drawn(self, ticket: Ticket, *, arrived_at_us: int | None, now_us: int) -> None:  # noqa: ARG002 - as rows
        sent_at_us = self._sent_at_us.pop(ticket.id)
        pace = rate_search.after_success(self.pace)
        if arrived_at_us is None:
            self.pace = seen_blindly(pace)
        else:
            self.pace = seen_in_transit(pace, arrived_at_us - sent_at_us)

    def refused(self, ticket: Ticket, *, retry_after_s: float, now_us: int) -> None:
        self.pace = rate_search.after_refusal(
            self.pace,
            sent_at_us=self._sent_at_us.pop(ticket.id),
            now_us=now_us,
            retry_after_us=round(retry_after_s * SECOND_US),
        )

    def rate_mps(self) -> int:
        return self.pace.rate_mps

    def _earliest(self, now_us: int, *, unsent: int) -> int:
        log = self._log
        return earliest_us(
            self.pace,
            unsent=unsent,
            now_us=now_us,
            sent_before=lambda rank: log[-rank][0] if rank <= len(log) else None,
        )
