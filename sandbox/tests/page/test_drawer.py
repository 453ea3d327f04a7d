"""The drawer: what goes on behind the scenes, and everything that one can make go wrong."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
from playwright.async_api import expect

from sandbox.tests.page.window import ON_THE_PAGE

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from sandbox.server import Sandbox
    from sandbox.tests.page.showcase import Showcase
    from sandbox.tests.page.window import Window, Windows

pytestmark = ON_THE_PAGE


async def test_it_shows_what_goes_on_now(window: Window) -> None:
    """Each interaction with its member, its place and how far it has come."""
    now = (await drawer(window)).get_by_role("region", name="Now")
    await expect(now).to_contain_text("No interactions yet")
    await window.call("whisper")
    await expect(now.get_by_role("listitem")).to_contain_text(["/whisper"])
    await expect(now).to_contain_text("Ada · #pictures")
    await expect(now).to_contain_text("settled")


async def test_faults_are_switched_on_and_off(sandbox: Sandbox, window: Window) -> None:
    """A switch puts one fault in force and leaves the others; all are cleared at once."""
    faults = (await drawer(window)).get_by_role("region", name="Faults")
    slow = faults.get_by_role("switch", name="Discord is slow")
    await slow.check()
    await faults.get_by_role("switch", name="Z-Image is throttling").check()
    await expect(faults).to_contain_text("2 in force")
    assert [one["kind"] for one in sandbox.faults.snapshot()] == ["latency", "error"]
    await slow.uncheck()
    await expect(faults).to_contain_text("1 in force")
    await faults.get_by_role("button", name="Clear all").click()
    await expect(faults.get_by_role("switch", checked=True)).to_have_count(0)
    assert sandbox.faults.snapshot() == []


async def test_every_fault_of_the_drawer_is_known_to_the_sandbox(
    sandbox: Sandbox, window: Window
) -> None:
    """None is refused when switched on, and each shows as switched on."""
    faults = (await drawer(window)).get_by_role("region", name="Faults")
    switches = await faults.get_by_role("switch").all()
    for number, switch in enumerate(switches, start=1):
        await switch.click()
        await expect(faults).to_contain_text(f"{number} in force")
        await expect(switch).to_be_checked()
    assert len(sandbox.faults.snapshot()) == len(switches)


async def test_the_painters_speed_is_set(sandbox: Sandbox, window: Window) -> None:
    """The sandbox paints as slowly as the drawer says."""
    painter = (await drawer(window)).get_by_role("region", name="Z-Image")
    async with window.page.expect_response(lambda answer: answer.request.method != "GET"):
        await painter.get_by_role("combobox", name="Speed").select_option("10 × slower")
    await expect(painter.get_by_role("combobox")).to_have_value("10")
    assert sandbox.zimage.latency_scale == 10


async def test_the_clock_is_moved(sandbox: Sandbox, window: Window) -> None:
    """The page's times follow the sandbox's clock."""
    clock = (await drawer(window)).get_by_role("region", name="Clock")
    before_us = sandbox.clock.now_us()
    await clock.get_by_role("button", name="+ 8 days").click()
    await window.composer.fill("what day is it?")
    await window.keys("Enter")
    await expect(window.message("what day is it?")).to_be_visible()
    assert sandbox.clock.now_us() - before_us > 8 * 86_400 * 1_000_000


async def test_the_gateway_is_cut_and_comes_back(
    window: Window, sandbox: Sandbox, bot: Showcase
) -> None:
    """The bot reconnects by itself, and the page says when it is away."""
    line = (await drawer(window)).get_by_role("region", name="The bot's line")
    await expect(line).to_contain_text("connected")
    sessions = set(sandbox.hub.sessions)
    await line.get_by_role("button", name="Cut the gateway").click()
    await sandbox.hub.wait_online()
    await window.call("whisper")
    await expect(window.message("for your eyes")).to_be_visible()
    assert set(sandbox.hub.sessions) == sessions


async def test_only_a_keeper_restarts_the_bot(window: Window, sandbox: Sandbox) -> None:
    """The button is dead until somebody holds the line; then it reaches them."""
    line = (await drawer(window)).get_by_role("region", name="The bot's line")
    restart = line.get_by_role("button", name="Restart the bot")
    await expect(restart).to_be_disabled()
    url = f"{sandbox.addresses['control_url']}/bot/keeper"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as keeper:
        await expect(restart).to_be_enabled()
        await restart.click()
        assert await asyncio.wait_for(keeper.receive_json(), 5) == {"do": "restart"}
    await expect(restart).to_be_disabled()


async def test_broken_rules_are_listed(window: Window, sandbox: Sandbox) -> None:
    """With the rule, the request and what was wrong; they can be forgotten."""
    rules = (await drawer(window)).get_by_role("region", name="Broken rules")
    await expect(rules).to_contain_text("None")
    sandbox.violations.record(
        "discord", rule="a rule", request_line="POST /somewhere", detail="was broken"
    )
    await expect(rules.get_by_role("listitem")).to_contain_text("a rule")
    await rules.get_by_role("button", name="Forget them").click()
    await expect(rules).to_contain_text("None")
    assert len(sandbox.violations) == 0


async def test_one_becomes_another_member(windows: Windows, window: Window) -> None:
    """Their channels, their place; the address says who, so a reload keeps it."""
    channels = window.page.get_by_role("navigation", name="Channels")
    await expect(channels.get_by_role("button", name="staff")).to_have_count(0)
    await window.page.get_by_role("button", name="You are Ada").click()
    await window.page.get_by_role("menuitemradio", name="Mira").click()
    await expect(channels.get_by_role("button", name="staff")).to_be_visible()
    await window.page.reload()
    await expect(window.page.get_by_role("button", name="You are Mira Moderator")).to_be_visible()


async def test_one_goes_to_another_guild_as_somebody_there(window: Window) -> None:
    """A guild without the bot says so and offers no commands."""
    await window.page.get_by_role("button", name="Lighthouse, as Gita").click()
    await expect(window.page.get_by_role("button", name="You are Gita")).to_be_visible()
    await expect(window.page.get_by_text("The bot is not in this server")).to_be_visible()


async def test_the_conversation_with_the_bot_opens(window: Window) -> None:
    """Direct messages stand above the guilds."""
    await window.page.get_by_role("button", name="Direct messages").click()
    await window.page.get_by_role("navigation", name="Conversations").get_by_role("button").click()
    await expect(window.channel).to_contain_text("the beginning of your conversation with Zeuxis")
    await window.composer.fill("hello")
    await window.keys("Enter")
    await expect(window.message("hello")).to_be_visible()


async def test_light_and_dark_are_switched_and_remembered(window: Window) -> None:
    """The system decides until one chooses."""
    colour = "getComputedStyle(document.body).backgroundColor"
    light = await window.page.evaluate(colour)
    await window.page.get_by_role("button", name="Light or dark").click()
    dark = await window.page.evaluate(colour)
    assert dark != light
    await window.page.reload()
    assert await window.page.evaluate(colour) == dark


async def drawer(window: Window) -> Locator:
    """The open drawer."""
    await window.page.get_by_role("button", name="Sandbox controls").first.click()
    opened = window.page.get_by_role("complementary", name="Sandbox controls")
    await expect(opened.get_by_role("region", name="Now")).to_be_visible()
    return opened
