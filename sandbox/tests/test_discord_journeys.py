"""The real discord.py client plays whole scenes against the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from sandbox.tests.bots import PNG

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.server import Sandbox
    from sandbox.tests.bots import PaintingBot


async def test_a_command_is_deferred_edited_followed_up_and_continued_in_a_thread(
    sandbox: Sandbox, control: Control, bot: PaintingBot
) -> None:
    """The member sees the answer, the thread with its picture, and the follow-up."""
    seen = await control.command("paint", prompt="grapes", seed=3, style="ink")
    assert seen["settled"]
    assert seen["errors"] == []
    assert seen["acknowledged_how"] == "deferred_message"
    assert 0 <= seen["acknowledged_after_s"] < 3
    answer, starter, in_thread, follow_up = seen["messages"]
    assert answer["content"] == "painting grapes 3 ink"
    assert answer["thread"]["id"] == answer["id"]
    assert starter["type"] == 21
    assert in_thread["channel_id"] == answer["id"]
    assert follow_up["message_reference"]["message_id"] == answer["id"]
    attachment = in_thread["attachments"][0]
    assert (attachment["width"], attachment["height"]) == (3, 2)
    assert attachment["description"] == "grapes"
    async with aiohttp.ClientSession() as session, session.get(attachment["url"]) as response:
        assert await response.read() == PNG
    assert sandbox.violations.snapshot() == []


async def test_an_ephemeral_answer_is_seen_by_its_member_alone(
    control: Control, bot: PaintingBot
) -> None:
    """Others, and the bot reading the channel, do not see it."""
    seen = await control.command("whisper")
    assert seen["messages"][0]["flags"] & 64
    assert [m["content"] for m in await control.messages("pictures", viewer=0)] == ["only for you"]
    assert await control.messages("pictures", viewer=1) == []
    channel = bot.get_partial_messageable(int(control.channel("pictures")))
    assert [message async for message in channel.history()] == []


async def test_a_button_updates_its_message(control: Control, bot: PaintingBot) -> None:
    """The update is the answer to the click."""
    shown = await control.command("button")
    message_id = shown["messages"][0]["id"]
    pressed = await control.settled(
        await control.act("component", message_id=message_id, custom_id="again")
    )
    assert pressed["acknowledged_how"] == "update"
    assert pressed["messages"][0]["content"] == "pressed"
    assert pressed["messages"][0]["components"] == []


async def test_a_disabled_or_missing_button_cannot_be_pressed(
    control: Control, bot: PaintingBot
) -> None:
    """The client would not send it."""
    shown = await control.command("button")
    message_id = shown["messages"][0]["id"]
    for custom_id in ("off", "nowhere"):
        refused = await control.try_act("component", message_id=message_id, custom_id=custom_id)
        assert refused.status == 400
        assert refused.body["code"] == 50035


async def test_a_modal_is_opened_filled_in_and_answered(control: Control, bot: PaintingBot) -> None:
    """Text and choice arrive."""
    opened = await control.command("wish")
    assert opened["acknowledged_how"] == "modal"
    custom_id = opened["modal"]["custom_id"]
    too_long = await control.try_act(
        "modal", custom_id=custom_id, fields={"prompt": "x" * 21, "style": ["Ink"]}
    )
    assert too_long.status == 400
    sent = await control.act(
        "modal", custom_id=custom_id, fields={"prompt": "grapes", "style": ["Ink"]}
    )
    answer = await control.settled(sent)
    assert answer["messages"][0]["content"] == "grapes in Ink"


async def test_a_card_of_components_v2_shows_its_upload(control: Control, bot: PaintingBot) -> None:
    """Gallery and thumbnail lead to the attachment."""
    seen = await control.command("card")
    message = seen["messages"][0]
    container = message["components"][0]
    item = container["components"][1]["items"][0]
    assert item["media"]["attachment_id"] == message["attachments"][0]["id"]
    assert item["media"]["width"] == 3


async def test_autocomplete_answers_with_its_choices(control: Control, bot: PaintingBot) -> None:
    """What was typed reaches the bot, which is not yet called."""
    answer = await control.act("autocomplete", name="paint", options={"prompt": "gra"})
    assert answer["choices"] == [{"name": "gra!", "value": "gra!"}]


async def test_menus_of_messages_and_users_bring_their_targets(
    control: Control, bot: PaintingBot
) -> None:
    """The bot reads a message that it may not read otherwise."""
    path = f"/channels/{control.channel('pictures')}/messages"
    written = await control.call("POST", path, {"user_id": control.member(1), "content": "hm"})
    quoted = await control.settled(
        await control.act("message_command", name="Quote", message_id=written.body["id"])
    )
    assert quoted["messages"][0]["content"] == "> hm"
    greeted = await control.settled(
        await control.act("user_command", name="Greet", target_id=control.member(1))
    )
    assert greeted["messages"][0]["content"] == "hello Ben"


async def test_options_are_refused_as_the_client_refuses_them(
    control: Control, bot: PaintingBot
) -> None:
    """Missing, too long, out of range, not among the choices, unknown: nothing reaches the bot."""
    wrong: list[dict[str, object]] = [
        {},
        {"prompt": ""},
        {"prompt": "x" * 21},
        {"prompt": "x", "seed": 11},
        {"prompt": "x", "seed": "1"},
        {"prompt": "x", "style": "chalk"},
        {"prompt": "x", "colour": "red"},
    ]
    for options in wrong:
        refused = await control.try_act("command", name="paint", options=options)
        assert (refused.status, refused.body["code"]) == (400, 50035), options


async def test_commands_are_offered_by_permission_and_age(
    control: Control, bot: PaintingBot
) -> None:
    """Ordinary members cannot call what is for moderators, nobody what is for adults here."""
    assert (await control.try_act("command", name="tidy")).body["code"] == 50013
    assert "interaction_id" in await control.act("command", name="tidy", member=3)
    assert (await control.try_act("command", name="risky")).status == 400
    assert "interaction_id" in await control.act("command", name="risky", channel="night-gallery")
    assert (await control.try_act("command", name="absent")).status == 404
