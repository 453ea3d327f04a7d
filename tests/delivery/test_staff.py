"""Nothing that is held is lost or shown by a fault, whatever becomes of the staff's channel."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

import pytest

from bot.delivery.staff import KEPT_AFTER_US, LOOK_EVERY_S
from bot.errors import DownloadFailed, StorageUnavailable
from bot.queue import forget_member
from bot.queue.cases import CaseKind, open_case
from bot.queue.records import ChannelId, TenantId, UserId
from tests.delivery.reviewing import (
    A_WHILE_S,
    GUILD,
    MODERATOR,
    STAFF,
    cards,
    case_of,
    held,
    kept,
    make_due,
    make_keeper,
    make_staff,
    name_channel,
    reject,
    set_here,
    waiting,
)
from tests.delivery.scripted import answer
from tests.running import PATIENCE_S, running

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.cases import Case
    from bot.queue.records import Job
    from tests.delivery.scene import Scene


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


async def test_a_download_that_breaks_is_tried_again(scene: Scene) -> None:
    await name_channel(scene)
    job, staff = await held(scene), make_staff(scene)
    scene.relay.fail(DownloadFailed("slow"), DownloadFailed("slow"))
    await staff.drain()
    assert (cards(scene), await kept(scene, job)) == ([], None)
    scene.clock.advance(A_WHILE_S)
    await staff.drain()
    assert len(cards(scene)) == 1


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
