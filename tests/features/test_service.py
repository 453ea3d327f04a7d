"""What the service decides, whom it wakes, and what it answers while the database is busy."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from bot import queue
from bot.db.sqlite import READERS, Database
from bot.errors import StorageUnavailable
from bot.features.imagine.remaking import rerolled, same
from bot.features.imagine.service import MOST_PLACES_AT_ONCE, Service
from bot.moderation.word_check import WordCheck
from bot.moderation.word_rule_rows import put_rule
from bot.moderation.word_rules import RuleOutcome, WordRule
from bot.policy.rows import Asking, set_policy
from bot.policy.rules import Key, Rewriting, Scope
from bot.providers.zimage import OFFER, price
from bot.queue.authority import Asker, Button
from bot.queue.jobs import insert_picture
from bot.queue.records import (
    ChannelId,
    GuildId,
    JobId,
    JobState,
    MessageId,
    PictureState,
    RoleId,
    UserId,
)
from bot.records import replace
from bot.refusals import (
    AskedElsewhere,
    MadeRestricted,
    NotYours,
    OnlyTheirs,
    UnknownJob,
    WordsRefused,
)
from bot.runtime.clock import Wakeup, Wakeups
from tests.clock import ManualClock
from tests.queue.world import ACCOUNT, START_US, a_request, an_origin, an_outcome, migrated_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.features.imagine.records import Receipt
    from bot.providers.image import Offer
    from bot.queue.records import Job


def a_service(database: Database, *, offer: Offer = OFFER) -> Service:
    clock = ManualClock(START_US)
    return Service(
        database=database,
        words=WordCheck(database=database),
        clock=clock,
        randomness=Random(1),
        offer=offer,
        price=price,
        wakeups=Wakeups(work=Wakeup(clock), result=Wakeup(clock)),
    )


@dataclass
class ServiceBench:
    """A service, and whom it has woken."""

    database: Database
    service: Service

    def woken(self) -> set[str]:
        """Since this was asked last."""
        wakeups = self.service._wakeups
        names = ("work", "result")
        found = {name for name in names if getattr(wakeups, name)._event.is_set()}
        for name in names:
            getattr(wakeups, name)._event.clear()
        return found

    async def set(self, key: Key, value: int) -> None:
        await self.database.write(set_policy, key, value, by="somebody", now_us=START_US)

    async def submitted(self, guild: int = 1, user: int = 1, **request: Any) -> Job:
        receipt = await self.service.submit(a_request(**request), an_origin(guild, user))
        self.woken()
        return receipt.job

    async def drawn(self, **request: Any) -> Job:
        """A job whose picture is to be posted."""
        job = await self.submitted(**request)
        write, now_us = self.database.write, START_US
        await write(queue.claim, ACCOUNT, now_us=now_us, lease_token="w", lease_s=30.0)
        await write(queue.mark_sent, job.id, "w", now_us=now_us)
        return await write(queue.complete, job.id, "w", an_outcome(), price=price, now_us=now_us)

    async def state(self, job: Job) -> JobState:
        return (await self.service.jobs.job(job.id)).state


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[ServiceBench]:
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        yield ServiceBench(database, a_service(database))


def asker(job: Job, *, user: int | None = None, **how: Any) -> Asker:
    """In the job's own place, by default its member."""
    origin = job.origin
    return Asker(
        user_id=origin.user_id if user is None else UserId(user),
        guild_id=how.pop("guild_id", GuildId(1)),
        channel_id=how.pop("channel_id", origin.channel_id),
        root_channel_id=how.pop("root_channel_id", origin.channel_id),
        may_moderate=how.pop("may_moderate", False),
        **how,
    )


async def test_options_are_those_of_the_offer_at_what_they_cost(bench: ServiceBench) -> None:
    """A rewritten picture is named at its own price."""
    options = await bench.service.options()
    assert options.offer is OFFER
    assert options.default_size == OFFER.default_size
    assert (options.plain_micros, options.rewritten_micros) == (15_000, 30_000)


@pytest.mark.parametrize(("rewrites", "is_set"), [(True, True), (True, False), (False, True)])
async def test_rewriting_is_the_default_where_it_is_offered_and_set(
    bench: ServiceBench, *, rewrites: bool, is_set: bool
) -> None:
    service = a_service(bench.database, offer=replace(OFFER, rewrites=rewrites))
    await bench.set(Key(Scope.OPERATOR, 0, "rewrite_by_default"), is_set)
    assert (await service.options()).rewrite_by_default is (rewrites and is_set)


async def test_a_submit_wakes_the_dispatcher(bench: ServiceBench) -> None:
    """And the receipt tells the place."""
    with capture_logs() as logs:
        receipt = await bench.service.submit(a_request(), an_origin(guild=4, user=9))
    assert bench.woken() == {"work"}
    assert receipt.is_new
    assert receipt.place is not None
    assert receipt.place.position == 1
    (said,) = [each for each in logs if each["event"] == "submitted"]
    told = {name: said[name] for name in ("job", "guild", "position", "is_new")}
    assert told == {
        "job": receipt.job.id,
        "guild": 4,
        "position": 1,
        "is_new": True,
    }


async def test_an_interaction_that_comes_twice_makes_one_job(bench: ServiceBench) -> None:
    """And one line that says so."""
    origin = an_origin()
    first = await bench.service.submit(a_request(), origin)
    second = await bench.service.submit(a_request(), origin)
    assert (first.job.id, first.is_new) == (second.job.id, True)
    assert not second.is_new


async def test_nobody_is_woken_before_it_is_known_who_answers(bench: ServiceBench) -> None:
    """Then at once; the call would only wait."""
    origin = an_origin()
    with bench.service.first_answers.under_way(origin.interaction_id):
        await bench.service.submit(a_request(), origin)
        assert bench.woken() == set()
    assert bench.woken() == {"work"}


async def test_prompts_are_logged_for_those_who_debug_only(bench: ServiceBench) -> None:
    """They are the members' own."""
    with capture_logs() as logs:
        await bench.service.submit(a_request(prompt="a private cat"), an_origin())
    (said,) = [each for each in logs if "a private cat" in str(each)]
    assert (said["event"], said["log_level"], said["job"]) == ("prompt", "debug", 1)


@pytest.mark.parametrize("error", [StorageUnavailable("locked"), UnknownJob()])
async def test_a_place_that_cannot_be_read_costs_no_job(
    bench: ServiceBench, error: Exception
) -> None:
    """It is on disk; only the place is not told."""
    await bench.submitted()  # from then on the guild's word rules are known

    async def read(*_: Any, **__: Any) -> Any:
        raise error

    bench.database.read = read  # type: ignore[method-assign] # busy, or the job is gone already
    with capture_logs() as logs:
        receipt = await bench.service.submit(a_request(), an_origin())
    assert receipt.place is None
    (said,) = [each for each in logs if each["event"] == "place not read"]
    assert (said["job"], said["error"]) == (receipt.job.id, str(error))
    del bench.database.read
    assert await bench.state(receipt.job) is JobState.QUEUED


async def test_again_is_the_same_request_as_a_job_of_whoever_asks(bench: ServiceBench) -> None:
    """With the same seed or another, which the asker's roles may hurry."""
    job = await bench.drawn(prompt="grapes", rewrite=True)
    remade, ben = bench.service.remade, asker(job, user=2)
    again = (await remade(job.id, an_origin(user=2), asker=ben, remake=same)).job
    assert (again.request, again.origin.user_id) == (job.request, UserId(2))
    assert again.origin.parent_id == job.id
    assert bench.woken() == {"work"}
    seed = bench.service.new_seed()
    assert seed == Random(1).randint(0, OFFER.max_seed)
    other = (await remade(job.id, an_origin(user=2), asker=ben, remake=rerolled(seed))).job
    assert other.request == replace(job.request, seed=seed)


@pytest.mark.parametrize("has_picture", [False, True])
async def test_a_request_that_wholly_failed_is_tried_again_as_a_whole(
    bench: ServiceBench, *, has_picture: bool
) -> None:
    """Each with its words and seed; where there is a picture, the one job alone."""
    first, second = a_request(prompt="red"), replace(a_request(prompt="blue"), seed=8)
    job = (await bench.service.submit(first, an_origin(), more=[second])).job
    await bench.database.write(lambda tx: tx.execute("UPDATE job SET state = 'failed'"))
    if has_picture:
        await bench.database.write(
            insert_picture,
            JobId(job.id + 1),
            an_outcome(),
            PictureState.DUE,
            cost_micros=15_000,
            now_us=1,
        )
    again = await bench.service.remade(
        job.id, an_origin(), asker=asker(job), remake=same, is_of_request=True
    )
    jobs = await bench.service.jobs.jobs_of_request(again.job)
    assert [one.request for one in jobs] == ([first] if has_picture else [first, second])
    how: dict[str, Any] = {"asker": asker(job, user=2), "remake": same}
    alone = await bench.service.remade(job.id, an_origin(user=2), **how)
    assert alone.job.count == 1


async def test_again_is_refused_away_from_the_job_s_place(bench: ServiceBench) -> None:
    """Nothing is queued."""
    job = await bench.drawn()
    elsewhere = asker(job, channel_id=ChannelId(77), root_channel_id=ChannelId(77))
    with pytest.raises(AskedElsewhere):
        await bench.service.remade(job.id, an_origin(), asker=elsewhere, remake=same)
    assert len(await bench.service.jobs.open_jobs()) == 0
    assert bench.woken() == set()


async def test_the_weight_of_a_member_s_roles_counts_for_submit_and_again(
    bench: ServiceBench,
) -> None:
    """Whichever way they ask."""
    await bench.set(Key(Scope.ROLE, 5, "weight"), 300)

    async def weight() -> int:
        query = "SELECT weight FROM member WHERE user_id = 1"
        return int(await bench.database.read(lambda tx: tx.execute(query).fetchone()[0]))

    roles = {RoleId(5)}
    job = (await bench.service.submit(a_request(), an_origin(), role_ids=roles)).job
    assert await weight() == 300
    await bench.service.submit(a_request(), an_origin())
    assert await weight() == 100
    how: dict[str, Any] = {"asker": asker(job), "remake": same, "role_ids": roles}
    await bench.service.remade(job.id, an_origin(), **how)
    assert await weight() == 300


async def test_a_recorded_answer_wakes_delivery(bench: ServiceBench) -> None:
    """There is a message now that may have to change."""
    job = await bench.submitted()
    await bench.service.record_answer(job.id, ChannelId(10), MessageId(2**60))
    assert bench.woken() == {"result"}
    assert (await bench.service.jobs.job(job.id)).message.message_id == MessageId(2**60)


async def test_only_what_has_not_been_called_for_can_be_withdrawn(bench: ServiceBench) -> None:
    """Another process has answered its member."""
    out = await bench.drawn()
    assert not await bench.service.withdraw(out.id)
    waits = await bench.submitted()
    assert await bench.service.withdraw(waits.id)
    assert await bench.state(out) is JobState.DRAWN
    assert await bench.state(waits) is JobState.CANCELLED


async def test_a_cancellation_wakes_delivery_and_is_logged(bench: ServiceBench) -> None:
    """By whom, and what became of it."""
    job = await bench.submitted(user=3)
    with capture_logs() as logs:
        await bench.service.jobs.cancel(job.id, asker(job, user=8, may_moderate=True))
    assert bench.woken() == {"result"}
    assert await bench.state(job) is JobState.CANCELLED
    (said,) = logs
    del said["log_level"]
    assert said == {
        "event": "cancelled",
        "job": job.id,
        "guild": 1,
        "by": "a moderator",
        "state": JobState.CANCELLED,
    }


async def test_what_is_refused_changes_nothing_and_wakes_nobody(bench: ServiceBench) -> None:
    """Another member's job is theirs."""
    job = await bench.submitted(user=3)
    stranger = asker(job, user=8)
    for verb in (
        bench.service.jobs.cancel,
        bench.service.jobs.put_first,
        bench.service.jobs.explain,
    ):
        with pytest.raises((NotYours, OnlyTheirs)):
            await verb(job.id, stranger)
    assert await bench.state(job) is JobState.QUEUED
    assert (await bench.service.jobs.job(job.id)).priority == job.priority
    assert bench.woken() == set()


@pytest.mark.parametrize("is_guild", [False, True])
async def test_a_closed_place_wakes_whom_it_concerns(
    bench: ServiceBench, *, is_guild: bool
) -> None:
    """Once, and only if something waited for it."""
    jobs = [await bench.submitted(), await bench.submitted()]
    other = await bench.submitted(guild=2)
    close = bench.service.jobs.close_guild if is_guild else bench.service.jobs.close_channel
    place_id: Any = 1 if is_guild else jobs[0].origin.channel_id
    with capture_logs() as logs:
        ended = await close(place_id)
        assert bench.woken() == {"work", "result"}
        assert [job.id for job in ended] == [job.id for job in jobs]
        assert await close(place_id) == ()
    assert bench.woken() == set()
    (said,) = logs
    named = said["guild"] if is_guild else said["channel"]
    assert (said["jobs"], named, said["log_level"]) == (2, place_id, "warning")
    assert await bench.state(other) is JobState.QUEUED


@pytest.mark.parametrize(
    "exempt", [{"exempt_channels": (10,)}, {"exempt_channels": (11,)}, {"exempt_roles": (5,)}]
)
async def test_words_are_checked_but_for_channels_and_roles_that_are_exempt(
    bench: ServiceBench, exempt: dict[str, tuple[int, ...]]
) -> None:
    """A thread is exempt by its channel."""
    rule = WordRule(id=0, name="Sea", outcome=RuleOutcome.REFUSE, words=("walrus",), **exempt)  # type: ignore[arg-type] # of its fields
    await bench.database.write(put_rule, 1, rule, by=7, now_us=1)
    request = a_request(prompt="a walrus")
    with pytest.raises(WordsRefused):
        await bench.service.submit(request, replace(an_origin(1, 1), channel_id=ChannelId(12)))
    thread = replace(an_origin(1, 1), channel_id=ChannelId(11), parent_channel_id=ChannelId(10))
    receipt = await bench.service.submit(request, thread, role_ids=[RoleId(5)])
    assert receipt.is_new


async def test_a_deletion_forgets_the_words_and_wakes_delivery(bench: ServiceBench) -> None:
    """Which takes them out of Discord."""
    job = await bench.drawn(prompt="grapes")
    await bench.database.write(
        lambda tx: (
            tx.execute(
                "UPDATE picture SET message_id = ?, state = 'shown' WHERE job_id = ?",
                (2**61, job.id),
            ).rowcount
        )
    )
    bench.woken()
    button = Button(message_id=MessageId(2**61), is_private=False)
    with capture_logs() as logs:
        await bench.service.jobs.delete(job.id, asker(job, button=button))
    assert bench.woken() == {"result"}
    kept = await bench.service.jobs.job(job.id)
    assert (kept.request.prompt, kept.is_deleted) == ("", True)
    (said,) = logs
    assert (said["event"], said["job"], said["guild"], said["by"]) == (
        "deleted",
        job.id,
        1,
        "its member",
    )


async def test_a_job_put_first_is_before_the_member_s_others(bench: ServiceBench) -> None:
    """And the member's list says so."""
    first, second = await bench.submitted(), await bench.submitted()
    with capture_logs() as logs:
        moved = await bench.service.jobs.put_first(second.id, asker(second))
    view = await bench.service.jobs.queue(GuildId(1), UserId(1))
    assert [one.job.id for one in view.mine] == [second.id, first.id]
    (said,) = logs
    assert (said["event"], said["job"], said["guild"]) == ("put first", second.id, 1)
    assert said["priority"] == moved.priority


async def test_a_member_lets_others_first(bench: ServiceBench) -> None:
    """Its place says so; only its member may."""
    job = await bench.submitted()
    await bench.submitted(user=2)
    with pytest.raises(OnlyTheirs):
        await bench.service.jobs.let_others_first(job.id, replace(asker(job), user_id=UserId(2)))
    await bench.service.jobs.let_others_first(job.id, asker(job))
    one = await bench.service.jobs.waiting(job.id)
    assert one.place is not None
    assert one.place.position == 2


async def test_a_member_sees_their_own_queue(bench: ServiceBench) -> None:
    """Those of the place they ask in: a guild, or their own conversation with the bot."""
    await bench.drawn()
    job = await bench.submitted()
    view = await bench.service.jobs.queue(GuildId(1), UserId(1))
    assert [one.job.id for one in view.mine] == [job.id]
    assert (await bench.service.jobs.queue(None, UserId(2))).mine == ()
    assert [one.job.id for one in await bench.service.jobs.open_jobs()] == [job.id]


async def test_the_queue_tells_no_words_of_an_age_restricted_place_elsewhere(
    bench: ServiceBench,
) -> None:
    """Nor links of pictures that found no place."""
    origin = replace(an_origin(), is_restricted=True)
    submitted = await bench.service.submit(a_request(prompt="a red cat"), origin)
    elsewhere = await bench.service.jobs.queue(GuildId(1), UserId(1))
    there = await bench.service.jobs.queue(GuildId(1), UserId(1), is_restricted=True)
    assert [one.job.id for one in elsewhere.mine] == [submitted.job.id]
    assert [one.job.request.prompt for one in elsewhere.mine] == [""]
    assert [one.job.request.prompt for one in there.mine] == ["a red cat"]


async def test_words_of_an_age_restricted_place_are_used_in_such_places_alone(
    bench: ServiceBench,
) -> None:
    """As a draft does that comes from the words of a picture."""
    origin = replace(an_origin(), is_restricted=True)
    job = (await bench.service.submit(a_request(), origin)).job
    await bench.service.check_place(job.id, asker(job, is_restricted=True))
    with pytest.raises(MadeRestricted):
        await bench.service.check_place(job.id, asker(job))


async def test_why_a_job_waits_is_told_its_member(bench: ServiceBench) -> None:
    job = await bench.submitted()
    explained = await bench.service.jobs.explain(job.id, asker(job))
    assert explained.job.id == job.id
    assert explained.place is not None


async def test_a_flood_is_answered_though_places_are_slow(tmp_path: Path) -> None:
    """Whoever comes while many places are being read is told without one; the job is on disk."""
    may_read = threading.Event()
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        service = a_service(database)
        await _submit(service, MOST_PLACES_AT_ONCE + 1)  # the guild's word rules are known
        held = [
            asyncio.create_task(database.read(lambda _: may_read.wait())) for _ in range(READERS)
        ]
        asked = [
            asyncio.create_task(_submit(service, user)) for user in range(MOST_PLACES_AT_ONCE + 1)
        ]
        done, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        may_read.set()
        await asyncio.gather(*held)
        receipts = await asyncio.gather(*waiting)
    (first,) = (task.result() for task in done)
    assert first.place is None
    assert all(receipt.place for receipt in receipts)
    assert len({receipt.job.id for receipt in (first, *receipts)}) == len(asked)


async def _submit(service: Service, user: int) -> Receipt:
    return await service.submit(a_request(), an_origin(user=user + 1))


@pytest.mark.parametrize(("rewrites", "allowed"), [(True, True), (True, False), (False, True)])
async def test_rewriting_is_offered_where_provider_and_staff_both_have_it(
    bench: ServiceBench, rewrites: bool, allowed: bool
) -> None:
    service = a_service(bench.database, offer=replace(OFFER, rewrites=rewrites))
    await bench.set(Key(Scope.OPERATOR, 0, "rewriting_allowed"), allowed)
    asking = Asking(1, 10, 1)
    offered = [await service.rewritings(asking, can_ask=can_ask) for can_ask in (False, True)]
    both = (Rewriting.OFF, Rewriting.ON), (Rewriting.OFF, Rewriting.ON, Rewriting.ASK)
    assert offered == ([*both] if rewrites and allowed else [(Rewriting.OFF,)] * 2)
