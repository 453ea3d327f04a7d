"""What is acknowledged is on disk, and what is on disk survives an answer that fails."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from bot.errors import StorageUnavailable
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.queue import postings
from bot.queue.authority import Asker
from bot.queue.records import JobId, JobState, MessageId
from tests.cogs.playing import WatchedService, buttons, words
from tests.cogs.test_buttons import record_post

if TYPE_CHECKING:
    from bot.features.imagine.records import Receipt
    from bot.providers.image import ImageRequest
    from bot.queue.records import ChannelId, Job, Origin
    from tests.cogs.playing import Scene

UNKNOWN_INTERACTION = {"code": 10062, "message": "Unknown interaction"}
ALREADY_ACKNOWLEDGED = {"code": 40060, "message": "Already acknowledged"}


class ForgetfulService(WatchedService):
    """Its disk is full when the status message is to be stored."""

    async def record_answer(
        self,
        job_id: JobId,
        channel_id: ChannelId,  # noqa: ARG002 -- as in the service
        message_id: MessageId,  # noqa: ARG002
    ) -> Job:
        self.recorded.put_nowait(job_id)
        raise StorageUnavailable("disk full")


class QuickService(WatchedService):
    """Has come to the job's end before the member is answered."""

    async def submit(self, request: ImageRequest, origin: Origin, **beside: Any) -> Receipt:
        receipt = await super().submit(request, origin, **beside)
        assert origin.guild_id is not None
        asker = Asker(
            user_id=origin.user_id,
            guild_id=origin.guild_id,
            channel_id=origin.channel_id,
            root_channel_id=origin.root_channel_id,
            may_moderate=False,
        )
        await self.jobs.cancel_request(receipt.job.id, asker)
        return receipt


class PaintedService(WatchedService):
    """Delivery has found the answer by the interaction's token, and made it the picture."""

    async def record_answer(
        self, job_id: JobId, channel_id: ChannelId, message_id: MessageId
    ) -> Job:
        await self._database.write(record_post, job_id, channel_id, message_id)
        return await super().record_answer(job_id, channel_id, message_id)


class OvertakenService(WatchedService):
    """Delivery has lost its patience and posted a status message before the answer was known."""

    async def submit(self, request: ImageRequest, origin: Origin, **beside: Any) -> Receipt:
        receipt = await super().submit(request, origin, **beside)
        await self._database.write(
            postings.record_status_message, receipt.job.id, origin.channel_id, MessageId(77)
        )
        return receipt


async def test_roles_of_a_member_weigh_in_the_queue(scene: Scene) -> None:
    """Discord sends them with every interaction."""
    guild = scene.sandbox.state.guilds[scene.control.guild["id"]]
    moderator = guild.members[scene.control.member(3)]
    for key, weight in (
        (Key(Scope.GUILD, int(guild.id), "weight"), 300),
        (Key(Scope.ROLE, int(moderator.role_ids[0]), "weight"), 200),
    ):
        await scene.service._database.write(set_policy, key, weight, by="operator", now_us=1)
    await scene.imagine(member=0)
    await scene.imagine(member=3)
    assert await weights(scene, "member") == {scene.control.member(0): 100, moderator.user_id: 200}
    assert await weights(scene, "tenant") == {guild.id: 300}


async def weights(scene: Scene, table: str) -> dict[str, int]:
    """Of everybody who has a row, by id."""
    column = {"tenant": "id", "member": "user_id"}[table]
    rows = await scene.service._database.read(
        lambda tx: tx.execute(f"SELECT {column}, weight FROM {table}").fetchall()
    )
    return {str(one): weight for one, weight in rows}


@pytest.mark.parametrize("body", [UNKNOWN_INTERACTION, ALREADY_ACKNOWLEDGED])
async def test_job_of_a_dead_interaction_stays(scene: Scene, body: dict[str, object]) -> None:
    """Delivery finds it without a status message and posts one of its own."""
    fault = {
        "server": "discord",
        "kind": "status",
        "match": "POST */callback",
        "status": 404,
        "content_type": "application/json",
        "body": json.dumps(body),
    }
    await scene.control.call("PUT", "/faults", [fault])
    with capture_logs() as logs:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(scene.bot.wait_for("app_command_completion"))
            await scene.control.act("command", name="imagine", options={"prompt": "a cat"})
    job = await scene.service.jobs.job(JobId(1))
    assert job.state is JobState.QUEUED
    assert job.message.message_id is None
    codes = [one["code"] for one in logs if one["event"] == "interaction not answered"]
    assert codes == [body["code"]]
    scene.sandbox.violations.clear()  # who is told 40060 may look at an answer, and here is none


async def test_member_is_answered_even_if_the_message_cannot_be_remembered(
    scene: Scene,
) -> None:
    """The job is safe; the log says what is missing."""
    scene.service.__class__ = ForgetfulService
    with capture_logs() as logs:
        message = await scene.imagine()
    assert "job 1" in words(message)
    assert [one["job"] for one in logs if one["event"] == "status message not stored"] == [1]


async def test_answer_that_comes_after_the_end_tells_the_end(scene: Scene) -> None:
    """No message says for ever that a picture waits."""
    scene.service.__class__ = QuickService
    shown = await scene.imagine()
    messages = scene.sandbox.state.messages[shown["channel_id"]]
    await scene.until(lambda: messages[shown["id"]].edited_at_us is not None)
    (message,) = await scene.control.messages("pictures")
    assert "Cancelled" in words(message)
    assert buttons(message) == []


async def test_answer_to_several_tells_the_end_of_all(scene: Scene) -> None:
    scene.service.__class__ = QuickService
    shown = await scene.imagine(options={"count": 3})
    messages = scene.sandbox.state.messages[shown["channel_id"]]
    await scene.until(lambda: messages[shown["id"]].edited_at_us is not None)
    (message,) = await scene.control.messages("pictures")
    assert "Cancelled · 0 of 3 painted" in words(message)


async def test_answer_that_has_become_the_picture_stays_so(scene: Scene) -> None:
    scene.service.__class__ = PaintedService
    shown = await scene.imagine()
    await all_commands_handled()
    messages = scene.sandbox.state.messages[shown["channel_id"]]
    assert messages[shown["id"]].edited_at_us is None


async def all_commands_handled() -> None:
    """discord.py carries out each in a task of its own."""
    tasks = [one for one in asyncio.all_tasks() if "CommandTree" in one.get_name()]
    await asyncio.gather(*tasks)


async def test_answer_that_delivery_did_not_wait_for_is_taken_back(scene: Scene) -> None:
    """Two messages of one picture would be one too many, and one of them would never change."""
    scene.service.__class__ = OvertakenService
    await scene.control.act("command", name="imagine", options={"prompt": "a cat"})
    await scene.service.recorded.get()
    messages = scene.sandbox.state.messages[scene.control.channel("pictures")]
    await scene.until(lambda: not messages)
    message = (await scene.service.jobs.job(JobId(1))).message
    assert message.message_id == 77


async def test_one_interaction_makes_one_job(scene: Scene) -> None:
    """Discord may hand the same interaction over twice, when a connection is resumed."""
    await scene.imagine()
    origin = (await scene.service.jobs.job(JobId(1))).origin
    request = (await scene.service.jobs.job(JobId(1))).request
    receipt = await scene.service.submit(request, origin)
    assert not receipt.is_new
    assert receipt.job.id == 1
