"""Discord's AutoMod rules as word rules, and what stays with Discord."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bot.moderation.automod import NotApplied, Reason, imported
from bot.moderation.word_rules import RuleOutcome, WordRule, WordRules
from tests.moderation.rules import found_by


def answer(**fields: Any) -> dict[str, Any]:
    """A rule as Discord gives it."""
    return {
        "id": "969707018069872670",
        "guild_id": "613425648685547541",
        "name": "Fruit",
        "creator_id": "423457898095789043",
        "event_type": 1,
        "trigger_type": 1,
        "trigger_metadata": {"keyword_filter": ["fig", "plum*"], "allow_list": ["plumber"]},
        "actions": [{"type": 1, "metadata": {}}],
        "enabled": True,
        "exempt_roles": ["11", "12"],
        "exempt_channels": ["21"],
        **fields,
    }


def keywords(**lists: list[str]) -> dict[str, Any]:
    """The same with these lists."""
    return answer(trigger_metadata=lists)


def test_a_keyword_rule_becomes_a_word_rule() -> None:
    read = imported([answer()])
    assert read.not_applied == ()
    assert read.rules == (
        WordRule(
            id=0,
            name="Fruit",
            outcome=RuleOutcome.REFUSE,
            words=("fig", "plum*"),
            allowed=("plumber",),
            exempt_roles=(11, 12),
            exempt_channels=(21,),
            automod_id=969707018069872670,
        ),
    )
    rules = WordRules(read.rules)
    assert found_by(rules, "a plumber eats plums and a fig") == ["plum", "fig"]


def test_a_rule_that_leaves_out_what_it_may_is_on_and_holds() -> None:
    fields = ("id", "name", "trigger_type", "trigger_metadata")
    (rule,) = imported([{name: answer()[name] for name in fields}]).rules
    assert (rule.words, rule.outcome) == (("fig", "plum*"), RuleOutcome.HOLD)
    assert (rule.exempt_roles, rule.exempt_channels) == ((), ())


@pytest.mark.parametrize(
    ("actions", "outcome"),
    [([1], RuleOutcome.REFUSE), ([2], RuleOutcome.HOLD), ([2, 1], RuleOutcome.REFUSE)],
)
def test_what_blocks_refuses_and_what_alerts_holds(
    actions: list[int], outcome: RuleOutcome
) -> None:
    (rule,) = imported([answer(actions=[{"type": kind} for kind in actions])]).rules
    assert rule.outcome is outcome


@pytest.mark.parametrize(
    ("fields", "reason", "entry"),
    [
        ({"enabled": False}, Reason.DISABLED, ""),
        ({"trigger_type": 3, "trigger_metadata": {}}, Reason.SPAM, ""),
        ({"trigger_type": 4, "trigger_metadata": {"presets": [3]}}, Reason.PRESET, "slurs"),
        ({"trigger_type": 5, "trigger_metadata": {"mention_total_limit": 5}}, Reason.MENTIONS, ""),
        ({"trigger_type": 6}, Reason.PROFILE, ""),
        ({"trigger_type": 99}, Reason.UNKNOWN, ""),
    ],
)
def test_rules_that_say_nothing_of_prompts_stay_with_discord(
    fields: dict[str, Any], reason: Reason, entry: str
) -> None:
    read = imported([answer(**fields)])
    assert read.rules == ()
    assert read.not_applied == (
        NotApplied(automod_id=969707018069872670, rule_name="Fruit", reason=reason, entry=entry),
    )


def test_every_preset_is_named() -> None:
    read = imported([answer(trigger_type=4, trigger_metadata={"presets": [1, 2, 3, 4]})])
    assert [one.entry for one in read.not_applied] == ["profanity", "sexual content", "slurs", "4"]


def test_what_of_a_rule_cannot_be_applied_is_told_with_the_rest_of_it() -> None:
    read = imported(
        [
            keywords(
                keyword_filter=["fig", "*", "fig"],
                allow_list=["*a*"],
                regex_patterns=[r"pl[uo]m", "(?=x)", ".*"],
            )
            | {"actions": [{"type": 1}, {"type": 3}]}
        ]
    )
    (rule,) = read.rules
    assert (rule.words, rule.patterns, rule.allowed) == (("fig",), ("pl[uo]m",), ())
    assert rule.not_applied == ("word:*", "allowed:*a*", "pattern:(?=x)", "pattern:.*", "time_out")
    assert rule.not_applied == tuple(map(str, read.not_applied))


def test_a_rule_of_which_nothing_is_left_is_no_rule() -> None:
    read = imported([keywords(keyword_filter=["*"])])
    assert read.rules == ()
    assert [one.reason for one in read.not_applied] == [Reason.WORD]


def test_what_is_no_answer_of_discords_is_not_read() -> None:
    with pytest.raises(msgspec.ValidationError):
        imported([{"id": 5}])
