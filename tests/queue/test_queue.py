"""The verbs, one by one: what each leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import queue
from bot.errors import LeaseLost
from bot.providers.image import Size
from bot.queue import Claimed, Nothing, NotYet, postings
from bot.queue.fairness import Weights
from bot.queue.jobs import select_job
from bot.queue.pace import LEAD_US
from bot.queue.places import Place
from bot.queue.records import (
    ChannelId,
    GuildId,
    JobId,
    JobState,
    MessageId,
    Picture,
    PictureState,
    UserId,
)
from bot.records import replace
from bot.refusals import AlreadyFinished, QueueFull, QueueScope, UnknownJob, WaitTooLong
from tests.queue.world import (
    LEASE_S,
    LOST,
    REFUSED,
    a_price,
    a_request,
    an_origin,
    an_outcome,
)

if TYPE_CHECKING:
    from tests.queue.world import World


def test_one_interaction_makes_one_job(world: World) -> None:
    """Discord or a crash may repeat an interaction; the first answer stands."""
    first = world.submit(interaction=5)
    second = world.submit(interaction=5)
    assert (first.is_new, second.is_new) == (True, False)
    assert second.job == first.job


def test_a_repeated_interaction_is_known_long_after(world: World) -> None:
    """Also when its job is done, the place says that it does not wait."""
    world.submit(interaction=5)
    done = world.drawn()
    again = world.submit(interaction=5)
    assert again.job == done
    assert again.place == Place(
        position=0, ahead_in_tenant=0, expected_s=0.0, outage=None, is_tenant_paused=False
    )


def test_a_member_has_a_limit_of_waiting_jobs(world: World) -> None:
    """The refusal names scope, count and limit, and nothing is queued."""
    world.limit(waiting_per_member=2)
    world.submit()
    world.submit()
    with pytest.raises(QueueFull) as refusal:
        world.submit()
    assert (refusal.value.scope, refusal.value.waiting, refusal.value.limit) == (
        QueueScope.MEMBER,
        2,
        2,
    )
    assert world.submit(user=2).is_new


def test_a_guild_has_a_limit_of_waiting_jobs(world: World) -> None:
    """All members count together; running jobs do not count."""
    world.limit(waiting_per_guild=2)
    world.submit(user=1)
    world.submit(user=2)
    with pytest.raises(QueueFull) as refusal:
        world.submit(user=3)
    assert refusal.value.scope is QueueScope.GUILD
    world.claimed()
    assert world.submit(user=3).is_new


def test_a_wait_that_is_too_long_is_refused(world: World) -> None:
    """The expected wait is compared before anything is queued."""
    world.limit(expected_wait_s=20.0)
    for _ in range(26):
        world.submit()
    with pytest.raises(WaitTooLong) as refusal:
        world.submit()
    assert 20.0 < refusal.value.expected_s < 21.0


def test_the_claim_gives_the_job_its_lease(world: World) -> None:
    """Token, attempt and instant are in the row that the worker gets."""
    submitted = world.submit().job
    job = world.claimed("me")
    assert job.id == submitted.id
    assert (job.state, job.lease_token, job.attempts) == (JobState.RUNNING, "me", 1)
    assert isinstance(world.claim(), Nothing)


def test_an_empty_queue_has_nothing(world: World) -> None:
    """Not even an instant at which to look again."""
    assert world.claim() == Nothing()


def test_the_pace_holds_the_third_call_back(world: World) -> None:
    """Two a second, and the guard on top; the answer says from when."""
    for _ in range(3):
        world.submit()
    world.sent()
    world.sent()
    assert world.claim() == NotYet(world.now_us + 1_100_000 - LEAD_US)


def test_the_log_counts_from_the_departure_not_from_the_claim(world: World) -> None:
    """A call that left late moves the window with it."""
    for _ in range(3):
        world.submit()
    first, second = world.claimed(), world.claimed()
    world.pass_time(0.4)
    world.mark_sent(first)
    world.mark_sent(second)
    assert world.claim() == NotYet(world.now_us + 1_100_000 - LEAD_US)


def test_a_claim_a_moment_early_waits_for_its_instant(world: World) -> None:
    """The job says when its call may leave, and the log takes that instant."""
    for _ in range(3):
        world.submit()
    world.sent()
    world.sent()
    free_at_us = world.now_us + 1_100_000
    job = world.sent()
    assert job.not_before_us == free_at_us
    assert select_job(world.tx, job.id).sent_at_us == free_at_us


def test_a_departure_later_than_its_mark_corrects_the_log(world: World) -> None:
    """The disk was slow: the next call counts from when this one really left."""
    for _ in range(3):
        world.submit()
    world.sent()
    job = world.sent()
    late_us = world.now_us + 300_000
    world.run(queue.note_departure, job.id, left_at_us=late_us)
    world.sent()
    world.submit()
    assert world.claim() == NotYet(late_us + 1_100_000 - LEAD_US)


def test_a_claimed_call_that_has_not_left_keeps_its_slot(world: World) -> None:
    """Else three calls could leave within one second."""
    for _ in range(3):
        world.submit()
    world.claimed()
    world.claimed()
    world.pass_time(1.5)
    assert isinstance(world.claim(), NotYet)


def test_no_more_calls_are_out_than_may_be(world: World) -> None:
    """The claim says nothing rather than an instant: it depends on an answer."""
    world.tx.execute("UPDATE account SET max_running = 1")
    world.submit()
    world.submit()
    job = world.sent()
    world.pass_time(5)
    assert world.claim() == Nothing()
    world.complete(job)
    assert isinstance(world.claim(), Claimed)


def test_a_members_higher_priority_comes_first(world: World) -> None:
    """Priority orders the member's own jobs, age the rest."""
    ids = [world.submit().job.id for _ in range(4)]
    for job_id in (ids[3], ids[1]):
        world.run(queue.put_first, job_id)
    assert [job.id for job in world.order(4)] == [ids[1], ids[3], ids[0], ids[2]]


def test_priority_gains_nothing_over_other_members(world: World) -> None:
    """Two members take turns whatever priorities one of them sets."""
    for _ in range(3):
        world.run(queue.put_first, world.submit(user=1).job.id)
        world.submit(user=2)
    assert [job.origin.user_id for job in world.order(6)] == [1, 2, 1, 2, 1, 2]


def test_two_guilds_take_turns(world: World) -> None:
    """Forty of one guild wait when the other submits three: they come within seven claims."""
    for _ in range(40):
        world.submit(guild=1)
    world.order(4)
    for _ in range(3):
        world.submit(guild=2)
    assert sum(job.origin.guild_id == 2 for job in world.order(7)) == 3


def test_two_members_of_a_guild_take_turns(world: World) -> None:
    """The same inside one guild."""
    for _ in range(40):
        world.submit(user=1)
    world.order(4)
    for _ in range(3):
        world.submit(user=2)
    assert sum(job.origin.user_id == 2 for job in world.order(7)) == 3


def test_a_weight_of_three_shares_gets_three_of_four(world: World) -> None:
    """Weights of guilds are shares of the account."""
    for _ in range(30):
        world.submit(guild=1, weights=Weights(tenant=300))
        world.submit(guild=2)
    assert sum(job.origin.guild_id == 1 for job in world.order(20)) == 15


def test_a_large_picture_counts_as_its_pixels(world: World) -> None:
    """Four times the pixels, a quarter of the pictures."""
    for _ in range(30):
        world.submit(guild=1, request=a_request(size=Size(2048, 2048)))
        world.submit(guild=2)
    assert sum(job.origin.guild_id == 1 for job in world.order(20)) == 4


def test_a_rewritten_picture_counts_as_two(world: World) -> None:
    """As it is called, and once it is drawn."""
    for _ in range(20):
        world.submit(guild=1, request=a_request(rewrite=True))
        world.submit(guild=2)
    order = []
    for _ in range(18):
        job = world.sent()
        world.complete(job)
        order.append(job.origin.guild_id)
    assert order.count(GuildId(1)) == 6


@pytest.mark.parametrize("other_guild", [1, 2])
def test_a_true_cost_below_the_estimate_is_given_back(world: World, other_guild: int) -> None:
    """The tags are corrected by what was really drawn, those of the guild's members too."""
    for _ in range(9):
        world.submit(guild=1, user=1, request=a_request(size=Size(2048, 2048)))
        world.submit(guild=other_guild, user=2)
    order = []
    for _ in range(10):
        job = world.sent()
        world.complete(job, size=Size(1024, 1024))
        order.append(job.origin.user_id)
    assert order.count(UserId(1)) == 5


def test_completing_records_everything_in_one_step(world: World) -> None:
    """Outcome, cost and the outbox entry are there together."""
    world.submit()
    job = world.drawn()
    assert job.state is JobState.DRAWN
    assert job.picture is not None
    assert job.picture.size == Size(1024, 1024)
    assert (job.picture.drawn_at_us, job.finished_at_us) == (world.now_us, world.now_us)
    assert world.settled(job) == 15_000


def test_a_stale_worker_changes_nothing(world: World) -> None:
    """Another token, or a job that runs no more: every verb refuses."""
    world.submit()
    job = world.sent()
    for verb, arguments in (
        (queue.mark_sent, {}),
        (queue.mark_uncertain, {"failure": LOST}),
        (queue.fail, {"failure": REFUSED, "state": JobState.REFUSED}),
        (queue.retry, {"not_before_us": 0, "throttled": False}),
        (queue.release_lease, {}),
    ):
        with pytest.raises(LeaseLost):
            world.run(verb, job.id, "somebody else", now_us=world.now_us, **arguments)
    with pytest.raises(LeaseLost):
        world.complete(job, token="somebody else")
    assert select_job(world.tx, job.id).state is JobState.RUNNING


def test_a_call_is_marked_as_sent_once(world: World) -> None:
    """A second call under one lease would be a second bill."""
    world.submit()
    job = world.sent()
    with pytest.raises(LeaseLost):
        world.mark_sent(job)


def test_a_retry_waits_for_its_backoff(world: World) -> None:
    """The job is not counted as ready before, and keeps its turn afterwards."""
    world.submit()
    job = world.sent()
    due_us = world.now_us + 10_000_000
    requeue = world.run(
        queue.retry, job.id, "worker", not_before_us=due_us, throttled=False, now_us=world.now_us
    )
    assert (requeue.state, requeue.not_before_us) == (JobState.QUEUED, due_us)
    assert world.claim() == NotYet(due_us)
    world.now_us = due_us
    assert world.claimed().attempts == 2


def test_a_retry_is_not_charged_twice(world: World) -> None:
    """The guild that was unlucky keeps its share."""
    for _ in range(4):
        world.submit(guild=1)
        world.submit(guild=2)
    unlucky = world.sent()
    world.run(
        queue.retry,
        unlucky.id,
        "worker",
        not_before_us=world.now_us,
        throttled=False,
        now_us=world.now_us,
    )
    served = [job.origin.guild_id for job in world.order(4)]
    assert served.count(GuildId(1)) == served.count(GuildId(2))


def test_a_refusal_of_the_pace_stops_everybody(world: World) -> None:
    """After a 429 nobody calls before the pause is over."""
    world.submit()
    world.submit()
    job = world.sent()
    world.run(
        queue.retry,
        job.id,
        "worker",
        not_before_us=world.now_us,
        throttled=True,
        retry_after_s=7.0,
        now_us=world.now_us,
    )
    assert world.claim() == NotYet(world.now_us + 7_000_000 - LEAD_US)


def test_giving_up_costs_nothing(world: World) -> None:
    """No usage stays, the failure is kept to be said."""
    world.submit()
    job = world.sent()
    ended = world.run(
        queue.fail,
        job.id,
        "worker",
        REFUSED,
        state=JobState.REFUSED,
        now_us=world.now_us,
    )
    assert (ended.state, ended.failure) == (JobState.REFUSED, REFUSED)
    assert world.owed() == []


def test_a_lost_answer_is_uncertain_and_never_sent_again(world: World) -> None:
    """It may have been billed: the usage is uncertain, the job is not in the queue."""
    world.submit()
    job = world.sent()
    ended = world.run(queue.mark_uncertain, job.id, "worker", LOST, now_us=world.now_us)
    assert ended.state is JobState.UNCERTAIN
    assert world.claim() == Nothing()
    entries = world.tx.execute("SELECT entry FROM ledger").fetchall()
    assert {*entries} == {("reserved",), ("uncertain",)}


def test_a_queued_job_is_cancelled_at_once(world: World) -> None:
    """Its place is free for the next."""
    world.limit(waiting_per_member=1)
    job = world.submit().job
    assert world.run(queue.cancel, job.id, now_us=world.now_us).state is JobState.CANCELLED
    assert world.claim() == Nothing()
    assert world.submit().is_new


def test_a_running_job_is_cancelled_when_its_answer_is_in(world: World) -> None:
    """What was drawn is paid and recorded."""
    world.submit()
    job = world.sent()
    assert world.run(queue.cancel, job.id, now_us=world.now_us).cancel_requested
    ended = world.complete(job)
    assert ended.state is JobState.CANCELLED
    assert ended.picture is not None
    assert ended.picture.state is PictureState.WITHHELD
    assert world.settled(job) == 15_000


def test_a_cancelled_job_is_not_tried_again(world: World) -> None:
    """A retry of a job that nobody wants ends it."""
    world.submit()
    job = world.sent()
    world.run(queue.cancel, job.id, now_us=world.now_us)
    ended = world.run(
        queue.retry,
        job.id,
        "worker",
        not_before_us=world.now_us + 1,
        throttled=False,
        now_us=world.now_us,
    )
    assert ended.state is JobState.CANCELLED


def test_a_job_in_its_backoff_can_be_cancelled(world: World) -> None:
    """It is not ready, but it waits."""
    world.submit()
    job = world.sent()
    world.run(
        queue.retry,
        job.id,
        "worker",
        not_before_us=world.now_us + 10**7,
        throttled=False,
        now_us=world.now_us,
    )
    assert world.run(queue.cancel, job.id, now_us=world.now_us).state is JobState.CANCELLED


def test_what_has_ended_cannot_be_cancelled(world: World) -> None:
    """Nor what never was."""
    world.submit()
    job = world.drawn()
    world.run(postings.mark_delivered, job.id, now_us=world.now_us)
    with pytest.raises(AlreadyFinished):
        world.run(queue.cancel, job.id, now_us=world.now_us)
    with pytest.raises(UnknownJob):
        world.run(queue.cancel, JobId(999), now_us=world.now_us)


def test_an_expired_lease_requeues_what_was_not_sent(world: World) -> None:
    """And makes uncertain what was."""
    for _ in range(2):
        world.submit()
    unsent, sent = world.claimed("dead"), world.sent("dead")
    world.pass_time(LEASE_S)
    released = world.run(queue.keep_leases, "alive", now_us=world.now_us, lease_s=LEASE_S)
    assert {job.id: job.state for job in released} == {
        unsent.id: JobState.QUEUED,
        sent.id: JobState.UNCERTAIN,
    }
    assert world.claimed("alive").id == unsent.id


def test_a_kept_lease_does_not_expire(world: World) -> None:
    """Also not if the worker was late to renew it, as long as nobody released it."""
    world.submit()
    job = world.sent()
    world.pass_time(LEASE_S * 2)
    assert world.run(queue.keep_leases, "worker", now_us=world.now_us, lease_s=LEASE_S) == []
    assert world.complete(job).state is JobState.DRAWN


def test_a_worker_that_ends_hands_its_jobs_back(world: World) -> None:
    """The same decisions as by expiry, at once."""
    for _ in range(2):
        world.submit()
    unsent, sent = world.claimed(), world.sent()
    states = [
        world.run(queue.release_lease, job.id, "worker", now_us=world.now_us).state
        for job in (unsent, sent)
    ]
    assert states == [JobState.QUEUED, JobState.UNCERTAIN]


def test_a_person_at_the_cap_stands_aside_in_every_guild(world: World) -> None:
    """One person in many guilds gets no more than one person's share while others wait."""
    world.tx.execute("UPDATE queue SET running_per_person = 2")
    for guild in range(1, 6):
        world.submit(guild=guild, user=1)
    for guild in range(10, 14):
        world.submit(guild=guild, user=guild)
    running = [world.sent() for _ in range(6)]
    assert [job.origin.user_id for job in running] == [1, 1, 10, 11, 12, 13]


def test_a_person_at_the_cap_stands_aside_within_a_guild(world: World) -> None:
    """Another member goes first although they have had more."""
    world.tx.execute("UPDATE queue SET running_per_person = 1")
    for user, side_px in ((1, 512), (2, 2048)):
        for _ in range(3):
            world.submit(guild=1, user=user, request=a_request(size=Size(side_px, side_px)))
    assert world.sent().origin.user_id == UserId(1)
    for _ in range(3):
        job = world.sent()
        assert job.origin.user_id == UserId(2)
        world.complete(job)


def test_caps_are_soft(world: World) -> None:
    """Alone, a person and a guild may use the whole account."""
    world.tx.execute("UPDATE queue SET running_per_person = 1")
    world.limit(running_per_guild=1)
    for _ in range(4):
        world.submit()
    assert len({world.sent().id for _ in range(4)}) == 4


def test_a_guild_at_its_cap_stands_aside(world: World) -> None:
    """The other guild goes first although its tag is higher."""
    world.limit(running_per_guild=1)
    for _ in range(3):
        world.submit(guild=1)
    world.submit(guild=2, weights=Weights(tenant=1))
    world.submit(guild=2, weights=Weights(tenant=1))
    assert [world.sent().origin.guild_id for _ in range(4)] == [1, 2, 1, 1]


def test_a_call_is_marked_as_sent_by_its_worker_alone(world: World) -> None:
    """Another may have the job by now, and its call may be on the way."""
    world.submit()
    job = world.claimed()
    with pytest.raises(LeaseLost):
        world.mark_sent(job, "somebody else")
    assert select_job(world.tx, job.id).sent_at_us is None


def test_a_lease_lasts_for_as_long_as_was_asked(world: World) -> None:
    """From the claim, and from each renewal; until then nobody else may decide."""
    world.submit()
    job = world.claimed()
    world.pass_time(LEASE_S - 1)
    assert world.keep_leases("another") == []
    assert world.keep_leases(world.token) == []
    world.pass_time(LEASE_S - 1)
    assert world.keep_leases("another") == []
    world.pass_time(1)
    assert [released.id for released in world.keep_leases("another")] == [job.id]


def test_a_departure_that_is_told_late_changes_no_job_that_has_ended(world: World) -> None:
    """The answer was quicker than the disk."""
    world.submit()
    job = world.drawn()
    world.run(queue.note_departure, job.id, left_at_us=world.now_us + 5)
    assert select_job(world.tx, job.id).sent_at_us == job.sent_at_us


def test_nobody_is_counted_once_nothing_of_theirs_runs(world: World) -> None:
    """People come and go for years."""
    for user in (1, 2):
        world.submit(user=user)
        world.drawn()
    assert world.count("person") == 0


def test_all_that_was_asked_and_drawn_is_read_as_it_was_written(world: World) -> None:
    """Each field with a value of its own."""
    parent = world.submit().job
    origin = replace(
        an_origin(guild=3, user=4),
        parent_channel_id=ChannelId(5),
        is_thread=True,
        locale="de",
        guild_locale="fr",
        interaction_token="token",
        interaction_expires_at_us=6,
        parent_id=parent.id,
    )
    request = replace(a_request(rewrite=True, prompt="a dog"), negative="no cat")
    world.run(queue.submit, request, origin, price=a_price, now_us=world.now_us)
    jobs = [world.sent(), world.sent()]
    (job,) = [each for each in jobs if each.id != parent.id]
    outcome = replace(
        an_outcome(size=Size(512, 768), duration_us=7),
        shown_prompt="a better dog",
        reasoning="dogs",
        input_tokens=8,
        output_tokens=9,
    )
    done = world.run(
        queue.complete, job.id, world.token, outcome, price=a_price, now_us=world.now_us
    )
    world.run(postings.record_thread, job.id, ChannelId(10))
    world.run(postings.record_status_message, job.id, ChannelId(11), MessageId(12))
    world.run(postings.record_result_message, job.id, ChannelId(13), MessageId(14))
    read = select_job(world.tx, job.id)
    assert (read.request, read.origin) == (request, origin)
    assert read.message == replace(
        done.message, channel_id=ChannelId(11), message_id=MessageId(12), thread_id=ChannelId(10)
    )
    assert read.picture == Picture(
        state=PictureState.DUE,
        link=outcome.url,
        shown_prompt="a better dog",
        size=Size(512, 768),
        provider_request_id="r-1",
        duration_us=7,
        reasoning="dogs",
        input_tokens=8,
        output_tokens=9,
        drawn_at_us=world.now_us,
        channel_id=ChannelId(13),
        message_id=MessageId(14),
        cost_micros=15_000,
    )


def test_what_a_job_is_printed_as_opens_nothing(world: World) -> None:
    """Neither the interaction's token nor the signed link comes into a log."""
    origin = replace(an_origin(), interaction_token="secret-token")
    world.run(queue.submit, a_request(), origin, price=a_price, now_us=world.now_us)
    printed = repr(world.drawn())
    assert "secret-token" not in printed
    assert "Signature" not in printed
