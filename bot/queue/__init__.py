"""The verbs that change a job's state, on its way from submit to its end.

    submit · claim · mark_sent · note_departure · complete · retry · fail · mark_uncertain
    keep_leases · release_lease · release_all_leases · cancel · cancel_request · withdraw
    put_first · let_others_first · close_channel · close_guild · forget_member · forget_guild

Each is a plain function of an open transaction, under the latch that its first statement took: it
first writes the account, then tenants, then members, then jobs (`bot/db/__init__.py`, tested
in tests/queue/test_lock_order.py). Whoever ends an attempt names the lease token under which the
job runs; a worker whose lease has passed on gets LeaseLost and drops its result. Run them with
`Database.write`. What delivery changes stands in `postings`.
"""

from __future__ import annotations

from bot.queue.cancel import (
    cancel,
    cancel_request,
    close_channel,
    close_guild,
    let_others_first,
    put_first,
    withdraw,
)
from bot.queue.claim import Claim, Claimed, Nothing, NotYet, claim, mark_sent, note_departure
from bot.queue.finish import complete, fail, mark_uncertain, retry
from bot.queue.forget import forget_guild, forget_member
from bot.queue.recovery import keep_leases, release_all_leases, release_lease
from bot.queue.submit import Submitted, submit

__all__ = [
    "Claim",
    "Claimed",
    "NotYet",
    "Nothing",
    "Submitted",
    "cancel",
    "cancel_request",
    "claim",
    "close_channel",
    "close_guild",
    "complete",
    "fail",
    "forget_guild",
    "forget_member",
    "keep_leases",
    "let_others_first",
    "mark_sent",
    "mark_uncertain",
    "note_departure",
    "put_first",
    "release_all_leases",
    "release_lease",
    "retry",
    "submit",
    "withdraw",
]
