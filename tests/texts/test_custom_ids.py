"""Buttons carry what they do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.queue.records import JobId
from bot.texts.cards import (
    PAGE_PATTERN,
    PATTERN,
    Press,
    Verb,
    custom_id,
    custom_ids,
    page_id,
    pressed,
)

CUSTOM_ID_LIMIT = 100  # Discord's


@given(verb=st.sampled_from(Verb), job_id=st.integers(1, 2**63 - 1))
def test_button_is_read_back_as_it_was_written(verb: Verb, job_id: int) -> None:
    """Whatever the job's number, within Discord's limit."""
    written = custom_id(verb, JobId(job_id))
    match = PATTERN.fullmatch(written)
    assert match
    assert pressed(match) == Press(verb=verb, job_id=JobId(job_id))
    assert len(written) <= CUSTOM_ID_LIMIT


@pytest.mark.parametrize(
    "written",
    [
        "",
        "zeuxis:cancel:",
        "zeuxis:cancel:0",
        "zeuxis:paint:1",
        "zeuxis:cancel:1:2",
        "zeuxis:3:cancel:1",
        "xzeuxis:cancel:1",
    ],
)
def test_other_buttons_are_none_of_ours(written: str) -> None:
    """A forged or foreign custom id reaches no job."""
    assert not PATTERN.fullmatch(written)


def test_format_is_an_interface() -> None:
    """Messages with these ids hang in channels for years."""
    assert custom_id(Verb.REROLL, JobId(17)) == "zeuxis:2:reroll:17"
    assert custom_ids(Verb.REROLL, JobId(17)) == {"zeuxis:2:reroll:17", "zeuxis:reroll:17"}
    first = PATTERN.fullmatch("zeuxis:reroll:17")
    assert first
    assert pressed(first) == Press(verb=Verb.REROLL, job_id=JobId(17))
    first_version = ["cancel", "reroll", "again", "delete", "why", "first"]
    second_version = [
        *("later", "edit", "resize", "size", "rewritten", "keep", "more", "pick"),
        *("prompt", "alt", "report", "lineage", "correct"),
    ]
    assert list(Verb) == [*first_version, *second_version]


@given(page=st.integers(0, 9999))
def test_a_page_is_read_back_as_it_was_written(page: int) -> None:
    """And is no button of a job."""
    match = PAGE_PATTERN.fullmatch(page_id(page))
    assert match
    assert int(match["page"]) == page
    assert not PATTERN.fullmatch(page_id(page))
