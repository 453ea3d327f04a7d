"""The buttons, pressed by those who may and by those who may not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import discord
import pytest
from structlog.testing import capture_logs

from bot.queue import postings
from bot.queue.authority import Asker, Button
from bot.queue.jobs import change_picture, insert_picture, select_job
from bot.queue.records import (
    ChannelId,
    GuildId,
    InteractionId,
    JobId,
    JobState,
    MessageId,
    PictureState,
    UserId,
)
from bot.records import replace
from bot.refusals import UnknownJob
from bot.texts import Texts
from bot.texts.cards import Verb
from bot.texts.result_cards import result_card
from cogs import setup_cogs
from tests.clock import ManualClock
from tests.cogs.conftest import connected
from tests.cogs.playing import Scene, buttons, is_private, post_button, words
from tests.queue.world import an_outcome

if TYPE_CHECKING:
    from bot.client import ImageBot
    from bot.db import Transaction
    from cogs import Services

FIRST, SECOND = JobId(1), JobId(2)
REQUESTER, STRANGER, MODERATOR = 0, 1, 3
SEND_MESSAGES = 1 << 11
UNKNOWN = "I no longer know this picture."
OF_JOBS = [one for one in Verb if one is not Verb.CORRECT]  # whose number is a draft's
PICTURE = "https://pictures.example/grapes.png"


async def post_result(
    scene: Scene, job_id: JobId = FIRST, *, channel: str = "pictures", is_recorded: bool = True
) -> dict[str, Any]:
    """Posts a result as delivery does, without a file."""
    job = replace(await scene.service.jobs.job(FIRST), id=job_id)
    place = scene.bot.get_partial_messageable(int(scene.control.channel(channel)))
    sent = await place.send(view=result_card(job, PICTURE, "grapes", Texts("en-US")))
    if is_recorded:
        await scene.service._database.write(record_post, job_id, ChannelId(place.id), sent.id)
    (message,) = [one for one in await scene.control.messages(channel) if one["id"] == str(sent.id)]
    found: dict[str, Any] = message
    return found


def record_post(tx: Transaction, job_id: JobId, channel_id: ChannelId, message_id: int) -> None:
    """The job is drawn and stands in Discord."""
    record_drawn(tx, job_id)
    postings.record_result_message(tx, job_id, channel_id, MessageId(message_id))
    tx.execute("UPDATE picture SET state = 'shown', link = NULL WHERE job_id = ?", (job_id,))


def record_drawn(tx: Transaction, job_id: JobId) -> None:
    """There is a picture, to be posted."""
    request = select_job(tx, job_id).request
    outcome = replace(an_outcome(size=request.size), shown_prompt=request.prompt)
    tx.execute("UPDATE job SET state = 'drawn' WHERE id = ?", (job_id,))
    insert_picture(tx, job_id, outcome, PictureState.DUE, cost_micros=15_000, now_us=1)


async def asker(scene: Scene, member: int = REQUESTER) -> Asker:
    """A member who calls a command in the channel of the pictures."""
    channel_id = ChannelId(int(scene.control.channel("pictures")))
    return Asker(
        user_id=UserId(int(scene.control.member(member))),
        guild_id=GuildId(int(scene.control.guild["id"])),
        channel_id=channel_id,
        root_channel_id=channel_id,
        may_moderate=False,
    )


@pytest.mark.parametrize("member", [REQUESTER, MODERATOR])
async def test_waiting_picture_is_cancelled_by_its_member_or_a_moderator(
    scene: Scene, member: int
) -> None:
    """The status message says so at once, and its button is gone."""
    message = await scene.imagine()
    seen = await scene.press(message, "cancel", member=member)
    assert seen["acknowledged_how"] == "update"
    (changed,) = seen["messages"]
    assert "Cancelled\nNothing was charged." in words(changed)
    assert buttons(changed) == []
    assert (await scene.service.jobs.job(FIRST)).state is JobState.CANCELLED


async def test_cancelling_counts_even_if_its_answer_never_arrives(scene: Scene) -> None:
    """Delivery tells it to the status message then."""
    message = await scene.imagine()
    await refuse(scene, "POST */callback", 404, 10062)
    with capture_logs() as logs:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(scene.bot.wait_for("interaction"))
            await scene.control.act(
                "component", message_id=message["id"], custom_id="zeuxis:2:cancel:1"
            )
        await all_presses_handled()
    assert (await scene.service.jobs.job(FIRST)).state is JobState.CANCELLED
    assert [one["code"] for one in logs if one["event"] == "interaction not answered"] == [10062]


async def test_others_go_first_and_the_status_message_tells_the_new_place(scene: Scene) -> None:
    """Nothing else is said to whoever has one picture waiting."""
    message = await scene.imagine()
    await scene.imagine(member=STRANGER)
    seen = await scene.press(message, "later")
    assert seen["acknowledged_how"] == "update"
    (changed,) = seen["messages"]
    assert "Place **2**" in words(changed)


async def test_what_waits_no_more_steps_back_behind_nobody(scene: Scene) -> None:
    """Its message may be the picture by then: what it says is for delivery to change."""
    message = await scene.imagine()
    await scene.service.database.write(record_drawn, FIRST)
    seen = await scene.press(message, "later")
    assert seen["acknowledged_how"] == "deferred_update"
    (standing,) = await scene.control.messages("pictures")
    assert words(standing) == words(message)


@pytest.mark.parametrize("verb", ["cancel", "later"])
@pytest.mark.parametrize("state", [PictureState.UNDELIVERABLE, PictureState.LOST])
async def test_a_press_on_what_nobody_could_edit_has_it_say_what_holds(
    scene: Scene, verb: str, state: PictureState
) -> None:
    """The bot may have been shown the door, and be back since."""
    message = await scene.imagine()
    await scene.service.database.write(record_drawn, FIRST)
    await scene.service.database.write(change_picture, FIRST, state, "failure_kind = 'no place'")
    await scene.press(message, verb)
    await all_presses_handled()
    standing = (await scene.control.messages("pictures"))[0]
    assert "In the queue" in words(message)
    assert "In the queue" not in words(standing)
    assert not any("cancel" in one["custom_id"] for one in buttons(standing))


async def test_one_on_which_a_picture_hangs_is_left_alone(scene: Scene) -> None:
    """Though its view still had Cancel."""
    message = await scene.imagine()
    at = ChannelId(int(message["channel_id"])), int(message["id"])
    await scene.service.database.write(record_post, FIRST, *at)
    for verb in ("cancel", "later"):
        await scene.press(message, verb)
    await all_presses_handled()
    assert words((await scene.control.messages("pictures"))[0]) == words(message)


async def test_whoever_has_more_waiting_is_told_that_all_of_it_steps_back(scene: Scene) -> None:
    """They alone, also where the place of the one that they pressed is as before."""
    await scene.imagine()
    message = await scene.imagine()
    await scene.imagine(member=STRANGER)
    seen = await scene.press(message, "later", job=SECOND)
    await all_presses_handled()
    told = (await scene.seen(seen))["messages"][-1]
    assert is_private(told)
    assert words(told) == "All of your pictures that wait in this server let the others go first."


async def test_where_nobody_else_waits_nobody_is_let_first(scene: Scene) -> None:
    """Said to the member alone, and the message stays as it is."""
    seen = await scene.press(await scene.imagine(), "later")
    told = seen["messages"][-1]
    assert is_private(told)
    assert words(told).startswith("Nobody else is waiting here")


async def test_stranger_may_not_let_others_before_a_member(scene: Scene) -> None:
    """It would be the member's turn that is given away."""
    message = await scene.imagine()
    await scene.imagine(member=STRANGER)
    seen = await scene.press(message, "later", member=STRANGER)
    assert is_private(seen["messages"][-1])
    place = (await scene.service.jobs.waiting(FIRST)).place
    assert place is not None
    assert place.position == 1


async def test_stranger_may_not_cancel(scene: Scene) -> None:
    """They alone are told, in their language, and the picture still waits."""
    message = await scene.imagine()
    seen = await scene.press(message, "cancel", member=STRANGER, locale="fr")
    told = seen["messages"][-1]
    assert is_private(told)
    assert words(told).startswith("Cette image appartient à quelqu'un d'autre.")
    assert (await scene.service.jobs.job(FIRST)).state is JobState.QUEUED


async def test_finished_picture_cannot_be_cancelled(scene: Scene) -> None:
    """Somebody pressed a button that was already old on their screen."""
    message = await scene.imagine()
    await scene.service.jobs.cancel(FIRST, await asker(scene))
    seen = await scene.press(message, "cancel")
    await all_presses_handled()
    assert words((await scene.seen(seen))["messages"][-1]).startswith("Too late")


async def test_picture_on_its_way_is_cancelled_until_somebody_posts_it(scene: Scene) -> None:
    """The message says at once that it was paid; once the post has begun, it is too late."""
    message = await scene.imagine()
    other = await scene.imagine()
    write = scene.service._database.write
    for job_id in (FIRST, SECOND):
        await write(record_drawn, job_id)
    await write(postings.record_post_attempt, SECOND, now_us=ManualClock().now_us())
    seen = await scene.press(message, "cancel")
    assert seen["acknowledged_how"] == "update"
    (changed,) = seen["messages"]
    assert "Cancelled\nIt had been painted, so it was charged once." in words(changed)
    assert buttons(changed) == []
    seen = await scene.press(other, "cancel", job=SECOND)
    await all_presses_handled()
    assert words((await scene.seen(seen))["messages"][-1]).startswith("Too late")


@pytest.mark.parametrize(("verb", "is_same_seed"), [("reroll", False), ("again", True)])
async def test_another_picture_of_the_same_wish_is_a_new_job(
    scene: Scene, verb: str, is_same_seed: bool
) -> None:
    """Anybody may ask, it is theirs then, and the answer is its status message."""
    options = {"seed": 5, "size": "wide", "rewrite": "off", "negative": "dogs"}
    await scene.imagine(options=options)
    seen = await scene.press(await post_result(scene), verb, member=STRANGER)
    assert await scene.service.recorded.get() == SECOND
    first, second = await scene.service.jobs.job(FIRST), await scene.service.jobs.job(SECOND)
    assert second.request == replace(first.request, seed=second.request.seed)
    assert (second.request.seed == 5) == is_same_seed
    assert second.origin.parent_id == FIRST
    assert second.origin.user_id == int(scene.control.member(STRANGER))
    (status,) = [one for one in seen["messages"] if one["id"] == str(second.message.message_id)]
    assert "job 2" in words(status)


@pytest.mark.parametrize("member", [REQUESTER, MODERATOR])
async def test_picture_is_deleted_by_its_member_or_a_moderator(scene: Scene, member: int) -> None:
    """It is gone, and so are its words; that is due to be told in Discord as well."""
    await scene.imagine("secret grapes", options={"negative": "secret dogs"})
    result = await post_result(scene)
    await scene.press(result, "delete", member=member)
    pictures = scene.sandbox.state.messages[result["channel_id"]]
    await scene.until(lambda: result["id"] not in pictures)
    job = await scene.service.jobs.job(FIRST)
    assert job.is_deleted
    assert (job.request.prompt, job.request.negative) == ("", "")
    assert job.picture
    assert job.picture.deleted_at_us is not None
    assert (job.picture.shown_prompt, job.picture.reasoning) == ("", "")
    due = await scene.service._database.read(
        postings.deliverable, now_us=ManualClock().now_us(), limit=9
    )
    assert [one.id for one in due] == [FIRST]


async def test_stranger_may_not_delete(scene: Scene) -> None:
    """The picture stays."""
    await scene.imagine()
    result = await post_result(scene)
    seen = await scene.press(result, "delete", member=STRANGER)
    assert is_private(seen["messages"][-1])
    assert result["id"] in [one["id"] for one in await scene.control.messages("pictures")]


async def test_picture_that_discord_does_not_let_go_is_told(scene: Scene) -> None:
    """The member is not left with a button that does nothing."""
    await scene.imagine()
    result = await post_result(scene)
    await refuse(scene, "DELETE */messages/*", 403, 50083)
    seen = await scene.press(result, "delete")
    told = scene.sandbox.state.interactions[seen["interaction_id"]].message_ids
    await scene.until(lambda: len(told) == 1)
    answer = await scene.control.get(f"/interactions/{seen['interaction_id']}")
    assert words(answer["messages"][-1]).startswith("Discord did not let me delete")


async def test_picture_that_is_gone_already_counts_as_deleted(scene: Scene) -> None:
    """A moderator was quicker, or it was pressed twice."""
    await scene.imagine()
    result = await post_result(scene)
    await refuse(scene, "DELETE */messages/*", 404, 10008)
    seen = await scene.press(result, "delete")
    await all_presses_handled()
    assert seen["messages"] == [] or not is_private(seen["messages"][-1])
    assert (await scene.service.jobs.job(FIRST)).is_deleted


async def test_picture_whose_message_is_not_on_disk_yet_is_deleted(scene: Scene) -> None:
    """Somebody was quicker than the row that is to know its id."""
    await scene.imagine()
    result = await post_result(scene, is_recorded=False)
    write = scene.service._database.write
    await write(record_drawn, FIRST)
    await write(postings.record_post_attempt, FIRST, now_us=ManualClock().now_us())
    await scene.press(result, "delete")
    await all_presses_handled()
    assert result["id"] not in [one["id"] for one in await scene.control.messages("pictures")]


async def test_delete_takes_no_message_but_the_job_s_picture(scene: Scene) -> None:
    """A second message with its button, from whatever slip, stays for a moderator."""
    await scene.imagine()
    await post_result(scene)
    other = await post_result(scene, is_recorded=False)
    seen = await scene.press(other, "delete")
    assert words(seen["messages"][-1]) == UNKNOWN
    assert not (await scene.service.jobs.job(FIRST)).is_deleted


async def test_deleted_picture_is_not_drawn_again(scene: Scene) -> None:
    """Its button stood on another screen a moment longer."""
    await scene.imagine("secret grapes")
    result = await post_result(scene)
    await scene.service.jobs.delete(FIRST, await pressing(scene, result))
    for verb in ("reroll", "again"):
        seen = await scene.press(result, verb, member=STRANGER)
        assert words(seen["messages"][-1]).startswith("This picture was deleted, and its prompt")
    with pytest.raises(UnknownJob):
        await scene.service.jobs.job(SECOND)


async def pressing(scene: Scene, message: dict[str, Any]) -> Asker:
    """The requester, pressing a button of this message."""
    button = Button(message_id=MessageId(int(message["id"])), is_private=False)
    return replace(await asker(scene), button=button)


@pytest.mark.parametrize("verb", OF_JOBS)
async def test_button_in_another_guild_knows_nothing_of_this_one(scene: Scene, verb: Verb) -> None:
    """After a lost database, say; nothing of that guild's prompt is shown."""
    await scene.imagine("secret grapes")
    harbour = scene.control.addresses["guilds"][1]
    channel = harbour["channels"][0]["id"]
    message = await post_button(scene, verb, channel, FIRST)
    act = {"guild_id": harbour["id"], "user_id": harbour["members"][MODERATOR]["id"]}
    seen = await scene.press(message, verb, **act)
    assert words(seen["messages"][-1]) == UNKNOWN
    assert (await scene.service.jobs.job(FIRST)).state is JobState.QUEUED
    with pytest.raises(UnknownJob):
        await scene.service.jobs.job(SECOND)


@pytest.mark.parametrize("verb", OF_JOBS)
async def test_button_in_another_channel_knows_nothing_of_this_one(
    scene: Scene, verb: Verb
) -> None:
    """Not even to the job's own member: what everybody sees acts in its place."""
    await scene.imagine("secret grapes", channel="night-gallery")
    message = await post_button(scene, verb, scene.control.channel("pictures"), FIRST)
    for member in (REQUESTER, STRANGER, MODERATOR):
        seen = await scene.press(message, verb, member=member)
        assert words(seen["messages"][-1]) == UNKNOWN
    assert (await scene.service.jobs.job(FIRST)).state is JobState.QUEUED


@pytest.mark.parametrize("verb", OF_JOBS)
async def test_button_that_is_older_than_its_job_is_unknown(scene: Scene, verb: Verb) -> None:
    """Same guild, same channel, same member: a message of a database that was lost."""
    await scene.imagine("an older wish")
    old = await post_button(scene, verb, scene.control.channel("pictures"), SECOND)
    job = await scene.service.jobs.job(FIRST)
    newer = replace(job.origin, interaction_id=InteractionId(int(old["id"]) + 1))
    await scene.service.submit(replace(job.request, prompt="secret grapes"), newer)
    seen = await scene.press(old, verb, job=2)
    assert words(seen["messages"][-1]) == UNKNOWN
    assert (await scene.service.jobs.job(SECOND)).state is JobState.QUEUED


@pytest.mark.parametrize("verb", ["reroll", "again"])
async def test_prompt_of_another_channel_is_not_drawn_here(scene: Scene, verb: str) -> None:
    """One's own, by the private answer of /queue: it says where."""
    await scene.imagine("secret grapes", channel="general")
    await scene.service.jobs.cancel(FIRST, await asker(scene))
    await scene.service._database.write(
        lambda tx: tx.execute(
            "UPDATE job SET state = ?, failure_kind = ?",
            ("failed", "NotSent") if verb == "again" else ("refused", "ContentRefused"),
        )
    )
    (listed,) = (await scene.command("queue", options={"why": "1"}))["messages"][-1:]
    seen = await scene.press(listed, verb)
    general = scene.control.channel("general")
    assert f"This picture belongs to <#{general}>" in words(seen["messages"][-1])
    with pytest.raises(UnknownJob):
        await scene.service.jobs.job(SECOND)


async def test_own_picture_of_another_channel_is_cancelled_from_the_list(scene: Scene) -> None:
    """/queue lists all of the guild."""
    await scene.imagine(channel="general")
    (listed,) = (await scene.command("queue"))["messages"][-1:]
    await scene.press(listed, "cancel")
    assert (await scene.service.jobs.job(FIRST)).state is JobState.CANCELLED


@pytest.mark.parametrize("verb", ["reroll", "again"])
async def test_who_may_not_write_is_drawn_nothing_by_a_button(scene: Scene, verb: str) -> None:
    """The bot does not speak where the member may not."""
    await scene.imagine()
    result = await post_result(scene)
    await deny(scene, "pictures", SEND_MESSAGES, STRANGER)
    seen = await scene.press(result, verb, member=STRANGER)
    told = seen["messages"][-1]
    assert is_private(told)
    assert "You lack: Send Messages." in words(told)
    with pytest.raises(UnknownJob):
        await scene.service.jobs.job(SECOND)


async def deny(scene: Scene, channel: str, permission: int, member: int) -> None:
    """To one member alone, in a channel."""
    overwrite = {"id": scene.control.member(member), "type": 1, "deny": str(permission)}
    path = f"/channels/{scene.control.channel(channel)}"
    assert (await scene.control.call("PATCH", path, {"overwrites": [overwrite]})).status == 200


async def refuse(scene: Scene, match: str, status: int, code: int) -> None:
    """From now on Discord answers these requests so."""
    fault = {
        "server": "discord",
        "kind": "status",
        "match": match,
        "status": status,
        "content_type": "application/json",
        "body": f'{{"code": {code}, "message": "no"}}',
    }
    await scene.control.call("PUT", "/faults", [fault])


async def all_presses_handled() -> None:
    """discord.py carries out each press in a task of its own."""
    await asyncio.gather(*(one for one in asyncio.all_tasks() if "dynamic-item" in one.get_name()))


async def test_button_of_a_forgotten_job_says_so(scene: Scene) -> None:
    """Its data was deleted, its message is still there."""
    await scene.imagine()
    result = await post_result(scene, JobId(404), is_recorded=False)
    for verb in ("reroll", "again", "delete"):
        seen = await scene.press(result, verb, job=404)
        assert words(seen["messages"][-1]) == UNKNOWN


async def test_buttons_work_after_a_restart_of_the_bot(scene: Scene, services: Services) -> None:
    """They carry what they do; no process remembers them."""
    message = await scene.imagine()
    await scene.bot.close()

    async def prepare(bot: ImageBot) -> None:
        await setup_cogs(bot, services)

    async with connected(scene.sandbox, prepare):
        seen = await scene.press(message, "cancel")
        assert "Cancelled" in words(seen["messages"][0])


async def test_cards_are_not_kept_in_memory(scene: Scene) -> None:
    """A million messages with buttons cost nothing."""
    store = scene.bot._connection._view_store
    kinds = set(store._dynamic_items)
    await scene.imagine()
    await post_result(scene)
    assert store._views == {}
    assert store._synced_message_views == {}
    assert set(store._dynamic_items) == kinds
    assert isinstance(scene.bot, discord.Client)
    assert not [task for task in asyncio.all_tasks() if "view-timeout" in task.get_name()]
