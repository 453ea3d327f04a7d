"""Who may do what, in every combination of member, place and message."""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.rules import Review
from bot.providers.image import ImageRequest, Size
from bot.queue.authority import DOERS, Act, Asker, Button, Doer, as_seen, check, is_known, is_veiled
from bot.queue.failures import REFUSED_BY_RULE
from bot.queue.records import (
    ChannelId,
    Failure,
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
    ReviewCase,
    UserId,
)
from bot.records import replace
from bot.refusals import (
    AskedElsewhere,
    MadeRestricted,
    NotYours,
    OnlyTheirs,
    PictureDeleted,
    PictureHidden,
    Refusal,
    UnknownJob,
)
from tests.drawn_records import records

MEMBER, OTHER = UserId(1), UserId(2)
GUILD, STUDIO, STAFF, THREAD, PRIVATE = GuildId(5), *map(ChannelId, (10, 20, 11, 12))
INTERACTION, PICTURE = InteractionId(1000), MessageId(1010)

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


def verdict(act: Act, asker: Asker, job: Job = JOB) -> type | None:
    """What is raised, if anything."""
    try:
        check(act, asker, job)
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
    assert verdict(Act.CANCEL, asker) is allowed


def test_moderator_of_a_channel_does_not_moderate_its_private_threads() -> None:
    """Who is in one moderates it there."""
    job = replace(JOB, origin=replace(JOB.origin, channel_id=PRIVATE, is_thread=True))
    assert verdict(Act.CANCEL, replace(HERE, may_moderate=True), job) is UnknownJob
    assert verdict(Act.CANCEL, replace(IN_PRIVATE, may_moderate=True), job) is None


def test_job_of_a_thread_belongs_to_its_channel() -> None:
    """Seen from the channel, and from another of its threads."""
    origin = replace(JOB.origin, channel_id=THREAD, parent_channel_id=STUDIO, is_thread=True)
    job = replace(JOB, origin=origin)
    for asker in (HERE, IN_THREAD, replace(HERE, channel_id=ChannelId(13))):
        assert verdict(Act.CANCEL, replace(asker, may_moderate=True), job) is None


def test_job_of_a_thread_whose_channel_was_never_noted_belongs_to_the_thread() -> None:
    """Rows of earlier versions; their buttons hang in that thread and go on working."""
    job = replace(JOB, origin=replace(JOB.origin, channel_id=THREAD, is_thread=True))
    assert verdict(Act.PAINT, IN_THREAD, job) is None
    assert verdict(Act.CANCEL, replace(HERE, may_moderate=True), job) is UnknownJob


def test_only_its_member_puts_it_first() -> None:
    """It is no matter of order in the channel."""
    assert verdict(Act.PUT_FIRST, replace(HERE, user_id=MEMBER)) is None
    assert verdict(Act.PUT_FIRST, replace(HERE, may_moderate=True)) is OnlyTheirs


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
    assert verdict(Act.PAINT, asker) is allowed


@pytest.mark.parametrize("asker", [HERE, replace(HERE, user_id=MEMBER)])
def test_deleted_picture_is_drawn_no_more(asker: Asker) -> None:
    """Its words are gone."""
    deleted = replace(SHOWN, state=PictureState.DELETED, deleted_at_us=1)
    assert verdict(Act.PAINT, asker, replace(JOB, picture=deleted)) is PictureDeleted


def test_delete_takes_the_jobs_own_message() -> None:
    """Not another one with its number, and never by a command."""
    mine = replace(HERE, user_id=MEMBER)
    other = Button(message_id=MessageId(PICTURE + 1), is_private=False)
    assert verdict(Act.DELETE, replace(mine, button=PRESSED)) is None
    assert verdict(Act.DELETE, replace(mine, button=other)) is UnknownJob
    assert verdict(Act.DELETE, mine) is UnknownJob


def test_delete_waits_for_no_row() -> None:
    """Between the post and its id on disk any younger message of the job's is its picture."""
    mine = replace(HERE, user_id=MEMBER, button=PRESSED)
    due = replace(SHOWN, state=PictureState.DUE, message_id=None)
    assert verdict(Act.DELETE, mine, replace(JOB, picture=due)) is None
    unposted = replace(due, post_attempted_at_us=None)
    assert verdict(Act.DELETE, mine, replace(JOB, picture=unposted)) is UnknownJob
    assert verdict(Act.DELETE, mine, replace(JOB, picture=None)) is UnknownJob


@pytest.mark.parametrize("act", Act)
def test_button_older_than_the_job_is_another_databases(
    act: Act,
) -> None:
    """Whoever presses it, wherever."""
    old = Button(message_id=MessageId(INTERACTION - 1), is_private=False)
    for user_id, may_moderate in product((MEMBER, OTHER), (False, True)):
        asker = replace(HERE, user_id=user_id, may_moderate=may_moderate, button=old)
        assert verdict(act, asker) is UnknownJob


@pytest.mark.parametrize("act", Act)
def test_public_button_of_another_place_is_unknown_to_everybody(
    act: Act,
) -> None:
    """To the job's member too: such a message was made for another job."""
    asker = replace(IN_STAFF, user_id=MEMBER, may_moderate=True, button=PRESSED)
    assert verdict(act, asker) is UnknownJob


@given(
    user_id=st.sampled_from([MEMBER, OTHER]),
    place=st.sampled_from([HERE, IN_STAFF, IN_THREAD, IN_PRIVATE]),
    guild_id=st.sampled_from([GUILD, GuildId(6)]),
    may_moderate=st.booleans(),
    button=st.none()
    | records(Button, message_id=st.integers(990, 1020).map(MessageId), is_private=st.booleans()),
)
def test_whoever_may_not_know_of_a_job_is_told_the_same_as_of_no_job(
    user_id: UserId, place: Asker, guild_id: GuildId, may_moderate: bool, button: Button | None
) -> None:
    """No check says more than another one; a stranger from elsewhere never learns anything."""
    asker = replace(
        place, user_id=user_id, guild_id=guild_id, may_moderate=may_moderate, button=button
    )
    is_elsewhere = place in (IN_STAFF, IN_PRIVATE) or guild_id != GUILD
    for act in Act:
        if verdict(Act.LOOK, asker) is UnknownJob or (is_elsewhere and user_id == OTHER):
            assert verdict(act, asker) is UnknownJob
    with suppress(Refusal):
        check(Act.DELETE, asker, JOB)
        assert button
        assert button.is_private or button.message_id == PICTURE


# ------------------------------------------------------------------------------------------------
# The whole table: whoever presses, where, on what they see.

MINE = replace(HERE, user_id=MEMBER)
SEEN = {
    "its picture": replace(HERE, button=PRESSED),
    "a private answer here": replace(HERE, button=replace(PRESSED, is_private=True)),
    "a private answer elsewhere": replace(IN_STAFF, button=replace(PRESSED, is_private=True)),
    "a public message elsewhere": replace(IN_STAFF, button=PRESSED),
}
WHO: dict[str, dict[str, Any]] = {
    "its member": {"user_id": MEMBER},
    "another member": {},
    "a moderator": {"may_moderate": True},
}
YES = None
# Of each act what its member, another member and a moderator are answered in its place.
IN_PLACE: dict[Act, tuple[type | None, type | None, type | None]] = {
    Act.CANCEL: (YES, NotYours, YES),
    Act.EXPLAIN: (YES, NotYours, YES),
    Act.PUT_FIRST: (YES, OnlyTheirs, OnlyTheirs),
    Act.PAINT: (YES, YES, YES),
    Act.LOOK: (YES, YES, YES),
    Act.KEEP: (YES, YES, YES),
    Act.REPORT: (YES, YES, YES),
    Act.DESCRIBE: (YES, NotYours, YES),
    Act.DELETE: (YES, NotYours, YES),
}


@pytest.mark.parametrize(("act", "who", "seen"), [*product(Act, WHO, SEEN)])
def test_every_cell_of_the_table(act: Act, who: str, seen: str) -> None:
    """Its member may do by a private answer elsewhere what they may do here, but for painting."""
    asker = replace(SEEN[seen], **WHO[who])
    expected: type | None = IN_PLACE[act][[*WHO].index(who)]
    if seen == "a public message elsewhere" or (seen.endswith("elsewhere") and "its" not in who):
        expected = UnknownJob
    elif seen.endswith("elsewhere") and act is Act.PAINT:
        expected = AskedElsewhere
    assert verdict(act, asker) is expected


@pytest.mark.parametrize("act", Act)
def test_words_of_a_deleted_picture_are_gone(act: Act) -> None:
    """It is taken away only once, and its words are nobody's any more."""
    deleted = replace(JOB, picture=replace(SHOWN, state=PictureState.DELETED, deleted_at_us=1))
    is_of_words = act in (Act.PAINT, Act.LOOK, Act.KEEP, Act.REPORT, Act.DESCRIBE)
    mine = replace(MINE, button=PRESSED)
    assert verdict(act, mine, deleted) is (PictureDeleted if is_of_words else None)


@pytest.mark.parametrize("act", Act)
def test_what_was_not_drawn_can_be_asked_for_again_and_not_be_kept(act: Act) -> None:
    is_of_pictures = act in (Act.KEEP, Act.REPORT, Act.DESCRIBE, Act.DELETE)
    mine = replace(MINE, button=PRESSED)
    undrawn = replace(JOB, picture=None)
    assert verdict(act, mine, undrawn) is (UnknownJob if is_of_pictures else None)


def test_the_table_knows_every_act() -> None:
    """And who is named in it is who may."""
    assert {*DOERS} == {*IN_PLACE} == {*Act}
    for act, doer in DOERS.items():
        assert (IN_PLACE[act][1] is YES) == (doer is Doer.EVERYBODY)
        assert (IN_PLACE[act][2] is YES) == (doer is not Doer.ITS_MEMBER)


OF_WORDS = (Act.PAINT, Act.LOOK, Act.KEEP, Act.REPORT, Act.DESCRIBE)


def test_what_was_cancelled_while_it_was_painted_is_read_by_its_member_alone() -> None:
    """No rule has looked at the prompt that was drawn; to paint what they asked for is another
    request, at which the rules look."""
    cancelled = replace(JOB, picture=replace(SHOWN, state=PictureState.WITHHELD))
    with pytest.raises(UnknownJob):
        check(Act.LOOK, HERE, cancelled)
    check(Act.LOOK, replace(HERE, user_id=MEMBER), cancelled)
    check(Act.PAINT, HERE, cancelled)


@pytest.mark.parametrize("act", OF_WORDS)
def test_what_the_staff_have_not_let_go_is_its_members_own(act: Act) -> None:
    """Its words as well; the staff see it on its card alone."""
    held = replace(JOB, picture=replace(SHOWN, state=PictureState.HELD))
    rejected = replace(
        JOB,
        picture=replace(SHOWN, state=PictureState.WITHHELD),
        review_case=ReviewCase(id=9),
    )
    by_rule = replace(
        JOB,
        picture=replace(SHOWN, state=PictureState.WITHHELD),
        failure=Failure(kind=REFUSED_BY_RULE),
    )
    waiting = replace(JOB, state=JobState.QUEUED, picture=None, review=Review.ALWAYS)
    moderator = replace(HERE, may_moderate=True)
    for job in (held, rejected, by_rule, waiting):
        with pytest.raises(UnknownJob):
            check(act, moderator, job)
    check(act, replace(HERE, user_id=MEMBER), held)
    check(act, moderator, replace(JOB, review=Review.ALWAYS, review_case=ReviewCase(id=9)))


def test_words_of_a_hidden_picture_are_its_members_own_until_the_staff_have_looked() -> None:
    """They may be what was reported. Reporting goes on."""
    hidden = replace(JOB, picture=replace(SHOWN, hidden_at_us=1))
    for act in (Act.LOOK, Act.PAINT):
        assert verdict(act, HERE, hidden) is PictureHidden
        assert verdict(act, MINE, hidden) is None
    assert verdict(Act.REPORT, HERE, hidden) is None


# ------------------------------------------------------------------------------------------------
# Age-restricted places: of what is made there, all that shows or uses it stays in such places.

OF_ADULTS = replace(JOB, origin=replace(JOB.origin, is_restricted=True))
ANYWHERE = {Act.CANCEL, Act.REPORT, Act.DELETE}


@pytest.mark.parametrize("act", Act)
def test_what_is_made_for_adults_is_refused_elsewhere_and_nothing_else_changes(act: Act) -> None:
    """Every cell of the table, of both kinds of picture, in both kinds of place.

    That the channel itself is no such place any more is one of them.
    """
    for who, seen, made, asks in product(WHO, SEEN, (False, True), (False, True)):
        asker = replace(SEEN[seen], **WHO[who])
        without = verdict(act, asker)
        found = verdict(act, replace(asker, is_restricted=asks), OF_ADULTS if made else JOB)
        is_refused = made and not asks and act not in ANYWHERE
        is_late = without in (
            None,
            AskedElsewhere,
        )  # whoever may not know or may not hears the same
        assert found is (MadeRestricted if is_refused and is_late else without), (who, seen, asks)


def test_a_veiled_job_tells_neither_words_nor_where_its_file_is() -> None:
    """Whatever is added to the record must be looked at here."""
    told = replace(
        SHOWN, link="https://x", reasoning="why", alt_text="alt", shown_prompt="grape wine"
    )
    request = replace(JOB.request, prompt="grapes", negative="wine")
    job = replace(OF_ADULTS, picture=told, request=request)
    seen = as_seen(HERE, job)
    assert seen.is_veiled
    said = repr(seen)
    for secret in ("grape", "wine", "https://x", "why", "'alt'"):
        assert secret not in said
    assert (seen.id, seen.request.seed) == (job.id, job.request.seed)
    assert as_seen(replace(HERE, is_restricted=True), job) is job
    assert as_seen(HERE, JOB) is JOB


def test_a_job_of_another_guild_is_known_in_no_age_restricted_channel() -> None:
    asker = replace(HERE, guild_id=GuildId(6), is_restricted=True)
    assert not is_veiled(asker, OF_ADULTS.origin)
    assert not is_known(asker, OF_ADULTS.origin)
