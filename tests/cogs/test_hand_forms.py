"""The forms of a picture's hands: edit, alternative text, report; and what is refused of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.policy.defaults import PersonDefault
from bot.policy.rows import save_default, set_policy
from bot.policy.rules import Key, Scope
from bot.providers.image import Size
from bot.queue.records import JobId, UserId
from bot.records import replace
from bot.refusals import UnknownJob
from tests.cogs.playing import Scene, buttons, eventually, is_private, parts, words
from tests.cogs.test_buttons import (
    FIRST,
    MODERATOR,
    REQUESTER,
    SECOND,
    STRANGER,
    deny,
    post_result,
)

if TYPE_CHECKING:
    from bot.db import Transaction

SEND_MESSAGES = 1 << 11
ASKED = {"seed": 5, "size": "1024*1024", "rewrite": "off", "negative": "dogs"}
EDIT, ALT, REPORT = (f"zeuxis:2:{verb}:1" for verb in ("edit", "alt", "report"))
FILLED = {"prompt": "two cats", "negative": "", "size": "16:9", "seed": "9", "rewriting": "off"}


def modal_of(seen: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = seen["modal"]
    return found


def fields(seen: dict[str, Any]) -> dict[str, Any]:
    """What stands in the form, by the field."""
    found = [one["component"] for one in parts(modal_of(seen)) if "component" in one]
    return {one["custom_id"]: one.get("value") for one in found}


async def opened(scene: Scene, verb: str, *, member: int = REQUESTER) -> dict[str, Any]:
    """A picture whose form somebody has open."""
    await scene.imagine("a cat", options=ASKED)
    return await scene.press(await post_result(scene), verb, member=member)


@pytest.mark.parametrize("member", [REQUESTER, STRANGER, MODERATOR])
async def test_an_edit_makes_a_picture_of_whoever_typed_it(scene: Scene, member: int) -> None:
    """The form begins with what was asked; the job knows whence it comes."""
    seen = await opened(scene, "edit", member=member)
    assert fields(seen) == {
        "prompt": "a cat",
        "negative": "dogs",
        "size": "1024*1024",
        "seed": "5",
        "rewriting": None,
    }
    await scene.submit(seen, EDIT, member=member, fields=FILLED)
    job = await scene.service.jobs.job(SECOND)
    assert job.request.prompt == "two cats"
    assert job.request.negative == ""
    assert job.request.size == Size(1280, 720)
    assert (job.request.seed, job.request.rewrite) == (9, False)
    assert job.origin.parent_id == FIRST
    assert job.origin.user_id == int(scene.control.member(member))


async def test_an_edit_may_ask_to_be_read_first(scene: Scene) -> None:
    """The member alone sees it rewritten; what they then accept comes from the same picture."""
    seen = await opened(scene, "edit")
    seen = await scene.submit(seen, EDIT, fields={**FILLED, "rewriting": "ask"})
    shown_first = seen["messages"][-1]
    assert is_private(shown_first)
    assert "two cats" in words(shown_first)
    use = next(one for one in buttons(shown_first) if one["custom_id"].endswith(":2"))
    started = await scene.control.act(
        "component",
        message_id=shown_first["id"],
        custom_id=use["custom_id"],
        channel=shown_first["channel_id"],
    )
    await scene.acknowledged(started)
    assert (await scene.service.jobs.job(JobId(3))).origin.parent_id == FIRST


async def test_an_empty_seed_is_a_new_one_and_rewriting_is_chosen(scene: Scene) -> None:
    seen = await opened(scene, "edit")
    await scene.submit(seen, EDIT, fields={**FILLED, "seed": "", "rewriting": "on"})
    job = await scene.service.jobs.job(SECOND)
    assert job.request.rewrite
    assert job.request.seed not in (5, 9)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"size": "as big as a house"}, "I do not know the size"),
        ({"size": "9000*9000"}, "Z-Image does not paint"),
        ({"seed": "seven"}, "“seven” is no seed"),
        ({"seed": "-1"}, "is out of range"),
        ({"seed": "9" * 60}, "is out of range"),
        ({"prompt": "\u200b"}, "The prompt is empty"),
        ({"prompt": "cat " * 300}, "Z-Image reads 800"),
        ({"prompt": "\U0001f600" * 4000}, "Z-Image reads 800"),
        ({"negative": "dog " * 200}, "Z-Image reads 500"),
    ],
)
async def test_what_is_wrong_comes_back_with_what_was_typed(
    scene: Scene, wrong: dict[str, str], reason: str
) -> None:
    """For the member alone; nothing is queued, and a button opens the form again."""
    seen = await opened(scene, "edit")
    seen = await scene.submit(seen, EDIT, fields={**FILLED, **wrong})
    (told,) = seen["messages"][-1:]
    assert is_private(told)
    assert reason in words(told)
    (button,) = buttons(told)
    assert button["label"] == "Correct it"
    with pytest.raises(UnknownJob):
        await scene.service.jobs.job(SECOND)


async def test_names_stand_for_mentions_also_in_a_form(scene: Scene) -> None:
    seen = await opened(scene, "edit")
    member = scene.control.member(REQUESTER)
    await scene.submit(seen, EDIT, fields={**FILLED, "prompt": f"<@{member}> with <:a_hat:12>"})
    prompt = (await scene.service.jobs.job(SECOND)).request.prompt
    assert "<" not in prompt
    assert prompt.endswith("with a hat")


async def test_a_form_sent_twice_at_once_makes_one_job(scene: Scene) -> None:
    """Two forms, filled in alike within two seconds."""
    await scene.imagine("a cat", options=ASKED)
    result = await post_result(scene)
    for _ in range(2):
        seen = await scene.press(result, "edit")
        seen = await scene.submit(seen, EDIT, fields=FILLED)
    assert "so I paint it once: job 2" in words(seen["messages"][-1])
    with pytest.raises(UnknownJob):
        await scene.service.jobs.job(JobId(3))


async def test_who_may_not_write_here_is_offered_no_form(scene: Scene) -> None:
    """They hear so before they type."""
    await scene.imagine("a cat", options=ASKED)
    result = await post_result(scene)
    await deny(scene, "pictures", SEND_MESSAGES, STRANGER)
    for verb in ("edit", "resize"):
        seen = await scene.press(result, verb, member=STRANGER)
        assert "You lack: Send Messages." in words(seen["messages"][-1])


async def test_where_staff_allow_no_rewriting_there_is_nothing_to_choose(scene: Scene) -> None:
    guild_id = int(scene.control.guild["id"])
    key = Key(Scope.GUILD, guild_id, "rewriting_allowed", guild_id)
    await scene.service.database.write(set_policy, key, value=False, by="7", now_us=1)
    assert "rewriting" not in fields(await opened(scene, "edit"))


# ------------------------------------------------------------------------------------------------
# Kept drafts


async def test_a_kept_draft_opens_the_form_again_as_it_was(scene: Scene) -> None:
    """By a button of the refusal; what it then makes comes from the same picture."""
    seen = await opened(scene, "edit")
    wrong = {**FILLED, "size": "huge"}
    seen = await scene.submit(seen, EDIT, fields=wrong)
    (told,) = seen["messages"][-1:]
    assert [one["label"] for one in buttons(told)] == ["Correct it"]
    (button,) = buttons(told)
    number = int(button["custom_id"].rpartition(":")[2])
    seen = await scene.press(told, "correct", job=number)
    assert fields(seen)["size"] == "huge"
    assert fields(seen)["prompt"] == "two cats"
    await scene.submit(seen, EDIT, fields=FILLED)
    assert (await scene.service.jobs.job(JobId(3))).origin.parent_id == FIRST


# ------------------------------------------------------------------------------------------------
# The rewritten prompt


def rewritten(text: str) -> Any:
    def write(tx: Transaction) -> None:
        tx.execute("UPDATE picture SET shown_prompt = ?", (text,))
        tx.execute("UPDATE request SET rewrite = 1")

    return write


async def test_the_rewritten_prompt_becomes_the_prompt(scene: Scene) -> None:
    """With the same seed and size, and nothing rewrites it once more."""
    await scene.imagine("a cat", options=ASKED)
    result = await post_result(scene)
    await scene.service.database.write(rewritten("a red cat by a window"))
    card = await post_result_again(scene)
    await scene.press(card, "rewritten", member=STRANGER)
    first, second = await scene.service.jobs.job(FIRST), await scene.service.jobs.job(SECOND)
    assert second.request == replace(first.request, prompt="a red cat by a window", rewrite=False)
    assert result["id"] != card["id"]


async def post_result_again(scene: Scene) -> dict[str, Any]:
    """The card as it is now."""
    return await post_result(scene, is_recorded=False)


async def test_a_rewritten_prompt_that_is_too_long_is_put_into_the_form(scene: Scene) -> None:
    """To be shortened; the provider reads 800 characters."""
    await scene.imagine("a cat", options=ASKED)
    await post_result(scene)
    await scene.service.database.write(rewritten("red cat " * 200))
    seen = await scene.press(await post_result_again(scene), "rewritten")
    assert fields(seen)["prompt"] == "red cat " * 200
    with pytest.raises(UnknownJob):
        await scene.service.jobs.job(SECOND)


# ------------------------------------------------------------------------------------------------
# Alternative text


@pytest.mark.parametrize("member", [REQUESTER, MODERATOR])
async def test_alternative_text_is_changed_by_its_member_or_a_moderator(
    scene: Scene, member: int
) -> None:
    """It is on disk, and the message says it; the rest of the message is as it was."""
    seen = await opened(scene, "alt", member=member)
    assert fields(seen) == {"alt": "AI-generated picture: a cat"}
    seen = await scene.submit(seen, ALT, member=member, fields={"alt": "a cat on a wall"})
    assert "The alternative text is changed." in words(seen["messages"][-1])
    job = await scene.service.jobs.job(FIRST)
    assert job.picture
    assert job.picture.alt_text == "a cat on a wall"
    (message,) = [
        one
        for one in await scene.control.messages("pictures")
        if one["id"] == str(job.picture.message_id)
    ]
    (gallery,) = [one for one in parts(message) if one["type"] == 12]
    assert gallery["items"][0]["description"] == "a cat on a wall"
    assert "Reroll" in [one.get("label") for one in parts(message)]


async def test_an_emptied_alternative_text_is_made_from_the_prompt(scene: Scene) -> None:
    seen = await opened(scene, "alt")
    await scene.submit(seen, ALT, fields={"alt": "x"})
    seen = await scene.press(await shown(scene), "alt")
    await scene.submit(seen, ALT, fields={"alt": ""})
    job = await scene.service.jobs.job(FIRST)
    assert job.picture
    assert job.picture.alt_text is None
    (gallery,) = [one for one in parts(await shown(scene)) if one["type"] == 12]
    assert gallery["items"][0]["description"] == "AI-generated picture: a cat"


async def test_whoever_keeps_their_words_out_is_not_given_away_by_the_form(scene: Scene) -> None:
    """Their default holds for what is made from the prompt."""
    user_id = UserId(int(scene.control.member(REQUESTER)))
    quiet = PersonDefault(alt_words=False)
    await scene.service.database.write(save_default, user_id, quiet)
    seen = await opened(scene, "alt")
    assert fields(seen) == {"alt": "AI-generated picture"}
    await scene.submit(seen, ALT, fields={"alt": ""})
    (gallery,) = [one for one in parts(await shown(scene)) if one["type"] == 12]
    assert gallery["items"][0]["description"] == "AI-generated picture"


async def shown(scene: Scene) -> dict[str, Any]:
    picture = (await scene.service.jobs.job(FIRST)).picture
    assert picture
    found = await scene.control.messages("pictures")
    message: dict[str, Any] = next(one for one in found if one["id"] == str(picture.message_id))
    return message


async def test_a_stranger_may_not_describe(scene: Scene) -> None:
    """They are told who may, and no form opens."""
    seen = await opened(scene, "alt", member=STRANGER)
    assert "modal" not in seen or not seen["modal"]
    assert words(seen["messages"][-1]).startswith("This picture is somebody else's. Only they and")


# ------------------------------------------------------------------------------------------------
# Reports


@pytest.mark.parametrize("member", [REQUESTER, STRANGER, MODERATOR])
async def test_anybody_in_its_place_may_report(scene: Scene, member: int) -> None:
    """Without a channel of the staff's they hear whom to turn to; once a member."""
    form = await opened(scene, "report", member=member)
    again = await scene.press(await shown(scene), "report", member=member)
    filled = {"reason": "person", "words": "that is me"}
    seen = await scene.submit(form, REPORT, member=member, fields=filled)
    told = seen["messages"][-1]
    assert is_private(told)
    assert "Please turn to a moderator" in words(told)
    for seen in (
        await scene.submit(again, REPORT, member=member, fields=filled),
        await scene.press(await shown(scene), "report", member=member),
    ):
        assert "You have reported this picture before" in words(seen["messages"][-1])
    rows = await scene.service.database.read(
        lambda tx: tx.execute("SELECT reason, words, user_id FROM report").fetchall()
    )
    assert rows == [("person", "that is me", int(scene.control.member(member)))]


async def test_whoever_reports_where_staff_listen_is_told_so(scene: Scene) -> None:
    guild_id = int(scene.control.guild["id"])
    key = Key(Scope.GUILD, guild_id, "staff_channel", guild_id)
    await scene.service.database.write(set_policy, key, 17, by="7", now_us=1)
    seen = await opened(scene, "report", member=STRANGER)
    seen = await scene.submit(seen, REPORT, member=STRANGER, fields={"reason": "other"})
    assert words(seen["messages"][-1]) == "Thank you. This server's staff are told."


async def test_a_form_for_a_deleted_picture_is_refused(scene: Scene) -> None:
    """It stood open while somebody deleted the picture."""
    seen = await opened(scene, "report", member=STRANGER)
    await scene.press(await shown(scene), "delete")
    await eventually(lambda: is_deleted(scene))
    seen = await scene.submit(seen, REPORT, member=STRANGER, fields={"reason": "other"})
    assert words(seen["messages"][-1]).startswith("This picture was deleted")


async def is_deleted(scene: Scene) -> bool:
    return (await scene.service.jobs.job(FIRST)).is_deleted
