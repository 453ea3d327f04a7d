"""What may be typed: each command is answered by a function that takes what it is given."""

from __future__ import annotations

from inspect import signature

import pytest

from bot.__main__ import main
from bot.cli import options

LINES = """
migrate
doctor
backup b.db
restore b.db
queue
queue --job 5 --json
queue pause 7
queue resume 7
queue probe
guilds --json
guilds allow 7
guilds block 7
limits --guild 7 --channel 8 --member 9 --json
policy --guild 7 --json
policy set cooldown_s 3
policy set cooldown_s 3 --guild 7
policy --guild 7 set cooldown_s 3 --guild 7
policy set weight 200 --role 8
policy unset outside_guilds --person 9
policy --guild 7 --json log
policy undo
people list --guild 7 --json
people block 9 --for 7d --reason rude
people unblock 9
people trust 9
people untrust 9
usage --guild 7 --member 9 --days 3 --json
usage --csv
usage reconcile bill.csv
usage reconcile bill.csv --zone Asia/Shanghai
log --guild 7 --action set --by 9 --member 9 --days 3 --csv
log --operator --json
log --heads
""".strip().splitlines()


@pytest.mark.parametrize("line", LINES)
def test_whatever_may_be_typed_is_taken_by_a_function(line: str) -> None:
    asked = options.read(line.split())
    assert asked.answer is not None
    signature(asked.answer).bind("terminal", **asked.given)


def test_the_bot_itself_is_answered_by_none_of_them() -> None:
    assert options.read(["run"]) == ("run", None, {})


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            ["policy", "--guild", "7", "set", "cooldown_s", "3", "--person", "8"],
            "--guild does not go with --person",
        ),
        (
            ["policy", "--guild", "7", "set", "cooldown_s", "3", "--guild", "8"],
            "two guilds are named",
        ),
        (["policy", "--guild", "7", "undo"], "--guild does not go with undo"),
        (["policy", "--json", "set", "cooldown_s", "3"], "--json does not go with set"),
        (["guilds", "--json", "allow", "7"], "--json does not go with allow"),
        (["queue", "--job", "5", "pause", "7"], "--job does not go with pause"),
        (["usage", "--guild", "7", "reconcile", "x"], "--guild does not go with reconcile"),
        (["usage", "--csv", "reconcile", "x"], "--csv does not go with reconcile"),
        (["usage", "--days", "5", "reconcile", "x"], "--days does not go with reconcile"),
        (["limits", "--channel", "7"], "--channel needs --guild"),
        (["log", "--heads", "--json"], "--json does not go with --heads"),
        (["log", "--heads", "--guild", "7"], "--guild does not go with --heads"),
        (["log", "--operator", "--guild", "7"], "not allowed with argument --operator"),
    ],
)
def test_an_option_that_would_not_be_heard_is_refused(
    line: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(line)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (["queue", "--job", "9" * 5000], "expected an id, got '999"),
        (["usage", "--days", "9" * 5000], "expected days from 1 to 3660, got '999"),
        (["log", "--by", "a\udcff"], r"expected text in UTF-8, got 'a\udcff'"),
        (["log", "--action", "a\udcff"], "expected text in UTF-8"),
        (["people", "block", "9", "--reason", "a\udcff"], "expected text in UTF-8"),
        (["policy", "set", "language", "a\udcff"], "expected text in UTF-8"),
        (["policy", "unset", "a\udcff"], "expected text in UTF-8"),
    ],
)
def test_what_no_column_could_hold_is_refused(
    line: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence of reasonable length; bytes of another encoding come as half surrogates."""
    with pytest.raises(SystemExit) as ended:
        main(line)
    assert ended.value.code == 2
    *_, said = capsys.readouterr().err.splitlines()
    assert says in said
    assert len(said) < 200


def test_text_is_read_where_the_locale_knows_ascii_alone() -> None:
    """A reason that was typed in UTF-8 had become none."""
    typed = "水彩".encode().decode("ascii", "surrogateescape")
    asked = options.read(["people", "block", "9", "--reason", typed])
    assert asked.given["reason"] == "水彩"
