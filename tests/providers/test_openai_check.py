"""A check is one POST, and its answer one score or one error; what was not seen has no score."""

from __future__ import annotations

import base64
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from yarl import URL

from bot.errors import CheckFailed, Retry
from bot.moderation.thresholds import ScoreOutcome, Thresholds
from bot.pictures.shrink import fitting
from bot.providers.image import Size
from bot.providers.openai_check import PICTURE_LIMIT_BYTES, CheckTimeouts, OpenAICheck
from bot.providers.zimage import OFFER, ZImageClient
from sandbox.zimage import FAST
from sandbox.zimage import serving as serving_zimage
from tests.pictures.samples import encoded, png
from tests.providers.raw_server import Behaviour, Connection, answering, http, serving, silent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp

    from sandbox.zimage import Serving, ZImageSettings

pytestmark = pytest.mark.sockets

KEY = "sk-0123456789abcdef-never-shown"
PROMPT = "a sitting orange cat"
PICTURE = png()
SCORES: dict[str, object] = {"sexual": 0.0002, "violence": 0.81, "violence/graphic": 0.4}
SEEN = {"sexual": ["text", "image"], "violence": ["text", "image"], "hate": ["text"]}


def moderation(
    scores: object = SCORES, seen: object = SEEN, *, times: int = 1, **others: Any
) -> bytes:
    result = {
        "flagged": True,
        "categories": {"violence": True},
        "category_scores": scores,
        "category_applied_input_types": seen,
    }
    whole = {"id": "modr-1", "model": "omni-moderation-latest", "results": [result] * times}
    return json.dumps({**whole, **others}).encode()


def check_at(
    session: aiohttp.ClientSession,
    base_url: str,
    *,
    key: str = KEY,
    timeouts: CheckTimeouts | None = None,
) -> OpenAICheck:
    return OpenAICheck(
        session,
        base_url=base_url,
        api_key=key,
        model="omni-moderation-latest",
        fitting=partial(fitting, side_px=64),
        timeouts=timeouts,
    )


async def test_picture_and_prompt_go_out_and_the_worst_category_comes_back(
    session: aiohttp.ClientSession,
) -> None:
    async with serving(answering(http(200, moderation()))) as server:
        score = await check_at(session, server.base_url).check(PICTURE, prompt=PROMPT)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/v1/moderations HTTP/1.1")
    assert f"Authorization: Bearer {KEY}".encode() in head
    assert json.loads(body) == {
        "model": "omni-moderation-latest",
        "input": [
            {"type": "text", "text": PROMPT},
            {"type": "image_url", "image_url": {"url": data_url(PICTURE, "png")}},
        ],
    }
    assert (score.score, score.category, score.by_category) == (0.81, "violence", SCORES)


def data_url(picture: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


@pytest.mark.parametrize(("prompt", "sent"), [("", []), ("a \ud83d cat", ["a ? cat"])])
async def test_a_prompt_that_is_none_keeps_no_picture_from_being_checked(
    session: aiohttp.ClientSession, prompt: str, sent: list[str]
) -> None:
    """Without words, and with half a character."""
    async with serving(answering(http(200, moderation()))) as server:
        await check_at(session, server.base_url).check(encoded("JPEG"), prompt=prompt)
    body = json.loads(server.requests[0].partition(b"\r\n\r\n")[2])
    assert [part["text"] for part in body["input"] if part["type"] == "text"] == sent
    assert body["input"][-1]["image_url"]["url"].startswith("data:image/jpeg;base64,")


def told(code: str | None, message: str = "why") -> bytes:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return json.dumps({"error": error}).encode()


NO, AGAIN = (Retry.NO, None), (Retry.BACKOFF, None)
ANSWERS: dict[str, tuple[bytes, tuple[Retry, float | None]]] = {
    "half an answer": (http(200, moderation()[:90]), AGAIN),
    "a page": (http(200, b"<html>hello</html>"), AGAIN),
    "another object": (http(200, b'{"results": {"flagged": false}}'), AGAIN),
    "no result": (http(200, moderation(results=[])), AGAIN),
    "two results": (http(200, moderation(times=2)), AGAIN),
    "no scores": (http(200, moderation({})), AGAIN),
    "scores that are none": (http(200, moderation({"sexual": None, "violence": 0.1})), AGAIN),
    "scores above 1": (http(200, moderation({"sexual": 81})), AGAIN),
    "scores below 0": (http(200, moderation({"sexual": -0.1})), AGAIN),
    "scores in words": (http(200, moderation({"sexual": "0.1"})), AGAIN),
    "nan": (http(200, moderation({"sexual": float("nan")})), AGAIN),
    "words alone were read": (http(200, moderation(seen={"sexual": ["text"]})), AGAIN),
    "who knows what was read": (http(200, moderation(seen=None)), AGAIN),
    "an error in a 200": (http(200, told("server_error")), AGAIN),
    "a wrong key": (http(401, told("invalid_api_key", f"Incorrect: {KEY}")), NO),
    "no such model": (http(404, told("model_not_found")), NO),
    "a score that is refused": (http(400, moderation()), NO),
    "a bad picture": (http(400, told("image_parse_error", f"{PROMPT}, {KEY}")), NO),
    "too many": (http(429, told("rate_limit_exceeded"), "Retry-After: 7"), (Retry.SLOWER, 7)),
    "too many, who knows how long": (http(429, told(None)), (Retry.SLOWER, None)),
    "a failure": (http(500, told("server_error"), "Retry-After: 9"), (Retry.BACKOFF, 9)),
    "a gateway's page": (http(502, b"<html>bad gateway</html>"), AGAIN),
    "a gateway that was tired": (http(504), AGAIN),
    "a login page": (http(302), AGAIN),
}


@pytest.mark.parametrize("what", ANSWERS)
async def test_no_answer_passes_for_a_score_that_is_none(
    session: aiohttp.ClientSession, what: str
) -> None:
    """One POST each, and no error shows the key or the prompt."""
    answer, expected = ANSWERS[what]
    async with serving(answering(answer)) as server:
        with pytest.raises(CheckFailed) as caught:
            await check_at(session, server.base_url).check(PICTURE, prompt=PROMPT)
    assert (caught.value.retry, caught.value.retry_after_s) == expected
    assert len(server.requests) == 1
    assert KEY not in str(caught.value)
    assert PROMPT not in str(caught.value)


async def endless(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await connection.send(b" " * 65536)


async def cut(connection: Connection) -> None:
    await connection.request()
    await connection.send(http(200, moderation())[:-20])


@pytest.mark.parametrize(("behave", "total_s"), [(endless, 60), (silent, 0.5), (cut, 60)])
async def test_an_answer_that_does_not_come_is_asked_for_again(
    session: aiohttp.ClientSession, behave: Behaviour, total_s: float
) -> None:
    """Also one without end, which is given up at the limit of its size."""
    async with serving(behave) as server:
        asking = check_at(session, server.base_url, timeouts=CheckTimeouts(total_s=total_s))
        with pytest.raises(CheckFailed) as caught:
            await asking.check(PICTURE, prompt=PROMPT)
        await server.ended.wait()
    assert caught.value.retry is Retry.BACKOFF


async def test_without_a_connection_it_is_tried_again(session: aiohttp.ClientSession) -> None:
    async with serving(answering()) as server:
        pass
    with pytest.raises(CheckFailed) as caught:
        await check_at(session, server.base_url).check(PICTURE, prompt=PROMPT)
    assert caught.value.retry is Retry.BACKOFF


async def test_what_is_no_picture_is_not_sent(session: aiohttp.ClientSession) -> None:
    """Nor what is cut off: the service would look at its upper half."""
    async with serving(answering()) as server:
        for broken in (b"", b"<html>", PICTURE[:-30]):
            with pytest.raises(CheckFailed) as caught:
                await check_at(session, server.base_url).check(broken, prompt=PROMPT)
            assert caught.value.retry is Retry.NO
    assert server.accepted == 0


async def test_a_picture_over_the_limit_goes_out_smaller(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Pillow it does not go out at all."""
    large = png(width_px=2600, height_px=2100)
    assert len(large) > PICTURE_LIMIT_BYTES
    async with serving(answering(http(200, moderation()))) as server:
        asking = partial(check_at(session, server.base_url).check, prompt=PROMPT)
        await asking(large)
        monkeypatch.setattr("bot.pictures.shrink.find_spec", lambda _: None)
        with pytest.raises(CheckFailed) as caught:
            await asking(large)
    assert b"data:image/jpeg;base64," in server.requests[0]
    assert len(server.requests) == 1
    assert server.received_bytes < 20_000
    assert caught.value.retry is Retry.NO


# ------------------------------------------------------------------------------------------------
# Against the sandbox.


@asynccontextmanager
async def standing(
    session: aiohttp.ClientSession, settings: ZImageSettings = FAST
) -> AsyncIterator[tuple[Serving, OpenAICheck]]:
    async with serving_zimage(settings) as stand:
        yield stand, check_at(session, stand.moderation_base_url, key=stand.api_key)


async def painted(session: aiohttp.ClientSession, stand: Serving, prompt: str) -> bytes:
    """A picture as Z-Image draws it and its storage gives it."""
    client = ZImageClient(
        session, base_url=stand.base_url, api_key=stand.api_key, model="z-image-turbo"
    )
    asked = OFFER.image_request(prompt=prompt, size=Size(512, 512), seed=7, rewrite=False)
    link = URL((await client.draw(asked)).url, encoded=True)  # it is signed
    async with session.get(link) as response:
        return await response.read()


@pytest.mark.parametrize(
    ("prompt", "outcome"),
    [
        ("a cat", ScoreOutcome.PASS),
        ("a doubtful-by-sandbox cat", ScoreOutcome.HOLD),
        ("a lurid-by-sandbox cat", ScoreOutcome.REFUSE),
    ],
)
async def test_a_picture_is_drawn_checked_and_decided_on(
    session: aiohttp.ClientSession, prompt: str, outcome: ScoreOutcome
) -> None:
    """The service thinks of the picture itself, whatever words are sent along."""
    thresholds = Thresholds(hold_percent=50, refuse_percent=95)
    async with standing(session) as (stand, asking):
        picture = await painted(session, stand, prompt)
        for words in (prompt, "a mild sentence", ""):
            score = await asking.check(picture, prompt=words)
            assert thresholds.decide(score.score) is outcome
        assert stand.violations.snapshot() == []
        sent = [one.pictures for one in stand.zimage.ledger.moderations]
    assert sent == [[{"prompt": prompt, "bytes": len(picture)}]] * 3


@pytest.mark.parametrize(
    ("fault", "retry"),
    [
        ({"kind": "drop_before"}, Retry.BACKOFF),
        ({"kind": "drop_after"}, Retry.BACKOFF),
        ({"kind": "cut_body", "after_bytes": 10}, Retry.BACKOFF),
        ({"kind": "broken_json"}, Retry.BACKOFF),
        ({"kind": "html"}, Retry.BACKOFF),
        ({"kind": "error", "code": "internal_error"}, Retry.BACKOFF),
        ({"kind": "error", "code": "limit_requests"}, Retry.SLOWER),
        ({"kind": "error", "code": "invalid_api_key"}, Retry.NO),
    ],
)
async def test_a_fault_of_the_sandbox_is_one_call_and_no_score(
    session: aiohttp.ClientSession, fault: dict[str, object], retry: Retry
) -> None:
    """And the next call has one."""
    async with standing(session) as (stand, asking):
        stand.order({"server": "openai", "times": 1, **fault})
        with pytest.raises(CheckFailed) as caught:
            await asking.check(PICTURE, prompt=PROMPT)
        assert caught.value.retry is retry
        assert (await asking.check(PICTURE, prompt=PROMPT)).score < 0.1
        assert len(stand.zimage.ledger.moderations) <= 2


async def test_over_the_minute_s_limit_is_said_when_to_ask_again(
    session: aiohttp.ClientSession,
) -> None:
    async with standing(session, replace(FAST, moderations_per_minute=2)) as (_, asking):
        for _ in range(2):
            await asking.check(PICTURE, prompt=PROMPT)
        with pytest.raises(CheckFailed) as caught:
            await asking.check(PICTURE, prompt=PROMPT)
    assert caught.value.retry is Retry.SLOWER
    assert caught.value.retry_after_s is not None
    assert 0 < caught.value.retry_after_s <= 60
