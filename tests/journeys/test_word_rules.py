"""Word rules from the panel to the picture that is not painted: the real bot over real sockets."""

from __future__ import annotations

import base64
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from tests.cogs.playing import is_private, parts, words
from tests.journeys.test_imagine import SMALL
from tests.journeys.test_settings import MODERATOR

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

REFUSED = "A rule of this server's staff does not allow this."
MANAGE_GUILD = 1 << 5


async def use(stage: Stage, message: Any, verb: str, values: list[str] | None = None) -> Any:
    """Uses the control of that verb; returns all that follows."""
    ids = [one.get("custom_id") or "" for one in parts(message)]
    (custom_id,) = [one for one in ids if one.startswith(f"zeuxis:2:words:{verb}:")]
    started = await stage.control.act(
        "component",
        member=MODERATOR,
        channel=message["channel_id"],
        message_id=message["id"],
        custom_id=custom_id,
        **({} if values is None else {"values": values}),
    )
    return await stage.control.settled(started)


async def shown(stage: Stage, message: Any, verb: str, values: list[str] | None = None) -> Any:
    return (await use(stage, message, verb, values))["messages"][-1]


async def submit(stage: Stage, opened: Any, channel: str, **fields: Any) -> Any:
    """Fills in the form; returns the panel as it is then."""
    started = await stage.control.act(
        "modal",
        member=MODERATOR,
        channel=channel,
        custom_id=opened["modal"]["custom_id"],
        fields=fields,
    )
    return (await stage.control.settled(started))["messages"][-1]


async def panel(stage: Stage) -> Any:
    started = await stage.control.act("command", name="moderation words", member=MODERATOR)
    (message,) = (await stage.control.settled(started))["messages"]
    return message


async def a_rule(stage: Stage, **fields: Any) -> Any:
    """Made in the panel, whose page of it is returned."""
    message = await panel(stage)
    opened = await use(stage, message, "new")
    filled = {"name": "Sea", "outcome": "refuse", "words": "", **fields}
    return await submit(stage, opened, message["channel_id"], **filled)


async def is_refused(stage: Stage, prompt: str, **options: Any) -> None:
    """By words for the member alone, before anything is asked of Z-Image."""
    before = len(stage.ledger()["requests"])
    settled = await stage.control.settled(await stage.imagine(prompt, size=SMALL, **options))
    (message,) = settled["messages"]
    assert is_private(message)
    assert REFUSED in words(message)
    assert len(stage.ledger()["requests"]) == before


async def is_drawn(stage: Stage, prompt: str) -> None:
    """No rule speaks against asking Z-Image; what becomes of the picture is another's story."""
    before = len(stage.ledger()["requests"])
    await stage.imagine(prompt, size=SMALL)
    await stage.until(lambda: len(stage.ledger()["requests"]) > before)


async def test_a_rule_made_in_the_panel_refuses_from_the_next_prompt_on(stage: Stage) -> None:
    """Free of charge, disguised or not, over a restart, and no more once it is dropped."""
    await is_drawn(stage, "a walrus on ice")
    page = await a_rule(stage, words="walrus\nsea cow*")
    assert "The rule **Sea** holds from now on." in words(page)
    for prompt in ("a walrus on ice", "a W.a.l.r.u.s", "two ѕеа ⅽоwѕ", "a ｗａｌｒｕｓ"):
        await is_refused(stage, prompt)
    await is_refused(stage, "a cat", negative="walrus")
    await is_drawn(stage, "a cat on ice")
    await stage.kill_bot()
    await stage.start_bot()
    await is_refused(stage, "a walrus on ice")
    await shown(stage, await shown(stage, page, "ask"), "drop")
    await is_drawn(stage, "a walrus on ice")


async def test_staff_learn_which_rule_and_the_member_does_not(stage: Stage) -> None:
    await a_rule(stage, name="Beasts of the sea", words="walrus")
    settled = await stage.control.settled(await stage.imagine("a walrus", size=SMALL))
    assert "Beasts" not in words(settled["messages"][0])
    started = await stage.control.act(
        "command", name="moderation test", member=MODERATOR, options={"prompt": "a walrus"}
    )
    (told,) = (await stage.control.settled(started))["messages"]
    assert is_private(told)
    assert "**Beasts of the sea** · Refuse it: `walrus` → ||walrus||" in words(told)


async def test_what_automod_has_holds_for_prompts_once_it_is_read(stage: Stage) -> None:
    """Which asks for a right that can be taken away again."""
    guild_id = stage.control.guild["id"]
    rules = [
        {"name": "Bad", "keywords": ["walrus*"], "patterns": ["(?=a)"], "allowed": ["walruses"]},
        {"name": "Lists", "presets": [1]},
    ]
    answered = await stage.control.call("PUT", f"/guilds/{guild_id}/automod", rules)
    assert answered.status == 200
    message = await shown(stage, await panel(stage), "automod")
    assert "only to those with the right **Manage Server**" in words(message)
    let_the_bot(stage, manage=True)
    message = await shown(stage, await panel(stage), "automod")
    assert "AutoMod is read: 1 new, 0 changed, 0 dropped." in words(message)
    assert "**Lists** · `profanity`" in words(message)
    let_the_bot(stage, manage=False)
    await is_refused(stage, "a walrus on ice")
    await is_drawn(stage, "two walruses on ice")
    message = await shown(stage, await panel(stage), "automod")
    assert "only to those with the right" in words(message)
    await is_refused(stage, "a walrus on ice")


def let_the_bot(stage: Stage, *, manage: bool) -> None:
    state = stage.sandbox.state
    guild = state.guilds[stage.control.guild["id"]]
    for role_id in guild.members[state.bot_id].role_ids:
        rights = guild.roles[role_id].permissions
        guild.roles[role_id].permissions = (
            rights | MANAGE_GUILD if manage else rights & ~MANAGE_GUILD
        )


@pytest.mark.parametrize("count", [1_000, 10_000])
async def test_a_long_list_comes_as_a_file_and_holds(stage: Stage, count: int) -> None:
    page = await a_rule(stage, words="walrus")
    opened = await use(stage, page, "open")
    consonants = "bdfgkmprtz"
    many = [f"{a}a{b}o{c}e{d}" for a, b, c, d in product(consonants, repeat=4)][:count]
    content = base64.b64encode("\n".join(many).encode()).decode()
    file = {"filename": "words.txt", "content_base64": content}
    page = await submit(stage, opened, page["channel_id"], list="words", file=[file])
    assert f"Words and phrases: {count}" in words(page)
    await is_refused(stage, f"a {many[-1]} at dawn")
    await is_drawn(stage, "a walrus at dawn")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"words": "  "}, "There is nothing to look for."),
        ({"words": "fine\n*"}, "line 2: `*`: This would be found in nearly every prompt."),
    ],
)
async def test_a_rule_that_says_nothing_or_everything_is_never_kept(
    stage: Stage, fields: dict[str, str], said: str
) -> None:
    message = await a_rule(stage, **fields)
    assert said in words(message)
    await is_drawn(stage, "a cat at dawn")


async def test_a_catastrophic_expression_costs_nobody_time(stage: Stage) -> None:
    """Where a backtracking engine would take years."""
    pytest.importorskip("re2")
    await a_rule(stage, patterns="(a+)+$b|(x|xx)+y")
    await is_drawn(stage, "a" * 400 + " " + "x" * 300)
    await is_refused(stage, "xxxxy")
