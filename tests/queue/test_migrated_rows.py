"""A database that commit 8c0c53b wrote comes over: nothing is lost, and its buttons still work."""

from __future__ import annotations

from contextlib import asynccontextmanager, closing
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.simulator import recount
from bot import queue
from bot.db.connection import connect
from bot.db.sqlite import Database
from bot.features.imagine.remaking import rerolled, same
from bot.features.imagine.service import Service
from bot.moderation.word_check import WordCheck
from bot.providers.zimage import OFFER, price
from bot.queue import account, controls, ledger, postings, views
from bot.queue.account import drawing_us, load_account
from bot.queue.authority import Asker, Button
from bot.queue.jobs import select_job
from bot.queue.records import (
    ChannelId,
    GuildId,
    JobId,
    JobState,
    MessageId,
    PictureState,
    TenantId,
    UserId,
)
from bot.records import replace
from bot.refusals import AlreadyFinished, PictureDeleted
from bot.runtime.clock import Wakeup, Wakeups
from bot.texts.cards import Press, Verb
from tests.clock import ManualClock
from tests.queue.kept import NOW_US, SAID, migrated_copy_of_old, old_rows
from tests.queue.world import ACCOUNT, World, an_origin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from bot.queue.records import Job

OLD_JOBS = {row["id"]: row for row in old_rows("SELECT * FROM job")}
DAY_US = 86_400_000_000


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The old database as this version opens it, at the time at which it was left."""
    with closing(connect(migrated_copy_of_old(tmp_path / "old.db"))) as tx:
        yield World(tx, now_us=NOW_US)
        assert recount.differences(tx) == []


STATES = {  # one state told of job and picture
    PictureState.DUE: "generated",
    PictureState.UNDELIVERABLE: "generated",
    PictureState.SHOWN: "delivered",
    PictureState.DELETED: "delivered",
    PictureState.WITHHELD: "cancelled",
    PictureState.LOST: "failed",
}


def as_it_was(job: Job) -> dict[str, Any]:
    """The columns of the old row, from the record of today."""
    picture, failure, message, origin = job.picture, job.failure, job.message, job.origin
    size = picture.size if picture else None
    return {
        "id": job.id,
        "state": STATES[picture.state] if picture else job.state,
        "priority": job.priority,
        "attempts": job.attempts,
        "created_at_us": job.created_at_us,
        "not_before_us": job.not_before_us,
        "sent_at_us": job.sent_at_us,
        "finished_at_us": job.finished_at_us,
        "delivered_at_us": message.told_at_us,
        "deleted_at_us": picture and picture.deleted_at_us,
        "lease_token": job.lease_token,
        "cancel_requested": job.cancel_requested,
        "prompt": job.request.prompt,
        "width_px": job.request.size.width_px,
        "height_px": job.request.size.height_px,
        "seed": job.request.seed,
        "rewrite": job.request.rewrite,
        "negative": job.request.negative,
        "interaction_id": origin.interaction_id,
        "guild_id": origin.guild_id,
        "channel_id": origin.channel_id,
        "user_id": origin.user_id,
        "is_thread": origin.is_thread,
        "locale": origin.locale,
        "guild_locale": origin.guild_locale,
        "upload_limit_bytes": origin.upload_limit_bytes,
        "interaction_token": origin.interaction_token,
        "interaction_expires_at_us": origin.interaction_expires_at_us,
        "parent_id": origin.parent_id,
        "url": picture and (picture.link or ""),
        "shown_prompt": picture and picture.shown_prompt,
        "outcome_width_px": size and size.width_px,
        "outcome_height_px": size and size.height_px,
        "provider_request_id": picture and picture.provider_request_id,
        "duration_us": picture and picture.duration_us,
        "reasoning": picture and picture.reasoning,
        "input_tokens": picture and picture.input_tokens,
        "output_tokens": picture and picture.output_tokens,
        "failure_kind": failure and failure.kind,
        "failure_detail": failure and failure.detail,
        "failure_code": failure and failure.code,
        "failure_request_id": failure and failure.provider_request_id,
        "status_message_id": message.message_id,
        "status_channel_id": message.channel_id,
        "thread_id": message.thread_id,
        "result_channel_id": picture and picture.channel_id,
        "result_message_id": picture and picture.message_id,
        "post_attempted_at_us": picture and picture.post_attempted_at_us,
        "post_attempts": message.attempts,
    }


# What no record shows; the tests below look at what comes of it.
IN_ROWS_ALONE = {
    *("is_due", "cost", "guild_charge", "member_charge"),
    *("lease_until_us", "deliver_at_us", "undeliverable_at_us", "started_at_us"),
    "cost_micros",
}


@pytest.mark.parametrize("job_id", OLD_JOBS)
def test_every_job_is_what_it_was(world: World, job_id: int) -> None:
    """Request, origin, outcome, failure, and the ids of all that stands in Discord."""
    before = OLD_JOBS[job_id]
    job = select_job(world.tx, JobId(job_id))
    now = as_it_was(job)
    assert now == {name: before[name] for name in now}
    assert before.keys() - now.keys() == IN_ROWS_ALONE, "a column that nobody compared"
    assert world.settled(job) == before["cost_micros"]


def test_there_are_jobs_in_every_state(world: World) -> None:
    """Of the kept file: what is not in it is not tested."""
    ends = {*STATES.values()} | {*JobState} - {JobState.DRAWN}
    assert {row["state"] for row in OLD_JOBS.values()} == ends
    for kind in (
        "state = 'queued' AND is_due = 0 AND not_before_us > {now}",
        "state = 'running' AND sent_at_us IS NULL",
        "state = 'running' AND sent_at_us > 0 AND lease_until_us > {now}",
        "state = 'running' AND sent_at_us > 0 AND lease_until_us <= {now}",
        "state = 'running' AND cancel_requested = 1",
        "state = 'generated' AND deliver_at_us > 0 AND url > ''",
        "state = 'generated' AND undeliverable_at_us > 0 AND url > ''",
        "state = 'generated' AND undeliverable_at_us > 0 AND url = ''",
        "state = 'delivered' AND deleted_at_us > 0",
        "state = 'delivered' AND is_thread = 1",
        "state = 'delivered' AND parent_id > 0 AND status_message_id > 0",
    ):
        assert old_rows(f"SELECT 1 FROM job WHERE {kind.format(now=NOW_US)}"), kind


def test_what_waits_comes_in_the_same_order(world: World) -> None:
    """Guilds and members by their tags and weights, their jobs by priority, then the backoffs."""
    waiting = views.open_jobs(world.tx, now_us=NOW_US)
    assert [one.job.id for one in waiting if one.place is not None] == SAID["order"]
    backoff = select_job(world.tx, JobId(SAID["order"][-1]))
    assert backoff.not_before_us is not None
    assert backoff.not_before_us > NOW_US


def test_no_job_gets_the_number_of_another(world: World) -> None:
    """Buttons name jobs for ever."""
    assert with_its_outage_over(world).submit(guild=5).job.id > max(OLD_JOBS)


def with_its_outage_over(world: World) -> World:
    """The outage that the database was left in is over, as a call that succeeds would end it."""
    world.run(lambda tx: account.note_success(tx, load_account(tx, ACCOUNT), now_us=NOW_US))
    return world


def test_a_lease_that_was_out_makes_its_job_uncertain_and_no_other(world: World) -> None:
    """What was sent under it may have been billed; the others' calls are still out."""
    out = old_rows("SELECT id FROM job WHERE lease_until_us <= ? AND state = 'running'", NOW_US)
    released = world.run(queue.keep_leases, "another", now_us=NOW_US, lease_s=30.0)
    assert [job.id for job in released] == [row["id"] for row in out]
    assert {job.state for job in released} == {JobState.UNCERTAIN}


def test_the_outbox_holds_what_it_held(world: World) -> None:
    """At the instant at which each is due."""
    due = old_rows("SELECT id, deliver_at_us FROM job WHERE deliver_at_us IS NOT NULL")
    assert due
    last_us = max(row["deliver_at_us"] for row in due)
    found = postings.deliverable(world.tx, now_us=last_us, limit=100)
    assert {job.id for job in found} == {row["id"] for row in due}
    first_us = min(row["deliver_at_us"] for row in due)
    assert postings.deliverable(world.tx, now_us=first_us - 1, limit=100) == ()


def test_undelivered_pictures_are_offered_to_their_members(world: World) -> None:
    """As long as their links live."""
    offered = old_rows(
        "SELECT id, guild_id, user_id FROM job WHERE undeliverable_at_us IS NOT NULL AND url > ''"
    )
    for row in offered:
        view = views.queue_view(world.tx, row["guild_id"], row["user_id"], now_us=NOW_US)
        assert row["id"] in [job.id for job in view.undelivered]
    assert offered


MEMBERS = [tuple(row.values()) for row in old_rows("SELECT DISTINCT guild_id, user_id FROM usage")]


@pytest.mark.parametrize(("guild", "user"), MEMBERS)
def test_every_sum_of_usage_is_what_it_was(world: World, guild: int, user: int) -> None:
    """Today, seven days, thirty days, all time; what is reserved or in doubt is in none."""
    today = NOW_US // DAY_US
    view = ledger.usage_view(world.tx, TenantId(guild), UserId(user), now_us=NOW_US)
    since = {today: view.today, today - 6: view.week, today - 29: view.month, 0: view.all_time}
    for day, told in since.items():
        (before,) = old_rows(
            "SELECT coalesce(sum(images), 0) AS images, coalesce(sum(rewritten), 0) AS rewritten,"
            " coalesce(sum(pixels), 0) AS pixels, coalesce(sum(cost_micros), 0) AS cost_micros"
            " FROM usage WHERE state = 'settled' AND guild_id = ? AND user_id = ? AND day >= ?",
            *(guild, user, day),
        )
        assert {name: getattr(told, name) for name in before} == before


def test_what_a_reservation_becomes_counts_once(world: World) -> None:
    """The call that was out at the end is answered: its picture is paid, on that day."""
    (out,) = old_rows(
        "SELECT id, guild_id, user_id FROM job WHERE state = 'running' AND sent_at_us > 0"
        " AND lease_until_us > ?",
        NOW_US,
    )
    job = select_job(world.tx, JobId(out["id"]))
    assert job.lease_token is not None
    world.complete(job, token=job.lease_token)
    view = ledger.usage_view(world.tx, out["guild_id"], out["user_id"], now_us=NOW_US)
    assert (view.all_time.images, view.all_time.cost_micros) == (1, 15_000)


def test_guilds_and_the_account_stand_where_they_stood(world: World) -> None:
    """Weights, a pause, caps, the outage, the pace that was learned, the durations."""
    seen = controls.overview(world.tx, most_tenants=100)
    guilds = old_rows("SELECT * FROM guild WHERE waiting > 0 OR running > 0 OR is_paused = 1")
    told = {one.tenant_id: one for one in seen.tenants}
    for row in guilds:
        one = told[row["id"]]
        assert (one.weight, one.waiting, one.ready, one.running, one.cap, one.is_paused) == tuple(
            row[name]
            for name in ("weight", "waiting", "ready", "running", "running_cap", "is_paused")
        )
    (gate,) = old_rows("SELECT * FROM gate")
    (account,) = seen.accounts
    assert account.name == gate["name"]
    assert (seen.ready, account.running) == (gate["ready"], gate["running"])
    assert account.breaker.outage == gate["outage"]
    assert account.breaker.since_us == gate["outage_since_us"]
    for name in ("ceiling_mps", "rate_mps", "held_mps", "refused_mps", "paused_until_us"):
        assert getattr(account.pace, name) == gate[name]
    sent = old_rows("SELECT n, at_us, job_id FROM sent ORDER BY n")
    assert world.tx.execute("SELECT account, n, at_us, job_id FROM sent ORDER BY n").fetchall() == [
        (ACCOUNT, *row.values()) for row in sent
    ]
    for row in old_rows("SELECT * FROM latency"):
        kept = drawing_us(world.tx, ACCOUNT, rewrite=row["kind"] == "rewritten")
        assert kept == row["mean_us"]


@asynccontextmanager
async def serving(path: Path) -> AsyncIterator[tuple[Service, Database]]:
    """The service on a copy of the old database, its outage mended."""
    clock = ManualClock(NOW_US)
    async with Database.open(migrated_copy_of_old(path / "old.db")) as database:
        await database.write(
            lambda tx: account.note_success(tx, load_account(tx, ACCOUNT), now_us=clock.now_us())
        )
        yield (
            Service(
                database=database,
                words=WordCheck(database=database),
                clock=clock,
                randomness=Random(7),
                offer=OFFER,
                price=price,
                wakeups=Wakeups(work=Wakeup(clock), result=Wakeup(clock)),
            ),
            database,
        )


def its_member(row: dict[str, Any], message_id: int) -> Asker:
    """Who asked for the job, at the button, in the place of the job."""
    return Asker(
        user_id=UserId(row["user_id"]),
        guild_id=GuildId(row["guild_id"]),
        channel_id=ChannelId(row["channel_id"]),
        root_channel_id=ChannelId(row["channel_id"]),
        may_moderate=False,
        button=Button(message_id=MessageId(message_id), is_private=False),
    )


async def press(service: Service, press: Press, asker: Asker) -> Job:
    """What comes of it, as the cog would ask for it."""
    if press.verb in (Verb.AGAIN, Verb.REROLL):
        origin = replace(
            an_origin(asker.guild_id or 0, asker.user_id), channel_id=ChannelId(asker.channel_id)
        )
        remake = same if press.verb is Verb.AGAIN else rerolled(service.new_seed())
        receipt = await service.remade(press.job_id, origin, asker=asker, remake=remake)
        return receipt.job
    if press.verb is Verb.DELETE:
        await service.jobs.delete(press.job_id, asker)
        return await service.jobs.job(press.job_id)
    assert press.verb is Verb.CANCEL
    return await service.jobs.cancel(press.job_id, asker)


def read(name: str) -> Press:
    """A button's id as an old message carries it."""
    press = Press.read(name)
    assert press, f"no button of today's: {name}"
    return press


@pytest.mark.parametrize(("name", "message_id"), SAID["buttons"].items())
async def test_a_button_under_an_old_message_works(
    tmp_path: Path, name: str, message_id: str
) -> None:
    """On the job that its message was made for."""
    button = read(name)
    row = OLD_JOBS[button.job_id]
    asker = its_member(row, int(message_id))
    async with serving(tmp_path) as (service, _):
        if button.verb is Verb.CANCEL and row["state"] == "generated":
            with pytest.raises(AlreadyFinished):
                await press(service, button, asker)
            return
        if button.verb in (Verb.AGAIN, Verb.REROLL) and row["deleted_at_us"]:
            with pytest.raises(PictureDeleted):
                await press(service, button, asker)
            return
        job = await press(service, button, asker)
    if button.verb is Verb.CANCEL:
        assert (job.id, job.cancel_requested) == (row["id"], True)
    elif button.verb is Verb.DELETE:
        assert (job.id, job.request.prompt, job.is_deleted) == (row["id"], "", True)
    else:
        assert (job.origin.parent_id, job.request.prompt) == (row["id"], row["prompt"])
        assert (job.request.seed == row["seed"]) == (button.verb is Verb.AGAIN)


async def test_what_waited_can_be_cancelled_explained_and_put_first(tmp_path: Path) -> None:
    """By the number that its status message carries."""
    first, *_, last = [row for row in OLD_JOBS.values() if row["prompt"].startswith("wait")][:3]
    async with serving(tmp_path) as (service, _):
        for row in (first, last):
            asker = its_member(row, row["interaction_id"] + 1)
            assert (await service.jobs.explain(row["id"], asker)).job.id == row["id"]
        assert (await service.jobs.put_first(last["id"], asker)).priority > first["priority"]
        assert (await service.jobs.cancel(last["id"], asker)).state is JobState.CANCELLED


async def test_the_bots_start_takes_up_what_was_open(tmp_path: Path) -> None:
    """A call that was out is uncertain, one that had not left waits again."""
    running = [row for row in OLD_JOBS.values() if row["state"] == "running"]
    async with serving(tmp_path) as (service, database):
        await database.write(queue.release_all_leases, now_us=NOW_US)
        for row in running:
            state = (await service.jobs.job(row["id"])).state
            if row["sent_at_us"]:
                assert state is JobState.UNCERTAIN
            else:
                assert state is (JobState.CANCELLED if row["cancel_requested"] else JobState.QUEUED)
        assert await database.read(recount.differences) == []
