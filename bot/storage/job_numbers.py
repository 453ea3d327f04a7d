"""Numbers of jobs: buttons that hang in channels for years name them, so none is given twice.

Not over databases either: when one is lost, or an older copy takes its place, the buttons of all
pictures since still name theirs. So the numbers of a process begin at the time, in hundredths of a
second; an earlier database would have had to give a hundred numbers in every second of its life to
have come that far. A clock that was set back in between voids that; what a button may do is
therefore bound to its guild, place and message as well (`bot/domain/authority.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.storage.transaction import Transaction

FIRST_DAY_US = 1_767_225_600_000_000  # 2026-01-01, to keep them short: ten digits until 2057
TICK_US = 10_000


def begin_at_the_time(tx: Transaction, *, now_us: int) -> None:
    """The next job's number is above all that another database can have given; never lower."""
    last = max(0, (now_us - FIRST_DAY_US) // TICK_US)
    tx.execute("UPDATE gate SET last_job_id = ? WHERE last_job_id < ?", (last, last))
