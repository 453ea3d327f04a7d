"""The table of values: what is written is read back, and nonsense is named."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PolicyUnreadable
from bot.policy.precedence import default_size, policy_of
from bot.policy.rules import (
    HIGHEST_WEIGHT,
    LANGUAGES,
    MOST,
    ONE_SHARE,
    VALUES,
    CheckedBy,
    Key,
    ResultsIn,
    Review,
    Scope,
    UsageReaders,
    Value,
    quota_name,
    read,
    written,
)
from bot.providers.image import Size
from bot.queue import fairness
from bot.refusals import Level, Period, Unit
from bot.settings.policy import policy_rows
from bot.settings.reading import load_settings
from tests.providers.easel import OFFER as EASEL_S

IDS = st.lists(st.integers(1, 2**63 - 1), max_size=100, unique=True).map(tuple)
SIDES = st.integers(10, 99_999)
VALID: dict[str, st.SearchStrategy[Any]] = {
    "expected_wait_s": st.floats(0, 1e12),
    "default_size": st.builds(Size, SIDES, SIDES),
    "rewrite_by_default": st.booleans(),
    "largest_batch": st.integers(1, 16),
    "price_plain_micros": st.integers(0, MOST),
    "price_rewritten_micros": st.integers(0, MOST),
    "rewriter_input_micros": st.integers(0, MOST),
    "rewriter_output_micros": st.integers(0, MOST),
    "weight": st.integers(1, 10_000),
    "rewriting_allowed": st.booleans(),
    "is_allowed": st.booleans(),
    "outside_guilds": st.booleans(),
    "cooldown_s": st.integers(0, 86_400),
    "time_zone": st.sampled_from(sorted(available_timezones())).map(ZoneInfo),
    "language": st.sampled_from(("", *LANGUAGES)),
    "results_in": st.sampled_from(ResultsIn),
    "usage_readers": st.sampled_from(UsageReaders),
    "pings": st.booleans(),
    "preview": st.booleans(),
    "staff_channel": st.integers(0, 2**63 - 1),
    "review": st.sampled_from(Review),
    "newcomer_days": st.integers(0, 3650),
    "review_rejects_after_h": st.integers(0, 8760),
    "hides_after_reports": st.integers(0, 1000),
    "refusals_per_hour": st.integers(0, 1000),
    "picture_check": st.sampled_from(CheckedBy),
    "check_hold_percent": st.integers(0, 100),
    "check_refuse_percent": st.integers(0, 100),
    "channels": IDS,
    "roles": IDS,
    **{
        quota_name(level, unit, period): st.integers(-1, 10**12)
        for level in Level
        for unit in Unit
        for period in Period
    },
}
# Whose rows: in a scope of the operator's, else in one of the staff's of guild 5.
OWN_ID = {Scope.OPERATOR: 0, Scope.GUILD: 5}
NAMED = st.sampled_from(sorted(VALUES)).flatmap(
    lambda name: st.tuples(st.just(name), VALID.get(name, st.integers(1, MOST)))
)


def key_of(name: str) -> Key:
    rule = VALUES[name]
    scope = min(rule.scopes or rule.staff)
    return Key(scope, OWN_ID.get(scope, 6), name, 0 if rule.scopes else 5)


@given(NAMED)
def test_every_value_is_read_as_it_was_written(named: tuple[str, Value]) -> None:
    """Type and all."""
    name, value = named
    found = read(*key_of(name), written(value))
    assert (found, type(found)) == (value, type(value))


@given(st.sampled_from(sorted(VALUES)), st.text() | st.none() | st.binary() | st.integers())
def test_whatever_stands_in_a_row_is_a_value_in_its_range_or_refused(name: str, text: Any) -> None:
    """By one sentence with the row's name; nothing else is raised."""
    expected = re.escape(f" {name}: expected {VALUES[name].expected}, got ")
    with suppress(PolicyUnreadable):
        found = read(*key_of(name), text)
        assert read(*key_of(name), written(found)) == found
        return
    with pytest.raises(PolicyUnreadable, match=expected):
        read(*key_of(name), text)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("operator", 0, "running", "lots"), "operator 0 running: expected a whole number of jobs"),
        (("operator", 0, "running", "-3"), "from 1 to 1000000000, got '-3'"),
        (("operator", 0, "running", "9" * 5000), "got '9999"),
        (("operator", 0, "running", None), "got None"),
        (("operator", 0, "running", b"5"), "got b'5'"),
        (("operator", 0, "expected_wait_s", "nan"), "a number of seconds from 0 to"),
        (("operator", 0, "expected_wait_s", "1e400"), "a number of seconds from 0 to"),
        (("operator", 0, "expected_wait_s", "2e12"), "from 0 to 1000000000000, got '2e12'"),
        (("operator", 0, "default_size", "wide"), "such as 1024*1024, got 'wide'"),
        (("operator", 0, "rewrite_by_default", "1"), "expected true or false, got '1'"),
        (("operator", 0, "price_plain_micros", "0.015"), "a whole number of micro-dollars"),
        (("guild", 5, "weight", "0"), "guild 5 weight: expected a whole number of percent from 1"),
        (("role", 6, "weight", "10001"), "role 6 weight: expected"),
        (("operator", 0, "weight", "100"), "operator 0 weight: expected scope guild or role"),
        (("guild", 5, "running", "9"), "guild 5 running: expected scope operator"),
        (("gild", 5, "weight", "9"), "gild 5 weight: expected scope guild or role"),
        (("operator", 5, "running", "9"), "expected scope_id 0 for the operator"),
        (("guild", "home", "weight", "9"), "guild home weight: expected scope_id"),
        (("operator", 0, "runing", "9"), "operator 0 runing: no such name, did you mean running?"),
        (("operator", 0, "run\nning" * 99, "9"), r"policy row operator 0 run\nning"),
        ((None, None, None, None), "no such name"),
    ],
)
def test_nonsense_is_named_with_what_was_expected(row: tuple[Any, ...], says: str) -> None:
    """In one short line."""
    with pytest.raises(PolicyUnreadable) as raised:
        policy_of([(*row[:3], 0, row[3])])
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 350


@pytest.mark.parametrize("ids", ["0", "7,0", "9223372036854775808"])
def test_an_id_that_discord_never_gives_is_refused(ids: str) -> None:
    with pytest.raises(PolicyUnreadable):
        read(*key_of("channels"), ids)


def test_of_several_roles_the_highest_share_counts() -> None:
    """A role without a share does not lift one below the ordinary."""
    rows = {weight: (Scope.ROLE, weight, "weight", 0, str(weight)) for weight in (50, 200)}
    assert policy_of(rows.values()).member_weight == 200
    assert policy_of([rows[50]]).member_weight == 50
    assert policy_of([]).member_weight == policy_of([]).guild_weight == ONE_SHARE


def test_a_share_is_what_the_fair_queue_takes_for_one() -> None:
    """And its bounds are the queue's."""
    assert VALUES["weight"].default == ONE_SHARE == fairness.Weights().tenant
    assert VALUES["weight"].expected.endswith(f"from 1 to {HIGHEST_WEIGHT}")


def test_settings_as_they_come_are_the_defaults_of_the_table_and_limit_what_may_cost() -> None:
    """The size is the provider's own. Without a setting nobody can spend without end."""
    needed = {"DISCORD_TOKEN": "token", "DASHSCOPE_API_KEY": "sk-key"}
    filled = policy_rows(load_settings(needed))
    defaults = {name: rule.default for name, rule in VALUES.items() if name != "weight"}
    defaults["default_size"] = Size(1024, 1024)
    limits = {
        "waiting_per_member": 10,
        "account_micros_per_day": 10_000_000,
        "guild_pictures_per_day": 200,
        "member_pictures_per_day": 25,
    }
    set_by_settings = {key.name: value for key, value in filled.items()}
    assert set_by_settings.items() >= limits.items()
    assert {**defaults, **set_by_settings} == {**defaults, **limits}


def test_the_highest_and_lowest_settings_fit_their_rows() -> None:
    """So that what the settings accept is not refused afterwards."""
    needed = {"DISCORD_TOKEN": "token", "DASHSCOPE_API_KEY": "sk-key"}
    counts = [f"MAX_WAITING_PER_{whom}" for whom in ("MEMBER", "GUILD")]
    counts += ["ZIMAGE_MAX_RUNNING", "MAX_RUNNING_PER_GUILD", "MAX_RUNNING_PER_PERSON"]
    seconds, prices = ["MAX_EXPECTED_WAIT_S"], ["ZIMAGE_PRICE_USD", "ZIMAGE_PRICE_REWRITTEN_USD"]
    highest = {
        **dict.fromkeys([*counts, *seconds], str(10**9)),
        **dict.fromkeys(prices, "1000"),
        "GUILD_WEIGHTS": "5:100",
    }
    lowest = {
        **dict.fromkeys(counts, "1"),
        **dict.fromkeys([*seconds, *prices], "0"),
        "ROLE_WEIGHTS": "5:0.01",
    }
    for chosen in (highest, lowest):
        for key, value in policy_rows(load_settings({**needed, **chosen})).items():
            assert read(*key, written(value)) == value


def test_the_default_size_is_the_provider_s_own_unless_it_is_set() -> None:
    """And must be one that it draws as it stands."""
    assert default_size(policy_of([]), EASEL_S) == EASEL_S.default_size
    for text in ("1024*1024", "610*600"):  # too large; would be rounded
        policy = policy_of([(Scope.OPERATOR, 0, "default_size", 0, text)])
        with pytest.raises(PolicyUnreadable, match="operator 0 default_size: expected a size"):
            default_size(policy, EASEL_S)
