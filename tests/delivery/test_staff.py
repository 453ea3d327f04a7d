"""Nothing that is held is lost or shown by a fault, whatever becomes of the staff's channel."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from bot.delivery.staff import KEPT_AFTER_US, LOOK_EVERY_S
from bot.errors import (
    DownloadFailed,
    LinkExpired,
    PictureTooLarge,
    StorageUnavailable,
)
from bot.features.moderation.rows import decisions
from bot.features.moderation.rows.appeals import AppealKind, decide_appeal, open_appeal
from bot.moderation.word_rules import RuleOutcome
from bot.policy.rules import Review
from bot.queue import forget_member, review
from bot.queue.cases import CaseEnd, CaseKind, Decision, due_cases, open_case
from bot.queue.jobs import change_picture, select_job, update_outbox
from bot.queue.postings import mark_deleted, wipe_dead_secrets
from bot.queue.records import LINK_LIVES_US, NOBODY, ChannelId, PictureState, TenantId, UserId
from bot.runtime.health import Pulse
from tests.delivery.reviewing import (
    GUILD,
    STAFF,
    case_of,
    make_keeper,
    make_screener,
    make_staff,
    name_channel,
    rule,
    set_here,
)
from tests.delivery.scripted import answer
from tests.queue.world import an_outcome
from tests.running import PATIENCE_S, running

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.cases import Case
    from bot.queue.records import Job
    from tests.delivery.scene import Scene
    from tests.delivery.scripted import Said

MODERATOR = UserId(7)
A_WHILE_S = 700.0  # longer than any wait of a card


async def held(scene: Scene, **options: Any) -> Job:
    """A picture that waits for the staff."""
    await set_here(scene, "review", Review.ALWAYS)
    job = await scene.drawn(**options)
    await make_screener(scene).drain()
    return await scene.job(job)


def cards(scene: Scene, channel_id: int = STAFF) -> list[Said]:
    return scene.discord.in_channel(channel_id)


async def kept(scene: Scene, job: Job) -> bytes | None:
    return await scene.database.read(review.kept_file, job.id)


async def approve(scene: Scene, job: Job) -> None:
    case = await case_of(scene, job)
    await scene.database.write(
        decisions.approve, case.id, by=MODERATOR, now_us=scene.clock.now_us()
    )


async def reject(scene: Scene, job: Job, reason: str = "") -> None:
    case = await case_of(scene, job)
    now_us = scene.clock.now_us()
    await scene.database.write(
        decisions.reject, case.id, by=MODERATOR, reason=reason, now_us=now_us
    )


def posted(scene: Scene) -> list[Said]:
    """Where members see it."""
    return [said for said in scene.discord.pictures() if said.channel_id != STAFF]


async def test_a_held_picture_is_seen_by_the_staff_until_they_let_it_go(scene: Scene) -> None:
    await name_channel(scene)
    job, staff = await held(scene), make_staff(scene)
    await staff.drain()
    await scene.deliver()
    (card,) = cards(scene)
    assert card.files == [f"SPOILER_zeuxis-{job.id}.png"]
    assert posted(scene) == []
    await approve(scene, job)
    await scene.deliver()
    await staff.drain()
    assert [said.files for said in posted(scene)] == [[f"zeuxis-{job.id}.png"]]
    assert f"<@{MODERATOR}>" in card.text
    assert not any(mark.startswith("zeuxis:2:case") for mark in card.marks)
    assert card.files == [f"SPOILER_zeuxis-{job.id}.png"]


async def test_the_member_reads_their_place_and_then_that_it_was_rejected(scene: Scene) -> None:
    """The prompt stands nowhere in public before the staff have seen it, nor after they said no;
    nor does the reason."""
    first, second = await held(scene), await held(scene, user=2)
    await scene.deliver()
    assert "With the staff" in scene.status(first)
    assert "Place **1**" in scene.status(first)
    assert "Place **2**" in scene.status(second)
    await reject(scene, first, "too scary")
    await scene.deliver()
    said = scene.status(first)
    assert "do not want it shown" in said
    assert "too scary" not in said
    case = await case_of(scene, first)
    assert first.message.message_id is not None
    marks = scene.discord.messages[first.message.message_id].marks
    assert f"zeuxis:2:appeal:review:{case.id}" in marks
    await scene.show_round()
    assert "Place **1**" in scene.status(second)
    assert "a cat" not in said + scene.status(second)


async def test_a_status_message_that_cannot_be_edited_keeps_nothing_waiting(scene: Scene) -> None:
    scene.discord.refuse("edit", answer(404, 10008), times=1)
    job = await held(scene)
    await scene.deliver()
    assert await scene.due() == []
    scene.discord.refuse("edit", answer(502), times=1)
    other = await held(scene, user=2)
    await scene.deliver_for(60)
    assert "With the staff" in scene.status(other)
    assert (await scene.job(job)).is_held


@pytest.mark.parametrize("days", [0, 3])
async def test_a_picture_that_is_let_go_late_comes_from_what_was_kept(
    scene: Scene, days: int
) -> None:
    """The link is dead by then: without a card the file is in the database."""
    job, staff = await held(scene), make_staff(scene)
    await staff.drain()
    assert await kept(scene, job) == b"png"
    scene.clock.advance(86_400 * days)
    await scene.database.write(wipe_dead_secrets, now_us=scene.clock.now_us())
    await approve(scene, job)
    await scene.deliver_for(60)
    assert len(posted(scene)) == 1
    source, *_ = scene.relay.asked[-1]
    assert source == (b"png" if days else job.picture and job.picture.link)
    assert (await scene.picture(job)).state is PictureState.SHOWN
    assert await kept(scene, job) is None


async def test_it_may_come_from_the_card_of_the_staff_alone(scene: Scene) -> None:
    await name_channel(scene)
    job = await held(scene)
    await make_staff(scene).drain()
    assert await kept(scene, job) is None
    scene.clock.advance(2 * 86_400)
    await scene.database.write(wipe_dead_secrets, now_us=scene.clock.now_us())
    await approve(scene, job)
    scene.discord.refuse("links", answer(503), times=1)
    await scene.deliver_for(60)
    assert len(posted(scene)) == 1
    (link,) = scene.relay.read_links
    assert link.endswith(f"/SPOILER_zeuxis-{job.id}.png")


async def test_a_link_that_dies_early_is_made_up_for_by_the_card(scene: Scene) -> None:
    await name_channel(scene)
    job = await held(scene)
    await make_staff(scene).drain()
    await approve(scene, job)
    scene.relay.fail(LinkExpired("gone"))
    await scene.deliver()
    assert len(posted(scene)) == 1


async def test_what_nobody_has_any_more_is_lost_and_said(scene: Scene) -> None:
    """The card was deleted by hand, and so was the file."""
    await name_channel(scene)
    job = await held(scene)
    await make_staff(scene).drain()
    scene.clock.advance(2 * 86_400)
    await approve(scene, job)
    scene.discord.refuse("links", answer(404, 10008))
    await scene.deliver_for(60)
    assert (await scene.picture(job)).state is PictureState.LOST
    assert "gone before I could fetch it" in scene.status(job)


async def test_a_picture_that_its_storage_never_gives_is_lost_before_the_staff(
    scene: Scene,
) -> None:
    await name_channel(scene)
    job = await held(scene)
    scene.relay.fail(LinkExpired("gone"))
    await make_staff(scene).drain()
    await scene.deliver()
    assert (await scene.picture(job)).state is PictureState.LOST
    assert not (await case_of(scene, job)).is_open
    scene.clock.advance(A_WHILE_S)
    await make_staff(scene).drain()
    assert cards(scene) == []


# ------------------------------------------------------------------------------------------------
# A channel that takes nothing.


@pytest.mark.parametrize("code", [50013, 50001, 10003])
async def test_a_closed_channel_keeps_the_picture_and_the_case(scene: Scene, code: int) -> None:
    """Deleted, hidden, or without the right to attach: opened again, it gets the card."""
    await name_channel(scene)
    job, staff = await held(scene), make_staff(scene)
    scene.discord.refuse("post", answer(403, code))
    await staff.drain()
    assert await kept(scene, job) == b"png"
    assert (await scene.job(job)).is_held
    scene.discord.accept_everything()
    scene.clock.advance(A_WHILE_S)
    await staff.drain()
    assert len(cards(scene)) == 1


@pytest.mark.parametrize(("status", "code", "wait_s"), [(503, 0, 2), (403, 50013, 20)])
async def test_where_no_channel_takes_a_card_it_waits_ten_times_as_long(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, status: int, code: int, wait_s: int
) -> None:
    monkeypatch.setattr(Random, "uniform", lambda _, __, highest: highest)
    await name_channel(scene)
    job = await held(scene)
    scene.discord.refuse("post", answer(status, code))
    await make_staff(scene).drain()
    assert (await case_of(scene, job)).due_at_us == scene.clock.now_us() + wait_s * 1_000_000


async def test_another_channel_gets_what_the_first_did_not_take(scene: Scene) -> None:
    await name_channel(scene)
    await held(scene)
    staff = make_staff(scene)
    scene.discord.refuse("post", answer(403, 50013), channel=STAFF)
    await staff.drain()
    await name_channel(scene, 78)
    await staff.drain()
    assert len(cards(scene, 78)) == 1


@pytest.mark.parametrize("code", [10008, 10003, 50001])
async def test_a_card_that_is_gone_is_posted_anew_while_its_case_is_open(
    scene: Scene, code: int
) -> None:
    """With its channel or without; the link may be dead by then."""
    await name_channel(scene)
    job, staff = await held(scene), make_staff(scene)
    await staff.drain()
    await make_keeper(scene).keep_old()
    scene.clock.advance(KEPT_AFTER_US / 1e6)
    await make_keeper(scene).keep_old()
    scene.clock.advance(86_400)
    scene.discord.messages = {
        one: said for one, said in scene.discord.messages.items() if said.channel_id != STAFF
    }
    scene.discord.refuse("look", answer(404, code), channel=STAFF)
    await name_channel(scene, 78)
    await scene.database.write(make_due, job)
    scene.discord.forget_nonces()
    await staff.drain()
    (card,) = cards(scene, 78)
    assert card.files == [f"SPOILER_zeuxis-{job.id}.png"]


def make_due(tx: Transaction, job: Job) -> None:
    """There is more to say."""
    tx.execute("UPDATE case_file SET due_at_us = 1 WHERE job_id = ?", (job.id,))


async def test_a_decided_case_needs_no_card_any_more(scene: Scene) -> None:
    """Decided in the list of cases, before there was a channel; or its card is gone."""
    job, staff = await held(scene), make_staff(scene)
    await staff.drain()
    await reject(scene, job)
    await name_channel(scene)
    await staff.drain()
    assert cards(scene) == []
    other = await held(scene, user=2)
    await staff.drain()
    scene.discord.messages.clear()
    await reject(scene, other)
    await staff.drain()
    assert cards(scene) == []
    assert await waiting(scene) == ()


async def waiting(scene: Scene) -> tuple[Case, ...]:
    return await scene.database.read(due_cases, now_us=1 << 62, limit=99)


@pytest.mark.parametrize("is_done", [True, False])
async def test_a_lost_answer_makes_no_second_card(scene: Scene, is_done: bool) -> None:
    """Also if the case was decided meanwhile, in another way."""
    await name_channel(scene)
    job, staff = await held(scene), make_staff(scene)
    scene.discord.refuse("post", answer(502), times=1, is_done=is_done)
    await staff.drain()
    scene.discord.forget_nonces()
    await reject(scene, job)
    scene.clock.advance(A_WHILE_S)
    await staff.drain()
    assert len(cards(scene)) == int(is_done)
    if is_done:
        assert f"<@{MODERATOR}>" in cards(scene)[0].text
    assert await waiting(scene) == ()


@pytest.mark.parametrize("is_open", [True, False])
async def test_nor_does_another_channel_that_the_staff_name_meanwhile(
    scene: Scene, is_open: bool
) -> None:
    """The card is looked for where it went; another is posted where nobody may look any more."""
    await name_channel(scene)
    await held(scene)
    staff = make_staff(scene)
    scene.discord.refuse("post", answer(502), times=1, is_done=True)
    await staff.drain()
    scene.discord.forget_nonces()
    await name_channel(scene, 78)
    if not is_open:
        scene.discord.refuse("search", answer(403, 50001), channel=STAFF)
    scene.clock.advance(A_WHILE_S)
    await staff.drain()
    assert len(cards(scene, 78)) == int(not is_open)
    assert await waiting(scene) == ()


async def test_a_card_is_edited_once_discord_lets_it(scene: Scene) -> None:
    await name_channel(scene)
    job, staff = await held(scene), make_staff(scene)
    await staff.drain()
    await reject(scene, job)
    scene.discord.refuse("edit", answer(503), times=1)
    await staff.drain()
    (card,) = cards(scene)
    assert f"<@{MODERATOR}>" not in card.text
    scene.clock.advance(A_WHILE_S)
    await staff.drain()
    assert f"<@{MODERATOR}>" in card.text


# ------------------------------------------------------------------------------------------------
# Pictures that do not come, or are too large.


async def test_a_download_that_breaks_is_tried_again(scene: Scene) -> None:
    await name_channel(scene)
    job, staff = await held(scene), make_staff(scene)
    scene.relay.fail(DownloadFailed("slow"), DownloadFailed("slow"))
    await staff.drain()
    assert (cards(scene), await kept(scene, job)) == ([], None)
    scene.clock.advance(A_WHILE_S)
    await staff.drain()
    assert len(cards(scene)) == 1


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


# ------------------------------------------------------------------------------------------------
# Other cases, and what breaks.


async def appealed(scene: Scene, job: Job) -> Case:
    now_us = scene.clock.now_us()
    return await scene.database.write(
        open_case,
        CaseKind.APPEAL,
        tenant_id=TenantId(GUILD),
        channel_id=job.origin.channel_id,
        user_id=job.origin.user_id,
        about=f"job:{job.id}",
        job_id=job.id,
        words="look once more",
        now_us=now_us,
    )


async def test_a_picture_that_was_rejected_at_once_can_still_come(scene: Scene) -> None:
    """Before it had a card. An appeal that is granted makes it due."""
    job = await held(scene)
    await reject(scene, job)
    await scene.deliver()
    assert posted(scene) == []
    await scene.database.write(
        change_picture, job.id, PictureState.DUE, "released_at_us = ?", scene.clock.now_us()
    )
    await scene.database.write(update_outbox, job.id, "due_at_us = 1")
    await scene.deliver()
    assert len(posted(scene)) == 1


@pytest.mark.parametrize("is_there", [True, False])
async def test_an_appeal_shows_the_rejected_picture_if_anybody_has_it(
    scene: Scene, is_there: bool
) -> None:
    await name_channel(scene)
    job, staff = await held(scene), make_staff(scene)
    await staff.drain()
    await reject(scene, job)
    await scene.deliver()
    scene.clock.advance(2 * 86_400)
    if not is_there:
        scene.discord.refuse("links", answer(404, 10008))
    await appealed(scene, job)
    await staff.drain()
    _, card = cards(scene)
    assert "look once more" in card.text
    assert card.files == ([f"SPOILER_zeuxis-{job.id}.png"] if is_there else [])


@pytest.mark.parametrize("days", [0, 2])
async def test_a_granted_appeal_shows_what_a_rule_refused_while_its_link_lives(
    scene: Scene, days: int
) -> None:
    """Where no card has kept it. Later its member learns that it is gone."""
    await scene.submitted()
    await rule(scene, RuleOutcome.REFUSE, "cat")
    job = await scene.complete(await scene.claimed(), an_outcome())
    await make_screener(scene).drain()
    await scene.deliver()
    scene.clock.advance(days * 86_400)
    now_us, case = scene.clock.now_us(), await case_of(scene, job)
    await scene.database.write(wipe_dead_secrets, now_us=now_us)
    made = await scene.database.write(
        open_appeal,
        AppealKind.REVIEW,
        case.id,
        user_id=job.origin.user_id,
        tenant_id=TenantId(GUILD),
        words="please",
        now_us=now_us,
    )
    end = CaseEnd(decision=Decision.GRANTED, by=MODERATOR, at_us=now_us)
    await scene.database.write(decide_appeal, made.id, end)
    await scene.deliver()
    assert len(posted(scene)) == (0 if days else 1)
    assert ("was gone before I could fetch it" in scene.status(job)) == bool(days)


async def test_a_case_without_a_picture_is_told_in_the_guilds_language(scene: Scene) -> None:
    await name_channel(scene)
    await set_here(scene, "language", "de")
    await scene.database.write(
        open_case,
        CaseKind.REFUSALS,
        tenant_id=TenantId(GUILD),
        channel_id=ChannelId(10),
        user_id=UserId(1),
        about="user:1",
        reasons=("refused:9",),
        now_us=scene.clock.now_us(),
    )
    await make_staff(scene).drain()
    (card,) = cards(scene)
    assert "<@1>" in card.text


async def test_a_report_outside_of_guilds_has_nobody_to_be_told(scene: Scene) -> None:
    await scene.open_outside()
    job = await scene.submitted(guild_id=None)
    await scene.database.write(
        open_case,
        CaseKind.REVIEW,
        tenant_id=job.origin.tenant_id,
        channel_id=ChannelId(10),
        user_id=UserId(1),
        about=f"job:{job.id}",
        job_id=job.id,
        now_us=1,
    )
    await make_staff(scene).drain()
    assert await waiting(scene) == ()


async def test_settings_that_nobody_can_read_let_a_case_wait(scene: Scene) -> None:
    await name_channel(scene)
    await held(scene)
    staff = make_staff(scene)

    def write(tx: Transaction, value: str) -> None:
        tx.execute("UPDATE policy SET value = ? WHERE name = 'review'", (value,))

    await scene.database.write(write, "perhaps")
    await staff.drain()
    assert cards(scene) == []
    await scene.database.write(write, "always")
    await staff.drain()
    assert len(cards(scene)) == 1


async def test_settings_that_nobody_can_read_reject_nothing(scene: Scene) -> None:
    """Who knows how long the staff want it to wait?"""
    await set_here(scene, "review_rejects_after_h", 1)
    job = await held(scene)
    scene.clock.advance(3601)

    def write(tx: Transaction, value: str) -> None:
        tx.execute("UPDATE policy SET value = ? WHERE name = 'review'", (value,))

    async def rejected() -> list[int | None]:
        ended = await scene.database.write(decisions.reject_overdue, now_us=scene.clock.now_us())
        return [one.job_id for one in ended]

    await scene.database.write(write, "perhaps")
    assert await rejected() == []
    await scene.database.write(write, "always")
    assert await rejected() == [job.id]


async def test_a_slip_of_ours_delays_a_card(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await name_channel(scene)
    await held(scene)
    staff = make_staff(scene)
    with monkeypatch.context() as broken:
        broken.setattr("bot.delivery.staff.case_card", lambda *_, **__: 1 / 0)
        await staff.drain()
    scene.clock.advance(A_WHILE_S)
    await staff.drain()
    assert len(cards(scene)) == 1


async def test_a_guild_that_is_forgotten_meanwhile_is_told_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await name_channel(scene)
    job, staff = await held(scene), make_staff(scene)
    case = await case_of(scene, job)
    await scene.database.write(lambda tx: tx.execute("DELETE FROM case_file"))
    await staff._do(case)
    assert cards(scene) == []


async def test_a_broken_database_delays_cards_and_files(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await name_channel(scene)
    job, staff = await held(scene), make_staff(scene)
    sound = scene.database.write

    async def breaks(*_: object, **__: object) -> None:
        raise StorageUnavailable("disk full")

    monkeypatch.setattr(scene.database, "write", breaks)
    async with running(staff.run()), running(make_keeper(scene).run()):
        await scene.clock.until_slept(3)
        scene.clock.advance(KEPT_AFTER_US / 1e6)
        await scene.clock.until_slept(3)
        monkeypatch.setattr(scene.database, "write", sound)
        scene.clock.advance(LOOK_EVERY_S)
        async with asyncio.timeout(PATIENCE_S):
            while not cards(scene) or await kept(scene, job) is None:  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0)


async def test_a_picture_deleted_while_its_file_is_fetched_is_kept_nowhere(scene: Scene) -> None:
    job = await held(scene)
    await scene.database.write(mark_deleted, job.id, now_us=scene.clock.now_us())
    await scene.database.write(review.keep_file, job.id, "a.png", b"png")
    assert await kept(scene, job) is None
    assert (await scene.database.read(select_job, job.id)).is_deleted


async def test_a_member_who_is_forgotten_leaves_no_picture_before_the_staff(scene: Scene) -> None:
    """Of a held picture, and of one that was rejected."""
    await name_channel(scene)
    rejected, staff = await held(scene), make_staff(scene)
    await staff.drain()
    await reject(scene, rejected)
    await staff.drain()
    other = await held(scene)
    await staff.drain()
    await scene.database.write(forget_member, UserId(1), now_us=scene.clock.now_us())
    await staff.drain()
    assert len(cards(scene)) == 2
    for card in cards(scene):
        assert (card.files, "<@1>" in card.text, "a cat" in card.text) == ([], False, False)
    assert await kept(scene, other) is None
    assert await waiting(scene) == ()


# ------------------------------------------------------------------------------------------------
# Spoilers, galleries.


async def test_a_picture_under_a_spoiler_is_posted_so_and_small_nowhere(scene: Scene) -> None:
    await set_here(scene, "preview", True)
    job = await held(scene)
    await scene.database.write(lambda tx: tx.execute("UPDATE picture SET is_spoiler = 1"))
    await approve(scene, job)
    await scene.deliver()
    (said,) = posted(scene)
    assert said.files == [f"SPOILER_zeuxis-{job.id}.png"]
    assert scene.relay.previewed == []


async def test_a_picture_that_must_not_leave_is_shown_small_nowhere(scene: Scene) -> None:
    await set_here(scene, "preview", True)
    await scene.drawn(is_restricted=True)
    await scene.deliver()
    assert scene.relay.previewed == []


async def test_nobody_decides_twice(scene: Scene) -> None:
    """By a setting, after the staff have."""
    await set_here(scene, "review_rejects_after_h", 1)
    job, other = await held(scene), await held(scene, user=2)
    await approve(scene, other)
    scene.clock.advance(3601)
    rejected = await scene.database.write(decisions.reject_overdue, now_us=scene.clock.now_us())
    assert [one.job_id for one in rejected] == [job.id]
    case = await case_of(scene, job)
    assert case.end is not None
    assert case.end.by == NOBODY
