"""Every error becomes words, in every language, and none of them is the error's own."""

from __future__ import annotations

import pytest

from bot import errors, refusals, staff_refusals
from bot.errors import Inspected
from bot.queue.cases import Decision
from bot.queue.records import Failure
from bot.refusals import Level, Outage, Period, QueueScope, Unit
from bot.staff_refusals import StyleFault
from bot.texts import Texts
from bot.texts.refusals import outdated_text, refusal_text, stuck_message_text, unexpected_text
from tests.texts.records import LOCALES

ENGLISH = Texts("en-US")
SECRET = "secret-of-the-provider"
OUT_OF_RANGE = refusals.SizeOutOfRange(
    width_px=511, height_px=512, min_area_px=512 * 512, max_area_px=2048 * 2048
)
SAMPLES = [
    refusals.PromptEmpty(),
    refusals.PromptTooLong(characters=1039, limit=800),
    refusals.StyledTooLong(characters=812, limit=800, name="*Noir*", share=300),
    refusals.SizeNotUnderstood("abc"),
    OUT_OF_RANGE,
    refusals.SizeTooNarrow(width_px=4096, height_px=200, limit_ratio=8),
    refusals.SeedOutOfRange(2147483648, most=2147483647),
    *(refusals.QueueFull(scope=scope, waiting=500, limit=500) for scope in QueueScope),
    refusals.WaitTooLong(expected_s=7000, limit_s=3600),
    *(refusals.ProviderDown(outage, until_at_us=1_800_000_000_000_000) for outage in Outage),
    refusals.GuildNotAllowed(),
    refusals.OutsideNotAllowed(),
    refusals.NotInGuild(),
    refusals.TokenTooShort(expected_s=2000, left_s=840),
    *(
        refusals.SwitchedOff(level=level, by_staff=by_staff)
        for level in Level
        for by_staff in (False, True)
    ),
    *(
        refusals.QuotaUsedUp(
            level=level,
            unit=unit,
            period=period,
            amount=3_000_000,
            left=left,
            renews_at_us=1_800_000_000_000_000,
            by_staff=by_staff,
        )
        for level in Level
        for unit in Unit
        for period in Period
        for left in (0, 1)
        for by_staff in (False, True)
    ),
    refusals.CoolingDown(until_at_us=1_800_000_000_000_000),
    *(
        refusals.BlockedHere(until_at_us=until_at_us, reason=reason, by_operator=by_operator)
        for until_at_us in (None, 1_800_000_000_000_000)
        for reason in ("", "spam")
        for by_operator in (False, True)
    ),
    refusals.WordsRefused(17),
    refusals.AltTextRefused(),
    *(staff_refusals.AlreadyDecided(decision=one, by=7, at_us=1) for one in Decision),
    staff_refusals.AlreadyDecided(decision="rejected", by=0, at_us=1),
    staff_refusals.UnknownCase(),
    staff_refusals.OwnCase(),
    refusals.WordsRefused(17, can_appeal=False),
    staff_refusals.NotModerator(),
    *map(staff_refusals.AppealRefused, staff_refusals.AppealBar),
    *map(staff_refusals.TimeOutRefused, staff_refusals.TimeOutBar),
    staff_refusals.DurationNotUnderstood("soon"),
    refusals.RefusedTooOften(until_at_us=1_800_000_000_000_000),
    *map(refusals.ReportDecided, ("dismissed", "withdrawn", "warned")),
    refusals.PictureHidden(),
    *(
        staff_refusals.WordLinesRefused(
            (
                staff_refusals.WordLine(
                    staff_refusals.WordField.WORDS, 2, staff_refusals.WordRuleRefused(fault)
                ),
            )
            * lines
        )
        for fault in staff_refusals.WordRuleFault
        for lines in (1, 12)
    ),
    *map(staff_refusals.WordRuleRefused, staff_refusals.WordRuleFault),
    *(staff_refusals.WordRuleChanged(name="@here", by=by, at_us=1) for by in (0, 7)),
    staff_refusals.UnknownWordRule(),
    *map(staff_refusals.WordFileRefused, staff_refusals.ImportFault),
    *map(staff_refusals.AutomodUnread, staff_refusals.AutomodFault),
    refusals.PlaceNotAllowed(tuple(range(1, 101))),
    refusals.RoleNotAllowed((10**18, 10**18 + 1)),
    refusals.SizeOverLimit(area_px=2048 * 2048, most_px=1024 * 1024),
    refusals.RewritingOff(),
    *(refusals.BracesBroken(fault, before="a {", after="|b}") for fault in refusals.BraceFault),
    refusals.BatchTooLarge(count=1024, limit=4),
    refusals.BatchTooLarge(count=2**1200, limit=4),
    *(refusals.NoRewriter(has_several=several) for several in (False, True)),
    *(
        refusals.RewritingFailed(end, may_cost=may_cost)
        for end in refusals.RewritingEnd
        for may_cost in (False, True)
    ),
    *(refusals.DraftClosed(end) for end in refusals.DraftEnd),
    staff_refusals.NotOperator(),
    staff_refusals.SettingRefused(name="cooldown_s", expected="a whole number of seconds"),
    *(
        staff_refusals.SettingChanged(name="cooldown_s", by=by, at_us=1, value=value)
        for by, value in (("11", "60"), ("operator", None))
    ),
    *map(staff_refusals.ImportRefused, staff_refusals.ImportFault),
    *(
        staff_refusals.StyleRefused(fault, name=name)
        for fault in StyleFault
        for name in ("", "@here")
    ),
    *(refusals.UnknownStyle("Nior", near=near) for near in ((), ("Noir", "Film noir"))),
    *(
        staff_refusals.WordRuleRefused(fault, entry=entry, limit=60)
        for fault in staff_refusals.WordRuleFault
        for entry in ("", "*@here*")
    ),
    staff_refusals.NotStaff(),
    staff_refusals.NothingToUndo(),
    refusals.UsageNotShown(),
    refusals.ForgottenToday(until_at_us=1_800_000_000_000_000),
    refusals.PermissionMissing(("attach_files", "create_public_threads", "manage_webhooks")),
    refusals.MemberMayNotPost(("send_messages", "send_messages_in_threads")),
    refusals.NotInThread(),
    refusals.PlaceUnknown(),
    refusals.NotYours(),
    refusals.OnlyTheirs(),
    refusals.PressedTwice(17),
    refusals.UnknownJob(),
    refusals.AskedElsewhere(17),
    refusals.MadeRestricted(),
    refusals.PictureDeleted(),
    refusals.DayNotUnderstood("soon"),
    refusals.NoPictureThere(),
    refusals.NotTraced(),
    refusals.UploadUnread(),
    refusals.PictureGone(),
    refusals.RepostRefused(),
    refusals.RepostUncertain(),
    refusals.AlreadyFinished(),
    refusals.NobodyElseWaits(),
    refusals.AlreadyReported(),
    refusals.SeedNotUnderstood("seven"),
    errors.StorageUnavailable(SECRET),
    errors.FormTooLate(SECRET),
    errors.DatabaseDisplaced(SECRET),
    errors.SchemaTooNew(SECRET),
    errors.SchemaTooOld(SECRET),
    errors.NotOurDatabase(SECRET),
    errors.BackupRefused(SECRET),
    errors.StorageCorrupt(SECRET),
    errors.PolicyUnreadable(SECRET),
    errors.DatabaseInUse(SECRET),
    errors.LeaseLost(SECRET),
    errors.NotSent(SECRET),
    errors.AnswerLost(SECRET, request_id=SECRET),
    errors.AnswerUnreadable(SECRET),
    errors.NoImage(SECRET),
    *(errors.ContentRefused(SECRET, inspected=inspected) for inspected in Inspected),
    errors.RequestRejected(SECRET, status=400, code=SECRET),
    errors.KeyRejected(SECRET),
    errors.AccessRefused(SECRET),
    errors.AccountBlocked(SECRET),
    errors.RateLimited(SECRET),
    errors.ProviderFailed(SECRET),
    errors.UnexpectedAnswer(SECRET, status=403, code=SECRET),
    errors.LinkNotAllowed(SECRET),
    errors.LinkExpired(SECRET),
    errors.DownloadFailed(SECRET),
    errors.BytesAfterPicture(ends_at_bytes=7_654_321),
    errors.NotAPicture(SECRET),
    errors.PictureTooLarge(size_bytes=30_000_000, limit_bytes=10_485_760),
]
NOT_FOR_MEMBERS = {
    errors.CheckFailed,
    *(errors.SettingsError, errors.PortTaken),  # the bot does not start
    *(errors.BillUnreadable, errors.NotPrinted),  # on the command line
    errors.CalledOff,  # told by the outbox, as an end like others
    errors.WrongState,  # a bug of ours, which every verb looks for before it changes anything
}
RAISED_WITH_KINDS = {errors.DownloadFailed}  # no leaf, and raised itself
GENERIC = "Something went wrong on our side."
PERHAPS = (errors.AnswerLost, errors.AnswerUnreadable)
WITHOUT_COST = (
    *(refusals.NotYours, refusals.UnknownJob, refusals.AlreadyFinished, refusals.UsageNotShown),
    refusals.NobodyElseWaits,
    *(refusals.DayNotUnderstood, refusals.NoPictureThere, refusals.PictureGone),
    *(refusals.NotTraced, refusals.UploadUnread),
    *(refusals.RepostRefused, refusals.RepostUncertain),
    *(
        staff_refusals.NotStaff,
        refusals.OnlyTheirs,
        refusals.PressedTwice,
        refusals.AlreadyReported,
    ),
    *(
        staff_refusals.WordRuleRefused,
        staff_refusals.WordLinesRefused,
        staff_refusals.WordRuleChanged,
    ),
    *(staff_refusals.UnknownWordRule, staff_refusals.WordFileRefused, staff_refusals.AutomodUnread),
    refusals.NotInGuild,
    *(
        staff_refusals.SettingRefused,
        staff_refusals.SettingChanged,
        staff_refusals.ImportRefused,
        staff_refusals.NothingToUndo,
    ),
    *(
        staff_refusals.NotOperator,
        refusals.ForgottenToday,
        staff_refusals.StyleRefused,
        refusals.DraftClosed,
    ),
    errors.FormTooLate,
    *(
        staff_refusals.AlreadyDecided,
        staff_refusals.UnknownCase,
        staff_refusals.OwnCase,
        staff_refusals.WordRuleRefused,
    ),
    *(
        staff_refusals.NotModerator,
        staff_refusals.AppealRefused,
        staff_refusals.TimeOutRefused,
        refusals.AltTextRefused,
    ),
    *(staff_refusals.DurationNotUnderstood, refusals.ReportDecided, refusals.PictureHidden),
)


def leaves(kind: type[errors.ZeuxisError]) -> set[type[errors.ZeuxisError]]:
    below = [leaf for one in kind.__subclasses__() for leaf in leaves(one)]
    return set(below) or {kind}


def name(error: object) -> str:
    return type(error).__name__


def test_no_error_is_forgotten() -> None:
    """Whoever adds an error to the tree is told to say it."""
    ours = {kind for kind in leaves(errors.ZeuxisError) if kind.__module__.startswith("bot.")}
    assert {type(one) for one in SAMPLES} == ours - NOT_FOR_MEMBERS | RAISED_WITH_KINDS


def test_every_error_has_words_of_its_own() -> None:
    """Never the error's message, never the provider's, never the catch-all."""
    for error in SAMPLES:
        said = refusal_text(error, ENGLISH)
        assert SECRET not in said, repr(error)
        assert GENERIC not in said, repr(error)
        assert str(error) not in said, repr(error)


@pytest.mark.parametrize("locale", LOCALES[1:])
def test_every_error_is_said_in_every_language(locale: str) -> None:
    """The member's own, and not English."""
    texts = Texts(locale)
    for error in SAMPLES:
        said = refusal_text(error, texts)
        assert said != refusal_text(error, ENGLISH), repr(error)
        assert 0 < len(said) <= 1000, repr(error)


@pytest.mark.parametrize("error", SAMPLES, ids=name)
def test_every_refusal_says_what_it_cost(error: errors.ZeuxisError) -> None:
    """Nothing; perhaps once; or once, when the picture was lost after it was painted."""
    said = refusal_text(error, ENGLISH)
    may_cost = getattr(error, "may_cost", False)
    nothing = not may_cost and not isinstance(error, (*PERHAPS, *WITHOUT_COST, errors.RelayError))
    assert ("Nothing was charged." in said) == nothing
    assert ("may have been charged once" in said) == (may_cost or isinstance(error, PERHAPS))
    assert ("so it was charged once" in said) == isinstance(error, errors.RelayError)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (refusals.PromptTooLong(characters=1039, limit=800), ["1039", "800", "239"]),
        (refusals.SizeNotUnderstood("a`b*c\n<@1>"), [r"a\`b\*c \<\@1\>", "`16:9`"]),
        (OUT_OF_RANGE, ["511 × 512", "512 × 512", "2048 × 2048"]),
        (refusals.SeedOutOfRange(-1, most=2147483647), ["-1", "0 to 2147483647"]),
        (refusals.QueueFull(scope=QueueScope.MEMBER, waiting=1, limit=1), ["1 picture ", "/queue"]),
        (refusals.QueueFull(scope=QueueScope.GUILD, waiting=9, limit=9), ["server", "9 pictures"]),
        (refusals.WaitTooLong(expected_s=7000, limit_s=3600), ["about 1.9 h"]),
        (refusals.ProviderDown(Outage.KEY, until_at_us=2_000_000), ["key", "<t:2:R>"]),
        (
            refusals.PermissionMissing(("view_channel", "attach_files", "x_y")),
            ["View Channel, Attach Files, x y"],
        ),
    ],
    ids=name,
)
def test_refusals_name_what_matters(error: errors.ZeuxisError, words: list[str]) -> None:
    """Counts, limits, names and instants, so that the member can mend it."""
    said = refusal_text(error, ENGLISH)
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize(
    "error", [one for one in SAMPLES if isinstance(one, errors.ProviderError | errors.RelayError)]
)
def test_stored_failure_is_said_like_the_error_that_it_came_from(
    error: errors.ProviderError | errors.RelayError,
) -> None:
    """What the row keeps is enough to say it again later."""
    stored = Failure(kind=type(error).__name__, detail=getattr(error, "inspected", ""), code=SECRET)
    assert refusal_text(stored, ENGLISH) == refusal_text(error, ENGLISH)


def test_picture_that_may_not_be_posted_is_found_with_queue() -> None:
    """It is paid for, and not lost."""
    stored = Failure(kind="PermissionMissing", detail="attach_files,send_messages")
    said = refusal_text(stored, ENGLISH)
    assert "Attach Files, Send Messages" in said
    assert "/queue" in said
    assert "charged once" in said


def test_failure_of_an_unknown_kind_is_our_own_fault() -> None:
    """A row of another version still ends in words."""
    assert GENERIC in refusal_text(Failure(kind="Newer", detail=SECRET), ENGLISH)


@pytest.mark.parametrize("locale", LOCALES)
def test_unexpected_errors_carry_a_reference_and_nothing_else(locale: str) -> None:
    """The id that stands in the log beside the traceback."""
    said = unexpected_text(123456, Texts(locale))
    assert "`123456`" in said
    assert len(said) < 500
    assert outdated_text(Texts(locale))
    assert stuck_message_text(Texts(locale))


def test_error_that_nobody_listed_is_our_own_fault() -> None:
    """The tree's test finds it; a member meets words all the same."""

    class NewRefusal(refusals.Refusal):
        pass

    assert GENERIC in refusal_text(NewRefusal(), ENGLISH)


@pytest.mark.parametrize("name", ["x" * 9000, "`" * 9000, "\ud800", "@everyone\n# hello"])
def test_a_name_that_a_file_has_made_up_is_said_within_a_message(name: str) -> None:
    """On one line, as code, and in letters that can be sent."""
    said = refusal_text(
        staff_refusals.SettingRefused(name=name, expected="a known name"), Texts("en-US")
    )
    assert len(said.encode()) < 1000
    assert "\n" not in said
    assert said.count("`") == 2


def test_a_setting_is_named_as_on_the_panel_and_as_in_a_file() -> None:
    error = staff_refusals.SettingRefused(name="cooldown_s", expected="a whole number")
    assert "Break after a picture (`cooldown_s`)" in refusal_text(error, Texts("en-US"))


def test_a_form_that_comes_too_late_is_told_from_a_database_that_is_away() -> None:
    """Its kind has words of its own, for forms alone."""
    assert "the form could not be opened in time" in refusal_text(errors.FormTooLate(), ENGLISH)
