"""Why the process ends, in the operator's words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.lifecycle import refusal_of_discord

# Discord's reference, "Gateway Close Event Codes": those with Reconnect "false".
CLOSED = {
    4004: "see DISCORD_TOKEN",
    4010: "shard",
    4011: "too many guilds",
    4012: "version of its gateway",
    4013: "does not know the intents",
    4014: "the application's Bot page",
}


@pytest.mark.parametrize("code", CLOSED)
def test_each_close_code_that_is_for_good_has_its_sentence(code: int) -> None:
    """discord.py gives up on each of them."""
    closed = discord.ConnectionClosed(cast("Any", SimpleNamespace()), shard_id=None, code=code)
    said = refusal_of_discord(closed)
    assert said is not None
    assert CLOSED[code] in said
    assert said.endswith(f"(close code {code})")


def test_intents_and_logins_that_are_refused_have_theirs() -> None:
    """Errors of the library's own for two of them."""
    intents = refusal_of_discord(discord.PrivilegedIntentsRequired(None))
    assert intents == refusal_of_discord(discord.PrivilegedIntentsRequired(0))
    assert intents is not None
    assert CLOSED[4014] in intents
    assert refusal_of_discord(discord.LoginFailure("Improper token")) is not None


def test_what_is_not_discords_word_keeps_its_traceback() -> None:
    """A bug must be found."""
    assert refusal_of_discord(KeyError("id")) is None
    assert refusal_of_discord(None) is None
