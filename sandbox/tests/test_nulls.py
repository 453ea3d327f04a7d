"""Null is absent: where Discord's document allows it in a request, nothing is refused for it."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.clock import SandboxClock
from sandbox.control.client import Control
from sandbox.discord.app import ROUTES
from sandbox.discord.bodies import parsed
from sandbox.discord.channels import ChannelBody
from sandbox.discord.permissions import ALL
from sandbox.discord.records import InteractionType
from sandbox.server import Sandbox, Settings
from sandbox.tests.bots import PNG
from sandbox.tests.nullable import Nullable, Nulled, least
from sandbox.tests.rest import CALLBACK, COMMANDS, MESSAGES, Rest, interaction
from sandbox.tests.wrong_bodies import button, row

if TYPE_CHECKING:
    from sandbox.control.client import Answered
    from sandbox.discord.document import Document
    from sandbox.discord.interactions import Interaction

pytestmark = pytest.mark.sockets

PAUSE_S = 5
ACTS = {
    6: InteractionType.COMPONENT,
    7: InteractionType.COMPONENT,
    8: InteractionType.AUTOCOMPLETE,
}
"""What the member did whom a callback of this type answers; any other answers a command."""

NOT_PLAYED = ("SocialLayerSKUPurchaseEligibility", "StageScheduledEvent", "RecurrenceRule")
"""Callbacks of a type that the sandbox does not know, events on stages and those that recur."""

NEEDED = {
    ("ExternalScheduledEventCreateRequest", "scheduled_end_time"),
    ("ExternalScheduledEventPatchRequestPartial", "scheduled_end_time"),
    ("VoiceScheduledEventCreateRequest", "channel_id"),
    ("VoiceScheduledEventPatchRequestPartial", "channel_id"),
}
"""Places that the document lets be null and the reference requires, by the kind of the event."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SenderOfNulls:
    """Sends each body to a place where it can succeed.

    Attributes:
        places: Names of channels by what they are good for.
        like: What each interaction is a copy of.
    """

    rest: Rest
    places: dict[str, str]
    like: Interaction

    async def send(self, case: Nulled) -> Answered:
        """The answer to the body with the null in it."""
        places = await self._places(case)
        text = json.dumps(case.body)
        for name, value in (self.rest.places | places).items():
            text = text.replace(f"{{{name}}}", value)
        files = {"a.png": PNG} if '"attachments"' in text or "attachment://" in text else None
        route = case.route
        return await self.rest.call(
            route.method, route.path, json.loads(text), files=files, at=places
        )

    async def _places(self, case: Nulled) -> dict[str, str]:
        path, body = case.route.path, case.body
        components = [row(button())]
        sent = await self.rest.must("POST", MESSAGES, {"content": "x", "components": components})
        places = {"message_id": str(sent.body["id"])}
        if case.schema.startswith("UpdateThread"):
            places["channel_id"] = self.places["thread"]
        if path.endswith("/threads") and isinstance(body, dict) and "message" in body:
            places["channel_id"] = self.places["forum"]
        if "{guild_scheduled_event_id}" in path:
            kind = "Voice" if case.schema.startswith("Voice") else "External"
            places["guild_scheduled_event_id"] = await self._event(kind)
        if "{command_id}" in path:
            command = {"name": "changed", "description": "x"}
            made = await self.rest.must("POST", path.removesuffix("/{command_id}"), command)
            places["command_id"] = made.body["id"]
        is_webhook_s_own = case.route.key == "PATCH /webhooks/{webhook_id}/{webhook_token}"
        if "_token}" in path and not is_webhook_s_own:
            places |= await self._interaction(path, body, places)
        return places

    async def _event(self, kind: str) -> str:
        """The id of a new event in the voice channel or elsewhere."""
        text = json.dumps(least(f"{kind}ScheduledEventCreateRequest"))
        body = json.loads(text.replace("{voice_id}", self.rest.places["voice_id"]))
        made = await self.rest.must("POST", "/guilds/{guild_id}/scheduled-events", body)
        return str(made.body["id"])

    async def _interaction(self, path: str, body: Any, places: dict[str, str]) -> dict[str, str]:
        """The places of a new interaction; answered where it is to be followed up."""
        state = self.rest.sandbox.state
        is_first = path == CALLBACK
        act = ACTS.get(body["type"]) if is_first else None
        opened = dataclasses.replace(
            self.like,
            id=state.snowflakes.next(),
            token=f"token-{state.snowflakes.next()}",
            type=act or InteractionType.COMMAND,
            created_at_us=state.now_us() + 2 * PAUSE_S * 1_000_000,
            opened_on=places["message_id"] if act is InteractionType.COMPONENT else None,
            message_ids=[],
            errors=[],
        )
        state.add_interaction(opened)
        found = {
            "interaction_id": opened.id,
            "interaction_token": opened.token,
            "webhook_id": state.application.id,
            "webhook_token": opened.token,
        }
        if not is_first:
            answer = {"type": 4, "data": {"content": "x"}}
            await self.rest.must("POST", CALLBACK, answer, at=found)
            found["message_id"] = str(opened.original_id)
        return found


async def test_null_is_refused_nowhere(document: Document) -> None:
    """With the document and strict about fields; without either less is refused."""
    cases = [case for route in ROUTES for case in Nullable().of(route)]
    played = [
        case
        for case in cases
        if not case.schema.startswith(NOT_PLAYED) and (case.schema, case.field) not in NEEDED
    ]
    settings = Settings(seed=7, strict_fields=True)
    clock = SandboxClock.manual()
    async with (
        Sandbox.start(settings, clock=clock, document=document) as sandbox,
        Control.of(sandbox) as control,
        Rest.of(sandbox, control, pause_s=PAUSE_S) as rest,
    ):
        caller = await _caller(rest, control)
        answers = {case: await caller.send(case) for case in played}
        assert sandbox.checks.tally.failures == []
    refused = {c: a.body for c, a in answers.items() if a.status >= 300 and not _unsupported(a)}
    unsupported = sum(map(_unsupported, answers.values()))
    print(
        f"{len(cases)} nulls in {len({(c.schema, c.field) for c in cases})} fields: "
        f"{len(refused)} refused, {unsupported} in polls and group conversations, "
        f"{len(cases) - len(played)} in what is not played or needed"
    )
    assert {str(case): told for case, told in refused.items()} == {}
    assert len(played) > 1400
    assert unsupported < 60


def _unsupported(answer: Answered) -> bool:
    return "SANDBOX_UNSUPPORTED" in json.dumps(answer.body)


async def _caller(rest: Rest, control: Control) -> SenderOfNulls:
    for guild in rest.sandbox.state.guilds.values():
        for role in guild.roles.values():
            role.permissions |= ALL if role.bot_id else 0
    rest.places["voice_id"] = control.channel("voices")
    rest.places["overwrite_id"] = rest.places["user_id"]
    await rest.must("PUT", COMMANDS, [{"name": "imagine", "description": "Paint"}])
    thread = await rest.must("POST", "/channels/{channel_id}/threads", {"name": "x", "type": 12})
    places = {"thread": thread.body["id"], "forum": control.channel("ideas")}
    rest.places["role_id"] = (await rest.must("POST", "/guilds/{guild_id}/roles")).body["id"]
    hook = await rest.must("POST", "/channels/{channel_id}/webhooks", {"name": "Easel"})
    rest.places.update(webhook_id=hook.body["id"], webhook_token=hook.body["token"])
    return SenderOfNulls(rest=rest, places=places, like=await interaction(rest.sandbox, control))


def test_a_null_that_says_something_is_kept() -> None:
    """An edit takes the topic away with null; a name cannot be taken away, so null leaves it."""
    body = parsed({"topic": None, "name": None}, ChannelBody)
    assert body.topic is None
    assert body == ChannelBody(topic=None)
