"""The outbox: what is due is said, in its order, until it is heard or can be heard no more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import discord
import pytest
from structlog.testing import capture_logs

from bot.delivery.due_work import PAUSE_S
from bot.delivery.outbox import (
    AT_ONCE,
    AT_ONCE_WITH_OTHER_GUILDS,
    AT_ONCE_WITH_OTHER_MEMBERS,
    FIRST_ANSWER_S,
    LONGEST_TRY_S,
    MOST_QUICK_ATTEMPTS,
    POLL_S,
    SLOWER,
)
from bot.errors import DownloadFailed, LinkExpired, NotAPicture, StorageUnavailable
from bot.queue import postings
from bot.queue.failures import LONGEST_S
from bot.queue.records import PictureState
from bot.runtime.health import Pulse
from tests.delivery.scene import turns, until
from tests.delivery.scripted import answer
from tests.queue.world import next_due_us
from tests.running import running

if TYPE_CHECKING:
    from bot.queue.records import Job, JobId
    from tests.delivery.scene import Scene

DAY_S = 24 * 3600.0


async def test_a_picture_is_put_into_its_thread_and_told(scene: Scene) -> None:
    """Thread, picture, status, in this order; then nothing is due."""
    job = await scene.drawn()
    await scene.deliver()
    thread = job.message.message_id
    assert scene.discord.asked == ["thread 10", f"post {thread}", "edit 10"]
    (picture,) = scene.discord.pictures()
    assert picture.files == [f"zeuxis-{job.id}.png"]
    assert "Done" in scene.status(job)
    assert (await scene.picture(job)).state is PictureState.SHOWN
    assert await scene.due() == []


async def test_a_failed_try_waits_longer_each_time_and_is_counted(scene: Scene) -> None:
    """Up to a minute; /queue offers the link after about five of them."""
    job = await scene.drawn()
    scene.discord.refuse("post", answer(503))
    waits_s = []
    for _ in range(MOST_QUICK_ATTEMPTS):
        await scene.deliver()
        due_us = await scene.database.read(next_due_us)
        assert due_us is not None
        waits_s.append((due_us - scene.clock.now_us()) / 1e6)
        scene.clock.advance(waits_s[-1])
    assert min(waits_s) >= 1
    assert max(waits_s) <= LONGEST_S
    assert sum(waits_s[6:]) > sum(waits_s[:6])
    assert (await scene.job(job)).message.attempts == MOST_QUICK_ATTEMPTS
    view = await scene.service.queue(job.origin.guild_id, job.origin.user_id)
    assert view.undelivered == ()
    await scene.deliver()
    view = await scene.service.queue(job.origin.guild_id, job.origin.user_id)
    assert [one.id for one in view.undelivered] == [job.id]
    due_us = await scene.database.read(next_due_us)
    assert due_us is not None
    assert due_us - scene.clock.now_us() >= SLOWER * 1e6, "minutes from then on"
    scene.discord.accept_everything()
    await scene.deliver_for(600)
    assert (await scene.picture(job)).state is PictureState.SHOWN


@pytest.mark.parametrize(
    "error",
    [
        answer(500),
        answer(503),
        answer(429),
        answer(401),
        answer(403),
        discord.RateLimited(40.0),
        aiohttp.ClientConnectionError(),
        OSError(),
        TimeoutError(),
        KeyError("retry_after"),
    ],
    ids=lambda error: f"{type(error).__name__} {getattr(error, 'status', '')}".strip(),
)
async def test_what_may_pass_by_itself_is_tried_again(scene: Scene, error: Exception) -> None:
    """Also a slip of our own or of a library: it stops one job, not the outbox."""
    job = await scene.drawn()
    scene.discord.refuse("post", error, times=1)
    await scene.deliver()
    assert (await scene.job(job)).message.attempts == 1
    await scene.deliver_for(50)
    assert (await scene.picture(job)).state is PictureState.SHOWN
    assert len(scene.discord.pictures()) == 1


@pytest.mark.parametrize(
    ("asked_s", "waits_s"), [(40.0, 40.0), (3_000.0, 3_000.0), (1e300, DAY_S)], ids=str
)
async def test_a_pause_that_is_asked_for_is_kept(
    scene: Scene, asked_s: float, waits_s: float
) -> None:
    """As long as the picture can be had."""
    await scene.drawn()
    scene.discord.refuse("post", discord.RateLimited(asked_s))
    await scene.deliver()
    due_us = await scene.database.read(next_due_us)
    assert due_us is not None
    assert (due_us - scene.clock.now_us()) / 1e6 == waits_s


async def test_a_download_that_breaks_is_made_again(scene: Scene) -> None:
    """It is free."""
    job = await scene.drawn()
    scene.relay.fail(DownloadFailed("cut"), DownloadFailed("cut"))
    await scene.deliver_for(30)
    assert scene.relay.opened == [job.id] * 3
    assert (await scene.picture(job)).state is PictureState.SHOWN


@pytest.mark.parametrize("error", [LinkExpired("gone"), NotAPicture("html")])
async def test_a_picture_that_is_lost_is_told_and_never_drawn_again(
    scene: Scene, error: Exception
) -> None:
    """It was paid; the member decides."""
    job = await scene.drawn()
    scene.relay.fail(error)
    await scene.deliver()
    assert (await scene.picture(job)).state is PictureState.LOST
    assert "charged once" in scene.status(job)
    assert await scene.due() == []
    assert scene.discord.pictures() == []


async def test_a_picture_is_given_up_when_its_link_has_died(scene: Scene) -> None:
    """Not before, however often Discord fails."""
    job = await scene.drawn()
    scene.discord.refuse("post", answer(503))
    await scene.deliver_for(DAY_S - 1)
    assert (await scene.job(job)).failure is None
    with capture_logs() as logs:
        await scene.deliver_for(3600)
    assert "no place for the picture, /queue has it" in [one["event"] for one in logs]
    assert "Painted, but not posted" in scene.status(job)
    assert await scene.due() == []


async def test_an_end_is_told_for_a_day_and_not_longer(scene: Scene) -> None:
    """Then nobody waits any more."""
    await scene.refused()
    scene.discord.refuse("edit", answer(503))
    await scene.deliver_for(DAY_S + 3600)
    assert await scene.due() == []


async def test_a_picture_without_a_place_is_left_to_the_queue_card(scene: Scene) -> None:
    """The status message says so."""
    job = await scene.drawn()
    scene.discord.refuse("post", answer(403, 50013))
    await scene.deliver()
    assert "Find it with /queue" in scene.status(job)
    view = await scene.service.queue(job.origin.guild_id, job.origin.user_id)
    assert [one.id for one in view.undelivered] == [job.id]
    assert await scene.due() == []


async def test_nothing_is_done_while_the_database_fails(scene: Scene) -> None:
    """What cannot be recorded could be done twice; the row waits."""
    await scene.drawn()
    scene.database._is_open = False
    with capture_logs() as logs:
        await scene.deliver()
    assert [one["event"] for one in logs] == ["not looked what is due"]
    assert scene.discord.asked == []
    scene.database._is_open = True
    await scene.deliver()
    assert len(scene.discord.pictures()) == 1


async def test_what_cannot_be_written_is_begun_anew_after_a_pause(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not posted, and not tried again at once."""
    job, sound = await scene.drawn(is_thread=True), scene.database.write

    async def breaks(*_: object, **__: object) -> None:
        raise StorageUnavailable("disk full")

    monkeypatch.setattr(scene.database, "write", breaks)
    async with running(scene.deliver()):
        await scene.clock.until_slept()
        assert scene.discord.asked == []
        monkeypatch.setattr(scene.database, "write", sound)
        await turns()
        assert scene.relay.opened == []
        scene.clock.advance(PAUSE_S)
        await until(lambda: len(scene.discord.pictures()) == 1)
    assert (await scene.job(job)).message.attempts == 0, "no fault of its delivery"


async def test_a_database_that_fails_after_the_post_leads_to_no_second_picture(
    scene: Scene,
) -> None:
    """What stands there is found."""
    await scene.drawn()
    scene.discord.refuse("edit", answer(503), times=1)  # so that the outbox has to come again
    await scene.deliver()
    scene.discord.forget_nonces()
    await scene.database.write(
        lambda tx: tx.execute("UPDATE picture SET message_id = NULL, channel_id = NULL")
    )
    await scene.deliver_for(10)
    assert len(scene.discord.pictures()) == 1
    assert await scene.due() == []


async def test_a_few_at_once_and_what_is_due_longest_first(scene: Scene) -> None:
    """Each holds a download and an upload."""
    ids = [(await scene.drawn()).id for _ in range(11)]
    delivering = await dripping(scene, ids)
    assert sorted(scene.relay.opened) == ids[:AT_ONCE]
    await let_go(scene, ids, delivering)
    assert len(scene.discord.pictures()) == 11


async def test_slow_pictures_of_one_guild_do_not_block_another_s(scene: Scene) -> None:
    """Whatever comes while they hold all places of the first eight."""
    slow = [(await scene.drawn(1)).id for _ in range(12)]
    delivering = await dripping(scene, slow)
    other = await scene.drawn(2)
    scene.wakeup.set()
    await scene.outbox._start_due()
    await until(lambda: scene.discord.pictures() and len(scene.outbox._active) == AT_ONCE)
    assert (await scene.picture(other)).state is PictureState.SHOWN
    assert len(scene.relay.under_way) == AT_ONCE
    await let_go(scene, slow, delivering)


async def test_slow_pictures_of_one_member_do_not_block_the_others_of_the_guild(
    scene: Scene,
) -> None:
    """Likewise."""
    slow = [(await scene.drawn(3, 1)).id for _ in range(12)]
    delivering = await dripping(scene, slow)
    other = await scene.drawn(3, 2)
    await scene.outbox._start_due()
    await until(lambda: scene.discord.pictures() and len(scene.outbox._active) == AT_ONCE)
    assert (await scene.picture(other)).state is PictureState.SHOWN
    await let_go(scene, slow, delivering)


async def test_all_that_may_be_under_way_has_its_bounds(scene: Scene) -> None:
    """Many members of one guild, then many guilds, all of them slow."""
    ids = [(await scene.drawn(1, user)).id for user in range(1, 20)]
    delivering = await dripping(scene, ids, AT_ONCE_WITH_OTHER_MEMBERS)
    more = [(await scene.drawn(guild, guild)).id for guild in range(2, 25)]
    for job_id in more:
        scene.relay.drip(job_id)
    await scene.outbox._start_due()
    await until(lambda: len(scene.relay.under_way) == AT_ONCE_WITH_OTHER_GUILDS)
    await turns()
    assert len(scene.relay.under_way) == AT_ONCE_WITH_OTHER_GUILDS
    await let_go(scene, [*ids, *more], delivering)
    assert len(scene.discord.pictures()) == len(ids) + len(more)


async def test_guilds_take_turns_when_all_wait(scene: Scene) -> None:
    """Though one has been waiting with a dozen before the others came."""
    many = [(await scene.drawn(1)).id for _ in range(12)]
    scene.clock.advance(1)
    others = [(await scene.drawn(guild)).id for guild in (2, 3, 4)]
    delivering = await dripping(scene, [*many, *others])
    assert set(others) < set(scene.relay.opened)
    await let_go(scene, [*many, *others], delivering)


async def test_a_picture_waits_for_the_first_answer(scene: Scene) -> None:
    """Z-Image may be quicker; only a crash leaves a job without one."""
    job = await scene.drawn(is_answered=False)
    await scene.deliver()
    assert scene.discord.asked == []
    await scene.answer(job)
    await scene.deliver()
    assert len(scene.discord.pictures()) == 1


async def test_a_job_that_was_never_answered_gets_a_message_of_its_own(scene: Scene) -> None:
    """After a crash around the first answer."""
    await scene.drawn(is_answered=False)
    scene.clock.advance(FIRST_ANSWER_S + 1)
    await scene.deliver()
    assert scene.discord.asked[:3] == ["search 10", "send 10", "thread 10"]
    assert len(scene.discord.pictures()) == 1


async def test_the_first_answer_has_five_seconds(scene: Scene) -> None:
    """Discord grants three; what is posted sooner would be a second status message."""
    await scene.drawn(is_answered=False)
    scene.clock.advance(5.0)
    await scene.deliver()
    assert scene.discord.asked == []
    scene.clock.advance(0.1)
    await scene.deliver()
    assert len(scene.discord.pictures()) == 1


async def test_what_is_under_way_is_not_begun_again(scene: Scene) -> None:
    """However often and at once it is looked for: two would post it twice."""
    ids = [(await scene.drawn()).id for _ in range(3)]
    delivering = await dripping(scene, ids, 3)
    await asyncio.gather(*(scene.outbox._start_due() for _ in range(5)))
    await turns()
    assert sorted(scene.relay.opened) == ids
    await let_go(scene, ids, delivering)
    assert len(scene.discord.pictures()) == 3


async def test_two_looks_at_once_begin_each_delivery_once(scene: Scene) -> None:
    """As when a drain begins while the outbox still looks."""
    ids = [(await scene.drawn()).id for _ in range(3)]
    for job_id in ids:
        scene.relay.drip(job_id)
    await asyncio.gather(*(scene.outbox._start_due() for _ in range(5)))
    await until(lambda: len(scene.relay.under_way) == 3)
    await turns()
    assert sorted(scene.relay.opened) == ids
    await let_go(scene, ids, asyncio.create_task(scene.deliver()))


async def test_what_was_delivered_since_it_was_listed_is_left_alone(scene: Scene) -> None:
    """By another outbox on the same rows, say."""
    job = await scene.drawn()
    await scene.deliver()
    scene.discord.asked.clear()
    await scene.outbox._do(job)
    assert scene.discord.asked == []
    assert len(scene.discord.pictures()) == 1


async def test_what_falls_due_later_is_not_delivered_sooner(scene: Scene) -> None:
    """Not by a wake-up, not by a drain."""
    job = await scene.drawn()
    scene.discord.refuse("post", answer(503), times=1)
    await scene.deliver()
    scene.discord.asked.clear()
    await scene.deliver()
    await scene.outbox._do(job)
    assert scene.discord.asked == []


async def test_each_end_makes_room_for_the_next(scene: Scene) -> None:
    """At once, without waiting for the next look."""
    ids = [(await scene.drawn()).id for _ in range(2 * AT_ONCE + 1)]
    async with running(scene.outbox.run()):
        await until(lambda: len(scene.discord.pictures()) == len(ids))
    assert sorted(scene.relay.opened) == ids


async def test_the_pulse_beats_while_pictures_move(scene: Scene) -> None:
    """Not while more are due than find room and none ends: that is what health tells."""
    now_s = 100.0
    pulse = scene.outbox.pulse = Pulse(monotonic_s=lambda: now_s)
    ids = [(await scene.drawn()).id for _ in range(AT_ONCE + 2)]
    async with running(scene.outbox.run()):
        for job_id in ids:
            scene.relay.drip(job_id)
        await until(lambda: len(scene.relay.under_way) == AT_ONCE)
        now_s += 50
        scene.wakeup.set()
        await turns()
        assert pulse.age_s() == 50, "two wait for room"
        scene.relay.drip(ids[0]).set()
        await until(lambda: len(scene.discord.pictures()) == 1)
        await until(lambda: pulse.age_s() == 0)
        now_s += 50
        for job_id in ids:
            scene.relay.drip(job_id).set()
        await until(lambda: len(scene.discord.pictures()) == len(ids))
        await until(lambda: not scene.outbox._active)
        now_s += 50
        scene.wakeup.set()
        await until(lambda: pulse.age_s() == 0)


async def test_the_bounds_are_those_of_the_document() -> None:
    """Memory and Discord's patience bear them; the tests above take them from the code."""
    assert (AT_ONCE, AT_ONCE_WITH_OTHER_MEMBERS, AT_ONCE_WITH_OTHER_GUILDS) == (8, 16, 32)
    assert (POLL_S, PAUSE_S, MOST_QUICK_ATTEMPTS, SLOWER) == (2.0, 2.0, 12, 8)


async def test_words_of_a_deleted_picture_are_tried_for_a_day(scene: Scene) -> None:
    """From its deletion on, however old it is."""
    job = await scene.drawn()
    await scene.deliver()
    scene.clock.advance(3 * DAY_S)
    await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
    scene.discord.refuse("edit", answer(503))
    await scene.deliver_for(DAY_S - 600)
    assert await scene.due() == [job.id]
    await scene.deliver_for(3600)
    assert await scene.due() == []
    view = await scene.service.queue(job.origin.guild_id, job.origin.user_id)
    assert view.undelivered == ()


async def test_it_delivers_when_the_bell_rings_and_looks_now_and_then(scene: Scene) -> None:
    """The wake-up event for its own process's work, the look for another's."""
    async with running(scene.outbox.run()):
        first = await scene.drawn()
        scene.wakeup.set()
        await until(lambda: len(scene.discord.pictures()) == 1)
        await until(lambda: not scene.outbox._active)
        await scene.drawn()
        while len(scene.discord.pictures()) == 1:
            scene.clock.advance(POLL_S)
            await scene.clock.until_slept()
    assert (await scene.picture(first)).state is PictureState.SHOWN


async def test_it_rests_between_two_looks(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look is a query; the wake-up event makes good what the rest delays."""
    rests_us: list[int] = []

    async def rest(at_us: int) -> None:
        rests_us.append(at_us - scene.clock.now_us())
        await asyncio.sleep(0)

    monkeypatch.setattr(scene.outbox._waking, "wait_until", rest)
    async with running(scene.outbox.run()):
        await until(lambda: len(rests_us) >= 3)
    assert set(rests_us) == {2_000_000}


async def test_the_outbox_ends_after_all_that_was_under_way(scene: Scene) -> None:
    """However long each takes to let go."""
    ended: list[int] = []

    async def linger(job: Job) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await turns(10 * job.id)
            ended.append(job.id)

    scene.outbox._do = linger  # type: ignore[method-assign] # for this test
    ids = [(await scene.drawn()).id for _ in range(3)]
    async with running(scene.outbox.run()):
        await until(lambda: len(scene.outbox._active) == 3)
        await turns()
    assert ended == ids


async def test_a_failure_is_said_with_what_the_operator_looks_for(scene: Scene) -> None:
    """Job, guild, attempt, kind and error; the end with its job."""
    job = await scene.drawn()
    scene.discord.refuse("post", answer(503), times=1)
    scene.discord.refuse("post", KeyError("id"), times=1)
    scene.discord.refuse("post", answer(400, 50035))
    with capture_logs() as logs:
        await scene.deliver_for(30)
    failed, broke, never, unposted, notified = [
        one for one in logs if one["log_level"] != "info" or one["event"] == "notified"
    ]
    where = {"job": job.id, "guild": 1}
    assert failed.items() >= {**where, "attempt": 0, "kind": "later"}.items()
    assert "HTTPException" not in failed["event"]
    assert failed["error"].startswith("DiscordServerError: 503")
    assert broke.items() >= {**where, "event": "delivery broke"}.items()
    assert never.items() >= {**where, "attempt": 2, "kind": "never"}.items()
    assert unposted["job"] == job.id
    assert notified.items() >= {**where, "state": job.state}.items()


async def test_what_is_under_way_ends_with_the_outbox(scene: Scene) -> None:
    """It stands in its row for the next start."""
    job = await scene.drawn()
    scene.relay.drip(job.id)
    async with running(scene.outbox.run()):
        await until(lambda: bool(scene.relay.under_way))
    assert scene.relay.under_way == set()
    assert await scene.due() == [job.id]


async def test_a_delivery_that_hangs_is_cut_and_tried_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two minutes are enough for the largest picture."""
    assert LONGEST_TRY_S == 120
    monkeypatch.setattr("bot.delivery.outbox.LONGEST_TRY_S", 0.01)
    job = await scene.drawn()
    scene.relay.drip(job.id)
    await scene.deliver()
    assert (await scene.job(job)).message.attempts == 1


async def test_what_was_deleted_meanwhile_is_not_posted(scene: Scene) -> None:
    """It was due when it was listed; its words are taken out of the status message."""
    job = await scene.drawn()
    await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
    await scene.outbox._do(job)
    assert scene.discord.asked == ["edit 10"]
    assert not (await scene.job(job)).request.prompt


async def dripping(scene: Scene, ids: list[JobId], count: int = AT_ONCE) -> asyncio.Task[None]:
    """Delivers all of these, and none comes to an end; returns once `count` are under way."""
    for job_id in ids:
        scene.relay.drip(job_id)
    delivering = asyncio.create_task(scene.deliver())
    await until(lambda: len(scene.relay.under_way) == count)
    await turns()
    assert len(scene.relay.under_way) == count
    return delivering


async def let_go(scene: Scene, ids: list[JobId], delivering: asyncio.Task[None]) -> None:
    for job_id in ids:
        scene.relay.drip(job_id).set()
    await delivering
