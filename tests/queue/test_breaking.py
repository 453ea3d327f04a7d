"""An outage in the rows: who waits, who may try, and who goes on when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import queue
from bot.queue import Claimed, Nothing, NotYet
from bot.queue.account import load_account, note_check
from bot.queue.breaker import CLOSED, FAILING_TO_OPEN, TRIAL_ANSWER_US, Breaker
from bot.queue.controls import probe_now
from bot.queue.jobs import select_job
from bot.queue.records import JobId, JobState
from bot.refusals import Outage, ProviderDown
from tests.queue.world import ACCOUNT, LOST, REFUSED

if TYPE_CHECKING:
    from bot.queue.records import Job
    from tests.queue.world import World


def breaker(world: World) -> Breaker:
    return load_account(world.tx, ACCOUNT).breaker


def check(world: World, evidence: Outage | None = None) -> None:
    """The free question is due, and asked."""
    world.now_us = max(world.now_us, breaker(world).probe_at_us or 0)
    world.run(note_check, ACCOUNT, evidence, now_us=world.now_us)


def blocked(world: World, jobs: int = 1) -> list[Job]:
    """So many jobs run into an unpaid bill."""
    for _ in range(jobs):
        world.submit()
    sent = [world.sent() for _ in range(jobs)]
    for job in sent:
        world.fail(job, Outage.ACCOUNT)
    return sent


def test_an_outage_holds_everybody_and_refuses_new_requests(world: World) -> None:
    """With the moment of the next attempt."""
    blocked(world)
    with pytest.raises(ProviderDown) as refusal:
        world.submit()
    assert refusal.value.outage is Outage.ACCOUNT
    assert refusal.value.until_at_us == world.now_us + 30_000_000
    world.pass_time(29)
    assert world.claim() == Nothing()


def test_no_job_tries_before_the_question_is_answered_well(world: World) -> None:
    """However much time has passed."""
    blocked(world)
    world.pass_time(100_000)
    assert world.claim() == Nothing()
    check(world, Outage.FAILING)
    world.pass_time(100_000)
    assert world.claim() == Nothing()
    check(world)
    assert isinstance(world.claim(), Claimed)


def test_one_job_tries_at_a_time_and_its_picture_ends_the_outage(world: World) -> None:
    """Those that had failed go on at once, not when their long backoff ends."""
    stopped = blocked(world, jobs=3)
    check(world)
    trial = world.sent()
    world.pass_time(5)
    assert world.claim() == Nothing()
    world.complete(trial)
    assert breaker(world) == CLOSED
    assert {world.drawn().id, world.drawn().id, trial.id} == {job.id for job in stopped}
    assert world.differences() == []


def test_another_job_than_the_one_that_failed_tries(world: World) -> None:
    """It stands first in the queue, and may have brought the outage on itself."""
    world.submit()
    first = world.sent()
    other = world.submit().job
    world.fail(first, Outage.ACCOUNT)
    check(world)
    assert world.sent().id == other.id


def test_those_that_failed_go_on_as_soon_as_another_was_drawn(world: World) -> None:
    """Their long rest is over with the outage."""
    world.submit()
    first = world.sent()
    other = world.submit().job
    world.fail(first, Outage.ACCOUNT)
    check(world)
    assert world.drawn().id == other.id
    over_us = world.now_us
    assert world.drawn().id == first.id
    assert world.now_us - over_us < 5_000_000


def test_the_one_that_failed_tries_if_there_is_no_other(world: World) -> None:
    """Else nothing would ever be drawn again."""
    (job,) = blocked(world)
    check(world)
    assert world.sent().id == job.id


def test_an_empty_queue_comes_out_of_an_outage_as_well(world: World) -> None:
    """The job that had met it was cancelled; who asks next is the one to try."""
    (job,) = blocked(world)
    world.run(queue.cancel, job.id, now_us=world.now_us)
    check(world)
    tried = world.submit().job
    assert world.drawn().id == tried.id
    assert breaker(world) == CLOSED


def test_what_stops_every_job_is_no_attempt_of_any(world: World) -> None:
    """They wait for days and are drawn all the same."""
    (job,) = blocked(world)
    for _ in range(20):
        assert select_job(world.tx, job.id).attempts == 0
        check(world)
        world.fail(world.sent(), Outage.ACCOUNT)
    check(world)
    assert world.drawn().state is JobState.DRAWN


def test_a_try_without_an_answer_makes_room_for_another(world: World) -> None:
    """Its process was killed, say."""
    blocked(world, jobs=2)
    check(world)
    world.sent()
    world.pass_time(TRIAL_ANSWER_US / 1e6)
    assert isinstance(world.claim(), Claimed)


def test_a_try_that_never_left_makes_room_at_once(world: World) -> None:
    """Its lease is released at the end of the process; the next process need not wait for it."""
    blocked(world, jobs=2)
    check(world)
    trial = world.claimed()
    world.run(queue.release_lease, trial.id, world.token, now_us=world.now_us)
    assert isinstance(world.claim(), Claimed)


def test_a_try_whose_answer_is_lost_has_failed(world: World) -> None:
    """Else one job after the other would be lost, and perhaps billed, without a pause."""
    blocked(world, jobs=2)
    check(world)
    trial = world.sent()
    world.run(queue.mark_uncertain, trial.id, world.token, LOST, now_us=world.now_us)
    assert world.claim() == Nothing()
    assert breaker(world).probe_at_us == world.now_us + 60_000_000


def test_an_answer_about_the_request_ends_the_outage(world: World) -> None:
    """The content check reads requests of accounts in good order only."""
    blocked(world)
    check(world)
    world.run(
        queue.fail,
        world.sent().id,
        world.token,
        REFUSED,
        state=JobState.REFUSED,
        now_us=world.now_us,
    )
    assert breaker(world) == CLOSED


def test_a_job_given_up_is_evidence_like_one_that_may_try_again(world: World) -> None:
    """A hundred of them in a row opened nothing."""
    for _ in range(FAILING_TO_OPEN):
        world.submit()
    for _ in range(FAILING_TO_OPEN):
        assert not breaker(world).is_open
        world.run(
            queue.fail,
            world.sent().id,
            world.token,
            REFUSED,
            state=JobState.FAILED,
            evidence=Outage.FAILING,
            now_us=world.now_us,
        )
    assert breaker(world).outage is Outage.FAILING


def test_a_restart_asks_at_once_what_a_setting_may_have_mended(world: World) -> None:
    """A new key; not an unpaid bill, of which no setting knows."""
    world.submit()
    world.fail(world.sent(), Outage.KEY)
    world.configure(2)
    assert breaker(world).probe_at_us == world.now_us


def test_the_operator_has_the_question_asked_at_once(world: World) -> None:
    """And a job that waits for its turn to fail again need not wait for long."""
    (job,) = blocked(world)
    assert world.run(probe_now, now_us=world.now_us) == {ACCOUNT: Outage.ACCOUNT}
    assert world.claim() == Nothing()
    world.run(note_check, ACCOUNT, None, now_us=world.now_us)
    assert world.sent().id == job.id


def test_the_breaker_is_kept_over_restarts(world: World) -> None:
    """Every field of it."""
    (job,) = blocked(world)
    check(world)
    world.sent()
    known = breaker(world)
    assert (known.failing, known.trial, known.is_checked) == ((job.id,), job.id, True)


def test_every_field_of_the_breaker_is_kept(world: World) -> None:
    """Each with a value of its own."""
    known = Breaker(
        failing=(JobId(4), JobId(2)),
        unreached=3,
        outage=Outage.FAILING,
        since_us=5,
        probe_at_us=6,
        probes=7,
        is_checked=True,
        trial=JobId(9),
    )
    world.set_breaker(known)
    assert breaker(world) == known


@pytest.mark.parametrize("ends_well", [True, False])
def test_an_answer_about_a_request_ends_a_row_of_failures(world: World, ends_well: bool) -> None:
    """Drawn or refused, the service is there: seven that failed before and after open nothing."""
    for _ in range(2):
        for _ in range(FAILING_TO_OPEN - 1):
            world.submit()
            world.refuse(world.sent(), state=JobState.FAILED, evidence=Outage.FAILING)
        assert len(breaker(world).failing) == FAILING_TO_OPEN - 1
        world.submit()
        job = world.sent()
        world.complete(job) if ends_well else world.refuse(job)
        assert breaker(world) == CLOSED


def test_a_refusal_before_the_call_left_says_nothing_of_the_service(world: World) -> None:
    """It was never asked."""
    blocked(world)
    check(world)
    world.refuse(world.claimed())
    assert breaker(world).outage is Outage.ACCOUNT


def test_a_good_answer_that_ends_the_outage_lets_all_go_on_at_once(world: World) -> None:
    """Also those whose backoff would last on; the key is accepted again."""
    world.submit()
    job = world.sent()
    world.fail(job, Outage.KEY)
    check(world)
    assert breaker(world) == CLOSED
    well_us = world.now_us
    assert world.sent().id == job.id
    assert world.now_us - well_us < 1_000_000


def test_the_question_ends_no_backoff_while_all_is_well(world: World) -> None:
    """One job failed for itself, and waits for itself."""
    world.submit()
    world.put_back(world.sent(), after_s=60)
    world.check()
    assert world.claim() == NotYet(world.now_us + 60_000_000)
