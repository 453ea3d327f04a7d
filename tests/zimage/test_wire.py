"""One odd field costs no picture; an error is found wherever it stands."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.sizes import Size
from bot.zimage.wire import Drawn, Trouble, read_drawn, read_quota, read_trouble

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
    assert read_trouble(body) == Trouble(code="Arrearage", message="Access denied.", request_id="r")


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        (b'{"code":400,"message":"x"}', Trouble(code="400", message="x")),
        (b'{"message":"only this"}', Trouble(message="only this")),
        (b"{}", Trouble()),
        (b"", Trouble()),
        (b"<html>\n<h1>Bad  Gateway</h1>", Trouble(message="<html> <h1>Bad Gateway</h1>")),
        (b"\xff\xfe", Trouble(message="\ufffd\ufffd")),
        (b"x" * 10_000, Trouble(message="x" * 300)),
    ],
)
def test_an_answer_without_a_code_still_says_something(body: bytes, trouble: Trouble) -> None:
    """A gateway's page becomes one bounded line for the log."""
    assert read_trouble(body) == trouble


def test_hidden_texts_are_replaced_before_the_message_is_cut() -> None:
    """Not even a part of the key remains at the end of a long message."""
    key = "sk-" + "k" * 60
    body = json.dumps({"code": "x", "message": "y" * 280 + key}).encode()

    assert read_trouble(body, hide=[key]).message == "y" * 280 + "****"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=9))
def test_no_json_surprises_the_reader(value: object) -> None:
    """Whatever a field holds, it is read or passed over."""
    whole = {"output": value, "usage": value, "code": value, "message": value, "error": value}
    body = json.dumps(whole).encode()

    assert read_drawn(body).url is None
    assert isinstance(read_trouble(body), Trouble)
    assert read_quota(body, model="z-image-turbo") is None


@given(st.binary(max_size=60))
def test_no_bytes_surprise_the_reader(body: bytes) -> None:
    """Broken JSON is a trouble with a message, never another error."""
    assert isinstance(read_trouble(body), Trouble)
