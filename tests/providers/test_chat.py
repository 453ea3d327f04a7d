"""A rewriting is one POST, and its answer one prompt or one error that knows whether it left."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import (
    AnswerLost,
    AnswerUnreadable,
    ContentRefused,
    KeyRejected,
    LeaseLost,
    NotSent,
    ProviderError,
    ProviderFailed,
    RateLimited,
    RequestRejected,
    UnexpectedAnswer,
)
from bot.providers.call import ANSWER_LIMIT_BYTES
from bot.providers.chat import ChatRewriter, ChatTimeouts
from bot.providers.rewriter import OUTPUT_TOKENS, instructions
from sandbox.zimage import serving as serving_zimage
from tests.providers.raw_server import Connection, answering, http, serving, silent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp

    from sandbox.zimage import Serving

pytestmark = pytest.mark.sockets

KEY = "sk-0123456789abcdef-never-shown"
PROMPT = "a sitting orange cat"


def completion(content: object = "a cat in low light", **others: Any) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": content}}
    whole = {
        "id": "chatcmpl-1",
        "choices": [{**choice, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 210, "completion_tokens": 90, "total_tokens": 300},
    }
    return json.dumps({**whole, **others}).encode()


def rewriter(
    session: aiohttp.ClientSession,
    base_url: str,
    *,
    key: str = KEY,
    limits: ChatTimeouts | None = None,
) -> ChatRewriter:
    return ChatRewriter(
        session,
        base_url=base_url,
        api_key=key,
        model="qwen-flash",
        prompt_limit=800,
        timeouts=limits,
    )


async def test_a_prompt_goes_out_in_openai_s_shape(session: aiohttp.ClientSession) -> None:
    """With what is asked of the model, and the limit."""
    async with serving(answering(http(200, completion()))) as server:
        done = await rewriter(session, server.base_url).rewrite(PROMPT)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/v1/chat/completions HTTP/1.1")
    assert f"Authorization: Bearer {KEY}".encode() in head
    assert json.loads(body) == {
        "model": "qwen-flash",
        "messages": [
            {"role": "system", "content": instructions(800)},
            {"role": "user", "content": PROMPT},
        ],
        "max_tokens": OUTPUT_TOKENS,
    }
    assert done.prompt == "a cat in low light"
    assert (done.input_tokens, done.output_tokens, done.request_id) == (210, 90, "chatcmpl-1")
    assert done.duration_us > 0


async def test_an_answer_is_freed_of_what_stands_around_and_cut(
    session: aiohttp.ClientSession,
) -> None:
    long = '"' + "A cat sits there. " * 60 + '"'
    async with serving(answering(http(200, completion(long)))) as server:
        done = await rewriter(session, server.base_url).rewrite(PROMPT)
    assert 700 < len(done.prompt) <= 800
    assert done.prompt.endswith("there.")


@pytest.mark.parametrize(
    "usage", [None, {}, [], {"prompt_tokens": -1, "completion_tokens": "many"}]
)
async def test_odd_counts_cost_no_prompt(session: aiohttp.ClientSession, usage: object) -> None:
    async with serving(answering(http(200, completion(usage=usage)))) as server:
        done = await rewriter(session, server.base_url).rewrite(PROMPT)
    assert (done.prompt, done.input_tokens, done.output_tokens) == ("a cat in low light", 0, 0)


def refused(code: str, message: str = "why") -> bytes:
    return json.dumps({"error": {"code": code, "message": message}, "request_id": "r-1"}).encode()


FILTERED = [{"message": {"content": ""}, "finish_reason": "content_filter"}]
ANSWERS: dict[str, tuple[bytes, type[ProviderError]]] = {
    "no words": (http(200, completion(" ")), AnswerUnreadable),
    "no text": (http(200, completion(None)), AnswerUnreadable),
    "no choice": (http(200, completion(choices=[])), AnswerUnreadable),
    "choices that are none": (http(200, completion(choices=7)), AnswerUnreadable),
    "half an object": (http(200, completion()[:40]), AnswerUnreadable),
    "a page": (http(200, b"<html>hello</html>"), AnswerUnreadable),
    "content filtered": (http(200, completion(choices=FILTERED)), ContentRefused),
    "an error in a 200": (http(200, refused("data_inspection_failed")), ContentRefused),
    "content refused": (http(400, refused("data_inspection_failed")), ContentRefused),
    "content refused elsewhere": (http(400, refused("content_policy_violation")), ContentRefused),
    "a bad request": (http(400, refused("invalid_parameter")), RequestRejected),
    "a wrong key": (http(401, refused("invalid_api_key")), KeyRejected),
    "a login page": (http(302, b""), UnexpectedAnswer),
    "too many": (http(429, refused("limit_requests"), "Retry-After: 7"), RateLimited),
    "a failure": (http(500, refused("internal_error"), "Retry-After: 9"), ProviderFailed),
    "a gateway's page": (http(502, b"<html>bad gateway</html>"), ProviderFailed),
    "a gateway that was tired": (http(504, b""), AnswerLost),
}


@pytest.mark.parametrize("what", ANSWERS)
async def test_each_answer_that_is_no_prompt_has_one_meaning(
    session: aiohttp.ClientSession, what: str
) -> None:
    """One POST each, and no error shows the key."""
    answer, kind = ANSWERS[what]
    async with serving(answering(answer)) as server:
        with pytest.raises(ProviderError) as caught:
            await rewriter(session, server.base_url).rewrite(PROMPT)
    assert type(caught.value) is kind
    assert len(server.requests) == 1
    assert KEY not in str(caught.value)
    if isinstance(caught.value, RateLimited | ProviderFailed):
        assert caught.value.retry_after_s == {"too many": 7, "a failure": 9}.get(what)


async def test_an_echo_of_key_and_prompt_does_not_get_into_the_message(
    session: aiohttp.ClientSession,
) -> None:
    answer = http(400, refused("invalid_parameter", f"{PROMPT} for {KEY}"))
    async with serving(answering(answer)) as server:
        with pytest.raises(RequestRejected) as caught:
            await rewriter(session, server.base_url).rewrite(PROMPT)
    assert caught.value.message == "**** for ****"
    assert caught.value.request_id == "r-1"


async def test_an_answer_without_end_is_given_up(session: aiohttp.ClientSession) -> None:
    """At the limit of its size; what was read is no JSON."""

    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await connection.send(b" " * 65536)

    async with serving(behave) as server:
        with pytest.raises(AnswerUnreadable):
            await rewriter(session, server.base_url).rewrite(PROMPT)
        await server.ended.wait()
    assert ANSWER_LIMIT_BYTES == 8 * 1024 * 1024


async def test_a_call_without_an_answer_is_lost(session: aiohttp.ClientSession) -> None:
    """It was sent: perhaps it is billed, and it is not sent again."""
    async with serving(silent) as server:
        asking = rewriter(session, server.base_url, limits=ChatTimeouts(total_s=0.5))
        with pytest.raises(AnswerLost):
            await asking.rewrite(PROMPT)
    assert len(server.requests) == 1


async def test_without_a_connection_nothing_was_sent(session: aiohttp.ClientSession) -> None:
    async with serving(answering()) as server:
        pass
    with pytest.raises(NotSent):
        await rewriter(session, server.base_url).rewrite(PROMPT)


async def test_what_on_send_raises_stops_the_call(session: aiohttp.ClientSession) -> None:
    """Before any byte has left, and it comes out as it is."""

    async def on_send() -> None:
        raise LeaseLost("it was dropped meanwhile")

    async with serving(silent) as server:
        with pytest.raises(LeaseLost):
            await rewriter(session, server.base_url).rewrite(PROMPT, on_send=on_send)
    assert server.received_bytes == 0


async def test_half_a_surrogate_pair_is_refused_before_it_is_sent(
    session: aiohttp.ClientSession,
) -> None:
    async with serving(answering()) as server:
        with pytest.raises(RequestRejected):
            await rewriter(session, server.base_url).rewrite("a \ud83d cat")
    assert server.accepted == 0


# ------------------------------------------------------------------------------------------------
# Against the sandbox.


@asynccontextmanager
async def standing(session: aiohttp.ClientSession) -> AsyncIterator[tuple[Serving, ChatRewriter]]:
    async with serving_zimage() as stand:
        base_url = stand.base_url.removesuffix("/api/v1") + "/compatible-mode/v1"
        yield stand, rewriter(session, base_url, key=stand.api_key)


async def test_the_sandbox_rewrites_and_counts(session: aiohttp.ClientSession) -> None:
    async with standing(session) as (stand, asking):
        done = await asking.rewrite(PROMPT)
        (chat,) = stand.zimage.ledger.chats
    assert done.prompt == chat.answer
    assert (done.input_tokens, done.output_tokens) == (chat.input_tokens, chat.output_tokens)
    assert done.request_id in (chat.request_id, f"chatcmpl-{chat.request_id}")
    assert stand.violations.snapshot() == []


@pytest.mark.parametrize(
    ("fault", "kind", "is_billed"),
    [
        ({"kind": "drop_before"}, AnswerLost, []),
        ({"kind": "drop_after"}, AnswerLost, [True]),
        ({"kind": "cut_body", "after_bytes": 10}, AnswerLost, [True]),
        ({"kind": "broken_json"}, AnswerUnreadable, [True]),
        ({"kind": "error", "code": "limit_requests"}, RateLimited, [False]),
        ({"kind": "error", "code": "internal_error"}, ProviderFailed, [False]),
        ({"kind": "error", "code": "data_inspection_failed"}, ContentRefused, [False]),
    ],
)
async def test_a_fault_of_the_sandbox_is_one_call_and_one_error(
    session: aiohttp.ClientSession,
    fault: dict[str, object],
    kind: type[ProviderError],
    is_billed: list[bool],
) -> None:
    """Nothing that may be billed is sent again."""
    async with standing(session) as (stand, asking):
        stand.order({"server": "zimage", **fault})
        with pytest.raises(kind):
            await asking.rewrite(PROMPT)
        assert [one.billed for one in stand.zimage.ledger.chats] == is_billed


async def test_whether_the_model_is_there_is_asked_for_nothing(
    session: aiohttp.ClientSession,
) -> None:
    """A wrong key is told; a service without a list is no fault."""
    async with standing(session) as (stand, asking):
        assert await asking.is_listed() is True
        asking.name = "qwen-flush"
        assert await asking.is_listed() is False
        base_url = stand.base_url.removesuffix("/api/v1") + "/compatible-mode/v1"
        with pytest.raises(KeyRejected):
            await rewriter(session, base_url, key="sk-other").is_listed()
        assert list(stand.zimage.ledger.chats) == []
    async with serving(answering(http(404), http(200, b"[]"))) as server:
        asking = rewriter(session, server.base_url)
        assert [await asking.is_listed() for _ in range(2)] == [None, None]
