"""From `/imagine` to the picture in its thread, with the real bot over real sockets."""

from __future__ import annotations

import struct
from itertools import cycle
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.providers.zimage import OFFER
from sandbox.demo.seen import buttons, lines
from tests.cogs.playing import parts
from tests.providers.test_request import SAMPLE

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

SMALL = "512*512"


def text_of(message: Any) -> str:
    return "\n".join(lines(message))


def custom_id(message: Any, verb: str) -> str:
    """Of the button with this verb."""
    found = [one.get("custom_id") or "" for one in parts(message)]
    return str(next(one for one in found if one.startswith(f"zeuxis:2:{verb}:")))


def hand(message: Any, verb: str) -> dict[str, Any]:
    """What a member presses for it: a button, or a choice of the menu."""
    found = [one.get("custom_id") or "" for one in parts(message)]
    ids = [one for one in found if one.startswith(f"zeuxis:2:{verb}:")]
    return {"custom_id": ids[0]} if ids else _of_menu(message, verb)


def _of_menu(message: Any, verb: str) -> dict[str, Any]:
    return {"custom_id": custom_id(message, "more"), "values": [verb]}


async def dimensions(attachment: Any) -> tuple[int, int]:
    """Of the PNG that a member would save."""
    async with aiohttp.ClientSession() as session, session.get(attachment["url"]) as answer:
        head = (await answer.read())[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width_px, height_px = struct.unpack(">II", head[16:24])
    return width_px, height_px


async def test_a_prompt_becomes_a_picture_in_a_thread_with_the_rewritten_prompt(
    stage: Stage,
) -> None:
    """Alt text, both prompts, size, seed and its hands; the status message links to it."""
    started = await stage.imagine("an orange cat, 水彩", seed=7, size="832*1248", rewrite="on")
    settled = await stage.control.settled(started)
    status = settled["messages"][0]
    (picture,) = [one for one in settled["messages"] if one["attachments"]]
    assert picture["channel_id"] == status["id"], "the thread hangs on the status message"
    assert await dimensions(picture["attachments"][0]) == (832, 1248)
    assert "orange cat" in picture["attachments"][0]["description"]
    said = text_of(picture)
    assert all(
        one in said for one in ("orange cat, 水彩", "sandbox rewriting", "832 × 1248", "seed 7")
    )
    hands = ["Reroll", "Edit", "Resize", "Use the rewritten prompt", "Keep"]
    assert buttons(picture) == hands
    assert "Done" in text_of(status)
    assert stage.ledger()["billed"] == 1


async def test_a_status_message_has_been_seen_before_the_picture(stage: Stage) -> None:
    """Acknowledged at once, with the place in the queue."""
    settled = await stage.control.settled(await stage.imagine(size=SMALL))
    assert settled["acknowledged_after_s"] < 3
    assert settled["errors"] == []


@pytest.mark.parametrize("locale", ["de", "ja", "zh-CN"])
async def test_a_refusal_is_said_in_the_members_language_and_to_the_member_alone(
    stage: Stage, locale: str
) -> None:
    """The reference's own sample prompt is refused with its count, and nothing is billed."""
    started = await stage.control.act(
        "command", name="imagine", options={"prompt": SAMPLE}, locale=locale
    )
    (message,) = (await stage.control.settled(started))["messages"]
    shown = text_of(message)
    assert any(count in shown for count in ("1039", "1,039", "1.039", "1 039"))
    assert message["flags"] & 64
    assert stage.ledger()["accepted"] == 0


async def test_the_reference_prompt_cut_to_800_characters_is_drawn(stage: Stage) -> None:
    """What the service would read of it, whole."""
    assert await stage.pictures(await stage.imagine(SAMPLE[:800], size=SMALL))
    (request,) = stage.ledger()["requests"]
    assert request["prompt"] == SAMPLE[:800].strip()


@pytest.mark.parametrize(
    "size", ["511*512", "2049*2048", "4096*200", "abc", "1024*", "0*0", "::", "１０２４*１０２４x"]
)
async def test_a_bad_size_is_refused_for_nothing(stage: Stage, size: str) -> None:
    """A clear text, for the member alone."""
    (message,) = (await stage.control.settled(await stage.imagine(size=size)))["messages"]
    assert message["flags"] & 64
    assert text_of(message)
    assert stage.ledger()["accepted"] == 0


@pytest.mark.parametrize("seed", [-1, 2147483648])
async def test_a_bad_seed_is_refused_by_discords_own_client(stage: Stage, seed: int) -> None:
    """The command's definition holds the limits, so the bot never hears of it."""
    answer = await stage.imagine(seed=seed)
    assert "interaction_id" not in answer
    assert stage.ledger()["accepted"] == 0


async def test_a_size_that_is_no_multiple_of_16_is_rounded_and_the_member_told(
    stage: Stage,
) -> None:
    """1000×1000 becomes 1008×1008."""
    settled = await stage.control.settled(await stage.imagine(size="1000x1000"))
    (picture,) = [one for one in settled["messages"] if one["attachments"]]
    assert await dimensions(picture["attachments"][0]) == (1008, 1008)
    told = [text_of(one) for one in settled["messages"] if one["flags"] & 64]
    assert any("1008" in one for one in told)


async def test_all_33_recommended_sizes_are_drawn_as_promised(stage: Stage) -> None:
    """Each in exactly its dimensions."""
    channels = cycle(["pictures", "general", "studio"])  # Discord grants each an edit a second
    started = [
        await stage.imagine(f"{one.size}", size=str(one.size), channel=next(channels))
        for one in OFFER.recommended
    ]
    for one, interaction in zip(OFFER.recommended, started, strict=True):
        (picture,) = await stage.pictures(interaction, 60)
        drawn = await dimensions(picture["attachments"][0])
        assert drawn == (one.size.width_px, one.size.height_px)
    assert stage.ledger()["billed"] == 33


async def test_the_providers_content_check_is_explained_and_free(stage: Stage) -> None:
    """Refused, not failed, and not an outage."""
    stage.fault({"server": "zimage", "kind": "error", "code": "DataInspectionFailed"})
    (message,) = (await stage.control.settled(await stage.imagine()))["messages"]
    assert "content check" in text_of(message)
    assert stage.ledger()["billed"] == 0


async def test_a_passing_failure_of_the_provider_is_retried_until_it_is_drawn(
    stage: Stage,
) -> None:
    """Two 500 answers cost nothing but time."""
    stage.fault({"server": "zimage", "kind": "error", "code": "InternalError.Algo", "times": 2})
    assert await stage.pictures(await stage.imagine(size=SMALL), 40)
    assert stage.ledger()["billed"] == 1


async def test_a_prompt_can_mention_nobody(stage: Stage) -> None:
    """Neither everyone nor a member, in no message."""
    prompt = "@everyone @here <@1> <@&2> [click](https://example.com) ```"
    settled = await stage.control.settled(await stage.imagine(prompt, size=SMALL))
    for message in settled["messages"]:
        assert message["mentions"] == []
        assert not message["mention_everyone"]


async def test_reroll_same_seed_and_delete_work_on_the_picture(stage: Stage) -> None:
    """Reroll draws another seed, again the same; delete takes the picture away."""
    (first,) = await stage.pictures(await stage.imagine(seed=7, size=SMALL))
    for verb in ("reroll", "again"):
        pressed = await stage.control.act(
            "component",
            channel=first["channel_id"],
            message_id=first["id"],
            **hand(first, verb),
        )
        assert await stage.pictures(pressed)
    seeds = [one["seed"] for one in stage.ledger()["requests"]]
    assert seeds[0] == seeds[2] == 7
    assert seeds[1] != 7
    await stage.control.settled(
        await stage.control.act(
            "component",
            channel=first["channel_id"],
            message_id=first["id"],
            **hand(first, "delete"),
        )
    )
    left = await stage.control.messages(first["channel_id"])
    assert first["id"] not in [one["id"] for one in left]


async def test_buttons_survive_a_restart_of_the_bot(stage: Stage) -> None:
    """What they mean stands in the button."""
    (first,) = await stage.pictures(await stage.imagine(seed=7, size=SMALL))
    await stage.kill_bot()
    await stage.start_bot()
    pressed = await stage.control.act(
        "component",
        channel=first["channel_id"],
        message_id=first["id"],
        custom_id=custom_id(first, "reroll"),
    )
    assert await stage.pictures(pressed)


async def test_somebody_elses_picture_cannot_be_deleted_but_by_a_moderator(stage: Stage) -> None:
    """The requester, or whoever may manage messages."""
    (picture,) = await stage.pictures(await stage.imagine(size=SMALL, member=0))
    delete = {"message_id": picture["id"], **hand(picture, "delete")}
    channel = picture["channel_id"]
    refused = await stage.control.settled(
        await stage.control.act("component", member=1, channel=channel, **delete)
    )
    assert any(one["flags"] & 64 for one in refused["messages"])
    assert len(await stage.control.messages(channel)) == 2
    await stage.control.settled(
        await stage.control.act("component", member=3, channel=channel, **delete)
    )
    kept = [one["id"] for one in await stage.control.messages(channel)]
    assert picture["id"] not in kept
