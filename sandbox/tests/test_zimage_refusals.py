"""What is wrong with a request is said as the real service says it, as far as known."""

from __future__ import annotations

import dataclasses
import io
import json
from typing import TYPE_CHECKING

import pytest
from multidict import CIMultiDict

from sandbox.tests.zimage_calls import Answer, Caller, calling, request_body
from sandbox.zimage import FAST
from sandbox.zimage.gate import BODY_LIMIT_BYTES
from sandbox.zimage.service import GENERATION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

pytestmark = pytest.mark.sockets

BROKEN = "Required body invalid, please check the request body format."
AREA = "Image area must be between 262144 and 4194304 pixels. Got area="
SIZE = "Expected format: '<width>*<height>'"
SEED = "Range of seed should be [0, 2147483647]"


def refused(zimage: Caller, answer: Answer, code: str = "InvalidParameter") -> str:
    """Checks the flat body of an error; its message."""
    assert set(answer.json) == {"request_id", "code", "message"}
    assert answer.json["code"] == code
    assert answer.json["request_id"] == answer.headers["x-request-id"]
    assert zimage.ledger.billed == zimage.ledger.generated == zimage.ledger.accepted == 0
    return str(answer.json["message"])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"size": "3*3"}, AREA + "9 (width=3, height=3)."),
        ({"size": "511*512"}, AREA + "261632 (width=511, height=512)."),
        ({"size": "2048*2049"}, AREA + "4196352 (width=2048, height=2049)."),
        ({"size": "0*0"}, AREA + "0 (width=0, height=0)."),
        ({"size": "9999999*9999999"}, AREA + "99999980000001"),
        ({"size": "1024x1024"}, SIZE),
        ({"size": "abc"}, SIZE),
        ({"size": ""}, SIZE),
        ({"size": "1024*"}, SIZE),
        ({"size": "-1024*1024"}, SIZE),
        ({"size": " 1024*1024"}, SIZE),
        ({"size": "1024*1024*3"}, SIZE),
        ({"size": "１０２４*1024"}, SIZE),
        ({"size": "1" * 500 + "*1"}, SIZE),
        ({"size": 1024}, "Input should be a valid string: parameters.size"),
        ({"size": ["1024*1024"]}, "Input should be a valid string: parameters.size"),
        ({"seed": -1}, SEED),
        ({"seed": 2147483648}, SEED),
        ({"seed": 10**30}, "seed"),
        ({"seed": "7"}, "Input should be a valid integer: parameters.seed"),
        ({"seed": 7.5}, "Input should be a valid integer: parameters.seed"),
        ({"seed": True}, "Input should be a valid integer: parameters.seed"),
        ({"n": 2}, "num_images_per_prompt must be 1"),
        ({"n": 0}, "num_images_per_prompt must be 1"),
        ({"n": "1"}, "Input should be a valid integer: parameters.n"),
        ({"prompt_extend": "true"}, "Input should be a valid boolean: parameters.prompt_extend"),
        ({"prompt_extend": 1}, "Input should be a valid boolean: parameters.prompt_extend"),
    ],
)
async def test_a_wrong_parameter_is_named(parameters: dict[str, object], message: str) -> None:
    """400 InvalidParameter; nothing billed, and the rule's breach is on record."""
    async with calling() as zimage:
        answer = await zimage.post(request_body(**parameters))
        assert answer.status == 400
        assert message in refused(zimage, answer)
        assert zimage.rules() == ["invalid-parameter"]


def with_input(value: object) -> dict[str, object]:
    return {"model": "z-image-turbo", "input": value}


def with_messages(*messages: object) -> dict[str, object]:
    return with_input({"messages": list(messages)})


def with_content(content: object) -> dict[str, object]:
    return with_messages({"role": "user", "content": content})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Field required: model"),
        ({"model": 7}, "Input should be a valid string: model"),
        ({"model": "z-image-turbo"}, "Field required: input"),
        (with_input([]), "Input should be a valid dictionary: input"),
        (with_input({}), "Field required: input.messages"),
        (with_input({"messages": {}}), "Input should be a valid list: input.messages"),
        (with_messages(), "[] is too short"),
        (with_messages({}, {}), "messages length only support 1"),
        (with_messages("x"), "Input should be a valid dictionary: input.messages.0"),
        (with_messages({"content": []}), "Field required: input.messages.0.role"),
        (with_messages({"role": "system", "content": []}), "Input should be 'user'"),
        (with_messages({"role": "user"}), "Field required: input.messages.0.content"),
        (with_content("a cat"), "Input should be a valid list: input.messages.0.content"),
        (with_content([]), "lack of image or text"),
        (with_content([{}]), "lack of image or text"),
        (with_content([{"text": ""}]), "lack of image or text"),
        (with_content([{"text": " \n"}]), "lack of image or text"),
        (with_content([{"text": None}]), "lack of image or text"),
        (with_content([{"text": 7}]), "Input should be a valid string"),
        (with_content(["a cat"]), "Input should be a valid dictionary"),
        (with_content([{"text": "a"}, {"text": "b"}]), "content length only support 1"),
        ({**request_body(), "parameters": []}, "Input should be a valid dictionary: parameters"),
    ],
)
async def test_a_body_of_the_wrong_shape_is_refused(body: object, message: str) -> None:
    """Exactly one message with exactly one text."""
    async with calling() as zimage:
        answer = await zimage.post(body)
        assert answer.status == 400
        assert message in refused(zimage, answer)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"a cat"',
        b"\xff\xfe",
        b"a=b&c=d",
        json.dumps(request_body("\ud800")).encode(),
        b"[" * 100_000,
        b'{"model": NaN}',
    ],
)
async def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    """The documented message, whatever it is instead."""
    async with calling() as zimage:
        assert refused(zimage, await zimage.post(body)) == BROKEN


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_compressed_bytes_that_are_none_are_refused(coding: str) -> None:
    """A body that cannot be unpacked as announced; the connection is not used again."""
    async with calling() as zimage:
        body = json.dumps(request_body()).encode()
        answer = await zimage.post(body, headers={"Content-Encoding": coding})
        assert (answer.status, refused(zimage, answer)) == (400, BROKEN)
        assert answer.headers["Connection"] == "close"
        assert (await zimage.draw()).status == 200


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({}, "No API-key provided."),
        ({"Authorization": ""}, "No API-key provided."),
        ({"Authorization": "Bearer "}, "No API-key provided."),
        ({"Authorization": FAST.api_keys[0]}, "No API-key provided."),
        ({"Authorization": "Basic abc"}, "No API-key provided."),
        ({"Authorization": "Bearer sk-of-another-region"}, "Invalid API-key provided."),
        ({"Authorization": "Bearer sk-sp-x"}, "invalid access token or token expired"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", GENERATION), ("GET", "/api/v1/tasks/x"), ("GET", "/api/v1/quotas")],
)
async def test_without_a_good_key_nothing_is_told(
    header: dict[str, str], message: str, method: str, path: str
) -> None:
    """401 InvalidApiKey before anything else; no breach of a rule, but a wrong setting."""
    async with calling() as zimage:
        answer = await zimage.ask(method, path, headers=header)
        assert answer.status == 401
        assert refused(zimage, answer, "InvalidApiKey") == message
        assert zimage.rules() == []


async def test_every_key_of_the_account_is_good() -> None:
    """The ledger names keys by a label only."""
    settings = dataclasses.replace(FAST, api_keys=("sk-first", "sk-second"))
    async with calling(settings) as zimage:
        await zimage.draw()
        await zimage.draw(headers={"Authorization": "bearer sk-second"})
        assert [entry.key for entry in zimage.ledger.entries] == ["key-1", "key-2"]
        assert "sk-" not in json.dumps(zimage.ledger.snapshot())


async def test_asynchronous_calls_do_not_exist() -> None:
    """403 AccessDenied, as observed."""
    async with calling() as zimage:
        answer = await zimage.draw(headers={"X-DashScope-Async": "enable"})
        message = refused(zimage, answer, "AccessDenied")
        assert (answer.status, zimage.rules()) == (403, ["no-asynchronous-calls"])
    assert message == "current user api does not support asynchronous calls."


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_only_post_draws(method: str) -> None:
    """The message names the method."""
    async with calling() as zimage:
        answer = await zimage.ask(method, GENERATION, headers=zimage.key())
        assert answer.status == 400
        assert refused(zimage, answer) == f"Request method '{method}' is not supported."
        assert zimage.rules() == ["wrong-method"]


@pytest.mark.parametrize(
    "path", ["/api/v1/services/aigc/text2image/image-synthesis", "/api/v1/", "/api/v1/x/y"]
)
async def test_a_wrong_path_is_a_url_error(path: str) -> None:
    """With the full-width mark."""
    async with calling() as zimage:
        answer = await zimage.ask("POST", path, headers=zimage.key(), data=b"{}")
        assert answer.status == 400
        assert refused(zimage, answer) == "url error, please check url！"
        assert zimage.rules() == ["wrong-path"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_another_content_type_is_refused(content_type: str) -> None:
    """Only JSON is documented."""
    async with calling() as zimage:
        answer = await zimage.draw(headers={"Content-Type": content_type})
        assert answer.status == 400
        assert "Content-Type" in refused(zimage, answer)


async def test_two_content_types_are_refused() -> None:
    """Observed: a doubled header is rejected."""
    async with calling() as zimage:
        headers = CIMultiDict(zimage.key())
        headers.add("Content-Type", "application/json")
        headers.add("Content-Type", "application/json")
        body = json.dumps(request_body()).encode()
        answer = await zimage.ask("POST", GENERATION, headers=headers, data=body)
        assert answer.status == 400
        assert zimage.ledger.accepted == 0


async def _streamed() -> AsyncIterator[bytes]:
    for _ in range(BODY_LIMIT_BYTES // 65536 + 1):
        yield b" " * 65536


def _announced() -> io.BytesIO:
    return io.BytesIO(b" " * (3 * BODY_LIMIT_BYTES))


@pytest.mark.parametrize("body", [_announced, _streamed])
async def test_a_body_over_16_mebibytes_is_refused_by_the_gateway(
    body: Callable[[], object],
) -> None:
    """413 with a page instead of JSON, whether or not the length is told."""
    async with calling() as zimage:
        headers = {**zimage.key(), "Content-Type": "application/json"}
        answer = await zimage.ask("POST", GENERATION, headers=headers, data=body())
        assert answer.status == 413
        assert answer.headers["Content-Type"].startswith("text/html")
        assert zimage.rules() == ["body-too-large"]
        assert zimage.ledger.entries[0].outcome == "refused"


async def test_an_unknown_model_is_not_found() -> None:
    """404 ModelNotFound, or the other spelling by order of a fault."""
    async with calling() as zimage:
        body = {**request_body(), "model": "z-image-ultra"}
        first = await zimage.post(body)
        zimage.stand.order({"server": "zimage", "kind": "unknown_model"})
        second = await zimage.post(body)
        assert (first.status, second.status) == (404, 400)
        assert refused(zimage, first, "ModelNotFound") == "Model can not be found."
        assert refused(zimage, second) == "Model not exist."


@pytest.mark.parametrize(
    ("word", "code", "message"),
    [
        ("forbidden-by-sandbox", "DataInspectionFailed", "Input data may"),
        ("unseemly-by-sandbox", "DataInspectionFailed", "Output data may"),
        ("infringing-by-sandbox", "IPInfringementSuspect", "IP infringement"),
    ],
)
async def test_trigger_words_are_refused_for_their_content(
    word: str, code: str, message: str
) -> None:
    """Accepted by the limit, refused by the check, not billed; no breach of a rule."""
    async with calling() as zimage:
        answer = await zimage.draw(f"a cat, {word}, sitting")
        assert (answer.status, answer.json["code"]) == (400, code)
        assert message in answer.json["message"]
        ledger = zimage.ledger
        assert (ledger.accepted, ledger.generated, ledger.billed) == (1, 0, 0)
        assert ledger.entries[0].outcome == "refused"
        assert zimage.rules() == []


async def test_a_task_is_never_known() -> None:
    """Which makes it a free check of the key."""
    async with calling() as zimage:
        answer = await zimage.get("/api/v1/tasks/0b2d1a4c-0000-4000-8000-000000000000")
        assert answer.status == 200
        assert answer.json["output"]["task_status"] == "UNKNOWN"
        assert zimage.ledger.snapshot()["requests"] == []


async def test_the_quota_tells_the_limit() -> None:
    """120 a minute for 2 a second; it follows a change."""
    async with calling(dataclasses.replace(FAST, requests_per_second=2)) as zimage:
        told = (await zimage.get("/api/v1/quotas?model=z-image-turbo")).json["output"]
        zimage.stand.zimage.limit.change(5)
        later = (await zimage.get("/api/v1/quotas")).json["output"]["quotas"][0]
        other = (await zimage.get("/api/v1/quotas?model=qwen-image")).json["output"]
    assert told["total"] == 1
    limit = told["quotas"][0]["model_limit"]
    assert (limit["request_limit"], limit["request_limit_period"]) == (120, 60)
    assert later["model_limit"]["request_limit"] == 300
    assert other["quotas"] == []


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "9" * 20, "%D9%A3"])
async def test_a_page_must_be_a_number(page: str) -> None:
    """Of the lists of quotas and models."""
    async with calling() as zimage:
        answer = await zimage.get(f"/api/v1/models?page_no={page}")
        assert (answer.status, answer.json["code"]) == (400, "InvalidParameter")


async def test_the_models_are_listed_by_page() -> None:
    """The second page is empty."""
    async with calling() as zimage:
        first = (await zimage.get("/api/v1/models")).json["output"]
        second = (await zimage.get("/api/v1/models?page_no=2&page_size=1")).json["output"]
    assert [model["model"] for model in first["models"]] == ["z-image-turbo"]
    assert (second["total"], second["models"]) == (1, [])
