"""A picture that waits for the staff is let go, rejected or appealed, and lost by no fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.errors import LinkExpired
from bot.features.moderation.rows import decisions
from bot.features.moderation.rows.appeals import AppealKind, decide_appeal, open_appeal
from bot.moderation.word_rules import RuleOutcome
from bot.queue.cases import CaseEnd, Decision
from bot.queue.jobs import change_picture, update_outbox
from bot.queue.postings import wipe_dead_secrets
from bot.queue.records import NOBODY, PictureState, TenantId
from tests.delivery.reviewing import (
    A_WHILE_S,
    GUILD,
    MODERATOR,
    approve,
    cards,
    case_of,
    held,
    kept,
    make_screener,
    make_staff,
    name_channel,
    posted,
    reject,
    rule,
    set_here,
)
from tests.delivery.scripted import answer
from tests.queue.world import an_outcome

if TYPE_CHECKING:
    from bot.db import Transaction
    from tests.delivery.scene import Scene


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
