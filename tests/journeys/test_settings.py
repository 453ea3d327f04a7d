"""What staff set in the panel, and how pictures then come: the real bot over real sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cogs.playing import parts, words
from tests.journeys.test_imagine import SMALL, text_of

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

MODERATOR = 3


async def panel(stage: Stage, page: str) -> Any:
    """The panel, turned to a page by a moderator."""
    started = await stage.control.act("command", name="settings panel", member=MODERATOR)
    (message,) = (await stage.control.settled(started))["messages"]
    return await use(stage, message, "page", [page])


async def use(stage: Stage, message: Any, act: str, values: list[str] | None = None) -> Any:
    """Uses the control whose custom id begins so; returns the panel as it is then."""
    ids = [one.get("custom_id") or "" for one in parts(message)]
    (custom_id,) = [one for one in ids if one.startswith(f"zeuxis:settings:{act}:")]
    started = await stage.control.act(
        "component",
        member=MODERATOR,
        channel=message["channel_id"],
        message_id=message["id"],
        custom_id=custom_id,
        **({} if values is None else {"values": values}),
    )
    return (await stage.control.settled(started))["messages"][-1]


async def painted(stage: Stage, prompt: str, *, member: int = 0) -> Any:
    """The picture's message, wherever it hangs."""
    settled = await stage.control.settled(await stage.imagine(prompt, size=SMALL, member=member))
    status = settled["messages"][0]
    places = stage.sandbox.state.messages

    def posted() -> list[tuple[str, str]]:
        return [
            (channel_id, one.id)
            for channel_id, messages in places.items()
            for one in messages.values()
            if one.attachments and int(one.id) >= int(status["id"])
        ]

    await stage.until(posted)
    ((channel_id, message_id),) = posted()
    found = await stage.control.messages(channel_id)
    return next(one for one in found if one["id"] == message_id)


async def test_pictures_go_where_staff_want_them(stage: Stage) -> None:
    """By default a thread each; then one a member and day; then the channel itself."""
    before = await painted(stage, "an apple")
    shown = await panel(stage, "members")
    shown = await use(stage, shown, "set:members:results_in", ["daily"])
    first, second = await painted(stage, "a pear"), await painted(stage, "a plum")
    other = await painted(stage, "a fig", member=1)
    assert first["channel_id"] == second["channel_id"]
    assert len({one["channel_id"] for one in (before, first, other)}) == 3
    thread = stage.sandbox.state.channels[first["channel_id"]]
    assert thread.name == "Ada: pictures of the day"
    await use(stage, shown, "set:members:results_in", ["channel"])
    last = await painted(stage, "a quince")
    assert last["channel_id"] == stage.control.channel("pictures")
    assert "could not open a thread" not in text_of(last)


async def test_the_member_alone_is_notified_of_their_picture(stage: Stage) -> None:
    """Only once staff want it, and whatever the prompt says."""
    quiet = await painted(stage, "an apple")
    await use(stage, await panel(stage, "members"), "on:members:pings")
    loud = await painted(stage, f"<@{stage.control.member(1)}> @everyone a pear")
    assert quiet["mentions"] == []
    assert [one["id"] for one in loud["mentions"]] == [stage.control.member(0)]
    assert not loud["mention_everyone"]


async def test_everybody_reads_in_the_language_that_staff_chose(stage: Stage) -> None:
    """From the status message on; the panel stays in its reader's."""
    shown = await panel(stage, "locality")
    shown = await use(stage, shown, "set:locality:language", ["de"])
    assert "Deutsch" in words(shown)
    started = await stage.imagine("ein Apfel", size=SMALL)
    settled = await stage.control.settled(started)
    assert "Fertig" in text_of(settled["messages"][0])


async def test_a_limit_set_in_the_panel_holds_from_the_next_picture(stage: Stage) -> None:
    """Also after the bot was killed with the form open."""
    shown = await panel(stage, "limits")
    ids = [one.get("custom_id") or "" for one in parts(shown)]
    (opener,) = [one for one in ids if one.startswith("zeuxis:settings:open:limits:pictures")]
    started = await stage.control.act(
        "component",
        member=MODERATOR,
        channel=shown["channel_id"],
        message_id=shown["id"],
        custom_id=opener,
    )
    modal = (await stage.control.settled(started))["modal"]
    await stage.kill_bot()
    await stage.start_bot()
    submitted = await stage.control.act(
        "modal",
        member=MODERATOR,
        channel=shown["channel_id"],
        custom_id=modal["custom_id"],
        fields={"guild_pictures_per_day": "1"},
    )
    await stage.control.settled(submitted)
    await painted(stage, "an apple")
    settled = await stage.control.settled(await stage.imagine("a pear", size=SMALL))
    refused = settled["messages"][-1]
    assert "This server may have 1 picture a day." in text_of(refused)
    assert stage.ledger()["billed"] == 1


@pytest.mark.parametrize("member", [0, 1])
async def test_a_plain_member_cannot_call_it(stage: Stage, member: int) -> None:
    """Discord's own client does not offer it to them."""
    answer = await stage.control.act("command", name="settings panel", member=member)
    assert "interaction_id" not in answer
