"""`zeuxis policy`, `limits` and `guilds`: what the operator sets beside the running bot."""

from __future__ import annotations

import json

import pytest

from bot.__main__ import main
from bot.cli import policy
from bot.policy.rows import Asking, fill_from_settings, load_policy
from bot.policy.rules import Key, Scope
from bot.providers.zimage import OFFER
from bot.queue.forget import forget_member
from bot.queue.records import UserId
from bot.refusals import GuildNotAllowed, QuotaUsedUp
from bot.staff_refusals import NothingToUndo, SettingRefused
from tests.cli.test_operator import SECRETS, Desk, desk
from tests.cli.test_usage_command import draw

__all__ = ["desk"]  # the fixture

PER_DAY = "member_pictures_per_day"
SET = ("set", PER_DAY, "3")


async def set_value(desk: Desk, name: str, text: str | None, **whose: int) -> None:
    await policy.set_value(desk.terminal, name=name, value=text, **whose)


async def allow(desk: Desk, guild: int, *, is_allowed: bool = True) -> None:
    await policy.set_allowed(desk.terminal, guild=guild, is_allowed=is_allowed)


async def shown(desk: Desk, guild: int | None = None) -> dict[str, dict[str, str]]:
    said: list[str] = []
    await policy.show_policy(desk.saying(said), guild=guild, json=True)
    found: dict[str, dict[str, str]] = json.loads(said[0])
    return found


async def test_a_value_that_is_set_holds_from_the_next_request_on(desk: Desk) -> None:
    """For all, or for one guild alone."""
    await desk.submit(guild=1)
    await set_value(desk, PER_DAY, "1", guild=1)
    with pytest.raises(QuotaUsedUp):
        await desk.submit(guild=1)
    await desk.submit(guild=2)
    assert (await shown(desk, 1))[PER_DAY] == {"value": "1", "from": "operator, for this server"}
    assert (await shown(desk, 2))[PER_DAY] == {"value": "–", "from": "default"}


async def test_a_blocked_guild_draws_nothing_until_it_is_allowed(desk: Desk) -> None:
    await allow(desk, 1, is_allowed=False)
    with pytest.raises(GuildNotAllowed):
        await desk.submit(guild=1)
    await allow(desk, 1)
    await desk.submit(guild=1)
    assert desk.said == ["guild 1 is blocked", "guild 1 is allowed"]


async def test_what_the_operator_has_changed_outlives_the_settings(desk: Desk) -> None:
    await set_value(desk, PER_DAY, "5")
    key = Key(Scope.OPERATOR, 0, PER_DAY)
    (kept,) = await desk.database.write(fill_from_settings, {key: 25}, OFFER, now_us=1)
    assert (kept.value, kept.changed_by) == ("5", "operator")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (PER_DAY, "many", "-1 for no limit"),
        ("cooldown_s", "-5", "seconds from 0 to 86400"),
        ("default_size", "16*16", "a size in pixels"),
        ("time_zone", "../../etc/passwd", "name of a time zone"),
        ("no_such", "1", "known name"),
    ],
)
async def test_what_is_wrong_is_refused_with_what_was_expected(
    desk: Desk, name: str, text: str, says: str
) -> None:
    before = await shown(desk)
    with pytest.raises(SettingRefused, match=says):
        await set_value(desk, name, text)
    assert await shown(desk) == before


@pytest.mark.parametrize(
    ("name", "text", "whose", "says"),
    [
        ("language", "de", {}, "language: expected a value of: staff"),
        ("channels", "7", {"guild": 7}, "a value of: staff"),
        ("weight", "200", {"person": 7}, "a value of: guild or role"),
        ("running", "3", {"guild": 7}, "a value of: operator"),
    ],
)
async def test_a_value_that_is_set_for_others_is_refused_by_that(
    desk: Desk, name: str, text: str, whose: dict[str, int], says: str
) -> None:
    """Not by what may be typed for it, which this was."""
    with pytest.raises(SettingRefused, match=says):
        await set_value(desk, name, text, **whose)


async def test_a_row_that_is_for_others_may_go(desk: Desk) -> None:
    """No policy is read while it stands."""
    row = "INSERT INTO policy VALUES (0, 'person', 7, 'weight', '200', 1, 'ada', 1)"
    await desk.database.write(lambda tx: tx.execute(row))
    await set_value(desk, "weight", None, person=7)
    assert "person 7 weight: 200 → –" in desk.text


@pytest.mark.parametrize("empty", ["", "  ", "\ud83d", "\u200b"])
async def test_an_empty_value_takes_no_limit_away(desk: Desk, empty: str) -> None:
    """A variable of a script may be empty; what takes a row away is `unset`."""
    await set_value(desk, PER_DAY, "5")
    with pytest.raises(SettingRefused, match="a value; `unset` takes it away"):
        await set_value(desk, PER_DAY, empty)
    assert (await shown(desk))[PER_DAY]["value"] == "5"


async def test_a_name_that_is_none_cannot_be_unset(desk: Desk) -> None:
    with pytest.raises(SettingRefused, match="did you mean member_pictures_per_day"):
        await set_value(desk, "membr_pictures_per_day", None)


@pytest.mark.parametrize("order", [["--guild", "7", *SET], [*SET, "--guild", "7"]])
def test_a_guild_is_meant_wherever_it_stands_on_the_line(
    desk: Desk,
    order: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Before the action it set the value for all."""
    for name, value in (*SECRETS.items(), ("DATABASE_URL", desk.settings.database_url)):
        monkeypatch.setenv(name, value)
    assert main(["policy", *order]) == 0
    assert f"guild 7 {PER_DAY}: – → 3" in capsys.readouterr().out


async def test_the_last_change_is_taken_back_and_the_log_tells_all(desk: Desk) -> None:
    await set_value(desk, PER_DAY, "5")
    await set_value(desk, PER_DAY, "7")
    await policy.undo(desk.terminal)
    assert (await shown(desk))[PER_DAY]["value"] == "5"
    desk.said.clear()
    await policy.show_log(desk.terminal)
    assert [line.partition(" UTC  ")[2] for line in desk.said] == [
        f"operator {PER_DAY}: 7 → 5  by operator, command line",
        f"operator {PER_DAY}: 5 → 7  by operator, command line",
        f"operator {PER_DAY}: – → 5  by operator, command line",
    ]
    await policy.undo(desk.terminal)
    with pytest.raises(NothingToUndo):
        await policy.undo(desk.terminal)


async def test_limits_are_shown_with_what_is_left(desk: Desk) -> None:
    """As a table, and the same for programs."""
    await set_value(desk, PER_DAY, "3")
    await set_value(desk, "account_micros_per_day", "1000000")
    await desk.submit(guild=1, user=2)
    desk.said.clear()
    for json_or_not in (False, True):
        await policy.show_limits(desk.terminal, guild=1, member=2, json=json_or_not)
    headings, account, member, facts = desk.said
    assert headings.split() == ["LEVEL", "PER", "LIMIT", "USED", "LEFT", "RENEWS", "BY"]
    assert account.split()[:5] == ["account", "day", "$1.00", "$0.015", "$0.985"]
    assert member.split()[:5] == ["member", "day", "3", "1", "2"]
    assert [one["left"] for one in json.loads(facts)] == [985_000, 2]


async def test_what_nobody_is_named_for_is_not_counted(desk: Desk) -> None:
    """It was said of user 0, whose pictures are those of all who had their data deleted."""
    await set_value(desk, "guild_pictures_per_day", "9", guild=1)
    await set_value(desk, PER_DAY, "3")
    await draw(desk, "r", user=2)
    await desk.database.write(forget_member, UserId(2), now_us=desk.clock.now_us())
    desk.said.clear()
    for json_or_not in (False, True):
        await policy.show_limits(desk.terminal, guild=1, json=json_or_not)
    _, guild, member, facts = desk.said
    assert guild.split()[:5] == ["guild", "day", "9", "1", "8"]
    assert member.split()[:5] == ["member", "day", "3", "–", "–"]
    assert [(one["used"], one["left"]) for one in json.loads(facts)] == [(1, 8), (None, None)]


async def test_guilds_are_listed_by_what_they_cost(desk: Desk) -> None:
    """Those that were blocked before they ever asked as well."""
    await desk.submit(guild=1, user=2)
    await allow(desk, 7, is_allowed=False)
    desk.said.clear()
    await policy.show_guilds(desk.terminal)
    assert [line.split() for line in desk.said[1:]] == [
        ["1", "yes", "0", "0", "$0.00"],
        ["7", "no", "0", "0", "$0.00"],
    ]


async def test_where_there_is_nothing_that_is_said(desk: Desk) -> None:
    for show in (policy.show_limits, policy.show_log):
        assert await show(desk.terminal) == 0
    assert desk.said == ["no limit is set there", "nothing was changed yet"]


async def test_one_person_is_let_in_outside_of_guilds(desk: Desk) -> None:
    """In direct messages and by an install of their own; nobody else is."""
    await set_value(desk, "outside_guilds", "true", person=11)
    for person, is_let_in in ((11, True), (12, False)):
        found = await desk.database.read(load_policy, Asking(user_id=person))
        assert found.is_open_outside is is_let_in
