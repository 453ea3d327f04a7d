"""A member's jobs, offered while they type."""

from __future__ import annotations

from bot.queue.records import Job, JobId
from bot.records import replace
from bot.texts import Texts
from bot.texts.choices import job_choices
from tests.texts.records import QUEUED, REQUEST

ENGLISH = Texts("en-US")


def waiting(number: int, prompt: str) -> Job:
    return replace(QUEUED, id=JobId(number), request=replace(REQUEST, prompt=prompt))


JOBS = (waiting(17, "an orange cat"), waiting(18, "purple Grapes"))


def offered(typed: str) -> list[tuple[str, str]]:
    return [(one.name, one.value) for one in job_choices(JOBS, typed, ENGLISH)]


def test_all_are_offered_before_anything_is_typed() -> None:
    """Number and prompt to know them by, the number to name them by."""
    assert offered("") == [("job 17 · an orange cat", "17"), ("job 18 · purple Grapes", "18")]


def test_number_and_prompt_are_both_searched() -> None:
    """Whatever the case."""
    assert [value for _, value in offered("18")] == ["18"]
    assert [value for _, value in offered("grapes ")] == ["18"]
    assert [value for _, value in offered("１８\u200b")] == ["18"]
    assert offered("dog") == []


def test_at_most_25_short_lines_are_offered() -> None:
    """Discord takes no more, and no longer ones."""
    many = [waiting(number, "long " * 150) for number in range(1, 60)]
    choices = job_choices(many, "", ENGLISH)
    assert len(choices) == 25
    assert all(len(one.name) <= 100 for one in choices)
