"""A drawn picture's answer, after the Z-Image API reference (2025-12-23)."""

from __future__ import annotations

import asyncio
import json
import struct
import zlib

import pytest

from sandbox.clock import SandboxClock
from sandbox.tests.zimage_calls import Answer, calling, request_body
from sandbox.zimage import FAST, ZImageSettings

pytestmark = pytest.mark.sockets

RECOMMENDED = """
    1024*1024 832*1248 1248*832 864*1152 1152*864 896*1152 1152*896 720*1280 576*1344 1280*720
    1344*576 1280*1280 1024*1536 1536*1024 1104*1472 1472*1104 1120*1440 1440*1120 864*1536
    720*1680 1536*864 1680*720 1536*1536 1248*1872 1872*1248 1296*1728 1728*1296 1344*1728
    1728*1344 1152*2048 864*2016 2048*1152 2016*864
"""


def usage(answer: Answer) -> tuple[int, int]:
    return answer.json["usage"]["width"], answer.json["usage"]["height"]


def dimensions(png: bytes) -> tuple[int, int]:
    width_px, height_px = struct.unpack(">II", png[16:24])
    return width_px, height_px


async def test_the_answer_has_the_references_shape() -> None:
    """Every field of the reference's example, and no other."""
    async with calling() as zimage:
        answer = await zimage.draw(prompt_extend=False, negative_prompt="", size="1024*1024")
    assert answer.status == 200
    url = answer.image_url
    assert answer.json == {
        "output": {
            "choices": [
                {
                    "finish_reason": "stop",
                    "message": {
                        "content": [{"image": url}, {"text": "a cat"}],
                        "reasoning_content": "",
                        "role": "assistant",
                    },
                }
            ]
        },
        "usage": {
            "height": 1024,
            "image_count": 1,
            "input_tokens": 0,
            "output_tokens": 0,
            "total_tokens": 0,
            "width": 1024,
        },
        "request_id": answer.headers["x-request-id"],
    }


async def test_without_parameters_the_picture_is_a_portrait_without_rewriting() -> None:
    """The documented defaults; `parameters` may be missing or null."""
    async with calling() as zimage:
        body = request_body()
        del body["parameters"]
        missing = await zimage.post(body)
        null = await zimage.post({**body, "parameters": None})
        assert usage(missing) == usage(null) == (1024, 1536)
        png = (await zimage.download(missing.image_url)).body
    assert missing.json["usage"]["total_tokens"] == 0
    assert dimensions(png) == (1024, 1536)


async def test_rewriting_tells_the_new_prompt_and_its_reasoning() -> None:
    """With prompt_extend the text differs, and tokens are counted."""
    async with calling() as zimage:
        answer = await zimage.draw("一只坐着的橘猫", prompt_extend=True, seed=3)
    message, told = answer.json["output"]["choices"][0]["message"], answer.json["usage"]
    assert message["content"][1]["text"].startswith("[sandbox rewriting] 一只坐着的橘猫")
    assert "[sandbox rewriting]" in message["reasoning_content"]
    assert told["input_tokens"] > 0
    assert told["output_tokens"] > told["output_tokens_details"]["reasoning_tokens"] > 0
    assert told["total_tokens"] == told["input_tokens"] + told["output_tokens"]


async def test_a_long_prompt_is_echoed_whole_and_painted_cut() -> None:
    """Excess characters are truncated without an error; code points count."""
    async with calling() as zimage:
        long = await zimage.draw("猫" * 800 + "🐈 and more", seed=1, size="512*512")
        cut = await zimage.draw("猫" * 800, seed=1, size="512*512")
        shorter = await zimage.draw("猫" * 799, seed=1, size="512*512")
        echo = long.json["output"]["choices"][0]["message"]["content"][1]["text"]
        pictures = [(await zimage.download(one.image_url)).body for one in (long, cut, shorter)]
        assert zimage.rules() == ["prompt-too-long"]
    assert echo == "猫" * 800 + "🐈 and more"
    assert pictures[0] == pictures[1] != pictures[2]


async def test_800_characters_beyond_the_basic_plane_are_not_too_long() -> None:
    """An emoji is one character."""
    async with calling() as zimage:
        assert (await zimage.draw("🐈" * 800)).status == 200
        assert zimage.rules() == []


@pytest.mark.parametrize("size", RECOMMENDED.split())
async def test_every_recommended_size_is_drawn_as_asked(size: str) -> None:
    """All 33 sizes of the reference."""
    async with calling() as zimage:
        answer = await zimage.draw(size=size)
        png = (await zimage.download(answer.image_url)).body
    width_px, height_px = usage(answer)
    assert f"{width_px}*{height_px}" == size
    assert dimensions(png) == (width_px, height_px)


@pytest.mark.parametrize(
    ("size", "produced"),
    [
        ("512*512", (512, 512)),
        ("2048*2048", (2048, 2048)),
        ("1000*1000", (992, 992)),
        ("1031*1031", (1024, 1024)),
        ("4096*200", (4096, 192)),
        ("262144*1", (262144, 1)),
    ],
)
async def test_other_sizes_within_the_area_are_drawn_rounded_down(
    size: str, produced: tuple[int, int]
) -> None:
    """What was really produced is reported."""
    async with calling() as zimage:
        answer = await zimage.draw(size=size)
        png = (await zimage.download(answer.image_url)).body
    assert usage(answer) == dimensions(png) == produced


async def test_prompt_seed_and_size_give_the_same_bytes() -> None:
    """Each of the three changes them."""
    async with calling() as zimage:
        answers = [
            await zimage.draw("a cat", seed=7, size="512*512"),
            await zimage.draw("a cat", seed=7, size="512*512"),
            await zimage.draw("a dog", seed=7, size="512*512"),
            await zimage.draw("a cat", seed=8, size="512*512"),
            await zimage.draw("a cat", seed=7, size="512*528"),
        ]
        pictures = [(await zimage.download(one.image_url)).body for one in answers]
    assert pictures[0] == pictures[1]
    assert len(set(pictures)) == 4


async def test_without_a_seed_pictures_differ() -> None:
    """A random seed is drawn for each."""
    async with calling() as zimage:
        answers = [await zimage.draw(size="512*512") for _ in range(2)]
        pictures = [(await zimage.download(one.image_url)).body for one in answers]
        assert [entry.seed for entry in zimage.ledger.entries] == [None, None]
    assert pictures[0] != pictures[1]


@pytest.mark.parametrize(
    "parameters",
    [
        {"n": 1, "watermark": False, "negative_prompt": "dogs", "result_format": "message"},
        {"enable_interleave": True, "stream": False},
        {"seed": 0},
        {"seed": 2147483647},
        {"size": None, "seed": None, "prompt_extend": None, "n": None},
    ],
)
async def test_what_does_not_concern_it_is_tolerated(parameters: dict[str, object]) -> None:
    """Observed live for unknown parameters; the ends of the seed's range are within it."""
    async with calling() as zimage:
        assert (await zimage.post(request_body(**parameters))).status == 200
        assert zimage.rules() == []


async def test_the_gateways_headers_come_along() -> None:
    """As observed; and no word of rate limits."""
    async with calling() as zimage:
        answer = await zimage.draw()
    headers = answer.headers
    assert headers["Content-Type"] == "application/json"
    assert headers["x-dashscope-call-gateway"] == "true"
    assert headers["server"] == "istio-envoy"
    assert headers["set-cookie"].startswith("acw_tc=")
    assert int(headers["req-arrive-time"]) <= int(headers["resp-start-time"])
    assert {"req-cost-time", "x-envoy-upstream-service-time", "date", "vary"} <= {
        name.lower() for name in headers
    }
    assert not [name for name in headers if "retry" in name.lower() or "limit" in name.lower()]


async def test_answers_are_compressed_only_for_who_accepts_it() -> None:
    """Chunked in both cases."""
    async with calling() as zimage:
        zipped = await zimage.draw(headers={"Accept-Encoding": "gzip, deflate"})
        bare = await zimage.draw(headers={"Accept-Encoding": "identity"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in bare.headers
    assert zipped.headers["Transfer-Encoding"] == bare.headers["Transfer-Encoding"] == "chunked"


async def test_a_charset_in_the_content_type_is_accepted() -> None:
    """The official SDK sends one."""
    async with calling() as zimage:
        answer = await zimage.draw(headers={"Content-Type": "application/json; charset=utf-8"})
    assert answer.status == 200


async def test_server_sent_events_hold_the_same_json() -> None:
    """Observed to work, of no use for one picture."""
    async with calling() as zimage:
        answer = await zimage.draw(headers={"X-DashScope-SSE": "enable"})
    lines = answer.body.decode().splitlines()
    told = json.loads(next(line for line in lines if line.startswith("data:"))[5:])
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert told["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("size", "rewriting", "takes_s"),
    [("512*512", False, 1.4), ("1024*1024", False, 3.8), ("512*512", True, 6.4)],
)
async def test_drawing_takes_as_long_as_observed(
    size: str, rewriting: bool, takes_s: float
) -> None:
    """1.4 s and 3.8 s on the sandbox's clock; the time of rewriting is guessed."""
    clock, accepted = SandboxClock.manual(), asyncio.Event()
    async with calling(ZImageSettings(pictures=FAST.pictures), clock=clock) as zimage:
        zimage.ledger.listen(lambda _: accepted.set())
        drawing = asyncio.create_task(zimage.draw(size=size, prompt_extend=rewriting))
        await accepted.wait()
        clock.advance(takes_s - 0.001)
        await asyncio.sleep(0)
        assert zimage.ledger.generated == 0
        clock.advance(0.001)
        answer = await drawing
    assert answer.headers["req-cost-time"] == str(round(takes_s * 1000))


async def test_a_plain_picture_is_a_valid_png() -> None:
    """Its pixels unpack to exactly its size."""
    async with calling() as zimage:
        answer = await zimage.draw(size="1024*512")
        png = (await zimage.download(answer.image_url)).body
    at, pixels = 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        content = png[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + content) == struct.unpack(">I", png[at + 8 + length :][:4])[0]
        pixels += content if kind == b"IDAT" else b""
        at += 12 + length
    assert len(zlib.decompress(pixels)) == 512 * (1 + 3 * 1024)
