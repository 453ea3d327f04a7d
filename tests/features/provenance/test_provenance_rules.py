"""What is believed of a file, and who is told how much of where it comes from."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from bot.features.provenance.rules import (
    Evidence,
    is_believed,
    job_named,
    nearest,
    traced,
)
from bot.pictures.likeness import NEAR, NONE
from bot.pictures.provenance import Marks
from bot.queue.records import GuildId, PictureState, UserId
from bot.records import replace
from tests.queue.test_authority import HERE, IN_STAFF, JOB, MEMBER, OF_ADULTS, SHOWN, STAFF

if TYPE_CHECKING:
    from bot.queue.authority import Asker

FITS = Marks(job=str(JOB.id), seed=str(JOB.request.seed))
FAR = (1 << 40) - 1


@pytest.mark.parametrize(
    ("marks", "likenesses", "evidence"),
    [
        (FITS, (FAR, FAR), Evidence.MARKED),
        (FITS, (FAR, FAR ^ ((1 << NEAR) - 1)), Evidence.MARKED),
        (FITS, (FAR, FAR ^ ((1 << (NEAR + 1)) - 1)), None),  # written into another picture
        (FITS, (1, FAR), None),
        (FITS, (None, FAR), Evidence.ONLY_MARKED),
        (FITS, (FAR, None), Evidence.ONLY_MARKED),
        (FITS, (NONE, FAR), Evidence.ONLY_MARKED),
        (replace(FITS, seed="2"), (FAR, FAR), None),  # another installation's
        (replace(FITS, seed=""), (FAR, FAR), None),
    ],
)
def test_metadata_are_believed_as_far_as_they_fit(
    marks: Marks, likenesses: tuple[int | None, int | None], evidence: Evidence | None
) -> None:
    assert is_believed(marks, JOB, likenesses) is evidence


@pytest.mark.parametrize(
    ("text", "job_id"),
    [("17", 17), ("", None), ("17 ", None), ("-1", None), ("１７", None), ("9" * 20, None)],
)
def test_number_of_a_job_is_read_from_what_anybody_may_have_written(
    text: str, job_id: int | None
) -> None:
    assert job_named(Marks(job=text, seed="")) == job_id
    assert job_named(None) is None


def test_the_nearest_is_found() -> None:
    known = [FAR ^ 0b111, FAR ^ 0b1, FAR ^ (0b111 << 50)]
    assert nearest(FAR, known) == FAR ^ 0b1
    assert nearest(-1, [-2]) == -2, "signed, as they are stored"
    assert nearest(FAR ^ (((1 << 20) - 1) << 43), known) is None
    assert nearest(NONE, [1]) is None, "what looks like nothing is like nothing"
    assert nearest(FAR, []) is None


STATES = [*PictureState]
OTHERS = UserId(9)
MINE = replace(HERE, user_id=MEMBER)


def told(
    asker: Asker, state: PictureState, *, of_adults: bool = False, manages: bool = False
) -> str:
    origin = OF_ADULTS.origin if of_adults else JOB.origin
    job = replace(JOB, picture=replace(SHOWN, state=state), origin=origin)
    found = traced(Evidence.ALIKE, job, asker, manages=manages, staff_channel=STAFF)
    if found is None:
        return "unknown"
    if found.job is None:
        return "by another member"
    return "veiled" if found.job.is_veiled else "all"


@pytest.mark.parametrize(
    ("state", "of_adults", "asks"), [*product(STATES, (False, True), (False, True))]
)
def test_everybody_is_told_as_much_as_is_theirs(
    state: PictureState, of_adults: bool, asks: bool
) -> None:
    """Every state of a picture, of both kinds, in both kinds of place."""
    whole = "veiled" if of_adults and not asks else "all"
    others = "by another member" if state is PictureState.SHOWN and whole == "all" else "unknown"
    mine, stranger, in_staff = (replace(one, is_restricted=asks) for one in (MINE, HERE, IN_STAFF))
    assert told(mine, state, of_adults=of_adults) == whole
    assert (
        told(replace(mine, channel_id=STAFF, root_channel_id=STAFF), state, of_adults=of_adults)
        == whole
    )
    assert told(stranger, state, of_adults=of_adults) == others
    assert told(in_staff, state, of_adults=of_adults) == others
    for staff in (
        told(replace(stranger, may_moderate=True), state, of_adults=of_adults),
        told(replace(in_staff, may_moderate=True), state, of_adults=of_adults),
        told(in_staff, state, of_adults=of_adults, manages=True),
    ):
        assert staff == whole


@pytest.mark.parametrize("manages", [False, True])
def test_pictures_of_another_guild_are_unknown(manages: bool) -> None:
    """Also to its own member and to that guild's staff, and to whoever asks outside of guilds."""
    for guild_id, user_id in product((GuildId(6), None), (MEMBER, OTHERS)):
        asker = replace(HERE, guild_id=guild_id, user_id=user_id, may_moderate=True)
        assert told(asker, PictureState.SHOWN, manages=manages) == "unknown"


def test_moderator_of_another_place_is_as_any_member() -> None:
    elsewhere = replace(HERE, channel_id=OTHERS, root_channel_id=OTHERS, may_moderate=True)  # type: ignore[arg-type] # a number
    assert told(elsewhere, PictureState.SHOWN) == "by another member"


def test_what_is_hidden_until_the_staff_look_is_unknown_to_others() -> None:
    job = replace(JOB, picture=replace(SHOWN, hidden_at_us=1))
    assert traced(Evidence.ALIKE, job, HERE, manages=False, staff_channel=0) is None
    assert traced(Evidence.ALIKE, job, HERE, manages=True, staff_channel=0) is not None
