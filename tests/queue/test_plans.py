"""What is asked again and again reads what is open, not all that ever was."""

from __future__ import annotations

import re
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from bot import queue
from bot.features.usage.records import UsageOf, UsageSubject
from bot.features.usage.rows import usage_rows
from bot.features.usage.service import report_of
from bot.policy.quotas import Span
from bot.policy.rows import Asking, load_policy, set_policy
from bot.policy.rules import UTC, Key, Scope
from bot.queue import controls, ledger, postings, quota_use, views
from bot.queue.records import ChannelId, GuildId, MessageId, TenantId, UserId
from tests.queue.world import LEASE_S, a_price, a_request, an_origin, an_outcome, open_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.queue.world import World

A_LIMIT = Key(Scope.OPERATOR, 0, "account_pictures_per_month")
# Tables to which a bot adds for years.
GROWING = re.compile(r"SCAN (request|job|picture|message|ledger)(?! USING (COVERING )?INDEX)")


def statements(world: World, act: Callable[[], object]) -> list[str]:
    """As SQLite executed them, with their values."""
    found: list[str] = []
    world.tx.set_trace_callback(found.append)
    try:
        act()
    finally:
        world.tx.set_trace_callback(None)
    return [sql for sql in found if sql.startswith(("SELECT", "UPDATE", "INSERT", "DELETE"))]


def a_life(world: World) -> None:
    """Of two jobs, with all that looks at them meanwhile, and of one that is cancelled."""
    tenant, user = TenantId(1), UserId(1)
    for _ in range(3):
        world.submit()
    job = world.sent()
    world.run(queue.put_first, world.submit().job.id)
    views.open_jobs(world.tx, now_us=world.now_us)
    views.queue_view(world.tx, tenant, user, now_us=world.now_us)
    views.explain(world.tx, job.id, now_us=world.now_us)
    controls.overview(world.tx, most_tenants=9)
    world.run(queue.keep_leases, world.token, now_us=world.now_us, lease_s=LEASE_S)
    world.run(
        queue.complete,
        job.id,
        world.token,
        an_outcome(),
        price=a_price,
        now_us=world.now_us,
    )
    world.run(queue.cancel, world.submit().job.id, now_us=world.now_us)
    postings.deliverable(world.tx, now_us=world.now_us, limit=9, besides=[job.request_id])
    postings.still_due(world.tx, job.id, now_us=world.now_us)
    world.run(postings.mark_delivered, job.id, now_us=world.now_us)
    world.run(postings.wipe_dead_secrets, now_us=world.now_us)
    world.run(set_policy, A_LIMIT, 9, by="x", now_us=1)
    world.submit()
    world.run(queue.close_channel, ChannelId(10), now_us=world.now_us)
    world.run(queue.close_guild, GuildId(1), now_us=world.now_us)
    ledger.usage_view(world.tx, tenant, user, now_us=world.now_us)
    ledger.last_drawn_at_us(world.tx, tenant, user, now_us=world.now_us)
    ledger.guild_rows(world.tx, now_us=world.now_us)
    world.run(quota_use.forget_ended, before_us=world.now_us)
    for of in (UsageOf(guild_id=1), UsageOf(guild_id=1, user_id=1)):  # all guilds: the operator
        report_of(world.tx, of, UsageSubject.SERVER, UTC, now_us=world.now_us)
        usage_rows(world.tx, of, Span(0, world.now_us), limit=9)
    world.run(ledger.fold, before_us=world.now_us + 1)
    quota_use.differences(world.tx)


def test_no_look_walks_through_all_there_were(world: World, tmp_path: Path) -> None:
    """On an empty database, as a plan is made without statistics: so it is on a large one."""
    asked = statements(world, lambda: a_life(world))
    with closing(open_file(tmp_path / "empty.db")) as empty:
        walks = {
            (sql.split(" WHERE ")[-1][:90], line)
            for sql in asked
            for *_, line in empty.execute(f"EXPLAIN QUERY PLAN {sql}")
            if GROWING.match(line)
        }
    assert len(asked) > 60
    assert walks == set()


def test_a_policy_is_found_by_one_statement(world: World) -> None:
    """By its key, with as many roles as Discord gives a member."""
    asking = Asking(1, 2, 3, role_ids=range(4, 254))
    (asked,) = statements(world, lambda: load_policy(world.tx, asking))
    plan = [line for *_, line in world.tx.execute(f"EXPLAIN QUERY PLAN {asked}")]
    assert not [line for line in plan if line.startswith("SCAN")]


def test_what_each_request_waits_for_reads_nothing_twice(world: World) -> None:
    """While one is written, all others wait."""
    submit = partial(queue.submit, price=a_price, now_us=world.now_us)
    job = world.submit().job
    answered = job.id, job.origin.channel_id, MessageId(7)
    for act in (
        lambda: world.run(submit, a_request(), an_origin()),
        lambda: world.run(postings.record_answer, *answered),
    ):
        reads = [sql for sql in statements(world, act) if sql.startswith("SELECT")]
        assert sorted(reads) == sorted(set(reads))
