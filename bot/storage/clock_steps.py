"""What is stored follows the system's clock when somebody sets it.

While we run, a step is known: everything that a later instant is compared with moves along, so that
a pause goes on for as long as it would have, and the log of departures shows the same gaps. What
happened between two processes is not known; but an instant that we wrote cannot lie in the future,
and nothing is put off for longer than an hour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.storage.transaction import Transaction

LONGEST_WAIT_US = 3600 * 1_000_000
_OPEN = "state IN ('queued', 'running') OR deliver_at_us IS NOT NULL OR url > ''"
# When something happened, by table.
_HAPPENED = {
    "gate": (
        *("arrived_at_us", "burst_at_us", "counting_since_us", "outage_since_us"),
        *("changed_at_us", "struck_at_us"),
    ),
    "sent": ("at_us",),
    "guild": ("arrived_at_us",),
    "member": ("arrived_at_us",),
    "job": ("created_at_us", "started_at_us", "sent_at_us", "finished_at_us"),
}
# From when on something is to be done.
_PLANNED = {
    "gate": ("outage_probe_at_us", "probe_at_us", "paused_until_us"),
    "job": ("not_before_us", "lease_until_us", "deliver_at_us"),
}


def shift_instants(tx: Transaction, *, by_us: int) -> None:
    """The clock is about to be moved by so much, forward or back."""
    for columns_of in (_HAPPENED, _PLANNED):
        for table, columns in columns_of.items():
            for column in columns:
                where = f"{column} > 0" + (f" AND ({_OPEN})" if table == "job" else "")
                tx.execute(f"UPDATE {table} SET {column} = {column} + ? WHERE {where}", (by_us,))
    # Transit times are arrivals by the provider's clock minus departures by ours.
    for column in ("transit_low_us", "transit_high_us", "earlier_low_us", "earlier_high_us"):
        tx.execute(f"UPDATE gate SET {column} = {column} - ?", (by_us,))


def drop_future_instants(tx: Transaction, *, now_us: int) -> int:
    """Puts what lies in the future at this moment; returns how many instants those were."""
    return _clamp(tx, _HAPPENED, now_us, later_than_us=now_us) + _clamp(
        tx, _PLANNED, now_us, later_than_us=now_us + LONGEST_WAIT_US
    )


def _clamp(
    tx: Transaction,
    columns_of: Mapping[str, tuple[str, ...]],
    now_us: int,
    *,
    later_than_us: int,
) -> int:
    dropped = 0
    for table, columns in columns_of.items():
        for column in columns:
            where = f"{column} > ?" + (f" AND ({_OPEN})" if table == "job" else "")
            dropped += tx.execute(
                f"UPDATE {table} SET {column} = ? WHERE {where}", (now_us, later_than_us)
            ).rowcount
    return dropped
