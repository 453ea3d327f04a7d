"""Nothing is due before it was looked at, and what cannot be looked at goes to the staff."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import pytest

from bot.delivery.screening import MOST_TRIES, POLL_S
from bot.errors import CheckFailed, DownloadFailed, LinkExpired, StorageUnavailable
from bot.moderation.word_rules import RuleOutcome
from bot.policy.rules import CheckedBy, Review
from bot.queue import review
from bot.queue.postings import mark_deleted
from bot.queue.records import PictureState
from bot.records import replace
from bot.refusals import WordsRefused
from tests.delivery.reviewing import (
    GUILD,
    ScriptedCheck,
    case_of,
    make_screener,
    rule,
    set_here,
)
from tests.queue.world import an_outcome
from tests.running import PATIENCE_S, running

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.records import Job
    from tests.delivery.scene import Scene

HARMLESS, DOUBTFUL, HARMFUL = 0.1, 0.6, 0.99


async def looked_at(scene: Scene, job: Job, *answers: float | Exception) -> Job:
    checks = {CheckedBy.MODEL.value: ScriptedCheck(*answers)}
    await make_screener(scene, checks).drain()
    return await scene.job(job)


def state(job: Job) -> PictureState:
    assert job.picture is not None
    return job.picture.state


async def test_where_nothing_is_set_nothing_is_held(scene: Scene) -> None:
    assert state(await scene.drawn()) is PictureState.DUE


async def test_a_picture_in_which_nothing_is_found_is_due(scene: Scene) -> None:
    await rule(scene, RuleOutcome.REFUSE, "dog")
    job = await scene.drawn()
    assert job.is_held
    await scene.deliver()
    assert scene.discord.pictures() == []
    job = await looked_at(scene, job)
    assert (state(job), job.review_case) == (PictureState.DUE, None)
    await scene.deliver()
    assert len(scene.discord.pictures()) == 1


@pytest.mark.parametrize(
    ("outcome", "wanted", "is_restricted", "after"),
    [
        (RuleOutcome.REFUSE, Review.OFF, False, PictureState.WITHHELD),
        (RuleOutcome.REFUSE, Review.ALWAYS, True, PictureState.WITHHELD),
        (RuleOutcome.HOLD, Review.OFF, False, PictureState.HELD),
        (RuleOutcome.HOLD, Review.FLAGGED, False, PictureState.HELD),
        (RuleOutcome.SPOILER, Review.OFF, False, PictureState.DUE),
        (RuleOutcome.SPOILER, Review.FLAGGED, False, PictureState.HELD),
        (RuleOutcome.RESTRICT, Review.OFF, False, PictureState.WITHHELD),
        (RuleOutcome.RESTRICT, Review.OFF, True, PictureState.DUE),
        (RuleOutcome.RESTRICT, Review.FLAGGED, True, PictureState.HELD),
    ],
)
async def test_what_a_rule_says_of_the_rewritten_prompt_holds(
    scene: Scene, outcome: RuleOutcome, wanted: Review, is_restricted: bool, after: PictureState
) -> None:
    """It was not known when the request came."""
    await set_here(scene, "review", wanted)
    await rule(scene, outcome, "dragon")
    await scene.submitted(is_restricted=is_restricted)
    drawn = replace(an_outcome(), shown_prompt="a cat beside a dragon")
    job = await scene.complete(await scene.claimed(), drawn)
    job = await looked_at(scene, job)
    assert state(job) is after
    assert job.picture is not None
    assert job.picture.is_spoiler == (outcome is RuleOutcome.SPOILER)
    if after is PictureState.HELD:
        assert f"rule:{outcome.title()}" in (await case_of(scene, job)).reasons
    if after is PictureState.WITHHELD:
        await scene.deliver()
        assert "a rule of this server does not let it be shown" in scene.status(job)
        assert scene.discord.pictures() == []
        case = await case_of(scene, job)
        assert f"rule:{outcome.title()}" in case.reasons
        assert job.message.message_id is not None
        marks = scene.discord.messages[job.message.message_id].marks
        assert f"zeuxis:2:appeal:review:{case.id}" in marks


async def test_the_reasons_of_the_rewriting_model_are_held_to_the_rules(scene: Scene) -> None:
    """Whoever asks for the prompt reads them."""
    await rule(scene, RuleOutcome.REFUSE, "dragon")
    await scene.submitted()
    drawn = replace(an_outcome(), shown_prompt="a large cat", reasoning="It needs a dragon.")
    job = await looked_at(scene, await scene.complete(await scene.claimed(), drawn))
    assert state(job) is PictureState.WITHHELD


async def test_a_check_is_shown_what_was_drawn_and_none_of_the_reasons(scene: Scene) -> None:
    """They say nothing of the picture, and a check may be abroad."""
    await set_here(scene, "picture_check", CheckedBy.MODEL)
    check = ScriptedCheck(0.0)
    await scene.submitted()
    drawn = replace(an_outcome(), shown_prompt="a cat", reasoning="It is clear already.")
    await scene.complete(await scene.claimed(), drawn)
    await make_screener(scene, {"model": check}).drain()
    assert [prompt for _, prompt in check.seen] == ["a cat"]


async def test_words_that_the_staff_have_allowed_after_all_pass(scene: Scene) -> None:
    """But what their member has not asked for is looked at as ever."""
    await rule(scene, RuleOutcome.REFUSE, "cat")
    with pytest.raises(WordsRefused):
        await scene.submitted()
    await scene.database.write(lambda tx: tx.execute("UPDATE refusal SET allowed_at_us = 1"))
    assert state(await looked_at(scene, await scene.drawn())) is PictureState.DUE
    await scene.submitted()
    drawn = replace(an_outcome(), shown_prompt="a cat, a painting")
    job = await scene.complete(await scene.claimed(), drawn)
    assert state(await looked_at(scene, job)) is PictureState.WITHHELD


async def test_a_rule_that_is_made_later_refuses_what_an_appeal_has_let_through(
    scene: Scene,
) -> None:
    """Both before anything is drawn and after."""
    await rule(scene, RuleOutcome.REFUSE, "cat")
    with pytest.raises(WordsRefused):
        await scene.submitted()
    await scene.database.write(lambda tx: tx.execute("UPDATE refusal SET allowed_at_us = 1"))
    job = await scene.drawn()
    await rule(scene, RuleOutcome.RESTRICT, "cat")
    scene.service._words.note_change(GUILD)
    assert state(await looked_at(scene, job)) is PictureState.WITHHELD
    with pytest.raises(WordsRefused) as refused:
        await scene.submitted()
    assert refused.value.can_appeal


async def test_every_picture_waits_where_all_are_reviewed(scene: Scene) -> None:
    await set_here(scene, "review", Review.ALWAYS)
    job = await looked_at(scene, await scene.drawn())
    case = await case_of(scene, job)
    assert (case.reasons, case.channel_id) == (("always",), job.origin.channel_id)
    assert job.review_case is not None
    assert job.review_case.place == 1


async def test_a_newcomers_picture_waits_as_theirs(scene: Scene) -> None:
    await set_here(scene, "newcomer_days", 7)
    job = await looked_at(scene, await scene.drawn(joined_at_us=scene.clock.now_us()))
    assert (await case_of(scene, job)).reasons == ("newcomer",)


async def test_so_does_one_of_a_guest_of_whom_no_day_is_known(scene: Scene) -> None:
    await set_here(scene, "newcomer_days", 7)
    job = await looked_at(scene, await scene.drawn())
    assert (await case_of(scene, job)).reasons == ("newcomer",)


async def test_where_flagged_ones_wait_others_pass(scene: Scene) -> None:
    await set_here(scene, "review", Review.FLAGGED)
    assert state(await looked_at(scene, await scene.drawn())) is PictureState.DUE


# ------------------------------------------------------------------------------------------------
# Checks of the picture itself.


@pytest.mark.parametrize(
    ("score", "after"),
    [
        (HARMLESS, PictureState.DUE),
        (0.5, PictureState.HELD),
        (DOUBTFUL, PictureState.HELD),
        (0.95, PictureState.WITHHELD),
        (HARMFUL, PictureState.WITHHELD),
    ],
)
async def test_two_thresholds_part_what_a_check_says(
    scene: Scene, score: float, after: PictureState
) -> None:
    await set_here(scene, "picture_check", CheckedBy.MODEL)
    job = await looked_at(scene, await scene.drawn(), score)
    assert state(job) is after
    if after is PictureState.HELD:
        assert (await case_of(scene, job)).reasons == (
            f"check:{round(score * 100)}",
            "sexual",
        )


async def test_a_check_sees_the_picture_and_the_words_that_were_drawn(scene: Scene) -> None:
    await set_here(scene, "picture_check", CheckedBy.MODEL)
    await scene.submitted()
    await scene.complete(
        await scene.claimed(), replace(an_outcome(), shown_prompt="a cat beside a dragon")
    )
    check = ScriptedCheck(HARMLESS)
    await make_screener(scene, {"model": check}).drain()
    assert check.seen == [(b"png", "a cat beside a dragon")]


async def test_what_a_rule_refuses_is_shown_to_no_check(scene: Scene) -> None:
    await set_here(scene, "picture_check", CheckedBy.MODEL)
    job = await scene.drawn()
    await rule(scene, RuleOutcome.REFUSE, "cat")
    check = ScriptedCheck(HARMLESS)
    await make_screener(scene, {"model": check}).drain()
    assert (state(await scene.job(job)), check.seen) == (PictureState.WITHHELD, [])


async def test_a_check_that_fails_for_a_moment_delays_it(scene: Scene) -> None:
    await set_here(scene, "picture_check", CheckedBy.MODEL)
    job = await scene.drawn()
    check = ScriptedCheck(ValueError("busy"), HARMLESS)
    screener = make_screener(scene, {"model": check})
    await screener.drain()
    assert (await scene.job(job)).is_held
    scene.clock.advance(60)
    await screener.drain()
    assert state(await scene.job(job)) is PictureState.DUE


@pytest.mark.parametrize("error", [ValueError("broken"), DownloadFailed("slow"), TimeoutError()])
async def test_what_no_check_can_see_is_left_to_the_staff(scene: Scene, error: Exception) -> None:
    """With what the rules found; never shown by a fault."""
    await set_here(scene, "picture_check", CheckedBy.MODEL)
    await rule(scene, RuleOutcome.SPOILER, "cat")
    job = await scene.drawn()
    screener = make_screener(scene, {"model": ScriptedCheck(*[error] * MOST_TRIES)})
    for _ in range(MOST_TRIES):
        assert (await scene.job(job)).review_case is None
        await screener.drain()
        scene.clock.advance(60)
    job = await scene.job(job)
    assert (await case_of(scene, job)).reasons == ("rule:Spoiler", "unchecked")
    assert job.is_held
    assert job.picture is not None
    assert job.picture.is_spoiler


async def test_a_check_that_will_never_answer_is_not_asked_again(scene: Scene) -> None:
    await set_here(scene, "picture_check", CheckedBy.MODEL)
    job = await looked_at(scene, await scene.drawn(), CheckFailed("no picture that I know"))
    assert (await case_of(scene, job)).reasons == ("unchecked",)


async def test_a_score_that_is_no_number_is_looked_at(scene: Scene) -> None:
    await set_here(scene, "picture_check", CheckedBy.MODEL)
    assert state(await looked_at(scene, await scene.drawn(), math.nan)) is PictureState.HELD


async def test_a_check_that_nobody_has_set_up_leaves_it_to_the_staff(scene: Scene) -> None:
    """Another operator's settings may have come with a backup."""
    await set_here(scene, "picture_check", CheckedBy.OPENAI)
    job = await looked_at(scene, await scene.drawn())
    assert (await case_of(scene, job)).reasons == ("unchecked",)


async def test_rules_that_break_let_nothing_pass(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rule(scene, RuleOutcome.REFUSE, "dog")
    job = await scene.drawn()

    async def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("our bug")

    monkeypatch.setattr("bot.moderation.word_check.WordCheck.check", breaks)
    screener = make_screener(scene)
    for _ in range(MOST_TRIES):
        await screener.drain()
        scene.clock.advance(60)
    assert (await case_of(scene, job)).reasons == ("unchecked",)


async def test_a_picture_that_its_storage_gives_no_more_is_lost(scene: Scene) -> None:
    await set_here(scene, "picture_check", CheckedBy.MODEL)
    job = await scene.drawn()
    scene.relay.fail(LinkExpired("gone"))
    job = await looked_at(scene, job)
    assert state(job) is PictureState.LOST
    await scene.deliver()
    assert "The picture was gone before I could fetch it" in scene.status(job)
    assert await scene.database.read(review.due_screenings, now_us=1 << 62, limit=9) == ()


async def test_settings_that_nobody_can_read_let_it_wait(scene: Scene) -> None:
    await set_here(scene, "review", Review.ALWAYS)
    job = await scene.drawn()

    def write(tx: Transaction, value: str) -> None:
        tx.execute("UPDATE policy SET value = ? WHERE name = 'review'", (value,))

    await scene.database.write(write, "perhaps")
    screener = make_screener(scene)
    for _ in range(2 * MOST_TRIES):
        await screener.drain()
        scene.clock.advance(60)
    assert (await scene.job(job)).review_case is None
    await scene.database.write(write, "always")
    await screener.drain()
    assert (await case_of(scene, job)).is_open


async def test_one_that_its_member_has_deleted_meanwhile_stays_so(scene: Scene) -> None:
    await set_here(scene, "picture_check", CheckedBy.MODEL)
    job = await scene.drawn()

    class Deleting(ScriptedCheck):
        async def check(self, picture: bytes, *, prompt: str) -> Any:
            await scene.database.write(mark_deleted, job.id, now_us=scene.clock.now_us())
            return await super().check(picture, prompt=prompt)

    await make_screener(scene, {"model": Deleting(DOUBTFUL)}).drain()
    job = await scene.job(job)
    assert (state(job), job.review_case) == (PictureState.DELETED, None)


async def test_a_broken_database_lets_it_wait(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First nothing can be looked for, then what was found cannot be stored."""
    await set_here(scene, "review", Review.ALWAYS)
    job = await scene.drawn()
    sound, read = scene.database.write, scene.database.read

    async def breaks(*_: object, **__: object) -> None:
        raise StorageUnavailable("disk full")

    screener = make_screener(scene)
    monkeypatch.setattr(scene.database, "read", breaks)
    await screener.drain()
    monkeypatch.setattr(scene.database, "read", read)
    monkeypatch.setattr(scene.database, "write", breaks)
    async with running(screener.run()):
        await scene.clock.until_slept(2)
        monkeypatch.setattr(scene.database, "write", sound)
        scene.clock.advance(POLL_S)
        async with asyncio.timeout(PATIENCE_S):
            while (await scene.job(job)).review_case is None:  # noqa: ASYNC110 - another's row
                await asyncio.sleep(0)
