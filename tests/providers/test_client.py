"""What is asked, and the one meaning of every answer."""

from __future__ import annotations

import gzip
import json
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.errors import (
    AnswerLost,
    AnswerUnreadable,
    ContentRefused,
    KeyRejected,
    NoImage,
    NotSent,
    ProviderError,
    ProviderFailed,
    RequestRejected,
    UnexpectedAnswer,
)
from bot.providers import Quota
from bot.providers.image import ImageRequest, Outcome, Prices, Size
from bot.providers.zimage import OFFER, ZImageClient
from bot.records import replace
from bot.settings import Secret
from tests.providers.calls import DRAWN, DRAWN_JSON, KEY, LINK, REQUEST, client, failing
from tests.providers.raw_server import answering, http, serving

if TYPE_CHECKING:
    import aiohttp

pytestmark = pytest.mark.sockets


async def test_a_picture_is_asked_for_in_the_reference_shape(
    session: aiohttp.ClientSession,
) -> None:
    """Same keys, same nesting, same types as the reference's own example, and its prompt."""
    sample = Path("tests/data/reference_prompt.txt").read_text(encoding="utf-8").strip()
    prompt = sample[: OFFER.prompt_limit].strip()
    request = OFFER.image_request(
        prompt=prompt, size=Size(1024, 1536), seed=7, rewrite=True, negative="blurry"
    )
    async with serving(answering(http(200, DRAWN_JSON))) as server:
        await client(session, server.base_url).draw(request)

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(
        b"POST /api/v1/services/aigc/multimodal-generation/generation HTTP/1.1\r\n"
    )
    assert head.lower().count(b"\r\ncontent-type: application/json") == 1
    assert f"\r\nAuthorization: Bearer {KEY}\r\n".encode() in head + b"\r\n"
    assert json.loads(body) == {
        "model": "z-image-turbo",
        "input": {"messages": [{"role": "user", "content": [{"text": prompt}]}]},
        "parameters": {
            "prompt_extend": True,
            "negative_prompt": "blurry",
            "size": "1024*1536",
            "seed": 7,
        },
    }


async def test_rewriting_is_switched_off_in_words_and_nothing_empty_is_sent(
    session: aiohttp.ClientSession,
) -> None:
    """The default of prompt_extend differs by model; a negative prompt that is not is left out."""
    async with serving(answering(http(200, DRAWN_JSON))) as server:
        await client(session, server.base_url).draw(REQUEST)

    parameters = json.loads(server.requests[0].partition(b"\r\n\r\n")[2])["parameters"]
    assert parameters == {"prompt_extend": False, "size": "1024*1024", "seed": 7}


async def test_the_answer_is_read(session: aiohttp.ClientSession) -> None:
    """Link unchanged to the byte, prompt as shown, size as really produced, request id."""
    async with serving(answering(http(200, DRAWN_JSON))) as server:
        outcome = await client(session, server.base_url).draw(REQUEST)

    assert outcome.url == LINK
    assert outcome.shown_prompt == "a sitting orange cat"
    assert outcome.size == Size(1024, 1024)
    assert outcome.provider_request_id == "abf1645b-b630-433a-92f6-1"
    assert outcome.duration_us > 0


@pytest.mark.parametrize(
    ("usage", "size"),
    [({"width": 832, "height": 1248}, Size(832, 1248)), ({}, REQUEST.size), (None, REQUEST.size)],
)
async def test_the_size_is_what_was_drawn_and_else_what_was_asked_for(
    session: aiohttp.ClientSession, usage: object, size: Size
) -> None:
    body = json.dumps({**DRAWN, "usage": usage}).encode()
    async with serving(answering(http(200, body))) as server:
        outcome = await client(session, server.base_url).draw(REQUEST)
    assert outcome.size == size


async def test_all_that_is_told_of_a_picture_is_kept(session: aiohttp.ClientSession) -> None:
    """The rewriting model's words, what it used, and when the request came in."""
    answer = json.loads(DRAWN_JSON)
    message = answer["output"]["choices"][0]["message"]
    message["reasoning_content"] = "a cat needs grass"
    message["content"][1]["text"] = "an orange cat on grass"
    answer["usage"] |= {"input_tokens": 12, "output_tokens": 345}
    whole = http(200, json.dumps(answer).encode(), "req-arrive-time: 1800000000123")
    async with serving(answering(whole)) as server:
        outcome = await client(session, server.base_url).draw(REQUEST)
    assert outcome.shown_prompt == "an orange cat on grass"
    assert outcome.reasoning == "a cat needs grass"
    assert (outcome.input_tokens, outcome.output_tokens) == (12, 345)
    assert outcome.arrived_at_us == 1_800_000_000_123_000
    assert 0 < outcome.duration_us < 60_000_000


async def test_little_that_is_told_of_a_picture_is_enough(session: aiohttp.ClientSession) -> None:
    """A link: it is paid for."""
    answer = {"output": {"choices": [{"message": {"content": [{"image": LINK}]}}]}}
    async with serving(answering(http(200, json.dumps(answer).encode()))) as server:
        outcome = await client(session, server.base_url).draw(REQUEST)
    assert outcome == Outcome(
        url=LINK,
        shown_prompt=REQUEST.prompt,
        size=REQUEST.size,
        provider_request_id="",
        duration_us=outcome.duration_us,
    )


@pytest.mark.parametrize("encoding", ["gzip", "chunked"])
async def test_answers_may_be_compressed_or_chunked(
    session: aiohttp.ClientSession, encoding: str
) -> None:
    """The service does both."""
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(DRAWN_JSON), DRAWN_JSON)
    answers = {
        "gzip": http(200, gzip.compress(DRAWN_JSON), "Content-Encoding: gzip"),
        "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked,
    }
    async with serving(answering(answers[encoding])) as server:
        outcome = await client(session, server.base_url).draw(REQUEST)

    assert outcome.url == LINK


async def test_an_answer_cut_in_the_middle_is_lost_with_its_request_id(
    session: aiohttp.ClientSession,
) -> None:
    """Status 200 had come: it was drawn. The operator can ask about the request id."""
    whole = http(200, DRAWN_JSON, "x-request-id: r-1")
    async with serving(answering(whole[:-50])) as server:
        error = await failing(session, server)

    assert isinstance(error, AnswerLost)
    assert (error.status, error.request_id) == (200, "r-1")


async def test_an_error_cut_in_the_middle_is_still_that_error(
    session: aiohttp.ClientSession,
) -> None:
    """Its status says enough: nothing was drawn."""
    whole = http(400, b'{"code":"InvalidParameter","message":"num_images', "x-request-id: r-2")
    async with serving(answering(whole[:-5])) as server:
        error = await failing(session, server)

    assert isinstance(error, RequestRejected)
    assert error.request_id == "r-2"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (http(502, b"<html>Bad Gateway</html>", "Content-Type: text/html"), ProviderFailed),
        (http(504, b"<html>Gateway Time-out</html>", "Content-Type: text/html"), AnswerLost),
        (http(504, b'{"code":"RequestTimeOut","message":"Response timeout!"}'), ProviderFailed),
        (http(200, b"<html>Welcome</html>", "Content-Type: text/html"), AnswerUnreadable),
        (http(200, b""), AnswerUnreadable),
        (http(200, b'{"output":{"choi'), AnswerUnreadable),
        (http(200, b"[" * 100_000), AnswerUnreadable),
        (http(200, b"[]"), AnswerUnreadable),
        (http(202, b"{}"), AnswerUnreadable),
        (http(200, b'{"output":{"choices":[]},"request_id":"r"}'), NoImage),
        (http(200, b'{"output":{"task_status":"PENDING"}}'), NoImage),
        (http(200, DRAWN_JSON.replace(b'"image"', b'"video"')), NoImage),
        (http(200, b'{"code":"DataInspectionFailed","message":"Output"}'), ContentRefused),
        (http(200, b'{"output":{"code":"InternalError","message":"x"}}'), ProviderFailed),
        (http(200, b'{"code":"SomethingNew","message":"x"}'), AnswerUnreadable),
        (http(200, b" " * 9_000_000 + DRAWN_JSON), AnswerUnreadable),
        (http(307, b"", "Location: http://127.0.0.1:9/elsewhere"), UnexpectedAnswer),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", AnswerLost),
        (http(300, DRAWN_JSON), UnexpectedAnswer),
        (http(199, DRAWN_JSON), AnswerLost),
        (b"SSH-2.0-OpenSSH_9.9\r\n", AnswerLost),
    ],
)
async def test_an_answer_that_is_no_picture_has_one_meaning(
    session: aiohttp.ClientSession, answer: bytes, kind: type[ProviderError]
) -> None:
    """Gateways' pages, errors within a 200, empty and endless answers; always after one POST."""
    async with serving(answering(answer)) as server:
        error = await failing(session, server)

    assert type(error) is kind
    assert len(server.requests) == 1


async def test_a_prompt_with_half_a_surrogate_pair_is_rejected_before_sending(
    session: aiohttp.ClientSession,
) -> None:
    """JSON cannot carry it, so nothing is announced or sent."""
    request = ImageRequest(prompt="a\ud800", size=Size(1024, 1024), seed=7, rewrite=False)
    async with serving(answering(http(200, DRAWN_JSON))) as server:
        assert isinstance(await failing(session, server, request), RequestRejected)

    assert server.accepted == 0


async def test_a_key_that_masks_itself_is_sent_in_clear_and_never_shown(
    session: aiohttp.ClientSession,
) -> None:
    """An error that echoes the key or the prompt loses both on the way to the log."""
    echo = json.dumps({"code": "InvalidApiKey", "message": f"wrong: Bearer {KEY}"}).encode()
    page = f"<html>{KEY} {REQUEST.prompt}</html>".encode()
    async with serving(answering(http(401, echo), http(500, page))) as server:
        asking = ZImageClient(
            session, base_url=server.base_url + "/", api_key=Secret(KEY), model="z-image-turbo"
        )
        for _ in range(2):
            with pytest.raises(ProviderError) as caught:
                await asking.draw(REQUEST)
            shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
            assert KEY not in shown
            assert REQUEST.prompt not in shown

    assert f"Bearer {KEY}".encode() in server.requests[0]


async def test_cookies_are_neither_kept_nor_sent(session: aiohttp.ClientSession) -> None:
    """The gateway's acw_tc would tie all members' calls together."""
    answer = http(200, DRAWN_JSON, "Set-Cookie: acw_tc=1; path=/; HttpOnly")
    async with serving(answering(answer, answer)) as server:
        asking = client(session, server.base_url)
        await asking.draw(REQUEST)
        await asking.draw(REQUEST)

    assert b"cookie" not in server.requests[1].lower()


async def test_the_key_is_checked_without_drawing(session: aiohttp.ClientSession) -> None:
    """A good key passes; a wrong one, or one of the other region, is named as such."""
    unknown = http(200, b'{"output":{"task_status":"UNKNOWN"}}')
    wrong = http(401, b'{"code":"InvalidApiKey","message":"Invalid API-key provided."}')
    async with serving(answering(unknown, wrong)) as server:
        asking = client(session, server.base_url)
        await asking.check_key()
        with pytest.raises(KeyRejected):
            await asking.check_key()

    assert server.requests[0].startswith(b"GET /api/v1/tasks/")


async def test_the_key_is_not_carried_along_a_redirect(session: aiohttp.ClientSession) -> None:
    """Where the base URL is wrong, it goes there and no further."""
    async with serving(answering(http(200, b"{}"))) as elsewhere:
        moved = http(307, b"", f"Location: {elsewhere.base_url}/tasks/0")
        async with serving(answering(moved)) as server:
            with pytest.raises(UnexpectedAnswer):
                await client(session, server.base_url).check_key()
    assert elsewhere.accepted == 0


async def test_the_service_reads_who_asks(session: aiohttp.ClientSession) -> None:
    """By name, and which answers it takes."""
    async with serving(answering(http(200, DRAWN_JSON))) as server:
        await client(session, server.base_url + "/").draw(REQUEST)
    head = server.requests[0].partition(b"\r\n\r\n")[0].decode().casefold().split("\r\n")
    assert head[0].startswith("post /api/v1/services/")
    assert {"user-agent: zeuxis", "accept: application/json"} <= set(head)


async def test_a_key_check_without_an_answer_says_so(session: aiohttp.ClientSession) -> None:
    """The provider is away; that is no verdict on the key."""
    async with serving(answering()) as server:
        pass
    with pytest.raises(NotSent):
        await client(session, server.base_url).check_key()


async def test_a_key_check_whose_answer_is_cut_blames_the_provider(
    session: aiohttp.ClientSession,
) -> None:
    """It was reached, so this is no outage of our network; the request's number is kept."""
    whole = http(200, b'{"output":{"task_status":"UNKNOWN"}}', "x-request-id: r-3")
    async with serving(answering(whole[:-9])) as server:
        with pytest.raises(ProviderFailed) as caught:
            await client(session, server.base_url).check_key()
    assert caught.value.request_id == "r-3"


async def test_the_client_prices_as_its_model_does(session: aiohttp.ClientSession) -> None:
    """One picture, as asked for."""
    asking, prices = client(session, "http://127.0.0.1"), Prices(plain_micros=5, rewritten_micros=9)
    assert asking.price(REQUEST, prices) == 5
    assert asking.price(replace(REQUEST, rewrite=True), prices) == 9


QUOTAS = {
    "output": {
        "quotas": [
            {"model": "qwen-image", "model_limit": {"request_limit": 9}},
            {
                "model": "z-image-turbo",
                "model_limit": {"request_limit": 120, "request_limit_period": 60},
            },
        ]
    }
}


async def test_the_quota_is_read(session: aiohttp.ClientSession) -> None:
    """120 in a minute are 2 per second."""
    async with serving(answering(http(200, json.dumps(QUOTAS).encode()))) as server:
        quota = await client(session, server.base_url).quota()

    assert quota == Quota(requests=120, period_s=60)
    assert quota.requests_per_second == 2.0
    assert b"GET /api/v1/quotas?model=z-image-turbo&" in server.requests[0]


@pytest.mark.parametrize(
    "answer",
    [
        http(404, b"no such page"),
        http(200, b'{"output":{"quotas":[{"model":"z-image-turbo"},3]}}'),
        http(200, b"<html>"),
        b"",
    ],
)
async def test_a_quota_that_is_not_told_is_none(
    session: aiohttp.ClientSession, answer: bytes
) -> None:
    """Not every host has the page; the bot then keeps the pace of its settings."""
    async with serving(answering(answer)) as server:
        assert await client(session, server.base_url).quota() is None


@pytest.mark.parametrize("code", ["Success", "200", "Unheard", "DataInspectionFailed"])
@pytest.mark.parametrize("status", [200, 201, 202])
async def test_a_code_beside_a_picture_does_not_unpaint_it(
    session: aiohttp.ClientSession, code: str, status: int
) -> None:
    """It is drawn and paid."""
    body = json.dumps({**DRAWN, "code": code, "message": "fine"}).encode()
    async with serving(answering(http(status, body))) as server:
        outcome = await client(session, server.base_url).draw(REQUEST)

    assert outcome.url == LINK


async def test_a_picture_behind_much_else_is_found(session: aiohttp.ClientSession) -> None:
    """A reasoning of two megabytes, an id of 300 kB."""
    message = {"content": [{"image": LINK}], "reasoning_content": "so " * 700_000}
    odd = {"output": {"choices": [{"message": message}]}, "request_id": "r" * 300_000}
    async with serving(answering(http(200, json.dumps(odd).encode()))) as server:
        outcome = await client(session, server.base_url).draw(REQUEST)

    assert (outcome.url, len(outcome.provider_request_id)) == (LINK, 100)
