"""Where the file of a picture that was held comes from, once its link is dead."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.delivery.staff import KEPT_AFTER_US, LOOK_EVERY_S
from bot.errors import DownloadFailed, LinkExpired, NotAPicture, PictureTooLarge
from bot.features.moderation.rows import decisions
from bot.features.moderation.rows.appeals import AppealKind, decide_appeal, open_appeal
from bot.moderation.word_rules import RuleOutcome
from bot.queue import review
from bot.queue.cases import CaseEnd, Decision
from bot.queue.jobs import select_job
from bot.queue.postings import mark_deleted
from bot.queue.records import LINK_LIVES_US, PictureState, UserId
from bot.records import replace
from bot.runtime.health import Pulse
from tests.delivery.reviewing import (
    A_WHILE_S,
    cards,
    case_of,
    held,
    kept,
    make_due,
    make_keeper,
    make_screener,
    make_staff,
    name_channel,
    rule,
)
from tests.delivery.scene import make_files
from tests.delivery.scripted import answer
from tests.queue.world import an_outcome
from tests.running import PATIENCE_S, running

if TYPE_CHECKING:
    from bot.delivery.carry import PictureFiles
    from bot.errors import RelayError
    from bot.queue.cases import Case
    from bot.queue.records import Job
    from tests.delivery.scene import Scene

DAYS_S = 2 * 86_400


def files(scene: Scene) -> PictureFiles:
    return make_files(scene.database, scene.discord, scene.relay, scene.clock)


async def test_a_file_from_the_card_is_kept_too(scene: Scene) -> None:
    """Once, and the card's is not looked for again."""
    await name_channel(scene)
    job = await held(scene)
    await make_staff(scene).drain()
    scene.clock.advance(DAYS_S)
    await files(scene).keep(job)
    await files(scene).keep(job)
    assert await kept(scene, job) == b"png"
    assert len(scene.relay.read_links) == 1


async def test_a_picture_that_was_never_held_has_its_link_alone(scene: Scene) -> None:
    job = await scene.drawn()
    assert await files(scene).kept(job) is None
    scene.clock.advance(DAYS_S)
    assert await files(scene).source(job) == (job.picture and job.picture.link)


async def test_a_card_whose_picture_is_gone_helps_nobody(scene: Scene) -> None:
    """The message stands, without its file."""
    await name_channel(scene)
    job = await held(scene)
    await make_staff(scene).drain()
    case = await case_of(scene, job)
    assert case.card_message_id is not None
    scene.discord.messages[case.card_message_id].files.clear()
    scene.clock.advance(DAYS_S)
    with pytest.raises(LinkExpired):
        await files(scene).source(job)


async def test_a_card_that_was_deleted_helps_nobody(scene: Scene) -> None:
    await name_channel(scene)
    job = await held(scene)
    await make_staff(scene).drain()
    scene.clock.advance(DAYS_S)
    scene.discord.refuse("links", answer(404, 10008))
    with pytest.raises(LinkExpired):
        await files(scene).source(job)


async def test_discords_storage_that_fails_for_a_moment_is_asked_again(scene: Scene) -> None:
    await name_channel(scene)
    job = await held(scene)
    await make_staff(scene).drain()
    scene.clock.advance(DAYS_S)
    scene.relay.fail(DownloadFailed("slow"), LinkExpired("gone"))
    with pytest.raises(DownloadFailed):
        await files(scene).source(job)
    with pytest.raises(LinkExpired):
        await files(scene).source(job)
    assert await files(scene).whole(job) == b"png"


@pytest.mark.parametrize("error", [LinkExpired("gone"), NotAPicture("a page of a gateway")])
async def test_an_approved_picture_comes_from_the_card_where_its_link_gives_none(
    scene: Scene, error: RelayError
) -> None:
    """What the staff have seen and let go is not lost by what the provider's storage says."""
    await name_channel(scene)
    job = await held(scene)
    await make_staff(scene).drain()
    case = await case_of(scene, job)
    now_us = scene.clock.now_us()
    await scene.database.write(decisions.approve, case.id, by=UserId(900), now_us=now_us)
    scene.relay.fail(error)
    await scene.deliver()
    job = await scene.job(job.id)
    assert job.picture is not None
    assert job.picture.state is PictureState.SHOWN


async def test_files_of_rejected_pictures_are_dropped_after_a_while(scene: Scene) -> None:
    """Those that are held never are."""
    job, other = await held(scene), await held(scene, user=2)
    await make_staff(scene).drain()
    case = await case_of(scene, job)
    rejected_at_us = scene.clock.now_us()
    await scene.database.write(decisions.reject, case.id, by=case.user_id, now_us=rejected_at_us)
    dropped = [
        await scene.database.write(review.drop_old_files, decided_before_us=rejected_at_us + n)
        for n in (-1, 0, 10**12)
    ]
    assert dropped == [0, 1, 0]
    assert await kept(scene, other) == b"png"


@pytest.mark.parametrize("is_appealed_at_once", [True, False])
async def test_what_a_rule_refused_is_kept_for_its_appeal(
    scene: Scene, is_appealed_at_once: bool
) -> None:
    """No card of the staff has it, and the staff may take longer than its link lives."""
    await rule(scene, RuleOutcome.REFUSE, "dragon")
    await scene.submitted()
    job = await scene.complete(
        await scene.claimed(), replace(an_outcome(), shown_prompt="a dragon")
    )
    await make_screener(scene).drain()
    await scene.deliver()
    case = await appeal(scene, job) if is_appealed_at_once else None
    scene.clock.advance(KEPT_AFTER_US / 1e6)
    await make_keeper(scene).keep_old()
    scene.clock.advance(DAYS_S)
    case = case or await appeal(scene, job)
    end = CaseEnd(decision=Decision.GRANTED, by=UserId(900), at_us=scene.clock.now_us())
    await scene.database.write(decide_appeal, case.id, end)
    await scene.deliver()
    picture = (await scene.job(job.id)).picture
    assert picture is not None
    assert picture.state is PictureState.SHOWN


async def appeal(scene: Scene, job: Job) -> Case:
    return await scene.database.write(
        open_appeal,
        AppealKind.REVIEW,
        (await case_of(scene, job)).id,
        user_id=job.origin.user_id,
        tenant_id=job.origin.tenant_id,
        words="it is harmless",
        now_us=scene.clock.now_us(),
    )


async def test_a_storage_that_is_away_ends_no_edit_of_a_card(scene: Scene) -> None:
    """Discord does not say what hangs on it: later."""
    await name_channel(scene)
    job, staff = await held(scene), make_staff(scene)
    await staff.drain()
    await scene.database.write(make_due, job)
    scene.discord.refuse("look", answer(503), times=1)
    await staff.drain()
    scene.clock.advance(A_WHILE_S)
    await staff.drain()
    assert (await case_of(scene, job)).due_at_us is None


async def test_what_no_upload_takes_is_kept_beside_its_card(scene: Scene) -> None:
    """The card shows the provider's link, which dies."""
    await name_channel(scene)
    job, staff = await held(scene), make_staff(scene)
    too_large = PictureTooLarge(size_bytes=2, limit_bytes=1)
    scene.relay.fail(too_large)
    scene.relay.fail_smaller(too_large)
    await staff.drain()
    (card,) = cards(scene)
    assert card.files == []
    assert await kept(scene, job) == b"png"
    scene.clock.advance(2 * 86_400)
    await scene.database.write(make_due, job)
    await staff.drain()
    assert f"zeuxis:2:case:show:{(await case_of(scene, job)).id}" in card.marks


async def test_a_kept_file_that_no_upload_takes_leaves_a_card_without_picture(
    scene: Scene,
) -> None:
    job, staff = await held(scene), make_staff(scene)
    await staff.drain()
    scene.clock.advance(2 * 86_400)
    await name_channel(scene)
    too_large = PictureTooLarge(size_bytes=2, limit_bytes=1)
    scene.relay.fail(too_large)
    scene.relay.fail_smaller(too_large)
    await staff.drain()
    (card,) = cards(scene)
    assert card.files == []
    assert (await scene.job(job)).is_held


async def test_held_pictures_are_kept_before_their_link_dies(scene: Scene) -> None:
    await name_channel(scene)
    job, staff = await held(scene), make_staff(scene)
    await staff.drain()
    async with running(make_keeper(scene).run()):
        await scene.clock.until_slept()
        scene.clock.advance(KEPT_AFTER_US / 1e6 - LOOK_EVERY_S)
        await scene.clock.until_slept()
        assert await kept(scene, job) is None
        scene.relay.fail(DownloadFailed("slow"))
        scene.clock.advance(LOOK_EVERY_S)
        await scene.clock.until_slept()
        scene.clock.advance(LOOK_EVERY_S)
        async with asyncio.timeout(PATIENCE_S):
            while await kept(scene, job) is None:  # noqa: ASYNC110 - another's row
                await asyncio.sleep(0)
    assert KEPT_AFTER_US < LINK_LIVES_US


async def test_the_keeper_s_pulse_beats_with_each_look_that_is_answered(scene: Scene) -> None:
    now_s, keeper = 0.0, make_keeper(scene)
    keeper.pulse = Pulse(monotonic_s=lambda: now_s)
    async with running(keeper.run()):
        await scene.clock.until_slept()
        now_s += 100
        scene.database._is_open = False
        scene.clock.advance(LOOK_EVERY_S)
        await scene.clock.until_slept()
        assert keeper.pulse.age_s() == 100
        scene.database._is_open = True
        scene.clock.advance(LOOK_EVERY_S)
        await scene.clock.until_slept()
        assert keeper.pulse.age_s() == 0


async def test_a_slip_of_ours_at_one_file_keeps_no_other_from_being_kept(scene: Scene) -> None:
    """It would end the bot, and again after each start."""
    first, second = await held(scene), await held(scene, user=2)
    keeper = make_keeper(scene)
    scene.clock.advance(KEPT_AFTER_US / 1e6)
    scene.relay.fail(ZeroDivisionError())
    await keeper.keep_old()
    assert await kept(scene, first) is None
    assert await kept(scene, second) is not None
    await keeper.keep_old()
    assert await kept(scene, first) is not None


async def test_a_picture_deleted_while_its_file_is_fetched_is_kept_nowhere(scene: Scene) -> None:
    job = await held(scene)
    await scene.database.write(mark_deleted, job.id, now_us=scene.clock.now_us())
    await scene.database.write(review.keep_file, job.id, "a.png", b"png")
    assert await kept(scene, job) is None
    assert (await scene.database.read(select_job, job.id)).is_deleted
