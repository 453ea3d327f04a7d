"""Random sequences of all that happens to pictures before they are shown, against a plain model.

No picture is due or shown that nobody has let go, each that is held is with exactly one of those
who look at it, a case is decided once, whoever presses at the same time, and what is held ends
decided. See test_queue_properties for how the sequences are chosen.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot import queue
from bot.db.connection import connect
from bot.features.moderation.rows import decisions
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Review, Scope
from bot.policy.standing import PersonStanding, StandingKind, drop_standing, put_standing
from bot.queue import cases, postings, reports, review
from bot.queue.cases import CaseKind, about_job
from bot.queue.jobs import select_job
from bot.queue.records import NOBODY, ChannelId, JobId, MessageId, PictureState, UserId
from bot.queue.reports import ReportReason
from bot.refusals import AlreadyFinished, BlockedHere
from bot.staff_refusals import AlreadyDecided
from tests.queue.test_queue_properties import EXAMPLES, IS_THE_SAME
from tests.queue.world import World, open_file

if TYPE_CHECKING:
    from bot.queue.records import Job

pytestmark = pytest.mark.slow

REVIEWED, OPEN = 1, 2  # guilds: in one all pictures are looked at, in the other none
HOURS = 24  # after which nobody's decision is a no, in the reviewed one
PICK = st.integers(0, 99)
ADA, BEN = UserId(71), UserId(72)  # moderators
DRAWERS = st.integers(1, 3)
PICKS: Counter[str] = Counter()  # in all sequences of the process


class Verb(StrEnum):
    APPROVE = "approve"
    TRUST = "trust"
    REJECT = "reject"


@dataclass
class Known:
    """What the model knows of a picture."""

    state: PictureState
    is_free: bool = False  # rules, staff, or nobody to be asked have let it go
    is_screened: bool = True
    attempted: bool = False


class ReviewMachine(RuleBasedStateMachine):
    """The verbs in any order."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "queue.db"
        self.world = World(open_file(self.path))
        self.world.configure(100)
        self._set("review", Review.ALWAYS)
        self._set("review_rejects_after_h", HOURS)
        self.pictures: dict[JobId, Known] = {}
        self.decided: dict[int, tuple[str, int]] = {}
        self.by_rule: set[int] = set()  # cases that were never open
        self.trusted: set[int] = set()
        self.blocked: set[int] = set()
        for user in (1, 2, 3, 1, 2, 3):
            self.draw(guild=REVIEWED, user=user)
        for job_id in self._in(lambda one: not one.is_screened)[::2]:
            self._screen(job_id, "hold")

    def _set(self, name: str, value: Any) -> None:
        key = Key(Scope.GUILD, REVIEWED, name, REVIEWED)
        self.world.run(set_policy, key, value, by="7", now_us=1)

    def teardown(self) -> None:
        """Whatever is held then is decided by time alone, once it was looked at."""
        if not hasattr(self, "world"):
            return
        for job_id in self._in(lambda one: not one.is_screened):
            self._screen(job_id, "hold")
        self.world.pass_time(HOURS * 3600 + 1)
        self._reject_overdue()
        held = self.world.tx.execute("SELECT 1 FROM picture WHERE state = 'held'").fetchall()
        assert held == []
        self.everything_is_as_the_model_has_it()
        self.world.tx.close()
        self.folder.cleanup()

    # ---------------------------------------------------------------------------------------------

    @rule(guild=st.sampled_from([REVIEWED, REVIEWED, OPEN]), user=DRAWERS)
    def draw_some(self, guild: int, user: int) -> None:
        for _ in range(3):
            self.draw(guild, user)

    def draw(self, guild: int, user: int) -> None:
        """Up to the picture."""
        try:
            job = self.world.submit(guild, user).job
        except BlockedHere:
            assert user in self.blocked
            assert guild == REVIEWED
            return
        assert not (guild == REVIEWED and user in self.blocked)
        while not isinstance(claim := self.world.claim(), queue.Claimed):
            self.world.pass_time(1)
        assert claim.job.id == job.id
        self.world.complete(claim.job)
        is_free = guild == OPEN or user in self.trusted
        state = PictureState.DUE if is_free else PictureState.HELD
        self.pictures[job.id] = Known(state=state, is_free=is_free, is_screened=is_free)
        self.world.pass_time(1)

    @precondition(lambda self: self._in(lambda one: not one.is_screened))
    @rule(pick=PICK, course=st.sampled_from(["pass", "hold", "hold", "hold", "refuse"]))
    def screen(self, pick: int, course: str) -> None:
        self._screen(_one(self._in(lambda one: not one.is_screened), pick), course)

    def _screen(self, job_id: JobId, course: str) -> None:
        now_us, known = self.world.now_us, self.pictures[job_id]
        if course == "pass":
            assert self.world.run(review.pass_screening, job_id, now_us=now_us)
            known.state, known.is_free = PictureState.DUE, True
        elif course == "refuse":
            assert self.world.run(
                review.refuse_screened, job_id, reasons=("rule:Slurs",), now_us=now_us
            )
            known.state = PictureState.WITHHELD
            case = cases.find_case(self.world.tx, CaseKind.REVIEW, about_job(job_id))
            assert case is not None
            self.decided[case.id] = ("rejected", NOBODY)
            self.by_rule.add(case.id)
        else:
            assert self.world.run(
                review.hold_for_staff,
                job_id,
                reasons=("always",),
                is_spoiler=False,
                now_us=now_us,
            )
        known.is_screened = True

    @rule(pick=PICK, course=st.sampled_from(["pass", "hold", "refuse"]))
    def screen_once_more(self, pick: int, course: str) -> None:
        """A screener that was slow, or of a process that did not know."""
        screened = self._in(lambda one: one.is_screened)
        if not screened:
            return
        job_id, now_us = _one(screened, pick), self.world.now_us
        if course == "pass":
            assert not self.world.run(review.pass_screening, job_id, now_us=now_us)
        elif course == "refuse":
            assert not self.world.run(review.refuse_screened, job_id, reasons=(), now_us=now_us)
        else:
            case = self.world.run(
                review.hold_for_staff, job_id, reasons=(), is_spoiler=True, now_us=now_us
            )
            assert case is None

    # ---------------------------------------------------------------------------------------------

    @precondition(lambda self: self._cases())
    @rule(pick=PICK, verb=st.sampled_from(Verb), by=st.sampled_from([ADA, BEN]))
    def decide(self, pick: int, verb: Verb, by: UserId) -> None:
        """Also what was decided before: whoever comes late reads who has."""
        self._decide(self.world, _one(self._cases(), pick), verb, by)

    @precondition(lambda self: self._cases(only_open=True))
    @rule(pick=PICK, one=st.sampled_from(Verb), other=st.sampled_from(Verb))
    def two_decide_at_once(self, pick: int, one: Verb, other: Verb) -> None:
        """Both have the open card before them; each is a process of its own."""
        case_id = _one(self._cases(only_open=True), pick)
        second = World(connect(self.path), now_us=self.world.now_us)
        assert cases.select_case(second.tx, case_id).is_open
        assert self._decide(self.world, case_id, one, ADA)
        assert not self._decide(second, case_id, other, BEN)
        second.tx.close()
        PICKS["at once"] += 1

    def _decide(self, world: World, case_id: int, verb: Verb, by: UserId) -> bool:
        """Whether this was the decision."""
        if case_id in self.decided:
            with pytest.raises(AlreadyDecided) as refused:
                self._press(world, case_id, verb, by)
            assert (refused.value.decision, refused.value.by) == self.decided[case_id]
            return False
        self._press(world, case_id, verb, by)
        case = cases.select_case(world.tx, case_id)
        assert case.end is not None
        assert case.job_id is not None
        self.decided[case_id] = (case.end.decision, by)
        known = self.pictures[case.job_id]
        known.is_free = verb is not Verb.REJECT
        known.state = PictureState.DUE if known.is_free else PictureState.WITHHELD
        if verb is Verb.TRUST:
            self.trusted.add(case.user_id)
        PICKS[verb] += 1
        return True

    def _press(self, world: World, case_id: int, verb: Verb, by: UserId) -> None:
        if verb is Verb.REJECT:
            world.run(decisions.reject, case_id, by=by, reason="no", now_us=world.now_us)
        else:
            trusts = verb is Verb.TRUST
            world.run(decisions.approve, case_id, by=by, trusts=trusts, now_us=world.now_us)

    @rule(hours=st.sampled_from([1, 12, HOURS]))
    def time_passes(self, hours: int) -> None:
        self.world.pass_time(hours * 3600)
        self.world.run(postings.wipe_dead_secrets, now_us=self.world.now_us)
        self._reject_overdue()

    def _reject_overdue(self) -> None:
        while some := self.world.run(decisions.reject_overdue, now_us=self.world.now_us):
            for one in some:
                assert one.end is not None
                assert one.opened_at_us <= self.world.now_us - HOURS * 3_600_000_000
                self.decided[one.id] = (one.end.decision, NOBODY)
                self.pictures[JobId(one.job_id or 0)].state = PictureState.WITHHELD

    # ---------------------------------------------------------------------------------------------

    @rule()
    def post_what_is_due(self) -> None:
        """As the outbox does."""
        for job in self.world.run(postings.deliverable, now_us=self.world.now_us, limit=99):
            if not job.is_due:
                continue
            known = self.pictures[job.id]
            assert known.is_free
            self.world.run(postings.record_post_attempt, job.id, now_us=self.world.now_us)
            self.world.run(postings.record_result_message, job.id, ChannelId(10), MessageId(job.id))
            self.world.run(postings.mark_delivered, job.id, now_us=self.world.now_us)
            known.state, known.attempted = PictureState.SHOWN, True

    @precondition(lambda self: self._in(lambda one: one.state is PictureState.SHOWN))
    @rule(pick=PICK, user=DRAWERS)
    def report(self, pick: int, user: int) -> None:
        job_id = _one(self._in(lambda one: one.state is PictureState.SHOWN), pick)
        now_us = self.world.now_us
        self.world.run(reports.report, job_id, UserId(user), ReportReason.OTHER, "", now_us=now_us)

    @precondition(lambda self: self.pictures)
    @rule(pick=PICK)
    def delete(self, pick: int) -> None:
        job_id = _one([*self.pictures], pick)
        self.world.run(postings.mark_deleted, job_id, now_us=self.world.now_us)
        self._withdrawn(job_id, PictureState.DELETED)

    @precondition(lambda self: self.pictures)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        """Until somebody has begun to post it."""
        job_id = _one([*self.pictures], pick)
        known = self.pictures[job_id]
        with suppress(AlreadyFinished):
            self.world.run(queue.cancel, job_id, now_us=self.world.now_us)
            assert known.state in (PictureState.HELD, PictureState.DUE)
            assert not known.attempted
            self._withdrawn(job_id, PictureState.WITHHELD)
            PICKS["cancel"] += 1

    def _withdrawn(self, job_id: JobId, state: PictureState) -> None:
        """What was open is decided by that."""
        self.pictures[job_id].state = state
        self.pictures[job_id].is_screened = True
        case = cases.find_case(self.world.tx, CaseKind.REVIEW, about_job(job_id))
        if case is not None and case.id not in self.decided:
            self.decided[case.id] = ("withdrawn", NOBODY)

    @rule(user=DRAWERS)
    def block_or_unblock(self, user: int) -> None:
        if user in self.blocked:
            self.world.run(drop_standing, StandingKind.BLOCKED, REVIEWED, user)
        else:
            standing = PersonStanding(
                tenant_id=REVIEWED,
                user_id=user,
                kind=StandingKind.BLOCKED,
                set_by=ADA,
                set_at_us=self.world.now_us,
            )
            self.world.run(put_standing, standing)
        self.blocked ^= {user}

    @rule()
    def forget(self) -> None:
        """One of them has their data deleted."""
        user = 3
        jobs = [job_id for job_id in self.pictures if self._job(job_id).origin.user_id == user]
        for job_id in jobs:
            self._withdrawn(job_id, PictureState.DELETED)
        self.world.run(queue.forget_member, UserId(user), now_us=self.world.now_us)

    @precondition(lambda self: self._cases(only_open=True))
    @rule(pick=PICK, verb=st.sampled_from(Verb))
    def crash(self, pick: int, verb: Verb) -> None:
        """In the middle of a decision, which nobody was told of."""
        case_id, now_us = _one(self._cases(only_open=True), pick), self.world.now_us
        self.world.tx.execute("BEGIN IMMEDIATE")
        if verb is Verb.REJECT:
            decisions.reject(self.world.tx, case_id, by=ADA, now_us=now_us)
        else:
            decisions.approve(self.world.tx, case_id, by=ADA, now_us=now_us)
        self.world.tx.close()
        self.world.tx = connect(self.path)
        PICKS["crash"] += 1

    # ---------------------------------------------------------------------------------------------

    @invariant()
    def everything_is_as_the_model_has_it(self) -> None:
        rows = dict(self.world.tx.execute("SELECT job_id, state FROM picture").fetchall())
        assert rows == {job_id: known.state for job_id, known in self.pictures.items()}

    @invariant()
    def nothing_is_seen_that_nobody_has_let_go(self) -> None:
        rows = self.world.tx.execute(
            "SELECT job_id FROM picture WHERE state IN ('due', 'shown', 'undeliverable')"
            " OR message_id IS NOT NULL OR offered_at_us IS NOT NULL"
        ).fetchall()
        assert all(self.pictures[job_id].is_free for (job_id,) in rows)

    @invariant()
    def whatever_is_held_is_with_one_of_those_who_look(self) -> None:
        screened = self.world.tx.execute("SELECT job_id FROM screening").fetchall()
        opened = self.world.tx.execute(
            "SELECT job_id FROM case_file WHERE kind = 'review' AND decision IS NULL"
        ).fetchall()
        held = [
            job_id for job_id, known in self.pictures.items() if known.state is PictureState.HELD
        ]
        assert sorted(row[0] for row in [*screened, *opened]) == sorted(held)

    @invariant()
    def a_case_is_decided_once(self) -> None:
        rows = self.world.tx.execute(
            "SELECT id, decision, decided_by FROM case_file"
            " WHERE kind = 'review' AND decision IS NOT NULL"
        ).fetchall()
        assert {row[0]: row[1:] for row in rows} == self.decided

    @invariant()
    def the_log_has_one_entry_of_each_decision(self) -> None:
        rows = self.world.tx.execute(
            "SELECT case_id, count(*) FROM audit WHERE action IN ('approved', 'rejected')"
            " GROUP BY case_id"
        ).fetchall()
        told = {case_id for case_id, (what, _) in self.decided.items() if what != "withdrawn"}
        assert dict(rows) == dict.fromkeys(told - self.by_rule, 1)

    # ---------------------------------------------------------------------------------------------

    def _in(self, holds: Any) -> list[JobId]:
        return [
            job_id
            for job_id, known in self.pictures.items()
            if holds(known) and known.state is not PictureState.DELETED
        ]

    def _cases(self, *, only_open: bool = False) -> list[int]:
        rows = self.world.tx.execute("SELECT id FROM case_file WHERE kind = 'review' ORDER BY id")
        ids = [case_id for (case_id,) in rows.fetchall()]
        return [one for one in ids if one not in self.decided] if only_open else ids

    def _job(self, job_id: JobId) -> Job:
        return select_job(self.world.tx, job_id)


def _one(some: Any, pick: int) -> Any:
    return some[pick % len(some)]


def test_no_sequence_shows_a_held_picture_or_loses_one() -> None:
    run_state_machine_as_test(
        ReviewMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=100,
            derandomize=IS_THE_SAME,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate] if IS_THE_SAME else [Phase.generate, Phase.shrink],
        ),
    )
    assert min(PICKS[one] for one in (*Verb, "at once", "crash")) >= EXAMPLES / 10, PICKS
