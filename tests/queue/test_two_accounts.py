"""Two accounts draw from one queue: turns are common, pace, breaker and running calls are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import queue
from bot.queue import Claimed, Nothing, NotYet, controls, views
from bot.queue.account import drawing_us, load_account, note_check, used_accounts
from bot.queue.places import Hold
from bot.queue.records import JobState, TenantId
from bot.refusals import Outage, ProviderDown
from tests.queue.world import ACCOUNT, World, a_price, an_outcome

if TYPE_CHECKING:
    from bot.queue.account import Account
    from bot.queue.records import Job

SECOND = "second"
BOTH = (ACCOUNT, SECOND)


@pytest.fixture
def two(world: World) -> World:
    """Each may send two a second."""
    world.configure(2, SECOND)
    return world


def account(world: World, name: str) -> Account:
    return load_account(world.tx, name)


def throttled(world: World, job: Job) -> None:
    """The provider refuses the pace of whose call it was."""
    world.run(
        queue.retry,
        job.id,
        "worker",
        not_before_us=world.now_us + 1_000_000,
        throttled=True,
        retry_after_s=30.0,
        now_us=world.now_us,
    )


def waiting(world: World, jobs: int) -> None:
    for number in range(jobs):
        world.submit(guild=number % 3, user=number)


def test_one_accounts_pace_used_up_does_not_stop_the_other(two: World) -> None:
    """Together they send four in the second in which one alone sends two."""
    waiting(two, 6)
    sent = {name: [two.sent(account=name) for _ in range(2)] for name in BOTH}
    for name in BOTH:
        assert isinstance(two.claim(account=name), NotYet)
        assert [job.account for job in sent[name]] == [name, name]
        assert account(two, name).running == 2


def test_a_pace_knows_its_own_departures_alone(two: World) -> None:
    """What the other has just sent, or is about to, fills no window here."""
    waiting(two, 8)
    for _ in range(2):
        two.sent(account=SECOND)
    two.pass_time(5)
    for _ in range(2):
        two.sent()
    assert isinstance(two.claim(account=SECOND), Claimed)
    two.pass_time(5)
    for _ in range(2):
        two.claimed()
    assert isinstance(two.claim(account=SECOND), Claimed)


def test_no_job_is_claimed_twice_and_turns_go_on_over_both(two: World) -> None:
    """A guild that has nine waits no longer for that, whichever account draws."""
    for _ in range(9):
        two.submit(guild=1)
    for _ in range(3):
        two.submit(guild=2, user=2)
    claimed = []
    for _ in range(6):
        claimed += [two.sent(account=name) for name in BOTH]
    assert len({job.id for job in claimed}) == 12
    first_half = [job.origin.tenant_id for job in claimed[:6]]
    assert first_half.count(TenantId(2)) == 3


def test_one_accounts_outage_does_not_stop_the_other(two: World) -> None:
    """New requests are taken, and what ran into it is drawn by the other without resting."""
    two.submit()
    job = two.sent(account=SECOND)
    two.fail(job, Outage.KEY)
    assert account(two, SECOND).breaker.outage is Outage.KEY
    assert not account(two, ACCOUNT).breaker.is_open
    two.submit()
    two.pass_time(2)
    assert two.claim(account=SECOND) == Nothing()
    drawn = [two.complete(two.sent()) for _ in range(2)]
    assert job.id in [one.id for one in drawn]
    assert account(two, SECOND).breaker.is_open, "the other's pictures say nothing about it"


def test_without_another_account_a_job_that_failed_rests(two: World) -> None:
    """Both have an outage: whoever has not failed yet is to try."""
    waiting(two, 2)
    jobs = [two.sent(account=name) for name in BOTH]
    first, last = (two.fail(job, Outage.ACCOUNT) for job in jobs)
    assert first.not_before_us == two.now_us + 1_000_000
    assert last.not_before_us == account(two, ACCOUNT).breaker.rests_until_us
    with pytest.raises(ProviderDown):
        two.submit()


def test_an_account_that_is_set_no_more_is_none_to_rest_for(two: World) -> None:
    """Its row has no outage, but it draws nothing."""
    two.configure(2)
    waiting(two, 1)
    job = two.fail(two.sent(), Outage.ACCOUNT)
    assert job.not_before_us == account(two, ACCOUNT).breaker.rests_until_us


def test_members_are_told_of_an_outage_only_if_all_have_one(two: World) -> None:
    """And of the one that is tried again first."""
    waiting(two, 2)
    jobs = [two.sent(account=name) for name in BOTH]
    two.fail(jobs[0], Outage.ACCOUNT)
    place = two.submit(user=9).place
    assert place is not None
    assert place.outage is None
    two.pass_time(5)
    two.fail(jobs[1], Outage.UNREACHABLE)
    for _ in range(2):  # not one job's affair: it opens at the third
        two.fail(two.sent(account=SECOND), Outage.UNREACHABLE)
    place = views.place(two.tx, jobs[0].id, now_us=two.now_us)
    assert place.outage is Outage.UNREACHABLE
    assert two.submit(user=10).is_new, "that passes by itself"


def test_an_account_is_asked_and_closed_by_itself(two: World) -> None:
    """The free question of one says nothing about the other's key."""
    waiting(two, 2)
    for name in BOTH:
        two.fail(two.sent(account=name), Outage.KEY)
    two.run(note_check, SECOND, None, now_us=two.now_us)
    assert account(two, ACCOUNT).breaker.is_open
    assert not account(two, SECOND).breaker.is_open
    assert two.run(controls.probe_now, now_us=two.now_us) == {ACCOUNT: Outage.KEY}


def test_a_refused_pace_pauses_its_account_alone(two: World) -> None:
    """The other keeps its rate and goes on at once."""
    waiting(two, 3)
    throttled(two, two.sent(account=SECOND))
    assert two.claim(account=SECOND) == NotYet(account(two, SECOND).pace.paused_until_us - 50_000)
    assert isinstance(two.claim(), Claimed)
    assert account(two, ACCOUNT).pace.rate_mps == 2000
    assert account(two, SECOND).pace.rate_mps < 2000


def test_each_has_its_own_calls_at_once(world: World) -> None:
    """The cap of one is no reason to hold the other back."""
    world.configure(50, SECOND, max_running=1)
    waiting(world, 3)
    world.sent(account=SECOND)
    assert world.claim(account=SECOND) == Nothing()
    last = world.submit(user=9).job.id
    assert views.explain(world.tx, last, now_us=world.now_us).holds == ()
    assert isinstance(world.claim(), Claimed)
    assert Hold.ALL_RUNNING in views.explain(world.tx, last, now_us=world.now_us).holds


def test_a_restart_returns_each_accounts_running_calls(two: World) -> None:
    """Sent: uncertain, and who bills it is known. Not sent: queued for whoever comes first."""
    waiting(two, 4)
    sent = [two.sent(account=name) for name in BOTH]
    unsent = [two.claimed(account=name) for name in BOTH]
    assert [account(two, name).running for name in BOTH] == [2, 2]
    left = two.run(queue.release_all_leases, now_us=two.now_us)
    assert [account(two, name).running for name in BOTH] == [0, 0]
    states = {job.id: (job.state, job.account) for job in left}
    for job, name in zip(sent, BOTH, strict=True):
        assert states[job.id] == (JobState.UNCERTAIN, name)
    assert {states[job.id][0] for job in unsent} == {JobState.QUEUED}


def test_a_departure_that_was_late_moves_its_own_accounts_log(two: World) -> None:
    """The same job may stand in both logs."""
    waiting(two, 1)
    throttled(two, two.sent(account=SECOND))
    two.pass_time(2)
    job = two.sent()
    before = two.tx.execute("SELECT at_us FROM sent WHERE account = ?", (SECOND,)).fetchall()
    two.run(queue.note_departure, job.id, left_at_us=two.now_us + 7)
    query = "SELECT at_us FROM sent WHERE account = ?"
    assert two.tx.execute(query, (SECOND,)).fetchall() == before
    assert two.tx.execute(query, (ACCOUNT,)).fetchall() == [(two.now_us + 7,)]


def test_durations_and_guards_are_learned_by_account(two: World) -> None:
    """The second is far away and slow."""
    waiting(two, 1)
    job = two.sent(account=SECOND)
    outcome = an_outcome(duration_us=30_000_000, arrived_at_us=two.now_us + 40_000)
    two.run(queue.complete, job.id, "worker", outcome, price=a_price, now_us=two.now_us)
    assert drawing_us(two.tx, SECOND, rewrite=False) == 30_000_000
    assert drawing_us(two.tx, ACCOUNT, rewrite=False) == 6_000_000
    assert [account(two, name).pace.transits for name in BOTH] == [0, 1]


def test_the_wait_is_told_by_both_rates(world: World) -> None:
    """Half of what it is with one, but for the drawing; and as with one while the other is out."""
    waiting(world, 81)

    def expected_s() -> float:
        return views.place(world.tx, last, now_us=world.now_us).expected_s

    last = world.submit(guild=0, user=0).job.id
    alone_s = expected_s()
    world.configure(2, SECOND)
    assert expected_s() - 6 == pytest.approx((alone_s - 6) / 2, rel=0.02)
    world.fail(world.sent(account=SECOND), Outage.KEY)
    assert expected_s() == pytest.approx(alone_s, rel=0.05)


def test_why_a_job_waits_counts_who_can_draw(two: World) -> None:
    """One paused is no pause, one full is not all running."""
    waiting(two, 3)
    throttled(two, two.sent(account=SECOND))
    last = two.submit(guild=1, user=1).job.id
    told = views.explain(two.tx, last, now_us=two.now_us)
    assert told.holds == ()
    assert told.account.ceiling_per_s == 4.0
    assert 2.0 < told.account.rate_per_s < 4.0
    throttled(two, two.sent())
    assert Hold.PAUSE in views.explain(two.tx, last, now_us=two.now_us).holds


def test_an_account_that_is_set_no_more_rests_with_what_it_learned(two: World) -> None:
    """It counts for nothing, and goes on from there when it is set again."""
    waiting(two, 2)
    throttled(two, two.sent(account=SECOND))
    learned = account(two, SECOND).pace
    two.configure(2)
    assert [one.name for one in used_accounts(two.tx)] == [ACCOUNT]
    (seen,) = controls.overview(two.tx, most_tenants=9).accounts
    assert seen.name == ACCOUNT
    two.configure(2, SECOND)
    assert account(two, SECOND).pace == learned
