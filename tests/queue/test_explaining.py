"""Why a job is where it is, from the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import queue
from bot.providers.image import Size
from bot.queue import controls, views
from bot.queue.fairness import Weights
from bot.queue.places import Ahead, Explanation, Hold
from bot.queue.records import GuildId, JobId
from bot.refusals import Outage, UnknownJob
from tests.queue.world import a_request

if TYPE_CHECKING:
    from bot.queue.records import Job
    from tests.queue.world import World


def explained(world: World, job: Job) -> Explanation:
    return world.run(views.explain, job.id, now_us=world.now_us)


def test_next_job_has_nobody_ahead(world: World) -> None:
    """And nothing holds it."""
    found = explained(world, world.submit().job)
    assert found.ahead == Ahead()
    assert found.holds == ()
    assert found.place is not None
    assert found.place.position == 1


def test_jobs_ahead_are_told_apart(world: World) -> None:
    """One's own, those of members here, those of other guilds; their sum is the place."""
    for user in (1, 1, 2):
        world.submit(guild=1, user=user)
    for guild in (2, 3):
        world.submit(guild=guild)
    found = explained(world, world.submit(guild=1, user=1).job)
    assert found.ahead == Ahead(
        own=2, of_members=1, of_tenants=2, members_waiting=1, tenants_waiting=2
    )
    assert found.place is not None
    assert found.place.position == 1 + 2 + 1 + 2


def test_guild_that_had_a_large_picture_is_ahead_of_its_share(world: World) -> None:
    """Four pictures' worth of pixels: four turns of the others."""
    world.submit(guild=1, request=a_request(size=Size(2048, 2048)))
    world.submit(guild=1, user=2)
    world.submit(guild=2)
    world.sent()
    found = explained(world, world.submit(guild=1).job)
    assert found.tenant.lead == pytest.approx(4.0)
    assert found.member.lead == pytest.approx(4.0)


def test_what_was_drawn_while_nobody_waited_is_no_lead(world: World) -> None:
    """It was taken from nobody, neither in the guild nor beside it."""
    world.submit(guild=1, request=a_request(size=Size(2048, 2048)))
    world.sent()
    world.submit(guild=2)
    found = explained(world, world.submit(guild=1).job)
    assert (found.tenant.lead, found.member.lead) == (0.0, 0.0)


def test_lead_counts_in_turns_of_the_guilds_weight(world: World) -> None:
    """Twice the share, half the distance for the same picture."""
    twice = Weights(tenant=200, member=50)
    world.submit(guild=1, weights=twice)
    world.submit(guild=1, user=2, weights=twice)
    world.submit(guild=2)
    world.sent()
    found = explained(world, world.submit(guild=1, weights=twice).job)
    assert (found.tenant.weight, found.member.weight) == (200, 50)
    assert found.tenant.lead == pytest.approx(1.0)
    assert found.member.lead == pytest.approx(1.0)


def test_caps_are_named_when_they_are_reached(world: World) -> None:
    """Of the guild, of the person, of the account."""
    world.limit(running_per_guild=1)
    world.tx.execute("UPDATE account SET max_running = 1")
    world.tx.execute("UPDATE queue SET running_per_person = 1")
    world.submit()
    world.sent()
    found = explained(world, world.submit().job)
    assert found.holds == (Hold.ALL_RUNNING, Hold.TENANT_CAP, Hold.PERSON_CAP)
    assert (found.tenant.running, found.tenant.cap) == (1, 1)
    assert (found.member.running, found.member.cap) == (1, 1)
    assert (found.account.running, found.account.max_running) == (1, 1)


def test_person_is_counted_over_all_guilds(world: World) -> None:
    """One person in another guild is the same person."""
    world.tx.execute("UPDATE queue SET running_per_person = 1")
    world.submit(guild=1, user=7)
    world.sent()
    found = explained(world, world.submit(guild=2, user=7).job)
    assert found.holds == (Hold.PERSON_CAP,)
    assert found.member.running == 1


def test_backoff_and_the_providers_pause_hold_it(world: World) -> None:
    """A refusal for the pace stops everybody for a while, and this job for longer."""
    world.submit()
    job = world.sent()
    world.run(
        queue.retry,
        job.id,
        world.token,
        not_before_us=world.now_us + 5_000_000,
        throttled=True,
        now_us=world.now_us,
    )
    found = explained(world, job)
    assert found.holds == (Hold.PAUSE, Hold.BACKOFF)
    assert found.account.paused_until_us == world.now_us + 1_000_000
    assert found.account.rate_per_s < found.account.ceiling_per_s == 2.0
    world.pass_time(2)
    assert explained(world, job).holds == (Hold.BACKOFF,)


def test_outage_holds_everybody_and_says_when_the_next_try_is(world: World) -> None:
    """The place says so too, so that no status message promises anything."""
    world.submit()
    job = world.sent()
    world.fail(job, Outage.KEY)
    found = explained(world, job)
    assert found.holds == (Hold.OUTAGE,)
    assert found.account.outage is Outage.KEY
    assert found.account.next_try_at_us == world.now_us + 30_000_000
    assert found.place is not None
    assert found.place.outage is Outage.KEY


def test_paused_guild_holds_its_own_jobs_alone(world: World) -> None:
    """Those of other guilds go on."""
    here, elsewhere = world.submit(guild=1).job, world.submit(guild=2).job
    world.run(controls.pause_tenant, GuildId(1), is_paused=True)
    assert explained(world, here).holds == (Hold.TENANT_PAUSED,)
    assert explained(world, elsewhere).holds == ()
    places = [explained(world, job).place for job in (here, elsewhere)]
    assert [place and place.is_tenant_paused for place in places] == [True, False]


def test_job_that_waits_no_more_has_no_place(world: World) -> None:
    """It is told as it is, whoever waits."""
    world.submit()
    job = world.sent()
    world.submit()
    found = explained(world, job)
    assert found.place is None
    assert found.ahead == Ahead(
        own=0, of_members=0, of_tenants=0, members_waiting=0, tenants_waiting=0
    )
    assert found.holds == ()


def test_unknown_job_is_refused(world: World) -> None:
    """Its data was deleted, or it never was."""
    with pytest.raises(UnknownJob):
        world.run(views.explain, JobId(404), now_us=world.now_us)
