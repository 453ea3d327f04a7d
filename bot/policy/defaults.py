"""What a request asks for where its member does not say: the style's, their own, or the place's."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.policy.precedence import default_size, is_drawn
from bot.policy.rules import Rewriting
from bot.policy.styles import applied

if TYPE_CHECKING:
    from bot.policy.rules import Policy
    from bot.policy.styles import Style
    from bot.providers.image import Offer, Size


class PersonDefault(Struct, frozen=True, kw_only=True):
    """What a member has set for themselves, everywhere; None is what holds where they ask."""

    size: Size | None = None
    rewriting: Rewriting | None = None
    negative: str | None = None
    pings: bool | None = None
    alt_words: bool | None = None  # whether a picture's alternative text tells the prompt


NO_DEFAULT = PersonDefault()


class Typed(Struct, frozen=True, kw_only=True):
    """What a member has typed; None is nothing."""

    prompt: str
    size: Size | None = None
    rewriting: Rewriting | None = None
    negative: str | None = None


class Unapplied(StrEnum):
    """What was set before and does not hold here."""

    STYLE_SIZE = "style's size"
    SIZE = "size"
    REWRITING = "rewriting"
    ASKING = "asking"  # about the rewritten prompt, where nobody rewrites it before


class Resolved(Struct, frozen=True, kw_only=True):
    """What is asked for, all of it said."""

    prompt: str
    size: Size
    rewriting: Rewriting
    negative: str
    largest_batch: int  # pictures of one request that the place allows
    unapplied: tuple[Unapplied, ...] = ()


def resolve(
    typed: Typed,
    *,
    style: Style | None,
    default: PersonDefault,
    policy: Policy,
    offer: Offer,
    can_ask: bool,
) -> Resolved:
    """Typed > the style's > the member's > the place's, which is `policy`, > the provider's.

    What was typed is left as it is, to be refused if it is not allowed. What was set before and is
    not allowed here is left out and named.

    Args:
        can_ask: whether there is a rewriter that a member could be asked about.

    Raises:
        PromptEmpty, StyledTooLong: by the style.
        PolicyUnreadable.
    """
    size, too_large = _size(typed, style, default, policy, offer)
    rewriting, not_here = _rewriting(typed, default, policy, offer, can_ask=can_ask)
    return Resolved(
        prompt=typed.prompt if style is None else applied(style, typed.prompt, offer),
        size=size,
        rewriting=rewriting,
        negative=typed.negative or _negative(style, default, offer),
        largest_batch=policy.largest_batch,
        unapplied=(*too_large, *not_here),
    )


def _size(
    typed: Typed, style: Style | None, default: PersonDefault, policy: Policy, offer: Offer
) -> tuple[Size, list[Unapplied]]:
    if typed.size is not None:
        return typed.size, []
    unapplied: list[Unapplied] = []
    for size, named in (
        (style.size if style else None, Unapplied.STYLE_SIZE),
        (default.size, Unapplied.SIZE),
    ):
        if size is None:
            continue
        if _is_allowed(size, policy, offer):
            return size, unapplied
        unapplied.append(named)
    return default_size(policy, offer), unapplied


def _is_allowed(size: Size, policy: Policy, offer: Offer) -> bool:
    most_px = policy.largest_area_px
    return is_drawn(size, offer) and (most_px is None or size.area_px <= most_px)


def _rewriting(
    typed: Typed, default: PersonDefault, policy: Policy, offer: Offer, *, can_ask: bool
) -> tuple[Rewriting, list[Unapplied]]:
    if typed.rewriting is not None:
        return typed.rewriting, []
    mine = default.rewriting
    if mine in (Rewriting.ON, Rewriting.ASK) and not policy.rewriting_allowed:
        return Rewriting.OFF, [Unapplied.REWRITING]
    if mine is Rewriting.ASK and not can_ask:
        return rewriting_here(policy, offer), [Unapplied.ASKING]
    if mine is None or (mine is Rewriting.ON and not offer.rewrites):
        return rewriting_here(policy, offer), []
    return mine, []


def rewriting_here(policy: Policy, offer: Offer) -> Rewriting:
    """Where a member does not say."""
    is_on = policy.rewrite_by_default and policy.rewriting_allowed and offer.rewrites
    return Rewriting.ON if is_on else Rewriting.OFF


def _negative(style: Style | None, default: PersonDefault, offer: Offer) -> str:
    """The nearest one that the provider takes."""
    most = offer.negative_limit or 0
    found = (style.negative if style else "", default.negative or "")
    return next((one for one in found if one and len(one) <= most), "")


def pings_them(default: PersonDefault, policy: Policy) -> bool:
    """Whether a member is notified of their picture."""
    return policy.pings if default.pings is None else default.pings
