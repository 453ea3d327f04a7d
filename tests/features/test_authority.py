"""Who may do what, in every combination of member, place and message."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import AskedElsewhere, NotYours, PictureDeleted, Refusal, UnknownJob
from bot.features.imagine.rules import (
    check_authority,
    check_deletion,
    check_ownership,
    check_repetition,
)
from bot.providers.image import ImageRequest, Size
from bot.queue.authority import Asker, Button, check_known
from bot.queue.records import (
    ChannelId,
    GuildId,
    InteractionId,
    Job,
    JobId,
    JobState,
    Message,
    MessageId,
    Origin,
    Picture,
    PictureState,
    RequestId,
    UserId,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MEMBER, OTHER = UserId(1), UserId(2)
GUILD, STUDIO, STAFF, THREAD, PRIVATE = GuildId(5), *map(ChannelId, (10, 20, 11, 12))
INTERACTION, PICTURE = InteractionId(1000), MessageId(1010)
CHECKS = (check_known, check_authority, check_ownership, check_repetition, check_deletion)

SHOWN = Picture(
    state=PictureState.SHOWN,
    link=None,
    shown_prompt="grapes",
    size=Size(1024, 1024),
    provider_request_id="r",
    duration_us=1,
    drawn_at_us=1,
    post_attempted_at_us=1,
    message_id=PICTURE,
)
JOB = Job(
    id=JobId(7),
    request_id=RequestId(7),
    state=JobState.DRAWN,
    request=ImageRequest(prompt="grapes", size=Size(1024, 1024), seed=1, rewrite=False),
    origin=Origin(
        interaction_id=INTERACTION,
        guild_id=GUILD,
        channel_id=STUDIO,
        user_id=MEMBER,
        upload_limit_bytes=20_000_000,
    ),
    priority=0,
    attempts=1,
    created_at_us=0,
    picture=SHOWN,
    message=Message(),
)
HERE = Asker(
    user_id=OTHER, guild_id=GUILD, channel_id=STUDIO, root_channel_id=STUDIO, may_moderate=False
)
IN_STAFF = replace(HERE, channel_id=STAFF, root_channel_id=STAFF)
IN_THREAD = replace(HERE, channel_id=THREAD)
IN_PRIVATE = replace(HERE, channel_id=PRIVATE, root_channel_id=PRIVATE)
PRESSED = Button(message_id=PICTURE, is_private=False)


def verdict(check: Callable[[Asker, Job], None], asker: Asker, job: Job = JOB) -> type | None:
    """What is raised, if anything."""
    try:
        check(asker, job)
    except Refusal as refusal:
        return type(refusal)
    return None


@pytest.mark.parametrize(
    ("asker", "allowed"),
    [
        (replace(HERE, user_id=MEMBER), None),
        (replace(IN_STAFF, user_id=MEMBER), None),
        (replace(HERE, may_moderate=True), None),
        (replace(IN_THREAD, may_moderate=True), None),
        (HERE, NotYours),
        (IN_THREAD, NotYours),
        (IN_STAFF, UnknownJob),
        (replace(IN_STAFF, may_moderate=True), UnknownJob),
        (replace(IN_PRIVATE, may_moderate=True), UnknownJob),
        (replace(HERE, guild_id=GuildId(6), may_moderate=True), UnknownJob),
        (replace(HERE, guild_id=GuildId(6), user_id=MEMBER), UnknownJob),
    ],
)
def test_authority_is_that_of_the_place(asker: Asker, allowed: type | None) -> None:
    """Its member anywhere in the guild; a moderator in the channel and its threads."""
    assert verdict(check_authority, asker) is allowed


def test_moderator_of_a_channel_does_not_moderate_its_private_threads() -> None:
    """Who is in one moderates it there."""
    job = replace(JOB, origin=replace(JOB.origin, channel_id=PRIVATE, is_thread=True))
    assert verdict(check_authority, replace(HERE, may_moderate=True), job) is UnknownJob
    assert verdict(check_authority, replace(IN_PRIVATE, may_moderate=True), job) is None


def test_job_of_a_thread_belongs_to_its_channel() -> None:
    """Seen from the channel, and from another of its threads."""
    origin = replace(JOB.origin, channel_id=THREAD, parent_channel_id=STUDIO, is_thread=True)
    job = replace(JOB, origin=origin)
    for asker in (HERE, IN_THREAD, replace(HERE, channel_id=ChannelId(13))):
        assert verdict(check_authority, replace(asker, may_moderate=True), job) is None


def test_job_of_a_thread_whose_channel_was_never_noted_belongs_to_the_thread() -> None:
    """Rows of earlier versions; their buttons hang in that thread and go on working."""
    job = replace(JOB, origin=replace(JOB.origin, channel_id=THREAD, is_thread=True))
    assert verdict(check_repetition, IN_THREAD, job) is None
    assert verdict(check_authority, replace(HERE, may_moderate=True), job) is UnknownJob


def test_only_its_member_puts_it_first() -> None:
    """It is no matter of order in the channel."""
    assert verdict(check_ownership, replace(HERE, user_id=MEMBER)) is None
    assert verdict(check_ownership, replace(HERE, may_moderate=True)) is NotYours


@pytest.mark.parametrize(
    ("asker", "allowed"),
    [
        (HERE, None),
        (IN_THREAD, None),
        (IN_STAFF, UnknownJob),
        (replace(IN_STAFF, user_id=MEMBER), AskedElsewhere),
        (replace(IN_STAFF, may_moderate=True), UnknownJob),
    ],
)
def test_prompt_is_drawn_again_in_its_own_place(asker: Asker, allowed: type | None) -> None:
    """By anybody there; nowhere else, and only its member learns where."""
    assert verdict(check_repetition, asker) is allowed


@pytest.mark.parametrize("asker", [HERE, replace(HERE, user_id=MEMBER)])
def test_deleted_picture_is_drawn_no_more(asker: Asker) -> None:
    """Its words are gone."""
    deleted = replace(SHOWN, state=PictureState.DELETED, deleted_at_us=1)
    assert verdict(check_repetition, asker, replace(JOB, picture=deleted)) is PictureDeleted


def test_delete_takes_the_jobs_own_message() -> None:
    """Not another one with its number, and never by a command."""
    mine = replace(HERE, user_id=MEMBER)
    other = Button(message_id=MessageId(PICTURE + 1), is_private=False)
    assert verdict(check_deletion, replace(mine, button=PRESSED)) is None
    assert verdict(check_deletion, replace(mine, button=other)) is UnknownJob
    assert verdict(check_deletion, mine) is UnknownJob


def test_delete_waits_for_no_row() -> None:
    """Between the post and its id on disk any younger message of the job's is its picture."""
    mine = replace(HERE, user_id=MEMBER, button=PRESSED)
    due = replace(SHOWN, state=PictureState.DUE, message_id=None)
    assert verdict(check_deletion, mine, replace(JOB, picture=due)) is None
    unposted = replace(due, post_attempted_at_us=None)
    assert verdict(check_deletion, mine, replace(JOB, picture=unposted)) is UnknownJob
    assert verdict(check_deletion, mine, replace(JOB, picture=None)) is UnknownJob


@pytest.mark.parametrize("check", CHECKS)
def test_button_older_than_the_job_is_another_databases(
    check: Callable[[Asker, Job], None],
) -> None:
    """Whoever presses it, wherever."""
    old = Button(message_id=MessageId(INTERACTION - 1), is_private=False)
    for user_id, may_moderate in product((MEMBER, OTHER), (False, True)):
        asker = replace(HERE, user_id=user_id, may_moderate=may_moderate, button=old)
        assert verdict(check, asker) is UnknownJob


@pytest.mark.parametrize("check", CHECKS)
def test_public_button_of_another_place_is_unknown_to_everybody(
    check: Callable[[Asker, Job], None],
) -> None:
    """To the job's member too: such a message was made for another job."""
    asker = replace(IN_STAFF, user_id=MEMBER, may_moderate=True, button=PRESSED)
    assert verdict(check, asker) is UnknownJob


@given(
    user_id=st.sampled_from([MEMBER, OTHER]),
    place=st.sampled_from([HERE, IN_STAFF, IN_THREAD, IN_PRIVATE]),
    guild_id=st.sampled_from([GUILD, GuildId(6)]),
    may_moderate=st.booleans(),
    button=st.none()
    | st.builds(Button, message_id=st.integers(990, 1020).map(MessageId), is_private=st.booleans()),
)
def test_whoever_may_not_know_of_a_job_is_told_the_same_as_of_no_job(
    user_id: UserId, place: Asker, guild_id: GuildId, may_moderate: bool, button: Button | None
) -> None:
    """No check says more than another one; a stranger from elsewhere never learns anything."""
    asker = replace(
        place, user_id=user_id, guild_id=guild_id, may_moderate=may_moderate, button=button
    )
    is_elsewhere = place in (IN_STAFF, IN_PRIVATE) or guild_id != GUILD
    for check in CHECKS:
        if verdict(check_known, asker) is UnknownJob or (is_elsewhere and user_id == OTHER):
            assert verdict(check, asker) is UnknownJob
    with suppress(Refusal):
        check_deletion(asker, JOB)
        assert button
        assert button.message_id == PICTURE
