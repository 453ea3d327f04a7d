"""What may arrive over Discord's gateway: frames of any content, and odd interactions.

The same process serves a good request after each of them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo.seen import lines
from sandbox.discord.shapes import encode
from tests.hostile.showing import LOUD, PLACES, ask
from tests.journeys.test_imagine import SMALL
from tests.robustness.rows import WHOLE, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.shapes import JsonObject
    from tests.journeys.stage import Stage

    Alter = Callable[[dict[str, Any]], object]

pytestmark = pytest.mark.asyncio(loop_scope="module")

DROPPED = "malformed event dropped"
DRAWN = "Done"
SORRY = "Something went wrong on our side"
CHANGED = "This command has changed"
LACKING = "I lack permissions"
FORGOTTEN = "I no longer know this button"
NOTHING = ""
HUGE = 10**30
# discord.py compares an acknowledgement that comes within microseconds with the beat before.
MISREAD_LATENCY = "Can't keep up"


def frame(op: object = 0, **others: object) -> bytes:
    return json.dumps({"op": op, "s": None, **others}).encode()


def event(name: object, body: object = None) -> bytes:
    return frame(t=name, d=body)


FRAMES = {
    "nothing at all": b"",
    "no JSON": b"<html>blocked</html>",
    "half an object": b'{"op":0,"t":"GUILD_CREATE","d":{',
    "something after the object": frame(11) + b"}",
    "a byte order mark": b"\xef\xbb\xbf" + frame(11),
    "no UTF-8": b'{"op":0,"t":"\xff\xfe"}',
    "a list": b"[]",
    "null": b"null",
    "a number": b"5",
    "a string": b'"READY"',
    "no op": b"{}",
    "an op that is null": frame(None),
    "an op that is a string": frame("0"),
    "an op that is NaN": b'{"op":NaN}',
    "an op that is huge": frame(HUGE),
    "an unknown op": frame(99),
    "a negative op": frame(-1),
    "a name that is a list": event(["READY"]),
    "a number that is a string": frame(t="GUILD_CREATE", s="seven"),
    "a number that is huge": frame(t="GUILD_CREATE", s=HUGE),
    "a number with a fraction": frame(t="GUILD_CREATE", s=1.5),
    "nesting without end": b'{"op":0,"t":"X","d":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "a second greeting": frame(10, d={"heartbeat_interval": 1}),
    "a greeting of null": frame(10),
    "READY of null": event("READY"),
    "READY without a user": event("READY", {"session_id": "s", "resume_gateway_url": "wss://x"}),
    "READY with another session": event("READY", {"session_id": 5}),
    "an interaction of null": event("INTERACTION_CREATE"),
    "an interaction of a list": event("INTERACTION_CREATE", []),
    "an interaction of nothing": event("INTERACTION_CREATE", {}),
    "a guild of null gone": event("GUILD_DELETE"),
    "a guild without id gone": event("GUILD_DELETE", {}),
    "a guild of words gone": event("GUILD_DELETE", {"id": "mine"}),
    "a huge guild gone": event("GUILD_DELETE", {"id": str(HUGE)}),
    "a guild of a list": event("GUILD_CREATE", ["x" * 5_000_000]),
    "a guild without id": event("GUILD_CREATE", {"joined_at": "2026-11-29T00:00:00+00:00"}),
    "a guild of some day": event("GUILD_CREATE", {"id": "5", "joined_at": "soon"}),
    "a negative channel gone": event("CHANNEL_DELETE", {"id": "-1"}),
    "a channel in a list gone": event("CHANNEL_DELETE", []),
    "a thread of null gone": event("THREAD_DELETE", {"id": None}),
    "a guild of nonsense": event("GUILD_CREATE", 5),
}
IGNORED = {
    "RESUMED of null": event("RESUMED"),
    "RESUMED of a list": event("RESUMED", []),
    "an event without a name": event(None),
    "an unknown event": event("NO_SUCH_EVENT", {"id": []}),
    "a message of null": event("MESSAGE_CREATE"),
    "a presence of a list": event("PRESENCE_UPDATE", []),
    "a wish for a heartbeat": frame(1),
    "a guild that was never known gone": event("GUILD_DELETE", {"id": "5"}),
    "a guild that is away": event("GUILD_DELETE", {"id": "5", "unavailable": True}),
    "a guild that is away when the bot comes": event("GUILD_CREATE", {"id": "5"}),
    "five megabytes": event("MESSAGE_CREATE", ["x" * 5_000_000]),
}


@pytest.mark.parametrize("what", FRAMES)
async def test_a_frame_that_makes_no_sense_is_dropped(lasting_stage: Stage, what: str) -> None:
    """The connection is kept, and the next request is served on it."""
    line, said = connection(lasting_stage), len(lasting_stage.log)
    lasting_stage.sandbox.hub.send_frame(FRAMES[what])
    await assert_served(lasting_stage, said)
    assert connection(lasting_stage) is line
    assert DROPPED in lasting_stage.log


@pytest.mark.parametrize("what", IGNORED)
async def test_a_frame_that_nobody_waits_for_is_not_worth_a_word(
    lasting_stage: Stage, what: str
) -> None:
    """Its content is not even read."""
    line, said = connection(lasting_stage), len(lasting_stage.log)
    lasting_stage.sandbox.hub.send_frame(IGNORED[what])
    await assert_served(lasting_stage, said)
    assert connection(lasting_stage) is line
    assert loud(lasting_stage, said) == []


@pytest.mark.parametrize("message", ["[]", "no JSON"])
async def test_text_beside_the_compressed_stream_is_dropped(
    lasting_stage: Stage, message: str
) -> None:
    line, said = connection(lasting_stage), len(lasting_stage.log)
    lasting_stage.sandbox.hub.send_as_is(message)
    await assert_served(lasting_stage, said)
    assert connection(lasting_stage) is line


async def test_a_flood_is_said_once(lasting_stage: Stage) -> None:
    """A thousand of one kind, and one line at the most."""
    said = len(lasting_stage.log)
    for _ in range(1000):
        lasting_stage.sandbox.hub.send_frame(b"[[]]")
    await assert_served(lasting_stage, said)
    assert len(loud(lasting_stage, said)) <= 1


def without(*path: str) -> Alter:
    """Takes away what the path leads to."""

    def alter(body: dict[str, Any]) -> object:
        del _at(body, path[:-1])[path[-1]]
        return body

    return alter


def with_(value: object, *path: str) -> Alter:
    """Puts the value where the path leads."""

    def alter(body: dict[str, Any]) -> object:
        _at(body, path[:-1])[path[-1]] = value
        return body

    return alter


def _at(body: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        body = body[int(name) if isinstance(body, list) else name]
    return body


COMMANDS: dict[str, tuple[Alter, str]] = {
    "no id": (without("id"), NOTHING),
    "a null id": (with_(None, "id"), NOTHING),
    "an id of words": (with_("mine", "id"), NOTHING),
    "a negative id": (with_("-5", "id"), NOTHING),
    "a huge id": (with_(str(HUGE), "id"), NOTHING),
    "no token": (without("token"), NOTHING),
    "a null token": (with_(None, "token"), NOTHING),
    "an empty token": (with_("", "token"), NOTHING),
    "a token that is a number": (with_(5, "token"), NOTHING),
    "no type": (without("type"), NOTHING),
    "a type that is a string": (with_("2", "type"), NOTHING),
    "a ping": (with_(1, "type"), NOTHING),
    "a type of tomorrow": (with_(99, "type"), SORRY),
    "no version": (without("version"), SORRY),
    "a null application": (with_(None, "application_id"), SORRY),
    "no upload limit": (without("attachment_size_limit"), SORRY),
    "a null upload limit": (with_(None, "attachment_size_limit"), SORRY),
    "an upload limit of words": (with_("much", "attachment_size_limit"), SORRY),
    "a negative upload limit": (with_(-1, "attachment_size_limit"), SORRY),
    "a huge upload limit": (with_(HUGE, "attachment_size_limit"), SORRY),
    "no channel": (without("channel"), SORRY),
    "a null channel": (with_(None, "channel"), SORRY),
    "a channel in a list": (with_([], "channel"), SORRY),
    "a channel without id": (without("channel", "id"), SORRY),
    "a huge channel": (with_(str(HUGE), "channel", "id"), SORRY),
    "a channel without type": (without("channel", "type"), LACKING),
    "a channel of tomorrow": (with_(99, "channel", "type"), LACKING),
    "a guild of words": (with_("ours", "guild_id"), SORRY),
    "a huge guild": (with_(str(HUGE), "guild_id"), SORRY),
    "no member": (without("member"), SORRY),
    "a null member": (with_(None, "member"), SORRY),
    "a member without user": (without("member", "user"), SORRY),
    "a member with a null user": (with_(None, "member", "user"), SORRY),
    "a huge user": (with_(str(HUGE), "member", "user", "id"), SORRY),
    "null roles": (with_(None, "member", "roles"), SORRY),
    "roles of words": (with_("all", "member", "roles"), SORRY),
    "roles in which one is null": (with_([None], "member", "roles"), SORRY),
    "huge roles": (with_([str(HUGE)], "member", "roles"), SORRY),
    "permissions of words": (with_("all", "member", "permissions"), SORRY),
    "the bot's permissions of words": (with_("all", "app_permissions"), SORRY),
    "none of the bot's permissions": (without("app_permissions"), LACKING),
    "null entitlements": (with_(None, "entitlements"), SORRY),
    "owners in a list": (with_([], "authorizing_integration_owners"), SORRY),
    "no data": (without("data"), SORRY),
    "null data": (with_(None, "data"), SORRY),
    "data in a list": (with_([], "data"), SORRY),
    "null options": (with_(None, "data", "options"), SORRY),
    "options of words": (with_("a cat", "data", "options"), SORRY),
    "options that are an object": (with_({}, "data", "options"), SORRY),
    "options in which one is null": (with_([None], "data", "options"), SORRY),
    "an option without name": (without("data", "options", "0", "name"), SORRY),
    "an option that is no string": (with_(5, "data", "options", "0", "value"), SORRY),
    "an option that is null": (with_(None, "data", "options", "0", "value"), SORRY),
    "no options": (with_([], "data", "options"), CHANGED),
    "no name": (without("data", "name"), SORRY),
    "a name in a list": (with_([], "data", "name"), SORRY),
    "a name that nobody knows": (with_("draw", "data", "name"), CHANGED),
    "a command of another kind": (with_(2, "data", "type"), CHANGED),
    "resolved words": (with_("all", "data", "resolved"), SORRY),
    "a null locale": (with_(None, "locale"), DRAWN),
    "a locale in a list": (with_([], "locale"), DRAWN),
    "a locale of tomorrow": (with_("tlh", "locale"), DRAWN),
    "no locale": (without("locale"), DRAWN),
    "a null locale of the guild": (with_(None, "guild_locale"), DRAWN),
    "a guild that is no object": (with_(None, "guild"), DRAWN),
    "a context of tomorrow": (with_(HUGE, "context"), DRAWN),
}


@pytest.mark.parametrize("what", COMMANDS)
async def test_an_odd_command_is_answered_or_dropped(lasting_stage: Stage, what: str) -> None:
    """A private word where anybody can be told, the picture where it does not matter."""
    alter, expected = COMMANDS[what]
    said, billed = len(lasting_stage.log), lasting_stage.ledger()["billed"]
    with lasting_stage.sandbox.hub.altering(altering(alter)):
        started = await lasting_stage.imagine(size=SMALL)
    await assert_seen(lasting_stage, started, expected)
    await assert_served(lasting_stage, said)
    drawn = expected == DRAWN
    assert lasting_stage.ledger()["billed"] - billed == 1 + drawn
    kept = f"SELECT state FROM {WHOLE} WHERE interaction_id = ?"
    interaction_id, expected_rows = int(started["interaction_id"]), [("shown",)] * drawn
    await lasting_stage.until(
        lambda: rows(lasting_stage.database, kept, interaction_id) == expected_rows
    )


PRESSES: dict[str, tuple[Alter, str]] = {
    "no message": (without("message"), SORRY),
    "a null message": (with_(None, "message"), SORRY),
    "an empty message": (with_({}, "message"), SORRY),
    "a message without the button": (with_([], "message", "components"), SORRY),
    "components of words": (with_("all", "message", "components"), SORRY),
    "components in which one is null": (with_([None], "message", "components"), SORRY),
    "a component of tomorrow": (with_([{"type": 99}], "message", "components"), SORRY),
    "no custom id": (without("data", "custom_id"), SORRY),
    "a null custom id": (with_(None, "data", "custom_id"), SORRY),
    "a custom id of another version": (with_("zeuxis:frame:1", "data", "custom_id"), FORGOTTEN),
    "a huge job": (with_(f"zeuxis:why:{HUGE}", "data", "custom_id"), FORGOTTEN),
    "no kind of component": (without("data", "component_type"), SORRY),
    "another kind of component": (with_(99, "data", "component_type"), SORRY),
    "null data": (with_(None, "data"), SORRY),
}


@pytest.mark.parametrize("what", PRESSES)
async def test_an_odd_press_is_answered(lasting_stage: Stage, what: str) -> None:
    """The message whose button it was stays as it is."""
    alter, expected = PRESSES[what]
    started = await lasting_stage.imagine(size=SMALL)
    (picture,) = await lasting_stage.pictures(started)
    said = len(lasting_stage.log)
    with lasting_stage.sandbox.hub.altering(altering(alter)):
        pressed = await lasting_stage.control.act(
            "component",
            channel=picture["channel_id"],
            message_id=picture["id"],
            custom_id=custom_ids(picture)["reroll"],
        )
    await assert_seen(lasting_stage, pressed, expected)
    await assert_served(lasting_stage, said)


@pytest.mark.parametrize(
    "alter",
    [
        with_(None, "data"),
        with_("w", "data", "options"),
        with_([], "data", "options"),
        without("attachment_size_limit"),
        with_(None, "channel"),
    ],
)
async def test_odd_typing_is_offered_nothing(lasting_stage: Stage, alter: Alter) -> None:
    """There is no room for words in a list of choices."""
    said = len(lasting_stage.log)
    with lasting_stage.sandbox.hub.altering(altering(alter)):
        offered = await lasting_stage.control.act(
            "autocomplete", name="imagine", options={"prompt": "a cat", "size": "w"}
        )
    assert (offered["choices"], offered["errors"]) == ([], [])
    await assert_served(lasting_stage, said)


@pytest.mark.parametrize(
    "message",
    [b"no zlib \x00\x00\xff\xff", b"half a message, and the next one makes nonsense of it"],
)
async def test_a_broken_stream_is_resumed(lasting_stage: Stage, message: bytes) -> None:
    """What was sent meanwhile is told again, and nobody waits in vain."""
    line, said = connection(lasting_stage), len(lasting_stage.log)
    lasting_stage.sandbox.hub.send_as_is(message)
    lasting_stage.sandbox.hub.send_frame(event(None))
    await lasting_stage.until(lambda: connection(lasting_stage) not in (line, None))
    assert not [one for one in loud(lasting_stage, said) if "Traceback" in str(one.get("event"))]
    shown = await ask(lasting_stage, channel=next(PLACES))
    assert (shown.pictures, shown.row) == (1, "shown")


def connection(stage: Stage) -> object:
    """The bot's connection as the gateway knows it."""
    lines = [session.line for session in stage.sandbox.hub.sessions.values() if session.line]
    return lines[0] if lines else None


def altering(alter: Alter) -> Callable[[JsonObject], bytes]:
    return lambda body: encode(alter(json.loads(encode(body))))


def loud(stage: Stage, said: int) -> list[dict[str, Any]]:
    """The log from warning upwards since then."""
    told = [json.loads(line) for line in stage.log[said:].splitlines() if line.startswith("{")]
    return [
        line
        for line in told
        if line["level"] in LOUD and not line["event"].startswith(MISREAD_LATENCY)
    ]


def custom_ids(message: dict[str, Any]) -> dict[str, str]:
    """By the verb."""
    found, waiting = {}, [message]
    while waiting:
        one = waiting.pop()
        waiting += one.get("components", [])
        if one.get("custom_id"):
            found[one["custom_id"].split(":")[-2]] = one["custom_id"]
    return found


async def assert_seen(stage: Stage, started: dict[str, Any], expected: str) -> None:
    """In private, unless it is the picture."""
    if expected == NOTHING:
        return
    settled = await stage.control.settled(started, 10)
    said = "\n".join(line for message in settled["messages"] for line in lines(message))
    assert expected in said
    assert expected == DRAWN or "(only you can see this)" in said


async def assert_served(stage: Stage, said: int) -> None:
    """By the same process, without a traceback and with no other loud word."""
    shown = await ask(stage, channel=next(PLACES))
    assert (shown.pictures, shown.billed, shown.row) == (1, 1, "shown")
    assert stage.bot is not None
    assert stage.bot.returncode is None
    assert {one["event"] for one in loud(stage, said)} <= {
        DROPPED,
        "command is of another version",
        "button of another version",
    }
    assert "Traceback" not in stage.log[said:], stage.log[said:]
