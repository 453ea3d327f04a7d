"""Discord takes one first answer. Whoever is refused looks whose it is before giving the job up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.queue.records import InteractionId, JobId, JobState
from bot.texts.cards import Card, notice
from bot.texts.picture_cards import status_card, status_texts
from cogs import answers
from cogs.answers import acknowledge, promptly
from tests.cogs.playing import WatchedService, words
from tests.running import PATIENCE_S
from tests.texts.records import components_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import discord

    from bot.features.imagine.records import Receipt
    from bot.providers.image import ImageRequest
    from bot.queue.records import Job, Origin
    from tests.cogs.playing import Scene

WARNING = "a second process with this token has answered, stop one of them"
MESSAGE, DEFERRED = 4, 5


class LateService(WatchedService):
    """Somebody has given a first answer before we could; `given` makes its body."""

    api: str
    given: Callable[[Job], dict[str, Any]]
    deferred: asyncio.Event | None = None

    async def submit(self, request: ImageRequest, origin: Origin, **beside: Any) -> Receipt:
        receipt = await super().submit(request, origin, **beside)
        path = f"/interactions/{origin.interaction_id}/{origin.interaction_token}/callback"
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.api + path, json=type(self).given(receipt.job)) as response,
        ):
            assert response.status == 204
        if self.deferred is not None:
            await self.deferred.wait()
        return receipt


def message(card: Card) -> dict[str, Any]:
    return {"type": MESSAGE, "data": {"flags": 1 << 15, "components": components_of(card)}}


@pytest.fixture
def late(scene: Scene) -> Iterator[type[LateService]]:
    """A kind of its own for each test. Being refused is what is tested, and no slip of the bot."""

    class Late(LateService):
        api = str(scene.sandbox.addresses["discord_api_base_url"])

    scene.service.__class__ = Late
    yield Late
    refused = {one["rule"] for one in scene.sandbox.violations.snapshot()}
    assert refused == {"40060 Interaction has already been acknowledged."}
    scene.sandbox.violations.clear()


async def asked(scene: Scene) -> dict[str, Any]:
    """Asks and returns once the command is through."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(scene.bot.wait_for("app_command_completion"))
        started = await scene.control.act("command", name="imagine", options={"prompt": "a cat"})
    return await scene.seen(started)


async def test_a_job_that_another_process_answered_is_withdrawn(
    scene: Scene, late: type[LateService]
) -> None:
    """Its answer stays as it is, and the operator is told."""
    late.given = lambda _: message(notice("theirs"))
    with capture_logs() as logs:
        seen = await asked(scene)
    assert [words(one) for one in seen["messages"]] == ["theirs"]
    assert (await scene.service.jobs.job(JobId(1))).state is JobState.CANCELLED
    (warning,) = [one for one in logs if one["event"] == WARNING]
    assert (warning["job"], warning["withdrawn"]) == (1, True)


async def test_a_job_whose_own_answer_was_lost_on_the_way_back_stays(
    scene: Scene, late: type[LateService]
) -> None:
    """Its message is found by its button, and delivery knows it from now on."""
    late.given = lambda job: message(status_card(job, None, status_texts(job)))
    with capture_logs() as logs:
        seen = await asked(scene)
    job = await scene.service.jobs.job(JobId(1))
    assert job.state is JobState.QUEUED
    assert [int(one["id"]) for one in seen["messages"]] == [job.message.message_id]
    assert WARNING not in [one["event"] for one in logs]


async def test_a_deferral_that_may_be_ours_is_answered(
    scene: Scene, late: type[LateService], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is left in front of "thinking…"."""
    late.given = lambda _: {"type": DEFERRED}
    late.deferred = asyncio.Event()

    async def after_theirs(interaction: discord.Interaction, **how: bool) -> None:
        if scene.service.first_answers.is_under_way(InteractionId(interaction.id)):
            await scene.acknowledged({"interaction_id": str(interaction.id)})
            await acknowledge(interaction, **how)

    assert promptly.__kwdefaults__ is not None
    monkeypatch.setitem(promptly.__kwdefaults__, "patience_s", 0.0)
    monkeypatch.setattr(answers, "acknowledge", after_theirs)
    with capture_logs() as logs:
        act = scene.control.act("command", name="imagine", options={"prompt": "a cat"})
        started = await act
        async with asyncio.timeout(PATIENCE_S):
            while "interaction not answered" not in [one["event"] for one in logs]:  # noqa: ASYNC110 - the log has no event to wait for
                await asyncio.sleep(0)
        late.deferred.set()
        await scene.service.recorded.get()
    seen = await scene.seen(started)
    job = await scene.service.jobs.job(JobId(1))
    assert job.state is JobState.QUEUED
    assert [int(one["id"]) for one in seen["messages"]] == [job.message.message_id]
    assert "In the queue" in words(seen["messages"][0])


async def test_an_answer_that_cannot_be_seen_costs_no_job(
    scene: Scene, late: type[LateService]
) -> None:
    """Better drawn twice by two processes than never by one."""
    late.given = lambda _: message(notice("theirs"))
    fault = {"server": "discord", "kind": "status", "status": 403, "match": "GET *@original"}
    await scene.control.call("PUT", "/faults", [fault])
    await asked(scene)
    assert (await scene.service.jobs.job(JobId(1))).state is JobState.QUEUED
