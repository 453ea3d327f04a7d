"""One member as the staff see them, what is set for them, and who is refused again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.features.imagine.records import TypedRequest
from bot.features.imagine.rows import begin_rewriting
from bot.features.moderation.rows.case_views import open_cases
from bot.features.moderation.rows.notices import forget_told_notices
from bot.features.moderation.rows.people import person_of, set_standing, take_back_standing
from bot.policy.changes import Author
from bot.policy.rows import set_policy
from bot.policy.rules import OPERATORS_OWN, Key, Rewriting, Scope
from bot.policy.standing import PersonStanding, StandingKind, all_standings, standings
from bot.queue import refusals
from bot.queue.cases import (
    CaseKind,
    Decision,
    about_job,
    forget_old_words,
    open_case,
    select_case,
)
from bot.queue.jobs import select_job
from bot.queue.records import ChannelId, JobState, TenantId, UserId
from bot.queue.reports import forget_old_reports
from bot.refusals import BlockedHere, RefusedTooOften
from tests.queue.staffed import (
    ADA,
    case_of_reports,
    decide,
    logged,
    noticed,
    report,
    set_value,
    shown,
)
from tests.queue.world import a_price, a_request, an_origin

if TYPE_CHECKING:
    from bot.features.moderation.rows.people import Person
    from tests.queue.world import World

MEMBER = UserId(1)
STAFF = Author(actor="900", source="discord")
OPERATOR = Author(actor="operator", source="command line")
DAY_S = 86_400


def put(
    world: World,
    kind: StandingKind,
    *,
    tenant: int = 1,
    lasts_s: float | None = None,
    author: Author = STAFF,
) -> int:
    until_at_us = None if lasts_s is None else world.now_us + round(lasts_s * 1e6)
    standing = PersonStanding(
        tenant_id=tenant,
        user_id=MEMBER,
        kind=kind,
        until_at_us=until_at_us,
        set_by=900,
        set_at_us=world.now_us,
    )
    return world.run(set_standing, standing, author)


def take_back(world: World, kind: StandingKind, *, tenant: int = 1) -> bool:
    return world.run(take_back_standing, kind, tenant, MEMBER, STAFF, now_us=world.now_us)


def person(world: World, user: UserId = MEMBER, *, channel: int | None = None) -> Person:
    place = None if channel is None else ChannelId(channel)
    return person_of(world.tx, TenantId(1), user, channel_id=place, now_us=world.now_us)


def refuse_by_rule(world: World, *rules: str) -> None:
    world.run(refusals.record_refusal, a_request(), an_origin(), rules=rules, now_us=world.now_us)


def refuse_by_provider(world: World, user: int = 1) -> None:
    world.submit(1, user)
    world.refuse(world.sent())


# ------------------------------------------------------------------------------------------------
# What is set.


@pytest.mark.parametrize(
    ("kind", "on", "off"),
    [
        (StandingKind.BLOCKED, "blocked", "unblocked"),
        (StandingKind.TRUSTED, "trusted", "untrusted"),
        (StandingKind.UNHEARD, "ignored", "heard"),
    ],
)
def test_what_is_set_and_taken_back_is_in_the_log(
    world: World, kind: StandingKind, on: str, off: str
) -> None:
    put(world, kind)
    assert [one.kind for one in standings(world.tx, 1, MEMBER, now_us=world.now_us)] == [kind]
    assert take_back(world, kind)
    assert not take_back(world, kind), "nothing was left to be taken back"
    assert standings(world.tx, 1, MEMBER, now_us=world.now_us) == ()
    assert logged(world) == [on, off]


def test_a_block_by_the_operator_holds_in_every_guild(world: World) -> None:
    """And what waits anywhere is cancelled."""
    waiting = [world.submit(guild).job for guild in (1, 2)]
    cancelled = put(world, StandingKind.BLOCKED, tenant=OPERATORS_OWN, author=OPERATOR)
    assert cancelled == 2
    for job in waiting:
        assert select_job(world.tx, job.id).state is JobState.CANCELLED
    for guild in (1, 2):
        with pytest.raises(BlockedHere) as refused:
            world.submit(guild)
        assert refused.value.by_operator
    found = all_standings(world.tx, OPERATORS_OWN, now_us=world.now_us)
    assert [one.user_id for one in found] == [MEMBER]
    assert world.differences() == []


def test_trust_cancels_nothing(world: World) -> None:
    job = world.submit().job
    assert put(world, StandingKind.TRUSTED) == 0
    assert select_job(world.tx, job.id).state is JobState.QUEUED


def test_what_is_over_is_not_listed(world: World) -> None:
    put(world, StandingKind.BLOCKED, lasts_s=60)
    assert len(all_standings(world.tx, 1, now_us=world.now_us)) == 1
    world.pass_time(61)
    assert all_standings(world.tx, 1, now_us=world.now_us) == ()


# ------------------------------------------------------------------------------------------------
# What is seen.


def test_staff_see_what_there_is_about_a_member(world: World) -> None:
    job = shown(world)
    report(world, job)
    decide(world, case_of_reports(world, job), Decision.WARNED)
    refuse_by_rule(world, "insults", "places")
    refuse_by_rule(world, "insults")
    refuse_by_provider(world)
    put(world, StandingKind.TRUSTED)
    key = Key(Scope.MEMBER, MEMBER, "member_pictures_per_day", 1)
    world.run(set_policy, key, 3, by="7", now_us=world.now_us)
    found = person(world)
    assert [case.kind for case in found.cases] == [CaseKind.REPORT]
    assert found.warnings == 1
    assert found.refused_by_rules == (("insults", 2), ("places", 1))
    assert found.refused_by_provider == 1
    assert [one.kind for one in found.standings] == [StandingKind.TRUSTED]
    assert found.limits == (("member_pictures_per_day", "3"),)


def test_a_place_shows_what_is_about_it(world: World) -> None:
    report(world, shown(world))
    refuse_by_rule(world, "insults")
    assert len(person(world, channel=10).cases) == 1
    elsewhere = person(world, channel=11)
    assert elsewhere.cases == ()
    assert elsewhere.refused_by_rules == ()


def test_what_was_refused_long_ago_is_not_told(world: World) -> None:
    refuse_by_rule(world, "insults")
    refuse_by_provider(world)
    world.pass_time(31 * DAY_S)
    found = person(world)
    assert found.refused_by_rules == ()
    assert found.refused_by_provider == 0


def test_a_reporter_is_known_by_what_became_of_their_reports(world: World) -> None:
    for decision in (Decision.DISMISSED, Decision.DISMISSED, Decision.REMOVED):
        job = shown(world)
        report(world, job)
        decide(world, case_of_reports(world, job), decision)
    report(world, shown(world))
    found = person(world, ADA)
    assert (found.reported, found.dismissed) == (4, 2)


# ------------------------------------------------------------------------------------------------
# Refused by the provider again and again.


def test_who_is_refused_too_often_waits_until_the_oldest_is_an_hour_old(world: World) -> None:
    set_value(world, "refusals_per_hour", 2)
    refuse_by_provider(world)
    first_at_us = world.now_us
    world.pass_time(600)
    refuse_by_provider(world)
    with pytest.raises(RefusedTooOften) as told:
        world.submit()
    assert told.value.until_at_us == first_at_us + 3600 * 10**6
    assert world.submit(1, 2).is_new, "others are not kept waiting"
    assert world.submit(2, 1).is_new, "nor is the member elsewhere"
    world.now_us = told.value.until_at_us
    assert world.submit().is_new


def test_more_refusals_than_needed_are_waited_for_one_by_one(world: World) -> None:
    """Those that were on their way when the member was to wait."""
    set_value(world, "refusals_per_hour", 1)
    world.submit()
    world.submit()
    world.refuse(world.sent())
    world.pass_time(60)
    world.refuse(world.sent())
    last_at_us = world.now_us
    with pytest.raises(RefusedTooOften) as told:
        world.submit()
    assert told.value.until_at_us == last_at_us + 3600 * 10**6


def test_without_the_setting_nobody_waits(world: World) -> None:
    for _ in range(5):
        refuse_by_provider(world)
    assert world.submit().is_new
    assert open_cases(world.tx, TenantId(1), limit=9) == ()


def test_staff_are_told_once_a_day(world: World) -> None:
    set_value(world, "refusals_per_hour", 1)
    for _ in range(3):
        refuse_by_provider(world)
        world.pass_time(3601)
    (case,) = open_cases(world.tx, TenantId(1), limit=9)
    assert (case.kind, case.user_id, case.job_id) == (CaseKind.REFUSALS, MEMBER, None)
    world.pass_time(DAY_S)
    refuse_by_provider(world)
    assert len(open_cases(world.tx, TenantId(1), limit=9)) == 2


# ------------------------------------------------------------------------------------------------
# What is forgotten with time.


def test_old_refusals_words_and_notices_are_forgotten(world: World) -> None:
    refuse_by_rule(world, "insults")
    job = shown(world)
    report(world, job)
    case = decide(world, case_of_reports(world, job), Decision.WARNED)
    world.tx.execute("UPDATE notice SET due_at_us = NULL")
    world.tx.execute("UPDATE case_file SET words = 'w', note = 'n', reason = 'r'")
    for before_us, is_there in ((world.now_us, True), (world.now_us + 1, False)):
        world.run(refusals.forget_old_refusals, before_us=before_us)
        world.run(forget_old_words, before_us=before_us)
        world.run(forget_old_reports, before_us=before_us)
        world.run(forget_told_notices, before_us=before_us)
        assert (world.count("refusal") == 1) is is_there
        assert bool(noticed(world)) is is_there
        kept = select_case(world.tx, case.id)
        assert kept.end is not None
        assert bool(kept.words and kept.end.reason and kept.end.note) is is_there
        (words,) = world.tx.execute("SELECT words FROM report").fetchone()
        assert bool(words) is is_there
    assert select_case(world.tx, case.id).end is not None, "who has decided what stays"


def test_what_is_undecided_or_untold_is_kept(world: World) -> None:
    """Also if something else was decided about the picture before."""
    reported = shown(world)
    report(world, reported)
    world.run(
        open_case,
        CaseKind.REVIEW,
        tenant_id=TenantId(1),
        channel_id=ChannelId(10),
        user_id=MEMBER,
        about=about_job(reported.id),
        job_id=reported.id,
        now_us=1,
    )
    decided = "UPDATE case_file SET decision = 'approved', decided_at_us = 1 WHERE kind = 'review'"
    world.tx.execute(decided)
    world.run(forget_old_reports, before_us=world.now_us + 10**15)
    (words,) = world.tx.execute("SELECT words FROM report").fetchone()
    assert words == "look"
    job = shown(world)
    report(world, job)
    decide(world, case_of_reports(world, job), Decision.REMOVED)
    world.run(forget_told_notices, before_us=world.now_us + 10**15)
    assert noticed(world) == [(ADA, "reported")]


def test_a_blocked_member_has_no_prompt_rewritten(world: World) -> None:
    """Before anything is spent."""
    put(world, StandingKind.BLOCKED)
    with pytest.raises(BlockedHere):
        world.run(
            begin_rewriting,
            TypedRequest(prompt="a cat", rewriting=Rewriting.ASK),
            [a_request()],
            an_origin(),
            prompt_limit=800,
            price=a_price,
            now_us=world.now_us,
        )
    assert world.count("draft") == 0


def test_settings_that_cannot_be_read_end_a_refused_job_all_the_same(world: World) -> None:
    """Nobody knows what the staff want; the job is at its end."""
    world.submit()
    job = world.sent()
    set_value(world, "refusals_per_hour", 1)
    world.tx.execute("UPDATE policy SET value = 'x' WHERE name = 'refusals_per_hour'")
    assert world.refuse(job).state is JobState.REFUSED
    assert open_cases(world.tx, TenantId(1), limit=9) == ()
