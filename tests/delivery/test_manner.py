"""Where a picture is posted and whether its member is notified, as the guild's staff want it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from bot.policy.defaults import PersonDefault
from bot.policy.quotas import span_of
from bot.policy.rows import save_default, set_policy
from bot.policy.rules import Key, ResultsIn, Scope
from bot.queue.records import ChannelId, MessageId, PictureState
from bot.refusals import Period
from bot.texts import Texts
from tests.delivery.scripted import answer

if TYPE_CHECKING:
    from tests.delivery.scene import Scene

GUILD = 1
BERLIN = ZoneInfo("Europe/Berlin")


async def want(scene: Scene, name: str, value: Any) -> None:
    """Staff of guild 1 set a value."""
    key = Key(Scope.GUILD, GUILD, name, GUILD)
    await scene.database.write(set_policy, key, value, by="7", now_us=scene.clock.now_us())


async def test_a_picture_may_stand_in_the_channel_itself(scene: Scene) -> None:
    """Its status message becomes it, and nobody apologises for a missing thread."""
    await want(scene, "results_in", ResultsIn.CHANNEL)
    job = await scene.drawn()
    await scene.deliver()
    (picture,) = scene.discord.in_channel(job.origin.channel_id)
    assert picture is scene.discord.messages[job.message.message_id or MessageId(0)]
    assert picture.files == [f"zeuxis-{job.id}.png"]
    assert "could not open a thread" not in picture.text
    assert scene.discord.threads == {}


@pytest.mark.parametrize(
    "row", ["1, 'guild', 1, 'results_in', 'bucket'", "0, 'operator', 0, 'cooldown_s', 'a while'"]
)
async def test_nonsense_in_the_policy_holds_no_picture_back(scene: Scene, row: str) -> None:
    """It is paid, so it is posted as where nobody has set anything; and none of others' waits."""
    job, other = await scene.drawn(), await scene.drawn(guild=2, user=2)
    await scene.database.write(
        lambda tx: tx.execute(f"INSERT INTO policy VALUES ({row}, 1, 'ada', 1)")
    )
    with capture_logs() as lines:
        await scene.deliver()
    assert [(await scene.picture(one)).state for one in (job, other)] == [PictureState.SHOWN] * 2
    assert (await scene.picture(job)).channel_id in scene.discord.threads
    told = [one for one in lines if one["event"] == "settings not readable, posted without them"]
    of_job = [one["detail"] for one in told if one["job"] == job.id]
    assert len(of_job) == 1
    assert of_job[0].startswith("policy row ")


async def test_nonsense_in_a_members_default_holds_no_picture_back(scene: Scene) -> None:
    """Whether its words may be told is unknown then, so they are not."""
    job = await scene.drawn()
    await scene.database.write(
        lambda tx: tx.execute(
            "INSERT INTO person_default (user_id, size, negative, pings) VALUES (?, 'huge', ?, 1)",
            (job.origin.user_id, "secret"),
        )
    )
    with capture_logs() as lines:
        await scene.deliver()
    assert (await scene.picture(job)).state is PictureState.SHOWN
    (picture,) = scene.discord.pictures()
    assert picture.alt == "AI-generated picture"
    (told,) = [one for one in lines if one["event"] == "settings not readable, posted without them"]
    assert "huge" in told["detail"]
    assert "secret" not in told["detail"]


async def test_a_thread_that_staff_no_longer_want_does_not_stay_empty(scene: Scene) -> None:
    """It was opened, the picture did not come into it, and meanwhile they chose the channel."""
    job = await scene.drawn()
    scene.discord.refuse("post", answer(500), times=1)
    await scene.deliver()
    assert len(scene.discord.threads) == 1
    await want(scene, "results_in", ResultsIn.CHANNEL)
    await scene.deliver_for(600)
    assert (await scene.picture(job)).channel_id == job.origin.channel_id
    assert scene.discord.threads == {}


async def test_a_members_pictures_of_a_day_share_one_thread(scene: Scene) -> None:
    """It bears their name; another member has another."""
    await want(scene, "results_in", ResultsIn.DAILY)
    first, second = await scene.drawn(), await scene.drawn()
    other = await scene.drawn(user=2)
    await scene.deliver()
    places = {(await scene.picture(one)).channel_id for one in (first, second)}
    assert len(places) == 1
    assert (await scene.picture(other)).channel_id not in places
    assert [scene.discord.threads[ChannelId(one or 0)] for one in places] == [
        "member 1 of 1: pictures of the day"
    ]
    assert len(scene.discord.threads) == 2


async def test_the_day_ends_at_midnight_where_the_guild_is(scene: Scene) -> None:
    """A picture belongs to the day in which it was asked for."""
    await want(scene, "results_in", ResultsIn.DAILY)
    await want(scene, "time_zone", BERLIN)
    first = await scene.drawn()
    end_us = span_of(Period.DAY, BERLIN, scene.clock.now_us()).ends_at_us
    scene.clock.advance((end_us - scene.clock.now_us()) / 1e6 - 60)
    second = await scene.drawn()
    scene.clock.advance(120)
    third = await scene.drawn()
    await scene.deliver()
    places = [(await scene.picture(one)).channel_id for one in (first, second, third)]
    assert places[0] == places[1] != places[2]


async def test_a_days_thread_that_is_gone_is_followed_by_another(scene: Scene) -> None:
    """The picture that finds it gone hangs in the channel; the next opens a new one."""
    await want(scene, "results_in", ResultsIn.DAILY)
    first = await scene.drawn()
    await scene.deliver()
    gone = (await scene.picture(first)).channel_id
    scene.discord.refuse("post", answer(404, 10003), channel=gone, times=1)
    second, third = await scene.drawn(), None
    await scene.deliver()
    assert (await scene.picture(second)).channel_id == second.origin.channel_id
    third = await scene.drawn()
    await scene.deliver()
    place = (await scene.picture(third)).channel_id or 0
    assert place == (third.message.message_id or 0) != gone


async def test_a_post_whose_answer_was_lost_is_found_in_the_days_thread(scene: Scene) -> None:
    """Not posted twice."""
    await want(scene, "results_in", ResultsIn.DAILY)
    job = await scene.drawn()
    scene.discord.refuse("post", ConnectionResetError(), times=1, is_done=True)
    await scene.deliver()
    scene.discord.forget_nonces()
    await scene.deliver_for(10)
    assert (await scene.picture(job)).state is PictureState.SHOWN
    assert len(scene.discord.pictures()) == 1


async def test_deleting_one_picture_leaves_the_days_thread_its_name(scene: Scene) -> None:
    """It is not named after a prompt."""
    await want(scene, "results_in", ResultsIn.DAILY)
    job = await scene.drawn()
    await scene.deliver()
    job = await scene.job(job)
    assert job.message.thread_id is None, "which is what would be renamed"


async def test_a_member_is_notified_if_staff_want_it(scene: Scene) -> None:
    """That one alone; by default nobody is."""
    await scene.drawn(user=3)
    await scene.deliver()
    await want(scene, "pings", value=True)
    await scene.drawn(user=4)
    await scene.deliver()
    assert [one.pinged for one in scene.discord.pictures()] == [None, 4]
    assert "<@4>" in scene.discord.pictures()[1].text


async def test_a_member_s_own_way_comes_before_the_staff_s(scene: Scene) -> None:
    """Notified always or never, and no words of theirs in the alternative text."""
    ways = {4: PersonDefault(pings=False), 5: PersonDefault(pings=True, alt_words=False)}
    for user, default in ways.items():
        await scene.database.write(save_default, user, default)
    await scene.drawn(user=5)
    await scene.deliver()
    await want(scene, "pings", value=True)
    await scene.drawn(user=4)
    await scene.deliver()
    theirs, quiet = scene.discord.pictures()
    assert (theirs.pinged, quiet.pinged) == (5, None)
    assert theirs.alt == "AI-generated picture"
    assert quiet.alt.startswith("AI-generated picture: ")


async def test_everybody_reads_in_the_language_that_staff_have_chosen(scene: Scene) -> None:
    """What only the member reads stays in theirs."""
    await want(scene, "language", "ja")
    job = await scene.drawn()
    assert (job.origin.guild_locale, job.origin.locale) == ("ja", "en-US")
    await scene.deliver()
    (picture,) = scene.discord.pictures()
    assert Texts("ja").say("Prompt") in picture.text
