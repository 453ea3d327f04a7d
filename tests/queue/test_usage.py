"""What is paid, by whom, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot import queue
from bot.features.guilds import rows as guilds
from bot.policy.rows import Asking, load_policy, set_policy
from bot.policy.rules import UTC, Key, Scope
from bot.queue import ledger, quota_use
from bot.queue.ledger import UsageSum
from bot.queue.records import JobId, JobState, TenantId, UserId
from tests.queue.world import REFUSED, SQUARE, a_request, an_origin

if TYPE_CHECKING:
    from bot.queue.ledger import UsageView
    from tests.queue.world import World

HERE, ME = TenantId(1), UserId(1)
DAY_S = 86_400.0


def mine(world: World) -> UsageView:
    return ledger.usage_view(world.tx, HERE, ME, now_us=world.now_us)


def draw(world: World, *, guild: int = 1, user: int = 1, rewrite: bool = False) -> None:
    world.submit(guild, user, request=a_request(rewrite=rewrite))
    world.drawn()


def test_what_was_drawn_is_counted_with_its_true_cost(world: World) -> None:
    """Images, rewritten ones among them, pixels and money."""
    draw(world)
    draw(world, rewrite=True)
    assert mine(world).today == UsageSum(
        images=2, rewritten=1, pixels=2 * SQUARE.area_px, cost_micros=30_000
    )


def test_spans_end_with_today(world: World) -> None:
    """Today, 7 days, 30 days, all: each holds the shorter ones."""
    for days_until_the_next in (20, 15, 5, 0):
        draw(world)
        world.pass_time(days_until_the_next * DAY_S)
    view = mine(world)
    assert (view.today.images, view.week.images, view.month.images, view.all_time.images) == (
        1,
        2,
        3,
        4,
    )


def test_others_and_other_guilds_do_not_count(world: World) -> None:
    """A member's sums are theirs, and of here."""
    draw(world, user=2)
    draw(world, guild=2)
    assert mine(world).all_time == UsageSum()


def test_what_waits_is_reserved_and_not_shown(world: World) -> None:
    """The reservation is there from the submit on."""
    world.submit()
    assert mine(world).all_time == UsageSum()
    assert world.tx.execute("SELECT entry, images FROM ledger").fetchall() == [("reserved", 1)]


def test_what_is_withdrawn_or_refused_leaves_nothing(world: World) -> None:
    """Neither a cancelled job nor a refused one is charged."""
    job = world.submit().job
    world.run(queue.cancel, job.id, now_us=world.now_us)
    world.submit()
    refused = world.sent()
    world.run(
        queue.fail,
        refused.id,
        "worker",
        REFUSED,
        state=JobState.REFUSED,
        now_us=world.now_us,
    )
    assert world.owed() == []


def test_a_job_counts_on_the_day_it_was_asked_for(world: World) -> None:
    """As it does for limits: submitted before midnight, drawn after."""
    world.now_us = (world.now_us // ledger.DAY_US + 1) * ledger.DAY_US - 1
    world.submit()
    world.pass_time(2)
    world.drawn()
    assert mine(world).today.images == 0
    assert mine(world).week.images == 1


def test_days_are_those_of_the_guild_s_time_zone(world: World) -> None:
    """Half past eleven at night in Kolkata is six in the evening in UTC."""
    world.now_us = (world.now_us // ledger.DAY_US) * ledger.DAY_US + 18 * 3_600_000_000
    draw(world)
    world.pass_time(3600)
    kolkata = ledger.usage_view(
        world.tx, HERE, ME, zone=ZoneInfo("Asia/Kolkata"), now_us=world.now_us
    )
    assert (kolkata.today.images, kolkata.week.images) == (0, 1)
    assert mine(world).today.images == 1


def test_the_days_of_guilds_side_by_side_are_the_operator_s(world: World) -> None:
    """As those of the operator's limits are."""
    world.now_us = (world.now_us // ledger.DAY_US) * ledger.DAY_US + 18 * 3_600_000_000
    draw(world, user=2)
    world.pass_time(3600)
    key, kolkata = Key(Scope.OPERATOR, 0, "time_zone"), ZoneInfo("Asia/Kolkata")
    for zone, today in ((UTC, 1), (kolkata, 0)):
        world.run(set_policy, key, zone, by="7", now_us=world.now_us)
        (row,) = ledger.guild_rows(world.tx, now_us=world.now_us)
        assert (row.pictures_today, row.pictures_30_days) == (today, 1)


def test_a_guild_that_was_left_before_it_asked_for_anything_is_not_listed(world: World) -> None:
    for guild_id in (3, 4):
        world.run(guilds.enter, guild_id, joined_at_us=1, is_old=False, now_us=world.now_us)
    world.run(guilds.leave, 4, now_us=world.now_us)
    assert [row.guild_id for row in ledger.guild_rows(world.tx, now_us=world.now_us)] == [3]


def test_a_week_is_seven_days_and_a_month_thirty(world: World) -> None:
    """Today among them: the day before is out."""
    draw(world)
    spans = []
    for days in (6, 1, 22, 1):
        world.pass_time(days * DAY_S)
        view = mine(world)
        spans.append((view.week.images, view.month.images))
    assert spans == [(1, 1), (0, 1), (0, 1), (0, 0)]


# ------------------------------------------------------------------------------------------------
# The rewriting of a draft.


MOST, COST = 600, 95  # micro-dollars


def begin_rewriting(world: World, draft: int) -> None:
    """As its slice does."""
    policy, asking = load_policy(world.tx, Asking(1, 10, 1)), Asking(1, 10, 1)
    world.run(quota_use.take, policy, asking, pictures=0, micros=MOST, now_us=world.now_us)
    world.run(ledger.reserve, JobId(draft), an_origin(), None, micros=MOST, now_us=world.now_us)


def entries(world: World, draft: int) -> list[tuple[object, ...]]:
    return world.tx.execute(
        "SELECT entry, outcome, images, pictures, reserved_micros, cost_micros FROM ledger"
        " WHERE job_id = ? ORDER BY entry",
        (draft,),
    ).fetchall()


def test_a_rewriting_costs_money_and_no_picture(world: World) -> None:
    """Named as such, today and after it is folded; what was reserved is given back."""
    draw(world)
    begin_rewriting(world, 90)
    world.run(ledger.settle, JobId(90), ledger.REWRITING, cost_micros=COST, now_us=world.now_us)
    assert entries(world, 90) == [
        ("reserved", "", 0, 0, MOST, 0),
        ("settled", "rewriting", 0, 0, -MOST, COST),
    ]
    drawn = UsageSum(
        images=1, pixels=SQUARE.area_px, cost_micros=15_000 + COST, rewriting_micros=COST
    )
    assert mine(world).today == drawn
    assert world.run(ledger.fold, before_us=world.now_us + 1) == 2
    assert mine(world).all_time == drawn


def test_a_rewriting_that_failed_is_free_and_one_that_was_lost_stays_reserved(
    world: World,
) -> None:
    begin_rewriting(world, 90)
    world.run(ledger.release, JobId(90), ledger.REWRITING, now_us=world.now_us)
    begin_rewriting(world, 91)
    world.run(ledger.mark_uncertain, JobId(91), now_us=world.now_us)
    assert entries(world, 90)[0] == ("released", "rewriting", 0, 0, -MOST, 0)
    assert entries(world, 91)[1] == ("uncertain", "rewriting", 0, 0, 0, 0)
    assert mine(world).all_time == UsageSum()
    (used,) = world.tx.execute("SELECT sum(reserved_micros + cost_micros) FROM ledger").fetchone()
    assert used == MOST


def test_a_rewriting_is_no_picture_that_a_break_follows(world: World) -> None:
    begin_rewriting(world, 90)
    world.run(ledger.settle, JobId(90), ledger.REWRITING, cost_micros=COST, now_us=world.now_us)
    assert ledger.last_drawn_at_us(world.tx, HERE, ME, now_us=world.now_us) == 0
