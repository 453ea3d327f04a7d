"""The page speaks with its own server alone, and the server with nobody else's page."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import expect

from sandbox.tests.page.window import ON_THE_PAGE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

    from sandbox.server import Sandbox
    from sandbox.tests.page.window import Window, Windows

pytestmark = ON_THE_PAGE

TRY = """async ({origin, picture}) => {
  const told = {};
  const note = async (name, attempt) => {
    told[name] = await attempt().then((got) => got, () => "refused");
  };
  await note("read", async () => (await fetch(`${origin}/control/world`)).text());
  await note("write", async () => {
    const body = '{"seconds": 60}';
    await fetch(`${origin}/control/clock/advance`, {method: "POST", mode: "no-cors", body});
    return "sent";
  });
  await note("events", () => new Promise((heard, refused) => {
    const line = new WebSocket(`${origin.replace("http", "ws")}/control/events`);
    line.onopen = () => heard("heard");
    line.onerror = refused;
  }));
  await note("picture", () => new Promise((seen, refused) => {
    const image = new Image();
    image.onload = () => seen("seen");
    image.onerror = refused;
    image.src = picture;
  }));
  await note("script", () => new Promise((ran, refused) => {
    const script = document.createElement("script");
    script.onload = () => ran("ran");
    script.onerror = refused;
    script.src = `${origin}/page/main.js`;
    document.head.append(script);
  }));
  return told;
}"""


async def test_the_policy_forbids_everything_but_the_own_origin(
    windows: Windows, window: Window
) -> None:
    """Requests, pictures, frames and inline code are stopped by the browser itself."""
    answer = await window.page.request.get(window.page.url.split("#")[0])
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    refused = await window.page.evaluate(
        """async () => {
          const stopped = [];
          const note = ({effectiveDirective}) => stopped.push(effectiveDirective);
          document.addEventListener("securitypolicyviolation", note);
          await fetch("http://localhost:1/").catch(() => {});
          const image = document.body.appendChild(new Image());
          image.src = "http://localhost:1/a.png";
          const style = document.body.appendChild(document.createElement("style"));
          style.textContent = "body { color: red }";
          await new Promise((done) => setTimeout(done, 300));
          image.remove();
          style.remove();
          return stopped;
        }"""
    )
    assert set(refused) == {"connect-src", "img-src", "style-src-elem"}
    windows.complaints.clear()
    windows.strayed.clear()


async def test_a_strange_picture_in_a_message_is_not_fetched(
    window: Window, sandbox: Sandbox
) -> None:
    """A bot that shows a picture of another host makes nobody visit that host."""
    from sandbox.discord.message_bodies import Embed, EmbedMedia, MessageBody
    from sandbox.discord.posting import Draft, create_message

    state = sandbox.state
    channel = next(one for one in state.channels.values() if one.name == "pictures")
    box = Embed(title="look", image=EmbedMedia(url="https://elsewhere.example/a.png"))
    create_message(state, Draft(channel=channel, author_id=state.bot_id), MessageBody(embeds=[box]))
    await expect(window.message("look")).to_contain_text(
        "Picture of another server, not loaded: elsewhere.example"
    )


async def test_a_page_of_another_origin_can_do_nothing(
    browser: Browser, sandbox: Sandbox, window: Window
) -> None:
    """It neither reads nor writes nor listens, shows no picture and runs no script of ours."""
    await window.call("embed")
    picture = await window.message("look").locator("img").first.get_attribute("src")
    before_us = sandbox.clock.now_us()
    async with strange_site(browser) as page:
        told = await page.evaluate(
            TRY, {"origin": sandbox.state.origin, "picture": f"{sandbox.state.origin}{picture}"}
        )
    assert told == {
        "read": "refused",
        "write": "sent",
        "events": "refused",
        "picture": "refused",
        "script": "refused",
    }
    assert sandbox.clock.now_us() - before_us < 55 * 1_000_000


async def test_the_page_cannot_be_framed(browser: Browser, sandbox: Sandbox) -> None:
    """No other site can lay its own buttons over it."""
    async with strange_site(browser) as page:
        await page.evaluate(
            """(origin) => new Promise((done) => {
              const frame = document.createElement("iframe");
              frame.onload = done;
              frame.src = `${origin}/page/`;
              document.body.append(frame);
            })""",
            sandbox.state.origin,
        )
        framed = page.frames[-1]
        assert await framed.locator("zx-app").count() == 0


async def test_a_forged_host_is_refused_in_the_browser(browser: Browser, sandbox: Sandbox) -> None:
    """A name of somebody else's that means loopback gets nothing."""
    context = await browser.new_context()
    page = await context.new_page()
    port = sandbox.state.origin.rsplit(":", 1)[1]
    answer = await page.goto(f"http://forged.example:{port}/page/")
    assert answer is not None
    assert answer.status == 403
    assert "foreign host" in await page.inner_text("body")
    await context.close()


@pytest.mark.parametrize(
    "path", ["/page/", "/control/world", "/api/v10/gateway", "/api/v1/models", "/gateway"]
)
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "forged.example"},
        {"Host": "127.0.0.1"},
        {"Origin": "http://forged.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
    ids=str,
)
async def test_every_part_refuses_foreign_headers(
    sandbox: Sandbox, path: str, headers: dict[str, str]
) -> None:
    """Page, control, Discord, Z-Image and gateway alike."""
    url = sandbox.state.origin + path
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        assert answer.status == 403


async def test_tools_need_no_origin(sandbox: Sandbox) -> None:
    """Programs send no Origin; both names of loopback are right."""
    port = sandbox.state.origin.rsplit(":", 1)[1]
    async with aiohttp.ClientSession() as session:
        for host in ("127.0.0.1", "localhost"):
            url = f"{sandbox.state.origin}/control/world"
            async with session.get(url, headers={"Host": f"{host}:{port}"}) as answer:
                assert answer.status == 200


@pytest.mark.parametrize(
    "path",
    ["../server.py", "%2e%2e/server.py", "vendor/../../server.py", "vendor/README.md", "none.js"],
)
async def test_only_the_pages_own_files_are_served(sandbox: Sandbox, path: str) -> None:
    """Neither files outside its folder nor kinds that a page has no use for."""
    from yarl import URL

    url = URL(f"{sandbox.state.origin}/page/{path}", encoded=True)
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 404


@asynccontextmanager
async def strange_site(browser: Browser) -> AsyncIterator[Page]:
    """A page of another origin, open in the same browser."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>strange</title>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    context = await browser.new_context()
    opened = await context.new_page()
    await opened.goto(f"http://localhost:{runner.addresses[0][1]}/")
    try:
        yield opened
    finally:
        await context.close()
        await runner.cleanup()
