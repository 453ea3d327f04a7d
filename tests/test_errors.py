"""The tree of errors is as it is drawn, and their messages tell no log what people typed."""

from __future__ import annotations

import re

import pytest

from bot import errors, refusals, staff_refusals

BRANCH = re.compile(r" {4}(?P<stem>(?:│ {3}| {4})*(?:[├└]── )?)(?P<name>\w+)")
TYPED = "a secret wish"


def drawn() -> dict[str, str]:
    """What stands above each name in the docstring."""
    above, stem = {}, ["Exception"]
    for line in (errors.__doc__ or "").splitlines():
        found = BRANCH.match(line)
        if found:
            stem[len(found["stem"]) // 4 + 1 :] = [found["name"]]
            above[found["name"]] = stem[-2]
    return above


def parents(kind: type[errors.ZeuxisError] = errors.ZeuxisError) -> dict[str, str]:
    """Of every error there is."""
    below = {kind.__name__: kind.__bases__[0].__name__}
    for one in kind.__subclasses__():
        if one.__module__.startswith("bot."):
            below |= parents(one)
    return below


def test_the_drawn_tree_has_every_error_below_its_parent_but_for_refusals() -> None:
    """Those stand side by side, of two kinds."""
    all_there_are = parents()
    refusals = {name for name, above in all_there_are.items() if above in ("Refusal", "NotQueued")}
    assert len(refusals) > 60
    assert {**drawn(), "NotQueued": "Refusal"} == {
        name: above for name, above in all_there_are.items() if name not in refusals - {"NotQueued"}
    }


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (errors.StorageUnavailable("SQLITE_FULL"), "SQLITE_FULL"),
        (errors.NotSent("refused", status=None, code="E"), "refused code=E"),
        (
            refusals.QueueFull(scope=refusals.QueueScope.MEMBER, waiting=2, limit=0),
            "As many jobs wait as may wait. scope=member waiting=2 limit=0",
        ),
        (staff_refusals.NothingToUndo(), "Nothing was changed, or all of it was taken back."),
        (
            errors.BytesAfterPicture(ends_at_bytes=7),
            "More was sent than the picture, so its announced length was wrong. ends_at_bytes=7",
        ),
        (
            staff_refusals.SettingRefused(name="pace", expected="a number"),
            "pace: expected a number",
        ),
        (errors.SettingsError(("A: odd", "B: odd")), "A: odd\nB: odd"),
    ],
)
def test_a_message_is_what_was_said_or_what_the_class_means_and_its_fields(
    error: errors.ZeuxisError, says: str
) -> None:
    assert str(error) == says


@pytest.mark.parametrize(
    "error",
    [
        refusals.SizeNotUnderstood(TYPED),
        refusals.SeedNotUnderstood(TYPED),
        refusals.DayNotUnderstood(TYPED),
        staff_refusals.DurationNotUnderstood(TYPED),
        refusals.BracesBroken(refusals.BraceFault.EMPTY, before=TYPED, after=TYPED),
        refusals.StyledTooLong(characters=801, limit=800, name=TYPED, share=1),
        refusals.UnknownStyle(TYPED, near=(TYPED,)),
        staff_refusals.StyleRefused(staff_refusals.StyleFault.TAKEN, name=TYPED),
        refusals.BlockedHere(until_at_us=None, reason=TYPED, by_operator=False),
        staff_refusals.SettingChanged(name="style", by=TYPED, at_us=1, value=TYPED),
        staff_refusals.WordRuleRefused(staff_refusals.WordRuleFault.TAKEN, entry=TYPED),
        staff_refusals.WordRuleChanged(name=TYPED, by=1234, at_us=1),
        staff_refusals.AlreadyDecided(decision="removed", by=1234, at_us=1),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_message_has_what_people_typed_or_who_they_are(error: errors.ZeuxisError) -> None:
    for shown in (str(error), repr(error)):
        assert TYPED not in shown
        assert "1234" not in shown
