"""A picture that was reported so often is in no message until the staff have looked at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.errors import DownloadFailed, LinkExpired, PictureTooLarge
from bot.features.moderation.rows.decisions import decide_report
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.queue import reports, review
from bot.queue.cases import CaseEnd, CaseKind, Decision, about_job, find_case
from bot.queue.records import LINK_LIVES_US, ChannelId, InteractionId, UserId
from bot.queue.reports import ReportReason
from bot.queue.shown import Repost, begin_repost, record_repost
from bot.records import replace
from bot.refusals import PictureHidden
from bot.texts.cards import notice
from tests.delivery.reviewing import STAFF, make_staff, name_channel
from tests.delivery.scene import URL
from tests.delivery.scripted import Said, answer
from tests.delivery.test_gallery import asked_and_painted
from tests.delivery.test_manner import want
from tests.delivery.test_preview import status
from tests.queue.world import a_request

if TYPE_CHECKING:
    from bot.queue.cases import Case
    from bot.queue.records import Job, MessageId
    from tests.delivery.scene import Scene

ADA, MODERATOR = UserId(501), UserId(900)
HIDDEN = "This picture is hidden"


async def delivered(scene: Scene) -> Job:
    job = await scene.drawn()
    await scene.deliver()
    await hide_after_one(scene)
    return await scene.job(job)


async def hide_after_one(scene: Scene) -> None:
    key = Key(Scope.GUILD, 1, "hides_after_reports", 1)
    await scene.database.write(set_policy, key, 1, by="7", now_us=1)


async def report(scene: Scene, job: Job, by: UserId = ADA) -> None:
    now_us = scene.clock.now_us()
    await scene.database.write(reports.report, job.id, by, ReportReason.OTHER, "", now_us=now_us)


async def case_of(scene: Scene, job: Job) -> Case:
    case = await scene.database.read(find_case, CaseKind.REPORT, about_job(job.id))
    assert case is not None
    return case


async def decide(scene: Scene, job: Job, decision: Decision) -> None:
    end = CaseEnd(decision=decision, by=MODERATOR, at_us=scene.clock.now_us())
    await scene.database.write(decide_report, (await case_of(scene, job)).id, end)


def own(scene: Scene, job: Job) -> Said:
    assert job.picture is not None
    assert job.picture.message_id is not None
    return scene.discord.messages[job.picture.message_id]


async def saved(scene: Scene, job: Job) -> bytes | None:
    return await scene.database.read(review.kept_file, job.id)


async def test_its_message_shows_it_no_more(scene: Scene) -> None:
    """Neither picture nor words; its file is saved before."""
    job = await delivered(scene)
    assert own(scene, job).files == [f"zeuxis-{job.id}.png"]
    await report(scene, job)
    await scene.deliver()
    assert own(scene, job).files == []
    assert HIDDEN in own(scene, job).text
    assert "a cat" not in own(scene, job).text
    assert await saved(scene, job) == b"png"
    assert await scene.due() == []


async def test_nor_does_its_status_message_elsewhere(scene: Scene) -> None:
    """Which shows it small, and tells its words; these come back, and lead to the picture."""
    await want(scene, "preview", value=True)
    job = await delivered(scene)
    before = status(scene, job).text
    assert status(scene, job).files == [f"preview-{job.id}.jpg"]
    await report(scene, job)
    await scene.deliver()
    assert status(scene, job).files == []
    assert "a cat" not in status(scene, job).text
    await decide(scene, job, Decision.DISMISSED)
    await scene.deliver()
    assert status(scene, job).text == before


async def test_its_words_leave_the_title_of_its_thread_and_come_back(scene: Scene) -> None:
    job = await delivered(scene)
    assert title(scene) == "a cat"
    await report(scene, job)
    await scene.deliver()
    assert title(scene) == "Z-Image"
    await decide(scene, job, Decision.DISMISSED)
    await scene.deliver()
    assert title(scene) == "a cat"


@pytest.mark.parametrize("reported", [0, 1])
async def test_of_several_the_first_gives_the_title(scene: Scene, reported: int) -> None:
    """Another one's words do not stand there, so that nothing is asked of Discord."""
    jobs = await asked_and_painted(scene, 2, is_thread=False)
    await scene.deliver()
    await hide_after_one(scene)
    await report(scene, jobs[reported])
    await scene.deliver()
    assert title(scene) == ("a cat" if reported else "Z-Image")
    renamed = [one for one in scene.discord.asked if one.startswith("rename")]
    assert len(renamed) == 1 - reported


def title(scene: Scene) -> str:
    (name,) = scene.discord.threads.values()
    return name


async def test_of_several_one_that_is_hidden_is_not_shown_small(scene: Scene) -> None:
    await want(scene, "preview", value=True)
    jobs = await asked_and_painted(scene, 2, is_thread=False)
    await scene.deliver()
    await hide_after_one(scene)
    assert status(scene, jobs[0]).files == [f"preview-{jobs[0].id}.jpg"]
    await report(scene, jobs[0])
    await scene.deliver()
    assert status(scene, jobs[0]).files == []


async def test_dismissed_it_is_shown_again_as_before(scene: Scene) -> None:
    job = await delivered(scene)
    before = own(scene, job).text
    await report(scene, job)
    await scene.deliver()
    await decide(scene, job, Decision.DISMISSED)
    await scene.deliver()
    assert own(scene, job).files == [f"zeuxis-{job.id}.png"]
    assert own(scene, job).text == before
    assert await saved(scene, job) is None, "the message has it"
    assert await scene.due() == []


async def test_dismissed_before_it_was_hidden_nothing_is_changed_for_long(scene: Scene) -> None:
    job = await delivered(scene)
    await report(scene, job)
    await decide(scene, job, Decision.DISMISSED)
    await scene.deliver()
    assert own(scene, job).files == [f"zeuxis-{job.id}.png"]
    assert await scene.due() == []


async def test_removed_it_is_gone_with_its_file(scene: Scene) -> None:
    job = await delivered(scene)
    await report(scene, job)
    await scene.deliver()
    await decide(scene, job, Decision.REMOVED)
    await scene.deliver()
    assert job.picture is not None
    assert job.picture.message_id not in scene.discord.messages
    assert await saved(scene, job) is None


async def test_the_staff_see_it_on_their_card(scene: Scene) -> None:
    """Under a spoiler; also if the card hung there before the picture was hidden."""
    await name_channel(scene)
    job = await delivered(scene)
    staff = make_staff(scene)
    await report(scene, job)
    await staff.drain()
    (card,) = scene.discord.in_channel(STAFF)
    assert card.files == []
    await scene.deliver()
    scene.discord.forget_edits()
    await staff.drain()
    assert card.files == [f"SPOILER_zeuxis-{job.id}.png"]


async def test_a_card_that_comes_later_has_it_from_the_beginning(scene: Scene) -> None:
    await name_channel(scene)
    job = await delivered(scene)
    await report(scene, job)
    await scene.deliver()
    await make_staff(scene).drain()
    (card,) = scene.discord.in_channel(STAFF)
    assert card.files == [f"SPOILER_zeuxis-{job.id}.png"]


async def test_from_the_card_it_comes_back(scene: Scene) -> None:
    """If nobody has the file any more but the card."""
    await name_channel(scene)
    job = await delivered(scene)
    await report(scene, job)
    await scene.deliver()
    await make_staff(scene).drain()
    await scene.database.write(review.drop_file, job.id)
    await decide(scene, job, Decision.DISMISSED)
    await scene.deliver()
    assert own(scene, job).files == [f"zeuxis-{job.id}.png"]


async def test_without_its_file_it_stays(scene: Scene) -> None:
    """What is hidden must be able to come back."""
    job = await delivered(scene)
    own(scene, job).files.clear()
    await report(scene, job)
    await scene.deliver()
    assert HIDDEN not in own(scene, job).text
    assert await scene.due() == []


async def test_a_file_that_is_broken_keeps_it_where_it_is(scene: Scene) -> None:
    job = await delivered(scene)
    scene.relay.fail(LinkExpired("gone"))
    await report(scene, job)
    await scene.deliver()
    assert own(scene, job).files == [f"zeuxis-{job.id}.png"]
    assert await scene.due() == []


async def test_a_file_that_does_not_come_now_is_fetched_later(scene: Scene) -> None:
    """Also of a picture that hangs for days."""
    job = await delivered(scene)
    scene.clock.advance(5 * 86_400)
    scene.relay.fail(DownloadFailed("cut"))
    await report(scene, job)
    await scene.deliver()
    assert own(scene, job).files != []
    assert await scene.due() == [job.id]
    await scene.deliver_for(3600)
    assert own(scene, job).files == []


async def test_an_outage_of_discord_delays_it(scene: Scene) -> None:
    job = await delivered(scene)
    scene.discord.refuse("edit", answer(502), times=1)
    await report(scene, job)
    await scene.deliver()
    assert await scene.due() == [job.id]
    await scene.deliver_for(3600)
    assert HIDDEN in own(scene, job).text


async def test_a_message_that_is_gone_ends_it(scene: Scene) -> None:
    job = await delivered(scene)
    scene.discord.refuse("edit", answer(404, 10008))
    await report(scene, job)
    await scene.deliver()
    assert await scene.due() == []


async def test_an_archived_thread_is_opened(scene: Scene) -> None:
    job = await delivered(scene)
    assert job.picture is not None
    scene.discord.refuse("edit", answer(400, 50083), channel=job.picture.channel_id)
    await report(scene, job)
    await scene.deliver()
    assert HIDDEN in own(scene, job).text


async def test_nobody_having_its_file_it_stays_hidden(scene: Scene) -> None:
    """Nothing is lost: the staff may yet remove it."""
    job = await delivered(scene)
    await report(scene, job)
    await scene.deliver()
    await scene.database.write(review.drop_file, job.id)
    await decide(scene, job, Decision.DISMISSED)
    await scene.deliver()
    assert HIDDEN in own(scene, job).text
    assert await scene.due() == []


async def repost(scene: Scene, job: Job) -> MessageId:
    copy = scene.discord.put(
        Said(channel_id=10, view=notice("a copy"), files=[f"zeuxis-{job.id}.png"])
    )
    hung = Repost(interaction_id=InteractionId(5), channel_id=ChannelId(10))
    await scene.database.write(begin_repost, hung.interaction_id, job.id, hung.channel_id)
    await scene.database.write(
        record_repost, job.id, replace(hung, message_id=copy), now_us=scene.clock.now_us()
    )
    return copy


async def test_copies_are_hidden_and_shown_again_with_it(scene: Scene) -> None:
    job = await delivered(scene)
    copy = await repost(scene, job)
    await report(scene, job)
    await scene.deliver()
    assert scene.discord.messages[copy].files == []
    await decide(scene, job, Decision.DISMISSED)
    await scene.deliver_for(60)
    assert scene.discord.messages[copy].files == [f"zeuxis-{job.id}.png"]


async def test_a_hidden_picture_is_not_posted_again(scene: Scene) -> None:
    job = await delivered(scene)
    await report(scene, job)
    with pytest.raises(PictureHidden):
        await repost(scene, job)


async def test_of_several_pictures_only_that_one_leaves_the_message(scene: Scene) -> None:
    """And comes back among the others."""
    request = a_request()
    origin = (await scene.submitted(is_answered=False)).origin
    await scene.claimed()
    made = replace(origin, interaction_id=InteractionId(77))
    first = (await scene.service.submit(request, made, more=[replace(request, seed=8)])).job
    await scene.answer(first)
    jobs = [await scene.complete(await scene.claimed()) for _ in range(2)]
    await scene.deliver_for(60)
    key = Key(Scope.GUILD, 1, "hides_after_reports", 1)
    await scene.database.write(set_policy, key, 1, by="7", now_us=1)
    names = [f"zeuxis-{job.id}.png" for job in jobs]
    said = own(scene, await scene.job(jobs[0]))
    assert sorted(said.files) == sorted(names)
    await report(scene, jobs[0])
    await scene.deliver_for(60)
    assert said.files == [names[1]]
    assert HIDDEN in said.text
    await decide(scene, jobs[0], Decision.DISMISSED)
    await scene.deliver_for(60)
    assert sorted(said.files) == sorted(names)
    assert HIDDEN not in said.text


# ------------------------------------------------------------------------------------------------
# Too large for any upload: shown by the provider's link, which nobody can save.


async def shown_by_link(scene: Scene) -> Job:
    fits_nowhere(scene)
    return await delivered(scene)


def fits_nowhere(scene: Scene) -> None:
    too_large = PictureTooLarge(size_bytes=2, limit_bytes=1)
    scene.relay.fail(too_large)
    scene.relay.fail_smaller(too_large)


async def test_the_link_of_a_picture_leaves_its_message_and_comes_back(scene: Scene) -> None:
    """Its row keeps it meanwhile, and no longer."""
    job = await shown_by_link(scene)
    assert own(scene, job).images == [URL]
    await report(scene, job)
    await scene.deliver()
    assert own(scene, job).images == []
    assert HIDDEN in own(scene, job).text
    assert (await scene.picture(job)).link == URL
    await decide(scene, job, Decision.DISMISSED)
    fits_nowhere(scene)
    await scene.deliver_for(60)
    assert own(scene, job).images == [URL]
    assert (await scene.picture(job)).link is None


async def test_the_staff_see_it_by_its_link(scene: Scene) -> None:
    """On a card that hung there before; behind a spoiler like any other."""
    await name_channel(scene)
    job, staff = await shown_by_link(scene), make_staff(scene)
    await report(scene, job)
    await staff.drain()
    await scene.deliver()
    scene.discord.forget_edits()
    fits_nowhere(scene)
    await staff.drain()
    (card,) = scene.discord.in_channel(STAFF)
    assert card.images == [URL]


async def test_a_link_that_died_is_hidden_with_the_words_and_does_not_come_back(
    scene: Scene,
) -> None:
    """It showed nothing any more."""
    job = await shown_by_link(scene)
    scene.clock.advance(LINK_LIVES_US / 1e6)
    await report(scene, job)
    await scene.deliver()
    assert HIDDEN in own(scene, job).text
    scene.relay.fail(LinkExpired("gone"))
    await decide(scene, job, Decision.DISMISSED)
    await scene.deliver()
    assert own(scene, job).images == []
    assert await scene.due() == []
