"""What an application command may not be."""

from __future__ import annotations

import pytest

from sandbox.discord.rules import rule_problems
from sandbox.discord.rules.problems import Context
from sandbox.tests.wrong_bodies import COMMANDS, command, option

X = "x"
IN_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


def found(body: object, path: str = COMMANDS, method: str = "POST") -> set[tuple[str, str]]:
    """Place and code of everything that is wrong with this body."""
    judged = rule_problems(method, path, body, Context())
    return {(".".join(map(str, p.path)), p.code) for p in judged}


def with_options(*options: object) -> dict[str, object]:
    """A command with these options."""
    return command(options=list(options))


def choice(name: str, value: object = X) -> dict[str, object]:
    """A choice of an option."""
    return {"name": name, "value": value}


SUBCOMMAND = {"type": 1, "name": "sub", "description": X}

WRONG = {
    "name with a space": (command(name="a b"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
    "name of 33": (command(name=X * 33), "name", "BASE_TYPE_BAD_LENGTH"),
    "no name": ({"description": X}, "name", "BASE_TYPE_REQUIRED"),
    "no description": (command(description=""), "description", "BASE_TYPE_REQUIRED"),
    "translated name in capitals": (
        command(name_localizations={"de": "Malen"}),
        "name_localizations.de",
        "APPLICATION_COMMAND_INVALID_NAME",
    ),
    "translated description of 101": (
        command(description_localizations={"de": X * 101}),
        "description_localizations.de",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "translations in a list": (
        command(name_localizations=["male"]),
        "name_localizations",
        "MODEL_TYPE_CONVERT",
    ),
    "decimals for a whole number": (
        with_options(option(type=4, min_value=0.5)),
        "options.0.min_value",
        "NUMBER_TYPE_COERCE",
    ),
    "option in capitals": (
        with_options(option("Prompt")),
        "options.0.name",
        "APPLICATION_COMMAND_INVALID_NAME",
    ),
    "one option twice": (
        with_options(option("a"), option("a")),
        "options.1.name",
        "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
    ),
    "26 choices": (
        with_options(option(choices=[choice(f"{n}") for n in range(26)])),
        "options.0.choices",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "one choice twice": (
        with_options(option(choices=[choice("a"), choice("a")])),
        "options.0.choices.1.name",
        "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS",
    ),
    "choice of 101": (
        with_options(option(choices=[choice("a", X * 101)])),
        "options.0.choices.0.value",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "text as a number's choice": (
        with_options(option(type=4, choices=[choice("a")])),
        "options.0.choices.0.value",
        "NUMBER_TYPE_COERCE",
    ),
    "choices and autocomplete": (
        with_options(option(autocomplete=True, choices=[choice("a")])),
        "options.0.autocomplete",
        "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES",
    ),
    "autocomplete of a truth value": (
        with_options(option(type=5, autocomplete=True)),
        "options.0.autocomplete",
        "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_TYPE",
    ),
    "at least more than at most": (
        with_options(option(min_length=5, max_length=4)),
        "options.0.min_length",
        "NUMBER_TYPE_MAX",
    ),
    "longer than 6,000": (
        with_options(option(max_length=6001)),
        "options.0.max_length",
        "NUMBER_TYPE_MAX",
    ),
    "beyond 2^53": (
        with_options(option(type=4, max_value=1 << 53)),
        "options.0.max_value",
        "NUMBER_TYPE_MAX",
    ),
    "subcommand beside an option": (
        with_options(SUBCOMMAND, option()),
        "options",
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    "group in a group": (
        with_options({**SUBCOMMAND, "type": 2, "options": [{**SUBCOMMAND, "type": 2}]}),
        "options.0.options.0",
        "UNION_TYPE_CHOICES",
    ),
    "required after optional in a subcommand": (
        with_options({**SUBCOMMAND, "options": [option("a"), option("b", required=True)]}),
        "options.0.options.1",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    "context that does not exist": (command(contexts=[3]), "contexts.0", "BASE_TYPE_CHOICES"),
    "one context twice": (
        command(contexts=[0, 0]),
        "contexts.1",
        "SET_TYPE_ALREADY_CONTAINS_VALUE",
    ),
    "no place to install": (
        command(integration_types=[]),
        "integration_types",
        "BASE_TYPE_MIN_LENGTH",
    ),
    "permissions in words": (
        command(default_member_permissions="admin"),
        "default_member_permissions",
        "NUMBER_TYPE_COERCE",
    ),
    "described context menu": (
        {"type": 3, "name": "Paint this", "description": X},
        "description",
        "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION",
    ),
    "context menu with options": (
        {"type": 2, "name": "Paint", "options": [option()]},
        "options",
        "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS",
    ),
}


@pytest.mark.parametrize(("body", "place", "code"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("path", [COMMANDS, IN_GUILD], ids=["global", "guild"])
def test_a_command_is_refused(body: object, place: str, code: str, path: str) -> None:
    """The rule names the place and says it in Discord's words, for both scopes."""
    assert (place, code) in found(body, path)


RIGHT = {
    "Japanese": command(name="描く"),
    "Hindi with vowel signs": command(name="चित्र"),
    "Thai with vowel signs": command(name="วาดรูปนี้"),
    "apostrophe and dash": command(name="l'image-2_b"),
    "context menu in capitals": {"type": 3, "name": "Paint This"},
    "required before optional": with_options(option("a", required=True), option("b")),
    "subcommands": with_options({**SUBCOMMAND, "type": 2, "options": [SUBCOMMAND]}),
    "permissions as a string": command(default_member_permissions="8"),
    "permissions as a number": command(default_member_permissions=8),
    "everywhere": command(contexts=[0, 1, 2], integration_types=[0, 1]),
    "decimals": with_options(option(type=10, min_value=0.5, max_value=1.5)),
    "uploads of pictures": with_options(option(type=11, file_types=["image/png"])),
    "choices of one value": with_options(option(choices=[choice("a"), choice("b")])),
}


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT)
def test_a_command_passes(body: object) -> None:
    """What Discord allows is allowed."""
    assert found(body) == set()


def test_a_change_leaves_out_what_stays() -> None:
    """A PATCH needs neither name nor description, but its options have the same limits."""
    one = f"{COMMANDS}/{{command_id}}"
    assert found({"nsfw": True}, one, "PATCH") == set()
    wrong = found({"options": [option("A")]}, one, "PATCH")
    assert wrong == {("options.0.name", "APPLICATION_COMMAND_INVALID_NAME")}


def test_names_are_unique_within_a_type() -> None:
    """A context menu may have the name of a slash command."""
    menu = {"type": 3, "name": "imagine"}
    assert found([command(), menu], method="PUT") == set()
    wrong = found([command(), menu, command()], method="PUT")
    assert wrong == {("2.name", "APPLICATION_COMMANDS_DUPLICATE_NAME")}


@pytest.mark.parametrize(("kind", "most"), [(1, 100), (2, 15), (3, 15)])
def test_there_is_a_most_of_each_type(kind: int, most: int) -> None:
    """100 slash commands and 15 of each context menu; one more is 30032."""
    description = {1: X, 2: "", 3: ""}[kind]
    every = [{"type": kind, "name": f"c{n}", "description": description} for n in range(most + 1)]
    assert found(every[:most], method="PUT") == set()
    judged = rule_problems("PUT", COMMANDS, every, Context())
    assert [p.kind.code for p in judged] == [30032]


def of_8000_characters() -> dict[str, object]:
    """A command that is exactly as large as one may be."""
    choices = [[choice("a", X * 100), choice("b", X * 100)] for _ in range(25)]
    for more in choices[:3]:
        more.append(choice("c", X * 100))
    choices[0].append(choice("d", X * 49))
    options = [
        option(f"o{n:02}", description=X * 100, choices=some) for n, some in enumerate(choices)
    ]
    return command(name="imagine", description=X * 15, options=options)


def test_a_command_may_have_8000_characters() -> None:
    """Names, descriptions and values count, of translations the longest."""
    whole = of_8000_characters()
    assert found(whole) == set()
    too_large = {("", "APPLICATION_COMMAND_TOO_LARGE")}
    assert found(whole | {"description": X * 16}) == too_large
    assert found(whole | {"description_localizations": {"de": X * 15, "fr": X * 14}}) == set()
    assert found(whole | {"description_localizations": {"de": X * 14, "fr": X * 16}}) == too_large
