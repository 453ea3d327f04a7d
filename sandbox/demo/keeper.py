"""Restarts the bot when the page asks for it; see `sandbox.control.page_keeper`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from sandbox.demo.stand import Stand


async def keep_bot(stand: Stand) -> None:
    """Stands ready until the sandbox ends."""
    url = f"{stand.addresses['control_url']}/bot/keeper"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as line:
        async for message in line:
            if message.type is aiohttp.WSMsgType.TEXT and message.json() == {"do": "restart"}:
                await stand.restart_bot()
