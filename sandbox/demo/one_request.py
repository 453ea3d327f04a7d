"""Plays one `/imagine` in the terminal, as the first member of the first guild."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from sandbox.control.client import Control
from sandbox.demo.seen import lines
from sandbox.painter.png import SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DELIVER_LIMIT_S = 120.0


class NotDelivered(Exception):
    """What the member got instead of a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The options of `/imagine`; None leaves one out."""

    prompt: str
    size: str | None = None
    seed: int | None = None

    def options(self) -> dict[str, Any]:
        given = {"prompt": self.prompt, "size": self.size, "seed": self.seed}
        return {name: value for name, value in given.items() if value is not None}


async def play(
    addresses: dict[str, Any], wish: Wish, output: Path, say: Callable[[str], None]
) -> Path:
    """Prints the member's view step by step and saves the picture under `output`.

    Raises:
        NotDelivered: refused, failed, or not there in time.
    """
    async with aiohttp.ClientSession() as session:
        control = Control(session, addresses)
        try:
            await control.registered("imagine")
        except TimeoutError:
            raise NotDelivered("the bot did not register /imagine within 30 s") from None
        channel = next(one for one in control.guild["channels"] if one["type"] in (0, "text"))
        shown = " ".join(f"{name}:{value}" for name, value in wish.options().items())
        say(f"#{channel['name']}  {control.guild['members'][0]['name']}: /imagine {shown}")
        started = await control.act(
            "command", name="imagine", channel=channel["id"], options=wish.options()
        )
        if "interaction_id" not in started:
            raise NotDelivered(f"Discord's client would refuse this: {started}")
        picture = await _follow(control, started["interaction_id"], say)
        return await _save(session, picture, wish, output)


async def _follow(control: Control, interaction_id: str, say: Callable[[str], None]) -> str:
    told: dict[str, list[str]] = {}
    with suppress(TimeoutError):
        async with asyncio.timeout(DELIVER_LIMIT_S):
            while True:
                state = await control.get(f"/interactions/{interaction_id}?wait=0.2")
                for message in state.get("messages", ()):
                    _tell(message, told, say)
                pictures = [
                    attachment["url"]
                    for message in state.get("messages", ())
                    for attachment in message.get("attachments", ())
                ]
                if state.get("settled"):
                    return _picture(pictures, state)
    raise NotDelivered(f"no picture within {DELIVER_LIMIT_S:.0f} s")


def _picture(pictures: list[str], state: dict[str, Any]) -> str:
    if pictures:
        return pictures[0]
    errors = "; ".join(map(str, state.get("errors", ())))
    raise NotDelivered(errors or "the answer holds no picture")


def _tell(message: dict[str, Any], told: dict[str, list[str]], say: Callable[[str], None]) -> None:
    view = lines(message)
    if not view or told.get(message["id"]) == view:
        return
    mark = "edited" if message["id"] in told else "new"
    told[message["id"]] = view
    say(f"  {mark} message by {message['author']['username']}")
    for line in view:
        say(f"    {line}")


async def _save(session: aiohttp.ClientSession, url: str, wish: Wish, output: Path) -> Path:
    async with session.get(url) as answer:
        picture = await answer.read()
    if answer.status != 200 or not picture.startswith(SIGNATURE):
        raise NotDelivered(f"the attachment is no PNG (status {answer.status})")
    words = "-".join(re.findall(r"\w+", wish.prompt.lower()))[:40] or "picture"
    seed = "" if wish.seed is None else f"-seed{wish.seed}"
    path = output / f"{words}{seed}.png"
    await asyncio.to_thread(_write, path, picture)
    return path


def _write(path: Path, picture: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture)
