"""The rows of the policy that the settings fill at each start."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.policy.quotas import UNLIMITED
from bot.policy.rules import ONE_SHARE, Key, Scope
from bot.providers.zimage import OFFER

if TYPE_CHECKING:
    from bot.policy.rules import Value
    from bot.settings import Settings


def policy_rows(settings: Settings) -> dict[Key, Value]:
    """By what each holds for. Whoever has changed one since keeps it: see `fill_from_settings`."""
    values: dict[str, Value] = {
        "waiting_per_member": settings.max_waiting_per_member,
        "waiting_per_guild": settings.max_waiting_per_guild,
        "running": settings.zimage_max_running,
        "running_per_guild": settings.max_running_per_guild,
        "running_per_person": settings.max_running_per_person,
        "expected_wait_s": settings.max_expected_wait_s,
        "default_size": OFFER.parse_size(settings.default_size).size,
        "rewrite_by_default": settings.rewrite_by_default,
        "price_plain_micros": settings.prices.plain_micros,
        "price_rewritten_micros": settings.prices.rewritten_micros,
        "rewriter_input_micros": settings.rewriter_prices.input_micros,
        "rewriter_output_micros": settings.rewriter_prices.output_micros,
        "account_micros_per_day": _micros(settings.budget_per_day_usd),
        "guild_pictures_per_day": settings.pictures_per_guild_per_day,
        "member_pictures_per_day": settings.pictures_per_member_per_day,
        "time_zone": ZoneInfo(settings.time_zone),
        "is_allowed": not settings.allowed_guilds,
        "outside_guilds": settings.outside_guilds == "any",
    }
    persons = () if settings.outside_guilds == "any" else settings.outside_guilds
    guilds, roles = settings.guild_weights.items(), settings.role_weights.items()
    return {
        **{Key(Scope.OPERATOR, 0, name): value for name, value in values.items()},
        **{Key(Scope.GUILD, one, "is_allowed"): True for one in settings.allowed_guilds},
        **{Key(Scope.PERSON, one, "outside_guilds"): True for one in persons},
        **{Key(Scope.GUILD, one, "weight"): round(weight * ONE_SHARE) for one, weight in guilds},
        **{Key(Scope.ROLE, one, "weight"): round(weight * ONE_SHARE) for one, weight in roles},
    }


def _micros(budget_usd: float) -> int:
    return UNLIMITED if budget_usd < 0 else round(budget_usd * 1e6)
