"""Appeals: once against each thing, by whom it hit, and what follows when they are decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.features.moderation.rows import decisions
from bot.features.moderation.rows.appeals import (
    MOST_WAITING,
    AppealKind,
    decide_appeal,
    open_appeal,
    told_reason,
)
from bot.policy.rules import OPERATORS_OWN
from bot.policy.standing import PersonStanding, StandingKind, put_standing
from bot.queue import postings, refusals, review
from bot.queue.cancel import cancel
from bot.queue.cases import CaseKind, Decision, about_job, find_case, select_case
from bot.queue.jobs import select_job
from bot.queue.records import NOBODY, PictureState, TenantId, UserId
from bot.refusals import BlockedHere
from bot.staff_refusals import AlreadyDecided, AppealBar, AppealRefused
from tests.queue.staffed import MODERATOR, end, logged, noticed, outbox_due, picture_of
from tests.queue.world import World, a_request, an_origin, open_file

if TYPE_CHECKING:
    from bot.queue.cases import Case
    from bot.queue.records import Job

MEMBER, OTHER = UserId(1), UserId(2)


def refused(
    world: World,
    prompt: str = "a bad cat",
    user: int = 1,
    guild: int = 1,
    *,
    rules: tuple[str, ...] = ("insults",),
) -> int:
    return world.run(
        refusals.record_refusal,
        a_request(prompt=prompt),
        an_origin(guild, user),
        rules=rules,
        now_us=world.now_us,
    )


def screened(world: World) -> Job:
    """A picture at which rules are about to look."""
    world.submit()
    job = world.drawn()
    world.tx.execute("UPDATE picture SET state = 'held'")
    world.tx.execute("INSERT INTO screening (job_id, due_at_us) VALUES (?, 1)", (job.id,))
    return job


def held(world: World) -> Job:
    """One that waits for the staff."""
    job = screened(world)
    world.run(
        review.hold_for_staff, job.id, reasons=("always",), is_spoiler=False, now_us=world.now_us
    )
    return job


def refused_by_rule(world: World) -> Job:
    """One that was drawn before a rule found anything."""
    job = screened(world)
    reasons = ("rule:Insults",)
    assert world.run(review.refuse_screened, job.id, reasons=reasons, now_us=world.now_us)
    world.run(postings.mark_notified, job.id, now_us=world.now_us)
    return select_job(world.tx, job.id)


def rejected(world: World, **options: Any) -> Job:
    """One that the staff do not want shown."""
    job = held(world)
    case = select_case(world.tx, review_of(world, job))
    options = {"reason": "no cats"} | options
    world.run(decisions.reject, case.id, by=MODERATOR, now_us=world.now_us, **options)
    world.run(postings.mark_notified, job.id, now_us=world.now_us)
    return select_job(world.tx, job.id)


def review_of(world: World, job: Job) -> int:
    """The number of its case."""
    case = find_case(world.tx, CaseKind.REVIEW, about_job(job.id))
    assert case is not None
    return case.id


def block(world: World, user: int = 1, *, tenant: int = 1, until: int | None = None) -> None:
    standing = PersonStanding(
        tenant_id=tenant,
        user_id=user,
        kind=StandingKind.BLOCKED,
        until_at_us=until,
        set_by=7,
        set_at_us=world.now_us,
    )
    world.run(put_standing, standing)


def appeal(
    world: World, kind: AppealKind, number: int, user: UserId = MEMBER, guild: int = 1
) -> Case:
    return world.run(
        open_appeal,
        kind,
        number,
        user_id=user,
        tenant_id=TenantId(guild),
        words="it is harmless",
        now_us=world.now_us,
    )


def decide(world: World, case: Case, decision: Decision, reason: str = "") -> Case:
    return world.run(decide_appeal, case.id, end(world, decision, reason=reason))


def is_allowed(world: World, prompt: str = "a bad cat", user: int = 1) -> bool:
    return bool(granted(world, prompt, user))


def granted(world: World, prompt: str = "a bad cat", user: int = 1) -> set[str]:
    """The rules by which the words are no longer refused to them."""
    return refusals.granted_rules(world.tx, a_request(prompt=prompt), an_origin(1, user))


def test_granted_words_pass_for_whoever_appealed_and_no_others(world: World) -> None:
    case = appeal(world, AppealKind.REFUSAL, refused(world))
    assert (case.kind, case.words) == (CaseKind.APPEAL, "it is harmless")
    assert not is_allowed(world)
    decide(world, case, Decision.GRANTED)
    assert is_allowed(world)
    assert not is_allowed(world, user=2)
    assert not is_allowed(world, "a worse cat")
    assert noticed(world) == [(MEMBER, "appealed")]
    assert logged(world)[-2:] == ["appealed", "granted"]


def test_a_grant_is_for_the_rules_that_had_refused_and_no_others(world: World) -> None:
    """A rule that is made later refuses the same words, and they may be appealed once more."""
    decide(world, appeal(world, AppealKind.REFUSAL, refused(world)), Decision.GRANTED)
    assert granted(world) == {"insults"}
    again = refused(world, rules=("slurs",))
    assert refusals.may_appeal(world.tx, again)
    case = appeal(world, AppealKind.REFUSAL, again)
    assert granted(world) == {"insults"}
    assert not refusals.may_appeal(world.tx, refused(world, rules=("insults", "slurs")))
    decide(world, case, Decision.GRANTED)
    assert granted(world) == {"insults", "slurs"}


def test_denied_words_stay_refused_and_are_not_appealed_again(world: World) -> None:
    """Also if they are refused once more."""
    first = refused(world)
    decide(world, appeal(world, AppealKind.REFUSAL, first), Decision.DENIED)
    again = refused(world)
    assert not refusals.may_appeal(world.tx, again)
    for number in (first, again):
        with pytest.raises(AppealRefused) as told:
            appeal(world, AppealKind.REFUSAL, number)
        assert told.value.bar is AppealBar.AGAIN
    assert not is_allowed(world)
    assert refusals.may_appeal(world.tx, refused(world, "other words"))


@pytest.mark.parametrize(("user", "guild"), [(OTHER, 1), (MEMBER, 2)])
def test_nobody_appeals_for_others_or_elsewhere(world: World, user: UserId, guild: int) -> None:
    numbers = {
        AppealKind.REFUSAL: refused(world),
        AppealKind.REVIEW: review_of(world, rejected(world)),
    }
    block(world)
    for kind, number in {**numbers, AppealKind.BLOCK: 1}.items():
        with pytest.raises(AppealRefused) as told:
            appeal(world, kind, number, user, guild)
        assert told.value.bar is AppealBar.GONE


@pytest.mark.parametrize("kind", AppealKind)
def test_what_there_is_not_cannot_be_appealed(world: World, kind: AppealKind) -> None:
    """Though there are others."""
    rejected(world)
    refused(world)
    block(world)
    with pytest.raises(AppealRefused) as told:
        appeal(world, kind, 404)
    assert told.value.bar is AppealBar.GONE


def test_few_appeals_of_a_member_wait_at_once(world: World) -> None:
    """Else words that change a little each time would bury the staff."""
    cases = [
        appeal(world, AppealKind.REFUSAL, refused(world, f"cat {n}")) for n in range(MOST_WAITING)
    ]
    one_more = refused(world, "one more")
    with pytest.raises(AppealRefused) as told:
        appeal(world, AppealKind.REFUSAL, one_more)
    assert told.value.bar is AppealBar.MANY
    decide(world, cases[0], Decision.DENIED)
    assert appeal(world, AppealKind.REFUSAL, one_more).is_open


# ------------------------------------------------------------------------------------------------
# Rejected pictures.


def test_a_rejected_picture_is_posted_when_its_appeal_is_granted(world: World) -> None:
    job = rejected(world)
    case = appeal(world, AppealKind.REVIEW, review_of(world, job))
    assert case.about == about_job(job.id)
    assert outbox_due(world) == [job.id], "its message says that the appeal waits"
    assert picture_of(world, job).state is PictureState.WITHHELD
    decide(world, case, Decision.GRANTED)
    now = select_job(world.tx, job.id)
    assert now.is_due
    assert now.failure is None


def test_why_it_was_rejected_is_told_to_its_member_alone(world: World) -> None:
    """Everybody reads the message of the picture."""
    job = rejected(world)
    assert job.failure is not None
    assert (job.failure.kind, job.failure.detail) == ("RejectedByStaff", "")
    assert noticed(world) == [(MEMBER, "rejected")]
    assert told_reason(world.tx, AppealKind.REVIEW, review_of(world, job)) == "no cats"


@pytest.mark.parametrize("options", [{"reason": ""}, {"reason": "no", "tells_member": False}])
def test_where_there_is_no_reason_to_tell_nobody_is_written_to(
    world: World, options: dict[str, Any]
) -> None:
    job = rejected(world, **options)
    assert noticed(world) == []
    assert told_reason(world.tx, AppealKind.REVIEW, review_of(world, job)) == ""


def test_a_denied_appeal_says_no_reason_in_the_message_and_ends_it(world: World) -> None:
    job = rejected(world)
    decide(
        world,
        appeal(world, AppealKind.REVIEW, review_of(world, job)),
        Decision.DENIED,
        "still no cats",
    )
    now = select_job(world.tx, job.id)
    assert now.failure is not None
    assert (now.failure.kind, now.failure.detail) == ("AppealDenied", "")
    assert noticed(world)[1:] == [(MEMBER, "appealed")]
    assert outbox_due(world) == [job.id]
    with pytest.raises(AppealRefused) as told:
        appeal(world, AppealKind.REVIEW, review_of(world, job))
    assert told.value.bar is AppealBar.AGAIN


def test_what_a_rule_refused_after_drawing_is_decided_and_asks_no_staff(world: World) -> None:
    job = refused_by_rule(world)
    case = select_case(world.tx, review_of(world, job))
    assert case.end is not None
    assert (case.end.decision, case.end.by) == (Decision.REJECTED, NOBODY)
    assert case.reasons == ("rule:Insults",)
    assert case.due_at_us is None, "no card"
    assert logged(world) == ["refused"]
    assert noticed(world) == []


@pytest.mark.parametrize("decision", [Decision.GRANTED, Decision.DENIED])
def test_what_a_rule_refused_after_drawing_is_appealed_once(
    world: World, decision: Decision
) -> None:
    job = refused_by_rule(world)
    case = appeal(world, AppealKind.REVIEW, review_of(world, job))
    assert case.due_at_us is not None, "its card"
    waiting = select_job(world.tx, job.id)
    assert waiting.failure is not None
    assert (waiting.failure.kind, waiting.failure.detail) == ("Appealed", "RefusedByRule")
    with pytest.raises(AppealRefused):
        appeal(world, AppealKind.REVIEW, review_of(world, job))
    decide(world, case, decision)
    now = select_job(world.tx, job.id)
    assert now.is_due == (decision is Decision.GRANTED)
    assert now.picture is not None
    assert now.picture.link is not None, "it was kept for this"


def test_what_its_member_withheld_cannot_be_appealed(world: World) -> None:
    job = held(world)
    world.run(cancel, job.id, now_us=world.now_us)
    with pytest.raises(AppealRefused):
        appeal(world, AppealKind.REVIEW, review_of(world, job))


def test_what_is_due_cannot_be_appealed(world: World) -> None:
    world.submit()
    due = world.drawn()
    with pytest.raises(AppealRefused):
        appeal(world, AppealKind.REVIEW, due.id)


def test_a_picture_that_is_deleted_while_its_appeal_waits_stays_deleted(world: World) -> None:
    job = rejected(world)
    case = appeal(world, AppealKind.REVIEW, review_of(world, job))
    world.run(postings.mark_deleted, job.id, now_us=world.now_us)
    decide(world, case, Decision.GRANTED)
    assert select_job(world.tx, job.id).is_deleted


# ------------------------------------------------------------------------------------------------
# Blocks.


def test_a_block_is_appealed_once_and_ends_if_that_is_granted(world: World) -> None:
    block(world)
    with pytest.raises(BlockedHere) as told:
        world.submit()
    assert told.value.appeal_to == 1
    case = appeal(world, AppealKind.BLOCK, 1)
    with pytest.raises(BlockedHere) as told:
        world.submit()
    assert told.value.appeal_to is None, "it was appealed against"
    with pytest.raises(AppealRefused) as refused_again:
        appeal(world, AppealKind.BLOCK, 1)
    assert refused_again.value.bar is AppealBar.AGAIN
    decide(world, case, Decision.GRANTED)
    assert world.submit().is_new


def test_another_block_is_another_thing(world: World) -> None:
    """It can be appealed against, and an appeal against the one before does not end it."""
    block(world)
    case = appeal(world, AppealKind.BLOCK, 1)
    world.pass_time(1)
    block(world)
    decide(world, case, Decision.GRANTED)
    with pytest.raises(BlockedHere) as told:
        world.submit()
    assert told.value.appeal_to == 1
    assert appeal(world, AppealKind.BLOCK, 1).is_open


def test_the_operators_block_is_none_of_the_staffs(world: World) -> None:
    block(world, tenant=OPERATORS_OWN)
    with pytest.raises(BlockedHere) as told:
        world.submit()
    assert told.value.appeal_to is None
    for guild in (OPERATORS_OWN, 1):
        with pytest.raises(AppealRefused):
            appeal(world, AppealKind.BLOCK, guild)


def test_a_block_that_is_over_cannot_be_appealed(world: World) -> None:
    block(world, until=world.now_us + 1_000_000)
    world.pass_time(2)
    with pytest.raises(AppealRefused):
        appeal(world, AppealKind.BLOCK, 1)


def test_of_two_moderators_the_first_counts(world: World) -> None:
    job = rejected(world)
    case = appeal(world, AppealKind.REVIEW, review_of(world, job))
    decide(world, case, Decision.DENIED)
    with pytest.raises(AlreadyDecided):
        decide(world, case, Decision.GRANTED)
    assert picture_of(world, job).state is PictureState.WITHHELD


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(("refuse", "appeal", "grant", "deny")), st.integers(0, 2)),
        max_size=20,
    )
)
def test_there_is_one_appeal_for_the_same_words_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int]]
) -> None:
    """And they pass exactly when it was granted."""
    world = World(open_file(tmp_path_factory.mktemp("appeals") / "a.db"))
    numbers: dict[int, int] = {}
    cases: dict[int, Case] = {}
    granted: dict[int, bool] = {}
    try:
        for act, words in acts:
            if act == "refuse":
                numbers[words] = refused(world, f"cat {words}")
            elif act == "appeal" and words in numbers:
                try:
                    made = appeal(world, AppealKind.REFUSAL, numbers[words])
                except AppealRefused:
                    assert words in cases
                else:
                    assert words not in cases
                    cases[words] = made
            elif words in cases and words not in granted and act in ("grant", "deny"):
                decision = Decision.GRANTED if act == "grant" else Decision.DENIED
                decide(world, cases[words], decision)
                granted[words] = act == "grant"
            assert is_allowed(world, f"cat {words}") == granted.get(words, False)
    finally:
        world.tx.close()


def test_the_review_itself_is_not_opened_again(world: World) -> None:
    job = rejected(world)
    appeal(world, AppealKind.REVIEW, review_of(world, job))
    case = find_case(world.tx, CaseKind.REVIEW, about_job(job.id))
    assert case is not None
    assert case.end is not None
    assert case.end.decision is Decision.REJECTED
