"""The status message says where a job is, and what can be done."""

from __future__ import annotations

import pytest

from bot.queue.failures import NO_PLACE, REJECTED
from bot.queue.places import Drawing
from bot.queue.records import Failure, Job, JobState, PictureState, ReviewCase
from bot.records import replace
from bot.refusals import Outage
from bot.texts import Texts
from bot.texts.cards import TEXT_LIMIT
from bot.texts.picture_cards import bar_cells, status_card, status_texts
from tests.texts.records import (
    CANCELLED,
    DELETED,
    DELIVERED,
    DRAWN,
    EVERY_STATE,
    LOCALES,
    MESSAGE,
    PICTURE,
    PLACE,
    QUEUED,
    REQUEST,
    RUNNING,
    SHOWN,
    WITHHELD,
    buttons_in,
    ended,
    texts_in,
    unshown,
)

ENGLISH = Texts("en-US")


def name(job: Job) -> str:
    """Of the job in a test's name."""
    return f"{job.state}-{job.picture.state}" if job.picture else job.state


def said(job: Job) -> str:
    return texts_in(status_card(job, PLACE, ENGLISH))


def offered(job: Job) -> dict[str, str | None]:
    return buttons_in(status_card(job, PLACE, ENGLISH))


def test_waiting_job_shows_its_place_its_wait_and_cancel() -> None:
    """All that a waiting member wants to know."""
    assert "Place **3**, ready in about 10 s" in said(QUEUED)
    assert "> a sitting orange cat, 水彩" in said(QUEUED)
    assert "<@41> · 1024 × 1024 · seed 7 · job 17" in said(QUEUED)
    assert offered(QUEUED) == {
        "Cancel": "zeuxis:2:cancel:17",
        "Let others first": "zeuxis:2:later:17",
    }


def test_deleted_picture_shows_neither_words_nor_a_link() -> None:
    """Its prompt went with it, and the link would lead nowhere."""
    assert "The picture was deleted." in said(DELETED)
    assert ">" not in said(DELETED).replace("<@41>", "")
    assert offered(DELETED) == {}


def test_waiting_job_without_a_known_place_only_waits() -> None:
    """Better no number than a wrong one."""
    assert "Place" not in texts_in(status_card(QUEUED, None, ENGLISH))


def test_job_in_backoff_names_the_next_attempt_instead_of_a_place() -> None:
    """A visible countdown, not silence."""
    waiting = replace(QUEUED, not_before_us=1_800_000_000_000_000)
    assert "The next attempt is <t:1800000000:R>." in said(waiting)
    assert "Place" not in said(waiting)


def test_running_job_can_be_cancelled_once() -> None:
    """After that the card says that it is being done."""
    assert offered(RUNNING) == {"Cancel": "zeuxis:2:cancel:17"}
    cancelling = replace(RUNNING, cancel_requested=True)
    assert offered(cancelling) == {}
    assert "Being cancelled" in said(cancelling)


@pytest.mark.parametrize(
    ("elapsed_s", "bar"),
    [
        (0, "▱▱▱▱▱▱▱▱▱▱"),
        (3, "▰▰▰▰▰▱▱▱▱▱"),
        (5.9, "▰▰▰▰▰▰▰▰▰▱"),
        (6, "▰▰▰▰▰▰▰▰▰▱"),
        (600, "▰▰▰▰▰▰▰▰▰▱"),
    ],
)
def test_a_picture_that_is_being_painted_has_a_bar(elapsed_s: float, bar: str) -> None:
    """Against the usual time; it is never full before the picture is there."""
    drawing = Drawing(since_us=1_800_000_000_000_000, elapsed_s=elapsed_s, usual_s=6)
    card = texts_in(status_card(RUNNING, None, ENGLISH, drawing=drawing))
    assert f"`{bar}` Begun <t:1800000000:R>; it usually takes a few seconds." in card
    assert ("It may still come." in card) == (elapsed_s > 12)


def test_an_account_that_has_drawn_nothing_yet_divides_by_no_nought() -> None:
    drawing = Drawing(since_us=0, elapsed_s=1, usual_s=0)
    assert bar_cells(drawing) == 9


def test_painted_job_can_be_cancelled_until_it_hangs() -> None:
    """It has been paid for and is on its way."""
    assert offered(DRAWN) == {"Cancel": "zeuxis:2:cancel:17"}


def test_delivered_job_links_to_its_picture() -> None:
    """Wherever the picture went, thread or channel."""
    assert offered(DELIVERED) == {"See the picture": "https://discord.com/channels/11/31/32"}
    here = replace(
        DELIVERED,
        picture=replace(SHOWN, channel_id=None),
        message=replace(MESSAGE, thread_id=None),
    )
    assert offered(here) == {"See the picture": "https://discord.com/channels/11/21/32"}


def test_deleted_picture_is_said_to_be_deleted() -> None:
    """No link leads into nothing."""
    deleted = replace(DELIVERED, picture=replace(SHOWN, message_id=None))
    assert "The picture was deleted." in said(deleted)
    assert offered(deleted) == {}


def test_cancelled_job_says_what_it_cost() -> None:
    """Nothing while it waited, one picture once it was painted."""
    assert "Nothing was charged." in said(CANCELLED)
    assert "charged once" in said(WITHHELD)


@pytest.mark.parametrize(
    ("job", "buttons"),
    [
        (ended(JobState.REFUSED, "ContentRefused", "input"), {}),
        (ended(JobState.REFUSED, "ContentRefused", "output"), {"Reroll": "zeuxis:2:reroll:17"}),
        (ended(JobState.FAILED, "ProviderFailed"), {"Try again": "zeuxis:2:again:17"}),
        (ended(JobState.UNCERTAIN, "AnswerLost"), {"Try again": "zeuxis:2:again:17"}),
        (unshown(PictureState.LOST, "LinkExpired"), {"Try again": "zeuxis:2:again:17"}),
        (unshown(PictureState.UNDELIVERABLE, NO_PLACE), {}),
    ],
)
def test_job_that_ended_without_a_picture_offers_what_may_help(
    job: Job, buttons: dict[str, str]
) -> None:
    """The same words would be refused again, another seed may pass, a failure may have gone."""
    assert offered(job) == buttons


def test_lost_answer_is_said_to_be_perhaps_charged_and_not_repeated() -> None:
    """The one case in which we do not know."""
    lost = said(ended(JobState.UNCERTAIN, "AnswerLost"))
    assert "may have been charged once" in lost
    assert "did not send it again" in lost


def test_picture_that_nobody_sees_is_said_to_be_paid() -> None:
    """It was drawn; why it hangs nowhere, and where its link is while that lives."""
    lost = said(unshown(PictureState.LOST, "LinkExpired"))
    assert "No picture this time" in lost
    assert "charged once" in lost
    unposted = said(unshown(PictureState.UNDELIVERABLE, NO_PLACE))
    assert "Painted, but not posted" in unposted
    assert "Find it with /queue" in unposted


def test_picture_that_waits_for_the_staff_says_where_and_not_what() -> None:
    """Its words are shown no earlier than it is; until the staff have it, it is on its way."""
    screened = replace(DRAWN, picture=replace(PICTURE, state=PictureState.HELD))
    assert "Painted and on its way" in said(screened)
    held = replace(screened, review_case=ReviewCase(id=9, place=3))
    assert "With the staff" in said(held)
    assert "Place **3**" in said(held)
    for job in (screened, held):
        assert DRAWN.request.prompt not in said(job)


def test_rejected_picture_can_be_appealed() -> None:
    rejected = replace(
        unshown(PictureState.WITHHELD, REJECTED),
        failure=Failure(kind=REJECTED),
        review_case=ReviewCase(id=9),
    )
    assert "do not want it shown" in said(rejected)
    assert offered(rejected) == {"Appeal": "zeuxis:2:appeal:review:9"}


def test_no_state_is_left_out() -> None:
    """Of a job or of a picture."""
    assert {one.state for one in EVERY_STATE} == set(JobState)
    assert {one.picture.state for one in EVERY_STATE if one.picture} == set(PictureState)


@pytest.mark.parametrize("job", EVERY_STATE, ids=name)
def test_only_work_in_progress_carries_a_cancel_button(job: Job) -> None:
    """Whoever reads the message by program can tell the end from the way there."""
    cancels = [one for one in offered(job).values() if one and "cancel" in one]
    is_drawing = job.state in {JobState.QUEUED, JobState.RUNNING} and not job.cancel_requested
    is_painted = job.picture is not None and job.state is JobState.DRAWN
    is_on_its_way = is_painted and (job.is_held or job.is_due)
    assert bool(cancels) == (is_drawing or is_on_its_way)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("job", EVERY_STATE, ids=name)
def test_every_state_fits_into_a_message_in_every_language(job: Job, locale: str) -> None:
    """Even with a prompt that is all markup."""
    long = replace(job, request=replace(REQUEST, prompt="*_`~" * 200))
    card = status_card(long, PLACE, Texts(locale))
    assert card.content_length() <= TEXT_LIMIT
    assert all(len(label) <= 80 for label in buttons_in(card))


def test_everybody_reads_the_guild_s_language_and_a_refusal_is_in_the_member_s() -> None:
    """Only the member can put a refused prompt into other words."""
    assert status_texts(QUEUED).language == "fr"
    assert status_texts(DELIVERED).language == "fr"
    assert status_texts(ended(JobState.REFUSED, "ContentRefused")).language == "de"
    assert status_texts(unshown(PictureState.LOST, "LinkExpired")).language == "de"


def test_card_is_never_kept_by_discord_py() -> None:
    """It is finished before it is sent, so a million cards take no memory."""
    assert status_card(QUEUED, PLACE, ENGLISH).is_finished()


def test_outage_takes_the_place_of_the_wait() -> None:
    """Nobody knows how long it lasts; the place is kept."""
    place = replace(PLACE, outage=Outage.KEY)
    shown = texts_in(status_card(QUEUED, place, ENGLISH))
    assert "Place **3**. Z-Image does not accept the key of this bot." in shown
    assert "ready in" not in shown
    stood_back = replace(QUEUED, not_before_us=QUEUED.created_at_us + 9)
    assert texts_in(status_card(stood_back, place, ENGLISH)) == shown


def test_paused_server_takes_the_place_of_the_wait() -> None:
    """Whoever asks meanwhile is told at once."""
    place = replace(PLACE, is_tenant_paused=True)
    shown = texts_in(status_card(QUEUED, place, ENGLISH))
    assert "Place **3**. The person who runs the bot has paused this server." in shown
    assert "ready in" not in shown
