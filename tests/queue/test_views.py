"""What members may see: places, their own jobs, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import queue
from bot.providers.image import Size
from bot.queue import controls, postings, views
from bot.queue.counters import Counters
from bot.queue.forecast import Forecast
from bot.queue.places import Drawing
from bot.queue.records import TenantId, UserId
from bot.queue.views import upcoming
from bot.refusals import Outage
from tests.queue.world import LOST, a_price, a_request, an_outcome, place_of

if TYPE_CHECKING:
    from bot.queue.places import QueueView
    from tests.queue.world import World

HERE, ME = TenantId(1), UserId(1)


def my_queue(world: World) -> QueueView:
    return views.queue_view(world.tx, HERE, ME, now_us=world.now_us)


def requeue(world: World, *, seconds: float) -> None:
    """The next job's attempt fails and waits."""
    job = world.sent()
    world.run(
        queue.retry,
        job.id,
        "worker",
        not_before_us=world.now_us + round(seconds * 1e6),
        throttled=False,
        now_us=world.now_us,
    )


def test_the_place_at_submit_counts_whoever_comes_before(world: World) -> None:
    """Two guilds take turns: the third job of one waits for two of the other."""
    for _ in range(3):
        world.submit(guild=2)
    positions = [place_of(world.submit(guild=1)).position for _ in range(3)]
    assert positions == [2, 4, 6]


def test_the_place_is_the_turn_that_is_then_taken(world: World) -> None:
    """Told at submit, kept at the claim, as long as nobody else comes."""
    promised = {}
    for user in (1, 2, 3):
        for _ in range(3):
            receipt = world.submit(guild=user % 2, user=user)
            promised[receipt.job.id] = place_of(receipt).position
    last = world.submit(guild=7)
    order = [job.id for job in world.order(10)]
    assert order.index(last.job.id) + 1 == place_of(last).position


def test_a_large_picture_of_others_counts_once_but_weighs_more(world: World) -> None:
    """After one of four times the pixels, four small ones of the other guild come."""
    world.submit(guild=2, request=a_request(size=Size(2048, 2048)))
    world.submit(guild=2, request=a_request(size=Size(2048, 2048)))
    places = [place_of(world.submit(guild=1)).position for _ in range(5)]
    assert places[:4] == [2, 3, 4, 5]
    assert places[4] in (6, 7)


def test_the_expected_wait_grows_with_the_place(world: World) -> None:
    """And holds the drawing itself."""
    waits = [place_of(world.submit()).expected_s for _ in range(10)]
    assert waits == sorted(waits)
    assert waits[0] >= 6.0
    assert 4.0 < waits[9] - waits[0] < 6.0


def test_rewriting_is_expected_to_take_eight_seconds_more(world: World) -> None:
    """Until calls of its kind were measured."""
    requests = (a_request(rewrite=rewrite) for rewrite in (False, True))
    plain_s, rewritten_s = (place_of(world.submit(request=one)).expected_s for one in requests)
    assert rewritten_s - plain_s == pytest.approx(8.0, abs=0.7)


def test_the_expected_wait_learns_how_long_drawing_takes(world: World) -> None:
    """From the calls themselves."""
    for _ in range(60):
        world.submit()
        job = world.sent()
        outcome = an_outcome(duration_us=20_000_000)
        world.run(queue.complete, job.id, "worker", outcome, price=a_price, now_us=world.now_us)
    assert 19.0 < place_of(world.submit()).expected_s < 22.0


def test_what_is_being_drawn_tells_since_when_and_how_long_that_usually_takes(
    world: World,
) -> None:
    world.submit()
    job, sent_at_us = world.sent(), world.now_us
    world.pass_time(2)
    known = views.waiting(world.tx, job.id, now_us=world.now_us)
    assert known.place is None
    assert known.drawing == Drawing(since_us=sent_at_us, elapsed_s=2.0, usual_s=6.0)
    world.submit()
    queued = views.waiting(world.tx, world.submit().job.id, now_us=world.now_us)
    assert queued.drawing is None
    assert queued.place is not None


def test_my_queue_shows_running_then_waiting_then_delayed(world: World) -> None:
    """In the order in which something will happen; others' jobs are only counted."""
    for _ in range(4):
        world.submit()
    requeue(world, seconds=60)
    running = world.sent()
    world.submit(user=2)
    view = my_queue(world)
    assert [waiting.job.state for waiting in view.mine] == ["running", "queued", "queued", "queued"]
    assert view.mine[0].job.id == running.id
    assert view.mine[0].place is None
    assert view.mine[-1].job.not_before_us is not None
    assert view.mine[-1].place is not None
    assert view.mine[-1].place.expected_s > 55
    assert (view.tenant_waiting, view.tenant_running) == (4, 1)
    assert view.tenant_expected_s is not None
    assert view.tenant_expected_s > 6.0


def test_an_empty_queue_shows_nothing(world: World) -> None:
    """Also in a guild that never asked for anything."""
    view = my_queue(world)
    assert (view.mine, view.undelivered, view.tenant_waiting, view.tenant_running) == ((), (), 0, 0)
    assert view.tenant_expected_s == 0.0


def test_nobody_knows_when_all_is_done_in_an_outage_or_a_pause(world: World) -> None:
    world.submit()
    world.run(controls.pause_tenant, HERE, is_paused=True)
    assert my_queue(world).tenant_expected_s is None
    world.run(controls.pause_tenant, HERE, is_paused=False)
    assert my_queue(world).tenant_expected_s == pytest.approx(6.0)
    world.fail(world.sent(), Outage.KEY)
    assert my_queue(world).tenant_expected_s is None


def test_all_is_not_done_before_what_waits_for_its_next_attempt(world: World) -> None:
    """And is drawn after it."""
    world.submit()
    requeue(world, seconds=60)
    assert my_queue(world).tenant_expected_s == pytest.approx(66.0)
    world.submit(user=2)
    assert my_queue(world).tenant_expected_s == pytest.approx(66.0)


def test_nor_before_what_is_being_drawn(world: World) -> None:
    world.submit()
    world.sent()
    world.pass_time(2)
    assert my_queue(world).tenant_expected_s == pytest.approx(4.0)
    world.pass_time(20)
    assert my_queue(world).tenant_expected_s == 0.0


def test_a_picture_without_a_place_is_found_in_my_queue(world: World) -> None:
    """It is drawn and paid."""
    world.submit()
    job = world.drawn()
    world.run(postings.mark_undeliverable, job.id, LOST, now_us=world.now_us)
    assert [one.id for one in my_queue(world).undelivered] == [job.id]


def test_what_comes_next_is_what_is_claimed_next(world: World) -> None:
    """The queue played forward from its rows, against the claims themselves."""
    for n in range(24):
        request = a_request(size=Size(1024, 1024) if n % 4 else Size(2048, 1024))
        job = world.submit(guild=n % 3, user=n % 5, request=request).job
        if n % 2:
            world.run(queue.put_first, job.id)
    world.order(5)
    foreseen = [job.id for job in upcoming(world.tx, 12)]
    assert [job.id for job in world.order(12)] == foreseen


def test_open_jobs_come_nearest_first(world: World) -> None:
    """Running, then the next ones with their places, then those in a backoff."""
    for guild in (1, 2, 1, 2):
        world.submit(guild=guild)
    requeue(world, seconds=90)
    running = world.sent()
    shown = views.open_jobs(world.tx, now_us=world.now_us)
    assert shown[0].job.id == running.id
    assert [one.place.position for one in shown[1:3] if one.place] == [1, 2]
    assert shown[3].job.not_before_us is not None


def test_what_other_guilds_have_is_not_counted_here(world: World) -> None:
    """One waits in the one, one runs and one waits in the other."""
    for guild in (2, 1, 2):
        world.submit(guild=guild)
    assert world.sent().origin.guild_id == 2
    for guild, counts in ((1, (1, 0)), (2, (1, 1))):
        view = views.queue_view(world.tx, TenantId(guild), ME, now_us=world.now_us)
        assert (view.tenant_waiting, view.tenant_running) == counts


def test_what_the_account_is_held_for_is_waited_as_well(world: World) -> None:
    before_s = place_of(world.submit()).expected_s
    world.tx.execute("UPDATE account SET paused_until_us = ?", (world.now_us + 60_000_000,))
    assert place_of(world.submit(user=2)).expected_s > before_s + 59


def test_calls_that_leave_in_pairs_shorten_the_wait(world: World) -> None:
    """The second leaves with the first: no half of a slot in between."""
    waits = [place_of(world.submit(user=user)).expected_s for user in (1, 2, 3)]
    slot_s = 1.1 / 2  # two a second, with the guard
    assert waits == pytest.approx([6.0, 6.0 + slot_s / 2, 6.0 + 1.5 * slot_s], abs=0.03)


def test_the_guilds_wait_is_that_of_its_last_job(world: World) -> None:
    """Of the member who has most before them, not of the one who comes next."""
    for user in (1, 2, 2, 2, 2, 2):
        world.submit(user=user)
    last = views.queue_view(world.tx, HERE, UserId(2), now_us=world.now_us)
    place = last.mine[-1].place
    assert place is not None
    assert last.tenant_expected_s == pytest.approx(place.expected_s)


def test_members_who_come_in_bursts_are_foreseen_in_bursts(world: World) -> None:
    """Ten at a time, and then nothing: ten to a burst."""
    for user in (1, 2, 3):
        for _ in range(10):
            world.submit(user=user)
    assert Forecast(world.tx, Counters(world.tx), now_us=world.now_us)._burst() == pytest.approx(10)


def test_a_guild_whose_charges_were_taken_back_has_its_turns_back(world: World) -> None:
    """Its attempts drew nothing: it is told to be next, though the clock has passed its tag."""
    for _ in range(3):
        world.submit(guild=1, request=a_request(size=Size(2048, 2048)))
    for _ in range(9):
        world.submit(guild=2)
    sent = [world.sent() for _ in range(6)]
    large = [job for job in sent if job.origin.guild_id == 1]
    assert len(large) == 2
    for job in large:
        world.put_back(job, after_s=1000)
    left = max(one.job.id for one in my_queue(world).mine)
    place = views.place(world.tx, left, now_us=world.now_us)
    assert place.position == 1


def test_positions_that_are_shown_are_those_of_the_turns(world: World) -> None:
    """One after the other, also where pictures of several sizes make a place a guess."""
    for n in range(12):
        size = Size(2048, 2048) if n % 5 == 0 else Size(1024, 512 + 256 * (n % 3))
        world.submit(guild=n % 3, user=n % 4, request=a_request(size=size))
    shown = views.open_jobs(world.tx, now_us=world.now_us)
    assert [one.place.position for one in shown if one.place] == list(range(1, 13))
