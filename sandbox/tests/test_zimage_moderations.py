"""The moderation endpoint thinks what it was told to think, and refuses what OpenAI's refuses."""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, PngImagePlugin

from sandbox.clock import SandboxClock
from sandbox.tests.zimage_calls import calling
from sandbox.zimage import FAST, ZImageSettings
from sandbox.zimage.ledger import Outcome
from sandbox.zimage.moderations import MODERATIONS
from sandbox.zimage.opinions import CATEGORIES, InputType, ScoreOrder

if TYPE_CHECKING:
    from sandbox.control.client import Control
    from sandbox.tests.zimage_calls import Answer, Caller

pytestmark = pytest.mark.sockets

MODEL = "omni-moderation-latest"
OF_TEXTS = {
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "sexual/minors",
}
NO_PICTURE = base64.b64encode(b"<html></html>").decode()


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def picture(content: bytes, kind: str = "png") -> dict[str, Any]:
    url = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def link(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


async def moderate(zimage: Caller, given: object, **headers: str) -> Answer:
    sent = {"Content-Type": "application/json", **zimage.key(), **headers}
    body = json.dumps({"model": MODEL, "input": given}).encode()
    return await zimage.ask("POST", MODERATIONS, headers=sent, data=io.BytesIO(body))


async def scored(zimage: Caller, given: object) -> list[Any]:
    answer = await moderate(zimage, given)
    assert answer.status == 200, answer.body
    results: list[Any] = answer.json["results"]
    return results


def order(zimage: Caller, *orders: ScoreOrder) -> None:
    zimage.stand.zimage.moderations.opinions.order(orders)


async def drawn(zimage: Caller, prompt: str) -> bytes:
    answer = await zimage.draw(prompt, size="512*512")
    return (await zimage.download(answer.image_url)).body


async def test_nothing_is_flagged_unless_it_was_ordered() -> None:
    """Thirteen categories, each with a small score; a picture is not judged by seven of them."""
    async with calling() as zimage:
        answer = await moderate(zimage, [text("a cat"), picture(await drawn(zimage, "a cat"))])
        (result,) = answer.json["results"]
        assert (answer.json["model"], answer.json["id"][:5]) == (MODEL, "modr-")
        (written,) = zimage.ledger.moderations
    assert not result["flagged"]
    assert set(result["category_scores"]) == set(result["categories"]) == set(CATEGORIES)
    assert len(CATEGORIES) == 13
    assert all(0 < score < 0.01 for score in result["category_scores"].values())
    assert not any(result["categories"].values())
    for category, types in result["category_applied_input_types"].items():
        assert types == (["text"] if category in OF_TEXTS else ["image", "text"])
    assert (written.texts, written.outcome) == (["a cat"], Outcome.GENERATED)
    assert [each["prompt"] for each in written.pictures] == ["a cat"]


async def test_texts_alone_get_a_result_each() -> None:
    """A single text too."""
    async with calling() as zimage:
        order(zimage, ScoreOrder(contains="WAR", scores={"violence": 0.9}))
        assert [each["flagged"] for each in await scored(zimage, ["peace", "a war"])] == [0, 1]
        (one,) = await scored(zimage, "war and peace")
        assert (one["category_scores"]["violence"], one["categories"]["violence"]) == (0.9, True)
        assert one["category_applied_input_types"]["violence"] == ["text"]


async def test_orders_are_for_what_comes_next_or_what_holds_words() -> None:
    """The highest of all that apply; a new list takes the place of the old."""
    async with calling() as zimage:
        order(
            zimage,
            ScoreOrder(times=1, scores={"violence": 0.4}),
            ScoreOrder(contains="boat", scores={"violence": 0.7, "hate": 0.1}),
            ScoreOrder(on=InputType.IMAGE, scores={"sexual": 0.9}),
        )
        seen = [
            (await scored(zimage, given))[0]["category_scores"] for given in ("cat", "cat", "boat")
        ]
        assert [each["violence"] for each in seen] == [0.4, 0.0001, 0.7]
        assert seen[2]["hate"] == 0.1
        assert {each["sexual"] for each in seen} == {0.0001}
        (result,) = await scored(zimage, [picture(await drawn(zimage, "a boat"))])
        assert result["category_scores"]["sexual"] == 0.9
        assert result["category_scores"]["violence"] == 0.7
        assert result["category_scores"]["hate"] == 0.0001
        used = [each["used"] for each in zimage.stand.zimage.moderations.opinions.snapshot()]
        assert used == [1, 2, 1]
        order(zimage)
        assert not (await scored(zimage, "a boat"))[0]["flagged"]


def rewritten(png: bytes) -> bytes:
    """With a chunk of text before the pixels, as a bot writes where a picture is from."""
    with Image.open(io.BytesIO(png)) as opened:
        assert opened.format == "PNG"
    return png[:33] + chunk(b"tEXt", b"Source\0a bot") + png[33:]


def chunk(kind: bytes, content: bytes) -> bytes:
    buffer = io.BytesIO()
    PngImagePlugin.putchunk(buffer, kind, content)
    return buffer.getvalue()


def scaled(png: bytes, kind: str) -> bytes:
    with Image.open(io.BytesIO(png)) as opened:
        buffer = io.BytesIO()
        opened.resize((128, 128)).convert("RGB").save(buffer, kind)
        return buffer.getvalue()


async def test_a_picture_is_known_by_the_prompt_that_it_was_painted_after() -> None:
    """With other words in the file, scaled, in another format, and by its link; others are not."""
    async with calling() as zimage:
        order(zimage, ScoreOrder(contains="grapes", scores={"violence": 0.9}))
        pngs = {prompt: await drawn(zimage, prompt) for prompt in ("grapes", "a curtain", "birds")}
        for prompt, png in pngs.items():
            sent = [picture(png), picture(rewritten(png))]
            sent += [picture(scaled(png, kind), kind.lower()) for kind in ("JPEG", "WEBP", "PNG")]
            for number, one in enumerate(sent):
                (result,) = await scored(zimage, [one])
                assert result["flagged"] == (prompt == "grapes"), (prompt, number)
        url = (await zimage.draw("grapes", size="512*512")).image_url
        assert (await scored(zimage, [link(url)]))[0]["flagged"]
        buffer = io.BytesIO()
        Image.effect_noise((64, 64), 90).save(buffer, "PNG")
        assert not (await scored(zimage, [picture(buffer.getvalue())]))[0]["flagged"]
        assert zimage.ledger.moderations[-1].pictures[0]["prompt"] is None


async def test_two_words_can_be_tried_by_hand() -> None:
    """One is doubtful in pictures alone."""
    async with calling() as zimage:
        for word, in_text, in_picture in (
            ("doubtful-by-sandbox", 0.0001, 0.6),
            ("lurid-by-sandbox", 0.97, 0.97),
        ):
            png = await drawn(zimage, f"a {word} cat")
            (of_text,) = await scored(zimage, f"a {word} cat")
            (of_picture,) = await scored(zimage, [picture(png)])
            assert of_text["category_scores"]["sexual"] == in_text
            assert of_picture["category_scores"]["sexual"] == in_picture


WRONG = {
    "nothing": (None, 400, "missing_required_parameter", ["invalid-parameter"]),
    "an empty list": ([], 400, "missing_required_parameter", ["invalid-parameter"]),
    "a part of no kind": ([{"type": "sound"}], 400, None, ["invalid-parameter"]),
    "two pictures": (
        [link("https://a.example/1"), link("https://a.example/2")],
        400,
        "too_many_images",
        ["invalid-parameter"],
    ),
    "no picture": ([link(f"data:image/png;base64,{NO_PICTURE}")], 400, "invalid_image_format", []),
    "half a picture": (
        [picture(b"\x89PNG\r\n\x1a\n" + bytes(64))],
        400,
        "invalid_image_format",
        [],
    ),
    "no base64": ([link("data:image/png;base64,%%%")], 400, "invalid_base64", []),
    "another encoding": ([link("data:image/png,x")], 400, "invalid_base64", []),
    "a foreign link": ([link("https://a.example/1.png")], 400, "invalid_image_url", []),
    "a large picture": (
        [picture(b"\xff\xd8\xff" + bytes(20 * 1024 * 1024))],
        400,
        "image_too_large",
        [],
    ),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_is_refused_has_openais_error(what: str) -> None:
    """A wrong picture is circumstance, a wrong body a broken rule."""
    given, status, code, rules = WRONG[what]
    async with calling() as zimage:
        answer = await moderate(zimage, given)
        (written,) = zimage.ledger.moderations
        assert zimage.rules() == rules
    error = answer.json["error"]
    assert (answer.status, error["code"]) == (status, code)
    assert (error["type"], error["param"]) == ("invalid_request_error", "input")
    assert written.outcome is Outcome.REFUSED
    assert answer.headers["x-request-id"] == written.request_id


async def test_a_body_that_cannot_be_read_is_refused() -> None:
    """No JSON, an unknown model, and one that is too long altogether."""
    async with calling() as zimage:
        headers = {"Content-Type": "application/json", **zimage.key()}
        broken = await zimage.ask("POST", MODERATIONS, headers=headers, data=b"{")
        unknown = await zimage.ask(
            "POST", MODERATIONS, headers=headers, data=b'{"model": "x", "input": "y"}'
        )
        long = await zimage.ask(
            "POST", MODERATIONS, headers=headers, data=io.BytesIO(bytes(33 << 20))
        )
        lost = await zimage.ask("POST", "/v1/chat/completions", headers=headers, data=b"{}")
    assert (broken.status, unknown.status, long.status, lost.status) == (400, 404, 413, 404)
    assert unknown.json["error"]["code"] == "model_not_found"


@pytest.mark.parametrize(
    ("header", "code"), [("", None), ("Bearer sk-other", "invalid_api_key"), ("Basic x", None)]
)
async def test_a_wrong_key_is_refused(header: str, code: str | None) -> None:
    """And tells nothing of the key."""
    async with calling() as zimage:
        answer = await moderate(zimage, "a cat", Authorization=header)
        assert zimage.rules() == []
    assert (answer.status, answer.json["error"]["code"]) == (401, code)
    assert "sk-other" not in answer.body.decode()


async def test_so_many_requests_a_minute_are_let_through() -> None:
    """Then 429 says when; refused ones do not count. 250 unless it is said."""
    assert ZImageSettings().moderations_per_minute == 250
    clock = SandboxClock.manual()
    async with calling(FAST, clock=clock) as zimage:
        zimage.stand.zimage.moderations.limit.most = 2
        answers = []
        for _ in range(3):
            answers.append(await moderate(zimage, "a cat"))
            clock.advance(20)
        assert [each.status for each in answers] == [200, 200, 429]
        assert answers[2].headers["Retry-After"] == "20"
        assert answers[2].headers["x-ratelimit-remaining-requests"] == "0"
        error = answers[2].json["error"]
        assert (error["type"], error["code"]) == ("requests", "rate_limit_exceeded")
        assert (await moderate(zimage, "a cat")).status == 200
        assert zimage.ledger.moderations[2].outcome is Outcome.THROTTLED


@pytest.mark.parametrize(
    ("fault", "status", "is_json"),
    [
        ({"kind": "broken_json"}, 200, False),
        ({"kind": "html"}, 502, False),
        ({"kind": "changed_answer", "changes": {"results": []}}, 200, True),
        ({"kind": "status", "status": 500}, 500, False),
        ({"kind": "error", "code": "server_error", "status": 503, "message": "x"}, 503, True),
        (
            {"kind": "error", "code": "rate_limit_exceeded", "status": 429, "retry_after": 7},
            429,
            True,
        ),
        ({"kind": "latency", "seconds": 0.01}, 200, True),
    ],
)
async def test_a_fault_of_openais_leaves_z_image_alone(
    fault: dict[str, Any], status: int, is_json: bool
) -> None:
    """Broken, slow and refused answers."""
    async with calling() as zimage:
        whole = await moderate(zimage, "a cat")
        zimage.stand.order({"server": "openai", **fault})
        odd, picture_ = await moderate(zimage, "a cat"), await zimage.draw()
        assert zimage.stand.faults.snapshot()[0]["fired"] == 1
    assert (odd.status, picture_.status) == (status, 200)
    assert odd.headers.get("Retry-After") == ("7" if "retry_after" in fault else None)
    if is_json:
        assert odd.json.keys() in ({"error"}, whole.json.keys())
    else:
        with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter|Extra"):
            json.loads(odd.body)


async def test_the_control_interface_orders_scores_and_the_limit(control: Control) -> None:
    """As a journey would; what is absent stays, and a wrong order changes nothing."""
    one = {"scores": {"violence": 0.7}, "contains": "war"}
    shown = await control.call("PUT", "/moderations", {"scores": [one | {"on": "image"}]})
    assert shown.body == {
        "scores": [one | {"on": "image", "times": None, "used": 0}],
        "requests_per_minute": 250,
    }
    shown = await control.call("PUT", "/moderations", {"requests_per_minute": 3})
    assert (shown.body["requests_per_minute"], len(shown.body["scores"])) == (3, 1)
    for wrong in (
        {"scores": [{"scores": {"rudeness": 0.7}}]},
        {"scores": [{"scores": {"violence": 1.1}}]},
        {"scores": [one | {"on": "sound"}]},
        {"requests_per_minute": 0},
    ):
        assert (await control.call("PUT", "/moderations", wrong)).status == 400
    assert await control.get("/moderations") == shown.body
    assert str(control.addresses["moderation_base_url"]).endswith("/v1")
    assert (await control.get("/zimage/ledger"))["moderations"] == []
