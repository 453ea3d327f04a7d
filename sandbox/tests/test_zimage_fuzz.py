"""Requests that went wrong on their way do not hurt the local Z-Image.

`ZEUXIS_FUZZ_REQUESTS` sets how many are sent; 2,000 take some seconds.
"""

from __future__ import annotations

import asyncio
import copy
import json
import os
from collections import Counter
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.tests.zimage_calls import Caller, calling, request_body
from sandbox.zimage.errors import Refusal
from sandbox.zimage.gate import read_object
from sandbox.zimage.generation import read_drawing
from sandbox.zimage.service import GENERATION

pytestmark = pytest.mark.sockets

REQUESTS = int(os.environ.get("ZEUXIS_FUZZ_REQUESTS", "2000"))
LIMIT_S = 10.0
ODD: list[object] = [
    *(None, True, False, 0, -1, 1 << 31, 1 << 70, 1.5, 1e308, "", " ", "x" * 5000, "\ud800"),
    *("\x00", "🐈" * 900, [], {}, [[]], [None], {"text": "x"}, {"text": 7}, "1024*1024", "8*8"),
    *("0*0", "9" * 40 + "*1", "2048*2048", "262144*1", "1024×1024", "z-image-turbo", "user"),
]
RAW = [b"", b"{", b"[", b'"', b"nul", b"\xff\xfe", b'{"model": 1e999}', b"[" * 3000, b"{}x"]
PATHS = [
    *("/api/v1/tasks/%00", "/api/v1/tasks/", "/api/v1/quotas?page_no=x", "/api/v1/models?%ff=1"),
    *("/api/v1/quotas?model=%F0%9F%90%88&page_size=0", "/oss/", "/oss/7d/../../etc/passwd"),
    *("/oss/x.png?Expires=1&Signature=%", "/oss/%2e%2e?Expires=99999999999999", "/api/v1/%2f"),
    "/oss/x?Expires=%D9%A3&OSSAccessKeyId=&Signature=é",
]
HEADERS = [
    {"Content-Type": "text/plain"},
    {"Authorization": "Bearer a b c"},
    {"Authorization": "Bearer"},
    {"X-DashScope-Async": "enable"},
    {"X-DashScope-SSE": "enable"},
    {"X-DashScope-Wait-Timeout": "9e99"},
    {"Accept-Encoding": "gzip;q=0, br"},
    {"Content-Encoding": "deflate"},
    {"Expect": "100-continue"},
]


def changed(random: Random, value: object) -> object:
    """The value with one place of it, however deep, changed, gone or doubled."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        name = random.choice(list(value))
        kept = {key: one for key, one in value.items() if key != name}
        return kept if random.random() < 0.15 else {**kept, name: changed(random, value[name])}
    if isinstance(value, list) and value and random.random() < 0.85:
        place = random.randrange(len(value))
        inner = [changed(random, value[place])] * random.choice([0, 1, 1, 1, 2])
        return [*value[:place], *inner, *value[place + 1 :]]
    return copy.deepcopy(random.choice(ODD))


def sent(random: Random) -> bytes:
    """A body: right, wrong in places, or rubbish."""
    if random.random() < 0.05:
        return random.choice(RAW)
    body: object = request_body("a cat", size="512*512", seed=7, prompt_extend=True, n=1)
    for _ in range(random.choice([0, 1, 1, 1, 2, 5])):
        body = changed(random, body)
    return json.dumps(body).encode()


async def status_of(zimage: Caller, random: Random) -> int:
    """The status of one answer, which must come in time and hold what it should."""
    async with asyncio.timeout(LIMIT_S):
        if random.random() < 0.1:
            method, path = random.choice(["GET", "GET", "POST", "PUT"]), random.choice(PATHS)
            return (await zimage.ask(method, path, headers=zimage.key())).status
        headers = random.choice(HEADERS) if random.random() < 0.1 else None
        answer = await zimage.post(sent(random), headers=headers)
    if "x-request-id" not in answer.headers:  # no HTTP: aiohttp refuses it before our code runs
        assert answer.status == 400
    elif answer.status != 200:
        assert set(answer.json) == {"request_id", "code", "message"}
    return answer.status


async def test_no_request_breaks_the_server() -> None:
    """Every one is answered in time, none with a 5xx, and errors are flat."""
    random, statuses = Random(7), Counter[int]()
    async with calling() as zimage:
        for _ in range(REQUESTS):
            status = await status_of(zimage, random)
            assert status < 500
            statuses[status] += 1
        ledger = zimage.ledger
        assert ledger.billed == ledger.generated == ledger.accepted
        assert (await zimage.draw()).image_url
    print(f"{statuses.total()} requests: {dict(statuses.most_common())}")
    assert statuses[200] > REQUESTS // 10
    assert statuses[400] > REQUESTS // 4


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_refused(body: bytes) -> None:
    """Nothing else comes out of the reader."""
    with suppress(Refusal):
        read_drawing(read_object(body))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(_JSON, _JSON, _JSON, _JSON)
def test_any_values_are_a_drawing_or_refused(
    prompt: object, size: object, seed: object, rewriting: object
) -> None:
    """A drawing is within every documented bound."""
    body = request_body(prompt, size=size, seed=seed, prompt_extend=rewriting)
    with suppress(Refusal):
        drawing = read_drawing(body)
        assert drawing.seed is None or 0 <= drawing.seed < 2**31
        assert drawing.width_px * drawing.height_px <= 2048 * 2048
        assert drawing.prompt.strip()


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /oss/\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST " + GENERATION.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST " + GENERATION.encode() + b" HTTP/1.1\r\nHost: x\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_and_forgotten(raw: bytes) -> None:
    """The connection ends; the next one is served."""
    async with calling() as zimage:
        port = int(zimage.stand.base_url.split(":")[2].split("/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(raw)
        writer.write_eof()
        async with asyncio.timeout(LIMIT_S):
            answer = await reader.read()
        writer.close()
        assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
        assert (await zimage.draw()).status == 200
