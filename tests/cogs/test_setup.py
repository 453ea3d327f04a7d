"""What Discord is told of the commands, read as it will read it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord
import pytest

from bot.texts import language_of
from cogs import setup_cogs
from tests.cogs.conftest import ReadyBot

if TYPE_CHECKING:
    from cogs import Services

HERE = Path(__file__).parent
TRANSLATED = {one.value for one in discord.Locale if language_of(one.value) != "en"}
WORDLESS = {"csv", "json"}
DESCRIPTION_LIMIT = 100  # Discord's
COMMAND_LIMIT = 8000  # Discord's: names, descriptions and values, the longest language of each


@pytest.fixture
async def commands(services: Services) -> dict[str, dict[str, Any]]:
    """The commands as they are registered, by name."""

    bot = ReadyBot()
    await setup_cogs(bot, services)
    tree = bot.tree
    assert tree.translator
    payloads = [
        await one.get_translated_payload(tree, tree.translator) for one in tree.get_commands()
    ]
    return {one["name"]: one for one in payloads if one["type"] == 1}


@pytest.fixture
async def menus(services: Services) -> list[dict[str, Any]]:
    """Those of messages, as they are registered."""

    bot = ReadyBot()
    await setup_cogs(bot, services)
    assert bot.tree.translator
    found = bot.tree.get_commands(type=discord.AppCommandType.message)
    return [await one.get_translated_payload(bot.tree, bot.tree.translator) for one in found]


def parts(command: dict[str, Any]) -> list[dict[str, Any]]:
    """With its subcommands and their options."""
    return [command, *(part for one in command.get("options", ()) for part in parts(one))]


def longest(part: dict[str, Any]) -> int:
    said = [part["description"], *part["description_localizations"].values()]
    choices = part.get("choices", ())
    return len(part["name"]) + max(map(len, said)) + sum(map(longest_choice, choices))


def longest_choice(choice: dict[str, Any]) -> int:
    said = [choice["name"], *choice.get("name_localizations", {}).values()]
    return len(str(choice["value"])) + max(map(len, said))


async def test_these_commands_are_registered(commands: dict[str, dict[str, Any]]) -> None:
    """Those of guilds and the operator where they belong, all others everywhere."""
    assert set(commands) == {
        *("imagine", "queue", "usage", "settings", "privacy", "about", "help", "operator"),
        *("lineage", "defaults", "styles", "style", "history", "moderation", "provenance"),
    }
    of_guilds = ("settings", "style", "styles", "moderation")
    for name, one in commands.items():
        places = [1] if name == "operator" else [0] if name in of_guilds else [0, 1, 2]
        assert one["contexts"] == places
        assert one["integration_types"] == ([0, 1] if len(places) > 1 else [0])


async def test_the_operator_s_command_is_for_conversations_with_the_bot_alone(
    commands: dict[str, dict[str, Any]],
) -> None:
    """No guild sees it; names of values are offered while they are typed."""
    parts_of_it = {one["name"]: one for one in commands["operator"]["options"]}
    assert set(parts_of_it) == {"guilds", "allow", "block", "limit", "person", "log", "undo"}
    options = {one["name"]: one for one in parts_of_it["limit"]["options"]}
    assert [name for name, one in options.items() if one["required"]] == ["name"]
    assert options["name"]["autocomplete"]


async def test_everything_is_described_in_every_language(
    commands: dict[str, dict[str, Any]],
) -> None:
    """Within a hundred characters, placeholders filled in, Latin America included."""
    for part in [part for one in commands.values() for part in parts(one)]:
        assert set(part["description_localizations"]) == TRANSLATED
        for said in (part["description"], *part["description_localizations"].values()):
            assert 1 <= len(said) <= DESCRIPTION_LIMIT
            assert "{" not in said
        assert not part.get("name_localizations")


async def test_choices_are_named_in_every_language(commands: dict[str, dict[str, Any]]) -> None:
    """All that have words; a file's kind has none, and the operator reads what they type."""
    found = [part for name, one in commands.items() if name != "operator" for part in parts(one)]
    choices = [one for part in found for one in part.get("choices", ())]
    worded = [one for one in choices if one["name"] not in WORDLESS]
    assert {one["value"] for one in worded} >= {"off", "m", "here", "approved"}
    for one in worded:
        assert set(one.get("name_localizations", ())) == TRANSLATED, one["name"]


async def test_each_command_is_within_discord_s_total(
    commands: dict[str, dict[str, Any]],
) -> None:
    """Discord counts the longest language of each text."""
    for one in commands.values():
        assert sum(map(longest, parts(one))) <= COMMAND_LIMIT


async def test_every_definition_is_one_that_discord_takes(
    commands: dict[str, dict[str, Any]], menus: list[dict[str, Any]]
) -> None:
    """Names, options, choices and their translations; and how many there are."""
    found = [part for one in commands.values() for part in parts(one)]
    said = 0
    for part in found:
        assert re.fullmatch(r"[-_a-z0-9]{1,32}", part["name"])
        assert len(part.get("options", ())) <= 25
        choices = part.get("choices", ())
        assert len(choices) <= 25
        for one in choices:
            names = [one["name"], *one.get("name_localizations", {}).values()]
            assert all(1 <= len(name) <= 100 for name in names)
            assert len(str(one["value"])) <= 100
            said += len(names)
        said += 1 + len(part["description_localizations"])
    said += sum(1 + len(one["name_localizations"]) for one in menus)
    assert len(commands) <= 100
    print(f"{len(found) + len(menus)} definitions with {said} texts")


async def test_imagine_needs_only_a_prompt(commands: dict[str, dict[str, Any]]) -> None:
    """Limits stand in the definition where Discord's answer is as good as ours."""
    options = {one["name"]: one for one in commands["imagine"]["options"]}
    assert [name for name, one in options.items() if one["required"]] == ["prompt"]
    assert list(options) == ["prompt", "size", "seed", "rewrite", "negative", "style", "count"]
    assert (options["count"]["min_value"], options["count"]["max_value"]) == (1, 4)
    assert [one["value"] for one in options["rewrite"]["choices"]] == ["off", "on", "ask"]
    assert (options["seed"]["min_value"], options["seed"]["max_value"]) == (0, 2147483647)
    assert options["negative"]["max_length"] == 500
    assert options["size"]["autocomplete"]
    assert options["prompt"]["max_length"] == 6000


async def test_rewriting_tells_its_price(commands: dict[str, dict[str, Any]]) -> None:
    """In every language, before a member spends it."""
    (rewrite,) = [one for one in commands["imagine"]["options"] if one["name"] == "rewrite"]
    for said in (rewrite["description"], *rewrite["description_localizations"].values()):
        assert "$0.03" in said
        assert "$0.015" in said


async def test_menus_of_messages_are_named_in_every_language(menus: list[dict[str, Any]]) -> None:
    """They are never typed. Discord takes fifteen, of 32 characters each."""
    assert [one["name"] for one in menus] == ["Reimagine", "Show prompt", "Report", "Where from?"]
    assert len(menus) <= 15
    for one in menus:
        assert one["contexts"] == [0, 1, 2]
        assert one["integration_types"] == [0, 1]
        assert set(one["name_localizations"]) == TRANSLATED
        assert all(1 <= len(name) <= 32 for name in one["name_localizations"].values())


def test_no_cog_is_without_tests() -> None:
    """Each file of cogs/ has its own beside this one."""
    files = {path.stem for path in (HERE.parents[1] / "cogs").glob("*.py")} - {"__init__"}
    assert {f"test_{name}.py" for name in files} <= {path.name for path in HERE.iterdir()}
