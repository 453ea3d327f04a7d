"""What Discord, or whatever stands before it, may answer to thread, post, edit and direct message.

Each row: what the member sees, the bill, the row's end, the log's loud events. A picture is billed
once, whatever Discord says, and never hangs there twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict

import pytest

from sandbox.demo.seen import lines
from sandbox.discord.message_objects import message_object
from tests.hostile import showing
from tests.journeys.test_imagine import SMALL

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

THREAD = "POST */messages/*/threads"
POST = "POST */channels/*/messages"
EDIT = "PATCH */channels/*/messages/*"
OPEN = "POST */users/@me/channels"
VIA = {"Via": "1.1 google"}
REFUSED = "forbidden-by-sandbox"
PAGE = "<html>" + "blocked " * 40_000

FAILED = "delivery failed"
BROKE = "delivery broke"
UNPOSTED = "no place for the picture, /queue has it"
LIMITED = "We are being rate limited."  # discord.py's own
NOISE = "Can't keep up"  # likewise, after heartbeats on a busy machine


def says(
    match: str,
    status: int,
    body: object = "",
    *,
    times: int | None = 1,
    kind: str = "application/json",
    **headers: str,
) -> dict[str, Any]:
    """A fault; a body that is no text is written as JSON."""
    return {
        "server": "discord",
        "kind": "status",
        "match": match,
        "status": status,
        "body": body if isinstance(body, str) else json.dumps(body),
        "content_type": kind,
        "headers": {**VIA, **headers},
    } | ({} if times is None else {"times": times})


def refuses(match: str, status: int, code: int, *, times: int | None = None) -> dict[str, Any]:
    return says(match, status, {"code": code, "message": "no"}, times=times)


def cuts(match: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"server": "discord", "kind": kind, "match": match, "times": 1, **more}


@dataclass(frozen=True, kw_only=True)
class Row:
    """Faults and what they come to."""

    faults: list[dict[str, Any]]
    prompt: str = "a cat"
    member: str = "Done"  # somewhere in what the interaction's messages say
    direct: str = ""  # likewise in the direct message; none without
    pictures: int = 1
    row: str = "shown"
    log: set[str] = field(default_factory=set)  # how its loud events begin
    in_thread: bool | None = None  # where the picture hangs


class Told(TypedDict, total=False):
    """What many rows have in common; as in `Row`."""

    prompt: str
    member: str
    direct: str
    pictures: int
    row: str
    log: set[str]
    in_thread: bool | None


IN_CHANNEL: Told = {"member": "could not open a thread", "in_thread": False}
PAUSED: Told = {**IN_CHANNEL, "log": {LIMITED}}
LATER: Told = {"log": {FAILED}, "in_thread": True}
NOT_HERE: Told = {
    "member": "Find it with /queue",
    "pictures": 0,
    "row": "undeliverable NoPlace",
    "log": {FAILED, UNPOSTED},
}
FILTERED: Told = {**NOT_HERE, "member": "a filter of Discord's", "row": "undeliverable PostRefused"}
CLOSED: Told = {**NOT_HERE, "member": "", "direct": "I can no longer post where you asked for it"}
SHUT: Told = {**CLOSED, "direct": "", "member": "I can no longer post where you asked for it"}
TOLD: Told = {
    "prompt": REFUSED,
    "member": "refused this prompt",
    "pictures": 0,
    "row": "refused ContentRefused",
    "log": {"no picture"},
}

TABLE: dict[str, Row] = {
    # a thread
    "thread: no permission": Row(faults=[refuses(THREAD, 403, 50013)], **IN_CHANNEL),
    "thread: too many of them": Row(faults=[refuses(THREAD, 400, 160006)], **IN_CHANNEL),
    "thread: none in such a channel": Row(faults=[refuses(THREAD, 400, 50024)], **IN_CHANNEL),
    "thread: message is gone": Row(faults=[refuses(THREAD, 404, 10008)], **IN_CHANNEL),
    "thread: a code of tomorrow": Row(faults=[refuses(THREAD, 400, 987654)], **IN_CHANNEL),
    "thread: title blocked": Row(faults=[refuses(THREAD, 400, 200001, times=1)], in_thread=True),
    "thread: exists": Row(faults=[cuts(THREAD, "drop_after")], **LATER),
    "thread: cut before": Row(faults=[cuts(THREAD, "drop_before")], **LATER),
    "thread: 500 once": Row(faults=[says(THREAD, 500)], in_thread=True),
    "thread: 429 for a moment": Row(
        faults=[says(THREAD, 429, {"retry_after": 0.1, "global": False})],
        log={LIMITED},
        in_thread=True,
    ),
    "thread: 429 for minutes": Row(
        faults=[says(THREAD, 429, {"retry_after": 219.0, "global": False})],
        **PAUSED,
    ),
    "thread: 429 without retry_after": Row(faults=[says(THREAD, 429, {"message": "no"})], **LATER),
    "thread: 429 of Cloudflare": Row(
        faults=[cuts(THREAD, "rate_limited", scope="cloudflare")], **LATER
    ),
    "thread: 403 page": Row(faults=[says(THREAD, 403, PAGE, kind="text/html")], **LATER),
    "thread: cut JSON": Row(faults=[says(THREAD, 201, '{"id": "1')], **LATER),
    "thread: closed channel": Row(faults=[refuses(THREAD, 403, 50001)], **CLOSED),
    # a post
    "post: no permission": Row(faults=[refuses(POST, 403, 50013)], **NOT_HERE),
    "post: only in the thread not": Row(faults=[refuses(POST, 403, 50013, times=1)], **IN_CHANNEL),
    "post: thread deleted": Row(faults=[refuses(POST, 404, 10003, times=1)], **IN_CHANNEL),
    "post: thread locked": Row(faults=[refuses(POST, 400, 160005, times=1)], **IN_CHANNEL),
    "post: channel deleted": Row(faults=[refuses(POST, 404, 10003, times=2)], **CLOSED),
    "post: guild gone": Row(faults=[refuses(POST, 404, 10004, times=2)], **CLOSED),
    "post: no access": Row(faults=[refuses(POST, 403, 50001, times=2)], **CLOSED),
    "post: AutoMod": Row(faults=[refuses(POST, 400, 200000)], **FILTERED),
    "post: explicit content": Row(faults=[refuses(POST, 403, 20009)], **FILTERED),
    "post: harmful link": Row(faults=[refuses(POST, 400, 240000)], **FILTERED),
    "post: too large": Row(
        faults=[refuses(POST, 413, 40005, times=1)], member="made the file smaller", in_thread=True
    ),
    "post: too large, says a proxy": Row(
        faults=[says(POST, 413, PAGE, kind="text/html")],
        member="made the file smaller",
        in_thread=True,
    ),
    "post: far too large": Row(
        faults=[refuses(POST, 413, 40005, times=2)], member="Z-Image's own link", pictures=0
    ),
    "post: invalid form": Row(faults=[refuses(POST, 400, 50035)], **NOT_HERE),
    "post: invalid form, odd errors": Row(
        faults=[says(POST, 400, {"code": 50035, "message": 7, "errors": [1]}, times=None)],
        **NOT_HERE,
    ),
    "post: a code of tomorrow": Row(faults=[refuses(POST, 400, 987654)], **NOT_HERE),
    "post: the code is a word": Row(
        faults=[says(POST, 403, {"code": "50013", "message": None})], **LATER
    ),
    "post: 401": Row(
        faults=[says(POST, 401, {"code": 0, "message": "401: Unauthorized"})], **LATER
    ),
    "post: 429, a list": Row(faults=[says(POST, 429, "[]")], **LATER),
    "post: 429, write limit": Row(
        faults=[says(POST, 429, {"code": 20028, "retry_after": 0.1})],
        log={FAILED, LIMITED},
        in_thread=True,
    ),
    "post: 502 page": Row(faults=[says(POST, 502, PAGE, kind="text/html")], **LATER),
    "post: 503": Row(faults=[says(POST, 503, {"code": 0})], **LATER),
    "post: 200 page": Row(faults=[says(POST, 200, PAGE, kind="text/html")], **LATER),
    "post: 200 null": Row(faults=[says(POST, 200, "null")], log={FAILED}, in_thread=True),
    "post: 200 without an id": Row(faults=[says(POST, 200, "{}")], log={BROKE}, in_thread=True),
    "post: cut before": Row(faults=[cuts(POST, "drop_before")], **LATER),
    "post: cut after": Row(faults=[cuts(POST, "drop_after")], **LATER),
    "post: answer cut": Row(faults=[cuts(POST, "cut_body", after_bytes=5)], **LATER),
    # an edit
    "edit: message is gone": Row(faults=[refuses(EDIT, 404, 10008)], **TOLD),
    "edit: too many": Row(
        faults=[says(EDIT, 429, {"code": 30046, "retry_after": 60.0}, times=None)], **TOLD
    ),
    "edit: too many, as 400": Row(faults=[refuses(EDIT, 400, 30046)], **TOLD),
    "edit: AutoMod": Row(faults=[refuses(EDIT, 400, 200000)], **TOLD),
    "edit: no permission": Row(faults=[refuses(EDIT, 403, 50013)], **TOLD),
    "edit: 500 once": Row(faults=[says(EDIT, 500)], **TOLD),
    # nothing but what the member alone sees
    "end: closed to posts as well": Row(
        faults=[refuses(EDIT, 403, 50013), refuses(POST, 403, 50013)], **TOLD
    ),
    "direct: not taken": Row(
        faults=[refuses(THREAD, 403, 50001), refuses(POST, 403, 50007)],
        **SHUT,
    ),
    "direct: not opened": Row(
        faults=[refuses(THREAD, 403, 50001), refuses(OPEN, 403, 50278)],
        **SHUT,
    ),
    "direct: too fast": Row(
        faults=[refuses(THREAD, 403, 50001), refuses(OPEN, 400, 40003, times=1)], **CLOSED
    ),
}


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
async def test_discord_refuses(lasting_stage: Stage, row: Row) -> None:
    """The row is its own explanation."""
    stage = lasting_stage
    told, said = len(directs(stage)), len(stage.log)
    billed, threads = stage.ledger()["billed"], empty_threads(stage)
    before = {one["id"] for one in await stage.control.messages("pictures")}
    stage.fault(*row.faults)
    started = await stage.imagine(row.prompt, size=SMALL)
    interaction_id = int(started["interaction_id"])
    await stage.until(lambda: showing.is_over(stage, interaction_id))
    stage.fault()
    seen = await stage.control.get(f"/interactions/{interaction_id}")
    # A picture in its status message's place names no interaction, nor replies to one.
    new = [m for m in await stage.control.messages("pictures") if m["id"] not in before]
    messages = list({one["id"]: one for one in [*seen["messages"], *new]}.values())
    posted = [one for one in messages if one["attachments"]]
    assert row.member in "\n".join(line for one in messages for line in lines(one))
    assert len(posted) == row.pictures
    assert stage.ledger()["billed"] - billed == (row.prompt != REFUSED)
    assert showing._row(stage, interaction_id) == row.row
    events = [one for one in showing._loud_events(stage.log[said:]) if not one.startswith(NOISE)]
    assert {next((one for one in row.log if event.startswith(one)), event) for event in events} == (
        row.log
    )
    assert [row.direct in one for one in directs(stage)[told:]] == [True] * bool(row.direct)
    if row.in_thread is not None:
        (picture,) = posted
        assert (picture["channel_id"] != stage.control.channel("pictures")) == row.in_thread
    assert empty_threads(stage) == threads, "no empty thread is left"
    assert max(map(len, stage.log[said:].splitlines()), default=0) < 5_000


def directs(stage: Stage) -> list[str]:
    """What members were told outside of any guild."""
    state = stage.sandbox.state
    return [
        json.dumps(message_object(state, message))
        for place, kept in state.messages.items()
        for message in kept.values()
        if place in state.channels and state.channels[place].guild_id is None
    ]


def empty_threads(stage: Stage) -> list[str]:
    channels = stage.sandbox.state.channels.values()
    return [
        one.id
        for one in channels
        if one.thread and not (one.thread.total_message_count or one.thread.is_archived)
    ]
