"""A case with all that the staff are to see of it, from rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.features.moderation.rows.appeals import AppealKind
from bot.features.moderation.rows.case_views import page_of_cases, view_case
from bot.policy.standing import StandingKind, drop_standing, standings
from bot.queue.cases import CaseKind, Decision
from bot.queue.records import ChannelId, TenantId
from bot.staff_refusals import UnknownCase
from tests.features.moderation.test_appeals import appeal, block, held, refused, rejected, review_of
from tests.queue.staffed import ADA, BEN, case_of_reports, decide, report, shown

if TYPE_CHECKING:
    from tests.queue.world import World

GUILD = TenantId(1)


def test_a_report_is_seen_with_its_picture_and_all_who_reported(world: World) -> None:
    job = shown(world)
    for member in (ADA, BEN):
        report(world, job, member)
    view = view_case(world.tx, case_of_reports(world, job).id)
    assert view.job == job
    assert view.reports is not None
    assert view.reports.count == 2
    assert view.place == 1


def test_what_is_decided_has_no_place_any_more(world: World) -> None:
    job = shown(world)
    report(world, job)
    case = decide(world, case_of_reports(world, job), Decision.DISMISSED)
    assert view_case(world.tx, case.id).place is None


def test_places_are_counted_among_the_guild_s_open_cases_of_a_kind(world: World) -> None:
    appeal(world, AppealKind.REFUSAL, refused(world))
    first, second, third = shown(world), shown(world), shown(world)
    for job in (first, second, third):
        world.now_us += 1
        report(world, job)
    elsewhere = case_of_reports(world, third)
    world.tx.execute(
        "UPDATE case_file SET tenant_id = 2, opened_at_us = 1 WHERE id = ?", (elsewhere.id,)
    )
    assert view_case(world.tx, case_of_reports(world, second).id).place == 2
    decide(world, case_of_reports(world, first), Decision.DISMISSED)
    assert view_case(world.tx, case_of_reports(world, second).id).place == 1


def test_an_appeal_against_a_refusal_is_seen_with_the_words(world: World) -> None:
    case = appeal(world, AppealKind.REFUSAL, refused(world))
    view = view_case(world.tx, case.id)
    assert view.refused is not None
    assert view.refused.prompt == "a bad cat"
    assert (view.job, view.rejected, view.block) == (None, None, None)


def test_what_is_reviewed_is_no_appeal_against_it(world: World) -> None:
    assert view_case(world.tx, review_of(world, held(world))).rejected is None


def test_an_appeal_against_a_rejection_is_seen_with_it(world: World) -> None:
    job = rejected(world)
    view = view_case(world.tx, appeal(world, AppealKind.REVIEW, review_of(world, job)).id)
    assert view.rejected is not None
    assert view.rejected.kind is CaseKind.REVIEW
    assert view.rejected.end is not None
    assert view.rejected.end.reason == "no cats"
    assert view.job is not None
    assert view.job.id == job.id


def test_an_appeal_against_a_block_is_seen_with_it_until_that_is_another_one(
    world: World,
) -> None:
    block(world)
    (blocked,) = standings(world.tx, GUILD, 1, now_us=world.now_us)
    view = view_case(world.tx, appeal(world, AppealKind.BLOCK, GUILD).id)
    assert view.block == blocked
    world.run(drop_standing, StandingKind.BLOCKED, GUILD, 1)
    world.now_us += 1
    block(world)
    assert view_case(world.tx, view.case.id).block is None


def test_what_is_no_case_is_unknown(world: World) -> None:
    with pytest.raises(UnknownCase):
        view_case(world.tx, 404)


def test_a_page_tells_the_words_of_each(world: World) -> None:
    """Of a picture, or of what was refused; and only of its place."""
    report(world, shown(world))
    world.now_us += 1
    appeal(world, AppealKind.REFUSAL, refused(world))
    page = page_of_cases(world.tx, GUILD, channel_id=None, page=0)
    assert [one.prompt for one in page.lines] == ["a cat", "a bad cat"]
    elsewhere = page_of_cases(world.tx, GUILD, channel_id=ChannelId(999), page=0)
    assert (elsewhere.lines, elsewhere.count, elsewhere.pages) == ((), 0, 1)
    other_guild = page_of_cases(world.tx, TenantId(2), channel_id=None, page=0)
    assert other_guild.count == 0
