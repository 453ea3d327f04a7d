"""What staff type, and what of it holds beside the operator's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.settings.file import imported
from bot.features.settings.forms import form_read, form_written, near_zones
from bot.features.settings.rules import For, Shown, Source, Whose, in_force, is_bound, whose_is
from bot.policy.precedence import Held
from bot.policy.rules import Scope, quota_name, written
from bot.providers.zimage import OFFER
from bot.records import replace
from bot.refusals import Level, Period, Unit
from bot.staff_refusals import ImportRefused, SettingRefused

GUILD = 5
MONEY = quota_name(Level.GUILD, Unit.MICROS, Period.DAY)
PICTURES = quota_name(Level.GUILD, Unit.PICTURES, Period.DAY)


def read(name: str, typed: str) -> Any:
    return form_read(Whose().key(name, GUILD), typed, OFFER).value


@pytest.mark.parametrize(
    ("typed", "micros"),
    [
        ("1.50", 1_500_000),
        ("1,50", 1_500_000),
        ("$ 2", 2_000_000),
        ("2 $", 2_000_000),
        ("US$3", 3_000_000),
        ("３．５", 3_500_000),
        ("0.015", 15_000),
        ("0,000001", 1),
        ("1000000", 10**12),
        ("0", 0),
        ("-1", -1),
        ("−1", -1),
        (" ", None),
    ],
)
def test_sums_are_typed_as_people_write_them(typed: str, micros: int | None) -> None:
    """With a point or a comma, with a sign before or behind or none."""
    assert read(MONEY, typed) == micros


@pytest.mark.parametrize("typed", ["1,000", "12.345", "1.0000001", "1000001", "-2", "1e3", "a"])
def test_sums_that_nobody_can_be_sure_of_are_refused(typed: str) -> None:
    """Rather than guessed."""
    with pytest.raises(SettingRefused, match=MONEY):
        read(MONEY, typed)


@given(st.integers(-1, 10**12) | st.integers(0, 999_999).map(lambda milli: milli * 1000))
def test_a_sum_that_is_filled_in_is_read_back(micros: int) -> None:
    """Never as what could be taken for thousands: a form that was not touched is saved."""
    assert read(MONEY, form_written(MONEY, str(micros))) == micros


@given(st.integers(-1, 1_000_000))
def test_a_number_that_is_filled_in_is_read_back(count: int) -> None:
    """Of pictures."""
    assert read(PICTURES, form_written(PICTURES, str(count))) == count


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_value_or_refused(typed: str) -> None:
    """Nothing else comes of it."""
    for name in (MONEY, PICTURES, "largest_area_px", "cooldown_s", "time_zone"):
        try:
            value = read(name, typed)
        except SettingRefused:
            continue
        assert value is None or read(name, form_written(name, written(value))) in (value, None)


def test_operator_and_staff_bind_together() -> None:
    """The stricter value is shown, and whose it is."""
    mine, theirs = Held(Scope.GUILD, True, 10), Held(Scope.OPERATOR, False, 60)
    assert in_force({"cooldown_s": [mine, theirs]}, "cooldown_s") == Shown(
        value=60, source=Source.OPERATOR
    )
    assert in_force({"cooldown_s": [mine]}, "cooldown_s").source is Source.GUILD
    off = Held(Scope.GUILD, False, False)
    on = Held(Scope.GUILD, True, True)
    now = in_force({"rewriting_allowed": [off, on]}, "rewriting_allowed")
    assert now == Shown(value=False, source=Source.OPERATOR_HERE)
    assert is_bound(now, "rewriting_allowed")
    assert not is_bound(in_force({}, "rewriting_allowed"), "rewriting_allowed")
    assert not is_bound(replace(now), "pings")


@pytest.mark.parametrize("who", list(For))
def test_a_row_tells_for_whom_it_is(who: For) -> None:
    """As it was set."""
    whose = Whose(who=who, id=0 if who in (For.GUILD, For.EACH_CHANNEL) else 7)
    key = whose.key(whose.quotas(Unit.PICTURES)[0], GUILD)
    assert whose_is(key) == whose
    assert key.tenant_id == GUILD


@pytest.mark.parametrize(
    ("typed", "near"),
    [("berlin", "Europe/Berlin"), ("new york", "America/New_York"), ("Asia/Tokio", "Asia/Tokyo")],
)
def test_a_city_is_enough_to_find_its_time_zone(typed: str, near: str) -> None:
    """Also if it is misspelt."""
    assert near in near_zones(typed)


@pytest.mark.parametrize("scope_id", ["9" * 19, "9" * 5000, "-1", "٣"])
def test_a_file_with_an_id_that_discord_never_gave_is_refused(scope_id: str) -> None:
    """No number of it reaches the database."""
    row = {"scope": "member", "id": scope_id, "name": "member_pictures_per_day", "value": "5"}
    file = {"zeuxis settings": 1, "guild": str(GUILD), "values": [row]}
    with pytest.raises((ImportRefused, SettingRefused)):
        imported(json.dumps(file).encode(), GUILD, [])


def test_review_of_a_member_holds_before_that_of_their_roles_and_of_the_place() -> None:
    """Of several roles the one that trusts most."""
    rows = [
        (Scope.GUILD, "flagged", Source.GUILD),
        (Scope.CHANNEL, "off", Source.CHANNEL),
        (Scope.ROLE, "always", Source.ROLE),
        (Scope.ROLE, "flagged", Source.ROLE),
        (Scope.MEMBER, "always", Source.MEMBER),
    ]
    held: list[Held] = []
    seen: list[tuple[object, Source]] = []
    for scope, value, _ in rows:
        held.append(Held(scope, by_staff=True, value=value))
        now = in_force({"review": held}, "review")
        seen.append((now.value, now.source))
    assert seen == [
        ("flagged", Source.GUILD),
        ("off", Source.CHANNEL),
        ("always", Source.ROLE),
        ("flagged", Source.ROLE),
        ("always", Source.MEMBER),
    ]


@pytest.mark.parametrize(
    ("by_operator", "by_staff", "holds"), [(0, 5, 5), (5, 0, 5), (5, 3, 3), (3, 5, 3), (0, 0, 0)]
)
def test_the_lower_count_of_refusals_binds_and_none_is_no_count(
    by_operator: int, by_staff: int, holds: int
) -> None:
    held = [
        Held(Scope.OPERATOR, by_staff=False, value=by_operator),
        Held(Scope.GUILD, by_staff=True, value=by_staff),
    ]
    assert in_force({"refusals_per_hour": held}, "refusals_per_hour").value == holds
