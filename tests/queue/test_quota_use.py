"""What is used: reserved at submit, corrected by each end, counted where and when it was asked."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot import queue
from bot.policy.rows import load_policy, set_policy
from bot.policy.rules import OPERATORS_OWN, Key, Scope, quota_name
from bot.queue import quota_use
from bot.queue.records import InteractionId, JobState
from bot.queue.submit import asking_of
from bot.records import replace
from bot.refusals import CoolingDown, Level, Period, QuotaUsedUp, SwitchedOff, Unit
from tests.queue.world import LOST, REFUSED, a_price, a_request, an_origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.queue.records import Failure, Job, Origin
    from tests.queue.world import World

HOUR_US = 3_600_000_000
GUILD, ADA, BEN = 1, 11, 12
PRICE_MICROS = 15_000  # what a_price says


def limit(
    world: World,
    level: Level,
    amount: int,
    *,
    unit: Unit = Unit.PICTURES,
    period: Period = Period.DAY,
    scope: Scope = Scope.OPERATOR,
    scope_id: int = 0,
    tenant_id: int = OPERATORS_OWN,
) -> None:
    key = Key(scope, scope_id, quota_name(level, unit, period), tenant_id)
    world.run(set_policy, key, amount, by="ada", now_us=1)


def submit(world: World, user: int = ADA, guild: int = GUILD, origin: Origin | None = None) -> Job:
    submitted = world.run(
        queue.submit,
        a_request(),
        origin or an_origin(guild, user),
        price=a_price,
        now_us=world.now_us,
    )
    return submitted.job


def end(world: World, verb: Callable[..., Job], failure: Failure, **kwargs: JobState) -> None:
    job = world.sent()
    world.run(verb, job.id, job.lease_token, failure, now_us=world.now_us, **kwargs)


def used(world: World, job: Job) -> list[int]:
    """Of each limit that binds its member, in the order of the levels."""
    asking = asking_of(job.origin, ())
    policy = load_policy(world.tx, asking)
    states = quota_use.states_of(world.tx, policy, asking, now_us=world.now_us)
    return [one.used for one in states]


def ledger_sum(world: World) -> tuple[int, int]:
    row: tuple[int, int] = world.tx.execute(
        "SELECT sum(pictures), sum(reserved_micros + cost_micros) FROM ledger"
    ).fetchone()
    return row


def test_as_many_as_a_limit_says_are_queued_and_the_next_is_refused_for_nothing(
    world: World,
) -> None:
    limit(world, Level.MEMBER, 3)
    for _ in range(3):
        submit(world)
    with pytest.raises(QuotaUsedUp) as raised:
        submit(world)
    assert (raised.value.level, raised.value.left) == (Level.MEMBER, 0)
    assert world.tx.execute("SELECT count(*) FROM job").fetchone() == (3,)
    assert ledger_sum(world) == (3, 3 * PRICE_MICROS)
    submit(world, BEN)


@pytest.mark.parametrize(
    ("level", "shared_by"),
    [
        (Level.ACCOUNT, [(2, BEN), (GUILD, BEN), (2, ADA)]),
        (Level.GUILD, [(GUILD, BEN)]),
        (Level.PERSON, [(2, ADA)]),
        (Level.MEMBER, []),
    ],
)
def test_a_level_counts_whoever_shares_it_and_nobody_else(
    world: World, level: Level, shared_by: list[tuple[int, int]]
) -> None:
    limit(world, level, 1)
    submit(world, ADA, GUILD)
    for guild, user in [(2, BEN), (GUILD, BEN), (2, ADA)]:
        if (guild, user) in shared_by:
            with pytest.raises(QuotaUsedUp):
                submit(world, user, guild)
    if level is not Level.ACCOUNT:
        submit(world, 99, 99)


def test_a_channel_is_counted_with_its_threads(world: World) -> None:
    channel = int(an_origin(GUILD).channel_id)
    limit(world, Level.CHANNEL, 1, scope=Scope.CHANNEL, scope_id=channel, tenant_id=GUILD)
    submit(world)
    with pytest.raises(QuotaUsedUp):
        submit(world, BEN)


def test_what_is_cancelled_refused_or_failed_is_given_back(world: World) -> None:
    limit(world, Level.MEMBER, 1)
    limit(world, Level.MEMBER, PRICE_MICROS, unit=Unit.MICROS)
    job = submit(world)
    assert used(world, job) == [1, PRICE_MICROS]
    world.run(queue.cancel, job.id, now_us=world.now_us)
    assert used(world, job) == [0, 0]
    job = submit(world)
    end(world, queue.fail, REFUSED, state=JobState.REFUSED)
    assert used(world, job) == [0, 0]
    assert ledger_sum(world) == (0, 0)


def test_what_was_drawn_counts_with_its_bill_and_what_is_uncertain_with_the_most(
    world: World,
) -> None:
    limit(world, Level.MEMBER, 2)
    limit(world, Level.MEMBER, 10**9, unit=Unit.MICROS)
    job = submit(world)
    world.complete(world.sent())
    assert used(world, job) == [1, PRICE_MICROS]
    submit(world)
    end(world, queue.mark_uncertain, LOST)
    assert used(world, job) == [2, 2 * PRICE_MICROS]
    with pytest.raises(QuotaUsedUp):
        submit(world)


def test_a_limit_of_nothing_is_switched_off(world: World) -> None:
    limit(world, Level.GUILD, 0, scope=Scope.GUILD, scope_id=GUILD, tenant_id=GUILD)
    with pytest.raises(SwitchedOff) as raised:
        submit(world)
    assert raised.value.by_staff


def test_it_begins_anew_when_its_span_does(world: World) -> None:
    limit(world, Level.MEMBER, 1, period=Period.HOUR)
    submit(world)
    with pytest.raises(QuotaUsedUp) as raised:
        submit(world)
    world.now_us = raised.value.renews_at_us - 1
    with pytest.raises(QuotaUsedUp):
        submit(world)
    world.now_us += 1
    submit(world)


def test_a_picture_that_is_drawn_after_midnight_counts_on_the_day_it_was_asked_for(
    world: World,
) -> None:
    limit(world, Level.MEMBER, 1)
    job = submit(world)
    claimed = world.sent()
    world.now_us += 24 * HOUR_US
    world.complete(claimed)
    assert used(world, job) == [0]


def test_a_new_limit_knows_what_was_used_before_it(world: World) -> None:
    submit(world)
    submit(world)
    limit(world, Level.MEMBER, 2)
    with pytest.raises(QuotaUsedUp):
        submit(world)


def set_zone(world: World, name: str) -> None:
    key = Key(Scope.GUILD, GUILD, "time_zone", GUILD)
    world.run(set_policy, key, ZoneInfo(name), by="ada", now_us=1)


def test_another_time_zone_counts_what_belongs_to_the_day_there(world: World) -> None:
    """Neither forgotten nor counted twice."""
    limit(world, Level.MEMBER, 1, scope=Scope.MEMBER, scope_id=ADA, tenant_id=GUILD)
    job = submit(world)
    for name in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "UTC"):
        set_zone(world, name)
        assert used(world, job) == [1]
        with pytest.raises(QuotaUsedUp):
            submit(world)


@pytest.mark.parametrize(
    ("of_staff", "zone"), [(True, ZoneInfo("Asia/Kathmandu")), (False, ZoneInfo("UTC"))]
)
def test_a_limit_renews_at_the_midnight_of_whoever_set_it(
    world: World, of_staff: bool, zone: ZoneInfo
) -> None:
    set_zone(world, "Asia/Kathmandu")
    tenant = GUILD if of_staff else OPERATORS_OWN
    limit(world, Level.GUILD, 1, scope=Scope.GUILD, scope_id=GUILD, tenant_id=tenant)
    submit(world)
    with pytest.raises(QuotaUsedUp) as raised:
        submit(world)
    renews_at = datetime.fromtimestamp(raised.value.renews_at_us / 1e6, zone)
    assert (renews_at.hour, renews_at.minute) == (0, 0)


def test_staff_who_move_their_clocks_do_not_begin_the_operators_limits_anew(world: World) -> None:
    """Each hour to where a day has just begun, for a whole day of the operator's."""
    limit(world, Level.GUILD, 2)
    limit(world, Level.MEMBER, 10**6)
    world.now_us = world.now_us // (24 * HOUR_US) * 24 * HOUR_US
    queued = 0
    for hour in range(24):
        set_zone(world, f"Etc/GMT{hour:+d}" if hour <= 12 else f"Etc/GMT-{24 - hour}")
        with contextlib.suppress(QuotaUsedUp):
            submit(world)
            queued += 1
        world.now_us += HOUR_US
    assert queued == 2


def test_counters_of_spans_that_are_over_are_thrown_away(world: World) -> None:
    limit(world, Level.MEMBER, 5, period=Period.HOUR)
    for _ in range(4):
        submit(world)
        world.now_us += HOUR_US
    assert world.tx.execute("SELECT count(*) FROM quota_use").fetchone() == (1,)


def test_outside_of_guilds_no_guild_is_counted(world: World) -> None:
    """What the operator lets each member have in a guild, a person has there beside it."""
    limit(world, Level.GUILD, 0)
    limit(world, Level.MEMBER, 1)
    limit(world, Level.PERSON, 2)
    world.open_outside()
    alone = replace(an_origin(GUILD, ADA), guild_id=None)
    job = submit(world, origin=alone)
    assert used(world, job) == [1, 1]
    with pytest.raises(QuotaUsedUp) as refused:
        submit(world, origin=replace(alone, interaction_id=InteractionId(5)))
    assert refused.value.level is Level.MEMBER


@pytest.mark.parametrize("kind", ["account", "guild", "channel"])
def test_a_month_of_many_members_is_added_up_from_an_index_alone(world: World, kind: str) -> None:
    """Nobody else writes meanwhile."""
    query = f"{quota_use._SUMS} {quota_use._OF_KIND[kind]}"
    plan = world.tx.execute(
        f"EXPLAIN QUERY PLAN {query} AND reserved_at_us >= ? AND reserved_at_us < ?", (0, 0, 1, 2)
    ).fetchall()
    assert ["SEARCH ledger USING COVERING INDEX" in line for *_, line in plan] == [True]


# ------------------------------------------------------------------------------------------------
# Between two pictures


def cool_down(world: World, seconds: int) -> None:
    key = Key(Scope.GUILD, GUILD, "cooldown_s", GUILD)
    world.run(set_policy, key, seconds, by="ada", now_us=1)


def test_after_a_picture_its_member_waits_and_nobody_else(world: World) -> None:
    cool_down(world, 60)
    submit(world)
    world.complete(world.sent())
    submit(world, BEN)
    with pytest.raises(CoolingDown) as raised:
        submit(world)
    assert raised.value.until_at_us == world.now_us + 60_000_000
    world.now_us = raised.value.until_at_us - 1
    with pytest.raises(CoolingDown):
        submit(world)
    world.now_us += 1
    submit(world)


def test_what_was_not_drawn_makes_nobody_wait(world: World) -> None:
    cool_down(world, 60)
    submit(world)
    end(world, queue.fail, REFUSED, state=JobState.REFUSED)
    submit(world)
    end(world, queue.mark_uncertain, LOST)
    submit(world)


def test_a_clock_that_is_set_back_makes_nobody_wait_for_it(world: World) -> None:
    """Else a day that it was ahead would be a day without pictures."""
    cool_down(world, 60)
    submit(world)
    world.complete(world.sent())
    world.now_us -= 24 * HOUR_US
    submit(world)
