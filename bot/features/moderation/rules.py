"""Who of a guild's staff may see and decide which case; and what they decide.

Who may manage messages in the channel of the staff decides any case of the guild there. In another
place they see and decide what is about that place: a channel with its public threads; what would
hold in the whole guild, as an appeal against its word rules does, is not theirs to decide. Who
manages the server decides everywhere, also about their own pictures; nobody else does that. Nobody
has a member timed out who may not do so themselves.

Rights are those that Discord sent with the press: a card hangs longer than rights last.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.features.moderation.rows.appeals import AppealKind
from bot.queue.cases import Decision
from bot.queue.records import TenantId
from bot.staff_refusals import (
    DurationNotUnderstood,
    NotModerator,
    OwnCase,
    TimeOutBar,
    TimeOutRefused,
    UnknownCase,
)
from bot.visible import normalised

if TYPE_CHECKING:
    from bot.queue.cases import Case
    from bot.queue.records import ChannelId, GuildId, MessageId, UserId

OWN = "own"  # in the log: about the moderator's own picture
_IN_WHOLE_GUILD = frozenset({Decision.TRUSTED, Decision.BLOCKED, Decision.TIMED_OUT})


class Moderator(Struct, frozen=True, kw_only=True):
    """Whoever presses, where, and what Discord lets them do there."""

    user_id: UserId
    guild_id: GuildId | None
    channel_id: ChannelId
    root_channel_id: ChannelId  # as in `Origin`
    may_moderate: bool  # manage messages here
    manages_server: bool
    may_time_out: bool = False
    message_id: MessageId | None = None  # of a card for all staff whose button was pressed


class Ruling(Struct, frozen=True, kw_only=True):
    """What is decided, as a press or a form says."""

    decision: Decision
    reason: str = ""  # for whom it is about, if they are told
    note: str = ""  # for the staff alone
    tells_member: bool = True
    lasts_us: int | None = None  # of a time-out or a block; None: until it is taken back


def sees_all(moderator: Moderator, staff_channel: int) -> bool:
    """Any case of their guild. Without any, `staff_channel` is 0."""
    if moderator.guild_id is None:
        return False
    places = {moderator.channel_id, moderator.root_channel_id}
    return moderator.manages_server or (moderator.may_moderate and staff_channel in places)


def may_see(moderator: Moderator, case: Case, staff_channel: int) -> bool:
    """Whether there is such a case for them."""
    guild_id = moderator.guild_id
    is_theirs = guild_id is not None and TenantId(guild_id) == case.tenant_id
    if not is_theirs or not _is_its_card(moderator, case):
        return False
    is_here = case.channel_id in {moderator.channel_id, moderator.root_channel_id}
    return sees_all(moderator, staff_channel) or (moderator.may_moderate and is_here)


def check_may_decide(
    moderator: Moderator, case: Case, staff_channel: int, decision: Decision | None = None
) -> bool:
    """Whether it is about themselves, and they may nevertheless.

    Args:
        decision: None if that is not known yet.

    Raises:
        UnknownCase, OwnCase.
        NotModerator, TimeOutRefused: they may decide otherwise.
    """
    if not may_see(moderator, case, staff_channel):
        raise UnknownCase
    is_own = moderator.user_id == case.user_id
    if is_own and not moderator.manages_server:
        raise OwnCase
    is_of_words = case.about.startswith(f"{AppealKind.REFUSAL}:")
    is_of_guild = is_of_words or decision in _IN_WHOLE_GUILD
    if is_of_guild and not sees_all(moderator, staff_channel):
        raise NotModerator
    if decision is Decision.TIMED_OUT and not moderator.may_time_out:
        raise TimeOutRefused(TimeOutBar.PRESSER)
    return is_own


def _is_its_card(moderator: Moderator, case: Case) -> bool:
    """Numbers of cases begin anew after a database was lost, and old cards stay. Discord's ids grow
    with time, so those are older than the card of the case."""
    if moderator.message_id is None or case.card_message_id is None:
        return True
    return moderator.message_id >= case.card_message_id


# ------------------------------------------------------------------------------------------------
# How long a block or a time-out lasts, as it is typed.


MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
LONGEST_DAYS = 3650
LONGEST_TIME_OUT_US = 28 * DAY_US  # Discord's
USUAL_TIME_OUT_US = HOUR_US
_UNITS = {"m": MINUTE_US, "h": HOUR_US, "d": DAY_US, "w": 7 * DAY_US}
_TYPED = re.compile(r"([1-9][0-9]{0,6})\s*([mhdw])", re.ASCII)


def lasts_us_of(text: str) -> int | None:
    """`30m`, `12 h`, `7d`, `2w`; None of an empty text: until it is taken back.

    Raises:
        DurationNotUnderstood: something else, or longer than ten years.
    """
    typed = normalised(text).casefold()
    if not typed:
        return None
    found = _TYPED.fullmatch(typed)
    lasts_us = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 0 < lasts_us <= LONGEST_DAYS * DAY_US:
        raise DurationNotUnderstood(text)
    return lasts_us
