"""Writes the database of commit 8c0c53b with rows in every state; see README.md beside it.

Run in a worktree of that commit, for it plays that commit's bot, sandbox and test helpers:

    git worktree add ../old 8c0c53b && cd ../old
    PYTHONPATH=. …/.venv/bin/python …/tests/data/write_8c0c53b.py …/tests/data
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.domain.fairness import Weights
from bot.domain.ids import ChannelId, GuildId, InteractionId, UserId
from bot.domain.job import Failure, Origin
from bot.storage import account, audit, postings, queue, views
from tests.storage.world import World, a_request, open_file

from bot.refusals import Outage
from tests.journeys.stage import Stage, staged

SMALL = "512*512"
DAY_S = 86_400.0
DISCORD_EPOCH_MS = 1_420_070_400_000
OTHER_GUILD, PAUSED_GUILD = 700_000_000_000_000_001, 700_000_000_000_000_002
MISSING_PERMISSIONS = json.dumps({"message": "Missing Permissions", "code": 50013})
CLOSED = {"status": 403, "body": MISSING_PERMISSIONS, "content_type": "application/json"}


def now_us() -> int:
    return time.time_ns() // 1000  # the sandbox and the bot live in the present


class Past(World):
    """The same verbs that the bot calls, at other times and in other guilds."""

    def snowflake(self) -> int:
        return ((self.now_us // 1000 - DISCORD_EPOCH_MS) << 22) + self.now_us % 4096

    def ask(self, guild: int, user: int, channel: int, **given: Any) -> Any:
        self.pass_time(0.001)
        origin = Origin(
            interaction_id=InteractionId(self.snowflake()),
            guild_id=GuildId(guild),
            channel_id=ChannelId(channel),
            user_id=UserId(user),
            interaction_token=f"token-{self.snowflake()}",
            interaction_expires_at_us=self.now_us + 900_000_000,
        )
        weights = given.pop("weights", Weights())
        return self.run(
            queue.submit,
            a_request(**given),
            origin,
            now_us=self.now_us,
            limits=self.limits,
            weights=weights,
        ).job

    def shown(self, job: Any) -> None:
        """Drawn, and every message of it recorded."""
        self.complete(job)
        message, thread = self.snowflake() + 1, self.snowflake() + 1
        self.run(postings.record_answer, job.id, job.origin.channel_id, message)
        self.run(postings.record_thread, job.id, thread)
        self.run(postings.record_post_attempt, job.id, now_us=self.now_us)
        self.run(postings.record_result_message, job.id, thread, thread + 1)
        self.run(postings.mark_delivered, job.id, now_us=self.now_us)


def earlier_days(path: Path, addresses: dict[str, Any]) -> None:
    """Usage of several days; and a picture whose link dies undelivered."""
    world = Past(open_file(path))
    guild, channel, members = places(addresses)
    for days, user in ((40, 0), (8, 0), (8, 1), (2, 0), (1, 2)):
        world.now_us = now_us() - round(days * DAY_S * 1e6) + user
        world.ask(guild, members[user], channel, rewrite=user == 0, prompt=f"{days} days ago")
        world.shown(world.sent())
    world.ask(guild, members[1], channel, prompt="nowhere to go")
    lost = world.complete(world.sent())
    closed = Failure(kind="DeliveryRefused", detail="50013")
    world.run(postings.mark_undeliverable, lost.id, closed, now_us=world.now_us)
    world.run(postings.stop_telling, lost.id, now_us=world.now_us)
    world.tx.close()


def places(addresses: dict[str, Any]) -> tuple[int, int, list[int]]:
    guild = addresses["guilds"][0]
    channel = next(one["id"] for one in guild["channels"] if one["name"] == "pictures")
    return int(guild["id"]), int(channel), [int(one["id"]) for one in guild["members"]]


async def a_day_of_the_bot(stage: Stage) -> dict[str, str]:
    """What the real bot brings about; returns the buttons' ids on the messages that it posted."""
    buttons = await pictures(stage)
    await ends_without_a_picture(stage)
    await a_call_that_was_out_at_a_kill(stage)
    await pictures_without_a_place(stage)
    await waits_at_the_end(stage)
    return buttons | buttons_of(stage)


async def pictures(stage: Stage) -> dict[str, str]:
    act, settled = stage.control.act, stage.control.settled
    for number, locale in enumerate(("en-US", "de", "ja")):
        options = {"prompt": f"grapes, 水彩 {number}", "rewrite": number == 0, "size": SMALL}
        await stage.pictures(
            await act("command", name="imagine", options=options, member=number, locale=locale)
        )
    first = await settled(await stage.imagine("a fox", seed=7, size=SMALL))
    (picture,) = [one for one in first["messages"] if one["attachments"]]
    buttons = buttons_of(stage)
    thread = picture["channel_id"]
    await stage.pictures(await stage.imagine("in its thread", channel=thread, size=SMALL))
    for verb in ("reroll", "again", "delete"):
        name = next(name for name, at in buttons.items() if at == picture["id"] and verb in name)
        await settled(
            await act("component", channel=thread, message_id=picture["id"], custom_id=name)
        )
    await stage.until(lambda: stage.log.count('"event": "delivered"') >= 7)
    return buttons


async def ends_without_a_picture(stage: Stage) -> None:
    for code in ("DataInspectionFailed", "InvalidParameter"):
        stage.fault({"server": "zimage", "kind": "error", "code": code, "match": "POST *"})
        await stage.control.settled(await stage.imagine(f"ends by {code}", size=SMALL))
    stage.fault({"server": "links", "kind": "link_purged"})
    await stage.control.settled(await stage.imagine("purged", size=SMALL), 30)
    stage.fault({"server": "zimage", "kind": "error", "code": "Throttling", "match": "POST *"})
    started = await stage.imagine("not any more", size=SMALL)
    await stage.until(lambda: rows(stage, "state = 'queued' AND is_due = 0 AND thread_id IS NULL"))
    (message,) = (await stage.control.get(f"/interactions/{started['interaction_id']}"))["messages"]
    (name,) = [
        name for name, at in buttons_of(stage).items() if at == message["id"] and "cancel" in name
    ]
    await stage.control.act("component", message_id=message["id"], custom_id=name)
    await stage.until(lambda: rows(stage, "state = 'cancelled' AND deliver_at_us IS NULL"))


async def a_call_that_was_out_at_a_kill(stage: Stage) -> None:
    stage.fault({"server": "zimage", "kind": "hang_after", "match": "POST *"})
    await stage.imagine("perhaps billed", size=SMALL, member=1)
    await stage.until(stage.fired)
    await stage.kill_bot()
    stage.fault()
    await stage.start_bot()
    await stage.until(lambda: rows(stage, "state = 'uncertain' AND deliver_at_us IS NULL"))


async def pictures_without_a_place(stage: Stage) -> None:
    """One of which Discord has no place for, one that is still to be posted at the end."""
    posting = {"server": "discord", "kind": "status"}
    stage.fault(
        {**posting, **CLOSED, "match": "POST */channels/*/messages"},
        {**posting, **CLOSED, "match": "POST */channels/*/messages/*/threads"},
    )
    await stage.imagine("no place for it", size=SMALL, member=2)
    told = "state = 'generated' AND undeliverable_at_us > 0 AND deliver_at_us IS NULL AND url > ''"
    await stage.until(lambda: rows(stage, told))
    stage.fault({**posting, "status": 500, "match": "POST */channels/*/messages"})
    await stage.imagine("on its way", size=SMALL, member=2)
    await stage.until(lambda: rows(stage, "state = 'generated' AND post_attempts > 0"))


async def waits_at_the_end(stage: Stage) -> None:
    posting = {"server": "discord", "kind": "status", "match": "POST */channels/*/messages"}
    stage.fault(
        {**posting, "status": 500},
        {"server": "zimage", "kind": "error", "code": "Throttling", "match": "POST *"},
    )
    await stage.imagine("in a backoff", size=SMALL)
    await stage.until(lambda: rows(stage, "state = 'queued' AND is_due = 0"))
    await stage.kill_bot()


def rows(stage: Stage, where: str) -> list[Any]:
    database = sqlite3.connect(stage.database)
    try:
        return database.execute(f"SELECT id FROM job WHERE {where}").fetchall()
    finally:
        database.close()


def buttons_of(stage: Stage) -> dict[str, str]:
    """custom_id → id of the message on which it stands now."""
    messages = (one for held in stage.sandbox.state.messages.values() for one in held.values())
    return {name: message.id for message in messages for name in custom_ids(message.components)}


def custom_ids(components: Any) -> list[str]:
    found = []
    for one in components or ():
        found += [one.custom_id] if getattr(one, "custom_id", None) else []
        for inner in ("components", "accessory"):
            below = getattr(one, inner, None) or ()
            found += custom_ids(below if isinstance(below, (list, tuple)) else [below])
    return found


def what_only_hands_bring_about(path: Path, addresses: dict[str, Any]) -> dict[str, Any]:
    """Leases, weights, a backoff, a paused guild, an outage; returns what waits, in its order."""
    world = Past(open_file(path), now_us=now_us())
    guild, channel, members = places(addresses)
    for token, lets_go in (("gone", False), ("worker", False), ("worker", True)):
        world.ask(guild, members[0], channel, prompt=f"running under {token}")
        job = world.claimed(token)
        if lets_go:
            world.run(queue.cancel, job.id, now_us=world.now_us)
        if token == "gone":
            world.mark_sent(job, token)
            world.pass_time(60)  # its lease is out, and nobody has looked
    sent = world.ask(OTHER_GUILD, 81, 90, prompt="a call is out", weights=Weights(guild=400))
    assert world.sent().id == sent.id
    for user, size in ((0, 3), (1, 2), (2, 1)):
        mine = [world.ask(guild, members[user], channel, prompt=f"wait {n}") for n in range(size)]
    world.run(queue.put_first, mine[0].id)
    for user, weight in ((81, 100), (82, 300)):
        for n in range(3):
            given = Weights(guild=400, member=weight)
            last = world.ask(OTHER_GUILD, user, 90, prompt=f"other {n}", weights=given)
    world.run(queue.put_first, last.id)
    for n in range(2):
        world.ask(PAUSED_GUILD, 83, 91, prompt=f"paused {n}")
    world.run(account.pause_guild, PAUSED_GUILD, is_paused=True)
    later = world.sent("worker")
    again_at_us = world.now_us + 600_000_000
    world.run(
        *(queue.retry, later.id, "worker"),
        not_before_us=again_at_us,
        throttled=False,
        now_us=world.now_us,
    )
    probe = world.sent("worker")
    world.run(queue.open_breaker, probe.id, "worker", Outage.ACCOUNT, now_us=world.now_us)
    waiting = views.open_jobs(world.tx, now_us=world.now_us)
    order = [one.job.id for one in waiting if one.place is not None]
    assert audit.differences(world.tx) == []
    world.tx.close()
    return {"now_us": world.now_us, "order": order}


def kept(path: Path, folder: Path, said: dict[str, Any]) -> None:
    """The file alone, with its log moved into it, and what that commit says of it."""
    tx = sqlite3.connect(path, isolation_level=None)
    tx.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    tx.close()
    shutil.copyfile(path, folder / "8c0c53b.sqlite3")
    (folder / "8c0c53b.json").write_text(json.dumps(said, indent=1) + "\n")


async def main(folder: Path) -> None:
    with TemporaryDirectory() as place:
        async with staged(Path(place), bot=False) as stage:
            earlier_days(stage.database, stage.sandbox.addresses)
            await stage.start_bot()
            buttons = await a_day_of_the_bot(stage)
            said = what_only_hands_bring_about(stage.database, stage.sandbox.addresses)
            kept(stage.database, folder, {**said, "buttons": buttons})


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).resolve()))
