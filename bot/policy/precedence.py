"""Which row holds where several say something of one value, and what they say together."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.errors import PolicyUnreadable
from bot.policy.quotas import UNLIMITED, QuotaLimit
from bot.policy.rules import (
    DRAWABLE,
    ONE_SHARE,
    OPERATORS_OWN,
    USUAL_BATCH,
    UTC,
    VALUES,
    Limits,
    Policy,
    Review,
    Scope,
    quota_name,
    read,
)
from bot.providers.image import Prices, Size
from bot.providers.rewriter import TokenPrices
from bot.refusals import Level, Period, Refusal, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.policy.rules import Row
    from bot.providers.image import Offer


class Held(NamedTuple):
    """A value of one row, and whose row it is."""

    scope: Scope
    by_staff: bool
    value: Any


# From what holds for all to what holds for one place, or for one person anywhere.
_ORDER = (
    *((Scope.OPERATOR, False), (Scope.GUILD, False), (Scope.GUILD, True), (Scope.CHANNEL, True)),
    (Scope.PERSON, False),
)
# Of these what is nearest holds, whatever the others say.
_BY_THE_NEAREST = (
    *("is_allowed", "channels", "roles", "staff_channel", "language", "pings", "preview"),
    *("default_size", "rewrite_by_default", "results_in", "usage_readers"),
    *("newcomer_days", "review_rejects_after_h", "hides_after_reports"),
    *("picture_check", "check_hold_percent", "check_refuse_percent"),
)

_LIMITED = {quota_name(*one): one for one in product(Level, Unit, Period)}


def held_of(rows: Iterable[Row]) -> dict[str, list[Held]]:
    """What these rows say, by name. Raises PolicyUnreadable."""
    held: dict[str, list[Held]] = {}
    for scope, scope_id, name, tenant_id, text in rows:
        value = read(scope, scope_id, name, tenant_id, text)
        one = Held(Scope(scope), tenant_id != OPERATORS_OWN, value)  # type: ignore[arg-type] # read
        held.setdefault(str(name), []).append(one)
    return held


def nearest(held: Mapping[str, list[Held]], name: str) -> Held | None:
    """Of the rows for all, the guild, the channel and the person the one that says the most."""
    if name not in held:
        return None
    found = [one for one in held[name] if (one.scope, one.by_staff) in _ORDER]
    return max(found, key=lambda one: _ORDER.index((one.scope, one.by_staff)), default=None)


def policy_of(rows: Iterable[Row]) -> Policy:
    """What these rows say together, all of which concern one request. Raises PolicyUnreadable."""
    held = held_of(rows)

    def near(name: str) -> Any:
        one = nearest(held, name)
        return VALUES[name].default if one is None else one.value

    weights = held.get("weight", ())
    return Policy(
        **{name: near(name) for name in _BY_THE_NEAREST},
        limits=Limits(**{name: near(name) for name in Limits.__struct_fields__}),
        is_open_outside=_is_open_outside(held),
        quotas=_quotas(held),
        largest_area_px=min(_both(held, "largest_area_px"), default=None),
        rewriting_allowed=all(_both(held, "rewriting_allowed")),
        cooldown_s=max(_both(held, "cooldown_s"), default=0),
        largest_batch=min(_both(held, "largest_batch"), default=USUAL_BATCH),
        zone=near("time_zone"),
        account_zone=next(
            (one.value for one in held.get("time_zone", ()) if not one.by_staff), UTC
        ),
        review=_review(held),
        refusals_per_hour=min(filter(None, _both(held, "refusals_per_hour")), default=0),
        prices=Prices(
            plain_micros=near("price_plain_micros"),
            rewritten_micros=near("price_rewritten_micros"),
        ),
        rewriter_prices=TokenPrices(
            input_micros=near("rewriter_input_micros"),
            output_micros=near("rewriter_output_micros"),
        ),
        guild_weight=next((one.value for one in weights if one.scope is Scope.GUILD), ONE_SHARE),
        member_weight=max(
            (one.value for one in weights if one.scope is Scope.ROLE), default=ONE_SHARE
        ),
    )


def _is_open_outside(held: Mapping[str, list[Held]]) -> bool:
    """Where the operator names the guilds, only persons who are named too."""
    one = nearest(held, "outside_guilds")
    if one is None or one.scope is Scope.PERSON:
        return one is not None and bool(one.value)
    return bool(one.value) and all(
        other.value for other in held.get("is_allowed", ()) if other.scope is Scope.OPERATOR
    )


def review_held(held: Mapping[str, list[Held]]) -> Held | None:
    """What is said of a member, or else of their roles, replaces what holds for the place. Of
    several roles the one that trusts most counts."""
    ones = held.get("review", ())
    for scope in (Scope.MEMBER, Scope.ROLE, Scope.CHANNEL, Scope.GUILD):
        found = [one for one in ones if one.scope is scope]
        if found:
            return min(found, key=lambda one: [*Review].index(Review(one.value)))
    return None


def _review(held: Mapping[str, list[Held]]) -> Review:
    one = review_held(held)
    return Review.OFF if one is None else Review(one.value)


def _both(held: Mapping[str, list[Held]], name: str) -> list[Any]:
    """The operator's and the staff's: each binds."""
    ones = held.get(name, ())
    by_operator = nearest({name: [one for one in ones if not one.by_staff]}, name)
    by_staff = nearest({name: [one for one in ones if one.by_staff]}, name)
    return [one.value for one in (by_operator, by_staff) if one is not None]


def _quotas(held: Mapping[str, list[Held]]) -> tuple[QuotaLimit, ...]:
    return tuple(
        QuotaLimit(level=level, unit=unit, period=period, amount=amount, by_staff=by_staff)
        for name, (level, unit, period) in _LIMITED.items()
        if name in held
        for by_staff in (False, True)
        if (amount := _amount(held[name], by_staff)) is not None
    )


def _amount(ones: Iterable[Held], by_staff: bool) -> int | None:
    """None is unlimited. What is said of one guild, channel or person replaces what is of all."""
    mine = [one for one in ones if one.by_staff is by_staff]
    if not mine:
        return None
    if mine[0].scope is Scope.ROLE:
        amounts = [one.value for one in mine]
        return None if UNLIMITED in amounts else max(amounts)
    nearest_one = max(mine, key=lambda one: _SPECIFIC.index(one.scope))
    return None if nearest_one.value == UNLIMITED else nearest_one.value


_SPECIFIC = (Scope.OPERATOR, Scope.GUILD, Scope.CHANNEL, Scope.MEMBER, Scope.PERSON)


def default_size(policy: Policy, offer: Offer) -> Size:
    """Raises PolicyUnreadable if the provider does not draw it."""
    size = policy.default_size or offer.default_size
    if is_drawn(size, offer):
        return size
    raise PolicyUnreadable(
        f"policy row {Scope.OPERATOR} 0 default_size: expected {DRAWABLE}, got {str(size)!r}"
    )


def is_drawn(size: Size, offer: Offer) -> bool:
    """Whether the provider draws it as it stands, without rounding."""
    try:
        return offer.parse_size(str(size)).size == size
    except Refusal:
        return False
