"""Random sequences of everything that can happen, on real rows, against a model in plain lists.

No job is lost or drawn twice, the counters equal a recount, a free slot never idles while a job is
due, and no two guilds get further apart than promised. Beside the rows run the queue in memory,
which uses the bot's rules, and an oracle, which has the documents' alone: all three must pick the
same job, every time.

The sequences are the same in every run, so that a failure is one for everybody; it is shown as
found. ZEUXIS_EXAMPLES=5000 (with pytest's --timeout=0) looks for new ones, and makes them short.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

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

from benchmarks.simulator.fair_queue import FairQueue
from bot import queue
from bot.db.connection import connect
from bot.providers.image import Size
from bot.queue import Claimed, controls
from bot.queue.fairness import Weights
from bot.queue.jobs import select_job
from bot.queue.records import JobState
from tests.gaps import ROUNDING, GapMeter
from tests.queue import oracle
from tests.queue.oracle import Asked, Oracle, cost
from tests.queue.world import ACCOUNT, LEASE_S, LOST, REFUSED, World, a_request, open_file

if TYPE_CHECKING:
    from bot.providers.image import ImageRequest
    from bot.queue.records import Job, JobId

pytestmark = pytest.mark.slow

SIZES = st.sampled_from([Size(512, 512), Size(1024, 1024), Size(2048, 2048)])
WEIGHTS = st.builds(
    Weights, tenant=st.sampled_from([50, 100, 300]), member=st.sampled_from([100, 175])
)


DAY_US = 86_400_000_000
OPEN_GUILDS = (
    "SELECT id FROM tenant WHERE open_members > 0 AND running < running_cap AND is_paused = 0"
)
PICK = st.integers(0, 99)
GUILD, USER = st.integers(1, 4), st.integers(1, 4)
IS_THE_SAME = "ZEUXIS_EXAMPLES" not in os.environ
EXAMPLES = int(os.environ.get("ZEUXIS_EXAMPLES", "50"))
PICKS: Counter[str] = Counter()  # in all sequences of the process
T = TypeVar("T")


def _one(some: list[T], pick: int) -> T:
    return some[pick % len(some)]


@dataclass
class Known:
    """What the model knows of a job."""

    state: JobState
    priority: int
    guild: int
    cost: int
    weight: int = 0  # the guild's, when the job was dispatched
    due_us: int = 0  # later than now: in a backoff
    is_sent: bool = False
    is_cancelled: bool = False  # asked for while running
    paid: int = 0


class QueueMachine(RuleBasedStateMachine):
    """The verbs in any order."""

    @initialize(
        person_cap=st.integers(1, 2),
        guild_cap=st.integers(1, 3),
        max_running=st.integers(4, 9),
        sends_at_once=st.booleans(),
        claims_at_once=st.booleans(),
        burst=st.lists(st.tuples(GUILD, USER), min_size=12, max_size=30),
    )
    def start(
        self,
        *,
        person_cap: int,
        guild_cap: int,
        max_running: int,
        sends_at_once: bool,
        claims_at_once: bool,
        burst: list[tuple[int, int]],
    ) -> None:
        """A queue that has work from the beginning, or most sequences would be of empty ones."""
        self.sends_at_once = sends_at_once
        self.claims_at_once = claims_at_once
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "queue.db"
        self.world = World(open_file(self.path))
        self.max_running = max_running
        self.world.limit(
            running=max_running,
            running_per_person=person_cap,
            running_per_guild=guild_cap,
            expected_wait_s=1e9,  # refusals are another test's
        )
        self.world.configure(5)
        self.memory = FairQueue(running_per_person=person_cap, running_cap=guild_cap)
        self.oracle = Oracle(person_cap=person_cap, guild_cap=guild_cap)
        self.jobs: dict[JobId, Known] = {}
        self.gaps = GapMeter()
        self.weights: dict[int, int] = {}
        self.paused: set[int] = set()
        for guild, user in burst:
            self._submit(guild, user, a_request(), Weights())

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.tx.close()
            self.folder.cleanup()

    @rule(
        count=st.integers(1, 4),
        guild=GUILD,
        user=USER,
        size=SIZES,
        rewrite=st.booleans(),
        weights=WEIGHTS,
    )
    def submit(self, count: int, guild: int, user: int, **asked: Any) -> None:
        """Also changes weights."""
        request = a_request(size=asked["size"], rewrite=asked["rewrite"])
        for _ in range(count):
            self._submit(guild, user, request, asked["weights"])
        self._claim_at_once()

    def _submit(self, guild: int, user: int, request: ImageRequest, weights: Weights) -> None:
        self.weights[guild] = weights.tenant
        job = self.world.submit(guild, user, request=request, weights=weights).job
        charged = cost(request.size.width_px, request.size.height_px, rewrite=request.rewrite)
        self.jobs[job.id] = Known(JobState.QUEUED, 0, guild, charged)
        self.memory.add(job.id, guild, user, charged, weights=weights)
        asked = Asked(guild, user, charged)
        self.oracle.submit(job.id, asked, weights=(weights.tenant, weights.member))

    @rule(count=st.integers(1, 6))
    def claim(self, count: int) -> None:
        """The rows pick what memory picks; where work waits and a slot is free, it is given."""
        for _ in range(count):
            self._claim()

    def _claim_at_once(self) -> None:
        """As the dispatcher does whenever something was asked for or has ended."""
        while self.claims_at_once and self._claim():
            pass

    def _claim(self) -> bool:
        self._wait_for_the_pace()
        is_slot_free = len(self._running()) < self.max_running
        claim = self.world.claim()
        assert isinstance(claim, Claimed) == (is_slot_free and self._is_work_due()), claim
        if not isinstance(claim, Claimed):
            return False
        picked = self.oracle.next()
        assert claim.job.id == picked == self.memory.claim()
        PICKS["all"] += 1
        PICKS["turned by a cap"] += picked != self.oracle.next(with_caps=False)
        self.oracle.start(picked)
        known = self.jobs[claim.job.id]
        assert known.state is JobState.QUEUED
        known.state, known.is_sent = JobState.RUNNING, False
        known.weight = self.weights[known.guild]
        self.gaps.start(known.guild, known.cost, known.weight)
        self._see_gaps()
        if self.sends_at_once:
            self._send(claim.job.id)
        return True

    @precondition(lambda self: self._unsent())
    @rule(pick=PICK)
    def send(self, pick: int) -> None:
        self._send(_one(self._unsent(), pick))

    def _send(self, job: JobId) -> None:
        self.world.run(queue.mark_sent, job, "worker", now_us=self.world.now_us)
        self.jobs[job].is_sent = True

    @precondition(lambda self: self._sent())
    @rule(pick=PICK, size=st.none() | SIZES)
    def complete(self, pick: int, size: Size | None) -> None:
        """In the size asked for, or another."""
        job = _one(self._sent(), pick)
        known = self.jobs[job]
        request = self._job(job).request
        known.state = JobState.CANCELLED if known.is_cancelled else JobState.DRAWN
        known.paid += 1
        ended = self.world.complete(self._job(job), size=size)
        assert ended.state is known.state
        drawn = size or request.size
        self._finish(job, cost(drawn.width_px, drawn.height_px, rewrite=request.rewrite))
        self._claim_at_once()

    @precondition(lambda self: self._running())
    @rule(pick=PICK, seconds=st.sampled_from([0.0, 3.0, 140.0]), throttled=st.booleans())
    def retry(self, pick: int, seconds: float, throttled: bool) -> None:
        job = _one(self._running(), pick)
        due_us = self.world.now_us + round(seconds * 1e6)
        self.world.run(
            queue.retry,
            job,
            "worker",
            not_before_us=due_us,
            throttled=throttled,
            now_us=self.world.now_us,
        )
        self._put_back(job, due_us)
        self._claim_at_once()

    @precondition(lambda self: self._running())
    @rule(pick=PICK)
    def fail(self, pick: int) -> None:
        job = _one(self._running(), pick)
        known = self.jobs[job]
        self.world.run(
            queue.fail,
            job,
            "worker",
            REFUSED,
            state=JobState.REFUSED,
            now_us=self.world.now_us,
        )
        known.state = JobState.REFUSED
        self._finish(job, None if known.is_sent else 0)
        self._claim_at_once()

    @precondition(lambda self: self._sent())
    @rule(pick=PICK)
    def mark_uncertain(self, pick: int) -> None:
        job = _one(self._sent(), pick)
        self.world.run(queue.mark_uncertain, job, "worker", LOST, now_us=self.world.now_us)
        self.jobs[job].state = JobState.UNCERTAIN
        self._finish(job)
        self._claim_at_once()

    @precondition(lambda self: self._running())
    @rule(pick=PICK)
    def cancel_running(self, pick: int) -> None:
        job = _one(self._running(), pick)
        self.world.run(queue.cancel, job, now_us=self.world.now_us)
        self.jobs[job].is_cancelled = True

    @precondition(lambda self: self._queued())
    @rule(pick=PICK)
    def cancel_queued(self, pick: int) -> None:
        job = _one(self._queued(), pick)
        self.world.run(queue.cancel, job, now_us=self.world.now_us)
        self.jobs[job].state = JobState.CANCELLED
        self.memory.cancel(job)
        self.oracle.withdraw(job)

    @precondition(lambda self: self._queued())
    @rule(pick=PICK)
    def put_first(self, pick: int) -> None:
        """Within the member's own jobs."""
        job = _one(self._queued(), pick)
        first = self.world.run(queue.put_first, job)
        self.jobs[job].priority = self.oracle.jobs[job].priority = first.priority
        if job not in self.memory._delayed:
            self.memory.prioritise(job, first.priority)

    @precondition(lambda self: self.memory.tenants)
    @rule(pick=PICK, is_paused=st.booleans())
    def pause_tenant(self, pick: int, is_paused: bool) -> None:
        """Or resume it."""
        guild = _one(sorted(self.memory.tenants), pick)
        self.world.run(controls.pause_tenant, guild, is_paused=is_paused)
        self.memory.pause(guild, is_paused=is_paused)
        self.oracle.pause(guild, is_paused=is_paused)
        (self.paused.add if is_paused else self.paused.discard)(guild)

    @rule(seconds=st.sampled_from([0.1, 2.0, 20.0, 120.0]))
    def pass_time(self, seconds: float) -> None:
        self.world.pass_time(seconds)

    @rule()
    def crash(self) -> None:
        """The process dies in a claim; another opens the file, and what was leased runs out."""
        self.world.tx.execute("BEGIN IMMEDIATE")
        queue.claim(
            self.world.tx,
            ACCOUNT,
            now_us=self.world.now_us + DAY_US,
            lease_token="dead",
            lease_s=LEASE_S,
        )
        self.world.tx.close()
        self.world.tx = connect(self.path)
        self.world.pass_time(LEASE_S + 1)
        released = self.world.run(
            queue.keep_leases, "another", now_us=self.world.now_us, lease_s=LEASE_S
        )
        assert {job.id for job in released} == set(self._running())
        for job in sorted(self._running()):
            if self.jobs[job].is_sent:
                self.jobs[job].state = JobState.UNCERTAIN
                self._finish(job)
            else:
                self._put_back(job, self.world.now_us)
        self._claim_at_once()

    @invariant()
    def the_counters_equal_a_recount(self) -> None:
        assert self.world.differences() == []

    @invariant()
    def every_job_is_where_the_model_has_it(self) -> None:
        """None is lost, none is paid twice."""
        rows = dict(self.world.tx.execute("SELECT id, state FROM job").fetchall())
        assert rows == {job: known.state for job, known in self.jobs.items()}
        settled = dict(
            self.world.tx.execute(
                "SELECT job_id, count(*) FROM ledger WHERE entry = 'settled' GROUP BY job_id"
            ).fetchall()
        )
        assert settled == {job: known.paid for job, known in self.jobs.items() if known.paid}

    @invariant()
    def no_two_guilds_with_work_get_further_apart_than_promised(self) -> None:
        """Whatever the weights were meanwhile."""
        self._see_gaps()
        assert self.gaps.widest <= ROUNDING

    @invariant()
    def the_tags_agree_to_the_bit(self) -> None:
        rows = {
            row[0]: row[1:]
            for row in self.world.tx.execute("SELECT id, tag, turn, clock FROM tenant").fetchall()
        }
        assert rows == {
            guild_id: (guild.queue.tag, guild.queue.turn, guild.queue.clock)
            for guild_id, guild in self.memory.tenants.items()
        }

    @invariant()
    def charges_and_tags_are_those_of_the_documents(self) -> None:
        """Of guilds and members, to the bit; of each job that runs."""
        of_guilds = "SELECT id, tag FROM tenant"
        assert dict(self.world.tx.execute(of_guilds).fetchall()) == {
            guild: flow.tag for guild, flow in self.oracle.guilds.items()
        }
        of_members = "SELECT tenant_id, user_id, tag FROM member"
        assert set(self.world.tx.execute(of_members).fetchall()) == {
            (*key, flow.tag) for key, flow in self.oracle.members.items()
        }
        charged = "SELECT id, tenant_charge, member_charge FROM job WHERE state = 'running'"
        assert set(self.world.tx.execute(charged).fetchall()) == {
            (job, *each.charges) for job, each in self.oracle.jobs.items() if each.holds_person
        }

    def _put_back(self, job: JobId, due_us: int) -> None:
        known = self.jobs[job]
        if known.is_cancelled:
            known.state = JobState.CANCELLED
            self._finish(job, 0)
            return
        known.state, known.due_us, known.is_sent = JobState.QUEUED, due_us, False
        self.memory.requeue(job, priority=known.priority, is_due=due_us <= self.world.now_us)
        self.oracle.put_back(job, is_due=due_us <= self.world.now_us)
        self.gaps.end(known.guild, known.cost, known.weight, actual_cost=0)

    def _finish(self, job: JobId, actual_cost: int | None = None) -> None:
        known = self.jobs[job]
        self.memory.finish(job, actual_cost)
        self.oracle.end(job, actual_cost)
        actual_cost = known.cost if actual_cost is None else actual_cost
        self.gaps.end(known.guild, known.cost, known.weight, actual_cost=actual_cost)

    def _see_gaps(self) -> None:
        self.gaps.see(row[0] for row in self.world.tx.execute(OPEN_GUILDS))

    def _is_work_due(self) -> bool:
        """By the model alone, whatever the counters say."""
        return any(
            known.due_us <= self.world.now_us and known.guild not in self.paused
            for known in map(self.jobs.__getitem__, self._queued())
        )

    def _wait_for_the_pace(self) -> None:
        """Closes breaker and pause, and makes due what time has made due."""
        self.world.tx.execute(
            "UPDATE account SET paused_until_us = 0, outage = NULL, outage_probe_at_us = NULL,"
            " failing = '', unreached = 0, is_checked = 0, trial_job_id = NULL"
        )
        self.world.pass_time(70)
        now_us = self.world.now_us
        due = sorted(
            (self.jobs[job].due_us, job)
            for job in self._queued()
            if 0 < self.jobs[job].due_us <= now_us and job in self.memory._delayed
        )
        for _, job in due:
            self.memory.make_due(job, priority=self.jobs[job].priority)
            self.oracle.make_due(job)

    def _running(self) -> list[JobId]:
        return self._in(JobState.RUNNING)

    def _queued(self) -> list[JobId]:
        return self._in(JobState.QUEUED)

    def _sent(self) -> list[JobId]:
        return [job for job in self._running() if self.jobs[job].is_sent]

    def _unsent(self) -> list[JobId]:
        return [job for job in self._running() if not self.jobs[job].is_sent]

    def _in(self, state: JobState) -> list[JobId]:
        return [job for job, one in self.jobs.items() if one.state is state]

    def _job(self, job: JobId) -> Job:
        return select_job(self.world.tx, job)


SETTINGS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=50,
    derandomize=IS_THE_SAME,
    phases=[Phase.generate, *([] if IS_THE_SAME else [Phase.shrink])],
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_rows_memory_and_documents_agree_whatever_happens() -> None:
    """Ten picks and more in each sequence, of which a cap turns a tenth at least."""
    PICKS.clear()
    run_state_machine_as_test(QueueMachine, settings=SETTINGS)
    assert PICKS["all"] >= 10 * EXAMPLES
    assert PICKS["turned by a cap"] >= PICKS["all"] / 10


def test_the_oracle_shares_no_code_with_the_bot() -> None:
    """Or both could be wrong in the same way."""
    lines = Path(oracle.__file__).read_text().splitlines()
    imports = [line.split()[1] for line in lines if line.startswith(("from ", "import "))]
    assert imports == ["__future__", "collections", "dataclasses"]
