"""One odd field costs no picture; an error is found wherever it stands."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.providers.image import Size
from bot.providers.model_studio import ErrorTold, read_error
from bot.providers.zimage.wire import Drawn, read_drawn, read_quota

LINK = "https://x.aliyuncs.com/a.png?Signature=s"


def _answer(content: object, **more: object) -> bytes:
    message = {"content": content, "role": "assistant"}
    return json.dumps({"output": {"choices": [{"message": message}]}, **more}).encode()


def test_a_rewritten_prompt_comes_with_its_reasoning_and_tokens() -> None:
    """As the reference's table describes the answer to prompt_extend=true."""
    message = {
        "content": [{"image": LINK}, {"text": "a very orange cat"}],
        "reasoning_content": "Cats sit.",
    }
    usage = {"width": 720, "height": 1280, "input_tokens": 40, "output_tokens": 200}
    body = json.dumps({"output": {"choices": [{"message": message}]}, "usage": usage}).encode()

    assert read_drawn(body) == Drawn(
        url=LINK,
        text="a very orange cat",
        reasoning="Cats sit.",
        size=Size(720, 1280),
        input_tokens=40,
        output_tokens=200,
    )


@pytest.mark.parametrize(
    "content",
    [
        [{"image": LINK}],
        [{"text": "first"}, {"image": LINK}],
        [{"type": "image", "image": LINK}],
        [None, "text", 3, {"image": 3}, {"text": "x"}, {"image": LINK}],
    ],
)
def test_the_image_is_found_by_its_key(content: object) -> None:
    """Not by its place; parts that we do not know are passed over."""
    assert read_drawn(_answer(content)).url == LINK


@pytest.mark.parametrize(
    "usage", [None, 3, {}, {"width": "1024"}, {"width": 0, "height": 0}, {"height": 1024}]
)
def test_an_odd_usage_costs_no_picture(usage: object) -> None:
    """It is only a check of the size; the picture is paid for."""
    drawn = read_drawn(_answer([{"image": LINK}], usage=usage))

    assert (drawn.url, drawn.size) == (LINK, None)


@pytest.mark.parametrize(
    ("usage", "size"),
    [
        ({"width": 1024, "height": 1008}, Size(1024, 1008)),
        ({"width": 1024.0, "height": 1008.0}, Size(1024, 1008)),
        ({"width": 60000, "height": 60000}, None),
        ({"width": 2**70, "height": 1}, None),
        ({"width": 1, "height": 1}, None),
        ({"width": -1024, "height": -1024}, None),
        ({"width": 1024.5, "height": 1024}, None),
        ({"width": 1e300, "height": 1e300}, None),
        ({"width": True, "height": True}, None),
    ],
)
def test_only_a_size_that_can_be_drawn_is_believed(usage: object, size: Size | None) -> None:
    """Fairness and totals are counted by it."""
    assert read_drawn(_answer([{"image": LINK}], usage=usage)).size == size


@pytest.mark.parametrize("number", [2**31, 2**63, 2**64, 2**2000, -1, "7", None, []])
def test_a_number_that_no_row_holds_is_passed_over(number: object) -> None:
    """The picture beside it is paid for; and so are the good numbers."""
    usage = {"width": 1024, "height": 1024, "input_tokens": number, "output_tokens": 9}
    drawn = read_drawn(_answer([{"image": LINK}], usage=usage))

    assert (drawn.url, drawn.size) == (LINK, Size(1024, 1024))
    assert (drawn.input_tokens, drawn.output_tokens) == (0, 9)


@pytest.mark.parametrize("text", [3, {"a": 1}, [], None])
def test_an_odd_text_in_the_part_of_the_picture_costs_no_picture(text: object) -> None:
    """Each field is read by itself."""
    drawn = read_drawn(_answer([{"image": LINK, "text": text}, {"text": "x" * 100_000}]))

    assert drawn.url == LINK
    assert drawn.text == "x" * 4000


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb"cat \ud83d", "cat \ufffd"),
        (rb"\ude00 cat", "\ufffd cat"),
        (rb"\ud83d\ude00", "😀"),
        (rb"\uD83D\uD83D\uDE00", "\ufffd😀"),
        (b"cat \xff", "cat \ufffd"),
    ],
)
def test_broken_characters_cost_no_picture(written: bytes, read: str) -> None:
    """A rewritten prompt that was cut in the middle of an emoji."""
    body = _answer([{"image": LINK}, {"text": "HERE"}]).replace(b"HERE", written)

    assert (read_drawn(body).url, read_drawn(body).text) == (LINK, read)


def test_reasoning_is_kept_to_a_length() -> None:
    """It goes into a column."""
    message = {"content": [{"image": LINK}], "reasoning_content": "so " * 100_000}
    body = json.dumps({"output": {"choices": [{"message": message}]}}).encode()

    assert len(read_drawn(body).reasoning) == 20_000


def test_codes_and_ids_are_one_short_line() -> None:
    """They go into every log line about the job."""
    long = "Very\nLong" * 50_000
    told = read_error(json.dumps({"code": long, "request_id": long}).encode())

    assert told.code == told.request_id == ("Very Long" * 12)[:100]


@pytest.mark.parametrize(
    "body",
    [
        b'{"request_id":"r","code":"Arrearage","message":"Access  denied.\\n"}',
        b'{"error":{"message":"Access denied.","type":"x","code":"Arrearage"},"request_id":"r"}',
        b'{"output":{"code":"Arrearage","message":"Access denied."},"request_id":"r"}',
        (
            b'{"code":null,"message":"","error":{"code":"Arrearage","message":"Access denied."},'
            b'"request_id":"r"}'
        ),
    ],
)
def test_an_error_is_found_in_every_shape(body: bytes) -> None:
    """Flat, under `error`, under `output`; and its message is one line."""
    assert read_error(body) == ErrorTold(code="Arrearage", message="Access denied.", request_id="r")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"code":400,"message":"x"}', ErrorTold(code="400", message="x")),
        (b'{"message":"only this"}', ErrorTold(message="only this")),
        (b"{}", ErrorTold()),
        (b"", ErrorTold(is_own=False)),
        (
            b"<html>\n<h1>Bad  Gateway</h1>",
            ErrorTold(message="<html> <h1>Bad Gateway</h1>", is_own=False),
        ),
        (b"\xff\xfe", ErrorTold(message="\ufffd\ufffd", is_own=False)),
        (b"x" * 10_000, ErrorTold(message="x" * 300, is_own=False)),
    ],
)
def test_an_answer_without_a_code_still_says_something(body: bytes, told: ErrorTold) -> None:
    """A gateway's page becomes one bounded line for the log."""
    assert read_error(body) == told


def test_hidden_texts_are_replaced_before_the_message_is_cut() -> None:
    """Not even a part of the key remains at the end of a long message."""
    key = "sk-" + "k" * 60
    body = json.dumps({"code": "x", "message": "y" * 280 + key}).encode()

    assert read_error(body, hide=[key]).message == "y" * 280 + "****"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=9))
def test_no_json_surprises_the_reader(value: object) -> None:
    """Whatever a field holds, it is read or passed over."""
    whole = {"output": value, "usage": value, "code": value, "message": value, "error": value}
    body = json.dumps(whole).encode()

    assert read_drawn(body).url is None
    assert isinstance(read_error(body), ErrorTold)
    assert read_quota(body, model="z-image-turbo") is None


@pytest.mark.parametrize(("requests", "period_s"), [(0, 60), (-1, 60), (120, 0), (120, -1)])
def test_a_quota_of_nothing_is_not_told(requests: int, period_s: int) -> None:
    """It would stop the bot for good, or divide by zero."""
    limit = {"request_limit": requests, "request_limit_period": period_s}
    entry = {"model": "z-image-turbo", "model_limit": limit}
    body = json.dumps({"output": {"quotas": [entry]}}).encode()
    assert read_quota(body, model="z-image-turbo") is None


@given(st.binary(max_size=60))
def test_no_bytes_surprise_the_reader(body: bytes) -> None:
    """Broken JSON gives a message, never another error."""
    assert isinstance(read_error(body), ErrorTold)
