"""A thousand broken calls do not hurt the control interface."""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import aiohttp

from sandbox.tests.bots import PaintingBot, connected
from sandbox.tests.rest import COMMANDS, MESSAGES, Rest
from sandbox.tests.wrong_bodies import button, command, option, row, select

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox

CALLS = 1000
NUMBERS: tuple[object, ...] = (True, 0, -1, 1e300, 2**70)
TEXTS: tuple[object, ...] = ("", "abc", "1", "9" * 40, "\x00", "🍇")
ODD: tuple[object, ...] = (None, *NUMBERS, *TEXTS, [], ["1"], {}, {"id": 1})


def changed(random: Random, body: dict[str, object]) -> dict[str, object]:
    """The body with one field odd, gone or new; it never waits for a bot."""
    wrong = dict(body)
    name = random.choice([each for each in (*wrong, "more") if each != "wait_online_s"])
    wrong[name] = random.choice(ODD)
    if random.random() < 0.2:
        del wrong[name]
    return wrong


async def test_no_call_breaks_the_control_interface(
    sandbox: Sandbox, control: Control, rest: Rest
) -> None:
    """Every one is answered in time, none with a 5xx, and afterwards all is as well as before."""
    random = Random(7)
    options = [option("size", autocomplete=True), option("seed", type=4), option("who", type=6)]
    await rest.must("PUT", COMMANDS, [command(options=options)])
    components = [row(button()), row(select(2))]
    sent = await rest.must("POST", MESSAGES, {"content": "x", "components": components})
    here = {
        "guild_id": control.guild["id"],
        "channel_id": control.channel("pictures"),
        "user_id": control.member(),
        "locale": "de",
        "wait_online_s": 0,
    }
    press = {**here, "message_id": sent.body["id"], "custom_id": "pick", "values": ["v0"]}
    call = {**here, "name": "imagine", "options": {"size": "a", "seed": 1}}
    guild, channel = f"/guilds/{here['guild_id']}", f"/channels/{here['channel_id']}"
    calls: list[tuple[str, str, dict[str, object]]] = [
        ("POST", "/interactions", {"kind": "command", **call}),
        ("POST", "/interactions", {"kind": "component", **press}),
        ("POST", "/interactions", {"kind": "modal", **here, "custom_id": "x", "fields": {}}),
        ("POST", "/interactions", {"kind": "user_command", **here, "name": "x", "target_id": "1"}),
        ("POST", channel + "/messages", {"user_id": control.member(), "content": "x"}),
        ("PATCH", guild, {"name": "x", "locale": "de", "boost_tier": 1}),
        ("PATCH", f"{guild}/roles/{here['guild_id']}", {"permissions": "2147486720"}),
        ("PATCH", f"{guild}/members/{control.member()}", {"nick": "x", "timed_out_for_s": 0}),
        ("PATCH", channel, {"name": "pictures", "nsfw": False, "overwrites": []}),
        ("PUT", f"{guild}/automod", {"name": "x", "keywords": ["x"]}),
        ("POST", f"{guild}/roles", {"name": "x", "permissions": "8"}),
        ("PUT", f"{channel}/overwrites/{here['guild_id']}", {"type": 0, "allow": "0"}),
        ("POST", "/users", {"name": "Zoe"}),
        ("POST", "/clock/advance", {"seconds": 1}),
        ("POST", "/gateway/invalidate", {"resumable": True}),
        ("GET", "/interactions/1?wait=x", {}),
        ("GET", channel + "/messages?viewer=x", {}),
        ("GET", "/guilds/x", {}),
    ]
    statuses: Counter[int] = Counter()
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for _ in range(CALLS):
            method, path, body = random.choice(calls)
            wrong = random.choice([changed(random, body), random.choice(ODD)])
            async with session.request(
                method, str(sandbox.addresses["control_url"]) + path, data=json.dumps(wrong)
            ) as response:
                await response.read()
                assert response.status < 500, (method, path, wrong)
                statuses[response.status] += 1
    print(f"{statuses.total()} calls: {dict(statuses.most_common())}")
    assert min(statuses[200], statuses[400]) > 100
    async with connected(sandbox, PaintingBot()):
        whispered = await control.act("command", name="whisper", member=4)
        assert (await control.settled(whispered))["errors"] == []
