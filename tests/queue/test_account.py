"""The account that all share: settings that come into force, and what an operator sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import queue
from bot.providers.image import Size
from bot.queue import controls
from bot.queue.account import load_account, save_pace
from bot.queue.breaker import CLOSED
from bot.queue.counters import Counters
from bot.queue.pace import Pace
from bot.queue.records import TenantId, UserId
from bot.refusals import Outage
from tests.queue.world import ACCOUNT, START_US, a_price, a_request, an_outcome

if TYPE_CHECKING:
    from tests.queue.world import World


def configure(world: World, *, per_second: float, **limits: float) -> None:
    world.limit(**limits)
    world.configure(per_second)


def test_a_new_file_starts_as_the_domain_does(world: World) -> None:
    """The defaults of the table and of the records are the same."""
    state = load_account(world.tx, ACCOUNT)
    assert state.pace == Pace()
    assert state.breaker == CLOSED


def test_settings_come_into_force_at_the_start(world: World) -> None:
    """Rate and number of calls at once."""
    configure(world, per_second=3.5, running=7)
    (state,) = controls.overview(world.tx, most_tenants=9).accounts
    assert (state.pace.ceiling_mps, state.pace.rate_mps, state.max_running) == (3500, 3500, 7)


def test_what_was_learned_survives_a_restart(world: World) -> None:
    """The same settings again change nothing."""
    learned = Pace(rate_mps=1200, proved_mps=1200, held_mps=1200, refused_mps=1230, guard_us=9)
    world.run(save_pace, ACCOUNT, learned)
    configure(world, per_second=2)
    assert load_account(world.tx, ACCOUNT).pace == learned


def test_a_lower_cap_for_a_person_blocks_at_once(world: World) -> None:
    """And a higher one unblocks: the flags are counted anew."""
    for _ in range(3):
        world.submit(guild=1, user=1)
        world.submit(guild=2, user=2)
    world.sent()
    world.sent()
    configure(world, per_second=2, running_per_person=1)
    assert world.differences() == []
    configure(world, per_second=2, running_per_person=5)
    assert world.differences() == []


def test_the_guard_is_learned_from_arrival_times(world: World) -> None:
    """Twenty answers that say when the request arrived."""
    for _ in range(20):
        world.submit()
        job = world.sent()
        outcome = an_outcome(arrived_at_us=world.now_us + 40_000)
        world.run(queue.complete, job.id, "worker", outcome, price=a_price, now_us=world.now_us)
        world.pass_time(2)
    pace = load_account(world.tx, ACCOUNT).pace
    assert pace.transits == 20
    assert pace.guard_us < 2_000


def test_a_paused_guild_waits_and_loses_nothing(world: World) -> None:
    """Its jobs stay where they are; others go on."""
    world.submit(guild=1)
    world.submit(guild=2)
    world.run(controls.pause_tenant, 1, is_paused=True)
    assert world.drawn().origin.guild_id == 2
    assert world.claim() == queue.Nothing()
    world.run(controls.pause_tenant, 1, is_paused=False)
    assert world.drawn().origin.guild_id == 1


def test_the_operator_sees_counts_pace_and_breaker(world: World) -> None:
    """One look says how the account stands."""
    for guild in (1, 2, 3):
        world.submit(guild=guild)
    world.drawn()
    job = world.sent()
    world.run(
        queue.retry,
        job.id,
        "worker",
        not_before_us=world.now_us + 10**9,
        throttled=False,
        now_us=world.now_us,
    )
    job = world.sent()
    world.fail(job, Outage.KEY)
    seen = controls.overview(world.tx, most_tenants=9)
    (state,) = seen.accounts
    assert (seen.ready, seen.delayed, state.running, seen.undelivered) == (0, 2, 0, 1)
    assert seen.tenants_waiting == 0
    assert state.breaker.outage is Outage.KEY
    assert state.breaker.since_us is not None
    assert state.breaker.since_us >= START_US


def test_only_guilds_that_may_be_served_count_as_waiting(world: World) -> None:
    """Not the paused one, nor one whose jobs all run."""
    for guild in (1, 2, 3, 4):
        world.submit(guild=guild)
    assert world.sent().origin.guild_id == 1
    world.run(controls.pause_tenant, 3, is_paused=True)
    assert controls.overview(world.tx, most_tenants=9).tenants_waiting == 2


def test_a_lead_is_told_in_ordinary_pictures(world: World) -> None:
    """One of four times the pixels puts a guild four ahead of one that had none."""
    for guild, size in ((1, Size(2048, 2048)), (2, Size(1024, 1024))):
        for _ in range(2):
            world.submit(guild=guild, request=a_request(size=size))
    world.sent()
    leads = {row.tenant_id: row.lead for row in controls.overview(world.tx, most_tenants=9).tenants}
    assert leads == {1: 4.0, 2: 0.0}


def test_submits_are_counted_from_the_first_and_for_guild_and_member_alike(world: World) -> None:
    """What the expected wait is foretold from."""
    first_us = world.now_us
    for user in (1, 1, 2):
        world.submit(user=user)
        world.pass_time(1)
    counters = Counters(world.tx)
    per_s = [
        each.per_s(world.now_us)
        for each in (
            counters.member_arrivals(TenantId(1), UserId(1)),
            counters.member_arrivals(TenantId(1), UserId(2)),
            counters.tenant_arrivals(TenantId(1)),
        )
    ]
    assert per_s[0] + per_s[1] == pytest.approx(per_s[2])
    assert per_s[0] == pytest.approx(2 * per_s[1], rel=0.02)
    assert counters.queue.counting_since_us == first_us
