"""Every error that a member can meet, as what happened, what to do, and what it cost.

The one place where errors become text. Whatever is not listed is reported as our own fault, with a
reference to look for in the log, and never with its own words.
"""

from __future__ import annotations

from functools import singledispatch
from math import isqrt
from typing import TYPE_CHECKING

from bot import errors, refusals, staff_refusals
from bot.queue.records import Failure
from bot.refusals import QueueScope
from bot.texts import Say, Texts, deferred, draft_cards, escaped, relative, word_rule_words
from bot.texts import staff_refusals as to_staff
from bot.texts.cards import Cost, cost_text
from bot.texts.failures import failure_text, outage_text, permission_list
from bot.texts.quotas import outside_text, switched_off_text, used_up_text
from bot.texts.settings_words import names_text
from bot.texts.style_cards import style_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_MENTIONS = 20  # a card has 4,000 characters


def refusal_text(error: errors.ZeuxisError | Failure, texts: Texts) -> str:
    """Two or three sentences without any word of the error itself."""
    if isinstance(error, Failure):
        return failure_text(error, texts)
    if isinstance(error, errors.ProviderError | errors.RelayError):
        return failure_text(_failure_of(error), texts)
    said = _explain(error, texts)
    if isinstance(error, refusals.Refusal | errors.FormTooLate) and not isinstance(
        error, refusals.NotQueued
    ):
        return said  # of a picture that is there, or of a setting: costs would only puzzle
    may_cost = isinstance(error, refusals.RewritingFailed) and error.may_cost
    return f"{said}\n{cost_text(Cost.PERHAPS if may_cost else Cost.NONE, texts)}"


def reason_text(error: refusals.Refusal, texts: Texts) -> str:
    """Why something cannot be set; a word on costs would only puzzle."""
    return _explain(error, texts)


def unexpected_text(reference: int, texts: Texts) -> str:
    """For an error that nobody foresaw; `reference` is the interaction's id, as in the log."""
    cost = cost_text(Cost.NONE, texts)
    asked = texts.say("Reference for the person who runs the bot: {id}", id=f"`{reference}`")
    return f"{_our_fault(texts)}\n{cost}\n-# {asked}"


def outdated_text(texts: Texts) -> str:
    """For a command that this member's Discord still knows in an older shape."""
    return texts.say("This command has changed. Reload Discord and try again in a minute.")


def unknown_button_text(texts: Texts) -> str:
    """For a button that a message of another version carries."""
    return texts.say("I no longer know this button. Call /imagine or /queue instead.")


def stuck_message_text(texts: Texts) -> str:
    """For a picture whose message could not be taken away."""
    return texts.say("Discord did not let me delete this message. A moderator can do it.")


def stepped_back_text(texts: Texts) -> str:
    """For whoever let others first while further ones of their own wait."""
    return texts.say("All of your pictures that wait in this server let the others go first.")


def _failure_of(error: errors.ProviderError | errors.RelayError) -> Failure:
    inspected = error.inspected if isinstance(error, errors.ContentRefused) else ""
    return Failure(kind=type(error).__name__, detail=inspected)


@singledispatch
def _explain(error: errors.ZeuxisError, texts: Texts) -> str:
    return _SENTENCES.get(type(error), _our_fault)(texts)


def _our_fault(texts: Texts) -> str:
    return texts.say("Something went wrong on our side. Try again in a few minutes.")


@_explain.register
def _(error: refusals.PromptTooLong, texts: Texts) -> str:
    return texts.say(
        "This text has {characters} characters and Z-Image reads {limit}."
        " Shorten it by {excess} and send it again.",
        characters=error.characters,
        limit=error.limit,
        excess=error.characters - error.limit,
    )


@_explain.register
def _(error: refusals.StyledTooLong, texts: Texts) -> str:
    return texts.say(
        "With the style {style} this text has {characters} characters and Z-Image reads {limit}."
        " The style's share is {share}: shorten yours by {excess} and send it again.",
        style=style_text(error.name),
        characters=error.characters,
        limit=error.limit,
        share=error.share,
        excess=error.characters - error.limit,
    )


@_explain.register
def _(error: refusals.SizeNotUnderstood, texts: Texts) -> str:
    return texts.say(
        "I do not know the size “{text}”. Type a ratio ({ratio}), a name ({name}) or width and"
        " height ({pixels}).",
        text=escaped(error.text, 60),
        ratio="`16:9`",
        name="`wide`",
        pixels="`1280*720`",
    )


@_explain.register
def _(error: refusals.SizeOutOfRange, texts: Texts) -> str:
    return texts.say(
        "Z-Image does not paint {size}. The area has to be between {least} and {most} pixels.",
        size=_pair(error.width_px, error.height_px),
        least=_square(error.min_area_px),
        most=_square(error.max_area_px),
    )


@_explain.register
def _(error: refusals.SizeTooNarrow, texts: Texts) -> str:
    return texts.say(
        "{size} is too narrow: the longer side may be at most {limit} times the shorter one.",
        size=_pair(error.width_px, error.height_px),
        limit=error.limit_ratio,
    )


@_explain.register
def _(error: refusals.SeedOutOfRange, texts: Texts) -> str:
    return texts.say(
        "The seed {seed} is out of range. Use a whole number from 0 to {most}.",
        seed=error.seed,
        most=error.most,
    )


@_explain.register
def _(error: refusals.SeedNotUnderstood, texts: Texts) -> str:
    return texts.say(
        "“{text}” is no seed. Use a whole number, or leave it empty for a new one.",
        text=escaped(error.text, 60),
    )


@_explain.register
def _(error: refusals.QueueFull, texts: Texts) -> str:
    if error.scope is QueueScope.MEMBER:
        return texts.plural(
            "You have {count} picture waiting, as many as you may."
            " Wait until one is finished, or cancel one with /queue.",
            "You have {count} pictures waiting, as many as you may."
            " Wait until one is finished, or cancel one with /queue.",
            count=error.waiting,
        )
    return texts.plural(
        "This server has {count} picture waiting, as many as it may. Try again in a while.",
        "This server has {count} pictures waiting, as many as it may. Try again in a while.",
        count=error.waiting,
    )


@_explain.register
def _(error: refusals.WaitTooLong, texts: Texts) -> str:
    return texts.say(
        "The queue is too long at present: you would wait {wait}. Try again later.",
        wait=texts.about(error.expected_s),
    )


@_explain.register
def _(error: refusals.ProviderDown, texts: Texts) -> str:
    then = texts.say("The next attempt is {when}.", when=relative(error.until_at_us))
    return f"{outage_text(error.outage, texts)} {then}"


@_explain.register
def _(error: refusals.TokenTooShort, texts: Texts) -> str:
    return texts.say(
        "Here Discord gives me {most} to answer, and you would wait {wait}."
        " Try again later, or ask in a server that has me.",
        most=texts.about(error.left_s),
        wait=texts.about(error.expected_s),
    )


@_explain.register
def _(error: refusals.SwitchedOff, texts: Texts) -> str:
    return switched_off_text(error.level, texts, by_staff=error.by_staff)


@_explain.register
def _(error: refusals.CoolingDown, texts: Texts) -> str:
    return texts.say(
        "After a picture comes a break here. You may ask again {when}.",
        when=relative(error.until_at_us),
    )


@_explain.register
def _(error: refusals.PlaceNotAllowed, texts: Texts) -> str:
    return texts.say(
        "This server's staff have chosen other channels for pictures: {channels}.",
        channels=_mentions("#", error.channel_ids),
    )


@_explain.register
def _(error: refusals.RoleNotAllowed, texts: Texts) -> str:
    return texts.say(
        "In this server pictures are for members with one of these roles: {roles}.",
        roles=_mentions("@&", error.role_ids),
    )


@_explain.register
def _(error: refusals.SizeOverLimit, texts: Texts) -> str:
    return texts.say(
        "That is larger than is allowed here. The area may be at most {most} pixels.",
        most=_square(error.most_px),
    )


@_explain.register
def _(error: refusals.UnknownStyle, texts: Texts) -> str:
    said = texts.say(
        "There is no style {style} in this server, or no more.", style=style_text(error.name)
    )
    if not error.near:
        return said
    names = ", ".join(map(style_text, error.near))
    return f"{said} {texts.say('Did you mean {names}?', names=names)}"


@_explain.register
def _(error: refusals.ForgottenToday, texts: Texts) -> str:
    return texts.say(
        "Your data was deleted less than a day ago. You may ask for that again {when}.",
        when=relative(error.until_at_us),
    )


@_explain.register
def _(_: refusals.RewritingOff, texts: Texts) -> str:
    return texts.say(
        "Prompts may not be rewritten here. Send it with {choice}.",
        choice=f"`rewrite: {texts.say('off')}`",
    )


def _mentions(kind: str, ids: Sequence[int]) -> str:
    return names_text([f"<{kind}{one}>" for one in ids], _MOST_MENTIONS)


@_explain.register
def _(error: refusals.PermissionMissing, texts: Texts) -> str:
    return texts.say(
        "I lack permissions in this channel: {permissions}."
        " Ask a moderator for them, or use another channel.",
        permissions=permission_list(error.names, texts),
    )


@_explain.register
def _(error: refusals.MemberMayNotPost, texts: Texts) -> str:
    return texts.say(
        "You may not post in this channel yourself, so I do not post for you."
        " You lack: {permissions}.",
        permissions=permission_list(error.names, texts),
    )


@_explain.register
def _(error: refusals.PressedTwice, texts: Texts) -> str:
    return texts.say(
        "You asked for the same a moment ago, so I paint it once: job {id}."
        " For another one, press again.",
        id=error.job_id,
    )


@_explain.register
def _(error: refusals.AskedElsewhere, texts: Texts) -> str:
    return texts.say(
        "This picture belongs to {channel}, and so does its prompt. Paint it again there.",
        channel=f"<#{error.channel_id}>",
    )


@_explain.register
def _(error: refusals.DayNotUnderstood, texts: Texts) -> str:
    return texts.say(
        "I do not know the day “{text}”. Type it as {date}, {today}, {yesterday}, or {ago} for"
        " seven days ago.",
        text=escaped(error.text, 60),
        date="`2026-11-30`",
        today="`today`",
        yesterday="`yesterday`",
        ago="`7d`",
    )


@_explain.register
def _(_: errors.StorageError, texts: Texts) -> str:
    return texts.say(
        "I cannot write anything down at present, so I take no requests."
        " Try again in a few minutes."
    )


@_explain.register
def _(_: errors.FormTooLate, texts: Texts) -> str:
    return texts.say(
        "The database is slow at the moment, so the form could not be opened in time."
        " Nothing was changed. Try again."
    )


def _square(area_px: int) -> str:
    """An area as a square of about that many pixels, which can be pictured."""
    return _pair(isqrt(area_px), isqrt(area_px))


def _pair(width_px: int, height_px: int) -> str:
    return f"{width_px} × {height_px}"


# ------------------------------------------------------------------------------------------------
# What a slice says for itself, and what needs nothing but a sentence

_explain.register(refusals.QuotaUsedUp)(used_up_text)
_explain.register(refusals.BlockedHere)(to_staff.blocked_text)
_explain.register(refusals.WordsRefused)(to_staff.words_refused_text)
_explain.register(staff_refusals.AlreadyDecided)(to_staff.already_decided_text)
_explain.register(staff_refusals.AppealRefused)(to_staff.appeal_refused_text)
_explain.register(staff_refusals.TimeOutRefused)(to_staff.time_out_refused_text)
_explain.register(staff_refusals.DurationNotUnderstood)(to_staff.duration_text)
_explain.register(refusals.RefusedTooOften)(to_staff.refused_too_often_text)
_explain.register(refusals.ReportDecided)(to_staff.report_decided_text)
_explain.register(staff_refusals.SettingRefused)(to_staff.setting_refused_text)
_explain.register(staff_refusals.SettingChanged)(to_staff.setting_changed_text)
_explain.register(staff_refusals.StyleRefused)(to_staff.style_refused_text)
_explain.register(staff_refusals.ImportRefused)(to_staff.import_refused_text)
_explain.register(staff_refusals.WordRuleRefused)(to_staff.word_rule_refused_text)
_explain.register(staff_refusals.WordLinesRefused)(word_rule_words.lines_refused_text)
_explain.register(staff_refusals.WordRuleChanged)(word_rule_words.rule_changed_text)
_explain.register(staff_refusals.WordFileRefused)(word_rule_words.word_file_text)
_explain.register(staff_refusals.AutomodUnread)(word_rule_words.automod_unread_text)
_explain.register(refusals.BatchTooLarge)(draft_cards.batch_too_large_text)
_explain.register(refusals.BracesBroken)(draft_cards.braces_broken_text)
_explain.register(refusals.NoRewriter)(draft_cards.no_rewriter_text)
_explain.register(refusals.RewritingFailed)(draft_cards.rewriting_failed_text)
_explain.register(refusals.DraftClosed)(draft_cards.draft_closed_text)

_SENTENCES: Mapping[type[errors.ZeuxisError], Say] = {
    refusals.PromptEmpty: deferred("The prompt is empty. Say what you would like to see."),
    refusals.GuildNotAllowed: deferred(
        "Whoever runs this bot has not opened it for this server, so nothing is painted here."
    ),
    refusals.NotInGuild: deferred(
        "That is about a server, and I am in none here. Call it in a server that has me."
    ),
    refusals.UsageNotShown: deferred(
        "In this server only staff may see what others use. Your own usage is in /usage me."
    ),
    refusals.NotInThread: deferred(
        "I am not in this private thread. Add me to it by mentioning me here, then ask again."
    ),
    refusals.PlaceUnknown: deferred(
        "Discord did not tell me in time whether this channel is age-restricted. Please try again."
    ),
    refusals.NotYours: deferred(
        "This picture is somebody else's. Only they and moderators may do that."
    ),
    refusals.OnlyTheirs: deferred("This picture is somebody else's. Only they may do that."),
    refusals.UnknownJob: deferred("I no longer know this picture."),
    refusals.MadeRestricted: deferred(
        "This was made in an age-restricted channel, so it can only be seen and used in such"
        " channels of the same server."
    ),
    refusals.PictureDeleted: deferred("This picture was deleted, and its prompt with it."),
    refusals.NoPictureThere: deferred(
        "This message shows no picture of mine that you may use here."
    ),
    refusals.NotTraced: deferred(
        "I do not know this picture: it was not painted in this server, it was changed too much, or"
        " it is not yours to know of."
    ),
    refusals.UploadUnread: deferred(
        "I could not look at this file. It must be a PNG, JPEG or WebP of at most 20 MB; if it is"
        " one, please try again."
    ),
    refusals.PictureGone: deferred(
        "No message shows this picture any more, so I cannot post it again."
        " With the same seed much the same picture can be painted."
    ),
    refusals.RepostRefused: deferred("Discord does not let me post this picture here."),
    refusals.RepostUncertain: deferred(
        "Discord did not answer, so the picture may be here already."
        " Try again in a minute: I look for it first."
    ),
    refusals.AlreadyReported: deferred(
        "You have reported this picture before, and that is noted down."
    ),
    refusals.AlreadyFinished: deferred("Too late, this one has come to its end already."),
    refusals.NobodyElseWaits: deferred(
        "Nobody else is waiting here, so you are holding nobody up."
    ),
    refusals.OutsideNotAllowed: outside_text,
    refusals.AltTextRefused: deferred(
        "A rule of this server's staff does not allow this alternative text."
    ),
    refusals.PictureHidden: deferred("This picture is hidden until the staff have looked at it."),
    **to_staff.SENTENCES,
}
