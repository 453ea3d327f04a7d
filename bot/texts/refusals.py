"""Every error that a member can meet, as what happened, what to do, and what it cost.

The one place where errors become text. Whatever is not listed is reported as our own fault, with a
reference to look for in the log, and never with its own words.
"""

from __future__ import annotations

from functools import singledispatch
from math import isqrt
from typing import TYPE_CHECKING, assert_never

from bot import errors
from bot.errors import BraceFault, DraftEnd, QueueScope, RewritingEnd
from bot.queue.records import Failure
from bot.texts import escaped, moderation_refusals, relative, word_rule_words
from bot.texts.cards import Cost, cost_text
from bot.texts.failures import failure_text, outage_text, permission_list
from bot.texts.quotas import outside_text, switched_off_text, used_up_text
from bot.texts.settings_words import actor_text, code, names_text, value_label
from bot.texts.style_cards import style_fault_text, style_text
from bot.texts.word_rule_words import word_rule_fault_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.texts import Texts


_MOST_COUNTED = 1_000_000
_MOST_MENTIONS = 20  # a card has 4,000 characters

# These concern a picture that is already there or gone, or a setting; a word on costs would only
# puzzle.
_WITHOUT_COST = (
    *(errors.NotYours, errors.UnknownJob, errors.AlreadyFinished, errors.UsageNotShown),
    errors.NobodyElseWaits,
    *(errors.DayNotUnderstood, errors.NoPictureThere, errors.PictureGone),
    *(errors.RepostRefused, errors.RepostUncertain, errors.NotTraced, errors.UploadUnread),
    *(errors.NotStaff, errors.OnlyTheirs, errors.PressedTwice, errors.AlreadyReported),
    errors.NotInGuild,
    *(errors.SettingRefused, errors.SettingChanged, errors.ImportRefused, errors.NothingToUndo),
    *(errors.NotOperator, errors.ForgottenToday, errors.StyleRefused, errors.DraftClosed),
    errors.FormTooLate,
    *(errors.AlreadyDecided, errors.UnknownCase, errors.OwnCase, errors.WordRuleRefused),
    *(errors.NotModerator, errors.AppealRefused, errors.TimeOutRefused, errors.AltTextRefused),
    *(errors.DurationNotUnderstood, errors.ReportDecided, errors.PictureHidden),
    *(errors.WordLinesRefused, errors.WordRuleChanged),
    *(errors.UnknownWordRule, errors.WordFileRefused, errors.AutomodUnread),
)


def refusal_text(error: errors.ZeuxisError | Failure, texts: Texts) -> str:
    """Two or three sentences without any word of the error itself."""
    if isinstance(error, Failure):
        return failure_text(error, texts)
    if isinstance(error, errors.ProviderError | errors.RelayError):
        return failure_text(_failure_of(error), texts)
    said = _explain(error, texts)
    if isinstance(error, _WITHOUT_COST):
        return said
    may_cost = isinstance(error, errors.RewritingFailed) and error.may_cost
    return f"{said}\n{cost_text(Cost.PERHAPS if may_cost else Cost.NONE, texts)}"


def reason_text(error: errors.Refusal, texts: Texts) -> str:
    """Why something cannot be set; a word on costs would only puzzle."""
    return _explain(error, texts)


def unexpected_text(reference: int, texts: Texts) -> str:
    """For an error that nobody foresaw; `reference` is the interaction's id, as in the log."""
    said = texts.say("Something went wrong on our side. Try again in a few minutes.")
    cost = cost_text(Cost.NONE, texts)
    asked = texts.say("Reference for the person who runs the bot: {id}", id=f"`{reference}`")
    return f"{said}\n{cost}\n-# {asked}"


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
def _explain(_: errors.ZeuxisError, texts: Texts) -> str:
    return texts.say("Something went wrong on our side. Try again in a few minutes.")


@_explain.register(errors.PromptEmpty)
def _(_: errors.PromptEmpty, texts: Texts) -> str:
    return texts.say("The prompt is empty. Say what you would like to see.")


@_explain.register(errors.PromptTooLong)
def _(error: errors.PromptTooLong, texts: Texts) -> str:
    return texts.say(
        "This text has {characters} characters and Z-Image reads {limit}."
        " Shorten it by {excess} and send it again.",
        characters=error.characters,
        limit=error.limit,
        excess=error.characters - error.limit,
    )


@_explain.register(errors.StyledTooLong)
def _(error: errors.StyledTooLong, texts: Texts) -> str:
    return texts.say(
        "With the style {style} this text has {characters} characters and Z-Image reads {limit}."
        " The style's share is {share}: shorten yours by {excess} and send it again.",
        style=style_text(error.name),
        characters=error.characters,
        limit=error.limit,
        share=error.share,
        excess=error.characters - error.limit,
    )


@_explain.register(errors.SizeNotUnderstood)
def _(error: errors.SizeNotUnderstood, texts: Texts) -> str:
    return texts.say(
        "I do not know the size “{text}”. Pick one from the list, or type a ratio ({ratio}),"
        " a name ({name}) or width and height ({pixels}).",
        text=escaped(error.text, 60),
        ratio="`16:9`",
        name="`wide`",
        pixels="`1280*720`",
    )


@_explain.register(errors.SizeOutOfRange)
def _(error: errors.SizeOutOfRange, texts: Texts) -> str:
    return texts.say(
        "Z-Image does not paint {size}. The area has to be between {least} and {most} pixels.",
        size=_pair(error.width_px, error.height_px),
        least=_square(error.min_area_px),
        most=_square(error.max_area_px),
    )


@_explain.register(errors.SizeTooNarrow)
def _(error: errors.SizeTooNarrow, texts: Texts) -> str:
    return texts.say(
        "{size} is too narrow: the longer side may be at most {limit} times the shorter one.",
        size=_pair(error.width_px, error.height_px),
        limit=error.limit_ratio,
    )


@_explain.register(errors.SeedOutOfRange)
def _(error: errors.SeedOutOfRange, texts: Texts) -> str:
    return texts.say(
        "The seed {seed} is out of range. Use a whole number from 0 to {most}.",
        seed=error.seed,
        most=error.most,
    )


@_explain.register(errors.SeedNotUnderstood)
def _(error: errors.SeedNotUnderstood, texts: Texts) -> str:
    return texts.say(
        "“{text}” is no seed. Use a whole number, or leave it empty for a new one.",
        text=escaped(error.text, 60),
    )


@_explain.register(errors.QueueFull)
def _(error: errors.QueueFull, texts: Texts) -> str:
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


@_explain.register(errors.WaitTooLong)
def _(error: errors.WaitTooLong, texts: Texts) -> str:
    return texts.say(
        "The queue is too long at present: you would wait {wait}. Try again later.",
        wait=texts.about(error.expected_s),
    )


@_explain.register(errors.ProviderDown)
def _(error: errors.ProviderDown, texts: Texts) -> str:
    then = texts.say("The next attempt is {when}.", when=relative(error.until_at_us))
    return f"{outage_text(error.outage, texts)} {then}"


@_explain.register(errors.GuildNotAllowed)
def _(_: errors.GuildNotAllowed, texts: Texts) -> str:
    return texts.say(
        "Whoever runs this bot has not opened it for this server, so nothing is painted here."
    )


@_explain.register(errors.OutsideNotAllowed)
def _(_: errors.OutsideNotAllowed, texts: Texts) -> str:
    return outside_text(texts)


@_explain.register(errors.NotInGuild)
def _(_: errors.NotInGuild, texts: Texts) -> str:
    return texts.say(
        "That is about a server, and I am in none here. Call it in a server that has me."
    )


@_explain.register(errors.TokenTooShort)
def _(error: errors.TokenTooShort, texts: Texts) -> str:
    return texts.say(
        "Here Discord gives me {most} to answer, and you would wait {wait}."
        " Try again later, or ask in a server that has me.",
        most=texts.about(error.left_s),
        wait=texts.about(error.expected_s),
    )


@_explain.register(errors.SwitchedOff)
def _(error: errors.SwitchedOff, texts: Texts) -> str:
    return switched_off_text(error.level, texts, by_staff=error.by_staff)


@_explain.register(errors.QuotaUsedUp)
def _(error: errors.QuotaUsedUp, texts: Texts) -> str:
    return used_up_text(
        error.level,
        error.unit,
        error.period,
        amount=error.amount,
        left=error.left,
        renews_at_us=error.renews_at_us,
        texts=texts,
    )


_explain.register(errors.BlockedHere)(moderation_refusals.blocked_text)
_explain.register(errors.WordsRefused)(moderation_refusals.words_refused_text)
_explain.register(errors.AltTextRefused)(moderation_refusals.alt_text_refused_text)
_explain.register(errors.AlreadyDecided)(moderation_refusals.already_decided_text)
_explain.register(errors.UnknownCase)(moderation_refusals.unknown_case_text)
_explain.register(errors.OwnCase)(moderation_refusals.own_case_text)
_explain.register(errors.NotModerator)(moderation_refusals.not_moderator_text)
_explain.register(errors.AppealRefused)(moderation_refusals.appeal_refused_text)
_explain.register(errors.TimeOutRefused)(moderation_refusals.time_out_refused_text)
_explain.register(errors.DurationNotUnderstood)(moderation_refusals.duration_text)
_explain.register(errors.RefusedTooOften)(moderation_refusals.refused_too_often_text)
_explain.register(errors.ReportDecided)(moderation_refusals.report_decided_text)
_explain.register(errors.PictureHidden)(moderation_refusals.picture_hidden_text)
_explain.register(errors.WordLinesRefused)(word_rule_words.lines_refused_text)
_explain.register(errors.WordRuleChanged)(word_rule_words.rule_changed_text)
_explain.register(errors.UnknownWordRule)(word_rule_words.unknown_rule_text)
_explain.register(errors.WordFileRefused)(word_rule_words.word_file_text)
_explain.register(errors.AutomodUnread)(word_rule_words.automod_unread_text)


@_explain.register(errors.CoolingDown)
def _(error: errors.CoolingDown, texts: Texts) -> str:
    return texts.say(
        "After a picture comes a break here. You may ask again {when}.",
        when=relative(error.until_at_us),
    )


@_explain.register(errors.PlaceNotAllowed)
def _(error: errors.PlaceNotAllowed, texts: Texts) -> str:
    return texts.say(
        "This server's staff have chosen other channels for pictures: {channels}.",
        channels=_mentions("#", error.channel_ids),
    )


@_explain.register(errors.RoleNotAllowed)
def _(error: errors.RoleNotAllowed, texts: Texts) -> str:
    return texts.say(
        "In this server pictures are for members with one of these roles: {roles}.",
        roles=_mentions("@&", error.role_ids),
    )


@_explain.register(errors.SizeOverLimit)
def _(error: errors.SizeOverLimit, texts: Texts) -> str:
    return texts.say(
        "That is larger than is allowed here. The area may be at most {most} pixels.",
        most=_square(error.most_px),
    )


@_explain.register(errors.SettingRefused)
def _(error: errors.SettingRefused, texts: Texts) -> str:
    return texts.say(
        "That cannot be set: {name} takes {expected}. Nothing was changed.",
        name=_setting(error.name, texts),
        expected=error.expected,
    )


@_explain.register(errors.SettingChanged)
def _(error: errors.SettingChanged, texts: Texts) -> str:
    return texts.say(
        "{who} has changed {name} {when}, so yours was not saved. It is now {value}.",
        who=actor_text(error.by, texts),
        name=_setting(error.name, texts),
        when=relative(error.at_us),
        value="–" if error.value is None else code(error.value),
    )


def _setting(name: str, texts: Texts) -> str:
    """As on the panel, and as in a file or a command."""
    label, written = value_label(name, texts), code(name)
    return written if label == written else f"{label} ({written})"


@_explain.register(errors.StyleRefused)
def _(error: errors.StyleRefused, texts: Texts) -> str:
    name = f"{style_text(error.name)}: " if error.name else ""
    return f"{name}{style_fault_text(error.fault, texts)} {texts.say('Nothing was changed.')}"


@_explain.register(errors.WordRuleRefused)
def _(error: errors.WordRuleRefused, texts: Texts) -> str:
    return f"{word_rule_fault_text(error, texts)} {texts.say('Nothing was changed.')}"


@_explain.register(errors.UnknownStyle)
def _(error: errors.UnknownStyle, texts: Texts) -> str:
    said = texts.say(
        "There is no style {style} in this server, or no more.", style=style_text(error.name)
    )
    if not error.near:
        return said
    names = ", ".join(map(style_text, error.near))
    return f"{said} {texts.say('Did you mean {names}?', names=names)}"


@_explain.register(errors.ImportRefused)
def _(error: errors.ImportRefused, texts: Texts) -> str:
    return f"{_fault_text(error.fault, texts)} {texts.say('Nothing was changed.')}"


def _fault_text(fault: errors.ImportFault, texts: Texts) -> str:
    match fault:
        case errors.ImportFault.TOO_LARGE:
            return texts.say("This file is too large to be settings of mine.")
        case errors.ImportFault.BROKEN:
            return texts.say("This file is broken, or holds no settings of mine.")
        case errors.ImportFault.ANOTHER_GUILDS:
            return texts.say("This file holds the settings of another server.")
        case errors.ImportFault.NEWER:
            return texts.say("This file was written by a newer version of me.")
        case errors.ImportFault.NOT_LOADED:
            return texts.say("Discord does not give me this file at present.")
        case _:
            assert_never(fault)


@_explain.register(errors.NotStaff)
def _(_: errors.NotStaff, texts: Texts) -> str:
    return texts.say("Only whoever may manage this server can see and change its settings.")


@_explain.register(errors.NotOperator)
def _(_: errors.NotOperator, texts: Texts) -> str:
    return texts.say("That is for whoever runs this bot alone.")


@_explain.register(errors.NothingToUndo)
def _(_: errors.NothingToUndo, texts: Texts) -> str:
    return texts.say("There is nothing to take back.")


@_explain.register(errors.UsageNotShown)
def _(_: errors.UsageNotShown, texts: Texts) -> str:
    return texts.say(
        "In this server only staff may see what others use. Your own usage is in /usage me."
    )


@_explain.register(errors.ForgottenToday)
def _(error: errors.ForgottenToday, texts: Texts) -> str:
    return texts.say(
        "Your data was deleted less than a day ago. You may ask for that again {when}.",
        when=relative(error.until_at_us),
    )


@_explain.register(errors.BatchTooLarge)
def _(error: errors.BatchTooLarge, texts: Texts) -> str:
    return texts.say(
        "That would be {count} pictures at once, and {limit} are allowed here.",
        count=_count_text(error.count),
        limit=error.limit,
    )


def _count_text(count: int) -> str:
    """Alternatives multiply beyond what anybody would read."""
    return f"{count:,}".replace(",", " ") if count <= _MOST_COUNTED else f"> {_MOST_COUNTED}"


@_explain.register(errors.BracesBroken)
def _(error: errors.BracesBroken, texts: Texts) -> str:
    place = f"“{escaped(error.before, 60)}👉{escaped(error.after, 60)}”"
    match error.fault:
        case BraceFault.UNCLOSED:
            said = texts.say("A brace of the alternatives is not closed: {place}.", place=place)
        case BraceFault.UNOPENED:
            said = texts.say("A brace is closed that was not opened: {place}.", place=place)
        case BraceFault.NESTED:
            said = texts.say("Alternatives cannot stand in one another: {place}.", place=place)
        case BraceFault.EMPTY:
            said = texts.say("One of the alternatives is empty: {place}.", place=place)
        case _:
            assert_never(error.fault)
    meant = texts.say("A brace that is meant as such is written {brace}.", brace="`\\{`")
    return f"{said} {meant}"


@_explain.register(errors.NoRewriter)
def _(error: errors.NoRewriter, texts: Texts) -> str:
    if error.has_several:
        return texts.say(
            "I can show you one rewritten prompt at a time. Leave the alternatives out, or send it"
            " with {choice}.",
            choice=f"`rewrite: {texts.say('off')}`",
        )
    return texts.say("Showing a rewritten prompt first is not set up here. Choose on or off.")


@_explain.register(errors.RewritingFailed)
def _(error: errors.RewritingFailed, texts: Texts) -> str:
    match error.end:
        case RewritingEnd.REFUSED:
            return texts.say("The rewriter does not accept this prompt. Change it, or go without.")
        case RewritingEnd.FAILED:
            return texts.say(
                "The prompt cannot be rewritten at the moment."
                " Try again in a minute, or go without."
            )
        case RewritingEnd.LOST:
            return texts.say("The rewritten prompt was lost on its way. Nothing was painted.")
        case _:
            assert_never(error.end)


@_explain.register(errors.DraftClosed)
def _(error: errors.DraftClosed, texts: Texts) -> str:
    match error.end:
        case DraftEnd.OPEN:
            return texts.say("You were asked already. Press one of the buttons there.")
        case DraftEnd.USED:
            return texts.say("This was used already. Call /imagine for more.")
        case DraftEnd.DROPPED:
            return texts.say("This was dropped. Call /imagine to begin anew.")
        case DraftEnd.WRITING:
            return texts.say("The prompt is being rewritten. Wait a few seconds.")
        case DraftEnd.GONE:
            return texts.say("This is not kept any more. Call /imagine to begin anew.")
        case _:
            assert_never(error.end)


@_explain.register(errors.RewritingOff)
def _(_: errors.RewritingOff, texts: Texts) -> str:
    return texts.say(
        "Prompts may not be rewritten here. Send it with {choice}.",
        choice=f"`rewrite: {texts.say('off')}`",
    )


def _mentions(kind: str, ids: Sequence[int]) -> str:
    return names_text([f"<{kind}{one}>" for one in ids], _MOST_MENTIONS)


@_explain.register(errors.PermissionMissing)
def _(error: errors.PermissionMissing, texts: Texts) -> str:
    return texts.say(
        "I lack permissions in this channel: {permissions}."
        " Ask a moderator for them, or use another channel.",
        permissions=permission_list(error.names, texts),
    )


@_explain.register(errors.MemberMayNotPost)
def _(error: errors.MemberMayNotPost, texts: Texts) -> str:
    return texts.say(
        "You may not post in this channel yourself, so I do not post for you."
        " You lack: {permissions}.",
        permissions=permission_list(error.names, texts),
    )


@_explain.register(errors.NotInThread)
def _(_: errors.NotInThread, texts: Texts) -> str:
    return texts.say(
        "I am not in this private thread. Add me to it by mentioning me here, then ask again."
    )


@_explain.register(errors.PlaceUnknown)
def _(_: errors.PlaceUnknown, texts: Texts) -> str:
    return texts.say(
        "Discord did not tell me in time whether this channel is age-restricted. Please try again."
    )


@_explain.register(errors.NotYours)
def _(_: errors.NotYours, texts: Texts) -> str:
    return texts.say("This picture is somebody else's. Only they and moderators may do that.")


@_explain.register(errors.OnlyTheirs)
def _(_: errors.OnlyTheirs, texts: Texts) -> str:
    return texts.say("This picture is somebody else's. Only they may do that.")


@_explain.register(errors.PressedTwice)
def _(error: errors.PressedTwice, texts: Texts) -> str:
    return texts.say(
        "You asked for the same a moment ago, so I paint it once: job {id}."
        " For another one, press again.",
        id=error.job_id,
    )


@_explain.register(errors.UnknownJob)
def _(_: errors.UnknownJob, texts: Texts) -> str:
    return texts.say("I no longer know this picture.")


@_explain.register(errors.AskedElsewhere)
def _(error: errors.AskedElsewhere, texts: Texts) -> str:
    return texts.say(
        "This picture belongs to {channel}, and so does its prompt. Paint it again there.",
        channel=f"<#{error.channel_id}>",
    )


@_explain.register(errors.MadeRestricted)
def _(_: errors.MadeRestricted, texts: Texts) -> str:
    return texts.say(
        "This was made in an age-restricted channel, so it can only be seen and used in such"
        " channels of the same server."
    )


@_explain.register(errors.PictureDeleted)
def _(_: errors.PictureDeleted, texts: Texts) -> str:
    return texts.say("This picture was deleted, and its prompt with it.")


@_explain.register(errors.DayNotUnderstood)
def _(error: errors.DayNotUnderstood, texts: Texts) -> str:
    return texts.say(
        "I do not know the day “{text}”. Type it as {date}, {today}, {yesterday}, or {ago} for"
        " seven days ago.",
        text=escaped(error.text, 60),
        date="`2026-11-30`",
        today="`today`",
        yesterday="`yesterday`",
        ago="`7d`",
    )


@_explain.register(errors.NoPictureThere)
def _(_: errors.NoPictureThere, texts: Texts) -> str:
    return texts.say("This message shows no picture of mine that you may use here.")


@_explain.register(errors.NotTraced)
def _(_: errors.NotTraced, texts: Texts) -> str:
    return texts.say(
        "I do not know this picture: it was not painted in this server, it was changed too much, or"
        " it is not yours to know of."
    )


@_explain.register(errors.UploadUnread)
def _(_: errors.UploadUnread, texts: Texts) -> str:
    return texts.say(
        "I could not look at this file. It must be a PNG, JPEG or WebP of at most 20 MB; if it is"
        " one, please try again."
    )


@_explain.register(errors.PictureGone)
def _(_: errors.PictureGone, texts: Texts) -> str:
    return texts.say(
        "No message shows this picture any more, so I cannot post it again."
        " With the same seed much the same picture can be painted."
    )


@_explain.register(errors.RepostRefused)
def _(_: errors.RepostRefused, texts: Texts) -> str:
    return texts.say("Discord does not let me post this picture here.")


@_explain.register(errors.RepostUncertain)
def _(_: errors.RepostUncertain, texts: Texts) -> str:
    return texts.say(
        "Discord did not answer, so the picture may be here already."
        " Try again in a minute: I look for it first."
    )


@_explain.register(errors.AlreadyReported)
def _(_: errors.AlreadyReported, texts: Texts) -> str:
    return texts.say("You have reported this picture before, and that is noted down.")


@_explain.register(errors.AlreadyFinished)
def _(_: errors.AlreadyFinished, texts: Texts) -> str:
    return texts.say("Too late, this one has come to its end already.")


@_explain.register(errors.NobodyElseWaits)
def _(_: errors.NobodyElseWaits, texts: Texts) -> str:
    return texts.say("Nobody else is waiting here, so you are holding nobody up.")


@_explain.register(errors.StorageError)
def _(_: errors.StorageError, texts: Texts) -> str:
    return texts.say(
        "I cannot write anything down at present, so I take no requests."
        " Try again in a few minutes."
    )


@_explain.register(errors.FormTooLate)
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
