"""Random rows and random changes: staff narrow what the operator set, and an undo is exact."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.policy.changes import Author, Change, audit_entries, change_policy, newest_entry, undo_last
from bot.policy.precedence import policy_of
from bot.policy.rows import rows_of_tenant
from bot.policy.rules import (
    OPERATORS_OWN,
    USUAL_BATCH,
    UTC,
    VALUES,
    Key,
    Scope,
    quota_name,
    written,
)
from bot.providers.image import Size
from bot.providers.zimage import OFFER
from bot.records import replace
from bot.refusals import Level, Period, Unit
from bot.staff_refusals import NothingToUndo, SettingChanged, SettingRefused
from tests.policy.test_values import VALID
from tests.queue.world import World, open_file

if TYPE_CHECKING:
    from bot.policy.changes import AuditEntry
    from bot.policy.rules import Policy, Row, Value

pytestmark = pytest.mark.slow

GUILD, OTHER_GUILD = 5, 6
ROLES = (GUILD, 71, 72)
IDS = {
    Scope.OPERATOR: (0,),
    Scope.GUILD: (GUILD,),
    Scope.CHANNEL: (51,),
    Scope.ROLE: ROLES,
    Scope.MEMBER: (11,),
    Scope.PERSON: (11,),
}
QUOTAS = {quota_name(*one) for one in itertools.product(Level, Unit, Period)}


@st.composite
def _row(draw: st.DrawFn, *, by_staff: bool) -> Row:
    """Of one request: its guild, channel, member and roles. Small amounts, so that some meet."""
    names = sorted(name for name, one in VALUES.items() if (one.staff if by_staff else one.scopes))
    name = draw(st.sampled_from(names))
    rule_ = VALUES[name]
    scope = draw(st.sampled_from(sorted(rule_.staff if by_staff else rule_.scopes)))
    small = st.integers(-1, 9) if name in QUOTAS else VALID.get(name, st.integers(1, 9))
    value = draw(small)
    scope_id = draw(st.sampled_from(IDS[scope]))
    return (str(scope), scope_id, name, GUILD if by_staff else OPERATORS_OWN, written(value))


def _once_each(rows: list[Row]) -> list[Row]:
    """The table has one row of each key."""
    return list({row[:4]: row for row in rows}.values())


def _rows(*, by_staff: bool) -> st.SearchStrategy[list[Row]]:
    return st.lists(_row(by_staff=by_staff), max_size=12).map(_once_each)


def _operators_own(policy: Policy) -> Policy:
    """What staff have no say in."""
    nothing_set = policy_of([])
    return replace(
        policy,
        quotas=tuple(one for one in policy.quotas if not one.by_staff),
        default_size=None,
        largest_area_px=None,
        rewrite_by_default=True,
        rewriting_allowed=True,
        channels=(),
        roles=(),
        cooldown_s=0,
        largest_batch=USUAL_BATCH,
        zone=UTC,
        language=nothing_set.language,
        results_in=nothing_set.results_in,
        usage_readers=nothing_set.usage_readers,
        pings=nothing_set.pings,
        preview=nothing_set.preview,
        staff_channel=nothing_set.staff_channel,
        review=nothing_set.review,
        newcomer_days=0,
        review_rejects_after_h=0,
        hides_after_reports=0,
        refusals_per_hour=0,
        picture_check=nothing_set.picture_check,
        check_hold_percent=nothing_set.check_hold_percent,
        check_refuse_percent=nothing_set.check_refuse_percent,
    )


@given(_rows(by_staff=False), _rows(by_staff=True))
def test_staff_narrow_what_the_operator_set_and_never_widen_it(
    operators: list[Row], staffs: list[Row]
) -> None:
    alone, together = policy_of(operators), policy_of([*staffs, *operators])
    assert _operators_own(together) == _operators_own(alone)
    if alone.largest_area_px is not None:
        assert together.largest_area_px is not None
        assert together.largest_area_px <= alone.largest_area_px
    assert alone.rewriting_allowed or not together.rewriting_allowed
    assert together.cooldown_s >= alone.cooldown_s
    if any(row[2] == "largest_batch" for row in operators):
        assert together.largest_batch <= alone.largest_batch


@given(_rows(by_staff=False), _rows(by_staff=True), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_no_matter(
    operators: list[Row], staffs: list[Row], random: Any
) -> None:
    rows = [*operators, *staffs]
    policy = policy_of(rows)
    random.shuffle(rows)
    assert policy_of(rows) == policy


# ------------------------------------------------------------------------------------------------
# Changes and their undoing

LARGEST, DEFAULT = "largest_area_px", "default_size"
NAMES: dict[str, st.SearchStrategy[Value]] = {
    "cooldown_s": st.sampled_from([0, 60, 90]),
    LARGEST: st.sampled_from([512 * 512, 1024 * 1024, 2048 * 2048]),
    DEFAULT: st.sampled_from([Size(512, 512), Size(1024, 1024), Size(1536, 1536)]),
    "rewriting_allowed": st.booleans(),
    quota_name(Level.GUILD, Unit.PICTURES, Period.DAY): st.sampled_from([-1, 0, 50]),
}
PAIRS = st.lists(
    st.sampled_from(sorted(NAMES)).flatmap(
        lambda name: st.tuples(st.just(name), st.none() | NAMES[name])
    ),
    min_size=1,
    max_size=4,
)
GUILDS = st.sampled_from([GUILD, OTHER_GUILD])
AUTHORS = st.sampled_from(["ada", "ben"])


class Batch(NamedTuple):
    """What was changed at once, and how it stood before."""

    before: dict[str, str]
    entries: int
    is_undone: bool = False


class ChangesMachine(RuleBasedStateMachine):
    """Two authors and two guilds, whose work interleaves."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(open_file(Path(self.folder.name) / "policy.db"))
        self.rows: dict[int, dict[str, str]] = {GUILD: {}, OTHER_GUILD: {}}
        self.batches: dict[int, list[Batch]] = {GUILD: [], OTHER_GUILD: []}
        self.log: dict[int, list[str]] = {GUILD: [], OTHER_GUILD: []}  # names, as changed
        self.seen: dict[tuple[int, str], tuple[int, int]] = {}  # entry, and length of the log

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.tx.close()
            self.folder.cleanup()

    @rule(guild=GUILDS, author=AUTHORS)
    def open_the_page(self, guild: int, author: str) -> None:
        length = len(self.log[guild])
        self.seen[guild, author] = (newest_entry(self.world.tx, guild), length)

    @rule(guild=GUILDS, author=AUTHORS, pairs=PAIRS)
    def change(self, guild: int, author: str, pairs: list[tuple[str, Value | None]]) -> None:
        """All or nothing: another has changed one of them, or two contradict each other.

        Of several values for one name the last holds.
        """
        seen, length = self.seen.get((guild, author), (None, 0))
        after, changed = dict(self.rows[guild]), []
        for name, value in dict(pairs).items():
            text = None if value is None else written(value)
            if after.get(name) != text:
                changed.append(name)
                after.pop(name, None)
                after |= {} if text is None else {name: text}
        stale = set() if seen is None else set(changed) & set(self.log[guild][length:])
        answer = self._answer(guild, author, pairs, seen)
        if isinstance(answer, SettingChanged):
            assert answer.name in stale
        elif isinstance(answer, SettingRefused):
            assert answer.name == LARGEST
            assert _contradict(after)
        else:
            assert stale == set()
            assert not _contradict(after)
            assert [one.key.name for one in reversed(answer)] == changed
            self._note(guild, after, changed)

    def _answer(
        self, guild: int, author: str, pairs: list[tuple[str, Value | None]], seen: int | None
    ) -> tuple[AuditEntry, ...] | SettingChanged | SettingRefused:
        changes = [
            Change(key=Key(Scope.GUILD, guild, name, guild), value=value) for name, value in pairs
        ]
        try:
            return self.world.run(
                change_policy, changes, _author(author), OFFER, seen=seen, now_us=1
            )
        except (SettingChanged, SettingRefused) as refusal:
            return refusal

    def _note(self, guild: int, after: dict[str, str], changed: list[str]) -> None:
        if changed:
            self.batches[guild].append(Batch(self.rows[guild], len(changed)))
            self.log[guild] += changed
            self.rows[guild] = after

    @rule(guild=GUILDS, author=AUTHORS)
    def undo(self, guild: int, author: str) -> None:
        """The last batch that still holds: all is as it was before it."""
        batches = self.batches[guild]
        held = [number for number, one in enumerate(batches) if not one.is_undone]
        try:
            entries = self.world.run(undo_last, guild, _author(author), OFFER, now_us=1)
        except NothingToUndo:
            assert held == []
            return
        last = held[-1]
        assert len(entries) == batches[last].entries
        self.rows[guild] = batches[last].before
        self.log[guild] += [one.key.name for one in reversed(entries)]
        batches[last] = batches[last]._replace(is_undone=True)

    @invariant()
    def the_rows_are_what_was_set(self) -> None:
        for guild, rows in self.rows.items():
            found = rows_of_tenant(self.world.tx, guild)
            assert {row[2]: row[4] for row in found} == rows

    @invariant()
    def the_log_holds_every_change_once(self) -> None:
        for guild, names in self.log.items():
            entries = audit_entries(self.world.tx, guild, limit=10_000)
            assert [one.key.name for one in reversed(entries)] == names
            held: dict[str, str | None] = {}
            for one in reversed(entries):
                assert one.was == held.get(one.key.name)
                held[one.key.name] = one.became


def _author(name: str) -> Author:
    return Author(actor=name, source="discord")


def _contradict(rows: dict[str, str]) -> bool:
    """The default size is larger than the largest."""
    width, height = map(int, rows.get(DEFAULT, str(OFFER.default_size)).split("*"))
    return LARGEST in rows and width * height > int(rows[LARGEST])


ChangesMachine.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
TestChanges = ChangesMachine.TestCase
