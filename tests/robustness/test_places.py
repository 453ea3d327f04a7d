"""Places in Discord that close while a picture is under way: each has its fallback or a clear end.

The download hangs while the guild's staff acts; by then the thread is open and nothing is posted.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.channels import delete_channel
from sandbox.discord.message_objects import message_object
from sandbox.discord.posting import delete_message
from tests.journeys.test_imagine import SMALL, text_of
from tests.robustness.rows import messages, pictures, rows, states, undone

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

DOWNLOAD = {"server": "links", "kind": "hang_before"}
VIEW_CHANNEL, SEND_MESSAGES, ATTACH_FILES = 1 << 10, 1 << 11, 1 << 15
SEND_MESSAGES_IN_THREADS, CREATE_PUBLIC_THREADS = 1 << 38, 1 << 35


async def painted(stage: Stage, fault: dict[str, Any] = DOWNLOAD, **options: Any) -> Any:
    """The started interaction of a picture that is held up by the fault."""
    stage.fault(fault)
    started = await stage.imagine(size=SMALL, **options)
    await stage.until(stage.fired)
    return started


async def come_to_an_end(stage: Stage) -> None:
    """Lets go and waits until nothing is left to be said."""
    stage.fault()
    await stage.until(lambda: undone(stage) == 0)


async def forbid(stage: Stage, permissions: int, channel: str = "pictures") -> None:
    """To the bot, in a channel and its threads."""
    bot = {"id": stage.sandbox.state.bot_id, "type": 1, "deny": str(permissions)}
    path = f"/channels/{stage.control.channel(channel)}"
    answer = await stage.control.call("PATCH", path, {"overwrites": [bot]})
    assert answer.status == 200


async def queue_card(stage: Stage, channel: str = "general") -> Any:
    """What /queue shows to the member."""
    started = await stage.control.act("command", name="queue", channel=channel, options={})
    (message,) = (await stage.control.settled(started))["messages"]
    return message


def thread(stage: Stage) -> Any:
    (one,) = [one for one in stage.sandbox.state.channels.values() if one.is_thread]
    return one


def directs(stage: Stage) -> list[str]:
    """What members were told outside of any guild, as JSON."""
    channels = stage.sandbox.state.channels
    return [
        json.dumps(message_object(stage.sandbox.state, one))
        for one in messages(stage)
        if one.channel_id in channels and channels[one.channel_id].guild_id is None
    ]


def delete_thread(stage: Stage) -> None:
    delete_channel(stage.sandbox.state, thread(stage))


def lock_thread(stage: Stage) -> None:
    thread(stage).thread.is_locked = thread(stage).thread.is_archived = True


@pytest.mark.parametrize("close", [delete_thread, lock_thread])
async def test_a_closed_thread_sends_the_picture_to_the_channel(stage: Stage, close: Any) -> None:
    """Deleted, or locked: it says why it is there."""
    await painted(stage)
    close(stage)
    await come_to_an_end(stage)
    (picture,) = pictures(stage)
    assert picture.channel_id == stage.control.channel("pictures")
    assert states(stage) == {"shown": 1}


async def test_an_archived_thread_is_opened_again(stage: Stage) -> None:
    """Members come back to it."""
    await painted(stage)
    thread(stage).thread.is_archived = True
    await come_to_an_end(stage)
    (picture,) = pictures(stage)
    assert picture.channel_id == thread(stage).id
    assert not thread(stage).thread.is_archived


async def test_a_deleted_status_message_does_not_hold_the_picture_up(stage: Stage) -> None:
    """Without it there is no thread, so it comes into the channel."""
    await painted(stage, {"server": "zimage", "kind": "hang_before", "match": "POST *"})
    (status,) = messages(stage)
    delete_message(stage.sandbox.state, status)
    await come_to_an_end(stage)
    (picture,) = pictures(stage)
    assert picture.channel_id == stage.control.channel("pictures")
    assert states(stage) == {"shown": 1}


async def test_an_end_is_told_anew_if_the_status_message_was_deleted(stage: Stage) -> None:
    """A refusal of the content check, say."""
    latency = {"server": "zimage", "kind": "latency", "match": "POST *", "seconds": 1.0}
    refusal = {"server": "zimage", "kind": "error", "code": "DataInspectionFailed"}
    stage.fault(latency, refusal)
    await stage.imagine(size=SMALL)
    await stage.until(lambda: messages(stage) and stage.fired())
    delete_message(stage.sandbox.state, messages(stage)[0])
    await stage.until(lambda: states(stage) == {"refused": 1} and undone(stage) == 0)
    (told,) = messages(stage)
    shown = await stage.control.messages("pictures")
    assert "content check" in text_of(shown[-1])
    assert told.id == shown[-1]["id"]


async def test_without_the_right_to_attach_files_the_picture_is_in_the_queue_card(
    stage: Stage,
) -> None:
    """The status message says so; the link is for the member alone."""
    await painted(stage)
    await forbid(stage, ATTACH_FILES)
    await come_to_an_end(stage)
    assert pictures(stage) == []
    status = (await stage.control.messages("pictures"))[0]
    assert "Painted, but not posted" in text_of(status)
    assert "/queue" in text_of(status)
    card = await queue_card(stage)
    assert card["flags"] & 64
    assert "could not post" in text_of(card)
    (link,) = rows(stage.database, "SELECT link FROM picture")[0]
    assert f'"url": "{link}"' in json.dumps(card["components"])
    assert states(stage) == {"undeliverable": 1}


async def close_view(stage: Stage) -> None:
    await forbid(stage, VIEW_CHANNEL)


async def close_channel(stage: Stage) -> None:
    delete_channel(
        stage.sandbox.state, stage.sandbox.state.channels[stage.control.channel("pictures")]
    )


async def close_guild(stage: Stage) -> None:
    """The member still meets the bot in another one."""
    (_, harbour, *_) = stage.control.addresses["guilds"]
    await stage.control.call("PUT", f"/guilds/{harbour['id']}/members/{stage.control.member()}")
    await close_last_guild(stage)


async def close_last_guild(stage: Stage) -> None:
    """Discord lets the bot write to nobody with whom it shares none."""
    await stage.control.call("DELETE", f"/guilds/{stage.control.guild['id']}/bot")


@pytest.mark.parametrize("close", [close_view, close_channel, close_guild])
async def test_where_nothing_can_be_posted_the_member_gets_the_link(
    stage: Stage, close: Any
) -> None:
    """A few refused requests and one direct message, which lasts; /queue has it too."""
    await painted(stage)
    await close(stage)
    await come_to_an_end(stage)
    (told,) = directs(stage)
    (link,) = rows(stage.database, "SELECT link FROM picture")[0]
    assert f'"url": "{link}"' in told
    assert pictures(stage) == []
    if close is close_guild:
        await stage.control.call("PUT", f"/guilds/{stage.control.guild['id']}/bot")
    assert "could not post" in text_of(await queue_card(stage))


async def test_whoever_meets_the_bot_nowhere_any_more_finds_the_picture_once_it_is_back(
    stage: Stage,
) -> None:
    """Nobody can be told until then."""
    await painted(stage)
    await close_last_guild(stage)
    await come_to_an_end(stage)
    assert directs(stage) == pictures(stage) == []
    await stage.control.call("PUT", f"/guilds/{stage.control.guild['id']}/bot")
    assert "could not post" in text_of(await queue_card(stage))


@pytest.mark.parametrize("close", [close_view, close_channel, close_guild])
async def test_what_waits_for_a_closed_place_is_not_drawn(stage: Stage, close: Any) -> None:
    """Only what was out is billed; the member is told once for all the others."""
    hang = {"server": "zimage", "kind": "hang_before", "match": "POST *"}
    rows(stage.database, "UPDATE account SET max_running = 1")
    stage.fault(hang)
    for number in range(5):
        await stage.imagine(f"grapes {number}", size=SMALL)
    await stage.until(stage.fired)
    await stage.until(lambda: states(stage).total() == 5)  # who comes later is told by themselves
    await close(stage)
    await stage.until(lambda: states(stage)["cancelled"] == 4)
    await come_to_an_end(stage)
    assert stage.ledger()["billed"] == 1
    said = directs(stage)
    assert len(said) == 2
    assert any("4 in all" in one for one in said)


async def test_a_picture_comes_although_the_interactions_token_has_died(stage: Stage) -> None:
    """Everything after the first answer is done with the bot's own token."""
    await painted(stage, {"server": "zimage", "kind": "hang_before", "match": "POST *"})
    answered = "SELECT 1 FROM message WHERE message_id IS NOT NULL"
    await stage.until(lambda: rows(stage.database, answered))
    stage.sandbox.clock.advance(16 * 60)
    await come_to_an_end(stage)
    assert len(pictures(stage)) == 1
    assert "Done" in text_of((await stage.control.messages("pictures"))[0])


@pytest.mark.parametrize(
    ("refusals", "word"), [(1, "made the file smaller"), (2, "Z-Image's own link")]
)
async def test_a_picture_that_discord_finds_too_large_is_made_smaller_or_linked(
    stage: Stage, refusals: int, word: str
) -> None:
    """And it says so."""
    stage.fault(
        {
            "server": "discord",
            "kind": "status",
            "match": "POST */channels/*/messages",
            "status": 413,
            "body": '{"message": "Request entity too large", "code": 40005}',
            "content_type": "application/json",
            "times": refusals,
        }
    )
    await stage.imagine(size=SMALL)
    await stage.until(lambda: states(stage) == {"shown": 1})
    thread_id = thread(stage).id
    (posted,) = [one for one in await stage.control.messages(thread_id) if one["components"]]
    assert word in text_of(posted)


@pytest.mark.parametrize("kind", ["link_expired", "link_purged"])
async def test_a_picture_that_is_gone_is_said_so_and_not_painted_again(
    stage: Stage, kind: str
) -> None:
    """Painting it again would be billed again: the member decides, with a button."""
    stage.fault({"server": "links", "kind": kind})
    await stage.imagine(size=SMALL)
    await stage.until(lambda: states(stage) == {"lost": 1} and undone(stage) == 0)
    status = (await stage.control.messages("pictures"))[0]
    assert "charged once" in text_of(status)
    assert "gone before I could fetch it" in text_of(status)
    assert stage.ledger()["billed"] == 1


async def test_a_lease_that_passed_on_drops_the_result_and_nothing_else(stage: Stage) -> None:
    """Whoever holds it now decides; here nobody does, so the job is uncertain."""
    await painted(stage, {"server": "zimage", "kind": "hang_before", "match": "POST *"})
    rows(stage.database, "UPDATE job SET lease_token = 'another', lease_until_us = 0")
    stage.fault()
    await stage.until(lambda: "lease lost, result dropped" in stage.log)
    await stage.kill_bot()
    await stage.start_bot()
    await stage.until(lambda: states(stage) == {"uncertain": 1} and undone(stage) == 0)
    assert pictures(stage) == []
    assert await stage.pictures(await stage.imagine(size=SMALL)), "the bot goes on"


async def test_an_upload_whose_answer_was_lost_is_posted_once(stage: Stage) -> None:
    """The picture stands, nobody said so: the bot looks before it posts again."""
    stage.fault(
        {
            "server": "discord",
            "kind": "drop_after",
            "match": "POST */channels/*/messages",
            "times": 1,
        }
    )
    await stage.imagine(size=SMALL)
    await stage.until(lambda: states(stage) == {"shown": 1})
    assert len(pictures(stage)) == 1


async def test_a_gateway_that_shuts_the_bot_out_is_outlasted(stage: Stage) -> None:
    """A page of HTML with 403 is no word of Discord's about the channel."""
    stage.fault(
        {
            "server": "discord",
            "kind": "status",
            "match": "POST */channels/*/messages",
            "status": 403,
            "body": "<html>blocked</html>",
            "times": 2,
        }
    )
    await stage.imagine(size=SMALL)
    await stage.until(lambda: states(stage) == {"shown": 1})
    assert len(pictures(stage)) == 1
