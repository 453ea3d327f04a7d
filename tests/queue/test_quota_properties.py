"""Random limits, requests, results and clocks, on real rows, against a model in plain lists.

A request is queued exactly when no limit is exceeded by it; a refusal names a limit that is used
up, and when it renews; no reservation outlives its job; counters, ledger and model agree.

The sequences are the same in every run. ZEUXIS_EXAMPLES=5000 (with pytest's --timeout=0) looks for
new ones, and makes them short; that took 23 minutes on a busy machine and found none. That faults
are found is shown by planting some.
"""

from __future__ import annotations

import copy
import os
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

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
from bot.policy import quotas
from bot.policy.changes import Author, Change, change_policy
from bot.policy.quotas import Use
from bot.policy.rows import load_policy
from bot.policy.rules import Key, Scope
from bot.providers.zimage import OFFER
from bot.queue import Claimed, NotYet, ledger, quota_use
from bot.queue.jobs import select_job
from bot.queue.records import ChannelId, GuildId, JobState, RoleId
from bot.queue.recovery import shift_instants
from bot.queue.restore import restore
from bot.queue.submit import asking_of
from bot.records import replace
from bot.refusals import Level, Period, QuotaUsedUp, SwitchedOff, Unit
from tests.queue.quota_model import Asked, Bound, Model, Place, Setting
from tests.queue.world import (
    LEASE_S,
    LOST,
    REFUSED,
    World,
    a_request,
    an_origin,
    an_outcome,
    open_file,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.db import Transaction
    from bot.policy.quotas import QuotaState, Span
    from bot.providers.image import ImageRequest, Prices
    from bot.queue.records import Job, JobId, Origin

T = TypeVar("T")

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("ZEUXIS_EXAMPLES", "0"))
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
GUILDS = (1, 2)
USERS = (51, 52, 53)
AUTHOR = Author(actor="operator", source="command line")
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Havana",  # midnight comes twice
        "Africa/Cairo",  # midnight is left out
        "Asia/Kathmandu",  # a quarter off
        "Pacific/Kiritimati",
    ]
)
# In which the clocks of one of these change, and before which a month ends.
NIGHTS = [
    round(datetime(*night, tzinfo=UTC).timestamp()) * 1_000_000
    for night in (
        (2027, 3, 14, 5),  # Havana
        (2027, 3, 14, 7),  # New York
        (2027, 3, 28, 1),  # Berlin
        (2027, 4, 29, 22),  # Cairo
        (2027, 10, 28, 21),
        (2027, 10, 31, 1),
        (2027, 11, 7, 5),
        (2027, 11, 7, 6),
        (2027, 12, 31, 23),
    )
]
NIGHT = st.tuples(
    st.sampled_from(NIGHTS), st.sampled_from([-24, -2, -1, -0.25, 0, 0.5, 1, 2, 22, 24])
)
PICK = st.integers(0, 99)
PRICES = st.tuples(st.sampled_from([0, 15_000, 22_001]), st.sampled_from([30_000, 41_003]))
AMOUNTS = {
    "pictures": st.sampled_from([2, 3, 4, 5, 7, 1, 9, 12, -1, 0]),
    "micros": st.sampled_from([60_000, 100_000, 150_000, 44_000, 200_000, 15_000, -1, 0]),
}


# By level: owner, scope, and the scope's id.
WHOSE: dict[str, list[tuple[int, str, int]]] = {
    "account": [(0, "operator", 0)],
    "guild": [(0, "operator", 0), *((owner, "guild", one) for one in GUILDS for owner in (0, one))],
    "channel": [
        *((one, "guild", one) for one in GUILDS),
        *((one, "channel", 10 * one + channel) for one in GUILDS for channel in (0, 1)),
    ],
    "role": [(one, "role", role) for one in GUILDS for role in (one, 100 * one, 100 * one + 1)],
    "member": [
        *((0, "operator", 0), *((0, "guild", one) for one in GUILDS)),
        *((one, "member", user) for one in GUILDS for user in USERS),
    ],
    "person": [(0, "operator", 0), *((0, "person", user) for user in USERS)],
}


@st.composite
def _limits(draw: st.DrawFn) -> tuple[Setting, int | None]:
    """Or that there is none."""
    level = draw(st.sampled_from(list(WHOSE)))
    unit = draw(st.sampled_from(list(AMOUNTS)))
    span = draw(st.sampled_from(["hour", "day", "month"]))
    whose = draw(st.sampled_from(WHOSE[level]))
    setting = Setting(*whose, f"{level}_{unit}_per_{span}")
    return setting, draw(AMOUNTS[unit] | st.none())


LIMITS = _limits()


@st.composite
def _places(draw: st.DrawFn) -> Place:
    """A guild, more often the same one, or direct messages."""
    guild = draw(st.sampled_from([1, 1, 1, 2, None]))
    user = draw(st.sampled_from(USERS))
    if guild is None:
        return Place(None, 1000 + user, user, ())
    roles = draw(st.sets(st.integers(0, 1)))
    channel = draw(st.integers(0, 1))
    return Place(guild, 10 * guild + channel, user, tuple(100 * guild + one for one in roles))


ASKED = st.fixed_dictionaries(
    {
        "limit": st.none() | LIMITS,
        "night": st.none() | NIGHT,
        "place": _places(),
        "count": st.integers(1, 8),
        "is_thread": st.booleans(),
        "rewrite": st.booleans(),
    }
)


def as_set(request: ImageRequest, prices: Prices) -> int:
    return prices.rewritten_micros if request.rewrite else prices.plain_micros


@cache
def _empty() -> bytes:
    """A migrated database, made once; everybody may ask everywhere."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        with closing(open_file(path)) as tx:
            World(tx).open_outside()
            tx.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()


class QuotaMachine(RuleBasedStateMachine):
    """The verbs in any order, under limits that change."""

    @initialize(
        limits=st.lists(LIMITS, min_size=1, max_size=8),
        zones=st.fixed_dictionaries(dict.fromkeys((0, *GUILDS), ZONES)),
        asked=st.lists(ASKED, min_size=1, max_size=3),
    )
    def start(self, limits: list[Any], zones: dict[int, str], asked: list[dict[str, Any]]) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "queue.db"
        self.path.write_bytes(_empty())
        self.world = World(self._connect())
        self.model = Model()
        self.backup: Model | None = None
        self.world.limit(expected_wait_s=1e12, running=9)  # refusals for these are others'
        self.world.configure(1000)
        for limit in limits:
            self.set_limit(limit)
        for whose, zone in zones.items():
            self.set_zone(whose, zone)
        self.ask(asked)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.tx.close()
            self.folder.cleanup()

    # What is set

    @rule(limit=LIMITS)
    def set_limit(self, limit: tuple[Setting, int | None]) -> None:
        """Or take its row away."""
        setting, amount = limit
        self._set(setting, amount)
        self.model.amounts.pop(setting, None)
        if amount is not None:
            self.model.amounts[setting] = amount

    @rule(whose=st.sampled_from((0, *GUILDS)), zone=ZONES)
    def set_zone(self, whose: int, zone: str) -> None:
        scope = "guild" if whose else "operator"
        self._set(Setting(whose, scope, whose, "time_zone"), ZoneInfo(zone))
        self.model.zones[whose] = zone

    @rule(prices=PRICES)
    def set_prices(self, prices: tuple[int, int]) -> None:
        """Of what is drawn from now on, and of what is reserved."""
        plain, rewritten = prices
        self._set(Setting(0, "operator", 0, "price_plain_micros"), plain)
        self._set(Setting(0, "operator", 0, "price_rewritten_micros"), rewritten)
        self.model.plain_micros, self.model.rewritten_micros = plain, rewritten

    def _set(self, setting: Setting, value: Any) -> None:
        key = Key(Scope(setting.scope), setting.scope_id, setting.name, setting.owner)
        changes = [Change(key=key, value=value)]
        self.world.run(change_policy, changes, AUTHOR, OFFER, now_us=self.world.now_us)

    # What is asked for

    @rule(asked=st.lists(ASKED, min_size=1, max_size=3))
    def ask(self, asked: list[dict[str, Any]]) -> None:
        """Perhaps on another day, or after a change; by the same member again and again."""
        for one in asked:
            if one["limit"] is not None:
                self.set_limit(one["limit"])
            if one["night"] is not None:
                self.come_to_a_night(one["night"])
            for _ in range(one["count"]):
                self._submit(one["place"], is_thread=one["is_thread"], rewrite=one["rewrite"])

    def _submit(self, place: Place, *, is_thread: bool, rewrite: bool) -> None:
        """Admitted exactly when the model admits it, and refused for the right reason."""
        now_us = self.world.now_us
        bounds = self.model.bounds(place, now_us)
        origin = _origin(place, is_thread=is_thread)
        assert _plain(self._states(origin, place)) == _plain(bounds)
        price = self.model.price(rewrite=rewrite)
        over = [one for one in bounds if not one.allows(_wanted(one.unit, price))]
        answer = self._answer(a_request(rewrite=rewrite), origin, place)
        if isinstance(answer, queue.Submitted):
            assert over == []
            nearly = [one for one in bounds if _is_nearly(one, _wanted(one.unit, price))]
            after = [one._replace(used=one.used + _wanted(one.unit, price)) for one in nearly]
            assert _plain(answer.nearly_used_up) == _plain(after)
            self.model.jobs[answer.job.id] = Asked(place, now_us, price)
        elif isinstance(answer, SwitchedOff):
            off = [(one.level, one.by_staff) for one in over if one.amount == 0]
            assert (answer.level, answer.by_staff) in off
        else:
            assert _told(answer) in [_told_of(one) for one in over]
            assert all(one.amount > 0 for one in over), "that is another refusal"
            assert answer.renews_at_us == max(one.ends_at_us for one in over)

    def _answer(
        self, request: ImageRequest, origin: Origin, place: Place
    ) -> queue.Submitted | SwitchedOff | QuotaUsedUp:
        asked = {"price": as_set, "role_ids": place.roles, "now_us": self.world.now_us}
        try:
            return self.world.run(queue.submit, request, origin, **asked)
        except (SwitchedOff, QuotaUsedUp) as refusal:
            return refusal

    def _states(self, origin: Origin, place: Place) -> tuple[QuotaState, ...]:
        asking = asking_of(origin, [RoleId(role) for role in place.roles])
        policy = load_policy(self.world.tx, asking)
        return quota_use.states_of(self.world.tx, policy, asking, now_us=self.world.now_us)

    # What becomes of it

    @precondition(lambda self: self._in("queued"))
    @rule(count=st.integers(1, 4), is_sent=st.booleans())
    def claim(self, count: int, is_sent: bool) -> None:
        self._claim(count, is_sent=is_sent)

    @precondition(lambda self: self._in("queued", "running"))
    @rule(prices=st.none() | PRICES)
    def draw(self, prices: tuple[int, int] | None) -> None:
        """All that can be, perhaps at another price than was reserved."""
        if prices is not None:
            self.set_prices(prices)
        self._claim(len(self._in("queued")), is_sent=True)
        for number in self._sent():
            self._complete(number)

    def _claim(self, count: int, *, is_sent: bool) -> None:
        for _ in range(count):
            claim = self.world.claim()
            while isinstance(claim, NotYet) and claim.at_us < self.world.now_us + HOUR_US:
                self.world.now_us = claim.at_us
                claim = self.world.claim()
            if isinstance(claim, Claimed):
                job = self.model.jobs[claim.job.id]
                job.state, job.is_sent = "running", is_sent
                if is_sent:
                    self.world.mark_sent(claim.job)

    @precondition(lambda self: self._sent())
    @rule(pick=PICK)
    def complete(self, pick: int) -> None:
        """Billed at the price of this moment, whatever was reserved."""
        self._complete(_one(self._sent(), pick))

    def _complete(self, number: JobId) -> None:
        job, drawn = self.model.jobs[number], self._job(number)
        ended = self.world.run(
            queue.complete,
            number,
            self.world.token,
            an_outcome(size=drawn.request.size),
            price=as_set,
            now_us=self.world.now_us,
        )
        job.state, job.billed = str(ended.state), self.model.price(rewrite=drawn.request.rewrite)
        assert job.state == ("cancelled" if job.is_cancelled else "drawn")

    @precondition(lambda self: self._in("running"))
    @rule(pick=PICK, state=st.sampled_from([JobState.REFUSED, JobState.FAILED]))
    def fail(self, pick: int, state: JobState) -> None:
        number = _one(self._in("running"), pick)
        self._end(queue.fail, number, REFUSED, state=state)
        self.model.jobs[number].state = str(state)

    @precondition(lambda self: self._sent())
    @rule(pick=PICK)
    def lose_the_answer(self, pick: int) -> None:
        number = _one(self._sent(), pick)
        self._end(queue.mark_uncertain, number, LOST)
        self.model.jobs[number].state = "uncertain"

    @precondition(lambda self: self._in("running"))
    @rule(pick=PICK, delay_us=st.sampled_from([0, 60_000_000]))
    def retry(self, pick: int, delay_us: int) -> None:
        number = _one(self._in("running"), pick)
        not_before_us = self.world.now_us + delay_us
        self._end(queue.retry, number, not_before_us=not_before_us, throttled=False)
        self._put_back(number)

    def _end(self, verb: Callable[..., Job], number: JobId, *args: Any, **kwargs: Any) -> None:
        now_us = self.world.now_us
        self.world.run(verb, number, self.world.token, *args, now_us=now_us, **kwargs)

    def _put_back(self, number: JobId) -> None:
        job = self.model.jobs[number]
        job.state, job.is_sent = ("cancelled" if job.is_cancelled else "queued"), False

    @precondition(lambda self: self._in("queued", "running"))
    @rule(pick=PICK, withdraws=st.booleans())
    def cancel(self, pick: int, withdraws: bool) -> None:
        """By the member, or because another process draws it."""
        number = _one(self._in("queued", "running"), pick)
        verb: Callable[..., Job | None] = queue.withdraw if withdraws else queue.cancel
        self.world.run(verb, number, now_us=self.world.now_us)
        job = self.model.jobs[number]
        if job.state == "queued" or (withdraws and not job.is_sent):
            job.state = "cancelled"
        elif not withdraws:
            job.is_cancelled = True

    @rule(guild=st.sampled_from(GUILDS), channel=st.none() | st.integers(0, 1))
    def close_place(self, guild: int, channel: int | None) -> None:
        """What waits there ends: in one channel with its threads, or in the whole guild."""
        now_us = self.world.now_us
        if channel is None:
            self.world.run(queue.close_guild, GuildId(guild), now_us=now_us)
        else:
            self.world.run(queue.close_channel, ChannelId(guild * 10 + channel), now_us=now_us)
        for number in self._in("queued"):
            place = self.model.jobs[number].place
            if place.guild == guild and channel in (None, place.channel - guild * 10):
                self.model.jobs[number].state = "cancelled"

    # What happens to the process and its clock

    @rule(hours=st.sampled_from([0.3, 1, 5, 24, 24 * 31]))
    def pass_time(self, hours: float) -> None:
        self.world.now_us += round(hours * HOUR_US)

    @rule(hours=st.sampled_from([-25, -1, 1, 25]))
    def set_clock(self, hours: int) -> None:
        """Somebody sets it; what was reserved stays where it was asked for."""
        self.world.run(shift_instants, by_us=hours * HOUR_US)
        self.world.now_us += hours * HOUR_US

    @rule(night=NIGHT)
    def come_to_a_night(self, night: tuple[int, float]) -> None:
        """In which clocks change, or a year begins."""
        changed_at_us, hours = night
        at_us = changed_at_us + round(hours * HOUR_US)
        if at_us > self.world.now_us:
            self.world.now_us = at_us

    @rule(place=st.sampled_from([Place(1, 10, 51, ()), Place(None, 1051, 51, ())]))
    def crash(self, place: Place) -> None:
        """In the middle of a submit; what ran is taken up by the next process."""
        self.world.tx.execute("BEGIN IMMEDIATE")
        try:
            request, origin = a_request(), _origin(place)
            queue.submit(
                self.world.tx, request, origin, price=as_set, now_us=self.world.now_us + DAY_US
            )
        except (SwitchedOff, QuotaUsedUp):
            pass
        self.world.tx.close()
        self.world.tx = self._connect()
        self._take_up()

    @rule()
    def lose_the_lease(self) -> None:
        """Another process finds that it has run out."""
        self.world.pass_time(LEASE_S + 1)
        self.world.run(queue.keep_leases, "another", now_us=self.world.now_us, lease_s=LEASE_S)
        self._note_taken_up()

    def _take_up(self) -> None:
        self.world.run(queue.release_all_leases, now_us=self.world.now_us)
        self._note_taken_up()

    def _note_taken_up(self) -> None:
        for number in self._in("running"):
            if self.model.jobs[number].is_sent:
                self.model.jobs[number].state = "uncertain"
            else:
                self._put_back(number)

    @rule()
    def make_a_backup(self) -> None:
        self._backup_path.unlink(missing_ok=True)
        with closing(sqlite3.connect(self._backup_path)) as target:
            self.world.tx.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
        self.backup = copy.deepcopy(self.model)

    @precondition(lambda self: self.backup)
    @rule()
    def restore_the_backup(self) -> None:
        """What was asked for since is not known; what was open may have been billed."""
        self.world.tx.close()
        restore(self._backup_path, self.path, now_us=self.world.now_us)
        self.world.tx = self._connect()
        self.model = copy.deepcopy(self.backup)  # type: ignore[assignment] # is one, by the precondition
        for number in self._in("queued", "running"):
            self.model.jobs[number].state = "uncertain"

    # What holds at all times

    @invariant()
    def each_job_counts_in_the_ledger_what_it_counts_in_the_model(self) -> None:
        """So their sums agree too, and what has ended keeps no reservation."""
        rows = self.world.tx.execute(
            "SELECT job_id, min(reserved_at_us), max(reserved_at_us), sum(pictures),"
            " sum(reserved_micros), sum(cost_micros) FROM ledger GROUP BY job_id"
        )
        kept = {row[0]: row[1:] for row in rows}
        assert kept == {
            number: (job.at_us, job.at_us, job.pictures, job.still_reserved, job.billed or 0)
            for number, job in self.model.jobs.items()
        }

    @invariant()
    def each_counter_holds_the_sum_of_its_span(self) -> None:
        for *whose, pictures, micros in self.world.tx.execute(
            "SELECT kind, id, user_id, starts_at_us, ends_at_us, pictures, micros FROM quota_use"
        ):
            assert (pictures, micros) == self.model.sums(*whose), whose

    @invariant()
    def what_waits_is_what_the_model_has(self) -> None:
        rows = dict(self.world.tx.execute("SELECT id, state FROM job").fetchall())
        assert rows == {number: job.state for number, job in self.model.jobs.items()}

    def _in(self, *states: str) -> list[JobId]:
        return [number for number, job in self.model.jobs.items() if job.state in states]  # type: ignore[misc] # keys are

    def _sent(self) -> list[JobId]:
        return [number for number in self._in("running") if self.model.jobs[number].is_sent]

    def _job(self, number: JobId) -> Job:
        return select_job(self.world.tx, number)

    def _connect(self) -> sqlite3.Connection:
        return connect(self.path)

    @property
    def _backup_path(self) -> Path:
        return self.path.with_name("backup.db")


def _one(some: list[T], pick: int) -> T:
    return some[pick % len(some)]


def _origin(place: Place, *, is_thread: bool = False) -> Origin:
    channel = ChannelId(place.channel)
    return replace(
        an_origin(0, place.user),
        guild_id=None if place.guild is None else GuildId(place.guild),
        channel_id=ChannelId(channel + 5000) if is_thread else channel,
        parent_channel_id=channel if is_thread else None,
    )


def _wanted(unit: str, price: int) -> int:
    return 1 if unit == Unit.PICTURES else price


def _is_nearly(one: Bound, wanted: int) -> bool:
    """Four fifths are reached by this request, and were not before."""
    return 5 * one.used < 4 * one.amount <= 5 * (one.used + wanted)


def _told(refusal: QuotaUsedUp) -> tuple[object, ...]:
    span = (refusal.level, refusal.unit, refusal.period)
    return (*span, refusal.amount, refusal.left, refusal.renews_at_us)


def _told_of(one: Bound) -> tuple[object, ...]:
    left = max(0, one.amount - one.used)
    return (one.level, one.unit, one.span, one.amount, left, one.ends_at_us)


def _plain(states: Iterable[QuotaState | Bound]) -> list[tuple[object, ...]]:
    """In one form and one order."""
    return sorted(
        (*one[:5], one.used, one.ends_at_us)
        if isinstance(one, Bound)
        else (
            *(str(one.limit.level), str(one.limit.unit), str(one.limit.period)),
            *(one.limit.amount, one.limit.by_staff, one.used, one.renews_at_us),
        )
        for one in states
    )


def _settings(examples: int, *, is_search: bool = False) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=40,
        derandomize=not is_search,
        phases=[Phase.generate, *([Phase.shrink] if is_search else [])],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


QuotaMachine.TestCase.settings = _settings(EXAMPLES or 30, is_search=EXAMPLES > 0)
TestQuotas = QuotaMachine.TestCase


# ------------------------------------------------------------------------------------------------
# Planted faults are found


def _without(level: Level) -> Callable[..., Any]:
    """The limits that bind, but one level's."""
    bound = quota_use._bound
    return lambda *args: [one for one in bound(*args) if one[0].level is not level]


def _in_utc(period: Period, _zone: ZoneInfo, now_us: int) -> Span:
    return quotas.span_of(period, ZoneInfo("UTC"), now_us)


def _of_even_length(period: Period, zone: ZoneInfo, now_us: int) -> Span:
    """Wrong in two nights of a year."""
    span = quotas.span_of(period, zone, now_us)
    return span._replace(ends_at_us=span.starts_at_us + DAY_US) if period is Period.DAY else span


def _one_too_many(states: Iterable[QuotaState], *, pictures: int, micros: int) -> None:
    quotas.check_quotas(states, pictures=pictures - 1, micros=micros)


def _first_to_renew(states: Iterable[QuotaState], **wanted: int) -> None:
    """Says the first limit that is used up instead of the one that renews last."""
    for one in states:
        quotas.check_quotas([one], **wanted)


def _nothing(*_: Any, **__: Any) -> None:
    """What should be done is not."""


def _never_used(*_: Any) -> Use:
    return Use(pictures=0, micros=0)


def _at_its_reservation(tx: Transaction, job_id: JobId, *args: Any, **kwargs: Any) -> None:
    """Settled with what was reserved, whatever was billed."""
    reserved = ledger._reserved(tx, job_id)
    assert reserved is not None
    settle(tx, job_id, *args, **{**kwargs, "cost_micros": reserved.micros})


settle = ledger.settle
FAULTS: dict[str, tuple[Any, str, Any]] = {
    **{f"no {one} is limited": (quota_use, "_bound", _without(one)) for one in Level},
    "days are those of UTC": (quota_use, "span_of", _in_utc),
    "every day has 24 hours": (quota_use, "span_of", _of_even_length),
    "one too many": (quota_use, "check_quotas", _one_too_many),
    "the wrong limit is named": (quota_use, "check_quotas", _first_to_renew),
    "nothing is released": (ledger, "release", _nothing),
    "counters are not corrected": (quota_use, "correct", _nothing),
    "a new counter begins with nothing": (quota_use, "_summed", _never_used),
    "the bill is what was reserved": (ledger, "settle", _at_its_reservation),
    "what is uncertain is given back": (
        ledger,
        "mark_uncertain",
        lambda tx, job_id, **at: ledger.release(tx, job_id, JobState.UNCERTAIN, **at),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By as many random sequences as are played anyway, and a few more."""
    monkeypatch.setattr(*FAULTS[fault])
    played = 0

    class Counted(QuotaMachine):
        def teardown(self) -> None:
            nonlocal played
            played += 1
            super().teardown()

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Counted, settings=_settings(100))
    print(f"{fault}: found by example {played}")
