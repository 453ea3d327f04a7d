"""Pictures are found by words, place, member and time; deleted and forgotten ones by nothing."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from bot import queue
from bot.features.privacy.rows import kept_of
from bot.queue import picture_words, postings, shown
from bot.queue.jobs import select_job
from bot.queue.picture_words import Wanted
from bot.queue.records import (
    NOBODY,
    ChannelId,
    GuildId,
    InteractionId,
    JobId,
    MessageId,
    PictureState,
    TenantId,
    UserId,
)
from bot.queue.words import BLOCK
from bot.records import replace
from tests.queue.test_words import is_found
from tests.queue.world import a_price, a_request, an_origin

if TYPE_CHECKING:
    from bot.queue.records import Job
    from tests.queue.world import World

HERE = ChannelId(10)
ADA, BEN = UserId(1), UserId(2)


def a_picture(
    world: World, prompt: str, *, user: int = ADA, channel: int = HERE, guild: int = 1
) -> Job:
    """Shown, in that channel."""
    origin = replace(an_origin(guild, user), channel_id=ChannelId(channel))
    request = a_request(prompt=prompt)
    world.run(queue.submit, request, origin, price=a_price, now_us=world.now_us)
    job = world.drawn()
    world.run(postings.record_result_message, job.id, ChannelId(channel), MessageId(900 + job.id))
    world.run(postings.mark_delivered, job.id, now_us=world.now_us)
    world.pass_time(60)
    return select_job(world.tx, job.id)


def found(
    world: World,
    words: str = "",
    *,
    user: UserId = ADA,
    place: ChannelId | None = HERE,
    limit: int = 99,
    newest_first: bool = True,
    beyond: JobId | None = None,
    **others: Any,
) -> list[JobId]:
    wanted = Wanted(tenant_id=TenantId(1), user_id=user, words=words, place_id=place, **others)
    jobs = picture_words.shown(
        world.tx, wanted, limit=limit, newest_first=newest_first, beyond=beyond
    )
    return [job.id for job in jobs]


def rows_of(world: World) -> list[Any]:
    return world.tx.execute("SELECT word FROM picture_word").fetchall()


def test_pictures_of_the_place_and_ones_own_of_all_places_are_found(world: World) -> None:
    here = a_picture(world, "a cat", user=BEN).id
    own = a_picture(world, "a cat", channel=20).id
    a_picture(world, "a cat", user=BEN, channel=20)
    a_picture(world, "a cat", guild=2)
    assert found(world, "cat") == [own, here]
    assert found(world, "cat", place=None) == [own]


def test_all_words_are_to_be_there(world: World) -> None:
    both = a_picture(world, "a red cat").id
    a_picture(world, "a red dog")
    assert found(world, "cat red") == [both]
    assert found(world, "cat blue") == []


def test_a_picture_that_is_not_shown_is_not_found(world: World) -> None:
    world.submit()
    job = world.drawn()
    assert found(world, "cat") == []
    world.run(postings.mark_delivered, job.id, now_us=world.now_us)
    assert found(world, "cat") == [job.id]


def test_a_hidden_picture_is_found_by_its_member_alone(world: World) -> None:
    """What it says may be what was reported."""
    theirs = a_picture(world, "a cat", user=BEN).id
    own = a_picture(world, "a cat").id
    world.tx.execute("UPDATE picture SET hidden_at_us = 1")
    assert found(world, "cat") == [own]
    assert found(world, "cat", user=BEN) == [theirs]


def test_what_was_cancelled_while_it_was_drawn_leaves_no_words(world: World) -> None:
    world.submit()
    job = world.sent()
    world.run(queue.cancel, job.id, now_us=world.now_us)
    world.complete(job)
    assert select_job(world.tx, job.id).picture.state is PictureState.WITHHELD  # type: ignore[union-attr]
    assert rows_of(world) == []


def test_a_deleted_picture_leaves_no_words_and_no_marks(world: World) -> None:
    job, other = a_picture(world, "a red cat"), a_picture(world, "a red dog")
    world.tx.execute("INSERT INTO keep VALUES (?, ?, 0)", (BEN, job.id))
    world.run(postings.mark_deleted, job.id, now_us=world.now_us)
    assert found(world) == [other.id]
    assert ("cat",) not in rows_of(world)
    assert world.tx.execute("SELECT * FROM keep").fetchall() == []
    world.run(postings.mark_deleted, job.id, now_us=world.now_us)
    assert found(world, "red") == [other.id]


def test_a_forgotten_members_pictures_leave_no_words(world: World) -> None:
    a_picture(world, "a red cat")
    other = a_picture(world, "a red dog", user=BEN)
    world.tx.execute("INSERT INTO keep VALUES (?, ?, 0)", (ADA, other.id))
    world.run(queue.forget_member, ADA, now_us=world.now_us)
    assert {word for (word,) in rows_of(world)} == {"a", "red", "dog", "#10", "@2"}
    assert world.tx.execute("SELECT * FROM keep").fetchall() == []


def test_messages_of_a_forgotten_members_pictures_are_forgotten(world: World) -> None:
    job = a_picture(world, "a red cat")
    world.run(shown.begin_repost, InteractionId(5), job.id, HERE)
    copy = shown.Repost(interaction_id=InteractionId(5), channel_id=HERE, message_id=MessageId(6))
    world.run(shown.record_repost, job.id, copy, now_us=world.now_us)
    assert [one.id for one in shown.jobs_at(world.tx, MessageId(6))] == [job.id]
    world.run(queue.forget_member, ADA, now_us=world.now_us)
    assert shown.jobs_at(world.tx, MessageId(6)) == ()
    world.run(shown.record_repost, job.id, copy, now_us=world.now_us)
    assert shown.reposts_of(world.tx, job.id) == ()


def test_what_is_kept_and_posted_again_is_exported(world: World) -> None:
    job = a_picture(world, "a red cat")
    world.tx.execute("INSERT INTO keep VALUES (?, ?, 7)", (ADA, job.id))
    world.run(shown.begin_repost, InteractionId(5), job.id, HERE)
    kept = kept_of(world.tx, ADA)
    assert kept["kept_pictures"] == [{"job_id": job.id, "kept_at_us": 7}]
    assert kept["posted_again"] == [{"job_id": job.id, "channel_id": HERE, "message_id": None}]


def test_a_forgotten_guild_leaves_no_words(world: World) -> None:
    a_picture(world, "a red cat")
    world.run(queue.forget_guild, GuildId(1), now_us=world.now_us)
    assert rows_of(world) == []


def test_a_picture_of_a_member_who_was_forgotten_meanwhile_gets_no_words(world: World) -> None:
    world.submit()
    job = world.sent()
    world.run(queue.forget_member, ADA, now_us=world.now_us)
    assert world.complete(job).origin.user_id == NOBODY
    assert rows_of(world) == []


def test_those_that_a_member_keeps_are_found_alone(world: World) -> None:
    kept, _ = a_picture(world, "a cat", user=BEN).id, a_picture(world, "a cat", user=BEN)
    world.tx.execute("INSERT INTO keep VALUES (?, ?, 0)", (ADA, kept))
    assert found(world, "cat", kept=True) == [kept]
    assert found(world, "dog", kept=True) == []
    assert found(world, "cat", user=BEN, kept=True) == []


def test_a_span_of_time_is_kept_to(world: World) -> None:
    jobs = [a_picture(world, "a cat") for _ in range(5)]
    first_us, end_us = jobs[1].created_at_us, jobs[3].created_at_us
    assert found(world, from_us=first_us, before_us=end_us) == [jobs[2].id, jobs[1].id]
    assert found(world, from_us=world.now_us) == []
    assert found(world, before_us=jobs[0].created_at_us) == []


@pytest.mark.parametrize("seed", range(4))
def test_pages_both_ways_tell_what_a_plain_look_at_all_prompts_tells(
    world: World, seed: int
) -> None:
    """Over several blocks, with gaps as restarts leave them."""
    random = Random(seed)
    words = ["red", "cat", "dog", "reddish", "黒猫", "猫の目"]
    jobs = []
    for _ in range(40):
        prompt = " ".join(random.choices(words, k=3))
        jobs.append(a_picture(world, prompt, user=random.choice((ADA, BEN))))
        world.tx.execute(
            "UPDATE queue SET last_job_id = last_job_id + ?",
            (random.choice((0, 0, 1, BLOCK - 1, 3 * BLOCK)),),
        )
    for typed in ("", "red", "cat red", "dog re", "猫", "黒猫 cat", "never"):
        place = random.choice((HERE, None))
        expected = [
            job.id
            for job in reversed(jobs)
            if is_found(typed, job.request.prompt) and (place or job.origin.user_id == ADA)
        ]
        assert found(world, typed, place=place) == expected
        assert found(world, typed, place=place, newest_first=False) == expected[::-1]
        pages, beyond = [], None
        while page := found(world, typed, place=place, limit=3, beyond=beyond):
            pages += page
            beyond = page[-1]
        assert pages == expected
        back = found(world, typed, place=place, newest_first=False, limit=9, beyond=beyond)
        assert back == expected[-2::-1][:9] if expected else back == []


def test_pictures_of_before_are_found_after_some_small_pieces(world: World) -> None:
    jobs = [a_picture(world, "a cat").id for _ in range(5)]
    deleted = a_picture(world, "a cat").id
    world.run(postings.mark_deleted, deleted, now_us=world.now_us)
    world.tx.execute("DELETE FROM picture_word")
    world.tx.execute("INSERT INTO unsearched VALUES (?)", (deleted + 1,))
    assert world.run(picture_words.note_older, limit=3) == 3
    assert found(world, "cat") == jobs[:2:-1]
    while world.run(picture_words.note_older, limit=3):
        pass
    assert found(world, "cat") == jobs[::-1]
    assert world.tx.execute("SELECT * FROM unsearched").fetchall() == []
