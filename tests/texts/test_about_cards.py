"""The cards of a guild fit into a message in every language, whatever is set."""

from __future__ import annotations

import pytest

from bot.policy.precedence import policy_of
from bot.policy.quotas import QuotaLimit
from bot.policy.rules import MOST_IDS
from bot.queue.ledger import GuildRow
from bot.refusals import Level, Period, Unit
from bot.texts import Texts
from bot.texts.about_cards import Lacking, greeting_card, guilds_card, help_card, not_allowed_card
from bot.texts.cards import TEXT_LIMIT
from tests.texts.records import LOCALES

LONGEST_ID = 9_223_372_036_854_775_807
EVERYTHING = ("view_channel", "send_messages", "attach_files", "create_public_threads")


@pytest.mark.parametrize("locale", LOCALES)
def test_a_help_with_everything_set_fits(locale: str) -> None:
    """All levels in all units and windows, by operator and staff, the longest lists."""
    ids = ",".join([str(LONGEST_ID)] * MOST_IDS)
    rows = [
        ("guild", 5, "channels", 5, ids),
        ("guild", 5, "roles", 5, ids),
        ("guild", 5, "rewriting_allowed", 5, "false"),
        ("guild", 5, "cooldown_s", 5, "86400"),
        ("guild", 5, "largest_area_px", 5, "1048576"),
        *(
            ("guild", 5, f"{level}_{unit}_per_{period}", tenant_id, "999999999999")
            for level in (Level.GUILD, Level.MEMBER)
            for unit in Unit
            for period in Period
            for tenant_id in (0, 5)
            if (level, tenant_id) != (Level.MEMBER, 5)
        ),
    ]
    policy = policy_of(rows)
    assert len(policy.quotas) > 16
    card = help_card(policy, Texts(locale))
    assert card.content_length() <= TEXT_LIMIT


@pytest.mark.parametrize("locale", LOCALES)
def test_a_greeting_with_every_channel_closed_fits(locale: str) -> None:
    """The first channels are named, and that there are more."""
    lacking = [Lacking(channel_id=LONGEST_ID - one, names=EVERYTHING) for one in range(500)]
    for is_set_up in (True, False):
        card = greeting_card(lacking, Texts(locale), is_set_up=is_set_up)
        assert card.content_length() <= TEXT_LIMIT
    assert not_allowed_card(LONGEST_ID, Texts(locale)).content_length() <= TEXT_LIMIT


@pytest.mark.parametrize("locale", LOCALES)
def test_a_list_of_many_guilds_fits(locale: str) -> None:
    """With names that are as long as Discord's may be, and that look like markup."""
    rows = [
        GuildRow(
            guild_id=LONGEST_ID - one,
            is_allowed=True,
            pictures_today=10**9,
            pictures_30_days=10**9,
            cost_micros_30_days=10**15,
        )
        for one in range(2500)
    ]
    card = guilds_card(rows, {row.guild_id: "*" * 100 for row in rows}, Texts(locale))
    assert card.content_length() <= TEXT_LIMIT


def test_a_limit_of_nothing_is_said_as_what_it_is() -> None:
    """Switched off, and by whom."""
    policy = policy_of([("operator", 0, "guild_pictures_per_day", 0, "0")])
    assert policy.quotas == (
        QuotaLimit(level=Level.GUILD, unit=Unit.PICTURES, period=Period.DAY, amount=0),
    )
    said = str(help_card(policy, Texts("en-US")).to_components())  # type: ignore[no-untyped-call] # discord.py
    assert "Pictures are switched off in this server, by whoever runs this bot." in said
